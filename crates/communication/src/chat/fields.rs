//! Reading the bodies of the chat API. Null is the same as absent; members that nobody knows are passed over.

use app::Micros;
use app::model::{NamedParticipant, Retention};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::identifier;
use super::refusal::ChatRefusal;

/// The members of a body.
pub(super) fn members(body: &[u8]) -> Result<Map<String, Value>, ChatRefusal> {
    crate::body::members(body).map_err(|refusal| ChatRefusal::MalformedBody(refusal.to_string()))
}

/// A text, unless it is absent.
pub(super) fn text(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, ChatRefusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ChatRefusal::invalid(name, format!("{name} must be a text"))),
    }
}

/// A text that must be there.
pub(super) fn needed(members: &Map<String, Value>, name: &'static str) -> Result<String, ChatRefusal> {
    text(members, name)?.ok_or_else(|| ChatRefusal::invalid(name, format!("{name} is required")))
}

/// An object, unless it is absent. Its values are judged by `app`.
pub(super) fn object(members: &Map<String, Value>, name: &'static str) -> Result<Option<Map<String, Value>>, ChatRefusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object.clone())),
        Some(_) => Err(ChatRefusal::invalid(name, format!("{name} must be an object of texts"))),
    }
}

/// The metadata of something new: what is null is not there.
pub(super) fn new_metadata(members: &Map<String, Value>) -> Result<Map<String, Value>, ChatRefusal> {
    let mut metadata = object(members, "metadata")?.unwrap_or_default();
    metadata.retain(|_, value| !value.is_null());
    Ok(metadata)
}

/// A retention, unless it is absent.
pub(super) fn retention(members: &Map<String, Value>) -> Result<Option<Retention>, ChatRefusal> {
    const NAME: &str = "retentionPolicy";
    let Some(policy) = object(members, NAME)? else {
        return Ok(None);
    };
    let kind = policy.get("kind").and_then(Value::as_str).unwrap_or_default();
    if kind.eq_ignore_ascii_case("none") {
        return Ok(Some(Retention::None));
    }
    if kind.eq_ignore_ascii_case("threadCreationDate") {
        // What is no small number is out of range too, and gets that sentence.
        let days = policy.get("deleteThreadAfterDays").and_then(Value::as_u64).unwrap_or(0);
        return Ok(Some(Retention::ThreadCreationDate {
            delete_thread_after_days: u32::try_from(days).unwrap_or(u32::MAX),
        }));
    }
    Err(ChatRefusal::invalid(
        NAME,
        "kind must be none or threadCreationDate (with deleteThreadAfterDays)",
    ))
}

/// The list of participants, empty when it is absent.
pub(super) fn participants(members: &Map<String, Value>) -> Result<Vec<NamedParticipant>, ChatRefusal> {
    const NAME: &str = "participants";
    let items = match members.get(NAME) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(ChatRefusal::invalid(NAME, "participants must be a list")),
    };
    items
        .iter()
        .map(|item| {
            let item = item
                .as_object()
                .ok_or_else(|| ChatRefusal::invalid(NAME, "each participant must be an object"))?;
            Ok(NamedParticipant {
                raw_id: identifier::raw_id(item.get("communicationIdentifier"), "communicationIdentifier")?,
                display_name: text(item, "displayName")?,
                share_history: text(item, "shareHistoryTime")?.map_or(Ok(0), |text| time("shareHistoryTime", &text))?,
                metadata: new_metadata(item)?,
            })
        })
        .collect()
}

/// A moment in RFC 3339; what lies before 1970 counts as 1970.
pub(super) fn time(name: &'static str, text: &str) -> Result<Micros, ChatRefusal> {
    let at: Timestamp = text.parse().map_err(|_| {
        ChatRefusal::invalid(
            name,
            format!("{name} must be a moment in RFC 3339, for example 2030-01-31T09:00:00Z"),
        )
    })?;
    Ok(at.as_microsecond().max(0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object_of(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn retention_is_read_in_both_kinds() {
        let read = |value: Value| retention(&object_of(json!({ "retentionPolicy": value })));
        assert_eq!(read(json!(null)).unwrap(), None);
        assert_eq!(read(json!({ "kind": "none" })).unwrap(), Some(Retention::None));
        let days = |delete_thread_after_days| Some(Retention::ThreadCreationDate { delete_thread_after_days });
        assert_eq!(
            read(json!({ "kind": "threadCreationDate", "deleteThreadAfterDays": 40 })).unwrap(),
            days(40)
        );
        assert_eq!(read(json!({ "kind": "threadCreationDate" })).unwrap(), days(0));
        for bad in [json!({}), json!({ "kind": "other" }), json!([]), json!("none")] {
            assert!(read(bad).is_err());
        }
    }

    #[test]
    fn participants_are_read_with_their_defaults() {
        let read = |value: Value| participants(&object_of(json!({ "participants": value })));
        let one =
            read(json!([{ "communicationIdentifier": { "rawId": "8:acs:a_b" }, "shareHistoryTime": null, "displayName": null }])).unwrap();
        assert_eq!(
            (one[0].raw_id.as_str(), one[0].display_name.as_deref(), one[0].share_history),
            ("8:acs:a_b", None, 0)
        );
        let time = read(json!([{ "communicationIdentifier": { "rawId": "x" }, "shareHistoryTime": "1970-01-01T00:00:02.000Z" }])).unwrap();
        assert_eq!(time[0].share_history, 2_000_000);
        for bad in [
            json!({}),
            json!([1]),
            json!([{}]),
            json!([{ "communicationIdentifier": { "rawId": "x" }, "shareHistoryTime": "soon" }]),
        ] {
            assert!(read(bad).is_err());
        }
    }
}

//! Reading bodies as tolerantly as the published clients need: absent, empty and null bodies are objects without members; members that nobody
//! knows are passed over; null is the same as absent.

use app::TokenScope;
use serde_json::{Map, Value};

use crate::error::Refusal;

/// The members of the body.
pub(crate) fn members(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(Refusal::MalformedBody("it is another JSON value".to_owned())),
        Err(error) => Err(Refusal::MalformedBody(error.to_string())),
    }
}

/// A list of scopes; nothing when it is absent, null or empty.
pub(crate) fn scopes(members: &Map<String, Value>, name: &str, target: &'static str) -> Result<Option<Vec<TokenScope>>, Refusal> {
    let wrong = || {
        Refusal::validation(
            target,
            format!("{name} must be a list of: chat, chat.join, chat.join.limited, voip, voip.join"),
        )
    };
    let items = match members.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(wrong()),
    };
    let mut scopes = Vec::new();
    for item in items {
        let scope = item.as_str().and_then(TokenScope::parse).ok_or_else(wrong)?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok((!scopes.is_empty()).then_some(scopes))
}

/// The wished life of a token in minutes, within its bounds.
pub(crate) fn minutes(members: &Map<String, Value>) -> Result<Option<u32>, Refusal> {
    let wished = match members.get("expiresInMinutes") {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value.as_u64().and_then(|minutes| u32::try_from(minutes).ok()),
    };
    // What is no small whole number is out of bounds too, and gets the same sentence.
    Ok(Some(app::App::check_minutes(Some(wished.unwrap_or(0)))?))
}

/// A text that must be there.
pub(crate) fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Refusal> {
    members
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Refusal::validation(name, format!("{name} is required")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        members(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn absent_empty_and_null_bodies_are_empty_objects() {
        for body in ["", " \r\n", "null", "{}"] {
            assert!(members(body.as_bytes()).unwrap().is_empty(), "{body:?}");
        }
        for body in ["[]", "{", "\u{1}", "1"] {
            assert!(members(body.as_bytes()).is_err(), "{body:?}");
        }
    }

    #[test]
    fn scopes_are_read_once_each_and_unknown_ones_refused() {
        let read = |value: Value| scopes(&object(&json!({ "scopes": value })), "scopes", "Scopes");
        assert_eq!(
            read(json!(["voip", "chat.join", "voip"])).unwrap(),
            Some(vec![TokenScope::Voip, TokenScope::ChatJoin])
        );
        for none in [json!(null), json!([])] {
            assert_eq!(read(none).unwrap(), None);
        }
        for wrong in [json!("voip"), json!(["video"]), json!([1]), json!({})] {
            assert!(matches!(read(wrong), Err(Refusal::Validation { target: "Scopes", .. })));
        }
    }

    #[test]
    fn minutes_are_read_within_their_bounds_only() {
        let read = |value: Value| minutes(&object(&json!({ "expiresInMinutes": value })));
        for (value, expected) in [(json!(60), Some(60)), (json!(1440), Some(1440)), (json!(null), None)] {
            assert_eq!(read(value).unwrap(), expected);
        }
        for wrong in [json!(59), json!(1441), json!(-60), json!(60.5), json!("60"), json!(u64::MAX)] {
            assert!(matches!(
                read(wrong),
                Err(Refusal::Validation {
                    target: "ExpiresInMinutes",
                    ..
                })
            ));
        }
    }
}

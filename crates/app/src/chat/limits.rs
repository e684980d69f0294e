//! How much of everything chat takes, and the checks of what people write. Pure.

use serde_json::{Map, Value};

use super::error::ChatError;
use crate::Micros;
use crate::throttle::Limit;

/// Members of a thread made through the chat API.
pub const MAX_MEMBERS: usize = 250;
/// Members of the thread of a meeting.
pub const MAX_MEETING_MEMBERS: usize = 1000;
/// Participants in one request.
pub const MAX_BATCH: usize = 200;
/// Typing and read receipts are carried up to this many members.
pub const MAX_ATTENTIVE: usize = 20;
/// Bytes of a message.
pub const MAX_CONTENT: usize = 28 * 1024;
/// Days after which a thread can be made to go.
pub const RETENTION_DAYS: std::ops::RangeInclusive<u32> = 30..=90;
/// Bytes of a topic.
const MAX_TOPIC: usize = 1024;
/// Bytes of a name.
const MAX_NAME: usize = 256;
/// Bytes of all names and values of one metadata.
const MAX_METADATA: usize = 4096;
/// Names in one metadata.
const MAX_METADATA_NAMES: usize = 64;
const SECOND: Micros = 1_000_000;

/// Messages of one sender (sent, edited, deleted): a burst, and what lasts.
pub(super) const MESSAGES: [(&str, Limit); 2] = [
    (
        "burst",
        Limit {
            tries: 20,
            window: 2 * SECOND,
        },
    ),
    (
        "minute",
        Limit {
            tries: 240,
            window: 60 * SECOND,
        },
    ),
];
/// Typing and receipts of one sender.
pub(super) const SIGNS: [(&str, Limit); 1] = [(
    "signs",
    Limit {
        tries: 100,
        window: 10 * SECOND,
    },
)];
/// Threads made by one person.
pub(super) const THREADS: [(&str, Limit); 1] = [(
    "threads",
    Limit {
        tries: 60,
        window: 60 * SECOND,
    },
)];
/// Lists and single things read by one person.
pub(super) const READS: [(&str, Limit); 1] = [(
    "reads",
    Limit {
        tries: 600,
        window: 10 * SECOND,
    },
)];
/// Threads changed or deleted, participants added or removed by one person.
pub(super) const CHANGES: [(&str, Limit); 1] = [(
    "changes",
    Limit {
        tries: 100,
        window: 10 * SECOND,
    },
)];

/// What a person wrote into a message.
pub(super) fn content(text: &str) -> Result<(), ChatError> {
    if text.is_empty() {
        return Err(ChatError::invalid("content", "a message needs content"));
    }
    if text.len() > MAX_CONTENT {
        return Err(ChatError::invalid(
            "content",
            format!("a message has at most {MAX_CONTENT} bytes of UTF-8"),
        ));
    }
    readable("content", text)
}

/// A topic.
pub(super) fn topic(text: &str) -> Result<(), ChatError> {
    if text.trim().is_empty() {
        return Err(ChatError::invalid("topic", "a thread needs a topic"));
    }
    bounded("topic", text, MAX_TOPIC)
}

/// A name that is shown to others.
pub(super) fn name(field: &'static str, text: Option<&str>) -> Result<(), ChatError> {
    text.map_or(Ok(()), |text| bounded(field, text, MAX_NAME))
}

/// Metadata: texts by name.
pub(super) fn metadata(metadata: &Map<String, Value>) -> Result<(), ChatError> {
    let mut bytes = 0_usize;
    for (name, value) in metadata {
        let Value::String(value) = value else {
            return Err(ChatError::invalid("metadata", "values of metadata are texts"));
        };
        readable("metadata", name)?;
        readable("metadata", value)?;
        bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
    }
    if metadata.len() > MAX_METADATA_NAMES || bytes > MAX_METADATA {
        return Err(ChatError::invalid(
            "metadata",
            format!("metadata has at most {MAX_METADATA_NAMES} names and {MAX_METADATA} bytes"),
        ));
    }
    Ok(())
}

/// Metadata after a merge patch: null takes a name away.
pub(super) fn merged(mut metadata: Map<String, Value>, patch: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in patch {
        if value.is_null() {
            metadata.remove(&name);
        } else {
            metadata.insert(name, value);
        }
    }
    metadata
}

fn bounded(field: &'static str, text: &str, most: usize) -> Result<(), ChatError> {
    if text.len() > most {
        return Err(ChatError::invalid(field, format!("{field} has at most {most} bytes of UTF-8")));
    }
    readable(field, text)
}

/// No control characters except tab and line ends; whatever else is the business of whoever shows it.
fn readable(field: &'static str, text: &str) -> Result<(), ChatError> {
    if crate::text::has_control(text) {
        return Err(ChatError::invalid(field, format!("{field} has a control character")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_is_bounded_in_bytes_and_free_of_control_characters() {
        for good in ["x", "a\tb\r\nc", "<p onload=x>ü</p>", &"x".repeat(MAX_CONTENT)] {
            assert!(content(good).is_ok());
        }
        for bad in [
            "",
            "\0",
            "a\u{1b}[0m",
            &"x".repeat(MAX_CONTENT + 1),
            &"ü".repeat(MAX_CONTENT / 2 + 1),
        ] {
            assert!(content(bad).is_err());
        }
    }

    #[test]
    fn metadata_has_texts_only_and_not_too_many() {
        let check = |value: Value| metadata(value.as_object().expect("an object"));
        assert!(check(json!({ "a": "", "b": "x".repeat(4000) })).is_ok());
        for bad in [
            json!({ "a": 1 }),
            json!({ "a": null }),
            json!({ "a": "x".repeat(4096) }),
            json!({ "a\0": "" }),
        ] {
            assert!(check(bad).is_err());
        }
        let many: Map<String, Value> = (0..65).map(|index| (index.to_string(), json!(""))).collect();
        assert!(metadata(&many).is_err());
    }

    #[test]
    fn a_merge_adds_replaces_and_takes_away() {
        let object = |value: Value| value.as_object().cloned().expect("an object");
        let after = merged(
            object(json!({ "a": "1", "b": "2" })),
            object(json!({ "a": null, "b": "3", "c": "4", "d": null })),
        );
        assert_eq!(Value::Object(after), json!({ "b": "3", "c": "4" }));
    }
}

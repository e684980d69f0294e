//! The attachments that the published component library reads in the metadata of a message.
//!
//! * Owns: the form that they must have. The server keeps no files: applications that share some name them here and keep them elsewhere.
//! * Why on the server: that library believes what it reads. A number in the place of the list blanked the page of everybody in the thread, each time
//!   they opened it.
//! * Invariants: what is kept under [`NAME`] is a list that the library can show, with addresses of pages only. Kept by the tests below.

use serde_json::{Map, Value};
use url::Url;

use super::error::ChatError;

/// Where the component library looks, as a text of JSON.
const NAME: &str = "fileSharingMetadata";
/// Characters of an attachment's id.
const MAX_ID: usize = 128;

/// Demands that the attachments in this metadata, if there are any, can be shown. Their length is bounded as that of all metadata.
pub(super) fn readable(metadata: &Map<String, Value>) -> Result<(), ChatError> {
    let Some(text) = metadata.get(NAME).and_then(Value::as_str) else {
        return Ok(());
    };
    // Nothing, for the library too.
    if text.is_empty() {
        return Ok(());
    }
    let attachments: Option<Vec<Map<String, Value>>> = serde_json::from_str(text).ok();
    if attachments.is_some_and(|attachments| attachments.iter().all(is_attachment)) {
        return Ok(());
    }
    let why = format!(
        "{NAME} must be a JSON list of objects of texts, each with id (letters, digits, - and _) and name, and with an http or https url if it has one"
    );
    Err(ChatError::invalid("metadata", why))
}

fn is_attachment(attachment: &Map<String, Value>) -> bool {
    let text = |name: &str| attachment.get(name).and_then(Value::as_str);
    // The library makes a selector of the id.
    let named = text("id").is_some_and(|id| {
        (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    });
    let leads = text("url").is_none_or(|url| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")));
    named && text("name").is_some() && leads && attachment.values().all(Value::is_string)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(attachments: &str) -> Result<(), ChatError> {
        readable(&Map::from_iter([(NAME.to_owned(), json!(attachments))]))
    }

    #[test]
    fn attachments_that_can_be_shown_are_taken() {
        readable(&Map::from_iter([("other".to_owned(), json!("5"))])).unwrap();
        for good in [
            "",
            "[]",
            r#"[{"id":"1","name":""}]"#,
            r#"[{"id":"a-B_1","name":"x.txt","url":"https://example.org/x?y=1","extension":"txt"},{"id":"2","name":"y","url":"http://localhost:1/"}]"#,
        ] {
            check(good).unwrap();
        }
    }

    #[test]
    fn attachments_that_would_break_a_page_or_lead_out_of_the_web_are_refused() {
        for bad in [
            "5",
            "null",
            "\"x\"",
            "not json",
            "{}",
            "[null]",
            "[5]",
            "[[]]",
            "[{}]",
            r#"[{"id":"1"}]"#,
            r#"[{"id":"1","name":5}]"#,
            r#"[{"id":"1","name":{}}]"#,
            r#"[{"id":"","name":"x"}]"#,
            r##"[{"id":"#:","name":"x"}]"##,
            r#"[{"id":"1","name":"x","url":"javascript:alert(1)"}]"#,
            r#"[{"id":"1","name":"x","url":"data:text/html,x"}]"#,
            r#"[{"id":"1","name":"x","url":"/x"}]"#,
            r#"[{"id":"1","name":"x","url":5}]"#,
            r#"[{"id":"1","name":"x","progress":{"value":1}}]"#,
            r#"[{"id":"1","name":"x"},5]"#,
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        let deep = "[".repeat(4000);
        assert!(check(&deep).is_err());
    }
}

//! The frames of the socket, text of the form `type:id:endpoint:data`, as the published signaling client speaks them (socket.io 0.9). Pure.
//!
//! Not here: what is in a push (`push`), when something is sent (`connection`). Invariant: no text makes [`read`] panic; what it cannot read it
//! says so.

use serde_json::{Value, json};

/// Something that the client said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Received {
    /// The echo of a heartbeat. It must not be answered: the client would echo the answer, without end.
    Heartbeat,
    /// An event of the client's own; with a number when it waits for an acknowledgement.
    Event {
        /// What to acknowledge.
        ack: Option<u64>,
        /// Its name.
        name: String,
    },
    /// The answer to a push.
    Reply,
    /// The client goes.
    Goodbye,
    /// A frame of a type that needs nothing done.
    Other,
}

/// Not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Reads one frame.
pub(crate) fn read(text: &str) -> Result<Received, Malformed> {
    let mut parts = text.splitn(4, ':');
    let (kind, id) = (parts.next().ok_or(Malformed)?, parts.next().ok_or(Malformed)?);
    let _endpoint = parts.next();
    let data = parts.next().unwrap_or_default();
    let (number, wants_ack) = id.strip_suffix('+').map_or((id, false), |number| (number, true));
    let number: Option<u64> = match number {
        "" => None,
        digits => Some(digits.parse().map_err(|_| Malformed)?),
    };
    match kind {
        "0" => Ok(Received::Goodbye),
        "2" => Ok(Received::Heartbeat),
        "3" => Ok(Received::Reply),
        "5" => {
            let event: Value = serde_json::from_str(data).map_err(|_| Malformed)?;
            let name = event.get("name").and_then(Value::as_str).ok_or(Malformed)?.to_owned();
            Ok(Received::Event {
                ack: number.filter(|_| wants_ack),
                name,
            })
        }
        "1" | "4" | "6" | "7" | "8" => Ok(Received::Other),
        _ => Err(Malformed),
    }
}

/// The connection is open.
pub(crate) const CONNECT: &str = "1::";
/// Are you there?
pub(crate) const HEARTBEAT: &str = "2::";

/// Without this event the client never counts itself connected and refuses every push.
pub(crate) const CONNECTED: &str = r#"5:1::{"name":"trouter.connected","args":[{}]}"#;

/// Acknowledges an event of the client.
pub(crate) fn acknowledge(number: u64, name: &str) -> String {
    let answer = if name == "ping" { r#"["pong"]"# } else { "[]" };
    format!("6:::{number}+{answer}")
}

/// A push: a request, in the shape of HTTP, to a path below the client's own address.
pub(crate) fn push(number: u64, path: &str, body: &str) -> String {
    let request = json!({ "id": number, "method": "POST", "url": path, "headers": {}, "body": body });
    format!("3:::{request}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_client_says_is_understood() {
        let event = |ack, name: &str| {
            Ok(Received::Event {
                ack,
                name: name.to_owned(),
            })
        };
        for (text, expected) in [
            ("2::", Ok(Received::Heartbeat)),
            ("2:::", Ok(Received::Heartbeat)),
            ("0::", Ok(Received::Goodbye)),
            (r#"5:1+::{"name":"ping"}"#, event(Some(1), "ping")),
            (
                r#"5:12+::{"name":"user.activity","args":[{"state":"active","a":"b:c"}]}"#,
                event(Some(12), "user.activity"),
            ),
            (r#"5:3::{"name":"quiet"}"#, event(None, "quiet")),
            (r#"5:::{"name":"quiet"}"#, event(None, "quiet")),
            (r#"3:::{"id":7,"status":200,"headers":{},"body":""}"#, Ok(Received::Reply)),
            ("8::", Ok(Received::Other)),
            ("6:::4+[]", Ok(Received::Other)),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_frame_is_said_to_be_none() {
        for text in [
            "",
            "2",
            "9::",
            "hello",
            "5:1+::",
            "5:1+::[]",
            "5:1+::{\"name\":7}",
            "5:x+::{\"name\":\"a\"}",
            "5:99999999999999999999+::{\"name\":\"a\"}",
        ] {
            assert_eq!(read(text), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn a_ping_gets_its_pong_and_every_other_event_an_empty_acknowledgement_both_with_the_plus() {
        assert_eq!(acknowledge(4, "ping"), r#"6:::4+["pong"]"#);
        assert_eq!(acknowledge(5, "user.activity"), "6:::5+[]");
    }

    #[test]
    fn a_push_carries_its_body_as_text() {
        let frame = push(9, "/v4/f/abc/messaging", r#"{"eventId":200}"#);
        let request: Value = serde_json::from_str(frame.strip_prefix("3:::").unwrap()).unwrap();
        assert_eq!(
            (&request["id"], &request["method"], &request["url"]),
            (&json!(9), &json!("POST"), &json!("/v4/f/abc/messaging"))
        );
        assert_eq!(request["body"], json!(r#"{"eventId":200}"#));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _read = read(&text);
        }
    }
}

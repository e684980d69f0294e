//! Thread ids, Graph ids and join links: making and reading them. Pure.
//!
//! Everything is derived from organizer and thread, so nothing but those two must be stored. Reading is tolerant (any host, escapes up to
//! three times, either letter case of GUIDs and escapes); comparing is done on what was read, never on text.
//! Invariant, kept by the property tests below: what is made here is read back to the same facts, however often it was escaped.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use percent_encoding::percent_decode_str;

const THREAD_PREFIX: &str = "19:meeting_";
const THREAD_SUFFIX: &str = "@thread.v2";
/// How often a link may have been escaped on its way.
const MAX_UNESCAPE: usize = 3;
/// Longer text is no link of ours.
const MAX_LINK: usize = 4096;

/// The four coordinates of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coordinates {
    /// `19:meeting_…@thread.v2`.
    pub thread_id: String,
    /// Object id of the organizer, lower case.
    pub organizer_id: String,
    /// Tenant id, lower case.
    pub tenant_id: String,
    /// `0` for a private meeting.
    pub message_id: String,
}

/// What a join link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinLink {
    /// The long form.
    Long(Coordinates),
    /// The short form.
    Short {
        /// Digits.
        join_meeting_id: String,
        /// Passcode, when the link carries one.
        passcode: Option<String>,
    },
}

/// The thread id of a GUID.
#[must_use]
pub fn thread_id(guid: &str) -> String {
    format!("{THREAD_PREFIX}{}{THREAD_SUFFIX}", STANDARD.encode(guid))
}

/// Whether the text has the form of a meeting's thread id.
#[must_use]
pub fn is_thread_id(text: &str) -> bool {
    text.strip_prefix(THREAD_PREFIX)
        .and_then(|rest| rest.strip_suffix(THREAD_SUFFIX))
        .is_some_and(|middle| {
            !middle.is_empty() && middle.len() <= 128 && middle.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=-_".contains(&b))
        })
}

/// The Graph id of a meeting.
#[must_use]
pub fn graph_id(organizer_id: &str, thread_id: &str) -> String {
    STANDARD.encode(format!("1*{organizer_id}*0**{thread_id}"))
}

/// Organizer and thread of a Graph id, in the encoded form or the older `{organizer}_{thread}`.
#[must_use]
pub fn parse_graph_id(id: &str) -> Option<(String, String)> {
    if id.len() > MAX_LINK {
        return None;
    }
    let (organizer, thread) = match id.split_once("_19:") {
        Some((organizer, rest)) => (organizer.to_owned(), format!("19:{rest}")),
        None => {
            let bytes = STANDARD_NO_PAD.decode(id.trim_end_matches('=')).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            let (organizer, thread) = text.strip_prefix("1*")?.split_once("*0**")?;
            (organizer.to_owned(), thread.to_owned())
        }
    };
    let organizer = parse_guid(&organizer)?;
    is_thread_id(&thread).then_some((organizer, thread))
}

/// The long join link; escapes have lower-case hex digits.
#[must_use]
pub fn join_url(origin: &str, coordinates: &Coordinates) -> String {
    let context = format!(r#"{{"Tid":"{}","Oid":"{}"}}"#, coordinates.tenant_id, coordinates.organizer_id);
    format!(
        "{}/l/meetup-join/{}/{}?context={}",
        origin.trim_end_matches('/'),
        escape(&coordinates.thread_id),
        escape(&coordinates.message_id),
        escape(&context)
    )
}

/// The short join link.
#[must_use]
pub fn short_join_url(origin: &str, join_meeting_id: &str, passcode: Option<&str>) -> String {
    let origin = origin.trim_end_matches('/');
    match passcode {
        Some(passcode) => format!("{origin}/meet/{}?p={}", escape(join_meeting_id), escape(passcode)),
        None => format!("{origin}/meet/{}", escape(join_meeting_id)),
    }
}

/// Link to the organizer's options page.
#[must_use]
pub fn options_url(origin: &str, coordinates: &Coordinates) -> String {
    format!(
        "{}/meetingOptions/?organizerId={}&tenantId={}&threadId={}&messageId={}",
        origin.trim_end_matches('/'),
        escape(&coordinates.organizer_id),
        escape(&coordinates.tenant_id),
        escape(&coordinates.thread_id.replacen("19:", "19_", 1)),
        escape(&coordinates.message_id)
    )
}

/// Reads a join link of either form, whatever its host and however often it was escaped.
#[must_use]
pub fn parse_join_link(link: &str) -> Option<JoinLink> {
    if link.len() > MAX_LINK {
        return None;
    }
    let text = unescape_fully(link.trim())?;
    if let Some((_, rest)) = text.split_once("/l/meetup-join/") {
        return parse_long(rest).map(JoinLink::Long);
    }
    let (_, rest) = text.split_once("/meet/")?;
    let (id, query) = rest.split_once('?').unwrap_or((rest, ""));
    let join_meeting_id = parse_meeting_id(id.trim_end_matches('/'))?;
    let passcode = query
        .split(['&', '#'])
        .find_map(|pair| pair.strip_prefix("p="))
        .filter(|p| !p.is_empty())
        .map(str::to_owned);
    Some(JoinLink::Short { join_meeting_id, passcode })
}

/// Reads four coordinates given one by one.
#[must_use]
pub fn parse_coordinates(thread_id: &str, organizer_id: &str, tenant_id: &str, message_id: &str) -> Option<Coordinates> {
    let thread_id = unescape_fully(thread_id)?;
    if !is_thread_id(&thread_id) {
        return None;
    }
    Some(Coordinates {
        thread_id,
        organizer_id: parse_guid(organizer_id)?,
        tenant_id: parse_guid(tenant_id)?,
        message_id: if message_id.is_empty() {
            "0".to_owned()
        } else {
            message_id.to_owned()
        },
    })
}

/// Digits of a meeting ID; spaces and hyphens are ignored.
#[must_use]
pub fn parse_meeting_id(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    ((9..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// A GUID in any letter case, as lower case.
#[must_use]
pub fn parse_guid(text: &str) -> Option<String> {
    let well_formed = text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    well_formed.then(|| text.to_ascii_lowercase())
}

fn parse_long(rest: &str) -> Option<Coordinates> {
    let (path, query) = rest.split_once('?')?;
    let (thread, message) = path.split_once('/').unwrap_or((path, "0"));
    let context = query.split_once("context=")?.1;
    let end = context.find('}')?;
    let json: serde_json::Value = serde_json::from_str(context.get(..=end)?).ok()?;
    let field = |name: &str| json.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    parse_coordinates(thread, field("Oid"), field("Tid"), message.trim_end_matches('/'))
}

/// Percent-decodes until nothing changes, at most [`MAX_UNESCAPE`] times.
fn unescape_fully(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    for _ in 0..MAX_UNESCAPE {
        let decoded = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
        if decoded == text {
            break;
        }
        text = decoded;
    }
    Some(text)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("%{byte:02x}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TENANT: &str = "11111111-2222-4333-8444-555555555555";
    const ORGANIZER: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
    const GUID: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

    fn coordinates() -> Coordinates {
        Coordinates {
            thread_id: thread_id(GUID),
            organizer_id: ORGANIZER.to_owned(),
            tenant_id: TENANT.to_owned(),
            message_id: "0".to_owned(),
        }
    }

    fn upper_escape(text: &str) -> String {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    }

    #[test]
    fn a_long_link_has_lower_case_escapes_and_the_documented_form() {
        let link = join_url("http://127.0.0.1:8080", &coordinates());
        let thread = STANDARD.encode(GUID);
        assert_eq!(
            link,
            format!(
                "http://127.0.0.1:8080/l/meetup-join/19%3ameeting_{thread}%40thread.v2/0?context=%7b%22Tid%22%3a%22{TENANT}%22%2c%22Oid%22%3a%22{ORGANIZER}%22%7d"
            )
        );
        assert_eq!(thread.len(), 48);
    }

    #[test]
    fn a_graph_id_is_read_in_both_forms_and_nothing_else_is() {
        let thread = thread_id(GUID);
        let expected = Some((ORGANIZER.to_owned(), thread.clone()));
        let id = graph_id(ORGANIZER, &thread);
        assert_eq!(parse_graph_id(&id), expected);
        assert!(!id.contains(['/', '+']), "an id needs no escaping in a path");
        assert_eq!(parse_graph_id(&format!("{ORGANIZER}_{thread}")), expected);
        for bad in ["", "MSo=", "not base64!", "_19:meeting_x@thread.v2", "aaaa_19:meeting_x@thread.v2"] {
            assert_eq!(parse_graph_id(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_over_decoded_link_and_one_with_other_letter_case_mean_the_same() {
        let expected = Some(JoinLink::Long(coordinates()));
        let link = join_url("https://meet.example", &coordinates());
        let decoded = percent_decode_str(&link).decode_utf8().unwrap().into_owned();
        assert_eq!(parse_join_link(&decoded), expected);
        assert_eq!(
            parse_join_link(&link.replace("%3a", "%3A").replace(TENANT, &TENANT.to_uppercase())),
            expected
        );
        assert_eq!(
            parse_join_link(&link.replace("https://meet.example", "HTTPS://Other.Example:8443")),
            expected
        );
        assert_eq!(parse_join_link(&link.replace("/0?", "?")), expected, "a missing message id means 0");
    }

    #[test]
    fn a_short_link_carries_meeting_id_and_passcode() {
        let link = short_join_url("https://meet.example/", "123456789012", Some("aB3cD4eF"));
        assert_eq!(link, "https://meet.example/meet/123456789012?p=aB3cD4eF");
        let expected = JoinLink::Short {
            join_meeting_id: "123456789012".to_owned(),
            passcode: Some("aB3cD4eF".to_owned()),
        };
        assert_eq!(parse_join_link(&link), Some(expected));
        let without = JoinLink::Short {
            join_meeting_id: "123456789012".to_owned(),
            passcode: None,
        };
        assert_eq!(parse_join_link("https://meet.example/meet/123456789012"), Some(without));
        assert_eq!(parse_join_link("https://meet.example/meet/abc"), None);
    }

    #[test]
    fn meeting_ids_may_be_typed_with_spaces() {
        assert_eq!(parse_meeting_id("123 456 789 012"), Some("123456789012".to_owned()));
        assert_eq!(parse_meeting_id("12"), None);
        assert_eq!(parse_meeting_id("12345678901x"), None);
    }

    proptest! {
        #[test]
        fn what_is_made_is_read_back_however_often_it_was_escaped(tenant: [u8; 16], organizer: [u8; 16], thread: [u8; 16], times in 0usize..3) {
            let text = |bytes| uuid::Builder::from_random_bytes(bytes).into_uuid().to_string();
            let facts = Coordinates {
                thread_id: thread_id(&text(thread)),
                organizer_id: text(organizer),
                tenant_id: text(tenant),
                message_id: "0".to_owned(),
            };
            let mut link = join_url("http://localhost:8080", &facts);
            for _ in 0..times {
                link = upper_escape(&link);
            }
            prop_assert_eq!(parse_join_link(&link), Some(JoinLink::Long(facts.clone())));
            let id = graph_id(&facts.organizer_id, &facts.thread_id);
            prop_assert_eq!(parse_graph_id(&id), Some((facts.organizer_id, facts.thread_id)));
        }

        #[test]
        fn garbage_is_read_without_panic(text in ".{0,200}", prefix in prop::sample::select(vec!["", "/l/meetup-join/", "/meet/", "https://x/l/meetup-join/19%3ameeting_a%40thread.v2/0?context="])) {
            let _ = parse_join_link(&format!("{prefix}{text}"));
            let _ = parse_graph_id(&text);
            let _ = parse_meeting_id(&text);
        }
    }
}

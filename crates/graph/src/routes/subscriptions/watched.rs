//! What can be watched, in its spellings: the events of a held meeting, named by its join link. Pure.
//!
//! * `communications/onlineMeetings(joinWebUrl='…')/meetingCallEvents`, the link percent-encoded once, twice or not at all;
//! * `communications/onlineMeetings/?$filter=JoinWebUrl eq '…'`, the older name of the same.
//!
//! A slash in front is optional; names are compared without regard to case.

use percent_encoding::percent_decode_str;

use crate::{error::GraphError, routes::online_meetings::filter::Filter};

const COLLECTION: &str = "communications/onlineMeetings";
const EVENTS: &str = "/meetingCallEvents";

/// The join link in a resource, however often it is encoded.
pub(super) fn join_url(resource: &str) -> Result<String, GraphError> {
    let text = resource.trim();
    let rest = strip(text.strip_prefix('/').unwrap_or(text), COLLECTION);
    rest.and_then(|rest| keyed(rest).or_else(|| filtered(rest))).ok_or_else(|| {
        GraphError::invalid(
            "resource",
            "The resource must be communications/onlineMeetings(joinWebUrl='...')/meetingCallEvents with the percent-encoded join link",
        )
    })
}

fn keyed(rest: &str) -> Option<String> {
    let inner = strip(rest.strip_prefix('(')?, "joinWebUrl=")?;
    let end = inner.len().checked_sub(EVENTS.len())?;
    let (key, events) = inner.split_at_checked(end)?;
    if !events.eq_ignore_ascii_case(EVENTS) {
        return None;
    }
    let quoted = key.strip_suffix(')')?;
    let link = quoted.strip_prefix('\'')?.strip_suffix('\'')?;
    let unquoted = link.replace("''", "");
    (!link.is_empty() && !unquoted.contains('\'')).then(|| link.replace("''", "'"))
}

fn filtered(rest: &str) -> Option<String> {
    let query = rest.strip_prefix('/').unwrap_or(rest).strip_prefix('?')?;
    let expression = strip(query, "$filter=").or_else(|| strip(query, "%24filter="))?;
    let decoded = || percent_decode_str(expression).decode_utf8().ok().map(|text| text.replace('+', " "));
    let read = |text: &str| match Filter::parse(text) {
        Some(Filter::JoinWebUrl(link)) => Some(link),
        _ => None,
    };
    read(expression).or_else(|| read(&decoded()?))
}

/// The text behind a prefix, compared without regard to case.
fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    const LINK: &str = "https://h/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%22Tid%22%3a%22t%22%7d";

    fn encoded(text: &str) -> String {
        utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
    }

    #[test]
    fn the_link_is_found_in_every_spelling() {
        let (once, twice) = (encoded(LINK), encoded(&encoded(LINK)));
        for (resource, expected) in [
            (
                format!("communications/onlineMeetings(joinWebUrl='{once}')/meetingCallEvents"),
                &once,
            ),
            (
                format!("/communications/onlineMeetings(joinWebUrl='{twice}')/meetingCallEvents"),
                &twice,
            ),
            (
                format!("/Communications/OnlineMeetings(JoinWebUrl='{LINK}')/MeetingCallEvents"),
                &LINK.to_owned(),
            ),
            (format!("/communications/onlineMeetings/?$filter=JoinWebUrl eq '{once}'"), &once),
            (format!("communications/onlineMeetings?$filter=JoinWebUrl%20eq%20'{twice}'"), &once),
            (
                format!("/communications/onlineMeetings/?%24filter=JoinWebUrl+eq+%27{twice}%27"),
                &once,
            ),
        ] {
            assert_eq!(join_url(&resource).as_ref().ok(), Some(expected), "{resource}");
        }
    }

    #[test]
    fn other_resources_are_refused() {
        for resource in [
            "",
            "/",
            "users/x/events",
            "communications/onlineMeetings",
            "communications/onlineMeetings(joinWebUrl='')/meetingCallEvents",
            "communications/onlineMeetings(joinWebUrl='x')",
            "communications/onlineMeetings(joinWebUrl='x')/other",
            "communications/onlineMeetings(joinWebUrl=x)/meetingCallEvents",
            "communications/onlineMeetings(joinWebUrl='a'b')/meetingCallEvents",
            "communications/onlineMeetings/?$filter=subject eq 'x'",
            "communications/calls",
        ] {
            assert!(join_url(resource).is_err(), "{resource}");
        }
    }

    proptest! {
        #[test]
        fn no_resource_makes_the_reader_panic(text in "\\PC{0,80}", prefix in prop::sample::select(vec!["", "communications/onlineMeetings", "/communications/onlineMeetings(joinWebUrl='"])) {
            let _outcome = join_url(&format!("{prefix}{text}"));
        }
    }
}

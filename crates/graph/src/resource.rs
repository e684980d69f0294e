//! Which resource a path names. The path is split on `/` first and each segment is decoded once after that; empty segments (doubled or
//! trailing slashes) are skipped; names of resources are compared without case; keys may stand in parentheses, as OData allows.

mod part;

use percent_encoding::percent_decode_str;

pub(crate) use part::{Content, MediaKind, MeetingPart};

/// Stands for the signed-in member in the addresses of a published client.
const ME_ALIAS: &str = "me-token-to-replace";
/// First segments that belong to a member's calendar.
const CALENDAR: [&str; 4] = ["events", "calendar", "calendars", "calendarView"];

/// Whose resource it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The signed-in member.
    Me,
    /// A member by object id or user principal name.
    Member(String),
}

/// A resource of this facade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    /// All members.
    Members,
    /// How many members there are.
    MemberCount,
    /// One member.
    Member(Owner),
    /// The meetings that a member organizes.
    OnlineMeetings(Owner),
    /// How many they are.
    OnlineMeetingCount(Owner),
    /// One meeting.
    OnlineMeeting(Owner, String),
    /// A part of one meeting.
    OnlineMeetingPart(Owner, String, MeetingPart),
    /// Recordings or transcripts of all meetings of an organizer.
    AllMedia(Owner, MediaKind),
    /// Meetings of everybody by the id that a conference system dials.
    MeetingsByTeleconference,
    /// The action that finds or makes a meeting by the caller's own id.
    CreateOrGet(Owner),
    /// Calendar and events of a member: the segments from `events`, `calendar`, `calendars` or `calendarView` on.
    Calendar(Owner, Vec<String>),
    /// Several requests in one.
    Batch,
    /// Change notifications: the segments after `subscriptions`.
    Subscriptions(Vec<String>),
}

impl Resource {
    /// Finds the resource of a raw path; nothing when there is no such one.
    pub(crate) fn of(raw_path: &str) -> Option<Self> {
        let segments = segments(raw_path)?;
        let (version, rest) = segments.split_first()?;
        let has_a_draft = rest.first().is_some_and(|first| is(first, "subscriptions"));
        let served = is(version, "v1.0") || (is(version, "beta") && has_a_draft);
        if !served {
            return None;
        }
        let (owner, rest) = match rest {
            [first, rest @ ..] if is(first, "me") => (Owner::Me, rest),
            [first] if is(first, "$batch") => return Some(Self::Batch),
            [first, name] if is(first, "communications") && is(name, "onlineMeetings") => return Some(Self::MeetingsByTeleconference),
            [first] if is(first, "users") => return Some(Self::Members),
            [first, count] if is(first, "users") && is(count, "$count") => return Some(Self::MemberCount),
            [first, key, rest @ ..] if is(first, "users") && key == ME_ALIAS => (Owner::Me, rest),
            [first, key, rest @ ..] if is(first, "users") => (Owner::Member(key.clone()), rest),
            [first, rest @ ..] if is(first, "subscriptions") => return Some(Self::Subscriptions(rest.to_vec())),
            _ => return None,
        };
        match rest {
            [] => Some(Self::Member(owner)),
            [name, ..] if CALENDAR.iter().any(|known| is(name, known)) => Some(Self::Calendar(owner, rest.to_vec())),
            [name] if is(name, "onlineMeetings") => Some(Self::OnlineMeetings(owner)),
            [name, count] if is(name, "onlineMeetings") && is(count, "$count") => Some(Self::OnlineMeetingCount(owner)),
            [name, action] if is(name, "onlineMeetings") && is_action(action, "createOrGet") => Some(Self::CreateOrGet(owner)),
            [name, function] if is(name, "onlineMeetings") && MediaKind::of_all(function).is_some() => {
                Some(Self::AllMedia(owner, MediaKind::of_all(function)?))
            }
            [name, id] if is(name, "onlineMeetings") => Some(Self::OnlineMeeting(owner, id.clone())),
            [name, id, part @ ..] if is(name, "onlineMeetings") => Some(Self::OnlineMeetingPart(owner, id.clone(), MeetingPart::of(part)?)),
            _ => None,
        }
    }

    /// The verbs that the resource takes, as the `Allow` header lists them.
    pub(crate) const fn allow(&self) -> &'static str {
        match self {
            Self::Members
            | Self::MemberCount
            | Self::Member(_)
            | Self::OnlineMeetingCount(_)
            | Self::OnlineMeetingPart(..)
            | Self::AllMedia(..)
            | Self::MeetingsByTeleconference => "GET",
            Self::OnlineMeetings(_) => "GET, POST",
            Self::OnlineMeeting(..) => "GET, PATCH, DELETE",
            Self::CreateOrGet(_) | Self::Batch => "POST",
            // Their own modules know.
            Self::Calendar(..) | Self::Subscriptions(_) => "GET, POST, PATCH, DELETE",
        }
    }
}

/// Decoded segments, with `name('key')` taken apart into name and key.
fn segments(raw_path: &str) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    for raw in raw_path.split('/').filter(|segment| !segment.is_empty()) {
        let decoded = percent_decode_str(raw).decode_utf8().ok()?.into_owned();
        match decoded.strip_suffix("')").and_then(|head| head.split_once("('")) {
            Some((name, key)) => segments.extend([name.to_owned(), key.replace("''", "'")]),
            None => segments.push(decoded),
        }
    }
    Some(segments)
}

fn is(segment: &str, name: &str) -> bool {
    segment.eq_ignore_ascii_case(name)
}

/// Actions may be written with their namespace and with empty parentheses.
fn is_action(segment: &str, name: &str) -> bool {
    let bare = segment.strip_suffix("()").unwrap_or(segment);
    is(bare.strip_prefix("microsoft.graph.").unwrap_or(bare), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(key: &str) -> Owner {
        Owner::Member(key.to_owned())
    }

    #[test]
    fn every_spelling_of_my_meetings_is_the_same_resource() {
        for path in [
            "/v1.0/me/onlineMeetings",
            "/v1.0/me/onlineMeetings/",
            "/v1.0//me/onlinemeetings",
            "/v1.0/users/me-token-to-replace/onlineMeetings",
        ] {
            assert_eq!(Resource::of(path), Some(Resource::OnlineMeetings(Owner::Me)), "{path}");
        }
    }

    #[test]
    fn a_meeting_id_is_decoded_once_after_splitting() {
        let expected = Some(Resource::OnlineMeeting(member("o"), "o_19:meeting_x@thread.v2".to_owned()));
        for path in [
            "/v1.0/users/o/onlineMeetings/o_19%3Ameeting_x%40thread.v2",
            "/v1.0/users('o')/onlineMeetings('o_19:meeting_x@thread.v2')",
        ] {
            assert_eq!(Resource::of(path), expected, "{path}");
        }
        assert_eq!(
            Resource::of("/v1.0/me/onlineMeetings/a%252Fb"),
            Some(Resource::OnlineMeeting(Owner::Me, "a%2Fb".to_owned()))
        );
        assert_eq!(
            Resource::of("/v1.0/me/onlineMeetings/a%2Fb"),
            Some(Resource::OnlineMeeting(Owner::Me, "a/b".to_owned()))
        );
    }

    #[test]
    fn the_action_is_not_taken_for_an_id() {
        for path in [
            "/v1.0/me/onlineMeetings/createOrGet",
            "/v1.0/me/onlineMeetings/microsoft.graph.createOrGet()",
        ] {
            assert_eq!(Resource::of(path), Some(Resource::CreateOrGet(Owner::Me)), "{path}");
        }
    }

    #[test]
    fn members_are_named_by_id_or_principal_name() {
        assert_eq!(Resource::of("/v1.0/me"), Some(Resource::Member(Owner::Me)));
        assert_eq!(
            Resource::of("/v1.0/users/anna%40clinic.example"),
            Some(Resource::Member(member("anna@clinic.example")))
        );
        assert_eq!(Resource::of("/v1.0/users"), Some(Resource::Members));
        assert_eq!(Resource::of("/v1.0/users/$count"), Some(Resource::MemberCount));
        assert_eq!(Resource::of("/v1.0/users/%24count"), Some(Resource::MemberCount));
    }

    #[test]
    fn meetings_of_everybody_are_named_with_and_without_a_slash_behind() {
        for path in ["/v1.0/communications/onlineMeetings", "/v1.0/communications/onlineMeetings/"] {
            assert_eq!(Resource::of(path), Some(Resource::MeetingsByTeleconference), "{path}");
        }
    }

    #[test]
    fn subscriptions_are_served_in_both_versions_and_nothing_else_is() {
        for path in ["/v1.0/subscriptions/x", "/beta/subscriptions/x"] {
            assert_eq!(Resource::of(path), Some(Resource::Subscriptions(vec!["x".to_owned()])), "{path}");
        }
        assert_eq!(Resource::of("/beta/users"), None);
        assert_eq!(Resource::of("/v2.0/subscriptions"), None);
    }

    #[test]
    fn what_is_not_served_is_nothing() {
        for path in [
            "/",
            "/v1.0",
            "/beta/me",
            "/v1.0/groups",
            "/v1.0/me/messages",
            "/v1.0/me/onlineMeetings/a/b",
            "/v1.0/me/onlineMeetings/a/b/c",
            "/v1.0/users/%ff",
        ] {
            assert_eq!(Resource::of(path), None, "{path}");
        }
    }
}

//! What a caller gives to schedule or change a meeting.

use meeting::MeetingOptions;
use serde_json::{Map, Value};

use crate::Micros;
use crate::error::AppError;
use crate::model::{Invitee, MeetingOrder, OnlineMeeting};

/// How long after its end a meeting can still be joined.
const AFTER_END: Micros = 60 * 24 * 3600 * 1_000_000;
const HOUR: Micros = 3600 * 1_000_000;
const MAX_SUBJECT: usize = 1024;
const MAX_INVITEES: usize = 1000;
/// Bytes of JSON of the whole list: the longest list of people with usual names fits in twice over.
const MAX_INVITEES_BYTES: usize = 256 * 1024;
/// Characters of a sign-in name or mail address.
const MAX_UPN: usize = 320;
/// Characters of an object id, with room for the ids of other directories.
const MAX_MEMBER_ID: usize = 128;
/// Bytes of JSON.
const MAX_EXTRA: usize = 64 * 1024;
/// 1970-01-01T00:00:00Z.
const FIRST_TIME: Micros = 0;
/// 9001-01-01T00:00:00Z. Later times leave no room for what is added to them, such as the time after the end.
const AFTER_LAST_TIME: Micros = 221_876_928_000_000_000;

/// A meeting to schedule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeetingDraft {
    /// Subject.
    pub subject: Option<String>,
    /// Start; without it: now.
    pub start: Option<Micros>,
    /// End; without it: an hour after the start. An end without a start is refused.
    pub end: Option<Micros>,
    /// Options.
    pub options: MeetingOptions,
    /// Whom to invite.
    pub invitees: Vec<Invitee>,
    /// Whether the meeting ID needs a passcode; it does unless said otherwise. Cannot be changed later.
    pub passcode_required: Option<bool>,
    /// Other properties, kept and given back.
    pub extra: Map<String, Value>,
}

/// Changes the options of a meeting in place; may be called more than once.
pub type OptionsEdit = Box<dyn Fn(&mut MeetingOptions) + Send + Sync>;

/// Changes to a meeting; what is `None` stays.
#[derive(Default)]
pub struct MeetingPatch {
    /// Subject; `Some(None)` takes it away.
    pub subject: Option<Option<String>>,
    /// Start; only together with the end.
    pub start: Option<Micros>,
    /// End; only together with the start.
    pub end: Option<Micros>,
    /// Changes options in place, so that what the caller did not name stays.
    pub edit_options: Option<OptionsEdit>,
    /// Replaces the whole list.
    pub invitees: Option<Vec<Invitee>>,
    /// Merged as JSON merge patch (null takes a property away, objects merge).
    pub extra: Map<String, Value>,
}

impl std::fmt::Debug for MeetingPatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MeetingPatch")
            .field("edit_options", &self.edit_options.is_some())
            .finish_non_exhaustive()
    }
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many to skip.
    pub skip: u32,
    /// How many at most; more than 1000 is cut.
    pub top: u32,
    /// In which order.
    pub order: MeetingOrder,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            skip: 0,
            top: 100,
            order: MeetingOrder::default(),
        }
    }
}

/// Start and end of a new meeting.
pub(super) fn times(draft: &MeetingDraft, now: Micros) -> Result<(Micros, Micros), AppError> {
    let (start, end) = match (draft.start, draft.end) {
        (None, None) => (now, now + HOUR),
        (Some(start), None) => (start, start.saturating_add(HOUR)),
        (Some(start), Some(end)) => (start, end),
        (None, Some(_)) => return Err(AppError::invalid("startDateTime", "an end needs a start; send both")),
    };
    check_order(start, end)?;
    Ok((start, end))
}

fn check_order(start: Micros, end: Micros) -> Result<(), AppError> {
    for (name, at) in [("startDateTime", start), ("endDateTime", end)] {
        if !(FIRST_TIME..AFTER_LAST_TIME).contains(&at) {
            return Err(AppError::invalid(name, "a meeting lies in the years 1970 to 9000"));
        }
    }
    if end < start {
        return Err(AppError::invalid("endDateTime", "the end lies before the start"));
    }
    Ok(())
}

/// From when on nobody may join a meeting that ends then.
pub(crate) fn expiry(end: Micros, now: Micros) -> Micros {
    end.max(now).saturating_add(AFTER_END)
}

/// Refuses what is too large to keep.
pub(crate) fn check_sizes(meeting: &OnlineMeeting) -> Result<(), AppError> {
    if meeting.subject.as_ref().is_some_and(|subject| subject.len() > MAX_SUBJECT) {
        return Err(AppError::invalid("subject", format!("a subject has at most {MAX_SUBJECT} bytes")));
    }
    if meeting.subject.as_deref().is_some_and(crate::text::has_control) {
        return Err(AppError::invalid("subject", "a subject has no control characters"));
    }
    if meeting.invitees.len() > MAX_INVITEES {
        return Err(AppError::invalid(
            "participants",
            format!("at most {MAX_INVITEES} people can be invited"),
        ));
    }
    meeting.invitees.iter().try_for_each(check_invitee)?;
    let invitees = serde_json::to_string(&meeting.invitees).map_or(usize::MAX, |json| json.len());
    if invitees > MAX_INVITEES_BYTES {
        return Err(AppError::invalid(
            "participants",
            format!("the people who are invited have at most {MAX_INVITEES_BYTES} bytes in all; invite fewer, or with shorter names"),
        ));
    }
    let extra = serde_json::to_string(&meeting.extra).map_or(usize::MAX, |json| json.len());
    if extra > MAX_EXTRA {
        return Err(AppError::invalid(
            "body",
            format!("further properties have at most {MAX_EXTRA} bytes"),
        ));
    }
    Ok(())
}

fn check_invitee(invitee: &Invitee) -> Result<(), AppError> {
    for (text, most, what) in [
        (&invitee.upn, MAX_UPN, "a sign-in name"),
        (&invitee.member_id, MAX_MEMBER_ID, "an object id"),
    ] {
        let wrong = |text: &String| text.chars().count() > most || text.contains(char::is_control);
        if text.as_ref().is_some_and(wrong) {
            return Err(AppError::invalid(
                "participants",
                format!("{what} has at most {most} characters, none of them a control character"),
            ));
        }
    }
    Ok(())
}

impl MeetingPatch {
    /// Applies everything except invitees, which need the directory.
    pub(super) fn apply(&self, meeting: &mut OnlineMeeting, now: Micros) -> Result<(), AppError> {
        if let Some(subject) = &self.subject {
            meeting.subject.clone_from(subject);
        }
        match (self.start, self.end) {
            (None, None) => {}
            (Some(start), Some(end)) => {
                check_order(start, end)?;
                (meeting.start, meeting.end) = (start, end);
                meeting.expires = expiry(end, now);
            }
            (Some(_), None) => return Err(AppError::invalid("endDateTime", "start and end are changed together; send both")),
            (None, Some(_)) => return Err(AppError::invalid("startDateTime", "start and end are changed together; send both")),
        }
        if let Some(edit) = &self.edit_options {
            edit(&mut meeting.options);
        }
        for (name, value) in &self.extra {
            merge(&mut meeting.extra, name, value);
        }
        Ok(())
    }
}

/// JSON merge patch of one member.
pub(crate) fn merge(target: &mut Map<String, Value>, name: &str, patch: &Value) {
    match patch {
        Value::Null => {
            target.remove(name);
        }
        Value::Object(members) => {
            if !matches!(target.get(name), Some(Value::Object(_))) {
                target.insert(name.to_owned(), Value::Object(Map::new()));
            }
            if let Some(Value::Object(inner)) = target.get_mut(name) {
                for (name, value) in members {
                    merge(inner, name, value);
                }
            }
        }
        other => {
            target.insert(name.to_owned(), other.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_draft_without_times_begins_now_and_lasts_an_hour() {
        let draft = |start, end| MeetingDraft {
            start,
            end,
            ..MeetingDraft::default()
        };
        assert_eq!(times(&draft(None, None), 5).unwrap(), (5, 5 + HOUR));
        assert_eq!(times(&draft(Some(7), None), 5).unwrap(), (7, 7 + HOUR));
        assert_eq!(times(&draft(Some(7), Some(9)), 5).unwrap(), (7, 9));
        assert!(times(&draft(None, Some(9)), 5).is_err());
        assert!(times(&draft(Some(9), Some(7)), 5).is_err());
    }

    #[test]
    fn a_meeting_lies_between_1970_and_9000() {
        let from = |start| {
            let draft = MeetingDraft {
                start: Some(start),
                end: Some(start),
                ..MeetingDraft::default()
            };
            times(&draft, 5)
        };
        assert_eq!(from(0).unwrap(), (0, 0));
        assert!(from(AFTER_LAST_TIME - 1).is_ok());
        for outside in [-1, Micros::MIN, AFTER_LAST_TIME, Micros::MAX] {
            assert!(from(outside).is_err(), "{outside}");
        }
        let draft = MeetingDraft {
            start: Some(AFTER_LAST_TIME - 1),
            ..MeetingDraft::default()
        };
        assert!(times(&draft, 5).is_err(), "its end lies behind the last year");
    }

    #[test]
    fn further_properties_merge_member_by_member() {
        let mut extra = json!({ "a": 1, "w": { "x": true, "y": false } }).as_object().cloned().unwrap();
        for (name, patch) in [
            ("a", Value::Null),
            ("b", json!("new")),
            ("w", json!({ "y": true })),
            ("n", json!({ "m": { "k": 1, "gone": null } })),
        ] {
            merge(&mut extra, name, &patch);
        }
        assert_eq!(
            Value::Object(extra),
            json!({ "b": "new", "w": { "x": true, "y": true }, "n": { "m": { "k": 1 } } })
        );
    }
}

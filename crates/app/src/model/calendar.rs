//! Calendar events.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::Micros;
use crate::calendar::recurrence::Recurrence;

/// A time of day on a date, in a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventTime {
    /// What the clock on the wall shows.
    pub local: DateTime,
    /// IANA name of the zone.
    pub zone: String,
    /// Name of the zone as the client gave it.
    pub named: String,
}

/// Whether an attendee has to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttendeeKind {
    /// Has to.
    Required,
    /// May.
    Optional,
    /// A room or a thing.
    Resource,
}

/// Somebody asked to an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventAttendee {
    /// Mail address.
    pub address: String,
    /// Name, as given.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether they have to come.
    pub kind: AttendeeKind,
}

impl EventAttendee {
    /// Bytes of a mail address.
    pub const MAX_ADDRESS: usize = 320;

    /// Whether a text can be the address of an attendee: one that no list and no header takes for something else.
    #[must_use]
    pub fn is_address(text: &str) -> bool {
        let plain = |character: char| !character.is_control() && !character.is_whitespace() && !"<>\"\\,;".contains(character);
        let complete = |(user, domain): (&str, &str)| !user.is_empty() && !domain.is_empty() && !domain.contains('@');
        text.len() <= Self::MAX_ADDRESS && text.chars().all(plain) && text.split_once('@').is_some_and(complete)
    }
}

/// What is written in an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventBody {
    /// HTML, or plain text.
    pub html: bool,
    /// The text.
    pub content: String,
}

/// One occurrence of a series that was changed; what is `None` is as in the series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventException {
    /// The day on which the occurrence would begin, in the zone of the series.
    pub date: Date,
    /// Subject; `Some(None)` when it has none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub subject: Option<Option<String>>,
    /// Begin and end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<(EventTime, EventTime)>,
    /// What is written in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<EventBody>,
    /// Other properties, each as a whole; null when the occurrence does not have what the series has.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// A member that is there, even if it is null.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What an event holds beside what is searched for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventDetails {
    /// Begin of the (first) occurrence.
    pub start: EventTime,
    /// End of the (first) occurrence.
    pub end: EventTime,
    /// Whole days: both times are midnight, and mean the same days in every zone.
    #[serde(default)]
    pub all_day: bool,
    /// How it repeats.
    #[serde(default)]
    pub recurrence: Option<Recurrence>,
    /// Days on which an occurrence would begin that was cancelled; sorted.
    #[serde(default)]
    pub cancelled_on: Vec<Date>,
    /// Occurrences that differ from the series; sorted by day, none of them cancelled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<EventException>,
    /// Who is asked to come; the organizer is not among them.
    #[serde(default)]
    pub attendees: Vec<EventAttendee>,
    /// Whether attendees are kept from seeing each other.
    #[serde(default)]
    pub hide_attendees: bool,
    /// What is written in it.
    #[serde(default)]
    pub body: EventBody,
    /// What the organizer said when the event was cancelled.
    #[serde(default)]
    pub farewell: Option<String>,
    /// Every other writable property, kept and given back.
    #[serde(default)]
    pub extra: Map<String, Value>,
}

/// An event in the calendar of a member, who organizes it.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarEvent {
    /// Opaque; has no dot.
    pub id: String,
    /// Object id of the organizer.
    pub owner_id: String,
    /// The caller's own id of the creation; unique among an owner's events that are not cancelled.
    pub transaction_id: Option<String>,
    /// Id of the event in invitations, the same for its whole life.
    pub ical_uid: String,
    /// Subject.
    pub subject: Option<String>,
    /// Begin of the first occurrence.
    pub starts_at: Micros,
    /// End of the first occurrence.
    pub ends_at: Micros,
    /// End of the last occurrence; [`Micros::MAX`] when there is none.
    pub until_at: Micros,
    /// When it was made.
    pub created: Micros,
    /// When it was changed last.
    pub modified: Micros,
    /// When it was cancelled.
    pub cancelled: Option<Micros>,
    /// Thread of the online meeting that it carries; no other event carries it. A cancelled event keeps the name of a meeting that is gone.
    pub meeting_thread: Option<String>,
    /// The rest.
    pub details: EventDetails,
    /// Grows with each change.
    pub revision: i64,
}

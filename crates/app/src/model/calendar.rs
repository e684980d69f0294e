//! Calendar events.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
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

/// What is written in an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventBody {
    /// HTML, or plain text.
    pub html: bool,
    /// The text.
    pub content: String,
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
    /// Thread of the online meeting that it carries. Set once and for all; the meeting itself may have been deleted.
    pub meeting_thread: Option<String>,
    /// The rest.
    pub details: EventDetails,
    /// Grows with each change.
    pub revision: i64,
}

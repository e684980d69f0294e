//! Calendar events of members, linked with the online meeting that they carry.
//!
//! * Owns: events and series with their zones, recurrences and changed occurrences, the view of what happens between two times, invitations as
//!   iCalendar text, and that event and online meeting follow each other.
//! * Not here: the shape of the HTTP API (`graph`); sending invitations (nobody does it: the text is fetched); copies in the calendars of attendees.
//! * Invariants: an event and its meeting are written together or not at all; an event carries the same meeting until that is deleted, and a deleted
//!   one not at all; a cancelled event is kept, so that its invitation can say that it was cancelled, and is found by nothing else. Kept by
//!   `tests/calendar/` and the store's conformance suite.

mod access;
mod changes;
mod exception;
mod follow;
mod invitation;
mod link;
mod occurrence;
mod ports;
mod read;
pub mod recurrence;
pub mod text;
mod windows_zones;
mod write;
pub mod zone;

pub use changes::EventChanges;
pub use occurrence::{EventInstance, Occurrence};
pub use ports::{CalendarSize, CalendarStore, MeetingWrite};

use crate::AppError;

const EVENT: AppError = AppError::NotFound { what: "event" };
/// Events of one calendar that are not cancelled. When it is full, nothing is added until something is cancelled.
const MAX_EVENTS: u32 = 10_000;
/// Bytes of everything in them: a list reads the calendar whole. When it is full, nothing is added or grows until something is
/// cancelled or made shorter.
const MAX_CALENDAR: u64 = 16 * 1024 * 1024;

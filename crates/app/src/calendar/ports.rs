//! What it persists.

use async_trait::async_trait;

use crate::Micros;
use crate::model::{CalendarEvent, OnlineMeeting};
use crate::ports::StoreResult;

/// What becomes of the online meeting when its event is written; both are written, or neither.
#[derive(Debug, Clone, Copy)]
pub enum MeetingWrite<'a> {
    /// It stays as it is, or there is none.
    Leave,
    /// It is new. `Conflict` when one of its keys is taken.
    Insert(&'a OnlineMeeting),
    /// It changes from this revision. `Conflict` when it is another, or the meeting is gone.
    Update(&'a OnlineMeeting, i64),
    /// It is deleted at this time. Nothing happens when it is gone.
    Delete(&'a str, Micros),
}

/// How much is in a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarSize {
    /// Events.
    pub events: u64,
    /// Bytes of what they hold, as it is stored.
    pub bytes: u64,
}

/// In the store: calendar events of members, linked with the online meeting that they carry.
#[async_trait]
pub trait CalendarStore: Send + Sync + 'static {
    /// Inserts; `Conflict` when the id, the iCalendar id, or the owner's transaction id is taken, or another event carries the meeting.
    async fn insert_event(&self, event: &CalendarEvent, meeting: MeetingWrite<'_>) -> StoreResult<()>;
    /// Replaces the event whose revision is `expected_revision`; `Conflict` when it is another (or the event is cancelled).
    async fn update_event(&self, event: &CalendarEvent, expected_revision: i64, meeting: MeetingWrite<'_>) -> StoreResult<()>;
    /// By id; cancelled ones too.
    async fn event(&self, id: &str) -> StoreResult<Option<CalendarEvent>>;
    /// The owner's event with this transaction id, unless it was cancelled.
    async fn event_by_transaction(&self, owner_id: &str, transaction_id: &str) -> StoreResult<Option<CalendarEvent>>;
    /// The event that carries the meeting of this thread, unless it was cancelled.
    async fn event_of_meeting(&self, thread_id: &str) -> StoreResult<Option<CalendarEvent>>;
    /// The owner's events that are not cancelled, by start, at most `top`.
    async fn events_of(&self, owner_id: &str, top: u32) -> StoreResult<Vec<CalendarEvent>>;
    /// Those of them of which an occurrence may lie between the times: they begin before `to` and end for the last time at `from` or later.
    async fn events_between(&self, owner_id: &str, from: Micros, to: Micros, top: u32) -> StoreResult<Vec<CalendarEvent>>;
    /// How much is in a calendar; cancelled events do not count.
    async fn calendar_size(&self, owner_id: &str) -> StoreResult<CalendarSize>;
}

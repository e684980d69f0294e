//! Making, changing and cancelling events. Event and online meeting are written in one transaction; then the meeting's change is announced.

use std::sync::Arc;

use serde_json::{Value, json};

use super::access::require_write;
use super::changes::{EventChanges, MAX_CANCELLED};
use super::exception;
use super::occurrence::{self, EventInstance};
use super::ports::MeetingWrite;
use super::{EVENT, MAX_CALENDAR, MAX_EVENTS};
use crate::error::AppError;
use crate::model::{CalendarEvent, EventBody, EventDetails, OnlineMeeting};
use crate::ports::StoreError;
use crate::tokens::Caller;
use crate::{App, Change, ids};

/// A fresh id that is taken already is drawn again, this often.
const DRAWS: usize = 5;
/// How often a change is tried when others change the same event or its meeting.
const TRIES: usize = 3;
/// Bytes.
const MAX_TRANSACTION_ID: usize = 256;
/// Bytes of what is said at a cancellation.
const MAX_FAREWELL: usize = 4096;
const CHANGED: AppError = AppError::Conflict { what: "event" };

impl App {
    /// Makes an event. With the transaction id of an event that is there already, that one is given and nothing is made.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound` for an unknown owner, `InvalidArgument`.
    pub async fn create_event(&self, caller: &Caller, owner_id: &str, changes: EventChanges) -> Result<CalendarEvent, AppError> {
        require_write(caller, owner_id)?;
        let owner = self.store().member(owner_id).await?.filter(|member| member.enabled);
        let owner = owner.ok_or(AppError::NotFound { what: "member" })?;
        let transaction_id = changes.transaction_id.clone();
        if transaction_id
            .as_ref()
            .is_some_and(|id| id.is_empty() || id.len() > MAX_TRANSACTION_ID)
        {
            return Err(AppError::invalid(
                "transactionId",
                format!("a transaction id has 1 to {MAX_TRANSACTION_ID} bytes"),
            ));
        }
        let writing = self.inner.writing.lock().await;
        if let Some(event) = self.created_before(owner_id, transaction_id.as_deref()).await? {
            return Ok(event);
        }
        let mut event = self.new_event(&owner.id, &changes)?;
        self.check_room(owner_id).await?;
        let mut meeting = if changes.online == Some(true) {
            Some(self.meeting_for(&event).await?)
        } else {
            None
        };
        for _ in 0..DRAWS {
            event.meeting_thread = meeting.as_ref().map(|meeting| meeting.thread_id.clone());
            let with = meeting.as_ref().map_or(MeetingWrite::Leave, MeetingWrite::Insert);
            match self.store().insert_event(&event, with).await {
                Ok(()) => {
                    drop(writing);
                    if let Some(meeting) = &meeting {
                        self.meeting_changed(meeting).await;
                    }
                    let detail = json!({ "owner": owner_id, "meeting": event.meeting_thread });
                    self.note(&caller.actor(), "event.created", &event.id, detail).await;
                    return Ok(event);
                }
                Err(StoreError::Conflict { .. }) => {
                    // Somebody else may have made it through another process.
                    if let Some(event) = self.created_before(owner_id, transaction_id.as_deref()).await? {
                        return Ok(event);
                    }
                    self.draw_event_ids(&mut event);
                    if let Some(meeting) = &mut meeting {
                        self.draw_ids(meeting);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CHANGED)
    }

    /// Changes an event or series, and its online meeting with it, or one occurrence of a series. Gives what was changed.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, `InvalidArgument`; `Conflict` when the event is not of the revision that the caller expects, or when others keep
    /// changing it.
    pub async fn update_event(
        &self,
        caller: &Caller,
        owner_id: &str,
        id: &str,
        changes: EventChanges,
        expected_revision: Option<i64>,
    ) -> Result<EventInstance, AppError> {
        require_write(caller, owner_id)?;
        for _ in 0..TRIES {
            let before = self.writable(owner_id, id, expected_revision).await?;
            let mut event = CalendarEvent::clone(&before.event);
            match &before.occurrence {
                Some(occurrence) => exception::apply(&changes, &mut event, occurrence)?,
                None => changes.apply(&mut event)?,
            }
            self.check_growth(&before.event, &event).await?;
            let old = self.event_meeting(&event).await?;
            let new = match (&old, changes.online) {
                (Some(old), _) => self.meeting_following(&before.event, &event, old).await?,
                (None, Some(true)) if before.occurrence.is_none() => Some(self.meeting_for(&event).await?),
                (None, _) => None,
            };
            let write = match (&old, &new) {
                (Some(old), Some(new)) => MeetingWrite::Update(new, old.revision),
                (None, Some(new)) => MeetingWrite::Insert(new),
                (_, None) => MeetingWrite::Leave,
            };
            if let Some(new) = &new {
                event.meeting_thread = Some(new.thread_id.clone());
            }
            if self.store_event(&mut event, write).await? {
                if let Some(meeting) = &new {
                    self.meeting_changed(meeting).await;
                }
                self.note(&caller.actor(), "event.changed", id, Value::Null).await;
                let occurrence = before.occurrence.map(|known| occurrence::on(&event, known.date));
                return Ok(EventInstance {
                    event: Arc::new(event),
                    occurrence,
                });
            }
        }
        Err(CHANGED)
    }

    /// Cancels an event with its online meeting, or one occurrence of a series. The invitation then says so, with the organizer's words.
    ///
    /// # Errors
    /// As [`App::update_event`].
    pub async fn cancel_event(
        &self,
        caller: &Caller,
        owner_id: &str,
        id: &str,
        farewell: Option<String>,
        expected_revision: Option<i64>,
    ) -> Result<(), AppError> {
        require_write(caller, owner_id)?;
        if farewell.as_ref().is_some_and(|text| text.len() > MAX_FAREWELL) {
            return Err(AppError::invalid("comment", format!("a comment has at most {MAX_FAREWELL} bytes")));
        }
        for _ in 0..TRIES {
            let before = self.writable(owner_id, id, expected_revision).await?;
            let mut event = CalendarEvent::clone(&before.event);
            let mut gone = None;
            match &before.occurrence {
                Some(occurrence) => {
                    let cancelled = &mut event.details.cancelled_on;
                    if cancelled.len() >= MAX_CANCELLED {
                        return Err(AppError::invalid(
                            "id",
                            format!("at most {MAX_CANCELLED} occurrences of a series can be cancelled one by one; change the series"),
                        ));
                    }
                    let place = cancelled.partition_point(|date| *date < occurrence.date);
                    cancelled.insert(place, occurrence.date);
                    event.details.exceptions.retain(|exception| exception.date != occurrence.date);
                }
                None => {
                    event.cancelled = Some(self.now());
                    gone = self.event_meeting(&event).await?;
                }
            }
            event.details.farewell.clone_from(&farewell);
            let write = gone
                .as_ref()
                .map_or(MeetingWrite::Leave, |meeting| MeetingWrite::Delete(&meeting.thread_id, self.now()));
            if self.store_event(&mut event, write).await? {
                if let Some(meeting) = &gone {
                    self.meeting_gone(meeting).await;
                }
                self.note(&caller.actor(), "event.cancelled", id, Value::Null).await;
                return Ok(());
            }
        }
        Err(CHANGED)
    }

    /// Writes the next revision; false when somebody else was faster.
    pub(super) async fn store_event(&self, event: &mut CalendarEvent, meeting: MeetingWrite<'_>) -> Result<bool, AppError> {
        let expected = event.revision;
        event.revision = expected.saturating_add(1);
        event.modified = self.now();
        match self.store().update_event(event, expected, meeting).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn writable(&self, owner_id: &str, id: &str, expected_revision: Option<i64>) -> Result<EventInstance, AppError> {
        let instance = self.known_instance(owner_id, id).await?;
        let event = &instance.event;
        let day_is_gone = |date| event.details.cancelled_on.contains(&date);
        if event.cancelled.is_some() || instance.occurrence.as_ref().is_some_and(|occurrence| day_is_gone(occurrence.date)) {
            return Err(EVENT);
        }
        if expected_revision.is_some_and(|expected| expected != event.revision) {
            return Err(CHANGED);
        }
        Ok(instance)
    }

    async fn created_before(&self, owner_id: &str, transaction_id: Option<&str>) -> Result<Option<CalendarEvent>, AppError> {
        match transaction_id {
            Some(id) => Ok(self.store().event_by_transaction(owner_id, id).await?),
            None => Ok(None),
        }
    }

    /// Refuses when the calendar is full. What is written after the look may exceed the bound by that one event.
    async fn check_room(&self, owner_id: &str) -> Result<(), AppError> {
        let size = self.store().calendar_size(owner_id).await?;
        if size.events >= u64::from(MAX_EVENTS) || size.bytes >= MAX_CALENDAR {
            return Err(full());
        }
        Ok(())
    }

    /// Refuses when the calendar is full and the change makes the event larger. One that makes it smaller is a way out.
    pub(super) async fn check_growth(&self, before: &CalendarEvent, after: &CalendarEvent) -> Result<(), AppError> {
        if bytes(after) > bytes(before) && self.store().calendar_size(&after.owner_id).await?.bytes >= MAX_CALENDAR {
            return Err(full());
        }
        Ok(())
    }

    fn new_event(&self, owner_id: &str, changes: &EventChanges) -> Result<CalendarEvent, AppError> {
        let missing = |field| AppError::invalid(field, "an event needs a start and an end");
        let now = self.now();
        let mut event = CalendarEvent {
            id: String::new(),
            owner_id: owner_id.to_owned(),
            transaction_id: changes.transaction_id.clone(),
            ical_uid: String::new(),
            subject: None,
            starts_at: 0,
            ends_at: 0,
            until_at: 0,
            created: now,
            modified: now,
            cancelled: None,
            meeting_thread: None,
            details: EventDetails {
                start: changes.start.clone().ok_or_else(|| missing("start"))?,
                end: changes.end.clone().ok_or_else(|| missing("end"))?,
                all_day: false,
                recurrence: None,
                cancelled_on: Vec::new(),
                exceptions: Vec::new(),
                attendees: Vec::new(),
                hide_attendees: false,
                body: EventBody::default(),
                farewell: None,
                extra: serde_json::Map::new(),
            },
            revision: 1,
        };
        self.draw_event_ids(&mut event);
        changes.apply(&mut event)?;
        Ok(event)
    }

    fn draw_event_ids(&self, event: &mut CalendarEvent) {
        event.id = ids::secret(self.random());
        event.ical_uid = format!("{}@anteroom", ids::guid(self.random()));
    }

    /// What follows a meeting that was made or changed, after the commit.
    async fn meeting_changed(&self, meeting: &OnlineMeeting) {
        self.meeting_chat_follows(meeting).await;
        self.announce(Change::MeetingChanged {
            thread_id: meeting.thread_id.clone(),
        });
    }

    /// What follows a meeting that was deleted, after the commit.
    async fn meeting_gone(&self, meeting: &OnlineMeeting) {
        self.announce(Change::MeetingDeleted {
            thread_id: meeting.thread_id.clone(),
        });
        self.meeting_chat_ends(meeting).await;
    }
}

/// What the event counts in its calendar.
fn bytes(event: &CalendarEvent) -> usize {
    serde_json::to_string(&event.details).map_or(usize::MAX, |json| json.len())
}

fn full() -> AppError {
    AppError::invalid(
        "event",
        format!("the calendar is full: it holds at most {MAX_EVENTS} events and {MAX_CALENDAR} bytes; cancel some first"),
    )
}

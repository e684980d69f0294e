//! Reading calendars: one event, all of them, what happens between two times.

use std::sync::Arc;

use super::access::require_read;
use super::exception::MAX_SHIFT;
use super::occurrence::{self, EventInstance};
use super::{EVENT, MAX_EVENTS};
use crate::error::AppError;
use crate::model::{CalendarEvent, OnlineMeeting};
use crate::tokens::Caller;
use crate::{App, Micros};

/// Longest stretch of time that is looked at in one go.
const MAX_VIEW: Micros = 1830 * 24 * 3600 * 1_000_000;
/// Most entries of a view. One that would have more is refused, since a part of it would look like the whole.
const MAX_ENTRIES: usize = 10_000;

impl App {
    /// One event, series, or occurrence of a series.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn event(&self, caller: &Caller, owner_id: &str, id: &str) -> Result<EventInstance, AppError> {
        require_read(caller, owner_id)?;
        let instance = self.known_instance(owner_id, id).await?;
        let cancelled = match &instance.occurrence {
            Some(occurrence) => instance.event.details.cancelled_on.contains(&occurrence.date),
            None => false,
        };
        if cancelled || instance.event.cancelled.is_some() {
            return Err(EVENT);
        }
        Ok(instance)
    }

    /// All events of a calendar by their start; a series is one.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn events(&self, caller: &Caller, owner_id: &str) -> Result<Vec<CalendarEvent>, AppError> {
        require_read(caller, owner_id)?;
        Ok(self.store().events_of(owner_id, MAX_EVENTS).await?)
    }

    /// What happens between two times, by start: single events, and the occurrences of series.
    ///
    /// # Errors
    /// `Forbidden`; `InvalidArgument` when the time is empty or too long, or too much happens in it.
    pub async fn calendar_view(&self, caller: &Caller, owner_id: &str, from: Micros, to: Micros) -> Result<Vec<EventInstance>, AppError> {
        require_read(caller, owner_id)?;
        check_view(from, to)?;
        // The first occurrence of a series may have been moved before the series.
        let begun_by = to.saturating_add(MAX_SHIFT);
        let events = self.store().events_between(owner_id, from, begun_by, MAX_EVENTS).await?;
        let mut instances = Vec::new();
        for event in events {
            if event.details.recurrence.is_some() {
                instances.extend(occurrences(&Arc::new(event), from, to));
                // A calendar full of series takes a while, which others need not wait for.
                tokio::task::yield_now().await;
            } else if occurrence::touches(event.starts_at, event.ends_at, from, to) {
                instances.push(EventInstance {
                    event: Arc::new(event),
                    occurrence: None,
                });
            }
            if instances.len() > MAX_ENTRIES {
                return Err(too_many());
            }
        }
        instances.sort_by_cached_key(|instance| (instance.starts_at(), instance.id()));
        Ok(instances)
    }

    /// The occurrences of a series between two times.
    ///
    /// # Errors
    /// As [`App::calendar_view`], and `NotFound`; `InvalidArgument` when the event is no series.
    pub async fn event_instances(
        &self,
        caller: &Caller,
        owner_id: &str,
        id: &str,
        from: Micros,
        to: Micros,
    ) -> Result<Vec<EventInstance>, AppError> {
        let series = self.event(caller, owner_id, id).await?;
        if series.occurrence.is_some() || series.event.details.recurrence.is_none() {
            return Err(AppError::invalid("id", "only a series has instances; this event does not repeat"));
        }
        check_view(from, to)?;
        let instances = occurrences(&series.event, from, to);
        if instances.len() > MAX_ENTRIES {
            Err(too_many())
        } else {
            Ok(instances)
        }
    }

    /// The online meeting that an event carries; none when it carries none.
    ///
    /// # Errors
    /// The store failed.
    pub async fn event_meeting(&self, event: &CalendarEvent) -> Result<Option<OnlineMeeting>, AppError> {
        match &event.meeting_thread {
            Some(thread_id) => Ok(self.store().meeting(thread_id).await?),
            None => Ok(None),
        }
    }

    /// Event or occurrence of this owner, cancelled ones too; no permission is checked.
    pub(super) async fn known_instance(&self, owner_id: &str, id: &str) -> Result<EventInstance, AppError> {
        let (event_id, date) = occurrence::parse_id(id);
        let event = self
            .store()
            .event(event_id)
            .await?
            .filter(|event| event.owner_id == owner_id)
            .ok_or(EVENT)?;
        let occurrence = match (date, &event.details.recurrence) {
            (None, _) => None,
            (Some(date), Some(recurrence)) if recurrence.falls_on(date) => Some(occurrence::on(&event, date)),
            (Some(_), _) => return Err(EVENT),
        };
        Ok(EventInstance {
            event: Arc::new(event),
            occurrence,
        })
    }
}

fn occurrences(event: &Arc<CalendarEvent>, from: Micros, to: Micros) -> Vec<EventInstance> {
    occurrence::between(event, from, to, MAX_ENTRIES + 1)
        .into_iter()
        .map(|occurrence| EventInstance {
            event: Arc::clone(event),
            occurrence: Some(occurrence),
        })
        .collect()
}

fn check_view(from: Micros, to: Micros) -> Result<(), AppError> {
    if to <= from {
        return Err(AppError::invalid("endDateTime", "the end lies before the start"));
    }
    if to.saturating_sub(from) > MAX_VIEW {
        return Err(AppError::invalid(
            "endDateTime",
            "at most five years can be looked at in one request",
        ));
    }
    Ok(())
}

fn too_many() -> AppError {
    AppError::invalid(
        "endDateTime",
        format!("more than {MAX_ENTRIES} events happen in this time; ask for a shorter one"),
    )
}

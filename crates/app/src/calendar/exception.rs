//! Changes to one occurrence of a series, kept beside the series as what differs from it. Pure.
//!
//! * Can differ: subject, times, what is written, place and the other properties without a rule of their own. Attendees, whole days, the recurrence
//!   and the online meeting are the series': sent back as they are they are passed over, changed they are refused.
//! * Bounds: an occurrence stays within [`MAX_SHIFT`] of its place in the series, since views look that far; the count and size below.

use super::changes::{self, EventChanges, MAX_OCCURRENCE};
use super::occurrence::{self, Occurrence};
use crate::Micros;
use crate::error::AppError;
use crate::meetings::merge;
use crate::model::{CalendarEvent, EventException, EventTime};

const DAY: Micros = 24 * 3600 * 1_000_000;
/// Furthest from the place that the series gives it.
pub(super) const MAX_SHIFT: Micros = 31 * DAY;
/// Occurrences of one series that can differ. When there are as many, none is added; the series itself can be changed.
const MAX_EXCEPTIONS: usize = 1000;
/// Bytes of JSON of all of them, since a series is read and written whole.
const MAX_BYTES: usize = 1024 * 1024;

/// Applies changes to this occurrence of the series.
pub(super) fn apply(changes: &EventChanges, event: &mut CalendarEvent, occurrence: &Occurrence) -> Result<(), AppError> {
    refuse_what_is_common(changes, event)?;
    let mut exception = occurrence::exception(event, occurrence.date)
        .cloned()
        .unwrap_or_else(|| EventException {
            date: occurrence.date,
            subject: None,
            times: None,
            body: None,
            extra: serde_json::Map::new(),
        });
    if let Some(subject) = &changes.subject {
        changes::check_subject(subject.as_deref())?;
        exception.subject = Some(subject.clone()).filter(|subject| *subject != event.subject);
    }
    if let Some(body) = &changes.body {
        changes::check_body(body)?;
        exception.body = Some(body.clone()).filter(|body| *body != event.details.body);
    }
    if changes.start.is_some() || changes.end.is_some() {
        let start = changes.start.as_ref().unwrap_or(&occurrence.start);
        let end = changes.end.as_ref().unwrap_or(&occurrence.end);
        exception.times = moved(event, occurrence, start, end)?;
    }
    for (name, patch) in &changes.extra {
        let series = event.details.extra.get(name);
        let mut whole = serde_json::Map::new();
        if let Some(value) = exception.extra.get(name).or(series).filter(|value| !value.is_null()) {
            whole.insert(name.clone(), value.clone());
        }
        merge(&mut whole, name, patch);
        let value = whole.remove(name).unwrap_or_default();
        if value == series.cloned().unwrap_or_default() {
            exception.extra.remove(name);
        } else {
            exception.extra.insert(name.clone(), value);
        }
    }
    changes::check_extra(&exception.extra)?;
    put(event, exception)?;
    event.until_at = changes::last_end(event);
    Ok(())
}

fn refuse_what_is_common(changes: &EventChanges, event: &CalendarEvent) -> Result<(), AppError> {
    let details = &event.details;
    let attendees = changes.attendees.as_ref().map(|attendees| changes::distinct(attendees));
    let differs = if matches!(changes.recurrence, Some(Some(_))) {
        Some(("recurrence", "a recurrence"))
    } else if attendees.is_some_and(|attendees| attendees != details.attendees) {
        Some(("attendees", "attendees of its own"))
    } else if changes.hide_attendees.is_some_and(|hide| hide != details.hide_attendees) {
        Some(("hideAttendees", "attendees of its own"))
    } else if changes.all_day.is_some_and(|all_day| all_day != details.all_day) {
        Some(("isAllDay", "whole days of its own"))
    } else if changes.online == Some(true) && event.meeting_thread.is_none() {
        Some(("isOnlineMeeting", "an online meeting of its own"))
    } else {
        None
    };
    match differs {
        Some((field, what)) => Err(AppError::invalid(
            field,
            format!("a single occurrence cannot have {what}; change the series, or cancel the occurrence and make an event of its own"),
        )),
        None => Ok(()),
    }
}

/// The times, when they are not those of the series.
fn moved(
    event: &CalendarEvent,
    occurrence: &Occurrence,
    start: &EventTime,
    end: &EventTime,
) -> Result<Option<(EventTime, EventTime)>, AppError> {
    changes::check_times(event.details.all_day, start, end, MAX_OCCURRENCE)?;
    let planned = occurrence::planned(event, occurrence.date);
    if (start.instant(), end.instant()) == (planned.starts_at, planned.ends_at) {
        return Ok(None);
    }
    if start.instant().abs_diff(planned.starts_at) > MAX_SHIFT.unsigned_abs() {
        return Err(AppError::invalid(
            "start",
            format!("an occurrence stays within {} days of its place in the series", MAX_SHIFT / DAY),
        ));
    }
    Ok(Some((start.clone(), end.clone())))
}

/// Puts the exception in its place, or takes it away when nothing differs any more.
fn put(event: &mut CalendarEvent, exception: EventException) -> Result<(), AppError> {
    let exceptions = &mut event.details.exceptions;
    exceptions.retain(|known| known.date != exception.date);
    let differs = exception.subject.is_some() || exception.times.is_some() || exception.body.is_some() || !exception.extra.is_empty();
    if !differs {
        return Ok(());
    }
    let place = exceptions.partition_point(|known| known.date < exception.date);
    exceptions.insert(place, exception);
    let bytes = serde_json::to_string(exceptions).map_or(usize::MAX, |json| json.len());
    if exceptions.len() > MAX_EXCEPTIONS || bytes > MAX_BYTES {
        return Err(AppError::invalid(
            "id",
            format!("at most {MAX_EXCEPTIONS} occurrences of a series can differ from it, by {MAX_BYTES} bytes in all; change the series"),
        ));
    }
    Ok(())
}

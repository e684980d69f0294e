//! Single occurrences of a series: when they are, and how they are named. Pure.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::zone;
use crate::Micros;
use crate::model::{CalendarEvent, EventBody, EventException, EventTime};

const DAY: Micros = 24 * 3600 * 1_000_000;
/// Between the id of a series and the day of an occurrence; no id of an event has it.
const SEPARATOR: char = '.';

/// One occurrence of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The day on which it begins, in the zone of the series.
    pub date: Date,
    /// Begin.
    pub start: EventTime,
    /// End.
    pub end: EventTime,
    /// Begin.
    pub starts_at: Micros,
    /// End.
    pub ends_at: Micros,
    /// When it would begin as the series has it.
    pub planned: EventTime,
}

/// A single event, a series, or one occurrence of it.
#[derive(Debug, Clone, PartialEq)]
pub struct EventInstance {
    /// The event or series.
    pub event: Arc<CalendarEvent>,
    /// The occurrence.
    pub occurrence: Option<Occurrence>,
}

impl EventInstance {
    /// Its id: that of the event, or that of the series with the day.
    #[must_use]
    pub fn id(&self) -> String {
        match &self.occurrence {
            Some(occurrence) => format!("{}{SEPARATOR}{}", self.event.id, occurrence.date.strftime("%Y%m%d")),
            None => self.event.id.clone(),
        }
    }

    /// What differs from the series, for an occurrence that was changed.
    #[must_use]
    pub fn exception(&self) -> Option<&EventException> {
        exception(&self.event, self.occurrence.as_ref()?.date)
    }

    /// Subject.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        let own = self.exception().and_then(|exception| exception.subject.as_ref());
        own.unwrap_or(&self.event.subject).as_deref()
    }

    /// What is written in it.
    #[must_use]
    pub fn body(&self) -> &EventBody {
        let own = self.exception().and_then(|exception| exception.body.as_ref());
        own.unwrap_or(&self.event.details.body)
    }

    /// A further property that somebody set.
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<&Value> {
        let own = self.exception().and_then(|exception| exception.extra.get(name));
        own.or_else(|| self.event.details.extra.get(name)).filter(|value| !value.is_null())
    }

    /// Begin.
    #[must_use]
    pub fn starts_at(&self) -> Micros {
        self.occurrence
            .as_ref()
            .map_or(self.event.starts_at, |occurrence| occurrence.starts_at)
    }
}

/// The id of the event and the day of the occurrence that an id names.
pub(super) fn parse_id(id: &str) -> (&str, Option<Date>) {
    let parts = id
        .rsplit_once(SEPARATOR)
        .and_then(|(event, day)| Some((event, Date::strptime("%Y%m%d", day).ok()?)));
    parts.map_or((id, None), |(event, date)| (event, Some(date)))
}

/// What differs from the series on this day.
pub(super) fn exception(event: &CalendarEvent, date: Date) -> Option<&EventException> {
    let exceptions = &event.details.exceptions;
    let place = exceptions.binary_search_by_key(&date, |exception| exception.date).ok()?;
    exceptions.get(place)
}

/// The occurrence of a series on this day, as if there was one, where it was moved to.
pub(super) fn on(event: &CalendarEvent, date: Date) -> Occurrence {
    let planned = planned(event, date);
    match exception(event, date).and_then(|exception| exception.times.as_ref()) {
        Some((start, end)) => Occurrence {
            starts_at: start.instant(),
            ends_at: end.instant(),
            start: start.clone(),
            end: end.clone(),
            ..planned
        },
        None => planned,
    }
}

/// The occurrence of a series on this day, as if there was one, where the series has it.
pub(super) fn planned(event: &CalendarEvent, date: Date) -> Occurrence {
    let details = &event.details;
    let start = EventTime {
        local: date.to_datetime(details.start.local.time()),
        ..details.start.clone()
    };
    let starts_at = start.instant();
    let (end, ends_at) = if details.all_day {
        let days = details.end.local.date().since(details.start.local.date()).unwrap_or_default();
        let end = EventTime {
            local: start.local.checked_add(days).unwrap_or(start.local),
            ..details.end.clone()
        };
        let ends_at = end.instant();
        (end, ends_at)
    } else {
        let ends_at = starts_at.saturating_add(event.ends_at.saturating_sub(event.starts_at));
        let local = Timestamp::from_microsecond(ends_at).map(|at| at.to_zoned(zone::zone(&details.end.zone)).datetime());
        let end = EventTime {
            local: local.unwrap_or(start.local),
            ..details.end.clone()
        };
        (end, ends_at)
    };
    Occurrence {
        date,
        planned: start.clone(),
        start,
        end,
        starts_at,
        ends_at,
    }
}

/// The occurrences of a series that touch the time from `from` to `to`, in order; at most `limit` of them.
pub(super) fn between(event: &CalendarEvent, from: Micros, to: Micros, limit: usize) -> Vec<Occurrence> {
    let Some(recurrence) = &event.details.recurrence else {
        return Vec::new();
    };
    let duration = event.ends_at.saturating_sub(event.starts_at);
    // A day more, since the zone of the series is not that of the instants.
    let earliest = from.saturating_sub(duration).saturating_sub(2 * DAY);
    let date = Timestamp::from_microsecond(earliest).map_or(Date::MIN, |at| at.to_zoned(zone::zone(&event.details.start.zone)).date());
    let inside = |occurrence: &Occurrence| touches(occurrence.starts_at, occurrence.ends_at, from, to);
    let mut found: Vec<Occurrence> = recurrence
        .dates_from(date.max(recurrence.start))
        .filter(|date| event.details.cancelled_on.binary_search(date).is_err())
        .filter(|date| exception(event, *date).is_none())
        .map(|date| planned(event, date))
        .take_while(|occurrence| occurrence.starts_at < to)
        .filter(inside)
        .take(limit)
        .collect();
    // Those that were changed may lie elsewhere than the pattern has them.
    let changed = event.details.exceptions.iter().map(|exception| on(event, exception.date));
    found.extend(changed.filter(inside));
    found.sort_by_key(|occurrence| (occurrence.starts_at, occurrence.date));
    found.truncate(limit);
    found
}

/// Whether something overlaps a stretch of time. What has no length counts at its moment.
pub(super) fn touches(starts_at: Micros, ends_at: Micros, from: Micros, to: Micros) -> bool {
    starts_at < to && (ends_at > from || (starts_at == ends_at && starts_at >= from))
}

//! What a caller gives to make or change an event, and how it is applied. Pure.
//!
//! After [`EventChanges::apply`] the event is consistent: its instants follow from its local times, a series begins with its first occurrence,
//! and everything is within the bounds below.

use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value};

use super::recurrence::{Pattern, Recurrence, Until};
use super::{occurrence, zone};
use crate::Micros;
use crate::error::AppError;
use crate::meetings::merge;
use crate::model::{CalendarEvent, EventAttendee, EventBody, EventDetails, EventTime};

const DAY: Micros = 24 * 3600 * 1_000_000;
/// Bytes; as online meetings have it, which take it over.
const MAX_SUBJECT: usize = 1024;
/// People asked to one event.
const MAX_ATTENDEES: usize = 500;
/// Bytes of what is written in an event.
const MAX_BODY: usize = 128 * 1024;
/// Bytes of JSON.
const MAX_EXTRA: usize = 64 * 1024;
/// Longest event.
const MAX_DURATION: Micros = 5 * 366 * DAY;
/// Longest occurrence of a series: with longer ones, too many would go on at the same time.
pub(super) const MAX_OCCURRENCE: Micros = 31 * DAY;
/// Years that calendars hold.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=4500;
/// Occurrences of one series that can be cancelled one by one.
pub(super) const MAX_CANCELLED: usize = 1000;

/// Changes to an event, or what a new one is made of; what is `None` stays, or has its default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventChanges {
    /// Subject; `Some(None)` takes it away.
    pub subject: Option<Option<String>>,
    /// Begin.
    pub start: Option<EventTime>,
    /// End.
    pub end: Option<EventTime>,
    /// Whole days.
    pub all_day: Option<bool>,
    /// How it repeats; `Some(None)` makes a series a single event.
    pub recurrence: Option<Option<Recurrence>>,
    /// Replaces the whole list.
    pub attendees: Option<Vec<EventAttendee>>,
    /// Whether attendees are kept from seeing each other.
    pub hide_attendees: Option<bool>,
    /// What is written in it.
    pub body: Option<EventBody>,
    /// Whether it carries an online meeting. True makes one when there was none; afterwards it is passed over.
    pub online: Option<bool>,
    /// The caller's own id of the creation; passed over in a change.
    pub transaction_id: Option<String>,
    /// Other properties, merged as JSON merge patch.
    pub extra: Map<String, Value>,
}

impl EventTime {
    /// A time in a zone by any of its names; nothing when there is no such zone.
    #[must_use]
    pub fn new(local: DateTime, zone_name: &str) -> Option<Self> {
        Some(Self {
            local,
            zone: zone::iana_name(zone_name)?,
            named: zone_name.trim().to_owned(),
        })
    }

    /// The instant. A time that the clock skips is read with the offset before the gap; one that occurs twice is the first of the two.
    #[must_use]
    pub fn instant(&self) -> Micros {
        let zoned = self.local.to_zoned(zone::zone(&self.zone));
        zoned.map_or(Micros::MAX, |zoned| zoned.timestamp().as_microsecond())
    }

    /// Whether a day begins then on the clock of its zone.
    pub(super) fn is_midnight(&self) -> bool {
        self.local.time() == jiff::civil::Time::midnight()
    }
}

impl EventChanges {
    /// Applies everything except whether it is online.
    pub(super) fn apply(&self, event: &mut CalendarEvent) -> Result<(), AppError> {
        if let Some(subject) = &self.subject {
            check_subject(subject.as_deref())?;
            event.subject.clone_from(subject);
        }
        let plan = Plan::of(&event.details);
        let details = &mut event.details;
        if let Some(start) = &self.start {
            details.start.clone_from(start);
        }
        if let Some(end) = &self.end {
            details.end.clone_from(end);
        }
        if let Some(all_day) = self.all_day {
            details.all_day = all_day;
        }
        if let Some(attendees) = &self.attendees {
            details.attendees = distinct(attendees);
        }
        if let Some(hide) = self.hide_attendees {
            details.hide_attendees = hide;
        }
        if let Some(body) = &self.body {
            details.body.clone_from(body);
        }
        for (name, value) in &self.extra {
            merge(&mut details.extra, name, value);
        }
        match (&self.recurrence, &mut details.recurrence) {
            (Some(Some(recurrence)), _) => {
                if recurrence.start != details.start.local.date() {
                    return Err(AppError::invalid(
                        "recurrence",
                        "the range of a recurrence starts on the day on which the event starts",
                    ));
                }
                details.recurrence = Some(recurrence.clone());
            }
            (Some(None), kept) => *kept = None,
            // A series that is moved begins with its new start.
            (None, Some(recurrence)) => recurrence.start = details.start.local.date(),
            (None, None) => {}
        }
        settle(event, &plan)
    }
}

/// When the occurrences of a series take place, apart from how long it goes on.
#[derive(PartialEq)]
struct Plan {
    pattern: Option<(Pattern, u16)>,
    start: (DateTime, String),
    end: (DateTime, String),
    all_day: bool,
}

impl Plan {
    fn of(details: &EventDetails) -> Self {
        let pattern = details.recurrence.as_ref();
        Self {
            pattern: pattern.map(|recurrence| (recurrence.pattern.clone(), recurrence.interval)),
            start: (details.start.local, details.start.zone.clone()),
            end: (details.end.local, details.end.zone.clone()),
            all_day: details.all_day,
        }
    }
}

/// Brings a series to its first occurrence, computes the instants and checks the bounds. Occurrences that were changed are forgotten when the series
/// takes place at other times than before.
fn settle(event: &mut CalendarEvent, before: &Plan) -> Result<(), AppError> {
    let details = &mut event.details;
    check_whole_days(details.all_day, &details.start, &details.end)?;
    match &details.recurrence {
        Some(recurrence) => {
            let first = recurrence
                .first()
                .ok_or_else(|| AppError::invalid("recurrence", "the range ends before the first occurrence"))?;
            let late = first.since(details.start.local.date()).ok();
            let later = |local: DateTime| late.and_then(|late| local.checked_add(late).ok());
            let (Some(start), Some(end)) = (later(details.start.local), later(details.end.local)) else {
                return Err(AppError::invalid("recurrence", "the first occurrence lies outside the calendar"));
            };
            (details.start.local, details.end.local) = (start, end);
            let mut moved = recurrence.clone();
            moved.start = first;
            check_range(&moved)?;
            details.cancelled_on.retain(|date| moved.falls_on(*date));
            details.exceptions.retain(|exception| moved.falls_on(exception.date));
            details.recurrence = Some(moved);
        }
        None => details.cancelled_on.clear(),
    }
    if Plan::of(details) != *before {
        details.exceptions.clear();
    }
    (event.starts_at, event.ends_at) = (details.start.instant(), details.end.instant());
    check(event)?;
    event.until_at = last_end(event);
    Ok(())
}

/// The end of the last occurrence, wherever it was moved; at least that of the last one of the pattern.
pub(super) fn last_end(event: &CalendarEvent) -> Micros {
    let planned = match &event.details.recurrence {
        None => event.ends_at,
        Some(recurrence) if recurrence.until == Until::Never => Micros::MAX,
        Some(recurrence) => recurrence
            .last()
            .map_or(event.ends_at, |date| occurrence::planned(event, date).ends_at),
    };
    let moved = event.details.exceptions.iter().filter_map(|exception| exception.times.as_ref());
    moved.map(|(_, end)| end.instant()).fold(planned, Micros::max)
}

fn check(event: &CalendarEvent) -> Result<(), AppError> {
    let details = &event.details;
    let longest = if details.recurrence.is_some() {
        MAX_OCCURRENCE
    } else {
        MAX_DURATION
    };
    check_times(details.all_day, &details.start, &details.end, longest)?;
    if details.attendees.len() > MAX_ATTENDEES {
        return Err(AppError::invalid(
            "attendees",
            format!("at most {MAX_ATTENDEES} attendees can be asked"),
        ));
    }
    check_body(&details.body)?;
    check_extra(&details.extra)
}

pub(super) fn check_subject(subject: Option<&str>) -> Result<(), AppError> {
    if subject.is_some_and(|subject| subject.len() > MAX_SUBJECT) {
        return Err(AppError::invalid("subject", format!("a subject has at most {MAX_SUBJECT} bytes")));
    }
    if subject.is_some_and(crate::text::has_control) {
        return Err(AppError::invalid("subject", "a subject has no control characters"));
    }
    Ok(())
}

/// A range ends in the years that calendars hold; later ends have no instant that an invitation could name.
fn check_range(recurrence: &Recurrence) -> Result<(), AppError> {
    let end = match recurrence.until {
        Until::Date { end } => Some(end),
        Until::Count { .. } | Until::Never => recurrence.last(),
    };
    if end.is_some_and(|end| end.year() > *YEARS.end()) {
        return Err(AppError::invalid(
            "recurrence",
            format!("a series ends in the year {} at the latest, or it has no end", YEARS.end()),
        ));
    }
    Ok(())
}

pub(super) fn check_body(body: &EventBody) -> Result<(), AppError> {
    if body.content.len() > MAX_BODY {
        return Err(AppError::invalid("body", format!("the body has at most {MAX_BODY} bytes")));
    }
    Ok(())
}

pub(super) fn check_extra(extra: &Map<String, Value>) -> Result<(), AppError> {
    let bytes = serde_json::to_string(extra).map_or(usize::MAX, |json| json.len());
    if bytes > MAX_EXTRA {
        return Err(AppError::invalid(
            "event",
            format!("further properties have at most {MAX_EXTRA} bytes"),
        ));
    }
    Ok(())
}

/// Start and end of an event or occurrence that lasts at most `longest`.
pub(super) fn check_times(all_day: bool, start: &EventTime, end: &EventTime, longest: Micros) -> Result<(), AppError> {
    check_whole_days(all_day, start, end)?;
    let year = |date: Date| YEARS.contains(&date.year());
    if !year(start.local.date()) || !year(end.local.date()) {
        return Err(AppError::invalid(
            "start",
            format!("an event lies between the years {} and {}", YEARS.start(), YEARS.end()),
        ));
    }
    let duration = end.instant().saturating_sub(start.instant());
    if duration < 0 || (all_day && duration == 0) {
        return Err(AppError::invalid("end", "the end lies before the start"));
    }
    if duration > longest {
        return Err(AppError::invalid(
            "end",
            format!("the event lasts longer than {} days", longest / DAY),
        ));
    }
    Ok(())
}

fn check_whole_days(all_day: bool, start: &EventTime, end: &EventTime) -> Result<(), AppError> {
    if all_day && !(start.is_midnight() && end.is_midnight() && start.zone == end.zone) {
        return Err(AppError::invalid(
            "isAllDay",
            "an event of whole days starts and ends at midnight of the same time zone",
        ));
    }
    Ok(())
}

/// Each address once, as it was named first.
pub(super) fn distinct(attendees: &[EventAttendee]) -> Vec<EventAttendee> {
    let mut seen = std::collections::HashSet::with_capacity(attendees.len());
    let first = |attendee: &&EventAttendee| seen.insert(attendee.address.to_ascii_lowercase());
    attendees.iter().filter(first).cloned().collect()
}

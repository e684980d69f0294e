//! The rules of a time zone as VTIMEZONE. Pure given the zone database.
//!
//! The clock changes around the beginning of the series give the rules. A change that comes back every year on the same weekday of the same month is
//! written as a yearly rule, checked against the next [`CHECKED_YEARS`]; changes that follow no such rule are written one by one for as long.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone, TimeZoneTransition};

use super::super::recurrence::Day;
use super::super::zone;
use super::lines::Lines;
use super::local;
use super::rules::name;
use crate::model::{CalendarEvent, EventTime};

const CHECKED_YEARS: i16 = 20;
/// Most clock changes that are looked at: two a year, with room for zones that change more often.
const MAX_CHANGES: usize = 4 * CHECKED_YEARS as usize;

/// A change of the clock.
struct Change {
    /// What the clock shows when it happens, before it is set.
    local: DateTime,
    from: Offset,
    to: Offset,
    summer: bool,
    abbreviation: String,
}

/// Writes the rules of the zone of `time`, as they are from the beginning of the event on. UTC needs none.
pub(super) fn write(out: &mut Lines, time: &EventTime, event: &CalendarEvent) {
    if time.zone == "UTC" {
        return;
    }
    let rules = zone::zone(&time.zone);
    let begin = Timestamp::from_microsecond(event.starts_at).unwrap_or(Timestamp::UNIX_EPOCH);
    let until = event
        .details
        .recurrence
        .as_ref()
        .map_or(i16::MAX, |recurrence| recurrence.start.year().saturating_add(CHECKED_YEARS));
    let changes = changes(&rules, begin, until);
    out.plain("BEGIN", "VTIMEZONE");
    out.plain("TZID", &time.zone);
    // What holds when the series begins.
    let now = rules.to_offset_info(begin);
    let begins_at = DateTime::constant(1601, 1, 1, 0, 0, 0, 0);
    component(
        out,
        now.dst().is_dst(),
        begins_at,
        now.offset(),
        now.offset(),
        now.abbreviation(),
        None,
    );
    let mut done = vec![false; changes.len()];
    for (index, change) in changes.iter().enumerate() {
        if done.get(index).copied().unwrap_or(true) {
            continue;
        }
        let same = |other: &Change| other.from == change.from && other.to == change.to && other.local.month() == change.local.month();
        let yearly: Vec<usize> = (index..changes.len())
            .filter(|other| changes.get(*other).is_some_and(same))
            .collect();
        let dates: Vec<DateTime> = yearly
            .iter()
            .filter_map(|other| changes.get(*other))
            .map(|change| change.local)
            .collect();
        let rule = yearly_rule(&dates, until);
        if rule.is_some() {
            yearly.iter().for_each(|other| {
                if let Some(done) = done.get_mut(*other) {
                    *done = true;
                }
            });
        }
        component(
            out,
            change.summer,
            change.local,
            change.from,
            change.to,
            &change.abbreviation,
            rule.as_deref(),
        );
    }
    out.plain("END", "VTIMEZONE");
}

fn changes(rules: &TimeZone, begin: Timestamp, until_year: i16) -> Vec<Change> {
    let mut from = rules.to_offset(begin);
    let mut changes = Vec::new();
    for transition in rules.following(begin).take(MAX_CHANGES) {
        let change = change(&transition, from);
        from = change.to;
        if change.local.year() > until_year {
            break;
        }
        // Only the name of the time changes then, not the clock.
        if change.from != change.to {
            changes.push(change);
        }
    }
    changes
}

fn change(transition: &TimeZoneTransition<'_>, from: Offset) -> Change {
    Change {
        local: from.to_datetime(transition.timestamp()),
        from,
        to: transition.offset(),
        summer: transition.dst().is_dst(),
        abbreviation: transition.abbreviation().to_owned(),
    }
}

fn component(out: &mut Lines, summer: bool, at: DateTime, from: Offset, to: Offset, abbreviation: &str, rule: Option<&str>) {
    let kind = if summer { "DAYLIGHT" } else { "STANDARD" };
    out.plain("BEGIN", kind);
    out.plain("DTSTART", &local(at));
    if let Some(rule) = rule {
        out.plain("RRULE", rule);
    }
    out.plain("TZOFFSETFROM", &offset(from));
    out.plain("TZOFFSETTO", &offset(to));
    out.text("TZNAME", abbreviation);
    out.plain("END", kind);
}

/// The yearly rule that gives these times, one a year without a gap up to `until_year`; nothing when there is none.
fn yearly_rule(times: &[DateTime], until_year: i16) -> Option<String> {
    let first = times.first()?;
    let complete = times.last()?.year() >= until_year.saturating_sub(1);
    let every_year = times
        .iter()
        .zip(first.year()..)
        .all(|(time, year)| time.year() == year && time.time() == first.time());
    if !complete || !every_year || times.len() < 2 {
        return None;
    }
    let day = Day::of(first.date());
    [1, 2, 3, 4, -1]
        .into_iter()
        .find(|index| times.iter().all(|time| is_nth(time.date(), day, *index)))
        .map(|index| format!("FREQ=YEARLY;BYMONTH={};BYDAY={index}{}", first.month(), name(day)))
}

/// Whether the date is the n-th (or last, -1) such weekday of its month.
fn is_nth(date: Date, day: Day, index: i8) -> bool {
    let fits = match index {
        -1 => date.day() > date.days_in_month().saturating_sub(7),
        index => (date.day() - 1) / 7 + 1 == index,
    };
    fits && Day::of(date) == day
}

/// `+0100`, with seconds when there are any.
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{rest:02}")
    }
}

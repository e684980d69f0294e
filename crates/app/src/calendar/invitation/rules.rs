//! A recurrence as the value of RRULE. Pure.

use super::super::occurrence;
use super::super::recurrence::{Day, Pattern, Recurrence, Until, WeekIndex};
use super::utc;
use crate::Micros;
use crate::model::CalendarEvent;

/// The rule of a series.
pub(super) fn of(recurrence: &Recurrence, event: &CalendarEvent) -> String {
    let mut parts = match &recurrence.pattern {
        Pattern::Daily => vec!["FREQ=DAILY".to_owned()],
        Pattern::Weekly { days, first_day } => vec![
            "FREQ=WEEKLY".to_owned(),
            format!("BYDAY={}", names(days)),
            format!("WKST={}", name(*first_day)),
        ],
        Pattern::AbsoluteMonthly { day } => vec!["FREQ=MONTHLY".to_owned(), day_of_month(*day)],
        Pattern::RelativeMonthly { days, index } => vec!["FREQ=MONTHLY".to_owned(), indexed(days, *index)],
        Pattern::AbsoluteYearly { month, day } => vec!["FREQ=YEARLY".to_owned(), day_of_year(*month, *day)],
        Pattern::RelativeYearly { month, days, index } => {
            vec!["FREQ=YEARLY".to_owned(), format!("BYMONTH={month}"), indexed(days, *index)]
        }
    };
    if recurrence.interval > 1 {
        parts.push(format!("INTERVAL={}", recurrence.interval));
    }
    match recurrence.until {
        Until::Never => {}
        Until::Count { count } => parts.push(format!("COUNT={count}")),
        Until::Date { end } => {
            let last = occurrence::planned(event, recurrence.last().unwrap_or(end));
            if event.details.all_day {
                parts.push(format!("UNTIL={}", last.date.strftime("%Y%m%d")));
            } else if last.starts_at < Micros::MAX {
                parts.push(format!("UNTIL={}", utc(last.starts_at)));
            }
            // Otherwise the end lies where no instant can be told, in an event that was kept before such ends were refused: as good as none.
        }
    }
    parts.join(";")
}

/// A day that not every month has stands for the last day of a shorter one. For the 31st that is the last day; the 29th and 30th are told by naming the
/// days before them, too.
fn day_of_month(day: i8) -> String {
    match day {
        31 => "BYMONTHDAY=-1".to_owned(),
        29 => "BYMONTHDAY=28,29;BYSETPOS=-1".to_owned(),
        30 => "BYMONTHDAY=28,29,30;BYSETPOS=-1".to_owned(),
        day => format!("BYMONTHDAY={day}"),
    }
}

/// In one month of the year the day is there every year, or it is the last day.
fn day_of_year(month: i8, day: i8) -> String {
    let shortest = match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let day = if day > shortest { -1 } else { day };
    format!("BYMONTH={month};BYMONTHDAY={day}")
}

fn indexed(days: &[Day], index: WeekIndex) -> String {
    let position = match index {
        WeekIndex::First => 1,
        WeekIndex::Second => 2,
        WeekIndex::Third => 3,
        WeekIndex::Fourth => 4,
        WeekIndex::Last => -1,
    };
    format!("BYDAY={};BYSETPOS={position}", names(days))
}

fn names(days: &[Day]) -> String {
    days.iter().map(|day| name(*day)).collect::<Vec<_>>().join(",")
}

pub(super) const fn name(day: Day) -> &'static str {
    match day {
        Day::Sunday => "SU",
        Day::Monday => "MO",
        Day::Tuesday => "TU",
        Day::Wednesday => "WE",
        Day::Thursday => "TH",
        Day::Friday => "FR",
        Day::Saturday => "SA",
    }
}

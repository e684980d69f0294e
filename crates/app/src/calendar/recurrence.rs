//! How an event repeats: the pattern, its range, and the dates that they give. Pure; dates only, since zones and times of day belong to the event.
//!
//! * Periods: a pattern is looked at period by period (day, week, month or year, every `interval`-th); each period gives its dates in order.
//! * A day that a month does not have is its last day, as calendars of this kind do it (the 31st in April is the 30th).
//! * Every period but the first, which may begin before the range, has as many dates as any other. So a counted range, too, is read from a date on
//!   without looking at what lies before: a member can have thousands of series in view.
//! * Bounds: [`MAX_COUNT`] occurrences of a counted range; a range without end is never read as a whole.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// Most occurrences of a range that counts them.
pub const MAX_COUNT: u32 = 999;
/// Most periods between two occurrences.
pub const MAX_INTERVAL: u16 = 999;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
}

/// Which of the days of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum WeekIndex {
    First,
    Second,
    Third,
    Fourth,
    Last,
}

/// On which days an event takes place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Pattern {
    /// Every day.
    Daily,
    /// On these days of the week; weeks begin with `first_day`.
    Weekly {
        /// At least one.
        days: Vec<Day>,
        /// Matters when the interval is more than one.
        first_day: Day,
    },
    /// On this day of the month.
    AbsoluteMonthly {
        /// 1 to 31.
        day: i8,
    },
    /// On the first (second, …) of these days of the month.
    RelativeMonthly {
        /// At least one.
        days: Vec<Day>,
        /// Which of them.
        index: WeekIndex,
    },
    /// On this day of this month.
    AbsoluteYearly {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// On the first (second, …) of these days of this month.
    RelativeYearly {
        /// 1 to 12.
        month: i8,
        /// At least one.
        days: Vec<Day>,
        /// Which of them.
        index: WeekIndex,
    },
}

/// How long it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Until {
    /// Up to and with this day.
    Date {
        /// The last day on which an occurrence may begin.
        end: Date,
    },
    /// For ever.
    Never,
    /// This many times.
    Count {
        /// 1 to [`MAX_COUNT`].
        count: u32,
    },
}

/// How an event repeats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recurrence {
    /// On which days.
    pub pattern: Pattern,
    /// Every how many days, weeks, months or years; 1 to [`MAX_INTERVAL`].
    pub interval: u16,
    /// The day of the first occurrence.
    pub start: Date,
    /// How long.
    pub until: Until,
    /// The zone of the range as the client named it.
    #[serde(default)]
    pub zone: Option<String>,
}

impl Recurrence {
    /// The dates on which an occurrence begins, in order, from this date on. Ends with the range; a range without end is as long as the calendar.
    pub fn dates_from(&self, from: Date) -> impl Iterator<Item = Date> + '_ {
        let first = self.period_before(from);
        let count = match self.until {
            Until::Count { count } => (count as usize).saturating_sub(self.dates_before(first)),
            Until::Date { .. } | Until::Never => usize::MAX,
        };
        let last = match self.until {
            Until::Date { end } => end,
            Until::Never | Until::Count { .. } => Date::MAX,
        };
        (first..)
            .map_while(|period| self.dates_of(period))
            .flatten()
            .skip_while(|date| *date < self.start)
            .take(count)
            .take_while(move |date| *date <= last)
            .skip_while(move |date| *date < from)
    }

    /// The first date of all; nothing when the range ends before there is one.
    #[must_use]
    pub fn first(&self) -> Option<Date> {
        self.dates_from(self.start).next()
    }

    /// The last date of all; nothing when it goes on for ever or there is none.
    #[must_use]
    pub fn last(&self) -> Option<Date> {
        match self.until {
            Until::Never => None,
            Until::Count { .. } => self.dates_from(self.start).last(),
            Until::Date { end } => {
                // The end may lie anywhere behind the last occurrence, but not further than one turn of the pattern.
                let turns = [1, 2].into_iter().filter_map(|turns| self.turns_before(end, turns));
                turns.chain([self.start]).find_map(|from| self.dates_from(from).last())
            }
        }
    }

    /// Whether an occurrence begins on this date.
    #[must_use]
    pub fn falls_on(&self, date: Date) -> bool {
        self.dates_from(date).next() == Some(date)
    }

    fn turns_before(&self, end: Date, turns: i64) -> Option<Date> {
        let span = i64::from(self.interval).saturating_mul(turns);
        let back = match self.pattern {
            Pattern::Daily => end.checked_sub(span.days()),
            Pattern::Weekly { .. } => end.checked_sub(span.weeks()),
            Pattern::AbsoluteMonthly { .. } | Pattern::RelativeMonthly { .. } => end.checked_sub(span.months()),
            Pattern::AbsoluteYearly { .. } | Pattern::RelativeYearly { .. } => end.checked_sub(span.years()),
        };
        back.ok().filter(|date| *date > self.start)
    }

    /// A period that begins on or before the date, at most two periods before it.
    fn period_before(&self, date: Date) -> i64 {
        let days = date.duration_since(self.start).as_hours().div_euclid(24);
        let months = (i64::from(date.year()) - i64::from(self.start.year()))
            .saturating_mul(12)
            .saturating_add(i64::from(date.month()) - i64::from(self.start.month()));
        let units = match self.pattern {
            Pattern::Daily => days,
            Pattern::Weekly { .. } => days.div_euclid(7),
            Pattern::AbsoluteMonthly { .. } | Pattern::RelativeMonthly { .. } => months,
            Pattern::AbsoluteYearly { .. } | Pattern::RelativeYearly { .. } => months.div_euclid(12),
        };
        units.div_euclid(i64::from(self.interval.max(1))).saturating_sub(1).max(0)
    }

    /// How many dates lie in the periods before this one.
    fn dates_before(&self, period: i64) -> usize {
        let Some(whole) = usize::try_from(period).ok().and_then(|period| period.checked_sub(1)) else {
            return 0;
        };
        let begun = self.dates_of(0).unwrap_or_default();
        let begun = begun.iter().filter(|date| **date >= self.start).count();
        let each = match &self.pattern {
            Pattern::Weekly { days, .. } => Day::ALL.iter().filter(|day| days.contains(day)).count(),
            // Every month has each day of the week four times at least.
            Pattern::RelativeMonthly { days, .. } | Pattern::RelativeYearly { days, .. } => usize::from(!days.is_empty()),
            Pattern::Daily | Pattern::AbsoluteMonthly { .. } | Pattern::AbsoluteYearly { .. } => 1,
        };
        each.saturating_mul(whole).saturating_add(begun)
    }

    /// The dates of a period in order; nothing beyond the end of the calendar.
    fn dates_of(&self, period: i64) -> Option<Vec<Date>> {
        let units = period.checked_mul(i64::from(self.interval.max(1)))?;
        match &self.pattern {
            Pattern::Daily => Some(vec![self.start.checked_add(units.try_days()?).ok()?]),
            Pattern::Weekly { days, first_day } => {
                let week = week_of(self.start, *first_day)?.checked_add(units.try_weeks()?).ok()?;
                let dates = (0..7_i64).map(|offset| week.checked_add(offset.days()));
                let dates: Vec<Date> = dates.collect::<Result<_, _>>().ok()?;
                Some(dates.into_iter().filter(|date| falls_on_one_of(*date, days)).collect())
            }
            Pattern::AbsoluteMonthly { day } => {
                let month = self.start.first_of_month().checked_add(units.try_months()?).ok()?;
                Some(vec![day_of_month(month, *day)?])
            }
            Pattern::RelativeMonthly { days, index } => {
                let month = self.start.first_of_month().checked_add(units.try_months()?).ok()?;
                Some(indexed(month, days, *index).into_iter().collect())
            }
            Pattern::AbsoluteYearly { month, day } => {
                let month = self.month_of_year(units, *month)?;
                Some(vec![day_of_month(month, *day)?])
            }
            Pattern::RelativeYearly { month, days, index } => {
                let month = self.month_of_year(units, *month)?;
                Some(indexed(month, days, *index).into_iter().collect())
            }
        }
    }

    fn month_of_year(&self, years: i64, month: i8) -> Option<Date> {
        let year = i64::from(self.start.year()).checked_add(years)?;
        Date::new(i16::try_from(year).ok()?, month, 1).ok()
    }
}

/// Spans that may be too long for the calendar.
trait TrySpan {
    fn try_days(self) -> Option<jiff::Span>;
    fn try_weeks(self) -> Option<jiff::Span>;
    fn try_months(self) -> Option<jiff::Span>;
}

impl TrySpan for i64 {
    fn try_days(self) -> Option<jiff::Span> {
        jiff::Span::new().try_days(self).ok()
    }
    fn try_weeks(self) -> Option<jiff::Span> {
        jiff::Span::new().try_weeks(self).ok()
    }
    fn try_months(self) -> Option<jiff::Span> {
        jiff::Span::new().try_months(self).ok()
    }
}

impl Day {
    /// Every day, from Sunday.
    pub const ALL: [Self; 7] = [
        Self::Sunday,
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
    ];

    /// The day of a date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        match date.weekday() {
            Weekday::Sunday => Self::Sunday,
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
        }
    }

    /// 0 for Sunday to 6 for Saturday.
    const fn number(self) -> i64 {
        self as i64
    }
}

fn falls_on_one_of(date: Date, days: &[Day]) -> bool {
    days.contains(&Day::of(date))
}

/// The first day of the week in which the date lies.
fn week_of(date: Date, first_day: Day) -> Option<Date> {
    let behind = (Day::of(date).number() - first_day.number()).rem_euclid(7);
    date.checked_sub(behind.days()).ok()
}

/// This day of the month that begins with `first`, or its last day.
fn day_of_month(first: Date, day: i8) -> Option<Date> {
    first.with().day(day.clamp(1, first.days_in_month())).build().ok()
}

/// The first (second, …, last) of these days in the month that begins with `first`.
fn indexed(first: Date, days: &[Day], index: WeekIndex) -> Option<Date> {
    let mut fitting = (1..=first.days_in_month())
        .filter_map(|day| first.with().day(day).build().ok())
        .filter(|date| falls_on_one_of(*date, days));
    match index {
        WeekIndex::First => fitting.next(),
        WeekIndex::Second => fitting.nth(1),
        WeekIndex::Third => fitting.nth(2),
        WeekIndex::Fourth => fitting.nth(3),
        WeekIndex::Last => fitting.next_back(),
    }
}

#[cfg(test)]
mod tests;

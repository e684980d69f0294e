//! The dates of every pattern, where months are short and where one begins to look; a property test keeps looking and reading alike.

use proptest::prelude::*;

use super::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn rule(pattern: Pattern, interval: u16, start: &str, until: Until) -> Recurrence {
    Recurrence {
        pattern,
        interval,
        start: date(start),
        until,
        zone: None,
    }
}

fn first(recurrence: &Recurrence, from: &str, count: usize) -> Vec<String> {
    recurrence.dates_from(date(from)).take(count).map(|date| date.to_string()).collect()
}

const WEEKDAYS: [Day; 5] = [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday];

#[test]
fn every_third_day_ends_with_its_last_day() {
    let every_third = rule(Pattern::Daily, 3, "2026-02-26", Until::Date { end: date("2026-03-04") });
    assert_eq!(first(&every_third, "2026-01-01", 9), ["2026-02-26", "2026-03-01", "2026-03-04"]);
    assert_eq!(first(&every_third, "2026-03-02", 9), ["2026-03-04"]);
    assert_eq!(every_third.last(), Some(date("2026-03-04")));
    assert!(every_third.falls_on(date("2026-03-01")) && !every_third.falls_on(date("2026-03-02")));
}

#[test]
fn every_second_week_depends_on_the_day_with_which_weeks_begin() {
    let days = vec![Day::Sunday, Day::Tuesday];
    let weekly = |first_day| {
        let days = days.clone();
        rule(Pattern::Weekly { days, first_day }, 2, "2026-12-01", Until::Count { count: 4 })
    };
    assert_eq!(
        first(&weekly(Day::Monday), "2026-01-01", 9),
        ["2026-12-01", "2026-12-06", "2026-12-15", "2026-12-20"]
    );
    assert_eq!(
        first(&weekly(Day::Sunday), "2026-01-01", 9),
        ["2026-12-01", "2026-12-13", "2026-12-15", "2026-12-27"]
    );
}

#[test]
fn a_count_counts_from_the_first_occurrence_wherever_one_looks() {
    let counted = rule(Pattern::Daily, 1, "2026-12-01", Until::Count { count: 5 });
    assert_eq!(first(&counted, "2026-12-04", 9), ["2026-12-04", "2026-12-05"]);
    assert_eq!(counted.last(), Some(date("2026-12-05")));
}

#[test]
fn the_thirty_first_is_the_last_day_of_a_shorter_month() {
    let monthly = rule(Pattern::AbsoluteMonthly { day: 31 }, 1, "2027-01-31", Until::Never);
    assert_eq!(
        first(&monthly, "2027-01-01", 4),
        ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    );
    let leap = rule(Pattern::AbsoluteYearly { month: 2, day: 29 }, 1, "2028-02-29", Until::Never);
    assert_eq!(first(&leap, "2028-01-01", 2), ["2028-02-29", "2029-02-28"]);
    assert_eq!(monthly.last(), None);
}

#[test]
fn relative_patterns_take_the_day_of_that_number() {
    let second_tuesday = Pattern::RelativeMonthly {
        days: vec![Day::Tuesday],
        index: WeekIndex::Second,
    };
    assert_eq!(
        first(&rule(second_tuesday, 1, "2026-12-01", Until::Never), "2026-12-01", 3),
        ["2026-12-08", "2027-01-12", "2027-02-09"]
    );
    let last_workday = Pattern::RelativeMonthly {
        days: WEEKDAYS.to_vec(),
        index: WeekIndex::Last,
    };
    assert_eq!(
        first(&rule(last_workday, 3, "2026-10-30", Until::Never), "2026-11-01", 2),
        ["2027-01-29", "2027-04-30"]
    );
    let thanksgiving = Pattern::RelativeYearly {
        month: 11,
        days: vec![Day::Thursday],
        index: WeekIndex::Fourth,
    };
    assert_eq!(
        first(&rule(thanksgiving, 1, "2026-11-26", Until::Never), "2027-01-01", 2),
        ["2027-11-25", "2028-11-23"]
    );
}

#[test]
fn a_pattern_that_misses_its_start_begins_with_the_next_fitting_day() {
    let mondays = Pattern::Weekly {
        days: vec![Day::Monday],
        first_day: Day::Sunday,
    };
    assert_eq!(
        rule(mondays.clone(), 1, "2026-12-01", Until::Never).first(),
        Some(date("2026-12-07"))
    );
    let nothing = rule(mondays, 1, "2026-12-01", Until::Date { end: date("2026-12-06") });
    assert_eq!((nothing.first(), nothing.last()), (None, None));
}

#[test]
fn the_end_of_the_calendar_ends_a_range_without_end() {
    let daily = rule(Pattern::Daily, 1, "9999-12-30", Until::Never);
    assert_eq!(first(&daily, "9999-12-30", 9).len(), 2);
    let yearly = rule(Pattern::AbsoluteYearly { month: 12, day: 31 }, 999, "9000-12-31", Until::Never);
    assert_eq!(first(&yearly, "9000-01-01", 9), ["9000-12-31", "9999-12-31"]);
}

/// Counting every occurrence before each of the dates would not end within the patience of anybody.
#[test]
fn a_counted_range_is_looked_at_late_without_counting_from_its_beginning() {
    let ages = rule(Pattern::Daily, 1, "0001-01-01", Until::Count { count: 3_650_000 });
    let late = date("9990-01-01");
    let falls = (0..10_000).filter(|days: &i64| ages.falls_on(late.checked_add((*days % 1461).days()).unwrap()));
    assert_eq!(falls.count(), 10_000);
    let ended = rule(Pattern::Daily, 1, "0001-01-01", Until::Count { count: 3_000_000 });
    assert!((0..10_000).all(|_| !ended.falls_on(late)), "it is over by then");
}

fn patterns() -> impl Strategy<Value = Pattern> {
    let days = || proptest::sample::subsequence(Day::ALL.to_vec(), 1..=7);
    let index = || {
        proptest::sample::select(vec![
            WeekIndex::First,
            WeekIndex::Second,
            WeekIndex::Third,
            WeekIndex::Fourth,
            WeekIndex::Last,
        ])
    };
    prop_oneof![
        Just(Pattern::Daily),
        (days(), proptest::sample::select(Day::ALL.to_vec())).prop_map(|(days, first_day)| Pattern::Weekly { days, first_day }),
        (1i8..=31).prop_map(|day| Pattern::AbsoluteMonthly { day }),
        (days(), index()).prop_map(|(days, index)| Pattern::RelativeMonthly { days, index }),
        (1i8..=12, 1i8..=31).prop_map(|(month, day)| Pattern::AbsoluteYearly { month, day }),
        (1i8..=12, days(), index()).prop_map(|(month, days, index)| Pattern::RelativeYearly { month, days, index }),
    ]
}

proptest! {
    /// Looking from a date on finds what reading from the beginning finds, in order and each once.
    #[test]
    fn looking_from_a_date_skips_nothing_and_repeats_nothing(
        pattern in patterns(), interval in 1u16..=14, start in 0i64..2000, jump in 0i64..4000, counted in any::<bool>(),
    ) {
        let origin = date("2024-01-01");
        let until = if counted { Until::Count { count: 40 } } else { Until::Date { end: date("2036-05-06") } };
        let recurrence = Recurrence { pattern, interval, start: origin.checked_add(start.days()).unwrap(), until, zone: None };
        let from = origin.checked_add(jump.days()).unwrap();
        let all: Vec<Date> = recurrence.dates_from(recurrence.start).collect();
        prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        let later: Vec<Date> = recurrence.dates_from(from).collect();
        let expected: Vec<Date> = all.iter().copied().filter(|date| *date >= from).collect();
        prop_assert_eq!(later, expected);
        prop_assert_eq!(recurrence.first(), all.first().copied());
        prop_assert_eq!(recurrence.last(), all.last().copied());
    }
}

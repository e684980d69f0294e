//! How an event repeats, between this API and the house. A pattern that was read somewhere carries the members of every kind, empty or zero; only
//! those of its own kind are looked at.

use app::{
    calendar::{
        recurrence::{Day, MAX_COUNT, MAX_INTERVAL, Pattern, Recurrence, Until, WeekIndex},
        zone,
    },
    model::EventTime,
};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::error::GraphError;

const DAYS: [(Day, &str); 7] = [
    (Day::Sunday, "sunday"),
    (Day::Monday, "monday"),
    (Day::Tuesday, "tuesday"),
    (Day::Wednesday, "wednesday"),
    (Day::Thursday, "thursday"),
    (Day::Friday, "friday"),
    (Day::Saturday, "saturday"),
];
const INDEXES: [(WeekIndex, &str); 5] = [
    (WeekIndex::First, "first"),
    (WeekIndex::Second, "second"),
    (WeekIndex::Third, "third"),
    (WeekIndex::Fourth, "fourth"),
    (WeekIndex::Last, "last"),
];

/// Reads a recurrence; `start` is the day on which the event starts, when the same body says it.
pub(super) fn parse(value: &Value, start: Option<Date>) -> Result<Recurrence, GraphError> {
    let part = |name: &'static str| value.get(name).filter(|part| part.is_object()).ok_or(name);
    let pattern = part("pattern").map_err(|name| wrong(name, "an object with type and interval"))?;
    let range = part("range").map_err(|name| wrong(name, "an object with type and startDate"))?;
    let interval = number(pattern, "interval", 1..=i64::from(MAX_INTERVAL))?;
    Ok(Recurrence {
        pattern: pattern_of(pattern)?,
        interval: u16::try_from(interval).unwrap_or(1),
        start: match date(range, "startDate")? {
            Some(given) => given,
            None => start.ok_or_else(|| wrong("range/startDate", "the day on which the event starts, such as 2026-11-22"))?,
        },
        until: until_of(range)?,
        zone: match range
            .get("recurrenceTimeZone")
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty())
        {
            Some(name) if zone::iana_name(name).is_some() => Some(name.to_owned()),
            Some(_) => return Err(wrong("range/recurrenceTimeZone", "a time zone")),
            None => None,
        },
    })
}

fn pattern_of(pattern: &Value) -> Result<Pattern, GraphError> {
    Ok(match word(pattern, "type").unwrap_or_default().as_str() {
        "daily" => Pattern::Daily,
        "weekly" => Pattern::Weekly {
            days: days(pattern)?,
            first_day: match word(pattern, "firstDayOfWeek") {
                Some(name) => day(&name).ok_or_else(|| wrong("pattern/firstDayOfWeek", "a day of the week"))?,
                None => Day::Sunday,
            },
        },
        "absolutemonthly" => Pattern::AbsoluteMonthly {
            day: small(pattern, "dayOfMonth", 31)?,
        },
        "relativemonthly" => Pattern::RelativeMonthly {
            days: days(pattern)?,
            index: index(pattern)?,
        },
        "absoluteyearly" => Pattern::AbsoluteYearly {
            month: small(pattern, "month", 12)?,
            day: small(pattern, "dayOfMonth", 31)?,
        },
        "relativeyearly" => Pattern::RelativeYearly {
            month: small(pattern, "month", 12)?,
            days: days(pattern)?,
            index: index(pattern)?,
        },
        _ => {
            return Err(wrong(
                "pattern/type",
                "one of daily, weekly, absoluteMonthly, relativeMonthly, absoluteYearly, relativeYearly",
            ));
        }
    })
}

fn until_of(range: &Value) -> Result<Until, GraphError> {
    Ok(match word(range, "type").unwrap_or_default().as_str() {
        "enddate" => Until::Date {
            end: date(range, "endDate")?.ok_or_else(|| wrong("range/endDate", "a day such as 2026-11-22"))?,
        },
        "noend" => Until::Never,
        "numbered" => Until::Count {
            count: u32::try_from(number(range, "numberOfOccurrences", 1..=i64::from(MAX_COUNT))?).unwrap_or(1),
        },
        _ => return Err(wrong("range/type", "one of endDate, noEnd, numbered")),
    })
}

/// The object of a recurrence, with every member.
pub(super) fn render(recurrence: &Recurrence, start: &EventTime) -> Value {
    let (kind, month, day_of_month, days, index, first_day) = match &recurrence.pattern {
        Pattern::Daily => ("daily", 0, 0, &[][..], WeekIndex::First, Day::Sunday),
        Pattern::Weekly { days, first_day } => ("weekly", 0, 0, &days[..], WeekIndex::First, *first_day),
        Pattern::AbsoluteMonthly { day } => ("absoluteMonthly", 0, *day, &[][..], WeekIndex::First, Day::Sunday),
        Pattern::RelativeMonthly { days, index } => ("relativeMonthly", 0, 0, &days[..], *index, Day::Sunday),
        Pattern::AbsoluteYearly { month, day } => ("absoluteYearly", *month, *day, &[][..], WeekIndex::First, Day::Sunday),
        Pattern::RelativeYearly { month, days, index } => ("relativeYearly", *month, 0, &days[..], *index, Day::Sunday),
    };
    let (range, end, count) = match recurrence.until {
        Until::Date { end } => ("endDate", end.to_string(), 0),
        Until::Never => ("noEnd", "0001-01-01".to_owned(), 0),
        Until::Count { count } => ("numbered", "0001-01-01".to_owned(), count),
    };
    let names: Vec<&str> = days.iter().map(|day| name_of(&DAYS, *day)).collect();
    json!({
        "pattern": {
            "type": kind, "interval": recurrence.interval, "month": month, "dayOfMonth": day_of_month, "daysOfWeek": names,
            "firstDayOfWeek": name_of(&DAYS, first_day), "index": name_of(&INDEXES, index),
        },
        "range": {
            "type": range, "startDate": recurrence.start.to_string(), "endDate": end, "numberOfOccurrences": count,
            "recurrenceTimeZone": recurrence.zone.as_deref().unwrap_or(&start.named),
        },
    })
}

fn name_of<T: Copy + PartialEq>(names: &[(T, &'static str)], value: T) -> &'static str {
    names.iter().find(|(known, _)| *known == value).map_or("", |(_, name)| name)
}

fn wrong(name: &str, what: &str) -> GraphError {
    GraphError::invalid(format!("recurrence/{name}"), format!("recurrence/{name} must be {what}"))
}

fn word(object: &Value, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_ascii_lowercase)
}

fn day(name: &str) -> Option<Day> {
    DAYS.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(day, _)| *day)
}

fn days(pattern: &Value) -> Result<Vec<Day>, GraphError> {
    let list = pattern.get("daysOfWeek").and_then(Value::as_array);
    let named: Option<Vec<Day>> = list.into_iter().flatten().take(8).map(|item| day(item.as_str()?)).collect();
    let mut named = named.unwrap_or_default();
    // In the order of the week, each once.
    named.sort_by_key(|day| Day::ALL.iter().position(|known| known == day));
    named.dedup();
    if named.is_empty() {
        return Err(wrong("pattern/daysOfWeek", "a list of days of the week, at least one"));
    }
    Ok(named)
}

fn index(pattern: &Value) -> Result<WeekIndex, GraphError> {
    let Some(name) = word(pattern, "index") else {
        return Ok(WeekIndex::First);
    };
    let known = INDEXES.iter().find(|(_, known)| *known == name);
    known
        .map(|(index, _)| *index)
        .ok_or_else(|| wrong("pattern/index", "one of first, second, third, fourth, last"))
}

fn small(pattern: &Value, name: &str, largest: i8) -> Result<i8, GraphError> {
    let value = pattern.get(name).and_then(Value::as_i64).unwrap_or_default();
    i8::try_from(value)
        .ok()
        .filter(|value| (1..=largest).contains(value))
        .ok_or_else(|| wrong(&format!("pattern/{name}"), &format!("a number between 1 and {largest}")))
}

fn number(object: &Value, name: &str, range: std::ops::RangeInclusive<i64>) -> Result<i64, GraphError> {
    let value = object.get(name).and_then(Value::as_i64).filter(|value| range.contains(value));
    let place = if name == "interval" {
        "pattern/interval"
    } else {
        "range/numberOfOccurrences"
    };
    value.ok_or_else(|| wrong(place, &format!("a number between {} and {}", range.start(), range.end())))
}

/// A day; nothing when it is missing, null, or the year 1, which stands for nothing.
fn date(range: &Value, name: &str) -> Result<Option<Date>, GraphError> {
    let text = match range.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value.as_str().unwrap_or_default(),
    };
    // Some clients send a time with it.
    let day: Date = text
        .get(..10)
        .and_then(|day| day.parse().ok())
        .ok_or_else(|| wrong(&format!("range/{name}"), "a day such as 2026-11-22"))?;
    Ok(Some(day).filter(|day| day.year() > 1))
}

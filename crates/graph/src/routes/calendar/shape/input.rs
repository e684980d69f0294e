//! An event as a client sends it, read and checked property by property. The rules are those of meetings (`crate::shape::input`): what is absent is not
//! touched, annotations and server-set properties are passed over, unknown names are refused.

use app::{
    calendar::{EventChanges, zone},
    model::{AttendeeKind, EventAttendee, EventBody, EventTime},
};
use jiff::{Timestamp, civil::DateTime};
use serde_json::{Map, Value};

use super::recurrence;
use crate::{
    error::GraphError,
    routes::calendar::calendars::PROVIDER,
    shape::property::{Kind, check},
};

/// More attendees than this are not read.
const MAX_ATTENDEES: usize = 500;
/// Characters of a name.
const MAX_NAME: usize = 256;
const MAX_CATEGORIES: usize = 25;
/// Four weeks and more: no reminder lies further ahead.
const MAX_REMINDER: i64 = 60 * 24 * 366;

/// Properties that are kept as they are, and what they may hold.
const KEPT: &[(&str, Kind)] = &[
    ("importance", Kind::OneOf(&["low", "normal", "high"])),
    ("sensitivity", Kind::OneOf(&["normal", "personal", "private", "confidential"])),
    (
        "showAs",
        Kind::OneOf(&["free", "tentative", "busy", "oof", "workingElsewhere", "unknown"]),
    ),
    ("categories", Kind::Texts),
    ("isReminderOn", Kind::Bool),
    ("responseRequested", Kind::Bool),
    ("allowNewTimeProposals", Kind::Bool),
];

const LOCATION: &[(&str, Kind)] = &[
    ("displayName", Kind::Text),
    ("locationEmailAddress", Kind::Text),
    ("locationUri", Kind::Text),
    (
        "locationType",
        Kind::OneOf(&[
            "default",
            "conferenceRoom",
            "homeAddress",
            "businessAddress",
            "geoCoordinates",
            "streetAddress",
            "hotel",
            "restaurant",
            "localBusiness",
            "postalAddress",
        ]),
    ),
    ("uniqueId", Kind::Text),
    (
        "uniqueIdType",
        Kind::OneOf(&["unknown", "locationStore", "directory", "private", "bing"]),
    ),
    (
        "address",
        Kind::Object(&[
            ("street", Kind::Text),
            ("city", Kind::Text),
            ("state", Kind::Text),
            ("countryOrRegion", Kind::Text),
            ("postalCode", Kind::Text),
        ]),
    ),
];

/// Server-set properties: a client may send back what it read.
const PASSED_OVER: &[&str] = &[
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "originalStart",
    "iCalUId",
    "uid",
    "hasAttachments",
    "bodyPreview",
    "isCancelled",
    "isOrganizer",
    "isDraft",
    "seriesMasterId",
    "occurrenceId",
    "type",
    "webLink",
    "onlineMeetingUrl",
    "onlineMeeting",
    "organizer",
    "responseStatus",
    "cancelledOccurrences",
    "exceptionOccurrences",
    "instances",
    "calendar",
];

/// Lists that other servers keep and this one does not: an empty one is passed over.
const NOT_SERVED: &[&str] = &[
    "attachments",
    "extensions",
    "singleValueExtendedProperties",
    "multiValueExtendedProperties",
];

/// Reads the body of a request.
pub(in crate::routes::calendar) fn parse(body: &[u8], new: bool) -> Result<EventChanges, GraphError> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| GraphError::BadRequest(format!("The body must be one JSON object; reading it failed: {error}")))?;
    let Value::Object(members) = value else {
        return Err(GraphError::BadRequest("The body must be one JSON object".to_owned()));
    };
    // The day of the start completes a range, whatever the order of the members.
    let start = members.get("start").map(|value| moment("start", value)).transpose()?.flatten();
    let mut changes = EventChanges {
        start,
        ..EventChanges::default()
    };
    for (name, value) in members.iter().filter(|(name, _)| !name.contains('@')) {
        take(&mut changes, name, value)?;
    }
    check_provider(&members, &changes, new)?;
    Ok(changes)
}

fn take(changes: &mut EventChanges, name: &str, value: &Value) -> Result<(), GraphError> {
    match name {
        "subject" => changes.subject = Some(text(name, value)?),
        "start" => {}
        "end" => changes.end = moment(name, value)?,
        "isAllDay" => changes.all_day = flag(name, value)?,
        "hideAttendees" => changes.hide_attendees = flag(name, value)?,
        "isOnlineMeeting" => changes.online = flag(name, value)?,
        "transactionId" => changes.transaction_id = text(name, value)?,
        // Looked at afterwards, with the rest.
        "onlineMeetingProvider" => {}
        "body" => changes.body = Some(written(value)?),
        "attendees" => changes.attendees = Some(attendees(value)?),
        "recurrence" => {
            changes.recurrence = Some(match value {
                Value::Null => None,
                value => Some(recurrence::parse(value, changes.start.as_ref().map(|start| start.local.date()))?),
            });
        }
        "reminderMinutesBeforeStart" => {
            let minutes = value.as_i64().filter(|minutes| (0..=MAX_REMINDER).contains(minutes));
            let minutes = minutes.ok_or_else(|| wrong(name, &format!("a number of minutes between 0 and {MAX_REMINDER}")))?;
            changes.extra.insert(name.to_owned(), minutes.into());
        }
        "location" => {
            changes.extra.insert(name.to_owned(), location(name, value)?);
        }
        "locations" => {
            let items = value.as_array().filter(|items| items.len() <= MAX_CATEGORIES);
            let items = items.ok_or_else(|| wrong(name, &format!("a list of at most {MAX_CATEGORIES} places")))?;
            let places: Vec<Value> = items.iter().map(|item| location(name, item)).collect::<Result<_, _>>()?;
            changes.extra.insert(name.to_owned(), places.into());
        }
        _ if PASSED_OVER.contains(&name) => {}
        _ if NOT_SERVED.contains(&name) => {
            if value.as_array().is_some_and(|items| !items.is_empty()) {
                return Err(wrong(name, "empty: this server does not keep them"));
            }
        }
        _ => match KEPT.iter().find(|(known, _)| *known == name) {
            Some((_, kind)) => {
                let value = check(name, *kind, value)?;
                changes.extra.insert(name.to_owned(), value);
            }
            None => return Err(GraphError::invalid(name, format!("{name} is not a property of an event"))),
        },
    }
    Ok(())
}

/// A new online meeting is one of ours; of a meeting that is there the provider is passed over like everything about it.
fn check_provider(members: &Map<String, Value>, changes: &EventChanges, new: bool) -> Result<(), GraphError> {
    const NAMES: [&str; 4] = ["unknown", PROVIDER, "skypeForBusiness", "skypeForConsumer"];
    let provider = match members.get("onlineMeetingProvider") {
        None | Some(Value::Null) => return Ok(()),
        Some(value) => value.as_str().unwrap_or_default(),
    };
    if !NAMES.contains(&provider) {
        return Err(wrong("onlineMeetingProvider", &format!("one of {}", NAMES.join(", "))));
    }
    if new && changes.online == Some(true) && !["unknown", PROVIDER].contains(&provider) {
        return Err(wrong(
            "onlineMeetingProvider",
            &format!("{PROVIDER}, the only provider that the calendar allows"),
        ));
    }
    Ok(())
}

fn wrong(name: &str, what: &str) -> GraphError {
    GraphError::invalid(name, format!("{name} must be {what}"))
}

fn text(name: &str, value: &Value) -> Result<Option<String>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(wrong(name, "a text")),
    }
}

fn flag(name: &str, value: &Value) -> Result<Option<bool>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(*flag)),
        _ => Err(wrong(name, "true or false")),
    }
}

/// `{dateTime, timeZone}`. A time with an offset of its own is that instant, shown in the zone.
fn moment(name: &str, value: &Value) -> Result<Option<EventTime>, GraphError> {
    if value.is_null() {
        return Ok(None);
    }
    let zone_name = match value.get("timeZone") {
        None | Some(Value::Null) => "UTC",
        Some(zone) => zone.as_str().unwrap_or_default(),
    };
    let given = value.get("dateTime").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let unknown = || {
        let place = format!("{name}/timeZone");
        let message = format!("{place} must be a time zone such as \"Europe/Berlin\", \"Pacific Standard Time\" or \"UTC\"");
        GraphError::invalid(place, message)
    };
    let iana = zone::iana_name(zone_name).ok_or_else(unknown)?;
    let local = match (given.parse::<Timestamp>(), given.parse::<DateTime>()) {
        (Ok(instant), _) => instant.to_zoned(zone::zone(&iana)).datetime(),
        (_, Ok(local)) => local,
        _ => {
            let place = format!("{name}/dateTime");
            let message = format!("{place} must be a time such as 2026-11-22T12:00:00");
            return Err(GraphError::invalid(place, message));
        }
    };
    EventTime::new(local, zone_name).map(Some).ok_or_else(unknown)
}

fn written(value: &Value) -> Result<EventBody, GraphError> {
    if value.is_null() {
        return Ok(EventBody::default());
    }
    let kind = value
        .get("contentType")
        .and_then(Value::as_str)
        .unwrap_or("text")
        .to_ascii_lowercase();
    let content = match value.get("content") {
        None | Some(Value::Null) => Some(""),
        Some(content) => content.as_str(),
    };
    match (kind.as_str(), content, value.is_object()) {
        ("html" | "text", Some(content), true) => Ok(EventBody {
            html: kind == "html",
            content: content.to_owned(),
        }),
        _ => Err(wrong("body", "an object with contentType (text or html) and content")),
    }
}

fn attendees(value: &Value) -> Result<Vec<EventAttendee>, GraphError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) if items.len() <= MAX_ATTENDEES => items.iter().map(attendee).collect(),
        _ => Err(wrong("attendees", &format!("a list of at most {MAX_ATTENDEES} people"))),
    }
}

fn attendee(item: &Value) -> Result<EventAttendee, GraphError> {
    let address = item
        .pointer("/emailAddress/address")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim();
    if !EventAttendee::is_address(address) {
        return Err(wrong("attendees/emailAddress/address", "a mail address"));
    }
    let name = match item.pointer("/emailAddress/name") {
        None | Some(Value::Null) => None,
        // Who has no name is shown under the address; sent back, that is no name either.
        Some(Value::String(name)) if name.chars().count() <= MAX_NAME => {
            Some(name.clone()).filter(|name| !name.is_empty() && name.as_str() != address)
        }
        Some(_) => {
            return Err(wrong(
                "attendees/emailAddress/name",
                &format!("a text of at most {MAX_NAME} characters"),
            ));
        }
    };
    let kind = match item.get("type") {
        None | Some(Value::Null) => AttendeeKind::Required,
        Some(kind) => match kind.as_str() {
            Some("required") => AttendeeKind::Required,
            Some("optional") => AttendeeKind::Optional,
            Some("resource") => AttendeeKind::Resource,
            _ => return Err(wrong("attendees/type", "one of required, optional, resource")),
        },
    };
    Ok(EventAttendee {
        address: address.to_owned(),
        name,
        kind,
    })
}

/// A place. Coordinates are numbers, which the common checks do not know.
fn location(path: &str, value: &Value) -> Result<Value, GraphError> {
    let Value::Object(members) = value else {
        return if value.is_null() {
            Ok(Value::Null)
        } else {
            Err(wrong(path, "an object"))
        };
    };
    let mut rest = members.clone();
    let coordinates = rest.remove("coordinates").unwrap_or(Value::Null);
    let mut kept = check(path, Kind::Object(LOCATION), &Value::Object(rest))?;
    let path = format!("{path}/coordinates");
    match coordinates {
        Value::Null => {}
        Value::Object(numbers) => {
            let known = |(name, value): (&String, &Value)| {
                let named = ["accuracy", "altitude", "altitudeAccuracy", "latitude", "longitude"].contains(&name.as_str());
                name.contains('@') || (named && (value.is_number() || value.is_null()))
            };
            if !numbers.iter().all(known) {
                return Err(wrong(
                    &path,
                    "an object of numbers (latitude, longitude, altitude, accuracy, altitudeAccuracy)",
                ));
            }
            if let Value::Object(kept) = &mut kept {
                kept.insert("coordinates".to_owned(), Value::Object(numbers));
            }
        }
        _ => return Err(wrong(&path, "an object")),
    }
    Ok(kept)
}

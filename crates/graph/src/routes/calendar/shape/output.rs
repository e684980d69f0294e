//! An event as this API shows it: every documented property, null or its default where the house has nothing to say.

use app::{
    Micros,
    calendar::{EventInstance, text, zone},
    model::{AttendeeKind, EventAttendee, EventTime, Member},
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::recurrence;
use crate::{
    error::GraphError,
    query::Query,
    routes::calendar::calendars::{PROVIDER, address_of},
    shape::time,
};

/// Characters of the preview.
const PREVIEW: usize = 255;
/// Says that nobody answered yet.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// The zone in which times are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::routes::calendar) struct Zone {
    iana: String,
    named: String,
    preferred: bool,
}

impl Zone {
    /// The zone that the client prefers, UTC when it does not say.
    pub(in crate::routes::calendar) fn preferred(named: Option<&str>) -> Result<Self, GraphError> {
        let Some(named) = named else {
            return Ok(Self {
                iana: "UTC".to_owned(),
                named: "UTC".to_owned(),
                preferred: false,
            });
        };
        let iana = zone::iana_name(named).ok_or_else(|| {
            GraphError::invalid(
                "Prefer",
                "outlook.timezone must be a time zone such as \"Europe/Berlin\" or \"Pacific Standard Time\"",
            )
        })?;
        Ok(Self {
            iana,
            named: named.to_owned(),
            preferred: true,
        })
    }

    /// What is told of a preference that was followed.
    pub(in crate::routes::calendar) fn applied(&self) -> Option<String> {
        self.preferred.then(|| format!("outlook.timezone=\"{}\"", self.named))
    }

    fn show(&self, time: &EventTime, all_day: bool) -> Value {
        // Whole days are the same days everywhere.
        let local = if all_day {
            time.local
        } else {
            let instant = Timestamp::from_microsecond(time.instant()).unwrap_or_default();
            instant.to_zoned(zone::zone(&self.iana)).datetime()
        };
        json!({ "dateTime": seven_digits(local), "timeZone": self.named })
    }
}

/// What is known around an event when it is shown.
#[derive(Debug)]
pub(in crate::routes::calendar) struct Surroundings<'a> {
    pub(in crate::routes::calendar) owner: &'a Member,
    /// Of the online meeting, when there is one.
    pub(in crate::routes::calendar) join_url: Option<&'a str>,
    pub(in crate::routes::calendar) origin: &'a str,
    pub(in crate::routes::calendar) zone: &'a Zone,
    pub(in crate::routes::calendar) wanted: &'a Query,
}

/// The whole object.
pub(in crate::routes::calendar) fn render(instance: &EventInstance, around: &Surroundings<'_>) -> Map<String, Value> {
    let event = &*instance.event;
    let details = &event.details;
    let (start, end) = times(instance);
    let id = instance.id();
    let body = text::plain(instance.body());
    let change_key = change_key(event.revision);
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("@odata.etag", format!("W/\"{change_key}\"").into());
    put("webLink", format!("{}/?event={id}", around.origin).into());
    put("id", id.into());
    put("createdDateTime", time::format(event.created).into());
    put("lastModifiedDateTime", time::format(event.modified).into());
    put("changeKey", change_key.into());
    put("transactionId", event.transaction_id.clone().into());
    put("originalStartTimeZone", details.start.named.clone().into());
    put("originalEndTimeZone", details.end.named.clone().into());
    put("iCalUId", event.ical_uid.clone().into());
    put("hasAttachments", false.into());
    put("subject", instance.subject().into());
    put("bodyPreview", body.chars().take(PREVIEW).collect::<String>().into());
    put(
        "body",
        json!({ "contentType": if instance.body().html { "html" } else { "text" }, "content": instance.body().content }),
    );
    put("isAllDay", details.all_day.into());
    put("isCancelled", event.cancelled.is_some().into());
    put("isOrganizer", true.into());
    put("isDraft", false.into());
    put("type", kind(instance).into());
    put("seriesMasterId", instance.occurrence.as_ref().map(|_| event.id.clone()).into());
    put(
        "occurrenceId",
        instance
            .occurrence
            .as_ref()
            .map(|on| format!("OID.{}.{}", event.id, on.date))
            .into(),
    );
    put(
        "originalStart",
        instance
            .occurrence
            .as_ref()
            .and_then(|on| time::format(on.planned.instant()))
            .into(),
    );
    put("start", around.zone.show(start, details.all_day));
    put("end", around.zone.show(end, details.all_day));
    let series = details.recurrence.as_ref().filter(|_| instance.occurrence.is_none());
    put(
        "recurrence",
        series.map_or(Value::Null, |rule| recurrence::render(rule, &details.start)),
    );
    put("hideAttendees", details.hide_attendees.into());
    put("attendees", details.attendees.iter().map(attendee).collect());
    put(
        "organizer",
        json!({ "emailAddress": { "name": around.owner.display_name, "address": address_of(around.owner) } }),
    );
    put("responseStatus", json!({ "response": "organizer", "time": NEVER }));
    let online = event.meeting_thread.is_some();
    put("isOnlineMeeting", online.into());
    put("onlineMeetingProvider", if online { PROVIDER } else { "unknown" }.into());
    put("onlineMeetingUrl", Value::Null);
    put("onlineMeeting", around.join_url.map_or(Value::Null, online_meeting));
    for (name, unset) in kept_defaults() {
        put(name, instance.extra(name).cloned().unwrap_or(unset));
    }
    // Shown only when it is asked for, since it can be long.
    if !around.wanted.select.is_empty() {
        put("cancelledOccurrences", cancelled(instance));
    }
    object
}

/// What properties without a type of their own read as when nobody set them.
fn kept_defaults() -> [(&'static str, Value); 10] {
    let nowhere = json!({ "displayName": "", "locationType": "default", "uniqueIdType": "unknown", "address": {}, "coordinates": {} });
    [
        ("location", nowhere),
        ("locations", json!([])),
        ("categories", json!([])),
        ("importance", "normal".into()),
        ("sensitivity", "normal".into()),
        ("showAs", "busy".into()),
        ("reminderMinutesBeforeStart", 15.into()),
        ("isReminderOn", true.into()),
        ("responseRequested", true.into()),
        ("allowNewTimeProposals", true.into()),
    ]
}

/// A property by its name in any letter case, as lists are filtered and ordered by it.
pub(in crate::routes::calendar) fn property(instance: &EventInstance, name: &str) -> Value {
    let event = &*instance.event;
    let (start, end) = times(instance);
    match name.to_ascii_lowercase().as_str() {
        "start/datetime" => sortable(start.instant()).into(),
        "end/datetime" => sortable(end.instant()).into(),
        "createddatetime" => sortable(event.created).into(),
        "lastmodifieddatetime" => sortable(event.modified).into(),
        "subject" => instance.subject().into(),
        "type" => kind(instance).into(),
        "icaluid" => event.ical_uid.clone().into(),
        "transactionid" => event.transaction_id.clone().into(),
        "isallday" => event.details.all_day.into(),
        "iscancelled" => event.cancelled.is_some().into(),
        "isonlinemeeting" => event.meeting_thread.is_some().into(),
        other => kept_defaults()
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(other))
            .map_or(Value::Null, |(name, unset)| instance.extra(name).cloned().unwrap_or(unset)),
    }
}

/// An instant as text that sorts by time.
pub(in crate::routes::calendar) fn sortable(at: Micros) -> String {
    let at = Timestamp::from_microsecond(at).unwrap_or(Timestamp::MAX);
    seven_digits(at.to_zoned(TimeZone::UTC).datetime())
}

/// The revision that an entity tag or change key names.
pub(in crate::routes::calendar) fn revision_of(tag: &str) -> Option<i64> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    i64::from_str_radix(tag, 16).ok().filter(|revision| *revision > 0)
}

fn change_key(revision: i64) -> String {
    format!("{revision:016x}")
}

fn times(instance: &EventInstance) -> (&EventTime, &EventTime) {
    match &instance.occurrence {
        Some(occurrence) => (&occurrence.start, &occurrence.end),
        None => (&instance.event.details.start, &instance.event.details.end),
    }
}

fn kind(instance: &EventInstance) -> &'static str {
    match (&instance.occurrence, &instance.event.details.recurrence) {
        (Some(_), _) if instance.exception().is_some() => "exception",
        (Some(_), _) => "occurrence",
        (None, Some(_)) => "seriesMaster",
        (None, None) => "singleInstance",
    }
}

fn seven_digits(at: DateTime) -> String {
    format!("{}.{:07}", at.strftime("%Y-%m-%dT%H:%M:%S"), at.subsec_nanosecond() / 100)
}

fn attendee(attendee: &EventAttendee) -> Value {
    let kind = match attendee.kind {
        AttendeeKind::Required => "required",
        AttendeeKind::Optional => "optional",
        AttendeeKind::Resource => "resource",
    };
    json!({
        "type": kind,
        "status": { "response": "none", "time": NEVER },
        "emailAddress": { "name": attendee.name.as_deref().unwrap_or(&attendee.address), "address": attendee.address },
    })
}

fn online_meeting(join_url: &str) -> Value {
    json!({ "joinUrl": join_url, "conferenceId": null, "tollNumber": null, "tollFreeNumbers": [], "quickDial": null, "phones": [] })
}

fn cancelled(instance: &EventInstance) -> Value {
    let event = &*instance.event;
    if instance.occurrence.is_some() {
        return json!([]);
    }
    let ids = event.details.cancelled_on.iter();
    ids.map(|date| format!("OID.{}.{date}", event.id)).collect()
}

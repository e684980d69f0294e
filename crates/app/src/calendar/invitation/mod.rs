//! Invitations: an event as iCalendar text (RFC 5545) with a scheduling method (RFC 5546): REQUEST with attendees, PUBLISH without, CANCEL when it
//! was cancelled.
//!
//! * A single event has its times in UTC, which every reader knows. A series has them in its own zone, with the rules of that zone, since its
//!   occurrences follow the clock on the wall; its occurrences that were changed follow it in events of their own.
//! * Values cannot break out of their line: [`lines`] escapes and folds.

mod lines;
mod rules;
mod zone_rules;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::access::require_read;
use super::occurrence::{self, EventInstance};
use super::text;
use crate::error::AppError;
use crate::model::{AttendeeKind, CalendarEvent, EventAttendee, EventTime, Member, OnlineMeeting};
use crate::tokens::Caller;
use crate::{App, Micros};
use lines::{Lines, Value};

/// What is known around the event.
struct Surroundings<'a> {
    organizer: &'a Member,
    /// The meeting with its join link.
    meeting: Option<(&'a OnlineMeeting, &'a str)>,
    /// The only attendee who is named when attendees are kept from seeing each other.
    recipient: Option<&'a str>,
    now: Micros,
}

impl App {
    /// The invitation to an event, series or occurrence, also after it was cancelled. With a recipient (a mail address) of an event that hides its
    /// attendees, only that one is named.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn invitation(&self, caller: &Caller, owner_id: &str, id: &str, recipient: Option<&str>) -> Result<String, AppError> {
        require_read(caller, owner_id)?;
        let instance = self.known_instance(owner_id, id).await?;
        let organizer = self.store().member(owner_id).await?.ok_or(AppError::NotFound { what: "member" })?;
        let meeting = self.event_meeting(&instance.event).await?;
        let join_url = meeting.as_ref().map(|meeting| self.join_url(meeting)).transpose()?;
        let around = Surroundings {
            organizer: &organizer,
            meeting: meeting.as_ref().zip(join_url.as_deref()),
            recipient,
            now: self.now(),
        };
        Ok(render(&instance, &around))
    }
}

fn render(instance: &EventInstance, around: &Surroundings<'_>) -> String {
    let event = &*instance.event;
    let details = &event.details;
    let cancelled = is_cancelled(instance);
    let attendees: Vec<_> = details
        .attendees
        .iter()
        .filter(|attendee| !details.hide_attendees || around.recipient.is_some_and(|to| to.eq_ignore_ascii_case(&attendee.address)))
        .collect();
    let mut out = Lines::default();
    out.plain("BEGIN", "VCALENDAR");
    out.plain("VERSION", "2.0");
    out.plain("PRODID", "-//Anteroom//Calendar//EN");
    out.plain(
        "METHOD",
        match (cancelled, attendees.is_empty()) {
            (true, _) => "CANCEL",
            (false, true) => "PUBLISH",
            (false, false) => "REQUEST",
        },
    );
    if details.recurrence.is_some() && !details.all_day {
        zone_rules::write(&mut out, &details.start, event);
        if details.end.zone != details.start.zone {
            zone_rules::write(&mut out, &details.end, event);
        }
    }
    write_event(&mut out, instance, around, &attendees);
    if instance.occurrence.is_none() && !cancelled {
        for exception in &details.exceptions {
            let changed = EventInstance {
                event: Arc::clone(&instance.event),
                occurrence: Some(occurrence::on(event, exception.date)),
            };
            write_event(&mut out, &changed, around, &attendees);
        }
    }
    out.plain("END", "VCALENDAR");
    out.finish()
}

fn is_cancelled(instance: &EventInstance) -> bool {
    let event = &*instance.event;
    let day_is_cancelled = instance
        .occurrence
        .as_ref()
        .is_some_and(|occurrence| event.details.cancelled_on.contains(&occurrence.date));
    event.cancelled.is_some() || day_is_cancelled
}

fn write_event(out: &mut Lines, instance: &EventInstance, around: &Surroundings<'_>, attendees: &[&EventAttendee]) {
    let event = &*instance.event;
    let details = &event.details;
    let cancelled = is_cancelled(instance);
    out.plain("BEGIN", "VEVENT");
    out.text("UID", &event.ical_uid);
    out.plain("DTSTAMP", &utc(around.now));
    out.plain("SEQUENCE", &event.revision.saturating_sub(1).to_string());
    out.plain("CREATED", &utc(event.created));
    out.plain("LAST-MODIFIED", &utc(event.modified));
    write_times(out, instance);
    if let Some(recurrence) = details.recurrence.as_ref().filter(|_| instance.occurrence.is_none()) {
        out.plain("RRULE", &rules::of(recurrence, event));
        for date in &details.cancelled_on {
            write_time(out, "EXDATE", event, &occurrence::planned(event, *date).start);
        }
    }
    out.text("SUMMARY", instance.subject().unwrap_or_default());
    out.text("DESCRIPTION", &description(instance, around));
    if instance.body().html {
        out.with(
            "X-ALT-DESC",
            &[("FMTTYPE", Value::Token("text/html"))],
            &lines::escaped(&instance.body().content),
        );
    }
    if let Some(place) = place(instance) {
        out.text("LOCATION", place);
    }
    if let Some((_, join_url)) = around.meeting {
        out.plain("URL", join_url);
        out.plain("X-MICROSOFT-SKYPETEAMSMEETINGURL", join_url);
    }
    write_people(out, around, attendees);
    out.plain("STATUS", if cancelled { "CANCELLED" } else { "CONFIRMED" });
    out.plain("TRANSP", if shown_as_free(instance) { "TRANSPARENT" } else { "OPAQUE" });
    if let Some(farewell) = details.farewell.as_ref().filter(|_| cancelled) {
        out.text("COMMENT", farewell);
    }
    out.plain("END", "VEVENT");
}

fn write_times(out: &mut Lines, instance: &EventInstance) {
    let event = &*instance.event;
    match &instance.occurrence {
        Some(occurrence) => {
            write_time(out, "RECURRENCE-ID", event, &occurrence.planned);
            write_time(out, "DTSTART", event, &occurrence.start);
            write_time(out, "DTEND", event, &occurrence.end);
        }
        None => {
            write_time(out, "DTSTART", event, &event.details.start);
            write_time(out, "DTEND", event, &event.details.end);
        }
    }
}

/// A day for an event of whole days, local time for a series in one of the zones whose rules are told, else UTC.
fn write_time(out: &mut Lines, name: &str, event: &CalendarEvent, time: &EventTime) {
    let details = &event.details;
    let told = [&details.start.zone, &details.end.zone].contains(&&time.zone) && time.zone != "UTC";
    if details.all_day {
        out.with(name, &[("VALUE", Value::Token("DATE"))], &time.local.strftime("%Y%m%d").to_string());
    } else if details.recurrence.is_some() && told {
        out.with(name, &[("TZID", Value::Quoted(&time.zone))], &local(time.local));
    } else {
        out.plain(name, &utc(time.instant()));
    }
}

fn write_people(out: &mut Lines, around: &Surroundings<'_>, attendees: &[&EventAttendee]) {
    let organizer = around.organizer;
    let address = organizer.mail.as_deref().unwrap_or(&organizer.user_principal_name);
    out.with(
        "ORGANIZER",
        &[("CN", Value::Quoted(&organizer.display_name))],
        &format!("mailto:{address}"),
    );
    for attendee in attendees {
        let (kind, role) = match attendee.kind {
            AttendeeKind::Required => ("INDIVIDUAL", "REQ-PARTICIPANT"),
            AttendeeKind::Optional => ("INDIVIDUAL", "OPT-PARTICIPANT"),
            AttendeeKind::Resource => ("RESOURCE", "NON-PARTICIPANT"),
        };
        out.with(
            "ATTENDEE",
            &[
                ("CN", Value::Quoted(attendee.name.as_deref().unwrap_or(&attendee.address))),
                ("CUTYPE", Value::Token(kind)),
                ("ROLE", Value::Token(role)),
                ("PARTSTAT", Value::Token("NEEDS-ACTION")),
                ("RSVP", Value::Token("TRUE")),
            ],
            &format!("mailto:{}", attendee.address),
        );
    }
}

/// What is written in the event, and how to join its meeting.
fn description(instance: &EventInstance, around: &Surroundings<'_>) -> String {
    let mut parts = vec![text::plain(instance.body())];
    if let Some((meeting, join_url)) = around.meeting {
        let passcode = meeting
            .passcode
            .as_deref()
            .map(|passcode| format!("\nPasscode: {passcode}"))
            .unwrap_or_default();
        parts.push(format!(
            "Join the meeting: {join_url}\nMeeting ID: {}{passcode}",
            meeting.join_meeting_id
        ));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn place(instance: &EventInstance) -> Option<&str> {
    let name = instance.extra("location")?.get("displayName")?.as_str()?;
    (!name.is_empty()).then_some(name)
}

fn shown_as_free(instance: &EventInstance) -> bool {
    instance.extra("showAs").and_then(serde_json::Value::as_str) == Some("free")
}

fn local(at: DateTime) -> String {
    at.strftime("%Y%m%dT%H%M%S").to_string()
}

fn utc(at: Micros) -> String {
    Timestamp::from_microsecond(at).map_or_else(|_| String::new(), |at| format!("{}Z", local(at.to_zoned(TimeZone::UTC).datetime())))
}

#[cfg(test)]
mod tests;

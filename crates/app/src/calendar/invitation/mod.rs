//! Invitations: an event as iCalendar text (RFC 5545) with a scheduling method (RFC 5546): REQUEST with attendees, PUBLISH without, CANCEL when it
//! was cancelled.
//!
//! * A single event has its times in UTC, which every reader knows. A series has them in its own zone, with the rules of that zone, since its
//!   occurrences follow the clock on the wall.
//! * Values cannot break out of their line: [`lines`] escapes and folds.

mod lines;
mod rules;
mod zone_rules;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::access::require_read;
use super::occurrence::EventInstance;
use super::text;
use crate::error::AppError;
use crate::model::{AttendeeKind, CalendarEvent, EventTime, Member, OnlineMeeting};
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
    let day_is_cancelled = instance
        .occurrence
        .as_ref()
        .is_some_and(|occurrence| details.cancelled_on.contains(&occurrence.date));
    let cancelled = event.cancelled.is_some() || day_is_cancelled;
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
    let series = details.recurrence.as_ref().filter(|_| instance.occurrence.is_none());
    if series.is_some() && !details.all_day {
        zone_rules::write(&mut out, &details.start, event);
        if details.end.zone != details.start.zone {
            zone_rules::write(&mut out, &details.end, event);
        }
    }
    out.plain("BEGIN", "VEVENT");
    out.text("UID", &event.ical_uid);
    out.plain("DTSTAMP", &utc(around.now));
    out.plain("SEQUENCE", &event.revision.saturating_sub(1).to_string());
    out.plain("CREATED", &utc(event.created));
    out.plain("LAST-MODIFIED", &utc(event.modified));
    write_times(&mut out, instance);
    if let Some(recurrence) = series {
        out.plain("RRULE", &rules::of(recurrence, event));
        for date in &details.cancelled_on {
            write_time(&mut out, "EXDATE", event, &super::occurrence::on(event, *date).start);
        }
    }
    out.text("SUMMARY", event.subject.as_deref().unwrap_or_default());
    out.text("DESCRIPTION", &description(event, around));
    if details.body.html {
        out.with(
            "X-ALT-DESC",
            &[("FMTTYPE", Value::Token("text/html"))],
            &lines::escaped(&details.body.content),
        );
    }
    if let Some(place) = place(event) {
        out.text("LOCATION", place);
    }
    if let Some((_, join_url)) = around.meeting {
        out.plain("URL", join_url);
        out.plain("X-MICROSOFT-SKYPETEAMSMEETINGURL", join_url);
    }
    write_people(&mut out, around, &attendees);
    out.plain("STATUS", if cancelled { "CANCELLED" } else { "CONFIRMED" });
    out.plain("TRANSP", if shown_as_free(event) { "TRANSPARENT" } else { "OPAQUE" });
    if let Some(farewell) = details.farewell.as_ref().filter(|_| cancelled) {
        out.text("COMMENT", farewell);
    }
    out.plain("END", "VEVENT");
    out.plain("END", "VCALENDAR");
    out.finish()
}

fn write_times(out: &mut Lines, instance: &EventInstance) {
    let event = &*instance.event;
    match &instance.occurrence {
        Some(occurrence) => {
            write_time(out, "RECURRENCE-ID", event, &occurrence.start);
            write_time(out, "DTSTART", event, &occurrence.start);
            write_time(out, "DTEND", event, &occurrence.end);
        }
        None => {
            write_time(out, "DTSTART", event, &event.details.start);
            write_time(out, "DTEND", event, &event.details.end);
        }
    }
}

/// A day for an event of whole days, local time with its zone for a series, else UTC.
fn write_time(out: &mut Lines, name: &str, event: &CalendarEvent, time: &EventTime) {
    if event.details.all_day {
        out.with(name, &[("VALUE", Value::Token("DATE"))], &time.local.strftime("%Y%m%d").to_string());
    } else if event.details.recurrence.is_some() && time.zone != "UTC" {
        out.with(name, &[("TZID", Value::Quoted(&time.zone))], &local(time.local));
    } else {
        out.plain(name, &utc(time.instant()));
    }
}

fn write_people(out: &mut Lines, around: &Surroundings<'_>, attendees: &[&crate::model::EventAttendee]) {
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
fn description(event: &CalendarEvent, around: &Surroundings<'_>) -> String {
    let mut parts = vec![text::plain(&event.details.body)];
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

fn place(event: &CalendarEvent) -> Option<&str> {
    let name = event.details.extra.get("location")?.get("displayName")?.as_str()?;
    (!name.is_empty()).then_some(name)
}

fn shown_as_free(event: &CalendarEvent) -> bool {
    event.details.extra.get("showAs").and_then(serde_json::Value::as_str) == Some("free")
}

fn local(at: DateTime) -> String {
    at.strftime("%Y%m%dT%H%M%S").to_string()
}

fn utc(at: Micros) -> String {
    Timestamp::from_microsecond(at).map_or_else(|_| String::new(), |at| format!("{}Z", local(at.to_zoned(TimeZone::UTC).datetime())))
}

#[cfg(test)]
mod tests;

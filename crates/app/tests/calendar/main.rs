//! Calendars over a real store: making and changing events, events and meetings that follow each other, single occurrences that are changed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod bounds;
mod exceptions;
mod following;
#[path = "../support/mod.rs"]
mod support;
mod writing;

use app::Caller;
use app::calendar::EventChanges;
use app::calendar::recurrence::{Pattern, Recurrence, Until};
use app::model::{CalendarEvent, EventTime};
use app::permissions::{CALENDARS_READ_WRITE, MEETINGS_READ_WRITE};
use support::{House, as_member};

fn time(text: &str, zone: &str) -> Option<EventTime> {
    Some(EventTime::new(text.parse().unwrap(), zone).unwrap())
}

fn visit() -> EventChanges {
    EventChanges {
        subject: Some(Some("Visit".to_owned())),
        start: time("2027-03-27T23:30:00", "Europe/Berlin"),
        end: time("2027-03-28T00:30:00", "Europe/Berlin"),
        online: Some(true),
        ..EventChanges::default()
    }
}

fn daily(until: Until) -> EventChanges {
    EventChanges {
        recurrence: Some(Some(Recurrence {
            pattern: Pattern::Daily,
            interval: 1,
            start: "2027-03-27".parse().unwrap(),
            until,
            zone: None,
        })),
        ..visit()
    }
}

fn writer(house: &House) -> Caller {
    as_member(&house.anna(), &[CALENDARS_READ_WRITE, MEETINGS_READ_WRITE])
}

async fn create(house: &House, changes: EventChanges) -> CalendarEvent {
    house.app.create_event(&writer(house), &house.anna().id, changes).await.unwrap()
}

fn subject(text: &str) -> EventChanges {
    EventChanges {
        subject: Some(Some(text.to_owned())),
        ..EventChanges::default()
    }
}

//! What invitations say line by line: zones and rules, cancellations, changed occurrences, who is named.

use std::sync::Arc;

use jiff::civil::Date;

use super::super::occurrence::{self, EventInstance};
use super::super::recurrence::{Day, Pattern, Recurrence, Until};
use super::*;
use crate::model::{EventAttendee, EventBody, EventDetails};

const NOW: Micros = 1_795_349_850_000_000;

fn organizer() -> Member {
    Member {
        id: "anna".into(),
        user_principal_name: "anna@clinic.example".into(),
        display_name: "Anna \"Berg\"".into(),
        given_name: None,
        surname: None,
        mail: None,
        job_title: None,
        mobile_phone: None,
        office_location: None,
        preferred_language: None,
        business_phones: Vec::new(),
        administrator: false,
        enabled: true,
        guest_of_tenant: false,
        tokens_valid_after: 0,
    }
}

fn event(start: &str, end: &str, zone: &str) -> CalendarEvent {
    let time = |text: &str| EventTime::new(text.parse().unwrap(), zone).unwrap();
    let (start, end) = (time(start), time(end));
    CalendarEvent {
        id: "id".into(),
        owner_id: "anna".into(),
        transaction_id: None,
        ical_uid: "uid@anteroom".into(),
        subject: Some("Check-up, knee; left".into()),
        starts_at: start.instant(),
        ends_at: end.instant(),
        until_at: end.instant(),
        created: NOW,
        modified: NOW,
        cancelled: None,
        meeting_thread: None,
        details: EventDetails {
            start,
            end,
            all_day: false,
            recurrence: None,
            cancelled_on: Vec::new(),
            exceptions: Vec::new(),
            attendees: vec![
                EventAttendee {
                    address: "maria@example.org".into(),
                    name: Some("Maria\r\nATTENDEE:mailto:evil@example.org".into()),
                    kind: AttendeeKind::Required,
                },
                EventAttendee {
                    address: "lee@example.org".into(),
                    name: None,
                    kind: AttendeeKind::Optional,
                },
            ],
            hide_attendees: false,
            body: EventBody::default(),
            farewell: None,
            extra: serde_json::Map::new(),
        },
        revision: 3,
    }
}

fn unfolded(event: &CalendarEvent, day: Option<&str>, recipient: Option<&str>) -> Vec<String> {
    let occurrence = day.map(|day| occurrence::on(event, day.parse::<Date>().unwrap()));
    let instance = EventInstance {
        event: Arc::new(event.clone()),
        occurrence,
    };
    let organizer = organizer();
    let around = Surroundings {
        organizer: &organizer,
        meeting: None,
        recipient,
        now: NOW,
    };
    let text = render(&instance, &around);
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    text.replace("\r\n ", "").lines().map(str::to_owned).collect()
}

fn has(lines: &[String], line: &str) -> bool {
    lines.iter().any(|known| known == line)
}

fn weekly(until: Until) -> CalendarEvent {
    let mut event = event("2026-10-20T09:00:00", "2026-10-20T09:30:00", "W. Europe Standard Time");
    event.details.recurrence = Some(Recurrence {
        pattern: Pattern::Weekly {
            days: vec![Day::Tuesday],
            first_day: Day::Monday,
        },
        interval: 2,
        start: "2026-10-20".parse().unwrap(),
        until,
        zone: None,
    });
    event
}

#[test]
fn a_single_event_is_a_request_in_utc_and_values_stay_in_their_lines() {
    let lines = unfolded(&event("2026-12-01T09:00:00", "2026-12-01T10:00:00", "Europe/Berlin"), None, None);
    for line in [
        "METHOD:REQUEST",
        "UID:uid@anteroom",
        "SEQUENCE:2",
        "DTSTART:20261201T080000Z",
        "DTEND:20261201T090000Z",
        "SUMMARY:Check-up\\, knee\\; left",
        "ORGANIZER;CN=\"Anna 'Berg'\":mailto:anna@clinic.example",
        "STATUS:CONFIRMED",
    ] {
        assert!(has(&lines, line), "{line} in {lines:#?}");
    }
    assert!(
        !lines.iter().any(|line| line.starts_with("ATTENDEE:")),
        "a name made a line of its own"
    );
    assert_eq!(lines.iter().filter(|line| line.starts_with("ATTENDEE;")).count(), 2);
    assert!(!has(&lines, "BEGIN:VTIMEZONE"));
}

#[test]
fn a_series_is_in_its_zone_with_the_rules_of_the_zone() {
    let mut event = weekly(Until::Date {
        end: "2026-11-10".parse().unwrap(),
    });
    event.details.cancelled_on = vec!["2026-11-03".parse().unwrap()];
    let lines = unfolded(&event, None, None);
    for line in [
        "TZID:Europe/Berlin",
        "DTSTART;TZID=\"Europe/Berlin\":20261020T090000",
        "RRULE:FREQ=WEEKLY;BYDAY=TU;WKST=MO;INTERVAL=2;UNTIL=20261103T080000Z",
        "EXDATE;TZID=\"Europe/Berlin\":20261103T090000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
    ] {
        assert!(has(&lines, line), "{line} in {lines:#?}");
    }
    let counted = unfolded(&weekly(Until::Count { count: 4 }), None, None);
    assert!(has(&counted, "RRULE:FREQ=WEEKLY;BYDAY=TU;WKST=MO;INTERVAL=2;COUNT=4"));
}

#[test]
fn a_range_to_the_end_of_the_calendar_is_told_as_one_without_end() {
    let mut event = weekly(Until::Never);
    event.details.recurrence.as_mut().unwrap().pattern = Pattern::Daily;
    for (end, rule) in [
        ("9999-12-31", "RRULE:FREQ=DAILY;INTERVAL=2"),
        ("2026-10-22", "RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20261022T070000Z"),
    ] {
        let recurrence = event.details.recurrence.as_mut().unwrap();
        recurrence.until = Until::Date { end: end.parse().unwrap() };
        let lines = unfolded(&event, None, None);
        assert!(has(&lines, rule), "{lines:#?}");
    }
}

#[test]
fn an_occurrence_names_itself_and_a_cancelled_one_is_cancelled() {
    let mut event = weekly(Until::Never);
    let lines = unfolded(&event, Some("2026-11-03"), None);
    assert!(has(&lines, "METHOD:REQUEST") && has(&lines, "RECURRENCE-ID;TZID=\"Europe/Berlin\":20261103T090000"));
    assert!(!lines.iter().any(|line| line.starts_with("RRULE:FREQ=WEEKLY")));
    event.details.cancelled_on = vec!["2026-11-03".parse().unwrap()];
    event.details.farewell = Some("Ill".into());
    let lines = unfolded(&event, Some("2026-11-03"), None);
    assert!(has(&lines, "METHOD:CANCEL") && has(&lines, "STATUS:CANCELLED") && has(&lines, "COMMENT:Ill"));
    let others = unfolded(&event, Some("2026-11-17"), None);
    assert!(has(&others, "METHOD:REQUEST") && !has(&others, "COMMENT:Ill"));
}

#[test]
fn a_cancelled_event_says_so_and_whole_days_are_days() {
    let mut event = event("2026-12-24T00:00:00", "2026-12-27T00:00:00", "Europe/Berlin");
    event.details.all_day = true;
    event.cancelled = Some(NOW);
    let lines = unfolded(&event, None, None);
    for line in [
        "METHOD:CANCEL",
        "STATUS:CANCELLED",
        "DTSTART;VALUE=DATE:20261224",
        "DTEND;VALUE=DATE:20261227",
    ] {
        assert!(has(&lines, line), "{line} in {lines:#?}");
    }
}

#[test]
fn hidden_attendees_are_told_to_themselves_only() {
    let mut event = event("2026-12-01T09:00:00", "2026-12-01T10:00:00", "UTC");
    event.details.hide_attendees = true;
    let named = |lines: &[String]| lines.iter().filter(|line| line.starts_with("ATTENDEE")).count();
    let nobody = unfolded(&event, None, None);
    assert!(has(&nobody, "METHOD:PUBLISH") && named(&nobody) == 0);
    let maria = unfolded(&event, None, Some("Maria@example.org"));
    assert!(has(&maria, "METHOD:REQUEST") && named(&maria) == 1);
    assert!(!maria.iter().any(|line| line.contains("lee@example.org")));
}

#[test]
fn a_day_that_a_month_does_not_have_means_its_last_day_in_the_rule_too() {
    let mut event = weekly(Until::Never);
    for (pattern, rule) in [
        (Pattern::AbsoluteMonthly { day: 28 }, "RRULE:FREQ=MONTHLY;BYMONTHDAY=28;INTERVAL=2"),
        (
            Pattern::AbsoluteMonthly { day: 30 },
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;INTERVAL=2",
        ),
        (Pattern::AbsoluteMonthly { day: 31 }, "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;INTERVAL=2"),
        (
            Pattern::AbsoluteYearly { month: 2, day: 29 },
            "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1;INTERVAL=2",
        ),
        (
            Pattern::AbsoluteYearly { month: 4, day: 30 },
            "RRULE:FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=30;INTERVAL=2",
        ),
        (
            Pattern::AbsoluteYearly { month: 4, day: 31 },
            "RRULE:FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=-1;INTERVAL=2",
        ),
    ] {
        event.details.recurrence.as_mut().unwrap().pattern = pattern;
        let lines = unfolded(&event, None, None);
        assert!(has(&lines, rule), "{rule} in {lines:#?}");
    }
}

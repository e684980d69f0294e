//! Reports from facts: stays, several sessions, the lobby, a server that died, many people.

use super::*;

fn fact(held: &str, raw_id: &str, event: AttendanceEvent, second: i64) -> AttendanceFact {
    AttendanceFact {
        thread_id: "thread".to_owned(),
        held_id: held.to_owned(),
        raw_id: raw_id.to_owned(),
        display_name: if event == AttendanceEvent::Left { "" } else { raw_id }.to_owned(),
        role: match (event, raw_id) {
            (AttendanceEvent::Left, _) => "",
            (_, "anna") => "Organizer",
            _ => "Attendee",
        }
        .to_owned(),
        event,
        at: second * SECOND,
    }
}

use AttendanceEvent::{Joined, Left, Waited};

/// All reports of these facts, latest first, as the store and `App` bring them together.
fn reports(facts: &[AttendanceFact], now: Micros) -> Vec<AttendanceReport> {
    let mut meetings: Vec<HeldMeeting> = Vec::new();
    for fact in facts {
        match meetings.iter_mut().find(|meeting| meeting.held_id == fact.held_id) {
            Some(meeting) => meeting.last = fact.at,
            None => meetings.push(HeldMeeting {
                held_id: fact.held_id.clone(),
                first: fact.at,
                last: fact.at,
            }),
        }
    }
    let mut reports = Vec::new();
    for held in Held::all("thread", meetings, now) {
        let own: Vec<_> = facts.iter().filter(|fact| fact.held_id == held.meeting.held_id).cloned().collect();
        for summary in held.summaries(&own) {
            assert!(held.may_have(&summary.id) && held.may_have(&summary.id.to_uppercase()));
            let report = held.report(&own, &summary.id).unwrap();
            assert_eq!(summary.report(&own).as_ref(), Some(&report));
            assert_eq!(summary.report(&[]), None);
            assert_eq!(
                (&report.id, report.start, report.end, report.records.len()),
                (&summary.id, summary.start, summary.end, summary.participants)
            );
            reports.push(report);
        }
    }
    reports.sort_by_key(|report| std::cmp::Reverse(report.start));
    reports
}

#[test]
fn a_report_is_looked_for_in_its_own_held_meeting_only() {
    let meeting = |held_id: &str| HeldMeeting {
        held_id: held_id.to_owned(),
        first: 0,
        last: 0,
    };
    let held = Held::all("thread", vec![meeting("one"), meeting("two")], 0);
    let facts = [fact("one", "anna", Joined, 0), fact("one", "anna", Left, 1)];
    let id = held[0].summaries(&facts)[0].id.clone();
    assert!(held[0].may_have(&id) && !held[1].may_have(&id));
    for other in ["", "x", "é", &"é".repeat(20)] {
        assert!(!held[0].may_have(other) && held[0].report(&facts, other).is_none(), "{other}");
    }
}

#[test]
fn a_hundred_thousand_people_take_no_longer_than_their_facts() {
    let mut facts = Vec::new();
    for (event, from) in [(Joined, 0), (Left, 50_000)] {
        for number in 0..50_000 {
            facts.push(fact("h", &format!("guest {number:05}"), event, from + number));
        }
    }
    let begun = std::time::Instant::now();
    let [report] = <[_; 1]>::try_from(reports(&facts, 200_000 * SECOND)).unwrap();
    assert_eq!(report.records.len(), 50_000);
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_person_who_comes_twice_is_one_record_with_two_intervals() {
    let facts = [
        fact("h", "anna", Joined, 10),
        fact("h", "guest", Waited, 11),
        fact("h", "guest", Joined, 20),
        fact("h", "guest", Left, 30),
        fact("h", "guest", Joined, 50),
        fact("h", "guest", Left, 55),
        fact("h", "anna", Left, 70),
    ];
    let [report] = <[_; 1]>::try_from(reports(&facts, 80 * SECOND)).unwrap();
    assert_eq!((report.start, report.end), (10 * SECOND, 70 * SECOND));
    let seen: Vec<_> = report
        .records
        .iter()
        .map(|record| (record.raw_id.as_str(), record.role, record.intervals.len(), record.total_seconds()))
        .collect();
    assert_eq!(
        seen,
        [
            ("anna", AttendanceRole::Organizer, 1, 60),
            ("guest", AttendanceRole::Attendee, 2, 15)
        ]
    );
    assert_eq!(report.records[1].display_name, "guest");
}

#[test]
fn who_only_waited_did_not_attend() {
    let facts = [
        fact("h", "guest", Waited, 5),
        fact("h", "anna", Joined, 10),
        fact("h", "guest", Left, 12),
        fact("h", "anna", Left, 20),
    ];
    let [report] = <[_; 1]>::try_from(reports(&facts, 30 * SECOND)).unwrap();
    assert_eq!(report.records.len(), 1);
    assert_eq!(report.end, 20 * SECOND);
    assert!(reports(&facts[..1], 30 * SECOND).is_empty());
}

#[test]
fn a_running_meeting_has_no_report_and_a_finished_one_keeps_its_ids() {
    let facts = [
        fact("h", "anna", Joined, 10),
        fact("h", "anna", Left, 20),
        fact("h", "anna", Joined, 30),
        fact("h", "anna", Left, 40),
    ];
    assert!(reports(&facts[..1], 15 * SECOND).is_empty());
    let first = reports(&facts[..2], 25 * SECOND);
    assert_eq!((first.len(), reports(&facts[..3], 35 * SECOND)), (1, first.clone()));
    let both = reports(&facts, 50 * SECOND);
    assert_eq!((both.len(), &both[1]), (2, &first[0]));
    assert_ne!(both[0].id, both[1].id);
}

#[test]
fn a_meeting_whose_server_died_is_over_with_the_next_one_or_after_a_day() {
    let facts = [
        fact("h", "anna", Joined, 10),
        fact("h", "guest", Joined, 20),
        fact("next", "anna", Joined, 100),
    ];
    assert!(reports(&facts[..2], 30 * SECOND).is_empty());
    for found in [reports(&facts, 110 * SECOND), reports(&facts[..2], FORGOTTEN + 21 * SECOND)] {
        let [report] = <[_; 1]>::try_from(found).unwrap();
        assert_eq!((report.end, report.records[0].total_seconds()), (20 * SECOND, 10));
    }
}

//! Calendar events and their meetings.

use app::calendar::recurrence::{Day, Pattern, Recurrence, Until};
use app::calendar::{CalendarSize, MeetingWrite};
use app::model::{AttendeeKind, CalendarEvent, EventAttendee, EventBody, EventDetails, EventException, EventTime};
use app::ports::StoreError;

use super::backend::Backend;
use super::fixtures;

fn event(id: &str, owner: &str, starts_at: i64) -> CalendarEvent {
    let time = |text: &str| EventTime {
        local: text.parse().unwrap(),
        zone: "Europe/Berlin".into(),
        named: "W. Europe Standard Time".into(),
    };
    CalendarEvent {
        id: id.into(),
        owner_id: owner.into(),
        transaction_id: Some(format!("transaction {id}")),
        ical_uid: format!("uid {id}"),
        subject: Some("Ünïcode ' \" subject".into()),
        starts_at,
        ends_at: starts_at + 10,
        until_at: starts_at + 10,
        created: 1,
        modified: 2,
        cancelled: None,
        meeting_thread: None,
        details: EventDetails {
            start: time("2026-12-01T09:00:00.5"),
            end: time("2026-12-01T10:00:00"),
            all_day: false,
            recurrence: Some(Recurrence {
                pattern: Pattern::Weekly {
                    days: vec![Day::Monday, Day::Friday],
                    first_day: Day::Sunday,
                },
                interval: 2,
                start: "2026-12-01".parse().unwrap(),
                until: Until::Date {
                    end: "2027-01-01".parse().unwrap(),
                },
                zone: None,
            }),
            cancelled_on: vec!["2026-12-04".parse().unwrap()],
            exceptions: vec![
                EventException {
                    date: "2026-12-11".parse().unwrap(),
                    subject: Some(None),
                    times: Some((time("2026-12-12T09:00:00"), time("2026-12-12T10:00:00"))),
                    body: Some(EventBody::default()),
                    extra: serde_json::json!({ "showAs": null }).as_object().cloned().unwrap(),
                },
                EventException {
                    date: "2026-12-18".parse().unwrap(),
                    subject: None,
                    times: None,
                    body: None,
                    extra: serde_json::Map::new(),
                },
            ],
            attendees: vec![EventAttendee {
                address: "m@example.org".into(),
                name: None,
                kind: AttendeeKind::Optional,
            }],
            hide_attendees: true,
            body: EventBody {
                html: true,
                content: "<b>x</b>".into(),
            },
            farewell: None,
            extra: serde_json::json!({ "showAs": "free" }).as_object().cloned().unwrap(),
        },
        revision: 1,
    }
}

fn conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict { .. })), "{result:?}");
}

pub(crate) async fn an_event_comes_back_as_it_was_and_lists_are_by_start(backend: &impl Backend) {
    let store = backend.open().await;
    for id in ["anna", "ben"] {
        store.put_member(&fixtures::member(id)).await.unwrap();
    }
    let mut bare = event("bare", "anna", 50);
    (bare.transaction_id, bare.subject, bare.details.recurrence) = (None, None, None);
    let first = event("first", "anna", 20);
    let other = event("other", "ben", 10);
    for event in [&bare, &first, &other] {
        store.insert_event(event, MeetingWrite::Leave).await.unwrap();
        assert_eq!(store.event(&event.id).await.unwrap().as_ref(), Some(event));
    }
    assert_eq!(store.events_of("anna", 9).await.unwrap(), [first.clone(), bare.clone()]);
    assert_eq!(store.events_of("anna", 1).await.unwrap(), std::slice::from_ref(&first));
    let size = store.calendar_size("anna").await.unwrap();
    assert!(size.events == 2 && size.bytes > 500, "{size:?}");
    assert_eq!(store.calendar_size("nobody").await.unwrap(), CalendarSize { events: 0, bytes: 0 });
    conflict(store.insert_event(&first, MeetingWrite::Leave).await);
    let mut same_uid = event("another", "ben", 1);
    same_uid.ical_uid = first.ical_uid.clone();
    conflict(store.insert_event(&same_uid, MeetingWrite::Leave).await);
    let mut next = first.clone();
    (next.revision, next.subject, next.starts_at) = (2, None, 99);
    store.update_event(&next, 1, MeetingWrite::Leave).await.unwrap();
    conflict(store.update_event(&next, 1, MeetingWrite::Leave).await);
    assert_eq!(store.events_of("anna", 9).await.unwrap(), [bare, next]);
    assert_eq!(store.event("nothing").await.unwrap(), None);
}

pub(crate) async fn an_event_and_its_meeting_are_written_together_or_not_at_all(backend: &impl Backend) {
    let store = backend.open().await;
    store.put_member(&fixtures::member("anna")).await.unwrap();
    let meeting = fixtures::meeting("1", "anna");
    let mut one = event("one", "anna", 10);
    one.meeting_thread = Some(meeting.thread_id.clone());
    store.insert_event(&one, MeetingWrite::Insert(&meeting)).await.unwrap();
    assert_eq!(store.meeting(&meeting.thread_id).await.unwrap().as_ref(), Some(&meeting));
    assert_eq!(store.event_of_meeting(&meeting.thread_id).await.unwrap().as_ref(), Some(&one));
    assert_eq!(store.event_of_meeting("19:meeting_2@thread.v2").await.unwrap(), None);
    let mut thief = event("thief", "anna", 10);
    thief.meeting_thread = Some(meeting.thread_id.clone());
    conflict(store.insert_event(&thief, MeetingWrite::Leave).await);
    // The meeting's key is taken: the event is not there either.
    let two = event("two", "anna", 10);
    conflict(store.insert_event(&two, MeetingWrite::Insert(&meeting)).await);
    assert_eq!(store.event("two").await.unwrap(), None);
    // The meeting is of another revision: the event stays as it was.
    let mut changed = one.clone();
    changed.revision = 2;
    let mut newer = meeting.clone();
    newer.revision = 8;
    newer.recurring = false;
    conflict(store.update_event(&changed, 1, MeetingWrite::Update(&newer, 7)).await);
    assert_eq!(store.event("one").await.unwrap().as_ref(), Some(&one));
    store.update_event(&changed, 1, MeetingWrite::Update(&newer, 1)).await.unwrap();
    assert_eq!(store.meeting(&meeting.thread_id).await.unwrap(), Some(newer));
    // The event is of another revision: the meeting stays.
    let mut cancelled = changed.clone();
    (cancelled.revision, cancelled.cancelled) = (3, Some(5));
    conflict(store.update_event(&cancelled, 1, MeetingWrite::Delete(&meeting.thread_id, 5)).await);
    assert!(store.meeting(&meeting.thread_id).await.unwrap().is_some());
    store
        .update_event(&cancelled, 2, MeetingWrite::Delete(&meeting.thread_id, 5))
        .await
        .unwrap();
    assert_eq!(store.meeting(&meeting.thread_id).await.unwrap(), None);
    assert_eq!(store.event("one").await.unwrap(), Some(cancelled.clone()));
    assert_eq!(store.event_of_meeting(&meeting.thread_id).await.unwrap(), None);
    assert_eq!(store.events_of("anna", 9).await.unwrap(), []);
    let mut again = cancelled.clone();
    again.revision = 4;
    conflict(store.update_event(&again, 3, MeetingWrite::Leave).await);
}

pub(crate) async fn a_transaction_id_is_free_again_when_its_event_is_cancelled(backend: &impl Backend) {
    let store = backend.open().await;
    for id in ["anna", "ben"] {
        store.put_member(&fixtures::member(id)).await.unwrap();
    }
    let named = |id: &str, owner: &str| {
        let mut event = event(id, owner, 10);
        event.transaction_id = Some("retry".into());
        event
    };
    let one = named("one", "anna");
    store.insert_event(&one, MeetingWrite::Leave).await.unwrap();
    store.insert_event(&named("bens", "ben"), MeetingWrite::Leave).await.unwrap();
    conflict(store.insert_event(&named("two", "anna"), MeetingWrite::Leave).await);
    assert_eq!(store.event_by_transaction("anna", "retry").await.unwrap(), Some(one.clone()));
    let mut gone = one;
    (gone.revision, gone.cancelled) = (2, Some(3));
    store.update_event(&gone, 1, MeetingWrite::Leave).await.unwrap();
    assert_eq!(store.event_by_transaction("anna", "retry").await.unwrap(), None);
    store.insert_event(&named("two", "anna"), MeetingWrite::Leave).await.unwrap();
}

pub(crate) async fn what_may_happen_between_two_times_is_found(backend: &impl Backend) {
    let store = backend.open().await;
    store.put_member(&fixtures::member("anna")).await.unwrap();
    for (id, starts_at, until_at) in [("early", 10, 20), ("series", 15, i64::MAX), ("late", 40, 50)] {
        let mut event = event(id, "anna", starts_at);
        event.until_at = until_at;
        store.insert_event(&event, MeetingWrite::Leave).await.unwrap();
    }
    for (from, to, expected) in [
        (0, 10, &[][..]),
        (0, 11, &["early"]),
        (20, 30, &["early", "series"]),
        (21, 40, &["series"]),
        (50, 60, &["series", "late"]),
        (51, 60, &["series"]),
    ] {
        let found = store.events_between("anna", from, to, 9).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids, expected, "{from} to {to}");
    }
}

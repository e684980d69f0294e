//! An event follows its meeting when that is changed or deleted by itself.

use app::calendar::EventChanges;
use app::calendar::recurrence::Until;
use app::model::{AttendeeKind, CalendarEvent, EventAttendee, Invitee, InviteeRole, OnlineMeeting};
use app::permissions::MEETINGS_READ_WRITE;
use app::{AppError, Change, MeetingPatch};

use super::support::{House, MINUTE, as_member};
use super::{create, daily, subject, time, visit, writer};

fn attendee(address: &str, kind: AttendeeKind) -> EventAttendee {
    EventAttendee {
        address: address.to_owned(),
        name: Some(format!("Name of {address}")),
        kind,
    }
}

fn invitee(upn: &str) -> Invitee {
    Invitee {
        member_id: None,
        upn: Some(upn.to_owned()),
        role: InviteeRole::Attendee,
    }
}

async fn read(house: &House, event: &CalendarEvent) -> CalendarEvent {
    let found = house.app.event(&writer(house), &house.anna().id, &event.id).await.unwrap();
    CalendarEvent::clone(&found.event)
}

async fn meeting_of(house: &House, event: &CalendarEvent) -> OnlineMeeting {
    house.app.event_meeting(event).await.unwrap().unwrap()
}

/// Changes the meeting alone, as somebody without any permission on calendars.
async fn patch(house: &House, meeting: &OnlineMeeting, patch: MeetingPatch) -> Result<OnlineMeeting, AppError> {
    let caller = as_member(&house.anna(), &[MEETINGS_READ_WRITE]);
    house
        .app
        .update_meeting(&caller, &house.anna().id, &house.graph_id(meeting), patch)
        .await
}

async fn delete(house: &House, meeting: &OnlineMeeting) -> Result<(), AppError> {
    let caller = as_member(&house.anna(), &[MEETINGS_READ_WRITE]);
    house.app.delete_meeting(&caller, &house.anna().id, &house.graph_id(meeting)).await
}

#[tokio::test]
async fn an_event_loses_its_deleted_meeting_and_gets_another_when_it_goes_online_again() {
    let house = House::new().await;
    for changes in [visit(), daily(Until::Never)] {
        let event = create(&house, changes).await;
        let meeting = meeting_of(&house, &event).await;
        let mut announced = house.app.changes();
        delete(&house, &meeting).await.unwrap();
        let thread_id = meeting.thread_id.clone();
        assert_eq!(announced.recv().await.unwrap(), Change::MeetingDeleted { thread_id });
        let alone = read(&house, &event).await;
        assert_eq!((alone.meeting_thread.clone(), alone.revision), (None, event.revision + 1));
        assert!(matches!(delete(&house, &meeting).await, Err(AppError::NotFound { .. })));
        // Another change does not bring it back; going online does.
        let update = |changes: EventChanges| {
            let (app, caller, anna, id) = (house.app.clone(), writer(&house), house.anna().id, event.id.clone());
            async move { app.update_event(&caller, &anna, &id, changes, None).await.unwrap() }
        };
        assert_eq!(update(subject("Other")).await.event.meeting_thread, None);
        let online = EventChanges {
            online: Some(true),
            ..EventChanges::default()
        };
        let again = update(online).await;
        let another = meeting_of(&house, &again.event).await;
        assert_ne!(another.thread_id, meeting.thread_id);
        assert_eq!(another.subject.as_deref(), Some("Other"));
    }
}

#[tokio::test]
async fn subject_and_times_of_a_meeting_become_those_of_its_event() {
    let house = House::new().await;
    let event = create(&house, visit()).await;
    let meeting = meeting_of(&house, &event).await;
    // A change of something that the event does not have leaves it alone.
    let options = MeetingPatch {
        edit_options: Some(Box::new(|options| options.allow_reactions = false)),
        ..MeetingPatch::default()
    };
    patch(&house, &meeting, options).await.unwrap();
    assert_eq!(read(&house, &event).await, event);
    let changed = MeetingPatch {
        subject: Some(Some("From the meeting".to_owned())),
        start: Some(event.starts_at + 60 * MINUTE),
        end: Some(event.starts_at + 180 * MINUTE),
        ..MeetingPatch::default()
    };
    patch(&house, &meeting, changed).await.unwrap();
    let after = read(&house, &event).await;
    assert_eq!(after.subject.as_deref(), Some("From the meeting"));
    assert_eq!(after.details.start.local.to_string(), "2027-03-28T00:30:00");
    // The clock is set forward at two.
    assert_eq!(after.details.end.local.to_string(), "2027-03-28T03:30:00");
    assert_eq!(
        (after.details.start.zone.as_str(), after.details.end.instant()),
        ("Europe/Berlin", after.ends_at)
    );
    assert_eq!((after.until_at, after.ends_at), (after.ends_at, event.starts_at + 180 * MINUTE));
    // The hour that the clock shows twice: the second of the two, which no local time names.
    let second = jiff_instant("2027-10-31T01:30:00Z");
    let twice = MeetingPatch {
        start: Some(second),
        end: Some(second + 30 * MINUTE),
        ..MeetingPatch::default()
    };
    patch(&house, &meeting, twice).await.unwrap();
    assert_eq!(read(&house, &event).await.starts_at, second);
    // What no event can be is no meeting of an event either.
    let endless = MeetingPatch {
        start: Some(second),
        end: Some(second + 10 * 366 * 24 * 60 * MINUTE),
        ..MeetingPatch::default()
    };
    let refused = patch(&house, &meeting, endless).await;
    assert!(
        matches!(refused, Err(AppError::InvalidArgument { field: "end", .. })),
        "{refused:?}"
    );
    assert_eq!(meeting_of(&house, &event).await.start, second);
}

fn jiff_instant(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

#[tokio::test]
async fn whole_days_stay_whole_as_long_as_the_meeting_has_whole_days() {
    let house = House::new().await;
    let days = EventChanges {
        start: time("2027-03-27T00:00:00", "Europe/Berlin"),
        end: time("2027-03-28T00:00:00", "Europe/Berlin"),
        all_day: Some(true),
        ..visit()
    };
    let event = create(&house, days).await;
    let meeting = meeting_of(&house, &event).await;
    let at = |start: &str, end: &str| MeetingPatch {
        start: Some(jiff_instant(start)),
        end: Some(jiff_instant(end)),
        ..MeetingPatch::default()
    };
    patch(&house, &meeting, at("2027-04-01T22:00:00Z", "2027-04-03T22:00:00Z"))
        .await
        .unwrap();
    let moved = read(&house, &event).await;
    assert!(moved.details.all_day);
    assert_eq!(moved.details.start.local.to_string(), "2027-04-02T00:00:00");
    patch(&house, &meeting, at("2027-04-01T10:00:00Z", "2027-04-01T11:00:00Z"))
        .await
        .unwrap();
    assert!(!read(&house, &event).await.details.all_day);
}

#[tokio::test]
async fn who_is_invited_to_the_meeting_is_asked_to_its_event() {
    let house = House::new().await;
    let ben = house.ben();
    let changes = EventChanges {
        attendees: Some(vec![
            attendee("maria@example.org", AttendeeKind::Required),
            attendee(&ben.user_principal_name, AttendeeKind::Optional),
            attendee("room4@example.org", AttendeeKind::Resource),
        ]),
        ..visit()
    };
    let event = create(&house, changes).await;
    let meeting = meeting_of(&house, &event).await;
    let clara = house.clara();
    let invitees = vec![
        invitee(&ben.user_principal_name),
        Invitee {
            member_id: Some(clara.id.clone()),
            upn: None,
            role: InviteeRole::Presenter,
        },
        invitee("expert@example.org"),
        invitee("no mail address"),
        invitee(&house.anna().user_principal_name),
    ];
    let changed = MeetingPatch {
        invitees: Some(invitees),
        ..MeetingPatch::default()
    };
    patch(&house, &meeting, changed).await.unwrap();
    let after = read(&house, &event).await.details.attendees;
    let address = clara.mail.clone().unwrap_or_else(|| clara.user_principal_name.clone());
    assert_eq!(
        after,
        [
            attendee(&ben.user_principal_name, AttendeeKind::Optional),
            EventAttendee {
                address,
                name: Some(clara.display_name.clone()),
                kind: AttendeeKind::Required,
            },
            EventAttendee {
                name: None,
                ..attendee("expert@example.org", AttendeeKind::Required)
            },
            attendee("room4@example.org", AttendeeKind::Resource),
        ]
    );
    // And back: who is not asked any more is not invited any more; who could not be asked stays.
    let fewer = EventChanges {
        attendees: Some(vec![attendee("expert@example.org", AttendeeKind::Required)]),
        ..EventChanges::default()
    };
    let (caller, anna) = (writer(&house), house.anna().id);
    let fewer = house.app.update_event(&caller, &anna, &event.id, fewer, None).await.unwrap();
    let left = meeting_of(&house, &fewer.event).await.invitees;
    let names: Vec<_> = left.iter().filter_map(|invitee| invitee.upn.as_deref()).collect();
    assert_eq!(names, ["expert@example.org", "no mail address", &house.anna().user_principal_name]);
}

#[tokio::test]
async fn a_series_keeps_its_times_and_its_meeting_can_be_joined_to_its_end() {
    let house = House::new().await;
    let series = create(&house, daily(Until::Count { count: 200 })).await;
    let meeting = meeting_of(&house, &series).await;
    assert!(meeting.recurring && !meeting_of(&house, &create(&house, visit()).await).await.recurring);
    let changed = MeetingPatch {
        subject: Some(None),
        start: Some(series.starts_at + MINUTE),
        end: Some(series.starts_at + 2 * MINUTE),
        invitees: Some(vec![invitee("maria@example.org")]),
        ..MeetingPatch::default()
    };
    let patched = patch(&house, &meeting, changed).await.unwrap();
    assert!(patched.recurring && patched.expires > series.until_at);
    let after = read(&house, &series).await;
    assert_eq!((after.subject.clone(), after.details.attendees.len()), (None, 1));
    assert_eq!((after.starts_at, after.until_at), (series.starts_at, series.until_at));
    assert_eq!(after.details.recurrence, series.details.recurrence);
    let single = EventChanges {
        recurrence: Some(None),
        ..EventChanges::default()
    };
    let (caller, anna) = (writer(&house), house.anna().id);
    let single = house.app.update_event(&caller, &anna, &series.id, single, None).await.unwrap();
    assert!(!meeting_of(&house, &single.event).await.recurring);
}

#[tokio::test]
async fn changes_of_event_and_meeting_at_once_leave_both_alike() {
    let house = House::new().await;
    let event = create(&house, visit()).await;
    let meeting = meeting_of(&house, &event).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..6_usize {
        let (app, caller, anna) = (house.app.clone(), writer(&house), house.anna().id);
        let (event_id, meeting_id) = (event.id.clone(), house.graph_id(&meeting));
        tasks.spawn(async move {
            let name = format!("name {number}");
            let result = if number % 2 == 0 {
                app.update_event(&caller, &anna, &event_id, subject(&name), None).await.map(drop)
            } else {
                let patch = MeetingPatch {
                    subject: Some(Some(name)),
                    ..MeetingPatch::default()
                };
                app.update_meeting(&caller, &anna, &meeting_id, patch).await.map(drop)
            };
            assert!(matches!(result, Ok(()) | Err(AppError::Conflict { .. })), "{result:?}");
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let after = read(&house, &event).await;
    assert!(after.subject != event.subject, "somebody won");
    assert_eq!(after.subject, meeting_of(&house, &after).await.subject);
}

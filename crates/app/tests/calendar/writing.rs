//! What is announced, what happens at once, what is too much, and what a restart finds.

use app::calendar::EventChanges;
use app::calendar::recurrence::Until;
use app::model::EventBody;
use app::permissions::{CALENDARS_READ, CALENDARS_READ_WRITE};
use app::{AppError, Change};

use super::support::{House, as_application, as_member};
use super::{create, daily, subject, time, visit, writer};

#[tokio::test]
async fn a_running_meeting_hears_of_changes_of_its_event_and_of_its_end() {
    let house = House::new().await;
    let (app, caller, anna) = (&house.app, writer(&house), house.anna().id);
    let event = create(&house, visit()).await;
    let thread_id = event.meeting_thread.clone().unwrap();
    let mut changes = app.changes();
    // Nothing that the meeting has is changed, so nothing is said of it; then something is.
    let quiet = EventChanges {
        body: Some(EventBody {
            html: false,
            content: "papers".to_owned(),
        }),
        ..EventChanges::default()
    };
    app.update_event(&caller, &anna, &event.id, quiet, None).await.unwrap();
    app.update_event(&caller, &anna, &event.id, subject("Other"), None).await.unwrap();
    app.cancel_event(&caller, &anna, &event.id, None, None).await.unwrap();
    assert_eq!(
        changes.recv().await.unwrap(),
        Change::MeetingChanged {
            thread_id: thread_id.clone()
        }
    );
    assert_eq!(changes.recv().await.unwrap(), Change::MeetingDeleted { thread_id });
    assert!(changes.try_recv().is_err());
}

#[tokio::test]
async fn of_changes_at_once_none_is_lost_and_one_repeat_makes_one_event() {
    let house = House::new().await;
    let (caller, anna) = (writer(&house), house.anna().id);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (app, caller, anna) = (house.app.clone(), caller.clone(), anna.clone());
            let changes = EventChanges {
                transaction_id: Some("same".to_owned()),
                ..visit()
            };
            tokio::spawn(async move { app.create_event(&caller, &anna, changes).await.unwrap().id })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(house.app.events(&caller, &anna).await.unwrap().len(), 1);
    let mut wins = 0;
    for tried in [1, 1, 2, 2] {
        match house.app.update_event(&caller, &anna, &ids[0], subject("x"), Some(tried)).await {
            Ok(changed) => {
                wins += 1;
                assert_eq!(changed.event.revision, tried + 1);
            }
            Err(AppError::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(wins, 2, "each revision is changed once");
}

#[tokio::test]
async fn an_event_with_its_meeting_is_found_again_after_a_restart() {
    let house = House::new().await;
    let event = create(&house, daily(Until::Count { count: 3 })).await;
    let house = house.restart().await;
    let (caller, anna) = (as_member(&house.anna(), &[CALENDARS_READ]), house.anna().id);
    let found = house.app.event(&caller, &anna, &event.id).await.unwrap();
    assert_eq!(*found.event, event);
    let meeting = house.app.event_meeting(&event).await.unwrap().unwrap();
    assert_eq!((meeting.start, meeting.end), (event.starts_at, event.ends_at));
    assert!(meeting.expires > event.until_at, "the last occurrence can be joined");
}

#[tokio::test]
async fn an_hour_is_an_hour_over_the_change_of_the_clock_and_whole_days_are_days() {
    let house = House::new().await;
    let (caller, anna) = (writer(&house), house.anna().id);
    let hours = create(&house, daily(Until::Count { count: 3 })).await;
    let days = EventChanges {
        start: time("2027-03-27T00:00:00", "Europe/Berlin"),
        end: time("2027-03-28T00:00:00", "Europe/Berlin"),
        all_day: Some(true),
        ..daily(Until::Count { count: 3 })
    };
    let days = create(&house, days).await;
    let (from, to) = (hours.starts_at - 86_400_000_000, hours.until_at + 86_400_000_000);
    let lengths = |id: String| {
        let (app, caller, anna) = (&house.app, &caller, &anna);
        async move {
            let found = app.event_instances(caller, anna, &id, from, to).await.unwrap();
            found
                .into_iter()
                .map(|instance| instance.occurrence.unwrap())
                .map(|occurrence| (occurrence.ends_at - occurrence.starts_at) / 3_600_000_000)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(lengths(hours.id).await, [1, 1, 1]);
    assert_eq!(lengths(days.id).await, [24, 23, 24], "the second day has 23 hours");
}

#[tokio::test]
async fn too_much_at_once_is_refused_and_not_cut() {
    let house = House::new().await;
    let (app, caller, anna) = (&house.app, writer(&house), house.anna().id);
    for _ in 0..6 {
        create(&house, daily(Until::Never)).await;
    }
    let start = create(&house, visit()).await.starts_at;
    let years = |years: i64| start + years * 365 * 86_400_000_000;
    assert_eq!(app.calendar_view(&caller, &anna, start, years(1)).await.unwrap().len(), 6 * 366 + 1);
    let refused = app.calendar_view(&caller, &anna, start, years(5)).await;
    assert!(matches!(refused, Err(AppError::InvalidArgument { field: "endDateTime", .. })));
    let program = as_application(&[CALENDARS_READ_WRITE]);
    let large = EventChanges {
        body: Some(EventBody {
            html: true,
            content: "x".repeat(128 * 1024),
        }),
        online: None,
        ..visit()
    };
    let mut made = 0;
    let refusal = loop {
        match app.create_event(&program, &anna, large.clone()).await {
            Ok(_) => made += 1,
            Err(error) => break error,
        }
        assert!(made < 200, "the calendar is never full");
    };
    assert!(
        matches!(refusal, AppError::InvalidArgument { field: "event", .. }) && made > 100,
        "{made}: {refusal}"
    );
}

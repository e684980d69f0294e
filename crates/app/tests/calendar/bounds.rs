//! How far a series reaches, what a subject holds, that a large calendar is read in turns and that a full one can be made smaller.

use std::future::Future as _;
use std::pin::pin;

use app::AppError;
use app::calendar::EventChanges;
use app::calendar::recurrence::{Day, Pattern, Recurrence, Until, WeekIndex};
use app::model::EventBody;

use super::support::House;
use super::{create, daily, subject, visit, writer};

const DAY: i64 = 86_400_000_000;

fn single() -> EventChanges {
    EventChanges { online: None, ..visit() }
}

fn offline(until: Until) -> EventChanges {
    EventChanges {
        online: None,
        ..daily(until)
    }
}

async fn refused(house: &House, changes: EventChanges) -> &'static str {
    match house.app.create_event(&writer(house), &house.anna().id, changes).await {
        Err(AppError::InvalidArgument { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

fn yearly(interval: u16, count: u32) -> EventChanges {
    let mut changes = offline(Until::Count { count });
    let index = WeekIndex::Last;
    changes.recurrence = Some(Some(Recurrence {
        pattern: Pattern::RelativeYearly {
            month: 3,
            days: vec![Day::Saturday],
            index,
        },
        interval,
        start: "2027-03-27".parse().unwrap(),
        until: Until::Count { count },
        zone: None,
    }));
    changes
}

#[tokio::test]
async fn many_counted_series_are_read_in_turns_and_found_a_thousand_years_on() {
    let house = House::new().await;
    let (caller, anna) = (writer(&house), house.anna().id);
    let mut last = None;
    for _ in 0..50 {
        last = Some(create(&house, yearly(1, 998)).await);
    }
    let last = last.unwrap().until_at;
    let mut polls = 0;
    let found = {
        let mut view = pin!(house.app.calendar_view(&caller, &anna, last - DAY, last + 800 * DAY));
        std::future::poll_fn(|context| {
            polls += 1;
            view.as_mut().poll(context)
        })
        .await
        .unwrap()
    };
    assert_eq!(found.len(), 50, "the last of each, and none after it");
    assert!(polls > 50, "{polls}: nobody else had a turn");
}

#[tokio::test]
async fn a_series_ends_within_the_years_of_a_calendar_or_never() {
    let house = House::new().await;
    let until = |end: &str| Until::Date { end: end.parse().unwrap() };
    for end in ["4501-01-01", "9999-12-31"] {
        assert_eq!(refused(&house, offline(until(end))).await, "recurrence");
    }
    assert_eq!(refused(&house, yearly(999, 999)).await, "recurrence");
    create(&house, offline(until("4500-12-31"))).await;
    create(&house, offline(Until::Never)).await;
    create(&house, yearly(999, 3)).await;
}

#[tokio::test]
async fn a_subject_without_a_meeting_has_no_control_characters_either() {
    let house = House::new().await;
    let (caller, anna) = (writer(&house), house.anna().id);
    let with = |text: &str| EventChanges {
        subject: Some(Some(text.to_owned())),
        ..single()
    };
    for text in ["a\0b", "a\u{7}", "a\u{9b}b"] {
        assert_eq!(refused(&house, with(text)).await, "subject");
    }
    create(&house, with("a\tb\r\nc")).await;
    let series = create(&house, offline(Until::Never)).await;
    let day = format!("{}.20270328", series.id);
    for id in [&series.id, &day] {
        let bad = house.app.update_event(&caller, &anna, id, subject("a\u{1b}b"), None).await;
        assert!(matches!(bad, Err(AppError::InvalidArgument { field: "subject", .. })), "{bad:?}");
        house.app.update_event(&caller, &anna, id, subject("fine"), None).await.unwrap();
    }
}

#[tokio::test]
async fn an_event_of_a_full_calendar_can_be_shortened_and_not_made_longer() {
    let house = House::new().await;
    let (caller, anna) = (writer(&house), house.anna().id);
    let body = |bytes: usize| EventChanges {
        body: Some(EventBody {
            html: false,
            content: "x".repeat(bytes),
        }),
        ..EventChanges::default()
    };
    let large = EventChanges {
        body: body(120 * 1024).body,
        ..single()
    };
    let mut id = create(&house, large.clone()).await.id;
    while let Ok(event) = house.app.create_event(&caller, &anna, large.clone()).await {
        id = event.id;
    }
    let change = async |changes| house.app.update_event(&caller, &anna, &id, changes, None).await;
    let longer = change(body(121 * 1024)).await;
    assert!(
        matches!(longer, Err(AppError::InvalidArgument { field: "event", .. })),
        "{longer:?}"
    );
    change(subject("Another")).await.unwrap();
    change(body(10)).await.unwrap();
    // Now there is room again.
    create(&house, single()).await;
}

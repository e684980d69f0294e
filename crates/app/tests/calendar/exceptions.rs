//! Single occurrences of a series that are changed.

use app::calendar::recurrence::{Pattern, Recurrence, Until};
use app::calendar::{EventChanges, EventInstance};
use app::model::{CalendarEvent, EventBody};
use app::{AppError, Micros};
use serde_json::{Value, json};

use super::support::{House, MINUTE};
use super::{create, daily, subject, time, visit, writer};

const DAY: Micros = 24 * 60 * MINUTE;

fn on(event: &CalendarEvent, day: &str) -> String {
    format!("{}.{day}", event.id)
}

fn place(name: Value) -> EventChanges {
    EventChanges {
        extra: json!({ "location": name }).as_object().cloned().unwrap(),
        ..EventChanges::default()
    }
}

fn from(start: &str, end: &str) -> EventChanges {
    EventChanges {
        start: time(start, "Europe/Berlin"),
        end: time(end, "Europe/Berlin"),
        ..EventChanges::default()
    }
}

async fn change(house: &House, id: &str, changes: EventChanges) -> Result<EventInstance, AppError> {
    house.app.update_event(&writer(house), &house.anna().id, id, changes, None).await
}

async fn view(house: &House, from: Micros, to: Micros) -> Vec<EventInstance> {
    house.app.calendar_view(&writer(house), &house.anna().id, from, to).await.unwrap()
}

#[tokio::test]
async fn a_changed_occurrence_differs_alone_and_survives_a_restart() {
    let house = House::new().await;
    let series = create(&house, daily(Until::Count { count: 5 })).await;
    let id = on(&series, "20270329");
    let changes = EventChanges {
        body: Some(EventBody {
            html: false,
            content: "papers".to_owned(),
        }),
        ..subject("Only now")
    };
    let changed = change(&house, &id, changes).await.unwrap();
    assert_eq!((changed.id(), changed.subject()), (id.clone(), Some("Only now")));
    change(&house, &id, place(json!({ "displayName": "Room 5" }))).await.unwrap();
    change(&house, &id, from("2027-03-29T10:00:00", "2027-03-29T12:00:00"))
        .await
        .unwrap();
    let house = house.restart().await;
    let all = view(&house, series.starts_at - DAY, series.starts_at + 9 * DAY).await;
    let subjects: Vec<_> = all.iter().map(|instance| instance.subject().unwrap()).collect();
    assert_eq!(subjects, ["Visit", "Visit", "Only now", "Visit", "Visit"]);
    let kinds: Vec<_> = all.iter().map(|instance| instance.exception().is_some()).collect();
    assert_eq!(kinds, [false, false, true, false, false]);
    let only = all[2].occurrence.as_ref().unwrap();
    assert_eq!(
        (only.start.local.to_string(), only.ends_at - only.starts_at),
        ("2027-03-29T10:00:00".to_owned(), 120 * MINUTE)
    );
    assert_eq!(only.planned.local.to_string(), "2027-03-29T23:30:00");
    assert_eq!((all[2].body().content.as_str(), all[3].body().content.as_str()), ("papers", ""));
    assert_eq!(all[2].extra("location"), Some(&json!({ "displayName": "Room 5" })));
    assert_eq!(all[3].extra("location"), None);
    // What it does not have of its own follows the series, what it has does not.
    let renamed = EventChanges {
        hide_attendees: Some(true),
        ..subject("All")
    };
    change(&house, &series.id, renamed).await.unwrap();
    let all = view(&house, series.starts_at - DAY, series.starts_at + 9 * DAY).await;
    assert_eq!((all[1].subject(), all[2].subject()), (Some("All"), Some("Only now")));
    // Made like the series again, it is an occurrence like the others.
    let back = EventChanges {
        body: Some(EventBody::default()),
        ..from("2027-03-29T23:30:00", "2027-03-30T00:30:00")
    };
    change(&house, &id, back).await.unwrap();
    change(&house, &id, place(Value::Null)).await.unwrap();
    let alike = change(&house, &id, subject("All")).await.unwrap();
    assert!(alike.exception().is_none() && alike.event.details.exceptions.is_empty());
}

#[tokio::test]
async fn a_moved_occurrence_is_found_where_it_is_and_not_where_it_was() {
    let house = House::new().await;
    let series = create(&house, daily(Until::Count { count: 3 })).await;
    let hour = |at: Micros| (at - 30 * MINUTE, at + 30 * MINUTE);
    let ids = |found: Vec<EventInstance>| found.iter().map(EventInstance::id).collect::<Vec<_>>();
    // The first before the series, the last behind it, where the meeting can still be joined.
    let first = on(&series, "20270327");
    let early = change(&house, &first, from("2027-03-01T09:00:00", "2027-03-01T10:00:00"))
        .await
        .unwrap();
    let last = on(&series, "20270329");
    let late = change(&house, &last, from("2027-04-20T09:00:00", "2027-04-20T10:00:00"))
        .await
        .unwrap();
    for (instance, id) in [(early, first), (late.clone(), last)] {
        let (from, to) = hour(instance.starts_at());
        assert_eq!(ids(view(&house, from, to).await), std::slice::from_ref(&id));
        let found = house
            .app
            .event_instances(&writer(&house), &house.anna().id, &series.id, from, to)
            .await
            .unwrap();
        assert_eq!(ids(found), std::slice::from_ref(&id));
        let (from, to) = hour(instance.occurrence.unwrap().planned.instant());
        assert_eq!(ids(view(&house, from, to).await), Vec::<String>::new());
    }
    let meeting = house.app.event_meeting(&late.event).await.unwrap().unwrap();
    assert!(late.event.until_at == late.starts_at() + 60 * MINUTE && meeting.expires > late.event.until_at);
    assert_eq!(meeting.start, series.starts_at);
    let far = change(&house, &on(&series, "20270328"), from("2027-05-20T09:00:00", "2027-05-20T10:00:00")).await;
    assert!(matches!(far, Err(AppError::InvalidArgument { field: "start", .. })), "{far:?}");
}

#[tokio::test]
async fn another_plan_of_the_series_forgets_what_was_changed_and_a_cancelled_occurrence_is_not_changed() {
    let house = House::new().await;
    let series = create(&house, daily(Until::Count { count: 5 })).await;
    let repeats = |pattern: Pattern, count: u32| EventChanges {
        recurrence: Some(Some(Recurrence {
            pattern,
            interval: 1,
            start: "2027-03-27".parse().unwrap(),
            until: Until::Count { count },
            zone: None,
        })),
        ..EventChanges::default()
    };
    let exceptions = |instance: &EventInstance| instance.event.details.exceptions.len();
    for day in ["20270328", "20270330", "20270331"] {
        change(&house, &on(&series, day), subject("Other")).await.unwrap();
    }
    // Shorter: those that still take place are kept.
    let shorter = change(&house, &series.id, repeats(Pattern::Daily, 4)).await.unwrap();
    assert_eq!(exceptions(&shorter), 2);
    let (app, caller, anna) = (&house.app, writer(&house), house.anna().id);
    let gone = on(&series, "20270328");
    app.cancel_event(&caller, &anna, &gone, None, None).await.unwrap();
    assert!(matches!(change(&house, &gone, subject("x")).await, Err(AppError::NotFound { .. })));
    let left = app.event(&caller, &anna, &series.id).await.unwrap();
    assert_eq!(exceptions(&left), 1);
    let days = app::calendar::recurrence::Day::ALL.to_vec();
    let weekly = Pattern::Weekly {
        days,
        first_day: app::calendar::recurrence::Day::Monday,
    };
    assert_eq!(exceptions(&change(&house, &series.id, repeats(weekly, 4)).await.unwrap()), 0);
    change(&house, &on(&series, "20270329"), subject("Other")).await.unwrap();
    let moved = change(&house, &series.id, from("2027-03-27T09:00:00", "2027-03-27T10:00:00"))
        .await
        .unwrap();
    assert_eq!(exceptions(&moved), 0);
}

#[tokio::test]
async fn what_belongs_to_the_whole_series_is_refused_for_one_occurrence_and_passed_over_when_it_is_the_same() {
    let house = House::new().await;
    let series = create(
        &house,
        EventChanges {
            online: None,
            ..daily(Until::Never)
        },
    )
    .await;
    let id = on(&series, "20270329");
    let none = EventChanges::default;
    let as_read = EventChanges {
        recurrence: Some(None),
        attendees: Some(Vec::new()),
        hide_attendees: Some(false),
        all_day: Some(false),
        online: Some(false),
        ..none()
    };
    assert!(change(&house, &id, as_read).await.unwrap().exception().is_none());
    let someone = app::model::EventAttendee {
        address: "maria@example.org".to_owned(),
        name: None,
        kind: app::model::AttendeeKind::Required,
    };
    let own = [
        (
            "recurrence",
            EventChanges {
                recurrence: daily(Until::Never).recurrence,
                ..none()
            },
        ),
        (
            "attendees",
            EventChanges {
                attendees: Some(vec![someone]),
                ..none()
            },
        ),
        (
            "hideAttendees",
            EventChanges {
                hide_attendees: Some(true),
                ..none()
            },
        ),
        (
            "isAllDay",
            EventChanges {
                all_day: Some(true),
                ..none()
            },
        ),
        (
            "isOnlineMeeting",
            EventChanges {
                online: Some(true),
                ..none()
            },
        ),
        (
            "end",
            EventChanges {
                end: time("2027-03-29T20:00:00", "Europe/Berlin"),
                ..none()
            },
        ),
        ("subject", subject(&"x".repeat(2000))),
    ];
    for (name, changes) in own {
        match change(&house, &id, changes).await {
            Err(AppError::InvalidArgument { field, .. }) => assert_eq!(field, name),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(view(&house, series.starts_at, series.starts_at + 60 * MINUTE).await.len(), 1);
}

#[tokio::test]
async fn what_all_changed_occurrences_hold_is_bounded() {
    let house = House::new().await;
    let series = create(&house, daily(Until::Never)).await;
    let large = |text: &str| EventChanges {
        body: Some(EventBody {
            html: false,
            content: text.repeat(120 * 1024),
        }),
        ..EventChanges::default()
    };
    let mut made = 0;
    let refusal = loop {
        let id = on(&series, &format!("202704{:02}", made + 1));
        match change(&house, &id, large("x")).await {
            Ok(_) => made += 1,
            Err(error) => break error,
        }
        assert!(made < 20, "nothing bounds it");
    };
    assert!(
        matches!(refusal, AppError::InvalidArgument { field: "id", .. }) && made == 8,
        "{made}: {refusal}"
    );
    // What is there can still be changed.
    change(&house, &on(&series, "20270401"), large("y")).await.unwrap();
    create(&house, visit()).await;
}

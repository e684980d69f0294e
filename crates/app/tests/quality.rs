//! The quality record: kept, read by administrators over pages, forgotten.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use app::permissions::SETTINGS_READ_WRITE;
use app::quality::{CallFilter, CaptureAct, KEPT_DAYS, QualityLeg, Reading, Watch};
use app::{AppError, Caller};
use support::{House, MINUTE, as_member};

fn administrator(house: &House) -> Caller {
    as_member(&house.clara(), &[SETTINGS_READ_WRITE])
}

async fn held(house: &House, held_id: &str, sessions: usize) {
    for session in 0..sessions {
        let leg = QualityLeg {
            session: format!("{held_id} {session}"),
            held_id: held_id.to_owned(),
            kind: "meeting".to_owned(),
            key: "19:meeting_x@thread.v2".to_owned(),
            raw_id: format!("8:acs:r_{session}"),
            display_name: format!("Person {session}"),
            person: "guest".to_owned(),
        };
        let mut watch = Watch::new(leg, house.app.now());
        watch.connect(house.app.now(), 1);
        watch.read(house.app.now(), 1, Reading::default());
        watch.end(house.app.now());
        house.app.record_quality(&[watch.record()]).await.unwrap();
        house.pass(MINUTE);
    }
}

#[tokio::test]
async fn administrators_read_calls_and_sessions_page_by_page() {
    let house = House::new().await;
    for held_id in ["a", "b", "c"] {
        held(&house, held_id, 3).await;
    }
    let administrator = administrator(&house);
    let (mut mark, mut calls) = (None, Vec::new());
    loop {
        let page = house
            .app
            .quality_calls(&administrator, &CallFilter::default(), mark.as_deref(), Some(2))
            .await
            .unwrap();
        calls.extend(page.items.into_iter().map(|call| call.held_id));
        mark = page.next;
        if mark.is_none() {
            break;
        }
    }
    assert_eq!(calls, ["c", "b", "a"]);
    let first = house.app.quality_sessions(&administrator, "b", None, Some(2)).await.unwrap();
    let rest = house
        .app
        .quality_sessions(&administrator, "b", first.next.as_deref(), Some(2))
        .await
        .unwrap();
    let names: Vec<_> = first.items.into_iter().chain(rest.items).map(|record| record.leg.session).collect();
    assert_eq!(
        (names, rest.next),
        (vec!["b 0".to_owned(), "b 1".to_owned(), "b 2".to_owned()], None)
    );
    assert_eq!(house.app.quality_call(&administrator, "b").await.unwrap().sessions, 3);
    let none = house.app.quality_call(&administrator, "none").await;
    assert!(matches!(none, Err(AppError::NotFound { .. })));
    for (mark, top) in [(Some("nonsense"), None), (None, Some(0)), (None, Some(201))] {
        let refused = house.app.quality_calls(&administrator, &CallFilter::default(), mark, top).await;
        assert!(matches!(refused, Err(AppError::InvalidArgument { .. })), "{mark:?} {top:?}");
        let refused = house.app.quality_sessions(&administrator, "b", mark, top).await;
        assert!(matches!(refused, Err(AppError::InvalidArgument { .. })), "{mark:?} {top:?}");
    }
}

#[tokio::test]
async fn nobody_else_reads_any_of_it() {
    let house = House::new().await;
    held(&house, "a", 1).await;
    for caller in [
        as_member(&house.anna(), &[SETTINGS_READ_WRITE]),
        as_member(&house.clara(), &["User.Read"]),
    ] {
        let calls = house.app.quality_calls(&caller, &CallFilter::default(), None, None).await;
        assert!(matches!(calls, Err(AppError::Forbidden { .. })));
        assert!(matches!(
            house.app.quality_call(&caller, "a").await,
            Err(AppError::Forbidden { .. })
        ));
        let sessions = house.app.quality_sessions(&caller, "a", None, None).await;
        assert!(matches!(sessions, Err(AppError::Forbidden { .. })));
    }
    // The twin: the administrator does.
    assert!(house.app.quality_call(&administrator(&house), "a").await.is_ok());
}

#[tokio::test]
async fn captures_are_for_administrators_and_in_the_audit_log_before_anything_is_done() {
    let house = House::new().await;
    let administrator = administrator(&house);
    let acts = [
        CaptureAct::Start,
        CaptureAct::List,
        CaptureAct::Stop,
        CaptureAct::Read,
        CaptureAct::Delete,
    ];
    for act in acts {
        house.app.may_capture(&administrator, act, "call", "session").await.unwrap();
        let member = as_member(&house.anna(), &[SETTINGS_READ_WRITE]);
        let refused = house.app.may_capture(&member, act, "call", "session").await;
        assert!(matches!(refused, Err(AppError::Forbidden { .. })), "{act:?}");
    }
    let log = house.app.audit_log(9).await.unwrap();
    let mut actions: Vec<_> = log
        .iter()
        .map(|entry| entry.action.as_str())
        .filter(|action| action.starts_with("capture."))
        .collect();
    actions.sort_unstable();
    assert_eq!(actions, ["capture.deleted", "capture.read", "capture.started", "capture.stopped"]);
    let one = log.iter().find(|entry| entry.action == "capture.started").unwrap();
    assert_eq!((one.subject.as_str(), one.actor.contains(&house.clara().id)), ("session", true));
}

#[tokio::test]
async fn records_are_forgotten_in_time() {
    let house = House::new().await;
    held(&house, "a", 1).await;
    house.pass(KEPT_DAYS * 24 * 60 * MINUTE - MINUTE);
    held(&house, "b", 1).await;
    let count = async || {
        house.app.sweep_quality().await.unwrap();
        let calls = house
            .app
            .quality_calls(&administrator(&house), &CallFilter::default(), None, None)
            .await;
        calls.unwrap().items.len()
    };
    house.pass(-MINUTE);
    assert_eq!(count().await, 2);
    house.pass(MINUTE);
    assert_eq!(count().await, 1);
}

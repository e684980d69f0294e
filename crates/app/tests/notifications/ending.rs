//! How subscriptions end: they expire, or the right to them is taken away.

use app::access::AccessStore as _;
use app::notify::MeetingCallEvent;
use app::ports::DirectoryStore as _;

use crate::house::{HOOK, LIFE, Manner, Watching, words};
use crate::support::MINUTE;

const DAY: i64 = 24 * 60 * MINUTE;

#[tokio::test]
async fn a_subscription_that_ends_soon_is_reminded_of_once_and_a_renewal_starts_anew() {
    let watching = Watching::new().await;
    let (app, meeting) = (&watching.house.app, watching.meeting().await);
    let subscription = watching.subscribe(watching.long_draft(&meeting)).await.unwrap();
    watching.house.pass(DAY - 16 * MINUTE);
    watching.deliver().await;
    assert!(watching.receivers.take().is_empty());
    watching.house.pass(2 * MINUTE);
    for expected in [1, 0] {
        watching.deliver().await;
        let told = words(&watching.receivers.items(LIFE));
        assert_eq!(told, vec!["reauthorizationRequired"; expected]);
    }
    app.renew_subscription(&watching.application(), &subscription.id, None)
        .await
        .unwrap();
    watching.deliver().await;
    assert!(
        watching.receivers.take().is_empty(),
        "who is still there but moves no end is not reminded in a circle"
    );
    let end = app.now() + DAY;
    app.renew_subscription(&watching.application(), &subscription.id, Some(end))
        .await
        .unwrap();
    watching.house.pass(20 * MINUTE);
    watching.deliver().await;
    assert!(watching.receivers.take().is_empty());
    watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    watching.deliver().await;
    assert_eq!(words(&watching.receivers.items(HOOK)), ["callStarted"]);
    watching.house.pass(DAY - 30 * MINUTE);
    watching.deliver().await;
    assert_eq!(words(&watching.receivers.items(LIFE)), ["reauthorizationRequired"]);
}

#[tokio::test]
async fn an_expired_subscription_says_so_tells_nothing_more_and_makes_room() {
    let watching = Watching::new().await;
    let (app, meeting) = (&watching.house.app, watching.meeting().await);
    let subscription = watching.subscribe(watching.long_draft(&meeting)).await.unwrap();
    watching.receivers.behave(HOOK, Manner::Status(503));
    watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    watching.house.pass(DAY);
    watching.happens(&meeting, MeetingCallEvent::CallEnded).await;
    assert!(app.subscription(&watching.application(), &subscription.id).await.is_err());
    let own = watching.application();
    assert!(app.renew_subscription(&own, &subscription.id, Some(app.now() + DAY)).await.is_err());
    watching.receivers.behave(HOOK, Manner::Good);
    let next = watching.subscribe(watching.long_draft(&meeting)).await.unwrap();
    watching.deliver().await;
    let told = watching.receivers.take();
    let places: Vec<_> = told.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, [LIFE], "what waited is not told after the end");
    assert_eq!(words(told[0].1["items"].as_array().unwrap()), ["removed"]);
    assert_eq!(app.subscriptions(&watching.application(), 0, 10).await.unwrap(), [next]);
}

#[tokio::test]
async fn who_gave_no_address_for_it_is_not_told_of_the_end() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    watching.subscribe(watching.draft(&meeting)).await.unwrap();
    watching.house.pass(61 * MINUTE);
    watching.deliver().await;
    assert!(watching.receivers.take().is_empty());
    assert!(
        watching
            .house
            .app
            .subscriptions(&watching.application(), 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn who_loses_the_permission_or_the_grant_hears_nothing_more_of_the_meeting() {
    for taken in ["nothing", "permission", "grant"] {
        let watching = Watching::new().await;
        let meeting = watching.meeting().await;
        watching.subscribe(watching.long_draft(&meeting)).await.unwrap();
        watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
        let store = &watching.house.store;
        let mut application = watching.house.dev.application.clone();
        match taken {
            "permission" => {
                application
                    .application_permissions
                    .retain(|name| !name.starts_with("OnlineMeetings"));
                store.put_application(&application).await.unwrap();
            }
            "grant" => {
                for policy in store.access_policies().await.unwrap() {
                    let emptied = app::model::AccessPolicy {
                        applications: Vec::new(),
                        ..policy
                    };
                    store.put_access_policy(&emptied).await.unwrap();
                }
            }
            _ => {}
        }
        watching.deliver().await;
        watching.deliver().await;
        let told = watching.receivers.take();
        let places: Vec<_> = told.iter().map(|(place, _)| place.as_str()).collect();
        let expected = if taken == "nothing" { HOOK } else { LIFE };
        assert_eq!(places, [expected], "{taken}");
        let words = words(told[0].1["items"].as_array().unwrap());
        assert_eq!(words, [if taken == "nothing" { "callStarted" } else { "removed" }], "{taken}");
    }
}

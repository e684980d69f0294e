//! What happened arrives: once, in order, again after a failure, and after a restart.

use std::sync::Arc;

use app::model::Channel;
use app::notify::{MeetingCallEvent, RemovedReason, RosterChange, SubscriptionStore as _};
use app::ports::DirectoryStore as _;
use tokio::sync::watch;

use crate::house::{HOOK, LIFE, Manner, Plain, Watching, words};
use crate::support::{MINUTE, SECOND};

fn roster(name: &str) -> MeetingCallEvent {
    MeetingCallEvent::RosterUpdated {
        changes: vec![RosterChange {
            raw_id: format!("8:acs:{name}"),
            display_name: name.to_owned(),
            member_id: None,
            in_lobby: false,
            removed: Some(RemovedReason::Left),
        }],
    }
}

#[tokio::test]
async fn what_happened_is_told_in_order_once_and_to_those_who_watch() {
    let watching = Watching::new().await;
    let (meeting, other) = (watching.meeting().await, watching.meeting().await);
    let subscription = watching.subscribe(watching.draft(&meeting)).await.unwrap();
    watching.happens(&other, MeetingCallEvent::CallStarted).await;
    for event in [MeetingCallEvent::CallStarted, roster("Maria"), MeetingCallEvent::CallEnded] {
        watching.happens(&meeting, event).await;
    }
    watching.deliver().await;
    let [(place, body)] = watching.receivers.take().try_into().unwrap();
    assert_eq!(
        (place.as_str(), body["subscription"].as_str()),
        (HOOK, Some(subscription.id.as_str()))
    );
    assert_eq!(
        words(body["items"].as_array().unwrap()),
        ["callStarted", "rosterUpdated", "callEnded"]
    );
    assert!(body["tokens"].as_array().unwrap().is_empty() && body["items"][0]["encrypted"].is_null());
    watching.deliver().await;
    assert!(watching.receivers.take().is_empty());
}

#[tokio::test]
async fn many_are_told_in_several_requests_that_keep_the_order() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    watching.subscribe(watching.draft(&meeting)).await.unwrap();
    for number in 0..45 {
        watching.happens(&meeting, roster(&number.to_string())).await;
    }
    watching.deliver().await;
    let requests = watching.receivers.take();
    let sizes: Vec<_> = requests.iter().map(|(_, body)| body["items"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [20, 20, 5]);
    let names: Vec<_> = requests
        .iter()
        .flat_map(|(_, body)| body["items"].as_array().unwrap())
        .map(|item| {
            item["notice"]["meetingCall"]["event"]["changes"][0]["displayName"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(names, (0..45).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_was_not_accepted_is_repeated_later_and_later_and_nothing_overtakes_it() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    watching.subscribe(watching.draft(&meeting)).await.unwrap();
    watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    for manner in [Manner::Status(503), Manner::Status(302), Manner::Unreachable] {
        watching.receivers.behave(HOOK, manner);
        watching.deliver().await;
        assert_eq!(watching.receivers.items(HOOK).len(), 1, "{manner:?}");
        watching.deliver().await;
        assert!(watching.receivers.take().is_empty(), "not before its time");
        watching.house.pass(20 * SECOND);
    }
    watching.happens(&meeting, MeetingCallEvent::CallEnded).await;
    watching.receivers.behave(HOOK, Manner::Status(202));
    watching.deliver().await;
    assert_eq!(words(&watching.receivers.items(HOOK)), ["callStarted", "callEnded"]);
    watching.house.pass(20 * MINUTE);
    watching.deliver().await;
    assert!(watching.receivers.take().is_empty(), "any 2xx is enough");
}

#[tokio::test]
async fn a_repetition_has_the_same_id() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    watching.subscribe(watching.draft(&meeting)).await.unwrap();
    watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    watching.receivers.behave(HOOK, Manner::Status(500));
    watching.deliver().await;
    let first = watching.receivers.items(HOOK);
    watching.receivers.behave(HOOK, Manner::Good);
    watching.house.pass(20 * SECOND);
    watching.deliver().await;
    assert_eq!(watching.receivers.items(HOOK)[0]["id"], first[0]["id"]);
}

#[tokio::test]
async fn after_four_hours_it_is_dropped_and_the_subscriber_is_told_so() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    watching.subscribe(watching.long_draft(&meeting)).await.unwrap();
    watching.receivers.behave(HOOK, Manner::Status(503));
    watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    for _ in 0..23 {
        watching.deliver().await;
        watching.house.pass(10 * MINUTE);
    }
    assert!(watching.receivers.take().len() > 20);
    watching.happens(&meeting, MeetingCallEvent::CallEnded).await;
    watching.house.pass(10 * MINUTE);
    watching.deliver().await;
    let told = watching.receivers.take();
    let at = |wanted: &str| {
        told.iter()
            .filter(|(place, _)| place == wanted)
            .map(|(_, body)| words(body["items"].as_array().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(at(HOOK), [["callEnded"]], "the older one is gone, the newer one is not");
    watching.deliver().await;
    let later = watching.receivers.items(LIFE);
    let life = at(LIFE).concat().into_iter().chain(words(&later)).collect::<Vec<_>>();
    assert_eq!(life, ["missed"]);
}

#[tokio::test]
async fn a_line_that_is_full_takes_nothing_more_and_says_that_something_was_missed() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    let subscription = watching.subscribe(watching.long_draft(&meeting)).await.unwrap();
    for _ in 0..1003 {
        watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    }
    let waiting = async |channel| {
        let key = app::model::QueueKey {
            subscription_id: subscription.id.clone(),
            channel,
        };
        watching.house.store.queued_notifications(&key, 10_000).await.unwrap().len()
    };
    assert_eq!((waiting(Channel::Changes).await, waiting(Channel::Lifecycle).await), (1000, 1));
}

#[tokio::test]
async fn what_was_written_down_is_told_by_the_next_process() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    watching.subscribe(watching.draft(&meeting)).await.unwrap();
    watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    let watching = watching.restart().await;
    watching.deliver().await;
    assert_eq!(words(&watching.receivers.items(HOOK)), ["callStarted"]);
}

#[tokio::test]
async fn the_worker_wakes_when_something_happens_and_one_that_hangs_delays_no_other() {
    let mut watching = Watching::new().await;
    let hanging = "https://hanging.example/";
    for _ in 0..20 {
        let meeting = watching.meeting().await;
        let draft = app::notify::SubscriptionDraft {
            notification_url: hanging.to_owned(),
            ..watching.draft(&meeting)
        };
        watching.subscribe(draft).await.unwrap();
        watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    }
    watching.receivers.behave(hanging, Manner::Hangs);
    let (stop, stopped) = watch::channel(false);
    let app = watching.house.app.clone();
    let worker = tokio::spawn(async move { app.run_deliveries(Arc::new(Plain), stopped).await });
    for _ in 0..8 {
        assert_eq!(watching.told.recv().await.unwrap(), hanging);
    }
    // The application with the hanging receivers has as much as one may have; another one is served at once.
    let meeting = watching.meeting().await;
    let other = app::Caller::Application {
        client_id: "a".to_owned(),
        roles: vec!["OnlineMeetings.Read.All".to_owned()],
    };
    let mut registered = watching.house.dev.application.clone();
    (registered.client_id, registered.object_id) = ("a".to_owned(), "object of a".to_owned());
    watching.house.store.put_application(&registered).await.unwrap();
    watching.house.app.subscribe(&other, watching.draft(&meeting)).await.unwrap();
    watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    assert_eq!(watching.told.recv().await.unwrap(), HOOK);
    stop.send(true).unwrap();
    worker.await.unwrap();
}

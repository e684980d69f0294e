//! Subscriptions to change notifications, and the lines of what waits for their applications.

use app::model::{Channel, EncryptionCertificate, Lifecycle, Notice, Notification, QueueKey, Subscription};
use app::notify::{MeetingCallEvent, RemovedReason, RosterChange};
use app::ports::{Store, StoreError};

use super::backend::Backend;

const MINUTE: i64 = 60_000_000;

fn subscription(id: &str, application: &str, thread: &str) -> Subscription {
    Subscription {
        id: id.into(),
        application_id: application.into(),
        creator_id: "creator".into(),
        resource: "communications/…".into(),
        thread_id: thread.into(),
        organizer_id: "anna".into(),
        change_type: "updated".into(),
        notification_url: "https://receiver.example/".into(),
        lifecycle_url: Some("https://receiver.example/life".into()),
        client_state: Some("secret".into()),
        encryption: Some(EncryptionCertificate {
            id: "mine".into(),
            der: "MIIB".into(),
        }),
        created: 5,
        expires: 100 * MINUTE,
        reminded: None,
        removed: None,
    }
}

fn notification(id: &str, created: i64) -> Notification {
    Notification {
        id: id.into(),
        notice: Notice::MeetingCall {
            event: MeetingCallEvent::RosterUpdated {
                changes: vec![RosterChange {
                    raw_id: "8:acs:x".into(),
                    display_name: "Zoë".into(),
                    member_id: None,
                    in_lobby: true,
                    removed: Some(RemovedReason::Denied),
                }],
            },
            at: created,
        },
        created,
    }
}

fn lifecycle(id: &str) -> Notification {
    Notification {
        id: id.into(),
        notice: Notice::Lifecycle(Lifecycle::Removed),
        created: 7,
    }
}

fn line(subscription: &str, channel: Channel) -> QueueKey {
    QueueKey {
        subscription_id: subscription.into(),
        channel,
    }
}

async fn waiting(store: &dyn Store, key: &QueueKey) -> Vec<String> {
    let rows = store.queued_notifications(key, 100).await.unwrap();
    rows.into_iter().map(|row| row.notification.id).collect()
}

async fn enqueue(store: &dyn Store, key: &QueueKey, ids: &[&str], created: i64) {
    for id in ids {
        let full = store
            .enqueue_notifications(&[(key.clone(), notification(id, created))], 100)
            .await
            .unwrap();
        assert!(full.is_empty());
    }
}

pub(crate) async fn a_subscription_comes_back_as_it_was_and_is_the_only_one_on_its_meeting(backend: &impl Backend) {
    let store = backend.open().await;
    let first = subscription("1", "visits", "thread");
    let mut bare = subscription("2", "visits", "other thread");
    (bare.lifecycle_url, bare.client_state, bare.encryption, bare.created) = (None, None, None, 6);
    for written in [&first, &bare] {
        store.insert_subscription(written).await.unwrap();
        assert_eq!(store.subscription(&written.id).await.unwrap().as_ref(), Some(written));
    }
    let second = store.insert_subscription(&subscription("3", "visits", "thread")).await;
    assert!(matches!(second, Err(StoreError::Conflict { .. })));
    store.insert_subscription(&subscription("4", "another", "thread")).await.unwrap();
    assert_eq!(
        store.subscriptions_of("visits", 0, 0, 10).await.unwrap(),
        [first.clone(), bare.clone()]
    );
    assert_eq!(store.subscriptions_of("visits", 0, 1, 10).await.unwrap(), [bare]);
    assert!(
        store.subscriptions_of("visits", 100 * MINUTE, 0, 10).await.unwrap().is_empty(),
        "expired"
    );
    let on = async |now| store.subscriptions_on("thread", now).await.unwrap().len();
    assert_eq!((on(0).await, on(100 * MINUTE - 1).await, on(100 * MINUTE).await), (2, 2, 0));

    assert!(store.delete_subscription("1").await.unwrap());
    assert!(!store.delete_subscription("1").await.unwrap());
    store.insert_subscription(&subscription("3", "visits", "thread")).await.unwrap();
}

pub(crate) async fn a_renewal_moves_the_end_of_what_lives_and_of_nothing_else(backend: &impl Backend) {
    let store = backend.open().await;
    store.insert_subscription(&subscription("1", "visits", "thread")).await.unwrap();
    assert!(store.remind_subscription("1", 90 * MINUTE, &lifecycle("reminder")).await.unwrap());
    assert!(!store.remind_subscription("1", 90 * MINUTE, &lifecycle("again")).await.unwrap());
    assert_eq!(waiting(&*store, &line("1", Channel::Lifecycle)).await, ["reminder"]);
    assert!(!store.renew_subscription("1", 200 * MINUTE, 100 * MINUTE).await.unwrap(), "expired");
    assert!(!store.renew_subscription("unknown", 200 * MINUTE, 0).await.unwrap());
    let (end, reminded) = store
        .subscription("1")
        .await
        .unwrap()
        .map(|found| (found.expires, found.reminded))
        .unwrap();
    assert!(store.renew_subscription("1", end, 99 * MINUTE).await.unwrap(), "the same end again");
    assert_eq!(
        store.subscription("1").await.unwrap().unwrap().reminded,
        reminded,
        "one end is reminded of once"
    );
    assert!(reminded.is_some());
    assert!(store.renew_subscription("1", 200 * MINUTE, 99 * MINUTE).await.unwrap());
    let renewed = store.subscription("1").await.unwrap().unwrap();
    assert_eq!((renewed.expires, renewed.reminded), (200 * MINUTE, None));
    store
        .remove_subscription("1", 100 * MINUTE, Some(&lifecycle("last")))
        .await
        .unwrap();
    assert!(!store.renew_subscription("1", 300 * MINUTE, 99 * MINUTE).await.unwrap(), "removed");
}

pub(crate) async fn a_line_keeps_its_order_and_is_due_as_a_whole(backend: &impl Backend) {
    let store = backend.open().await;
    store.insert_subscription(&subscription("1", "visits", "thread")).await.unwrap();
    let key = line("1", Channel::Changes);
    enqueue(&*store, &key, &["a", "b", "c"], 10).await;
    assert_eq!(waiting(&*store, &key).await, ["a", "b", "c"]);
    let first = store.queued_notifications(&key, 1).await.unwrap();
    assert_eq!(first[0].notification, notification("a", 10));
    let due = async |now| store.due_queues(now, 10).await.unwrap();
    assert!(due(9).await.is_empty());
    let [queue] = due(10).await.try_into().unwrap();
    assert_eq!(
        (&queue.key, queue.application_id.as_str(), queue.attempts, queue.due),
        (&key, "visits", 0, 10)
    );

    store.postpone_queue(&key, 3, 50).await.unwrap();
    enqueue(&*store, &key, &["d"], 20).await;
    assert!(due(49).await.is_empty(), "a new row does not make a postponed line due");
    assert_eq!(due(50).await[0].attempts, 3);
    let rows = store.queued_notifications(&key, 2).await.unwrap();
    store.settle_notifications(&key, rows[1].seq, 0, 60).await.unwrap();
    assert_eq!(waiting(&*store, &key).await, ["c", "d"]);
    let [queue] = due(60).await.try_into().unwrap();
    assert_eq!((queue.attempts, queue.due), (0, 60));
    store.settle_notifications(&key, i64::MAX, 0, 70).await.unwrap();
    assert!(due(i64::MAX).await.is_empty(), "a line without rows does not exist");
    enqueue(&*store, &key, &["e"], 80).await;
    assert_eq!(waiting(&*store, &key).await, ["e"]);
}

pub(crate) async fn a_full_line_takes_nothing_and_others_do(backend: &impl Backend) {
    let store = backend.open().await;
    for (id, thread) in [("1", "thread"), ("2", "other thread")] {
        store.insert_subscription(&subscription(id, "visits", thread)).await.unwrap();
    }
    let (full, other) = (line("1", Channel::Changes), line("2", Channel::Changes));
    let both = |id: &str| [(full.clone(), notification(id, 1)), (other.clone(), notification(id, 1))];
    store.enqueue_notifications(&both("a")[..1], 2).await.unwrap();
    assert!(store.enqueue_notifications(&both("b"), 2).await.unwrap().is_empty());
    assert_eq!(
        store.enqueue_notifications(&both("c"), 2).await.unwrap(),
        std::slice::from_ref(&full)
    );
    assert_eq!(waiting(&*store, &full).await, ["a", "b"]);
    assert_eq!(waiting(&*store, &other).await, ["b", "c"]);
    let gone = [(line("unknown", Channel::Changes), notification("x", 1))];
    store.enqueue_notifications(&gone, 2).await.unwrap();
    assert!(waiting(&*store, &gone[0].0).await.is_empty(), "what was deleted takes nothing");
}

pub(crate) async fn due_lines_are_shared_among_applications(backend: &impl Backend) {
    let store = backend.open().await;
    for number in 0..5 {
        let id = format!("many {number}");
        store.insert_subscription(&subscription(&id, "many", &id)).await.unwrap();
        enqueue(&*store, &line(&id, Channel::Changes), &["a"], number).await;
    }
    store.insert_subscription(&subscription("one", "one", "one")).await.unwrap();
    enqueue(&*store, &line("one", Channel::Changes), &["a"], 100).await;
    let due = store.due_queues(100, 2).await.unwrap();
    let ids: Vec<_> = due.iter().map(|queue| queue.key.subscription_id.as_str()).collect();
    assert_eq!(ids, ["many 0", "many 1", "one"]);
}

pub(crate) async fn a_removed_subscription_says_its_last_word_and_is_gone(backend: &impl Backend) {
    let store = backend.open().await;
    for (id, thread) in [("1", "thread"), ("2", "other thread")] {
        store.insert_subscription(&subscription(id, "visits", thread)).await.unwrap();
        enqueue(&*store, &line(id, Channel::Changes), &["a"], 1).await;
    }
    assert!(store.remove_subscription("1", 9, Some(&lifecycle("last"))).await.unwrap());
    assert!(!store.remove_subscription("1", 9, Some(&lifecycle("again"))).await.unwrap());
    assert!(waiting(&*store, &line("1", Channel::Changes)).await.is_empty());
    let last = line("1", Channel::Lifecycle);
    assert_eq!(waiting(&*store, &last).await, ["last"]);
    assert_eq!(store.subscription("1").await.unwrap().unwrap().removed, Some(9));
    assert_eq!(store.subscriptions_of("visits", 0, 0, 10).await.unwrap().len(), 1);
    assert!(store.subscriptions_on("thread", 0).await.unwrap().is_empty());
    assert!(!store.delete_subscription("1").await.unwrap());
    store.insert_subscription(&subscription("3", "visits", "thread")).await.unwrap();
    store.settle_notifications(&last, i64::MAX, 0, 10).await.unwrap();
    assert_eq!(store.subscription("1").await.unwrap(), None);

    assert!(store.remove_subscription("2", 9, None).await.unwrap());
    assert_eq!(store.subscription("2").await.unwrap(), None);
    assert!(waiting(&*store, &line("2", Channel::Changes)).await.is_empty());
}

pub(crate) async fn what_ends_or_is_due_next_is_found(backend: &impl Backend) {
    let store = backend.open().await;
    let ahead = 15 * MINUTE;
    let next = async |now| store.next_notification_work(now, ahead).await.unwrap();
    assert_eq!(next(0).await, None);
    let mut silent = subscription("2", "visits", "other thread");
    (silent.lifecycle_url, silent.expires) = (None, 90 * MINUTE);
    for one in [&subscription("1", "visits", "thread"), &silent] {
        store.insert_subscription(one).await.unwrap();
    }
    assert_eq!(next(0).await, Some(85 * MINUTE), "the reminder");
    enqueue(&*store, &line("1", Channel::Changes), &["a"], MINUTE).await;
    assert_eq!(next(0).await, Some(MINUTE), "the line");
    assert_eq!(next(MINUTE).await, Some(85 * MINUTE), "what is due is not next");
    assert_eq!(next(85 * MINUTE).await, Some(90 * MINUTE), "the end of the other");
    assert_eq!(next(100 * MINUTE).await, None);

    let ids = |found: Vec<Subscription>| found.into_iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(store.unreminded_subscriptions(100 * MINUTE + 1, 10).await.unwrap()), ["1"]);
    assert!(store.unreminded_subscriptions(100 * MINUTE, 10).await.unwrap().is_empty());
    store.remind_subscription("1", 85 * MINUTE, &lifecycle("reminder")).await.unwrap();
    assert!(store.unreminded_subscriptions(i64::MAX, 10).await.unwrap().is_empty());
    assert_eq!(ids(store.expired_subscriptions(90 * MINUTE, 10).await.unwrap()), ["2"]);
    assert_eq!(
        ids(store.expired_subscriptions(i64::MAX, 1).await.unwrap()),
        ["2"],
        "not more than asked for"
    );
    store.remove_subscription("2", 90 * MINUTE, None).await.unwrap();
    assert_eq!(ids(store.expired_subscriptions(i64::MAX, 10).await.unwrap()), ["1"]);
}

//! What happens in a meeting is written down for whoever watches it, in order, before the people in it are told.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use app::{
    model::{Channel, Notice, OnlineMeeting, QueueKey, Subscription},
    notify::{MeetingCallEvent, RemovedReason, RosterChange, SubscriptionStore as _},
};
use common::{House, ended, snapshot, waits};
use store::SqlStore;
use wire::RequestBody;

const WATCHER: &str = "00000000-0000-0000-0000-0000000000aa";

async fn watch(store: &SqlStore, house: &House, meeting: &OnlineMeeting) {
    let application = house.accounts.application.client_id.clone();
    let subscription = Subscription {
        id: WATCHER.to_owned(),
        application_id: application.clone(),
        creator_id: application,
        resource: "communications/onlineMeetings".to_owned(),
        thread_id: meeting.thread_id.clone(),
        organizer_id: meeting.organizer_id.clone(),
        change_type: "updated".to_owned(),
        notification_url: "https://watcher.example/".to_owned(),
        lifecycle_url: None,
        client_state: None,
        encryption: None,
        created: 0,
        expires: i64::MAX,
        reminded: None,
        removed: None,
    };
    store.insert_subscription(&subscription).await.expect("a watcher");
}

/// Everything that waits for the watcher.
async fn told(store: &SqlStore) -> Vec<MeetingCallEvent> {
    let key = QueueKey {
        subscription_id: WATCHER.to_owned(),
        channel: Channel::Changes,
    };
    let rows = store.queued_notifications(&key, 100).await.expect("a line");
    rows.into_iter()
        .map(|row| match row.notification.notice {
            Notice::MeetingCall { event, .. } => event,
            Notice::Lifecycle(_) => panic!("nothing of the subscription itself is told here"),
        })
        .collect()
}

fn roster(raw_id: &str, name: &str, in_lobby: bool, removed: Option<RemovedReason>) -> MeetingCallEvent {
    MeetingCallEvent::RosterUpdated {
        changes: vec![RosterChange {
            raw_id: raw_id.to_owned(),
            display_name: name.to_owned(),
            member_id: raw_id.strip_prefix("8:orgid:").map(str::to_owned),
            in_lobby,
            removed,
        }],
    }
}

#[tokio::test]
async fn a_watcher_is_told_of_start_lobby_admission_removal_and_end_in_order() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let store = house.store().await;
    watch(&store, &house, &meeting).await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let call = anna.join(house.link(&meeting), "").await.expect("the organizer joins").call;
    anna.until(snapshot).await;
    let (organizer, name) = {
        let member = &house.accounts.members[0].member;
        (member.raw_id(), member.display_name.clone())
    };
    let mut expected = vec![MeetingCallEvent::CallStarted, roster(&organizer, &name, false, None)];
    assert_eq!(told(&store).await, expected, "written down before the organizer was told");

    let (guest_id, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    guest.join(house.link(&meeting), "Maria").await.expect("waits");
    anna.until(waits).await;
    expected.push(roster(&guest_id, "Maria", true, None));
    assert_eq!(told(&store).await, expected);

    let participants = vec![guest_id.clone()];
    anna.ok(&call, RequestBody::Admit { participants }).await;
    guest.until(snapshot).await;
    expected.push(roster(&guest_id, "Maria", false, None));
    assert_eq!(told(&store).await, expected);

    let participant = guest_id.clone();
    anna.ok(&call, RequestBody::RemoveParticipant { participant }).await;
    guest.until(ended).await;
    expected.push(roster(&guest_id, "Maria", false, Some(RemovedReason::Removed)));
    assert_eq!(told(&store).await, expected);

    anna.ok(&call, RequestBody::Leave { for_everyone: true }).await;
    anna.until(ended).await;
    expected.push(roster(&organizer, &name, false, Some(RemovedReason::MeetingEnded)));
    expected.push(MeetingCallEvent::CallEnded);
    assert_eq!(told(&store).await, expected);
}

#[tokio::test]
async fn a_watcher_of_one_meeting_is_told_nothing_of_another() {
    let house = House::open().await;
    let (watched, other) = (house.schedule().await, house.schedule().await);
    let store = house.store().await;
    watch(&store, &house, &watched).await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    anna.join(house.link(&other), "").await.expect("the organizer joins");
    anna.until(snapshot).await;
    assert_eq!(told(&store).await, []);
    anna.join(house.link(&watched), "").await.expect("the organizer joins");
    anna.until(snapshot).await;
    assert_eq!(told(&store).await.len(), 2);
}

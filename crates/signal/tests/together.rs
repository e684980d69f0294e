//! The together view over real sockets: a guest is told of the seats only when the policy opens the view.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{House, snapshot, waits};
use wire::{Event, RequestBody, Seat};

fn seats(event: Event) -> Option<Vec<Seat>> {
    match event {
        Event::Meeting { meeting } => meeting.together,
        _ => None,
    }
}

async fn told(guests_may: bool) -> bool {
    let house = House::open().await;
    let policy = meeting::MeetingPolicy {
        guest_together_view: guests_may,
        ..meeting::MeetingPolicy::default()
    };
    house
        .app
        .update_settings(&house.administrator(), None, Some(policy))
        .await
        .expect("changed");
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let anna_call = anna.join(house.link(&meeting), "").await.expect("joined").call;
    anna.until(snapshot).await;
    let (_, token) = house.guest().await;
    let mut maria = house.connect(&token).await;
    let maria_call = maria.join(house.link(&meeting), "Maria").await.expect("waits").call;
    anna.until(waits).await;
    anna.ok(&anna_call, RequestBody::Admit { participants: vec![] }).await;
    maria.until(snapshot).await;

    let refused = maria.refused(&maria_call, RequestBody::SetTogether { active: true }).await;
    assert_eq!((refused.code, refused.sub_code), (403, if guests_may { 46303 } else { 46306 }));
    anna.ok(&anna_call, RequestBody::SetTogether { active: true }).await;
    assert_eq!(anna.until(seats).await.len(), 2);
    // A second change that everybody hears of divides what was told before from what was not.
    anna.ok(&anna_call, RequestBody::SetLocked { locked: true }).await;
    maria
        .until(|event| match event {
            Event::Meeting { meeting } if meeting.locked => Some(()),
            _ => None,
        })
        .await;
    maria.raw.iter().any(|frame| frame.contains("\"together\":["))
}

#[tokio::test]
async fn a_guest_is_not_told_of_the_seats_by_default() {
    assert!(!told(false).await);
}

#[tokio::test]
async fn a_guest_is_told_of_the_seats_when_the_policy_opens_the_view() {
    assert!(told(true).await);
}

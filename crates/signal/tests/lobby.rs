//! Law 2 over real sockets: who waits gets nothing; the same guest, admitted, gets it all.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{Asked, House, ended, snapshot, waits};
use wire::{Event, MediaKind, PublicationOffer, Reply, RequestBody};

fn offer() -> RequestBody {
    RequestBody::OfferMedia {
        sdp: "offer".to_owned(),
        publications: vec![
            PublicationOffer {
                kind: MediaKind::Microphone,
                mid: "0".to_owned(),
            },
            PublicationOffer {
                kind: MediaKind::Camera,
                mid: "1".to_owned(),
            },
        ],
        fresh: true,
    }
}

#[tokio::test]
async fn a_waiting_guest_is_told_nothing_and_has_no_media_and_gets_both_when_admitted() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let anna_call = anna.join(house.link(&meeting), "ignored").await.expect("the organizer joins").call;
    anna.until(snapshot).await;

    let (guest_id, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let joined = guest.join(house.link(&meeting), "Maria").await.expect("the guest may wait");
    assert!(joined.waiting);
    assert_eq!(guest.event().await, Event::Waiting { not_started: false });
    assert_eq!(anna.until(waits).await, guest_id);

    // Everything a waiting guest might try.
    assert_eq!(guest.refused(&joined.call, offer()).await.name, "mediaNotAllowedWhileWaiting");
    for body in [
        RequestBody::RaiseHand,
        RequestBody::SetLocked { locked: true },
        RequestBody::Admit { participants: vec![] },
        RequestBody::Subscribe { wants: vec![] },
    ] {
        assert_eq!(guest.refused(&joined.call, body).await.code, 403);
    }
    // Things happen in the meeting meanwhile.
    anna.ok(&anna_call, RequestBody::SetLocked { locked: true }).await;
    anna.ok(&anna_call, RequestBody::SetLocked { locked: false }).await;
    anna.ok(&anna_call, offer()).await;
    // A waiting client that asks for its state is told again that it waits, and no more.
    assert_eq!(guest.ok(&joined.call, RequestBody::Snapshot).await, Reply::Done);
    assert_eq!(guest.event().await, Event::Waiting { not_started: false });
    let told = guest.raw.join("\n");
    for secret in [
        "Secret subject",
        "Anna",
        &house.accounts.members[0].member.id,
        &meeting.thread_id,
        "snapshot",
        "\"participants\"",
        "\"slots\"",
    ] {
        assert!(!told.contains(secret), "a waiting guest was told {secret}: {told}");
    }
    let offers = house.plane.asked().iter().filter(|asked| matches!(asked, Asked::Offer(_))).count();
    assert_eq!(offers, 1, "only the organizer's offer reached the engine");

    // The twin.
    assert_eq!(
        anna.ok(
            &anna_call,
            RequestBody::Admit {
                participants: vec![guest_id.clone()]
            }
        )
        .await,
        Reply::Admitted { admitted: 1, failed: 0 }
    );
    let state = guest.until(snapshot).await;
    assert_eq!(state.meeting.subject, "Secret subject");
    assert_eq!(state.meeting.thread_id, meeting.thread_id);
    assert!(
        state
            .participants
            .iter()
            .any(|participant| participant.display_name.contains("Anna"))
    );
    assert!(state.lobby.is_empty());
    assert!(matches!(guest.ok(&joined.call, offer()).await, Reply::Media(answer) if answer.sdp == "answer to offer"));
}

#[tokio::test]
async fn a_denied_guest_is_told_so_and_stays_out_even_after_a_restart() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let anna_call = anna.join(house.link(&meeting), "").await.expect("joined").call;
    anna.until(snapshot).await;
    let (guest_id, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let joined = guest.join(house.link(&meeting), "Maria").await.expect("waits");
    anna.until(waits).await;

    anna.ok(
        &anna_call,
        RequestBody::Reject {
            participants: vec![guest_id],
        },
    )
    .await;
    assert_eq!(guest.until(ended).await.sub_code, 5854);
    assert_eq!(guest.refused(&joined.call, RequestBody::Snapshot).await.name, "noSuchCall");
    assert_eq!(guest.join(house.link(&meeting), "Maria").await.expect_err("barred").code, 403);

    let after = house.reopen().await;
    let mut guest = after.connect(&token).await;
    let refused = guest.join(after.link(&meeting), "Maria").await.expect_err("still barred");
    assert_eq!((refused.code, refused.name.as_str()), (403, "deniedBefore"));
    // The twin: somebody else may still ask.
    let (_, other) = after.guest().await;
    let mut other = after.connect(&other).await;
    assert!(other.join(after.link(&meeting), "Somebody").await.expect("may wait").waiting);
}

#[tokio::test]
async fn an_option_changed_through_the_api_lets_the_waiting_guest_in() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    anna.join(house.link(&meeting), "").await.expect("joined");
    anna.until(snapshot).await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    guest.join(house.link(&meeting), "Maria").await.expect("waits");
    assert_eq!(guest.event().await, Event::Waiting { not_started: false });

    let patch = app::MeetingPatch {
        edit_options: Some(Box::new(|options| options.lobby_scope = Some(meeting::LobbyScope::Everyone))),
        ..app::MeetingPatch::default()
    };
    let organizer = house.accounts.members[0].member.id.clone();
    let id = app::links::graph_id(&meeting.organizer_id, &meeting.thread_id);
    house
        .app
        .update_meeting(&house.caller(0), &organizer, &id, patch)
        .await
        .expect("changed");
    guest.until(snapshot).await;
}

#[tokio::test]
async fn one_source_cannot_fill_the_lobby_with_visitors_and_guests_still_get_in() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    anna.join(house.link(&meeting), "").await.expect("joined");
    let mut waiting = Vec::new();
    let refusal = loop {
        assert!(waiting.len() < 100, "a hundred visitors from one source wait");
        let (_, token) = house.app.visitor_token().await.expect("a visitor's token");
        let mut visitor = house.connect(&token.token).await;
        match visitor.join(house.link(&meeting), "Crowd").await {
            Ok(_) => waiting.push(visitor),
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal.name, "lobbyFull");
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    assert!(
        guest
            .join(house.link(&meeting), "Maria")
            .await
            .expect("an application's guest may wait")
            .waiting
    );
}

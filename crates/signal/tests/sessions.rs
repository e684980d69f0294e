//! Sessions over real sockets: resume, removal, revocation, replacement, stop.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{Asked, House, ended, snapshot, waits};
use wire::{Event, Reply, RequestBody, ResumeCall};

/// Organizer and guest, both inside.
async fn two(house: &House) -> (common::Client, String, common::Client, wire::Joined, String, String) {
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let anna_call = anna.join(house.link(&meeting), "").await.expect("joined").call;
    anna.until(snapshot).await;
    let (guest_id, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let joined = guest.join(house.link(&meeting), "Maria").await.expect("waits");
    anna.until(waits).await;
    anna.ok(&anna_call, RequestBody::Admit { participants: vec![] }).await;
    guest.until(snapshot).await;
    (anna, anna_call, guest, joined, guest_id, token)
}

fn ticket(joined: &wire::Joined) -> Vec<ResumeCall> {
    vec![ResumeCall {
        call: joined.call.clone(),
        ticket: joined.resume_ticket.clone(),
    }]
}

#[tokio::test]
async fn a_lost_socket_is_resumed_without_the_lobby_and_a_ticket_works_once() {
    let house = House::open().await;
    let (mut anna, _, guest, joined, guest_id, token) = two(&house).await;
    guest.vanish();
    anna.until(|event| match event {
        Event::Participants { upserted, .. } => upserted.into_iter().find(|p| p.id == guest_id && p.reconnecting),
        _ => None,
    })
    .await;

    let mut back = house.connect_with(&token, ticket(&joined)).await.expect("welcome");
    let welcome = back.welcome.clone().expect("welcome");
    assert_eq!(welcome.resumed.len(), 1);
    assert!(back.until(snapshot).await.participants.iter().any(|p| p.id == guest_id));
    back.ok(&joined.call, RequestBody::Snapshot).await;

    let again = house.connect_with(&token, ticket(&joined)).await.expect("welcome");
    let lost = again.welcome.clone().expect("welcome").lost;
    assert_eq!(lost.first().map(|lost| lost.refusal.name.as_str()), Some("resumeTicketInvalid"));
}

#[tokio::test]
async fn a_ticket_is_worth_nothing_in_another_hand() {
    let house = House::open().await;
    let (_anna, _, guest, joined, _, token) = two(&house).await;
    guest.vanish();
    let (_, stranger) = house.guest().await;
    let client = house.connect_with(&stranger, ticket(&joined)).await.expect("welcome");
    let welcome = client.welcome.clone().expect("welcome");
    assert!(welcome.resumed.is_empty());
    assert_eq!(welcome.lost.len(), 1);
    // The twin: its owner is let back.
    let owner = house.connect_with(&token, ticket(&joined)).await.expect("welcome");
    assert_eq!(owner.welcome.clone().expect("welcome").resumed.len(), 1);
}

#[tokio::test]
async fn a_removed_guest_cannot_return_with_anything_they_hold() {
    let house = House::open().await;
    let (mut anna, anna_call, mut guest, joined, guest_id, token) = two(&house).await;
    let offer = RequestBody::OfferMedia {
        sdp: "offer".to_owned(),
        publications: vec![],
        fresh: true,
    };
    assert!(matches!(guest.ok(&joined.call, offer).await, Reply::Media(_)));

    anna.ok(&anna_call, RequestBody::RemoveParticipant { participant: guest_id }).await;
    assert_eq!(guest.until(ended).await.sub_code, 5300);
    assert!(
        house.plane.asked().iter().any(|asked| matches!(asked, Asked::Remove(_))),
        "the media path is gone"
    );
    // The socket, the ticket, the token.
    assert_eq!(guest.refused(&joined.call, RequestBody::RaiseHand).await.name, "noSuchCall");
    let back = house
        .connect_with(&token, ticket(&joined))
        .await
        .expect("the token itself is still good");
    assert!(back.welcome.clone().expect("welcome").resumed.is_empty());
    let meeting = house
        .app
        .meetings(&house.caller(0), &house.accounts.members[0].member.id, app::Page::default())
        .await
        .expect("meetings");
    let locator = house.link(meeting.first().expect("one"));
    let mut back = house.connect(&token).await;
    assert_eq!(back.join(locator, "Maria").await.expect_err("barred").name, "removedBefore");
}

#[tokio::test]
async fn a_revoked_token_ends_the_session_and_the_socket_at_once() {
    let house = House::open().await;
    let (mut anna, _, mut guest, joined, guest_id, token) = two(&house).await;
    house.app.revoke_tokens(&guest_id).await.expect("revoked");
    let reason = guest.closed().await.expect("a reason");
    assert_eq!(reason.name, "tokenRevoked");
    anna.until(|event| match event {
        Event::Participants { left, .. } => left.into_iter().find(|left| left.id == guest_id),
        _ => None,
    })
    .await;
    assert_eq!(
        house.connect_with(&token, ticket(&joined)).await.err().map(|refusal| refusal.code),
        Some(401)
    );
    // The twin: a token issued after the revocation is good.
    let fresh = house
        .app
        .issue_token(&guest_id, &[app::TokenScope::Voip], None)
        .await
        .expect("a token");
    house.connect(&fresh.token).await;
}

#[tokio::test]
async fn a_token_that_expires_in_a_call_ends_the_socket_and_a_fresh_one_resumes_the_call() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token_for(0, 2)).await;
    let joined = anna.join(house.link(&meeting), "").await.expect("joined");
    // Its time, and the time in which a newer one could come.
    house.clock.set_forward(33_000_000);
    anna.send(&wire::ClientFrame::Ping).await;
    assert_eq!(anna.closed().await.map(|refusal| refusal.name), Some("tokenExpired".to_owned()));
    let mut back = house
        .connect_with(&house.member_token(0).await, ticket(&joined))
        .await
        .expect("welcome");
    assert_eq!(back.welcome.clone().expect("welcome").resumed.len(), 1);
    back.until(snapshot).await;
}

#[tokio::test]
async fn a_meeting_can_be_left_and_joined_again_any_number_of_times_on_one_socket() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    for _ in 0..12 {
        let call = anna
            .join(house.link(&meeting), "")
            .await
            .expect("calls that are over do not count")
            .call;
        anna.ok(&call, RequestBody::Leave { for_everyone: false }).await;
        anna.until(ended).await;
    }
}

#[tokio::test]
async fn a_second_session_of_the_same_participant_replaces_the_first() {
    let house = House::open().await;
    let (_anna, _, mut guest, _, _, token) = two(&house).await;
    let meeting = house
        .app
        .meetings(&house.caller(0), &house.accounts.members[0].member.id, app::Page::default())
        .await
        .expect("meetings");
    let locator = house.link(meeting.first().expect("one"));
    let mut second = house.connect(&token).await;
    second.join(locator, "Maria").await.expect("the same person may come again");
    assert_eq!(guest.until(ended).await.name, "replacedByNewSession");
}

#[tokio::test]
async fn stopping_tells_everybody_why() {
    let house = House::open().await;
    let (_anna, _, mut guest, _, _, _) = two(&house).await;
    house.hub.stop().await;
    assert_eq!(guest.closed().await.map(|refusal| refusal.name), Some("serverStopping".to_owned()));
}

#[tokio::test]
async fn a_defect_in_one_meeting_ends_that_meeting_and_no_other() {
    let house = House::open().await;
    let (mut anna, anna_call, mut guest, _, _, _) = two(&house).await;
    let mut ben = house.connect(&house.member_token(1).await).await;
    let other = house.schedule().await;
    let ben_call = ben
        .join(house.link(&other), "")
        .await
        .expect("ben may join a meeting of his organisation")
        .call;
    ben.until(snapshot).await;

    let offer = RequestBody::OfferMedia {
        sdp: "offer".to_owned(),
        publications: vec![],
        fresh: true,
    };
    anna.ok(&anna_call, offer).await;
    let want = wire::Want {
        publication: 1,
        width: 1,
        height: 1,
        priority: wire::WantPriority::Rest,
    };
    anna.ask(
        &anna_call,
        RequestBody::Subscribe {
            wants: vec![want; common::POISON],
        },
    )
    .await;
    assert_eq!(anna.closed().await.map(|refusal| refusal.name), Some("internal".to_owned()));
    assert_eq!(guest.closed().await.map(|refusal| refusal.name), Some("internal".to_owned()));
    // The other meeting goes on, and the broken one can be held again.
    ben.ok(&ben_call, RequestBody::Snapshot).await;
    let meetings = house
        .app
        .meetings(&house.caller(0), &house.accounts.members[0].member.id, app::Page::default())
        .await
        .expect("meetings");
    let broken = meetings
        .iter()
        .find(|meeting| meeting.thread_id != other.thread_id)
        .expect("two meetings");
    let mut anna = house.connect(&house.member_token(0).await).await;
    anna.join(house.link(broken), "").await.expect("joined again");
    anna.until(snapshot).await;
}

#[tokio::test]
async fn a_welcome_that_was_lost_with_its_socket_does_not_cost_the_place() {
    let house = House::open().await;
    let (_anna, _, guest, joined, _, token) = two(&house).await;
    guest.vanish();
    // The server brings the session back, but the client dies before it learns the next ticket.
    let lost = house.connect_with(&token, ticket(&joined)).await.expect("welcome");
    assert_eq!(lost.welcome.clone().expect("welcome").resumed.len(), 1);
    lost.vanish();
    let mut back = house.connect_with(&token, ticket(&joined)).await.expect("welcome");
    let welcome = back.welcome.clone().expect("welcome");
    assert_eq!(welcome.resumed.len(), 1, "the old ticket is good until the next one was used");
    back.until(snapshot).await;
    // The twin: once the client has shown that it knows the next ticket, the old one is worth nothing.
    back.ok(&joined.call, RequestBody::Snapshot).await;
    let again = house.connect_with(&token, ticket(&joined)).await.expect("welcome");
    assert!(again.welcome.clone().expect("welcome").resumed.is_empty());
}

#[tokio::test]
async fn a_locked_meeting_takes_nobody_new_and_an_unlocked_one_does() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let call = anna.join(house.link(&meeting), "").await.expect("joined").call;
    anna.ok(&call, RequestBody::SetLocked { locked: true }).await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    assert_eq!(
        guest.join(house.link(&meeting), "Maria").await.expect_err("locked").name,
        "meetingLocked"
    );
    anna.ok(&call, RequestBody::SetLocked { locked: false }).await;
    assert!(guest.join(house.link(&meeting), "Maria").await.expect("unlocked").waiting);
}

#[tokio::test]
async fn a_deleted_meeting_ends_for_those_inside_and_is_not_found_by_others() {
    let house = House::open().await;
    let (mut anna, _, mut guest, _, _, token) = two(&house).await;
    let organizer = house.accounts.members[0].member.id.clone();
    let meetings = house
        .app
        .meetings(&house.caller(0), &organizer, app::Page::default())
        .await
        .expect("meetings");
    let meeting = meetings.first().expect("one");
    let id = app::links::graph_id(&meeting.organizer_id, &meeting.thread_id);
    house.app.delete_meeting(&house.caller(0), &organizer, &id).await.expect("deleted");
    assert_eq!(anna.until(ended).await.name, "meetingDeleted");
    assert_eq!(guest.until(ended).await.name, "meetingDeleted");
    let mut late = house.connect(&token).await;
    assert_eq!(
        late.join(house.link(meeting), "Maria").await.expect_err("gone").name,
        "meetingNotFound"
    );
}

#[tokio::test]
async fn deleting_an_application_ends_the_sessions_that_were_opened_through_it() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let administrator = house.administrator();
    let draft = app::applications::ApplicationDraft {
        display_name: "Rota".to_owned(),
        ..app::applications::ApplicationDraft::default()
    };
    let rota = house
        .app
        .register_application(&administrator, draft)
        .await
        .expect("registered")
        .client_id;
    let exchange = async |member: usize, client: &str| {
        let token = house.member_token_through(member, client, 3600);
        let member = &house.accounts.members[member].member.id;
        house
            .app
            .exchange_for_member(&token, client, member)
            .await
            .expect("exchanged")
            .token
    };
    // Anna is here through the web app, Ben through the application, and Clara too, but her socket is lost.
    let own = house.accounts.tenant.meet_client_id.clone();
    let (through_own, through_rota) = (exchange(0, &own).await, exchange(1, &rota).await);
    let mut anna = house.connect(&through_own).await;
    anna.join(house.link(&meeting), "").await.expect("joined");
    let mut ben = house.connect(&through_rota).await;
    ben.join(house.link(&meeting), "").await.expect("joined");
    let mut clara = house.connect(&exchange(2, &rota).await).await;
    clara.join(house.link(&meeting), "").await.expect("joined");
    clara.vanish();
    let clara = house.accounts.members[2].member.raw_id();
    anna.until(|event| match event {
        Event::Participants { upserted, .. } => upserted.into_iter().find(|p| p.id == clara && p.reconnecting),
        _ => None,
    })
    .await;
    house.app.delete_application(&administrator, &rota).await.expect("deleted");
    let reason = tokio::time::timeout(std::time::Duration::from_secs(1), ben.closed())
        .await
        .expect("within a second");
    assert_eq!(reason.map(|refusal| refusal.name), Some("tokenRevoked".to_owned()));
    let mut gone = std::collections::BTreeSet::new();
    while gone.len() < 2 {
        let left = anna
            .until(|event| match event {
                Event::Participants { left, .. } if !left.is_empty() => Some(left),
                _ => None,
            })
            .await;
        gone.extend(left.into_iter().map(|left| left.id));
    }
    let expected = [1, 2].map(|member| house.accounts.members[member].member.raw_id());
    assert_eq!(gone, expected.into());
    assert_eq!(
        house
            .connect_with(&through_rota, Vec::new())
            .await
            .err()
            .map(|refusal| refusal.code),
        Some(401)
    );
    house.connect(&through_own).await;
}

//! Ways to the engine through relays: with the snapshot, for a visit, until it is over.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{Asked, House, ended, snapshot, waits};
use wire::{Reply, RequestBody, ResumeCall};

fn visit_of(servers: &[wire::IceServer]) -> String {
    let [server] = servers else { panic!("not one server: {servers:?}") };
    server.username.clone().expect("a name")
}

fn ended_visits(house: &House) -> Vec<String> {
    let asked = house.plane.asked().into_iter();
    asked
        .filter_map(|asked| match asked {
            Asked::Unrelayed(visit) => Some(visit),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn who_waits_has_no_relay_and_who_is_in_has_one_until_they_leave() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let anna_call = anna.join(house.link(&meeting), "").await.expect("the organizer joins").call;
    let annas = visit_of(&anna.until(snapshot).await.ice_servers);

    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let call = guest.join(house.link(&meeting), "Maria").await.expect("the guest may wait").call;
    let guest_id = anna.until(waits).await;
    let refused = guest.refused(&call, RequestBody::RenewIceServers).await;
    assert_eq!(refused.name, "mediaNotAllowedWhileWaiting");
    assert!(!guest.raw.join("").contains("relay.test"));

    let admit = RequestBody::Admit {
        participants: vec![guest_id.clone()],
    };
    anna.ok(&anna_call, admit).await;
    let guests = visit_of(&guest.until(snapshot).await.ice_servers);
    assert_ne!(guests, annas);
    let Reply::IceServers { ice_servers } = guest.ok(&call, RequestBody::RenewIceServers).await else {
        panic!("another answer");
    };
    assert_eq!(visit_of(&ice_servers), guests);
    assert_eq!(ended_visits(&house), Vec::<String>::new());

    let remove = RequestBody::RemoveParticipant { participant: guest_id };
    anna.ok(&anna_call, remove).await;
    guest.until(ended).await;
    assert_eq!(ended_visits(&house), [guests]);
    anna.ok(&anna_call, RequestBody::Leave { for_everyone: false }).await;
    anna.until(ended).await;
    assert_eq!(ended_visits(&house).last(), Some(&annas));
}

#[tokio::test]
async fn a_call_that_is_brought_back_keeps_its_visit_and_one_joined_anew_has_another() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let token = house.member_token(0).await;
    let mut anna = house.connect(&token).await;
    let joined = anna.join(house.link(&meeting), "").await.expect("a call");
    let before = visit_of(&anna.until(snapshot).await.ice_servers);
    anna.vanish();
    let resume = ResumeCall {
        call: joined.call.clone(),
        ticket: joined.resume_ticket,
    };
    let mut back = house.connect_with(&token, vec![resume]).await.expect("a welcome");
    assert_eq!(visit_of(&back.until(snapshot).await.ice_servers), before);
    back.ok(&joined.call, RequestBody::Leave { for_everyone: false }).await;
    back.until(ended).await;
    back.join(house.link(&meeting), "").await.expect("a call");
    assert_ne!(visit_of(&back.until(snapshot).await.ice_servers), before);
}

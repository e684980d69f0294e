//! Calls to people over real sockets: ring, answer, decline, cancel, elsewhere, add, hold, transfer, and who may call whom.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::collections::BTreeMap;

use common::{Asked, Client, House, ended, snapshot};
use wire::{
    Event, IncomingCall, Locator, MediaKind, Outcome, Presence, PublicationOffer, Refusal, Reply, RequestBody, ServerFrame, Snapshot,
    TransferState, TransferTarget,
};

fn start(callees: &[&str]) -> RequestBody {
    RequestBody::StartCall {
        participants: callees.iter().map(|id| (*id).to_owned()).collect(),
        display_name: Some("Ada".to_owned()),
        muted: false,
        custom_context: BTreeMap::from([("ticket".to_owned(), "42".to_owned())]),
    }
}

fn add(callee: &str) -> RequestBody {
    RequestBody::AddParticipants {
        participants: vec![callee.to_owned()],
        custom_context: BTreeMap::new(),
    }
}

async fn call(client: &mut Client, callees: &[&str]) -> Result<wire::Joined, Refusal> {
    joined(client.request(None, start(callees)).await)
}

fn joined(outcome: Outcome) -> Result<wire::Joined, Refusal> {
    match outcome {
        Outcome::Ok {
            reply: Reply::Joined(joined),
        } => Ok(joined),
        Outcome::Ok { reply } => panic!("not joined: {reply:?}"),
        Outcome::Refused { refusal } => Err(refusal),
    }
}

async fn incoming(client: &mut Client) -> IncomingCall {
    match client.ring().await {
        ServerFrame::Incoming { incoming } => incoming,
        other => panic!("nothing rings: {other:?}"),
    }
}

async fn rings_no_more(client: &mut Client) -> (u32, u32) {
    match client.ring().await {
        ServerFrame::IncomingEnded { reason, .. } => (reason.code, reason.sub_code),
        other => panic!("it rings still: {other:?}"),
    }
}

async fn answer(client: &mut Client, incoming: &IncomingCall) -> Result<wire::Joined, Refusal> {
    let locator = Locator::Incoming { id: incoming.id.clone() };
    client.join(locator, "Bo").await
}

/// The presence of somebody in a roster event or snapshot.
async fn seen(client: &mut Client, of: &str, wanted: Presence) {
    client
        .until(|event| {
            let people = match event {
                Event::Snapshot { snapshot } => snapshot.participants,
                Event::Participants { upserted, .. } => upserted,
                _ => return None,
            };
            people
                .iter()
                .any(|person| person.id == of && person.presence == wanted)
                .then_some(())
        })
        .await;
}

/// Waits until somebody who was rung is gone from the roster; gives why.
async fn did_not_come(client: &mut Client, who: &str) -> (u32, u32) {
    client
        .until(|event| match event {
            Event::Participants { left, .. } => left.into_iter().find(|left| left.id == who)?.reason,
            _ => None,
        })
        .await
        .pair()
}

trait Pair {
    fn pair(&self) -> (u32, u32);
}

impl Pair for Refusal {
    fn pair(&self) -> (u32, u32) {
        (self.code, self.sub_code)
    }
}

/// A guest who is connected.
async fn guest(house: &House) -> (String, String, Client) {
    let (id, token) = house.guest().await;
    let client = house.connect(&token).await;
    (id, token, client)
}

#[tokio::test]
async fn a_guest_rings_a_guest_who_knows_the_caller_and_nothing_else_and_answers() {
    let house = House::open().await;
    let (ada, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    let (other, _, mut third) = guest(&house).await;
    let made = call(&mut caller, &[&bo, &other]).await.expect("the call is made");
    assert!(!made.waiting);
    seen(&mut caller, &bo, Presence::Ringing).await;
    let ringing = incoming(&mut callee).await;
    assert_eq!((ringing.caller.as_str(), ringing.caller_name.as_str()), (ada.as_str(), "Ada"));
    assert_eq!(ringing.custom_context.get("ticket").map(String::as_str), Some("42"));
    // Law 2: nothing of the roster, the held call or the others.
    let told = callee.raw.join("\n");
    for secret in [other.as_str(), made.call.as_str(), "snapshot", "participants", "serverCallId"] {
        assert!(!told.contains(secret), "a rung person was told {secret}");
    }
    answer(&mut callee, &ringing).await.expect("answered");
    let state: Snapshot = callee.until(snapshot).await;
    assert_eq!(state.meeting.kind, wire::CallKind::Direct);
    assert_eq!(state.meeting.thread_id, "", "no chat thread");
    seen(&mut caller, &bo, Presence::Inside).await;
    // The third one declines: both others learn why.
    let also = incoming(&mut third).await;
    assert_ne!(also.id, ringing.id);
    let id = also.id.clone();
    assert_eq!(
        third.request(None, RequestBody::RejectIncoming { id }).await,
        Outcome::Ok { reply: Reply::Done }
    );
    assert_eq!(rings_no_more(&mut third).await, (603, 0));
    assert_eq!(did_not_come(&mut caller, &other).await, (603, 0));
    // One hangs up, and the call is over for both.
    caller.ok(&made.call, RequestBody::Leave { for_everyone: false }).await;
    assert_eq!(callee.until(ended).await.pair(), (0, 5003));
}

#[tokio::test]
async fn a_ring_belongs_to_the_one_who_is_rung() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    let (_, _, mut thief) = guest(&house).await;
    call(&mut caller, &[&bo]).await.expect("made");
    let ringing = incoming(&mut callee).await;
    assert_eq!(answer(&mut thief, &ringing).await.expect_err("not theirs").name, "incomingGone");
    let id = ringing.id.clone();
    let declined = thief.request(None, RequestBody::RejectIncoming { id }).await;
    assert!(matches!(declined, Outcome::Refused { refusal } if refusal.name == "incomingGone"));
    answer(&mut callee, &ringing).await.expect("the one who is rung may");
    assert_eq!(answer(&mut callee, &ringing).await.expect_err("once").name, "incomingGone");
}

#[tokio::test]
async fn declined_once_it_rings_nowhere_any_more() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, token, mut first) = guest(&house).await;
    let mut second = house.connect(&token).await;
    call(&mut caller, &[&bo]).await.expect("made");
    let ringing = incoming(&mut first).await;
    assert_eq!(incoming(&mut second).await, ringing, "every connection rings");
    first.request(None, RequestBody::RejectIncoming { id: ringing.id }).await;
    assert_eq!(rings_no_more(&mut first).await, (603, 0));
    assert_eq!(rings_no_more(&mut second).await, (487, 10024));
    assert_eq!(caller.until(ended).await.pair(), (603, 0));
}

#[tokio::test]
async fn answered_on_one_connection_it_stops_on_the_others() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, token, mut first) = guest(&house).await;
    let mut second = house.connect(&token).await;
    call(&mut caller, &[&bo]).await.expect("made");
    let ringing = incoming(&mut first).await;
    incoming(&mut second).await;
    answer(&mut second, &ringing).await.expect("answered");
    assert_eq!(rings_no_more(&mut first).await, (487, 10003));
    assert_eq!(answer(&mut first, &ringing).await.expect_err("too late").name, "incomingGone");
    second.until(snapshot).await;
    assert!(
        !second.raw.join("\n").contains("incomingEnded"),
        "who answered is not told that it was elsewhere"
    );
}

#[tokio::test]
async fn a_caller_who_hangs_up_stops_the_ring() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    let made = call(&mut caller, &[&bo]).await.expect("made");
    let ringing = incoming(&mut callee).await;
    caller.ok(&made.call, RequestBody::Leave { for_everyone: false }).await;
    assert_eq!(rings_no_more(&mut callee).await, (487, 0));
    assert_eq!(answer(&mut callee, &ringing).await.expect_err("over").name, "incomingGone");
}

#[tokio::test]
async fn nobody_answers_and_nobody_is_there() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    let (gone, _) = house.guest().await;
    let made = call(&mut caller, &[&bo, &gone]).await.expect("made");
    incoming(&mut callee).await;
    house.clock.set_forward(11_000_000);
    // Anything that happens makes the call look at the clock.
    caller.ok(&made.call, RequestBody::Snapshot).await;
    assert_eq!(did_not_come(&mut caller, &gone).await, (480, 10037));
    house.clock.set_forward(50_000_000);
    caller.ok(&made.call, RequestBody::Snapshot).await;
    assert_eq!(rings_no_more(&mut callee).await, (487, 10004));
    assert_eq!(caller.until(ended).await.pair(), (487, 10004));
}

#[tokio::test]
async fn a_connection_that_comes_while_it_rings_rings_too() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, token) = house.guest().await;
    call(&mut caller, &[&bo]).await.expect("made");
    seen(&mut caller, &bo, Presence::Ringing).await;
    let mut late = house.connect(&token).await;
    let ringing = incoming(&mut late).await;
    answer(&mut late, &ringing).await.expect("answered");
    seen(&mut caller, &bo, Presence::Inside).await;
}

#[tokio::test]
async fn outsiders_do_not_call_members_unless_an_administrator_opens_it_and_nobody_calls_strangers() {
    let house = House::open().await;
    let (bo, _, mut caller) = guest(&house).await;
    let member = format!("8:orgid:{}", house.accounts.members[0].member.id);
    let mut anna = house.connect(&house.member_token(0).await).await;
    assert_eq!(call(&mut caller, &[&member]).await.expect_err("closed").pair(), (403, 10124));
    let foreign = "8:acs:00000000-0000-0000-0000-000000000001_00000000-0000-0000-0000-000000000002";
    assert_eq!(
        call(&mut caller, &[foreign]).await.expect_err("another resource").pair(),
        (403, 10119)
    );
    assert_eq!(
        call(&mut caller, &["4:+4930123456"]).await.expect_err("no telephone").pair(),
        (400, 10044)
    );
    // The twins: a member calls the guest; opened, the guest calls the member.
    let made = call(&mut anna, &[&bo]).await.expect("members call guests");
    assert_eq!(incoming(&mut caller).await.caller, member);
    anna.ok(&made.call, RequestBody::Leave { for_everyone: false }).await;
    rings_no_more(&mut caller).await;
    let (_, mut policy) = house.app.settings(&house.administrator()).await.expect("settings");
    policy.guests_call_members = true;
    house
        .app
        .update_settings(&house.administrator(), None, Some(policy))
        .await
        .expect("opened");
    call(&mut caller, &[&member]).await.expect("open now");
    assert_eq!(incoming(&mut anna).await.caller, bo);
}

#[tokio::test]
async fn a_visitor_and_a_token_that_only_joins_call_nobody() {
    let house = House::open().await;
    let (bo, _, _callee) = guest(&house).await;
    let (_, visitor) = house.app.visitor_token().await.expect("a visitor's token");
    let mut visitor = house.connect(&visitor.token).await;
    let refused = call(&mut visitor, &[&bo]).await.expect_err("visitors call nobody");
    assert_eq!(refused.code, 403);
    let identity = house.app.create_identity().await.expect("an identity");
    let token = house
        .app
        .issue_token(&identity.id, &[app::TokenScope::VoipJoin], None)
        .await
        .expect("a token");
    let mut joins_only = house.connect(&token.token).await;
    assert_eq!(
        call(&mut joins_only, &[&bo]).await.expect_err("voip.join").name,
        "scopeForbidsStarting"
    );
}

#[tokio::test]
async fn who_runs_a_meeting_rings_a_guest_in_past_the_lobby() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let made = anna.join(house.link(&meeting), "").await.expect("joined");
    anna.until(snapshot).await;
    let (bo, _, mut callee) = guest(&house).await;
    anna.ok(&made.call, add(&bo)).await;
    let ringing = incoming(&mut callee).await;
    assert_eq!(ringing.kind, wire::CallKind::Meeting);
    assert!(!callee.raw.join("\n").contains(&meeting.thread_id));
    assert!(!answer(&mut callee, &ringing).await.expect("answered").waiting);
    let state = callee.until(snapshot).await;
    assert_eq!(state.meeting.thread_id, meeting.thread_id);
    // The twin: removed, they do not come back, not even called.
    anna.ok(&made.call, RequestBody::RemoveParticipant { participant: bo.clone() })
        .await;
    assert_eq!(callee.until(ended).await.pair(), (0, 5300));
    assert_eq!(anna.refused(&made.call, add(&bo)).await.name, "removedBefore");
}

#[tokio::test]
async fn a_ring_is_taken_back_by_removing_who_is_rung() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    let (third, _, mut also) = guest(&house).await;
    let made = call(&mut caller, &[&bo, &third]).await.expect("made");
    let ringing = incoming(&mut callee).await;
    answer(&mut callee, &ringing).await.expect("answered");
    incoming(&mut also).await;
    caller
        .ok(
            &made.call,
            RequestBody::RemoveParticipant {
                participant: third.clone(),
            },
        )
        .await;
    assert_eq!(rings_no_more(&mut also).await, (487, 0));
    assert_eq!(did_not_come(&mut callee, &third).await, (487, 0));
}

#[tokio::test]
async fn a_deleted_identity_rings_no_more_and_a_revoked_caller_stops_their_rings() {
    let house = House::open().await;
    let (ada, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    let (third, _, mut also) = guest(&house).await;
    call(&mut caller, &[&bo, &third]).await.expect("made");
    incoming(&mut callee).await;
    incoming(&mut also).await;
    house.app.delete_identity(&bo).await.expect("deleted");
    assert_eq!(did_not_come(&mut caller, &bo).await, (480, 10037));
    house.app.revoke_tokens(&ada).await.expect("revoked");
    assert_eq!(rings_no_more(&mut also).await, (487, 0));
}

#[tokio::test]
async fn who_holds_is_sent_nothing_and_sends_nothing_and_then_both_again() {
    let house = House::open().await;
    let (ada, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    let made = call(&mut caller, &[&bo]).await.expect("made");
    let ringing = incoming(&mut callee).await;
    answer(&mut callee, &ringing).await.expect("answered");
    let offer = RequestBody::OfferMedia {
        sdp: "offer".to_owned(),
        publications: vec![PublicationOffer {
            kind: MediaKind::Microphone,
            mid: "0".to_owned(),
        }],
        fresh: true,
    };
    caller.ok(&made.call, offer.clone()).await;
    caller.ok(&made.call, RequestBody::SetHeld { held: true }).await;
    seen(&mut callee, &ada, Presence::Held).await;
    let asked = house.plane.asked();
    let peer = asked
        .iter()
        .find_map(|asked| if let Asked::Offer(peer) = asked { Some(*peer) } else { None })
        .expect("a peer");
    assert!(asked.contains(&Asked::Receiving(peer, false)));
    assert!(
        asked
            .iter()
            .any(|asked| matches!(asked, Asked::SetOpen(of, _, false) if *of == peer))
    );
    // A fresh media path of somebody who holds is silent too.
    caller.ok(&made.call, offer).await;
    assert!(matches!(house.plane.asked().last(), Some(Asked::Receiving(_, false))));
    caller.ok(&made.call, RequestBody::SetHeld { held: false }).await;
    seen(&mut callee, &ada, Presence::Inside).await;
    assert!(house.plane.asked().iter().any(|asked| matches!(asked, Asked::Receiving(_, true))));
}

/// Ada has called Bo, who is in; gives Ada's call and Bo's.
async fn in_a_call(caller: &mut Client, callee: &mut Client, bo: &str) -> (String, String) {
    let made = call(caller, &[bo]).await.expect("made");
    let ringing = incoming(callee).await;
    let answered = answer(callee, &ringing).await.expect("answered");
    caller.until(snapshot).await;
    callee.until(snapshot).await;
    (made.call, answered.call)
}

async fn asked_over(client: &mut Client) -> String {
    client
        .until(|event| match event {
            Event::TransferAsked { transfer } => Some(transfer),
            _ => None,
        })
        .await
}

async fn transfer_became(client: &mut Client, wanted: TransferState) -> Option<Refusal> {
    client
        .until(|event| match event {
            Event::Transfer { state, reason, .. } if state == wanted => Some(reason),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_transfer_to_a_person_rings_them_with_caller_and_transferor_and_moves_the_call() {
    let house = House::open().await;
    let (ada, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    let (cleo, _, mut target) = guest(&house).await;
    let (ada_call, _) = in_a_call(&mut caller, &mut callee, &bo).await;
    let body = RequestBody::Transfer {
        participant: None,
        target: TransferTarget::Person { participant: cleo.clone() },
    };
    let Reply::Transfer { transfer } = caller.ok(&ada_call, body).await else {
        panic!("no transfer");
    };
    assert_eq!(asked_over(&mut callee).await, transfer);
    let locator = Locator::Transfer { id: transfer.clone() };
    // Bound to the transferee.
    assert_eq!(
        target.join(locator.clone(), "Thief").await.expect_err("not theirs").name,
        "transferUnknown"
    );
    callee.join(locator.clone(), "Bo").await.expect("goes over");
    assert_eq!(callee.join(locator, "Bo").await.expect_err("once").name, "transferUnknown");
    let ringing = incoming(&mut target).await;
    assert_eq!(
        (ringing.caller.as_str(), ringing.transferor.as_deref()),
        (bo.as_str(), Some(ada.as_str()))
    );
    assert_eq!(ringing.transferor_name.as_deref(), Some("Ada"));
    answer(&mut target, &ringing).await.expect("answered");
    transfer_became(&mut caller, TransferState::Transferred).await;
    assert_eq!(caller.until(ended).await.pair(), (0, 7015));
    assert_eq!(callee.until(ended).await.pair(), (0, 7015));
    let state = target.until(snapshot).await;
    assert!(state.participants.iter().any(|person| person.id == bo));
}

#[tokio::test]
async fn a_transfer_that_is_declined_fails_and_the_first_call_goes_on() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    let (cleo, _, mut target) = guest(&house).await;
    let (ada_call, _) = in_a_call(&mut caller, &mut callee, &bo).await;
    let body = RequestBody::Transfer {
        participant: Some(bo.clone()),
        target: TransferTarget::Person { participant: cleo },
    };
    caller.ok(&ada_call, body).await;
    let transfer = asked_over(&mut callee).await;
    callee.join(Locator::Transfer { id: transfer }, "Bo").await.expect("goes over");
    let ringing = incoming(&mut target).await;
    target.request(None, RequestBody::RejectIncoming { id: ringing.id }).await;
    let reason = transfer_became(&mut caller, TransferState::Failed).await;
    assert_eq!(reason.map(|reason| reason.pair()), Some((603, 0)));
    // Bo is out of the new call and still in the old one.
    assert_eq!(callee.until(ended).await.pair(), (603, 0));
    caller.ok(&ada_call, RequestBody::Snapshot).await;
    let state = caller.until(snapshot).await;
    assert!(state.participants.iter().any(|person| person.id == bo));
}

#[tokio::test]
async fn a_transfer_to_a_call_brings_the_transferee_into_it() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    let (cleo, _, mut target) = guest(&house).await;
    let (first, bo_call) = in_a_call(&mut caller, &mut callee, &bo).await;
    let (second, cleo_call) = in_a_call(&mut caller, &mut target, &cleo).await;
    let to = |call: &str| RequestBody::Transfer {
        participant: None,
        target: TransferTarget::Call { call: call.to_owned() },
    };
    // A call of somebody else's is unknown here.
    for foreign in [bo_call.as_str(), cleo_call.as_str(), "nothing"] {
        assert_eq!(caller.refused(&first, to(foreign)).await.name, "noSuchCall");
    }
    caller.ok(&first, to(&second)).await;
    let transfer = asked_over(&mut callee).await;
    let over = callee.join(Locator::Transfer { id: transfer }, "Bo").await.expect("goes over");
    assert!(!over.waiting);
    transfer_became(&mut caller, TransferState::Transferred).await;
    seen(&mut target, &bo, Presence::Inside).await;
    assert_eq!(callee.until(ended).await.pair(), (0, 7015));
}

#[tokio::test]
async fn a_server_that_stops_ends_what_rings() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, _, mut callee) = guest(&house).await;
    call(&mut caller, &[&bo]).await.expect("made");
    incoming(&mut callee).await;
    house.hub.stop().await;
    assert_eq!(rings_no_more(&mut callee).await, (503, 5919));
}

#[tokio::test]
async fn somebody_who_calls_without_end_is_slowed_down() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, _) = house.guest().await;
    let refusal = loop {
        match call(&mut caller, &[&bo]).await {
            Ok(made) => caller.ok(&made.call, RequestBody::Leave { for_everyone: false }).await,
            Err(refusal) => break refusal,
        };
    };
    assert_eq!(refusal.name, "tooFast");
}

#[tokio::test]
async fn a_call_that_cannot_be_begun_costs_the_server_no_task() {
    let house = House::open().await;
    let (_, _, mut caller) = guest(&house).await;
    let (bo, _, _callee) = guest(&house).await;
    for number in 0..8 {
        let group_id = format!("29228d3e-040e-4656-a70e-890ab4e173e{number}");
        caller.join(Locator::Group { group_id }, "Ada").await.expect("one more call");
    }
    assert_eq!(house.hub.live_calls(), 8);
    for _ in 0..3 {
        let refused = call(&mut caller, &[&bo]).await.expect_err("eight are enough");
        assert_eq!(refused.name, "tooManyConnections");
    }
    assert_eq!(house.hub.live_calls(), 8);
    // The twin: somebody else's call has one.
    let (_, _, mut other) = guest(&house).await;
    call(&mut other, &[&bo]).await.expect("rings");
    assert_eq!(house.hub.live_calls(), 9);
}

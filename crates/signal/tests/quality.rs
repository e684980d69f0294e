//! The quality record over real sockets: whoever had media leaves a record of how it went, whoever had none leaves nothing.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::time::Duration;

use app::quality::{CallFilter, Carrier, Flow, QualityRecord, Reading};
use common::{Asked, Client, House, ended, snapshot};
use signal::media_plane::{MediaEvent, PeerId};
use wire::{Locator, MediaKind, PublicationOffer, RequestBody};

fn group() -> Locator {
    Locator::Group {
        group_id: "29228d3e-040e-4656-a70e-890ab4e173e5".to_owned(),
    }
}

async fn offers(house: &House, client: &mut Client, call: &str) -> PeerId {
    let publications = vec![PublicationOffer {
        kind: MediaKind::Microphone,
        mid: "0".to_owned(),
    }];
    let offer = RequestBody::OfferMedia {
        sdp: "offer".to_owned(),
        publications,
        fresh: true,
    };
    client.ok(call, offer).await;
    let offered = |asked| match asked {
        Asked::Offer(peer) => Some(peer),
        _ => None,
    };
    house.plane.asked().into_iter().rev().find_map(offered).expect("an offer")
}

fn read(house: &House, peer: PeerId, carrier: Carrier, packets: u64) {
    let flow = Flow {
        packets,
        bytes: packets * 100,
        lost: packets / 10,
    };
    let reading = Reading {
        carrier,
        round_trip: Some(Duration::from_millis(30)),
        sent: flow,
        received: flow,
        ..Reading::default()
    };
    house.hub.media_event(MediaEvent::Quality {
        peer,
        reading: Box::new(reading),
    });
}

/// Stops the house, which writes everything down, and reads it.
async fn kept(house: &House) -> Vec<QualityRecord> {
    house.hub.stop().await;
    let administrator = house.administrator();
    let mut records = Vec::new();
    let calls = house.app.quality_calls(&administrator, &CallFilter::default(), None, None).await;
    for call in calls.expect("an administrator reads them").items {
        let sessions = house.app.quality_sessions(&administrator, &call.held_id, None, None).await;
        records.extend(sessions.expect("an administrator reads them").items);
    }
    records
}

#[tokio::test]
async fn a_session_with_media_leaves_a_record_with_the_last_word_of_its_connection() {
    let house = House::open().await;
    let (id, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let joined = guest.join(group(), "Maria").await.expect("a call");
    let peer = offers(&house, &mut guest, &joined.call).await;
    read(&house, peer, Carrier::Udp, 500);
    assert_eq!(house.hub.peer_of("no call", &joined.session).await, None);
    guest.ok(&joined.call, RequestBody::Leave { for_everyone: false }).await;
    guest.until(ended).await;
    // The engine says it when its thread has taken the connection down.
    read(&house, peer, Carrier::Udp, 540);
    let records = kept(&house).await;
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!(
        (record.leg.raw_id.as_str(), record.leg.display_name.as_str()),
        (id.as_str(), "Maria")
    );
    assert_eq!((record.leg.person.as_str(), record.leg.kind.as_str()), ("guest", "group"));
    assert_eq!(record.leg.session, joined.session);
    assert_eq!((record.sent.packets, record.received.lost, record.ended), (540, 54, true));
    assert_eq!(record.carriers, [Carrier::Udp]);
    assert_eq!(record.samples.len(), 2);
    let totals = house.hub.quality_totals();
    assert_eq!((totals.readings, totals.sent.packets, totals.round_trip.count()), (2, 540, 2));
    assert_eq!((totals.sessions, totals.carriers, totals.unrecorded), (0, [0; 4], 0));
}

#[tokio::test]
async fn a_connection_made_anew_goes_on_in_the_record_of_its_session() {
    let house = House::open().await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let joined = guest.join(group(), "Maria").await.expect("a call");
    let first = offers(&house, &mut guest, &joined.call).await;
    read(&house, first, Carrier::Udp, 100);
    house.hub.media_event(MediaEvent::Lost { peer: first });
    guest.until(|event| matches!(event, wire::Event::MediaLost).then_some(())).await;
    let second = offers(&house, &mut guest, &joined.call).await;
    assert_ne!(first, second);
    read(&house, second, Carrier::Relay, 30);
    assert_eq!(house.hub.quality_totals().unrecorded, 0);
    let records = kept(&house).await;
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].connections, records[0].sent.packets), (2, 130));
    assert_eq!(records[0].carriers, [Carrier::Udp, Carrier::Relay]);
    // The server stopped in the middle of the call, which is an end like any other.
    assert!(records[0].ended);
}

#[tokio::test]
async fn who_waits_leaves_no_record_and_who_is_inside_does() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let call = anna.join(house.link(&meeting), "ignored").await.expect("the organizer joins").call;
    anna.until(snapshot).await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let waiting = guest.join(house.link(&meeting), "Maria").await.expect("the guest may wait");
    assert!(waiting.waiting);
    let peer = offers(&house, &mut anna, &call).await;
    read(&house, peer, Carrier::Tcp, 10);
    let records = kept(&house).await;
    let names: Vec<_> = records.iter().map(|record| record.leg.display_name.as_str()).collect();
    assert_eq!(names, [house.accounts.members[0].member.display_name.as_str()]);
    let leg = &records[0].leg;
    assert_eq!((leg.person.as_str(), leg.kind.as_str()), ("member", "meeting"));
    assert_eq!(leg.key, meeting.thread_id);
}

#[tokio::test]
async fn the_connection_of_a_running_session_is_found_by_its_call() {
    let house = House::open().await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let joined = guest.join(group(), "Maria").await.expect("a call");
    let peer = offers(&house, &mut guest, &joined.call).await;
    let shot = guest.until(snapshot).await;
    let held_id = shot.meeting.server_call_id.as_str();
    assert_eq!(house.hub.peer_of(held_id, &joined.session).await, Some(peer));
    assert_eq!(house.hub.peer_of(held_id, "somebody else's").await, None);
    assert_eq!(house.hub.peer_of("another call", &joined.session).await, None);
}

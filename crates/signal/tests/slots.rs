//! What the engine says of a client's slots, told to that client: what they carry, and that the engine holds something back.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{Asked, Client, House, snapshot};
use signal::media_plane::{EngineBinding, MediaEvent, PeerId, Withheld};
use wire::{Event, Locator, MediaKind, Outcome, PublicationOffer, RequestBody, SlotBinding};

/// Enters a group call and offers a camera.
async fn enters(house: &House, client: &mut Client) -> (String, PeerId) {
    let group = Locator::Group {
        group_id: "29228d3e-040e-4656-a70e-890ab4e173e5".to_owned(),
    };
    let call = client.join(group, "Somebody").await.expect("it is open to both").call;
    client.until(snapshot).await;
    let publications = vec![PublicationOffer {
        kind: MediaKind::Camera,
        mid: "0".to_owned(),
    }];
    let offer = RequestBody::OfferMedia {
        sdp: "offer".to_owned(),
        publications,
        fresh: true,
    };
    client.ok(&call, offer).await;
    let offered = |asked| match asked {
        Asked::Offer(peer) => Some(peer),
        _ => None,
    };
    let peer = house.plane.asked().into_iter().rev().find_map(offered).expect("an offer");
    (call, peer)
}

fn bind(house: &House, peer: PeerId, publication: u32, withheld: Option<Withheld>) {
    house.hub.media_event(MediaEvent::Slots {
        peer,
        bindings: vec![EngineBinding {
            mid: "9".to_owned(),
            generation: 1,
            publication: Some(publication),
            withheld,
        }],
    });
}

fn bindings(event: Event) -> Option<Vec<SlotBinding>> {
    match event {
        Event::Slots { bindings } => Some(bindings),
        _ => None,
    }
}

#[tokio::test]
async fn a_client_is_told_that_a_picture_is_held_back_and_that_it_goes_on_and_finds_the_same_in_a_snapshot() {
    let house = House::open().await;
    let mut anna = house.connect(&house.guest().await.1).await;
    let mut ben = house.connect(&house.guest().await.1).await;
    let (call, peer) = enters(&house, &mut anna).await;
    let (_, other) = enters(&house, &mut ben).await;
    assert_ne!(peer, other);

    for withheld in [None, Some(Withheld::Unplayable), Some(Withheld::Paused)] {
        bind(&house, peer, 7, withheld);
        let told = anna.until(bindings).await;
        assert_eq!(
            (told[0].mid.as_str(), told[0].publication, told[0].withheld),
            ("9", Some(7), withheld)
        );
    }
    let Outcome::Ok { .. } = anna.request(Some(&call), RequestBody::Snapshot).await else {
        panic!("a snapshot is always given")
    };
    assert_eq!(
        anna.until(snapshot).await.slots[0].withheld,
        Some(Withheld::Paused),
        "who was away finds it paused"
    );
    bind(&house, peer, 7, None);
    assert_eq!(anna.until(bindings).await[0].withheld, None);

    // What Ben hears first of slots is his own.
    bind(&house, other, 8, Some(Withheld::Unplayable));
    let told = ben.until(bindings).await;
    assert_eq!(
        (told.len(), told[0].publication, told[0].withheld),
        (1, Some(8), Some(Withheld::Unplayable))
    );
}

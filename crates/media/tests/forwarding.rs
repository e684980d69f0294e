//! One to one: audio and video arrive, gates hold, rooms are apart, removal ends everything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use std::time::Duration;

use common::{Client, House, USUAL, connect, during, until};
use media::{Event, MediaKind, PublicationId};

const ALL: [MediaKind; 4] = [MediaKind::Microphone, MediaKind::Camera, MediaKind::Screen, MediaKind::ScreenAudio];
const MICROPHONE: u32 = 10;
const CAMERA: u32 = 11;

/// The publisher talks and shows when it is time.
fn publish(client: &mut Client, keyframe: bool) {
    if client.is_time() {
        client.speak(25);
        client.show(MediaKind::Camera, None, keyframe, (320, 180));
    }
}

fn pair(house: &House) -> (Client, Client) {
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    house.declare(&anna, MICROPHONE, &ALL);
    house.want(&ben, &[(CAMERA, 640, 360)]);
    connect(&mut [&mut anna, &mut ben]);
    (anna, ben)
}

fn counts(house: &House, ben: &Client) -> (usize, usize) {
    let count = |publication| house.slot_of(ben.id, publication).map_or(0, |mid| ben.received(&mid).packets);
    (count(MICROPHONE), count(CAMERA))
}

#[test]
fn what_one_publishes_the_other_receives() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    until("fifty packets of each", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        let (audio, video) = counts(&house, clients[1]);
        audio > 50 && video > 50
    });
    assert_eq!(anna.total(), 0, "nobody receives what they publish themselves");
    let camera = house.slot_of(ben.id, CAMERA).unwrap();
    let seqs = ben.received(&camera).seqs;
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "no gap and no repeat: {seqs:?}");
}

#[test]
fn a_closed_publication_passes_no_packet_and_an_opened_one_does() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    until("audio flows", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        counts(&house, clients[1]).0 > 10
    });
    house.engine.set_open(anna.id, PublicationId(MICROPHONE), false);
    let gated = house.engine.stats().packets_gated;
    until("the gate is seen to drop", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        house.engine.stats().packets_gated > gated + 10
    });
    let before = counts(&house, &ben);
    let gated = house.engine.stats().packets_gated;
    until("many more are dropped", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        house.engine.stats().packets_gated > gated + 40
    });
    let after = counts(&house, &ben);
    assert_eq!(after.0, before.0, "not one packet of the closed microphone");
    assert!(after.1 > before.1, "the camera goes on");
    house.engine.set_open(anna.id, PublicationId(MICROPHONE), true);
    until("audio flows again", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        counts(&house, clients[1]).0 > after.0 + 10
    });
    let microphone = house.slot_of(ben.id, MICROPHONE).unwrap();
    let seqs = ben.received(&microphone).seqs;
    assert!(
        seqs.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "the pause leaves no gap: {seqs:?}"
    );
}

#[test]
fn a_publication_that_was_not_declared_goes_nowhere() {
    let house = House::new();
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    connect(&mut [&mut anna, &mut ben]);
    until("packets are dropped", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        house.engine.stats().packets_gated > 40
    });
    assert_eq!(ben.total(), 0);
    house.declare(&anna, MICROPHONE, &ALL);
    until("the declared microphone is heard", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        clients[1].total() > 10
    });
}

#[test]
fn another_room_gets_nothing() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    let mut eve = house.client("other", 3, USUAL);
    let mut frank = house.client("other", 4, USUAL);
    house.want(&eve, &[(CAMERA, 640, 360)]);
    connect(&mut [&mut eve, &mut frank, &mut anna, &mut ben]);
    until("ben receives", &mut [&mut anna, &mut ben, &mut eve, &mut frank], |clients| {
        publish(clients[0], true);
        counts(&house, clients[1]).1 > 50
    });
    assert_eq!((eve.total(), frank.total()), (0, 0));
    assert!(house.slots(eve.id).is_empty(), "and is told of nothing");
}

#[test]
fn who_was_removed_is_sent_nothing_more() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    let mut carl = house.client("room", 3, USUAL);
    connect(&mut [&mut carl, &mut anna, &mut ben]);
    until("both hear", &mut [&mut anna, &mut ben, &mut carl], |clients| {
        publish(clients[0], true);
        clients[1].total() > 10 && clients[2].total() > 10
    });
    house.engine.remove(ben.id);
    until("the removal is carried out", &mut [&mut anna, &mut carl], |clients| {
        publish(clients[0], true);
        house.engine.stats().peers == 2
    });
    // What was on its way is let in; from then on there is silence.
    ben.drive();
    let (datagrams, carls) = (ben.datagrams, carl.total());
    until("carl hears on", &mut [&mut anna, &mut ben, &mut carl], |clients| {
        publish(clients[0], true);
        clients[2].total() > carls + 50
    });
    assert_eq!(ben.datagrams, datagrams, "not even an answer to a connectivity check");
    assert!(
        !house.events().iter().any(|event| matches!(event, Event::Lost { .. })),
        "a removal is no loss"
    );
}

#[test]
fn a_receiver_asks_for_key_frames_and_the_publisher_is_asked_once() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    until(
        "the publisher is asked for a first key frame",
        &mut [&mut anna, &mut ben],
        |clients| {
            publish(clients[0], false);
            clients[0].asked(MediaKind::Camera) > 0
        },
    );
    assert_eq!(counts(&house, &ben).1, 0, "video does not begin without a key frame");
    until("video begins with one", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        counts(&house, clients[1]).1 > 0
    });
    let camera = house.slot_of(ben.id, CAMERA).unwrap();
    let asked = anna.asked(MediaKind::Camera);
    during(Duration::from_millis(700), &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], false)
    });
    for _ in 0..5 {
        ben.cannot_decode(&camera);
    }
    until("the publisher is asked", &mut [&mut anna, &mut ben], |clients| {
        clients[0].asked(MediaKind::Camera) > asked
    });
    // A second one is due half a second later, which a busy machine may reach.
    assert!(anna.asked(MediaKind::Camera) <= asked + 2, "five wishes are not five requests");
}

#[test]
fn lost_packets_are_sent_again() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    until("video flows", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        counts(&house, clients[1]).1 > 20
    });
    let camera = house.slot_of(ben.id, CAMERA).unwrap();
    let highest = ben.received(&camera).seqs.into_iter().max().unwrap();
    ben.lose_next = 4;
    until("a hundred more", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        clients[1].received(&camera).seqs.iter().max() > Some(&(highest + 100))
    });
    assert_eq!(ben.lose_next, 0, "packets were lost");
    until("none is missing", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        let seqs: std::collections::BTreeSet<u64> = clients[1].received(&camera).seqs.into_iter().collect();
        (highest..highest + 100).all(|seq| seqs.contains(&seq))
    });
}

#[test]
fn packets_lost_on_the_way_up_are_asked_for_and_forwarded() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    until("video flows", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        counts(&house, clients[1]).1 > 20
    });
    let camera = house.slot_of(ben.id, CAMERA).unwrap();
    let highest = ben.received(&camera).seqs.into_iter().max().unwrap();
    anna.lose_out = 6;
    until("none of the next hundred is missing", &mut [&mut anna, &mut ben], |clients| {
        publish(clients[0], true);
        let seqs: std::collections::BTreeSet<u64> = clients[1].received(&camera).seqs.into_iter().collect();
        (highest..highest + 100).all(|seq| seqs.contains(&seq))
    });
    assert_eq!(anna.lose_out, 0, "packets were lost");
}

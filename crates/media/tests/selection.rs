//! What of a publication each receiver gets: its codec, its pace, what it begins with, what its connection takes.
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
use media::{Delivery, MediaKind, PublicationId, Want};
use str0m::format::{Codec, CodecConfig, FormatParams};
use str0m::media::Frequency;

const MICROPHONE: u32 = 10;
const CAMERA: u32 = 11;
const SCREEN: u32 = 12;

fn opus_and_vp9(codecs: &mut CodecConfig) {
    codecs.enable_opus(true, false);
    let vp9 = FormatParams {
        profile_id: Some(0),
        ..FormatParams::default()
    };
    codecs.add_config(98.into(), Some(99.into()), Codec::Vp9, Frequency::NINETY_KHZ, None, vp9);
}

/// Pictures received of a publication.
fn seen(house: &House, client: &Client, publication: u32) -> usize {
    house.slot_of(client.id, publication).map_or(0, |mid| client.received(&mid).packets)
}

fn delivery(house: &House, client: &Client, publication: u32) -> Option<Delivery> {
    let slots = house.slots(client.id);
    let slot = slots.values().find(|slot| slot.publication == Some(PublicationId(publication)));
    slot.map(|slot| slot.delivery)
}

fn wish(publication: u32, priority: u8, max_fps: u8) -> Want {
    Want {
        publication: PublicationId(publication),
        width: 320,
        height: 180,
        priority,
        max_fps,
    }
}

#[test]
fn a_receiver_without_the_codec_is_told_and_one_with_it_sees_it() {
    let house = House::new();
    let mut anna = house.client_with("room", 1, opus_and_vp9);
    let mut ben = house.client("room", 2, USUAL);
    let mut carl = house.client_with("room", 3, |codecs| {
        codecs.enable_vp8(true);
        opus_and_vp9(codecs);
    });
    house.declare(&anna, MICROPHONE, &[MediaKind::Camera]);
    for client in [&ben, &carl] {
        house.want(client, &[(CAMERA, 640, 360)]);
    }
    connect(&mut [&mut anna, &mut ben, &mut carl]);
    // A whole key frame of VP9.
    let picture = vec![0x8c, 0x01, 0x82, 0x49, 0x83, 0x42];
    until("who can play it sees it", &mut [&mut anna, &mut ben, &mut carl], |people| {
        if people[0].is_time() {
            people[0].show_as(Codec::Vp9, picture.clone());
        }
        seen(&house, people[2], CAMERA) > 20
    });
    assert_eq!(
        (delivery(&house, &carl, CAMERA), delivery(&house, &ben, CAMERA)),
        (Some(Delivery::Sent), Some(Delivery::Unplayable))
    );
    assert_eq!(ben.total(), 0);
    let mid = house.slot_of(carl.id, CAMERA).unwrap();
    let received = carl.received(&mid);
    assert_eq!(received.payloads[0][2..], picture[2..], "all but the number of the picture");
    assert!(received.seqs.is_sorted() && received.formats.iter().all(|format| *format == 98));
}

#[test]
fn redundant_sound_reaches_who_knows_it_and_the_newest_of_it_the_others() {
    let house = House::new();
    let both = |codecs: &mut CodecConfig| {
        codecs.enable_opus(true, true);
        codecs.enable_vp8(true);
    };
    let mut anna = house.client_with("room", 1, both);
    let mut ben = house.client_with("room", 2, both);
    let mut carl = house.client("room", 3, USUAL);
    house.declare(&anna, MICROPHONE, &[MediaKind::Microphone]);
    connect(&mut [&mut anna, &mut ben, &mut carl]);
    // A block of 960 ago with three bytes, and the newest of two.
    let redundant = vec![0xef, 0x0f, 0x00, 0x03, 0x6f, 1, 2, 3, 4, 5];
    until("both hear", &mut [&mut anna, &mut ben, &mut carl], |people| {
        if people[0].is_time() {
            people[0].say_again(redundant.clone());
        }
        (1..3).all(|at| seen(&house, people[at], MICROPHONE) > 20)
    });
    let heard = |client: &Client| client.received(&house.slot_of(client.id, MICROPHONE).unwrap());
    let (ben, carl) = (heard(&ben), heard(&carl));
    assert!(ben.payloads.iter().all(|payload| *payload == redundant) && ben.formats.iter().all(|format| *format == 63));
    assert!(carl.payloads.iter().all(|payload| payload == &[4, 5]) && carl.formats.iter().all(|format| *format == 111));
}

/// Somebody comes a moment after a key frame.
fn late(shards: usize) {
    let house = House::with(|config| {
        config.shards = shards;
        config.room_spread = 1;
    });
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    let mut carl = house.client("room", 3, USUAL);
    house.declare(&anna, MICROPHONE, &[MediaKind::Camera]);
    connect(&mut [&mut anna, &mut ben, &mut carl]);
    house.want(&ben, &[(CAMERA, 320, 180)]);
    let mut answered = 0;
    let mut publish = |anna: &mut Client| {
        if anna.is_time() {
            // Only what is asked for is a key frame.
            let asked = anna.asked(MediaKind::Camera);
            anna.show(MediaKind::Camera, None, asked > answered, (320, 180));
            answered = asked;
        }
    };
    until("the first one sees it", &mut [&mut anna, &mut ben, &mut carl], |people| {
        publish(people[0]);
        seen(&house, people[1], CAMERA) > 5
    });
    let asked = anna.asked(MediaKind::Camera);
    house.want(&carl, &[(CAMERA, 320, 180)]);
    until("so does the other", &mut [&mut anna, &mut ben, &mut carl], |people| {
        publish(people[0]);
        seen(&house, people[2], CAMERA) > 20
    });
    assert_eq!(anna.asked(MediaKind::Camera), asked, "nobody was asked for it");
    let received = carl.received(&house.slot_of(carl.id, CAMERA).unwrap());
    let firsts: Vec<&[u8]> = received.payloads.iter().map(|payload| &payload[..10]).take(8).collect();
    assert_eq!(
        received.payloads[0][4] & 1,
        0,
        "the first packet is that of a key frame: {firsts:02x?} {:?}",
        received.seqs
    );
    assert!(received.seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{:?}", received.seqs);
    let numbers: Vec<u16> = received
        .payloads
        .iter()
        .map(|payload| u16::from_be_bytes([payload[2] & 0x7f, payload[3]]))
        .collect();
    assert!(
        numbers.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "no picture is missing: {numbers:?}"
    );
    assert!(received.timestamps.is_sorted(), "{:?}", received.timestamps);
    assert!(
        received.timestamps[4] - received.timestamps[0] < 3_000,
        "what came before comes at once"
    );
}

#[test]
fn who_comes_late_begins_with_the_last_key_frame() {
    late(1);
}

#[test]
fn so_does_who_is_on_another_shard() {
    late(3);
}

#[test]
fn a_receiver_gets_as_many_pictures_as_it_asks_for_and_no_gap() {
    let house = House::new();
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    let mut carl = house.client("room", 3, USUAL);
    house.declare(&anna, MICROPHONE, &[MediaKind::Camera]);
    house.engine.subscribe(ben.id, vec![wish(CAMERA, 0, 0)]);
    // Of fifty pictures a second half are of the upmost layer.
    house.engine.subscribe(carl.id, vec![wish(CAMERA, 0, 25)]);
    connect(&mut [&mut anna, &mut ben, &mut carl]);
    let mut count = 0;
    let mut publish = |anna: &mut Client| {
        if anna.is_time() {
            let temporal = [0, 2, 1, 2][count % 4];
            anna.show_in_time(temporal, temporal > 0, count % 100 == 0);
            count += 1;
        }
    };
    during(Duration::from_millis(2_500), &mut [&mut anna, &mut ben, &mut carl], |people| {
        publish(people[0])
    });
    let before = (seen(&house, &ben, CAMERA), seen(&house, &carl, CAMERA));
    until("a hundred pictures", &mut [&mut anna, &mut ben, &mut carl], |people| {
        publish(people[0]);
        seen(&house, people[1], CAMERA) > before.0 + 100
    });
    let fewer = seen(&house, &carl, CAMERA) - before.1;
    assert!((45..=56).contains(&fewer), "every second one of a hundred: {fewer}");
    for client in [&ben, &carl] {
        let received = client.received(&house.slot_of(client.id, CAMERA).unwrap());
        assert!(received.seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{:?}", received.seqs);
        let numbers: Vec<u16> = received
            .payloads
            .iter()
            .map(|payload| u16::from_be_bytes([payload[2] & 0x7f, payload[3]]))
            .collect();
        assert!(numbers.windows(2).all(|pair| pair[1] == (pair[0] + 1) & 0x7fff), "{numbers:?}");
    }
    assert_eq!(anna.asked(MediaKind::Camera), 0, "and no key frame");
}

#[test]
fn what_a_narrow_connection_cannot_take_is_paused_with_notice_and_goes_on_later() {
    let house = House::new();
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    house.declare(&anna, MICROPHONE, &[MediaKind::Camera, MediaKind::Screen]);
    house.engine.subscribe(ben.id, vec![wish(CAMERA, 0, 0), wish(SCREEN, 3, 0)]);
    connect(&mut [&mut anna, &mut ben]);
    let publish = |people: &mut [&mut Client]| {
        if people[0].is_time() {
            people[0].show(MediaKind::Camera, None, true, (320, 180));
            people[0].show(MediaKind::Screen, None, true, (320, 180));
        }
    };
    until("both are seen", &mut [&mut anna, &mut ben], |people| {
        publish(people);
        seen(&house, people[1], CAMERA) > 20 && seen(&house, people[1], SCREEN) > 20
    });
    ben.lose_every = 3;
    until("one is paused", &mut [&mut anna, &mut ben], |people| {
        publish(people);
        delivery(&house, people[1], CAMERA) == Some(Delivery::Paused)
    });
    assert_eq!(
        delivery(&house, &ben, SCREEN),
        Some(Delivery::Sent),
        "the more important one goes on"
    );
    let (camera, screen) = (seen(&house, &ben, CAMERA), seen(&house, &ben, SCREEN));
    until("the screen goes on", &mut [&mut anna, &mut ben], |people| {
        publish(people);
        seen(&house, people[1], SCREEN) > screen + 20
    });
    // What was on its way or waited may still come.
    assert!(
        seen(&house, &ben, CAMERA) < camera + 15,
        "{} after {camera}",
        seen(&house, &ben, CAMERA)
    );
    ben.lose_every = 0;
    until("both are seen again", &mut [&mut anna, &mut ben], |people| {
        publish(people);
        delivery(&house, people[1], CAMERA) == Some(Delivery::Sent) && seen(&house, people[1], CAMERA) > camera + 40
    });
}

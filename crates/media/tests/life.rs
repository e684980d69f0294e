//! Coming, going and bad input.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use std::net::{SocketAddr, UdpSocket};

use common::{Client, House, USUAL, connect, until};
use media::{Engine, EngineConfig, EngineError, Event, LostReason, MediaKind, Offer, OfferError, PeerId, RoomId};

const ALL: [MediaKind; 4] = [MediaKind::Microphone, MediaKind::Camera, MediaKind::Screen, MediaKind::ScreenAudio];

#[test]
fn an_offer_that_is_none_is_refused_with_a_reason() {
    let house = House::new();
    for sdp in ["", "v=0", "nonsense", &"a=".repeat(100_000)] {
        assert!(
            matches!(house.offer("room", PeerId(1), sdp, true), Err(OfferError::Malformed(_))),
            "{:.20}",
            sdp
        );
    }
    let (_, sdp) = Client::new(PeerId(1), USUAL);
    assert!(house.offer("room", PeerId(1), &sdp, true).is_ok());
}

#[test]
fn the_answer_is_ice_lite_passive_and_names_the_bound_port() {
    let house = House::new();
    let (_, sdp) = Client::new(PeerId(1), USUAL);
    let answer = house.offer("room", PeerId(1), &sdp, true).unwrap();
    assert!(answer.contains("a=ice-lite") && answer.contains("a=setup:passive"), "{answer}");
    assert!(
        answer.contains(&format!("127.0.0.1 {} typ host", house.engine.local_addr().port())),
        "{answer}"
    );
}

#[test]
fn a_full_engine_refuses_and_takes_again_when_one_left() {
    let house = House::with(|config| config.max_peers = 1);
    let (_, sdp) = Client::new(PeerId(1), USUAL);
    house.offer("room", PeerId(1), &sdp, true).unwrap();
    assert_eq!(house.offer("room", PeerId(2), &sdp, true), Err(OfferError::Full(1)));
    house.engine.remove(PeerId(1));
    assert!(house.offer("room", PeerId(2), &sdp, true).is_ok());
}

#[test]
fn a_peer_cannot_be_in_two_rooms() {
    let house = House::new();
    let (_, sdp) = Client::new(PeerId(1), USUAL);
    house.offer("room", PeerId(1), &sdp, false).unwrap();
    assert_eq!(house.offer("other", PeerId(1), &sdp, false), Err(OfferError::OtherRoom));
    assert!(house.offer("other", PeerId(1), &sdp, true).is_ok(), "a fresh one begins anew");
}

#[test]
fn a_silent_peer_is_given_up_and_a_living_one_is_not() {
    let house = House::with(|config| config.lost_after_ms = 1_500);
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    connect(&mut [&mut anna, &mut ben]);
    let lost = |peer| Event::Lost {
        peer: PeerId(peer),
        reason: LostReason::Silent,
    };
    until("ben is given up", &mut [&mut anna], |clients| {
        if clients[0].is_time() {
            clients[0].speak(30);
        }
        house.events().contains(&lost(2))
    });
    assert!(!house.events().contains(&lost(1)));
    until("and no longer counted", &mut [&mut anna], |_| house.engine.stats().peers == 1);
}

#[test]
fn a_fresh_offer_replaces_the_connection_and_generations_grow() {
    let house = House::new();
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    house.declare(&anna, 10, &ALL);
    connect(&mut [&mut anna, &mut ben]);
    until("ben has slots", &mut [&mut anna, &mut ben], |_| {
        house.slot_of(PeerId(2), 10).is_some()
    });
    let before = house.slots(PeerId(2)).values().map(|binding| binding.generation).max().unwrap();
    let mut again = house.client("room", 2, USUAL);
    until("the new connection hears", &mut [&mut anna, &mut again], |clients| {
        if clients[0].is_time() {
            clients[0].speak(30);
        }
        clients[1].total() > 10
    });
    let events = house.events();
    let last = events.iter().rev().find_map(|event| match event {
        Event::Slots { peer: PeerId(2), bindings } => bindings.iter().map(|binding| binding.generation).min(),
        _ => None,
    });
    assert!(last.unwrap() > before);
    assert_eq!(house.engine.stats().peers, 2);
}

#[test]
fn rubbish_is_counted_and_harms_nobody() {
    let house = House::new();
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    house.declare(&anna, 10, &ALL);
    connect(&mut [&mut anna, &mut ben]);
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut seed = 1u32;
    for length in 0..400usize {
        let bytes: Vec<u8> = (0..length % 97)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        stranger.send_to(&bytes, house.engine.local_addr()).unwrap();
    }
    until("it is counted", &mut [&mut anna, &mut ben], |_| {
        house.engine.stats().datagrams_unknown >= 390
    });
    until("audio flows all the same", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].speak(30);
        }
        clients[1].total() > 20
    });
    assert_eq!(house.engine.stats().peers_failed, 0);
}

#[test]
fn a_refused_offer_leaves_the_peer_as_it_was() {
    let house = House::new();
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    house.declare(&anna, 10, &ALL);
    connect(&mut [&mut anna, &mut ben]);
    // Unreadable; of another session (other names in ICE, other m-lines); of another certificate without one.
    let (_, other) = Client::new(PeerId(1), USUAL);
    let nameless = other.replace("a=fingerprint", "a=x-fingerprint");
    let shared = other.split_inclusive("m=").take(3).collect::<String>();
    for sdp in ["nonsense", &other, &nameless, &shared, &common::browser_offer()] {
        for peer in [1, 2] {
            let refused = house.offer("room", PeerId(peer), sdp, false);
            assert!(matches!(refused, Err(OfferError::Malformed(_))), "{refused:?} for {sdp:.40}");
        }
    }
    assert!(matches!(
        house.offer("room", PeerId(1), "nonsense", true),
        Err(OfferError::Malformed(_))
    ));
    assert_eq!(house.offer("elsewhere", PeerId(2), &other, false), Err(OfferError::OtherRoom));
    let before = ben.total();
    until("audio flows all the same", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].speak(30);
        }
        clients[1].total() > before + 20
    });
    let lost = house.events().iter().filter(|event| matches!(event, Event::Lost { .. })).count();
    assert_eq!((lost, house.engine.stats().peers, house.engine.stats().peers_failed), (0, 2, 0));
}

#[test]
fn malformed_bytes_from_a_participant_harm_nobody() {
    let house = House::new();
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    house.declare(&anna, 10, &ALL);
    house.want(&ben, &[(11, 640, 360)]);
    connect(&mut [&mut anna, &mut ben]);
    let server = house.engine.local_addr();
    let mut seed = 7u32;
    let mut random = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    for round in 0..600usize {
        let mut bytes: Vec<u8> = (0..round % 211).map(|_| random()).collect();
        // What looks like a check, a record, a media packet or a report, from the address of a participant.
        if let Some(first) = bytes.first_mut() {
            *first = [0, 1, 20, 21, 22, 23, 128, 129, 144, 191][round % 10];
        }
        if let Some(second) = bytes.get_mut(1).filter(|_| round % 3 == 0) {
            *second = [200, 201, 205, 206, 96, 111][round / 3 % 6];
        }
        anna.send_raw(server, &bytes);
        // What passes as genuine, because the participant encrypts it, and is no picture and no sound.
        let contents: Vec<u8> = (0..round % 1_100).map(|_| random()).collect();
        anna.show_raw(MediaKind::Camera, contents.clone());
        anna.say(30, contents);
        ben.drive();
    }
    let (before, shown) = (ben.total(), anna.mid(MediaKind::Camera));
    assert!(!shown.is_empty());
    until("audio flows all the same", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].speak(30);
        }
        clients[1].total() > before + 20
    });
    let video = |house: &House| house.slot_of(PeerId(2), 11);
    until("and video", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].show(MediaKind::Camera, None, true, (320, 180));
        }
        video(&house).is_some_and(|mid| clients[1].received(&mid).packets > 10)
    });
    assert_eq!((house.engine.stats().peers, house.engine.stats().peers_failed), (2, 0));
}

#[test]
fn a_port_in_use_is_an_error_that_names_it() {
    let house = House::new();
    let result = Engine::start(EngineConfig::new(house.engine.local_addr()), Box::new(|_| {}));
    let text = result.err().map(|error: EngineError| error.to_string()).unwrap();
    assert!(text.contains(&house.engine.local_addr().port().to_string()), "{text}");
}

#[test]
fn a_stopped_engine_refuses_and_frees_its_port() {
    let house = House::new();
    let address: SocketAddr = house.engine.local_addr();
    house.engine.stop();
    let (_, sdp) = Client::new(PeerId(1), USUAL);
    assert_eq!(house.offer("room", PeerId(1), &sdp, true), Err(OfferError::Stopped));
    assert!(UdpSocket::bind(address).is_ok());
}

#[test]
fn a_handler_that_fails_does_not_end_the_engine() {
    let config = EngineConfig::new(SocketAddr::from(([127, 0, 0, 1], 0)));
    let engine = Engine::start(config, Box::new(|event| panic!("handler fails on {event:?}"))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let offer = |peer: u64| {
        let (mut client, sdp) = Client::new(PeerId(peer), USUAL);
        let offered = engine.offer(RoomId("room".to_owned()), client.id, Offer { sdp, fresh: true });
        client.accept(&runtime.block_on(offered).unwrap().sdp);
        client
    };
    let mut anna = offer(1);
    connect(&mut [&mut anna]);
    let mut ben = offer(2);
    connect(&mut [&mut anna, &mut ben]);
    assert_eq!(engine.stats().peers, 2);
}

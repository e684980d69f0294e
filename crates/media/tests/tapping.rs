//! Whoever taps a voice gets the packets of an open microphone, and of nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use std::sync::{Arc, Mutex};

use common::{Client, House, USUAL, connect, until};
use media::{MediaKind, PublicationId, VoiceTap};

const MICROPHONE: u32 = 10;

type Taken = Arc<Mutex<Vec<(u64, Vec<u8>)>>>;

fn tap() -> (VoiceTap, Taken) {
    let taken = Taken::default();
    let into = Arc::clone(&taken);
    let tap = VoiceTap(Arc::new(move |voice| {
        into.lock().unwrap().push((voice.sequence, voice.opus.to_vec()))
    }));
    (tap, taken)
}

/// Anna sends everything, Ben listens.
fn pair(house: &House) -> (Client, Client) {
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    house.declare(
        &anna,
        MICROPHONE,
        &[MediaKind::Microphone, MediaKind::Camera, MediaKind::ScreenAudio],
    );
    connect(&mut [&mut anna, &mut ben]);
    (anna, ben)
}

fn heard(house: &House, ben: &Client) -> usize {
    house.slot_of(ben.id, MICROPHONE).map_or(0, |mid| ben.received(&mid).packets)
}

#[test]
fn a_tap_gets_what_an_open_microphone_sends_and_no_pictures() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    let (tap, taken) = tap();
    house.engine.tap(anna.id, Some(tap));
    until("the voice is tapped", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].say(25, b"words".to_vec());
            clients[0].show(MediaKind::Camera, None, true, (320, 180));
        }
        taken.lock().unwrap().len() > 20 && heard(&house, clients[1]) > 20
    });
    let taken = taken.lock().unwrap();
    assert!(taken.iter().all(|(_, opus)| opus == b"words"), "nothing but the voice");
    assert!(taken.windows(2).all(|pair| pair[1].0 > pair[0].0), "in order");
}

#[test]
fn a_closed_microphone_gives_a_tap_nothing_and_an_opened_one_does() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    let (tap, taken) = tap();
    house.engine.set_open(anna.id, PublicationId(MICROPHONE), false);
    house.engine.tap(anna.id, Some(tap));
    until("forty packets are dropped", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].speak(25);
        }
        house.engine.stats().packets_gated > 40
    });
    assert!(taken.lock().unwrap().is_empty(), "who is muted is not listened to");
    house.engine.set_open(anna.id, PublicationId(MICROPHONE), true);
    until("the opened microphone is tapped", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].speak(25);
        }
        taken.lock().unwrap().len() > 5
    });
}

#[test]
fn a_tap_that_is_taken_away_or_fails_ends_and_forwarding_goes_on() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    let calls = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&calls);
    let broken = VoiceTap(Arc::new(move |_| {
        *counted.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
        panic!("a defect, on request");
    }));
    house.engine.tap(anna.id, Some(broken));
    let speak = |clients: &mut [&mut Client], more: usize| {
        if clients[0].is_time() {
            clients[0].speak(25);
        }
        heard(&house, clients[1]) > more
    };
    until("the voice is forwarded all the same", &mut [&mut anna, &mut ben], |clients| {
        speak(clients, 30)
    });
    assert_eq!(*calls.lock().unwrap(), 1, "it is called no more");
    let (tap, taken) = tap();
    house.engine.tap(anna.id, Some(tap));
    until("another tap works", &mut [&mut anna, &mut ben], |clients| {
        speak(clients, 0);
        taken.lock().unwrap().len() > 5
    });
    house.engine.tap(anna.id, None);
    let before = heard(&house, &ben);
    until("the tap is taken away", &mut [&mut anna, &mut ben], |clients| {
        speak(clients, before + 10)
    });
    let ended = taken.lock().unwrap().len();
    let before = heard(&house, &ben);
    until("the voice goes on without it", &mut [&mut anna, &mut ben], |clients| {
        speak(clients, before + 20)
    });
    assert_eq!(taken.lock().unwrap().len(), ended);
}

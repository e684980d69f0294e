//! More than two: simulcast layers by size, loudest speakers in few slots, who speaks, who is dominant.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use common::{Client, House, SIMULCAST, Shape, USUAL, connect, until};
use media::{Event, MediaKind, PeerId, RoomId};

const ALL: [MediaKind; 4] = [MediaKind::Microphone, MediaKind::Camera, MediaKind::Screen, MediaKind::ScreenAudio];
const LAYERS: [(&str, (u16, u16)); 3] = [("q", (320, 180)), ("h", (640, 360)), ("f", (1280, 720))];

/// Sends all layers; key frames on every layer where one is asked for.
fn simulcast(client: &mut Client, answered: &mut usize) {
    if client.is_time() {
        let asked = client.asked(MediaKind::Camera);
        let keyframe = asked > *answered || asked == 0;
        *answered = asked;
        for (rid, size) in LAYERS {
            client.show(MediaKind::Camera, Some(rid), keyframe, size);
        }
    }
}

/// The height of the last key frame that came in the slot.
fn height(client: &Client, mid: &str) -> Option<u16> {
    let payloads = client.received(mid).payloads;
    payloads.iter().rev().find_map(|payload| {
        let at = payload.windows(3).position(|window| window == [0x9d, 0x01, 0x2a])?;
        Some(u16::from_le_bytes([payload[at + 5], payload[at + 6]]))
    })
}

#[test]
fn each_receiver_gets_the_layer_that_fits_and_switches_without_a_gap() {
    let house = House::new();
    let mut anna = house.client("room", 1, SIMULCAST);
    let mut small = house.client("room", 2, USUAL);
    let mut large = house.client("room", 3, USUAL);
    house.declare(&anna, 10, &ALL);
    house.want(&small, &[(11, 320, 180)]);
    house.want(&large, &[(11, 1280, 720)]);
    connect(&mut [&mut anna, &mut small, &mut large]);
    let mut answered = 0;
    until("each has its layer", &mut [&mut anna, &mut small, &mut large], |clients| {
        simulcast(clients[0], &mut answered);
        let at = |client: &Client| house.slot_of(client.id, 11).and_then(|mid| height(client, &mid));
        at(clients[1]) == Some(180) && at(clients[2]) == Some(720)
    });
    house.want(&small, &[(11, 640, 360)]);
    until("the small tile grew", &mut [&mut anna, &mut small, &mut large], |clients| {
        simulcast(clients[0], &mut answered);
        height(clients[1], &house.slot_of(PeerId(2), 11).unwrap()) == Some(360)
    });
    let seqs = small.received(&house.slot_of(PeerId(2), 11).unwrap()).seqs;
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seqs:?}");
}

#[test]
fn more_speakers_than_slots_the_loudest_are_heard() {
    let house = House::new();
    let few = Shape { audio_slots: 2, ..USUAL };
    let mut listener = house.client("room", 100, few);
    let mut speakers: Vec<Client> = (1..=5)
        .map(|peer| {
            house.client(
                "room",
                peer,
                Shape {
                    audio_slots: 1,
                    video_slots: 0,
                    simulcast: false,
                },
            )
        })
        .collect();
    for (index, speaker) in speakers.iter().enumerate() {
        house.declare(speaker, 10 * (index as u32 + 1), &[MediaKind::Microphone]);
    }
    let mut everybody: Vec<&mut Client> = speakers.iter_mut().chain([&mut listener]).collect();
    connect(&mut everybody);
    let heard = || {
        let slots = house.slots(PeerId(100));
        let mut ids: Vec<u32> = slots.values().filter_map(|binding| binding.publication).map(|id| id.0).collect();
        ids.sort_unstable();
        ids
    };
    let talk = |clients: &mut [&mut Client], loud: &[u64]| {
        for client in clients.iter_mut().filter(|client| client.id != PeerId(100)) {
            let level = if loud.contains(&client.id.0) { 20 } else { 90 };
            if client.is_time() {
                client.speak(level);
            }
        }
    };
    for loud in [[4u64, 5], [1, 5], [2, 3]] {
        let expected: Vec<u32> = loud.iter().map(|peer| *peer as u32 * 10).collect();
        until("the loudest two have the slots", &mut everybody, |clients| {
            talk(clients, &loud);
            heard() == expected
        });
    }
}

#[test]
fn who_speaks_is_told_and_who_is_dominant() {
    let house = House::new();
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    house.declare(&anna, 10, &[MediaKind::Microphone]);
    house.declare(&ben, 20, &[MediaKind::Microphone]);
    connect(&mut [&mut anna, &mut ben]);
    let room = RoomId("room".to_owned());
    let speaking = |peer, speaking| Event::Speaking {
        room: room.clone(),
        peer: PeerId(peer),
        speaking,
    };
    let dominant = |peers: &[u64]| Event::Dominant {
        room: room.clone(),
        peers: peers.iter().map(|peer| PeerId(*peer)).collect(),
    };
    let talk = |clients: &mut [&mut Client], levels: [i8; 2]| {
        for (client, level) in clients.iter_mut().zip(levels) {
            if client.is_time() {
                client.speak(level);
            }
        }
    };
    until("anna speaks and is dominant", &mut [&mut anna, &mut ben], |clients| {
        talk(clients, [20, 100]);
        house.events().contains(&speaking(1, true)) && house.events().contains(&dominant(&[1]))
    });
    assert!(!house.events().contains(&speaking(2, true)), "a quiet one does not speak");
    until("then ben", &mut [&mut anna, &mut ben], |clients| {
        talk(clients, [100, 20]);
        let events = house.events();
        events.contains(&speaking(1, false)) && events.contains(&speaking(2, true)) && events.contains(&dominant(&[2, 1]))
    });
    house.engine.remove(PeerId(2));
    until("who left is no longer dominant", &mut [&mut anna], |_| {
        house
            .events()
            .last()
            .is_some_and(|event| *event == dominant(&[1]) || matches!(event, Event::Slots { .. }))
            && house.events().contains(&dominant(&[1]))
    });
    assert!(house.events().contains(&speaking(2, false)));
}

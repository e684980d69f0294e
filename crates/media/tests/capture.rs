//! A capture has the headers of both directions, in a file that tools read, and not one byte of a payload.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Client, House, USUAL, connect, until};
use media::MediaKind;
use media::capture::{HeaderTap, pcap};

const MICROPHONE: u32 = 10;
/// Said by one, heard by the other; as long as a usual packet of sound.
const WORDS: &[u8] = b"in confidence: the diagnosis is nobody's business but the patient's and the doctor's";

/// What a capture took: a file, and when it came to an end.
#[derive(Default)]
struct Taken {
    file: Vec<u8>,
    at: Duration,
}

fn tap() -> (HeaderTap, Arc<Mutex<Taken>>) {
    let taken = Arc::new(Mutex::new(Taken {
        file: pcap::file_header().to_vec(),
        at: Duration::from_secs(1_795_000_000),
    }));
    let into = Arc::clone(&taken);
    let tap = HeaderTap(Arc::new(move |captured| {
        let mut taken = into.lock().unwrap();
        taken.at += Duration::from_micros(1);
        let at = taken.at;
        pcap::record(&mut taken.file, at, &captured);
    }));
    (tap, taken)
}

/// A record of a file: what was kept of the datagram, and how long it was.
#[derive(Debug)]
struct Record {
    source: u16,
    destination: u16,
    kept: Vec<u8>,
    length: usize,
}

/// Reads a file as tools do, and panics at the first thing that is wrong with it.
fn read(file: &[u8]) -> Vec<Record> {
    let number = |bytes: &[u8]| usize::try_from(u32::from_le_bytes(bytes.try_into().unwrap())).unwrap();
    let port = |bytes: &[u8]| u16::from_be_bytes(bytes.try_into().unwrap());
    assert_eq!((number(&file[..4]), number(&file[20..24])), (0xA1B2_3C4D, 101));
    let (mut rest, mut records) = (&file[24..], Vec::new());
    while !rest.is_empty() {
        let (captured, original) = (number(&rest[8..12]), number(&rest[12..16]));
        assert!(captured <= original && number(&rest[4..8]) < 1_000_000_000);
        let (packet, next) = rest[16..].split_at(captured);
        assert_eq!((packet[0], packet[9]), (0x45, 17), "IPv4 and UDP");
        assert_eq!(usize::from(port(&packet[2..4])), original);
        assert_eq!(usize::from(port(&packet[24..26])), original - 20);
        records.push(Record {
            source: port(&packet[20..22]),
            destination: port(&packet[22..24]),
            kept: packet[28..].to_vec(),
            length: original - 28,
        });
        rest = next;
    }
    records
}

fn is_rtp(record: &&Record) -> bool {
    rtp::demux::kind(&record.kept) == rtp::demux::Kind::Rtp
}

/// Anna speaks, Ben listens.
fn pair(house: &House) -> (Client, Client) {
    let (mut anna, mut ben) = (house.client("room", 1, USUAL), house.client("room", 2, USUAL));
    house.declare(&anna, MICROPHONE, &[MediaKind::Microphone]);
    connect(&mut [&mut anna, &mut ben]);
    (anna, ben)
}

fn heard(house: &House, ben: &Client) -> usize {
    house.slot_of(ben.id, MICROPHONE).map_or(0, |mid| ben.received(&mid).packets)
}

#[test]
fn a_capture_has_the_headers_of_both_directions_and_no_payload() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    let (of_anna, annas) = tap();
    let (of_ben, bens) = tap();
    house.engine.capture(anna.id, Some(of_anna));
    house.engine.capture(ben.id, Some(of_ben));
    until("fifty packets are heard", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].say(25, WORDS.to_vec());
        }
        heard(&house, clients[1]) > 50
    });
    let media = house.engine.local_addr().port();
    for (taken, speaks) in [(&annas, true), (&bens, false)] {
        let file = taken.lock().unwrap().file.clone();
        let records = read(&file);
        let to_us: Vec<&Record> = records.iter().filter(|record| record.destination == media).collect();
        let from_us: Vec<&Record> = records.iter().filter(|record| record.source == media).collect();
        assert_eq!(to_us.len() + from_us.len(), records.len());
        assert!(!to_us.is_empty() && !from_us.is_empty(), "both directions");
        let sounds: Vec<&&Record> = if speaks { &to_us } else { &from_us }
            .iter()
            .filter(|record| is_rtp(record))
            .collect();
        assert!(sounds.len() > 30, "{}", sounds.len());
        for sound in &sounds {
            let header = rtp::Header::parse_sealed(&sound.kept).unwrap();
            assert_eq!(header.header_len(), sound.kept.len(), "the header and nothing more");
            assert!(sound.length >= sound.kept.len() + WORDS.len(), "though there was more");
        }
        for record in &records {
            let most = match rtp::demux::kind(&record.kept) {
                rtp::demux::Kind::Rtcp => 8,
                rtp::demux::Kind::Dtls => 13,
                rtp::demux::Kind::Stun | rtp::demux::Kind::Rtp => record.length,
                rtp::demux::Kind::TurnChannel | rtp::demux::Kind::Unknown => 0,
            };
            assert!(record.kept.len() <= most, "{record:?}");
        }
    }
    // What was said was heard, so it was in those packets.
    let mid = house.slot_of(ben.id, MICROPHONE).unwrap();
    assert!(ben.received(&mid).payloads.iter().any(|payload| payload == WORDS));
    let file = annas.lock().unwrap().file.clone();
    assert!(
        !WORDS.windows(6).any(|part| file.windows(6).any(|window| window == part)),
        "neither in clear"
    );
    let sealed = anna.last_packet.clone().expect("she sent something");
    let payload = &sealed[rtp::Header::parse_sealed(&sealed).unwrap().header_len()..];
    assert!(
        !payload.windows(6).any(|part| file.windows(6).any(|window| window == part)),
        "nor sealed"
    );
}

#[test]
fn nothing_is_taken_before_a_capture_and_after_it() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    let (tap, taken) = tap();
    let count = || read(&taken.lock().unwrap().file).len();
    house.engine.capture(anna.id, Some(tap.clone()));
    until("something is taken", &mut [&mut anna, &mut ben], |clients| {
        clients[0].speak(25);
        count() > 20
    });
    house.engine.capture(anna.id, None);
    drop(tap);
    // The engine lets go of the tap when it has taken the word.
    until("the capture is over", &mut [&mut anna, &mut ben], |clients| {
        clients[0].speak(25);
        Arc::strong_count(&taken) == 1
    });
    let (before, already) = (count(), heard(&house, &ben));
    until("twenty more are heard", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].speak(25);
        }
        heard(&house, clients[1]) > already + 20
    });
    assert_eq!(count(), before);
}

#[test]
fn a_tap_that_panics_harms_nobody_and_goes_with_its_peer() {
    let house = House::new();
    let (mut anna, mut ben) = pair(&house);
    let alive = Arc::new(());
    let held = Arc::clone(&alive);
    house.engine.capture(
        anna.id,
        Some(HeaderTap(Arc::new(move |_| {
            let _ = &held;
            panic!("a defect of the tap");
        }))),
    );
    until("thirty are heard all the same", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].speak(25);
        }
        heard(&house, clients[1]) > 30
    });
    assert_eq!(house.engine.stats().peers_failed, 0);
    house.engine.remove(anna.id);
    until("the tap is gone", &mut [&mut ben], |_| Arc::strong_count(&alive) == 1);
}

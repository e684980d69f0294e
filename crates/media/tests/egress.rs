//! What receivers get from our own egress, and what they say about it: repairs, reports, wishes, other addresses, other offers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime};

use common::{Client, House, USUAL, connect, during, until};
use media::MediaKind;
use rtp::rtcp::write::{fir, pli};
use str0m::ice::{StunMessage, TransId};
use str0m::media::{Direction, KeyframeRequestKind};

const ALL: [MediaKind; 4] = [MediaKind::Microphone, MediaKind::Camera, MediaKind::Screen, MediaKind::ScreenAudio];
const MICROPHONE: u32 = 10;
const CAMERA: u32 = 11;
/// Under which the tests report with a client's keys.
const REPORTER: u32 = 99;

/// Anna publishes; Ben receives.
struct Pair {
    house: House,
    anna: Client,
    ben: Client,
    index: u32,
}

impl Pair {
    /// Ben has twenty packets of each.
    fn new() -> Self {
        Self::on(House::new())
    }

    fn on(house: House) -> Self {
        let mut anna = house.client("room", 1, USUAL);
        let mut ben = house.client("room", 2, USUAL);
        house.declare(&anna, MICROPHONE, &ALL);
        house.want(&ben, &[(CAMERA, 640, 360)]);
        connect(&mut [&mut anna, &mut ben]);
        let mut pair = Self {
            house,
            anna,
            ben,
            index: 0,
        };
        pair.until("both flow", |pair| pair.count(MICROPHONE) > 20 && pair.count(CAMERA) > 20);
        pair
    }

    /// Anna publishes until the condition holds.
    #[track_caller]
    fn until(&mut self, what: &str, mut condition: impl FnMut(&mut Self) -> bool) {
        let begin = Instant::now();
        while !condition(self) {
            assert!(begin.elapsed() < common::PATIENCE, "never happened: {what}");
            self.publish(true);
        }
    }

    /// Anna publishes for this long.
    fn during(&mut self, time: Duration, keyframes: bool) {
        let begin = Instant::now();
        while begin.elapsed() < time {
            self.publish(keyframes);
        }
    }

    fn publish(&mut self, keyframes: bool) {
        let Self { anna, ben, .. } = self;
        during(Duration::from_millis(1), &mut [anna, ben], |clients| publish(clients[0], keyframes));
    }

    /// The m-line on which Ben receives the publication.
    fn slot(&self, publication: u32) -> String {
        self.house.slot_of(self.ben.id, publication).unwrap_or_default()
    }

    fn received(&self, publication: u32) -> common::Received {
        self.ben.received(&self.slot(publication))
    }

    fn count(&self, publication: u32) -> usize {
        self.received(publication).packets
    }

    fn asked(&self) -> usize {
        self.anna.asked(MediaKind::Camera)
    }

    fn unknown(&self) -> u64 {
        self.house.engine.stats().datagrams_unknown
    }

    /// A report sealed with Ben's keys.
    fn report(&mut self, write: impl FnOnce(&mut [u8]) -> usize) -> Vec<u8> {
        let keys = self.ben.keys();
        let mut report = vec![0; 1_200];
        let length = write(&mut report);
        report.truncate(length + keys.sealer.rtcp_overhead());
        self.index += 1;
        keys.sealer.seal_rtcp(&mut report, self.index).unwrap();
        report
    }

    /// Ben's socket sends it.
    fn say(&self, report: &[u8]) {
        self.ben.send_raw(self.house.engine.local_addr(), report);
    }

    /// Long enough that a wish for a key frame is not one with those before.
    fn rest(&mut self) {
        self.during(Duration::from_millis(700), false);
    }
}

/// The publisher talks and shows when it is time.
fn publish(client: &mut Client, keyframe: bool) {
    if client.is_time() {
        client.speak(25);
        client.show(MediaKind::Camera, None, keyframe, (320, 180));
    }
}

#[test]
fn receivers_learn_within_two_seconds_when_media_was_sent() {
    let mut pair = Pair::new();
    let begin = Instant::now();
    let told = |pair: &Pair, publication| pair.received(publication).sender_info;
    pair.until("both are told", |pair| {
        told(pair, MICROPHONE).is_some() && told(pair, CAMERA).is_some()
    });
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    let (first, at) = (told(&pair, MICROPHONE).unwrap(), SystemTime::now());
    let since = at.duration_since(first.ntp_time).unwrap();
    assert!(since < Duration::from_secs(3), "the time of day: {since:?} ago");
    for publication in [MICROPHONE, CAMERA] {
        let received = pair.received(publication);
        let info = received.sender_info.unwrap();
        assert_eq!(received.ssrcs, [*info.ssrc]);
        assert!(info.sender_packet_count > 0 && info.sender_packet_count as usize <= received.packets + 100);
    }
    // The clock of the microphone goes as its packets do: 960 for 20 ms, which is when one is sent.
    pair.until("it is told again", |pair| told(pair, MICROPHONE).unwrap().ntp_time > first.ntp_time);
    let second = told(&pair, MICROPHONE).unwrap();
    let passed = second.ntp_time.duration_since(first.ntp_time).unwrap().as_secs_f64();
    let said = (second.rtp_time.numer() as u32).wrapping_sub(first.rtp_time.numer() as u32);
    // On a busy machine packets are late.
    assert!((f64::from(said) / 48_000.0 - passed).abs() < passed / 2.0, "{said} in {passed} s");
}

#[test]
fn a_wish_of_either_sort_is_one_request_and_one_about_nobody_is_none() {
    let mut pair = Pair::new();
    let slot = pair.slot(CAMERA);
    for kind in [KeyframeRequestKind::Pli, KeyframeRequestKind::Fir] {
        pair.rest();
        let before = pair.asked();
        pair.ben.wants_keyframe(&slot, kind);
        pair.until("the publisher is asked", |pair| pair.asked() > before);
        pair.during(Duration::from_millis(200), true);
        assert_eq!(pair.asked(), before + 1, "{kind:?}");
    }
    pair.rest();
    let (before, unknown) = (pair.asked(), pair.unknown());
    let audio = pair.received(MICROPHONE).ssrcs[0];
    for ssrc in [4_711, audio] {
        let report = pair.report(|out| pli(out, REPORTER, ssrc).unwrap());
        pair.say(&report);
        let report = pair.report(|out| fir(out, REPORTER, &[(ssrc, 1)]).unwrap());
        pair.say(&report);
    }
    pair.during(Duration::from_millis(300), false);
    assert_eq!(
        (pair.asked(), pair.unknown()),
        (before, unknown),
        "it was read, and is about no picture"
    );
    let video = pair.received(CAMERA).ssrcs[0];
    let report = pair.report(|out| pli(out, REPORTER, video).unwrap());
    pair.say(&report);
    pair.until("the publisher is asked", |pair| pair.asked() > before);
}

#[test]
fn reports_that_are_forged_cut_or_sent_again_are_counted_and_change_nothing() {
    let mut pair = Pair::new();
    pair.rest();
    let (before, unknown) = (pair.asked(), pair.unknown());
    let video = pair.received(CAMERA).ssrcs[0];
    let report = pair.report(|out| pli(out, REPORTER, video).unwrap());
    let mut forged = report.clone();
    forged[9] ^= 1;
    pair.say(&forged);
    pair.say(&report[..report.len() - 1]);
    pair.say(&report[..12]);
    pair.until("three are counted", |pair| pair.unknown() == unknown + 3);
    assert_eq!(pair.asked(), before);
    pair.say(&report);
    pair.until("the real one asks", |pair| pair.asked() > before);
    pair.rest();
    let before = pair.asked();
    pair.say(&report);
    pair.until("the second is counted", |pair| pair.unknown() == unknown + 4);
    pair.during(Duration::from_millis(200), false);
    assert_eq!(pair.asked(), before);
}

#[test]
fn what_was_lost_comes_again_as_it_was() {
    let mut pair = Pair::new();
    let before = pair.received(CAMERA);
    let newest = before.seqs.iter().max().copied().unwrap();
    pair.ben.lose_next = 3;
    pair.until("all of the next hundred are there", |pair| {
        let seqs = pair.received(CAMERA).seqs;
        (newest..newest + 100).all(|seq| seqs.contains(&seq))
    });
    assert_eq!(pair.ben.lose_next, 0, "some were lost");
    let after = pair.received(CAMERA);
    assert_eq!(after.ssrcs, before.ssrcs, "under the numbers they were sent with");
    let mut by_number: Vec<(u64, u32, Vec<u8>)> = (0..after.packets)
        .map(|at| (after.seqs[at], after.timestamps[at], after.payloads[at].clone()))
        .collect();
    by_number.sort_unstable();
    // The first is not numbered by its client's count yet.
    for pair in by_number[1..].windows(2) {
        assert_eq!(pair[1].0, pair[0].0 + 1, "none is missing, and none is there twice");
        assert_eq!(pair[1].1.wrapping_sub(pair[0].1), 3_000);
        // Pictures are numbered in their payload.
        let picture = |payload: &[u8]| u16::from_be_bytes([payload[2] & 0x7f, payload[3]]);
        assert_eq!(picture(&pair[1].2), picture(&pair[0].2) + 1);
    }
}

#[test]
fn slots_that_stay_keep_their_streams_over_offers_and_restarts_of_ice() {
    let mut pair = Pair::new();
    let before = [MICROPHONE, CAMERA].map(|publication| pair.received(publication).ssrcs);
    let names = pair.ben.credentials();
    for restart in [false, true] {
        let offer = pair.ben.offer_again(|change| {
            if restart {
                change.ice_restart(true);
            } else {
                change.add_media(str0m::media::MediaKind::Video, Direction::RecvOnly, None, None, None);
            }
        });
        let answer = pair.house.offer("room", pair.ben.id, &offer, false).unwrap();
        pair.ben.accept(&answer);
        let counts = [MICROPHONE, CAMERA].map(|publication| pair.count(publication));
        pair.until("both flow on", |pair| {
            pair.count(MICROPHONE) > counts[0] + 50 && pair.count(CAMERA) > counts[1] + 50
        });
        for (publication, ssrcs) in [MICROPHONE, CAMERA].into_iter().zip(&before) {
            let received = pair.received(publication);
            assert_eq!(received.ssrcs, *ssrcs, "with a restart: {restart}");
            assert!(received.seqs.windows(2).all(|seqs| seqs[1] > seqs[0]), "numbers go on");
        }
    }
    let anew = pair.ben.credentials();
    assert!(
        names.0.ufrag != anew.0.ufrag && names.1.pass != anew.1.pass,
        "both sides have other names"
    );
    assert_eq!(
        names.1.ufrag[..2],
        anew.1.ufrag[..2],
        "the engine's begins with the position of the shard"
    );
}

fn signed(message: StunMessage<'_>, password: &str) -> Vec<u8> {
    let mut bytes = vec![0; 500];
    let hmac = |key: &[u8], parts: &[&[u8]]| str0m::crypto::from_feature_flags().sha1_hmac_provider.sha1_hmac(key, parts);
    let length = message.to_bytes(Some(password.as_bytes()), &mut bytes, hmac).unwrap();
    bytes.truncate(length);
    bytes
}

/// A connectivity check of the client, from any socket.
fn check(names: &(str0m::IceCreds, str0m::IceCreds), password: &str, nominates: bool) -> Vec<u8> {
    let username = format!("{}:{}", names.1.ufrag, names.0.ufrag);
    let message = StunMessage::binding_request(&username, TransId::new(), true, 7, 1 << 30, nominates);
    signed(message, password)
}

/// What waits at a socket.
#[derive(Default)]
struct Waiting {
    /// Datagrams of media.
    media: usize,
    /// Checks by the engine.
    checks: Vec<Vec<u8>>,
}

fn waiting_at(socket: &UdpSocket) -> Waiting {
    let mut bytes = [0; 2_000];
    let mut waiting = Waiting::default();
    while let Ok(length) = socket.recv(&mut bytes) {
        let datagram = &bytes[..length];
        match rtp::demux::kind(datagram) {
            rtp::demux::Kind::Rtp => waiting.media += 1,
            rtp::demux::Kind::Stun if StunMessage::parse(datagram).unwrap().is_binding_request() => waiting.checks.push(datagram.to_vec()),
            _ => {}
        }
    }
    waiting
}

/// What the client answers to a check by the engine, from any socket.
fn answer(check: &[u8], password: &str, address: SocketAddr) -> Vec<u8> {
    let message = StunMessage::binding_reply(StunMessage::parse(check).unwrap().trans_id(), address);
    signed(message, password)
}

#[test]
fn media_follows_a_check_that_nominates_to_where_the_client_receives_and_nowhere_else() {
    let mut pair = Pair::new();
    let server = pair.house.engine.local_addr();
    let names = pair.ben.credentials();
    let elsewhere = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let wrong = "x".repeat(names.1.pass.len());
    let wander = |datagram: &[u8]| assert_eq!(elsewhere.send_to(datagram, server).unwrap(), datagram.len());
    // Who does not know the password, and who does but only tries the way.
    wander(&check(&names, &wrong, true));
    wander(&check(&names, &names.0.pass, true));
    wander(&check(&names, &names.1.pass, false));
    let before = pair.count(CAMERA);
    pair.until("media flows on where it was", |pair| pair.count(CAMERA) > before + 50);
    let there = waiting_at(&elsewhere);
    assert_eq!((there.media, there.checks.len()), (0, 0));
    // From the address where media goes, too, a wrong password is nobody's word.
    pair.say(&check(&names, &wrong, true));
    // Who knows it, but may name an address that is somebody else's: nothing comes there but a question.
    wander(&check(&names, &names.1.pass, true));
    let before = pair.count(CAMERA);
    let mut asked = Vec::new();
    pair.until("media flows on where it was, too", |pair| {
        let there = waiting_at(&elsewhere);
        assert_eq!(there.media, 0);
        asked.extend(there.checks);
        pair.count(CAMERA) > before + 50 && !asked.is_empty()
    });
    // An answer of somebody who does not have the password, and one from where nothing was asked.
    let address = elsewhere.local_addr().unwrap();
    wander(&answer(&asked[0], &wrong, address));
    pair.say(&answer(&asked[0], &names.0.pass, address));
    let before = pair.count(CAMERA);
    pair.until("media flows on where it was again", |pair| pair.count(CAMERA) > before + 50);
    assert_eq!(waiting_at(&elsewhere).media, 0);
    // Ben himself is quiet from now on, since his own next check would have media come back.
    wander(&check(&names, &names.1.pass, true));
    let (before, mut moved) = (pair.count(CAMERA), 0);
    until("media goes there", &mut [&mut pair.anna], |clients| {
        publish(clients[0], true);
        let there = waiting_at(&elsewhere);
        there.checks.iter().for_each(|check| wander(&answer(check, &names.0.pass, address)));
        moved += there.media;
        moved > 200
    });
    pair.ben.drive();
    let came = pair.count(CAMERA) - before;
    assert!(came < 20, "and nowhere else: {came}");
}

#[test]
fn a_client_that_moves_is_followed_and_misses_nothing_for_long() {
    let mut pair = Pair::new();
    let names = pair.ben.credentials();
    let before = [MICROPHONE, CAMERA].map(|publication| pair.received(publication));
    pair.ben.moves();
    // As its own next check would be.
    pair.say(&check(&names, &names.1.pass, true));
    pair.until("both flow on", |pair| {
        pair.count(MICROPHONE) > before[0].packets + 50 && pair.count(CAMERA) > before[1].packets + 50
    });
    for (publication, before) in [MICROPHONE, CAMERA].into_iter().zip(before) {
        let received = pair.received(publication);
        assert_eq!(received.ssrcs, before.ssrcs);
        // What was on its way to where it was.
        let gap = received.seqs[before.packets] - received.seqs[before.packets - 1];
        assert!(gap < 30, "{gap}");
    }
    // Its reports are believed from there.
    pair.rest();
    let asked = pair.asked();
    let video = pair.received(CAMERA).ssrcs[0];
    let report = pair.report(|out| pli(out, REPORTER, video).unwrap());
    pair.say(&report);
    pair.until("the publisher is asked", |pair| pair.asked() > asked);
}

#[test]
fn a_client_that_moves_is_followed_whichever_shard_hears_of_it() {
    let mut pair = Pair::on(House::with(|config| config.shards = 3));
    let names = pair.ben.credentials();
    // The system chooses the shard by the address: two of three are not where Ben is.
    for _ in 0..8 {
        let before = pair.count(MICROPHONE);
        pair.ben.moves();
        pair.say(&check(&names, &names.1.pass, true));
        pair.until("it flows on", |pair| pair.count(MICROPHONE) > before + 5);
    }
    // An answer from where nobody has been belongs to nobody.
    let elsewhere = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let unknown = pair.unknown();
    let message = StunMessage::binding_reply(TransId::new(), elsewhere.local_addr().unwrap());
    let answer = signed(message, &names.0.pass);
    elsewhere.send_to(&answer, pair.house.engine.local_addr()).unwrap();
    pair.until("it is counted", |pair| pair.unknown() > unknown);
}

//! What a packet costs, in instructions: workloads that `cargo xtask bench instructions` runs under callgrind, which counts what happens in [`counted`],
//! with two numbers of rounds, so that what is only done at the beginning is not counted either.

use std::time::{Duration, Instant};

use rtp::rtcp::write::{Compound, receiver_report};
use rtp::rtcp::{Block, write};
use str0m::media::{Direction, MediaKind};
use str0m::rtp::RtpWrite;

use super::link::{End as _, Ours, Stock, connect, exchange, is_media};
use super::*;
use crate::api::{self, PeerId, PublicationId, RoomId, Want};
use crate::routing::{Codec, Codecs, Declaration, Forward, Output, Router};

/// The most rounds that are asked for.
const MOST: usize = 600;
/// Receivers of a packet.
const RECEIVERS: u64 = 50;
const STEP: Duration = Duration::from_millis(5);

/// Rounds to run; by hand a few.
fn rounds() -> usize {
    let rounds = std::env::var("ANTEROOM_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap());
    assert!(rounds <= MOST);
    rounds
}

/// What is counted; callgrind knows it by its name.
#[inline(never)]
fn counted(work: impl FnOnce()) {
    work();
    // Were this the last call, the function could be left before it.
    std::hint::black_box(());
}

/// A place from which nothing is sent.
struct Place(Vec<u8>);

impl Composer for Place {
    fn compose(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        assert!(self.0.get_mut(..most).and_then(write).is_some());
    }
}

fn seal(profile: Profile) {
    let material: Vec<u8> = (0..88).collect();
    let keys = Keys::derive(&material, profile, Side::Server).unwrap();
    let mut packet = vec![0x80; 12 + 1_200 + keys.sealer.tag()];
    counted(|| {
        for index in 1..=rounds() {
            keys.sealer.seal_rtp(&mut packet, 12, index as u64).unwrap();
        }
    });
}

#[test]
#[ignore = "counted by `cargo xtask bench instructions`"]
fn seal_by_aead() {
    seal(Profile::AeadAes256Gcm);
}

#[test]
#[ignore = "counted by `cargo xtask bench instructions`"]
fn seal_by_counter_mode() {
    seal(Profile::Aes128CmHmacSha1);
}

/// A packet from one publisher through the router to its receivers, to where it would be sent from.
fn forward(kind: api::MediaKind, packet: &Inbound) {
    let begin = Instant::now();
    let publisher = PeerId(0);
    let mut router = Router::default();
    let room = router.open_room(&RoomId("room".to_owned()));
    router.join(begin, room, publisher, (&[], &[]), Codecs::default());
    let declared = Declaration {
        id: PublicationId(1),
        kind,
        line: packet.route.line,
        open: true,
    };
    router.declare(begin, room, publisher, &[declared]);
    let formats = Formats {
        transport: Some(5),
        ..FORMATS
    };
    let mut senders: Vec<Sender> = (1..=RECEIVERS)
        .map(|peer| {
            let (mut sender, _) = sender(begin, &SLOTS);
            sender.negotiate(formats, &SLOTS);
            router.join(
                begin,
                room,
                PeerId(peer),
                (&[VOICE], &[CAMERA, SCREEN]),
                Codec::ALL.into_iter().collect(),
            );
            router.connect(begin, room, PeerId(peer));
            let want = Want {
                publication: PublicationId(1),
                width: 640,
                height: 360,
                priority: 0,
                max_fps: 0,
            };
            router.subscribe(begin, room, PeerId(peer), vec![want]);
            sender
        })
        .collect();
    let mut place = Place(vec![0; 4_096]);
    let mut forwards: Vec<Forward> = Vec::new();
    counted(|| {
        for round in 0..=rounds() {
            let now = begin + STEP * u32::try_from(round).unwrap();
            let mut packet = packet.clone();
            packet.route.seq = 1_000 + round as u64;
            packet.route.timestamp = u32::try_from(round).unwrap() * 450;
            // Video begins with a picture that needs no other.
            packet.route.keyframe = packet.video && round == 0;
            let packet = Arc::new(packet);
            router.packet(now, room, publisher, &packet, &mut forwards);
            while let Some(output) = router.poll_output() {
                // With what they begin with they get the first packet.
                if let Output::Replay { to, line, packets } = output {
                    forwards.extend(packets.into_iter().map(|(_, numbers)| Forward { to, line, numbers }));
                }
            }
            assert_eq!(forwards.len() as u64, RECEIVERS);
            for forward in forwards.drain(..) {
                let sender = &mut senders[usize::try_from(forward.to.0 - 1).unwrap()];
                assert!(sender.queue(&packet, forward.line, forward.numbers));
            }
            for sender in &mut senders {
                sender.turn(now, wall(now), &mut place);
            }
            router.handle_timeout(now);
            while router.poll_output().is_some() {}
        }
    });
}

#[test]
#[ignore = "counted by `cargo xtask bench instructions`"]
fn forward_video() {
    forward(api::MediaKind::Camera, &picture(Instant::now(), 1_150));
}

#[test]
#[ignore = "counted by `cargo xtask bench instructions`"]
fn forward_voice() {
    forward(api::MediaKind::Microphone, &voice(Instant::now()));
}

#[test]
#[ignore = "counted by `cargo xtask bench instructions`"]
fn read_report() {
    let now = Instant::now();
    let slots: Vec<(Line, bool)> = (0..10).map(|line| (Line(line), line == 9)).collect();
    let (mut sender, mut client) = sender(now, &slots);
    let blocks: Vec<Block> = (0..10)
        .map(|line| Block {
            ssrc: ssrcs(&sender, Line(line)).0,
            lsr: rtp::ntp::middle(wall(now)),
            ..Block::default()
        })
        .collect();
    let reports: Vec<Vec<u8>> = (0..MOST)
        .map(|_| {
            client.report(|out| {
                let mut compound = Compound::new(out);
                compound.push(|out| receiver_report(out, REPORTER, &blocks)).unwrap();
                compound.push(|out| write::cname(out, REPORTER, b"name")).unwrap();
                compound.length()
            })
        })
        .collect();
    counted(|| {
        for report in &reports[..rounds()] {
            assert!(sender.feedback(now, wall(now), report).is_some());
        }
    });
}

#[test]
#[ignore = "counted by `cargo xtask bench instructions`"]
fn receive_video() {
    let begin = Instant::now();
    let lines = [(MediaKind::Video, Direction::SendOnly), (MediaKind::Audio, Direction::RecvOnly)];
    let (mut client, mids, offer, pending) = Stock::client(begin, &lines);
    let (mut server, answer) = Ours::server(begin, &offer);
    client.answered(pending, &answer);
    let mut now = connect(begin, &mut client, &mut server);
    let payload_type = client.rtc.media(mids[0]).unwrap().remote_pts()[0];
    let mut datagrams = Vec::new();
    for sequence in 0..MOST as u64 + 10 {
        now += STEP;
        let write = RtpWrite::new(payload_type, sequence.into(), 0, now, vec![0x10; 1_150]);
        client.rtc.direct_api().stream_tx_by_mid(mids[0], None).unwrap().write_rtp(write);
        if sequence < 10 {
            exchange(now, &mut client, &mut server, |_| false);
            continue;
        }
        client.pass(now);
        let media = client.sent().into_iter().find(|datagram| is_media(datagram, *payload_type));
        datagrams.push((now, media.unwrap()));
    }
    counted(|| {
        for (now, datagram) in &datagrams[..rounds()] {
            assert!(server.receive(*now, datagram).is_some());
            server.happened.clear();
        }
    });
}

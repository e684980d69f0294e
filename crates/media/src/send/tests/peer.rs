//! Reports of a client that publishes and receives.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rtp::rtcp::write::{pli, receiver_report, sender_report};
use rtp::rtcp::{self, Packet, SenderInfo};
use srtp::Keys;
use str0m::media::{Direction, MediaKind};
use str0m::rtp::RtpWrite;

use super::link::{End as _, Ours, Stock, connect, exchange, is_media, is_report};
use super::{REPORTER, numbers, picture};
use crate::api::PeerId;
use crate::peer::{Happened, State};
use crate::routing::{Forward, Layer, Line};

const MS: Duration = Duration::from_millis(1);

/// A client that shows its camera and receives one, and has received a picture.
struct Pair {
    client: Stock,
    server: Ours,
    /// Where the client publishes.
    camera: Line,
    /// Where it receives.
    slot: Line,
    ssrc: u32,
    now: Instant,
    index: u32,
}

impl Pair {
    fn new() -> Self {
        let lines = [(MediaKind::Video, Direction::SendOnly), (MediaKind::Video, Direction::RecvOnly)];
        let begin = Instant::now();
        let (mut client, mids, offer, pending) = Stock::client(begin, &lines);
        let (mut server, answer) = Ours::server(begin, &offer);
        client.answered(pending, &answer);
        let now = connect(begin, &mut client, &mut server);
        let (camera, slot) = (server.line(mids[0]), server.line(mids[1]));
        let forward = Forward {
            to: PeerId(1),
            line: slot,
            numbers: numbers(1, 0),
        };
        assert!(server.peer.queue(&picture(now, 100), &forward));
        exchange(now, &mut client, &mut server, |_| false);
        let ssrc = *client.received[0].header.ssrc;
        let mut pair = Self {
            client,
            server,
            camera,
            slot,
            ssrc,
            now,
            index: 0,
        };
        // One picture the other way, so that the server knows the stream.
        for sequence in 1..3 {
            pair.show(sequence, |_| {});
        }
        pair.server.happened.clear();
        pair
    }

    /// A picture the other way, and what the server then says.
    fn show(&mut self, sequence: u64, mut said: impl FnMut(&[u8])) {
        let mid = self.server.peer.session().info(self.camera).unwrap().mid;
        let payload_type = self.client.rtc.media(mid).unwrap().remote_pts()[0];
        let mut api = self.client.rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None).unwrap();
        stream.write_rtp(RtpWrite::new(payload_type, sequence.into(), 0, self.now, vec![0x10; 50]));
        exchange(self.now, &mut self.client, &mut self.server, |datagram| {
            said(datagram);
            false
        });
    }

    /// A report that is sealed with the client's keys.
    fn report(&mut self, write: impl FnOnce(&mut [u8]) -> usize) -> Vec<u8> {
        self.index += 1;
        sealed(&self.client.keys(), self.index, write)
    }

    fn lost_a_picture(&mut self) -> Vec<u8> {
        let ssrc = self.ssrc;
        self.report(|out| pli(out, REPORTER, ssrc).unwrap())
    }

    /// How often a key frame was wanted in the slot since the last call.
    fn wanted(&mut self) -> usize {
        let slot = self.slot;
        let happened = self.server.happened.drain(..);
        happened
            .filter(|happened| matches!(happened, Happened::KeyframeWanted(line) if *line == slot))
            .count()
    }
}

fn sealed(keys: &Keys, index: u32, write: impl FnOnce(&mut [u8]) -> usize) -> Vec<u8> {
    let mut report = vec![0; 1_200];
    let length = write(&mut report);
    report.truncate(length + keys.sealer.rtcp_overhead());
    keys.sealer.seal_rtcp(&mut report, index).unwrap();
    report
}

#[test]
fn a_wish_for_a_key_frame_leaves_with_the_next_turn_and_reports_wake_nobody() {
    let mut pair = Pair::new();
    let (camera, ssrc, now) = (pair.camera, pair.ssrc, pair.now);
    assert!(pair.server.peer.request_keyframe(camera, Layer(0)));
    assert!(!pair.server.peer.request_keyframe(camera, Layer(1)), "nothing came of it");
    let info = SenderInfo {
        ssrc,
        ..SenderInfo::default()
    };
    let lost = pair.lost_a_picture();
    let heard = pair.report(|out| receiver_report(out, REPORTER, &[]).unwrap());
    let told = pair.report(|out| sender_report(out, &info, &[]).unwrap());
    for report in [lost, heard, told] {
        assert!(matches!(pair.server.receive(now, &report), Some(State::Alive(_))));
        assert_eq!(pair.server.sent(), Vec::<Vec<u8>>::new());
    }
    assert_eq!(pair.wanted(), 1);
    pair.server.pass(now);
    for datagram in pair.server.sent() {
        pair.client.take(now, &datagram);
    }
    assert_eq!(pair.client.keyframes_wanted, 1);
}

#[test]
fn all_that_is_said_of_publications_is_ours_and_str0m_says_nothing() {
    let mut pair = Pair::new();
    let keys = pair.client.keys();
    let (mut names, mut indexes) = (HashSet::new(), HashSet::new());
    for sequence in (3..1_000).filter(|sequence| sequence % 50 != 0) {
        pair.now += 20 * MS;
        pair.show(sequence, |datagram| {
            if is_report(datagram) {
                let opened = keys.opener.open_rtcp(&mut datagram.to_vec()).unwrap();
                names.insert(opened.ssrc);
                assert!(indexes.insert(opened.index), "one counter for all");
            }
        });
    }
    assert!(!names.contains(&pair.ssrc), "nothing was sent in the slot");
    // Ours counts by ones; another one beside it would show as another name, and as numbers that come twice.
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(indexes.len() > 100, "{}", indexes.len());
}

#[test]
fn reports_that_are_forged_cut_or_taken_before_are_not_read_and_wake_nobody() {
    let mut pair = Pair::new();
    let (camera, now) = (pair.camera, pair.now);
    assert!(pair.server.peer.request_keyframe(camera, Layer(0)));
    let report = pair.lost_a_picture();
    let mut forged = report.clone();
    forged[10] ^= 1;
    let theirs = sealed(&Pair::new().client.keys(), 1, |out| pli(out, REPORTER, pair.ssrc).unwrap());
    let plain = report[..12].to_vec();
    for useless in [forged, theirs, plain, report[..report.len() - 1].to_vec()] {
        assert_eq!(pair.server.receive(now, &useless), None);
    }
    assert_eq!(pair.wanted(), 0);
    assert!(pair.server.receive(now, &report).is_some());
    assert_eq!(pair.wanted(), 1);
    assert_eq!(pair.server.receive(now, &report), None, "a second time");
    assert_eq!(pair.wanted(), 0);
    assert_eq!(pair.server.sent(), Vec::<Vec<u8>>::new());
}

#[test]
fn what_publishers_report_of_their_media_is_answered() {
    let mut pair = Pair::new();
    let (keys, mut heard) = (pair.client.keys(), 0);
    for sequence in 3..1_000 {
        pair.now += 20 * MS;
        pair.show(sequence, |datagram| {
            if is_report(datagram) {
                let mut plain = datagram.to_vec();
                let length = keys.opener.open_rtcp(&mut plain).unwrap().length;
                for packet in rtcp::packets(&plain[..length]) {
                    let Ok(Packet::ReceiverReport(report)) = packet else { continue };
                    // Of a sender report that did not come there is no time.
                    heard += report.blocks.filter(|block| block.lsr != 0).count();
                }
            }
        });
    }
    assert!(heard > 0, "in twenty seconds no report answered one of the publisher");
}

#[test]
fn what_is_lost_on_the_way_comes_again() {
    let mut pair = Pair::new();
    let payload_type = pair
        .server
        .peer
        .session()
        .formats
        .get(crate::routing::Codec::Vp8)
        .unwrap()
        .payload_type;
    let mut lost = 0;
    for seq in 2..200_u32 {
        pair.now += 10 * MS;
        let packet = picture(pair.now, 300);
        let forward = Forward {
            to: PeerId(1),
            line: pair.slot,
            numbers: numbers(seq.into(), seq * 900),
        };
        assert!(pair.server.peer.queue(&packet, &forward));
        exchange(pair.now, &mut pair.client, &mut pair.server, |datagram| {
            // Every tenth.
            let lose = is_media(datagram, payload_type) && datagram[3].is_multiple_of(10);
            lost += usize::from(lose);
            lose
        });
    }
    let mut received: Vec<u64> = pair.client.received.iter().map(|packet| *packet.seq_no).collect();
    received.sort_unstable();
    received.dedup();
    assert!(lost > 10);
    assert_eq!(received.len(), 199);
}

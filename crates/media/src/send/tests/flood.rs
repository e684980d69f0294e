//! What one client can make the others, and the shard, pay for.

use std::time::{Duration, Instant};

use rtp::rtcp::write::{Arrived, Compound, nack, pli, transport_feedback};
use rtp::rtcp::{self, Packet};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::rtp::RtpWrite;

use super::link::{End as _, Ours, Stock, connect, exchange};
use super::*;
use crate::peer::Happened;
use crate::send::congestion::Congestion;

const MS: Duration = Duration::from_millis(1);

/// A client that speaks and shows.
struct Publisher {
    client: Stock,
    server: Ours,
    voice: Mid,
    camera: Mid,
    now: Instant,
}

impl Publisher {
    fn new() -> Self {
        let lines = [(MediaKind::Audio, Direction::SendOnly), (MediaKind::Video, Direction::SendOnly)];
        let begin = Instant::now();
        let (mut client, mids, offer, pending) = Stock::client(begin, &lines);
        let (mut server, answer) = Ours::server(begin, &offer);
        client.answered(pending, &answer);
        let now = connect(begin, &mut client, &mut server);
        Self {
            client,
            server,
            voice: mids[0],
            camera: mids[1],
            now,
        }
    }

    /// What the client sends for a packet of so many bytes after so much time.
    fn write(&mut self, mid: Mid, sequence: u64, bytes: usize, after: Duration) -> Vec<Vec<u8>> {
        self.now += after;
        let payload_type = self.client.rtc.media(mid).unwrap().remote_pts()[0];
        let mut api = self.client.rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None).unwrap();
        stream.write_rtp(RtpWrite::new(payload_type, sequence.into(), 0, self.now, vec![0x10; bytes]));
        self.client.pass(self.now);
        self.client.sent()
    }

    /// Sends a packet; gives how many packets come of it.
    fn send(&mut self, mid: Mid, sequence: u64, bytes: usize, after: Duration) -> usize {
        for datagram in self.write(mid, sequence, bytes, after) {
            self.server.take(self.now, &datagram);
        }
        exchange(self.now, &mut self.client, &mut self.server, |_| false);
        self.packets()
    }

    fn packets(&mut self) -> usize {
        let packets = |happened: &Happened| matches!(happened, Happened::Packet(_));
        self.server.happened.drain(..).filter(packets).count()
    }
}

#[test]
fn a_microphone_that_floods_is_cut_and_one_that_speaks_is_not() {
    let mut publisher = Publisher::new();
    let voice = publisher.voice;
    let spoken: usize = (1..=100).map(|sequence| publisher.send(voice, sequence, 160, MS * 20)).sum();
    assert_eq!(spoken, 100);
    // Ten times what sound can need.
    let flood: usize = (101..=600).map(|sequence| publisher.send(voice, sequence, 1_200, MS)).sum();
    assert!((30..=75).contains(&flood), "{flood}");
    assert_eq!(publisher.send(voice, 601, 1_301, MS * 1_000), 0, "longer than any packet of sound");
    assert_eq!(publisher.send(voice, 602, 160, MS * 20), 1, "and then it speaks again");
    let camera = publisher.camera;
    let shown: usize = (1..=500).map(|sequence| publisher.send(camera, sequence, 1_100, MS)).sum();
    assert_eq!(shown, 500, "pictures may have more");
}

#[test]
fn numbers_that_srtp_does_not_have_lead_nowhere() {
    let mut publisher = Publisher::new();
    let camera = publisher.camera;
    assert_eq!(publisher.send(camera, 2_000, 100, MS), 1);
    for far in [1 << 48, u64::MAX >> 8] {
        let sent = publisher.write(camera, far, 100, MS);
        assert!(!sent.is_empty());
        for datagram in sent {
            publisher.server.receive(publisher.now, &datagram);
        }
        assert_eq!(publisher.packets(), 0, "{far}");
    }
    assert_eq!(publisher.send(camera, 2_001, 100, MS), 1, "and change nothing");
}

/// Transport-wide feedback about so many packets, of which the first and the last have come.
fn told(first: u16, packets: u16) -> Vec<u8> {
    let arrived = [(first, Some(0)), (first + packets - 1, Some(4))];
    let mut out = vec![0; 1_200];
    let arrived = Arrived {
        sender: REPORTER,
        media: 1,
        feedback_count: 0,
        packets: &arrived,
    };
    let written = transport_feedback(&mut out, &arrived).unwrap();
    assert_eq!(written.packets, 2);
    out.truncate(written.length);
    out
}

#[test]
fn of_what_is_told_of_arrivals_a_datagram_has_a_most() {
    let now = Instant::now();
    let mut congestion = Congestion::new(now);
    let mut left = 2_048;
    let mut tell = |first, packets, left: &mut usize| {
        let bytes = told(first, packets);
        let Some(Ok(Packet::TransportFeedback(feedback))) = rtcp::packets(&bytes).next() else {
            panic!("no feedback");
        };
        congestion.feedback(now, &feedback, left);
    };
    tell(1, 100, &mut left);
    assert_eq!(left, 1_948);
    tell(101, 8_000, &mut left);
    assert_eq!(left, 0);
    tell(1, 8_000, &mut left);
    assert_eq!(left, 0);
}

#[test]
fn of_what_is_asked_for_again_a_datagram_has_a_most() {
    let now = Instant::now();
    for (never_sent, repaired) in [(500, true), (512, false)] {
        let (mut sender, mut client) = sender(now, &SLOTS);
        assert!(sender.queue(&picture(now, 10), CAMERA, numbers(9_000, 0)));
        client.open(&mut turn(&mut sender, now));
        let ssrc = ssrcs(&sender, CAMERA).0;
        let lost: Vec<u16> = (1..=never_sent).chain([9_000]).collect();
        let report = client.nack(ssrc, lost);
        let feedback = sender.feedback(now + MS * 20, wall(now + MS * 20), &report).unwrap();
        assert_eq!(feedback.repairs, repaired, "{never_sent}");
    }
}

#[test]
fn of_messages_a_datagram_has_a_most() {
    let now = Instant::now();
    for (others, heard) in [(31, true), (32, false)] {
        let (mut sender, mut client) = sender(now, &SLOTS);
        let ssrc = ssrcs(&sender, CAMERA).0;
        let report = client.report(|out| {
            let mut compound = Compound::new(out);
            for _ in 0..others {
                compound.push(|out| nack(out, REPORTER, 4_711, [1])).unwrap();
            }
            compound.push(|out| pli(out, REPORTER, ssrc)).unwrap();
            compound.length()
        });
        let refresh = sender.feedback(now, wall(now), &report).unwrap().refresh;
        assert_eq!(refresh == [CAMERA], heard, "{others}");
    }
}

#[test]
fn who_asks_for_key_frames_all_the_time_is_heard_ten_times_a_second() {
    let now = Instant::now();
    let (mut sender, mut client) = sender(now, &SLOTS);
    let ssrc = ssrcs(&sender, CAMERA).0;
    let mut heard = 0;
    for at in 0..1_000 {
        let report = client.report(|out| pli(out, REPORTER, ssrc).unwrap());
        let now = now + MS * at;
        heard += sender.feedback(now, wall(now), &report).unwrap().refresh.len();
    }
    assert_eq!(heard, 10);
}

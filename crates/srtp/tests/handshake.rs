//! Two str0m connections shake hands in memory: the tapped keys open what str0m seals, and str0m opens what is sealed with them, with every profile.
//!
//! Two str0m always agree on the strongest profile. For the others the handshake is the same, and both sides are told of another profile behind it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod forced;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use forced::Forced;
use srtp::tap::{Material, tapping};
use srtp::{Keys, Profile, SrtpError};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};

struct Side {
    rtc: Rtc,
    material: Material,
    forced: Forced,
    address: SocketAddr,
    /// Datagrams to the other side.
    sent: Vec<Vec<u8>>,
    received: Vec<RtpPacket>,
    connected: bool,
}

impl Side {
    fn new(now: Instant, port: u16, profile: Option<Profile>) -> Self {
        let forced = Forced::to(profile);
        let build = || {
            Rtc::builder()
                .set_rtp_mode(true)
                .clear_codecs()
                .enable_opus(true, false)
                .set_crypto_provider(forced::provider())
                .build(now)
        };
        let (mut rtc, material) = forced.during(|| tapping(build));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Self {
            rtc,
            material,
            forced,
            address,
            sent: Vec::new(),
            received: Vec::new(),
            connected: false,
        }
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => self.sent.push(transmit.contents.to_vec()),
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::RtpPacket(packet)) => self.received.push(packet),
                Output::Event(_) => {}
            }
        }
    }

    fn takes(&mut self, now: Instant, from: SocketAddr, contents: &[u8]) {
        let receive = Receive::new(Protocol::Udp, from, self.address, contents).unwrap();
        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
        self.drain();
    }

    fn passes(&mut self, now: Instant) {
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.drain();
    }

    fn keys(&self) -> Keys {
        self.forced
            .keys()
            .unwrap_or_else(|| self.material.keys().expect("the handshake is through").unwrap())
    }
}

/// A sends audio to b; both connected.
fn connected(profile: Option<Profile>) -> (Side, Side, Mid, Instant) {
    let mut now = Instant::now();
    let (mut a, mut b) = (Side::new(now, 5_000, profile), Side::new(now, 5_001, profile));
    assert!(a.material.keys().is_none());
    let mut change = a.rtc.sdp_api();
    let mid = change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
    let (offer, pending) = change.apply().unwrap();
    let answer = b.rtc.sdp_api().accept_offer(offer).unwrap();
    a.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    for _ in 0..500 {
        if a.connected && b.connected {
            return (a, b, mid, now);
        }
        now += Duration::from_millis(10);
        a.passes(now);
        b.passes(now);
        exchange(&mut a, &mut b, now);
    }
    panic!("not connected");
}

fn exchange(a: &mut Side, b: &mut Side, now: Instant) {
    while !a.sent.is_empty() || !b.sent.is_empty() {
        for contents in std::mem::take(&mut a.sent) {
            b.takes(now, a.address, &contents);
        }
        for contents in std::mem::take(&mut b.sent) {
            a.takes(now, b.address, &contents);
        }
    }
}

fn write(a: &mut Side, mid: Mid, now: Instant, sequence: u64, payload: &[u8]) {
    let payload_type = a.rtc.media(mid).unwrap().remote_pts()[0];
    let mut api = a.rtc.direct_api();
    let stream = api.stream_tx_by_mid(mid, None).unwrap();
    stream.write_rtp(RtpWrite::new(payload_type, sequence.into(), 960, now, payload.to_vec()));
    a.passes(now);
}

/// Bytes of the header of an RTP packet.
fn header(packet: &[u8]) -> usize {
    let fixed = 12 + 4 * usize::from(packet[0] & 0x0f);
    if packet[0] & 0x10 == 0 {
        return fixed;
    }
    fixed + 4 + 4 * usize::from(u16::from_be_bytes([packet[fixed + 2], packet[fixed + 3]]))
}

/// RTP, by its first bytes; the others of its kind are RTCP.
fn is_rtp(datagram: &[u8]) -> bool {
    datagram[0] & 0xc0 == 0x80 && !(192..=223).contains(&datagram[1])
}

fn is_rtcp(datagram: &[u8]) -> bool {
    datagram[0] & 0xc0 == 0x80 && !is_rtp(datagram)
}

/// The profile both agree on, and the two that they are told of.
const PROFILES: [Option<Profile>; 3] = [None, Some(Profile::AeadAes128Gcm), Some(Profile::Aes128CmHmacSha1)];

#[test]
fn the_tapped_keys_open_what_str0m_seals() {
    for profile in PROFILES {
        let (mut a, b, mid, now) = connected(profile);
        a.sent.clear();
        write(&mut a, mid, now, 70_000, b"a voice");
        let mut packet = a.sent.iter().find(|datagram| is_rtp(datagram)).unwrap().clone();
        let header = header(&packet);
        let keys = b.keys();
        assert_eq!(packet.len(), header + b"a voice".len() + a.keys().sealer.tag());
        assert_eq!(
            keys.opener.open_rtp(&mut packet.clone(), header, 4_464),
            Err(SrtpError::Forged),
            "not gone around"
        );
        assert_eq!(keys.opener.open_rtp(&mut packet, header, 70_000).unwrap(), b"a voice");
    }
}

#[test]
fn str0m_opens_what_is_sealed_with_the_tapped_keys() {
    for profile in PROFILES {
        let (mut a, mut b, mid, now) = connected(profile);
        // One of str0m's own, so that the receiver knows the stream's header extensions and SSRC.
        write(&mut a, mid, now, 1, b"by str0m");
        let plain = a.sent.iter().find(|datagram| is_rtp(datagram)).unwrap().clone();
        exchange(&mut a, &mut b, now);
        assert_eq!(b.received.len(), 1);
        // The same header with the next number, another payload, sealed by us.
        let packet = sealed(&a.keys(), &plain[..header(&plain)], 2);
        b.takes(now, a.address, &packet);
        assert_eq!(b.received.last().unwrap().payload[..], *b"by our own hand");
        let mut forged = packet.clone();
        *forged.last_mut().unwrap() ^= 1;
        forged[3] = 3;
        b.takes(now, a.address, &forged);
        assert_eq!(b.received.len(), 2);
    }
}

/// A packet with this header under another number.
fn sealed(keys: &Keys, header: &[u8], sequence: u16) -> Vec<u8> {
    let mut packet = [header, b"by our own hand"].concat();
    packet[2..4].copy_from_slice(&sequence.to_be_bytes());
    packet.resize(packet.len() + keys.sealer.tag(), 0);
    keys.sealer.seal_rtp(&mut packet, header.len(), sequence.into()).unwrap();
    packet
}

#[test]
fn str0m_believes_a_report_that_is_sealed_with_the_tapped_keys() {
    for profile in PROFILES {
        let (mut a, mut b, mid, now) = connected(profile);
        write(&mut a, mid, now, 1, b"by str0m");
        let plain = a.sent.iter().find(|datagram| is_rtp(datagram)).unwrap().clone();
        a.sent.retain(|datagram| is_rtp(datagram));
        exchange(&mut a, &mut b, now);
        // A sender report (RFC 3550 §6.4.1) of 77 packets.
        let mut report = vec![0x80, 200, 0, 6];
        report.extend(&plain[8..12]);
        for word in [0xe900_0000, 0, 960, 77_u32, 5] {
            report.extend(word.to_be_bytes());
        }
        let keys = a.keys();
        report.resize(report.len() + keys.sealer.rtcp_overhead(), 0);
        keys.sealer.seal_rtcp(&mut report, 1 << 20).unwrap();
        let mut forged = report.clone();
        forged[8] ^= 1;
        let header = &plain[..header(&plain)];
        let mut counted = |report: &[u8], sequence| {
            b.takes(now, a.address, report);
            b.takes(now, a.address, &sealed(&keys, header, sequence));
            b.received.last().unwrap().last_sender_info.map(|info| info.sender_packet_count)
        };
        assert_eq!(counted(&forged, 2), None);
        assert_eq!(counted(&report, 3), Some(77), "{profile:?}");
    }
}

#[test]
fn the_tapped_keys_open_the_reports_of_str0m() {
    for profile in PROFILES {
        let (mut a, mut b, mid, mut now) = connected(profile);
        let mut reports = Vec::new();
        for sequence in 1..1_000 {
            write(&mut a, mid, now, sequence, b"a voice");
            reports.extend(a.sent.iter().filter(|datagram| is_rtcp(datagram)).cloned());
            exchange(&mut a, &mut b, now);
            now += Duration::from_millis(20);
        }
        assert!(reports.len() > 1, "reports in twenty seconds: {}", reports.len());
        let mut indexes = Vec::new();
        for mut report in reports {
            let keys = b.keys();
            let mut changed = report.clone();
            changed[9] ^= 1;
            assert_eq!(keys.opener.open_rtcp(&mut changed), Err(SrtpError::Forged));
            let overhead = keys.sealer.rtcp_overhead();
            let opened = keys.opener.open_rtcp(&mut report).unwrap();
            assert_eq!(opened.length, report.len() - overhead);
            assert_eq!(opened.ssrc.to_be_bytes(), report[4..8]);
            // The packets of a plain compound follow one another to its end.
            let mut rest = &report[..opened.length];
            while let [0x80..=0xbf, 192..=223, high, low, ..] = rest {
                rest = &rest[4 * (usize::from(u16::from_be_bytes([*high, *low])) + 1)..];
            }
            assert!(rest.is_empty(), "{rest:?}");
            indexes.push(opened.index);
        }
        assert!(indexes.windows(2).all(|pair| pair[0] < pair[1]), "one more for each: {indexes:?}");
    }
}

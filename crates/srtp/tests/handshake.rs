//! Two str0m connections shake hands in memory: the tapped keys open what str0m seals, and str0m opens what is sealed with them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use srtp::tap::{Material, provider, tapping};
use srtp::{Keys, SrtpError, TAG};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpWrite, Ssrc};
use str0m::{Candidate, Event, Input, Output, Rtc};

struct Side {
    rtc: Rtc,
    material: Material,
    address: SocketAddr,
    /// Datagrams to the other side.
    sent: Vec<Vec<u8>>,
    received: Vec<(Ssrc, Vec<u8>)>,
    connected: bool,
}

impl Side {
    fn new(now: Instant, port: u16) -> Self {
        let build = || {
            Rtc::builder()
                .set_rtp_mode(true)
                .clear_codecs()
                .enable_opus(true, false)
                .set_crypto_provider(provider())
                .build(now)
        };
        let (mut rtc, material) = tapping(build);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        Self {
            rtc,
            material,
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
                Output::Event(Event::RtpPacket(packet)) => self.received.push((packet.header.ssrc, packet.payload.to_vec())),
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
        self.material.keys().expect("the handshake is through").unwrap()
    }
}

/// A sends audio to b; both connected.
fn connected() -> (Side, Side, Mid, Instant) {
    let mut now = Instant::now();
    let (mut a, mut b) = (Side::new(now, 5_000), Side::new(now, 5_001));
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

#[test]
fn the_tapped_keys_open_what_str0m_seals() {
    let (mut a, b, mid, now) = connected();
    a.sent.clear();
    write(&mut a, mid, now, 70_000, b"a voice");
    let mut packet = a.sent.iter().find(|datagram| datagram[0] & 0xc0 == 0x80 && !(200..=207).contains(&datagram[1])).unwrap().clone();
    let header = header(&packet);
    let keys = b.keys();
    assert_eq!(keys.opener.open_rtp(&mut packet.clone(), header, 70_001), Err(SrtpError::Forged));
    assert_eq!(keys.opener.open_rtp(&mut packet, header, 70_000).unwrap(), b"a voice");
}

#[test]
fn str0m_opens_what_is_sealed_with_the_tapped_keys() {
    let (mut a, mut b, mid, now) = connected();
    // One of str0m's own, so that the receiver knows the stream's header extensions and SSRC.
    write(&mut a, mid, now, 1, b"by str0m");
    let plain = a.sent.iter().find(|datagram| datagram[0] & 0xc0 == 0x80 && !(200..=207).contains(&datagram[1])).unwrap().clone();
    exchange(&mut a, &mut b, now);
    assert_eq!(b.received.len(), 1);
    // The same header with the next number, another payload, sealed by us.
    let header = header(&plain);
    let mut packet = plain[..header].to_vec();
    packet[2..4].copy_from_slice(&2_u16.to_be_bytes());
    packet.extend(b"by our own hand");
    packet.extend([0; TAG]);
    let keys = a.keys();
    keys.sealer.seal_rtp(&mut packet, header, 2).unwrap();
    b.takes(now, a.address, &packet);
    assert_eq!(b.received.last().unwrap().1, b"by our own hand");
    let mut forged = packet.clone();
    *forged.last_mut().unwrap() ^= 1;
    forged[3] = 3;
    b.takes(now, a.address, &forged);
    assert_eq!(b.received.len(), 2);
}

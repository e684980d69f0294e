//! The tests of sending, and what they share: packets of publishers, a sender with keys, and the client at its other end.
//!
//! `repair`, `redundancy`, `report`, `feedback`, `flood`, `streams`: the sender by itself, with the time as an argument. `link`: whole connections in memory. `oracle`: the
//! sender beside str0m's. `allocation` and `instructions`: what a packet costs.

mod allocation;
mod feedback;
mod flood;
mod formats;
mod instructions;
pub(crate) mod link;
mod oracle;
mod peer;
mod redundancy;
mod repair;
mod report;
mod streams;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use rtp::header::Header;
use rtp::rtcp;
use srtp::{Keys, Profile, Rollover, Side};

use super::{Composer, Format, Formats, Sender};
use crate::peer::Inbound;
use crate::routing::{Codec, Layer, Line, Numbers, Packet};

/// The slots of the client: two of video, one of audio.
pub(super) const CAMERA: Line = Line(0);
pub(super) const SCREEN: Line = Line(1);
pub(super) const VOICE: Line = Line(2);
pub(super) const SLOTS: [(Line, bool); 3] = [(CAMERA, false), (SCREEN, false), (VOICE, true)];

pub(super) const FORMATS: Formats = Formats::usual();

/// The same, with VP8 under another number, or not to be sent again.
pub(super) fn vp8_as(payload_type: u8, rtx: Option<u8>) -> Formats {
    let mut formats = FORMATS;
    formats.set(Codec::Vp8, Format { payload_type, rtx });
    formats
}

/// A packet of video of so many bytes.
pub(super) fn picture(_now: Instant, bytes: usize) -> Arc<Inbound> {
    let route = Packet {
        stream: 7,
        seq: 1,
        ..Packet::plain(Line(0), Layer(0), Codec::Vp8)
    };
    Arc::new(Inbound::plain(route, vec![0x10; bytes]))
}

/// A packet of audio.
pub(super) fn voice(now: Instant) -> Arc<Inbound> {
    let route = Packet {
        codec: Codec::Opus,
        ..picture(now, 0).route
    };
    Arc::new(Inbound {
        level: Some(0x80 | 25),
        ..Inbound::plain(route, vec![0x10; 80])
    })
}

pub(super) fn numbers(seq: u64, timestamp: u32) -> Numbers {
    Numbers {
        seq,
        timestamp,
        ..Numbers::default()
    }
}

/// Keeps what is composed.
#[derive(Default)]
pub(super) struct Outbox {
    pub(super) datagrams: Vec<Vec<u8>>,
}

impl Composer for Outbox {
    fn compose(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        let mut place = vec![0; most];
        if let Some(length) = write(&mut place) {
            place.truncate(length);
            self.datagrams.push(place);
        }
    }
}

/// Numbers that no other test of this process got.
pub(super) fn counted() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A sender with these slots whose handshake is through, and its client.
pub(super) fn sender(now: Instant, slots: &[(Line, bool)]) -> (Sender, Client) {
    let material: Vec<u8> = (0..88).collect();
    let keys = |side| Keys::derive(&material, Profile::AeadAes256Gcm, side).unwrap();
    let mut sender = Sender::new(now, counted);
    sender.negotiate(FORMATS, slots);
    sender.open(keys(Side::Server));
    let client = Client {
        keys: keys(Side::Client),
        rollovers: HashMap::new(),
        index: 0,
    };
    (sender, client)
}

/// A packet that the client opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Media {
    pub(super) ssrc: u32,
    pub(super) payload_type: u8,
    pub(super) index: u64,
    pub(super) timestamp: u32,
    pub(super) payload: Vec<u8>,
}

/// Opens what the sender sends, and reports.
pub(super) struct Client {
    keys: Keys,
    rollovers: HashMap<u32, Rollover>,
    index: u32,
}

/// What the client reports under.
pub(super) const REPORTER: u32 = 99;

impl Client {
    /// Opens what waits in the outbox: media in order, and plain compounds of reports.
    pub(super) fn open(&mut self, outbox: &mut Outbox) -> (Vec<Media>, Vec<Vec<u8>>) {
        let (mut media, mut reports) = (Vec::new(), Vec::new());
        for mut datagram in outbox.datagrams.drain(..) {
            match rtp::demux::kind(&datagram) {
                rtp::demux::Kind::Rtcp => {
                    let opened = self.keys.opener.open_rtcp(&mut datagram).unwrap();
                    datagram.truncate(opened.length);
                    reports.push(datagram);
                }
                rtp::demux::Kind::Rtp => media.push(self.open_media(datagram)),
                other => panic!("{other:?}"),
            }
        }
        (media, reports)
    }

    fn open_media(&mut self, mut datagram: Vec<u8>) -> Media {
        let header = Header::parse_sealed(&datagram).unwrap();
        let (ssrc, payload_type, timestamp) = (header.ssrc, header.payload_type, header.timestamp);
        let rollover = self.rollovers.entry(ssrc).or_default();
        let (length, index) = (header.header_len(), rollover.guess(header.sequence));
        let payload = self.keys.opener.open_rtp(&mut datagram, length, index).unwrap().to_vec();
        rollover.opened(index);
        Media {
            ssrc,
            payload_type,
            index,
            timestamp,
            payload,
        }
    }

    /// Seals a compound that `write` fills.
    pub(super) fn report(&mut self, write: impl FnOnce(&mut [u8]) -> usize) -> Vec<u8> {
        let mut report = vec![0; 1_200];
        let length = write(&mut report);
        self.index += 1;
        report.truncate(length + self.keys.sealer.rtcp_overhead());
        self.keys.sealer.seal_rtcp(&mut report, self.index).unwrap();
        report
    }

    /// Asks for lost packets of a stream.
    pub(super) fn nack(&mut self, ssrc: u32, lost: impl IntoIterator<Item = u16>) -> Vec<u8> {
        self.report(|out| rtcp::write::nack(out, REPORTER, ssrc, lost).unwrap())
    }
}

/// The SSRC of what fills a slot, and of its retransmissions.
pub(super) fn ssrcs(sender: &Sender, line: Line) -> (u32, u32) {
    let stream = sender.streams.iter().find(|stream| stream.line == line).unwrap();
    (stream.ssrc, stream.rtx_ssrc)
}

/// Sends what waits.
pub(super) fn turn(sender: &mut Sender, now: Instant) -> Outbox {
    let mut outbox = Outbox::default();
    sender.turn(now, wall(now), &mut outbox);
    outbox
}

/// The time of day at an instant of the tests, as NTP writes it; only differences of it mean something.
pub(super) fn wall(now: Instant) -> u64 {
    static BEGAN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let since = now.saturating_duration_since(*BEGAN.get_or_init(|| now));
    rtp::ntp::from_unix(1_800_000_000 + since.as_secs(), since.subsec_nanos())
}

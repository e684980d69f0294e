//! One stream to one client: what fills one of its receive slots.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::history::History;
use super::packet::{self, Copied, Wire};
use super::redundancy::Past;
use super::window::Window;
use super::{Composer, Waiting};
use crate::quality::{Flow, SlotQuality};
use crate::routing::Line;

/// Retransmissions may take this part of what is sent (a quarter), saved up to so many bytes.
const REPAIR_SHARE: u64 = 4;
const REPAIR_MOST: u64 = 96_000;

/// What a client says of a stream.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub(super) lost: u64,
    /// Of 256 packets.
    pub(super) lost_lately: u8,
    /// In units of the stream's clock.
    pub(super) jitter: u32,
}

/// A stream.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) line: Line,
    pub(super) audio: bool,
    pub(super) ssrc: u32,
    pub(super) rtx_ssrc: u32,
    pub(super) packets: u32,
    pub(super) octets: u32,
    /// The timestamp that was sent last, and when.
    pub(super) last: Option<(u32, Instant)>,
    /// Whether anything was sent since the last report.
    pub(super) unreported: bool,
    pub(super) round_trip: Option<Duration>,
    /// What the client reported last.
    pub(super) told: Told,
    pub(super) repaired: u64,
    /// When the client asked for a key frame last.
    pub(super) refreshed_at: Option<Instant>,
    window: Window,
    history: History,
    past: Past,
    rtx_index: u64,
    credit: u64,
}

impl Stream {
    pub(super) fn new(line: Line, audio: bool, ssrc: u32, rtx_ssrc: u32) -> Self {
        Self {
            line,
            audio,
            ssrc,
            rtx_ssrc,
            packets: 0,
            octets: 0,
            last: None,
            unreported: false,
            round_trip: None,
            told: Told::default(),
            repaired: 0,
            refreshed_at: None,
            window: Window::default(),
            history: History::default(),
            past: Past::default(),
            rtx_index: 0,
            credit: REPAIR_MOST / 2,
        }
    }

    /// Sends a packet under its numbers, unless something was sent under them. Gives its bytes.
    pub(super) fn send(&mut self, now: Instant, wire: &Wire<'_>, waiting: Waiting, composer: &mut impl Composer) -> Option<usize> {
        let Waiting { packet, numbers, .. } = waiting;
        if !self.window.take(numbers.seq) {
            tracing::debug!(seq = numbers.seq, "a number was given out twice; the packet is dropped");
            return None;
        }
        let past = (self.audio && wire.redundancy > 0).then_some(&self.past);
        let bytes = packet::media(wire, self.ssrc, &packet, numbers, past, composer);
        if self.audio && wire.redundancy > 0 {
            self.past.push(&packet, numbers);
        } else if !self.past.is_empty() {
            self.past.clear();
        }
        let octets = packet.payload.len();
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u32::try_from(octets).unwrap_or(0));
        if self
            .last
            .is_none_or(|(timestamp, _)| numbers.timestamp.wrapping_sub(timestamp) < 1 << 31)
        {
            self.last = Some((numbers.timestamp, now));
        }
        self.unreported = true;
        if !self.audio && wire.formats.repairs() {
            self.credit = REPAIR_MOST.min(self.credit + octets as u64 / REPAIR_SHARE);
            self.history.push(now, packet, numbers, self.round_trip);
        }
        bytes
    }

    /// Something that was sent already, to fill a probe with: it repairs what was lost, too.
    pub(super) fn filler(&mut self) -> Option<Copied> {
        let (packet, numbers) = self.history.newest()?;
        self.rtx_index += 1;
        Some(Copied {
            packet,
            line: self.line,
            numbers,
            ssrc: self.rtx_ssrc,
            index: self.rtx_index,
        })
    }

    /// The client lost a packet; gives what is to be sent again, if it is there and within the share.
    pub(super) fn again(&mut self, now: Instant, seq: u16) -> Option<Copied> {
        let (packet, numbers) = self.history.again(now, seq, self.round_trip, self.credit)?;
        self.credit = self.credit.saturating_sub(packet.payload.len() as u64);
        self.rtx_index += 1;
        self.repaired += 1;
        Some(Copied {
            packet,
            line: self.line,
            numbers,
            ssrc: self.rtx_ssrc,
            index: self.rtx_index,
        })
    }

    /// The same under another number, within the share.
    pub(super) fn once_more(&mut self, copied: &Copied) -> Option<Copied> {
        self.credit = self.credit.checked_sub(copied.packet.payload.len() as u64)?;
        self.rtx_index += 1;
        Some(Copied {
            packet: Arc::clone(&copied.packet),
            index: self.rtx_index,
            ..*copied
        })
    }

    /// Frees what is too old while nothing is sent.
    pub(super) fn rest(&mut self, now: Instant) {
        self.history.prune(now, self.round_trip);
    }

    /// Units of its clock in a second.
    fn rate(&self) -> u32 {
        if self.audio { 48_000 } else { 90_000 }
    }

    /// How it does, but for its name.
    pub(super) fn quality(&self) -> SlotQuality {
        SlotQuality {
            sent: Flow {
                packets: self.packets.into(),
                bytes: self.octets.into(),
                lost: self.told.lost,
            },
            lost_lately: self.told.lost_lately,
            jitter: Duration::from_secs(1) * self.told.jitter / self.rate(),
            ..SlotQuality::default()
        }
    }

    /// The timestamp that a packet sent now would have.
    pub(super) fn timestamp(&self, now: Instant) -> Option<u32> {
        let (timestamp, at) = self.last?;
        let rate = u128::from(self.rate());
        let passed = now.saturating_duration_since(at).as_micros() * rate / 1_000_000;
        // Timestamps go around.
        Some(timestamp.wrapping_add((passed & 0xffff_ffff) as u32))
    }
}

//! Arrivals of all packets of a transport (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
//!
//! Behind the fixed fields come chunks that give each packet a status of none, one or two bytes, until as many packets have one as the message says;
//! then, for each packet that arrived, so many bytes of time since the arrival before it.
//!
//! Invariant: reading walks the chunks once and sums what they need, so the iterators find every byte they take. A message of few bytes can speak of
//! 65,535 packets that did not come: [`TransportFeedback::arrivals`] skips those by runs.

use super::Frame;
use super::feedback::parties;
use crate::Malformed;
use crate::bytes::{u8_at, u16_at};

/// Ticks of 250 µs in one unit of the reference time, 64 ms.
pub(super) const TICKS: i64 = 256;
/// Bytes of the fixed fields behind the common header.
const FIXED: usize = 16;

/// Arrivals of the packets of a transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransportFeedback<'a> {
    /// Who received.
    pub sender: u32,
    /// A source of the transport; any.
    pub media: u32,
    /// The transport's sequence number of the first packet.
    pub base_sequence: u16,
    /// How many packets the message speaks of.
    pub status_count: u16,
    /// What the first arrival counts from, in 64 ms since a moment of the sender's choice; 24 bits, signed.
    pub reference_time: i32,
    /// One more for every message, wrapping: a gap is a lost message.
    pub feedback_count: u8,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

impl<'a> TransportFeedback<'a> {
    pub(super) fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        let (sender, media) = parties(frame)?;
        let base_sequence = u16_at(frame.body, 8).ok_or(Malformed::Short)?;
        let status_count = u16_at(frame.body, 10).ok_or(Malformed::Short)?;
        let [a, b, c, feedback_count] = *frame.body.get(12..).and_then(<[u8]>::first_chunk).ok_or(Malformed::Short)?;
        let behind = frame.body.get(FIXED..).ok_or(Malformed::Short)?;
        let mut runs = Runs::new(behind, status_count);
        let mut needed = 0;
        for (status, length) in runs.by_ref() {
            needed += usize::from(length) * status.bytes().ok_or(Malformed::Value)?;
        }
        if runs.left > 0 {
            return Err(Malformed::Count);
        }
        let (chunks, deltas) = behind.split_at_checked(behind.len() - runs.rest.len()).ok_or(Malformed::Length)?;
        Ok(Self {
            sender,
            media,
            base_sequence,
            status_count,
            // The shift back keeps the sign.
            reference_time: i32::from_be_bytes([a, b, c, 0]) >> 8,
            feedback_count,
            chunks,
            deltas: deltas.get(..needed).ok_or(Malformed::Length)?,
        })
    }

    /// Every packet as (sequence number, ticks of 250 µs since the arrival before it or, for the first, since the reference time); nothing for what did
    /// not arrive. As many as `status_count`.
    #[must_use]
    pub fn statuses(&self) -> Statuses<'a> {
        Statuses {
            runs: Runs::new(self.chunks, self.status_count),
            status: Status::Missing,
            run: 0,
            sequence: self.base_sequence,
            deltas: self.deltas,
        }
    }

    /// What arrived, as (sequence number, ticks of 250 µs since the moment that the reference time counts from). Work is for what arrived, not for what
    /// did not.
    #[must_use]
    pub fn arrivals(&self) -> Arrivals<'a> {
        Arrivals {
            statuses: self.statuses(),
            time: i64::from(self.reference_time) * TICKS,
        }
    }
}

/// Of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Missing,
    /// Time in one byte, without a sign.
    Small,
    /// Time in two bytes, with a sign.
    Large,
    Reserved,
}

impl Status {
    pub(super) fn of(bits: u16) -> Self {
        match bits & 3 {
            0 => Self::Missing,
            1 => Self::Small,
            2 => Self::Large,
            _ => Self::Reserved,
        }
    }

    pub(super) fn bits(self) -> u16 {
        match self {
            Self::Missing => 0,
            Self::Small => 1,
            Self::Large => 2,
            Self::Reserved => 3,
        }
    }

    /// Bytes of time that it has.
    pub(super) fn bytes(self) -> Option<usize> {
        match self {
            Self::Missing => Some(0),
            Self::Small => Some(1),
            Self::Large => Some(2),
            Self::Reserved => None,
        }
    }
}

/// Chunks as runs of equal status, none of them empty, together at most as long as the message says.
#[derive(Debug, Clone)]
struct Runs<'a> {
    /// Chunks that were not opened.
    rest: &'a [u8],
    /// Packets without a status.
    left: u16,
    /// Of a vector, from its highest bit: what was not taken.
    vector: u16,
    symbols: u16,
    /// Bits of a symbol of the vector.
    width: u16,
}

impl<'a> Runs<'a> {
    fn new(chunks: &'a [u8], left: u16) -> Self {
        Self {
            rest: chunks,
            left,
            vector: 0,
            symbols: 0,
            width: 1,
        }
    }

    fn run(&mut self, status: Status, length: u16) -> Option<(Status, u16)> {
        let length = length.min(self.left);
        self.left -= length;
        Some((status, length))
    }
}

impl Iterator for Runs<'_> {
    type Item = (Status, u16);

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        while self.symbols == 0 {
            let chunk = u16_at(self.rest, 0)?;
            self.rest = self.rest.get(2..)?;
            if chunk & 0x8000 == 0 {
                let length = chunk & 0x1fff;
                if length > 0 {
                    return self.run(Status::of(chunk >> 13), length);
                }
                continue;
            }
            (self.symbols, self.width) = if chunk & 0x4000 == 0 { (14, 1) } else { (7, 2) };
            self.vector = chunk << 2;
        }
        let status = Status::of(self.vector >> (16 - self.width));
        self.vector <<= self.width;
        self.symbols -= 1;
        self.run(status, 1)
    }
}

/// See [`TransportFeedback::statuses`].
#[derive(Debug, Clone)]
pub struct Statuses<'a> {
    runs: Runs<'a>,
    status: Status,
    /// Packets left in the run.
    run: u16,
    sequence: u16,
    deltas: &'a [u8],
}

impl Statuses<'_> {
    /// The sequence number of the next packet, and its time. With `skip`, of the next that arrived.
    fn step(&mut self, skip: bool) -> Option<(u16, Option<i16>)> {
        while self.run == 0 {
            (self.status, self.run) = self.runs.next()?;
            if skip && self.status == Status::Missing {
                self.sequence = self.sequence.wrapping_add(self.run);
                self.run = 0;
            }
        }
        let delta = match self.status {
            Status::Small => {
                let delta = u8_at(self.deltas, 0)?;
                self.deltas = self.deltas.get(1..)?;
                Some(i16::from(delta))
            }
            Status::Large => {
                let (delta, rest) = self.deltas.split_first_chunk()?;
                self.deltas = rest;
                Some(i16::from_be_bytes(*delta))
            }
            Status::Missing | Status::Reserved => None,
        };
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        self.run -= 1;
        Some((sequence, delta))
    }
}

impl Iterator for Statuses<'_> {
    type Item = (u16, Option<i16>);

    fn next(&mut self) -> Option<Self::Item> {
        self.step(false)
    }
}

/// See [`TransportFeedback::arrivals`].
#[derive(Debug, Clone)]
pub struct Arrivals<'a> {
    statuses: Statuses<'a>,
    time: i64,
}

impl Iterator for Arrivals<'_> {
    type Item = (u16, i64);

    fn next(&mut self) -> Option<Self::Item> {
        let (sequence, delta) = self.statuses.step(true)?;
        self.time += i64::from(delta.unwrap_or_default());
        Some((sequence, self.time))
    }
}

//! RTCP: compound packets (RFC 3550 §6), reduced-size ones (RFC 5506), feedback (RFC 4585, RFC 5104, transport-wide congestion control, REMB) and
//! extended reports (RFC 3611).
//!
//! Owns: the walk over a plain datagram and the kinds of packets; each kind is read in a module of its own. [`write`](mod@write) is the other direction.
//! Not here: encryption (`srtp`), what is done about a report.
//!
//! Invariant: a [`Packet`] that was read has all of its entries inside its bytes; the iterators of its entries only walk. A packet that is malformed
//! inside does not hide those behind it; one whose length is wrong does, since nobody knows where the next begins.

mod description;
mod extended;
mod feedback;
mod report;
#[cfg(test)]
mod tests;
mod transport;
pub mod write;

pub use description::{App, Bye, CNAME, Chunk, Items, Sdes};
pub use extended::{Dlrr, Xr, XrBlock};
pub use feedback::{Fir, Nack, Pli, Remb};
pub use report::{Block, Blocks, ReceiverReport, SenderInfo, SenderReport};
pub use transport::{Arrivals, Statuses, TransportFeedback};

use crate::Malformed;
use crate::bytes::{u8_at, u16_at};
use crate::header::unpad;

/// Report blocks, chunks of a description, or sources that leave, which one message has at most: five bits count them (RFC 3550 §6.4.1).
pub const MOST_ENTRIES: usize = 31;

/// Payload types (RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2).
pub(crate) mod kind {
    pub(crate) const SENDER_REPORT: u8 = 200;
    pub(crate) const RECEIVER_REPORT: u8 = 201;
    pub(crate) const SDES: u8 = 202;
    pub(crate) const BYE: u8 = 203;
    pub(crate) const APP: u8 = 204;
    pub(crate) const TRANSPORT: u8 = 205;
    pub(crate) const PAYLOAD: u8 = 206;
    pub(crate) const XR: u8 = 207;
}

/// Formats of feedback, in the place of the count.
pub(crate) mod format {
    /// Of transport feedback.
    pub(crate) const NACK: u8 = 1;
    /// Of transport feedback.
    pub(crate) const TRANSPORT_WIDE: u8 = 15;
    /// Of payload-specific feedback.
    pub(crate) const PLI: u8 = 1;
    /// Of payload-specific feedback.
    pub(crate) const FIR: u8 = 4;
    /// Of payload-specific feedback: application layer, of which REMB is one.
    pub(crate) const APPLICATION: u8 = 15;
}

/// One packet of a compound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    /// From who sends.
    SenderReport(SenderReport<'a>),
    /// From who only receives.
    ReceiverReport(ReceiverReport<'a>),
    /// Names of sources.
    Sdes(Sdes<'a>),
    /// Sources that leave.
    Bye(Bye<'a>),
    /// Of an application.
    App(App<'a>),
    /// Packets that did not come.
    Nack(Nack<'a>),
    /// Arrivals of all streams of a transport.
    TransportFeedback(TransportFeedback<'a>),
    /// Pictures were lost.
    Pli(Pli),
    /// A key frame is wanted.
    Fir(Fir<'a>),
    /// What the receiver believes it can take.
    Remb(Remb<'a>),
    /// Extended reports.
    Xr(Xr<'a>),
    /// Something else; skipped.
    Unknown {
        /// As in the packet.
        payload_type: u8,
        /// The five bits that are a count or a format.
        format: u8,
    },
}

/// The packets of a plain datagram in their order, compound or reduced in size: no kind has to be first.
#[must_use]
pub fn packets(datagram: &[u8]) -> Packets<'_> {
    Packets { rest: datagram }
}

/// See [`packets`].
#[derive(Debug, Clone)]
pub struct Packets<'a> {
    rest: &'a [u8],
}

/// A packet by its common header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) payload_type: u8,
    /// Count or format.
    pub(crate) count: u8,
    /// Behind the common header of one word, without padding.
    pub(crate) body: &'a [u8],
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (frame, rest) = split(self.rest).unwrap_or_else(|error| (Err(error), &[]));
        self.rest = rest;
        Some(frame.and_then(Packet::read))
    }
}

impl core::iter::FusedIterator for Packets<'_> {}

/// The first packet, and what follows it. The outer error is one of its length, after which nothing can be found.
fn split(datagram: &[u8]) -> Result<(Result<Frame<'_>, Malformed>, &[u8]), Malformed> {
    let first = u8_at(datagram, 0).ok_or(Malformed::Short)?;
    let payload_type = u8_at(datagram, 1).ok_or(Malformed::Short)?;
    let words = u16_at(datagram, 2).ok_or(Malformed::Short)?;
    if first >> 6 != 2 {
        return Err(Malformed::Version);
    }
    let (packet, rest) = datagram.split_at_checked(4 * (usize::from(words) + 1)).ok_or(Malformed::Length)?;
    let body = packet.get(4..).ok_or(Malformed::Short)?;
    let body = if first & 0x20 == 0 { Ok(body) } else { unpad(body) };
    let frame = body.map(|body| Frame {
        payload_type,
        count: first & 0x1f,
        body,
    });
    Ok((frame, rest))
}

impl<'a> Packet<'a> {
    fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        Ok(match (frame.payload_type, frame.count) {
            (kind::SENDER_REPORT, _) => Self::SenderReport(SenderReport::read(frame)?),
            (kind::RECEIVER_REPORT, _) => Self::ReceiverReport(ReceiverReport::read(frame)?),
            (kind::SDES, _) => Self::Sdes(Sdes::read(frame)?),
            (kind::BYE, _) => Self::Bye(Bye::read(frame)?),
            (kind::APP, _) => Self::App(App::read(frame)?),
            (kind::TRANSPORT, format::NACK) => Self::Nack(Nack::read(frame)?),
            (kind::TRANSPORT, format::TRANSPORT_WIDE) => Self::TransportFeedback(TransportFeedback::read(frame)?),
            (kind::PAYLOAD, format::PLI) => Self::Pli(Pli::read(frame)?),
            (kind::PAYLOAD, format::FIR) => Self::Fir(Fir::read(frame)?),
            (kind::PAYLOAD, format::APPLICATION) if Remb::is(frame) => Self::Remb(Remb::read(frame)?),
            (kind::XR, _) => Self::Xr(Xr::read(frame)?),
            (payload_type, format) => Self::Unknown { payload_type, format },
        })
    }
}

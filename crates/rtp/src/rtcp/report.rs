//! Sender and receiver reports (RFC 3550 §6.4).

use super::Frame;
use crate::Malformed;
use crate::bytes::{u32_at, u64_at};

/// Bytes of a report block.
pub(super) const BLOCK: usize = 24;

/// What a sender says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SenderInfo {
    /// Whose report it is.
    pub ssrc: u32,
    /// When it was sent, as in [`ntp`](crate::ntp).
    pub ntp: u64,
    /// The same time in units of the stream's clock.
    pub rtp_timestamp: u32,
    /// Packets sent since the stream began, wrapping.
    pub packets: u32,
    /// Bytes of payload sent since the stream began, wrapping.
    pub octets: u32,
}

/// From who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderReport<'a> {
    /// About itself.
    pub info: SenderInfo,
    /// About others.
    pub blocks: Blocks<'a>,
}

/// From who only receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiverReport<'a> {
    /// Whose report it is.
    pub ssrc: u32,
    /// About others.
    pub blocks: Blocks<'a>,
}

/// What is said about one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Block {
    /// Whom it is about.
    pub ssrc: u32,
    /// Lost since the last report, in 1/256.
    pub fraction: u8,
    /// Lost since the stream began; less than zero when there were duplicates. 24 bits on the wire: what is beyond is written as the furthest.
    pub cumulative: i32,
    /// The highest sequence number, with the times it wrapped in the upper 16 bits.
    pub highest_seq: u32,
    /// Interarrival jitter in units of the stream's clock.
    pub jitter: u32,
    /// The middle of the time in the last sender report that came, or zero.
    pub lsr: u32,
    /// Since it came, in 2⁻¹⁶ seconds.
    pub dlsr: u32,
}

/// The report blocks of a report, at most 31. An iterator over itself: copy it to walk twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks<'a> {
    blocks: &'a [[u8; BLOCK]],
}

impl<'a> Blocks<'a> {
    /// So many blocks at the beginning of `bytes`. What is behind them is a profile's and not read.
    fn read(bytes: Option<&'a [u8]>, count: u8) -> Result<Self, Malformed> {
        let (blocks, _) = bytes.ok_or(Malformed::Short)?.as_chunks();
        let blocks = blocks.get(..usize::from(count)).ok_or(Malformed::Count)?;
        Ok(Self { blocks })
    }
}

impl Iterator for Blocks<'_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        let (first, rest) = self.blocks.split_first()?;
        self.blocks = rest;
        Some(Block::read(first))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.blocks.len(), Some(self.blocks.len()))
    }
}

impl ExactSizeIterator for Blocks<'_> {}

impl Block {
    fn read(bytes: &[u8; BLOCK]) -> Self {
        let word = |at| u32_at(bytes, at).unwrap_or_default();
        let [fraction, lost @ ..] = word(4).to_be_bytes();
        let [a, b, c] = lost;
        Self {
            ssrc: word(0),
            fraction,
            // The shift back keeps the sign.
            cumulative: i32::from_be_bytes([a, b, c, 0]) >> 8,
            highest_seq: word(8),
            jitter: word(12),
            lsr: word(16),
            dlsr: word(20),
        }
    }
}

impl<'a> SenderReport<'a> {
    pub(super) fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        let word = |at| u32_at(frame.body, at).ok_or(Malformed::Short);
        Ok(Self {
            info: SenderInfo {
                ssrc: word(0)?,
                ntp: u64_at(frame.body, 4).ok_or(Malformed::Short)?,
                rtp_timestamp: word(12)?,
                packets: word(16)?,
                octets: word(20)?,
            },
            blocks: Blocks::read(frame.body.get(24..), frame.count)?,
        })
    }
}

impl<'a> ReceiverReport<'a> {
    pub(super) fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            ssrc: u32_at(frame.body, 0).ok_or(Malformed::Short)?,
            blocks: Blocks::read(frame.body.get(4..), frame.count)?,
        })
    }
}

//! Extended reports: the round trip of who only receives (RFC 3611 §4.4 and §4.5). Other blocks are named and skipped.

use super::Frame;
use crate::Malformed;
use crate::bytes::{u8_at, u16_at, u32_at, u64_at};

/// A block with the receiver's time.
pub(super) const RRTR: u8 = 4;
/// A block that answers it.
pub(super) const DLRR: u8 = 5;

/// Extended reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Xr<'a> {
    /// Whose they are.
    pub ssrc: u32,
    blocks: &'a [u8],
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XrBlock<'a> {
    /// The receiver's time, as in [`ntp`](crate::ntp).
    Rrtr {
        /// When it was sent.
        ntp: u64,
    },
    /// What the sender heard of receivers' times.
    Dlrr(Dlrr<'a>),
    /// Something else.
    Unknown {
        /// As in the block.
        block_type: u8,
    },
}

/// Answers to the times of receivers, each (receiver, middle of its last time, delay since in 2⁻¹⁶ seconds); as LSR and DLSR of a
/// [`Block`](super::Block).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dlrr<'a> {
    entries: &'a [[u8; 12]],
}

impl<'a> Xr<'a> {
    pub(super) fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        let ssrc = u32_at(frame.body, 0).ok_or(Malformed::Short)?;
        let blocks = frame.body.get(4..).ok_or(Malformed::Short)?;
        let mut rest = blocks;
        while !rest.is_empty() {
            (_, rest) = XrBlock::split(rest)?;
        }
        Ok(Self { ssrc, blocks })
    }

    /// In their order.
    pub fn blocks(&self) -> impl Iterator<Item = XrBlock<'a>> + Clone + use<'a> {
        let mut rest = self.blocks;
        core::iter::from_fn(move || {
            let (block, behind) = XrBlock::split(rest).ok()?;
            rest = behind;
            Some(block)
        })
    }
}

impl<'a> XrBlock<'a> {
    /// The first block, and what is behind it. Every block is at least its header, so walks end.
    fn split(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let block_type = u8_at(bytes, 0).ok_or(Malformed::Short)?;
        let words = u16_at(bytes, 2).ok_or(Malformed::Short)?;
        let (block, rest) = bytes.split_at_checked(4 + 4 * usize::from(words)).ok_or(Malformed::Length)?;
        let body = block.get(4..).ok_or(Malformed::Short)?;
        let block = match block_type {
            RRTR => Self::Rrtr {
                ntp: u64_at(body, 0).ok_or(Malformed::Short)?,
            },
            DLRR => {
                let (entries, rest) = body.as_chunks();
                if !rest.is_empty() {
                    return Err(Malformed::Length);
                }
                Self::Dlrr(Dlrr { entries })
            }
            block_type => Self::Unknown { block_type },
        };
        Ok((block, rest))
    }
}

impl Iterator for Dlrr<'_> {
    type Item = (u32, u32, u32);

    fn next(&mut self) -> Option<Self::Item> {
        let (first, rest) = self.entries.split_first()?;
        self.entries = rest;
        let word = |at| u32_at(first, at).unwrap_or_default();
        Some((word(0), word(4), word(8)))
    }
}

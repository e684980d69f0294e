//! Requests for packets and pictures, and the receiver's own estimate (RFC 4585 §6, RFC 5104 §4.3.1, draft-alvestrand-rmcat-remb-03 §2.2).

use super::Frame;
use crate::Malformed;
use crate::bytes::{u8_at, u16_at, u32_at, words};

/// What stands in front of every feedback message: its sender, and the source it is about.
pub(super) fn parties(frame: Frame<'_>) -> Result<(u32, u32), Malformed> {
    let word = |at| u32_at(frame.body, at).ok_or(Malformed::Short);
    Ok((word(0)?, word(4)?))
}

/// Packets that did not come (RFC 4585 §6.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nack<'a> {
    /// Who misses them.
    pub sender: u32,
    /// Whose they are.
    pub media: u32,
    entries: &'a [[u8; 4]],
}

impl<'a> Nack<'a> {
    pub(super) fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        let (sender, media) = parties(frame)?;
        let (entries, rest) = frame.body.get(8..).ok_or(Malformed::Short)?.as_chunks();
        if entries.is_empty() || !rest.is_empty() {
            return Err(Malformed::Length);
        }
        Ok(Self { sender, media, entries })
    }

    /// The sequence numbers in the order of the message, at most 17 for each of its entries. A hostile one can repeat itself: keep a limit for answers.
    pub fn lost(&self) -> impl Iterator<Item = u16> + Clone + 'a {
        self.entries.iter().flat_map(|[p0, p1, b0, b1]| {
            let first = u16::from_be_bytes([*p0, *p1]);
            let mask = u16::from_be_bytes([*b0, *b1]);
            let others = (0..16_u16).filter(move |bit| mask >> bit & 1 != 0);
            core::iter::once(first).chain(others.map(move |bit| first.wrapping_add(bit + 1)))
        })
    }
}

/// Pictures were lost, and a key frame would help (RFC 4585 §6.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pli {
    /// Who lost them.
    pub sender: u32,
    /// Whose they are.
    pub media: u32,
}

impl Pli {
    pub(super) fn read(frame: Frame<'_>) -> Result<Self, Malformed> {
        let (sender, media) = parties(frame)?;
        Ok(Self { sender, media })
    }
}

/// Key frames are wanted (RFC 5104 §4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fir<'a> {
    /// Who wants them.
    pub sender: u32,
    entries: &'a [[u8; 8]],
}

impl<'a> Fir<'a> {
    pub(super) fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        let (sender, _) = parties(frame)?;
        let (entries, rest) = frame.body.get(8..).ok_or(Malformed::Short)?.as_chunks();
        if entries.is_empty() || !rest.is_empty() {
            return Err(Malformed::Length);
        }
        Ok(Self { sender, entries })
    }

    /// Sources and the number of the request, which repeats when it is the same request again.
    pub fn requests(&self) -> impl ExactSizeIterator<Item = (u32, u8)> + Clone + 'a {
        self.entries
            .iter()
            .map(|[a, b, c, d, number, ..]| (u32::from_be_bytes([*a, *b, *c, *d]), *number))
    }
}

/// What the receiver believes it can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remb<'a> {
    /// Who believes it.
    pub sender: u32,
    /// In bits per second, over all sources named.
    pub bitrate: u64,
    ssrcs: &'a [u8],
}

/// What tells a REMB from other feedback of applications.
pub(super) const REMB: [u8; 4] = *b"REMB";

impl<'a> Remb<'a> {
    pub(super) fn is(frame: Frame<'a>) -> bool {
        frame.body.get(8..12) == Some(&REMB)
    }

    pub(super) fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        let (sender, _) = parties(frame)?;
        let count = u8_at(frame.body, 12).ok_or(Malformed::Short)?;
        let high = u8_at(frame.body, 13).ok_or(Malformed::Short)?;
        let low = u16_at(frame.body, 14).ok_or(Malformed::Short)?;
        let mantissa = u64::from(high & 3) << 16 | u64::from(low);
        let exponent = u32::from(high >> 2);
        if exponent > mantissa.leading_zeros() {
            return Err(Malformed::Value);
        }
        let ssrcs = frame.body.get(16..16 + 4 * usize::from(count)).ok_or(Malformed::Count)?;
        Ok(Self {
            sender,
            bitrate: mantissa.checked_shl(exponent).unwrap_or_default(),
            ssrcs,
        })
    }

    /// The sources it is about.
    pub fn ssrcs(&self) -> impl ExactSizeIterator<Item = u32> + Clone + 'a {
        words(self.ssrcs)
    }
}

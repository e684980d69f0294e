//! The header of an RTP packet (RFC 3550 §5.1) and its extensions (RFC 8285).
//!
//! Owns: reading a header where it lies, the walk over its extensions, writing one. What is inside an extension is in [`ext`](crate::ext).
//!
//! Invariant: a [`Header`] that was read has its contributing sources and its block of extensions inside the packet, so nothing later can run out
//! of it.

mod extensions;
#[cfg(test)]
mod tests;
mod write;

pub use extensions::Extensions;
pub use write::{Fields, write_header};

use crate::Malformed;
use crate::bytes::{u8_at, u16_at, words};

/// Bytes of a header without contributing sources and extensions.
pub const FIXED: usize = 12;
/// The profile of one-byte extensions (RFC 8285 §4.2).
pub(crate) const ONE_BYTE: u16 = 0xbede;
/// The profile of two-byte extensions, its last four bits free (RFC 8285 §4.3).
pub(crate) const TWO_BYTE: u16 = 0x1000;

/// A packet that was read. Copies are cheap; the packet is borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// Of the packet: ends a frame of video, begins a talkspurt of audio.
    pub marker: bool,
    /// 0 to 127, meaning what was negotiated.
    pub payload_type: u8,
    /// One more for every packet, wrapping.
    pub sequence: u16,
    /// In units of the clock rate of the payload type, wrapping.
    pub timestamp: u32,
    /// Synchronization source.
    pub ssrc: u32,
    /// Whether bytes at the end are padding, as the header says.
    pub padded: bool,
    /// What kind of extensions follow: 0xBEDE, 0x1000 to 0x100F, or a profile of its own that [`Header::extensions`] does not read.
    pub extension_profile: Option<u16>,
    packet: &'a [u8],
    csrcs: &'a [u8],
    extensions: &'a [u8],
    length: usize,
    padding: usize,
}

impl<'a> Header<'a> {
    /// Reads a plain packet.
    ///
    /// # Errors
    /// [`Malformed`] when the header, or the padding it announces, is longer than the packet.
    pub fn parse(packet: &'a [u8]) -> Result<Self, Malformed> {
        let mut header = Self::parse_sealed(packet)?;
        if header.padded {
            header.padding = header.packet.len() - header.length - unpad(header.packet.get(header.length..).unwrap_or_default())?.len();
        }
        Ok(header)
    }

    /// Reads a packet of SRTP, whose header is plain and whose padding is not: its [`Header::payload`] is everything behind the header. Once that is
    /// opened, [`unpad`] gives the rest where [`Header::padded`] says so.
    ///
    /// # Errors
    /// [`Malformed`] when the header is longer than the packet.
    pub fn parse_sealed(packet: &'a [u8]) -> Result<Self, Malformed> {
        let fixed: &[u8; FIXED] = packet.first_chunk().ok_or(Malformed::Short)?;
        let [first, second, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3] = *fixed;
        if first >> 6 != 2 {
            return Err(Malformed::Version);
        }
        let mut length = FIXED + 4 * usize::from(first & 0x0f);
        let csrcs = packet.get(FIXED..length).ok_or(Malformed::Length)?;
        let mut extension_profile = None;
        let mut extensions: &[u8] = &[];
        if first & 0x10 != 0 {
            extension_profile = Some(u16_at(packet, length).ok_or(Malformed::Length)?);
            let words = u16_at(packet, length + 2).ok_or(Malformed::Length)?;
            let start = length + 4;
            length = start + 4 * usize::from(words);
            extensions = packet.get(start..length).ok_or(Malformed::Length)?;
        }
        Ok(Self {
            marker: second & 0x80 != 0,
            payload_type: second & 0x7f,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
            padded: first & 0x20 != 0,
            extension_profile,
            packet,
            csrcs,
            extensions,
            length,
            padding: 0,
        })
    }

    /// Bytes before the payload.
    #[must_use]
    pub fn header_len(&self) -> usize {
        self.length
    }

    /// Bytes of padding behind the payload; none when the packet is sealed.
    #[must_use]
    pub fn padding(&self) -> usize {
        self.padding
    }

    /// What is behind the header, without padding. Empty in packets that only probe the bandwidth.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        let end = self.packet.len().saturating_sub(self.padding);
        self.packet.get(self.length..end).unwrap_or_default()
    }

    /// Contributing sources, at most 15.
    pub fn csrcs(&self) -> impl ExactSizeIterator<Item = u32> + 'a {
        words(self.csrcs)
    }

    /// The extensions in their order, as (id, value). A block that is cut or of another profile ends early; a packet is not dropped for it.
    #[must_use]
    pub fn extensions(&self) -> Extensions<'a> {
        match self.extension_profile {
            Some(ONE_BYTE) => Extensions::one_byte(self.extensions),
            Some(profile) if profile & 0xfff0 == TWO_BYTE => Extensions::two_byte(self.extensions),
            _ => Extensions::two_byte(&[]),
        }
    }

    /// The value of the first extension with this id.
    #[must_use]
    pub fn extension(&self, id: u8) -> Option<&'a [u8]> {
        self.extensions().find_map(|(found, value)| (found == id).then_some(value))
    }
}

/// The payload without its padding, whose last byte counts it (RFC 3550 §5.1).
///
/// # Errors
/// [`Malformed::Padding`] when the count is zero or more than there is.
pub fn unpad(payload: &[u8]) -> Result<&[u8], Malformed> {
    let count = payload
        .len()
        .checked_sub(1)
        .and_then(|last| u8_at(payload, last))
        .ok_or(Malformed::Padding)?;
    let rest = payload.len().checked_sub(usize::from(count)).ok_or(Malformed::Padding)?;
    if count == 0 {
        return Err(Malformed::Padding);
    }
    payload.get(..rest).ok_or(Malformed::Padding)
}

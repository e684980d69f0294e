//! Writing RTCP. Every function writes one packet to the beginning of a buffer and gives its length, a multiple of four; a compound is packets one
//! behind the other, which [`Compound`] puts there.
//!
//! All of them fail with [`NoRoom`] when the buffer is too short or a field too narrow, and what stands in the buffer is worth nothing then.

mod transport;

pub use transport::{Arrived, Written, transport_feedback};

use super::feedback::REMB;
use super::{Block, CNAME, MOST_ENTRIES, SenderInfo, format, kind};
use crate::NoRoom;
use crate::bytes::Out;

/// Packets one behind the other in one buffer.
#[derive(Debug)]
pub struct Compound<'a> {
    room: &'a mut [u8],
    length: usize,
}

impl<'a> Compound<'a> {
    /// Fills this buffer from its beginning.
    pub fn new(room: &'a mut [u8]) -> Self {
        Self { room, length: 0 }
    }

    /// Adds what one of the writers of this module writes: `compound.push(|out| pli(out, 1, 2))`.
    ///
    /// # Errors
    /// What the writer says; the packets before stay as they are.
    pub fn push(&mut self, write: impl FnOnce(&mut [u8]) -> Result<usize, NoRoom>) -> Result<(), NoRoom> {
        let length = write(self.room.get_mut(self.length..).ok_or(NoRoom)?)?;
        self.length = self
            .length
            .checked_add(length)
            .filter(|end| *end <= self.room.len())
            .ok_or(NoRoom)?;
        Ok(())
    }

    /// Bytes of all packets.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// All packets.
    #[must_use]
    pub fn packets(&self) -> &[u8] {
        self.room.get(..self.length).unwrap_or_default()
    }
}

/// A packet: its common header, what `body` writes, zeros up to a whole word, and the length in words.
fn packet(room: &mut [u8], payload_type: u8, count: u8, body: impl FnOnce(&mut Out<'_>) -> Result<(), NoRoom>) -> Result<usize, NoRoom> {
    let mut out = Out::new(room);
    out.bytes(&[0x80 | (count & 0x1f), payload_type, 0, 0])?;
    body(&mut out)?;
    out.pad()?;
    out.set_u16(2, u16::try_from(out.length() / 4 - 1).map_err(|_| NoRoom)?)?;
    Ok(out.length())
}

/// A count that fits into five bits.
fn count(entries: usize) -> Result<u8, NoRoom> {
    u8::try_from(entries).ok().filter(|_| entries <= MOST_ENTRIES).ok_or(NoRoom)
}

fn blocks(out: &mut Out<'_>, blocks: &[Block]) -> Result<(), NoRoom> {
    for block in blocks {
        // 24 bits with a sign.
        let [_, lost @ ..] = block.cumulative.clamp(-0x0080_0000, 0x007f_ffff).to_be_bytes();
        out.u32(block.ssrc)?;
        out.u8(block.fraction)?;
        out.bytes(&lost)?;
        out.u32(block.highest_seq)?;
        out.u32(block.jitter)?;
        out.u32(block.lsr)?;
        out.u32(block.dlsr)?;
    }
    Ok(())
}

/// A sender report with at most 31 blocks.
///
/// # Errors
/// [`NoRoom`].
pub fn sender_report(out: &mut [u8], info: &SenderInfo, about: &[Block]) -> Result<usize, NoRoom> {
    packet(out, kind::SENDER_REPORT, count(about.len())?, |out| {
        out.u32(info.ssrc)?;
        out.u64(info.ntp)?;
        out.u32(info.rtp_timestamp)?;
        out.u32(info.packets)?;
        out.u32(info.octets)?;
        blocks(out, about)
    })
}

/// A receiver report with at most 31 blocks.
///
/// # Errors
/// [`NoRoom`].
pub fn receiver_report(out: &mut [u8], ssrc: u32, about: &[Block]) -> Result<usize, NoRoom> {
    packet(out, kind::RECEIVER_REPORT, count(about.len())?, |out| {
        out.u32(ssrc)?;
        blocks(out, about)
    })
}

/// A description with the canonical name of one source, at most 255 bytes.
///
/// # Errors
/// [`NoRoom`].
pub fn cname(out: &mut [u8], ssrc: u32, name: &[u8]) -> Result<usize, NoRoom> {
    let length = u8::try_from(name.len()).map_err(|_| NoRoom)?;
    packet(out, kind::SDES, 1, |out| {
        out.u32(ssrc)?;
        out.bytes(&[CNAME, length])?;
        out.bytes(name)?;
        // The zero that ends the items.
        out.u8(0)
    })
}

/// Leave-taking of at most 31 sources, with a reason of at most 255 bytes unless it is empty.
///
/// # Errors
/// [`NoRoom`].
pub fn bye(out: &mut [u8], ssrcs: &[u32], reason: &[u8]) -> Result<usize, NoRoom> {
    let length = u8::try_from(reason.len()).map_err(|_| NoRoom)?;
    packet(out, kind::BYE, count(ssrcs.len())?, |out| {
        ssrcs.iter().try_for_each(|ssrc| out.u32(*ssrc))?;
        if reason.is_empty() {
            return Ok(());
        }
        out.u8(length)?;
        out.bytes(reason)
    })
}

/// Pictures of `media` were lost.
///
/// # Errors
/// [`NoRoom`].
pub fn pli(out: &mut [u8], sender: u32, media: u32) -> Result<usize, NoRoom> {
    packet(out, kind::PAYLOAD, format::PLI, |out| {
        out.u32(sender)?;
        out.u32(media)
    })
}

/// Key frames are wanted, each of (source, number of the request). Without requests nothing is written.
///
/// # Errors
/// [`NoRoom`].
pub fn fir(out: &mut [u8], sender: u32, requests: &[(u32, u8)]) -> Result<usize, NoRoom> {
    if requests.is_empty() {
        return Ok(0);
    }
    packet(out, kind::PAYLOAD, format::FIR, |out| {
        out.u32(sender)?;
        out.u32(0)?;
        for (ssrc, number) in requests {
            out.u32(*ssrc)?;
            out.bytes(&[*number, 0, 0, 0])?;
        }
        Ok(())
    })
}

/// Packets of `media` that did not come, sequence numbers in ascending order (wrapping). Without any nothing is written.
///
/// # Errors
/// [`NoRoom`]. Each entry of four bytes names up to 17 within a distance of 16.
pub fn nack(out: &mut [u8], sender: u32, media: u32, lost: impl IntoIterator<Item = u16>) -> Result<usize, NoRoom> {
    let mut lost = lost.into_iter().peekable();
    if lost.peek().is_none() {
        return Ok(0);
    }
    packet(out, kind::TRANSPORT, format::NACK, |out| {
        out.u32(sender)?;
        out.u32(media)?;
        while let Some(first) = lost.next() {
            let mut mask = 0_u16;
            while let Some(next) = lost.next_if(|next| next.wrapping_sub(first) <= 16) {
                if let Some(bit) = next.wrapping_sub(first).checked_sub(1) {
                    mask |= 1 << bit;
                }
            }
            out.u16(first)?;
            out.u16(mask)?;
        }
        Ok(())
    })
}

/// Bits of the mantissa of a REMB.
const MANTISSA: u32 = 18;

/// What the receiver believes it can take for at most 255 sources, in bits per second; rounded down to 18 significant bits.
///
/// # Errors
/// [`NoRoom`].
pub fn remb(out: &mut [u8], sender: u32, bitrate: u64, ssrcs: &[u32]) -> Result<usize, NoRoom> {
    let count = u8::try_from(ssrcs.len()).map_err(|_| NoRoom)?;
    let exponent = (u64::BITS - bitrate.leading_zeros()).saturating_sub(MANTISSA);
    let mantissa = u32::try_from(bitrate >> exponent).map_err(|_| NoRoom)?;
    packet(out, kind::PAYLOAD, format::APPLICATION, |out| {
        out.u32(sender)?;
        out.u32(0)?;
        out.bytes(&REMB)?;
        out.u8(count)?;
        out.u24(exponent << MANTISSA | mantissa)?;
        ssrcs.iter().try_for_each(|ssrc| out.u32(*ssrc))
    })
}

/// The time of who only receives, as in [`ntp`](crate::ntp); see [`XrBlock::Rrtr`](super::XrBlock::Rrtr).
///
/// # Errors
/// [`NoRoom`].
pub fn receiver_time(out: &mut [u8], ssrc: u32, ntp: u64) -> Result<usize, NoRoom> {
    packet(out, kind::XR, 0, |out| {
        out.u32(ssrc)?;
        out.bytes(&[super::extended::RRTR, 0, 0, 2])?;
        out.u64(ntp)
    })
}

/// Answers to the times of receivers, each (receiver, middle of its time, delay since in 2⁻¹⁶ seconds); see [`Dlrr`](super::Dlrr).
///
/// # Errors
/// [`NoRoom`].
pub fn receiver_time_answers(out: &mut [u8], ssrc: u32, answers: &[(u32, u32, u32)]) -> Result<usize, NoRoom> {
    let words = u16::try_from(3 * answers.len()).map_err(|_| NoRoom)?;
    packet(out, kind::XR, 0, |out| {
        out.u32(ssrc)?;
        out.bytes(&[super::extended::DLRR, 0])?;
        out.u16(words)?;
        for (receiver, lrr, dlrr) in answers {
            out.u32(*receiver)?;
            out.u32(*lrr)?;
            out.u32(*dlrr)?;
        }
        Ok(())
    })
}

//! Writing a header.

use super::{ONE_BYTE, TWO_BYTE};
use crate::NoRoom;
use crate::bytes::Out;

/// What a header says beside its extensions. Written packets have neither contributing sources nor padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fields {
    /// 0 to 127.
    pub payload_type: u8,
    /// Ends a frame of video, begins a talkspurt of audio.
    pub marker: bool,
    /// One more for every packet, wrapping.
    pub sequence: u16,
    /// In units of the clock rate of the payload type.
    pub timestamp: u32,
    /// Synchronization source.
    pub ssrc: u32,
}

/// Writes a header to the beginning of `out` and gives its length: a multiple of four. The extensions, (id, value), take the one-byte form when all
/// ids are 1 to 14 and all values 1 to 16 bytes, else the two-byte form. Without extensions there is no block.
///
/// # Errors
/// [`NoRoom`] when `out` is too short, a payload type over 127, an id 0, a value over 255 bytes; what stands in `out` is worth nothing then.
pub fn write_header(out: &mut [u8], fields: &Fields, extensions: &[(u8, &[u8])]) -> Result<usize, NoRoom> {
    let Fields {
        payload_type,
        marker,
        sequence,
        timestamp,
        ssrc,
    } = *fields;
    if payload_type > 0x7f {
        return Err(NoRoom);
    }
    let mut out = Out::new(out);
    out.u8(if extensions.is_empty() { 0x80 } else { 0x90 })?;
    out.u8(payload_type | if marker { 0x80 } else { 0 })?;
    out.u16(sequence)?;
    out.u32(timestamp)?;
    out.u32(ssrc)?;
    if extensions.is_empty() {
        return Ok(out.length());
    }
    let one_byte = extensions
        .iter()
        .all(|(id, value)| (1..=14).contains(id) && (1..=16).contains(&value.len()));
    out.u16(if one_byte { ONE_BYTE } else { TWO_BYTE })?;
    let words = out.length();
    out.u16(0)?;
    let start = out.length();
    for (id, value) in extensions {
        let length = u8::try_from(value.len()).map_err(|_| NoRoom)?;
        if one_byte {
            out.u8(id << 4 | (length - 1))?;
        } else if *id == 0 {
            return Err(NoRoom);
        } else {
            out.bytes(&[*id, length])?;
        }
        out.bytes(value)?;
    }
    out.pad()?;
    out.set_u16(words, u16::try_from((out.length() - start) / 4).map_err(|_| NoRoom)?)?;
    Ok(out.length())
}

//! Numbers of pictures, which a receiver wants to see grow by one while what it is sent comes from changing sources: where they are in a payload, and
//! their change in place.

use crate::Malformed;
use crate::bytes::{u8_at, u16_at};

/// The number of a picture, of 7 or 15 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureId {
    /// Wraps at its width.
    pub value: u16,
    /// 15 bits, not 7.
    pub long: bool,
}

/// Where the numbers are, in bytes from the beginning of the payload; nothing where a payload has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Places {
    /// The number of the picture, and whether it has two bytes.
    pub picture_id: Option<(u8, bool)>,
    /// The number of the last picture of the lowest temporal layer.
    pub tl0: Option<u8>,
}

/// Numbers to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patch {
    /// Its lower 7 or 15 bits are written, as the payload has them.
    pub picture_id: u16,
    /// TL0PICIDX.
    pub tl0: u8,
}

impl Patch {
    /// Writes them where they are; a number that the payload does not have is not written, and no length changes. `payload` is a copy of the one that
    /// the places were read from.
    pub fn apply(self, places: Places, payload: &mut [u8]) {
        let [high, low] = self.picture_id.to_be_bytes();
        match places.picture_id {
            Some((at, true)) => {
                if let Some([first, second]) = payload.get_mut(usize::from(at)..).and_then(<[u8]>::first_chunk_mut) {
                    [*first, *second] = [0x80 | high, low];
                }
            }
            Some((at, false)) => set(payload, at, low & 0x7f),
            None => {}
        }
        if let Some(at) = places.tl0 {
            set(payload, at, self.tl0);
        }
    }
}

fn set(payload: &mut [u8], at: u8, value: u8) {
    if let Some(byte) = payload.get_mut(usize::from(at)) {
        *byte = value;
    }
}

impl PictureId {
    /// At this place, in the form that VP8 and VP9 share: a bit for the width, then the number. With it, the bytes that it takes.
    pub(super) fn read(payload: &[u8], at: usize) -> Result<(Self, usize), Malformed> {
        let first = u8_at(payload, at).ok_or(Malformed::Short)?;
        if first & 0x80 == 0 {
            let value = u16::from(first);
            return Ok((Self { value, long: false }, 1));
        }
        let value = u16_at(payload, at).ok_or(Malformed::Short)? & 0x7fff;
        Ok((Self { value, long: true }, 2))
    }
}

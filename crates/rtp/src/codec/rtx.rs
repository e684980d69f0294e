//! Retransmission in a stream of its own (RFC 4588 §4): the payload of the lost packet behind its sequence number.

use crate::NoRoom;
use crate::bytes::{Out, u16_at};

/// Bytes that such a payload has more than the lost one.
pub const ORIGINAL_SEQUENCE: usize = 2;

/// The sequence number that the lost packet had, and its payload. Nothing when there is none, as in packets that only probe the bandwidth.
#[must_use]
pub fn read(payload: &[u8]) -> Option<(u16, &[u8])> {
    Some((u16_at(payload, 0)?, payload.get(ORIGINAL_SEQUENCE..)?))
}

/// Writes the payload and gives its length.
///
/// # Errors
/// [`NoRoom`] when `out` is too short.
pub fn write(out: &mut [u8], sequence: u16, payload: &[u8]) -> Result<usize, NoRoom> {
    let mut out = Out::new(out);
    out.u16(sequence)?;
    out.bytes(payload)?;
    Ok(out.length())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lost_payload_stands_behind_its_sequence_number() {
        let mut out = [0; 5];
        assert_eq!(write(&mut out, 0x0102, &[3, 4]), Ok(4));
        assert_eq!(out, [1, 2, 3, 4, 0]);
        assert_eq!(read(&out[..4]), Some((0x0102, &[3, 4][..])));
        assert_eq!(read(&out[..2]), Some((0x0102, &[][..])));
        assert_eq!(read(&out[..1]), None);
        assert_eq!(write(&mut out[..3], 0x0102, &[3, 4]), Err(NoRoom));
    }
}

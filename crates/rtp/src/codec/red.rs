//! Redundant audio (RFC 2198): earlier payloads in front of the newest, each with its payload type and age. Browsers send Opus so (`audio/red`).

use crate::bytes::{Out, u16_at, u24_at};
use crate::{Malformed, NoRoom};

/// One payload of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Block<'a> {
    /// What it is, as negotiated.
    pub payload_type: u8,
    /// How much earlier than the packet it is, in units of its clock: 0 to 16,383, and 0 for the newest.
    pub age: u16,
    /// The payload; what is redundant has at most 1,023 bytes. Empty where the sender had nothing.
    pub data: &'a [u8],
}

/// The blocks of a payload, the newest last.
#[derive(Debug, Clone)]
pub struct Blocks<'a> {
    headers: &'a [u8],
    data: &'a [u8],
}

/// Oldest age and longest redundant payload.
const AGES: u16 = 1 << 14;
const LENGTHS: u16 = 1 << 10;

/// The blocks of a payload.
///
/// # Errors
/// [`Malformed`] when the headers do not end, or the blocks are longer than the payload.
pub fn blocks(payload: &[u8]) -> Result<Blocks<'_>, Malformed> {
    let mut headers = 0;
    let mut needed = 0;
    while payload.get(headers).ok_or(Malformed::Short)? & 0x80 != 0 {
        let length = u16_at(payload, headers + 2).ok_or(Malformed::Short)? & (LENGTHS - 1);
        needed += usize::from(length);
        headers += 4;
    }
    let (headers, data) = payload.split_at_checked(headers + 1).ok_or(Malformed::Short)?;
    if needed > data.len() {
        return Err(Malformed::Length);
    }
    Ok(Blocks { headers, data })
}

impl<'a> Blocks<'a> {
    /// The newest, which a receiver without redundancy wants alone.
    #[must_use]
    pub fn primary(self) -> Option<Block<'a>> {
        self.last()
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let first = *self.headers.first()?;
        let payload_type = first & 0x7f;
        if first & 0x80 == 0 {
            self.headers = &[];
            let data = core::mem::take(&mut self.data);
            return Some(Block {
                payload_type,
                age: 0,
                data,
            });
        }
        let [a, b, c, d] = (u24_at(self.headers, 1)? << 6).to_be_bytes();
        let length = (u16::from(c) << 8 | u16::from(d)) >> 6;
        let (data, rest) = self.data.split_at_checked(usize::from(length))?;
        self.data = rest;
        self.headers = self.headers.get(4..)?;
        Some(Block {
            payload_type,
            age: u16::from(a) << 8 | u16::from(b),
            data,
        })
    }
}

impl core::iter::FusedIterator for Blocks<'_> {}

/// Writes a payload, what is redundant from the oldest, and gives its length.
///
/// # Errors
/// [`NoRoom`] when `out` is too short, a payload type over 127, an age over 16,383 or a redundant payload over 1,023 bytes.
pub fn write(out: &mut [u8], redundant: &[Block<'_>], payload_type: u8, newest: &[u8]) -> Result<usize, NoRoom> {
    let mut out = Out::new(out);
    if payload_type > 0x7f {
        return Err(NoRoom);
    }
    for block in redundant {
        let length = u16::try_from(block.data.len()).map_err(|_| NoRoom)?;
        if block.payload_type > 0x7f || block.age >= AGES || length >= LENGTHS {
            return Err(NoRoom);
        }
        out.u8(0x80 | block.payload_type)?;
        out.u24(u32::from(block.age) << 10 | u32::from(length))?;
    }
    out.u8(payload_type)?;
    redundant.iter().try_for_each(|block| out.bytes(block.data))?;
    out.bytes(newest)?;
    Ok(out.length())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Opus (111) of 960 ago with three bytes, and the newest of two.
    const ONE: [u8; 10] = [0xef, 0x0f, 0x00, 0x03, 0x6f, 1, 2, 3, 4, 5];

    #[test]
    fn the_newest_stands_behind_what_is_redundant() {
        let read: Vec<_> = blocks(&ONE).unwrap().collect();
        let block = |age, data| Block {
            payload_type: 111,
            age,
            data,
        };
        assert_eq!(read, [block(960, &[1, 2, 3][..]), block(0, &[4, 5][..])]);
        assert_eq!(blocks(&ONE).unwrap().primary(), Some(block(0, &[4, 5])));
        let mut out = [0; 10];
        assert_eq!(write(&mut out, &read[..1], 111, &[4, 5]), Ok(10));
        assert_eq!(out, ONE);
        assert_eq!(write(&mut out[..9], &read[..1], 111, &[4, 5]), Err(NoRoom));
    }

    #[test]
    fn the_newest_alone_has_one_byte_of_header() {
        assert_eq!(blocks(&[0x6f, 9]).unwrap().map(|block| block.data).collect::<Vec<_>>(), [&[9][..]]);
        assert_eq!(blocks(&[0x6f]).unwrap().map(|block| block.data).collect::<Vec<_>>(), [&[][..]]);
    }

    #[test]
    fn headers_without_an_end_and_blocks_that_are_not_there_are_refused() {
        for length in 0..8 {
            let expected = if length < 5 { Malformed::Short } else { Malformed::Length };
            assert_eq!(blocks(&ONE[..length]).err(), Some(expected), "{length}");
        }
        assert!(blocks(&ONE[..8]).is_ok());
    }

    #[test]
    fn what_its_fields_cannot_hold_is_not_written() {
        let long = [0; 1_024];
        let block = |payload_type, age, length: usize| Block {
            payload_type,
            age,
            data: &long[..length],
        };
        let mut out = [0; 2_000];
        for (block, fits) in [
            (block(127, 16_383, 1_023), true),
            (block(128, 0, 0), false),
            (block(0, 16_384, 0), false),
            (block(0, 0, 1_024), false),
        ] {
            assert_eq!(write(&mut out, &[block], 0, &[]).is_ok(), fits);
        }
        assert_eq!(write(&mut out, &[], 128, &[]), Err(NoRoom));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(redundant in prop::collection::vec((0..128_u8, 0..AGES, prop::collection::vec(any::<u8>(), 0..40)), 0..5), payload_type in 0..128_u8, newest in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut given: Vec<_> = redundant.iter().map(|(payload_type, age, data)| Block { payload_type: *payload_type, age: *age, data }).collect();
            let mut out = [0; 400];
            let length = write(&mut out, &given, payload_type, &newest).unwrap();
            given.push(Block { payload_type, age: 0, data: &newest });
            prop_assert_eq!(blocks(&out[..length]).unwrap().collect::<Vec<_>>(), given);
        }

        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(blocks) = blocks(&bytes) {
                let headers = blocks.headers.len();
                prop_assert_eq!(headers + blocks.map(|block| block.data.len()).sum::<usize>(), bytes.len());
            }
        }
    }
}

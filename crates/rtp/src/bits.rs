//! Bits from the highest to the lowest, for formats that do not keep to bytes.
//!
//! Invariant: no read goes behind the last byte; where bits are missing there is no value, and the place does not move.

use crate::NoRoom;

/// Reads bits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits from the first.
    at: usize,
}

impl<'a> Bits<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bits that were read.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Bits that are left.
    pub(crate) fn left(&self) -> usize {
        8 * self.bytes.len() - self.at
    }

    /// So many bits, at most 32.
    pub(crate) fn take(&mut self, count: usize) -> Option<u32> {
        if count > 32 || count > self.left() {
            return None;
        }
        let mut value = 0_u64;
        // Five bytes hold 32 bits wherever they begin.
        let bytes = self.bytes.get(self.at / 8..)?;
        for place in 0..5 {
            value = value << 8 | u64::from(bytes.get(place).copied().unwrap_or_default());
        }
        value >>= 40 - self.at % 8 - count;
        self.at += count;
        u32::try_from(value & ((1 << count) - 1)).ok()
    }

    /// So many bits, at most 8.
    pub(crate) fn small(&mut self, count: usize) -> Option<u8> {
        let mut reader = *self;
        let bits = u8::try_from(reader.take(count)?).ok()?;
        *self = reader;
        Some(bits)
    }

    /// So many bits, at most 16.
    pub(crate) fn short(&mut self, count: usize) -> Option<u16> {
        let mut reader = *self;
        let bits = u16::try_from(reader.take(count)?).ok()?;
        *self = reader;
        Some(bits)
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        self.take(1).map(|bit| bit == 1)
    }

    /// One of so many values, of which the first few take a bit less than the others (`ns` in the specification of AV1, §4.10.7).
    pub(crate) fn one_of(&mut self, values: u32) -> Option<u32> {
        let width = u32::BITS - values.leading_zeros();
        let short = (1_u64 << width)
            .checked_sub(u64::from(values))
            .and_then(|short| u32::try_from(short).ok())?;
        let mut reader = *self;
        let value = reader.take(usize::try_from(width.checked_sub(1)?).ok()?)?;
        let value = if value < short {
            value
        } else {
            (value << 1).checked_add(reader.take(1)?)?.checked_sub(short)?
        };
        *self = reader;
        Some(value)
    }

    /// An unsigned Exp-Golomb code (`ue(v)` in ITU-T H.264 §9.1) below 2³².
    pub(crate) fn exp_golomb(&mut self) -> Option<u32> {
        let mut reader = *self;
        let mut zeros = 0;
        while !reader.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = reader.take(zeros)?;
        *self = reader;
        Some(((1_u32 << zeros) - 1) + rest)
    }

    /// A signed one (`se(v)`).
    pub(crate) fn signed_exp_golomb(&mut self) -> Option<i64> {
        let code = i64::from(self.exp_golomb()?);
        Some(if code % 2 == 0 { -(code / 2) } else { code / 2 + 1 })
    }
}

/// Writes bits.
pub(crate) struct BitsOut<'a> {
    room: &'a mut [u8],
    at: usize,
}

impl<'a> BitsOut<'a> {
    pub(crate) fn new(room: &'a mut [u8]) -> Self {
        Self { room, at: 0 }
    }

    /// Bytes begun so far.
    pub(crate) fn length(&self) -> usize {
        self.at.div_ceil(8)
    }

    /// The lower bits of a value, so many, at most 32.
    pub(crate) fn put(&mut self, value: u32, count: usize) -> Result<(), NoRoom> {
        for shift in (0..count.min(32)).rev() {
            let byte = self.room.get_mut(self.at / 8).ok_or(NoRoom)?;
            if self.at.is_multiple_of(8) {
                // What was there before, and the padding of the last byte.
                *byte = 0;
            }
            if value >> shift & 1 == 1 {
                *byte |= 0x80 >> (self.at % 8);
            }
            self.at += 1;
        }
        Ok(())
    }

    /// What a reader still has before this bit.
    pub(crate) fn copy(&mut self, from: &mut Bits<'_>, until: usize) -> Result<(), NoRoom> {
        while from.at < until {
            let step = (until - from.at).min(32);
            self.put(from.take(step).ok_or(NoRoom)?, step)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_of_uneven_number_have_the_codes_of_the_specification() {
        // Five values: 0, 1 and 2 take two bits, 3 and 4 three.
        for (byte, value, bits) in [(0b0000_0000, 0, 2), (0b1000_0000, 2, 2), (0b1100_0000, 3, 3), (0b1110_0000, 4, 3)] {
            let mut reader = Bits::new(core::slice::from_ref(&byte));
            assert_eq!((reader.one_of(5), reader.at()), (Some(value), bits));
        }
        assert_eq!(Bits::new(&[]).one_of(1), Some(0), "one value needs no bit");
        assert_eq!(Bits::new(&[0]).one_of(0), None);
    }

    #[test]
    fn codes_of_exp_golomb() {
        for (byte, unsigned, signed) in [(0x80, 0, 0), (0x40, 1, 1), (0x60, 2, -1), (0x20, 3, 2), (0x28, 4, -2), (0x30, 5, 3)] {
            assert_eq!(Bits::new(&[byte]).exp_golomb(), Some(unsigned));
            assert_eq!(Bits::new(&[byte]).signed_exp_golomb(), Some(signed));
        }
        assert_eq!(Bits::new(&[0; 9]).exp_golomb(), None);
        assert_eq!(Bits::new(&[0, 0, 0, 0, 0x80, 0, 0, 0, 0]).exp_golomb(), None, "beyond 32 bits");
        assert_eq!(
            Bits::new(&[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]).exp_golomb(),
            Some(u32::MAX - 1),
            "the largest"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(values in prop::collection::vec((any::<u32>(), 0..=32_usize), 0..30), room in 0..140_usize) {
            let mut out = vec![0xff; room];
            let mut writer = BitsOut::new(&mut out);
            let fits = values.iter().try_for_each(|(value, count)| writer.put(*value, *count)).is_ok();
            let bits: usize = values.iter().map(|(_, count)| count).sum();
            prop_assert_eq!(fits, bits <= 8 * room);
            if fits {
                prop_assert_eq!(writer.length(), bits.div_ceil(8));
                let mut reader = Bits::new(&out);
                for (value, count) in &values {
                    let mask = (1_u64 << count) - 1;
                    prop_assert_eq!(reader.take(*count).map(u64::from), Some(u64::from(*value) & mask));
                }
                let mut copy = vec![0xff; room];
                let mut writer = BitsOut::new(&mut copy);
                writer.copy(&mut Bits::new(&out), bits).unwrap();
                prop_assert_eq!(&copy[..bits.div_ceil(8)], &out[..bits.div_ceil(8)]);
            }
        }

        #[test]
        fn missing_bits_move_nothing(bytes in prop::collection::vec(any::<u8>(), 0..9), skip in 0..32_usize, count in 0..40_usize) {
            let mut reader = Bits::new(&bytes);
            let _ = reader.take(skip.min(8 * bytes.len()));
            let at = reader.at();
            let readers: [fn(&mut Bits<'_>, usize) -> Option<u32>; 3] = [|reader: &mut Bits<'_>, count| reader.take(count), |reader: &mut Bits<'_>, count| reader.small(count).map(u32::from), |reader: &mut Bits<'_>, count| reader.short(count).map(u32::from)];
            for read in readers {
                let mut reader = reader;
                match read(&mut reader, count) {
                    Some(_) => prop_assert!(reader.at() == at + count && count <= 32),
                    None => prop_assert_eq!(reader.at(), at),
                }
            }
        }
    }
}

//! Reading and writing of big-endian fields that may not be there.

use crate::NoRoom;

pub(crate) fn u8_at(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|field| u16::from_be_bytes(*field))
}

pub(crate) fn u24_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|[a, b, c]| u32::from_be_bytes([0, *a, *b, *c]))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|field| u32::from_be_bytes(*field))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|field| u64::from_be_bytes(*field))
}

/// Words of four bytes at the beginning of `bytes`; a rest shorter than a word is left out.
pub(crate) fn words(bytes: &[u8]) -> impl ExactSizeIterator<Item = u32> + Clone + '_ {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| u32::from_be_bytes(*word))
}

/// Fills a buffer from its beginning.
pub(crate) struct Out<'a> {
    room: &'a mut [u8],
    length: usize,
}

impl<'a> Out<'a> {
    pub(crate) fn new(room: &'a mut [u8]) -> Self {
        Self { room, length: 0 }
    }

    /// Bytes written so far.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), NoRoom> {
        let end = self.length.checked_add(bytes.len()).ok_or(NoRoom)?;
        self.room.get_mut(self.length..end).ok_or(NoRoom)?.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }

    pub(crate) fn u8(&mut self, value: u8) -> Result<(), NoRoom> {
        self.bytes(&[value])
    }

    pub(crate) fn u16(&mut self, value: u16) -> Result<(), NoRoom> {
        self.bytes(&value.to_be_bytes())
    }

    /// The lower 24 bits.
    pub(crate) fn u24(&mut self, value: u32) -> Result<(), NoRoom> {
        let [_, low @ ..] = value.to_be_bytes();
        self.bytes(&low)
    }

    pub(crate) fn u32(&mut self, value: u32) -> Result<(), NoRoom> {
        self.bytes(&value.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> Result<(), NoRoom> {
        self.bytes(&value.to_be_bytes())
    }

    /// Zeros up to a whole number of words.
    pub(crate) fn pad(&mut self) -> Result<(), NoRoom> {
        while !self.length.is_multiple_of(4) {
            self.u8(0)?;
        }
        Ok(())
    }

    /// Overwrites a field that was written before.
    pub(crate) fn set_u16(&mut self, at: usize, value: u16) -> Result<(), NoRoom> {
        let field = self.room.get_mut(at..).and_then(|rest| rest.first_chunk_mut()).ok_or(NoRoom)?;
        *field = value.to_be_bytes();
        Ok(())
    }
}

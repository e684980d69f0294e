//! The walk over the extensions of a header (RFC 8285 §4).

/// Extensions in their order, as (id, value); see [`Header::extensions`](super::Header::extensions).
#[derive(Debug, Clone)]
pub struct Extensions<'a> {
    rest: &'a [u8],
    one_byte: bool,
}

impl<'a> Extensions<'a> {
    pub(super) fn one_byte(block: &'a [u8]) -> Self {
        Self {
            rest: block,
            one_byte: true,
        }
    }

    pub(super) fn two_byte(block: &'a [u8]) -> Self {
        Self {
            rest: block,
            one_byte: false,
        }
    }

    /// Id and value of the next one, and what follows it. Nothing at the end, at an id that ends a block, and at a value that is cut.
    fn split(&self) -> Option<(u8, &'a [u8], &'a [u8])> {
        let mut rest = self.rest;
        // Zeros between extensions are padding.
        let first = loop {
            let (first, behind) = rest.split_first()?;
            rest = behind;
            if *first != 0 {
                break *first;
            }
        };
        let (id, length, rest) = if self.one_byte {
            (first >> 4, usize::from(first & 0x0f) + 1, rest)
        } else {
            let (length, rest) = rest.split_first()?;
            (first, usize::from(*length), rest)
        };
        // In the one-byte form 0 with a length is nobody's id, and 15 ends the block by definition.
        if self.one_byte && matches!(id, 0 | 15) {
            return None;
        }
        let (value, rest) = rest.split_at_checked(length)?;
        Some((id, value, rest))
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let Some((id, value, rest)) = self.split() else {
            // For good.
            self.rest = &[];
            return None;
        };
        self.rest = rest;
        Some((id, value))
    }
}

impl core::iter::FusedIterator for Extensions<'_> {}

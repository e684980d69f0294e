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

    /// The next one's id and length, and what follows them. Nothing at the end, and at an id that ends a block.
    fn head(&self) -> Option<(u8, usize, &'a [u8])> {
        // Zeros between extensions are padding.
        let start = self.rest.iter().position(|byte| *byte != 0)?;
        let (first, rest) = self.rest.get(start..)?.split_first()?;
        if !self.one_byte {
            let (length, rest) = rest.split_first()?;
            return Some((*first, usize::from(*length), rest));
        }
        match first >> 4 {
            // 0 with a length is nobody's id, 15 ends the block by definition.
            0 | 15 => None,
            id => Some((id, usize::from(first & 0x0f) + 1, rest)),
        }
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let next = self
            .head()
            .and_then(|(id, length, rest)| Some((id, rest.split_at_checked(length)?)));
        // Whatever does not fit ends the walk for good.
        let (id, (value, rest)) = next.unwrap_or_default();
        self.rest = rest;
        next.is_some().then_some((id, value))
    }
}

impl core::iter::FusedIterator for Extensions<'_> {}

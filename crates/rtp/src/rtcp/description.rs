//! Names of sources, leave-taking, and packets of applications (RFC 3550 §6.5 to §6.7).

use super::Frame;
use crate::Malformed;
use crate::bytes::{u8_at, u32_at, words};

/// The canonical name of a source.
pub const CNAME: u8 = 1;

/// Names of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sdes<'a> {
    count: u8,
    chunks: &'a [u8],
}

/// What is said about one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// Whom it is about.
    pub ssrc: u32,
    items: &'a [u8],
}

/// Items as (kind, text); kinds are those of RFC 3550 §12.2, [`CNAME`] first of all.
#[derive(Debug, Clone)]
pub struct Items<'a> {
    rest: &'a [u8],
}

impl<'a> Sdes<'a> {
    pub(super) fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        let mut rest = frame.body;
        for _ in 0..frame.count {
            (_, rest) = Chunk::split(rest)?;
        }
        Ok(Self {
            count: frame.count,
            chunks: frame.body,
        })
    }

    /// At most 31.
    pub fn chunks(&self) -> impl Iterator<Item = Chunk<'a>> + Clone + use<'a> {
        let mut rest = self.chunks;
        (0..self.count).map_while(move |_| {
            let (chunk, behind) = Chunk::split(rest).ok()?;
            rest = behind;
            Some(chunk)
        })
    }
}

impl<'a> Chunk<'a> {
    /// The first chunk, and what is behind it and its padding.
    fn split(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Malformed> {
        let ssrc = u32_at(bytes, 0).ok_or(Malformed::Count)?;
        let start = bytes.get(4..).ok_or(Malformed::Count)?;
        let mut items = Items { rest: start };
        items.by_ref().for_each(drop);
        let length = start.len() - items.rest.len();
        if u8_at(start, length) != Some(0) {
            return Err(Malformed::Length);
        }
        // Zeros, at least one, up to a whole number of words.
        let rest = start.get(length / 4 * 4 + 4..).ok_or(Malformed::Length)?;
        let items = start.get(..length).ok_or(Malformed::Length)?;
        Ok((Self { ssrc, items }, rest))
    }

    /// Of this source.
    #[must_use]
    pub fn items(&self) -> Items<'a> {
        Items { rest: self.items }
    }

    /// Its canonical name.
    #[must_use]
    pub fn cname(&self) -> Option<&'a [u8]> {
        self.items().find_map(|(kind, text)| (kind == CNAME).then_some(text))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = (u8, &'a [u8]);

    /// Stops before the zero that ends a chunk, and before an item that is cut.
    fn next(&mut self) -> Option<Self::Item> {
        let [kind, length, rest @ ..] = self.rest else { return None };
        if *kind == 0 {
            return None;
        }
        let (text, rest) = rest.split_at_checked(usize::from(*length))?;
        self.rest = rest;
        Some((*kind, text))
    }
}

/// Sources that leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bye<'a> {
    ssrcs: &'a [u8],
    /// Why, if it was said; the sender's words.
    pub reason: Option<&'a [u8]>,
}

impl<'a> Bye<'a> {
    pub(super) fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        let (ssrcs, rest) = frame.body.split_at_checked(4 * usize::from(frame.count)).ok_or(Malformed::Count)?;
        let reason = match rest.split_first() {
            None => None,
            Some((length, text)) => Some(text.get(..usize::from(*length)).ok_or(Malformed::Length)?),
        };
        Ok(Self { ssrcs, reason })
    }

    /// Who leaves, at most 31.
    pub fn ssrcs(&self) -> impl ExactSizeIterator<Item = u32> + Clone + 'a {
        words(self.ssrcs)
    }
}

/// Of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct App<'a> {
    /// Five bits of the application.
    pub subtype: u8,
    /// Whose it is.
    pub ssrc: u32,
    /// Which application.
    pub name: [u8; 4],
    /// Whatever it says.
    pub data: &'a [u8],
}

impl<'a> App<'a> {
    pub(super) fn read(frame: Frame<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            subtype: frame.count,
            ssrc: u32_at(frame.body, 0).ok_or(Malformed::Short)?,
            name: u32_at(frame.body, 4).ok_or(Malformed::Short)?.to_be_bytes(),
            data: frame.body.get(8..).ok_or(Malformed::Short)?,
        })
    }
}

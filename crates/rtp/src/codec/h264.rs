//! H.264 (RFC 6184): single units, several in one packet (STAP-A) and parts of one (FU-A), which is what browsers send.

use super::{Size, sps};
use crate::Malformed;
use crate::bytes::{u8_at, u16_at};

/// Types of units (ITU-T H.264 table 7-1) that matter here.
pub mod nal {
    /// A slice of a key frame.
    pub const IDR: u8 = 5;
    /// A sequence parameter set.
    pub const SPS: u8 = 7;
    /// A picture parameter set.
    pub const PPS: u8 = 8;
}

const STAP_A: u8 = 24;
const FU_A: u8 = 28;
/// The bits of a header that are not its type.
const NOT_TYPE: u8 = 0xe0;

/// One unit, with its header of one byte; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit<'a> {
    /// 1 to 23; see [`nal`].
    pub kind: u8,
    /// Header and content.
    pub bytes: &'a [u8],
}

/// A payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// One unit.
    Single(Unit<'a>),
    /// Several.
    Several(Units<'a>),
    /// A part of one.
    Fragment {
        /// The type of the whole unit.
        kind: u8,
        /// This is its beginning.
        start: bool,
        /// This is its end.
        end: bool,
        /// The part, without the header of the unit.
        content: &'a [u8],
    },
    /// A form that browsers do not send.
    Other {
        /// As in the payload.
        kind: u8,
    },
}

/// The units of a payload; an iterator over itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units<'a> {
    rest: &'a [u8],
}

impl<'a> Units<'a> {
    fn split(self) -> Result<(Unit<'a>, Self), Malformed> {
        let length = u16_at(self.rest, 0).ok_or(Malformed::Short)?;
        let rest = self.rest.get(2..).ok_or(Malformed::Short)?;
        let (bytes, rest) = rest.split_at_checked(usize::from(length)).ok_or(Malformed::Length)?;
        let header = u8_at(bytes, 0).ok_or(Malformed::Length)?;
        let kind = header & !NOT_TYPE;
        Ok((Unit { kind, bytes }, Self { rest }))
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = Unit<'a>;

    fn next(&mut self) -> Option<Unit<'a>> {
        let (unit, rest) = self.split().ok()?;
        *self = rest;
        Some(unit)
    }
}

impl<'a> Payload<'a> {
    /// Reads a payload.
    ///
    /// # Errors
    /// [`Malformed`] when it is empty, or a unit inside is longer than it or empty.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        let header = u8_at(payload, 0).ok_or(Malformed::Short)?;
        Ok(match header & !NOT_TYPE {
            kind @ 1..=23 => Self::Single(Unit { kind, bytes: payload }),
            STAP_A => {
                let units = Units {
                    rest: payload.get(1..).ok_or(Malformed::Short)?,
                };
                let mut left = units;
                while !left.rest.is_empty() {
                    (_, left) = left.split()?;
                }
                Self::Several(units)
            }
            FU_A => {
                let bits = u8_at(payload, 1).ok_or(Malformed::Short)?;
                Self::Fragment {
                    kind: bits & !NOT_TYPE,
                    start: bits & 0x80 != 0,
                    end: bits & 0x40 != 0,
                    content: payload.get(2..).ok_or(Malformed::Short)?,
                }
            }
            kind => Self::Other { kind },
        })
    }

    /// Whether a key frame begins here: its parameter set, or its first slice. A frame sent as both in two packets begins twice, with one timestamp.
    #[must_use]
    pub fn starts_key_frame(self) -> bool {
        match self {
            Self::Single(unit) => unit.starts_key_frame(),
            Self::Several(mut units) => units.any(Unit::starts_key_frame),
            Self::Fragment { kind, start, content, .. } => start && starts_key_frame(kind, content),
            Self::Other { .. } => false,
        }
    }

    /// Of the pictures, where the packet has a whole parameter set.
    #[must_use]
    pub fn size(self) -> Option<Size> {
        match self {
            Self::Single(unit) => unit.size(),
            Self::Several(mut units) => units.find_map(Unit::size),
            Self::Fragment { .. } | Self::Other { .. } => None,
        }
    }
}

impl Unit<'_> {
    fn starts_key_frame(self) -> bool {
        starts_key_frame(self.kind, self.bytes.get(1..).unwrap_or_default())
    }

    /// Of the pictures, in a sequence parameter set.
    #[must_use]
    pub fn size(self) -> Option<Size> {
        (self.kind == nal::SPS).then(|| sps::size(self.bytes)).flatten()
    }
}

/// By the type of a unit and what is behind its header.
fn starts_key_frame(kind: u8, content: &[u8]) -> bool {
    match kind {
        nal::SPS => true,
        // The first field of a slice is the place of its first block; zero is a single bit.
        nal::IDR => content.first().is_some_and(|first| first & 0x80 != 0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 320 × 180: baseline, order 2, 20 × 12 blocks, cropped by six samples of two lines.
    const SPS: [u8; 9] = [0x67, 0x42, 0xc0, 0x1f, 0xda, 0x05, 0x06, 0x7e, 0x74];
    const PPS: [u8; 4] = [0x68, 0xce, 0x3c, 0x80];

    /// As Chromium begins a key frame: both parameter sets and the first slice.
    fn aggregate() -> Vec<u8> {
        [&[0x78, 0, 9][..], &SPS, &[0, 4], &PPS, &[0, 3, 0x65, 0x88, 0x84]].concat()
    }

    #[test]
    fn parameter_sets_and_a_slice_in_one_packet() {
        let bytes = aggregate();
        let payload = Payload::parse(&bytes).unwrap();
        let Payload::Several(units) = payload else { panic!() };
        let kinds: Vec<_> = units.map(|unit| (unit.kind, unit.bytes.len())).collect();
        assert_eq!(kinds, [(nal::SPS, 9), (nal::PPS, 4), (nal::IDR, 3)]);
        assert!(payload.starts_key_frame());
        assert_eq!(payload.size(), Some(Size { width: 320, height: 180 }));
    }

    #[test]
    fn a_key_frame_begins_with_a_parameter_set_or_the_first_slice() {
        for (bytes, begins, why) in [
            (&SPS[..], true, "a parameter set"),
            (&PPS, false, "of pictures"),
            (&[0x65, 0x88], true, "the first slice"),
            (&[0x65, 0x7f], false, "another slice"),
            (&[0x65], false, "an empty one"),
            (&[0x61, 0x9a], false, "of another frame"),
            (&[0x7c, 0x85, 0x88], true, "the beginning of the first slice"),
            (&[0x7c, 0x05, 0x88], false, "the middle"),
            (&[0x7c, 0x45, 0x88], false, "the end"),
            (&[0x7c, 0x81, 0x9a], false, "the beginning of another frame"),
            (&[0x78, 0, 2, 0x61, 0x9a], false, "another frame in an aggregate"),
            (&[0x79, 0, 0], false, "a form that browsers do not send"),
        ] {
            assert_eq!(Payload::parse(bytes).unwrap().starts_key_frame(), begins, "{why}");
        }
    }

    #[test]
    fn fragments_say_what_they_are_parts_of() {
        assert_eq!(
            Payload::parse(&[0x7c, 0x45, 1, 2]),
            Ok(Payload::Fragment {
                kind: nal::IDR,
                start: false,
                end: true,
                content: &[1, 2]
            })
        );
        assert_eq!(
            Payload::parse(&[0x7c, 0x21]),
            Ok(Payload::Fragment {
                kind: 1,
                start: false,
                end: false,
                content: &[]
            }),
            "the third bit is reserved"
        );
        assert!(matches!(Payload::parse(&[0x77]), Ok(Payload::Single(Unit { kind: 23, .. }))));
        assert_eq!(Payload::parse(&[0x60]), Ok(Payload::Other { kind: 0 }));
        assert_eq!(Payload::parse(&[0x7d, 0x45]), Ok(Payload::Other { kind: 29 }));
    }

    #[test]
    fn cut_payloads_are_refused() {
        assert_eq!(Payload::parse(&[]), Err(Malformed::Short));
        assert_eq!(Payload::parse(&[0x7c]), Err(Malformed::Short));
        assert_eq!(Payload::parse(&[0x78, 0, 0]), Err(Malformed::Length), "an empty unit");
        assert_eq!(Payload::parse(&[0x78, 0]), Err(Malformed::Short));
        let bytes = aggregate();
        assert_eq!(Payload::parse(&bytes[..bytes.len() - 1]), Err(Malformed::Length));
        assert!(Payload::parse(&bytes).is_ok());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_read_or_refused(first in prop_oneof![Just(0x67_u8), Just(0x78), Just(0x7c), any::<u8>()], rest in prop::collection::vec(any::<u8>(), 0..60)) {
            let bytes = [&[first][..], &rest].concat();
            if let Ok(payload) = Payload::parse(&bytes) {
                let _ = payload.size();
                let _ = payload.starts_key_frame();
                if let Payload::Several(units) = payload {
                    prop_assert_eq!(1 + units.map(|unit| 2 + unit.bytes.len()).sum::<usize>(), bytes.len());
                }
            }
        }
    }
}

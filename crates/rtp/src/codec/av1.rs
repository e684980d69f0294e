//! AV1 (RTP Payload Format For AV1, §4.4): the header of an aggregate, and the units in it.

use crate::Malformed;
use crate::bytes::u8_at;

/// The type of a unit that begins a coded sequence, and with it a key frame (AV1 specification §6.2.2).
const SEQUENCE_HEADER: u8 = 1;
/// Bytes of a length that are read: 56 bits (AV1 specification §4.10.5 allows eight).
const LONGEST: usize = 8;

/// A payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payload<'a> {
    /// The first element continues one of the packet before (Z).
    pub continues: bool,
    /// The last element goes on in the next packet (Y).
    pub continued: bool,
    /// A coded sequence begins (N).
    pub new_sequence: bool,
    elements: Elements<'a>,
}

/// Units, or parts of units, of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elements<'a> {
    rest: &'a [u8],
    /// How many there are, where the header says so: the last is without a length then.
    left: Option<u8>,
}

/// The header of a unit (AV1 specification §5.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Of 0 to 15.
    pub kind: u8,
    /// Temporal and spatial layer, where they are said.
    pub layer: Option<(u8, u8)>,
}

impl<'a> Payload<'a> {
    /// Reads a payload.
    ///
    /// # Errors
    /// [`Malformed`] when it is empty, has fewer elements than it says, or begins a sequence in the middle of a unit.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        let (first, rest) = payload.split_first().ok_or(Malformed::Short)?;
        let count = first >> 4 & 3;
        let elements = Elements {
            rest,
            left: (count > 0).then_some(count),
        };
        let mut left = elements;
        while !left.done() {
            (_, left) = left.split()?;
        }
        let payload = Self {
            continues: first & 0x80 != 0,
            continued: first & 0x40 != 0,
            new_sequence: first & 0x08 != 0,
            elements,
        };
        if payload.new_sequence && payload.continues {
            return Err(Malformed::Value);
        }
        Ok(payload)
    }

    /// Units, or parts of units, in their order.
    #[must_use]
    pub fn elements(&self) -> Elements<'a> {
        self.elements
    }

    /// The units that begin here.
    pub fn units(&self) -> impl Iterator<Item = Unit> + 'a {
        self.elements.skip(usize::from(self.continues)).filter_map(Unit::read)
    }

    /// Whether a key frame begins here: it says so, or has the header of a sequence, which stands in front of every key frame.
    #[must_use]
    pub fn starts_key_frame(&self) -> bool {
        self.new_sequence || self.units().any(|unit| unit.kind == SEQUENCE_HEADER)
    }
}

impl<'a> Elements<'a> {
    fn done(&self) -> bool {
        self.left.map_or(self.rest.is_empty(), |left| left == 0)
    }

    fn split(self) -> Result<(&'a [u8], Self), Malformed> {
        let (element, rest) = if self.left == Some(1) {
            (self.rest, &[][..])
        } else {
            let (length, rest) = length(self.rest)?;
            rest.split_at_checked(length).ok_or(Malformed::Length)?
        };
        let left = self.left.map(|left| left.saturating_sub(1));
        Ok((element, Self { rest, left }))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.done() {
            return None;
        }
        let (element, rest) = self.split().ok()?;
        *self = rest;
        Some(element)
    }
}

/// A number in seven bits a byte, the lowest first, and what is behind it (AV1 specification §4.10.5).
fn length(bytes: &[u8]) -> Result<(usize, &[u8]), Malformed> {
    let mut value = 0_u64;
    for place in 0..LONGEST {
        let byte = u8_at(bytes, place).ok_or(Malformed::Short)?;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            let value = usize::try_from(value).map_err(|_| Malformed::Length)?;
            return Ok((value, bytes.get(place + 1..).ok_or(Malformed::Short)?));
        }
    }
    Err(Malformed::Value)
}

impl Unit {
    /// At the beginning of an element.
    fn read(element: &[u8]) -> Option<Self> {
        let first = u8_at(element, 0)?;
        let layer = if first & 0x04 == 0 {
            None
        } else {
            u8_at(element, 1).map(|bits| (bits >> 5, bits >> 3 & 3))
        };
        Some(Self {
            kind: first >> 3 & 0x0f,
            layer,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_frame_as_two_elements() {
        // W=2, N: a sequence header (type 1) of three bytes, and the beginning of a frame (type 6) of layer 1/2.
        let payload = Payload::parse(&[0x68, 3, 0x08, 1, 2, 0x34, 0x30, 9, 9]).unwrap();
        assert!(payload.new_sequence && payload.continued && !payload.continues && payload.starts_key_frame());
        assert_eq!(payload.elements().collect::<Vec<_>>(), [&[0x08, 1, 2][..], &[0x34, 0x30, 9, 9]]);
        let units = [
            Unit { kind: 1, layer: None },
            Unit {
                kind: 6,
                layer: Some((1, 2)),
            },
        ];
        assert_eq!(payload.units().collect::<Vec<_>>(), units);
        let reserved = Unit::read(&[0xb3, 0x30]);
        assert_eq!(reserved, Some(Unit { kind: 6, layer: None }), "bits without a meaning");
    }

    #[test]
    fn elements_have_lengths_when_their_number_is_not_said() {
        let payload = Payload::parse(&[0x00, 1, 0x30, 2, 0x08, 7]).unwrap();
        assert_eq!(payload.elements().collect::<Vec<_>>(), [&[0x30][..], &[0x08, 7]]);
        assert!(payload.starts_key_frame(), "a sequence header, wherever it is");
        // A length in two bytes: 128.
        let long = [&[0x00, 0x80, 0x01][..], &[0x30; 128]].concat();
        assert_eq!(
            Payload::parse(&long).unwrap().elements().map(<[u8]>::len).collect::<Vec<_>>(),
            [128]
        );
        assert_eq!(Payload::parse(&[0x00]).unwrap().elements().count(), 0);
    }

    #[test]
    fn other_packets_do_not_begin_a_key_frame() {
        assert!(!Payload::parse(&[0x10, 0x30, 1]).unwrap().starts_key_frame(), "a frame");
        let reserved = Payload::parse(&[0x17, 0x30, 1]).unwrap();
        assert!(
            !reserved.starts_key_frame() && !reserved.continues && !reserved.continued,
            "bits without a meaning"
        );
        // The middle of a unit, whose first byte looks like the header of a sequence.
        assert!(!Payload::parse(&[0x90, 0x08, 1]).unwrap().starts_key_frame());
        assert!(
            Payload::parse(&[0x10, 0x08, 1]).unwrap().starts_key_frame(),
            "the same as a beginning"
        );
        assert!(Payload::parse(&[0xa0, 1, 9, 0x08]).unwrap().starts_key_frame(), "behind one");
    }

    #[test]
    fn what_promises_more_than_it_has_is_refused() {
        assert_eq!(Payload::parse(&[]), Err(Malformed::Short));
        assert_eq!(Payload::parse(&[0x20, 3, 1]), Err(Malformed::Length));
        assert_eq!(Payload::parse(&[0x20]), Err(Malformed::Short));
        assert_eq!(Payload::parse(&[0x00, 2, 1]), Err(Malformed::Length));
        assert_eq!(Payload::parse(&[0x00, 0x80]), Err(Malformed::Short));
        assert_eq!(
            Payload::parse(&[0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
            Err(Malformed::Value)
        );
        assert_eq!(
            Payload::parse(&[0x98, 1]),
            Err(Malformed::Value),
            "a sequence cannot begin in a unit"
        );
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(payload) = Payload::parse(&bytes) {
                let elements: Vec<_> = payload.elements().collect();
                prop_assert!(elements.len() <= bytes.len());
                prop_assert!(elements.iter().map(|element| element.len()).sum::<usize>() < bytes.len());
                let _ = payload.starts_key_frame();
            }
        }
    }
}

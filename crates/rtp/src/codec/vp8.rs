//! VP8 (RFC 7741 §4.2 and §4.3).

use super::{PictureId, Places, Size};
use crate::Malformed;
use crate::bytes::u8_at;

/// What stands in front of the data of a payload, and what the data says at the beginning of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// No other frame needs this one (N).
    pub non_reference: bool,
    /// A partition begins here (S).
    pub partition_start: bool,
    /// Which partition (PID).
    pub partition: u8,
    /// Grows by one for every picture.
    pub picture_id: Option<PictureId>,
    /// Number of the last picture of the lowest temporal layer (TL0PICIDX).
    pub tl0: Option<u8>,
    /// Temporal layer (TID).
    pub temporal: Option<u8>,
    /// The picture needs nothing but the lowest layer: from here one may go up to its layer (Y). Means something with a temporal layer only.
    pub layer_sync: bool,
    /// Number of the last key frame, of 5 bits (KEYIDX).
    pub key_index: Option<u8>,
    /// This is the beginning of a key frame.
    pub key_frame: bool,
    /// Of the picture, at the beginning of a key frame.
    pub size: Option<Size>,
    /// Bytes before the data.
    pub length: usize,
    /// Where [`Patch`](super::Patch) writes.
    pub places: Places,
}

impl Descriptor {
    /// Whether a frame begins here.
    #[must_use]
    pub fn starts_frame(&self) -> bool {
        self.partition_start && self.partition == 0
    }

    /// Reads the beginning of a payload.
    ///
    /// # Errors
    /// [`Malformed::Short`] when it ends before its descriptor does.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let byte = |at: usize| u8_at(payload, at).ok_or(Malformed::Short);
        // There are few enough bytes that each place fits into one.
        let place = |at: usize| u8::try_from(at).map_err(|_| Malformed::Length);
        let first = byte(0)?;
        let mut length = 1;
        let mut places = Places::default();
        let (mut picture_id, mut tl0, mut layer) = (None, None, None);
        let mut present = 0;
        if first & 0x80 != 0 {
            present = byte(length)?;
            length += 1;
        }
        if present & 0x80 != 0 {
            let (id, width) = PictureId::read(payload, length)?;
            picture_id = Some(id);
            places.picture_id = Some((place(length)?, id.long));
            length += width;
        }
        if present & 0x40 != 0 {
            tl0 = Some(byte(length)?);
            places.tl0 = Some(place(length)?);
            length += 1;
        }
        if present & 0x30 != 0 {
            layer = Some(byte(length)?);
            length += 1;
        }
        let mut descriptor = Self {
            non_reference: first & 0x20 != 0,
            partition_start: first & 0x10 != 0,
            partition: first & 0x07,
            picture_id,
            tl0,
            temporal: layer.filter(|_| present & 0x20 != 0).map(|layer| layer >> 6),
            layer_sync: present & 0x20 != 0 && layer.is_some_and(|layer| layer & 0x20 != 0),
            key_index: layer.filter(|_| present & 0x10 != 0).map(|layer| layer & 0x1f),
            key_frame: false,
            size: None,
            length,
            places,
        };
        let data = payload.get(length..).unwrap_or_default();
        // The lowest bit of a frame is zero in key frames.
        descriptor.key_frame = descriptor.starts_frame() && data.first().is_some_and(|first| first & 1 == 0);
        if descriptor.key_frame {
            descriptor.size = size(data);
        }
        Ok(descriptor)
    }
}

/// Of the picture of a key frame: behind three bytes and a start code, without the two bits of scale (RFC 6386 §9.1).
fn size(data: &[u8]) -> Option<Size> {
    let [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] = *data else {
        return None;
    };
    Some(Size {
        width: u16::from_le_bytes([w0, w1]) & 0x3fff,
        height: u16::from_le_bytes([h0, h1]) & 0x3fff,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Patch;
    use super::*;

    /// As Chromium sends it: extended, with a 15-bit picture id, TL0PICIDX, a layer, and a key frame, here of 641 × 361.
    const KEY_FRAME: [u8; 16] = [
        0x90, 0xe0, 0x92, 0x34, 0x07, 0x20, // S, I L T, picture 0x1234, TL0 7, layer 0 with Y
        0x50, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x81, 0x42, 0x69, 0x81, // scales in the upper bits of width and height
    ];

    #[test]
    fn the_beginning_of_a_key_frame() {
        let descriptor = Descriptor::parse(&KEY_FRAME).unwrap();
        assert!(descriptor.starts_frame() && descriptor.key_frame && descriptor.layer_sync && !descriptor.non_reference);
        assert_eq!(descriptor.picture_id, Some(PictureId { value: 0x1234, long: true }));
        assert_eq!(
            (descriptor.tl0, descriptor.temporal, descriptor.key_index),
            (Some(7), Some(0), None)
        );
        assert_eq!(descriptor.size, Some(Size { width: 641, height: 361 }));
        assert_eq!(descriptor.length, 6);
        assert_eq!(
            descriptor.places,
            Places {
                picture_id: Some((2, true)),
                tl0: Some(4)
            }
        );
    }

    #[test]
    fn other_packets_are_not_the_beginning_of_a_key_frame() {
        for (at, byte, why) in [
            (0, 0x80, "no partition begins"),
            (0, 0x91, "the second partition"),
            (6, 0x51, "an inter frame"),
        ] {
            let mut payload = KEY_FRAME;
            payload[at] = byte;
            let descriptor = Descriptor::parse(&payload).unwrap();
            assert!(!descriptor.key_frame && descriptor.size.is_none(), "{why}");
        }
        // Without a start code the size is not known.
        let mut payload = KEY_FRAME;
        payload[9] = 0;
        let descriptor = Descriptor::parse(&payload).unwrap();
        assert!(descriptor.key_frame && descriptor.size.is_none());
        assert!(
            !Descriptor::parse(&KEY_FRAME[..6]).unwrap().key_frame,
            "nothing behind the descriptor"
        );
    }

    #[test]
    fn fields_are_there_when_their_bits_are() {
        let descriptor = Descriptor::parse(&[0x30, 1]).unwrap();
        assert!(descriptor.non_reference && !descriptor.key_frame);
        assert_eq!((descriptor.length, descriptor.places), (1, Places::default()));
        // A 7-bit id, and a key index without a layer.
        let descriptor = Descriptor::parse(&[0x80, 0x90, 0x7f, 0xff, 1]).unwrap();
        assert_eq!(descriptor.picture_id, Some(PictureId { value: 0x7f, long: false }));
        assert_eq!(
            (descriptor.temporal, descriptor.layer_sync, descriptor.key_index),
            (None, false, Some(0x1f))
        );
        // A layer without a key index.
        let descriptor = Descriptor::parse(&[0x80, 0x20, 0xdf, 1]).unwrap();
        assert_eq!(
            (descriptor.temporal, descriptor.layer_sync, descriptor.key_index),
            (Some(3), false, None)
        );
    }

    #[test]
    fn bits_that_are_reserved_mean_nothing() {
        let mut payload = KEY_FRAME;
        payload[0] |= 0x48;
        payload[1] |= 0x0f;
        assert_eq!(Descriptor::parse(&payload), Descriptor::parse(&KEY_FRAME));
        let descriptor = Descriptor::parse(&[0x80, 0x0f, 1]).unwrap();
        assert_eq!((descriptor.length, descriptor.places), (2, Places::default()));
        assert_eq!((descriptor.temporal, descriptor.key_index), (None, None));
        // The number of a partition is no sign of an extension.
        let descriptor = Descriptor::parse(&[0x07, 0xff]).unwrap();
        assert_eq!((descriptor.partition, descriptor.length), (7, 1));
        assert!(!descriptor.partition_start && !descriptor.non_reference);
        // Only a key index.
        let descriptor = Descriptor::parse(&[0x80, 0x1f, 0xff, 1]).unwrap();
        assert_eq!(
            (descriptor.temporal, descriptor.layer_sync, descriptor.key_index),
            (None, false, Some(0x1f))
        );
        // Only a layer, whose lower bits are then no key index.
        let descriptor = Descriptor::parse(&[0x80, 0x2f, 0x3f, 1]).unwrap();
        assert_eq!(
            (descriptor.temporal, descriptor.layer_sync, descriptor.key_index),
            (Some(0), true, None)
        );
    }

    #[test]
    fn a_cut_descriptor_is_refused() {
        for length in 0..6 {
            assert_eq!(Descriptor::parse(&KEY_FRAME[..length]), Err(Malformed::Short), "{length}");
        }
        assert!(Descriptor::parse(&KEY_FRAME[..6]).is_ok());
    }

    proptest! {
        #[test]
        fn numbers_are_changed_and_nothing_else(first: u8, present: u8, rest in prop::collection::vec(any::<u8>(), 0..20), picture_id: u16, tl0: u8) {
            let payload = [&[first, present][..], &rest].concat();
            if let Ok(before) = Descriptor::parse(&payload) {
                let mut changed = payload.clone();
                Patch { picture_id, tl0 }.apply(before.places, &mut changed);
                let after = Descriptor::parse(&changed).unwrap();
                let mask = |id: PictureId| PictureId { value: picture_id & if id.long { 0x7fff } else { 0x7f }, ..id };
                let expected = Descriptor { picture_id: before.picture_id.map(mask), tl0: before.tl0.map(|_| tl0), ..before };
                prop_assert_eq!(after, expected);
                let width = before.picture_id.map_or(0, |id| 1 + usize::from(id.long)) + usize::from(before.tl0.is_some());
                prop_assert!(payload.iter().zip(&changed).filter(|(a, b)| a != b).count() <= width);
            }
        }
    }
}

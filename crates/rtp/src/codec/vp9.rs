//! VP9 (RFC 9628 §4.2).

use super::{PictureId, Places, Size};
use crate::Malformed;
use crate::bytes::u8_at;

/// Pictures that one may refer to.
const REFERENCES: usize = 3;

/// What stands in front of the data of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor<'a> {
    /// Grows by one for every picture; the same for all spatial layers of one (I).
    pub picture_id: Option<PictureId>,
    /// The frame needs earlier pictures (P).
    pub inter_predicted: bool,
    /// References are named one by one, and there is no TL0PICIDX (F).
    pub flexible: bool,
    /// The frame of a layer begins here (B).
    pub begin: bool,
    /// The frame of a layer ends here (E).
    pub end: bool,
    /// Higher spatial layers of the picture do not need this one (Z).
    pub not_reference: bool,
    /// Which layer (L).
    pub layer: Option<Layer>,
    /// Number of the last picture of the lowest temporal layer.
    pub tl0: Option<u8>,
    /// How many pictures back the references are; zero where there is none. In flexible mode.
    pub references: [u8; REFERENCES],
    /// What layers there are (V).
    pub structure: Option<Structure<'a>>,
    /// Bytes before the data.
    pub length: usize,
    /// Where [`Patch`](super::Patch) writes.
    pub places: Places,
}

/// Which layer a frame is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    /// Of 0 to 7 (TID).
    pub temporal: u8,
    /// From here one may go up to this temporal layer (U).
    pub switching_up: bool,
    /// Of 0 to 7 (SID).
    pub spatial: u8,
    /// The frame needs the next lower spatial layer of its picture (D).
    pub inter_layer: bool,
}

/// The layers of a stream (SS).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Structure<'a> {
    /// 1 to 8.
    pub spatial_layers: u8,
    sizes: &'a [[u8; 4]],
}

impl<'a> Structure<'a> {
    /// Of the pictures of each spatial layer, from the lowest; empty when they are not said.
    pub fn sizes(&self) -> impl ExactSizeIterator<Item = Size> + Clone + 'a {
        self.sizes.iter().map(|[w0, w1, h0, h1]| Size {
            width: u16::from_be_bytes([*w0, *w1]),
            height: u16::from_be_bytes([*h0, *h1]),
        })
    }

    /// At this place. With it, the place behind.
    fn read(payload: &'a [u8], mut at: usize) -> Result<(Self, usize), Malformed> {
        let first = u8_at(payload, at).ok_or(Malformed::Short)?;
        at += 1;
        let spatial_layers = (first >> 5) + 1;
        let mut sizes: &[[u8; 4]] = &[];
        if first & 0x10 != 0 {
            let end = at + 4 * usize::from(spatial_layers);
            (sizes, _) = payload.get(at..end).ok_or(Malformed::Short)?.as_chunks();
            at = end;
        }
        if first & 0x08 != 0 {
            let pictures = u8_at(payload, at).ok_or(Malformed::Short)?;
            at += 1;
            for _ in 0..pictures {
                let references = u8_at(payload, at).ok_or(Malformed::Short)? >> 2 & 3;
                at += 1 + usize::from(references);
            }
            if at > payload.len() {
                return Err(Malformed::Short);
            }
        }
        Ok((Self { spatial_layers, sizes }, at))
    }
}

impl<'a> Descriptor<'a> {
    /// Whether a key frame begins here: of the lowest spatial layer, and without need of earlier pictures.
    #[must_use]
    pub fn starts_key_frame(&self) -> bool {
        self.begin && !self.inter_predicted && self.layer.is_none_or(|layer| layer.spatial == 0)
    }

    /// Reads the beginning of a payload.
    ///
    /// # Errors
    /// [`Malformed::Short`] when it ends before its descriptor does, [`Malformed::Count`] when it names more than three references.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        let byte = |at: usize| u8_at(payload, at).ok_or(Malformed::Short);
        // Both numbers are among the first five bytes.
        let place = |at: usize| u8::try_from(at).map_err(|_| Malformed::Length);
        let first = byte(0)?;
        let has = |bit: u8| first & bit != 0;
        let mut length = 1;
        let mut places = Places::default();
        let (mut picture_id, mut layer, mut tl0, mut structure) = (None, None, None, None);
        let mut references = [0; REFERENCES];
        if has(0x80) {
            let (id, width) = PictureId::read(payload, length)?;
            picture_id = Some(id);
            places.picture_id = Some((place(length)?, id.long));
            length += width;
        }
        if has(0x20) {
            let bits = byte(length)?;
            length += 1;
            layer = Some(Layer {
                temporal: bits >> 5,
                switching_up: bits & 0x10 != 0,
                spatial: bits >> 1 & 7,
                inter_layer: bits & 1 != 0,
            });
            if !has(0x10) {
                tl0 = Some(byte(length)?);
                places.tl0 = Some(place(length)?);
                length += 1;
            }
        }
        if has(0x40) && has(0x10) {
            let mut more = true;
            for reference in &mut references {
                if more {
                    let bits = byte(length)?;
                    length += 1;
                    *reference = bits >> 1;
                    more = bits & 1 != 0;
                }
            }
            if more {
                return Err(Malformed::Count);
            }
        }
        if has(0x02) {
            let (read, behind) = Structure::read(payload, length)?;
            structure = Some(read);
            length = behind;
        }
        Ok(Self {
            picture_id,
            inter_predicted: has(0x40),
            flexible: has(0x10),
            begin: has(0x08),
            end: has(0x04),
            not_reference: has(0x01),
            layer,
            tl0,
            references,
            structure,
            length,
            places,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Patch;
    use super::*;

    /// As Chromium begins a key frame of two spatial layers in non-flexible mode.
    #[rustfmt::skip]
    const KEY_FRAME: [u8; 21] = [
        0xaa, 0x92, 0x34, 0x10, 0x07,                          // I L B V, picture 0x1234, layer 0/0 with U, TL0 7
        0x38, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68,  // two layers: 320 × 180, 640 × 360
        0x02, 0x10, 0x24, 0x01,                                // two pictures, the second with one reference
        0x82, 0x49, 0x83,
    ];

    #[test]
    fn the_beginning_of_a_key_frame() {
        let descriptor = Descriptor::parse(&KEY_FRAME).unwrap();
        assert!(descriptor.starts_key_frame() && descriptor.begin && !descriptor.end && !descriptor.flexible);
        assert_eq!(descriptor.picture_id.map(|id| (id.value, id.long)), Some((0x1234, true)));
        let layer = Layer {
            temporal: 0,
            switching_up: true,
            spatial: 0,
            inter_layer: false,
        };
        assert_eq!((descriptor.layer, descriptor.tl0), (Some(layer), Some(7)));
        let structure = descriptor.structure.unwrap();
        let sizes: Vec<_> = structure.sizes().map(|size| (size.width, size.height)).collect();
        assert_eq!((structure.spatial_layers, sizes), (2, vec![(320, 180), (640, 360)]));
        assert_eq!(descriptor.length, 18);
        assert_eq!(
            descriptor.places,
            Places {
                picture_id: Some((1, true)),
                tl0: Some(4)
            }
        );
    }

    #[test]
    fn a_frame_of_a_higher_layer_or_with_references_is_no_key_frame() {
        // P
        assert!(!Descriptor::parse(&[0xe8, 0x01, 0x00, 0x07]).unwrap().starts_key_frame());
        // Not the beginning
        assert!(!Descriptor::parse(&[0xa4, 0x01, 0x00, 0x07]).unwrap().starts_key_frame());
        // Spatial layer 1, which needs layer 0
        let upper = Descriptor::parse(&[0xac, 0x01, 0x03, 0x07]).unwrap();
        assert!(!upper.starts_key_frame());
        assert_eq!(upper.layer.map(|layer| (layer.spatial, layer.inter_layer)), Some((1, true)));
        let alone = Descriptor::parse(&[0xac, 0x01, 0x02, 0x07]).unwrap();
        assert_eq!(alone.layer.map(|layer| (layer.spatial, layer.inter_layer)), Some((1, false)));
        assert!(Descriptor::parse(&[0xac, 0x01, 0x00, 0x07]).unwrap().starts_key_frame());
        assert!(Descriptor::parse(&[0x08]).unwrap().starts_key_frame(), "without layers");
        assert!(!Descriptor::parse(&[0x08]).unwrap().not_reference);
        let descriptor = Descriptor::parse(&[0x01]).unwrap();
        assert!(descriptor.not_reference && !descriptor.inter_predicted && !descriptor.begin && !descriptor.end && !descriptor.flexible);
    }

    #[test]
    fn flexible_mode_names_up_to_three_references() {
        let payload = [0xf8, 0x01, 0xd0, 0x03, 0x05, 0x06, 0xff];
        let descriptor = Descriptor::parse(&payload).unwrap();
        assert_eq!((descriptor.references, descriptor.length, descriptor.tl0), ([1, 2, 3], 6, None));
        assert_eq!(descriptor.layer.map(|layer| (layer.temporal, layer.switching_up)), Some((6, true)));
        let switching_up = |bits| Descriptor::parse(&[0x30, bits]).unwrap().layer.map(|layer| layer.switching_up);
        assert_eq!((switching_up(0xef), switching_up(0x10)), (Some(false), Some(true)));
        assert_eq!(
            Descriptor::parse(&[0xf8, 0x01, 0xd0, 0x03, 0x05, 0x07, 0xff]),
            Err(Malformed::Count)
        );
        // One, and nothing behind it.
        assert_eq!(Descriptor::parse(&payload[..4]), Err(Malformed::Short));
        let one = Descriptor::parse(&[0xf8, 0x01, 0xd0, 0x02]).unwrap();
        assert_eq!((one.references, one.length), ([1, 0, 0], 4));
    }

    #[test]
    fn a_bit_is_one_field_and_no_other() {
        // Not a reference, with P but not F: no reference is named.
        let descriptor = Descriptor::parse(&[0x41, 0xff]).unwrap();
        assert!(descriptor.inter_predicted && !descriptor.flexible && !descriptor.begin && !descriptor.end);
        assert_eq!((descriptor.length, descriptor.layer, descriptor.picture_id), (1, None, None));
        // A structure whose reserved bits are set, and nothing else.
        let descriptor = Descriptor::parse(&[0x02, 0x27]).unwrap();
        let structure = descriptor.structure.unwrap();
        assert_eq!((structure.spatial_layers, structure.sizes().count(), descriptor.length), (2, 0, 2));
        // Sizes, and nothing behind them.
        let sizes = [0x02, 0x10, 1, 2, 3, 4];
        assert_eq!(Descriptor::parse(&sizes).map(|descriptor| descriptor.length), Ok(6));
        assert_eq!(Descriptor::parse(&sizes[..5]), Err(Malformed::Short));
    }

    #[test]
    fn a_cut_descriptor_is_refused() {
        for length in 0..18 {
            assert_eq!(Descriptor::parse(&KEY_FRAME[..length]), Err(Malformed::Short), "{length}");
        }
        assert!(Descriptor::parse(&KEY_FRAME[..18]).is_ok());
    }

    proptest! {
        #[test]
        fn numbers_are_changed_and_nothing_else(first: u8, rest in prop::collection::vec(any::<u8>(), 0..60), picture_id: u16, tl0: u8) {
            let payload = [&[first][..], &rest].concat();
            if let Ok(before) = Descriptor::parse(&payload) {
                prop_assert!(before.length <= payload.len());
                let mut changed = payload.clone();
                Patch { picture_id, tl0 }.apply(before.places, &mut changed);
                let after = Descriptor::parse(&changed).unwrap();
                let mask = |id: PictureId| PictureId { value: picture_id & if id.long { 0x7fff } else { 0x7f }, ..id };
                let expected = Descriptor { picture_id: before.picture_id.map(mask), tl0: before.tl0.map(|_| tl0), ..before };
                prop_assert_eq!(after, expected);
            }
        }
    }
}

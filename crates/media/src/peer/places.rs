//! Where the numbers of pictures stand in a packet of VP8 (RFC 7741 §4.2), so that they are overwritten in a receiver's copy.

/// The places in one payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Places {
    /// First byte of the picture number, and whether it has two.
    picture: Option<(u8, bool)>,
    tl0: Option<u8>,
}

impl Places {
    /// Finds them. Nothing when the descriptor is cut.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let mut places = Self { picture: None, tl0: None };
        if payload.first()? & 0x80 == 0 {
            return Some(places);
        }
        let flags = payload.get(1)?;
        let mut at = 2_u8;
        if flags & 0x80 != 0 {
            let wide = payload.get(usize::from(at))? & 0x80 != 0;
            places.picture = Some((at, wide));
            at += if wide { 2 } else { 1 };
        }
        if flags & 0x40 != 0 {
            payload.get(usize::from(at))?;
            places.tl0 = Some(at);
        }
        Some(places)
    }

    /// Overwrites them in a copy of that payload; of the number of a picture as many bits as there is room for.
    pub(crate) fn write(self, copy: &mut [u8], picture: Option<u16>, tl0: Option<u8>) {
        if let (Some((at, wide)), Some(picture)) = (self.picture, picture) {
            let [high, low] = picture.to_be_bytes();
            let at = usize::from(at);
            match (wide, copy.get_mut(at..)) {
                (true, Some([first, second, ..])) => (*first, *second) = (high | 0x80, low),
                (false, Some([only, ..])) => *only = low & 0x7f,
                _ => {}
            }
        }
        if let (Some(at), Some(tl0)) = (self.tl0, tl0)
            && let Some(byte) = copy.get_mut(usize::from(at))
        {
            *byte = tl0;
        }
    }
}

#[cfg(test)]
mod tests {
    use str0m::rtp::Vp8Descriptor;

    use super::*;

    #[test]
    fn the_numbers_that_were_written_are_read_by_others() {
        // With a picture number of 15 bits, of 7 bits, and without.
        for (payload, width) in [
            (vec![0x90, 0xe0, 0x81, 0x02, 7, 0x20, 0x10, 0x20], 0x7fff),
            (vec![0x90, 0xe0, 0x01, 7, 0x20, 0x10, 0x20], 0x7f),
            (vec![0x90, 0x60, 7, 0x20, 0x10, 0x20], 0),
        ] {
            let places = Places::read(&payload).unwrap();
            let mut copy = payload.clone();
            places.write(&mut copy, Some(0x1234), Some(9));
            let read = Vp8Descriptor::parse(&copy).unwrap();
            assert_eq!(read.picture_id(), (width > 0).then_some(0x1234 & width));
            assert_eq!(read.tl0_pic_idx(), Some(9));
            assert_eq!(copy[copy.len() - 2..], payload[payload.len() - 2..], "the rest is as it was");
        }
    }

    #[test]
    fn a_cut_descriptor_has_no_places() {
        for cut in [&[][..], &[0x80], &[0x80, 0x80], &[0x80, 0xc0, 0x81, 0x02]] {
            assert_eq!(Places::read(cut), None, "{cut:?}");
        }
        let mut short = [0x10];
        Places::read(&[0x90, 0x80, 0x81, 0x02]).unwrap().write(&mut short, Some(1), None);
        assert_eq!(short, [0x10], "a copy that is shorter is left as it is");
    }
}

//! Payloads.

use alloc::vec;
use alloc::vec::Vec;

use crate::codec::h264::Payload;
use crate::codec::{Patch, Places, av1, opus, red, rtx, vp8, vp9};

/// A change that makes every bit of a number differ from zero.
const PATCH: Patch = Patch {
    picture_id: 0xffff,
    tl0: 0xff,
};

/// The payload with its numbers changed; nothing but their bytes may differ.
fn patched(payload: &[u8], places: Places) -> Vec<u8> {
    let mut changed = payload.to_vec();
    PATCH.apply(places, &mut changed);
    let here = |at: usize| {
        let id = places
            .picture_id
            .is_some_and(|(from, long)| (usize::from(from)..=usize::from(from) + usize::from(long)).contains(&at));
        id || places.tl0.is_some_and(|from| usize::from(from) == at)
    };
    for (at, (before, after)) in payload.iter().zip(&changed).enumerate() {
        assert!(before == after || here(at), "{at}");
    }
    changed
}

pub(super) fn vp8(bytes: &[u8]) {
    let Ok(read) = vp8::Descriptor::parse(bytes) else { return };
    assert!(read.length <= bytes.len() && read.length <= 6);
    assert!(read.starts_frame() || !read.key_frame);
    assert!(read.key_frame || read.size.is_none());
    let again = vp8::Descriptor::parse(&patched(bytes, read.places));
    let numbers = (
        read.picture_id.map(|id| if id.long { 0x7fff } else { 0x7f }),
        read.tl0.map(|_| 0xff),
    );
    assert_eq!(again.map(|again| (again.picture_id.map(|id| id.value), again.tl0)), Ok(numbers));
}

pub(super) fn vp9(bytes: &[u8]) {
    let Ok(read) = vp9::Descriptor::parse(bytes) else { return };
    assert!(read.length <= bytes.len());
    if let Some(structure) = read.structure {
        let sizes = structure.sizes().count();
        assert!(sizes == 0 || sizes == usize::from(structure.spatial_layers));
    }
    let changed = patched(bytes, read.places);
    let again = vp9::Descriptor::parse(&changed);
    let numbers = (
        read.picture_id.map(|id| if id.long { 0x7fff } else { 0x7f }),
        read.tl0.map(|_| 0xff),
        read.length,
    );
    assert_eq!(
        again.map(|again| (again.picture_id.map(|id| id.value), again.tl0, again.length)),
        Ok(numbers)
    );
}

pub(super) fn h264(bytes: &[u8]) {
    let Ok(payload) = Payload::parse(bytes) else { return };
    let size = payload.size();
    assert!(size.is_none_or(|size| size.width > 0 && size.height > 0));
    assert!(size.is_none() || payload.starts_key_frame(), "a parameter set begins a key frame");
    if let Payload::Several(units) = payload {
        let taken: usize = units.map(|unit| 2 + unit.bytes.len()).sum();
        assert_eq!(1 + taken, bytes.len());
    }
}

pub(super) fn av1(bytes: &[u8]) {
    let Ok(payload) = av1::Payload::parse(bytes) else { return };
    let taken: usize = payload.elements().map(<[u8]>::len).sum();
    assert!(taken < bytes.len());
    assert!(payload.elements().count() <= bytes.len());
    assert!(payload.units().count() <= payload.elements().count());
    assert!(payload.starts_key_frame() || !payload.new_sequence);
}

pub(super) fn opus(bytes: &[u8]) {
    let toc = opus::Toc::parse(bytes);
    if let Ok(toc) = toc {
        assert!((1..=48).contains(&toc.frames) && (120..=5_760).contains(&toc.samples));
    }
    assert!(toc.is_ok() || opus::has_fec(bytes).is_none());
    assert_eq!(opus::is_silence(bytes), bytes.len() == 1 || bytes.len() == 2);
    let mut room = vec![0; bytes.len() + 2];
    let length = rtx::write(&mut room, 7, bytes);
    assert_eq!(length, Ok(bytes.len() + 2));
    assert_eq!(rtx::read(&room), Some((7, bytes)));
}

pub(super) fn red(bytes: &[u8]) {
    let Ok(blocks) = red::blocks(bytes) else { return };
    let all: Vec<_> = blocks.clone().collect();
    let Some((newest, redundant)) = all.split_last() else {
        assert!(!all.is_empty(), "there is always the newest");
        return;
    };
    assert_eq!((newest.age, blocks.primary()), (0, Some(*newest)));
    let mut room = vec![0; bytes.len()];
    let length = red::write(&mut room, redundant, newest.payload_type, newest.data);
    assert_eq!(length, Ok(bytes.len()));
    assert_eq!(room, bytes, "there is one way to write it");
}

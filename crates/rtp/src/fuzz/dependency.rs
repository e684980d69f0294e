//! Dependency descriptors: one that may bring a structure, and one that follows it.

use alloc::vec;

use crate::dependency::{Change, Descriptor, Mandatory, Structure, rewrite, set_frame_number};

/// The first byte is the length of the first descriptor; the second is what is behind it.
pub(super) fn descriptor(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first() else { return };
    let (first, second) = rest.split_at_checked(usize::from(*length)).unwrap_or((rest, &[]));
    let mut kept = None;
    if let Ok(read) = Descriptor::parse(first, None) {
        check(first, &read, None);
        kept = read.structure;
    }
    if let Ok(read) = Descriptor::parse(second, kept.as_deref()) {
        check(second, &read, kept.as_deref());
    }
}

fn check(value: &[u8], read: &Descriptor, kept: Option<&Structure>) {
    assert_eq!(Mandatory::read(value), Some(read.mandatory));
    let Some(structure) = read.structure.as_deref().or(kept) else {
        assert!(read.structure.is_some(), "nothing is read without a structure");
        return;
    };
    let targets = structure.targets();
    assert!((1..=32).contains(&targets) && structure.chains() <= targets && (1..=64).contains(&structure.templates().len()));
    assert_eq!(read.frame.indications.iter().count(), usize::from(targets));
    assert_eq!(read.frame.chains.as_slice().len(), usize::from(structure.chains()));
    assert!(read.active.is_none_or(|active| active & !structure.all_targets() == 0));
    for target in 0..=targets {
        let chain = structure.chain(target);
        assert_eq!(chain.is_some(), target < targets && structure.chains() > 0);
        assert!(chain.is_none_or(|chain| read.frame.chains.get(chain).is_some()));
        let _ = (structure.layer(target), read.before_in_chain(structure, target));
        assert!(read.frame.belongs_to(target) || !read.frame.is_switch_point(target));
    }
    let best = structure.target_within(3, 7, structure.all_targets());
    assert!(best.is_none_or(|target| target < targets));
    assert_eq!(read.needs().count(), read.frame.diffs.as_slice().len());
    for active in [None, Some(0), Some(0xaaaa_aaaa)] {
        changed(value, read, kept, active);
    }
}

/// A change changes what it says and nothing else.
fn changed(value: &[u8], read: &Descriptor, kept: Option<&Structure>, active: Option<u32>) {
    let change = Change {
        frame_number: !read.mandatory.frame_number,
        active,
    };
    let mut room = vec![0xff; value.len() + 5];
    let written = rewrite(&mut room, value, read, &change);
    assert!(written.is_ok());
    let again = written.ok().and_then(|length| Descriptor::parse(room.get(..length)?, kept).ok());
    let Some(again) = again else {
        assert!(again.is_some(), "what was written is read");
        return;
    };
    let all = read.structure.as_deref().or(kept).map_or(0, Structure::all_targets);
    assert_eq!(again.active, active.map(|active| active & all).or(read.active));
    assert_eq!(
        (again.mandatory.frame_number, again.mandatory.template),
        (change.frame_number, read.mandatory.template)
    );
    assert_eq!((again.frame, again.size), (read.frame, read.size));
    assert_eq!(again.structure, read.structure);
    let mut place = value.to_vec();
    set_frame_number(&mut place, change.frame_number);
    assert_eq!(Mandatory::read(&place), Some(again.mandatory));
}

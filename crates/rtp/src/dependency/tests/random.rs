//! Structures and frames of all shapes, written by an encoder of the tests, read, changed and read again.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::bits::BitsOut;

/// What a descriptor is to say.
#[derive(Debug, Clone)]
struct Plan {
    offset: u8,
    targets: usize,
    chains: usize,
    /// `next_layer_idc` between templates.
    steps: Vec<u8>,
    /// For templates and for the frame: indications, diffs, chains; taken round.
    indications: Vec<u8>,
    diffs: Vec<Vec<u16>>,
    chain_diffs: Vec<u8>,
    protected: Vec<u8>,
    sizes: Option<Vec<(u16, u16)>>,
    frame_number: u16,
    template: usize,
    active: Option<u32>,
    own: (bool, bool, bool),
}

prop_compose! {
    fn plan()(
        offset in 0..64_u8, targets in 1..=32_usize, chains in 0..=32_usize, steps in vec(0..3_u8, 0..12), indications in vec(0..4_u8, 1..60),
        diffs in vec(vec(1..=16_u16, 0..4), 13), chain_diffs in vec(0..16_u8, 1..40), protected in vec(any::<u8>(), 32),
        sizes in prop::option::of(vec(any::<(u16, u16)>(), 4)), frame_number: u16, template: prop::sample::Index, active in prop::option::of(any::<u32>()), own: (bool, bool, bool),
    ) -> Plan {
        // No more layers than there can be.
        let (mut spatial, mut temporal) = (0, 0);
        let steps: Vec<u8> = steps.into_iter().filter(|step| {
            let fits = match step { 1 => temporal < 7, 2 => spatial < 3, _ => true };
            match step { 1 if fits => temporal += 1, 2 if fits => { spatial += 1; temporal = 0; } _ => {} }
            fits
        }).collect();
        let template = template.index(steps.len() + 1);
        Plan { offset, targets, chains: chains.min(targets), steps, indications, diffs, chain_diffs, protected, sizes, frame_number, template, active, own }
    }
}

fn put_one_of(out: &mut BitsOut<'_>, values: u32, value: u32) {
    let width = 32 - values.leading_zeros() as usize;
    let short = (1_u32 << width) - values;
    if value < short {
        out.put(value, width - 1).unwrap();
    } else {
        out.put(value + short, width).unwrap();
    }
}

impl Plan {
    fn round<T: Copy>(list: &[T], at: usize) -> T {
        list[at % list.len()]
    }

    fn mask(&self) -> u32 {
        u32::MAX >> (32 - self.targets)
    }

    fn encode(&self, structure: bool) -> Vec<u8> {
        let mut room = vec![0xff; 2_000];
        let mut out = BitsOut::new(&mut room);
        out.put(0b11, 2).unwrap();
        out.put((u32::from(self.offset) + self.template as u32) % 64, 6).unwrap();
        out.put(u32::from(self.frame_number), 16).unwrap();
        if !structure && self.active.is_none() && self.own == (false, false, false) {
            let length = out.length();
            return room[..length].to_vec();
        }
        for flag in [structure, self.active.is_some(), self.own.0, self.own.1, self.own.2] {
            out.put(u32::from(flag), 1).unwrap();
        }
        if structure {
            self.encode_structure(&mut out);
        }
        if let Some(active) = self.active {
            out.put(active & self.mask(), self.targets).unwrap();
        }
        if self.own.0 {
            for target in 0..self.targets {
                out.put(u32::from(Self::round(&self.indications, target)), 2).unwrap();
            }
        }
        if self.own.1 {
            // Two more, which need more bits.
            for (width, diff) in self
                .own_diffs()
                .into_iter()
                .map(|diff| ((u16::BITS - (diff - 1).leading_zeros()).div_ceil(4).max(1), diff))
            {
                out.put(width, 2).unwrap();
                out.put(u32::from(diff - 1), 4 * width as usize).unwrap();
            }
            out.put(0, 2).unwrap();
        }
        if self.own.2 {
            for chain in 0..self.chains {
                out.put(255 - u32::from(Self::round(&self.chain_diffs, chain)), 8).unwrap();
            }
        }
        let length = out.length();
        room[..length].to_vec()
    }

    fn own_diffs(&self) -> Vec<u16> {
        [&self.diffs[0][..], &[17, 4_096]].concat()
    }

    fn encode_structure(&self, out: &mut BitsOut<'_>) {
        out.put(u32::from(self.offset), 6).unwrap();
        out.put(self.targets as u32 - 1, 5).unwrap();
        for step in self.steps.iter().chain(&[3]) {
            out.put(u32::from(*step), 2).unwrap();
        }
        let templates = self.steps.len() + 1;
        for at in 0..templates * self.targets {
            out.put(u32::from(Self::round(&self.indications, at)), 2).unwrap();
        }
        for diffs in &self.diffs[..templates] {
            for diff in diffs {
                out.put(1, 1).unwrap();
                out.put(u32::from(*diff) - 1, 4).unwrap();
            }
            out.put(0, 1).unwrap();
        }
        put_one_of(out, self.targets as u32 + 1, self.chains as u32);
        if self.chains > 0 {
            for target in 0..self.targets {
                put_one_of(out, self.chains as u32, u32::from(self.protected[target]) % self.chains as u32);
            }
            for at in 0..templates * self.chains {
                out.put(u32::from(Self::round(&self.chain_diffs, at)), 4).unwrap();
            }
        }
        out.put(u32::from(self.sizes.is_some()), 1).unwrap();
        if let Some(sizes) = &self.sizes {
            let spatial = self.steps.iter().filter(|step| **step == 2).count();
            for (width, height) in &sizes[..=spatial] {
                out.put(u32::from(*width), 16).unwrap();
                out.put(u32::from(*height), 16).unwrap();
            }
        }
    }

    fn check(&self, read: &Descriptor, structure: &Structure) {
        let code = |indication| match indication {
            Indication::NotPresent => 0,
            Indication::Discardable => 1,
            Indication::Switch => 2,
            Indication::Required => 3,
        };
        assert_eq!(
            (usize::from(structure.targets()), usize::from(structure.chains())),
            (self.targets, self.chains)
        );
        for target in 0..self.targets {
            let expected = (self.chains > 0).then(|| self.protected[target] % self.chains.max(1) as u8);
            assert_eq!(structure.chain(target as u8), expected);
            let from = if self.own.0 { 0 } else { self.template * self.targets };
            assert_eq!(
                code(read.frame.indication(target as u8)),
                Self::round(&self.indications, from + target)
            );
        }
        assert_eq!(code(read.frame.indication(structure.targets())), 0, "there is no such target");
        let diffs = if self.own.1 {
            self.own_diffs()
        } else {
            self.diffs[self.template].clone()
        };
        assert_eq!(read.frame.diffs.as_slice(), diffs);
        let chains: Vec<u8> = (0..self.chains)
            .map(|chain| match self.own.2 {
                true => 255 - Self::round(&self.chain_diffs, chain),
                false => Self::round(&self.chain_diffs, self.template * self.chains + chain),
            })
            .collect();
        assert_eq!(read.frame.chains.as_slice(), chains);
        let spatial = self.steps[..self.template].iter().filter(|step| **step == 2).count();
        let temporal = self.steps[..self.template]
            .iter()
            .rev()
            .take_while(|step| **step != 2)
            .filter(|step| **step == 1)
            .count();
        assert_eq!(
            (usize::from(read.frame.spatial), usize::from(read.frame.temporal)),
            (spatial, temporal)
        );
        let size = self
            .sizes
            .as_ref()
            .map(|sizes| (sizes[spatial].0.saturating_add(1), sizes[spatial].1.saturating_add(1)));
        assert_eq!(read.size.map(|size| (size.width, size.height)), size);
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_with_its_structure_or_the_kept_one(plan in plan()) {
        let value = plan.encode(true);
        let first = Descriptor::parse(&value, None).unwrap();
        let structure = first.structure.as_deref().unwrap();
        plan.check(&first, structure);
        prop_assert_eq!(first.active, Some(plan.active.unwrap_or(u32::MAX) & plan.mask()));
        let value = plan.encode(false);
        let later = Descriptor::parse(&value, Some(structure)).unwrap();
        plan.check(&later, structure);
        prop_assert_eq!(later.active, plan.active.map(|active| active & plan.mask()));
    }

    #[test]
    fn a_change_changes_nothing_else(plan in plan(), with_structure: bool, frame_number: u16, active in prop::option::of(any::<u32>())) {
        let kept = *Descriptor::parse(&plan.encode(true), None).unwrap().structure.unwrap();
        let value = plan.encode(with_structure);
        let before = Descriptor::parse(&value, Some(&kept)).unwrap();
        let mut out = [0xff; 2_000];
        let length = rewrite(&mut out, &value, &before, &Change { frame_number, active }).unwrap();
        prop_assert!(length <= value.len() + 5);
        let after = Descriptor::parse(&out[..length], Some(&kept)).unwrap();
        prop_assert_eq!(after.mandatory, Mandatory { frame_number, ..before.mandatory });
        prop_assert_eq!(after.active, active.map(|active| active & plan.mask()).or(before.active));
        prop_assert_eq!((after.structure, after.frame, after.size), (before.structure, before.frame, before.size));
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(plan in plan(), bytes in vec(any::<u8>(), 0..80), flags in 0..32_u8) {
        let kept = *Descriptor::parse(&plan.encode(true), None).unwrap().structure.unwrap();
        let mut value = bytes;
        if let Some(byte) = value.get_mut(3) {
            *byte = flags << 3 | *byte & 7;
        }
        for kept in [None, Some(&kept)] {
            if let Ok(read) = Descriptor::parse(&value, kept) {
                let structure = read.structure.as_deref().or(kept).unwrap();
                prop_assert_eq!(read.frame.indications.iter().count(), usize::from(structure.targets()));
                prop_assert_eq!(read.frame.chains.as_slice().len(), usize::from(structure.chains()));
                prop_assert!((0..structure.targets()).all(|target| structure.chain(target).is_none_or(|chain| chain < structure.chains())));
            }
        }
    }
}

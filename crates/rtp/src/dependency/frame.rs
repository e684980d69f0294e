//! What a frame is part of and needs: of a template, or of one frame.

use super::MOST_TARGETS;
use crate::Malformed;
use crate::bits::Bits;

/// References that a frame can have. No video format has more reference pictures; a descriptor that names more is refused.
const MOST_DIFFS: usize = 16;

/// What a frame is part of and needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Frame {
    /// Spatial layer, 0 to 3.
    pub spatial: u8,
    /// Temporal layer, 0 to 7.
    pub temporal: u8,
    /// What it is to each decode target.
    pub indications: Indications,
    /// How many frames back those are that it refers to.
    pub diffs: Diffs,
    /// How many frames back the one before it in each chain is; zero where none is needed.
    pub chains: Chains,
}

/// What a frame is to a decode target (table A.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Indication {
    /// Not part of it.
    #[default]
    NotPresent,
    /// Part of it, and needed by no other frame of it.
    Discardable,
    /// Part of it; with this frame one may switch to it, as what follows needs nothing before.
    Switch,
    /// Part of it, and needed.
    Required,
}

/// One for each decode target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Indications {
    /// Two bits each, target 0 the lowest.
    packed: u64,
    count: u8,
}

/// Differences of frame numbers: 1 to 4,096, at most 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Diffs {
    diffs: [u16; MOST_DIFFS],
    count: u8,
}

/// A difference for each chain: 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chains {
    diffs: [u8; MOST_TARGETS],
    count: u8,
}

impl Frame {
    /// What it is to a decode target.
    #[must_use]
    pub fn indication(&self, target: u8) -> Indication {
        self.indications.get(target)
    }

    /// Whether whoever watches this target is to be sent this frame.
    #[must_use]
    pub fn belongs_to(&self, target: u8) -> bool {
        self.indication(target) != Indication::NotPresent
    }

    /// Whether one may begin to watch this target here, if the frames are there that this one needs.
    #[must_use]
    pub fn is_switch_point(&self, target: u8) -> bool {
        self.indication(target) == Indication::Switch
    }
}

impl Indications {
    /// Two bits for each target.
    pub(super) fn read(bits: &mut Bits<'_>, targets: u8) -> Result<Self, Malformed> {
        let mut packed = 0;
        for target in 0..targets {
            packed |= u64::from(bits.take(2).ok_or(Malformed::Short)?) << (2 * target);
        }
        Ok(Self { packed, count: targets })
    }

    /// Of one target; not present where there is no such target.
    #[must_use]
    pub fn get(&self, target: u8) -> Indication {
        if target >= self.count {
            return Indication::NotPresent;
        }
        match self.packed >> (2 * target) & 3 {
            0 => Indication::NotPresent,
            1 => Indication::Discardable,
            2 => Indication::Switch,
            _ => Indication::Required,
        }
    }

    /// Of all targets from 0.
    pub fn iter(&self) -> impl Iterator<Item = Indication> + '_ {
        (0..self.count).map(|target| self.get(target))
    }
}

impl Diffs {
    fn push(&mut self, diff: u16) -> Result<(), Malformed> {
        let place = self.diffs.get_mut(usize::from(self.count)).ok_or(Malformed::Count)?;
        *place = diff;
        self.count += 1;
        Ok(())
    }

    /// Four bits each, and a bit in front of each that says that there is one.
    pub(super) fn read_of_template(bits: &mut Bits<'_>) -> Result<Self, Malformed> {
        let mut diffs = Self::default();
        while bits.flag().ok_or(Malformed::Short)? {
            diffs.push(bits.short(4).ok_or(Malformed::Short)? + 1)?;
        }
        Ok(diffs)
    }

    /// 4, 8 or 12 bits each, and two bits in front of each that say which.
    pub(super) fn read_of_frame(bits: &mut Bits<'_>) -> Result<Self, Malformed> {
        let mut diffs = Self::default();
        loop {
            let width = 4 * usize::from(bits.small(2).ok_or(Malformed::Short)?);
            if width == 0 {
                return Ok(diffs);
            }
            diffs.push(bits.short(width).ok_or(Malformed::Short)? + 1)?;
        }
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[u16] {
        self.diffs.get(..usize::from(self.count)).unwrap_or_default()
    }
}

impl Chains {
    /// So many chains, each of so many bits, at most 8.
    pub(super) fn read(bits: &mut Bits<'_>, count: u8, width: usize) -> Result<Self, Malformed> {
        let mut diffs = [0; MOST_TARGETS];
        for place in diffs.get_mut(..usize::from(count)).ok_or(Malformed::Count)? {
            *place = bits.small(width).ok_or(Malformed::Short)?;
        }
        Ok(Self { diffs, count })
    }

    /// Of one chain.
    #[must_use]
    pub fn get(&self, chain: u8) -> Option<u8> {
        self.as_slice().get(usize::from(chain)).copied()
    }

    /// Of all chains.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.diffs.get(..usize::from(self.count)).unwrap_or_default()
    }
}

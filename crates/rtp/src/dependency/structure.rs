//! The structure of a stream, which a key frame brings (appendix A.4.1, template dependency structure).

use alloc::vec::Vec;

use super::frame::{Chains, Diffs, Frame, Indications};
use super::{Indication, MOST_TARGETS};
use crate::Malformed;
use crate::bits::Bits;
use crate::codec::Size;

/// Names that templates have: six bits.
const TEMPLATES: u8 = 64;
/// Spatial layers that a stream can have (AV1 has two bits for them).
const SPATIAL: u8 = 4;
/// Temporal layers that a stream can have (AV1 has three bits for them).
const TEMPORAL: u8 = 8;

/// The templates, decode targets and chains of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// The name of the first template.
    offset: u8,
    templates: Vec<Frame>,
    targets: u8,
    chains: u8,
    /// The chain of each target.
    protected_by: [u8; MOST_TARGETS],
    /// Of each spatial layer.
    sizes: [Option<Size>; SPATIAL as usize],
}

impl Structure {
    pub(super) fn read(bits: &mut Bits<'_>) -> Result<Self, Malformed> {
        let offset = bits.small(6).ok_or(Malformed::Short)?;
        let targets = bits.small(5).ok_or(Malformed::Short)? + 1;
        let mut templates = layers(bits)?;
        for template in &mut templates {
            template.indications = Indications::read(bits, targets)?;
        }
        for template in &mut templates {
            template.diffs = Diffs::read_of_template(bits)?;
        }
        let chain = |bits: &mut Bits<'_>, values: u8| {
            let value = bits.one_of(u32::from(values)).ok_or(Malformed::Short)?;
            u8::try_from(value).map_err(|_| Malformed::Value)
        };
        let chains = chain(bits, targets + 1)?;
        let mut protected_by = [0; MOST_TARGETS];
        if chains > 0 {
            for place in protected_by.iter_mut().take(usize::from(targets)) {
                *place = chain(bits, chains)?;
            }
            for template in &mut templates {
                template.chains = Chains::read(bits, chains, 4)?;
            }
        }
        let mut sizes = [None; SPATIAL as usize];
        if bits.flag().ok_or(Malformed::Short)? {
            let highest = templates.last().map_or(0, |template| template.spatial);
            for place in sizes.iter_mut().take(usize::from(highest) + 1) {
                *place = Some(size(bits)?);
            }
        }
        Ok(Self {
            offset,
            templates,
            targets,
            chains,
            protected_by,
            sizes,
        })
    }

    /// The template of this name.
    #[must_use]
    pub fn template(&self, name: u8) -> Option<&Frame> {
        let index = name.wrapping_sub(self.offset) % TEMPLATES;
        self.templates.get(usize::from(index))
    }

    /// All templates in their order, at least one.
    #[must_use]
    pub fn templates(&self) -> &[Frame] {
        &self.templates
    }

    /// How many decode targets there are: 1 to 32.
    #[must_use]
    pub fn targets(&self) -> u8 {
        self.targets
    }

    /// All of them as bits.
    #[must_use]
    pub fn all_targets(&self) -> u32 {
        u32::MAX >> (MOST_TARGETS - usize::from(self.targets))
    }

    /// How many chains there are, at most as many as decode targets.
    #[must_use]
    pub fn chains(&self) -> u8 {
        self.chains
    }

    /// The chain that protects a decode target. Nothing without chains, and for a target that is not there.
    #[must_use]
    pub fn chain(&self, target: u8) -> Option<u8> {
        if target >= self.targets || self.chains == 0 {
            return None;
        }
        self.protected_by.get(usize::from(target)).copied()
    }

    /// The highest (spatial, temporal) layer of a decode target. Nothing for a target that is not there or has no frames.
    #[must_use]
    pub fn layer(&self, target: u8) -> Option<(u8, u8)> {
        self.templates
            .iter()
            .filter(|template| template.indication(target) != Indication::NotPresent)
            .map(|template| (template.spatial, template.temporal))
            .reduce(|(s, t), (spatial, temporal)| (s.max(spatial), t.max(temporal)))
    }

    /// The decode target with the highest spatial, then temporal layer that is in neither above these, among those that are active (as bits).
    #[must_use]
    pub fn target_within(&self, spatial: u8, temporal: u8, active: u32) -> Option<u8> {
        (0..self.targets)
            .filter(|target| active >> target & 1 == 1)
            .filter_map(|target| Some((self.layer(target)?, target)))
            .filter(|((s, t), _)| *s <= spatial && *t <= temporal)
            // Of equals the first.
            .max_by_key(|(layer, target)| (*layer, core::cmp::Reverse(*target)))
            .map(|(_, target)| target)
    }

    /// Of the pictures of a spatial layer at most.
    #[must_use]
    pub fn size(&self, spatial: u8) -> Option<Size> {
        self.sizes.get(usize::from(spatial)).copied().flatten()
    }
}

/// Templates with their layers and nothing else.
fn layers(bits: &mut Bits<'_>) -> Result<Vec<Frame>, Malformed> {
    let mut templates = Vec::new();
    let mut frame = Frame::default();
    loop {
        if templates.len() >= usize::from(TEMPLATES) {
            return Err(Malformed::Count);
        }
        templates.push(frame);
        match bits.take(2).ok_or(Malformed::Short)? {
            0 => {}
            1 => frame.temporal += 1,
            2 => {
                frame.temporal = 0;
                frame.spatial += 1;
            }
            _ => return Ok(templates),
        }
        if frame.temporal >= TEMPORAL || frame.spatial >= SPATIAL {
            return Err(Malformed::Value);
        }
    }
}

/// 16 bits each, one less than it is; 65,536 does not fit and is one less.
fn size(bits: &mut Bits<'_>) -> Result<Size, Malformed> {
    let mut side = || bits.short(16).ok_or(Malformed::Short).map(|side| side.saturating_add(1));
    Ok(Size {
        width: side()?,
        height: side()?,
    })
}

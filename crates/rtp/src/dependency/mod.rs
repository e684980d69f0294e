//! The dependency descriptor (RTP Payload Format For AV1, appendix A): which frames a frame needs and which qualities of the stream it is part of. Browsers
//! send it with every video format.
//!
//! A stream has decode targets (a quality that one may choose), and chains (frames that a target cannot be decoded without). A key frame carries the
//! [`Structure`]: templates for frames that recur. Every packet names a template and changes what differs.
//!
//! Owns: reading a descriptor with the structure that was kept, writing a changed one ([`rewrite`]). Not here: keeping structures, choosing targets.
//!
//! Invariants:
//! - A [`Frame`] that was read has an indication for every decode target and a difference for every chain of its structure.
//! - Reading a packet without a structure allocates nothing; one with a structure allocates its templates, at most 64.

mod frame;
mod structure;
#[cfg(test)]
mod tests;
mod write;

pub use frame::{Chains, Diffs, Frame, Indication, Indications};
pub use structure::Structure;
pub use write::{Change, rewrite, set_frame_number};

use alloc::boxed::Box;

use crate::Malformed;
use crate::bits::Bits;
use crate::bytes::{u8_at, u16_at};
use crate::codec::Size;

/// Bytes of the fields that every descriptor has.
pub const MANDATORY: usize = 3;
/// Decode targets that a structure can have.
pub const MOST_TARGETS: usize = 32;

/// What every descriptor has; readable without a structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mandatory {
    /// The first packet of a frame.
    pub start: bool,
    /// The last packet of a frame; frames of other layers of the same picture may follow.
    pub end: bool,
    /// Names a template, 0 to 63.
    pub template: u8,
    /// Grows by one for every frame, over all layers.
    pub frame_number: u16,
}

/// A descriptor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// What every descriptor has.
    pub mandatory: Mandatory,
    /// The decode targets that are active from this frame on, as bits: the lowest is target 0. Nothing when they are those of before.
    pub active: Option<u32>,
    /// A new structure, to be kept for the packets after this one.
    pub structure: Option<Box<Structure>>,
    /// What the frame is part of and needs.
    pub frame: Frame,
    /// Of its pictures at most, where the structure says so.
    pub size: Option<Size>,
    layout: Layout,
}

/// Where things are, in bits; what [`rewrite`] needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    /// Of the structure that the frame was read with.
    targets: u8,
    /// Where the bits for active targets are, or would be.
    active: usize,
    /// Whether they are.
    has_active: bool,
    /// Behind the last field.
    end: usize,
}

/// Why a descriptor says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It names a template that no structure kept has: the one that does was lost or is still to come. Ask for a key frame.
    #[error("the structure that the descriptor refers to is not known; a key frame brings it")]
    Structure,
    /// It is not what it says.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl Mandatory {
    /// From the value of an extension.
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Self> {
        let first = u8_at(value, 0)?;
        Some(Self {
            start: first & 0x80 != 0,
            end: first & 0x40 != 0,
            template: first & 0x3f,
            frame_number: u16_at(value, 1)?,
        })
    }
}

impl Descriptor {
    /// Reads the value of an extension. `kept` is the structure that came last; one that comes in this packet is used instead.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn parse(value: &[u8], kept: Option<&Structure>) -> Result<Self, Unreadable> {
        let mandatory = Mandatory::read(value).ok_or(Malformed::Short)?;
        let mut bits = Bits::new(value);
        bits.take(8 * MANDATORY).ok_or(Malformed::Short)?;
        let mut flag = || {
            if value.len() > MANDATORY {
                bits.flag().ok_or(Malformed::Short)
            } else {
                Ok(false)
            }
        };
        let (has_structure, has_active) = (flag()?, flag()?);
        let (own_indications, own_diffs, own_chains) = (flag()?, flag()?, flag()?);
        let structure = if has_structure {
            Some(Box::new(Structure::read(&mut bits)?))
        } else {
            None
        };
        let current = structure.as_deref().or(kept).ok_or(Unreadable::Structure)?;
        let targets = current.targets();
        let mut layout = Layout {
            targets,
            active: bits.at(),
            has_active,
            end: 0,
        };
        let mut active = structure.is_some().then(|| current.all_targets());
        if has_active {
            active = Some(bits.take(usize::from(targets)).ok_or(Malformed::Short)?);
        }
        let mut frame = *current.template(mandatory.template).ok_or(Unreadable::Structure)?;
        if own_indications {
            frame.indications = Indications::read(&mut bits, targets)?;
        }
        if own_diffs {
            frame.diffs = Diffs::read_of_frame(&mut bits)?;
        }
        if own_chains {
            frame.chains = Chains::read(&mut bits, current.chains(), 8)?;
        }
        layout.end = bits.at();
        Ok(Self {
            mandatory,
            active,
            size: current.size(frame.spatial),
            structure,
            frame,
            layout,
        })
    }

    /// The number of the frame that stands before this one in the chain of a decode target. When that one was not received or not forwarded, the target
    /// cannot be decoded before the next key frame. Nothing when the chain begins here, and for a target that is not there or has no chain.
    #[must_use]
    pub fn before_in_chain(&self, structure: &Structure, target: u8) -> Option<u16> {
        let diff = self.frame.chains.get(structure.chain(target)?)?;
        (diff > 0).then(|| self.mandatory.frame_number.wrapping_sub(u16::from(diff)))
    }

    /// The numbers of the frames that this one refers to.
    pub fn needs(&self) -> impl ExactSizeIterator<Item = u16> + '_ {
        self.frame
            .diffs
            .as_slice()
            .iter()
            .map(|diff| self.mandatory.frame_number.wrapping_sub(*diff))
    }
}

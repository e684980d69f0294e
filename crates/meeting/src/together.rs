//! The together view: whether it is on, and who sits where.

use crate::{Meeting, ParticipantId, Refusal};

/// Place of one person, in ten-thousandths of the scene's width and height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Who.
    pub participant: ParticipantId,
    /// Distance from the left edge.
    pub left: u32,
    /// Distance from the top edge.
    pub top: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Meeting {
    /// Answers `Command::SetTogether`.
    pub(crate) fn set_together(&mut self, _by: &ParticipantId, _active: bool) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// The seats, nothing while the together view is off.
    pub(crate) fn seats(&self) -> Option<Vec<Seat>> {
        None
    }
}

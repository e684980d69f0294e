//! The spotlight: an ordered set of people whom everybody is shown.

use crate::{Meeting, ParticipantId, Refusal};

/// Most people in the spotlight at once.
pub const MAX_SPOTLIGHT: u32 = 7;

impl Meeting {
    /// Answers `Command::StartSpotlight`; empty means oneself.
    pub(crate) fn start_spotlight(&mut self, _by: &ParticipantId, _targets: Vec<ParticipantId>) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Answers `Command::StopSpotlight`; empty means oneself.
    pub(crate) fn stop_spotlight(&mut self, _by: &ParticipantId, _targets: Vec<ParticipantId>) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Answers `Command::StopAllSpotlight`.
    pub(crate) fn stop_all_spotlight(&mut self, _by: &ParticipantId) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }
}

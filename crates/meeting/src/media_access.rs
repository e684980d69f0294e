//! What those who run a meeting permit attendees to send: for all of them, and for one of them.

use crate::{Meeting, ParticipantId, Refusal};

/// What can be permitted or forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccessKind {
    /// The microphone.
    Audio,
    /// The camera.
    Video,
}

/// What somebody, or attendees in general, may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MediaAccess {
    /// The microphone.
    pub audio: bool,
    /// The camera.
    pub video: bool,
}

impl MediaAccess {
    /// Everything.
    pub const ALL: Self = Self { audio: true, video: true };
}

impl Meeting {
    /// Answers `Command::SetMediaAccess`; empty targets mean all attendees, later ones included.
    pub(crate) fn set_media_access(
        &mut self,
        _by: &ParticipantId,
        _kind: AccessKind,
        _targets: Vec<ParticipantId>,
        _permitted: bool,
    ) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }
}

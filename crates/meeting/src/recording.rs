//! Recording and transcription: whether they run, and who has agreed.

use crate::{Meeting, Micros, ParticipantId, Refusal};

/// A recording that is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingState {
    /// Names the recording in this held meeting.
    pub id: String,
    /// Who began it.
    pub by: ParticipantId,
}

impl Meeting {
    /// Answers `Command::SetRecording`.
    pub(crate) fn set_recording(&mut self, _now: Micros, _by: &ParticipantId, _active: bool) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Answers `Command::SetTranscription`.
    pub(crate) fn set_transcription(&mut self, _now: Micros, _by: &ParticipantId, _active: bool) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Answers `Command::GrantConsent`.
    pub(crate) fn grant_consent(&mut self, _by: &ParticipantId, _recording: bool, _transcription: bool) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }
}

//! Real-time text: lines that everybody inside sees while they are typed. Nothing is kept of finished lines.

use crate::{Meeting, Micros, ParticipantId, Refusal};

/// A line, whole each time that it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedText {
    /// Who types.
    pub participant: ParticipantId,
    /// Name of who types.
    pub display_name: String,
    /// Number of the line, growing for each participant.
    pub sequence: u32,
    /// The whole line.
    pub text: String,
    /// Whether the line is finished.
    pub is_final: bool,
    /// When the line began.
    pub began: Micros,
    /// When it changed last.
    pub updated: Micros,
}

impl Meeting {
    /// Answers `Command::SendTyped`.
    pub(crate) fn send_typed(&mut self, _now: Micros, _by: &ParticipantId, _text: String, _is_final: bool) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }
}

//! Data channels and diagnostics: what clients tell each other through the meeting. The machine only says who may be told.

use crate::{Meeting, Micros, ParticipantId, Refusal};

/// A message of a data channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataMessage {
    /// The sender.
    pub participant: ParticipantId,
    /// Channel number, chosen by the sending application.
    pub channel: u32,
    /// Number of the message in this channel of this sender.
    pub sequence: u32,
    /// Whether it may be dropped when a receiver is slow.
    pub lossy: bool,
    /// The bytes, base64; the machine does not look inside.
    pub data: String,
}

/// One diagnostic value of a participant's client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Name of the diagnostic.
    pub name: String,
    /// 1 or 0 for a flag; 1, 2 or 3 for a quality.
    pub value: u32,
    /// Whether it is a flag (otherwise a quality).
    pub is_flag: bool,
}

impl Meeting {
    /// Answers `Command::SendData`; empty targets mean everybody else. `message.participant` is the sender.
    pub(crate) fn send_data(&mut self, _now: Micros, _message: DataMessage, _targets: Vec<ParticipantId>) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Answers `Command::PublishDiagnostics`.
    pub(crate) fn publish_diagnostics(&mut self, _by: &ParticipantId, _diagnostics: Vec<Diagnostic>) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }
}

//! What is told of a held meeting, in the house's own words; the facade that answers subscribers puts it into theirs.

use serde::{Deserialize, Serialize};

/// Something happened in a held meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum MeetingCallEvent {
    /// The meeting began to be held.
    CallStarted,
    /// The meeting is over.
    CallEnded,
    /// Somebody came, left, or moved between lobby and meeting.
    RosterUpdated {
        /// Who, each at most once.
        changes: Vec<RosterChange>,
    },
}

/// What became of one participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RosterChange {
    /// Raw id of the participant, for example `8:orgid:…` or `8:acs:…`.
    pub raw_id: String,
    /// Name shown to others.
    pub display_name: String,
    /// Object id, for a member.
    pub member_id: Option<String>,
    /// Waits in the lobby (now, or until the removal).
    pub in_lobby: bool,
    /// Set when the participant is not in meeting and lobby any more.
    pub removed: Option<RemovedReason>,
}

/// Why a participant is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RemovedReason {
    /// Left, or was lost.
    Left,
    /// Put out by somebody.
    Removed,
    /// Refused in the lobby, or waited for too long.
    Denied,
    /// The meeting ended.
    MeetingEnded,
}

//! What one session is told. A session that waits gets `Waiting` and `Ended` only.

use crate::{MeetingState, Participant, ParticipantId, ParticipantLeft, Refusal, SelfState, Snapshot, Speaking, WaitingParticipant};

/// Something to tell one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The receiver waits in the lobby.
    Waiting {
        /// True while the meeting has not begun (the receiver is then let in by itself), false when somebody has to admit.
        not_started: bool,
    },
    /// The receiver is in the meeting; replaces all state.
    Snapshot {
        /// The state.
        snapshot: Box<Snapshot>,
    },
    /// The roster changed.
    Participants {
        /// New or changed, whole.
        upserted: Vec<Participant>,
        /// Gone.
        left: Vec<ParticipantLeft>,
    },
    /// The lobby changed; only to those who may admit. Who gains that right gets everybody as added, who loses it gets
    /// everybody as removed.
    Lobby {
        /// Newly waiting.
        added: Vec<WaitingParticipant>,
        /// No longer waiting.
        removed: Vec<ParticipantId>,
    },
    /// The receiver's own state changed.
    Own {
        /// The state, whole.
        own: SelfState,
    },
    /// The meeting changed.
    Meeting {
        /// The state, whole.
        meeting: MeetingState,
    },
    /// Who began or stopped speaking.
    Speaking {
        /// The changes.
        changes: Vec<Speaking>,
        /// Dominant speakers, most dominant first.
        dominant: Vec<ParticipantId>,
    },
    /// The call is over for the receiver; no event follows.
    Ended {
        /// How and why.
        reason: Refusal,
    },
}

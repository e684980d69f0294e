//! What one session is told. A session that waits gets `Waiting` and `Ended` only.

use std::sync::Arc;

use crate::{
    BreakoutState, Caption, DataMessage, Diagnostic, MeetingState, Micros, Participant, ParticipantId, ParticipantLeft, Reaction, Refusal,
    SelfState, SessionId, Snapshot, Speaking, TransferState, TypedText, WaitingParticipant,
};

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
        /// New or changed, whole; one list for everybody who is told.
        upserted: Arc<[Participant]>,
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
        /// When that ranking came about.
        dominant_since: Option<Micros>,
    },
    /// Somebody reacted.
    Reaction {
        /// Who.
        participant: ParticipantId,
        /// With what.
        reaction: Reaction,
    },
    /// Something was said.
    Caption(Caption),
    /// Somebody types.
    Typed(TypedText),
    /// A message of a data channel.
    Data(DataMessage),
    /// Breakout rooms changed.
    Breakout {
        /// The state, whole.
        breakout: BreakoutState,
    },
    /// Something is said to all breakout rooms.
    Broadcast {
        /// Who says it.
        participant: ParticipantId,
        /// Name of who says it.
        display_name: String,
        /// What.
        text: String,
    },
    /// Diagnostics of another participant's client.
    Diagnostics {
        /// Whose.
        participant: ParticipantId,
        /// Session of that client.
        session: SessionId,
        /// Changed values.
        diagnostics: Vec<Diagnostic>,
    },
    /// The receiver is asked to go over to another call.
    TransferAsked {
        /// Names the transfer.
        transfer: String,
    },
    /// How a transfer that the receiver asked for goes.
    Transfer {
        /// Names the transfer.
        transfer: String,
        /// How.
        state: TransferState,
        /// Why, when it failed.
        reason: Option<Refusal>,
    },
    /// The call is over for the receiver; no event follows.
    Ended {
        /// How and why.
        reason: Refusal,
    },
}

//! What one input changed, collected until the reply is out; `announce` turns it into events.

use std::collections::BTreeSet;

use crate::{Event, ParticipantId, ParticipantLeft, Refusal, SessionId, Speaking};

/// A session that is over.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub(crate) session: SessionId,
    pub(crate) reason: Refusal,
    /// It was inside and had the right to media.
    pub(crate) inside: bool,
}

/// Something that is said once and changes no state.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// Who hears it; nothing: everybody inside, the one who says it included.
    pub(crate) to: Option<BTreeSet<ParticipantId>>,
    pub(crate) event: Event,
}

/// Changes of one input.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    /// Sessions that are over.
    pub(crate) endings: Vec<Ending>,
    /// New or changed in the roster.
    pub(crate) touched: BTreeSet<ParticipantId>,
    /// Gone from the roster.
    pub(crate) left: Vec<ParticipantLeft>,
    /// New in the lobby.
    pub(crate) came_to_lobby: Vec<ParticipantId>,
    /// Gone from the lobby.
    pub(crate) left_lobby: Vec<ParticipantId>,
    /// Subject, thread or lock.
    pub(crate) meeting: bool,
    /// Settings or roles: everybody's own state and view of the lobby may differ.
    pub(crate) rights: bool,
    /// The settings, whole or in part.
    pub(crate) governed: bool,
    /// Somebody came in or left, or came in again.
    pub(crate) people: bool,
    /// Breakout rooms.
    pub(crate) breakout: bool,
    /// Seats of the together view; concerns those who may see it.
    pub(crate) together: bool,
    /// Who began or stopped speaking.
    pub(crate) speaking: Vec<Speaking>,
    /// What is said once, in order.
    pub(crate) said: Vec<Said>,
    /// The ranking of speakers.
    pub(crate) dominant: bool,
    /// The held meeting is over.
    pub(crate) ended: bool,
}

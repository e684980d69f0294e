//! Breakout rooms as the main meeting knows them: the plan, who is assigned where, when they close. What happens in a room is another
//! machine's.

use crate::{Meeting, Micros, ParticipantId, Refusal};

/// A room to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBreakoutRoom {
    /// Name to show.
    pub name: String,
    /// Who is assigned.
    pub invitees: Vec<ParticipantId>,
}

/// A room as somebody who may know it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakoutRoom {
    /// Names the room in this held meeting.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Chat thread of the room.
    pub thread_id: String,
    /// Whether it can be joined now.
    pub open: bool,
    /// Whether its people are moved by themselves when it opens.
    pub auto_move: bool,
    /// Those who are assigned; for somebody assigned only themself.
    pub invitees: Vec<ParticipantId>,
}

/// Breakout rooms as the receiver may know them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BreakoutState {
    /// The receiver's room, when there is one and the receiver may join it.
    pub assigned: Option<BreakoutRoom>,
    /// All rooms; empty for those who do not manage them.
    pub rooms: Vec<BreakoutRoom>,
    /// When the rooms close by themselves.
    pub ends: Option<Micros>,
    /// Whether people stay in their room until it closes.
    pub return_disabled: bool,
    /// Inside a breakout room: the thread of the main meeting.
    pub main_thread_id: Option<String>,
}

/// What somebody asks about breakout rooms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BreakoutCommand {
    /// Plan rooms in place of those planned before.
    Plan {
        /// The rooms.
        rooms: Vec<NewBreakoutRoom>,
        /// Whether people are moved by themselves.
        auto_move: bool,
        /// Whether people stay until the rooms close.
        return_disabled: bool,
        /// Seconds for which the rooms are open.
        seconds: Option<u32>,
    },
    /// Assign somebody to a room, or to none.
    Assign {
        /// Whom.
        participant: ParticipantId,
        /// The room.
        room: Option<String>,
    },
    /// Open the rooms.
    Open,
    /// Close the rooms.
    Close,
    /// Say something to all rooms.
    Broadcast(String),
}

impl Meeting {
    /// Answers `Command::Breakout`.
    pub(crate) fn obey_breakout(&mut self, _now: Micros, _by: &ParticipantId, _command: BreakoutCommand) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Breakout rooms as this person may know them.
    pub(crate) fn breakout_of(&self, _id: &ParticipantId) -> BreakoutState {
        BreakoutState::default()
    }
}

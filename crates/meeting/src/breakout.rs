//! Breakout rooms: the shapes that people see and ask for, and the rules under which a call is one.
//!
//! The main meeting's machine keeps the plan (`plan`): rooms, who is assigned, open or closed, the timer. It obeys commands (`managing`) and
//! tells its host what each open room's call is governed by (`governing`): settings with [`BreakoutRules`]. A room's call is another machine on
//! another host; its door (`admission`) lets in only whom those rules name. Nothing that happens in a room is known here.
//! Invariants (tests/meeting/breakout.rs): a room never admits somebody who is not named; who leaves the main meeting, is unassigned or
//! loses the right is named no more; closed rooms name nobody.

mod governing;
mod managing;
mod plan;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Micros, ParticipantId, Role};

pub(crate) use managing::SharedRooms;
pub(crate) use plan::Plan;

/// Most breakout rooms of one meeting.
pub const MAX_BREAKOUT_ROOMS: usize = 50;

/// Most people assigned to breakout rooms of one meeting.
pub const MAX_ASSIGNED: usize = 1_000;

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
    /// All rooms; empty for those who do not manage them. Those who do share one list.
    pub rooms: Arc<[BreakoutRoom]>,
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

/// Somebody who may be in a breakout room, as the main meeting knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakoutPerson {
    /// Role in the main meeting.
    pub role: Role,
    /// Whether somebody made them an attendee on purpose there.
    pub demoted: bool,
    /// Name in the main meeting.
    pub display_name: String,
}

/// What governs a call that is a breakout room. The main meeting's machine makes it anew whenever something in it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakoutRules {
    /// Thread of the main meeting.
    pub main_thread_id: String,
    /// Names the room in the held main meeting.
    pub room_id: String,
    /// Who may be in the room now because they are assigned to it, as they are in the main meeting: those who are inside the main meeting
    /// and may join breakout rooms.
    pub people: BTreeMap<ParticipantId, BreakoutPerson>,
    /// Who may be in every room now because they manage all of them; one map for all rooms.
    pub managers: Arc<BTreeMap<ParticipantId, BreakoutPerson>>,
    /// When the room closes by itself.
    pub ends: Option<Micros>,
    /// Whether people stay until the room closes.
    pub return_disabled: bool,
    /// The room was closed: nobody comes in, and who is inside is out.
    pub over: bool,
}

impl BreakoutRules {
    /// Somebody who may be in the room now, as the main meeting knows them.
    pub fn person(&self, id: &ParticipantId) -> Option<&BreakoutPerson> {
        self.people.get(id).or_else(|| self.managers.get(id))
    }
}

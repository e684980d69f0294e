//! The plan of the breakout rooms of one held meeting. Knows nobody's rights; who may ask for what is in `managing`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::pace::Pace;
use crate::{BreakoutRoom, BreakoutRules, Micros, NewBreakoutRoom, ParticipantId};

/// Messages to all rooms that may be sent at once, and how often after that.
const BROADCASTS: i64 = 5;
const BROADCAST_EVERY: Micros = 1_000_000;
/// Changes of the plan that may be made at once, and how often after that: each is told to everybody who manages.
const CHANGES: i64 = 60;
const CHANGE_EVERY: Micros = 100_000;
/// Names of assigned people that changes of the plan may tell each of those who manage at once, and how often one more after that: a change
/// of the largest plan costs [`MAX_ASSIGNED`](crate::MAX_ASSIGNED), so that 20 of those pass and then two a second.
const NAMES: i64 = 20_000;
const NAME_EVERY: Micros = 500;

/// One planned room.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// Rooms, assignments, and whether the rooms are open.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) rooms: Vec<Room>,
    /// Room of each assigned person.
    assigned: BTreeMap<ParticipantId, String>,
    pub(crate) auto_move: bool,
    pub(crate) return_disabled: bool,
    pub(crate) seconds: Option<u32>,
    pub(crate) open: bool,
    pub(crate) ends: Option<Micros>,
    /// Counts plans, so that the id of a room is never used twice in the machine's life.
    plans: u32,
    pub(crate) broadcasts: Pace,
    changes: Pace,
    names: Pace,
    /// What the host was told last of the open rooms.
    pub(crate) published: Vec<BreakoutRules>,
    /// How often it was worked out what governs the rooms.
    #[cfg(test)]
    pub(super) worked_out: u32,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            rooms: Vec::new(),
            assigned: BTreeMap::new(),
            auto_move: false,
            return_disabled: false,
            seconds: None,
            open: false,
            ends: None,
            plans: 0,
            broadcasts: Pace::new(BROADCASTS, BROADCAST_EVERY),
            changes: Pace::new(CHANGES, CHANGE_EVERY),
            names: Pace::new(NAMES, NAME_EVERY),
            published: Vec::new(),
            #[cfg(test)]
            worked_out: 0,
        }
    }
}

impl Plan {
    /// Whether the plan may be changed now, so that this many people are assigned or stay so.
    pub(crate) fn may_change(&mut self, now: Micros, assigned: usize) -> bool {
        let names = i64::try_from(assigned.max(self.assigned.len())).unwrap_or(i64::MAX);
        self.changes.try_take(now) && self.names.try_take_many(now, names)
    }

    /// Puts other rooms in place of those before. Somebody named for two rooms is in the last one; callers refuse that.
    pub(crate) fn replace(&mut self, rooms: Vec<NewBreakoutRoom>) {
        self.plans = self.plans.saturating_add(1);
        self.assigned.clear();
        self.rooms.clear();
        for (number, room) in (1u32..).zip(rooms) {
            let id = format!("{}-{number}", self.plans);
            self.assigned.extend(room.invitees.into_iter().map(|invitee| (invitee, id.clone())));
            self.rooms.push(Room { id, name: room.name });
        }
    }

    /// Forgets rooms and assignments; what the host was told is kept until it is told otherwise.
    pub(crate) fn clear(&mut self) {
        self.replace(Vec::new());
        self.close();
        (self.auto_move, self.return_disabled, self.seconds) = (false, false, None);
    }

    /// Closes the rooms; the plan stays.
    pub(crate) fn close(&mut self) {
        self.open = false;
        self.ends = None;
    }

    pub(crate) fn has(&self, room: &str) -> bool {
        self.rooms.iter().any(|known| known.id == room)
    }

    /// Assigns somebody to a room that there is, or to none.
    pub(crate) fn assign(&mut self, participant: ParticipantId, room: Option<String>) {
        match room {
            Some(room) => self.assigned.insert(participant, room),
            None => self.assigned.remove(&participant),
        };
    }

    /// How many are assigned to any room.
    pub(crate) fn assigned(&self) -> usize {
        self.assigned.len()
    }

    /// Whether somebody is assigned to this room.
    pub(crate) fn is_assigned(&self, participant: &ParticipantId, room: &str) -> bool {
        self.assigned.get(participant).is_some_and(|assigned| assigned == room)
    }

    /// The room of one person, as that person sees it: the others in it are not named.
    pub(crate) fn room_of(&self, participant: &ParticipantId) -> Option<BreakoutRoom> {
        let assigned = self.assigned.get(participant)?;
        let room = self.rooms.iter().find(|room| room.id == *assigned)?;
        Some(self.view(room, vec![participant.clone()]))
    }

    /// All rooms, as those see them who manage them.
    pub(crate) fn views(&self) -> Arc<[BreakoutRoom]> {
        let mut invitees: BTreeMap<&str, Vec<ParticipantId>> = BTreeMap::new();
        for (participant, room) in &self.assigned {
            invitees.entry(room).or_default().push(participant.clone());
        }
        self.rooms
            .iter()
            .map(|room| self.view(room, invitees.remove(room.id.as_str()).unwrap_or_default()))
            .collect()
    }

    fn view(&self, room: &Room, invitees: Vec<ParticipantId>) -> BreakoutRoom {
        BreakoutRoom {
            id: room.id.clone(),
            name: room.name.clone(),
            // A room has no chat of its own.
            thread_id: String::new(),
            open: self.open,
            auto_move: self.auto_move,
            invitees,
        }
    }
}

//! What those who manage breakout rooms ask for, and what each person may know of the rooms.
//!
//! Who manages: signed-in people whose role runs the meeting, in a meeting whose option `allowBreakoutRooms` is on. A refused command has
//! changed nothing.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::capabilities::{CapabilityReason, reason};
use crate::changes::Said;
use crate::ids::SECOND;
use crate::roster::Entry;
use crate::{
    BreakoutCommand, BreakoutRoom, BreakoutState, CallKind, CapabilityName, Event, MAX_ASSIGNED, MAX_BREAKOUT_ROOMS, Meeting, Micros,
    NewBreakoutRoom, Output, ParticipantId, PersonKind, Refusal,
};

/// Longest name of a room, in characters.
const LONGEST_NAME: usize = 128;
/// Longest message to all rooms, in characters.
const LONGEST_BROADCAST: usize = 1_000;
/// Longest time for which rooms are open, in seconds: a day.
const LONGEST_S: u32 = 86_400;

/// All rooms as everybody sees them who manages them, put together once for all of them and only when one of them is told.
pub(crate) type SharedRooms = OnceCell<Arc<[BreakoutRoom]>>;

impl Meeting {
    /// Answers `Command::Breakout`.
    pub(crate) fn obey_breakout(&mut self, now: Micros, by: &ParticipantId, command: BreakoutCommand) -> Result<(), Refusal> {
        let entry = self.roster.get(by).ok_or(Refusal::NoSuchCall)?;
        self.must_manage_breakout(entry)?;
        let display_name = entry.person.display_name.clone();
        if let BreakoutCommand::Broadcast(text) = command {
            return self.broadcast(now, by, display_name, text);
        }
        let invitees = match &command {
            BreakoutCommand::Plan { rooms, .. } => rooms.iter().map(|room| room.invitees.len()).sum(),
            // It pays for its end, which is never refused for its speed.
            BreakoutCommand::Open => self.breakout.assigned().saturating_mul(2),
            _ => 0,
        };
        let closes = matches!(command, BreakoutCommand::Close);
        if closes && !self.breakout.open {
            return Ok(());
        }
        // More than can be planned is refused for that below, and costs no more than the most that can be.
        if !closes && !self.breakout.may_change(now, invitees.min(2 * MAX_ASSIGNED)) {
            return Err(Refusal::TooFast);
        }
        match command {
            BreakoutCommand::Plan {
                rooms,
                auto_move,
                return_disabled,
                seconds,
            } => {
                self.plan_rooms(rooms, seconds)?;
                (self.breakout.auto_move, self.breakout.return_disabled, self.breakout.seconds) = (auto_move, return_disabled, seconds);
            }
            BreakoutCommand::Assign { participant, room } => self.assign_room(participant, room)?,
            BreakoutCommand::Open => self.open_rooms(now)?,
            BreakoutCommand::Close => self.breakout.close(),
            // Answered above.
            BreakoutCommand::Broadcast(_) => {}
        }
        self.changes.breakout = true;
        Ok(())
    }

    /// Breakout rooms as this person may know them; `all` is shared by those who are told at the same time.
    pub(crate) fn breakout_of(&self, id: &ParticipantId, all: &SharedRooms) -> BreakoutState {
        if let Some(rules) = &self.settings.breakout {
            return BreakoutState {
                ends: rules.ends,
                return_disabled: rules.return_disabled,
                main_thread_id: Some(rules.main_thread_id.clone()),
                ..BreakoutState::default()
            };
        }
        let Some(entry) = self.roster.get(id) else {
            return BreakoutState::default();
        };
        let assigned = if self.may_join_rooms(entry) {
            self.breakout.room_of(id)
        } else {
            None
        };
        let rooms = if self.must_manage_breakout(entry).is_ok() {
            all.get_or_init(|| self.breakout.views()).clone()
        } else {
            Arc::default()
        };
        // Somebody whom the rooms do not concern is not told that there are any.
        if assigned.is_none() && rooms.is_empty() {
            return BreakoutState::default();
        }
        BreakoutState {
            assigned,
            rooms,
            ends: self.breakout.ends,
            return_disabled: self.breakout.return_disabled,
            main_thread_id: None,
        }
    }

    /// Whether somebody inside the main meeting may go into breakout rooms at all.
    pub(crate) fn may_join_rooms(&self, entry: &Entry) -> bool {
        reason(entry.grounds(&self.settings), CapabilityName::JoinBreakoutRooms) == CapabilityReason::Capable
    }

    /// Whether somebody inside may plan, open, close and speak to the rooms, or why not.
    pub(crate) fn must_manage_breakout(&self, entry: &Entry) -> Result<(), Refusal> {
        if self.settings.kind != CallKind::Meeting || self.settings.breakout.is_some() {
            return Err(Refusal::BreakoutRoomsNotHere);
        }
        if !self.settings.options.allow_breakout_rooms {
            return Err(Refusal::BreakoutRoomsDisabledByOption);
        }
        if !entry.role.runs_meeting() || entry.person.identity.kind() != PersonKind::Member {
            return Err(Refusal::RoleForbidsBreakoutRooms);
        }
        Ok(())
    }

    fn plan_rooms(&mut self, rooms: Vec<NewBreakoutRoom>, seconds: Option<u32>) -> Result<(), Refusal> {
        if self.breakout.open {
            return Err(Refusal::BreakoutRoomsAreOpen);
        }
        let rooms: Vec<NewBreakoutRoom> = rooms.into_iter().map(trimmed).collect();
        let people: Vec<&ParticipantId> = rooms.iter().flat_map(|room| &room.invitees).collect();
        let once: BTreeSet<&ParticipantId> = people.iter().copied().collect();
        let sound = rooms.len() <= MAX_BREAKOUT_ROOMS
            && people.len() <= MAX_ASSIGNED
            && once.len() == people.len()
            && people.into_iter().all(ParticipantId::is_well_formed)
            && rooms.iter().all(|room| is_text(&room.name, LONGEST_NAME))
            && seconds.is_none_or(|seconds| (1..=LONGEST_S).contains(&seconds));
        if !sound {
            return Err(Refusal::InvalidArgument);
        }
        self.breakout.replace(rooms);
        Ok(())
    }

    fn assign_room(&mut self, participant: ParticipantId, room: Option<String>) -> Result<(), Refusal> {
        if !participant.is_well_formed() || (room.is_some() && self.breakout.assigned() >= MAX_ASSIGNED) {
            return Err(Refusal::InvalidArgument);
        }
        if room.as_ref().is_some_and(|room| !self.breakout.has(room)) {
            return Err(Refusal::UnknownBreakoutRoom);
        }
        self.breakout.assign(participant, room);
        Ok(())
    }

    fn open_rooms(&mut self, now: Micros) -> Result<(), Refusal> {
        if self.breakout.rooms.is_empty() {
            return Err(Refusal::UnknownBreakoutRoom);
        }
        if self.breakout.open {
            return Err(Refusal::BreakoutRoomsAreOpen);
        }
        let plan = &mut self.breakout;
        plan.open = true;
        plan.ends = plan
            .seconds
            .map(|seconds| now.saturating_add(Micros::from(seconds).saturating_mul(SECOND)));
        Ok(())
    }

    /// Said in every open room, and to those who manage the rooms, so that they see what was said.
    fn broadcast(&mut self, now: Micros, by: &ParticipantId, display_name: String, text: String) -> Result<(), Refusal> {
        if !self.breakout.open {
            return Err(Refusal::BreakoutRoomsNotOpen);
        }
        if !is_text(&text, LONGEST_BROADCAST) {
            return Err(Refusal::InvalidArgument);
        }
        if !self.breakout.broadcasts.try_take(now) {
            return Err(Refusal::TooFast);
        }
        let managers = self.roster.iter().filter(|entry| self.must_manage_breakout(entry).is_ok());
        let to: BTreeSet<ParticipantId> = managers.map(|entry| entry.person.id.clone()).collect();
        self.changes.said.push(Said {
            to: Some(to),
            event: Event::Broadcast {
                participant: by.clone(),
                display_name: display_name.clone(),
                text: text.clone(),
            },
        });
        self.outputs.push_back(Output::BreakoutBroadcast {
            participant: by.clone(),
            display_name,
            text,
        });
        Ok(())
    }
}

fn trimmed(room: NewBreakoutRoom) -> NewBreakoutRoom {
    NewBreakoutRoom {
        name: room.name.trim().to_owned(),
        invitees: room.invitees,
    }
}

fn is_text(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= longest && !text.chars().any(|c| c.is_control() && c != '\n')
}

//! What live main meetings say of their open breakout rooms: the settings that govern each room's call.
//!
//! A main meeting's host publishes, a room's host reads; neither waits for the other. Invariants: what is here is what the main meeting's
//! machine said last; it is here before anybody is told that a room is open; a lock is held for a map operation and never across an await.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use meeting::{BreakoutRules, JoinPath, MeetingSettings, ParticipantId, Refusal};

use crate::{host::HostInput, hub::Hub, outbox::Outbox};

/// Open rooms by the thread of their main meeting. As many as the machines let be planned, for as long as they are open.
#[derive(Default)]
pub(crate) struct OpenRooms(Mutex<HashMap<String, Vec<MeetingSettings>>>);

impl OpenRooms {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<MeetingSettings>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts other rooms in place of those before; gives the threads of all that were or are open.
    fn replace(&self, main_thread_id: &str, rooms: Vec<MeetingSettings>) -> Vec<String> {
        let mut threads: Vec<String> = rooms.iter().map(|room| room.thread_id.clone()).collect();
        let before = if rooms.is_empty() {
            self.lock().remove(main_thread_id)
        } else {
            self.lock().insert(main_thread_id.to_owned(), rooms)
        };
        threads.extend(before.into_iter().flatten().map(|room| room.thread_id));
        threads.sort_unstable();
        threads.dedup();
        threads
    }

    fn find(&self, main_thread_id: &str, fits: impl Fn(&MeetingSettings) -> bool) -> Option<MeetingSettings> {
        self.lock().get(main_thread_id)?.iter().find(|room| fits(room)).cloned()
    }

    /// What governs the call of a room now; nothing: the room is closed.
    pub(crate) fn governing(&self, main_thread_id: &str, thread_id: &str) -> Option<MeetingSettings> {
        self.find(main_thread_id, |room| room.thread_id == thread_id)
    }

    fn threads(&self, main_thread_id: &str) -> Vec<String> {
        let rooms = self.lock();
        let rooms = rooms.get(main_thread_id).into_iter().flatten();
        rooms.map(|room| room.thread_id.clone()).collect()
    }
}

impl Hub {
    /// A main meeting says which rooms are open and what governs them.
    pub(crate) fn publish_rooms(&self, main_thread_id: &str, rooms: Vec<MeetingSettings>) {
        for thread in self.open_rooms().replace(main_thread_id, rooms) {
            if let Some(host) = self.live(&thread) {
                host.deliver(HostInput::Refresh);
            }
        }
    }

    /// A main meeting says something to all its open rooms. Rooms without anybody have nobody to tell.
    pub(crate) fn broadcast(&self, main_thread_id: &str, participant: &meeting::ParticipantId, display_name: &str, text: &str) {
        for thread in self.open_rooms().threads(main_thread_id) {
            if let Some(host) = self.live(&thread) {
                host.deliver(HostInput::Broadcast {
                    participant: participant.clone(),
                    display_name: display_name.to_owned(),
                    text: text.to_owned(),
                });
            }
        }
    }

    /// What governs the room of the main meeting that this call, one of the asker's own connection, is in. Whom the room does not name is told
    /// the same as when it is closed, so that nobody who waits or is not assigned finds out by asking; the door is asked besides.
    pub(crate) fn breakout_room(
        &self,
        call: &str,
        room_id: &str,
        person: &ParticipantId,
        outbox: &Outbox,
    ) -> Result<(MeetingSettings, JoinPath), Refusal> {
        let names = |rules: &BreakoutRules| rules.room_id == room_id && rules.person(person).is_some();
        let settings = self
            .thread_of(call, outbox)
            .and_then(|main| self.open_rooms().find(&main, |room| room.breakout.as_deref().is_some_and(names)))
            .ok_or(Refusal::BreakoutRoomNotOpen)?;
        Ok((settings, JoinPath::BreakoutRoom))
    }
}

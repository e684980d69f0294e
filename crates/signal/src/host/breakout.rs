//! A meeting's task and breakout rooms: a main meeting publishes what its machine says of them, a room's task follows that.
//!
//! A room is a call like any other with these differences: what governs it comes from the main meeting instead of the store; it leaves no
//! attendance (its people are inside the main meeting all the time), has no chat and nobody watches it.

use meeting::{Input, ParticipantId};

use super::Host;

impl Host {
    /// Whether this task holds a breakout room.
    pub(super) fn is_breakout_room(&self) -> bool {
        self.machine.settings().breakout.is_some()
    }

    /// Takes what the main meeting says of this room now. A room of which it says nothing is over.
    pub(super) fn refresh_room(&mut self) {
        let mut settings = self.machine.settings().clone();
        let Some(rules) = &mut settings.breakout else { return };
        match self.hub.open_rooms().governing(&rules.main_thread_id, &self.handle.thread_id) {
            Some(now) => settings = now,
            None => rules.over = true,
        }
        self.feed(Input::SettingsChanged(Box::new(settings)));
    }

    /// Passes on to this room what was said to all.
    pub(super) fn hear_broadcast(&mut self, participant: ParticipantId, display_name: String, text: String) {
        self.feed(Input::Broadcast {
            participant,
            display_name,
            text,
        });
    }
}

//! Ends of sessions and of the held meeting.
//!
//! A session ends in exactly one of two places: [`Meeting::end_inside`] or [`Meeting::end_waiting`]. When the last one inside
//! is gone, the held meeting is over: bars, lock, hands, spotlight, media access and roles given by hand are forgotten; who waits keeps waiting.

use crate::changes::Ending;
use crate::media_access::AccessRules;
use crate::ringing::Rings;
use crate::{AttendanceFact, Bar, Meeting, Micros, Output, ParticipantId, ParticipantLeft, Refusal};

impl Meeting {
    /// Ends whatever session the participant has.
    pub(crate) fn end(&mut self, now: Micros, id: &ParticipantId, reason: Refusal, by: Option<&ParticipantId>) {
        self.end_inside(now, id, reason, by);
        self.end_waiting(now, id, reason, by);
    }

    fn end_inside(&mut self, now: Micros, id: &ParticipantId, reason: Refusal, by: Option<&ParticipantId>) {
        let Some(entry) = self.roster.remove(id) else { return };
        self.lower_hand(id);
        self.leave_spotlight(id);
        self.reactors.forget(id);
        self.typists.forget(id);
        self.senders.forget(id);
        if let Some(at) = self.dominant.iter().position(|speaker| speaker == id) {
            self.dominant.remove(at);
            self.dominant_since = Some(now);
            self.changes.dominant = true;
        }
        self.changes.touched.remove(id);
        self.changes.people = true;
        self.changes.left.push(ParticipantLeft {
            id: id.clone(),
            removed: reason == Refusal::Removed,
            reason: None,
        });
        self.changes.endings.push(Ending {
            session: entry.session,
            reason,
            inside: true,
        });
        self.record_left(now, id, reason, by);
    }

    fn end_waiting(&mut self, now: Micros, id: &ParticipantId, reason: Refusal, by: Option<&ParticipantId>) {
        let Some(waiting) = self.lobby.remove(id) else { return };
        self.changes.left_lobby.push(id.clone());
        self.changes.endings.push(Ending {
            session: waiting.session,
            reason,
            inside: false,
        });
        self.record_left(now, id, reason, by);
    }

    /// Ends all sessions, inside and waiting.
    pub(crate) fn end_all(&mut self, now: Micros, reason: Refusal, by: Option<&ParticipantId>) {
        for id in self.roster.ids().into_iter().chain(self.lobby.ids()) {
            self.end(now, &id, reason, by);
        }
    }

    /// Keeps somebody from coming back in this held meeting, and has that persisted.
    pub(crate) fn bar(&mut self, id: &ParticipantId, bar: Bar) {
        self.bars.insert(id.clone(), bar);
        self.outputs.push_back(Output::Removed {
            participant: id.clone(),
            bar,
        });
    }

    /// Closes the held meeting when the last one inside has just gone. Not when nobody has come yet: bars that the host
    /// gave back after a restart have to outlive the arrival and departure of those who wait.
    pub(crate) fn close_if_deserted(&mut self) {
        if !self.roster.is_empty() || self.changes.left.is_empty() {
            return;
        }
        self.changes.ended = std::mem::take(&mut self.begun);
        self.locked = false;
        self.bars.clear();
        self.given_roles.clear();
        self.dominant.clear();
        self.rings = Rings::default();
        self.dominant_since = None;
        self.hands.clear();
        self.spotlight.clear();
        self.breakout.clear();
        self.together = None;
        self.forget_captions();
        self.forget_recordings();
        self.access = AccessRules::new(&self.settings.options);
    }

    fn record_left(&mut self, at: Micros, participant: &ParticipantId, reason: Refusal, by: Option<&ParticipantId>) {
        self.outputs.push_back(Output::Attendance(AttendanceFact::Left {
            participant: participant.clone(),
            reason,
            by: by.cloned(),
            at,
        }));
    }
}

//! What follows in a call to people after each input: rings of nobody end, transfers of nobody end, and a call with one person
//! and nothing to wait for is over.

use super::Ring;
use crate::admission::decide;
use crate::ids::SECOND;
use crate::{CallKind, JoinPath, Meeting, Micros, ParticipantId, Refusal, TimeoutReason, Verdict};

/// Seconds that somebody is rung.
pub(super) const RING_S: Micros = 60;
/// Seconds in which somebody who is not connected may still connect and be rung.
pub(super) const REACH_S: Micros = 10;

impl Ring {
    /// When it ends without an answer, and as what.
    fn end(&self) -> (Micros, Refusal) {
        let (seconds, reason) = match self.reached {
            true => (RING_S, Refusal::NoAnswer),
            false => (REACH_S, Refusal::CalleeUnreachable),
        };
        (self.since.saturating_add(seconds.saturating_mul(SECOND)), reason)
    }
}

impl Meeting {
    /// When something about calls to people is due.
    pub(crate) fn calls_deadline(&self) -> Option<(Micros, TimeoutReason)> {
        let rings = self.rings.ringing.values().map(|ring| (ring.end().0, TimeoutReason::Ring));
        let expected = self
            .rings
            .expected
            .values()
            .map(|expected| (expected.until, TimeoutReason::Transfer));
        let transfers = self
            .rings
            .transfers
            .values()
            .map(|handover| (handover.until, TimeoutReason::Transfer));
        rings.chain(expected).chain(transfers).min_by_key(|(at, _)| *at)
    }

    /// Ends what is due.
    pub(crate) fn end_due_calls(&mut self, now: Micros) {
        let due: Vec<(ParticipantId, Refusal)> = self
            .rings
            .ringing
            .iter()
            .map(|(id, ring)| (id.clone(), ring.end()))
            .filter(|(_, (at, _))| *at <= now)
            .map(|(id, (_, reason))| (id, reason))
            .collect();
        for (id, reason) in due {
            self.end_ring(&id, reason, None, false);
        }
        self.rings.expected.retain(|_, expected| expected.until > now);
        let late = self.rings.transfers.iter().filter(|(_, handover)| handover.until <= now);
        for number in late.map(|(number, _)| *number).collect::<Vec<u32>>() {
            self.transfer_failed(number, Refusal::TransferExpired);
        }
    }

    /// Ends what nobody is left for. Asked after every input, before the meeting is looked at for being deserted.
    pub(crate) fn settle_calls(&mut self, now: Micros) {
        let gone = self
            .rings
            .transfers
            .iter()
            .filter(|(_, handover)| self.roster.get(&handover.transferee).is_none());
        for number in gone.map(|(number, _)| *number).collect::<Vec<u32>>() {
            self.transfer_failed(number, Refusal::TransfereeLeft);
        }
        if self.roster.is_empty() {
            self.end_all_rings(Refusal::CallCancelled);
            self.rings.expected.clear();
            return;
        }
        if self.settings.kind == CallKind::Meeting {
            self.end_calls_without_right();
        }
        self.rings.answered |= self.roster.len() > 1;
        let waits = !self.rings.ringing.is_empty() || !self.rings.expected.is_empty() || !self.rings.transfers.is_empty();
        if self.settings.kind != CallKind::Direct || self.roster.len() > 1 || waits {
            return;
        }
        let reason = match (self.rings.answered, self.rings.last) {
            (true, _) if self.rings.handed_over => Refusal::Transferred,
            (false, Some(reason)) => reason,
            (true, _) | (false, None) => Refusal::ConversationEnded,
        };
        for id in self.roster.ids() {
            self.end(now, &id, reason, None);
        }
    }

    /// Ends what somebody began who is no longer inside, or may no longer call whom they called: nobody passes the lobby on a right that is gone.
    fn end_calls_without_right(&mut self) {
        let rung = self.rings.ringing.iter();
        let over = rung.filter(|(id, ring)| self.must_be_callable(&ring.by, id).is_err());
        for id in over.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.end_ring(&id, Refusal::CallCancelled, None, false);
        }
        let expected = self.rings.expected.iter();
        let over = expected.filter(|(id, expected)| self.must_be_callable(&expected.by, id).is_err());
        for id in over.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.rings.expected.remove(&id);
        }
    }

    /// Ends every ring.
    pub(crate) fn end_all_rings(&mut self, reason: Refusal) {
        for id in self.rings.ringing.keys().cloned().collect::<Vec<_>>() {
            self.end_ring(&id, reason, None, false);
        }
    }

    /// Ends the rings of those whom changed rules no longer let in.
    pub(crate) fn reconsider_rings(&mut self, now: Micros) {
        for id in self.rings.ringing.keys().cloned().collect::<Vec<_>>() {
            let Ok(person) = super::callee::callee(&id) else { continue };
            if let Verdict::Refuse(refusal) = decide(now, &self.facts(&person, JoinPath::Called)) {
                self.end_ring(&id, refusal, None, false);
            }
        }
    }
}

//! Which calls ring at whom, and who is being handed over where.
//!
//! Owns: the names that ringing calls have towards clients, the tickets of transfers, how often somebody may call. Not here: who
//! may call whom and when a ring ends (`meeting`), sockets (`register`), the tasks that ring (`host::ringing`). Invariants: a name
//! of a ring or transfer is good for the one person that it was made for; a transfer's is good once. Locks are held for a map
//! operation and never across an await.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use meeting::{Refusal, TransferTarget, Transferor};
use tokio::time::{Duration, Instant};
use wire::IncomingCall;

use crate::{host::HostHandle, pace::Pace};

/// Calls that ring at one person at once; one more is told that the person is busy.
const MOST_RINGS: usize = 8;
/// Calls of one caller among them: nobody keeps somebody busy for all others.
const MOST_RINGS_OF_ONE: usize = 2;
/// People whom one identity may call in a row, and how often after that.
const CALLS: u32 = 40;
const CALLS_EVERY: Duration = Duration::from_secs(2);
/// Callers whose rate is remembered; beyond that those who have long been quiet are forgotten.
const MOST_CALLERS: usize = 4_096;

/// A call that rings.
#[derive(Clone)]
pub(crate) struct Ring {
    pub(crate) person: String,
    pub(crate) host: HostHandle,
    /// As the machine names it.
    pub(crate) number: u32,
    pub(crate) incoming: IncomingCall,
}

/// Somebody who is being handed over.
#[derive(Clone)]
pub(crate) struct Handover {
    pub(crate) person: String,
    /// The call that they leave.
    pub(crate) host: HostHandle,
    pub(crate) transferor: Transferor,
    pub(crate) target: TransferTarget,
}

#[derive(Default)]
pub(crate) struct Switchboard(Mutex<Board>);

#[derive(Default)]
struct Board {
    rings: HashMap<String, Ring>,
    /// Names of the rings at each person.
    at: HashMap<String, Vec<String>>,
    transfers: HashMap<String, Handover>,
    callers: HashMap<String, (Pace, Instant)>,
}

impl Switchboard {
    /// Counts that somebody calls so many people.
    pub(crate) fn count(&self, caller: &str, callees: usize, now: Instant) -> Result<(), Refusal> {
        let mut board = self.lock();
        if board.callers.len() >= MOST_CALLERS {
            let quiet = CALLS_EVERY * CALLS;
            board.callers.retain(|_, (_, last)| now.duration_since(*last) < quiet);
        }
        let (pace, last) = board
            .callers
            .entry(caller.to_owned())
            .or_insert_with(|| (Pace::new(CALLS, CALLS_EVERY, now), now));
        *last = now;
        let free = (0..callees.max(1)).all(|_| pace.try_take(now));
        if free { Ok(()) } else { Err(Refusal::TooFast) }
    }

    /// A call begins to ring at somebody.
    pub(crate) fn ring(&self, ring: Ring) -> Result<(), Refusal> {
        let mut board = self.lock();
        let at = board.at.get(&ring.person).map(Vec::as_slice).unwrap_or_default();
        let same = |id: &&String| {
            board
                .rings
                .get(*id)
                .is_some_and(|other| other.incoming.caller == ring.incoming.caller)
        };
        if at.len() >= MOST_RINGS || at.iter().filter(same).count() >= MOST_RINGS_OF_ONE {
            return Err(Refusal::CalleeBusy);
        }
        board.at.entry(ring.person.clone()).or_default().push(ring.incoming.id.clone());
        board.rings.insert(ring.incoming.id.clone(), ring);
        Ok(())
    }

    /// A call rings no more.
    pub(crate) fn end(&self, id: &str) {
        let mut board = self.lock();
        let Some(ring) = board.rings.remove(id) else { return };
        if let Some(at) = board.at.get_mut(&ring.person) {
            at.retain(|other| other != id);
            if at.is_empty() {
                board.at.remove(&ring.person);
            }
        }
    }

    /// The ring of this name, when it rings at this person.
    pub(crate) fn find(&self, id: &str, person: &str) -> Option<Ring> {
        self.lock().rings.get(id).filter(|ring| ring.person == person).cloned()
    }

    /// Everything that rings at this person.
    pub(crate) fn at(&self, person: &str) -> Vec<Ring> {
        let board = self.lock();
        let names = board.at.get(person).into_iter().flatten();
        names.filter_map(|id| board.rings.get(id).cloned()).collect()
    }

    /// Everything that one call rings, taken off the board.
    pub(crate) fn forget(&self, host: &HostHandle) -> Vec<Ring> {
        let rings: Vec<Ring> = self.lock().rings.values().filter(|ring| ring.host.same_as(host)).cloned().collect();
        for ring in &rings {
            self.end(&ring.incoming.id);
        }
        self.lock().transfers.retain(|_, handover| !handover.host.same_as(host));
        rings
    }

    /// Somebody may go over.
    pub(crate) fn offer(&self, transfer: String, handover: Handover) {
        self.lock().transfers.insert(transfer, handover);
    }

    /// Somebody goes over.
    pub(crate) fn take(&self, transfer: &str, person: &str) -> Option<Handover> {
        let mut board = self.lock();
        board.transfers.get(transfer).filter(|handover| handover.person == person)?;
        board.transfers.remove(transfer)
    }

    /// The way of a transfer is closed.
    pub(crate) fn withdraw(&self, transfer: &str) {
        self.lock().transfers.remove(transfer);
    }

    /// A panic while the maps were locked leaves maps that are still maps.
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(id: &str, person: &str) -> Ring {
        ring_of("a", id, person)
    }

    fn ring_of(caller: &str, id: &str, person: &str) -> Ring {
        let (inputs, _) = tokio::sync::mpsc::channel(1);
        Ring {
            person: person.to_owned(),
            host: HostHandle {
                thread_id: "call:x".to_owned(),
                inputs,
            },
            number: 1,
            incoming: IncomingCall {
                id: id.to_owned(),
                kind: wire::CallKind::Direct,
                caller: caller.to_owned(),
                caller_name: "A".to_owned(),
                custom_context: std::collections::BTreeMap::new(),
                transferor: None,
                transferor_name: None,
            },
        }
    }

    #[test]
    fn a_ring_is_found_by_the_person_it_rings_at_and_by_nobody_else() {
        let board = Switchboard::default();
        board.ring(ring("i", "b")).expect("rings");
        assert!(board.find("i", "b").is_some());
        assert!(board.find("i", "c").is_none());
        board.end("i");
        assert!(board.find("i", "b").is_none() && board.at("b").is_empty());
    }

    #[test]
    fn only_so_many_calls_ring_at_one_person_and_others_are_still_rung() {
        let board = Switchboard::default();
        for number in 0..MOST_RINGS {
            let (caller, id) = (format!("caller {number}"), number.to_string());
            board.ring(ring_of(&caller, &id, "b")).expect("rings");
        }
        assert_eq!(board.ring(ring("more", "b")).err(), Some(Refusal::CalleeBusy));
        assert!(board.ring(ring("other", "c")).is_ok());
        board.end("0");
        assert!(board.ring(ring("more", "b")).is_ok());
    }

    #[test]
    fn one_caller_rings_at_one_person_twice_at_once_and_leaves_room_for_others() {
        let board = Switchboard::default();
        for id in ["0", "1"] {
            board.ring(ring_of("a", id, "b")).expect("rings");
        }
        assert_eq!(board.ring(ring_of("a", "2", "b")).err(), Some(Refusal::CalleeBusy));
        assert!(board.ring(ring_of("c", "3", "b")).is_ok(), "somebody else");
        assert!(board.ring(ring_of("a", "4", "d")).is_ok(), "at somebody else");
        board.end("0");
        assert!(board.ring(ring_of("a", "5", "b")).is_ok(), "when one has ended");
    }

    #[test]
    fn one_caller_calls_only_so_often_and_another_one_may() {
        let (board, now) = (Switchboard::default(), Instant::now());
        let calls = usize::try_from(CALLS).expect("small");
        assert_eq!(board.count("a", calls, now), Ok(()));
        assert_eq!(board.count("a", 1, now), Err(Refusal::TooFast));
        assert_eq!(board.count("b", 1, now), Ok(()));
        assert_eq!(board.count("a", 1, now + CALLS_EVERY * 2), Ok(()));
    }
}

//! How the engines are shared between meetings.
//!
//! Owns: who may have another engine ([`Share::take`]). Not here: the engines (`pool`). Rules: one meeting has at most half of them, so that a noisy one
//! leaves some to the others; while a meeting that is written down is listened to, a quarter is kept for such meetings, since a caption that is missed is
//! gone, but a line that is missed is missing in the transcript for ever. Refused is not an error: the utterance is counted as unheard.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The shares of all meetings that are listened to.
#[derive(Debug)]
pub(crate) struct Shares {
    /// Engines of the node.
    most: usize,
    meetings: Mutex<Meetings>,
}

#[derive(Debug, Default)]
struct Meetings {
    /// As many as are listened to, or still have an engine.
    standing: BTreeMap<u64, Standing>,
    next: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    engines: usize,
    preferred: bool,
}

/// The share of one meeting; forgotten when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    shares: Arc<Shares>,
    meeting: u64,
}

/// One engine of a meeting's share; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Share>);

impl Shares {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            meetings: Mutex::default(),
        })
    }

    /// A share for a meeting that is listened to from now on.
    pub(crate) fn meeting(self: &Arc<Self>) -> Arc<Share> {
        let mut meetings = self.lock();
        let meeting = meetings.next;
        meetings.next = meeting.wrapping_add(1);
        meetings.standing.insert(meeting, Standing::default());
        drop(meetings);
        Arc::new(Share {
            shares: Arc::clone(self),
            meeting,
        })
    }

    /// Engines that one meeting has at most.
    fn of_one(&self) -> usize {
        (self.most / 2).max(1)
    }

    /// Engines kept for meetings that are written down; the only one is for everybody.
    fn kept(&self) -> usize {
        if self.most > 1 { (self.most / 4).max(1) } else { 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Meetings> {
        self.meetings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Says whether what is said in the meeting is written down.
    pub(crate) fn prefer(&self, preferred: bool) {
        if let Some(standing) = self.shares.lock().standing.get_mut(&self.meeting) {
            standing.preferred = preferred;
        }
    }

    /// One engine more, when there is one for this meeting.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Place> {
        let mut meetings = self.shares.lock();
        let own = meetings.standing.get(&self.meeting).copied()?;
        let taken: usize = meetings.standing.values().map(|standing| standing.engines).sum();
        let others = meetings.standing.values().filter(|standing| !standing.preferred);
        let by_others: usize = others.map(|standing| standing.engines).sum();
        let kept = match meetings.standing.values().any(|standing| standing.preferred) {
            true => self.shares.kept(),
            false => 0,
        };
        let free = taken < self.shares.most
            && own.engines < self.shares.of_one()
            && (own.preferred || by_others < self.shares.most.saturating_sub(kept));
        if !free {
            return None;
        }
        if let Some(standing) = meetings.standing.get_mut(&self.meeting) {
            standing.engines = standing.engines.saturating_add(1);
        }
        drop(meetings);
        Some(Place(Arc::clone(self)))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.shares.lock().standing.remove(&self.meeting);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(standing) = self.0.shares.lock().standing.get_mut(&self.0.meeting) {
            standing.engines = standing.engines.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many as the meeting gets.
    fn all(share: &Arc<Share>) -> Vec<Place> {
        std::iter::from_fn(|| share.take()).collect()
    }

    #[test]
    fn one_meeting_has_half_of_the_engines_and_another_one_the_rest() {
        let shares = Shares::new(4);
        let (noisy, other, third) = (shares.meeting(), shares.meeting(), shares.meeting());
        let taken = all(&noisy);
        assert_eq!((taken.len(), all(&other).len()), (2, 2));
        let others = all(&other);
        assert!(third.take().is_none(), "all are busy");
        drop(others);
        assert!(third.take().is_some() && noisy.take().is_none());
        drop(taken);
        assert!(noisy.take().is_some(), "what is given back is there again");
        let only = Shares::new(1);
        assert_eq!(all(&only.meeting()).len(), 1, "the only engine is for whoever speaks first");
    }

    #[test]
    fn a_meeting_that_is_written_down_finds_an_engine_that_the_others_left_to_it() {
        let shares = Shares::new(4);
        let (noisy, loud, written) = (shares.meeting(), shares.meeting(), shares.meeting());
        written.prefer(true);
        let taken = (all(&noisy), all(&loud));
        assert_eq!((taken.0.len(), taken.1.len()), (2, 1));
        let own = all(&written);
        assert_eq!(own.len(), 1);
        drop((taken, own));
        assert_eq!(all(&written).len(), 2, "half is the bound for it too");
        drop(written);
        let taken = (all(&noisy), all(&loud));
        assert_eq!((taken.0.len(), taken.1.len()), (2, 2), "nothing is kept for nobody");
    }
}

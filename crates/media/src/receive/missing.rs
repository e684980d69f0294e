//! Packets of one source that did not come, and when they are asked for again (RFC 4585 §6.2.1).
//!
//! Bounded: where more is lost than a client would send again, all is forgotten; who receives it asks for a key frame when a picture is missing.

use std::time::{Duration, Instant};

use super::seen::WIDTH;

/// What comes a little late is not asked for.
const REORDERED: Duration = Duration::from_millis(5);
/// Longest gap that is asked for, and the most that is missing at a time.
const LONGEST_GAP: u64 = 256;
const MOST: usize = 512;
/// How often a packet is asked for, and for how long.
const MOST_ASKED: u8 = 10;
const LONGEST: Duration = Duration::from_secs(1);
/// A packet is asked for again after a round trip and a little more, which is not less and not more than these.
const SOONEST: Duration = Duration::from_millis(20);
const LATEST: Duration = Duration::from_millis(250);
const MARGIN: Duration = Duration::from_millis(5);
/// Numbers in one message.
const IN_ONE: usize = 128;

/// A packet that did not come.
#[derive(Debug, Clone, Copy)]
struct Lost {
    index: u64,
    asked: u8,
    since: Instant,
    /// When it is asked for next.
    at: Instant,
}

/// What is missing of one source.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// By number.
    lost: Vec<Lost>,
    /// The number behind the newest.
    next: Option<u64>,
}

impl Missing {
    /// A packet came; `again` says whether what it shows to be missing is asked for. Gives when.
    pub(super) fn came(&mut self, now: Instant, index: u64, again: bool) -> Option<Instant> {
        match self.next {
            Some(next) if index < next => {
                self.found(index);
                None
            }
            next => {
                self.next = Some(index + 1);
                let skipped = next.filter(|next| again && *next < index)?;
                self.skipped(now, skipped, index)
            }
        }
    }

    /// These did not come before the one behind them.
    fn skipped(&mut self, now: Instant, from: u64, to: u64) -> Option<Instant> {
        let gap = to.saturating_sub(from);
        if gap > LONGEST_GAP || self.lost.len() + usize::try_from(gap).unwrap_or(MOST) > MOST {
            self.clear();
            return None;
        }
        let at = now + REORDERED;
        self.lost.extend((from..to).map(|index| Lost {
            index,
            asked: 0,
            since: now,
            at,
        }));
        Some(at)
    }

    /// It came after all.
    fn found(&mut self, index: u64) {
        if let Ok(at) = self.lost.binary_search_by_key(&index, |lost| lost.index) {
            self.lost.remove(at);
            if self.lost.is_empty() {
                self.clear();
            }
        }
    }

    /// How many are missing.
    pub(super) fn count(&self) -> usize {
        self.lost.len()
    }

    /// How many are between the newest and this one.
    pub(super) fn gap(&self, index: u64) -> u64 {
        self.next.map_or(0, |next| index.saturating_sub(next))
    }

    /// Nothing is asked for any more.
    pub(super) fn clear(&mut self) {
        // Its place is freed, too: losses are rare.
        self.lost = Vec::new();
    }

    /// Forgets what is too old or was asked for too often.
    pub(super) fn give_up(&mut self, now: Instant) {
        let next = self.next.unwrap_or_default();
        let hopeful = |lost: &Lost| {
            let waits = lost.asked < MOST_ASKED || now < lost.at;
            waits && now.saturating_duration_since(lost.since) < LONGEST && lost.index + WIDTH >= next
        };
        self.lost.retain(hopeful);
    }

    /// What is to be asked for now, as much as one message has.
    pub(super) fn due(&self, now: Instant) -> impl Iterator<Item = u64> + '_ {
        let due = self.lost.iter().filter(move |lost| lost.is_due(now));
        due.take(IN_ONE).map(|lost| lost.index)
    }

    /// What was due was asked for.
    pub(super) fn asked(&mut self, now: Instant, round_trip: Duration) {
        let again = now + round_trip.clamp(SOONEST, LATEST) + MARGIN;
        for lost in self.lost.iter_mut().filter(|lost| lost.is_due(now)).take(IN_ONE) {
            lost.asked += 1;
            lost.at = again;
        }
    }

    /// When something is due next.
    pub(super) fn due_at(&self) -> Option<Instant> {
        self.lost.iter().map(|lost| lost.at.min(lost.since + LONGEST)).min()
    }
}

impl Lost {
    fn is_due(&self, now: Instant) -> bool {
        self.at <= now && self.asked < MOST_ASKED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const TRIP: Duration = Duration::from_millis(50);

    /// The packets of these numbers came at once.
    fn after(now: Instant, came: impl IntoIterator<Item = u64>) -> Missing {
        let mut missing = Missing::default();
        for index in came {
            missing.came(now, index, true);
        }
        missing
    }

    /// Asks for what is due.
    fn asks(missing: &mut Missing, now: Instant) -> Vec<u64> {
        missing.give_up(now);
        let due = missing.due(now).collect();
        missing.asked(now, TRIP);
        due
    }

    #[test]
    fn what_did_not_come_is_asked_for_after_a_moment_and_again_after_each_round_trip() {
        let now = Instant::now();
        let mut missing = after(now, [3, 4]);
        assert_eq!(missing.due_at(), None);
        assert_eq!(missing.came(now, 8, true), Some(now + 5 * MS));
        assert_eq!(asks(&mut missing, now + 4 * MS), []);
        assert_eq!(missing.came(now + 4 * MS, 6, true), None);
        assert_eq!(asks(&mut missing, now + 5 * MS), [5, 7], "what was only late is not asked for");
        assert_eq!(asks(&mut missing, now + 6 * MS), []);
        assert_eq!(missing.due_at(), Some(now + 60 * MS));
        assert_eq!(asks(&mut missing, now + 59 * MS), []);
        missing.came(now, 5, true);
        assert_eq!(asks(&mut missing, now + 60 * MS), [7]);
        missing.came(now, 7, true);
        assert_eq!(missing.due_at(), None);
    }

    #[test]
    fn nothing_is_asked_of_who_sends_nothing_again() {
        let now = Instant::now();
        let mut missing = Missing::default();
        for index in [1, 5, 9] {
            assert_eq!(missing.came(now, index, false), None);
        }
        assert_eq!(asks(&mut missing, now + 50 * MS), []);
    }

    #[test]
    fn after_ten_times_a_second_or_a_thousand_packets_nobody_asks_any_more() {
        let now = Instant::now();
        let times = |trip: Duration| {
            let mut missing = after(now, [4, 6]);
            let mut asked = 0;
            for ms in 0..2_000 {
                let now = now + ms * MS;
                missing.give_up(now);
                asked += missing.due(now).count();
                missing.asked(now, trip);
            }
            assert_eq!(missing.due_at(), None);
            asked
        };
        assert_eq!(times(Duration::ZERO), 10, "each 25 ms");
        assert_eq!(times(195 * MS), 5, "each 200 ms, for a second");
        assert_eq!(times(5_000 * MS), 4, "however long the way is");
        let mut missing = after(now, (4..5 + 1_024).filter(|index| *index != 5));
        assert_eq!(asks(&mut missing, now + 5 * MS), [5]);
        missing.came(now, 5 + 1_024, true);
        assert_eq!(asks(&mut missing, now + 60 * MS), []);
        assert_eq!(missing.due_at(), None);
    }

    #[test]
    fn a_gap_that_nobody_would_fill_and_too_many_of_them_are_forgotten() {
        let now = Instant::now();
        let mut missing = after(now, [0, 257]);
        assert!(missing.came(now, 514, true).is_some());
        assert_eq!(missing.due(now + 5 * MS).count(), IN_ONE, "one message");
        assert!(missing.came(now, 516, true).is_none());
        assert_eq!(missing.due_at(), None);
        assert!(missing.came(now, 774, true).is_none());
        assert_eq!(missing.due_at(), None);
        assert!(missing.came(now, 776, true).is_some(), "what is lost later is asked for");
    }

    #[test]
    fn what_one_message_does_not_hold_stays_due() {
        let now = Instant::now();
        let mut missing = after(now, [0, 201]);
        let now = now + 5 * MS;
        assert_eq!(asks(&mut missing, now), (1..129).collect::<Vec<_>>());
        assert_eq!(asks(&mut missing, now), (129..201).collect::<Vec<_>>());
        assert_eq!(asks(&mut missing, now), []);
    }
}

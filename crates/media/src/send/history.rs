//! What was sent in one video slot lately, to be sent again when it was lost.
//!
//! The payload is shared by all who received it; a receiver keeps its own numbers beside it. Bounded by count and by age: what the client could not ask
//! for in time would come too late to be shown.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::peer::Inbound;
use crate::routing::Numbers;

/// Packets kept: more than a second of a large picture.
const MOST: usize = 512;
/// How long a packet is worth sending again.
const AGE: Duration = Duration::from_millis(1_000);
/// A packet is not sent again within this time, or within a round trip where that is known.
const LEAST_PAUSE: Duration = Duration::from_millis(15);

/// A packet that was sent.
#[derive(Debug)]
struct Kept {
    packet: Arc<Inbound>,
    numbers: Numbers,
    at: Instant,
    again_at: Option<Instant>,
}

/// What was sent in one slot.
#[derive(Debug, Default)]
pub(super) struct History {
    kept: VecDeque<Kept>,
}

impl History {
    /// Notes what was sent.
    pub(super) fn push(&mut self, now: Instant, packet: Arc<Inbound>, numbers: Numbers) {
        self.prune(now);
        if self.kept.len() >= MOST {
            self.kept.pop_front();
        }
        let kept = Kept {
            packet,
            numbers,
            at: now,
            again_at: None,
        };
        match self.kept.back() {
            Some(last) if last.numbers.seq > numbers.seq => {
                let at = self.kept.partition_point(|other| other.numbers.seq < numbers.seq);
                self.kept.insert(at, kept);
            }
            _ => self.kept.push_back(kept),
        }
    }

    /// Lets go of what is too old.
    pub(super) fn prune(&mut self, now: Instant) {
        while self.kept.front().is_some_and(|first| now.saturating_duration_since(first.at) > AGE) {
            self.kept.pop_front();
        }
    }

    /// What was sent last.
    pub(super) fn newest(&self) -> Option<(Arc<Inbound>, Numbers)> {
        let kept = self.kept.back()?;
        Some((Arc::clone(&kept.packet), kept.numbers))
    }

    /// The packet with this number, unless it is gone, was sent again a moment ago, or has more bytes than `most`.
    pub(super) fn again(&mut self, now: Instant, seq: u16, round_trip: Option<Duration>, most: u64) -> Option<(Arc<Inbound>, Numbers)> {
        let newest = self.kept.back()?.numbers.seq;
        // The number as it was when it was sent: at most half a round behind the newest.
        let behind = u64::from(u16::try_from(newest & 0xffff).ok()?.wrapping_sub(seq));
        let wanted = newest.checked_sub(behind)?;
        let at = self.kept.binary_search_by_key(&wanted, |kept| kept.numbers.seq).ok()?;
        let kept = self.kept.get_mut(at)?;
        let pause = round_trip.unwrap_or_default().max(LEAST_PAUSE);
        let lately = |at: Instant| now.saturating_duration_since(at) < pause;
        let late = now.saturating_duration_since(kept.at) > AGE;
        if late || kept.again_at.is_some_and(lately) || kept.packet.payload.len() as u64 > most {
            return None;
        }
        kept.again_at = Some(now);
        Some((Arc::clone(&kept.packet), kept.numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::send::tests::picture;

    fn numbers(seq: u64) -> Numbers {
        Numbers {
            seq,
            timestamp: 0,
            ..Numbers::default()
        }
    }

    /// More than any packet has.
    const MUCH: u64 = 1_000_000;

    fn of(now: Instant, numbers_: impl IntoIterator<Item = u64>) -> History {
        let mut history = History::default();
        for seq in numbers_ {
            history.push(now, picture(now, 10), numbers(seq));
        }
        history
    }

    #[test]
    fn a_lost_packet_is_found_over_the_rollover_and_out_of_order() {
        let now = Instant::now();
        let mut history = of(now, [65_534, 65_535, 65_537, 65_536]);
        for (seq, found) in [(65_534_u16, 65_534), (65_535, 65_535), (0, 65_536), (1, 65_537)] {
            assert_eq!(history.again(now, seq, None, MUCH).map(|(_, numbers)| numbers.seq), Some(found));
        }
        assert!(history.again(now, 2, None, MUCH).is_none(), "never sent");
        assert!(history.again(now, 65_533, None, MUCH).is_none(), "sent before there was anything");
    }

    #[test]
    fn it_is_sent_again_once_in_a_round_trip() {
        let now = Instant::now();
        let mut history = of(now, [1]);
        let trip = Some(Duration::from_millis(100));
        assert!(history.again(now, 1, trip, MUCH).is_some());
        assert!(history.again(now + Duration::from_millis(99), 1, trip, MUCH).is_none());
        assert!(history.again(now + Duration::from_millis(100), 1, trip, MUCH).is_some());
    }

    #[test]
    fn what_is_larger_than_allowed_is_kept_for_later() {
        let now = Instant::now();
        let mut history = of(now, [1]);
        assert!(history.again(now, 1, None, 9).is_none());
        assert!(
            history.again(now, 1, None, 10).is_some(),
            "that it was refused is not held against it"
        );
    }

    #[test]
    fn what_is_old_is_let_go() {
        let now = Instant::now();
        let mut history = of(now, 1..=10);
        assert!(history.again(now + AGE, 5, None, MUCH).is_some());
        assert!(history.again(now + AGE + Duration::from_millis(1), 6, None, MUCH).is_none());
        history.push(now + AGE * 2, picture(now, 10), numbers(11));
        assert_eq!(history.kept.len(), 1);
    }

    #[test]
    fn no_more_is_kept_than_the_most() {
        let now = Instant::now();
        assert_eq!(of(now, 1..=600).kept.len(), MOST);
    }
}

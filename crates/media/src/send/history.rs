//! What was sent in one video slot lately, to be sent again when it was lost.
//!
//! The payload is shared by all who received it; a receiver keeps its own numbers beside it. Bounded by count and by age: what the client could not ask
//! for in time would come too late to be shown.

use std::collections::VecDeque;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::peer::Inbound;
use crate::routing::Numbers;

/// Packets kept: more than a second of a large picture.
const MOST: usize = 512;
/// How long a packet is worth sending again at most.
const LONGEST_AGE: Duration = Duration::from_millis(1_000);
/// And at least, and while the round trip is not known: a stall of the client's network may last so long before the client sees what it lost.
const SHORTEST_AGE: Duration = Duration::from_millis(400);
/// A client asks once in a round trip; after so many it has given the picture up.
const ASKED_AT_MOST: u32 = 8;
/// Places to begin with.
const FEW: usize = 8;
/// A packet is not sent again within this time, or within a round trip where that is known.
const LEAST_PAUSE: Duration = Duration::from_millis(15);

/// A packet that was sent. There are many of them: times in milliseconds and numbers in as few bits as tell them apart, half of what they take elsewhere.
#[derive(Debug)]
struct Kept {
    packet: Arc<Inbound>,
    /// The lower bits of its index.
    seq: u32,
    timestamp: u32,
    at: Millis,
    /// Milliseconds from when it was sent to when it was sent again last, and one.
    again_at: Option<NonZeroU16>,
    picture: u16,
    frame: u16,
    tl0: u8,
    flags: Flags,
}

/// Of [`Kept`]: which of its numbers are there, and two that are a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Flags(u8);

impl Flags {
    const PICTURE: u8 = 1;
    const TL0: u8 = 1 << 1;
    const FRAME: u8 = 1 << 2;
    const MARKER: u8 = 1 << 3;
    const BLANK: u8 = 1 << 4;

    fn of(numbers: &Numbers) -> Self {
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        Self(
            flag(numbers.picture.is_some(), Self::PICTURE)
                | flag(numbers.tl0.is_some(), Self::TL0)
                | flag(numbers.frame.is_some(), Self::FRAME)
                | flag(numbers.marker, Self::MARKER)
                | flag(numbers.blank, Self::BLANK),
        )
    }

    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// Milliseconds since the history began. They go around after seven weeks; what is kept is younger by far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Millis(u32);

impl Millis {
    fn since(self, before: Self) -> Duration {
        Duration::from_millis(self.0.wrapping_sub(before.0).into())
    }
}

impl Kept {
    fn new(at: Millis, packet: Arc<Inbound>, numbers: &Numbers) -> Self {
        Self {
            packet,
            seq: low(numbers.seq),
            timestamp: numbers.timestamp,
            at,
            again_at: None,
            picture: numbers.picture.unwrap_or_default(),
            frame: numbers.frame.unwrap_or_default(),
            tl0: numbers.tl0.unwrap_or_default(),
            flags: Flags::of(numbers),
        }
    }

    /// Its index, known that of the newest.
    fn index(&self, newest: u64) -> u64 {
        newest.saturating_sub(low(newest).wrapping_sub(self.seq).into())
    }

    fn numbers(&self, newest: u64) -> Numbers {
        let there = |bit| self.flags.has(bit);
        Numbers {
            seq: self.index(newest),
            timestamp: self.timestamp,
            picture: there(Flags::PICTURE).then_some(self.picture),
            tl0: there(Flags::TL0).then_some(self.tl0),
            frame: there(Flags::FRAME).then_some(self.frame),
            marker: there(Flags::MARKER),
            blank: there(Flags::BLANK),
        }
    }
}

/// What was sent in one slot.
#[derive(Debug, Default)]
pub(super) struct History {
    kept: VecDeque<Kept>,
    began: Option<Instant>,
    /// The highest index.
    newest: u64,
}

impl History {
    fn millis(&self, now: Instant) -> Millis {
        let passed = self.began.map_or(Duration::ZERO, |began| now.saturating_duration_since(began));
        // Only differences count.
        Millis((passed.as_millis() & u128::from(u32::MAX)) as u32)
    }

    /// Notes what was sent.
    pub(super) fn push(&mut self, now: Instant, packet: Arc<Inbound>, numbers: Numbers, round_trip: Option<Duration>) {
        self.began.get_or_insert(now);
        let now = self.millis(now);
        self.drop_old(now, worth(round_trip));
        if self.kept.len() >= MOST {
            self.kept.pop_front();
        }
        if self.kept.len() == self.kept.capacity() {
            // There is one for each slot of each client: twice as much as is needed would be felt.
            self.kept.reserve_exact((self.kept.len() / 8).max(FEW));
        }
        let kept = Kept::new(now, packet, &numbers);
        if self.kept.is_empty() || numbers.seq > self.newest {
            self.newest = numbers.seq;
            self.kept.push_back(kept);
        } else {
            let newest = self.newest;
            let at = self.kept.partition_point(|other| other.index(newest) < numbers.seq);
            self.kept.insert(at, kept);
        }
    }

    /// Lets go of what is too old.
    pub(super) fn prune(&mut self, now: Instant, round_trip: Option<Duration>) {
        self.drop_old(self.millis(now), worth(round_trip));
        if self.kept.is_empty() {
            self.kept = VecDeque::new();
        }
    }

    fn drop_old(&mut self, now: Millis, age: Duration) {
        while self.kept.front().is_some_and(|first| now.since(first.at) > age) {
            self.kept.pop_front();
        }
    }

    /// What was sent last.
    pub(super) fn newest(&self) -> Option<(Arc<Inbound>, Numbers)> {
        let kept = self.kept.back()?;
        Some((Arc::clone(&kept.packet), kept.numbers(self.newest)))
    }

    /// The packet with this number, unless it is gone, was sent again a moment ago, or has more bytes than `most`.
    pub(super) fn again(&mut self, now: Instant, seq: u16, round_trip: Option<Duration>, most: u64) -> Option<(Arc<Inbound>, Numbers)> {
        let (now, newest) = (self.millis(now), self.newest);
        // The number as it was when it was sent: at most half a round behind the newest.
        let behind = u64::from(u16::try_from(newest & 0xffff).ok()?.wrapping_sub(seq));
        let wanted = newest.checked_sub(behind)?;
        let at = self.kept.binary_search_by_key(&wanted, |kept| kept.index(newest)).ok()?;
        let kept = self.kept.get_mut(at)?;
        let age = now.since(kept.at);
        let pause = round_trip.unwrap_or_default().max(LEAST_PAUSE);
        let lately = |again: NonZeroU16| age.saturating_sub(Duration::from_millis((again.get() - 1).into())) < pause;
        if age > worth(round_trip) || kept.again_at.is_some_and(lately) || kept.packet.payload.len() as u64 > most {
            return None;
        }
        kept.again_at = u16::try_from(age.as_millis() + 1).ok().and_then(NonZeroU16::new);
        Some((Arc::clone(&kept.packet), kept.numbers(newest)))
    }
}

/// How long a packet is worth sending again to a client that far away.
fn worth(round_trip: Option<Duration>) -> Duration {
    round_trip.map_or(SHORTEST_AGE, |trip| (trip * ASKED_AT_MOST).clamp(SHORTEST_AGE, LONGEST_AGE))
}

fn low(index: u64) -> u32 {
    (index & u64::from(u32::MAX)) as u32
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
            history.push(now, picture(now, 10), numbers(seq), None);
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
        for (trip, age) in [
            (None, SHORTEST_AGE),
            (Some(Duration::from_millis(20)), SHORTEST_AGE),
            (Some(Duration::from_millis(100)), Duration::from_millis(800)),
            (Some(Duration::from_millis(300)), LONGEST_AGE),
        ] {
            let mut history = of(now, 1..=10);
            assert!(history.again(now + age, 5, trip, MUCH).is_some());
            assert!(history.again(now + age + Duration::from_millis(1), 6, trip, MUCH).is_none());
            history.push(now + age, picture(now, 10), numbers(11), trip);
            assert_eq!(history.kept.len(), 11);
            history.push(now + age + Duration::from_millis(1), picture(now, 10), numbers(12), trip);
            assert_eq!(history.kept.len(), 2);
            history.prune(now + age * 2, trip);
            assert_eq!(history.kept.len(), 2);
            history.prune(now + age * 2 + Duration::from_millis(2), trip);
            assert_eq!(history.kept.capacity(), 0, "nothing is held for what rests");
        }
    }

    #[test]
    fn what_is_found_is_what_was_sent() {
        let now = Instant::now();
        let all = [
            Numbers::default(),
            Numbers {
                timestamp: u32::MAX,
                picture: Some(0x7fff),
                tl0: Some(255),
                frame: Some(65_535),
                marker: true,
                blank: true,
                ..Numbers::default()
            },
            Numbers {
                picture: Some(0),
                ..Numbers::default()
            },
            Numbers {
                tl0: Some(0),
                marker: true,
                ..Numbers::default()
            },
            Numbers {
                frame: Some(0),
                blank: true,
                ..Numbers::default()
            },
        ];
        // Indexes on both sides of where their lower bits go around.
        let first = (1 << 32) - 2;
        let mut history = History::default();
        let sent: Vec<Numbers> = all
            .into_iter()
            .zip(first..)
            .map(|(numbers, seq)| Numbers { seq, ..numbers })
            .collect();
        for numbers in &sent {
            history.push(now, picture(now, 10), *numbers, None);
        }
        for numbers in sent {
            let seq = u16::try_from(numbers.seq & 0xffff).unwrap();
            assert_eq!(history.again(now, seq, None, MUCH).map(|(_, found)| found), Some(numbers));
        }
    }

    #[test]
    fn a_packet_that_is_kept_takes_few_bytes() {
        assert_eq!(size_of::<Kept>(), 32);
    }

    #[test]
    fn no_more_is_kept_than_the_most_and_little_more_place_than_that() {
        let now = Instant::now();
        assert_eq!(of(now, 1..=600).kept.len(), MOST);
        for count in [1, 16, 17, 65, 200] {
            let capacity = of(now, 1..=count).kept.capacity();
            assert!(capacity <= usize::try_from(count).unwrap() * 9 / 8 + 8, "{capacity} for {count}");
        }
    }
}

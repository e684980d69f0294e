//! When packets came, by their number over all streams, as the client's estimate of the path goes by it
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01).
//!
//! A report covers each number since the last one, come or not. A packet that comes after its number was passed has the report begin with it again, as
//! browsers do; so what was told lately is kept.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rtp::NoRoom;
use rtp::rtcp::write::{Arrived, transport_feedback};

/// Between two reports while packets come.
const EVERY: Duration = Duration::from_millis(100);
/// So many that wait are reported at once.
const MANY: usize = 512;
/// The most that is kept; the oldest are forgotten for newer ones.
const MOST: usize = 1_024;
/// What was told is kept for packets that come late.
const KEPT: usize = 32;
/// A step in the numbers that is longer is another beginning, not a loss.
const LONGEST_GAP: i64 = 8_192;
/// After so long without a number that can be, one that cannot be is another beginning, too.
const SILENT: Duration = Duration::from_secs(1);
/// In microseconds.
const TICK: u128 = 250;

/// The arrivals of one client.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// What times are counted from.
    began: Option<Instant>,
    /// Number, not wrapping, and time in ticks; by number.
    came: VecDeque<(i64, i64)>,
    /// The newest number.
    newest: i64,
    /// All before it were told.
    next: i64,
    /// Of those before it nothing is known any more.
    oldest: i64,
    messages: u8,
    due: Option<Instant>,
    told_at: Option<Instant>,
    /// When a number came last that could be.
    heard_at: Option<Instant>,
    /// Used again for each message.
    batch: Vec<(u16, Option<i64>)>,
}

/// The lower 16 bits.
fn low(number: i64) -> u16 {
    let [.., high, low] = number.to_be_bytes();
    u16::from_be_bytes([high, low])
}

impl Arrivals {
    /// A packet with this number came. Gives when a report is due.
    pub(super) fn came(&mut self, now: Instant, number: u16) -> Option<Instant> {
        let began = *self.began.get_or_insert(now);
        let ticks = i64::try_from(now.saturating_duration_since(began).as_micros() / TICK).ok()?;
        let further = self.newest + i64::from(number.wrapping_sub(low(self.newest)).cast_signed());
        let silent = self.heard_at.is_some_and(|at| now.saturating_duration_since(at) >= SILENT);
        if further < self.oldest && silent {
            self.came.clear();
        }
        let number = if self.came.is_empty() {
            self.next = i64::from(number);
            self.oldest = i64::MIN;
            i64::from(number)
        } else {
            further
        };
        if number < self.oldest {
            return None;
        }
        self.heard_at = Some(now);
        match self.came.back() {
            Some((last, _)) if number <= *last => match self.came.binary_search_by_key(&number, |(number, _)| *number) {
                Ok(_) => return None,
                Err(at) => self.came.insert(at, (number, ticks)),
            },
            _ => {
                self.newest = number;
                self.came.push_back((number, ticks));
            }
        }
        self.next = self.next.min(number);
        if self.came.len() > MOST {
            self.forget();
            self.next = self.next.max(self.oldest);
        }
        let due = self.told_at.map_or(now, |told| now.max(told + EVERY));
        let due = if self.came.len() >= MANY { now } else { due };
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
        self.due
    }

    /// When a report is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// The oldest is not known any more.
    fn forget(&mut self) {
        if let Some((number, _)) = self.came.pop_front() {
            self.oldest = number + 1;
        }
    }

    /// Writes one message of what is due; what it does not hold stays due.
    pub(super) fn write(&mut self, now: Instant, sender: u32, media: u32, out: &mut [u8]) -> Result<usize, NoRoom> {
        let begin = self.came.partition_point(|(number, _)| *number < self.next);
        let Some((first, _)) = self.came.get(begin).copied() else {
            self.due = None;
            return Ok(0);
        };
        if first - self.next > LONGEST_GAP {
            self.next = first;
        }
        self.batch.clear();
        // What is missing at the beginning is told, too.
        self.batch.extend((first > self.next).then_some((low(self.next), None)));
        let arrived = self.came.range(begin..).map(|(number, ticks)| (low(*number), Some(*ticks)));
        self.batch.extend(arrived);
        let message = Arrived {
            sender,
            media,
            feedback_count: self.messages,
            packets: &self.batch,
        };
        let written = transport_feedback(out, &message)?;
        self.messages = self.messages.wrapping_add(1);
        let told = written.packets.saturating_sub(self.batch.len() - (self.came.len() - begin));
        self.next = match begin.checked_add(told).and_then(|end| self.came.get(end.checked_sub(1)?)) {
            Some((last, _)) if told > 0 => last + 1,
            // Only what is missing was told.
            _ => self.next + 1,
        };
        if self.next > self.newest {
            self.due = None;
            self.told_at = Some(now);
        }
        while self.came.len() > KEPT && self.came.get(KEPT).is_some() && self.told() > KEPT {
            self.forget();
        }
        Ok(written.length)
    }

    /// How many of what is kept were told.
    fn told(&self) -> usize {
        self.came.partition_point(|(number, _)| *number < self.next)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use rtp::rtcp::{Packet, packets};

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A message as it is read: its first number and count, all statuses, the arrivals.
    #[derive(Debug)]
    struct Read {
        base: u16,
        count: u16,
        message: u8,
        arrivals: Vec<(u16, i64)>,
    }

    fn tell(arrivals: &mut Arrivals, now: Instant) -> Vec<Read> {
        let mut told = Vec::new();
        while arrivals.due().is_some_and(|due| due <= now) {
            let mut out = [0; 1_100];
            let length = arrivals.write(now, 1, 2, &mut out).unwrap();
            let Some(Ok(Packet::TransportFeedback(read))) = packets(&out[..length]).next() else {
                panic!("{:?}", &out[..length]);
            };
            assert_eq!((read.sender, read.media), (1, 2));
            told.push(Read {
                base: read.base_sequence,
                count: read.status_count,
                message: read.feedback_count,
                arrivals: read.arrivals().collect(),
            });
        }
        told
    }

    #[test]
    fn each_report_goes_on_where_the_last_one_ended_with_its_gaps() {
        let begin = Instant::now();
        let mut arrivals = Arrivals::default();
        for (number, ms) in [(65_533_u16, 0), (65_534, 10)] {
            arrivals.came(begin + ms * MS, number);
        }
        let told = tell(&mut arrivals, begin + 10 * MS);
        assert_eq!(told[0].arrivals, [(65_533, 0), (65_534, 40)], "at once, the first time");
        assert_eq!((told[0].base, told[0].count, told[0].message), (65_533, 2, 0));
        // Around, with the first two missing.
        assert_eq!(arrivals.came(begin + 20 * MS, 1), Some(begin + 110 * MS));
        arrivals.came(begin + 25 * MS, 0);
        arrivals.came(begin + 90 * MS, 3);
        assert!(tell(&mut arrivals, begin + 109 * MS).is_empty());
        let told = tell(&mut arrivals, begin + 110 * MS);
        assert_eq!((told[0].base, told[0].count, told[0].message), (65_535, 5, 1));
        assert_eq!(told[0].arrivals, [(0, 100), (1, 80), (3, 360)]);
        assert_eq!(arrivals.due(), None);
    }

    #[test]
    fn what_comes_late_is_told_with_all_behind_it() {
        let begin = Instant::now();
        let mut arrivals = Arrivals::default();
        for number in (0..50).filter(|number| *number != 40) {
            arrivals.came(begin, number);
        }
        assert_eq!(tell(&mut arrivals, begin).len(), 1);
        arrivals.came(begin + 30 * MS, 40);
        arrivals.came(begin + 40 * MS, 50);
        let told = tell(&mut arrivals, begin + 100 * MS);
        assert_eq!((told[0].base, told[0].count), (40, 11));
        assert_eq!(told[0].arrivals.len(), 11);
        // Twice the same number, and one of which nothing is known any more.
        assert_eq!(arrivals.came(begin + 110 * MS, 45), None);
        assert_eq!(arrivals.came(begin + 110 * MS, 2), None);
        assert!(tell(&mut arrivals, begin + 500 * MS).is_empty());
    }

    #[test]
    fn a_flood_is_told_sooner_and_kept_within_its_bound() {
        let begin = Instant::now();
        let mut arrivals = Arrivals::default();
        arrivals.came(begin, 0);
        tell(&mut arrivals, begin);
        for number in 1..2_000 {
            arrivals.came(begin + MS, number);
        }
        assert_eq!(arrivals.came.len(), MOST);
        let told = tell(&mut arrivals, begin + MS);
        assert_eq!(told[0].base, 2_000 - 1_024);
        assert_eq!(told.iter().map(|told| told.arrivals.len()).sum::<usize>(), MOST);
        assert_eq!(arrivals.came.len(), KEPT);
    }

    #[test]
    fn a_client_that_begins_anew_below_is_told_after_a_moment() {
        let begin = Instant::now();
        let mut arrivals = Arrivals::default();
        for number in 20_000..20_100 {
            arrivals.came(begin, number);
        }
        tell(&mut arrivals, begin);
        for ms in 1..1_000 {
            assert_eq!(arrivals.came(begin + ms * MS, ms as u16), None, "it may be late");
        }
        assert!(arrivals.came(begin + 1_000 * MS, 1_000).is_some());
        arrivals.came(begin + 1_001 * MS, 1_001);
        let told = tell(&mut arrivals, begin + 1_100 * MS);
        assert_eq!((told[0].base, told[0].count), (1_000, 2));
    }

    #[test]
    fn a_step_too_long_to_be_a_loss_is_told_as_a_beginning() {
        let begin = Instant::now();
        let mut arrivals = Arrivals::default();
        arrivals.came(begin, 7);
        tell(&mut arrivals, begin);
        arrivals.came(begin, 20_000);
        let told = tell(&mut arrivals, begin + 100 * MS);
        assert_eq!((told[0].base, told[0].count), (20_000, 1));
    }

    proptest! {
        /// Lost, late and wrapping: each that came is told with its time, and what was told to have come is never told otherwise.
        #[test]
        fn what_came_is_told(steps in prop::collection::vec((0_u16..4, -6_i32..2, 0_u32..300), 1..300), begin: u16) {
            let (mut arrivals, mut now, mut number) = (Arrivals::default(), Instant::now(), i64::from(begin));
            let (mut came, mut told) = (BTreeMap::new(), BTreeMap::new());
            let mut first = None;
            for (gap, back, quarters) in steps {
                now += Duration::from_micros(250) * quarters;
                number += i64::from(gap);
                let late = number + i64::from(back.min(0));
                let ticks = i64::try_from((now - *first.get_or_insert(now)).as_micros() / TICK).unwrap();
                arrivals.came(now, low(late));
                came.entry(low(late)).or_insert(ticks);
                for read in tell(&mut arrivals, now) {
                    for (number, ticks) in read.arrivals {
                        let before = told.insert(number, ticks);
                        prop_assert!(before.is_none_or(|before| before == ticks));
                    }
                }
            }
            for read in tell(&mut arrivals, now + 200 * MS) {
                told.extend(read.arrivals);
            }
            prop_assert_eq!(told, came);
        }
    }
}

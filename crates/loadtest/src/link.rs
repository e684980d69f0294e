//! A path that loses, delays, reorders and holds back datagrams: what `tc netem` does, for one direction of one participant. In this process, so that it needs
//! no rights and no module of the kernel, and does the same again for the same seed. Pure: time is an argument.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

/// Headers of IP and UDP, which take their part of a rate.
const HEADERS: usize = 28;

/// What a path does in one direction. The default does nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Path {
    /// Part (0 to 1) of the datagrams that are lost, each by itself.
    pub loss: f64,
    /// How long every datagram is under way.
    pub delay: Duration,
    /// Part of the datagrams that are overtaken.
    pub reordered: f64,
    /// How much longer those are under way.
    pub reordered_by: Duration,
    /// Bits a second.
    pub rate: Option<u64>,
    /// What waits longer for the rate is lost.
    pub queue: Duration,
}

/// What became of the datagrams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// That came.
    pub offered: u64,
    /// That were lost by chance.
    pub lost: u64,
    /// That found the queue full.
    pub overflowed: u64,
}

/// Datagrams under way, with something that belongs to each.
#[derive(Debug)]
pub struct Link<T> {
    path: Path,
    random: u64,
    free_at: Option<Instant>,
    under_way: BinaryHeap<Reverse<Order>>,
    contents: Vec<Option<(Vec<u8>, T)>>,
    unused: Vec<usize>,
    count: u64,
    passed: Passed,
}

/// When a datagram arrives, which one it is, where it is kept.
type Order = (Instant, u64, usize);

impl<T> Link<T> {
    /// A path; equal seeds do equal things.
    pub fn new(path: Path, seed: u64) -> Self {
        Self {
            path,
            // Never zero, which would stay zero.
            random: seed.wrapping_mul(2).wrapping_add(1),
            free_at: None,
            under_way: BinaryHeap::new(),
            contents: Vec::new(),
            unused: Vec::new(),
            count: 0,
            passed: Passed::default(),
        }
    }

    /// What became of the datagrams so far.
    pub fn passed(&self) -> Passed {
        self.passed
    }

    /// A datagram enters. With a rate, what may wait is bounded by the queue; without one, by the delay.
    pub fn enter(&mut self, now: Instant, datagram: &[u8], with: T) {
        self.passed.offered += 1;
        if self.chance() < self.path.loss {
            self.passed.lost += 1;
            return;
        }
        let mut leaves = now;
        if let Some(rate) = self.path.rate {
            let begins = self.free_at.map_or(now, |free| free.max(now));
            if begins.saturating_duration_since(now) > self.path.queue {
                self.passed.overflowed += 1;
                return;
            }
            let bits = (datagram.len() + HEADERS) as u64 * 8;
            leaves = begins + Duration::from_nanos(bits * 1_000_000_000 / rate.max(1));
            self.free_at = Some(leaves);
        }
        let mut arrives = leaves + self.path.delay;
        if self.chance() < self.path.reordered {
            arrives += self.path.reordered_by;
        }
        let place = self.unused.pop().unwrap_or(self.contents.len());
        if place == self.contents.len() {
            self.contents.push(None);
        }
        if let Some(kept) = self.contents.get_mut(place) {
            *kept = Some((datagram.to_vec(), with));
        }
        self.under_way.push(Reverse((arrives, self.count, place)));
        self.count += 1;
    }

    /// When the next datagram arrives.
    pub fn due(&self) -> Option<Instant> {
        self.under_way.peek().map(|Reverse((at, ..))| *at)
    }

    /// A datagram that has arrived by now.
    pub fn take(&mut self, now: Instant) -> Option<(Vec<u8>, T)> {
        self.due().filter(|at| *at <= now)?;
        let Reverse((_, _, place)) = self.under_way.pop()?;
        self.unused.push(place);
        self.contents.get_mut(place)?.take()
    }

    /// From 0 to 1 (xorshift64*).
    fn chance(&mut self) -> f64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        // The upper 32 bits of the product are the random ones.
        let upper = self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        f64::from(u32::try_from(upper).unwrap_or_default()) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Sends so many datagrams of 972 bytes (1000 with headers), one each millisecond; gives number and arrival in milliseconds.
    fn through(path: Path, seed: u64, count: u32) -> (Vec<(u32, u128)>, Passed) {
        let start = Instant::now();
        let mut link = Link::new(path, seed);
        let mut arrived = Vec::new();
        for step in 0..count * 20 {
            let now = start + MS * step;
            if step < count {
                link.enter(now, &[0; 972], step);
            }
            while let Some((_, number)) = link.take(now) {
                arrived.push((number, (now - start).as_millis()));
            }
        }
        (arrived, link.passed())
    }

    #[test]
    fn a_path_without_faults_passes_everything_at_once_and_in_order() {
        let (arrived, passed) = through(Path::default(), 1, 100);
        assert_eq!(arrived, (0..100).map(|number| (number, u128::from(number))).collect::<Vec<_>>());
        assert_eq!(
            passed,
            Passed {
                offered: 100,
                lost: 0,
                overflowed: 0
            }
        );
    }

    #[test]
    fn loss_is_as_large_as_asked_and_the_same_for_the_same_seed() {
        let path = Path {
            loss: 0.1,
            ..Path::default()
        };
        let (arrived, passed) = through(path, 7, 10_000);
        assert!((800..1_200).contains(&passed.lost), "{passed:?}");
        assert_eq!(arrived.len() as u64, 10_000 - passed.lost);
        assert_eq!(through(path, 7, 10_000).0, arrived);
        assert_ne!(through(path, 8, 10_000).0, arrived);
    }

    #[test]
    fn a_delay_delays_and_the_reordered_are_overtaken() {
        let path = Path {
            delay: 50 * MS,
            reordered: 0.05,
            reordered_by: 10 * MS,
            ..Path::default()
        };
        let (arrived, _) = through(path, 3, 1_000);
        assert_eq!(arrived.len(), 1_000);
        let late = arrived.iter().filter(|(number, at)| at - u128::from(*number) == 60).count();
        assert!(
            (20..100).contains(&late) && arrived.iter().all(|(number, at)| [50, 60].contains(&(at - u128::from(*number)))),
            "{late}"
        );
        assert!(!arrived.is_sorted(), "something was overtaken");
    }

    #[test]
    fn a_rate_spreads_datagrams_and_its_queue_overflows() {
        // One kilobyte a millisecond comes, half of that leaves.
        let path = Path {
            rate: Some(4_000_000),
            queue: 100 * MS,
            ..Path::default()
        };
        let (arrived, passed) = through(path, 3, 1_000);
        assert!((440..=460).contains(&passed.overflowed), "{passed:?}");
        assert!(arrived.windows(2).all(|pair| pair[1].1 - pair[0].1 >= 2), "two milliseconds each");
        assert!(arrived.iter().all(|(number, at)| at - u128::from(*number) <= 104));
    }
}

//! A token bucket: how often something may happen, with room for a burst. Time is passed in.

use tokio::time::{Duration, Instant};

/// Holds at most `burst` tokens and gains one each `every`.
pub(crate) struct Pace {
    every: Duration,
    burst: u32,
    /// When the bucket would be full again, were nothing taken from it.
    full_at: Instant,
}

impl Pace {
    /// A full bucket.
    pub(crate) fn new(burst: u32, every: Duration, now: Instant) -> Self {
        Self {
            every,
            burst,
            full_at: now,
        }
    }

    /// Takes a token; says how long to wait before it may be spent (nothing: at once).
    pub(crate) fn take(&mut self, now: Instant) -> Duration {
        self.full_at = self.full_at.max(now) + self.every;
        (self.full_at - now).saturating_sub(self.every * self.burst)
    }

    /// Takes a token if there is one.
    pub(crate) fn try_take(&mut self, now: Instant) -> bool {
        let full_at = self.full_at.max(now) + self.every;
        let free = full_at - now <= self.every * self.burst;
        if free {
            self.full_at = full_at;
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_passes_at_once_and_what_follows_waits_its_turn() {
        let start = Instant::now();
        let mut pace = Pace::new(3, SECOND, start);
        assert_eq!([0; 3].map(|_| pace.take(start)), [Duration::ZERO; 3]);
        assert_eq!(pace.take(start), SECOND);
        assert_eq!(pace.take(start), SECOND * 2);
    }

    #[test]
    fn a_bucket_fills_again_but_not_over_its_brim() {
        let start = Instant::now();
        let mut pace = Pace::new(2, SECOND, start);
        assert!(pace.try_take(start) && pace.try_take(start) && !pace.try_take(start));
        assert!(pace.try_take(start + SECOND));
        let later = start + SECOND * 100;
        assert!(pace.try_take(later) && pace.try_take(later) && !pace.try_take(later));
    }
}

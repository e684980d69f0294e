//! A token bucket on the machine's own time: how often something may happen, with room for a burst.

use crate::Micros;

/// Holds at most `burst` tokens and gains one each `every`.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    every: Micros,
    burst: i64,
    /// When the bucket would be full again, were nothing taken from it.
    full_at: Micros,
}

impl Pace {
    /// A bucket that is full at any time from the epoch on.
    pub(crate) fn new(burst: i64, every: Micros) -> Self {
        Self {
            every,
            burst,
            full_at: Micros::MIN,
        }
    }

    /// Takes a token if there is one.
    pub(crate) fn try_take(&mut self, now: Micros) -> bool {
        self.try_take_many(now, 1)
    }

    /// Takes so many tokens if they are all there, else none.
    pub(crate) fn try_take_many(&mut self, now: Micros, tokens: i64) -> bool {
        let full_at = self.full_at.max(now).saturating_add(self.every.saturating_mul(tokens));
        let free = full_at.saturating_sub(now) <= self.every.saturating_mul(self.burst);
        if free {
            self.full_at = full_at;
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_for_each_interval() {
        let mut pace = Pace::new(2, 1_000);
        assert!(pace.try_take(0) && pace.try_take(0) && !pace.try_take(999));
        assert!(pace.try_take(1_000) && !pace.try_take(1_000));
        assert!(pace.try_take(100_000) && pace.try_take(100_000) && !pace.try_take(100_000));
    }

    #[test]
    fn many_are_taken_together_or_not_at_all() {
        let mut pace = Pace::new(10, 1_000);
        assert!(!pace.try_take_many(0, 11) && pace.try_take_many(0, 7) && !pace.try_take_many(0, 4));
        assert!(pace.try_take_many(0, 3) && !pace.try_take(0));
        assert!(!pace.try_take_many(3_999, 4) && pace.try_take_many(4_000, 4));
    }
}

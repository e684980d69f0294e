//! Which numbers of one source came: each is taken once, from the network or repaired (RFC 3711 §3.3.2).

/// How far behind the newest a number may come: further than anything is asked for again.
pub(super) const WIDTH: u64 = 1_024;
const WORDS: usize = 16;

/// The numbers of one source.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    newest: Option<u64>,
    /// Bit n % [`WIDTH`]: the number n came.
    came: [u64; WORDS],
}

/// Word and bit of a number.
fn place(index: u64) -> (usize, u64) {
    let bit = index % WIDTH;
    (usize::try_from(bit / 64).unwrap_or_default(), 1 << (bit % 64))
}

impl Seen {
    /// Whether it came, or is too far behind to know.
    pub(super) fn has(&self, index: u64) -> bool {
        let Some(newest) = self.newest.filter(|newest| index <= *newest) else {
            return false;
        };
        let (word, bit) = place(index);
        newest - index >= WIDTH || self.came.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Takes a number. False when it came before, or is too far behind to know.
    pub(super) fn take(&mut self, index: u64) -> bool {
        if self.has(index) {
            return false;
        }
        match self.newest {
            Some(newest) if index > newest => {
                if index - newest >= WIDTH {
                    self.came = [0; WORDS];
                } else {
                    (newest + 1..index).for_each(|passed| self.set(passed, false));
                }
                self.newest = Some(index);
            }
            Some(_) => {}
            None => self.newest = Some(index),
        }
        self.set(index, true);
        true
    }

    fn set(&mut self, index: u64, came: bool) {
        let (word, bit) = place(index);
        if let Some(word) = self.came.get_mut(word) {
            *word = if came { *word | bit } else { *word & !bit };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn late_numbers_are_taken_once_and_very_late_ones_never() {
        let mut seen = Seen::default();
        assert!(!seen.has(5_000));
        assert!(seen.take(5_000));
        assert!(seen.has(5_000) && !seen.has(5_001));
        assert!(!seen.take(5_000));
        assert!(seen.take(5_003));
        assert!(seen.take(5_001), "late, but new");
        assert!(!seen.take(5_001));
        assert!(seen.take(5_000 - 100), "before the first");
        assert!(seen.take(5_003 + 1_023));
        assert!(!seen.take(5_003));
        assert!(seen.take(5_004), "the last that is known");
        assert!(!seen.take(5_002), "too late");
        assert!(seen.take(1 << 40));
        assert!(seen.take((1 << 40) - 1_023));
        assert!(!seen.take((1 << 40) - 1_024));
    }

    proptest! {
        #[test]
        fn each_number_within_the_width_is_taken_the_first_time_and_no_other(steps in prop::collection::vec(0_u64..1_500, 1..600)) {
            let (mut seen, mut known, mut newest) = (Seen::default(), HashSet::new(), 0);
            for (turn, step) in steps.into_iter().enumerate() {
                let index = 2_000 + 3 * turn as u64 - step;
                let fresh = index + WIDTH > newest && known.insert(index);
                prop_assert_eq!(seen.take(index), fresh, "{}", index);
                newest = newest.max(index);
            }
        }
    }
}

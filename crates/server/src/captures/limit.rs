//! How much one capture may take of the engine's thread and of the disk. Counts without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

/// Headers in a second. A participant with nine videos has some 3,000 packets a second.
const EACH_SECOND: u64 = 6_000;

/// The rate of one capture.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// The second that is counted, and what was taken in it; a race between two shards costs accuracy, nothing else.
    second: AtomicU64,
    taken: AtomicU64,
}

impl Rate {
    /// Whether one more may be taken in this second (since the Unix epoch).
    pub(super) fn takes(&self, second: u64) -> bool {
        if self.second.swap(second, Ordering::Relaxed) != second {
            self.taken.store(0, Ordering::Relaxed);
        }
        self.taken.fetch_add(1, Ordering::Relaxed) < EACH_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_so_many_and_the_next_as_many_again() {
        let rate = Rate::default();
        for second in [5, 6] {
            let taken = (0..EACH_SECOND * 2).filter(|_| rate.takes(second)).count();
            assert_eq!(taken as u64, EACH_SECOND);
        }
    }
}

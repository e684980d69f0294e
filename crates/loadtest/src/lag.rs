//! What of the time under way is the generator's own: a packet is stamped before it is sealed, and with it all that leave with it.
//!
//! Owns when what was stamped began to be handed to the kernel. Not here: the stamps themselves ([`crate::pattern`]).

use std::collections::VecDeque;

/// Stamps kept: some seconds of what one process can send.
const MOST: usize = 1 << 17;

/// When a datagram came, by the kernel's word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival<'a> {
    /// Nanoseconds of the machine's clock.
    pub(crate) at: u64,
    pub(crate) lags: &'a Lags,
}

/// By their stamp, in nanoseconds of the machine's clock: how long packets waited for their sealing.
#[derive(Debug, Default)]
pub(crate) struct Lags {
    stamps: VecDeque<(u64, u64)>,
}

impl Arrival<'_> {
    /// Nanoseconds since what has this stamp began to be handed to the kernel. Nothing when that was later, or when the stamp is none of this process.
    pub(crate) fn under_way(&self, stamp: u64) -> Option<u64> {
        self.at.checked_sub(self.lags.sent(stamp)?)
    }
}

impl Lags {
    /// A stamp for what is sent next: the time, or a little more where that was taken.
    pub(crate) fn stamp(&self, wall: u64) -> u64 {
        self.stamps.back().map_or(wall, |(last, _)| wall.max(last + 1))
    }

    /// What has this stamp is handed over from this time on.
    pub(crate) fn leaves(&mut self, stamp: u64, wall: u64) {
        if self.stamps.len() >= MOST {
            self.stamps.pop_front();
        }
        self.stamps.push_back((stamp, wall));
    }

    fn sent(&self, stamp: u64) -> Option<u64> {
        let at = self.stamps.binary_search_by_key(&stamp, |(stamp, _)| *stamp).ok()?;
        self.stamps.get(at).map(|(_, wall)| *wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_counts_from_when_a_packet_left_and_only_for_packets_of_this_process() {
        let mut lags = Lags::default();
        let first = lags.stamp(1_000);
        lags.leaves(first, 1_200);
        let second = lags.stamp(1_000);
        lags.leaves(second, 1_500);
        assert_eq!((first, second), (1_000, 1_001));
        let arrival = Arrival { at: 1_700, lags: &lags };
        assert_eq!((arrival.under_way(first), arrival.under_way(second)), (Some(500), Some(200)));
        assert_eq!(arrival.under_way(999), None);
        assert_eq!(Arrival { at: 1_100, lags: &lags }.under_way(first), None, "clocks that were set");
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut lags = Lags::default();
        (0..=MOST as u64).for_each(|stamp| lags.leaves(stamp, stamp));
        assert_eq!(
            (lags.sent(0), lags.sent(1), lags.sent(MOST as u64)),
            (None, Some(1), Some(MOST as u64))
        );
    }
}

//! How much one source of a client may bring: beyond it packets are dropped before anybody sees them, since what one sends costs each receiver as much.

use std::time::{Duration, Instant};

/// What a source may bring in a second, and at once.
#[derive(Debug, Clone, Copy)]
struct Rate {
    bytes: u32,
    burst: u32,
    /// What a packet counts at least: packets cost, too.
    least: u32,
}

/// Opus at its highest rate with what is redundant; 400 packets a second.
const AUDIO: Rate = Rate {
    bytes: 80_000,
    burst: 40_000,
    least: 200,
};
/// 20 Mbit/s, several times what browsers send; 5,000 packets a second.
const VIDEO: Rate = Rate {
    bytes: 2_500_000,
    burst: 2_500_000,
    least: 500,
};

/// What is left for one source.
#[derive(Debug)]
pub(super) struct Allowance {
    rate: Rate,
    left: u32,
    at: Instant,
}

impl Allowance {
    pub(super) fn new(now: Instant, audio: bool) -> Self {
        let rate = if audio { AUDIO } else { VIDEO };
        Self {
            rate,
            left: rate.burst,
            at: now,
        }
    }

    /// Whether a packet of so many bytes is within it.
    pub(super) fn take(&mut self, now: Instant, bytes: usize) -> bool {
        let passed = now.saturating_duration_since(self.at).min(Duration::from_secs(10));
        let earned = passed.as_micros() * u128::from(self.rate.bytes) / 1_000_000;
        // Parts of a byte are not lost: time goes on only with what it earned.
        if earned > 0 {
            self.left = self
                .left
                .saturating_add(u32::try_from(earned).unwrap_or(u32::MAX))
                .min(self.rate.burst);
            self.at = now;
        }
        let cost = u32::try_from(bytes).unwrap_or(u32::MAX).max(self.rate.least);
        let left = self.left.checked_sub(cost);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that pass in ten seconds of packets of so many bytes, so many a second.
    fn passed(audio: bool, bytes: usize, each_second: u32) -> usize {
        let begin = Instant::now();
        let mut allowance = Allowance::new(begin, audio);
        let times = (0..each_second * 10).map(|count| begin + Duration::from_secs(10) * count / (each_second * 10));
        times.filter(|now| allowance.take(*now, bytes)).count() * bytes
    }

    #[test]
    fn what_browsers_send_passes() {
        // Opus at 510 kbit/s, and at 32 with two payloads repeated; a screen at 8 Mbit/s.
        assert_eq!(passed(true, 1_275, 50), 1_275 * 500);
        assert_eq!(passed(true, 240, 50), 240 * 500);
        assert_eq!(passed(false, 1_200, 840), 1_200 * 8_400);
    }

    #[test]
    fn a_flood_does_not() {
        let audio = passed(true, 1_300, 500);
        assert!((800_000..=840_000).contains(&audio), "{audio}");
        let small = passed(true, 10, 4_000) / 10;
        assert!((4_000..=4_200).contains(&small), "{small}");
        let video = passed(false, 1_200, 10_000);
        assert!((25_000_000..=27_600_000).contains(&video), "{video}");
    }
}

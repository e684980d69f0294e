//! What an estimator is told when it is made, and the clock of its insides.

use std::time::{Duration, Instant};

/// What the receiver tells about the packets it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feedback {
    /// Transport-wide feedback: the arrival of each packet (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
    Transport,
    /// Receiver reports only: a share of lost packets every second or so (RFC 3550 §6.4.1). Delay is not seen and nothing is probed.
    Reports,
}

/// The settings of an [`Estimator`](crate::Estimator). All rates are bits per second, of whole datagrams as the caller counts them.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// The estimate never goes below this; below it video makes no sense and audio is sent regardless.
    pub min_bps: u64,
    /// The estimate before anything is known.
    pub start_bps: u64,
    /// The estimate never goes above this.
    pub max_bps: u64,
    /// Which feedback was negotiated.
    pub feedback: Feedback,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            min_bps: 50_000,
            start_bps: 600_000,
            max_bps: 20_000_000,
            feedback: Feedback::Transport,
        }
    }
}

impl Config {
    /// The same settings with `min_bps <= start_bps <= max_bps` (the lower one wins) and no rate of zero.
    pub(crate) fn ordered(self) -> Self {
        let min_bps = self.min_bps.max(1_000);
        let max_bps = self.max_bps.max(min_bps);
        Self {
            min_bps,
            start_bps: self.start_bps.clamp(min_bps, max_bps),
            max_bps,
            feedback: self.feedback,
        }
    }
}

/// Turns instants into microseconds since the estimator was made: signed, so that differences are plain numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    epoch: Instant,
}

impl Clock {
    pub(crate) fn new(epoch: Instant) -> Self {
        Self { epoch }
    }

    /// Instants before the estimator was made count as its beginning.
    pub(crate) fn us(&self, now: Instant) -> i64 {
        us(now.saturating_duration_since(self.epoch))
    }

    pub(crate) fn instant(&self, us: i64) -> Instant {
        self.epoch + Duration::from_micros(u64::try_from(us).unwrap_or(0))
    }
}

/// A duration in microseconds; more than a million years count as a million years.
pub(crate) fn us(duration: Duration) -> i64 {
    let seconds = i64::try_from(duration.as_secs())
        .unwrap_or(i64::MAX / 2_000_000)
        .min(i64::MAX / 2_000_000);
    seconds * 1_000_000 + i64::from(duration.subsec_micros())
}

/// Some instant, for tests.
#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "an instant can be had in no other way; only differences to it are used"
)]
pub(crate) fn origin() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_in_disorder_are_put_in_order() {
        let odd = Config {
            min_bps: 0,
            start_bps: 9,
            max_bps: 5,
            feedback: Feedback::Transport,
        };
        let ordered = odd.ordered();
        assert_eq!((ordered.min_bps, ordered.start_bps, ordered.max_bps), (1_000, 1_000, 1_000));
        let usual = Config::default().ordered();
        assert_eq!(usual.start_bps, Config::default().start_bps);
    }

    #[test]
    fn the_longest_duration_has_a_number() {
        assert!(us(Duration::MAX) > 0);
        assert_eq!(us(Duration::from_millis(1_500)), 1_500_000);
    }
}

//! The time of day as NTP writes it, from the clock that only goes forward.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Set once: reports to clients must not jump when somebody sets the machine's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WallClock {
    began: Instant,
    since_epoch: Duration,
}

impl WallClock {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            since_epoch: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }

    /// 32 bits of seconds since 1900 and 32 of fraction.
    pub(crate) fn at(&self, now: Instant) -> u64 {
        let time = self.since_epoch + now.saturating_duration_since(self.began);
        rtp::ntp::from_unix(time.as_secs(), time.subsec_nanos())
    }
}

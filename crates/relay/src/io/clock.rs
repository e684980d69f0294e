//! The one place of this crate that reads the clock.

use std::time::SystemTime;

use tokio::time::Instant;

use crate::turn::Now;

/// Both clocks. The one for durations is tokio's, which tests can stop.
pub(super) fn now() -> Now {
    let unix_s = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    Now {
        at: Instant::now().into_std(),
        unix_s,
    }
}

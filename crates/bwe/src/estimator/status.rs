//! What is known of a receiver's path, for metrics, records and timers.

use std::time::Duration;

use crate::trendline::DelayState;

/// Why [`Estimator::handle_timeout`](super::Estimator::handle_timeout) is to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Nothing was told of what was sent.
    Silence,
    /// A probe may be due, or the time of one is over.
    Probe,
}

/// What holds the estimate down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// What the delay allows: the usual one.
    Delay,
    /// Losses.
    Loss,
    /// Nothing was told for a while.
    Silence,
    /// The setting.
    Maximum,
}

/// What is known, for metrics and the record of a session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Status {
    /// The estimate, bits per second.
    pub bitrate_bps: u64,
    /// What holds it down.
    pub limit: Limit,
    /// What the delay says.
    pub delay: DelayState,
    /// How long packets wait on the way, smoothed.
    pub queue: Duration,
    /// Share of packets lost in the last second, 0 to 1.
    pub loss: f64,
    /// Share that the path is believed to lose whatever is sent.
    pub inherent_loss: f64,
    /// As told by [`Estimator::on_rtt`](super::Estimator::on_rtt).
    pub rtt: Option<Duration>,
    /// What arrived in the last half second, bits per second.
    pub acked_bps: Option<u64>,
    /// Probes asked for so far.
    pub probes: u32,
    /// Entries of feedback so far that named nothing we remember.
    pub strangers: u64,
    /// Times that the receiver's clock jumped.
    pub clock_jumps: u32,
}

//! Receiver reports, for receivers that tell nothing of arrivals.
//!
//! The losses are the reports', the queue is what the round trip is longer than it was, and the acknowledged rate is what was sent less the losses.

use std::time::Instant;

use super::Estimator;
use crate::config::Feedback;
use crate::loss::Seen;
use crate::rate::Signal;
use crate::throughput::Acked;
use crate::trendline::DelayState;

/// Without a delay signal the rate may grow this many times beyond what arrives: the next layer up is the probe.
const UNPROVEN: f64 = 4.0;

/// What was sent since the last report.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unreported {
    since_us: Option<i64>,
    packets: u32,
    bytes: u64,
}

impl Unreported {
    pub(super) fn sent(&mut self, now_us: i64, bytes: u32) {
        self.since_us.get_or_insert(now_us);
        self.packets = self.packets.saturating_add(1);
        self.bytes += u64::from(bytes);
    }
}

impl Estimator {
    /// A receiver report: the share of packets lost since the report before, over all streams, in 1/256 (RFC 3550 §6.4.1). Counts only when there is
    /// no transport-wide feedback.
    pub fn on_report(&mut self, now: Instant, fraction_lost: u8) {
        let now_us = self.clock.us(now);
        if self.config.feedback != Feedback::Reports {
            return;
        }
        let Unreported { since_us, packets, bytes } = std::mem::take(&mut self.unreported);
        let Some(since_us) = since_us else { return };
        self.heard(now_us);
        let queue_us = self.queue_us();
        let share = f64::from(fraction_lost) / 256.0;
        let lost = (f64::from(packets) * share).round() as u32;
        let seen = Seen {
            now_us,
            received: packets.saturating_sub(lost),
            lost,
            bytes,
            queue_us,
            rtt_us: self.rtt(),
        };
        self.loss.update(seen, self.rate.bps());
        let sent_bps = bytes as f64 * 8e6 / (now_us - since_us).max(100_000) as f64;
        let arrived = sent_bps * (1.0 - share);
        let acked = Acked {
            bps: arrived,
            recent_bps: arrived,
            recent_sent_bps: sent_bps,
            sent_bps,
        };
        self.rate.update(Signal {
            now_us,
            state: DelayState::Normal,
            acked: Some(acked),
            queue_us,
            rtt_us: self.rtt(),
            // Nothing grows on a path in trouble.
            enough_bps: if self.loss.troubled() { 0.0 } else { self.enough_bps() },
            unproven: Some(UNPROVEN),
        });
        self.settle();
    }
}

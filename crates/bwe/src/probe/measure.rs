//! What the packets of one probe showed: how fast they left, how fast they arrived.

use super::Plan;

/// This share of the packets must have arrived on a path that loses nothing by itself.
const RECEIVED: f64 = 0.75;
/// A rate of arrival below this share of the rate of sending: the link is full.
const SATURATED: f64 = 0.9;

/// What a probe showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Outcome {
    /// The path carries at least this.
    Carried { bps: f64, full: bool },
    /// Too little was sent or arrived to tell.
    Unclear,
}

/// A probe of which not everything is known yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Running {
    pub(super) plan: Plan,
    sent: u32,
    sent_bytes: u64,
    told: u32,
    received: u32,
    received_bytes: u64,
    first_sent_us: i64,
    last_sent_us: i64,
    last_sent_bytes: u32,
    first_arrival_us: i64,
    last_arrival_us: i64,
    first_arrival_bytes: u32,
}

impl Running {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            plan,
            sent: 0,
            sent_bytes: 0,
            told: 0,
            received: 0,
            received_bytes: 0,
            first_sent_us: i64::MAX,
            last_sent_us: i64::MIN,
            last_sent_bytes: 0,
            first_arrival_us: i64::MAX,
            last_arrival_us: i64::MIN,
            first_arrival_bytes: 0,
        }
    }

    /// A packet of it left.
    pub(super) fn sent(&mut self, bytes: u32) {
        self.sent += 1;
        self.sent_bytes += u64::from(bytes);
    }

    /// Feedback told of a packet of it.
    pub(super) fn told(&mut self, sent_us: i64, arrival_us: Option<i64>, bytes: u32) {
        self.told += 1;
        let Some(arrival_us) = arrival_us else { return };
        self.received += 1;
        self.received_bytes += u64::from(bytes);
        self.first_sent_us = self.first_sent_us.min(sent_us);
        if sent_us >= self.last_sent_us {
            self.last_sent_us = sent_us;
            self.last_sent_bytes = bytes;
        }
        if arrival_us < self.first_arrival_us {
            self.first_arrival_us = arrival_us;
            self.first_arrival_bytes = bytes;
        }
        self.last_arrival_us = self.last_arrival_us.max(arrival_us);
    }

    /// Whether as much was sent as was asked for.
    pub(super) fn complete(&self) -> bool {
        self.sent >= self.plan.packets && self.sent_bytes >= u64::from(self.plan.bytes)
    }

    /// Whether feedback told of everything that was sent.
    pub(super) fn all_told(&self) -> bool {
        self.sent > 0 && self.told >= self.sent
    }

    /// What it showed. `lost`: the share that the path loses anyway.
    pub(super) fn measure(&self, lost: f64) -> Outcome {
        let needed = f64::from(self.sent) * RECEIVED * (1.0 - lost);
        if self.received < 4 || f64::from(self.received) < needed {
            return Outcome::Unclear;
        }
        let sent_us = (self.last_sent_us - self.first_sent_us) as f64;
        let arrived_us = (self.last_arrival_us - self.first_arrival_us) as f64;
        if sent_us < 1_000.0 || arrived_us < 1_000.0 || sent_us.max(arrived_us) > 1e6 {
            return Outcome::Unclear;
        }
        // Between n packets there are n - 1 distances: the last sent and the first to arrive do not count.
        let sent = self.received_bytes.saturating_sub(u64::from(self.last_sent_bytes)) as f64 * 8e6 / sent_us;
        let arrived = self.received_bytes.saturating_sub(u64::from(self.first_arrival_bytes)) as f64 * 8e6 / arrived_us;
        let full = arrived < sent * SATURATED;
        let bps = if full { arrived * 0.95 } else { sent.min(arrived) };
        Outcome::Carried {
            bps: bps.min(self.plan.rate_bps * 1.1),
            full,
        }
    }
}

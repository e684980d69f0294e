//! Numbers over all sessions, for metrics. Nothing here names a person or a call.

use app::quality::{Carrier, Flow, Gain, Reading};

/// Round trips, seconds.
const ROUND_TRIP: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0];
/// Parts of packets that were lost.
const LOSS: &[f64] = &[0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
/// Bytes a second: 100, 300 and 500 kbit/s, 1, 2, 5, 10 and 50 Mbit/s.
const ESTIMATE: &[f64] = &[
    12_500.0,
    37_500.0,
    62_500.0,
    125_000.0,
    250_000.0,
    625_000.0,
    1_250_000.0,
    6_250_000.0,
];

/// How many values were at most so large.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    bounds: &'static [f64],
    counts: Vec<u64>,
    sum: f64,
}

impl Histogram {
    fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            counts: vec![0; bounds.len() + 1],
            sum: 0.0,
        }
    }

    fn add(&mut self, value: f64) {
        let at = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get_mut(at) {
            *count += 1;
        }
        self.sum += value;
    }

    /// Each bound with the number of values up to it, lowest first; the last one is infinity.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        bounds.zip(&self.counts).scan(0, |below, (bound, count)| {
            *below += count;
            Some((bound, *below))
        })
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All of them together.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum
    }
}

/// Numbers over all sessions since the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// Sessions that are being watched now.
    pub sessions: u64,
    /// Media connections now, by how they travel, in the order of [`Carrier::ALL`].
    pub carriers: [u64; Carrier::ALL.len()],
    /// Readings that were taken.
    pub readings: u64,
    /// Readings that were dropped because the queue was full. Their counts come with the next one.
    pub readings_dropped: u64,
    /// Sessions of which no record was or will be written, because too many were being watched.
    pub unrecorded: u64,
    /// Records that were written; one session is written once a minute and at its end.
    pub written: u64,
    /// Writings that failed; they are tried again.
    pub write_failures: u64,
    /// What came from clients.
    pub received: Flow,
    /// What was sent to them.
    pub sent: Flow,
    /// Packets that were sent again.
    pub repaired: u64,
    /// Packets that were not sent because a client could not take so much.
    pub dropped: u64,
    /// Milliseconds in which a wanted video was withheld.
    pub withheld_ms: u64,
    /// Seconds, one value a reading.
    pub round_trip: Histogram,
    /// Part of the packets from a client that was lost since its reading before.
    pub loss_received: Histogram,
    /// Part of the packets to a client that was lost since its reading before.
    pub loss_sent: Histogram,
    /// What paths to clients are believed to carry, bytes a second.
    pub estimate: Histogram,
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            sessions: 0,
            carriers: [0; Carrier::ALL.len()],
            readings: 0,
            readings_dropped: 0,
            unrecorded: 0,
            written: 0,
            write_failures: 0,
            received: Flow::default(),
            sent: Flow::default(),
            repaired: 0,
            dropped: 0,
            withheld_ms: 0,
            round_trip: Histogram::new(ROUND_TRIP),
            loss_received: Histogram::new(LOSS),
            loss_sent: Histogram::new(LOSS),
            estimate: Histogram::new(ESTIMATE),
        }
    }
}

impl Totals {
    /// A reading, and what it adds to the one before.
    pub(super) fn observe(&mut self, reading: &Reading, gain: Gain) {
        self.readings += 1;
        add(&mut self.received, gain.received);
        add(&mut self.sent, gain.sent);
        self.repaired += gain.repaired;
        self.dropped += gain.dropped;
        self.withheld_ms += gain.withheld_ms;
        if let Some(round_trip) = reading.round_trip {
            self.round_trip.add(round_trip.as_secs_f64());
        }
        if let Some(loss) = gain.received.loss_when_received() {
            self.loss_received.add(loss);
        }
        if let Some(loss) = gain.sent.loss_when_sent() {
            self.loss_sent.add(loss);
        }
        if let Some(bits) = reading.estimate {
            #[expect(clippy::cast_precision_loss, reason = "an estimate")]
            self.estimate.add(bits as f64 / 8.0);
        }
    }

    /// A connection travels otherwise than before; nothing: it was not there before, or is gone.
    pub(super) fn travels(&mut self, before: Option<Carrier>, now: Option<Carrier>) {
        for (carrier, change) in [(before, -1), (now, 1)] {
            if let Some(carrier) = carrier
                && let Some(count) = self.carriers.get_mut(carrier as usize)
            {
                *count = count.saturating_add_signed(change);
            }
        }
    }
}

fn add(to: &mut Flow, gain: Flow) {
    to.packets += gain.packets;
    to.bytes += gain.bytes;
    to.lost += gain.lost;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_in_the_bucket_that_ends_with_it_and_in_all_above() {
        let mut histogram = Histogram::new(&[1.0, 2.0]);
        for value in [0.5, 1.0, 1.5, 99.0] {
            histogram.add(value);
        }
        let buckets: Vec<_> = histogram.buckets().collect();
        assert_eq!(buckets, [(1.0, 2), (2.0, 3), (f64::INFINITY, 4)]);
        assert_eq!((histogram.count(), histogram.sum()), (4, 102.0));
    }

    #[test]
    fn carriers_have_the_places_of_their_list() {
        let mut totals = Totals::default();
        for (place, carrier) in Carrier::ALL.into_iter().enumerate() {
            totals.travels(None, Some(carrier));
            assert_eq!(totals.carriers[place], 1);
        }
        totals.travels(Some(Carrier::Udp), Some(Carrier::Relay));
        totals.travels(Some(Carrier::None), None);
        assert_eq!(totals.carriers, [0, 0, 1, 2]);
    }

    #[test]
    fn silence_has_no_loss() {
        let mut totals = Totals::default();
        totals.observe(&Reading::default(), Gain::default());
        assert_eq!((totals.readings, totals.loss_sent.count(), totals.loss_received.count()), (1, 0, 0));
        assert_eq!((totals.round_trip.count(), totals.estimate.count()), (0, 0));
    }
}

//! How much arrived: the acknowledged rate.
//!
//! Owns buckets of about 40 ms, each opened by the first packet that arrives after the one before has lasted that long. Rates are taken over whole
//! buckets, from the first packet of one to the first packet of another, so that pauses between frames count as what they are. The receiver's clock
//! and ours are both looked at, and the slower rate counts: a receiver that says that everything arrived at once gains nothing by it.
//!
//! Bounded: [`BUCKETS`]; a new one takes the place of the oldest.

const BUCKETS: usize = 16;
const BUCKET_US: i64 = 40_000;
/// A bucket is closed after this long by our clock, whatever the receiver's says.
const BUCKET_SENT_US: i64 = 120_000;
/// After a pause this long in what is sent, what was before it says nothing.
const PAUSE_US: i64 = 600_000;
const SHORT_US: i64 = 150_000;
/// The longer window of rates.
pub(crate) const LONG_US: i64 = 480_000;

/// Rates in bits per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Acked {
    /// Over about half a second.
    pub(crate) bps: f64,
    /// Over about 150 ms: what the bottleneck lets through right now, when it is one.
    pub(crate) recent_bps: f64,
    /// How fast the same packets were sent.
    pub(crate) recent_sent_bps: f64,
    /// What was sent of the packets that arrived, over the time it took to send them.
    pub(crate) sent_bps: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    arrival_us: i64,
    sent_us: i64,
    bytes: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Throughput {
    /// The closed buckets, the newest at `head - 1`.
    buckets: [Bucket; BUCKETS],
    head: usize,
    closed: usize,
    open: Option<Bucket>,
    newest_sent_us: i64,
}

impl Throughput {
    /// A packet arrived.
    pub(crate) fn received(&mut self, sent_us: i64, arrival_us: i64, bytes: u32) {
        let pause = sent_us - self.newest_sent_us > PAUSE_US;
        self.newest_sent_us = self.newest_sent_us.max(sent_us);
        let bytes = u64::from(bytes);
        let fresh = Bucket {
            arrival_us,
            sent_us,
            bytes,
        };
        let Some(open) = &mut self.open else {
            self.open = Some(fresh);
            return;
        };
        if pause {
            self.closed = 0;
            self.open = Some(fresh);
            return;
        }
        let forward = sent_us >= open.sent_us;
        if forward && (arrival_us - open.arrival_us >= BUCKET_US || sent_us - open.sent_us >= BUCKET_SENT_US) {
            let closed = *open;
            self.open = Some(fresh);
            if let Some(place) = self.buckets.get_mut(self.head) {
                *place = closed;
            }
            self.head = (self.head + 1) % BUCKETS;
            self.closed = (self.closed + 1).min(BUCKETS);
        } else {
            open.bytes += bytes;
        }
    }

    /// Bytes that probably arrived, but nothing was said about them (the feedback was lost).
    pub(crate) fn untold(&mut self, bytes: f64) {
        if let Some(open) = &mut self.open {
            open.bytes += bytes as u64;
        }
    }

    /// The rates, once there are packets of 100 ms to take them from.
    pub(crate) fn acked(&self) -> Option<Acked> {
        let (bps, sent_bps) = self.over(LONG_US)?;
        let (recent_bps, recent_sent_bps) = self.over(SHORT_US)?;
        Some(Acked {
            bps,
            recent_bps,
            recent_sent_bps,
            sent_bps,
        })
    }

    /// Acknowledged and sent rate over at least this long, or over all there is.
    fn over(&self, window_us: i64) -> Option<(f64, f64)> {
        let end = self.open.as_ref()?;
        let mut bytes = 0;
        let mut arrived = 0;
        let mut sent = 0;
        for back in 1..=self.closed {
            let bucket = self.buckets.get((self.head + BUCKETS - back) % BUCKETS)?;
            bytes += bucket.bytes;
            arrived = end.arrival_us - bucket.arrival_us;
            sent = end.sent_us - bucket.sent_us;
            if arrived.max(sent) >= window_us {
                break;
            }
        }
        if arrived.max(sent) < 100_000 {
            return None;
        }
        let bits = bytes as f64 * 8.0;
        // Both spans are microseconds; the sent one may be tiny after a burst, never less than one.
        Some((bits * 1e6 / arrived.max(sent) as f64, bits * 1e6 / sent.max(1) as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(throughput: &mut Throughput, packets: std::ops::Range<i64>, sent_every: i64, arrive_every: i64) {
        for n in packets {
            throughput.received(n * sent_every, 7_000_000 + n * arrive_every, 1_000);
        }
    }

    #[test]
    fn a_steady_stream_has_its_rate() {
        let mut throughput = Throughput::default();
        feed(&mut throughput, 0..8, 10_000, 10_000);
        assert_eq!(throughput.acked(), None);
        feed(&mut throughput, 8..200, 10_000, 10_000);
        let acked = throughput.acked().unwrap();
        for rate in [acked.bps, acked.recent_bps, acked.sent_bps] {
            assert!((rate - 800_000.0).abs() < 1_000.0, "{rate}");
        }
    }

    #[test]
    fn behind_a_bottleneck_what_arrives_counts_and_not_what_was_sent() {
        let mut throughput = Throughput::default();
        feed(&mut throughput, 0..200, 5_000, 10_000);
        let acked = throughput.acked().unwrap();
        assert!((acked.bps - 800_000.0).abs() < 1_000.0);
        assert!((acked.sent_bps - 1_600_000.0).abs() < 2_000.0);
    }

    #[test]
    fn arrivals_all_at_once_give_no_more_than_was_sent() {
        let mut throughput = Throughput::default();
        feed(&mut throughput, 0..200, 10_000, 0);
        assert!((throughput.acked().unwrap().bps - 800_000.0).abs() < 10_000.0);
    }

    #[test]
    fn a_drop_is_seen_in_the_recent_rate_first() {
        let mut throughput = Throughput::default();
        feed(&mut throughput, 0..100, 4_000, 4_000);
        for n in 0..12 {
            throughput.received(400_000 + n * 4_000, 7_400_000 + n * 20_000, 1_000);
        }
        let acked = throughput.acked().unwrap();
        assert!(acked.recent_bps < 500_000.0, "{acked:?}");
        assert!(acked.bps > 1_000_000.0, "{acked:?}");
    }

    #[test]
    fn a_pause_is_not_a_low_rate() {
        let mut throughput = Throughput::default();
        feed(&mut throughput, 0..100, 10_000, 10_000);
        assert!(throughput.acked().is_some());
        feed(&mut throughput, 1_000..1_005, 10_000, 10_000);
        assert_eq!(throughput.acked(), None);
    }
}

//! How a call went over time, in a bounded number of samples.
//!
//! Each reading adds a sample. When there are [`MOST_SAMPLES`], neighbours are joined, and from then on a sample stands for twice as many readings: the
//! whole call stays in the record, only more coarsely. Counts of joined samples add up, so nothing is lost but detail.

use serde::{Deserialize, Serialize};

use super::reading::{Carrier, Flow};

/// Samples of one leg.
pub const MOST_SAMPLES: usize = 120;

/// What a stretch of a call was like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "Packed", from = "Packed")]
pub struct Sample {
    /// When it ended, in milliseconds since the leg began.
    pub at_ms: u64,
    /// How long it was.
    pub span_ms: u64,
    /// What came from the client in it.
    pub received: Flow,
    /// What was sent to the client in it.
    pub sent: Flow,
    /// The longest round trip of its readings.
    pub round_trip_us: Option<u64>,
    /// The lowest estimate of its readings, bits a second.
    pub estimate_bps: Option<u64>,
    /// For how long at least one wanted video was withheld.
    pub withheld_ms: u64,
    /// Height in pixels of the largest video that was sent; 0 for none.
    pub height: u32,
    /// How it travelled at its end.
    pub carrier: Carrier,
}

/// A sample as it is stored: names would be most of it. New members go to the end.
type Packed = (u64, u64, [u64; 3], [u64; 3], Option<u64>, Option<u64>, u64, u32, u8);

impl From<Sample> for Packed {
    fn from(sample: Sample) -> Self {
        let flow = |flow: Flow| [flow.packets, flow.bytes, flow.lost];
        (
            sample.at_ms,
            sample.span_ms,
            flow(sample.received),
            flow(sample.sent),
            sample.round_trip_us,
            sample.estimate_bps,
            sample.withheld_ms,
            sample.height,
            sample.carrier as u8,
        )
    }
}

impl From<Packed> for Sample {
    fn from((at_ms, span_ms, received, sent, round_trip_us, estimate_bps, withheld_ms, height, carrier): Packed) -> Self {
        let flow = |[packets, bytes, lost]: [u64; 3]| Flow { packets, bytes, lost };
        Self {
            at_ms,
            span_ms,
            received: flow(received),
            sent: flow(sent),
            round_trip_us,
            estimate_bps,
            withheld_ms,
            height,
            carrier: Carrier::ALL.into_iter().find(|known| *known as u8 == carrier).unwrap_or_default(),
        }
    }
}

impl Sample {
    /// This stretch and the one after it as one.
    fn then(self, next: Self) -> Self {
        Self {
            at_ms: next.at_ms,
            span_ms: self.span_ms.saturating_add(next.span_ms),
            received: self.received.plus(next.received),
            sent: self.sent.plus(next.sent),
            round_trip_us: self.round_trip_us.max(next.round_trip_us),
            estimate_bps: match (self.estimate_bps, next.estimate_bps) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
            withheld_ms: self.withheld_ms.saturating_add(next.withheld_ms),
            height: self.height.max(next.height),
            carrier: next.carrier,
        }
    }
}

/// The samples of a leg.
#[derive(Debug, Clone)]
pub(super) struct Series {
    samples: Vec<Sample>,
    /// Readings that a sample stands for.
    each: u32,
    /// Readings in the last sample.
    last: u32,
}

impl Default for Series {
    fn default() -> Self {
        Self {
            samples: Vec::new(),
            each: 1,
            last: 1,
        }
    }
}

impl Series {
    pub(super) fn add(&mut self, sample: Sample) {
        if self.last < self.each
            && let Some(last) = self.samples.last_mut()
        {
            *last = last.then(sample);
            self.last += 1;
            return;
        }
        if self.samples.len() >= MOST_SAMPLES {
            self.thin();
        }
        self.samples.push(sample);
        self.last = 1;
    }

    pub(super) fn samples(&self) -> &[Sample] {
        &self.samples
    }

    fn thin(&mut self) {
        let joined = self.samples.chunks(2).filter_map(|pair| pair.iter().copied().reduce(Sample::then));
        self.samples = joined.collect();
        self.each = self.each.saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(at: u64) -> Sample {
        Sample {
            at_ms: at * 10_000,
            span_ms: 10_000,
            received: Flow {
                packets: 500,
                bytes: 40_000,
                lost: 1,
            },
            round_trip_us: (at == 70).then_some(900_000),
            estimate_bps: Some(2_000_000 - at),
            height: if at == 5 { 720 } else { 360 },
            ..Sample::default()
        }
    }

    fn after(readings: u64) -> Series {
        let mut series = Series::default();
        (1..=readings).for_each(|at| series.add(reading(at)));
        series
    }

    #[test]
    fn a_short_call_keeps_every_reading() {
        let series = after(MOST_SAMPLES as u64);
        assert_eq!(series.samples().len(), MOST_SAMPLES);
        assert_eq!(series.samples()[6], reading(7));
    }

    #[test]
    fn a_long_call_keeps_its_whole_course_in_as_many_samples() {
        for readings in [121, 122, 240, 241, 1_000, 8_640] {
            let series = after(readings);
            let samples = series.samples();
            assert!(samples.len() <= MOST_SAMPLES && samples.len() >= MOST_SAMPLES / 2, "{readings}");
            let span: u64 = samples.iter().map(|sample| sample.span_ms).sum();
            let packets: u64 = samples.iter().map(|sample| sample.received.packets).sum();
            assert_eq!((span, packets), (readings * 10_000, readings * 500));
            assert!(samples.is_sorted_by_key(|sample| sample.at_ms));
            assert_eq!(samples.last().map(|sample| sample.at_ms), Some(readings * 10_000));
            assert_eq!(
                samples.iter().filter_map(|sample| sample.round_trip_us).max(),
                Some(900_000),
                "the worst stays"
            );
            assert_eq!(samples.iter().map(|sample| sample.height).max(), Some(720));
        }
    }

    #[test]
    fn samples_stand_for_about_as_long_each() {
        let series = after(1_000);
        let (last, others) = series.samples().split_last().expect("there are some");
        let longest = others.iter().map(|sample| sample.span_ms).max();
        let shortest = others.iter().map(|sample| sample.span_ms).min();
        assert!(longest <= shortest.map(|shortest| shortest * 2), "{shortest:?} to {longest:?}");
        assert!(Some(last.span_ms) <= longest);
    }

    #[test]
    fn a_sample_comes_back_from_the_store_as_it_was() {
        let sample = Sample {
            carrier: Carrier::Relay,
            withheld_ms: 1_234,
            ..reading(70)
        };
        let text = serde_json::to_string(&sample).expect("it is data");
        assert_eq!(serde_json::from_str::<Sample>(&text).ok(), Some(sample));
        assert!(text.len() < 120, "{text}");
    }
}

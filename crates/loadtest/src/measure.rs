//! What a receiver counts: gaps, delays, pauses.

use std::time::Duration;

/// A histogram of durations with a relative error under four percent, from a microsecond to a minute; longer ones count as a minute.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

/// Steps within a power of two.
const STEPS: u32 = 32;
/// Powers of two of microseconds.
const POWERS: u32 = 26;

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; (STEPS * POWERS) as usize],
            total: 0,
        }
    }
}

impl Histogram {
    /// Counts one.
    pub fn add(&mut self, duration: Duration) {
        let last = self.counts.len() - 1;
        if let Some(count) = self.counts.get_mut(place(duration).min(last)) {
            *count += 1;
            self.total += 1;
        }
    }

    /// Counts those of another one too.
    pub fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(own, other)| *own += other);
        self.total += other.total;
    }

    /// How many were counted.
    pub fn len(&self) -> u64 {
        self.total
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The duration under which this part (0 to 1) of all lies. Nothing when nothing was counted.
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        // Counts stay far below 2⁵³.
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let wanted = ((self.total as f64 * part).ceil() as u64).max(1);
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        })?;
        Some(upper(found))
    }
}

fn place(duration: Duration) -> usize {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    if micros < u64::from(STEPS) {
        return usize::try_from(micros).unwrap_or(0);
    }
    let power = micros.ilog2() - STEPS.ilog2();
    let step = (micros >> power) - u64::from(STEPS);
    usize::try_from(u64::from(STEPS) * u64::from(power + 1) + step).unwrap_or(usize::MAX)
}

fn upper(place: usize) -> Duration {
    let (steps, place) = (u64::from(STEPS), place as u64);
    if place < steps {
        return Duration::from_micros(place);
    }
    let (power, step) = (place / steps - 1, place % steps);
    Duration::from_micros(((steps + step + 1) << power) - 1)
}

/// The sequence numbers of one stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sequence {
    first: Option<u64>,
    highest: u64,
    received: u64,
}

impl Sequence {
    /// A packet came.
    pub fn take(&mut self, number: u16) {
        let Some(first) = self.first else {
            let number = u64::from(number) + (1 << 16);
            (self.first, self.highest, self.received) = (Some(number), number, 1);
            return;
        };
        let near = self.highest & !0xffff | u64::from(number);
        // Of the three numbers that it could be, the nearest one.
        let index = [near.saturating_sub(1 << 16), near, near + (1 << 16)]
            .into_iter()
            .min_by_key(|candidate| candidate.abs_diff(self.highest))
            .unwrap_or(near);
        if index < first {
            return;
        }
        self.highest = self.highest.max(index);
        self.received += 1;
    }

    /// The highest number, with its rounds.
    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }

    /// Packets that came, and those that should have.
    pub fn counts(&self) -> (u64, u64) {
        let expected = self.first.map_or(0, |first| self.highest - first + 1);
        (self.received.min(expected), expected)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_are_near_what_was_counted() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        for micros in 1..=10_000 {
            histogram.add(Duration::from_micros(micros));
        }
        for (part, expected) in [(0.5, 5_000.0), (0.99, 9_900.0), (0.999, 9_990.0), (1.0, 10_000.0)] {
            let found = histogram.quantile(part).unwrap().as_secs_f64() * 1e6;
            assert!((found / expected - 1.0).abs() < 0.04, "{part}: {found}");
        }
    }

    #[test]
    fn gaps_are_counted_across_a_rollover_and_late_packets_fill_them() {
        let mut sequence = Sequence::default();
        for number in [65_533, 65_534, 1, 65_535, 3] {
            sequence.take(number);
        }
        // 65533, 65534, 65535, 0, 1, 2, 3: 0 and 2 are missing.
        assert_eq!(sequence.counts(), (5, 7));
        // What is older than the first one counts for nothing.
        sequence.take(65_500);
        assert_eq!(sequence.counts(), (5, 7));
    }

    proptest! {
        #[test]
        fn a_duration_lies_in_its_step(micros in 0_u64..60_000_000) {
            let found = upper(place(Duration::from_micros(micros)));
            prop_assert!(found >= Duration::from_micros(micros));
            prop_assert!(found.as_micros() as f64 <= micros as f64 * 1.04 + 1.0);
        }
    }
}

//! What the link carries, as far as it was ever full: learned at the moments of overuse (draft-ietf-rmcat-gcc-02 §5.5).

/// What the link carried when it was full: a mean and how far it strays, relative to it.
#[derive(Debug, Default)]
pub(crate) struct Link {
    mean_bps: Option<f64>,
    /// Variance over the mean, in kbit/s.
    variance: f64,
}

impl Link {
    /// The mean, if the link was full since it was last outgrown.
    pub(crate) fn bps(&self) -> Option<f64> {
        self.mean_bps
    }

    /// The queue grew while this arrived.
    pub(crate) fn at_capacity(&mut self, bps: f64) {
        let Some(mean) = self.mean_bps else {
            self.mean_bps = Some(bps);
            self.variance = 0.4;
            return;
        };
        let error = (mean - bps) / 1e3;
        let mean = mean * 0.95 + bps * 0.05;
        let spread = error * error / (mean / 1e3).max(1.0);
        self.variance = (self.variance * 0.95 + spread * 0.05).clamp(0.4, 2.5);
        // Far from what it was: another link, or another share of it.
        self.mean_bps = Some(if (mean - bps).abs() > 3.0 * self.deviation(mean) {
            bps
        } else {
            mean
        });
    }

    fn deviation(&self, mean: f64) -> f64 {
        (self.variance * mean / 1e3).sqrt() * 1e3
    }

    /// More than this is not believed without a measurement.
    pub(crate) fn most(&self) -> f64 {
        self.mean_bps.map_or(f64::MAX, |mean| mean + 3.0 * self.deviation(mean))
    }

    /// Whether this rate is about what the link carries.
    pub(crate) fn near(&self, bps: f64) -> bool {
        self.mean_bps.is_some_and(|mean| (bps - mean).abs() <= 3.0 * self.deviation(mean))
    }

    /// Forgets the capacity when more than it arrives. True when it did.
    pub(crate) fn outgrown(&mut self, bps: f64) -> bool {
        let outgrown = bps > self.most();
        if outgrown {
            self.mean_bps = None;
        }
        outgrown
    }

    /// A measurement says that this rate is carried.
    pub(crate) fn proven(&mut self, bps: f64) {
        if self.mean_bps.is_some_and(|mean| bps > mean) {
            self.mean_bps = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_carries_is_known_when_it_was_full_and_forgotten_when_it_carries_more() {
        let mut link = Link::default();
        assert!(!link.near(1e6) && link.most() == f64::MAX);
        link.at_capacity(1e6);
        link.at_capacity(1.02e6);
        assert!(link.near(1e6) && !link.near(7e5));
        assert!(!link.outgrown(1.01e6));
        assert!(link.outgrown(1.5e6));
        assert_eq!(link.bps(), None);
    }

    #[test]
    fn one_that_became_another_is_followed_at_once() {
        let mut link = Link::default();
        link.at_capacity(2e6);
        link.at_capacity(5e5);
        assert_eq!(link.bps(), Some(5e5));
    }
}

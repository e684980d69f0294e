//! A network in virtual time: one sender with estimator and pacer, one bottleneck, one receiver that tells what arrived.
//!
//! Deterministic: the same scenario gives the same numbers. A step is a millisecond; arrivals are exact to the microsecond.
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod link;
pub(crate) mod receiver;
pub(crate) mod sender;

use std::time::{Duration, Instant};

/// Numbers that look random and are always the same (a linear congruential generator).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    /// In 0..1.
    pub(crate) fn roll(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, of: f64) -> bool {
        self.roll() < of
    }
}

/// Some instant; tests count from it.
#[expect(
    clippy::disallowed_methods,
    reason = "an instant can be had in no other way; only differences to it are used"
)]
pub(crate) fn origin() -> Instant {
    Instant::now()
}

pub(crate) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The middle of some numbers.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

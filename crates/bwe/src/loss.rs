//! The rate that the losses allow.
//!
//! Owns the bound that losses put on the estimate, and what share of packets the path loses whatever is sent. Losses alone do not say why: a wireless
//! path loses a tenth at any rate, a policed one loses all that is too much. So a loss that comes without a queue is tried out: the rate is lowered
//! to a little below what arrives. If the losses stay, they are the path's own, the bound is lifted and they are from then on expected; if they
//! go, the bound was right and grows slowly from there. A loss that comes with a queue needs no trial.
//!
//! Not here: counting (`history`), the delay (`rate`).

/// Losses are looked at over four slots of a quarter of a second.
const SLOTS: usize = 4;
const SLOT_US: i64 = 250_000;
/// Fewer packets than this say nothing.
const ENOUGH: u32 = 24;
/// Losses beyond the expected by more than this, and their standard error twice, are too many.
const TOO_MANY: f64 = 0.05;
/// Losses beyond the expected by less than this let the bound grow.
const FEW: f64 = 0.02;
/// No path is believed to lose more than this by itself.
const INHERENT_MAX: f64 = 0.30;
const GROWTH: f64 = 1.05;
/// How far below what arrives a bound is put.
const BELOW: f64 = 0.95;
/// A queue at least this long explains losses.
const QUEUE_US: f64 = 50_000.0;
/// How long a lowered bound takes until it shows in what is judged, beyond the round trip.
const SETTLE_US: i64 = 400_000;
/// A trial that shows nothing by then ends without a bound.
const TRIAL_US: i64 = 6_000_000;

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    received: u32,
    lost: u32,
    bytes: u64,
    lasted_us: i64,
}

#[derive(Debug, Clone, Copy)]
struct Trial {
    share: f64,
    sent_bps: f64,
    bound_bps: f64,
    ends_us: i64,
}

/// What the last second says.
#[derive(Debug, Clone, Copy)]
struct Window {
    share: f64,
    /// Losses beyond the expected by more than this are too many.
    too_many: f64,
    sent_bps: f64,
    queued: bool,
}

/// What was seen since the last time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    pub(crate) now_us: i64,
    pub(crate) received: u32,
    pub(crate) lost: u32,
    pub(crate) bytes: u64,
    pub(crate) queue_us: f64,
    pub(crate) rtt_us: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Loss {
    bound_bps: Option<f64>,
    inherent: f64,
    slots: [Slot; SLOTS],
    at: usize,
    filled: usize,
    open: Slot,
    opened_us: Option<i64>,
    /// Until then, what is judged was sent before the bound was lowered and says nothing about it.
    deaf_until_us: Option<i64>,
    trial: Option<Trial>,
    share: f64,
}

impl Loss {
    /// The bound, bits per second.
    pub(crate) fn bound_bps(&self) -> Option<f64> {
        self.bound_bps
    }

    /// The share of packets lost in the last second, 0 to 1.
    pub(crate) fn share(&self) -> f64 {
        self.share
    }

    /// The share that the path is believed to lose by itself.
    pub(crate) fn inherent(&self) -> f64 {
        self.inherent
    }

    /// Whether more is lost than the path's own losses explain.
    pub(crate) fn troubled(&self) -> bool {
        self.trial.is_some() || self.share > self.inherent + TOO_MANY
    }

    /// A measurement says that this rate is carried.
    pub(crate) fn proven(&mut self, bps: f64) {
        if self.trial.is_none() && self.bound_bps.is_some_and(|bound| bound < bps) {
            self.bound_bps = Some(bps);
        }
    }

    /// Counts what was seen. `estimate_bps` is what the rate would be without losses.
    pub(crate) fn update(&mut self, seen: Seen, estimate_bps: f64) {
        if self.deaf_until_us.is_some_and(|until| seen.now_us < until) {
            return;
        }
        if self.deaf_until_us.take().is_some() {
            self.open = Slot::default();
            self.opened_us = Some(seen.now_us);
            return;
        }
        let Some(opened) = self.opened_us else {
            // How long the first packets took is not known.
            self.opened_us = Some(seen.now_us);
            return;
        };
        self.open.received += seen.received;
        self.open.lost += seen.lost;
        self.open.bytes += seen.bytes;
        self.open.lasted_us = seen.now_us - opened;
        if self.open.lasted_us < SLOT_US {
            return;
        }
        if let Some(slot) = self.slots.get_mut(self.at) {
            *slot = self.open;
        }
        self.at = (self.at + 1) % SLOTS;
        self.filled = (self.filled + 1).min(SLOTS);
        let lasted = self.open.lasted_us as f64 / 1e6;
        self.open = Slot::default();
        self.opened_us = Some(seen.now_us);
        self.decide(seen, estimate_bps, lasted);
    }

    fn decide(&mut self, seen: Seen, estimate_bps: f64, lasted: f64) {
        let sum = self.slots.iter().fold(Slot::default(), |sum, slot| Slot {
            received: sum.received + slot.received,
            lost: sum.lost + slot.lost,
            bytes: sum.bytes + slot.bytes,
            lasted_us: sum.lasted_us + slot.lasted_us,
        });
        let packets = sum.received + sum.lost;
        self.share = if packets == 0 {
            0.0
        } else {
            f64::from(sum.lost) / f64::from(packets)
        };
        if packets < ENOUGH || sum.lasted_us == 0 {
            return;
        }
        let window = Window {
            share: self.share,
            too_many: TOO_MANY + 2.0 * (self.share * (1.0 - self.share) / f64::from(packets)).sqrt(),
            sent_bps: sum.bytes as f64 * 8e6 / sum.lasted_us as f64,
            queued: seen.queue_us > QUEUE_US,
        };
        if let Some(trial) = self.trial {
            if !self.ended(trial, seen.now_us, window) {
                return;
            }
            self.trial = None;
            self.conclude(trial, window);
        }
        let excess = window.share - self.inherent;
        if excess > window.too_many {
            self.cut(seen, estimate_bps, window);
            return;
        }
        if excess < 0.0 {
            // It loses less than it did.
            self.inherent += 0.2 * excess;
        }
        if excess < window.too_many - TOO_MANY + FEW
            && !window.queued
            && let Some(bound) = self.bound_bps
        {
            let grown = bound * GROWTH.powf(lasted);
            self.bound_bps = (grown < estimate_bps * 1.5).then_some(grown);
        }
    }

    /// Lowers the bound below what arrives.
    fn cut(&mut self, seen: Seen, estimate_bps: f64, window: Window) {
        let arrived = window.sent_bps * (1.0 - window.share);
        let bound_bps = (arrived * BELOW).min(self.bound_bps.unwrap_or(estimate_bps));
        self.bound_bps = Some(bound_bps);
        self.slots = [Slot::default(); SLOTS];
        self.filled = 0;
        self.deaf_until_us = Some(seen.now_us + seen.rtt_us + SETTLE_US);
        self.trial = (!window.queued).then_some(Trial {
            share: window.share,
            sent_bps: window.sent_bps,
            bound_bps,
            ends_us: seen.now_us + seen.rtt_us + TRIAL_US,
        });
    }

    fn ended(&self, trial: Trial, now_us: i64, window: Window) -> bool {
        let lowered = window.sent_bps < (trial.sent_bps + trial.bound_bps) / 2.0;
        self.filled == SLOTS && (lowered || now_us >= trial.ends_us)
    }

    fn conclude(&mut self, trial: Trial, window: Window) {
        if window.queued {
            return;
        }
        let excess = window.share - self.inherent;
        if excess > (trial.share - self.inherent) * 0.5 {
            // The losses stayed: they are the path's own.
            self.bound_bps = None;
            self.inherent = window.share.max(trial.share).min(INHERENT_MAX);
        } else if excess <= window.too_many {
            // What is still lost below the rate that arrived is lost at any rate.
            self.inherent = window.share.min(INHERENT_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was sent over a path: the lowest, the mean and the last rate.
    struct Run {
        lowest: f64,
        mean: f64,
        last: f64,
    }

    /// Sends for a while; `path` gives the share that is lost at a rate.
    fn run(loss: &mut Loss, from_ms: i64, seconds: i64, need_bps: f64, path: impl Fn(f64) -> f64) -> Run {
        let (mut lowest, mut sum) = (f64::MAX, 0.0);
        let (mut sent_carry, mut lost_carry) = (0.0, 0.0);
        for n in 0..seconds * 20 {
            let rate = need_bps.min(loss.bound_bps().unwrap_or(f64::MAX));
            lowest = lowest.min(rate);
            sum += rate;
            sent_carry += rate / 8.0 / 1_000.0 / 20.0;
            let packets = f64::floor(sent_carry);
            sent_carry -= packets;
            lost_carry += packets * path(rate);
            let lost = f64::floor(lost_carry);
            lost_carry -= lost;
            let seen = Seen {
                now_us: (from_ms + n * 50) * 1_000,
                received: (packets - lost) as u32,
                lost: lost as u32,
                bytes: packets as u64 * 1_000,
                queue_us: 0.0,
                rtt_us: 50_000,
            };
            loss.update(seen, need_bps);
        }
        Run {
            lowest,
            mean: sum / (seconds * 20) as f64,
            last: need_bps.min(loss.bound_bps().unwrap_or(f64::MAX)),
        }
    }

    #[test]
    fn a_path_that_loses_at_any_rate_keeps_its_rate() {
        for share in [0.05, 0.1, 0.2] {
            let mut loss = Loss::default();
            let Run { lowest, last, .. } = run(&mut loss, 0, 30, 2e6, |_| share);
            assert!(lowest >= 2e6 * (1.0 - share) * 0.94, "{share}: {lowest}");
            assert_eq!(last, 2e6, "{share}");
        }
    }

    #[test]
    fn a_policed_path_is_not_overrun() {
        let mut loss = Loss::default();
        let policed = |rate: f64| (1.0 - 1e6 / rate).max(0.0);
        run(&mut loss, 0, 10, 2e6, policed);
        let Run { mean, .. } = run(&mut loss, 10_000, 60, 2e6, policed);
        assert!((0.9e6..1.15e6).contains(&mean), "{mean}");
        assert!(loss.share() < 0.2);
    }

    #[test]
    fn what_was_learned_of_a_lossy_path_is_unlearned_on_a_good_one() {
        let mut loss = Loss::default();
        run(&mut loss, 0, 20, 2e6, |_| 0.15);
        assert!(loss.inherent() > 0.1);
        run(&mut loss, 20_000, 20, 2e6, |_| 0.0);
        assert!(loss.inherent() < 0.01);
        assert_eq!(loss.bound_bps(), None);
    }

    #[test]
    fn losses_behind_a_queue_bound_without_a_trial() {
        let mut loss = Loss::default();
        for n in 0..40 {
            let seen = Seen {
                now_us: n * 50_000,
                received: 8,
                lost: 2,
                bytes: 10_000,
                queue_us: 200_000.0,
                rtt_us: 50_000,
            };
            loss.update(seen, 2e6);
        }
        assert_eq!(loss.inherent(), 0.0);
        assert!(loss.bound_bps().unwrap() < 1.3e6);
    }

    #[test]
    fn a_handful_of_packets_decides_nothing() {
        let mut loss = Loss::default();
        for n in 0..100 {
            let seen = Seen {
                now_us: n * 250_000,
                received: 2,
                lost: 2,
                ..Seen::default()
            };
            loss.update(seen, 1e6);
        }
        assert_eq!(loss.bound_bps(), None);
    }
}

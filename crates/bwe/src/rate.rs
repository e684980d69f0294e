//! The rate that the delay allows: up slowly while the queue is short, down at once when it grows.
//!
//! Owns the delay-based estimate (draft-ietf-rmcat-gcc-02 §5.5, with two changes: what the application did not use is not taken for what the link
//! cannot carry, and a queue that stands is drained before anything grows). Not here: losses (`loss`), probes (`probe`).

use crate::link::Link;
use crate::standing::{Standing, StandingQueue};
use crate::throughput::Acked;
use crate::trendline::DelayState;

const DECREASE: f64 = 0.85;
/// While the queue is short less is given back: one large frame makes such a queue.
const DECREASE_SHORT: f64 = 0.92;
/// The same, of the estimate, for who sends less than that.
const DECREASE_LIMITED: f64 = 0.95;
const SHORT_QUEUE_US: f64 = 50_000.0;
/// Per second, while the capacity is unknown.
const GROWTH: f64 = 1.08;
/// Growth without a probe ends here: this many times what was acknowledged.
const UNPROVEN: f64 = 1.25;
const UNPROVEN_EXTRA_BPS: f64 = 10_000.0;
/// Who has just sent this many times the estimate sent a burst (a key frame); the queue of it does not speak against the estimate.
const BURST: f64 = 1.15;
const BURST_QUEUE_US: f64 = 100_000.0;
/// A rate of arrival below this share of the estimate is answered without patience.
const FAR_BELOW: f64 = 0.7;
const SOON_US: i64 = 150_000;
/// One step down goes no further than this share.
const LOWEST_STEP: f64 = 0.5;
/// Who sends less than this share of the estimate is limited by the application and not by the link.
const APPLICATION_LIMITED: f64 = 0.85;
/// Per second, back to this share of what the link was seen to carry.
const REGAIN: f64 = 1.3;
const REGAINED: f64 = 0.9;
/// Near the known capacity the rate grows by one packet of this size in each response time.
const STEP_BITS: f64 = 1_200.0 * 8.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Increase,
    Hold,
}

/// What one update is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signal {
    pub(crate) now_us: i64,
    pub(crate) state: DelayState,
    pub(crate) acked: Option<Acked>,
    pub(crate) queue_us: f64,
    pub(crate) rtt_us: i64,
    /// More than this nobody needs; growth without a probe ends there too.
    pub(crate) enough_bps: f64,
    /// Receivers that tell of no delay: growth may go this many times beyond what was acknowledged.
    pub(crate) unproven: Option<f64>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Steady,
    Decreased,
    /// More arrives than the link was thought to carry.
    Outgrown,
}

#[derive(Debug)]
pub(crate) struct Rate {
    bps: f64,
    phase: Phase,
    link: Link,
    standing: StandingQueue,
    updated_us: Option<i64>,
    decreased: Option<Decreased>,
}

/// When the rate was last lowered, and the longest queue since.
#[derive(Debug, Clone, Copy)]
struct Decreased {
    at_us: i64,
    longest_us: f64,
    /// It should have gone further down.
    cut_short: bool,
}

impl Rate {
    pub(crate) fn new(bps: f64) -> Self {
        Self {
            bps,
            phase: Phase::Increase,
            link: Link::default(),
            standing: StandingQueue::default(),
            updated_us: None,
            decreased: None,
        }
    }

    pub(crate) fn bps(&self) -> f64 {
        self.bps
    }

    /// Whether there is a queue that is being drained.
    pub(crate) fn draining(&self, queue_us: f64) -> bool {
        self.standing.draining(queue_us)
    }

    /// A measurement says that this rate is carried.
    pub(crate) fn proven(&mut self, bps: f64) {
        self.bps = bps;
        self.link.proven(bps);
    }

    /// Sets the rate from outside: no feedback, limits.
    pub(crate) fn set(&mut self, bps: f64) {
        self.bps = bps;
    }

    pub(crate) fn update(&mut self, signal: Signal) -> Change {
        let passed = self
            .updated_us
            .map_or(0.0, |before| ((signal.now_us - before) as f64 / 1e6).clamp(0.0, 1.0));
        self.updated_us = Some(signal.now_us);
        let outgrown = signal.acked.is_some_and(|acked| self.link.outgrown(acked.recent_bps));
        match signal.state {
            DelayState::Overuse => return self.overuse(signal),
            DelayState::Underuse => self.phase = Phase::Hold,
            DelayState::Normal => match self.standing.update(signal.now_us, signal.queue_us, signal.rtt_us) {
                Standing::Step => return self.step_back(signal),
                Standing::Hold => self.phase = Phase::Hold,
                Standing::Free if self.phase == Phase::Hold => self.phase = Phase::Increase,
                Standing::Free => self.grow(signal, passed),
            },
        }
        if outgrown { Change::Outgrown } else { Change::Steady }
    }

    fn grow(&mut self, signal: Signal, passed: f64) {
        // Without a measure of what arrives there is nothing to grow on.
        let Some(acked) = signal.acked else { return };
        let unproven = acked.bps * signal.unproven.unwrap_or(UNPROVEN) + UNPROVEN_EXTRA_BPS;
        let mut ceiling = unproven.min(signal.enough_bps);
        if limited(acked, self.bps) {
            // What the link carried when it was full is more than a guess.
            ceiling = ceiling.min(self.link.most());
        }
        if self.bps >= ceiling {
            return;
        }
        let regained = self.link.bps().map_or(0.0, |carried| carried * REGAINED);
        let grown = if self.bps < regained {
            (self.bps * REGAIN.powf(passed)).min(regained)
        } else if self.link.near(self.bps) {
            let response = signal.rtt_us as f64 / 1e6 + 0.1;
            self.bps + (STEP_BITS / response).max(4_000.0) * passed
        } else {
            self.bps * GROWTH.powf(passed) + 1_000.0 * passed
        };
        self.bps = grown.min(ceiling);
    }

    /// Goes a little below what arrives, so that a queue that stands drains.
    fn step_back(&mut self, signal: Signal) -> Change {
        self.phase = Phase::Hold;
        match signal.acked {
            Some(acked) if !limited(acked, self.bps) => {
                let carried = acked.recent_bps;
                self.lower(signal, carried * (0.95 - drain(signal.queue_us)))
            }
            _ => Change::Steady,
        }
    }

    fn overuse(&mut self, signal: Signal) -> Change {
        self.phase = Phase::Hold;
        if let Some(decreased) = &mut self.decreased {
            // What was lowered takes a round trip through the queue and a feedback until it shows, and a queue that shrinks needs no more.
            let through = if decreased.cut_short { 0 } else { signal.queue_us as i64 };
            let wait = (signal.rtt_us + through).clamp(50_000, 700_000) + 100_000;
            let age = signal.now_us - decreased.at_us;
            decreased.longest_us = decreased.longest_us.max(signal.queue_us);
            let draining = !decreased.cut_short && age < 4 * wait && signal.queue_us < decreased.longest_us * 0.95;
            // But where far less arrives than the estimate says, waiting only makes the queue longer.
            let far_below = signal
                .acked
                .is_some_and(|acked| !limited(acked, self.bps) && acked.recent_bps < self.bps * FAR_BELOW);
            if (age < wait || draining) && !(far_below && age >= SOON_US) {
                return Change::Steady;
            }
        }
        let short = signal.queue_us < SHORT_QUEUE_US;
        let target = match signal.acked {
            Some(acked) if limited(acked, self.bps) => self.bps * if short { DECREASE_LIMITED } else { DECREASE },
            Some(acked) if acked.recent_sent_bps > self.bps * BURST && signal.queue_us < BURST_QUEUE_US => {
                self.link.at_capacity(acked.recent_bps);
                acked.recent_bps * 0.95
            }
            Some(acked) => {
                let carried = acked.recent_bps;
                self.link.at_capacity(carried.max(self.bps * LOWEST_STEP));
                let below = if short { DECREASE_SHORT } else { DECREASE };
                carried * (below - drain(signal.queue_us))
            }
            None => self.bps * DECREASE,
        };
        self.standing.restart();
        self.lower(signal, target)
    }

    fn lower(&mut self, signal: Signal, target: f64) -> Change {
        // A gap in what arrives (a stall, a longer way) looks like a rate near zero: if it was none, the next step goes further, and soon.
        let lowest = self.bps * LOWEST_STEP;
        self.decreased = Some(Decreased {
            at_us: signal.now_us,
            longest_us: signal.queue_us,
            cut_short: target < lowest,
        });
        self.bps = target.max(lowest).min(self.bps);
        Change::Decreased
    }
}

/// The longer the queue, the more is given back until it is gone.
fn drain(queue_us: f64) -> f64 {
    (queue_us / 1e6).clamp(0.0, 0.5) * 0.4
}

fn limited(acked: Acked, bps: f64) -> bool {
    acked.sent_bps < bps * APPLICATION_LIMITED
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acked(bps: f64, sent_bps: f64) -> Option<Acked> {
        Some(Acked {
            bps,
            recent_bps: bps,
            recent_sent_bps: sent_bps,
            sent_bps,
        })
    }

    fn signal(now_ms: i64, state: DelayState, acked: Option<Acked>) -> Signal {
        Signal {
            now_us: now_ms * 1_000,
            state,
            acked,
            queue_us: 0.0,
            rtt_us: 50_000,
            enough_bps: f64::MAX,
            unproven: None,
        }
    }

    #[test]
    fn it_grows_by_eight_percent_a_second_while_it_is_used() {
        let mut rate = Rate::new(1e6);
        for n in 0..=20 {
            rate.update(signal(n * 50, DelayState::Normal, acked(rate.bps(), rate.bps())));
        }
        assert!((1.07e6..1.09e6).contains(&rate.bps()), "{}", rate.bps());
    }

    #[test]
    fn it_does_not_grow_on_what_is_not_used_and_does_not_fall_for_it() {
        let mut rate = Rate::new(1e6);
        for n in 0..2_000 {
            rate.update(signal(n * 50, DelayState::Normal, acked(2e5, 2e5)));
        }
        assert_eq!(rate.bps(), 1e6);
        let mut low = Rate::new(2.5e5);
        for n in 0..2_000 {
            low.update(signal(n * 50, DelayState::Normal, acked(2e5, 2e5)));
        }
        assert_eq!(low.bps(), 2.6e5);
    }

    #[test]
    fn overuse_takes_it_below_what_arrives() {
        let mut rate = Rate::new(2e6);
        assert_eq!(rate.update(signal(0, DelayState::Overuse, acked(5e5, 2e6))), Change::Decreased);
        assert_eq!(rate.bps(), 1e6, "by half at once");
        assert_eq!(rate.update(signal(50, DelayState::Overuse, acked(5e5, 1e6))), Change::Steady);
        assert_eq!(rate.update(signal(250, DelayState::Overuse, acked(6e5, 1e6))), Change::Decreased);
        assert!((rate.bps() - 5.52e5).abs() < 1.0, "{}", rate.bps());
    }

    #[test]
    fn overuse_of_an_application_that_sends_little_lowers_in_steps() {
        let mut rate = Rate::new(2e6);
        rate.update(signal(0, DelayState::Overuse, acked(2e5, 2e5)));
        assert!((rate.bps() - 1.9e6).abs() < 1.0);
        let mut long = signal(1_000, DelayState::Overuse, acked(2e5, 2e5));
        long.queue_us = 80_000.0;
        rate.update(long);
        assert!((rate.bps() - 1.615e6).abs() < 1.0);
    }

    #[test]
    fn where_far_less_arrives_than_the_estimate_says_nothing_is_waited_for() {
        let long = |at, recent| {
            let mut signal = signal(at, DelayState::Overuse, acked(recent, 2e6));
            signal.queue_us = 400_000.0;
            signal
        };
        let mut rate = Rate::new(2e6);
        rate.update(long(0, 1.9e6));
        let before = rate.bps();
        assert_eq!(
            rate.update(long(200, 1.5e6)),
            Change::Steady,
            "what was lowered shows in half a second"
        );
        assert_eq!(rate.update(long(250, 0.5e6)), Change::Decreased);
        assert!(rate.bps() < before * 0.6);
    }

    #[test]
    fn a_burst_beyond_the_estimate_does_not_count_against_it_while_its_queue_is_short() {
        let burst = |queue_us| {
            let mut signal = signal(0, DelayState::Overuse, acked(1e6, 1e6));
            signal.queue_us = queue_us;
            if let Some(acked) = &mut signal.acked {
                acked.recent_bps = 1.2e6;
                acked.recent_sent_bps = 2e6;
            }
            signal
        };
        let mut short = Rate::new(1e6);
        short.update(burst(80_000.0));
        assert_eq!(short.bps(), 1e6);
        let mut long = Rate::new(1e6);
        long.update(burst(300_000.0));
        assert!(long.bps() < 0.9e6, "{}", long.bps());
    }

    #[test]
    fn who_sends_less_is_not_believed_to_get_more_than_the_link_once_carried() {
        let mut rate = Rate::new(1e6);
        rate.update(signal(0, DelayState::Overuse, acked(1e6, 1e6)));
        rate.set(1e6);
        for n in 1..100 {
            rate.update(signal(n * 100, DelayState::Normal, acked(8.8e5, 8.8e5)));
        }
        assert!(rate.bps() < 1.065e6, "{}", rate.bps());
    }

    #[test]
    fn a_standing_queue_takes_it_a_step_below_the_link() {
        let mut rate = Rate::new(1e6);
        for n in 0..20 {
            let mut signal = signal(n * 50, DelayState::Normal, acked(1e6, 1e6));
            signal.queue_us = 200_000.0;
            rate.update(signal);
        }
        assert!((rate.bps() - 8.7e5).abs() < 1.0, "{}", rate.bps());
    }

    #[test]
    fn what_was_given_up_is_regained_fast() {
        let mut rate = Rate::new(1e6);
        rate.update(signal(0, DelayState::Overuse, acked(1e6, 1e6)));
        rate.set(5e5);
        for n in 1..60 {
            rate.update(signal(n * 50, DelayState::Normal, acked(rate.bps(), rate.bps())));
        }
        assert!(rate.bps() >= 9e5, "{}", rate.bps());
    }

    #[test]
    fn near_the_capacity_it_grows_packet_by_packet_and_beyond_it_fast_again() {
        let mut rate = Rate::new(1e6);
        rate.update(signal(0, DelayState::Overuse, acked(1e6, 1e6)));
        rate.set(9.6e5);
        rate.update(signal(50, DelayState::Normal, acked(9e5, 9e5)));
        let before = rate.bps();
        rate.update(signal(1_050, DelayState::Normal, acked(9e5, 9e5)));
        assert!((50_000.0..70_000.0).contains(&(rate.bps() - before)), "{}", rate.bps() - before);
        assert_eq!(
            rate.update(signal(1_100, DelayState::Normal, acked(1.3e6, 1.3e6))),
            Change::Outgrown
        );
    }
}

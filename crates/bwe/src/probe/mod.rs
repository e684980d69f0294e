//! Probes: when more is wanted than the estimate allows, a short burst at a higher rate shows whether the path carries it.
//!
//! Owns when a probe is asked for, and at which rate. At the start three times and six times the starting rate are tried, later twice the estimate,
//! never more than what is wanted. A probe that showed the way is followed by the next at once; one that did not makes the pause before the next
//! longer, up to [`PAUSE_MAX_US`]. Not here: what its packets showed (`measure`), who sends them (the caller), how they are spread over time
//! (`pacer`).
//!
//! Bounded: one probe at a time.

mod measure;

use std::time::Instant;

pub(crate) use measure::Outcome;
use measure::Running;

/// The mark of the packets of one probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cluster(pub(crate) u8);

/// A burst that the caller is asked to send: whatever packets are due, filled up with retransmissions and padding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// What [`on_sent`](crate::Estimator::on_sent) is told with each packet of it.
    pub cluster: Cluster,
    /// How fast, in bits per second.
    pub rate_bps: u64,
    /// At least so many bytes ...
    pub bytes: u32,
    /// ... in at least so many packets ...
    pub packets: u32,
    /// ... but nothing after this; what was sent by then counts.
    pub until: Instant,
}

const START_FACTORS: [f64; 2] = [3.0, 6.0];
const FACTOR: f64 = 2.0;
const START_LASTS_S: f64 = 0.025;
const LASTS_S: f64 = 0.050;
const PACKETS: u32 = 8;
/// The smallest useful packet of a probe (padding is at most 255 bytes and a header).
const PACKET_BYTES: f64 = 240.0;
/// What is wanted is proven with some room, so that layers can be switched up with headroom.
pub(crate) const ROOM: f64 = 1.3;
/// Who has this many times what is wanted has enough.
const ENOUGH: f64 = 1.2;
const PAUSE_US: i64 = 2_000_000;
const PAUSE_MAX_US: i64 = 8_000_000;
/// No probe for this long after an overuse: the queue has to drain.
const AFTER_OVERUSE_US: i64 = 1_500_000;
/// An overuse this soon after a probe says that the probe was wrong.
const REGRET_US: i64 = 3_000_000;
/// How long after its end the feedback of a probe is waited for, beyond the round trip.
const PATIENCE_US: i64 = 400_000;

/// What is known when a probe is considered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation {
    pub(crate) now_us: i64,
    pub(crate) estimate_bps: f64,
    pub(crate) wanted_bps: f64,
    pub(crate) max_bps: f64,
    /// Neither a queue that grows or has to drain, nor unexplained losses, nor silence.
    pub(crate) calm: bool,
}

/// What a probe is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plan {
    pub(crate) cluster: u8,
    pub(crate) rate_bps: f64,
    pub(crate) bytes: u32,
    pub(crate) packets: u32,
    pub(crate) until_us: i64,
}

#[derive(Debug)]
pub(crate) struct Prober {
    cluster: u8,
    running: Option<Running>,
    start_step: usize,
    pause_us: i64,
    not_before_us: i64,
    succeeded_us: Option<i64>,
    /// The estimate before it was lost by silence: worth trying at once.
    recover_bps: Option<f64>,
    count: u32,
}

impl Prober {
    pub(crate) fn new() -> Self {
        Self {
            cluster: 0,
            running: None,
            start_step: 0,
            pause_us: PAUSE_US,
            not_before_us: 0,
            succeeded_us: None,
            recover_bps: None,
            count: 0,
        }
    }

    /// How many probes were asked for.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Whether the rates of the start are still being tried.
    pub(crate) fn starting(&self) -> bool {
        self.start_step < START_FACTORS.len()
    }

    /// Begins again from the start: the path is another.
    pub(crate) fn restart(&mut self) {
        *self = Self {
            cluster: self.cluster,
            count: self.count,
            ..Self::new()
        };
    }

    /// Feedback is back after a silence; this was the estimate before.
    pub(crate) fn recover(&mut self, now_us: i64, bps: f64) {
        self.recover_bps = Some(bps);
        self.pause_us = PAUSE_US;
        self.not_before_us = now_us;
    }

    /// More arrives than the link was thought to carry: worth trying soon.
    pub(crate) fn encourage(&mut self, now_us: i64) {
        self.pause_us = PAUSE_US;
        self.not_before_us = self.not_before_us.min(now_us + 500_000);
    }

    pub(crate) fn overused(&mut self, now_us: i64) {
        if self.succeeded_us.take().is_some_and(|at| now_us - at < REGRET_US) {
            self.pause_us = (self.pause_us * 2).min(PAUSE_MAX_US);
            self.not_before_us = self.not_before_us.max(now_us + self.pause_us);
        }
        self.not_before_us = self.not_before_us.max(now_us + AFTER_OVERUSE_US);
    }

    /// When something here changes by itself.
    pub(crate) fn deadline_us(&self, rtt_us: i64, hungry: bool) -> Option<i64> {
        match &self.running {
            Some(running) => Some(running.plan.until_us + rtt_us + PATIENCE_US),
            None => hungry.then_some(self.not_before_us),
        }
    }

    /// Whether a probe would be worth it.
    pub(crate) fn hungry(situation: &Situation) -> bool {
        situation.estimate_bps < (situation.wanted_bps * ENOUGH).min(situation.max_bps)
    }

    pub(crate) fn plan(&mut self, situation: Situation) -> Option<Plan> {
        if self.running.is_some() || !situation.calm || situation.now_us < self.not_before_us || !Self::hungry(&situation) {
            return None;
        }
        let most = (situation.wanted_bps * ROOM).min(situation.max_bps);
        let (factor, lasts) = match START_FACTORS.get(self.start_step) {
            Some(factor) => (*factor, START_LASTS_S),
            None => (FACTOR, LASTS_S),
        };
        // The second step at the start is taken from what the first one showed.
        let factor = if self.start_step == 1 { factor / START_FACTORS[0] } else { factor };
        let rate_bps = (situation.estimate_bps * factor)
            .max(self.recover_bps.take().unwrap_or(0.0))
            .min(most);
        let bytes = (rate_bps * lasts / 8.0).max(PACKET_BYTES * f64::from(PACKETS));
        let lasts_us = bytes * 8e6 / rate_bps.max(1.0);
        self.cluster = self.cluster % 7 + 1;
        self.count = self.count.saturating_add(1);
        let plan = Plan {
            cluster: self.cluster,
            rate_bps,
            bytes: bytes as u32,
            packets: PACKETS,
            until_us: situation.now_us + (lasts_us * 2.0) as i64 + 100_000,
        };
        self.running = Some(Running::new(plan));
        Some(plan)
    }

    /// A packet of a probe left. False when it belongs to none that runs, or to one that is complete: it counts as any other then.
    pub(crate) fn sent(&mut self, now_us: i64, cluster: u8, bytes: u32) -> bool {
        match &mut self.running {
            Some(running) if running.plan.cluster == cluster && !running.complete() && now_us <= running.plan.until_us => {
                running.sent(bytes);
                true
            }
            _ => false,
        }
    }

    /// Feedback told of a packet of a probe.
    pub(crate) fn told(&mut self, cluster: u8, sent_us: i64, arrival_us: Option<i64>, bytes: u32) {
        if let Some(running) = &mut self.running
            && running.plan.cluster == cluster
        {
            running.told(sent_us, arrival_us, bytes);
        }
    }

    /// What the probe showed, when all is known of it or its time is over.
    pub(crate) fn finish(&mut self, now_us: i64, rtt_us: i64, lost: f64, estimate_bps: f64) -> Option<Outcome> {
        let running = self.running.as_ref()?;
        let ended = running.complete() || now_us >= running.plan.until_us;
        let known = ended && running.all_told();
        if !known && now_us < running.plan.until_us + rtt_us + PATIENCE_US {
            return None;
        }
        let outcome = running.measure(lost);
        let goal = running.plan.rate_bps;
        self.running = None;
        let succeeded = match outcome {
            Outcome::Carried { bps, full } => !full && bps > estimate_bps && bps > goal * 0.7,
            Outcome::Unclear => false,
        };
        if succeeded {
            self.start_step += 1;
            self.pause_us = PAUSE_US;
            self.not_before_us = now_us;
            self.succeeded_us = Some(now_us);
        } else {
            if outcome == Outcome::Unclear {
                // It says nothing, so it is tried again sooner.
                self.not_before_us = now_us + self.pause_us / 4;
            } else {
                self.start_step = START_FACTORS.len();
                self.not_before_us = now_us + self.pause_us;
            }
            self.pause_us = (self.pause_us * 2).min(PAUSE_MAX_US);
        }
        Some(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn situation(now_ms: i64, estimate_bps: f64, wanted_bps: f64) -> Situation {
        Situation {
            now_us: now_ms * 1_000,
            estimate_bps,
            wanted_bps,
            max_bps: 20e6,
            calm: true,
        }
    }

    /// Sends a probe as planned over a link of this rate and gives what it showed.
    fn carry(prober: &mut Prober, plan: Plan, from_us: i64, link_bps: f64, every_lost: usize) -> Option<Outcome> {
        let bytes = 1_000;
        let mut free = 0.0_f64;
        let mut at = from_us as f64;
        let mut n = 0;
        loop {
            if !prober.sent(at as i64, plan.cluster, bytes) {
                break;
            }
            free = free.max(at) + f64::from(bytes) * 8e6 / link_bps;
            n += 1;
            let arrival = (every_lost == 0 || n % every_lost != 0).then_some(9_000_000 + free as i64);
            prober.told(plan.cluster, at as i64, arrival, bytes);
            at += f64::from(bytes) * 8e6 / plan.rate_bps;
        }
        prober.finish(at as i64 + 200_000, 50_000, 0.0, plan.rate_bps / 2.0)
    }

    #[test]
    fn at_the_start_three_and_six_times_the_rate_are_tried_one_after_the_other() {
        let mut prober = Prober::new();
        let first = prober.plan(situation(0, 6e5, 1e7)).unwrap();
        assert_eq!(first.rate_bps, 1.8e6);
        assert_eq!(prober.plan(situation(1, 6e5, 1e7)), None, "one at a time");
        assert!(matches!(
            carry(&mut prober, first, 1_000, 1e8, 0),
            Some(Outcome::Carried { full: false, .. })
        ));
        let second = prober.plan(situation(300, 1.8e6, 1e7)).unwrap();
        assert!((second.rate_bps - 3.6e6).abs() < 1.0);
        assert_ne!(second.cluster, first.cluster);
    }

    #[test]
    fn a_full_link_shows_its_rate_and_makes_the_pause_longer() {
        let mut prober = Prober::new();
        let plan = prober.plan(situation(0, 6e5, 1e7)).unwrap();
        let Some(Outcome::Carried { bps, full: true }) = carry(&mut prober, plan, 1_000, 1e6, 0) else {
            panic!("not full")
        };
        assert!((0.9e6..1e6).contains(&bps), "{bps}");
        assert_eq!(prober.plan(situation(1_000, 9e5, 1e7)), None);
        let again = prober.plan(situation(2_500, 9e5, 1e7)).unwrap();
        assert_eq!(again.rate_bps, 1.8e6, "twice the estimate from now on");
    }

    #[test]
    fn nothing_is_probed_that_nobody_wants_or_in_trouble() {
        let mut prober = Prober::new();
        assert_eq!(prober.plan(situation(0, 6e5, 5e5)), None);
        let troubled = Situation {
            calm: false,
            ..situation(0, 6e5, 5e6)
        };
        assert_eq!(prober.plan(troubled), None);
        assert_eq!(
            prober.plan(situation(0, 6e5, 1e6)).unwrap().rate_bps,
            1.3e6,
            "and no more than is wanted"
        );
    }

    #[test]
    fn a_probe_that_mostly_got_lost_or_was_never_sent_says_nothing() {
        let mut prober = Prober::new();
        let plan = prober.plan(situation(0, 6e5, 1e7)).unwrap();
        assert_eq!(carry(&mut prober, plan, 1_000, 1e8, 2), Some(Outcome::Unclear));
        let mut idle = Prober::new();
        let plan = idle.plan(situation(0, 6e5, 1e7)).unwrap();
        assert_eq!(idle.finish(plan.until_us, 50_000, 0.0, 6e5), None);
        assert_eq!(idle.finish(plan.until_us + 450_000, 50_000, 0.0, 6e5), Some(Outcome::Unclear));
    }

    #[test]
    fn an_overuse_after_a_probe_makes_the_next_one_wait() {
        let mut prober = Prober::new();
        let plan = prober.plan(situation(0, 6e5, 1e7)).unwrap();
        carry(&mut prober, plan, 1_000, 1e8, 0);
        prober.overused(400_000);
        assert_eq!(prober.plan(situation(3_000, 1.8e6, 1e7)), None);
        assert!(prober.plan(situation(5_000, 1.8e6, 1e7)).is_some());
    }
}

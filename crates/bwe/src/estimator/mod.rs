//! How much may be sent to one receiver: the parts joined.
//!
//! Owns the order in which what is sent and what is told runs through the parts, the silence of a receiver that tells nothing, and the one number
//! that comes out. The parts: `history` (what was sent), `arrival` and `trendline` (does the queue grow), `throughput` (how much arrives), `rate`
//! (what the delay allows), `loss` (what the losses allow), `probe` (how to find out more). Not here: pacing, the split among streams.
//!
//! Invariants: the estimate stays between `min_bps` and `max_bps`; nothing that a receiver says makes it grow beyond what was sent and acknowledged
//! and a quarter of that, but a probe that was sent (`tests/robustness.rs`); nothing is allocated but when the history grows to its bound.

mod feedback;
mod reports;
mod status;

use std::time::{Duration, Instant};

use reports::Unreported;
pub use status::{Limit, Status, Wake};

use crate::arrival::Arrivals;
use crate::config::{Clock, Config, Feedback, us};
use crate::history::{CAPACITY, History};
use crate::loss::Loss;
use crate::probe::{Cluster, Plan, Probe, Prober, ROOM, Situation};
use crate::queue::Queue;
use crate::rate::Rate;
use crate::throughput::Throughput;
use crate::trendline::{DelayState, Trendline};

/// Until a round trip was measured.
const RTT_UNKNOWN_US: i64 = 200_000;
/// Who tells nothing for this long (or three round trips) of what is sent is given less, and again each half second.
const SILENCE_US: i64 = 1_000_000;
const SILENCE_REPORTS_US: i64 = 12_000_000;
const SILENCE_STEP_US: i64 = 500_000;
const SILENCE_FACTOR: f64 = 0.8;
/// Entries of one feedback that are looked at: more than are remembered cannot count.
const ENTRIES: usize = 2 * CAPACITY;
/// Arrivals beyond this are taken for this, so that differences between two can be counted.
const CLOCK_MAX_US: i64 = 1 << 60;

#[derive(Debug, Clone, Copy)]
struct Silence {
    /// The estimate when it began.
    before_bps: f64,
    next_us: i64,
}

/// The estimate of what one receiver's path carries.
#[derive(Debug)]
pub struct Estimator {
    clock: Clock,
    config: Config,
    history: History,
    arrivals: Arrivals,
    trend: Trendline,
    throughput: Throughput,
    rate: Rate,
    loss: Loss,
    prober: Prober,
    wanted_bps: f64,
    rtt_us: Option<i64>,
    rtt_queue: Queue,
    /// The number after the highest that feedback named.
    told: Option<u64>,
    /// When the newest packet left that arrived.
    arrived_sent_us: i64,
    /// Packets that left before this left in the shadow of a probe.
    shadow_us: Option<i64>,
    /// What is acknowledged until this left counts a probe in.
    probed_us: i64,
    /// When the first packet left about which nothing was told yet.
    awaiting_us: Option<i64>,
    silence: Option<Silence>,
    /// Sent since the last report (receiver reports only).
    unreported: Unreported,
    planned: Option<Plan>,
    bps: f64,
    limit: Limit,
    strangers: u64,
    clock_jumps: u32,
}

impl Estimator {
    /// An estimator that begins now, at the configured start: when the path is up, since what is sent and not told of counts as silence.
    pub fn new(now: Instant, config: Config) -> Self {
        let config = config.ordered();
        Self {
            clock: Clock::new(now),
            config,
            history: History::new(),
            arrivals: Arrivals::default(),
            trend: Trendline::new(),
            throughput: Throughput::default(),
            rate: Rate::new(config.start_bps as f64),
            loss: Loss::default(),
            prober: Prober::new(),
            wanted_bps: 0.0,
            rtt_us: None,
            rtt_queue: Queue::default(),
            told: None,
            arrived_sent_us: 0,
            shadow_us: None,
            probed_us: 0,
            awaiting_us: None,
            silence: None,
            unreported: Unreported::default(),
            planned: None,
            bps: config.start_bps as f64,
            limit: Limit::Delay,
            strangers: 0,
            clock_jumps: 0,
        }
    }

    /// The estimate, in bits per second.
    pub fn bitrate(&self) -> u64 {
        self.bps as u64
    }

    /// What is known.
    pub fn status(&self) -> Status {
        Status {
            bitrate_bps: self.bitrate(),
            limit: self.limit,
            delay: self.trend.state(),
            queue: Duration::from_micros(self.queue_us().max(0.0) as u64),
            loss: self.loss.share(),
            inherent_loss: self.loss.inherent(),
            rtt: self.rtt_us.map(|us| Duration::from_micros(us.max(0) as u64)),
            acked_bps: self.throughput.acked().map(|acked| acked.bps as u64),
            probes: self.prober.count(),
            strangers: self.strangers,
            clock_jumps: self.clock_jumps,
        }
    }

    /// Bytes this estimator occupies, in itself and on the heap.
    pub fn footprint(&self) -> usize {
        size_of::<Self>() + self.history.heap()
    }

    /// A packet left: its transport-wide number (the low 16 bits are in its header; each packet to this receiver takes the next), its size as it
    /// counts towards the rates, and the probe it was sent for.
    pub fn on_sent(&mut self, now: Instant, seq: u64, bytes: usize, probe: Option<Cluster>) {
        let now_us = self.clock.us(now);
        let bytes = bytes.min(65_535) as u32;
        self.awaiting_us.get_or_insert(now_us);
        if self.config.feedback == Feedback::Reports {
            self.unreported.sent(now_us, bytes);
            return;
        }
        let cluster = match probe {
            Some(Cluster(cluster)) if self.prober.sent(now_us, cluster, bytes) => cluster,
            _ => 0,
        };
        self.history.push(now_us, seq, bytes, cluster);
    }

    /// Transport-wide feedback: the low 16 bits of each number in order, and when the packet arrived, if it did: microseconds of the receiver's
    /// clock, counted from any moment (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1; a clock that wraps is noticed and costs nothing).
    ///
    /// What was never sent, is forgotten or was told before is passed over. Feedback may be lost and come twice or out of order.
    pub fn on_feedback(&mut self, now: Instant, packets: impl IntoIterator<Item = (u16, Option<i64>)>) {
        let now_us = self.clock.us(now);
        let (mut news, mut arrived) = (false, false);
        for (seq, arrival) in packets.into_iter().take(ENTRIES) {
            let new = self.told_of(seq, arrival.map(|us| us.clamp(-CLOCK_MAX_US, CLOCK_MAX_US)));
            news |= new;
            arrived |= new && arrival.is_some();
        }
        // Where nothing arrives at all, there is no more to go by than in silence.
        if arrived {
            self.heard(now_us);
        }
        if news {
            self.digest(now_us);
        }
    }

    /// A round trip was measured (from reports or connectivity checks).
    pub fn on_rtt(&mut self, now: Instant, rtt: Duration) {
        let sample = us(rtt).clamp(0, 10_000_000);
        self.rtt_queue.took(self.clock.us(now), sample, 0.5);
        self.rtt_us = Some(self.rtt_us.map_or(sample, |rtt| rtt + (sample - rtt) / 8));
    }

    /// The packets take another way from now on (another address of the receiver): what was learned of the old one is forgotten, and the start is
    /// made again from at most the configured start.
    pub fn on_path_change(&mut self, now: Instant) {
        let bps = self.bps.min(self.config.start_bps as f64);
        self.history.clear();
        self.arrivals = Arrivals::default();
        self.trend = Trendline::new();
        self.throughput = Throughput::default();
        self.rate = Rate::new(bps);
        self.loss = Loss::default();
        self.prober.restart();
        self.rtt_us = None;
        self.rtt_queue = Queue::default();
        self.told = Some(self.history.next());
        self.arrived_sent_us = self.clock.us(now);
        self.shadow_us = None;
        self.awaiting_us = None;
        self.silence = None;
        self.unreported = Unreported::default();
        self.planned = None;
        self.settle();
    }

    /// What would be sent if the path allowed: the sum of the layers that are wanted, and audio. Probes go no further.
    pub fn set_demand(&mut self, now: Instant, bps: u64) {
        self.wanted_bps = bps as f64;
        self.consider(self.clock.us(now));
    }

    /// A probe that is to be sent now; each is given once. Ask after every call that may have changed something.
    pub fn poll_probe(&mut self) -> Option<Probe> {
        let plan = self.planned.take()?;
        Some(Probe {
            cluster: Cluster(plan.cluster),
            rate_bps: plan.rate_bps as u64,
            bytes: plan.bytes,
            packets: plan.packets,
            until: self.clock.instant(plan.until_us),
        })
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called next.
    pub fn poll_timeout(&self) -> Option<(Instant, Wake)> {
        let silence = self.silence_us().map(|at| (at, Wake::Silence));
        let probe = self.probe_us().map(|at| (at, Wake::Probe));
        let (at, wake) = match (silence, probe) {
            (Some(silence), Some(probe)) => {
                if silence.0 <= probe.0 {
                    silence
                } else {
                    probe
                }
            }
            (silence, probe) => silence.or(probe)?,
        };
        Some((self.clock.instant(at), wake))
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        let now_us = self.clock.us(now);
        if self.silence_us().is_some_and(|at| now_us >= at) {
            let before_bps = self.silence.map_or(self.bps, |silence| silence.before_bps);
            self.silence = Some(Silence {
                before_bps,
                next_us: now_us + SILENCE_STEP_US,
            });
            self.rate.set((self.bps * SILENCE_FACTOR).max(self.config.min_bps as f64));
            self.settle();
        }
        self.finish_probe(now_us);
        self.consider(now_us);
    }

    fn queue_us(&self) -> f64 {
        match self.config.feedback {
            Feedback::Transport => self.arrivals.queue_us(),
            // Without arrivals, the round trip is what shows a queue.
            Feedback::Reports => self.rtt_queue.us(),
        }
    }

    fn rtt(&self) -> i64 {
        self.rtt_us.unwrap_or(RTT_UNKNOWN_US)
    }

    fn silence_us(&self) -> Option<i64> {
        let awaiting = self.awaiting_us?;
        if self.silence.is_some() && self.bps <= self.config.min_bps as f64 {
            // There is nothing left to take; feedback ends it.
            return None;
        }
        let patience = match self.config.feedback {
            Feedback::Transport => SILENCE_US.max(3 * self.rtt()),
            Feedback::Reports => SILENCE_REPORTS_US,
        };
        Some(self.silence.map_or(awaiting + patience, |silence| silence.next_us))
    }

    fn probe_us(&self) -> Option<i64> {
        let situation = self.situation(0);
        // While there is trouble, the next feedback is what changes something.
        let hungry = situation.calm && Prober::hungry(&situation);
        self.prober.deadline_us(self.rtt(), hungry)
    }

    /// What is wanted, with the room that a probe would look for; unknown: no limit.
    fn enough_bps(&self) -> f64 {
        if self.wanted_bps > 0.0 { self.wanted_bps * ROOM } else { f64::MAX }
    }

    fn situation(&self, now_us: i64) -> Situation {
        Situation {
            now_us,
            estimate_bps: self.bps,
            wanted_bps: self.wanted_bps,
            max_bps: self.config.max_bps as f64,
            calm: self.config.feedback == Feedback::Transport
                && self.trend.state() != DelayState::Overuse
                && self.silence.is_none()
                && !self.loss.troubled()
                && !self.rate.draining(self.queue_us()),
        }
    }

    fn consider(&mut self, now_us: i64) {
        let situation = self.situation(now_us);
        if let Some(plan) = self.prober.plan(situation) {
            self.planned = Some(plan);
        }
    }

    /// Brings the one number up to date.
    fn settle(&mut self) {
        let delay = self.rate.bps();
        let mut limit = if self.silence.is_some() { Limit::Silence } else { Limit::Delay };
        let mut bps = delay;
        if let Some(bound) = self.loss.bound_bps()
            && bound < bps
        {
            bps = bound;
            limit = Limit::Loss;
        }
        let (min, max) = (self.config.min_bps as f64, self.config.max_bps as f64);
        if bps >= max {
            limit = Limit::Maximum;
        }
        if delay < min || delay > max {
            self.rate.set(delay.clamp(min, max));
        }
        self.bps = bps.clamp(min, max);
        self.limit = limit;
    }
}

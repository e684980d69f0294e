//! How much may be sent to one receiver: the parts joined.
//!
//! Owns the order in which what is sent and what is told runs through the parts, the silence of a receiver that tells nothing, and the one number that comes out.
//! The parts: `history` (what was sent), `arrival` and `trendline` (does the queue grow), `throughput` (how much arrives), `rate` (what the delay allows), `loss`
//! (what the losses allow), `probe` (how to find out more). Not here: pacing, the split among streams.
//!
//! Invariants: the estimate stays between `min_bps` and `max_bps`; nothing that a receiver says makes it grow beyond half again what was sent and
//! acknowledged, but a probe that was sent (`tests/robustness.rs`); nothing is allocated but when the history grows to its bound.

use std::time::{Duration, Instant};

use crate::arrival::{Arrivals, Arrived};
use crate::config::{Clock, Config, Feedback, us};
use crate::history::{CAPACITY, Fate, History};
use crate::loss::{Loss, Seen};
use crate::probe::{Cluster, Outcome, Plan, Probe, Prober, ROOM, Situation};
use crate::queue::Queue;
use crate::rate::{Change, Rate, Signal};
use crate::throughput::{Acked, LONG_US as WINDOW_US, Throughput};
use crate::trendline::{DelayState, Trendline};

/// Until a round trip was measured.
const RTT_UNKNOWN_US: i64 = 200_000;
/// A packet that is missing is lost when packets that left this much later arrived: before, it may still come.
const REORDERING_US: i64 = 100_000;
/// After a probe, its queue is not taken for the path's.
const PROBE_SHADOW_US: i64 = 60_000;
/// Who tells nothing for this long (or three round trips) of what is sent is given less, and again each half second.
const SILENCE_US: i64 = 1_000_000;
const SILENCE_REPORTS_US: i64 = 12_000_000;
const SILENCE_STEP_US: i64 = 500_000;
const SILENCE_FACTOR: f64 = 0.8;
/// Without a delay signal the rate may grow this many times beyond what arrives: the next layer up is the probe.
const UNPROVEN_REPORTS: f64 = 4.0;
/// Entries of one feedback that are looked at: more than are remembered cannot count.
const ENTRIES: usize = 2 * CAPACITY;

/// Why [`Estimator::handle_timeout`] is to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Nothing was told of what was sent.
    Silence,
    /// A probe may be due, or the time of one is over.
    Probe,
}

/// What holds the estimate down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// What the delay allows: the usual one.
    Delay,
    /// Losses.
    Loss,
    /// Nothing was told for a while.
    Silence,
    /// The setting.
    Maximum,
}

/// What is known, for metrics and the record of a session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Status {
    /// The estimate, bits per second.
    pub bitrate_bps: u64,
    /// What holds it down.
    pub limit: Limit,
    /// What the delay says.
    pub delay: DelayState,
    /// How long packets wait on the way, smoothed.
    pub queue: Duration,
    /// Share of packets lost in the last second, 0 to 1.
    pub loss: f64,
    /// Share that the path is believed to lose whatever is sent.
    pub inherent_loss: f64,
    /// As told by [`Estimator::on_rtt`].
    pub rtt: Option<Duration>,
    /// What arrived in the last half second, bits per second.
    pub acked_bps: Option<u64>,
    /// Probes asked for so far.
    pub probes: u32,
    /// Entries of feedback so far that named nothing we remember.
    pub strangers: u64,
    /// Times that the receiver's clock jumped.
    pub clock_jumps: u32,
}

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

#[derive(Debug, Clone, Copy, Default)]
struct Unreported {
    since_us: Option<i64>,
    packets: u32,
    bytes: u64,
}

impl Estimator {
    /// An estimator that begins now, at the configured start.
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

    /// A packet left: its transport-wide number (the low 16 bits are in its header; each packet to this receiver takes the next), its size as it counts
    /// towards the rates, and the probe it was sent for.
    pub fn on_sent(&mut self, now: Instant, seq: u64, bytes: usize, probe: Option<Cluster>) {
        let now_us = self.clock.us(now);
        let bytes = bytes.min(65_535) as u32;
        self.awaiting_us.get_or_insert(now_us);
        if self.config.feedback == Feedback::Reports {
            self.unreported.since_us.get_or_insert(now_us);
            self.unreported.packets += 1;
            self.unreported.bytes += u64::from(bytes);
            return;
        }
        let cluster = match probe {
            Some(Cluster(cluster)) if self.prober.sent(now_us, cluster, bytes) => cluster,
            _ => 0,
        };
        self.history.push(now_us, seq, bytes, cluster);
    }

    /// Transport-wide feedback: the low 16 bits of each number in order, and when the packet arrived by the receiver's clock, if it did.
    ///
    /// What was never sent, is forgotten or was told before is passed over. Feedback may be lost and come twice or out of order.
    pub fn on_feedback(&mut self, now: Instant, packets: impl IntoIterator<Item = (u16, Option<Duration>)>) {
        let now_us = self.clock.us(now);
        let (mut news, mut arrived) = (false, false);
        for (seq, arrival) in packets.into_iter().take(ENTRIES) {
            let new = self.told_of(seq, arrival.map(us));
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

    /// A receiver report: the share of packets lost since the report before, over all streams, in 1/256 (RFC 3550 §6.4.1). Counts only when there is no
    /// transport-wide feedback.
    pub fn on_report(&mut self, now: Instant, fraction_lost: u8) {
        let now_us = self.clock.us(now);
        if self.config.feedback != Feedback::Reports {
            return;
        }
        let Unreported { since_us, packets, bytes } = std::mem::take(&mut self.unreported);
        let Some(since_us) = since_us else { return };
        self.heard(now_us);
        let queue_us = self.queue_us();
        let share = f64::from(fraction_lost) / 256.0;
        let lost = (f64::from(packets) * share).round() as u32;
        let seen = Seen {
            now_us,
            received: packets.saturating_sub(lost),
            lost,
            bytes,
            queue_us,
            rtt_us: self.rtt(),
        };
        self.loss.update(seen, self.rate.bps());
        let sent_bps = bytes as f64 * 8e6 / (now_us - since_us).max(100_000) as f64;
        let arrived = sent_bps * (1.0 - share);
        let acked = Acked {
            bps: arrived,
            recent_bps: arrived,
            recent_sent_bps: sent_bps,
            sent_bps,
        };
        self.rate.update(Signal {
            now_us,
            state: DelayState::Normal,
            acked: Some(acked),
            queue_us,
            rtt_us: self.rtt(),
            // Nothing grows on a path in trouble.
            enough_bps: if self.loss.troubled() { 0.0 } else { self.enough_bps() },
            unproven: Some(UNPROVEN_REPORTS),
        });
        self.settle();
    }

    /// A round trip was measured (from reports or connectivity checks).
    pub fn on_rtt(&mut self, now: Instant, rtt: Duration) {
        let sample = us(rtt).clamp(0, 10_000_000);
        self.rtt_queue.took(self.clock.us(now), sample, 0.5);
        self.rtt_us = Some(self.rtt_us.map_or(sample, |rtt| rtt + (sample - rtt) / 8));
    }

    /// The packets take another way from now on (another address of the receiver): what was learned of the old one is forgotten, and the start is made
    /// again from at most the configured start.
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

    /// One entry of feedback. True when it says something new.
    fn told_of(&mut self, seq: u16, arrival_us: Option<i64>) -> bool {
        let Some((seq, packet)) = self.history.unwrap(seq).and_then(|seq| Some((seq, self.history.get(seq)?))) else {
            self.strangers += 1;
            return false;
        };
        // The feedback about those in between was lost: most of them arrived, like the others.
        let told = *self.told.get_or_insert(seq);
        if seq > told {
            let bytes = self.history.untold(told, seq);
            self.throughput.untold(f64::from(bytes) * (1.0 - self.loss.share()));
        }
        self.told = Some(told.max(seq + 1));
        let first = packet.fate == Fate::InFlight;
        match (packet.fate, arrival_us) {
            (Fate::Received, _) | (Fate::Missing, None) => return false,
            (_, None) => self.history.set(seq, Fate::Missing),
            (fate, Some(arrival_us)) => {
                self.history.set(seq, Fate::Received);
                let counted = if fate == Fate::Untold { 0 } else { packet.bytes };
                self.received(packet.sent_us, arrival_us, counted, packet.cluster);
            }
        }
        if first && packet.cluster != 0 {
            self.prober.told(packet.cluster, packet.sent_us, arrival_us, packet.bytes);
        }
        true
    }

    fn received(&mut self, sent_us: i64, arrival_us: i64, bytes: u32, cluster: u8) {
        self.arrived_sent_us = self.arrived_sent_us.max(sent_us);
        if cluster != 0 {
            self.shadow_us = Some(sent_us + PROBE_SHADOW_US);
            self.probed_us = sent_us + WINDOW_US;
        }
        let shadowed = self.shadow_us.is_some_and(|until| sent_us < until);
        if !shadowed && self.shadow_us.take().is_some() {
            self.arrivals.restart_groups();
            self.trend.restart();
        }
        match self.arrivals.received(sent_us, arrival_us, !shadowed) {
            Arrived::Nothing => {}
            Arrived::Group(delta) => self.trend.update(delta),
            Arrived::ClockJumped => {
                self.clock_jumps = self.clock_jumps.saturating_add(1);
                self.trend.restart();
                self.throughput = Throughput::default();
            }
        }
        self.throughput.received(sent_us, arrival_us, bytes);
    }

    /// The receiver is there.
    fn heard(&mut self, now_us: i64) {
        self.awaiting_us = None;
        if let Some(silence) = self.silence.take() {
            self.arrivals.restart_groups();
            self.trend.restart();
            self.prober.recover(now_us, silence.before_bps);
        }
    }

    /// Draws the conclusions of one feedback.
    fn digest(&mut self, now_us: i64) {
        let judged = self.history.judge(self.arrived_sent_us - REORDERING_US);
        let queue_us = self.queue_us();
        let seen = Seen {
            now_us,
            received: judged.received,
            lost: judged.lost,
            bytes: judged.bytes,
            queue_us,
            rtt_us: self.rtt(),
        };
        self.loss.update(seen, self.rate.bps());
        let change = self.rate.update(Signal {
            now_us,
            state: self.trend.state(),
            acked: self.throughput.acked(),
            queue_us,
            rtt_us: self.rtt(),
            // While a probe is among what arrived, that says nothing about what the application sends.
            enough_bps: if self.arrived_sent_us < self.probed_us {
                0.0
            } else {
                self.enough_bps()
            },
            unproven: None,
        });
        match change {
            Change::Steady => {}
            Change::Decreased => self.prober.overused(now_us),
            Change::Outgrown => self.prober.encourage(now_us),
        }
        self.settle();
        self.finish_probe(now_us);
        self.consider(now_us);
    }

    fn finish_probe(&mut self, now_us: i64) {
        let starting = self.prober.starting();
        let Some(outcome) = self.prober.finish(now_us, self.rtt(), self.loss.share(), self.bps) else {
            return;
        };
        // A plan that nobody took is of no use any more.
        self.planned = None;
        if let Outcome::Carried { bps, full } = outcome {
            // At the start nothing else is known, so a full link may also show that the start was too high.
            if bps > self.rate.bps() || (starting && full) {
                self.rate.proven(bps);
            }
            self.loss.proven(bps);
            self.settle();
        }
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
                && !self.loss.troubled(),
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

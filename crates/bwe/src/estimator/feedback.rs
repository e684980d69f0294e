//! Feedback through the parts: what each entry says, and the conclusions of the whole.

use super::Estimator;
use crate::arrival::Arrived;
use crate::history::Fate;
use crate::loss::Seen;
use crate::probe::Outcome;
use crate::rate::{Change, Signal};
use crate::throughput::{LONG_US as WINDOW_US, Throughput};

/// A packet that is missing is lost when packets that left this much later arrived: before, it may still come.
const REORDERING_US: i64 = 100_000;
/// After a probe, its queue is not taken for the path's.
const PROBE_SHADOW_US: i64 = 60_000;

impl Estimator {
    /// One entry of feedback. True when it says something new.
    pub(super) fn told_of(&mut self, seq: u16, arrival_us: Option<i64>) -> bool {
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
    pub(super) fn heard(&mut self, now_us: i64) {
        self.awaiting_us = None;
        if let Some(silence) = self.silence.take() {
            self.arrivals.restart_groups();
            self.trend.restart();
            self.prober.recover(now_us, silence.before_bps);
        }
    }

    /// Draws the conclusions of one feedback.
    pub(super) fn digest(&mut self, now_us: i64) {
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

    pub(super) fn finish_probe(&mut self, now_us: i64) {
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
}

//! A bottleneck: a queue that drains at a rate, a way that takes time, and what goes wrong on it.

use std::collections::VecDeque;

use super::Dice;

/// How much a policer lets through at once.
const POLICER_MS: f64 = 100.0;

#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// Its rate now.
    pub(crate) bps: f64,
    /// The longest queue; what would wait longer is dropped.
    pub(crate) queue_ms: f64,
    pub(crate) delay_ms: f64,
    /// Up to so much is added to the way, in order.
    pub(crate) jitter_ms: f64,
    pub(crate) loss: f64,
    /// This share of packets takes `late_ms` longer and is overtaken.
    pub(crate) reordered: f64,
    pub(crate) late_ms: f64,
    /// Others' traffic through the same queue.
    pub(crate) cross_bps: f64,
    /// No queue: what is above the rate is dropped at once.
    pub(crate) policed: bool,
    /// Our packets that wait (with their numbers) and others'.
    queue: VecDeque<(Option<u64>, usize)>,
    queued: f64,
    free_us: f64,
    last_us: f64,
    tokens: f64,
    cross: f64,
    stepped_us: f64,
    arrivals: Vec<(u64, i64)>,
    dice: Dice,
}

impl Link {
    pub(crate) fn new(bps: f64, delay_ms: f64) -> Self {
        Self {
            bps,
            queue_ms: 400.0,
            delay_ms,
            jitter_ms: 0.0,
            loss: 0.0,
            reordered: 0.0,
            late_ms: 0.0,
            cross_bps: 0.0,
            policed: false,
            queue: VecDeque::new(),
            queued: 0.0,
            free_us: 0.0,
            last_us: 0.0,
            tokens: 0.0,
            cross: 0.0,
            stepped_us: 0.0,
            arrivals: Vec::new(),
            dice: Dice::new(7),
        }
    }

    pub(crate) fn seeded(mut self, seed: u64) -> Self {
        self.dice = Dice::new(seed);
        self
    }

    /// The same link, begun at this time.
    pub(crate) fn at(mut self, now_us: i64) -> Self {
        self.stepped_us = now_us as f64;
        self.free_us = now_us as f64;
        self
    }

    /// How long a packet would wait now.
    pub(crate) fn wait_ms(&self) -> f64 {
        self.queued * 8e3 / self.bps
    }

    /// A packet enters.
    pub(crate) fn send(&mut self, now_us: i64, seq: u64, bytes: usize) {
        if self.policed {
            if self.tokens < bytes as f64 {
                return;
            }
            self.tokens -= bytes as f64;
            self.carry(now_us as f64, seq);
        } else {
            self.enter(Some(seq), bytes);
        }
    }

    fn enter(&mut self, seq: Option<u64>, bytes: usize) {
        if self.wait_ms() <= self.queue_ms {
            self.queue.push_back((seq, bytes));
            self.queued += bytes as f64;
        }
    }

    /// Carries what there is time for until now; gives what will arrive, and when.
    pub(crate) fn step(&mut self, now_us: i64) -> Vec<(u64, i64)> {
        let (now, before) = (now_us as f64, self.stepped_us);
        self.stepped_us = now;
        self.tokens = (self.tokens + (now - before) * self.bps / 8e6).min(self.bps / 8e3 * POLICER_MS);
        self.cross += self.cross_bps * (now - before) / 8e6;
        while self.cross >= 1_200.0 {
            self.cross -= 1_200.0;
            self.enter(None, 1_200);
        }
        while let Some((seq, bytes)) = self.queue.front().copied() {
            let done = self.free_us + bytes as f64 * 8e6 / self.bps;
            if done > now {
                break;
            }
            self.free_us = done;
            self.queue.pop_front();
            self.queued -= bytes as f64;
            if let Some(seq) = seq {
                self.carry(done, seq);
            }
        }
        if self.queue.is_empty() {
            self.free_us = now;
        }
        std::mem::take(&mut self.arrivals)
    }

    fn carry(&mut self, from_us: f64, seq: u64) {
        if self.dice.chance(self.loss) {
            return;
        }
        let arrival = from_us + self.delay_ms * 1e3 + self.dice.roll() * self.jitter_ms * 1e3;
        if self.dice.chance(self.reordered) {
            self.arrivals.push((seq, (arrival + self.late_ms * 1e3) as i64));
            return;
        }
        self.last_us = self.last_us.max(arrival);
        self.arrivals.push((seq, self.last_us as i64));
    }
}

//! What an engine does for one receiver: audio, video in frames through the pacer, probes, feedback, timers.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bwe::{Admission, Cluster, Config, Estimator, Pacer, Pacing};

use super::link::Link;
use super::receiver::Receiver;
use super::{Dice, origin};

const AUDIO_BYTES: usize = 120;
const PACKET_BYTES: usize = 1_200;

/// What was seen in one millisecond.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) ms: u64,
    pub(crate) estimate: f64,
    pub(crate) queue_ms: f64,
    pub(crate) sent_bytes: u64,
}

/// Gives the frame that is due in this millisecond, in bytes.
pub(crate) type Source = Box<dyn FnMut(&mut Estimator, Instant) -> usize>;

pub(crate) struct Sim {
    pub(crate) start: Instant,
    pub(crate) now_us: i64,
    pub(crate) estimator: Estimator,
    pub(crate) pacer: Pacer,
    pub(crate) link: Link,
    pub(crate) receiver: Receiver,
    /// Where video comes from; none: an encoder that follows the estimate up to the demand.
    pub(crate) source: Option<Source>,
    /// Packets for which the queue of the pacer had no room.
    pub(crate) dropped: usize,
    /// What the video would take.
    pub(crate) demand_bps: f64,
    /// Whether anything is sent at all.
    pub(crate) sending: bool,
    pub(crate) samples: Vec<Sample>,
    seq: u64,
    queue: VecDeque<usize>,
    sent_bytes: u64,
    dice: Dice,
}

impl Sim {
    pub(crate) fn new(link: Link, demand_bps: f64) -> Self {
        Self::with(Config::default(), link, demand_bps)
    }

    pub(crate) fn with(config: Config, link: Link, demand_bps: f64) -> Self {
        let start = origin();
        let way_back = link.delay_ms;
        let mut sim = Self {
            start,
            now_us: 0,
            estimator: Estimator::new(start, config),
            pacer: Pacer::new(Pacing::default()),
            link,
            receiver: Receiver::new(way_back),
            source: None,
            dropped: 0,
            demand_bps,
            sending: true,
            samples: Vec::new(),
            // Close below the end of the 16 bits, so that every scenario passes it.
            seq: 65_000,
            queue: VecDeque::new(),
            sent_bytes: 0,
            dice: Dice::new(3),
        };
        sim.set_demand(demand_bps);
        sim
    }

    /// The same with frames of other sizes.
    pub(crate) fn seeded(mut self, seed: u64) -> Self {
        self.dice = Dice::new(seed);
        self
    }

    /// What leaves from now on goes over this link, and the estimator knows.
    pub(crate) fn change_path(&mut self, link: Link) {
        self.receiver.way_back_ms = link.delay_ms;
        self.receiver.forget();
        self.link = link.at(self.now_us);
        let now = self.now();
        self.estimator.on_path_change(now);
    }

    pub(crate) fn now(&self) -> Instant {
        self.start + Duration::from_micros(self.now_us as u64)
    }

    pub(crate) fn set_demand(&mut self, bps: f64) {
        self.demand_bps = bps;
        self.estimator.set_demand(self.now(), bps as u64);
    }

    pub(crate) fn run(&mut self, seconds: f64) -> &mut Self {
        let until = self.now_us + (seconds * 1e6) as i64;
        while self.now_us < until {
            self.step();
        }
        self
    }

    fn step(&mut self) {
        self.now_us += 1_000;
        let now = self.now();
        for (seq, at) in self.link.step(self.now_us) {
            self.receiver.arrives(seq, at);
        }
        self.receiver.step(self.now_us);
        if let Some(fraction) = self.receiver.reports(self.now_us) {
            self.estimator.on_report(now, fraction);
        }
        while let Some(told) = self.receiver.comes_back(self.now_us) {
            self.estimator.on_feedback(now, told);
        }
        if self.now_us % 1_000_000 == 0 {
            let round_trip = self.link.delay_ms + self.receiver.way_back_ms + self.link.wait_ms();
            self.estimator.on_rtt(now, Duration::from_micros((round_trip * 1e3) as u64));
        }
        while let Some((at, _)) = self.estimator.poll_timeout()
            && at <= now
        {
            let before = self.estimator.poll_timeout();
            self.estimator.handle_timeout(now);
            if self.estimator.poll_timeout() == before {
                break;
            }
        }
        self.pacer.set_rate(now, Some(self.estimator.bitrate()));
        if let Some(probe) = self.estimator.poll_probe() {
            self.pacer.start_probe(now, probe);
        }
        if self.sending {
            if self.now_us % 20_000 == 0 {
                let cluster = self.pacer.pass(now, AUDIO_BYTES);
                self.leave(AUDIO_BYTES, cluster);
            }
            let bytes = match &mut self.source {
                Some(source) => source(&mut self.estimator, now),
                None => self.encode(),
            };
            self.frame(now, bytes);
        }
        while let Some(bytes) = self.queue.front().copied() {
            let Admission::Leave(cluster) = self.pacer.release(now, bytes) else {
                break;
            };
            self.queue.pop_front();
            self.leave(bytes, cluster);
        }
        while self.sending
            && let Some(padding) = self.pacer.padding(now)
        {
            let bytes = padding.packet as usize;
            let cluster = self.pacer.pass(now, bytes);
            self.leave(bytes, cluster);
        }
        self.samples.push(Sample {
            ms: self.now_us as u64 / 1_000,
            estimate: self.estimator.bitrate() as f64,
            queue_ms: self.link.wait_ms(),
            sent_bytes: self.sent_bytes,
        });
    }

    /// An encoder with 30 frames a second, each a little larger or smaller than the rate says.
    fn encode(&mut self) -> usize {
        if self.now_us % 33_000 != 0 {
            return 0;
        }
        let audio = AUDIO_BYTES as f64 * 8.0 * 50.0;
        let bps = (self.demand_bps.min(self.estimator.bitrate() as f64) - audio).max(0.0);
        (bps * 0.033 / 8.0 * (0.8 + 0.4 * self.dice.roll())) as usize
    }

    fn frame(&mut self, now: Instant, mut bytes: usize) {
        while bytes > 0 {
            let packet = bytes.min(PACKET_BYTES);
            bytes -= packet;
            match self.pacer.admit(now, packet) {
                Admission::Leave(cluster) => self.leave(packet, cluster),
                Admission::Wait => self.queue.push_back(packet),
                Admission::Full => self.dropped += 1,
            }
        }
    }

    fn leave(&mut self, bytes: usize, cluster: Option<Cluster>) {
        let now = self.now();
        let seq = self.seq;
        self.seq += 1;
        self.estimator.on_sent(now, seq, bytes, cluster);
        self.sent_bytes += bytes as u64;
        self.link.send(self.now_us, seq, bytes);
    }

    /// The estimate now.
    pub(crate) fn estimate(&self) -> f64 {
        self.estimator.bitrate() as f64
    }

    /// Samples of this part, in seconds.
    pub(crate) fn between(&self, from: f64, to: f64) -> impl Iterator<Item = &Sample> {
        let (from, to) = ((from * 1e3) as u64, (to * 1e3) as u64);
        self.samples.iter().filter(move |sample| sample.ms > from && sample.ms <= to)
    }

    pub(crate) fn median_queue_ms(&self, from: f64, to: f64) -> f64 {
        super::median(self.between(from, to).map(|sample| sample.queue_ms).collect())
    }

    /// The queue that is exceeded in a twentieth of the time.
    pub(crate) fn p95_queue(&self, from: f64, to: f64) -> f64 {
        let mut queue: Vec<f64> = self.between(from, to).map(|sample| sample.queue_ms).collect();
        queue.sort_by(f64::total_cmp);
        queue.get(queue.len() * 19 / 20).copied().unwrap_or(0.0)
    }

    pub(crate) fn lowest(&self, from: f64, to: f64) -> f64 {
        self.between(from, to).map(|sample| sample.estimate).fold(f64::MAX, f64::min)
    }

    pub(crate) fn highest(&self, from: f64, to: f64) -> f64 {
        self.between(from, to).map(|sample| sample.estimate).fold(0.0, f64::max)
    }

    pub(crate) fn mean(&self, from: f64, to: f64) -> f64 {
        let (sum, count) = self
            .between(from, to)
            .fold((0.0, 0.0), |(sum, count), sample| (sum + sample.estimate, count + 1.0));
        sum / f64::max(count, 1.0)
    }

    /// The first time after `from` at which the estimate is at least this, in seconds after `from`.
    pub(crate) fn reaches(&self, from: f64, bps: f64) -> Option<f64> {
        self.between(from, f64::MAX)
            .find(|sample| sample.estimate >= bps)
            .map(|sample| sample.ms as f64 / 1e3 - from)
    }

    /// The first time after `from` from which on the estimate stays at most this until `to`, in seconds after `from`.
    pub(crate) fn falls(&self, from: f64, to: f64, bps: f64) -> Option<f64> {
        let mut since = None;
        for sample in self.between(from, to) {
            if sample.estimate > bps {
                since = None;
            } else if since.is_none() {
                since = Some(sample.ms as f64 / 1e3 - from);
            }
        }
        since
    }

    /// What left, bits per second.
    pub(crate) fn sent_bps(&self, from: f64, to: f64) -> f64 {
        let mut part = self.between(from, to);
        let Some(first) = part.next() else { return 0.0 };
        let last = part.last().unwrap_or(first);
        (last.sent_bytes - first.sent_bytes) as f64 * 8.0 / (to - from)
    }
}

//! When the next bytes to one receiver may leave.
//!
//! Owns a bucket of what left lately, the length of the queue that the caller keeps, and how far a running probe is. Audio never waits; video waits
//! while more has left than the pace allows, in steps of about 5 ms, so that one timer serves several packets. Not here: the queue itself, timers,
//! what is dropped.
//!
//! Bounded: the queue is measured in the time it takes to leave. When it is [`Full`](Admission::Full), the packet is not taken: the caller drops it
//! and what depends on it, that is, it lowers a layer or pauses a stream until its next key frame. Without a rate (nobody estimates for this
//! receiver) everything leaves at once.

use std::time::{Duration, Instant};

use crate::probe::{Cluster, Probe};

/// The settings of a [`Pacer`].
#[derive(Debug, Clone, Copy)]
pub struct Pacing {
    /// Video leaves this many times as fast as the estimate, so that what an encoder sends unevenly does not pile up.
    pub factor: f64,
    /// What may leave at once: so much time at the pace, and one packet.
    pub burst: Duration,
    /// The longest queue.
    pub queue: Duration,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            factor: 2.5,
            burst: Duration::from_millis(5),
            queue: Duration::from_millis(400),
        }
    }
}

/// Whether a packet leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Now, and it counts for this probe.
    Leave(Option<Cluster>),
    /// It waits in the caller's queue.
    Wait,
    /// It is not sent: the queue is as long as it may be.
    Full,
}

/// What is missing for a running probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Padding {
    /// So much is due now.
    pub bytes: u32,
    /// A good size for each packet: smaller ones at low rates, since a probe needs several.
    pub packet: u32,
}

/// No probe is looked at more often than this.
const PROBE_STEP: Duration = Duration::from_millis(2);
const PACKET_MAX: u32 = 1_200;
const PACKET_MIN: u32 = 240;
/// The slowest pace, bytes a second: one packet must not block a queue for long.
const PACE_MIN: f64 = 20_000.0;

#[derive(Debug, Clone, Copy)]
struct Running {
    probe: Probe,
    began: Instant,
    bytes: u64,
    packets: u32,
}

/// The pace of one receiver.
#[derive(Debug)]
pub struct Pacer {
    pacing: Pacing,
    /// Of the estimate alone, bytes per second.
    rate: Option<f64>,
    /// Bytes that left and have not drained yet, as of `drained`.
    debt: f64,
    drained: Option<Instant>,
    queued: u64,
    running: Option<Running>,
}

impl Pacer {
    /// A pacer that lets everything through until it has a rate.
    pub fn new(pacing: Pacing) -> Self {
        Self {
            pacing,
            rate: None,
            debt: 0.0,
            drained: None,
            queued: 0,
            running: None,
        }
    }

    /// The estimate, in bits per second; none: everything leaves at once.
    pub fn set_rate(&mut self, now: Instant, bps: Option<u64>) {
        self.drain(now);
        self.rate = bps.map(|bps| (bps as f64 / 8.0 * self.pacing.factor).max(PACE_MIN));
        if self.rate.is_none() {
            self.debt = 0.0;
            self.running = None;
        }
    }

    /// A packet of video that just came. `Wait` counts it as queued.
    pub fn admit(&mut self, now: Instant, bytes: usize) -> Admission {
        if self.rate.is_none() && self.queued == 0 {
            return Admission::Leave(None);
        }
        self.drain(now);
        if self.queued == 0 && self.debt < self.burst() {
            return Admission::Leave(self.charge(now, bytes));
        }
        if self.queue() >= self.pacing.queue {
            return Admission::Full;
        }
        self.queued += bytes as u64;
        Admission::Wait
    }

    /// The first packet of the queue: `Leave` takes it from the count, `Wait` leaves it where it is.
    pub fn release(&mut self, now: Instant, bytes: usize) -> Admission {
        self.drain(now);
        if self.rate.is_some() && self.debt >= self.burst() {
            return Admission::Wait;
        }
        self.queued = self.queued.saturating_sub(bytes as u64);
        Admission::Leave(self.charge(now, bytes))
    }

    /// Bytes that the caller took out of its queue without sending them.
    pub fn dropped(&mut self, bytes: usize) {
        self.queued = self.queued.saturating_sub(bytes as u64);
    }

    /// A packet that leaves whatever the pace says: audio, and what fills a probe. Gives the probe it counts for.
    pub fn pass(&mut self, now: Instant, bytes: usize) -> Option<Cluster> {
        self.rate?;
        self.drain(now);
        self.charge(now, bytes)
    }

    /// A probe begins. It takes the place of one that still ran.
    pub fn start_probe(&mut self, now: Instant, probe: Probe) {
        self.drain(now);
        self.running = Some(Running {
            probe,
            began: now,
            bytes: 0,
            packets: 0,
        });
    }

    /// What the running probe lacks now, after everything that waited and may leave has left. Ask again after each packet.
    pub fn padding(&mut self, now: Instant) -> Option<Padding> {
        self.end_probe(now);
        let running = self.running.as_ref()?;
        let due = due(running, now);
        (due > 0.0).then(|| Padding {
            bytes: due.ceil() as u32,
            packet: packet(&running.probe),
        })
    }

    /// How long the queue takes to leave.
    pub fn queue(&self) -> Duration {
        match self.pace() {
            Some(pace) => Duration::from_secs_f64((self.queued as f64 / pace).min(3_600.0)),
            None => Duration::ZERO,
        }
    }

    /// When [`release`](Self::release) or [`padding`](Self::padding) are to be asked next; none while nothing waits.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let queue = (self.queued > 0)
            .then_some(self.drained)
            .flatten()
            .map(|drained| match self.pace() {
                Some(pace) if self.debt >= self.burst() => drained + Duration::from_secs_f64(self.debt / pace),
                _ => drained,
            });
        let probe = self.running.as_ref().map(|running| {
            let sent = running.bytes as f64 * 8.0 / running.probe.rate_bps.max(1) as f64;
            let due = running.began + Duration::from_secs_f64(sent.min(10.0));
            due.max(self.drained.unwrap_or(running.began) + PROBE_STEP).min(running.probe.until)
        });
        match (queue, probe) {
            (Some(queue), Some(probe)) => Some(queue.min(probe)),
            (queue, probe) => queue.or(probe),
        }
    }

    /// Bytes per second at which video leaves now.
    fn pace(&self) -> Option<f64> {
        let rate = self.rate?;
        let probe = self.running.as_ref().map_or(0.0, |running| running.probe.rate_bps as f64 / 8.0);
        Some(rate.max(probe))
    }

    fn burst(&self) -> f64 {
        self.pace().map_or(f64::MAX, |pace| pace * self.pacing.burst.as_secs_f64())
    }

    fn drain(&mut self, now: Instant) {
        let passed = self
            .drained
            .map_or(Duration::ZERO, |drained| now.saturating_duration_since(drained));
        self.drained = Some(self.drained.map_or(now, |drained| drained.max(now)));
        if let Some(pace) = self.pace() {
            self.debt = (self.debt - pace * passed.as_secs_f64()).max(0.0);
        }
    }

    fn charge(&mut self, now: Instant, bytes: usize) -> Option<Cluster> {
        if self.rate.is_some() {
            self.debt += bytes as f64;
        }
        self.end_probe(now);
        let running = self.running.as_mut()?;
        running.bytes += bytes as u64;
        running.packets += 1;
        Some(running.probe.cluster)
    }

    fn end_probe(&mut self, now: Instant) {
        if let Some(running) = &self.running {
            let enough = running.bytes >= u64::from(running.probe.bytes) && running.packets >= running.probe.packets;
            if enough || now >= running.probe.until {
                self.running = None;
            }
        }
    }
}

/// Bytes that should have left by now and did not; the first packet is due at once.
fn due(running: &Running, now: Instant) -> f64 {
    let passed = now.saturating_duration_since(running.began).as_secs_f64();
    running.probe.rate_bps as f64 / 8.0 * passed + 1.0 - running.bytes as f64
}

fn packet(probe: &Probe) -> u32 {
    (probe.bytes / probe.packets.max(1)).clamp(PACKET_MIN, PACKET_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::origin;

    fn at(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    fn paced(now: Instant, bps: u64) -> Pacer {
        let mut pacer = Pacer::new(Pacing::default());
        pacer.set_rate(now, Some(bps));
        pacer
    }

    #[test]
    fn without_a_rate_everything_leaves_at_once() {
        let now = origin();
        let mut pacer = Pacer::new(Pacing::default());
        for _ in 0..1_000 {
            assert_eq!(pacer.admit(now, 1_200), Admission::Leave(None));
        }
        assert_eq!(pacer.poll_timeout(), None);
    }

    #[test]
    fn a_key_frame_leaves_at_two_and_a_half_times_the_estimate() {
        let start = origin();
        let mut pacer = paced(start, 1_000_000);
        let mut queued = 0;
        for _ in 0..50 {
            match pacer.admit(start, 1_200) {
                Admission::Leave(_) => {}
                Admission::Wait => queued += 1,
                Admission::Full => panic!("full"),
            }
        }
        assert_eq!(queued, 48);
        let mut now = start;
        let mut wakes = 0;
        while queued > 0 {
            let next = pacer.poll_timeout().unwrap();
            assert!(next > now);
            now = next;
            wakes += 1;
            while queued > 0 && matches!(pacer.release(now, 1_200), Admission::Leave(_)) {
                queued -= 1;
            }
        }
        let took = now - start;
        assert!((170..=200).contains(&took.as_millis()), "{took:?}");
        assert!(wakes <= 40, "{wakes}");
        assert_eq!(pacer.poll_timeout(), None);
    }

    #[test]
    fn audio_never_waits_and_video_makes_room_for_it() {
        let start = origin();
        let mut pacer = paced(start, 300_000);
        while pacer.admit(start, 1_200) != Admission::Wait {}
        let before = pacer.poll_timeout().unwrap();
        for _ in 0..100 {
            pacer.pass(start, 120);
        }
        assert!(pacer.poll_timeout().unwrap() > before);
    }

    #[test]
    fn a_full_queue_takes_nothing_until_it_is_shorter() {
        let start = origin();
        let mut pacer = paced(start, 1_000_000);
        let mut waiting = 0;
        while pacer.admit(start, 1_200) != Admission::Full {
            waiting += 1;
        }
        assert!(pacer.queue() >= Duration::from_millis(400));
        assert!((100..=110).contains(&waiting), "{waiting}");
        pacer.dropped(1_200);
        pacer.dropped(1_200);
        assert_eq!(pacer.admit(start, 1_200), Admission::Wait);
    }

    #[test]
    fn what_waits_leaves_when_the_estimation_ends() {
        let start = origin();
        let mut pacer = paced(start, 300_000);
        while pacer.admit(start, 1_200) != Admission::Wait {}
        pacer.set_rate(start, None);
        assert_eq!(pacer.poll_timeout(), Some(start));
        assert_eq!(pacer.release(start, 1_200), Admission::Leave(None));
        assert_eq!(pacer.admit(start, 1_200), Admission::Leave(None));
    }

    fn probe(start: Instant) -> Probe {
        Probe {
            cluster: Cluster(1),
            rate_bps: 1_600_000,
            bytes: 5_000,
            packets: 8,
            until: at(start, 200),
        }
    }

    #[test]
    fn a_probe_is_filled_at_its_rate_and_ends() {
        let start = origin();
        let mut pacer = paced(start, 500_000);
        pacer.start_probe(start, probe(start));
        let (mut now, mut bytes, mut packets) = (start, 0, 0);
        loop {
            while let Some(padding) = pacer.padding(now) {
                assert_eq!(pacer.pass(now, padding.packet as usize), Some(Cluster(1)));
                bytes += padding.packet;
                packets += 1;
            }
            let Some(next) = pacer.poll_timeout() else { break };
            now = next;
        }
        assert!((5_000..6_500).contains(&bytes), "{bytes}");
        assert!(packets >= 8);
        let took = (now - start).as_micros();
        assert!((20_000..=28_000).contains(&took), "{took}");
        assert_eq!(pacer.pass(now, 100), None);
    }

    #[test]
    fn media_counts_for_a_probe_and_a_probe_that_nobody_fills_ends() {
        let start = origin();
        let mut pacer = paced(start, 500_000);
        pacer.start_probe(start, probe(start));
        assert_eq!(pacer.admit(start, 1_200), Admission::Leave(Some(Cluster(1))));
        assert_eq!(pacer.padding(start), None, "media is ahead of the probe's rate");
        assert!(pacer.padding(at(start, 10)).is_some());
        assert_eq!(pacer.pass(at(start, 201), 100), None);
        assert_eq!(pacer.poll_timeout(), None);
    }
}

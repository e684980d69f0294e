//! How much one client can take, and when the next packet leaves: `bwe` on what we send and on what the client tells of it.
//!
//! Runs for clients that number packets over all streams and tell what came (transport-wide feedback). Who tells nothing is sent everything at once: there
//! is nothing to go by. Owns the numbering and the audio's share. Not here: which layer follows from it (`routing`).

use std::time::{Duration, Instant};

use bwe::{Admission, Cluster, Config, Estimator, Pacer, Pacing, Padding, Status};
use rtp::rtcp::TransportFeedback;

/// A client that has told nothing for this long of what was sent will not.
const PATIENCE: Duration = Duration::from_secs(10);
/// Over which the rate of the audio is measured.
const AUDIO_SPAN: Duration = Duration::from_secs(1);
/// No audio takes more than this off what video may have, in bits a second.
const MOST_AUDIO: u64 = 640_000;
/// A budget is another one when it differs by more than this part of it.
const NOTICED: u64 = 64;
/// Of IP and UDP, which the path carries, too.
const PER_DATAGRAM: usize = 28;
/// One tick of transport-wide feedback, and how many are in a unit of its reference time, 64 ms.
const TICK_MICROS: i64 = 250;
const REFERENCE_TICKS: i64 = 256;

/// The congestion control of one client.
#[derive(Debug)]
pub(super) struct Congestion {
    estimator: Estimator,
    pacer: Pacer,
    next: u64,
    first_at: Option<Instant>,
    told: bool,
    given_up: bool,
    audio: Audio,
    changed: bool,
    /// The budget that was told last.
    weighed: Option<u64>,
}

/// The rate of the audio.
#[derive(Debug, Default)]
struct Audio {
    since: Option<Instant>,
    bytes: u64,
    bps: u64,
}

/// A number over all streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(u64);

impl Number {
    #[cfg(test)]
    pub(super) fn of(number: u64) -> Self {
        Self(number)
    }

    /// As it is written.
    pub(super) fn wire(self) -> u16 {
        let [.., high, low] = self.0.to_be_bytes();
        u16::from_be_bytes([high, low])
    }
}

impl Congestion {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            estimator: Estimator::new(now, Config::default()),
            pacer: Pacer::new(Pacing::default()),
            next: 0,
            first_at: None,
            told: false,
            given_up: false,
            audio: Audio::default(),
            changed: false,
            weighed: None,
        }
    }

    /// The number of the next packet, while there is a use for it.
    pub(super) fn number(&mut self, now: Instant) -> Option<Number> {
        let first_at = *self.first_at.get_or_insert(now);
        self.given_up |= !self.told && now.saturating_duration_since(first_at) > PATIENCE;
        if self.given_up {
            return None;
        }
        self.next += 1;
        Some(Number(self.next))
    }

    /// A packet of so many bytes has left.
    pub(super) fn left(&mut self, now: Instant, number: Number, bytes: usize, probe: Option<Cluster>) {
        self.estimator.on_sent(now, number.0, bytes + PER_DATAGRAM, probe);
    }

    /// Audio leaves whatever the pace is.
    pub(super) fn voice(&mut self, now: Instant, bytes: usize) -> Option<Cluster> {
        self.audio.add(now, bytes + PER_DATAGRAM);
        self.pacer.pass(now, bytes + PER_DATAGRAM)
    }

    /// A packet that leaves whatever the pace is: one that is sent again, or that fills a probe.
    pub(super) fn pass(&mut self, now: Instant, bytes: usize) -> Option<Cluster> {
        self.pacer.pass(now, bytes + PER_DATAGRAM)
    }

    /// Whether a new packet of video leaves.
    pub(super) fn admit(&mut self, now: Instant, bytes: usize) -> Admission {
        self.pacer.admit(now, bytes + PER_DATAGRAM)
    }

    /// Whether the one that has waited longest leaves.
    pub(super) fn release(&mut self, now: Instant, bytes: usize) -> Admission {
        self.pacer.release(now, bytes + PER_DATAGRAM)
    }

    /// One that waited is not sent.
    pub(super) fn dropped(&mut self, bytes: usize) {
        self.pacer.dropped(bytes + PER_DATAGRAM);
    }

    /// What a probe lacks.
    pub(super) fn padding(&mut self, now: Instant) -> Option<Padding> {
        self.pacer.padding(now)
    }

    /// The client tells what came; at most so many packets are looked at, and taken off.
    pub(super) fn feedback(&mut self, now: Instant, feedback: &TransportFeedback<'_>, most: &mut usize) {
        let mut ticks = i64::from(feedback.reference_time) * REFERENCE_TICKS;
        let packets = feedback.statuses().take(*most).map(|(sequence, delta)| {
            *most = most.saturating_sub(1);
            let arrived = delta.map(|delta| {
                ticks += i64::from(delta);
                ticks * TICK_MICROS
            });
            (sequence, arrived)
        });
        self.estimator.on_feedback(now, packets);
        self.told = true;
        self.settle(now);
    }

    pub(super) fn round_trip(&mut self, now: Instant, round_trip: Duration) {
        self.estimator.on_rtt(now, round_trip);
    }

    /// The client moved: what was known of the path is worth nothing.
    pub(super) fn moved(&mut self, now: Instant) {
        if self.told {
            self.estimator.on_path_change(now);
            self.settle(now);
        }
    }

    /// What the client's video would take if it could.
    pub(super) fn set_demand(&mut self, now: Instant, bps: u64) {
        if self.told {
            self.estimator.set_demand(now, bps.saturating_add(self.audio.bps));
            self.settle(now);
        }
    }

    /// Lets time pass.
    pub(super) fn turn(&mut self, now: Instant) {
        if self.told && self.estimator.poll_timeout().is_some_and(|(at, _)| at <= now) {
            self.estimator.handle_timeout(now);
            self.settle(now);
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        if !self.told {
            return None;
        }
        let estimator = self.estimator.poll_timeout().map(|(at, _)| at);
        [estimator, self.pacer.poll_timeout()].into_iter().flatten().min()
    }

    /// Bits a second for video; nothing when it is not known.
    pub(super) fn budget(&self) -> Option<u64> {
        self.told
            .then(|| self.estimator.bitrate().saturating_sub(self.audio.bps.min(MOST_AUDIO)))
    }

    /// Whether the budget may have changed since the last call.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    pub(super) fn status(&self) -> Option<Status> {
        self.told.then(|| self.estimator.status())
    }

    fn settle(&mut self, now: Instant) {
        // Each change has what the client receives weighed anew; one that decides nothing is not told.
        let budget = self.budget();
        let moved = budget
            .zip(self.weighed)
            .is_none_or(|(now, before)| now.abs_diff(before) > before / NOTICED);
        if moved {
            (self.changed, self.weighed) = (true, budget);
        }
        self.pacer.set_rate(now, Some(self.estimator.bitrate()));
        if let Some(probe) = self.estimator.poll_probe() {
            self.pacer.start_probe(now, probe);
        }
    }
}

impl Audio {
    fn add(&mut self, now: Instant, bytes: usize) {
        let since = *self.since.get_or_insert(now);
        let span = now.saturating_duration_since(since);
        if span >= AUDIO_SPAN {
            self.bps = self.bytes.saturating_mul(8_000) / u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1);
            (self.since, self.bytes) = (Some(now), 0);
        }
        self.bytes += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_tells_nothing_is_not_numbered_for_long_and_has_no_budget() {
        let now = Instant::now();
        let mut congestion = Congestion::new(now);
        assert_eq!(congestion.number(now).map(Number::wire), Some(1));
        assert_eq!(congestion.number(now + PATIENCE).map(Number::wire), Some(2));
        assert_eq!(congestion.number(now + PATIENCE * 2), None);
        assert_eq!((congestion.budget(), congestion.deadline()), (None, None));
        assert_eq!(congestion.admit(now, 1_000), Admission::Leave(None), "and nothing waits");
    }

    #[test]
    fn only_a_budget_that_has_changed_is_told() {
        let now = Instant::now();
        let mut congestion = Congestion::new(now);
        congestion.told = true;
        congestion.settle(now);
        assert!(congestion.take_changed(), "the first one");
        congestion.settle(now);
        assert!(!congestion.take_changed());
        let whole = congestion.budget().unwrap();
        congestion.audio.bps = whole / 100;
        congestion.settle(now);
        assert!(!congestion.take_changed(), "by a hundredth");
        congestion.audio.bps = whole / 50;
        congestion.settle(now);
        assert!(congestion.take_changed(), "by a fiftieth");
    }

    #[test]
    fn the_audio_is_taken_off_the_budget() {
        let now = Instant::now();
        let mut congestion = Congestion::new(now);
        congestion.told = true;
        let whole = congestion.budget().unwrap();
        for packet in 0..=50 {
            congestion.voice(now + Duration::from_millis(20) * packet, 97);
        }
        let rest = congestion.budget().unwrap();
        assert_eq!(whole - rest, 50 * 8 * (97 + PER_DATAGRAM as u64));
    }
}

//! Earlier payloads of a voice in front of the newest (RFC 2198), for a client that loses packets: what was lost is in the packet behind it. And two copies
//! of what it asks for again, when it loses many: a repair that is lost, too, comes too late for the picture.
//!
//! Publishers know nothing of the losses of others, and audio that is asked for again comes too late; so it is decided here, for each client, and whoever
//! loses nothing pays nothing. Owns when it is done and which payloads it is done with. Not here: how they are written (`rtp::codec::red`, `packet`).
//! Bounded: two payloads of at most [`LONGEST`] bytes, so that a packet stays far below what a path carries.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bwe::Status;
use rtp::codec::red::Block;

use crate::peer::Inbound;
use crate::routing::{Codec, Numbers};

/// Payloads in front of the newest.
pub(super) const MOST: usize = 2;
/// From this share of losses on one is enough, since two losses in a row are rare,
const SOME: f64 = 0.01;
/// and from this one on it is not.
const MANY: f64 = 0.04;
/// Losses come in waves, and reports of audio every five seconds.
const STAYS: Duration = Duration::from_secs(15);
/// A queue on the path that is no sign of congestion.
const SHORT_QUEUE: Duration = Duration::from_millis(30);
/// Longest payload that is repeated: 20 ms at 120 kbit/s.
const LONGEST: usize = 300;
/// What the age of a payload fits into, in units of the clock.
const OLDEST: u32 = 1 << 14;

/// How much of the past a client is sent.
#[derive(Debug, Default)]
pub(super) struct Redundancy {
    depth: usize,
    until: Option<Instant>,
    /// The path has a queue: what is lost is lost for want of room, and more of the same is no help.
    crowded: bool,
}

impl Redundancy {
    /// The client has lost this share of packets lately.
    pub(super) fn lost(&mut self, now: Instant, share: f64) {
        let wanted = match share {
            share if share >= MANY => 2,
            share if share >= SOME => 1,
            _ => return,
        };
        let over = self.until.is_none_or(|until| now >= until);
        if wanted >= self.depth || over {
            self.depth = wanted;
            self.until = Some(now + STAYS);
        }
    }

    /// What is known of the path.
    pub(super) fn told(&mut self, now: Instant, status: &Status) {
        self.crowded = status.queue > SHORT_QUEUE;
        self.lost(now, status.loss);
    }

    /// Whether repairs are sent twice, and before they are asked for.
    pub(super) fn is_deep(&self, now: Instant) -> bool {
        self.depth(now) == MOST && !self.crowded
    }

    /// How many payloads go in front of the newest now.
    pub(super) fn depth(&self, now: Instant) -> usize {
        if self.until.is_some_and(|until| now < until) {
            self.depth
        } else {
            0
        }
    }
}

/// What was sent in one slot of audio last.
#[derive(Debug, Default)]
pub(super) struct Past([Option<(Arc<Inbound>, Numbers)>; MOST]);

impl Past {
    /// Notes what was sent.
    pub(super) fn push(&mut self, packet: &Arc<Inbound>, numbers: Numbers) {
        let voice = packet.voice().len();
        if packet.route.codec == Codec::Opus && !numbers.blank && (1..=LONGEST).contains(&voice) {
            self.0.rotate_left(1);
            if let Some(last) = self.0.last_mut() {
                *last = Some((Arc::clone(packet), numbers));
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.last().is_none_or(Option::is_none)
    }

    /// Nothing of it is sent any more.
    pub(super) fn clear(&mut self) {
        self.0 = Default::default();
    }

    /// What goes in front of a packet with these numbers, the oldest first: at most so many. Payloads are Opus, which the client calls so.
    pub(super) fn blocks(&self, depth: usize, numbers: Numbers, payload_type: u8) -> impl Iterator<Item = Block<'_>> {
        let skipped = MOST.saturating_sub(depth);
        self.0.iter().skip(skipped).flatten().filter_map(move |(packet, before)| {
            let age = numbers.timestamp.wrapping_sub(before.timestamp);
            (before.seq < numbers.seq && (1..OLDEST).contains(&age)).then_some(Block {
                payload_type,
                age: u16::try_from(age).ok()?,
                data: packet.voice(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use bwe::{Config, Estimator};

    use super::*;

    #[test]
    fn who_loses_much_gets_more_and_who_loses_nothing_gets_nothing() {
        let now = Instant::now();
        let mut redundancy = Redundancy::default();
        redundancy.lost(now, 0.009);
        assert_eq!(redundancy.depth(now), 0);
        redundancy.lost(now, 0.01);
        assert_eq!(redundancy.depth(now), 1);
        redundancy.lost(now, 0.04);
        assert_eq!(redundancy.depth(now), 2);
        // Less for a moment is no less.
        redundancy.lost(now + Duration::from_secs(1), 0.02);
        redundancy.lost(now + Duration::from_secs(2), 0.0);
        assert_eq!(redundancy.depth(now + Duration::from_secs(14)), 2);
        assert_eq!(redundancy.depth(now + STAYS), 0);
        redundancy.lost(now + STAYS, 0.02);
        assert_eq!(redundancy.depth(now + STAYS), 1);
    }

    #[test]
    fn repairs_are_doubled_where_many_are_lost_and_not_for_want_of_room() {
        let now = Instant::now();
        let known = Estimator::new(now, Config::default()).status();
        let deep_after = |loss: f64, queue: Duration| {
            let mut redundancy = Redundancy::default();
            redundancy.told(now, &Status { loss, queue, ..known });
            (redundancy.is_deep(now), redundancy.is_deep(now + STAYS))
        };
        assert_eq!(deep_after(0.1, Duration::ZERO), (true, false), "for a while");
        assert_eq!(deep_after(0.1, SHORT_QUEUE * 2), (false, false), "more of the same is no help");
        assert_eq!(deep_after(0.02, Duration::ZERO), (false, false));
    }
}

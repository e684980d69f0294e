//! How the way of the packets gets longer or shorter: differences between groups of packets, and the length of the queue.
//!
//! Owns two views of send and arrival times. Groups: packets that left within 5 ms belong together (one frame, one slot of the pacer), and what
//! counts is how much the distance between two groups changed on the way (draft-ietf-rmcat-gcc-02 §5.2 and §5.3). Queue: how much longer than the
//! shortest way lately a packet takes now (`queue`). Not here: what the differences mean (`trendline`).
//!
//! The receiver's clock is not ours; only differences are used, and a jump in it begins everything anew.

use crate::queue::Queue;

const GROUP_US: i64 = 5_000;
/// Packets that pile up behind something and arrive together belong together, up to this long.
const BURST_US: i64 = 100_000;
/// Of one packet in the smoothed length of the queue.
const WEIGHT: f64 = 0.1;
/// No queue is this long: a packet that took so much longer or shorter than the one before was timed by another clock.
const CLOCK_JUMP_US: i64 = 5_000_000;
/// After this much silence the queue of before says nothing about now.
const PAUSE_US: i64 = 1_000_000;

/// Between two groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Delta {
    pub(crate) sent_ms: f64,
    pub(crate) arrival_ms: f64,
    /// When the later group arrived, by the receiver's clock.
    pub(crate) at_ms: f64,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    first_sent_us: i64,
    last_sent_us: i64,
    first_arrival_us: i64,
    last_arrival_us: i64,
}

impl Group {
    fn new(sent_us: i64, arrival_us: i64) -> Self {
        Self {
            first_sent_us: sent_us,
            last_sent_us: sent_us,
            first_arrival_us: arrival_us,
            last_arrival_us: arrival_us,
        }
    }

    fn takes(&self, sent_us: i64, arrival_us: i64) -> bool {
        if sent_us - self.first_sent_us <= GROUP_US {
            return true;
        }
        let apart = arrival_us - self.last_arrival_us;
        let caught_up = apart < sent_us - self.last_sent_us;
        caught_up && apart <= GROUP_US && arrival_us - self.first_arrival_us < BURST_US
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Arrived {
    /// Nothing to say yet.
    Nothing,
    /// A group is complete.
    Group(Delta),
    /// The receiver's clock jumped: what was gathered from it is of no use.
    ClockJumped,
}

#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    before: Option<Group>,
    current: Option<Group>,
    queue: Queue,
    /// Of the packet that left last.
    newest: Option<(i64, i64)>,
}

impl Arrivals {
    /// How long packets wait on the way, smoothed, in microseconds.
    pub(crate) fn queue_us(&self) -> f64 {
        self.queue.us()
    }

    /// Begins with new groups; the shortest way is remembered.
    pub(crate) fn restart_groups(&mut self) {
        self.before = None;
        self.current = None;
    }

    /// A packet arrived. `grouped`: it may take part in a group.
    pub(crate) fn received(&mut self, sent_us: i64, arrival_us: i64, grouped: bool) -> Arrived {
        if let Some((sent, arrival)) = self.newest {
            if ((arrival_us - arrival) - (sent_us - sent)).abs() > CLOCK_JUMP_US {
                *self = Self::default();
                self.newest = Some((sent_us, arrival_us));
                self.queue.took(sent_us, arrival_us - sent_us, WEIGHT);
                return Arrived::ClockJumped;
            }
            if sent_us - sent > PAUSE_US {
                self.restart_groups();
            }
            if sent_us >= sent {
                self.newest = Some((sent_us, arrival_us));
            }
        } else {
            self.newest = Some((sent_us, arrival_us));
        }
        self.queue.took(sent_us, arrival_us - sent_us, WEIGHT);
        if !grouped {
            return Arrived::Nothing;
        }
        let Some(current) = &mut self.current else {
            self.current = Some(Group::new(sent_us, arrival_us));
            return Arrived::Nothing;
        };
        if sent_us < current.first_sent_us {
            // It was overtaken on the way or by its feedback; its group is gone.
            return Arrived::Nothing;
        }
        if current.takes(sent_us, arrival_us) {
            current.last_sent_us = current.last_sent_us.max(sent_us);
            current.last_arrival_us = current.last_arrival_us.max(arrival_us);
            current.first_arrival_us = current.first_arrival_us.min(arrival_us);
            return Arrived::Nothing;
        }
        let complete = *current;
        self.current = Some(Group::new(sent_us, arrival_us));
        let Some(before) = self.before.replace(complete) else {
            return Arrived::Nothing;
        };
        let arrival = complete.last_arrival_us - before.last_arrival_us;
        if arrival < 0 {
            // Groups changed places on the way: their difference says nothing about a queue.
            return Arrived::Nothing;
        }
        Arrived::Group(Delta {
            sent_ms: (complete.last_sent_us - before.last_sent_us) as f64 / 1e3,
            arrival_ms: arrival as f64 / 1e3,
            at_ms: complete.last_arrival_us as f64 / 1e3,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deltas(packets: impl IntoIterator<Item = (i64, i64)>) -> Vec<Delta> {
        let mut arrivals = Arrivals::default();
        packets
            .into_iter()
            .filter_map(|(sent, arrival)| match arrivals.received(sent, arrival, true) {
                Arrived::Group(delta) => Some(delta),
                Arrived::Nothing | Arrived::ClockJumped => None,
            })
            .collect()
    }

    #[test]
    fn what_leaves_together_is_one_group() {
        let frames = (0..5).flat_map(|frame| (0..4).map(move |n| (frame * 33_000 + n * 500, 900_000 + frame * 33_000 + n * 2_000)));
        let deltas = deltas(frames);
        assert_eq!(deltas.len(), 3);
        for delta in deltas {
            assert_eq!((delta.sent_ms, delta.arrival_ms), (33.0, 33.0));
        }
    }

    #[test]
    fn a_growing_queue_shows_as_arrivals_further_apart() {
        let deltas = deltas((0..10).map(|n| (n * 10_000, n * 12_000)));
        assert!(!deltas.is_empty());
        assert!(deltas.iter().all(|delta| (delta.arrival_ms - delta.sent_ms - 2.0).abs() < 1e-9));
    }

    #[test]
    fn a_packet_that_was_overtaken_changes_no_group() {
        let orderly = deltas((0..10).map(|n| (n * 10_000, n * 10_000)));
        let mut mixed: Vec<_> = (0..10).map(|n| (n * 10_000, n * 10_000)).collect();
        mixed.insert(6, (10_500, 95_000));
        assert_eq!(deltas(mixed), orderly);
    }

    #[test]
    fn a_clock_that_jumps_is_noticed_and_forgiven() {
        let mut arrivals = Arrivals::default();
        arrivals.received(0, 0, true);
        assert_eq!(arrivals.received(10_000, 1 << 45, true), Arrived::ClockJumped);
        assert_eq!(arrivals.received(20_000, (1 << 45) + 10_000, true), Arrived::Nothing);
        assert!(arrivals.queue_us() < 1.0);
    }
}

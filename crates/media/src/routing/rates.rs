//! What each grade of a publication costs: bits and pictures in a second, measured where its packets come in.
//!
//! Owns the counters of one publication. A packet counts for every target it is part of, so what is read is what a receiver of that target would be sent,
//! whatever the layers depend on. Not here: what is made of it (`limits`).

use std::time::{Duration, Instant};

use super::grade::{Grade, TEMPORAL};
use super::layers::{Layer, MAX_LAYERS};
use super::packet::Packet;

/// Counted at a time.
const WINDOW: Duration = Duration::from_millis(1_000);
/// Before the first window is full, at least this much time is counted for.
const LEAST: Duration = Duration::from_millis(200);
/// What a packet has beside its payload: headers with their extensions, the seal, UDP and IP.
const PER_PACKET: u64 = 64;
const CELLS: usize = MAX_LAYERS * TEMPORAL as usize;

/// A grade and what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rung {
    pub(crate) grade: Grade,
    /// Bits in a second; what it needs of other layers is in it.
    pub(crate) bps: u64,
    /// Pictures in a second; 0 until that was measured.
    pub(crate) fps: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    bytes: u64,
    frames: u32,
    /// Of the last full window.
    bps: u64,
    fps: u32,
    /// Whether packets were seen whose own layer this is, in this window and the one before.
    own: bool,
    was_own: bool,
}

/// The counters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rates {
    cells: [Cell; CELLS],
    since: Option<Instant>,
    full: bool,
}

fn index(rank: u8, temporal: u8) -> usize {
    usize::from(rank) * usize::from(TEMPORAL) + usize::from(temporal.min(TEMPORAL - 1))
}

impl Rates {
    /// Counts a packet.
    pub(crate) fn note(&mut self, now: Instant, packet: &Packet) {
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= WINDOW {
            self.roll(now, passed);
        }
        if let Some(own) = self.cells.get_mut(index(packet.rank(), packet.temporal)) {
            own.own = true;
        }
        for (spatial, temporal) in packet.member.iter() {
            let rank = packet.layer.0.saturating_add(spatial);
            if let Some(cell) = self.cells.get_mut(index(rank, temporal)) {
                cell.bytes += u64::from(packet.bytes) + PER_PACKET;
                cell.frames += u32::from(packet.begins && packet.spatial == spatial);
            }
        }
    }

    fn roll(&mut self, now: Instant, passed: Duration) {
        // After a silence nothing is known of what was before.
        let silent = passed >= WINDOW * 2;
        for cell in &mut self.cells {
            *cell = Cell {
                bps: if silent { 0 } else { per_second(cell.bytes * 8, passed) },
                fps: if silent {
                    0
                } else {
                    u32::try_from(per_second(cell.frames.into(), passed)).unwrap_or(u32::MAX)
                },
                was_own: cell.own && !silent,
                ..Cell::default()
            };
        }
        self.since = Some(now);
        self.full = !silent;
    }

    /// Forgets what was counted.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// What there is, from the lowest. `spatial` tells whether layers are those of one stream.
    pub(crate) fn rungs(&self, now: Instant, spatial: bool) -> impl Iterator<Item = Rung> + '_ {
        let passed = self.since.map(|since| now.saturating_duration_since(since)).unwrap_or_default();
        let alive = self.since.is_some() && passed < WINDOW * 2;
        let pairs = (0..MAX_LAYERS as u8).flat_map(|rank| (0..TEMPORAL).map(move |temporal| (rank, temporal)));
        pairs
            .zip(&self.cells)
            .filter(move |(_, cell)| alive && (cell.own || cell.was_own))
            .map(move |((rank, temporal), cell)| {
                let bps = if self.full {
                    cell.bps
                } else {
                    per_second(cell.bytes * 8, passed.max(LEAST))
                };
                let (layer, spatial) = if spatial { (0, rank) } else { (rank, 0) };
                let grade = Grade {
                    layer: Layer(layer),
                    spatial,
                    temporal,
                };
                Rung { grade, bps, fps: cell.fps }
            })
    }

    /// The highest temporal layer with which no more than so many pictures come in a second, a few more allowed; the lowest in any case, and the highest
    /// while nothing was measured.
    pub(crate) fn temporal_within(&self, rank: u8, max_fps: u8) -> u8 {
        if !self.full {
            return TEMPORAL - 1;
        }
        let most = u32::from(max_fps) * 5 / 4 + 1;
        let fits = |temporal: &u8| self.cells.get(index(rank, *temporal)).is_some_and(|cell| cell.fps <= most);
        (1..TEMPORAL).take_while(fits).last().unwrap_or(0)
    }
}

fn per_second(count: u64, passed: Duration) -> u64 {
    let passed = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX).max(1);
    count.saturating_mul(1_000) / passed
}

#[cfg(test)]
mod tests {
    use super::super::Line;
    use super::super::grade::Targets;
    use super::super::packet::Codec;
    use super::*;

    fn packet(layer: u8, temporal: u8, bytes: u16) -> Packet {
        Packet {
            bytes,
            temporal,
            member: Targets::from_temporal(temporal),
            ..Packet::plain(Line(1), Layer(layer), Codec::Vp8)
        }
    }

    /// Four pictures in 100 ms, as temporal layers 0 2 1 2; gives the time after it.
    fn play(rates: &mut Rates, mut now: Instant, rounds: u32) -> Instant {
        for _ in 0..rounds {
            for (temporal, bytes) in [(0, 500 - 64), (2, 100 - 64), (1, 200 - 64), (2, 100 - 64)] {
                rates.note(now, &packet(1, temporal, bytes));
                now += Duration::from_millis(25);
            }
        }
        now
    }

    #[test]
    fn a_target_costs_what_it_and_those_below_cost() {
        let mut rates = Rates::default();
        let now = play(&mut rates, Instant::now(), 11);
        let rungs: Vec<Rung> = rates.rungs(now, false).collect();
        assert!(rungs.iter().all(|rung| rung.grade.layer == Layer(1)));
        let bps: Vec<u64> = rungs.iter().map(|rung| rung.bps).collect();
        assert_eq!(bps, [40_000, 56_000, 72_000]);
    }

    #[test]
    fn the_first_numbers_come_before_a_window_is_full_and_none_after_a_silence() {
        let mut rates = Rates::default();
        let now = play(&mut rates, Instant::now(), 4);
        assert_eq!(
            rates.rungs(now, false).map(|rung| rung.bps).collect::<Vec<_>>(),
            [40_000, 56_000, 72_000]
        );
        assert_eq!(rates.rungs(now + Duration::from_secs(3), false).count(), 0);
    }

    #[test]
    fn without_temporal_layers_there_is_one_rung() {
        let (mut rates, mut now) = (Rates::default(), Instant::now());
        for _ in 0..30 {
            rates.note(
                now,
                &Packet {
                    bytes: 250 - 64,
                    ..Packet::plain(Line(1), Layer(0), Codec::H264)
                },
            );
            now += Duration::from_millis(50);
        }
        assert_eq!(rates.rungs(now, false).map(|rung| rung.bps).collect::<Vec<_>>(), [40_000]);
        assert_eq!(rates.temporal_within(0, 5), 0, "where nothing can be left out, nothing is");
    }

    #[test]
    fn spatial_layers_cost_what_a_receiver_is_sent_of_them() {
        // Each layer needs those below it only in key frames: what is above is not sent what is below.
        let (mut rates, mut now) = (Rates::default(), Instant::now());
        for _ in 0..110 {
            for (spatial, bytes) in [(0, 100 - 64), (1, 200 - 64), (2, 400 - 64)] {
                let member = Targets::filter(|other, _| other == spatial);
                rates.note(
                    now,
                    &Packet {
                        spatial,
                        bytes,
                        member,
                        ..packet(0, 0, 0)
                    },
                );
            }
            now += Duration::from_millis(10);
        }
        let rungs: Vec<(u8, u64)> = rates.rungs(now, true).map(|rung| (rung.grade.spatial, rung.bps)).collect();
        assert_eq!(rungs, [(0, 80_000), (1, 160_000), (2, 320_000)]);
    }

    #[test]
    fn a_frame_rate_chooses_the_temporal_layer() {
        let mut rates = Rates::default();
        assert_eq!(rates.temporal_within(1, 5), 2, "nothing is known yet");
        play(&mut rates, Instant::now(), 21);
        for (max_fps, temporal) in [(40, 2), (32, 2), (20, 1), (16, 1), (10, 0), (1, 0)] {
            assert_eq!(rates.temporal_within(1, max_fps), temporal, "{max_fps}");
        }
    }
}

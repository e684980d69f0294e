//! The dominant speaker of a room, by the method of Volfin and Cohen (2012): a challenger must beat the present speaker in
//! three windows at once (immediate, medium, long), each judged by how much more likely its activity is under speech than
//! under noise.
//!
//! Owns the level histories and the decision. Not here: who is speaking at all (`loudness`), who gets an audio slot (`ranking`).

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::loudness::Level;
use crate::api::PeerId;

/// How often the decision is taken.
pub(crate) const INTERVAL: Duration = Duration::from_millis(300);
/// Present and former speakers that are told, most dominant first.
const REMEMBERED: usize = 4;

/// Observations of 20 ms.
const IMMEDIATE_COUNT: usize = 50;
/// Immediate observations in a medium one, and medium ones in a long one.
const IMMEDIATE_STEPS: u32 = 13;
const MEDIUM_STEPS: u32 = 5;
const LONG_STEPS: u32 = 10;
const MEDIUM_THRESHOLD: u32 = 7;
const LONG_THRESHOLD: u32 = 4;
/// Log ratios that a challenger must exceed.
const IMMEDIATE_MARGIN: f64 = 3.0;
const MEDIUM_MARGIN: f64 = 2.0;
const LONG_MARGIN: f64 = 0.0;
const LEAST_SCORE: f64 = 1e-10;
const STEP: Duration = Duration::from_millis(20);
const SILENT_AFTER: Duration = Duration::from_millis(40);

#[derive(Debug, Clone)]
struct History {
    /// Loudness 0 (silence) to 127, newest first.
    levels: VecDeque<u32>,
    observed_at: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Scores {
    immediate: f64,
    medium: f64,
    long: f64,
}

/// The decision of one room.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dominant {
    histories: BTreeMap<PeerId, History>,
    recent: Vec<PeerId>,
}

impl Dominant {
    /// Takes the level of one packet.
    pub(crate) fn hear(&mut self, now: Instant, peer: PeerId, level: Level) {
        let history = self.histories.entry(peer).or_insert_with(|| History::silent(now));
        history.observe(now, 127u32.saturating_sub(u32::from(level)));
    }

    /// The peer is gone or closed its microphone. True when it was among those told.
    pub(crate) fn forget(&mut self, peer: PeerId) -> bool {
        self.histories.remove(&peer);
        let before = self.recent.len();
        self.recent.retain(|other| *other != peer);
        before != self.recent.len()
    }

    /// Present and former speakers, most dominant first.
    pub(crate) fn recent(&self) -> &[PeerId] {
        &self.recent
    }

    /// Takes the decision. True when the dominant speaker changed.
    pub(crate) fn decide(&mut self, now: Instant) -> bool {
        for history in self.histories.values_mut() {
            history.pass(now);
        }
        let present = self.recent.first().copied();
        let incumbent = present.and_then(|peer| self.histories.get(&peer)).map(History::scores);
        let mut best: Option<(PeerId, f64)> = None;
        for (peer, history) in &self.histories {
            if Some(*peer) == present {
                continue;
            }
            let scores = history.scores();
            let margin = match incumbent {
                Some(incumbent) => scores.beats(incumbent),
                None => history.audible().then_some(scores.medium),
            };
            if let Some(margin) = margin
                && best.is_none_or(|(_, so_far)| margin > so_far)
            {
                best = Some((*peer, margin));
            }
        }
        let Some((winner, _)) = best else { return false };
        self.recent.retain(|peer| *peer != winner);
        self.recent.insert(0, winner);
        self.recent.truncate(REMEMBERED);
        true
    }
}

impl History {
    fn silent(now: Instant) -> Self {
        Self {
            levels: std::iter::repeat_n(0, IMMEDIATE_COUNT).collect(),
            observed_at: now,
        }
    }

    fn observe(&mut self, now: Instant, loudness: u32) {
        self.levels.pop_back();
        self.levels.push_front(loudness);
        self.observed_at = now;
    }

    /// Fills a pause between packets with silence.
    fn pass(&mut self, now: Instant) {
        let mut steps = 0;
        while now.saturating_duration_since(self.observed_at) > SILENT_AFTER && steps < IMMEDIATE_COUNT {
            let next = self.observed_at + STEP;
            self.observe(next, 0);
            steps += 1;
        }
        if steps == IMMEDIATE_COUNT {
            self.observed_at = now;
        }
    }

    fn audible(&self) -> bool {
        self.immediates().filter(|step| *step > MEDIUM_THRESHOLD).count() >= MEDIUM_STEPS as usize
    }

    fn immediates(&self) -> impl Iterator<Item = u32> + '_ {
        self.levels.iter().map(|loudness| (loudness * IMMEDIATE_STEPS) / 127)
    }

    fn scores(&self) -> Scores {
        let immediates: Vec<u32> = self.immediates().collect();
        let mediums = counts(&immediates, MEDIUM_STEPS as usize, MEDIUM_THRESHOLD);
        let longs = counts(&mediums, LONG_STEPS as usize, LONG_THRESHOLD);
        let newest = |values: &[u32]| values.first().copied().unwrap_or(0);
        Scores {
            immediate: score(newest(&immediates), IMMEDIATE_STEPS, 0.5, 0.78),
            medium: score(newest(&mediums), MEDIUM_STEPS, 0.5, 24.0),
            long: score(newest(&longs), LONG_STEPS, 0.5, 47.0),
        }
    }
}

impl Scores {
    /// By how much these beat the others in the medium window, when they do in all three.
    fn beats(self, other: Self) -> Option<f64> {
        let medium = (self.medium / other.medium).ln();
        let wins = (self.immediate / other.immediate).ln() > IMMEDIATE_MARGIN
            && medium > MEDIUM_MARGIN
            && (self.long / other.long).ln() > LONG_MARGIN;
        wins.then_some(medium)
    }
}

/// How many values of each group exceed the threshold.
fn counts(values: &[u32], group: usize, threshold: u32) -> Vec<u32> {
    values
        .chunks(group)
        .map(|chunk| u32::try_from(chunk.iter().filter(|value| **value > threshold).count()).unwrap_or(u32::MAX))
        .collect()
}

/// Log likelihood ratio of `active` out of `steps` under speech (binomial) against noise (exponential).
fn score(active: u32, steps: u32, chance: f64, rate: f64) -> f64 {
    let active = active.min(steps);
    let speech = log_binomial(steps, active) + f64::from(active) * chance.ln() + f64::from(steps - active) * (1.0 - chance).ln();
    let noise = rate.ln() - rate * f64::from(active);
    (speech - noise).max(LEAST_SCORE)
}

fn log_binomial(total: u32, chosen: u32) -> f64 {
    (1..=chosen)
        .map(|step| f64::from(total - chosen + step).ln() - f64::from(step).ln())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: PeerId = PeerId(1);
    const BEN: PeerId = PeerId(2);
    const CARL: PeerId = PeerId(3);

    /// Plays levels in steps of 20 ms with a decision every 300 ms; gives the time after it.
    fn play(dominant: &mut Dominant, mut now: Instant, steps: u32, levels: &[(PeerId, Level)]) -> Instant {
        for step in 1..=steps {
            now += STEP;
            for (peer, level) in levels {
                dominant.hear(now, *peer, *level);
            }
            if step % 15 == 0 {
                dominant.decide(now);
            }
        }
        now
    }

    #[test]
    fn who_talks_becomes_dominant_and_the_other_after_a_handover() {
        let mut dominant = Dominant::default();
        let now = play(&mut dominant, Instant::now(), 150, &[(ANNA, 25), (BEN, 110)]);
        assert_eq!(dominant.recent(), [ANNA]);
        play(&mut dominant, now, 150, &[(ANNA, 110), (BEN, 25)]);
        assert_eq!(dominant.recent(), [BEN, ANNA]);
    }

    #[test]
    fn a_cough_does_not_take_the_floor() {
        let mut dominant = Dominant::default();
        let now = play(&mut dominant, Instant::now(), 150, &[(ANNA, 25), (BEN, 110)]);
        let now = play(&mut dominant, now, 6, &[(ANNA, 25), (BEN, 5)]);
        play(&mut dominant, now, 60, &[(ANNA, 25), (BEN, 110)]);
        assert_eq!(dominant.recent(), [ANNA]);
    }

    #[test]
    fn nobody_is_dominant_in_silence() {
        let mut dominant = Dominant::default();
        play(&mut dominant, Instant::now(), 300, &[(ANNA, 127), (BEN, 120), (CARL, 110)]);
        assert!(dominant.recent().is_empty());
    }

    #[test]
    fn who_left_is_forgotten_and_the_next_takes_the_floor() {
        let mut dominant = Dominant::default();
        let now = play(&mut dominant, Instant::now(), 150, &[(ANNA, 25), (BEN, 110)]);
        assert!(dominant.forget(ANNA));
        play(&mut dominant, now, 150, &[(BEN, 25)]);
        assert_eq!(dominant.recent(), [BEN]);
    }
}

//! How loud and how active one microphone is, from the audio levels in its packets.
//!
//! Owns the meter of one publication: a decaying power for "who is heard" and a decaying activity for "is speaking".
//! Not here: the order among several (`ranking`), the dominant speaker (`dominant`).

use std::time::{Duration, Instant};

/// Levels are given as 0 (loudest) to 127 (silence), in decibels below the loudest.
pub(crate) type Level = u8;

/// Quieter than this is not speech.
const SPEECH: Level = 45;
const POWER_HALF_LIFE_MS: f32 = 300.0;
const ACTIVITY_HALF_LIFE_MS: f32 = 120.0;
const STARTS_ABOVE: f32 = 0.5;
const STOPS_BELOW: f32 = 0.1;
/// A packet stands for at most this much time; a silence between packets is counted by [`Meter::pass`].
const PACKET_MS: f32 = 20.0;
const SILENT_AFTER: Duration = Duration::from_millis(80);

/// The meter of one microphone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    power: f32,
    activity: f32,
    heard_at: Option<Instant>,
    passed_at: Option<Instant>,
    speaking: bool,
}

impl Meter {
    /// Takes the level of one packet.
    pub(crate) fn hear(&mut self, now: Instant, level: Level) {
        let power = if level >= 127 { 0.0 } else { 10f32.powf(-f32::from(level) / 10.0) };
        self.blend(PACKET_MS, power, if level < SPEECH { 1.0 } else { 0.0 });
        self.heard_at = Some(now);
        self.passed_at = Some(now);
    }

    /// Lets time pass: where no packets come, it grows silent.
    pub(crate) fn pass(&mut self, now: Instant) {
        let Some(passed_at) = self.passed_at else { return };
        if self.heard_at.is_some_and(|at| now.saturating_duration_since(at) < SILENT_AFTER) {
            return;
        }
        let elapsed_ms = now.saturating_duration_since(passed_at).as_secs_f32() * 1_000.0;
        self.blend(elapsed_ms, 0.0, 0.0);
        self.passed_at = Some(now);
    }

    /// Silence at once (closed).
    pub(crate) fn reset(&mut self) {
        self.power = 0.0;
        self.activity = 0.0;
        self.passed_at = None;
        self.speaking = false;
    }

    /// The decaying power; comparable between meters.
    pub(crate) fn power(&self) -> f32 {
        self.power
    }

    /// Whether the person began (true) or stopped (false) speaking since the last call.
    pub(crate) fn turn(&mut self) -> Option<bool> {
        if !self.speaking && self.activity > STARTS_ABOVE {
            self.speaking = true;
            return Some(true);
        }
        if self.speaking && self.activity < STOPS_BELOW {
            self.speaking = false;
            return Some(false);
        }
        None
    }

    fn blend(&mut self, elapsed_ms: f32, power: f32, active: f32) {
        let keep = 0.5f32.powf(elapsed_ms / POWER_HALF_LIFE_MS);
        self.power = self.power * keep + power * (1.0 - keep);
        let keep = 0.5f32.powf(elapsed_ms / ACTIVITY_HALF_LIFE_MS);
        self.activity = self.activity * keep + active * (1.0 - keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speak(meter: &mut Meter, mut now: Instant, packets: u32, level: Level) -> Instant {
        for _ in 0..packets {
            now += Duration::from_millis(20);
            meter.hear(now, level);
        }
        now
    }

    #[test]
    fn a_click_is_not_speech_and_a_word_is() {
        let mut meter = Meter::default();
        let now = speak(&mut meter, Instant::now(), 2, 20);
        assert_eq!(meter.turn(), None);
        speak(&mut meter, now, 10, 20);
        assert_eq!(meter.turn(), Some(true));
        assert_eq!(meter.turn(), None, "said once");
    }

    #[test]
    fn speech_ends_after_a_silence_but_not_between_words() {
        let mut meter = Meter::default();
        let now = speak(&mut meter, Instant::now(), 50, 20);
        meter.turn();
        let now = speak(&mut meter, now, 8, 100);
        assert_eq!(meter.turn(), None, "160 ms between words");
        speak(&mut meter, now, 30, 100);
        assert_eq!(meter.turn(), Some(false));
    }

    #[test]
    fn speech_ends_when_packets_stop_coming() {
        let mut meter = Meter::default();
        let now = speak(&mut meter, Instant::now(), 50, 20);
        meter.turn();
        meter.pass(now + Duration::from_millis(1_000));
        assert_eq!(meter.turn(), Some(false));
    }
}

//! Where an utterance begins and ends: a pure function of the sound.
//!
//! Loudness against a floor that follows the background. An utterance begins with a tenth of a second of voice and carries what came right before it, so that
//! its first sound is not cut; it ends with a silence of [`QUIET_MS`], or after [`LONGEST_MS`], since a caption that never becomes final helps nobody.

use std::collections::VecDeque;

/// Samples of one frame.
pub(crate) const FRAME: usize = 320;
/// Milliseconds of one frame.
pub(crate) const FRAME_MS: u32 = 20;
/// Silence that ends an utterance.
pub(crate) const QUIET_MS: u32 = 700;
/// Longest utterance.
pub(crate) const LONGEST_MS: u32 = 15_000;
/// Frames kept from before the beginning.
const BEFORE: usize = 15;
/// Voiced frames that begin an utterance.
const VOICED_TO_BEGIN: u32 = 5;
/// Quieter than this (dB of full scale) is never a voice.
const FLOOR_DB: f32 = -50.0;
/// A voice is louder than the background by this.
const ABOVE_DB: f32 = 9.0;

/// What a frame did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nobody speaks.
    Silence,
    /// An utterance begins; its sound until now is in [`Detector::before`].
    Begins,
    /// It goes on with this frame.
    GoesOn,
    /// It ends with this frame.
    Ends,
}

/// Follows one voice.
#[derive(Debug)]
pub(crate) struct Detector {
    background_db: f32,
    voiced: u32,
    quiet_ms: u32,
    /// Milliseconds since the utterance began; nothing while nobody speaks.
    spoken_ms: Option<u32>,
    before: VecDeque<Vec<i16>>,
}

impl Default for Detector {
    fn default() -> Self {
        Self {
            background_db: -70.0,
            voiced: 0,
            quiet_ms: 0,
            spoken_ms: None,
            before: VecDeque::with_capacity(BEFORE),
        }
    }
}

impl Detector {
    /// Takes the next frame of [`FRAME`] samples.
    pub(crate) fn frame(&mut self, samples: &[i16]) -> Step {
        let level = level_db(samples);
        let voiced = level > FLOOR_DB.max(self.background_db + ABOVE_DB);
        self.follow_background(level);
        match self.spoken_ms {
            None => self.before_speech(samples, voiced),
            Some(spoken) => {
                let spoken = spoken.saturating_add(FRAME_MS);
                self.quiet_ms = if voiced { 0 } else { self.quiet_ms.saturating_add(FRAME_MS) };
                if self.quiet_ms >= QUIET_MS || spoken >= LONGEST_MS {
                    self.spoken_ms = None;
                    self.voiced = 0;
                    return Step::Ends;
                }
                self.spoken_ms = Some(spoken);
                Step::GoesOn
            }
        }
    }

    /// The sound stopped coming (a muted or lost microphone). True when that ends an utterance.
    pub(crate) fn stop(&mut self) -> bool {
        self.before.clear();
        self.voiced = 0;
        self.spoken_ms.take().is_some()
    }

    /// The sound of the utterance that has just begun.
    pub(crate) fn before(&mut self) -> Vec<i16> {
        self.before.drain(..).flatten().collect()
    }

    fn before_speech(&mut self, samples: &[i16], voiced: bool) -> Step {
        if self.before.len() >= BEFORE {
            self.before.pop_front();
        }
        self.before.push_back(samples.to_vec());
        self.voiced = if voiced {
            self.voiced.saturating_add(1)
        } else {
            self.voiced.saturating_sub(1)
        };
        if self.voiced < VOICED_TO_BEGIN {
            return Step::Silence;
        }
        self.spoken_ms = Some(0);
        self.quiet_ms = 0;
        Step::Begins
    }

    /// Down at once, up slowly, and hardly at all while somebody speaks: a fan becomes background, a sentence does not.
    fn follow_background(&mut self, level: f32) {
        let share = match (level < self.background_db, self.spoken_ms) {
            (true, _) => 0.2,
            (false, None) => 0.02,
            (false, Some(_)) => 0.001,
        };
        self.background_db += (level - self.background_db) * share;
    }
}

/// Loudness in dB of full scale, never below -100.
fn level_db(samples: &[i16]) -> f32 {
    let sum: f32 = samples.iter().map(|sample| (f32::from(*sample) / 32_768.0).powi(2)).sum();
    #[expect(clippy::cast_precision_loss, reason = "a frame has few samples")]
    let mean = sum / samples.len().max(1) as f32;
    (10.0 * mean.max(1e-10).log10()).max(-100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A voice of that loudness, or silence.
    fn frame(amplitude: i16) -> Vec<i16> {
        (0..FRAME).map(|at| if at % 40 < 20 { amplitude } else { -amplitude }).collect()
    }

    fn steps(detector: &mut Detector, amplitude: i16, ms: u32) -> Vec<Step> {
        (0..ms / FRAME_MS).map(|_| detector.frame(&frame(amplitude))).collect()
    }

    fn count(steps: &[Step], step: Step) -> usize {
        steps.iter().filter(|other| **other == step).count()
    }

    #[test]
    fn speech_between_silences_is_one_utterance_with_its_beginning() {
        let mut detector = Detector::default();
        assert_eq!(count(&steps(&mut detector, 0, 1_000), Step::Silence), 50);
        let spoken = steps(&mut detector, 3_000, 200);
        assert_eq!(spoken[4], Step::Begins, "after a tenth of a second");
        let before = detector.before();
        assert_eq!(before.len(), BEFORE * FRAME);
        assert!(
            before[..5 * FRAME].iter().all(|sample| *sample == 0) && before[10 * FRAME] != 0,
            "with what came before it"
        );
        assert_eq!(count(&steps(&mut detector, 3_000, 1_000), Step::GoesOn), 50);
        let after = steps(&mut detector, 0, 1_000);
        assert_eq!(
            after.iter().position(|step| *step == Step::Ends),
            Some(34),
            "after 700 ms of silence"
        );
        assert_eq!(after[35], Step::Silence);
    }

    #[test]
    fn a_pause_between_words_does_not_end_an_utterance_and_a_click_begins_none() {
        let mut detector = Detector::default();
        steps(&mut detector, 0, 500);
        assert_eq!(count(&steps(&mut detector, 9_000, 60), Step::Begins), 0);
        steps(&mut detector, 0, 500);
        assert_eq!(count(&steps(&mut detector, 3_000, 500), Step::Begins), 1);
        assert_eq!(count(&steps(&mut detector, 0, 600), Step::Ends), 0);
        assert_eq!(count(&steps(&mut detector, 3_000, 500), Step::Begins), 0);
    }

    #[test]
    fn a_steady_hum_is_background_and_a_voice_above_it_is_heard() {
        let mut detector = Detector::default();
        steps(&mut detector, 400, 10_000);
        steps(&mut detector, 400, 20_000);
        assert_eq!(count(&steps(&mut detector, 400, 5_000), Step::Begins), 0);
        assert_eq!(count(&steps(&mut detector, 6_000, 500), Step::Begins), 1);
    }

    #[test]
    fn nobody_speaks_longer_than_the_longest_utterance() {
        let mut detector = Detector::default();
        let spoken = steps(&mut detector, 8_000, 40_000);
        assert!(count(&spoken, Step::Ends) >= 2, "{}", count(&spoken, Step::Ends));
    }

    #[test]
    fn a_microphone_that_stops_ends_the_utterance_and_nothing_else() {
        let mut detector = Detector::default();
        assert!(!detector.stop());
        steps(&mut detector, 3_000, 500);
        assert!(detector.stop());
        assert!(!detector.stop());
    }
}

//! A queue that neither grows nor goes away.
//!
//! The trend of the delay does not show it, but everything in it comes late. Owns the decision to go below the link's rate once so that the queue can
//! drain, and the lesson when that did not help: then the queue is others' or the way has become longer, and giving more away would be for nothing.

/// A queue longer than this is drained ...
const LONG_US: f64 = 100_000.0;
/// ... until it is shorter than this.
const SHORT_US: f64 = 60_000.0;
/// How long a step is given to show in the queue, beyond the round trip through it.
const PATIENCE_US: i64 = 1_500_000;
/// A step helped when the queue is below this share of what it was.
const HELPED: f64 = 0.8;
/// A lesson holds for this long ...
const LESSON_US: i64 = 10_000_000;
/// ... or until the queue is this many times longer.
const WORSE: f64 = 1.5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// No queue, or none that we could shorten.
    Free,
    /// Go below the link's rate now.
    Step,
    /// Stay there.
    Hold,
}

#[derive(Debug, Default)]
pub(crate) struct StandingQueue {
    /// When a step was made, and how long the queue was.
    stepped: Option<(i64, f64)>,
    /// A step did not help: the same then.
    foreign: Option<(i64, f64)>,
}

impl StandingQueue {
    pub(crate) fn update(&mut self, now_us: i64, queue_us: f64, rtt_us: i64) -> Standing {
        if queue_us < SHORT_US {
            *self = Self::default();
            return Standing::Free;
        }
        if let Some((at, then_us)) = self.foreign {
            if now_us - at < LESSON_US && queue_us < then_us * WORSE {
                return Standing::Free;
            }
            *self = Self::default();
        }
        match self.stepped {
            None if queue_us <= LONG_US => Standing::Free,
            None => self.step(now_us, queue_us),
            Some((at, before)) if now_us - at < PATIENCE_US + rtt_us + before as i64 => Standing::Hold,
            Some((_, before)) if queue_us > before * HELPED => {
                self.foreign = Some((now_us, queue_us));
                Standing::Free
            }
            Some(_) if queue_us > LONG_US => self.step(now_us, queue_us),
            Some(_) => Standing::Hold,
        }
    }

    /// The rate was lowered for another reason: what the queue does now says nothing about a step.
    pub(crate) fn restart(&mut self) {
        *self = Self::default();
    }

    /// Whether there is a queue that we would rather see gone.
    pub(crate) fn draining(&self, queue_us: f64) -> bool {
        self.foreign.is_none() && (self.stepped.is_some() || queue_us > LONG_US)
    }

    fn step(&mut self, now_us: i64, queue_us: f64) -> Standing {
        self.stepped = Some((now_us, queue_us));
        Standing::Step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps taken while the queue changes as said, asked every 50 ms for ten seconds.
    fn steps(queue_ms: impl Fn(i64) -> f64) -> Vec<i64> {
        steps_of(200, queue_ms)
    }

    fn steps_of(times: i64, queue_ms: impl Fn(i64) -> f64) -> Vec<i64> {
        let mut standing = StandingQueue::default();
        (0..times)
            .map(|n| n * 50)
            .filter(|at| standing.update(at * 1_000, queue_ms(*at) * 1e3, 50_000) == Standing::Step)
            .collect()
    }

    #[test]
    fn a_short_queue_is_left_alone() {
        assert!(steps(|_| 90.0).is_empty());
    }

    #[test]
    fn a_long_queue_that_drains_is_drained_to_the_end() {
        assert_eq!(steps(|at| (300.0 - at as f64 / 20.0).max(0.0)), [0, 1_850, 3_650]);
    }

    #[test]
    fn a_queue_that_does_not_care_is_stepped_back_from_once_in_a_while() {
        assert_eq!(steps_of(400, |_| 250.0), [0, 11_800]);
        assert_eq!(
            steps(|at| if at < 6_000 { 150.0 } else { 250.0 }),
            [0, 6_000],
            "or when it becomes worse"
        );
    }

    #[test]
    fn after_it_was_gone_it_counts_again() {
        assert_eq!(steps(|at| if (4_000..5_000).contains(&at) { 10.0 } else { 250.0 }), [0, 5_000]);
    }
}

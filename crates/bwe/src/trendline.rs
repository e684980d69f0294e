//! Whether the queue on the way grows: a line through the delays of the last groups, against a threshold that follows the path.
//!
//! Owns the smoothed sum of delay differences, its slope by least squares, and the threshold. The technique is that of draft-ietf-rmcat-gcc-02 §5.3
//! and §5.4 with a trend line in place of the Kalman filter. Not here: what is done about it (`rate`).

use crate::arrival::Delta;

const WINDOW: usize = 20;
const SMOOTHING: f64 = 0.9;
/// The slope is multiplied by the number of groups (up to this many) and by the gain, so that little evidence counts little.
const GROUPS_MAX: f64 = 60.0;
const GAIN: f64 = 4.0;
const THRESHOLD_START: f64 = 12.5;
const THRESHOLD_MIN: f64 = 6.0;
const THRESHOLD_MAX: f64 = 600.0;
/// How fast the threshold follows, per millisecond: up slowly, so that a real queue is not mistaken for the path's noise.
const UP: f64 = 0.0087;
const DOWN: f64 = 0.039;
/// What is further above the threshold than this is an event and not noise to get used to.
const OUTLIER: f64 = 15.0;
/// The slope must stay too steep for this long.
const OVERUSE_MS: f64 = 10.0;

/// What the delay says about the rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DelayState {
    /// The queue neither grows nor shrinks.
    #[default]
    Normal,
    /// The queue grows: more is sent than the path takes.
    Overuse,
    /// The queue drains: wait until it is empty.
    Underuse,
}

#[derive(Debug, Clone, Copy, Default)]
struct Point {
    at_ms: f64,
    delay_ms: f64,
}

#[derive(Debug)]
pub(crate) struct Trendline {
    points: [Point; WINDOW],
    count: usize,
    head: usize,
    groups: f64,
    sum_ms: f64,
    smoothed_ms: f64,
    slope_before: f64,
    threshold: f64,
    threshold_at_ms: Option<f64>,
    over_ms: Option<f64>,
    over_count: u32,
    state: DelayState,
}

impl Trendline {
    pub(crate) fn new() -> Self {
        Self {
            points: [Point::default(); WINDOW],
            count: 0,
            head: 0,
            groups: 0.0,
            sum_ms: 0.0,
            smoothed_ms: 0.0,
            slope_before: 0.0,
            threshold: THRESHOLD_START,
            threshold_at_ms: None,
            over_ms: None,
            over_count: 0,
            state: DelayState::Normal,
        }
    }

    pub(crate) fn state(&self) -> DelayState {
        self.state
    }

    /// Forgets the line; what was learned of the path's noise stays.
    pub(crate) fn restart(&mut self) {
        let threshold = self.threshold;
        *self = Self { threshold, ..Self::new() };
    }

    pub(crate) fn update(&mut self, delta: Delta) {
        self.groups = (self.groups + 1.0).min(1_000.0);
        self.sum_ms += delta.arrival_ms - delta.sent_ms;
        self.smoothed_ms = SMOOTHING * self.smoothed_ms + (1.0 - SMOOTHING) * self.sum_ms;
        if let Some(point) = self.points.get_mut(self.head) {
            *point = Point {
                at_ms: delta.at_ms,
                delay_ms: self.smoothed_ms,
            };
        }
        self.head = (self.head + 1) % WINDOW;
        self.count = (self.count + 1).min(WINDOW);
        // Fewer points than a window give no line worth following: the state stays.
        if self.count < WINDOW {
            return;
        }
        let slope = self.slope().unwrap_or(self.slope_before);
        self.judge(slope, delta);
    }

    fn slope(&self) -> Option<f64> {
        let count = self.points.len() as f64;
        let mean_at = self.points.iter().map(|point| point.at_ms).sum::<f64>() / count;
        let mean_delay = self.points.iter().map(|point| point.delay_ms).sum::<f64>() / count;
        let (mut rise, mut run) = (0.0, 0.0);
        for point in &self.points {
            let at = point.at_ms - mean_at;
            rise += at * (point.delay_ms - mean_delay);
            run += at * at;
        }
        (run > 0.0).then(|| rise / run)
    }

    fn judge(&mut self, slope: f64, delta: Delta) {
        let trend = self.groups.min(GROUPS_MAX) * slope * GAIN;
        if trend > self.threshold {
            // Half a step for the first group, since the queue began to grow somewhere between the two.
            let over = self.over_ms.map_or(delta.sent_ms / 2.0, |over| over + delta.sent_ms);
            self.over_ms = Some(over);
            self.over_count += 1;
            if over > OVERUSE_MS && self.over_count > 1 && slope >= self.slope_before {
                self.over_ms = Some(0.0);
                self.over_count = 0;
                self.state = DelayState::Overuse;
            }
        } else {
            self.over_ms = None;
            self.over_count = 0;
            self.state = if trend < -self.threshold {
                DelayState::Underuse
            } else {
                DelayState::Normal
            };
        }
        self.slope_before = slope;
        self.adapt(trend, delta.at_ms);
    }

    fn adapt(&mut self, trend: f64, at_ms: f64) {
        let passed = self.threshold_at_ms.map_or(0.0, |before| (at_ms - before).clamp(0.0, 100.0));
        self.threshold_at_ms = Some(at_ms);
        let size = trend.abs();
        if size > self.threshold + OUTLIER {
            return;
        }
        let speed = if size < self.threshold { DOWN } else { UP };
        self.threshold = (self.threshold + speed * (size - self.threshold) * passed).clamp(THRESHOLD_MIN, THRESHOLD_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds groups 10 ms apart whose way grows by so many milliseconds each.
    fn run(trend: &mut Trendline, from: i32, count: i32, growth_ms: impl Fn(i32) -> f64) -> Vec<DelayState> {
        (from..from + count)
            .map(|n| {
                trend.update(Delta {
                    sent_ms: 10.0,
                    arrival_ms: 10.0 + growth_ms(n),
                    at_ms: f64::from(n) * 10.0,
                });
                trend.state()
            })
            .collect()
    }

    #[test]
    fn an_even_path_is_normal() {
        let mut trend = Trendline::new();
        assert!(run(&mut trend, 0, 300, |_| 0.0).iter().all(|state| *state == DelayState::Normal));
    }

    #[test]
    fn a_growing_queue_is_overuse_within_half_a_second() {
        let mut trend = Trendline::new();
        run(&mut trend, 0, 100, |_| 0.0);
        let states = run(&mut trend, 100, 50, |_| 1.0);
        assert!(states.contains(&DelayState::Overuse));
    }

    #[test]
    fn a_draining_queue_is_underuse_and_an_empty_one_normal_again() {
        let mut trend = Trendline::new();
        run(&mut trend, 0, 100, |_| 0.0);
        assert!(run(&mut trend, 100, 60, |_| -2.0).contains(&DelayState::Underuse));
        assert_eq!(run(&mut trend, 160, 100, |_| 0.0).last(), Some(&DelayState::Normal));
    }

    #[test]
    fn jitter_around_a_steady_way_is_no_overuse() {
        let mut trend = Trendline::new();
        // The way is 0, 3 or 7 ms longer, over and over: the differences swing, their sum does not grow.
        let ways = [0.0, 7.0, 3.0, 7.0, 0.0, 3.0];
        let growth = |n: i32| ways[n as usize % 6] - ways[(n + 5) as usize % 6];
        let states = run(&mut trend, 0, 1_000, growth);
        assert!(!states.contains(&DelayState::Overuse));
    }
}

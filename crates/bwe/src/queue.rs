//! How long packets wait on the way: what they take longer than the shortest way lately.
//!
//! The shortest way is that of the last ten to twenty seconds, since clocks drift and ways change; until a way that became longer is taken for the
//! way, the difference looks like a queue (`standing` and `loss` know that it may be none).

const WINDOW_US: i64 = 10_000_000;

#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// The shortest way of this window and of the one before.
    shortest_us: [Option<i64>; 2],
    window_from_us: i64,
    smoothed: f64,
}

impl Queue {
    /// Microseconds, smoothed.
    pub(crate) fn us(&self) -> f64 {
        self.smoothed
    }

    /// A packet took `way_us` (plus whatever clocks differ by). `weight`: how much it counts against those before, 0 to 1.
    pub(crate) fn took(&mut self, at_us: i64, way_us: i64, weight: f64) {
        if at_us - self.window_from_us > WINDOW_US {
            let [current, _] = self.shortest_us;
            self.shortest_us = [None, current];
            self.window_from_us = at_us;
        }
        let [current, before] = &mut self.shortest_us;
        let shortest = current.map_or(way_us, |shortest| shortest.min(way_us));
        *current = Some(shortest);
        let base = before.map_or(shortest, |before| before.min(shortest));
        self.smoothed += weight * ((way_us - base) as f64 - self.smoothed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_what_is_longer_than_the_shortest_way() {
        let mut queue = Queue::default();
        let mut run = |from: i64, to: i64, way_us: i64| {
            for n in from..to {
                queue.took(n * 10_000, way_us, 0.1);
            }
            queue.us()
        };
        assert!(run(0, 100, 5_000_000) < 1.0);
        assert!((run(100, 200, 5_080_000) - 80_000.0).abs() < 100.0);
        assert!(run(200, 3_000, 5_080_000) < 1.0, "a longer way that stays is the way");
    }
}

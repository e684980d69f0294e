//! Counts wrong tries per key in fixed windows; in memory, bounded.
//!
//! A try is counted before its outcome is known and given back when it succeeds, so that parallel tries cannot slip through together.
//! When the table is full, ended windows are dropped, then the one with the fewest tries, so that a flood of fresh keys washes none away that
//! are near their limit. Forgetting makes the throttle weaker, never the server.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::Micros;

/// Entries at most.
const CAPACITY: usize = 10_000;

/// How many tries in which time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) tries: u32,
    pub(crate) window: Micros,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Micros,
    ends: Micros,
    tries: u32,
}

#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<String, Window>>);

impl Throttle {
    /// Counts a try for each key, or says when to come back (microseconds from now) and counts nothing.
    pub(crate) fn take(&self, now: Micros, keys: &[(String, Limit)]) -> Result<(), Micros> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = keys.iter().filter_map(|(key, limit)| {
            let window = table.get(key).filter(|window| window.ends > now)?;
            (window.tries >= limit.tries).then(|| window.ends - now)
        });
        if let Some(wait) = wait.max() {
            return Err(wait);
        }
        for (key, limit) in keys {
            make_room(&mut table, now);
            let fresh = Window {
                began: now,
                ends: now + limit.window,
                tries: 0,
            };
            let window = table.entry(key.clone()).or_insert(fresh);
            if window.ends <= now {
                *window = fresh;
            }
            window.tries = window.tries.saturating_add(1);
        }
        Ok(())
    }

    /// Gives a counted try back: it succeeded.
    pub(crate) fn give_back(&self, keys: &[(String, Limit)]) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in keys {
            if let Some(window) = table.get_mut(key) {
                window.tries = window.tries.saturating_sub(1);
            }
        }
    }
}

/// A wait as `Retry-After` says it: whole seconds, rounded up, at least one.
pub(crate) fn retry_after_s(wait: Micros) -> u32 {
    u32::try_from(wait.saturating_add(999_999) / 1_000_000).unwrap_or(u32::MAX).max(1)
}

fn make_room(table: &mut HashMap<String, Window>, now: Micros) {
    if table.len() < CAPACITY {
        return;
    }
    table.retain(|_, window| window.ends > now && window.tries > 0);
    while table.len() >= CAPACITY {
        let least = table.iter().min_by_key(|(_, window)| (window.tries, window.began));
        let Some(least) = least.map(|(key, _)| key.clone()) else {
            return;
        };
        table.remove(&least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { tries: 3, window: 60 };

    fn key(name: &str) -> Vec<(String, Limit)> {
        vec![(name.to_owned(), LIMIT)]
    }

    #[test]
    fn after_the_limit_a_key_waits_for_the_end_of_its_window_and_others_do_not() {
        let throttle = Throttle::default();
        for now in 0..3 {
            assert_eq!(throttle.take(now, &key("a")), Ok(()));
        }
        assert_eq!(throttle.take(10, &key("a")), Err(50));
        assert_eq!(throttle.take(10, &key("b")), Ok(()));
        assert_eq!(throttle.take(60, &key("a")), Ok(()));
    }

    #[test]
    fn a_wait_is_told_in_seconds_that_are_never_too_few() {
        let waits = [0, 1, 1_000_000, 1_000_001, Micros::MAX].map(retry_after_s);
        assert_eq!(waits, [1, 1, 1, 2, u32::MAX]);
    }

    #[test]
    fn successes_do_not_count() {
        let throttle = Throttle::default();
        for now in 0..20 {
            assert_eq!(throttle.take(now, &key("a")), Ok(()));
            throttle.give_back(&key("a"));
        }
    }

    #[test]
    fn a_flood_of_fresh_keys_does_not_wash_a_busy_one_away() {
        let throttle = Throttle::default();
        let busy = Limit {
            tries: 3,
            window: 1_000_000,
        };
        let one = |name: String| vec![(name, busy)];
        for _ in 0..3 {
            assert_eq!(throttle.take(0, &one("busy".to_owned())), Ok(()));
        }
        for index in 0..CAPACITY + 50 {
            assert_eq!(throttle.take(1, &one(format!("k{index}"))), Ok(()));
        }
        assert!(throttle.take(2, &one("busy".to_owned())).is_err());
        assert_eq!(throttle.take(1_000_000, &one("busy".to_owned())), Ok(()));
    }

    #[test]
    fn the_table_stays_bounded() {
        let throttle = Throttle::default();
        for index in 0..CAPACITY + 50 {
            let now = Micros::try_from(index).unwrap();
            let keys = vec![(
                format!("k{index}"),
                Limit {
                    tries: 1,
                    window: 1_000_000,
                },
            )];
            assert_eq!(throttle.take(now, &keys), Ok(()));
        }
        assert!(throttle.0.lock().unwrap().len() <= CAPACITY);
    }
}

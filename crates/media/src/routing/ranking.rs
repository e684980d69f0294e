//! The order in which audio publications get slots, with hysteresis.
//!
//! Owns one ordered list for a room; every receiver takes the first so many of it that are not its own. Somebody louder moves
//! ahead of the one before only when clearly louder (3 dB) and when that one had its place for a moment, so that slots
//! do not flutter between two people who talk at once. Silence never displaces anybody.

use std::time::{Duration, Instant};

use crate::api::PublicationId;

/// How much louder (as a factor of power) a challenger must be.
const LOUDER: f32 = 2.0;
/// Power below this is silence (about -60 dB).
const SILENCE: f32 = 1e-6;
/// A new place is kept at least this long.
const IMMUNITY: Duration = Duration::from_millis(300);

#[derive(Debug, Clone, Copy)]
struct Place {
    id: PublicationId,
    since: Option<Instant>,
}

/// The order of a room's audio publications.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranking {
    order: Vec<Place>,
}

impl Ranking {
    /// A new publication stands last.
    pub(crate) fn add(&mut self, id: PublicationId) {
        if !self.order.iter().any(|place| place.id == id) {
            self.order.push(Place { id, since: None });
        }
    }

    /// The publication is gone.
    pub(crate) fn remove(&mut self, id: PublicationId) {
        self.order.retain(|place| place.id != id);
    }

    /// From first to last.
    pub(crate) fn order(&self) -> impl Iterator<Item = PublicationId> + '_ {
        self.order.iter().map(|place| place.id)
    }

    /// Applies what was heard. `power` says how loud each is (infinite: always first). Gives the first position that changed.
    pub(crate) fn update(&mut self, now: Instant, power: impl Fn(PublicationId) -> f32) -> Option<usize> {
        let mut first = None;
        // Each pass moves a challenger up by one place at least; more passes than entries cannot be needed.
        for _ in 0..self.order.len() {
            let mut moved = false;
            for index in 1..self.order.len() {
                let (Some(before), Some(after)) = (self.order.get(index - 1).copied(), self.order.get(index).copied()) else {
                    break;
                };
                let challenge = power(after.id);
                let immune = before.since.is_some_and(|since| now.saturating_duration_since(since) < IMMUNITY);
                if challenge > SILENCE && challenge > power(before.id) * LOUDER && (!immune || challenge.is_infinite()) {
                    self.order.swap(index - 1, index);
                    if let Some(place) = self.order.get_mut(index - 1) {
                        place.since = Some(now);
                    }
                    moved = true;
                    first = Some(first.map_or(index - 1, |at: usize| at.min(index - 1)));
                }
            }
            if !moved {
                break;
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ranking: &Ranking) -> Vec<u32> {
        ranking.order().map(|id| id.0).collect()
    }

    fn of(count: u32) -> Ranking {
        let mut ranking = Ranking::default();
        for id in 1..=count {
            ranking.add(PublicationId(id));
        }
        ranking
    }

    #[test]
    fn the_loudest_comes_first_from_any_place() {
        let mut ranking = of(8);
        ranking.update(Instant::now(), |id| if id.0 == 7 { 0.1 } else { 0.0 });
        assert_eq!(ids(&ranking), [7, 1, 2, 3, 4, 5, 6, 8]);
    }

    #[test]
    fn a_little_louder_is_not_enough_and_clearly_louder_is() {
        let mut ranking = of(2);
        let now = Instant::now();
        assert_eq!(ranking.update(now, |id| if id.0 == 2 { 0.15 } else { 0.1 }), None);
        assert_eq!(ranking.update(now, |id| if id.0 == 2 { 0.25 } else { 0.1 }), Some(0));
    }

    #[test]
    fn a_new_place_is_kept_for_a_moment() {
        let mut ranking = of(2);
        let now = Instant::now();
        ranking.update(now, |id| if id.0 == 2 { 0.5 } else { 0.0 });
        assert_eq!(ids(&ranking), [2, 1]);
        let duel = |id: PublicationId| if id.0 == 1 { 0.5 } else { 0.1 };
        assert_eq!(ranking.update(now + Duration::from_millis(100), duel), None);
        assert_eq!(ranking.update(now + Duration::from_millis(400), duel), Some(0));
    }

    #[test]
    fn silence_displaces_nobody() {
        let mut ranking = of(3);
        assert_eq!(ranking.update(Instant::now(), |id| if id.0 == 1 { 0.0 } else { 1e-9 }), None);
        assert_eq!(ids(&ranking), [1, 2, 3]);
    }
}

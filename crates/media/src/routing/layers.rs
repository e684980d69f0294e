//! Which spatial grade of a publication suits a wish.
//!
//! Grades are counted from the lowest, be they streams of their own (simulcast) or layers of one: their rank. Owns what is known of them: when each
//! was last seen and how large its pictures are. Not here: when a receiver is switched (`sink`), temporal layers (`rates`), asking for key frames
//! (`keyframes`).

use std::time::{Duration, Instant};

/// Index of a simulcast layer, from the lowest; 0 when there is no simulcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Layer(pub(crate) u8);

/// Most layers of a publication.
pub(crate) const MAX_LAYERS: usize = 3;

/// A layer without a packet for this long is treated as switched off by its publisher.
const ALIVE: Duration = Duration::from_millis(2_000);

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    seen_at: Option<Instant>,
    size: Option<Size>,
}

/// The layers of one publication.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    states: [State; MAX_LAYERS],
}

impl Layers {
    /// Notes a packet. True when the choice may now come out differently.
    pub(crate) fn seen(&mut self, now: Instant, rank: u8, size: Option<Size>) -> bool {
        let Some(state) = self.states.get_mut(usize::from(rank)) else {
            return false;
        };
        let revived = state.seen_at.is_none_or(|at| now.saturating_duration_since(at) >= ALIVE);
        state.seen_at = Some(now);
        let resized = size.is_some() && state.size != size;
        if resized {
            state.size = size;
        }
        revived || resized
    }

    /// Takes the word of the publisher for which of them it encodes from now on. True when one is no more.
    pub(crate) fn keep(&mut self, encoded: impl Fn(u8) -> bool) -> bool {
        let mut changed = false;
        for (state, rank) in self.states.iter_mut().zip(0..) {
            if state.seen_at.is_some() && !encoded(rank) {
                state.seen_at = None;
                changed = true;
            }
        }
        changed
    }

    /// Forgets when the layers were seen (the publication was closed).
    pub(crate) fn pause(&mut self) {
        for state in &mut self.states {
            state.seen_at = None;
        }
    }

    /// The size of this rank, as far as it is known or can be guessed.
    pub(crate) fn size(&self, rank: u8) -> Option<Size> {
        self.size_of(rank.into())
    }

    /// Whether more than one layer was ever seen, so that there is a choice to watch.
    pub(crate) fn has_choice(&self) -> bool {
        self.states.iter().filter(|state| state.seen_at.is_some()).count() > 1
    }

    /// The rank for a wish of this size (nothing known about the wish: the best) and at most this high, among those seen lately, else among those
    /// seen at all. The largest that is at most half as large again as the wish; if none is, the lowest.
    pub(crate) fn choose(&self, now: Instant, want: Option<Size>, most: u8) -> Option<u8> {
        let alive = |state: &State| state.seen_at.is_some_and(|at| now.saturating_duration_since(at) < ALIVE);
        self.pick(want, most, alive)
            .or_else(|| self.pick(want, most, |state| state.seen_at.is_some()))
    }

    fn pick(&self, want: Option<Size>, most: u8, usable: impl Fn(&State) -> bool) -> Option<u8> {
        let mut lowest = None;
        let mut best = None;
        for (index, rank) in (0..self.states.len()).zip(0..) {
            if !self.states.get(index).is_some_and(&usable) {
                continue;
            }
            lowest = lowest.or(Some(rank));
            if rank <= most && self.fits(index, want) {
                best = Some(rank);
            }
        }
        best.or(lowest)
    }

    fn fits(&self, index: usize, want: Option<Size>) -> bool {
        let Some(want) = want else { return true };
        let Some(size) = self.size_of(index) else { return false };
        // One and a half times the wished edge: a picture a little too large is better than one that must be enlarged.
        u64::from(size.width) * 2 <= u64::from(want.width) * 3 && u64::from(size.height) * 2 <= u64::from(want.height) * 3
    }

    /// The size of a layer; when none of its pictures said it, guessed from another one (each is twice as large as the one below).
    fn size_of(&self, index: usize) -> Option<Size> {
        if let Some(size) = self.states.get(index).and_then(|state| state.size) {
            return Some(size);
        }
        self.states.iter().enumerate().find_map(|(other, state)| {
            let size = state.size?;
            let scale = |edge: u32| {
                if other < index {
                    edge.saturating_mul(1 << (index - other))
                } else {
                    edge >> (other - index)
                }
            };
            Some(Size {
                width: scale(size.width),
                height: scale(size.height),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    fn three(now: Instant) -> Layers {
        let mut layers = Layers::default();
        layers.seen(now, 0, Some(size(320, 180)));
        layers.seen(now, 1, Some(size(640, 360)));
        layers.seen(now, 2, Some(size(1280, 720)));
        layers
    }

    #[test]
    fn a_small_tile_gets_the_small_layer_and_a_large_one_the_large() {
        let now = Instant::now();
        let layers = three(now);
        assert_eq!(layers.choose(now, Some(size(320, 180)), 2), Some(0));
        assert_eq!(layers.choose(now, Some(size(500, 281)), 2), Some(1));
        assert_eq!(layers.choose(now, Some(size(1280, 720)), 2), Some(2));
        assert_eq!(layers.choose(now, Some(size(3840, 2160)), 2), Some(2));
        assert_eq!(layers.choose(now, None, 2), Some(2));
    }

    #[test]
    fn a_wish_below_every_layer_gets_the_lowest() {
        let now = Instant::now();
        assert_eq!(three(now).choose(now, Some(size(16, 16)), 2), Some(0));
    }

    #[test]
    fn a_layer_that_fell_silent_is_left_for_one_that_lives() {
        let now = Instant::now();
        let mut layers = three(now);
        let later = now + Duration::from_secs(3);
        layers.seen(later, 0, None);
        assert_eq!(layers.choose(later, None, 2), Some(0));
        layers.seen(later, 2, None);
        assert_eq!(layers.choose(later, None, 2), Some(2), "and taken again when it is back");
    }

    #[test]
    fn when_all_are_silent_the_choice_stays_what_it_was() {
        let now = Instant::now();
        let layers = three(now);
        assert_eq!(layers.choose(now + Duration::from_secs(60), Some(size(640, 360)), 2), Some(1));
    }

    #[test]
    fn an_unknown_size_is_guessed_from_a_known_one() {
        let now = Instant::now();
        let mut layers = Layers::default();
        layers.seen(now, 0, Some(size(320, 180)));
        layers.seen(now, 2, None);
        assert_eq!(layers.choose(now, Some(size(640, 360)), 2), Some(0));
        assert_eq!(layers.choose(now, Some(size(1280, 720)), 2), Some(2));
    }

    #[test]
    fn no_more_is_chosen_than_is_allowed_and_the_lowest_in_any_case() {
        let now = Instant::now();
        let mut layers = three(now);
        assert_eq!(layers.choose(now, None, 1), Some(1));
        assert_eq!(layers.choose(now, Some(size(320, 180)), 1), Some(0));
        layers.keep(|rank| rank == 2);
        assert_eq!(layers.choose(now, None, 1), Some(2), "there is nothing lower");
    }

    #[test]
    fn what_the_publisher_encodes_no_more_is_left_at_once() {
        let now = Instant::now();
        let mut layers = three(now);
        assert!(layers.keep(|rank| rank < 2));
        assert_eq!(layers.choose(now, None, 2), Some(1));
        assert!(!layers.keep(|rank| rank < 2), "nothing new");
    }
}

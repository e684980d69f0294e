//! Asking publishers for key frames, sparingly.
//!
//! Owns when each layer of one publication was last asked and whether another request waits. Two hundred receivers that join
//! within a second cause one request. A request that brought nothing is repeated as long as somebody waits.

use std::time::{Duration, Instant};

use super::layers::{Layer, MAX_LAYERS};

/// Least time between two requests for one layer.
pub(crate) const SPACING: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Copy, Default)]
struct State {
    asked_at: Option<Instant>,
    waiting: bool,
}

/// The requests of one publication.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keyframes {
    states: [State; MAX_LAYERS],
}

impl Keyframes {
    /// Somebody needs a key frame. The request goes out with the next [`Keyframes::due`].
    pub(crate) fn want(&mut self, layer: Layer) {
        if let Some(state) = self.states.get_mut(usize::from(layer.0)) {
            state.waiting = true;
        }
    }

    /// A key frame came.
    pub(crate) fn arrived(&mut self, layer: Layer) {
        if let Some(state) = self.states.get_mut(usize::from(layer.0)) {
            state.waiting = false;
        }
    }

    /// Nobody waits any more.
    pub(crate) fn clear(&mut self) {
        for state in &mut self.states {
            state.waiting = false;
        }
    }

    /// A layer to ask for now. It stays wanted until the key frame arrives, and is due again after [`SPACING`].
    pub(crate) fn due(&mut self, now: Instant) -> Option<Layer> {
        for (index, state) in self.states.iter_mut().enumerate() {
            let free = state.asked_at.is_none_or(|at| now.saturating_duration_since(at) >= SPACING);
            if state.waiting && free {
                state.asked_at = Some(now);
                return u8::try_from(index).ok().map(Layer);
            }
        }
        None
    }

    /// When the next request is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.states
            .iter()
            .filter(|state| state.waiting)
            .filter_map(|state| state.asked_at.map(|at| at + SPACING))
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: Layer = Layer(0);

    #[test]
    fn two_hundred_wishes_within_the_spacing_are_one_request() {
        let now = Instant::now();
        let mut keyframes = Keyframes::default();
        let mut asked = 0;
        for wish in 0..200u64 {
            keyframes.want(LOW);
            asked += usize::from(keyframes.due(now + Duration::from_millis(wish)).is_some());
        }
        assert_eq!(asked, 1);
    }

    #[test]
    fn a_request_is_repeated_until_the_key_frame_comes_and_not_after() {
        let now = Instant::now();
        let mut keyframes = Keyframes::default();
        keyframes.want(LOW);
        assert_eq!(keyframes.due(now), Some(LOW));
        assert_eq!(keyframes.deadline(), Some(now + SPACING));
        assert_eq!(keyframes.due(now + SPACING), Some(LOW));
        keyframes.arrived(LOW);
        assert_eq!(keyframes.deadline(), None);
        assert_eq!(keyframes.due(now + SPACING * 3), None);
    }

    #[test]
    fn layers_are_asked_independently() {
        let now = Instant::now();
        let mut keyframes = Keyframes::default();
        keyframes.want(LOW);
        assert_eq!(keyframes.due(now), Some(LOW));
        keyframes.want(Layer(2));
        assert_eq!(keyframes.due(now), Some(Layer(2)));
        assert_eq!(keyframes.due(now), None);
    }
}

//! Asking publishers for key frames, sparingly.
//!
//! Owns when each layer of one publication was last asked and whether another request waits, and how many requests one publisher gets at most
//! ([`Allowance`]). Two hundred receivers that join within a second cause one request. A request that brought nothing is repeated as long as somebody
//! waits.

use std::time::{Duration, Instant};

use super::layers::{Layer, MAX_LAYERS};

/// Least time between two requests for one layer.
pub(crate) const SPACING: Duration = Duration::from_millis(500);
/// How long what another shard has at hand takes to come.
const ON_ITS_WAY: Duration = Duration::from_millis(20);
/// Most requests that one publisher gets in [`ALLOWED_IN`], over all its publications; what is beyond waits.
const ALLOWED: u8 = 5;
const ALLOWED_IN: Duration = Duration::from_millis(1_000);

/// The requests that one publisher may be sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowance {
    since: Option<Instant>,
    used: u8,
}

impl Allowance {
    /// Spends one. False when there is none left.
    fn take(&mut self, now: Instant) -> bool {
        if self.since.is_none_or(|since| now.saturating_duration_since(since) >= ALLOWED_IN) {
            self.since = Some(now);
            self.used = 0;
        }
        let free = self.used < ALLOWED;
        self.used += u8::from(free);
        free
    }

    /// From when on there is one, when there is none now.
    fn free_at(&self) -> Option<Instant> {
        self.since.filter(|_| self.used >= ALLOWED).map(|since| since + ALLOWED_IN)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    asked_at: Option<Instant>,
    /// A receiver said that it cannot go on without.
    wanted: bool,
    /// A receiver cannot begin without.
    needed: bool,
}

impl State {
    fn waits(&self) -> bool {
        self.wanted || self.needed
    }
}

/// The requests of one publication.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keyframes {
    states: [State; MAX_LAYERS],
}

impl Keyframes {
    /// Somebody who receives the layer cannot go on. The request goes out with the next [`Keyframes::due`], and stays until a key frame comes.
    pub(crate) fn want(&mut self, layer: Layer) {
        if let Some(state) = self.states.get_mut(usize::from(layer.0)) {
            state.wanted = true;
        }
    }

    /// Of these layers, and of no others, somebody waits for a key frame to begin with.
    pub(crate) fn need(&mut self, needed: impl Fn(Layer) -> bool) {
        for (state, layer) in self.states.iter_mut().zip(0..) {
            state.needed = needed(Layer(layer));
        }
    }

    /// A key frame may be on its way already: nobody is asked for a moment.
    pub(crate) fn hold(&mut self, now: Instant) {
        for state in &mut self.states {
            state.asked_at = state.asked_at.max(now.checked_sub(SPACING - ON_ITS_WAY));
        }
    }

    /// A key frame came.
    pub(crate) fn arrived(&mut self, layer: Layer) {
        if let Some(state) = self.states.get_mut(usize::from(layer.0)) {
            state.wanted = false;
            state.needed = false;
        }
    }

    /// Nobody waits any more.
    pub(crate) fn clear(&mut self) {
        for state in &mut self.states {
            state.wanted = false;
            state.needed = false;
        }
    }

    /// Whether somebody waits.
    pub(crate) fn waits(&self) -> bool {
        self.states.iter().any(State::waits)
    }

    /// A layer to ask for now. It stays wanted until the key frame arrives, and is due again after [`SPACING`].
    pub(crate) fn due(&mut self, now: Instant, allowance: &mut Allowance) -> Option<Layer> {
        for (state, layer) in self.states.iter_mut().zip(0..) {
            let free = state.asked_at.is_none_or(|at| now.saturating_duration_since(at) >= SPACING);
            if state.waits() && free {
                if !allowance.take(now) {
                    return None;
                }
                state.asked_at = Some(now);
                return Some(Layer(layer));
            }
        }
        None
    }

    /// When the next request is due.
    pub(crate) fn deadline(&self, allowance: &Allowance) -> Option<Instant> {
        let due = self.states.iter().filter(|state| state.waits()).filter_map(|state| {
            let spaced = state.asked_at.map(|at| at + SPACING);
            spaced.max(allowance.free_at())
        });
        due.min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: Layer = Layer(0);

    #[test]
    fn two_hundred_wishes_within_the_spacing_are_one_request() {
        let now = Instant::now();
        let (mut keyframes, mut allowance) = (Keyframes::default(), Allowance::default());
        let mut asked = 0;
        for wish in 0..200u64 {
            keyframes.want(LOW);
            asked += usize::from(keyframes.due(now + Duration::from_millis(wish), &mut allowance).is_some());
        }
        assert_eq!(asked, 1);
    }

    #[test]
    fn a_request_is_repeated_until_the_key_frame_comes_and_not_after() {
        let now = Instant::now();
        let (mut keyframes, mut allowance) = (Keyframes::default(), Allowance::default());
        keyframes.want(LOW);
        assert_eq!(keyframes.due(now, &mut allowance), Some(LOW));
        assert_eq!(keyframes.deadline(&allowance), Some(now + SPACING));
        assert_eq!(keyframes.due(now + SPACING, &mut allowance), Some(LOW));
        keyframes.arrived(LOW);
        assert_eq!(keyframes.deadline(&allowance), None);
        assert_eq!(keyframes.due(now + SPACING * 3, &mut allowance), None);
    }

    #[test]
    fn layers_are_asked_independently() {
        let now = Instant::now();
        let (mut keyframes, mut allowance) = (Keyframes::default(), Allowance::default());
        keyframes.want(LOW);
        assert_eq!(keyframes.due(now, &mut allowance), Some(LOW));
        keyframes.want(Layer(2));
        assert_eq!(keyframes.due(now, &mut allowance), Some(Layer(2)));
        assert_eq!(keyframes.due(now, &mut allowance), None);
    }

    #[test]
    fn a_layer_that_nobody_waits_for_any_more_is_asked_for_no_more() {
        let now = Instant::now();
        let (mut keyframes, mut allowance) = (Keyframes::default(), Allowance::default());
        keyframes.need(|layer| layer == Layer(1));
        assert_eq!(keyframes.due(now, &mut allowance), Some(Layer(1)));
        keyframes.need(|_| false);
        assert_eq!(keyframes.due(now + SPACING, &mut allowance), None);
        keyframes.want(LOW);
        keyframes.need(|_| false);
        assert_eq!(
            keyframes.due(now + SPACING, &mut allowance),
            Some(LOW),
            "who cannot go on is not forgotten"
        );
    }

    #[test]
    fn what_may_be_on_its_way_is_waited_for_shortly() {
        let now = Instant::now();
        let (mut keyframes, mut allowance) = (Keyframes::default(), Allowance::default());
        keyframes.hold(now);
        keyframes.want(LOW);
        assert_eq!(keyframes.due(now, &mut allowance), None);
        assert_eq!(keyframes.deadline(&allowance), Some(now + ON_ITS_WAY));
        assert_eq!(keyframes.due(now + ON_ITS_WAY, &mut allowance), Some(LOW));
    }

    #[test]
    fn a_publisher_is_asked_so_often_over_all_it_sends_and_later_for_the_rest() {
        let now = Instant::now();
        let mut allowance = Allowance::default();
        let mut publications = [Keyframes::default(), Keyframes::default()];
        let mut ask = |now: Instant| {
            publications.each_mut().iter_mut().for_each(|keyframes| keyframes.need(|_| true));
            let mut asked = 0;
            for keyframes in &mut publications {
                while keyframes.due(now, &mut allowance).is_some() {
                    asked += 1;
                }
            }
            (
                asked,
                publications.iter().filter_map(|keyframes| keyframes.deadline(&allowance)).min(),
            )
        };
        assert_eq!(ask(now), (5, Some(now + ALLOWED_IN)), "of six layers; the sixth waits");
        assert_eq!(ask(now + SPACING), (0, Some(now + ALLOWED_IN)));
        assert_eq!(ask(now + ALLOWED_IN).0, 5);
    }
}

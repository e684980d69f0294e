//! One split of a budget, without memory.
//!
//! Owns the order in which streams get layers. Class after class from the highest priority: each stream's first layer, then, step by step in turn, up
//! to the layer that is enough; when all classes have had that, class after class again up to the layer that is useful. Within a class those already
//! sent come first, so that who is shown does not change for nothing. Not here: when a raise may happen (`Allocator`).

use super::{Current, LAYERS_MAX, OverBudget, STREAMS_MAX, Stream};

pub(super) type Layers = [Option<u8>; STREAMS_MAX];

/// A stream of at most so many bits a second is sent over any budget, if so configured.
const SENT_ANYWAY: u64 = 300_000;

/// What a split may do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Bits per second for what is sent already.
    pub(super) keep_bps: u64,
    /// For what would be sent beyond that.
    pub(super) raise_bps: u64,
    /// Whether streams of which something was decided may get more than that.
    pub(super) raise: bool,
    pub(super) over_budget: OverBudget,
    /// First layers of what is not paused may go beyond the budget up to here.
    pub(super) excess_bps: u64,
}

pub(super) struct Split<'a> {
    streams: &'a [Stream<'a>],
    rules: Rules,
    /// Indices into `streams` in the order in which they are served.
    order: [u8; STREAMS_MAX],
    pub(super) layers: Layers,
    pub(super) total_bps: u64,
}

impl<'a> Split<'a> {
    pub(super) fn new(streams: &'a [Stream<'a>], rules: Rules) -> Self {
        let streams = streams.get(..STREAMS_MAX.min(streams.len())).unwrap_or_default();
        let mut order = [0; STREAMS_MAX];
        for (place, index) in order.iter_mut().zip(0_u8..) {
            *place = index;
        }
        let mut split = Self {
            streams,
            rules,
            order,
            layers: [None; STREAMS_MAX],
            total_bps: 0,
        };
        split.sort();
        split.serve();
        split
    }

    fn sort(&mut self) {
        let streams = self.streams;
        if let Some(order) = self.order.get_mut(..streams.len()) {
            order.sort_unstable_by_key(|index| {
                let rank = streams.get(usize::from(*index)).map(|stream| {
                    let sent = matches!(stream.current, Current::At(_));
                    (std::cmp::Reverse(stream.priority), !sent)
                });
                (rank, *index)
            });
        }
    }

    /// The places in `order` of the class that begins there.
    fn class(&self, from: usize) -> std::ops::Range<usize> {
        let priority = |place: usize| self.at(place).map(|(_, stream)| stream.priority);
        let first = priority(from);
        let mut to = from;
        while to < self.streams.len() && priority(to) == first {
            to += 1;
        }
        from..to
    }

    fn at(&self, place: usize) -> Option<(usize, &'a Stream<'a>)> {
        let index = usize::from(*self.order.get(place)?);
        Some((index, self.streams.get(index)?))
    }

    fn serve(&mut self) {
        let mut from = 0;
        while from < self.streams.len() {
            let class = self.class(from);
            for place in class.clone() {
                self.first_layer(place);
            }
            self.in_turn(class.clone(), |stream| stream.enough.min(stream.useful));
            from = class.end;
        }
        from = 0;
        while from < self.streams.len() {
            let class = self.class(from);
            self.in_turn(class.clone(), |stream| stream.useful);
            from = class.end;
        }
    }

    fn first_layer(&mut self, place: usize) {
        let Some((index, stream)) = self.at(place) else { return };
        if self.step(index, stream, stream.useful) {
            return;
        }
        if stream.current != Current::Paused
            && let Some((layer, bps)) = cheapest(stream)
            && self.total_bps.saturating_add(bps) <= self.rules.excess_bps
        {
            self.take(index, layer, 0, bps);
            return;
        }
        // Of the very first stream something is better shown too fast than nothing at all, if so configured; but what is too fast by far comes to nothing and
        // takes the place of the others.
        if place == 0
            && self.rules.over_budget == OverBudget::Send
            && let Some((layer, bps)) = cheapest(stream)
            && bps <= self.rules.keep_bps.saturating_mul(2).max(SENT_ANYWAY)
        {
            self.take(index, layer, 0, bps);
        }
    }

    fn in_turn(&mut self, class: std::ops::Range<usize>, up_to: impl Fn(&Stream<'_>) -> u8) {
        // Each turn raises somebody by a layer at least, so there are at most as many as layers in all.
        for _ in 0..LAYERS_MAX * STREAMS_MAX {
            let mut raised = false;
            for place in class.clone() {
                if let Some((index, stream)) = self.at(place) {
                    raised |= self.step(index, stream, up_to(stream));
                }
            }
            if !raised {
                return;
            }
        }
    }

    /// Gives a stream the next layer that fits.
    fn step(&mut self, index: usize, stream: &Stream<'_>, up_to: u8) -> bool {
        let now = self.layers.get(index).copied().flatten();
        let now_bps = now.map_or(0, |layer| bps(stream, layer));
        let from = now.map_or(0, |layer| layer + 1);
        for layer in from..=up_to.min(top(stream)) {
            let Some(layer_bps) = stream.layers.get(usize::from(layer)).copied() else {
                return false;
            };
            let total = (self.total_bps - now_bps).saturating_add(layer_bps);
            if self.allowed(stream, layer).is_some_and(|budget| total <= budget) {
                self.take(index, layer, now_bps, layer_bps);
                return true;
            }
        }
        false
    }

    fn take(&mut self, index: usize, layer: u8, was_bps: u64, is_bps: u64) {
        if let Some(slot) = self.layers.get_mut(index) {
            *slot = Some(layer);
            self.total_bps = (self.total_bps - was_bps).saturating_add(is_bps);
        }
    }

    /// The budget against which a layer of a stream is held; none when it may not have it now.
    fn allowed(&self, stream: &Stream<'_>, layer: u8) -> Option<u64> {
        let Rules {
            keep_bps,
            raise_bps,
            raise,
            ..
        } = self.rules;
        match stream.current {
            // What is new begins at once, at its first layer within the whole budget.
            Current::Fresh if layer == 0 => Some(keep_bps),
            Current::Fresh => Some(raise_bps),
            Current::At(current) if layer <= current => Some(keep_bps),
            Current::At(_) | Current::Paused => raise.then_some(raise_bps),
        }
    }
}

/// The highest layer that is worth its bits.
pub(super) fn top(stream: &Stream<'_>) -> u8 {
    let last = stream.layers.len().min(LAYERS_MAX).saturating_sub(1);
    stream.useful.min(last as u8)
}

pub(super) fn bps(stream: &Stream<'_>, layer: u8) -> u64 {
    stream.layers.get(usize::from(layer)).copied().unwrap_or(0)
}

fn cheapest(stream: &Stream<'_>) -> Option<(u8, u64)> {
    let layers = stream.layers.get(..=usize::from(top(stream)))?;
    let (layer, bps) = layers.iter().enumerate().min_by_key(|(_, bps)| **bps)?;
    Some((layer as u8, *bps))
}

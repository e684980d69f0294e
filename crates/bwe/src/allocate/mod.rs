//! The split of the estimate over the streams that a receiver watches.
//!
//! Owns the rules of who gets which layer (`split`) and the patience with which anything is raised or paused: what does not fit any more goes down at
//! once; anything goes up only when the budget has allowed it with headroom for a while. When a raise turned out wrong, the next one waits longer.
//! A viewer takes a pause for a fault, and a first layer that goes beyond the budget tells within a second whether the path carries it: nothing is paused
//! before the budget was too small for a while, unless it is smaller by far.
//! Not here: measuring the layers, switching at key frames, telling anybody.
//!
//! Invariants (`tests/allocation.rs`): the total is within the budget, but for first layers while there is patience with them, and for the first
//! stream's lowest layer where that is configured; no second
//! layer before every stream of the same or a higher priority has its first, if that fits; equal input gives equal output, and a decision fed back as
//! current stays.
//!
//! Bounded: [`STREAMS_MAX`] streams; those beyond it are paused.

mod split;

use std::time::{Duration, Instant};

use split::{Layers, Rules, Split, bps, top};

/// Most streams that are considered.
pub const STREAMS_MAX: usize = 64;
/// Most layers of a stream: three spatial ones, each with three temporal ones.
pub const LAYERS_MAX: usize = 9;

/// What was decided of a stream the last time (and not how far the switch has come meanwhile).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Current {
    /// Nothing, or the viewer's wish has changed since: it may begin without patience.
    Fresh,
    /// It was paused.
    Paused,
    /// It was given this layer.
    At(u8),
}

/// A stream that the receiver watches.
#[derive(Debug, Clone, Copy)]
pub struct Stream<'a> {
    /// Higher is more important: screens, then what is pinned or in the spotlight, the speaker, the rest.
    pub priority: u8,
    /// What each available layer costs, in bits per second, from the lowest to the highest (each includes those it needs). None: it is paused.
    pub layers: &'a [u64],
    /// The highest layer that is worth sending for the size it is shown at.
    pub useful: u8,
    /// The layer up to which it comes before the first layers of lower priorities: 0 for "something of everybody first", `useful` for strict order.
    pub enough: u8,
    /// What was decided the last time.
    pub current: Current,
}

/// What happens when not even the first stream's lowest layer fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverBudget {
    /// It is sent all the same, and nothing else.
    Send,
    /// It is paused like any other.
    Pause,
}

/// The settings of an [`Allocator`].
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A raise must fit into the budget divided by one and this.
    pub headroom: f64,
    /// A raise must have been possible for this long.
    pub hold: Duration,
    /// The longest hold after raises that had to be taken back.
    pub hold_max: Duration,
    /// When not even one layer fits.
    pub over_budget: OverBudget,
    /// First layers that do not fit are sent for this long before they are paused,
    pub pause_after: Duration,
    /// while the total is at most this many times the budget.
    pub excess: f64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            headroom: 0.15,
            hold: Duration::from_millis(1_500),
            hold_max: Duration::from_secs(12),
            over_budget: OverBudget::Send,
            pause_after: Duration::from_secs(3),
            excess: 2.0,
        }
    }
}

/// A raise that is taken back within this time was wrong.
const REGRET: Duration = Duration::from_secs(8);
/// After this long without a step down, patience is as it was.
const FORGIVE: Duration = Duration::from_secs(30);

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allocation {
    layers: Layers,
    /// What is to be sent costs this, bits per second.
    pub total_bps: u64,
    /// What would be sent if the budget allowed.
    pub wanted_bps: u64,
    /// A raise is waiting: decide again at this time, if nothing makes it necessary before.
    pub again: Option<Instant>,
}

impl Allocation {
    /// The layer for the stream at this place of the input; none: it is paused.
    pub fn layer(&self, index: usize) -> Option<u8> {
        self.layers.get(index).copied().flatten()
    }

    /// The same as [`Current`], for the next time.
    pub fn current(&self, index: usize) -> Current {
        self.layer(index).map_or(Current::Paused, Current::At)
    }
}

/// Splits budgets, one after the other, for one receiver.
#[derive(Debug)]
pub struct Allocator {
    patience: Patience,
    hold: Duration,
    /// Since when a raise has been possible without a break.
    possible_since: Option<Instant>,
    raised_at: Option<Instant>,
    lowered_at: Option<Instant>,
    /// Since when first layers have not fitted.
    excess_since: Option<Instant>,
}

impl Allocator {
    /// An allocator that has decided nothing yet.
    pub fn new(patience: Patience) -> Self {
        Self {
            patience,
            hold: patience.hold,
            possible_since: None,
            raised_at: None,
            lowered_at: None,
            excess_since: None,
        }
    }

    /// Splits `budget_bps` (the estimate less the audio) over the streams.
    pub fn allocate(&mut self, now: Instant, budget_bps: u64, streams: &[Stream<'_>]) -> Allocation {
        let rules = Rules {
            keep_bps: budget_bps,
            raise_bps: (budget_bps as f64 / (1.0 + self.patience.headroom.max(0.0))) as u64,
            raise: false,
            over_budget: self.patience.over_budget,
            excess_bps: 0,
        };
        let strict = Split::new(streams, rules);
        if pauses(streams, &strict.layers) {
            let pause_at = *self.excess_since.get_or_insert(now) + self.patience.pause_after;
            if now < pause_at {
                let excess_bps = (budget_bps as f64 * self.patience.excess.max(0.0)) as u64;
                let kept = Split::new(streams, Rules { excess_bps, ..rules });
                return self.keep(now, streams, &kept, Some(pause_at));
            }
        } else {
            self.excess_since = None;
        }
        let kept = strict;
        let raised = Split::new(streams, Rules { raise: true, ..rules });
        if raised.layers == kept.layers {
            return self.keep(now, streams, &kept, None);
        }
        self.note(now, streams, &kept);
        let due = *self.possible_since.get_or_insert(now) + self.hold;
        if now < due {
            return answer(streams, &kept, Some(due));
        }
        self.possible_since = None;
        self.raised_at = Some(now);
        answer(streams, &raised, None)
    }

    /// Where nothing can be raised.
    fn keep(&mut self, now: Instant, streams: &[Stream<'_>], kept: &Split<'_>, again: Option<Instant>) -> Allocation {
        self.note(now, streams, kept);
        self.possible_since = None;
        answer(streams, kept, again)
    }

    /// Learns from what had to be taken back.
    fn note(&mut self, now: Instant, streams: &[Stream<'_>], kept: &Split<'_>) {
        if lowered(streams, &kept.layers) {
            self.regret(now);
            self.possible_since = None;
        } else if self.lowered_at.is_some_and(|at| now.saturating_duration_since(at) > FORGIVE) {
            self.hold = self.patience.hold;
            self.lowered_at = None;
        }
    }

    fn regret(&mut self, now: Instant) {
        if self.raised_at.take().is_some_and(|at| now.saturating_duration_since(at) < REGRET) {
            self.hold = (self.hold * 2).min(self.patience.hold_max);
        }
        self.lowered_at = Some(now);
    }
}

/// Whether a stream gets nothing that has or should begin with something.
fn pauses(streams: &[Stream<'_>], layers: &Layers) -> bool {
    let wanted = |stream: &Stream<'_>| stream.current != Current::Paused && !stream.layers.is_empty();
    streams.iter().zip(layers).any(|(stream, layer)| wanted(stream) && layer.is_none())
}

/// Whether a stream gets less than it has.
fn lowered(streams: &[Stream<'_>], layers: &Layers) -> bool {
    streams.iter().zip(layers).any(|(stream, layer)| match (stream.current, layer) {
        // Less because less is wanted, or because the layer is gone, is not the budget's doing.
        (Current::At(current), Some(layer)) => *layer < current.min(top(stream)),
        (Current::At(_), None) => !stream.layers.is_empty(),
        (Current::Fresh | Current::Paused, _) => false,
    })
}

fn answer(streams: &[Stream<'_>], split: &Split<'_>, again: Option<Instant>) -> Allocation {
    let wanted = streams.iter().take(STREAMS_MAX).map(|stream| bps(stream, top(stream)));
    Allocation {
        layers: split.layers,
        total_bps: split.total_bps,
        wanted_bps: wanted.fold(0, u64::saturating_add),
        again,
    }
}

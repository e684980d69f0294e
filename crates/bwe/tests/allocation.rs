//! The split of a budget: its rules one by one, then as properties of arbitrary streams.

mod sim;

use std::time::Instant;

use bwe::{Allocation, Allocator, Current, OverBudget, Patience, Stream};
use proptest::prelude::*;
use sim::{ms, origin};

const CAMERA: [u64; 3] = [150_000, 500_000, 1_500_000];

fn stream(priority: u8, layers: &[u64]) -> Stream<'_> {
    Stream {
        priority,
        layers,
        useful: layers.len().saturating_sub(1) as u8,
        enough: 0,
        current: Current::Fresh,
    }
}

/// Pauses at once.
fn strict() -> Patience {
    Patience {
        pause_after: ms(0),
        ..Patience::default()
    }
}

fn allocator() -> Allocator {
    Allocator::new(strict())
}

fn layers(allocation: &Allocation, count: usize) -> Vec<Option<u8>> {
    (0..count).map(|index| allocation.layer(index)).collect()
}

/// Decides anew with what was decided as the current state.
fn again(allocator: &mut Allocator, now: Instant, budget: u64, streams: &mut [Stream<'_>], last: &Allocation) -> Allocation {
    for (index, stream) in streams.iter_mut().enumerate() {
        stream.current = last.current(index);
    }
    allocator.allocate(now, budget, streams)
}

#[test]
fn everybody_has_a_first_layer_before_anybody_of_the_same_priority_has_a_second() {
    let streams = [stream(1, &CAMERA), stream(1, &CAMERA), stream(1, &CAMERA)];
    let allocation = allocator().allocate(origin(), 1_000_000, &streams);
    assert_eq!(layers(&allocation, 3), [Some(1), Some(0), Some(0)]);
    assert_eq!(allocation.total_bps, 800_000);
    assert_eq!(allocation.wanted_bps, 4_500_000);
}

#[test]
fn with_strict_order_the_screen_is_sharp_before_a_camera_is_shown() {
    let screen = [300_000, 1_200_000];
    let mut streams = [stream(1, &CAMERA), stream(1, &CAMERA), stream(9, &screen)];
    let fair = allocator().allocate(origin(), 1_600_000, &streams);
    assert_eq!(layers(&fair, 3), [Some(1), Some(1), Some(0)]);
    streams[2].enough = 1;
    let strict = allocator().allocate(origin(), 1_600_000, &streams);
    assert_eq!(layers(&strict, 3), [Some(0), Some(0), Some(1)]);
    let tight = allocator().allocate(origin(), 1_400_000, &streams);
    assert_eq!(layers(&tight, 3), [Some(0), None, Some(1)]);
}

#[test]
fn no_more_than_the_tile_is_worth_is_sent_or_asked_for() {
    let mut streams = [stream(1, &CAMERA)];
    streams[0].useful = 1;
    let allocation = allocator().allocate(origin(), 10_000_000, &streams);
    assert_eq!(allocation.layer(0), Some(1));
    assert_eq!(allocation.wanted_bps, 500_000);
}

#[test]
fn what_does_not_fit_any_more_goes_down_at_once_and_up_only_after_a_while_with_headroom() {
    let start = origin();
    let mut allocator = allocator();
    let mut streams = [stream(1, &CAMERA)];
    let first = allocator.allocate(start, 1_800_000, &streams);
    assert_eq!(first.layer(0), Some(2));
    let down = again(&mut allocator, start + ms(100), 1_400_000, &mut streams, &first);
    assert_eq!(down.layer(0), Some(1));
    let without_headroom = again(&mut allocator, start + ms(200), 1_600_000, &mut streams, &down);
    assert_eq!((without_headroom.layer(0), without_headroom.again), (Some(1), None));
    let waiting = again(&mut allocator, start + ms(300), 1_800_000, &mut streams, &without_headroom);
    assert_eq!((waiting.layer(0), waiting.again), (Some(1), Some(start + ms(1_800))));
    let interrupted = again(&mut allocator, start + ms(1_000), 1_600_000, &mut streams, &waiting);
    assert_eq!(interrupted.again, None);
    let waiting = again(&mut allocator, start + ms(1_100), 1_800_000, &mut streams, &interrupted);
    let waiting = again(&mut allocator, start + ms(2_500), 1_800_000, &mut streams, &waiting);
    assert_eq!(waiting.layer(0), Some(1));
    let up = again(&mut allocator, start + ms(2_600), 1_800_000, &mut streams, &waiting);
    assert_eq!(up.layer(0), Some(2));
    // What is sent stays while it fits, without headroom.
    let kept = again(&mut allocator, start + ms(2_700), 1_500_000, &mut streams, &up);
    assert_eq!(kept.layer(0), Some(2));
}

#[test]
fn a_raise_that_was_wrong_makes_the_next_one_wait_longer() {
    let start = origin();
    let mut allocator = allocator();
    let mut streams = [stream(1, &CAMERA)];
    let mut last = allocator.allocate(start, 600_000, &streams);
    let mut raises = Vec::new();
    for step in 1..600_u64 {
        let now = start + ms(step * 100);
        let wide = last.layer(0) == Some(1);
        let next = again(&mut allocator, now, if wide { 2_000_000 } else { 1_000_000 }, &mut streams, &last);
        if next.layer(0) > last.layer(0) {
            raises.push(step);
        }
        last = next;
    }
    let pauses: Vec<u64> = raises.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.windows(2).all(|pair| pair[1] >= pair[0]), "{pauses:?}");
    assert!(raises.len() <= 12, "{raises:?}");
}

#[test]
fn a_new_stream_begins_at_once_and_a_paused_one_waits() {
    let start = origin();
    let mut allocator = allocator();
    let mut streams = vec![stream(1, &CAMERA), stream(1, &CAMERA)];
    streams[0].current = Current::At(0);
    let allocation = allocator.allocate(start, 350_000, &streams);
    assert_eq!(layers(&allocation, 2), [Some(0), Some(0)]);
    streams[1].current = Current::Paused;
    let allocation = allocator.allocate(start, 350_000, &streams);
    assert_eq!(layers(&allocation, 2), [Some(0), None]);
    let allocation = allocator.allocate(start + ms(1_500), 350_000, &streams);
    assert_eq!(layers(&allocation, 2), [Some(0), Some(0)]);
}

#[test]
fn a_first_layer_that_does_not_fit_is_paused_only_after_a_while() {
    let start = origin();
    let mut allocator = Allocator::new(Patience::default());
    let mut streams = vec![stream(1, &CAMERA); 3];
    // New ones begin, too; but nobody gets more than a first layer.
    let mut last = allocator.allocate(start, 300_000, &streams);
    assert_eq!(layers(&last, 3), [Some(0); 3]);
    assert_eq!(last.again, Some(start + ms(3_000)));
    last = again(&mut allocator, start + ms(2_999), 300_000, &mut streams, &last);
    assert_eq!(layers(&last, 3), [Some(0); 3]);
    last = again(&mut allocator, start + ms(3_000), 300_000, &mut streams, &last);
    assert_eq!(layers(&last, 3), [Some(0), Some(0), None]);
    last = again(&mut allocator, start + ms(20_000), 300_000, &mut streams, &last);
    assert_eq!(layers(&last, 3), [Some(0), Some(0), None], "and stays so");
}

#[test]
fn a_budget_that_was_too_small_for_a_moment_pauses_nobody() {
    let start = origin();
    let mut allocator = Allocator::new(Patience::default());
    let mut streams = vec![stream(1, &CAMERA); 3];
    let mut last = allocator.allocate(start, 450_000, &streams);
    for (at, budget) in [
        (1_000, 300_000),
        (3_900, 300_000),
        (3_950, 450_000),
        (4_000, 300_000),
        (6_900, 300_000),
    ] {
        last = again(&mut allocator, start + ms(at), budget, &mut streams, &last);
        assert_eq!(layers(&last, 3), [Some(0); 3], "{at}");
    }
}

#[test]
fn a_budget_that_is_smaller_by_far_pauses_at_once() {
    let start = origin();
    let mut allocator = Allocator::new(Patience::default());
    let mut streams = vec![stream(1, &CAMERA); 3];
    let last = allocator.allocate(start, 450_000, &streams);
    let last = again(&mut allocator, start, 224_000, &mut streams, &last);
    assert_eq!(layers(&last, 3), [Some(0), Some(0), None]);
}

#[test]
fn who_is_shown_stays_when_the_order_of_equals_changes() {
    let start = origin();
    let mut streams = [stream(1, &CAMERA), stream(1, &CAMERA)];
    streams[0].current = Current::Paused;
    streams[1].current = Current::At(0);
    let mut allocator = allocator();
    let mut last = allocator.allocate(start, 200_000, &streams);
    for second in 1..20 {
        last = again(&mut allocator, start + ms(second * 1_000), 200_000, &mut streams, &last);
        assert_eq!(layers(&last, 2), [None, Some(0)]);
    }
}

#[test]
fn the_first_streams_lowest_layer_is_sent_over_budget_only_where_that_is_wanted() {
    let streams = [stream(1, &CAMERA), stream(2, &CAMERA)];
    let sent = allocator().allocate(origin(), 60_000, &streams);
    assert_eq!(layers(&sent, 2), [None, Some(0)]);
    let patience = Patience {
        over_budget: OverBudget::Pause,
        ..strict()
    };
    let paused = Allocator::new(patience).allocate(origin(), 60_000, &streams);
    assert_eq!(layers(&paused, 2), [None, None]);
}

#[test]
fn what_has_no_layers_and_what_is_beyond_the_bound_is_paused() {
    let mut streams = vec![stream(1, &[100]); 70];
    streams[3].layers = &[];
    let allocation = allocator().allocate(origin(), 1_000_000, &streams);
    assert_eq!(allocation.layer(3), None);
    assert_eq!(allocation.layer(63), Some(0));
    assert_eq!(allocation.layer(64), None);
    assert_eq!(allocation.wanted_bps, 63 * 100);
}

#[derive(Debug, Clone)]
struct Any {
    priority: u8,
    layers: Vec<u64>,
    useful: u8,
    enough: u8,
    current: Current,
}

fn current() -> impl Strategy<Value = Current> {
    prop_oneof![Just(Current::Fresh), Just(Current::Paused), (0..10_u8).prop_map(Current::At)]
}

/// Layers that each cost more than the one below.
fn rising() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(20_000..600_000_u64, 0..=9).prop_map(|steps| {
        let rising = steps.iter().scan(0, |sum, step| {
            *sum += step;
            Some(*sum)
        });
        rising.collect()
    })
}

fn any_stream() -> impl Strategy<Value = Any> {
    let layers = prop_oneof![4 => rising(), 1 => prop::collection::vec(0..2_000_000_u64, 0..12)];
    (0..4_u8, layers, 0..10_u8, 0..10_u8, current()).prop_map(|(priority, layers, useful, enough, current)| Any {
        priority,
        layers,
        useful,
        enough,
        current,
    })
}

fn borrowed(any: &[Any]) -> Vec<Stream<'_>> {
    any.iter()
        .map(|any| Stream {
            priority: any.priority,
            layers: &any.layers,
            useful: any.useful,
            enough: any.enough,
            current: any.current,
        })
        .collect()
}

fn cost(stream: &Stream<'_>, layer: Option<u8>) -> u64 {
    layer.map_or(0, |layer| stream.layers.get(usize::from(layer)).copied().unwrap_or(u64::MAX))
}

fn over_budget() -> impl Strategy<Value = OverBudget> {
    prop_oneof![Just(OverBudget::Send), Just(OverBudget::Pause)]
}

proptest! {
    #[test]
    fn the_total_is_within_the_budget(
        any in prop::collection::vec(any_stream(), 0..40),
        budget in 0..20_000_000_u64,
        over_budget in over_budget(),
        wait in 0..5_000_u64,
    ) {
        let streams = borrowed(&any);
        let mut allocator = Allocator::new(Patience { over_budget, ..strict() });
        let start = origin();
        for now in [start, start + ms(wait)] {
            let allocation = allocator.allocate(now, budget, &streams);
            let sent: Vec<usize> = (0..streams.len()).filter(|index| allocation.layer(*index).is_some()).collect();
            let total: u64 = sent.iter().map(|index| cost(&streams[*index], allocation.layer(*index))).sum();
            prop_assert_eq!(total, allocation.total_bps);
            for index in &sent {
                prop_assert!(allocation.layer(*index).unwrap() <= streams[*index].useful);
            }
            if total > budget {
                prop_assert_eq!(over_budget, OverBudget::Send);
                let paid: Vec<usize> = sent.into_iter().filter(|index| cost(&streams[*index], allocation.layer(*index)) > 0).collect();
                prop_assert_eq!(paid.len(), 1);
                let highest = streams.iter().map(|stream| stream.priority).max().unwrap();
                prop_assert_eq!(streams[paid[0]].priority, highest);
            }
        }
    }

    #[test]
    fn a_single_stream_gets_no_less_of_a_larger_budget(layers in rising(), useful in 0..10_u8, one in 0..6_000_000_u64, more in 0..6_000_000_u64) {
        let streams = [Stream { useful, ..stream(1, &layers) }];
        let small = allocator().allocate(origin(), one, &streams);
        let large = allocator().allocate(origin(), one + more, &streams);
        prop_assert!(large.layer(0) >= small.layer(0));
        let patience = Patience { over_budget: OverBudget::Pause, ..strict() };
        let small = Allocator::new(patience).allocate(origin(), one, &streams);
        let large = Allocator::new(patience).allocate(origin(), one + more, &streams);
        prop_assert!(large.layer(0) >= small.layer(0));
    }

    #[test]
    fn who_is_paused_does_not_fit_beside_the_first_layers_of_those_as_important(
        priorities in prop::collection::vec((0..4_u8, rising()), 1..20),
        budget in 0..5_000_000_u64,
    ) {
        let streams: Vec<Stream<'_>> = priorities.iter().map(|(priority, layers)| stream(*priority, layers)).collect();
        let allocation = allocator().allocate(origin(), budget, &streams);
        for (index, paused) in streams.iter().enumerate() {
            if allocation.layer(index).is_some() || paused.layers.is_empty() {
                continue;
            }
            let firsts: u64 = streams
                .iter()
                .enumerate()
                .filter(|(other, stream)| stream.priority >= paused.priority && allocation.layer(*other).is_some())
                .map(|(_, stream)| stream.layers[0])
                .sum();
            prop_assert!(firsts + paused.layers[0] > budget);
        }
    }

    #[test]
    fn in_strict_order_the_less_important_take_nothing_from_the_more_important(
        priorities in prop::collection::vec((0..4_u8, rising()), 1..20),
        budget in 0..8_000_000_u64,
    ) {
        let all: Vec<Stream<'_>> = priorities
            .iter()
            .map(|(priority, layers)| Stream { enough: 8, ..stream(*priority, layers) })
            .collect();
        let whole = allocator().allocate(origin(), budget, &all);
        let highest = all.iter().map(|stream| stream.priority).max().unwrap();
        let important: Vec<usize> = (0..all.len()).filter(|index| all[*index].priority == highest).collect();
        let alone: Vec<Stream<'_>> = important.iter().map(|index| all[*index]).collect();
        let alone = allocator().allocate(origin(), budget, &alone);
        for (place, index) in important.iter().enumerate() {
            prop_assert_eq!(whole.layer(*index), alone.layer(place));
        }
    }

    #[test]
    fn equal_input_gives_equal_output_and_a_decision_that_is_fed_back_stays(
        any in prop::collection::vec(any_stream(), 0..20),
        budget in 0..10_000_000_u64,
    ) {
        let mut streams = borrowed(&any);
        let start = origin();
        let mut allocator = allocator();
        let mut last = allocator.allocate(start, budget, &streams);
        prop_assert_eq!(last, Allocator::new(strict()).allocate(start, budget, &streams));
        let mut changes = 0;
        for round in 1..30_u64 {
            let next = again(&mut allocator, start + ms(round * 20_000), budget, &mut streams, &last);
            changes += u32::from(next.total_bps != last.total_bps || (0..streams.len()).any(|index| next.layer(index) != last.layer(index)));
            if round > 20 {
                prop_assert_eq!(layers(&next, streams.len()), layers(&last, streams.len()));
            }
            last = next;
        }
        prop_assert!(changes <= 20);
        // At the same time nothing changes at all.
        let now = start + ms(1_000_000);
        let one = again(&mut allocator, now, budget, &mut streams, &last);
        let two = again(&mut allocator, now, budget, &mut streams, &one);
        prop_assert_eq!(layers(&one, streams.len()), layers(&two, streams.len()));
    }
}

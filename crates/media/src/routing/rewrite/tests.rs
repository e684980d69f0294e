use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn packet(seq: u64, timestamp: u32) -> Numbers {
    Numbers {
        seq,
        timestamp,
        picture: Some((seq % 0x8000) as u16),
        tl0: Some((seq % 256) as u8),
        frame: Some((seq % 0x1_0000) as u16),
        ..Numbers::default()
    }
}

#[test]
fn a_loss_in_the_source_is_the_same_loss_for_the_receiver() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    let first = rewriter.rewrite(now, packet(700_000, 10)).map(|out| out.seq);
    assert_eq!(first, Some(FIRST_SEQ));
    assert_eq!(rewriter.rewrite(now, packet(700_003, 10)).map(|out| out.seq), Some(FIRST_SEQ + 3));
    assert_eq!(
        rewriter.rewrite(now, packet(700_001, 10)).map(|out| out.seq),
        Some(FIRST_SEQ + 1),
        "a late packet finds its place"
    );
}

#[test]
fn a_change_of_source_leaves_no_gap_and_time_goes_on() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    let before = rewriter.rewrite(now, packet(100, 4_000_000_000)).unwrap();
    rewriter.resync();
    let after = rewriter.rewrite(now + Duration::from_millis(40), packet(9_000, 17)).unwrap();
    assert_eq!(after.seq, before.seq + 1);
    assert_eq!(after.timestamp.wrapping_sub(before.timestamp), 3_600, "40 ms at 90 kHz");
    assert_eq!(after.picture, Some((before.picture.unwrap() + 1) & PICTURE_MASK));
    assert_eq!(after.tl0, Some(before.tl0.unwrap().wrapping_add(1)));
    assert_eq!(after.frame, Some(before.frame.unwrap().wrapping_add(1)));
}

#[test]
fn packets_of_the_time_before_the_change_are_dropped_and_later_ones_are_not() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    rewriter.rewrite(now, packet(50, 0));
    rewriter.resync();
    rewriter.rewrite(now, packet(500, 0));
    assert!(rewriter.rewrite(now, packet(499, 0)).is_none());
    assert!(rewriter.skip(packet(499, 0), None).is_none());
    assert!(rewriter.rewrite(now, packet(501, 0)).is_some());
}

#[test]
fn skipped_padding_leaves_no_gap() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    let before = rewriter.rewrite(now, packet(10, 0)).unwrap();
    assert_eq!(rewriter.skip(packet(11, 0), None), None);
    let after = rewriter.rewrite(now, packet(12, 0)).unwrap();
    assert_eq!(after.seq, before.seq + 1);
    assert_eq!(after.picture.unwrap(), before.picture.unwrap() + 2, "it was no picture");
}

#[test]
fn a_picture_that_is_left_out_leaves_no_gap_among_pictures() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    let before = rewriter.rewrite(now, packet(10, 0)).unwrap();
    // Two packets of one picture.
    rewriter.skip(packet(11, 0), Some(11));
    rewriter.skip(packet(12, 0), Some(11));
    let after = rewriter
        .rewrite(
            now,
            Numbers {
                picture: Some(12),
                ..packet(13, 0)
            },
        )
        .unwrap();
    assert_eq!((after.seq, after.picture.unwrap()), (before.seq + 1, before.picture.unwrap() + 1));
    assert_eq!(
        after.tl0.unwrap(),
        before.tl0.unwrap() + 3,
        "the base layer is counted by its publisher"
    );
}

#[test]
fn what_comes_late_is_numbered_as_before_what_was_left_out_since() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    let seq = |out: Option<Numbers>| out.map(|out| (out.seq, out.blank));
    assert_eq!(seq(rewriter.rewrite(now, packet(10, 0))), Some((1, false)));
    // 11 and 12 are missing, 13 is left out.
    assert_eq!(rewriter.skip(packet(13, 0), None), None);
    assert_eq!(seq(rewriter.rewrite(now, packet(14, 0))), Some((4, false)));
    assert_eq!(seq(rewriter.rewrite(now, packet(11, 0))), Some((2, false)));
    assert_eq!(seq(rewriter.skip(packet(12, 0), None)), Some((3, true)), "a blank fills the gap");
}

#[test]
fn a_blank_at_the_end_is_counted() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    rewriter.rewrite(now, packet(10, 0));
    rewriter.skip(packet(12, 0), None);
    assert_eq!(rewriter.skip(packet(11, 0), None).map(|out| out.seq), Some(2));
    rewriter.resync();
    assert_eq!(rewriter.rewrite(now, packet(50, 0)).map(|out| out.seq), Some(3));
}

#[test]
fn what_was_kept_is_pressed_together_and_what_follows_is_on_time() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    rewriter.rewrite(now, packet(1, 500));
    let later = now + Duration::from_millis(100);
    rewriter.resync_behind(later, 90_000);
    let out: Vec<u32> = (0..=4u64)
        .map(|step| rewriter.rewrite(later, packet(100 + step, 30_000 * step as u32)).unwrap().timestamp)
        .collect();
    let edge = 500 + 9_000 + 3_000;
    assert_eq!(out, [500 + 9_000, edge - 2_000, edge - 1_000, edge, edge + 30_000]);
    assert_eq!(
        rewriter.rewrite(later, packet(100, 0)).unwrap().timestamp,
        500 + 9_000,
        "late ones, too"
    );
}

#[test]
fn when_timestamps_have_gone_around_nothing_is_pressed() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    rewriter.resync_behind(now, 90_000);
    let first = rewriter.rewrite(now, packet(1, 0)).unwrap().timestamp;
    for turn in 1..=8u32 {
        let timestamp = 1_000_000_000_u32.wrapping_mul(turn);
        let out = rewriter.rewrite(now, packet(1 + u64::from(turn), timestamp)).unwrap().timestamp;
        assert_eq!(out.wrapping_sub(first), timestamp.wrapping_sub(90_000 - 3_000), "{turn}");
    }
}

#[test]
fn a_jump_of_the_source_is_a_gap_that_receivers_survive_and_the_slot_goes_on() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    rewriter.rewrite(now, packet(100, 0));
    let gap = FIRST_SEQ + LONGEST_GAP;
    assert_eq!(
        rewriter.rewrite(now, packet(100 + LONGEST_GAP, 0)).map(|out| out.seq),
        Some(gap),
        "as it is"
    );
    assert_eq!(rewriter.rewrite(now, packet(60_000, 0)).map(|out| out.seq), Some(gap + LONGEST_GAP));
    assert_eq!(
        rewriter.rewrite(now, packet(60_001, 0)).map(|out| out.seq),
        Some(gap + LONGEST_GAP + 1)
    );
    assert_eq!(rewriter.rewrite(now, packet(200, 0)), None, "of before");
    let far = rewriter.rewrite(now, packet((1 << 48) - 1, 0)).map(|out| out.seq);
    assert_eq!(far, Some(gap + LONGEST_GAP * 2 + 1));
    rewriter.resync();
    assert_eq!(
        rewriter.rewrite(now, packet(7, 0)).map(|out| out.seq),
        Some(gap + LONGEST_GAP * 2 + 2),
        "another source"
    );
}

#[test]
fn a_slot_does_not_begin_with_old_packets_as_often_as_somebody_likes() {
    let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
    for _ in 0..MOST_PRESSED {
        assert!(rewriter.may_press(now));
        rewriter.resync_behind(now, 0);
    }
    assert!(!rewriter.may_press(now + PRESS_SPAN - Duration::from_millis(1)));
    assert!(rewriter.may_press(now + PRESS_SPAN));
}

proptest! {
    #[test]
    fn no_step_is_longer_than_a_receiver_survives(steps in prop::collection::vec((0u8..8, 0u8..48, any::<u16>()), 1..200)) {
        let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
        let (mut seq, mut highest) = (1_u64, None);
        for (act, bits, small) in steps {
            // Now and then a jump of any size.
            seq = if bits < 40 { seq + u64::from(small % 3) } else { seq + (u64::from(small) << (bits - 40)) };
            seq = seq.min((1 << 48) - 1);
            let out = match act {
                0 => { rewriter.resync(); None }
                1..=3 => rewriter.skip(packet(seq, 0), None),
                4 => rewriter.rewrite(now, packet(seq.saturating_sub(u64::from(small % 5)).max(1), 0)),
                _ => rewriter.rewrite(now, packet(seq, 0)),
            };
            if let Some(out) = out {
                if let Some(highest) = highest {
                    prop_assert!(out.seq <= highest + LONGEST_GAP, "{} after {highest}", out.seq);
                }
                highest = highest.max(Some(out.seq));
            }
        }
    }

    #[test]
    fn no_two_packets_get_the_same_number(steps in prop::collection::vec((0u8..10, 1u64..4), 1..200)) {
        let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
        let mut source = 1_000_000u64;
        let mut seen = BTreeSet::new();
        let mut highest = 0;
        for (kind, step) in steps {
            match kind {
                0 => { rewriter.resync(); source = source.wrapping_mul(7) % 3_000_000 + 70_000; }
                1 => { source += 1; rewriter.skip(packet(source, 0), None); }
                _ => {
                    source += step;
                    if let Some(out) = rewriter.rewrite(now, packet(source, 0)) {
                        prop_assert!(seen.insert(out.seq), "number {} twice", out.seq);
                        prop_assert!(out.seq > highest, "in order stays in order");
                        prop_assert!(out.seq < highest + 5, "a change of source leaves no gap");
                        highest = out.seq;
                    }
                }
            }
        }
    }

    /// Pictures of three temporal layers, of several packets each; the receiver's layer changes; some packets come late, some never.
    #[test]
    fn with_layers_left_out_numbers_have_no_gaps_and_no_repeats(
        pictures in prop::collection::vec((0u8..3, 1u64..4, 0u8..3), 1..120),
        delays in prop_oneof![Just(vec![0; 360]), prop::collection::vec(0usize..12, 360)],
        lost in prop_oneof![Just(vec![1; 360]), prop::collection::vec(0u8..20, 360)],
        start in 60_000u64..70_000,
    ) {
        let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
        // The whole source, and when each packet arrives: most at their time, some later, some not at all.
        let mut source = Vec::new();
        for (picture, (temporal, packets, layer)) in pictures.iter().enumerate() {
            for _ in 0..*packets {
                let place = source.len();
                let delay = if delays[place % 360] > 9 && place > 0 { delays[place % 360] } else { 0 };
                let is_lost = lost[place % 360] == 0 && place > 0;
                source.push((place + delay, place, picture, *temporal, *layer, is_lost));
            }
        }
        let mut arrivals: Vec<_> = source.iter().filter(|(.., is_lost)| !is_lost).copied().collect();
        arrivals.sort_by_key(|(at, place, ..)| (*at, *place));
        let mut out: BTreeMap<u64, Option<usize>> = BTreeMap::new();
        let mut numbers: BTreeMap<usize, u16> = BTreeMap::new();
        // The numbers of which nothing was known when something behind them was sent: only these may be missing.
        let mut gaps = BTreeSet::new();
        let mut highest_place = None;
        for (_, place, picture, temporal, layer, _) in arrivals {
            let wanted = temporal <= layer || picture == 0;
            let seq = start + place as u64;
            let before = Numbers { picture: Some((picture + 32_760) as u16 & PICTURE_MASK), ..packet(seq, 0) };
            let result = if wanted { rewriter.rewrite(now, before) } else { rewriter.skip(before, before.picture) };
            if let Some(result) = result {
                let highest = out.last_key_value().map(|(seq, _)| *seq);
                prop_assert!(out.insert(result.seq, (!result.blank).then_some(place)).is_none(), "{} twice", result.seq);
                match highest {
                    Some(highest) if result.seq > highest => gaps.extend(highest + 1..result.seq),
                    Some(_) => prop_assert!(gaps.remove(&result.seq), "{} was nobody's", result.seq),
                    None => {}
                }
                if let (Some(number), false) = (result.picture, result.blank) {
                    // The packets of a picture in order have one number.
                    if highest_place < Some(place) {
                        prop_assert_eq!(*numbers.entry(picture).or_insert(number), number);
                    }
                }
            }
            highest_place = highest_place.max(Some(place));
        }
        // In the order of the source, whatever came late.
        let places: Vec<usize> = out.values().filter_map(|place| *place).collect();
        prop_assert!(places.is_sorted(), "{places:?}");
        let missing = source.iter().filter(|(.., is_lost)| *is_lost).count();
        prop_assert!(gaps.len() <= missing, "{gaps:?}");
        // Pictures: between two that were sent, and of which nothing came late or was lost, as many numbers as pictures that were not left out.
        let clean = delays.iter().take(source.len().min(360)).all(|delay| *delay <= 9) && missing == 0;
        if clean {
            let sent: Vec<u16> = numbers.values().copied().collect();
            for pair in sent.windows(2) {
                prop_assert_eq!(pair[0].wrapping_add(1) & PICTURE_MASK, pair[1]);
            }
        }
    }
}

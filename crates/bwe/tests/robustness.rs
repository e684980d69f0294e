//! Receivers that tell nonsense, and engines that call in any order.

mod sim;

use std::time::Duration;

use bwe::{Cluster, Config, Estimator, Feedback, Limit};
use proptest::prelude::*;
use sim::{ms, origin};

/// Sends 200 kbit/s for a minute to a receiver that answers as it likes; gives the highest estimate.
fn told(demand: u64, answer: impl Fn(u64, u64) -> Option<i64>) -> (Estimator, u64) {
    let start = origin();
    let mut estimator = Estimator::new(start, Config::default());
    estimator.set_demand(start, demand);
    let mut highest = 0;
    let (mut seq, mut unanswered) = (100, 100);
    for at in (0..60_000).step_by(20) {
        let now = start + ms(at);
        estimator.on_sent(now, seq, 500, None);
        seq += 1;
        if at % 100 == 80 {
            let entries: Vec<_> = (unanswered..seq).map(|seq| (seq as u16, answer(seq, at))).collect();
            unanswered = seq;
            estimator.on_feedback(now, entries);
        }
        estimator.handle_timeout(now);
        highest = highest.max(estimator.bitrate());
    }
    (estimator, highest)
}

/// When a packet arrived, by its number and the time of the feedback.
type Answer = fn(i64, u64) -> i64;

#[test]
fn nothing_that_a_receiver_says_raises_the_estimate_beyond_what_was_sent_and_a_quarter() {
    let start = Config::default().start_bps;
    // In milliseconds.
    let answers: [(&str, Answer); 5] = [
        ("honest", |seq, _| seq * 20),
        ("all at once", |_, _| 5_000),
        ("ever faster", |seq, _| 90_000 + seq),
        ("backwards", |seq, _| seq * -20),
        ("leaping", |seq, at| if at % 200 == 80 { seq * 20 } else { 1 << 40 }),
    ];
    for (name, answer) in answers {
        for demand in [0, 5_000_000] {
            let (_, highest) = told(demand, |seq, at| Some(answer(seq as i64, at) * 1_000));
            assert!(highest <= start, "{name}: {highest}");
        }
    }
}

#[test]
fn where_nothing_arrives_little_is_sent() {
    let (estimator, _) = told(5_000_000, |_, _| None);
    let status = estimator.status();
    assert_eq!((status.bitrate_bps, status.limit), (Config::default().min_bps, Limit::Silence));
}

#[test]
fn entries_about_what_was_never_sent_or_was_told_before_change_nothing() {
    let start = origin();
    let mut estimator = Estimator::new(start, Config::default());
    for seq in 0..100_u64 {
        estimator.on_sent(start + ms(seq * 10), seq, 1_000, None);
    }
    let now = start + ms(1_100);
    let honest: Vec<_> = (0..100_u16).map(|seq| (seq, Some(50_000 + i64::from(seq) * 10_000))).collect();
    estimator.on_feedback(now, honest.clone());
    let before = estimator.status();
    assert_eq!(before.strangers, 0);
    assert_eq!(before.acked_bps, Some(800_000));
    let strangers = (20_000..20_500_u16).map(|seq| (seq, Some(i64::from(seq))));
    estimator.on_feedback(now + ms(10), strangers);
    estimator.on_feedback(now + ms(20), honest);
    let after = estimator.status();
    assert_eq!(after.strangers, 500);
    assert_eq!(
        (after.bitrate_bps, after.acked_bps, after.loss),
        (before.bitrate_bps, before.acked_bps, before.loss)
    );
}

#[test]
fn feedback_that_is_lost_is_not_taken_for_packets_that_are() {
    let start = origin();
    let mut estimator = Estimator::new(start, Config::default());
    for round in 0..100_u64 {
        for seq in round * 10..round * 10 + 10 {
            estimator.on_sent(start + ms(seq * 10), seq, 1_000, None);
        }
        if round % 3 != 1 {
            let told = (round * 10..round * 10 + 10).map(|seq| (seq as u16, Some(seq as i64 * 10_000)));
            estimator.on_feedback(start + ms(round * 100 + 150), told);
        }
        if let (Some(acked), 10..) = (estimator.status().acked_bps, round) {
            assert!((700_000..900_000).contains(&acked), "round {round}: {acked}");
        }
    }
    assert_eq!(estimator.status().loss, 0.0);
}

/// Sends 400 kbit/s for three seconds; after a good one, packets take so much longer. Whether a wish for more is then probed for.
fn probes_behind(queue_ms: i64) -> bool {
    let start = origin();
    let mut estimator = Estimator::new(start, Config::default());
    for round in 0..60_u64 {
        for seq in round * 5..round * 5 + 5 {
            estimator.on_sent(start + ms(seq * 10), seq, 500, None);
        }
        let queue_us = if round >= 25 { queue_ms * 1_000 } else { 0 };
        let told = (round * 5..round * 5 + 5).map(|seq| (seq as u16, Some(seq as i64 * 10_000 + queue_us)));
        estimator.on_feedback(start + ms(round * 50 + 100), told);
    }
    estimator.set_demand(start + ms(3_100), 5_000_000);
    estimator.poll_probe().is_some()
}

#[test]
fn nothing_is_probed_while_a_queue_has_to_drain() {
    assert!(!probes_behind(150));
    assert!(probes_behind(20));
}

#[test]
fn an_estimator_is_small_and_does_not_grow_beyond_its_bound() {
    let start = origin();
    let mut estimator = Estimator::new(start, Config::default());
    assert!(estimator.footprint() < 4_096, "{}", estimator.footprint());
    for seq in 0..100_000_u64 {
        estimator.on_sent(start + Duration::from_micros(seq * 100), seq, 1_200, None);
    }
    assert!(estimator.footprint() < 19_000, "{}", estimator.footprint());
}

#[derive(Debug, Clone)]
enum Step {
    Pass(u64),
    Send { skip: u64, bytes: usize, probe: bool },
    Tell(Vec<(u16, Option<i64>)>),
    TellLately(u16, Vec<Option<i64>>),
    Report(u8),
    RoundTrip(Duration),
    PathChanges,
    Want(u64),
    Wake,
}

fn step() -> impl Strategy<Value = Step> {
    let arrival = prop_oneof![any::<i64>(), 0..100_000_000_i64, Just(i64::MAX), Just(i64::MIN)];
    let entries = prop::collection::vec((any::<u16>(), prop::option::of(arrival)), 0..60);
    prop_oneof![
        6 => (0..400_u64).prop_map(Step::Pass),
        1 => (0..100_000_u64).prop_map(Step::Pass),
        8 => (prop_oneof![9 => Just(0_u64), 1 => 0..600_u64], 0..3_000_usize, any::<bool>())
            .prop_map(|(skip, bytes, probe)| Step::Send { skip, bytes, probe }),
        2 => entries.prop_map(Step::Tell),
        4 => (0..80_u16, prop::collection::vec(prop::option::of(0..60_000_000_i64), 0..80)).prop_map(|(back, told)| Step::TellLately(back, told)),
        1 => any::<u8>().prop_map(Step::Report),
        1 => (0..20_000_u64).prop_map(|rtt| Step::RoundTrip(ms(rtt))),
        1 => Just(Step::PathChanges),
        1 => prop_oneof![Just(0), Just(u64::MAX), 0..20_000_000_u64].prop_map(Step::Want),
        3 => Just(Step::Wake),
    ]
}

proptest! {
    #[test]
    fn whatever_is_called_the_estimate_keeps_its_limits_and_no_timer_spins(
        steps in prop::collection::vec(step(), 1..300),
        reports: bool,
        first in prop_oneof![Just(0_u64), Just(65_500), Just(u64::MAX - 50)],
    ) {
        let config = Config {
            feedback: if reports { Feedback::Reports } else { Feedback::Transport },
            ..Config::default()
        };
        let mut now = origin();
        let mut estimator = Estimator::new(now, config);
        let mut seq = first;
        let mut cluster: Option<Cluster> = None;
        for step in steps {
            match step {
                Step::Pass(pause) => now += ms(pause),
                Step::Send { skip, bytes, probe } => {
                    seq = seq.saturating_add(skip);
                    estimator.on_sent(now, seq, bytes, cluster.filter(|_| probe));
                    seq = seq.saturating_add(1);
                }
                Step::Tell(entries) => estimator.on_feedback(now, entries),
                Step::TellLately(back, told) => {
                    let from = (seq as u16).wrapping_sub(back);
                    let entries = told.iter().zip(0_u16..).map(|(arrival, n)| (from.wrapping_add(n), *arrival));
                    estimator.on_feedback(now, entries);
                }
                Step::Report(fraction) => estimator.on_report(now, fraction),
                Step::RoundTrip(rtt) => estimator.on_rtt(now, rtt),
                Step::PathChanges => estimator.on_path_change(now),
                Step::Want(bps) => estimator.set_demand(now, bps),
                Step::Wake => {
                    if let Some((at, _)) = estimator.poll_timeout() {
                        now = now.max(at);
                        estimator.handle_timeout(now);
                        prop_assert!(estimator.poll_timeout().is_none_or(|(next, _)| next > now));
                    }
                }
            }
            if let Some(probe) = estimator.poll_probe() {
                prop_assert!(probe.rate_bps <= config.max_bps && probe.bytes > 0 && probe.until > now);
                cluster = Some(probe.cluster);
            }
            let status = estimator.status();
            prop_assert!((config.min_bps..=config.max_bps).contains(&status.bitrate_bps), "{status:?}");
            prop_assert!((0.0..=1.0).contains(&status.loss));
            prop_assert!((0.0..=1.0).contains(&status.inherent_loss));
        }
    }
}

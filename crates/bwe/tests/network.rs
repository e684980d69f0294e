//! What the estimate does on simulated networks. Each scenario runs with several seeds.

mod sim;

use bwe::{Config, Feedback, Limit};
use sim::link::Link;
use sim::sender::Sim;

/// The last four were the worst of a hundred while the parts were put together.
const SEEDS: [u64; 6] = [1, 2, 29, 39, 47, 78];

#[test]
fn a_link_of_one_megabit_is_found_within_five_seconds_and_its_queue_stays_short() {
    for seed in SEEDS {
        let mut sim = Sim::new(Link::new(1e6, 25.0).seeded(seed), 3e6).seeded(seed);
        sim.run(40.0);
        assert!(sim.reaches(0.0, 8e5).unwrap() < 5.0);
        assert!(sim.lowest(5.0, 40.0) > 6e5, "seed {seed}: {}", sim.lowest(5.0, 40.0));
        assert!(sim.highest(5.0, 40.0) < 1.25e6, "seed {seed}: {}", sim.highest(5.0, 40.0));
        assert!(sim.mean(5.0, 40.0) > 8e5, "seed {seed}: {}", sim.mean(5.0, 40.0));
        assert!(
            sim.median_queue_ms(5.0, 40.0) < 100.0,
            "seed {seed}: {}",
            sim.median_queue_ms(5.0, 40.0)
        );
    }
}

#[test]
fn links_far_below_and_far_above_the_start_are_found_too() {
    let mut narrow = Sim::new(Link::new(1.5e5, 25.0), 3e6);
    narrow.run(30.0);
    assert!(narrow.falls(0.0, 30.0, 2e5).unwrap() < 2.0);
    assert!(narrow.mean(5.0, 30.0) > 1e5);
    assert!(narrow.median_queue_ms(5.0, 30.0) < 100.0);
    let mut wide = Sim::new(Link::new(1.2e7, 25.0), 1e7);
    wide.run(20.0);
    assert!(wide.reaches(0.0, 9e6).unwrap() < 3.0);
    assert!(wide.lowest(5.0, 20.0) > 8e6);
}

#[test]
fn a_drop_is_followed_within_two_seconds_and_a_rise_within_ten() {
    for seed in SEEDS {
        let mut sim = Sim::new(Link::new(2e6, 25.0).seeded(seed), 3e6).seeded(seed);
        sim.run(15.0);
        sim.link.bps = 5e5;
        sim.run(15.0);
        assert!(
            sim.falls(15.0, 30.0, 6.5e5).unwrap() < 2.0,
            "seed {seed}: {:?}",
            sim.falls(15.0, 30.0, 6.5e5)
        );
        assert!(sim.lowest(15.0, 30.0) > 1.5e5, "seed {seed}: {}", sim.lowest(15.0, 30.0));
        assert!(sim.mean(18.0, 30.0) > 3.5e5, "seed {seed}: {}", sim.mean(18.0, 30.0));
        assert!(
            sim.median_queue_ms(17.5, 30.0) < 100.0,
            "seed {seed}: {}",
            sim.median_queue_ms(17.5, 30.0)
        );
        sim.link.bps = 2e6;
        sim.run(20.0);
        assert!(
            sim.reaches(30.0, 1.6e6).unwrap() < 10.0,
            "seed {seed}: {:?}",
            sim.reaches(30.0, 1.6e6)
        );
        assert!(sim.mean(40.0, 50.0) > 1.5e6, "seed {seed}");
    }
}

#[test]
fn a_deep_queue_that_filled_is_drained() {
    for seed in SEEDS {
        let mut link = Link::new(1e6, 25.0).seeded(seed);
        link.queue_ms = 2_000.0;
        let mut sim = Sim::new(link, 3e6).seeded(seed);
        sim.run(10.0);
        sim.link.bps = 3e5;
        sim.run(20.0);
        let longest = sim.between(10.0, 30.0).map(|sample| sample.queue_ms).fold(0.0, f64::max);
        assert!(longest > 500.0, "seed {seed}, it did fill: {longest}");
        assert!(
            sim.median_queue_ms(14.0, 30.0) < 100.0,
            "seed {seed}: {}",
            sim.median_queue_ms(14.0, 30.0)
        );
    }
}

#[test]
fn random_loss_where_there_is_room_does_not_take_the_rate_away() {
    for seed in SEEDS {
        for (loss, share) in [(0.02, 0.8), (0.1, 0.6), (0.2, 0.6)] {
            let mut link = Link::new(5e6, 25.0).seeded(seed);
            link.loss = loss;
            let mut sim = Sim::new(link, 1.5e6).seeded(seed);
            sim.run(40.0);
            let lowest = sim.lowest(6.0, 40.0);
            assert!(lowest > 1.5e6 * share, "seed {seed}, loss {loss}: {lowest}");
        }
    }
}

#[test]
fn a_policer_without_a_queue_is_not_overrun() {
    let mut link = Link::new(1e6, 25.0);
    link.policed = true;
    let mut sim = Sim::new(link, 3e6);
    sim.run(60.0);
    assert!((8.5e5..1.25e6).contains(&sim.mean(5.0, 60.0)), "{}", sim.mean(5.0, 60.0));
    assert!(sim.estimator.status().loss < 0.15);
}

#[test]
fn a_link_with_hardly_any_queue_is_used_and_not_overrun() {
    let mut link = Link::new(1e6, 25.0);
    link.queue_ms = 40.0;
    let mut sim = Sim::new(link, 3e6);
    sim.run(40.0);
    assert!((8e5..1.15e6).contains(&sim.mean(5.0, 40.0)), "{}", sim.mean(5.0, 40.0));
}

#[test]
fn a_round_trip_of_300_ms_is_stable() {
    for seed in SEEDS {
        let mut sim = Sim::new(Link::new(2e6, 150.0).seeded(seed), 3e6).seeded(seed);
        sim.run(40.0);
        assert!(sim.reaches(0.0, 1.6e6).unwrap() < 5.0);
        assert!(sim.lowest(5.0, 40.0) > 1e6, "seed {seed}: {}", sim.lowest(5.0, 40.0));
        assert!(sim.mean(5.0, 40.0) > 1.6e6, "seed {seed}: {}", sim.mean(5.0, 40.0));
        assert!(sim.median_queue_ms(5.0, 40.0) < 100.0, "seed {seed}");
    }
}

#[test]
fn jitter_and_reordering_are_not_taken_for_congestion() {
    for seed in SEEDS {
        let mut link = Link::new(1e6, 25.0).seeded(seed);
        link.jitter_ms = 30.0;
        link.reordered = 0.03;
        link.late_ms = 25.0;
        let mut sim = Sim::new(link, 3e6).seeded(seed);
        sim.run(40.0);
        assert!(sim.mean(5.0, 40.0) > 7e5, "seed {seed}: {}", sim.mean(5.0, 40.0));
        assert!(sim.estimator.status().loss < 0.01, "what comes late is not lost");
        assert!(sim.median_queue_ms(5.0, 40.0) < 100.0, "seed {seed}");
    }
}

#[test]
fn lost_and_repeated_feedback_and_a_clock_that_drifts_cost_little() {
    for seed in SEEDS {
        let mut sim = Sim::new(Link::new(1e6, 25.0).seeded(seed), 3e6).seeded(seed);
        sim.receiver.lost = 0.2;
        sim.receiver.twice = 0.1;
        sim.receiver.drift_ppm = 200.0;
        sim.run(40.0);
        assert!(sim.reaches(0.0, 8e5).unwrap() < 6.0, "seed {seed}");
        assert!(sim.mean(6.0, 40.0) > 7.5e5, "seed {seed}: {}", sim.mean(6.0, 40.0));
        assert!(sim.median_queue_ms(6.0, 40.0) < 100.0, "seed {seed}");
    }
}

#[test]
fn others_traffic_is_given_way_to_and_its_end_is_noticed() {
    for seed in SEEDS {
        let mut sim = Sim::new(Link::new(2e6, 25.0).seeded(seed), 3e6).seeded(seed);
        sim.run(10.0);
        sim.link.cross_bps = 1e6;
        sim.run(15.0);
        assert!(
            sim.falls(10.0, 25.0, 1.5e6).unwrap() < 2.0,
            "seed {seed}: {:?}",
            sim.falls(10.0, 25.0, 1.5e6)
        );
        assert!(
            (6e5..1.25e6).contains(&sim.mean(13.0, 25.0)),
            "seed {seed}: {}",
            sim.mean(13.0, 25.0)
        );
        assert!(
            sim.median_queue_ms(13.0, 25.0) < 100.0,
            "seed {seed}: {}",
            sim.median_queue_ms(13.0, 25.0)
        );
        sim.link.cross_bps = 0.0;
        sim.run(15.0);
        assert!(sim.reaches(25.0, 1.6e6).unwrap() < 10.0, "seed {seed}");
    }
}

#[test]
fn a_receiver_that_tells_nothing_gets_less_and_all_again_when_it_is_back() {
    let mut sim = Sim::new(Link::new(2e6, 25.0), 3e6);
    sim.run(10.0);
    let before = sim.estimate();
    sim.receiver.mute = true;
    sim.run(5.0);
    assert!(sim.estimate() < before / 4.0, "{} of {before}", sim.estimate());
    assert_eq!(sim.estimator.status().limit, Limit::Silence);
    sim.receiver.mute = false;
    sim.run(5.0);
    assert!(sim.reaches(15.0, before * 0.8).unwrap() < 0.35, "by one probe at what it was");
    assert_ne!(sim.estimator.status().limit, Limit::Silence);
}

#[test]
fn little_use_neither_raises_nor_lowers_and_a_later_wish_is_met_within_five_seconds() {
    for seed in SEEDS {
        let mut sim = Sim::new(Link::new(5e6, 25.0).seeded(seed), 2e5).seeded(seed);
        sim.run(60.0);
        assert!((5e5..7e5).contains(&sim.lowest(1.0, 60.0)), "{}", sim.lowest(1.0, 60.0));
        assert!(sim.highest(1.0, 60.0) < 7e5);
        assert_eq!(sim.estimator.status().probes, 0, "nobody wanted more");
        sim.set_demand(2e6);
        sim.run(10.0);
        assert!(sim.reaches(60.0, 2e6).unwrap() < 5.0, "seed {seed}: {:?}", sim.reaches(60.0, 2e6));
        assert!(sim.sent_bps(65.0, 70.0) > 1.8e6);
    }
}

#[test]
fn after_a_pause_it_goes_on_where_it_was() {
    let mut sim = Sim::new(Link::new(2e6, 25.0), 3e6);
    sim.run(10.0);
    let before = sim.estimate();
    sim.sending = false;
    sim.run(30.0);
    assert!((before * 0.9..before * 1.1).contains(&sim.estimate()), "{}", sim.estimate());
    sim.sending = true;
    sim.run(20.0);
    assert!(sim.mean(40.0, 60.0) > 1.3e6, "{}", sim.mean(40.0, 60.0));
    assert!(sim.median_queue_ms(40.0, 60.0) < 100.0);
}

#[test]
fn another_path_is_learned_from_the_start() {
    let mut sim = Sim::new(Link::new(5e6, 10.0), 3e6);
    sim.run(10.0);
    assert!(sim.estimate() > 2.5e6);
    sim.change_path(Link::new(8e5, 80.0));
    assert!(sim.estimate() <= 6e5);
    sim.run(20.0);
    assert!(sim.reaches(10.0, 6.4e5).unwrap() < 5.0);
    assert!(sim.highest(10.0, 30.0) < 1.1e6, "{}", sim.highest(10.0, 30.0));
    assert!(sim.median_queue_ms(12.0, 30.0) < 100.0);
}

#[test]
fn a_way_that_becomes_longer_is_not_congestion_for_long() {
    let mut sim = Sim::new(Link::new(1e6, 25.0), 3e6);
    sim.run(10.0);
    sim.link.delay_ms = 225.0;
    sim.run(20.0);
    assert!(sim.lowest(10.0, 30.0) > 1.5e5, "{}", sim.lowest(10.0, 30.0));
    assert!(sim.reaches(13.0, 8e5).unwrap() < 7.0);
}

#[test]
fn with_receiver_reports_alone_the_link_is_still_not_overrun_by_far() {
    let config = Config {
        feedback: Feedback::Reports,
        ..Config::default()
    };
    let mut sim = Sim::with(config, Link::new(1e6, 25.0), 3e6);
    sim.run(60.0);
    assert!(sim.reaches(0.0, 8e5).unwrap() < 15.0);
    assert!((7e5..1.2e6).contains(&sim.mean(20.0, 60.0)), "{}", sim.mean(20.0, 60.0));
    assert!(sim.median_queue_ms(20.0, 60.0) < 300.0, "{}", sim.median_queue_ms(20.0, 60.0));
    assert_eq!(sim.estimator.status().probes, 0);
    let mut lossy = Link::new(5e6, 25.0);
    lossy.loss = 0.1;
    let mut sim = Sim::with(config, lossy, 1e6);
    sim.run(60.0);
    assert!(sim.lowest(20.0, 60.0) > 6e5, "{}", sim.lowest(20.0, 60.0));
}

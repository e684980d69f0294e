//! The parts together, as an engine uses them: cameras in layers that switch at key frames, the estimate split over them, on a simulated network.

mod sim;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bwe::{Allocator, Current, Estimator, Patience, Stream};
use sim::Dice;
use sim::link::Link;
use sim::sender::Sim;

const LAYERS: [u64; 3] = [150_000, 500_000, 1_500_000];
/// Until a publisher sends the key frame that a switch needs.
const KEY_FRAME: Duration = Duration::from_millis(250);
/// How much larger than others a key frame is.
const KEY_FACTOR: f64 = 6.0;
const AUDIO_BPS: u64 = 48_000;

#[derive(Debug, Clone, Copy)]
struct Camera {
    priority: u8,
    useful: u8,
    decided: Current,
    /// What is sent now; a switch waits for its key frame.
    sent: Option<u8>,
    switch_at: Option<Instant>,
    key: bool,
}

/// What happened in a meeting.
#[derive(Debug, Default)]
struct Record {
    /// Time and layers after each change.
    changes: Vec<(Duration, Vec<Option<u8>>)>,
}

impl Record {
    fn changes_between(&self, from: f64, to: f64) -> usize {
        self.changes.iter().filter(|(at, _)| (from..to).contains(&at.as_secs_f64())).count()
    }

    fn at(&self, seconds: f64) -> Vec<Option<u8>> {
        let until = self.changes.iter().rev().find(|(at, _)| at.as_secs_f64() <= seconds);
        until.map(|(_, layers)| layers.clone()).unwrap_or_default()
    }
}

fn camera(priority: u8, useful: u8) -> Camera {
    Camera {
        priority,
        useful,
        decided: Current::Fresh,
        sent: None,
        switch_at: None,
        key: false,
    }
}

/// A receiver that watches these cameras over this link.
fn meeting(link: Link, mut cameras: Vec<Camera>, seed: u64) -> (Sim, Rc<RefCell<Record>>) {
    let mut sim = Sim::new(link, 0.0);
    let record = Rc::new(RefCell::new(Record::default()));
    let told = Rc::clone(&record);
    let mut allocator = Allocator::new(Patience::default());
    let mut dice = Dice::new(seed);
    let start = sim.start;
    sim.source = Some(Box::new(move |estimator, now| {
        let ms = (now - start).as_millis();
        if ms.is_multiple_of(50) {
            decide(&mut allocator, estimator, now, &mut cameras);
            let layers: Vec<Option<u8>> = cameras.iter().map(|camera| camera.sent).collect();
            let mut record = told.borrow_mut();
            if record.changes.last().is_none_or(|(_, last)| *last != layers) {
                record.changes.push((now - start, layers));
            }
        }
        let mut bytes = 0;
        for (index, camera) in cameras.iter_mut().enumerate() {
            if let (Some(layer), true) = (camera.sent, (ms + index as u128 * 7).is_multiple_of(33)) {
                let mean = LAYERS.get(usize::from(layer)).map_or(0.0, |bps| *bps as f64 * 0.033 / 8.0);
                let key = if std::mem::take(&mut camera.key) {
                    KEY_FACTOR
                } else {
                    0.7 + 0.6 * dice.roll()
                };
                bytes += (mean * key) as usize;
            }
        }
        bytes
    }));
    (sim, record)
}

fn decide(allocator: &mut Allocator, estimator: &mut Estimator, now: Instant, cameras: &mut [Camera]) {
    let streams: Vec<Stream<'_>> = cameras
        .iter()
        .map(|camera| Stream {
            priority: camera.priority,
            layers: &LAYERS,
            useful: camera.useful,
            // The speaker is legible before the others are shown; of the others, something of everybody first.
            enough: u8::from(camera.priority > 1),
            current: camera.decided,
        })
        .collect();
    let allocation = allocator.allocate(now, estimator.bitrate().saturating_sub(AUDIO_BPS), &streams);
    estimator.set_demand(now, allocation.wanted_bps + AUDIO_BPS);
    for (index, camera) in cameras.iter_mut().enumerate() {
        camera.decided = allocation.current(index);
        let wanted = allocation.layer(index);
        if wanted == camera.sent {
            camera.switch_at = None;
        } else if wanted.is_none() {
            camera.sent = None;
            camera.switch_at = None;
        } else if *camera.switch_at.get_or_insert(now + KEY_FRAME) <= now {
            camera.sent = wanted;
            camera.switch_at = None;
            camera.key = true;
        }
    }
}

#[test]
fn on_a_wide_link_everybody_is_sharp_within_three_seconds_and_stays_so() {
    let cameras = vec![camera(2, 2), camera(1, 1), camera(1, 1)];
    let (mut sim, record) = meeting(Link::new(8e6, 25.0), cameras, 1);
    sim.run(60.0);
    let record = record.borrow();
    assert_eq!(record.at(3.0), [Some(2), Some(1), Some(1)]);
    assert_eq!(record.changes_between(3.0, 60.0), 0, "{:?}", record.changes);
    assert_eq!(sim.dropped, 0);
}

#[test]
fn on_a_tight_link_the_speaker_comes_first_and_little_changes() {
    let mut changes = Vec::new();
    for seed in 1..9 {
        let cameras = vec![camera(1, 1), camera(2, 2), camera(1, 1)];
        let (mut sim, record) = meeting(Link::new(2.5e6, 25.0).seeded(seed), cameras, seed);
        sim.run(120.0);
        let record = record.borrow();
        assert_eq!(record.at(8.0)[1], Some(2), "seed {seed}: {:?}", record.changes);
        changes.push(record.changes_between(10.0, 120.0) as f64);
        assert!(
            sim.median_queue_ms(5.0, 120.0) < 60.0,
            "seed {seed}: {}",
            sim.median_queue_ms(5.0, 120.0)
        );
        assert_eq!(sim.dropped, 0, "seed {seed}");
    }
    assert!(
        sim::median(changes.clone()) <= 5.0 && changes.iter().all(|count| *count <= 12.0),
        "{changes:?}"
    );
}

#[test]
fn on_a_narrow_link_what_does_not_fit_is_paused_and_comes_back_when_there_is_room() {
    let cameras = vec![camera(2, 2), camera(1, 1), camera(1, 1), camera(1, 1)];
    let (mut sim, record) = meeting(Link::new(4e6, 25.0), cameras, 1);
    sim.run(15.0);
    sim.link.bps = 4e5;
    sim.run(25.0);
    sim.link.bps = 4e6;
    sim.run(20.0);
    let record = record.borrow();
    assert_eq!(record.at(15.0), [Some(2), Some(1), Some(1), Some(1)]);
    let narrow = record.at(35.0);
    assert_eq!(narrow[0], Some(0), "{:?}", record.changes);
    assert!(narrow.contains(&None), "{:?}", record.changes);
    assert!(sim.median_queue_ms(20.0, 40.0) < 100.0, "{}", sim.median_queue_ms(20.0, 40.0));
    assert_eq!(record.at(55.0), [Some(2), Some(1), Some(1), Some(1)], "{:?}", record.changes);
}

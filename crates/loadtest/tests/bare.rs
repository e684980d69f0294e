//! Whole runs on the bare forwarder: the dialect `parameters`, and the two dialects agree on what a shape is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "test code")]

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use loadtest::process::Process;
use loadtest::run::{Outcome, Plan, run};
use loadtest::{Driver, Mode, Shape, server};

#[path = "../examples/bare.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "its own main function, and what only that uses"
)]
mod bare;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn measured(shape: Shape) -> Outcome {
    let (sender, started) = std::sync::mpsc::sync_channel(1);
    // Ends with the test's process.
    std::thread::spawn(move || {
        let (greeting, mut bare) = bare::Bare::start(HERE);
        sender.send(greeting).unwrap();
        loop {
            bare.turn();
        }
    });
    let greeting = started.recv().unwrap();
    let plan = Plan {
        shape,
        server: Process::own(),
        warm_up: Duration::from_millis(500),
        window: Duration::from_secs(1),
        in_flight: 8,
        impaired: None,
    };
    let mut target = server::connect(greeting.listen, greeting.dialect, HERE, Mode::Light).unwrap();
    run(plan, target.as_mut(), &mut Driver::new().unwrap()).unwrap()
}

#[test]
fn receivers_of_a_forwarder_without_session_descriptions_get_what_their_shape_says() {
    for shape in [Shape::webinar(10), Shape::pairs(2), Shape::ten()] {
        let outcome = measured(shape);
        let part = outcome.delivered / shape.packets_out() as f64;
        assert!((0.75..1.25).contains(&part) && outcome.lost < 0.05, "{outcome:?}");
        assert!(outcome.latency.samples >= 50 && outcome.latency.p50 > 0.0, "{outcome:?}");
    }
}

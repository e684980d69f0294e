//! x
mod sim;
use sim::link::Link;
use sim::sender::Sim;
use bwe::*;

fn trace(name: &str, sim: &Sim) {
    println!("--- {name}");
    for sample in sim.samples.iter().filter(|s| s.ms % 500 == 0) {
        println!("{:6} est {:8.0} queue {:5.0}", sample.ms, sample.estimate / 1e3, sample.queue_ms);
    }
    println!("{:?}", sim.estimator.status());
}

#[test]
fn explore() {
    let which = std::env::var("SCEN").unwrap_or_default();
    let which = which.as_str();
    let mut sim = match which {
        "1" => { let mut s = Sim::new(Link::new(1e6, 25.0), 3e6); s.run(30.0); s }
        "2" => {
            let mut s = Sim::new(Link::new(2e6, 25.0), 3e6);
            s.run(15.0); s.link.bps = 5e5;
            for _ in 0..40 { s.run(0.05); let st = s.estimator.status(); println!("Status {} {:?} {:?} {} loss {:.2} q {:?} acked {:?} l {:.0}", s.now_us/1000, st.limit, st.delay, st.bitrate_bps/1000, st.loss, st.queue, st.acked_bps.map(|a|a/1000), s.link.wait_ms()); }
            s.run(13.0); s.link.bps = 2e6; s.run(20.0); s
        }
        "3" => { let mut l = Link::new(5e6, 25.0); l.loss = 0.1; let mut s = Sim::new(l, 1.5e6); s.run(30.0); s }
        "3b" => { let mut l = Link::new(5e6, 25.0); l.loss = 0.2; let mut s = Sim::new(l, 1.5e6); s.run(30.0); s }
        "4" => { let mut s = Sim::new(Link::new(2e6, 150.0), 3e6); s.run(30.0); s }
        "5" => { let mut s = Sim::new(Link::new(5e6, 25.0), 2e5); s.run(20.0); s.set_demand(2e6); s.run(10.0); s }
        "6" => { let mut l = Link::new(1e6, 25.0); l.jitter_ms = 30.0; let mut s = Sim::new(l, 3e6); s.run(30.0); s }
        "7" => { let mut l = Link::new(1e6, 25.0); l.reordered = 0.05; l.late_ms = 30.0; let mut s = Sim::new(l, 3e6); s.run(30.0); s }
        "8" => { let l = Link::new(1e6, 25.0); let mut s = Sim::new(l, 3e6); s.receiver.lost = 0.2; s.receiver.twice = 0.1; s.run(30.0); s }
        "9" => { let l = Link::new(2e6, 25.0); let mut s = Sim::new(l, 3e6); s.run(10.0); s.receiver.mute = true; s.run(6.0); s.receiver.mute = false; s.run(10.0); s }
        "10" => { let l = Link::new(2e6, 25.0); let mut s = Sim::new(l, 3e6); s.run(10.0); s.sending = false; s.run(20.0); s.sending = true; s.run(10.0); s }
        "11" => { let l = Link::new(2e6, 25.0); let mut s = Sim::new(l, 3e6); s.run(10.0); s.link.cross_bps = 1e6; s.run(10.0); s.link.cross_bps = 0.0; s.run(10.0); s }
        "12" => { let mut l = Link::new(1e6, 25.0); l.policed = true; let mut s = Sim::new(l, 3e6); s.run(40.0); s }
        "13" => { let l = Link::new(1.5e5, 25.0); let mut s = Sim::new(l, 3e6); s.run(30.0); s }
        "14" => { let l = Link::new(1.2e7, 25.0); let mut s = Sim::new(l, 1e7); s.run(20.0); s }
        "15" => { let mut l = Link::new(1e6, 25.0); l.queue_ms = 40.0; let mut s = Sim::new(l, 3e6); s.run(30.0); s }
        "16" => { let l = Link::new(1e6, 25.0); let mut s = Sim::new(l, 3e6); s.receiver.drift_ppm = 200.0; s.run(30.0); s }
        "17" => { let l = Link::new(1e6, 25.0); let mut s = Sim::new(l, 3e6); s.run(10.0); s.link.delay_ms = 225.0; s.run(20.0); s }
        "18" => { let l = Link::new(1e6, 25.0); let c = Config { feedback: Feedback::Reports, ..Config::default() }; let mut s = Sim::with(c, l, 3e6); s.run(30.0); s }
        "19" => { let mut l = Link::new(1e6, 25.0); l.queue_ms = 2000.0; let mut s = Sim::new(l, 3e6); s.run(10.0); s.link.bps = 3e5; s.run(20.0); s }
        "20" => { let mut l = Link::new(1e6, 25.0); l.loss = 0.02; l.jitter_ms = 10.0; let mut s = Sim::new(l, 3e6); s.run(30.0); s }
        _ => return,
    };
    trace(which, &sim);
    println!("median queue {:.0} goodput {:.0}k", sim.median_queue_ms(5.0, 100.0), sim.sent_bps(5.0, sim.now_us as f64 / 1e6) / 1e3);
    sim.set_demand(0.0);
}

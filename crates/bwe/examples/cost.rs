//! What each call costs on this machine: `cargo run --release -p anteroom-bwe --example cost`.
//!
//! A look at the order of magnitude, not a test: the clock of the machine is read around many calls of each kind.

use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use bwe::{Allocator, Config, Current, Estimator, Pacer, Pacing, Patience, Stream};

const PACKETS: u64 = 2_000_000;
/// Packets that one feedback tells of: 50 ms at 2 Mbit/s.
const TOLD: u64 = 20;

#[expect(
    clippy::disallowed_methods,
    reason = "this program measures; the crate it measures is given its time"
)]
fn clock() -> Instant {
    Instant::now()
}

fn per(calls: u64, took: Duration) -> f64 {
    took.as_nanos() as f64 / calls as f64
}

/// Nanoseconds of `on_sent` and of `on_feedback` for each packet.
fn estimator() -> (f64, f64, usize) {
    let start = clock();
    let mut estimator = Estimator::new(start, Config::default());
    estimator.set_demand(start, 2_000_000);
    let (mut sending, mut telling) = (Duration::ZERO, Duration::ZERO);
    for round in 0..PACKETS / TOLD {
        let begin = clock();
        for n in 0..TOLD {
            let seq = round * TOLD + n;
            estimator.on_sent(start + Duration::from_micros(seq * 2_500), seq, 1_200, None);
        }
        let sent = clock();
        let entries = (0..TOLD).map(|n| {
            let seq = round * TOLD + n;
            (seq as u16, Some((9_000_000 + seq * 2_500 + seq % 7 * 100) as i64))
        });
        estimator.on_feedback(start + Duration::from_micros((round + 1) * TOLD * 2_500 + 30_000), entries);
        sending += sent - begin;
        telling += clock() - sent;
        let _ = black_box(estimator.poll_probe());
    }
    (per(PACKETS, sending), per(PACKETS, telling), estimator.footprint())
}

fn pacer() -> f64 {
    let start = clock();
    let mut pacer = Pacer::new(Pacing::default());
    pacer.set_rate(start, Some(20_000_000));
    let begin = clock();
    for n in 0..PACKETS {
        black_box(pacer.admit(start + Duration::from_micros(n * 500), 1_200));
    }
    per(PACKETS, clock() - begin)
}

fn allocator(count: usize) -> f64 {
    let layers = [150_000, 500_000, 1_500_000];
    let mut streams: Vec<Stream<'_>> = (0..count)
        .map(|n| Stream {
            priority: if n == 0 { 3 } else { 1 },
            layers: &layers,
            useful: if n == 0 { 2 } else { 1 },
            enough: u8::from(n == 0),
            current: Current::Fresh,
        })
        .collect();
    let start = clock();
    let mut allocator = Allocator::new(Patience::default());
    let rounds = 20_000;
    let begin = clock();
    for round in 0..rounds {
        let budget = 3_000_000 + round % 20 * 100_000;
        let allocation = allocator.allocate(start + Duration::from_millis(round * 50), budget, &streams);
        for (index, stream) in streams.iter_mut().enumerate() {
            stream.current = allocation.current(index);
        }
    }
    per(rounds, clock() - begin)
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let (sent, told, footprint) = estimator();
    writeln!(out, "on_sent             {sent:8.1} ns a packet")?;
    writeln!(out, "on_feedback         {told:8.1} ns a packet ({TOLD} in each)")?;
    writeln!(out, "footprint           {footprint:8} bytes at 400 packets a second")?;
    writeln!(out, "Pacer::admit        {:8.1} ns a packet", pacer())?;
    for count in [1, 9, 25, 64] {
        writeln!(out, "allocate, {count:2} streams {:8.1} ns", allocator(count))?;
    }
    writeln!(
        out,
        "sizes: Estimator {} + history, Pacer {}, Allocator {} bytes",
        size_of::<Estimator>(),
        size_of::<Pacer>(),
        size_of::<Allocator>()
    )
}

//! `cargo xtask bench media`: every server under every shape, interleaved within each repetition; growth; how many receivers one core carries.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::measure::{self, Window};
use super::network::Network;
use super::table::{Sample, Samples};
use super::target::{GENERATOR_CORE, Kind, Prepared, build_own};
use super::{docs, interrupted, machine, table};
use crate::shell::root;

#[derive(Args)]
pub(crate) struct Options {
    /// One repetition, short windows, two shapes: to see that it works, not to quote.
    #[arg(long)]
    quick: bool,
    /// Shapes as the generator knows them (`load --help`).
    #[arg(long, value_delimiter = ',')]
    shapes: Vec<String>,
    /// Servers; ours and what is compared with it.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "ours,bare,mediasoup,janus")]
    targets: Vec<Kind>,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3)]
    repetitions: usize,
    /// What is measured.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "compare,steered,growth,fan-out")]
    parts: Vec<Part>,
    /// Numbers that an earlier run of the same programs kept (target/bench/media-….json): these are added to them.
    #[arg(long)]
    with: Option<PathBuf>,
    /// Write docs/performance.md from these numbers.
    #[arg(long)]
    write_docs: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// All servers under the common shapes, and the floor.
    Compare,
    /// Two of these once more, with what the kernel does for the receiving side on the generator's core (receive packet steering).
    Steered,
    /// Our engine as meetings grow, and as there are more of them.
    Growth,
    /// The most receivers of one video on one core, for each server.
    FanOut,
}

/// Shapes that all servers are put under.
const COMMON: [&str; 5] = ["webinar:200", "ten", "fifty:10", "pairs:50", "storm:100"];
const QUICK: [&str; 2] = ["webinar:200", "ten"];
/// Shapes of our growth: meetings of ten; receivers of one video, of one voice, of nine small videos; and meetings of two, one of whom speaks.
const GROWTH: [&str; 13] = [
    "webinar:10",
    "webinar:50",
    "webinar:100",
    "webinar:300",
    "webinar:1000",
    "audio:1000",
    "grid:300",
    "tens:3",
    "tens:5",
    "calls:1",
    "calls:10",
    "calls:100",
    "calls:1000",
];
/// The lines of the table of growth, with what was measured beside others.
pub(super) const GROWN: [&str; 15] = [
    "webinar:10",
    "webinar:50",
    "webinar:100",
    "webinar:200",
    "webinar:300",
    "webinar:1000",
    "audio:1000",
    "grid:300",
    "ten",
    "tens:3",
    "tens:5",
    "calls:1",
    "calls:10",
    "calls:100",
    "calls:1000",
];
/// Shapes that are run once more with the receivers' share of the kernel's work on the generator's core.
const STEERED: [&str; 2] = ["webinar:200", "ten"];
/// Receivers that the search for the most begins with, and ends with: there the generator's own core is full.
const FEWEST: u64 = 100;
const MOST: u64 = 1_000;

pub(crate) fn run(options: &Options) -> Result<()> {
    interrupted()?;
    let network = Network::new()?;
    build_own()?;
    let mut skipped = Vec::new();
    let mut servers = Vec::new();
    for kind in &options.targets {
        match Prepared::new(*kind) {
            Ok(server) => servers.push(server),
            Err(error) => skipped.push(format!("{} was not run: {error:#}", kind.name())),
        }
    }
    skipped.iter().for_each(|line| println!("{line}"));
    if servers.is_empty() {
        bail!("no server can be run");
    }
    let machine = machine::description()?;
    let load = machine::wait_for_quiet(if options.quick { 5 } else { 90 })?;
    if let Some(load) = load {
        println!("the machine does not come to rest (load {load}): these numbers are marked as noisy and are not to be quoted");
    }
    let window = if options.quick {
        Window { warm_up: 2, seconds: 4 }
    } else {
        Window { warm_up: 3, seconds: 10 }
    };
    let has = |part: Part| options.parts.contains(&part) && (part == Part::Compare || !options.quick);
    let mut report = Report {
        network,
        window,
        samples: Samples::default(),
        floors: Vec::new(),
        steered_floors: Vec::new(),
        most: Vec::new(),
    };
    let earlier = options.with.as_deref().map(kept).transpose()?;
    if let Some(earlier) = &earlier {
        report.add(earlier).context("what was kept cannot be read")?;
    }
    if has(Part::Compare) {
        report.compare(&servers, options)?;
    }
    if has(Part::Steered) {
        report.steered(&servers, options.repetitions)?;
    }
    let own: Vec<&Prepared> = servers.iter().filter(|server| server.kind == Kind::Ours).collect();
    if has(Part::Growth) {
        for (shape, server) in GROWTH.iter().flat_map(|shape| own.iter().map(move |server| (shape, server))) {
            report.sample(server, shape, 0)?;
        }
    }
    if has(Part::FanOut) {
        for server in &servers {
            report.fan_out(server)?;
        }
    }
    let with = earlier.as_ref().map(commits).unwrap_or_default();
    let load = load
        .into_iter()
        .chain(earlier.as_ref().and_then(|earlier| earlier.get("load_before")?.as_f64()))
        .reduce(f64::max);
    let result = json!({
        "machine": machine, "load_before": load, "skipped": skipped, "floor_us": report.floors, "steered_floor_us": report.steered_floors,
        "samples": report.samples.to_json(), "fan_out": report.most, "with": with,
    });
    finish(&result, &report, options.write_docs)
}

struct Report {
    network: Network,
    window: Window,
    samples: Samples,
    floors: Vec<f64>,
    steered_floors: Vec<f64>,
    most: Vec<Value>,
}

/// What was kept.
fn kept(file: &Path) -> Result<Value> {
    let text = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} holds no numbers of `bench media`", file.display()))
}

/// At which commits these numbers were measured.
fn commits(kept: &Value) -> Vec<Value> {
    let before = kept.get("with").and_then(Value::as_array).cloned().unwrap_or_default();
    let last = kept.pointer("/machine/commit").cloned();
    let mut commits: Vec<Value> = before.into_iter().chain(last).collect();
    commits.dedup();
    commits
}

impl Report {
    /// Adds what an earlier run has measured.
    fn add(&mut self, earlier: &Value) -> Result<()> {
        let list = |name: &str| earlier[name].as_array().with_context(|| format!("there is no list \"{name}\""));
        for sample in list("samples")? {
            self.samples.push(Sample::from_json(sample)?);
        }
        self.floors.extend(list("floor_us")?.iter().filter_map(Value::as_f64));
        self.steered_floors
            .extend(list("steered_floor_us")?.iter().filter_map(Value::as_f64));
        self.most.extend(list("fan_out")?.iter().cloned());
        Ok(())
    }

    fn compare(&mut self, servers: &[Prepared], options: &Options) -> Result<()> {
        let shapes: Vec<String> = match (options.shapes.is_empty(), options.quick) {
            (false, _) => options.shapes.clone(),
            (true, true) => QUICK.map(str::to_owned).to_vec(),
            (true, false) => COMMON.map(str::to_owned).to_vec(),
        };
        let repetitions = if options.quick { 1 } else { options.repetitions.max(1) };
        for repetition in 0..repetitions {
            let floor = measure::floor(&self.network, 3)?;
            println!("[{}/{repetitions}] floor: {floor:.2} us a packet", repetition + 1);
            self.floors.push(floor);
            for (shape, server) in shapes.iter().flat_map(|shape| servers.iter().map(move |server| (shape, server))) {
                self.sample(server, shape, repetition)?;
            }
        }
        Ok(())
    }

    /// The same work, but for what is done for the receivers: over a network card that is not the server's either.
    fn steered(&mut self, servers: &[Prepared], repetitions: usize) -> Result<()> {
        if let Err(error) = self.network.steer(Some(GENERATOR_CORE)) {
            println!("not measured with steering: {error:#}");
            return Ok(());
        }
        for repetition in 0..repetitions.max(1) {
            let floor = measure::floor(&self.network, 3)?;
            println!("[{}/{}] steered, floor: {floor:.2} us a packet", repetition + 1, repetitions.max(1));
            self.steered_floors.push(floor);
            for (shape, server) in STEERED.iter().flat_map(|shape| servers.iter().map(move |server| (shape, server))) {
                self.sample_as(server, shape, &format!("{shape}, steered"), repetition)?;
            }
        }
        self.network.steer(None)
    }

    /// One run. What goes wrong with it is a result, too; only an interruption ends everything.
    fn sample(&mut self, server: &Prepared, shape: &str, repetition: usize) -> Result<Sample> {
        self.sample_as(server, shape, shape, repetition)
    }

    fn sample_as(&mut self, server: &Prepared, shape: &str, name: &str, repetition: usize) -> Result<Sample> {
        let outcome = measure::load(&self.network, server, shape, self.window).map_err(|error| format!("{error:#}"));
        interrupted()?;
        let sample = Sample {
            target: server.kind.name(),
            shape: name.to_owned(),
            repetition,
            outcome,
        };
        println!("{}", sample.line());
        self.samples.push(sample.clone());
        Ok(sample)
    }

    /// Doubles the receivers of a webinar until packets are lost or late, then halves the distance.
    fn fan_out(&mut self, server: &Prepared) -> Result<()> {
        let (mut good, mut bad, mut why) = (None, None, String::new());
        let mut receivers = FEWEST;
        loop {
            let shape = format!("webinar:{receivers}");
            // Servers do not take turns here, so these are no samples of the shape.
            match self.sample_as(server, &shape, &format!("{shape}, search"), 0)?.carried() {
                Ok(packets) => good = Some((receivers, packets)),
                Err(reason) => {
                    bad = Some(receivers);
                    why = reason;
                }
            }
            let low = good.map_or(0, |(receivers, _)| receivers);
            receivers = match bad {
                None if low >= MOST => break,
                None => (low * 2).min(MOST),
                Some(high) if high - low <= (high / 10).max(20) => break,
                Some(high) => u64::midpoint(low, high),
            };
        }
        let (receivers, packets) = good.unwrap_or_default();
        // What was found before is found anew.
        self.most
            .retain(|one| one.get("target").and_then(Value::as_str) != Some(server.kind.name()));
        self.most
            .push(json!({"target": server.kind.name(), "receivers": receivers, "packets": packets, "then": why}));
        Ok(())
    }
}

/// Prints what came out, and keeps it.
fn finish(result: &Value, report: &Report, write_docs: bool) -> Result<()> {
    let floor = table::Spread::of(&report.floors);
    println!("\n{}\n{}", report.samples.tables(), report.samples.growth(&GROWN));
    println!("{}", table::claims_table(&report.samples.claims(floor, &report.most)));
    let folder = root().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(format!(
        "media-{}.json",
        result.pointer("/machine/date").and_then(Value::as_str).unwrap_or("undated")
    ));
    std::fs::write(&file, serde_json::to_string_pretty(result)?)?;
    println!("kept in target/bench/{}", file.file_name().unwrap_or_default().to_string_lossy());
    if write_docs {
        docs::write(result, &report.samples, floor, &report.most)?;
    }
    Ok(())
}

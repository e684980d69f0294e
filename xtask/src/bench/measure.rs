//! One run: a fresh server, a load on it, what the generator measured; and the floor.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::interrupted;
use super::network::{CLIENT, End, Network, SERVER};
use super::target::{GENERATOR_CORE, Prepared, SERVER_CORE, built};

/// How long is measured.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) warm_up: u64,
    pub(super) seconds: u64,
}

/// Receivers of the floor: as many as the webinar has.
const FLOOR_RECEIVERS: usize = 200;

/// One run of one shape. An error is the sentence that the generator or the server gave.
pub(super) fn load(network: &Network, server: &Prepared, shape: &str, window: Window) -> Result<Value> {
    interrupted()?;
    let running = server.start(network)?;
    let mut generator = network.command(End::Client, GENERATOR_CORE, &built("load"));
    generator.args([shape, "--host", running.greeting.trim(), "--own", CLIENT]);
    generator.args(["--seconds", &window.seconds.to_string(), "--warm-up", &window.warm_up.to_string()]);
    let output = generator.stdin(Stdio::null()).output().context("the generator cannot be started")?;
    interrupted()?;
    if !output.status.success() {
        bail!(
            "{}",
            String::from_utf8_lossy(&output.stderr)
                .lines()
                .last()
                .unwrap_or("the generator ended without a word")
                .to_owned()
        );
    }
    serde_json::from_slice(&output.stdout).context("the generator printed something else than its numbers")
}

/// Microseconds for each packet when nothing is done but the indispensable (`crates/loadtest/examples/floor.rs`).
pub(super) fn floor(network: &Network, seconds: u64) -> Result<f64> {
    interrupted()?;
    let program = built("examples/floor");
    let mut sink = network.command(End::Client, GENERATOR_CORE, &program);
    let mut sink = sink
        .args(["sink", CLIENT, &FLOOR_RECEIVERS.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    if let Some(output) = sink.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    let ports: Value = serde_json::from_str(&line).unwrap_or_default();
    let ports: Vec<String> = ports
        .get("ports")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(Value::to_string)
        .collect();
    let mut source = network.command(End::Server, SERVER_CORE, &program);
    let output = source.args(["source", SERVER, &seconds.to_string(), CLIENT]).args(ports).output();
    let _ = sink.kill();
    let _ = sink.wait();
    let output = output?;
    let measured: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("the floor was not measured: {}", String::from_utf8_lossy(&output.stderr).trim()))?;
    measured.get("us").and_then(Value::as_f64).context("the floor was not measured")
}

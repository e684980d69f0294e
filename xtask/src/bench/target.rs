//! The servers that are compared: how each is built, started on a core, and ended.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::Value;

use super::network::{End, Network, SERVER};
use super::peers;
use crate::shell::{cargo, command, root, run, succeeds};

/// The server's core and the generator's.
pub(super) const SERVER_CORE: usize = 0;
pub(super) const GENERATOR_CORE: usize = 1;

/// A server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Kind {
    /// The engine of this repository.
    Ours,
    /// A forwarder without any feature, which shows what ours cost.
    Bare,
    /// mediasoup, with the worker of 2021 that can be compiled from its crate.
    Mediasoup,
    /// Janus with its video rooms, on one event loop.
    Janus,
    /// Janus as it is without being told anything: a thread for each connection.
    JanusDefault,
}

impl Kind {
    /// As it is called in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Bare => "bare forwarder",
            Self::Mediasoup => "mediasoup (2021)",
            Self::Janus => "Janus, one loop",
            Self::JanusDefault => "Janus, default",
        }
    }
}

/// A server that can be started.
pub(super) struct Prepared {
    pub(super) kind: Kind,
    program: PathBuf,
}

/// A server that runs. Ends when dropped.
pub(super) struct Running {
    host: Child,
    /// What the host said of itself, one line.
    pub(super) greeting: String,
    process: Option<u64>,
}

/// Builds the generator and our own host.
pub(super) fn build_own() -> Result<()> {
    let parts = ["--bin", "load", "--example", "host", "--example", "bare", "--example", "floor"];
    run(cargo(["build", "--release", "--package", "anteroom-loadtest"]).args(parts))
}

/// A program of the release build.
pub(super) fn built(name: &str) -> PathBuf {
    root().join("target/release").join(name)
}

impl Prepared {
    /// Builds or installs what the server needs.
    pub(super) fn new(kind: Kind) -> Result<Self> {
        let program = match kind {
            Kind::Ours => built("examples/host"),
            Kind::Bare => built("examples/bare"),
            Kind::Mediasoup => peers::mediasoup()?,
            Kind::Janus | Kind::JanusDefault => peers::janus()?,
        };
        Ok(Self { kind, program })
    }

    /// Starts a fresh process on the loopback address, of those servers that can be there.
    pub(super) fn start_here(&self) -> Result<Running> {
        let mut host = command(&self.program.to_string_lossy(), ["127.0.0.1"]);
        Running::start(&mut host).with_context(|| format!("{} does not start", self.kind.name()))
    }

    /// Starts a fresh process.
    pub(super) fn start(&self, network: &Network) -> Result<Running> {
        let mut host = match self.kind {
            Kind::Ours | Kind::Bare | Kind::Mediasoup => network.command(End::Server, SERVER_CORE, &self.program),
            // Only translates; Janus itself gets the server's core.
            Kind::Janus | Kind::JanusDefault => network.command(End::Server, GENERATOR_CORE, &self.program),
        };
        host.arg(SERVER);
        if let Kind::Janus | Kind::JanusDefault = self.kind {
            let loops = if self.kind == Kind::Janus { "1" } else { "0" };
            let folder = root().join("target/bench/janus");
            host.args([&network.device(End::Server), &SERVER_CORE.to_string(), loops])
                .arg(folder);
        }
        Running::start(&mut host).with_context(|| format!("{} does not start", self.kind.name()))
    }
}

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        let mut host = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = host.stdout.take().context("its output is not ours")?;
        let mut running = Self {
            host,
            greeting: String::new(),
            process: None,
        };
        BufReader::new(output).read_line(&mut running.greeting)?;
        let greeting: Value = serde_json::from_str(&running.greeting).unwrap_or_default();
        running.process = greeting.get("process").and_then(Value::as_u64);
        if running.process.is_none() {
            bail!("its host ended without a greeting; see what it printed");
        }
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // `ip netns exec` and `taskset` have become the host. Servers are not asked nicely: one of them does not always end when it is.
        if let Some(process) = self.process {
            succeeds(&mut command("kill", ["-9", &process.to_string()]));
        }
        let _ = self.host.kill();
        let _ = self.host.wait();
    }
}

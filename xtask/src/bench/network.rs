//! Two network namespaces of our own with a veth pair between them: servers in one, the generator in the other. Removed when dropped, with all that runs inside.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::shell::{capture, command, succeeds};

/// Where servers listen, and where participants are.
pub(super) const SERVER: &str = "10.77.0.1";
pub(super) const CLIENT: &str = "10.77.0.2";

/// The two namespaces.
pub(super) struct Network {
    /// Distinguishes those of several runs on one machine: the number of this process.
    id: u32,
}

/// One of the two ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Server,
    Client,
}

impl Network {
    /// Makes them, and removes those that a run which was killed has left behind.
    pub(super) fn new() -> Result<Self> {
        let is_root = capture(&mut command("id", ["-u"])).is_ok_and(|id| id.trim() == "0");
        if !is_root || !succeeds(&mut command("ip", ["netns", "list"])) {
            bail!(
                "network namespaces are needed: run this as root, with `ip` (Debian's iproute2) installed, where the kernel allows `ip netns add`"
            );
        }
        remove_forgotten()?;
        let network = Self { id: std::process::id() };
        let (server, client) = (network.name(End::Server), network.name(End::Client));
        let (left, right) = (network.device(End::Server), network.device(End::Client));
        ip(&["netns", "add", &server])?;
        ip(&["netns", "add", &client])?;
        ip(&[
            "link", "add", &left, "netns", &server, "type", "veth", "peer", "name", &right, "netns", &client,
        ])?;
        for (end, address) in [(End::Server, SERVER), (End::Client, CLIENT)] {
            let (name, device) = (network.name(end), network.device(end));
            ip(&["-n", &name, "addr", "add", &format!("{address}/24"), "dev", &device])?;
            ip(&["-n", &name, "link", "set", &device, "up"])?;
            ip(&["-n", &name, "link", "set", "lo", "up"])?;
        }
        Ok(network)
    }

    fn name(&self, end: End) -> String {
        format!("anteroom-{}-{}", if end == End::Server { "s" } else { "c" }, self.id)
    }

    /// The device of this end.
    pub(super) fn device(&self, end: End) -> String {
        format!("ar{}{}", if end == End::Server { "s" } else { "c" }, self.id)
    }

    /// On which core the kernel does what it does for the receiving side of the participants; without one, on that of who sends.
    pub(super) fn steer(&self, core: Option<usize>) -> Result<()> {
        let mask = core.map_or(0, |core| 1_u64 << core);
        let file = format!("/sys/class/net/{}/queues/rx-0/rps_cpus", self.device(End::Client));
        let script = format!("echo {mask:x} > {file}");
        let inside = ["netns", "exec", &self.name(End::Client), "sh", "-c", &script];
        let output = command("ip", inside).output()?;
        if !output.status.success() {
            bail!(
                "the kernel does not steer received packets: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(())
    }

    /// A command at this end, on this core.
    pub(super) fn command(&self, end: End, core: usize, program: &Path) -> Command {
        let mut inside = command("ip", ["netns", "exec", &self.name(end), "taskset", "-c", &core.to_string()]);
        inside.arg(program);
        inside
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        remove(&self.name(End::Server));
        remove(&self.name(End::Client));
    }
}

/// Ends what runs in a namespace of ours and removes it; the devices go with it.
fn remove(name: &str) {
    if let Ok(inside) = capture(&mut command("ip", ["netns", "pids", name])) {
        for process in inside.split_whitespace() {
            succeeds(&mut command("kill", ["-9", process]));
        }
    }
    succeeds(&mut command("ip", ["netns", "del", name]));
}

/// Namespaces of runs whose process is gone.
fn remove_forgotten() -> Result<()> {
    let all = capture(&mut command("ip", ["netns", "list"]))?;
    for name in all.lines().filter_map(|line| line.split_whitespace().next()) {
        let Some((_, process)) = name.strip_prefix("anteroom-").and_then(|rest| rest.split_once('-')) else {
            continue;
        };
        if process
            .parse::<u32>()
            .is_ok_and(|process| !Path::new(&format!("/proc/{process}")).exists())
        {
            remove(name);
        }
    }
    Ok(())
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = command("ip", arguments).output()?;
    if !output.status.success() {
        bail!(
            "`ip {}` failed: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

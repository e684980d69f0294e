//! What is known of this machine, and whether it is quiet enough; and the wish of the person at the terminal to stop.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::shell::{capture, command};

/// Beyond this load average numbers are not comparable: the same programs were seen 20 to 40 % slower beside a compiler.
const QUIET: f64 = 1.5;

static STOP: AtomicBool = AtomicBool::new(false);

/// Fails once the person at the terminal wants to stop. From the first call on, interrupts are noted instead of ending this process at once, so that
/// namespaces and servers can be removed.
pub(crate) fn interrupted() -> Result<()> {
    static WATCHING: OnceLock<()> = OnceLock::new();
    WATCHING.get_or_init(|| {
        std::thread::spawn(|| {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                return;
            };
            runtime.block_on(async {
                let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
                    return;
                };
                loop {
                    tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
                    STOP.store(true, Ordering::Relaxed);
                }
            });
        });
    });
    if STOP.load(Ordering::Relaxed) {
        bail!("interrupted");
    }
    Ok(())
}

/// Load average of the last minute.
pub(super) fn load_average() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").context("benchmarks need Linux")?;
    Ok(text.split_whitespace().next().unwrap_or_default().parse()?)
}

/// Waits so many seconds at most for a quiet machine. Gives the load that is left when it does not come to rest.
pub(super) fn wait_for_quiet(seconds: u64) -> Result<Option<f64>> {
    for _ in 0..seconds {
        interrupted()?;
        if load_average()? <= QUIET {
            return Ok(None);
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    Ok(Some(load_average()?))
}

/// What belongs beside every number: date, commit, processor, kernel.
pub(super) fn description() -> Result<Value> {
    let line = |program: &str, arguments: &[&str]| -> String {
        capture(&mut command(program, arguments))
            .map(|text| text.trim().to_owned())
            .unwrap_or_default()
    };
    let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let changed = !line("git", &["status", "--porcelain"]).is_empty();
    Ok(json!({
        "date": line("date", &["-u", "+%Y-%m-%d"]),
        "commit": format!("{}{}", line("git", &["rev-parse", "--short", "HEAD"]), if changed { " with changes" } else { "" }),
        "processor": model.trim_start_matches(['\t', ' ', ':']),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "kernel": line("uname", &["-r"]),
    }))
}

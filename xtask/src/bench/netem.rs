//! `cargo xtask bench netem`: what people hear and see behind bad paths. Receivers do all that a browser does; their paths lose, delay, reorder and hold back
//! datagrams inside the generator (`loadtest::link`), which needs no rights, no module of the kernel, and does the same again each time.

use std::fmt::Write as _;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use super::target::{Kind, Prepared, build_own, built};
use super::{docs, interrupted, machine};
use crate::shell::{command, root};

#[derive(Args)]
pub(crate) struct Options {
    /// Short windows, to see that it works.
    #[arg(long)]
    quick: bool,
    /// Put the table into docs/performance.md.
    #[arg(long)]
    write_docs: bool,
}

/// Five who receive one camera of three layers and one voice.
const SHAPE: &str = "layers:5";

/// A path: what it is called, and what the generator is told. Delays are each way: half of what they add to the round trip.
const PATHS: [(&str, &[&str]); 18] = [
    ("clean", &[]),
    ("2 % loss", &["--loss", "2"]),
    ("5 % loss", &["--loss", "5"]),
    ("10 % loss", &["--loss", "10"]),
    ("20 % loss", &["--loss", "20"]),
    ("50 ms round trip", &["--delay", "25"]),
    ("150 ms round trip", &["--delay", "75"]),
    ("300 ms round trip", &["--delay", "150"]),
    ("5 % overtaken by 20 ms", &["--reordered", "5"]),
    ("10 % loss, 100 ms round trip", &["--loss", "10", "--delay", "50"]),
    ("2 Mbit/s", &["--rate", "2000", "--delay", "20"]),
    ("1 Mbit/s", &["--rate", "1000", "--delay", "20"]),
    ("300 kbit/s", &["--rate", "300", "--delay", "20"]),
    ("1 Mbit/s, 2 % loss", &["--rate", "1000", "--delay", "20", "--loss", "2"]),
    ("publisher: 2 % loss", &["--publishers", "--loss", "2"]),
    ("publisher: 10 % loss", &["--publishers", "--loss", "10"]),
    (
        "publisher: 5 % loss, 100 ms round trip",
        &["--publishers", "--loss", "5", "--delay", "50"],
    ),
    ("publisher: 5 % overtaken by 20 ms", &["--publishers", "--reordered", "5"]),
];

/// Paths that have a target.
const JUDGED: [&str; 2] = ["10 % loss", "10 % loss, 100 ms round trip"];

/// Columns: heading, place in the generator's numbers, factor, digits.
const COLUMNS: [(&str, &str, f64, usize); 7] = [
    ("video lost at first %", "/played/video_lost", 100.0, 2),
    ("of these repaired %", "/played/repaired", 100.0, 1),
    ("audio not in time %", "/played/audio_missing", 100.0, 2),
    ("audio concealed %", "/played/audio_concealed", 100.0, 2),
    ("video frozen %", "/played/frozen", 100.0, 2),
    ("frames/s", "/played/frames", 1.0, 1),
    ("kbit/s", "/played/kbit", 1.0, 0),
];

pub(crate) fn run(options: &Options) -> Result<()> {
    interrupted()?;
    build_own()?;
    let server = Prepared::new(Kind::Ours)?;
    let mut rows = Vec::new();
    for (name, path) in PATHS {
        interrupted()?;
        let running = server.start_here()?;
        let seconds = match options.quick {
            true => "5",
            // A few rare moments decide.
            false if JUDGED.contains(&name) => "60",
            false => "20",
        };
        let mut generator = command(
            &built("load").to_string_lossy(),
            [SHAPE, "--full", "--host", running.greeting.trim()],
        );
        generator.args(["--seconds", seconds, "--warm-up", "5"]).args(path);
        let output = generator.stdin(Stdio::null()).output().context("the generator cannot be started")?;
        interrupted()?;
        let outcome: Value = match output.status.success() {
            true => serde_json::from_slice(&output.stdout).context("the generator printed something else than its numbers")?,
            false => bail!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        };
        println!("{}", row(name, &outcome));
        rows.push((name, outcome));
    }
    let text = table(&rows);
    println!("\n{text}");
    let machine = machine::description()?;
    let kept = json!({"machine": machine, "rows": rows.iter().map(|(name, outcome)| json!({"path": name, "outcome": outcome})).collect::<Vec<_>>()});
    let folder = root().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let date = machine.get("date").and_then(Value::as_str).unwrap_or("undated");
    std::fs::write(folder.join(format!("netem-{date}.json")), serde_json::to_string_pretty(&kept)?)?;
    if options.write_docs {
        let commit = machine.get("commit").and_then(Value::as_str).unwrap_or("unknown");
        docs::write_paths(&format!("Measured on {date}, commit {commit}.\n\n{text}"))?;
    }
    Ok(())
}

fn row(name: &str, outcome: &Value) -> String {
    let cell = |(_, place, factor, digits): &(&str, &str, f64, usize)| {
        let value = outcome.pointer(place).and_then(Value::as_f64);
        value.map_or_else(|| "–".to_owned(), |value| format!("{:.digits$}", value * factor))
    };
    format!("| {name} | {} |", COLUMNS.iter().map(cell).collect::<Vec<_>>().join(" | "))
}

fn table(rows: &[(&str, Value)]) -> String {
    let headings: Vec<&str> = COLUMNS.iter().map(|(heading, ..)| *heading).collect();
    let mut text = format!("| path | {} |\n|---|{}\n", headings.join(" | "), "---|".repeat(COLUMNS.len()));
    for (name, outcome) in rows {
        let _ = writeln!(text, "{}", row(name, outcome));
    }
    let at = |path: &str, place: &str| {
        rows.iter()
            .find(|(name, _)| *name == path)
            .and_then(|(_, outcome)| outcome.pointer(place)?.as_f64())
    };
    for (what, place) in [("audio concealed", "/played/audio_concealed"), ("video frozen", "/played/frozen")] {
        for path in JUDGED {
            let Some(share) = at(path, place) else { continue };
            let verdict = if share < 0.01 { "reached" } else { "**missed**" };
            let _ = writeln!(
                text,
                "\nTarget at {path} and enough bandwidth, {what} under 1 %: {:.2} %, {verdict}.",
                share * 100.0
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_as_percent_and_the_target_is_judged() {
        let outcome = json!({"played": {"video_lost": 0.1, "audio_concealed": 0.02, "frozen": 0.001, "frames": 29.97}});
        let text = table(&[("10 % loss", outcome)]);
        assert!(text.contains("| 10 % loss | 10.00 | – | – | 2.00 | 0.10 | 30.0 | – |"), "{text}");
        assert!(
            text.contains("audio concealed under 1 %: 2.00 %, **missed**") && text.contains("video frozen under 1 %: 0.10 %, reached"),
            "{text}"
        );
    }
}

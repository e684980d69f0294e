//! `cargo xtask bench instructions`: what a packet costs in instructions, beside what it cost at the last release (`bench/instructions.json`).
//!
//! The workloads are tests of the media engine that nothing else runs (`crates/media/src/send/tests/instructions.rs`), built as a release is. Each runs
//! under callgrind, which counts inside one function, with two numbers of rounds; what the second run has more is counted. Callgrind shows programs one and
//! the same processor (no AVX-512, no VAES), so counts of one compiler agree on all machines to a part of a percent; another compiler may move them a little.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::report::{Done, Failure};
use crate::shell::{capture, cargo, command, root};
use crate::tools;

/// A workload, and packets (or what else it counts) of one of its rounds.
const WORKLOADS: [(&str, u64); 6] = [
    ("seal_by_aead", 1),
    ("seal_by_counter_mode", 1),
    ("forward_video", 50),
    ("forward_voice", 50),
    ("read_report", 1),
    ("receive_video", 1),
];
const FEW: u64 = 100;
const MANY: u64 = 600;
/// The function of the workloads that is counted.
const COUNTED: &str = "--toggle-collect=*instructions*counted*";
/// More than this, in percent, is a regression; so much less wants to be accepted.
const TOLERANCE: u64 = 5;

#[derive(Args)]
pub(crate) struct Options {
    /// Keep what is counted as what later runs are compared with.
    #[arg(long)]
    accept: bool,
}

/// Instructions by workload.
type Counts = BTreeMap<String, u64>;

pub(super) fn run(options: &Options) -> Result<()> {
    let counts = count()?;
    let kept = if options.accept { accept(&counts)? } else { kept()? };
    let compared = compare(&counts, kept.as_ref());
    compared.lines.iter().for_each(|line| println!("{line}"));
    if compared.regressed {
        bail!("{}", REGRESSED);
    }
    Ok(())
}

const REGRESSED: &str =
    "a packet costs more instructions than at the last release; make it cheaper, or `cargo xtask bench instructions --accept` and say why";

/// As a check: skipped where nothing was kept for such a machine.
pub(crate) fn check() -> Result<Done> {
    let Some(kept) = kept()? else {
        return Ok(Done::Skipped(format!(
            "bench/instructions.json has no counts for {}",
            std::env::consts::ARCH
        )));
    };
    let Compared { lines, regressed } = compare(&count()?, Some(&kept));
    if regressed {
        let what = REGRESSED.to_owned();
        return Err(Failure { what, lines }.into());
    }
    Ok(Done::Lines(lines))
}

fn file() -> PathBuf {
    root().join("bench/instructions.json")
}

fn read() -> Result<Value> {
    match std::fs::read_to_string(file()) {
        Ok(text) => serde_json::from_str(&text).context("bench/instructions.json is no JSON; restore it"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(json!({})),
        Err(error) => Err(error.into()),
    }
}

/// What was counted at the last release on a machine of this sort.
fn kept() -> Result<Option<Counts>> {
    let all = read()?;
    let counts = all.get(std::env::consts::ARCH).and_then(|kept| kept.get("instructions"));
    counts
        .map(|counts| serde_json::from_value(counts.clone()).context("bench/instructions.json is not what `--accept` writes"))
        .transpose()
}

/// Keeps the counts, and what they were made with.
fn accept(counts: &Counts) -> Result<Option<Counts>> {
    let mut all = read()?;
    let tool = |program: &str| capture(&mut command(program, ["--version"])).map(|version| version.trim().to_owned());
    let own = json!({ "compiler": tool("rustc")?, "valgrind": tool("valgrind")?, "instructions": counts });
    let machines = all
        .as_object_mut()
        .context("bench/instructions.json is not what `--accept` writes")?;
    machines.insert(std::env::consts::ARCH.to_owned(), own);
    std::fs::write(file(), serde_json::to_string_pretty(&all)? + "\n")?;
    Ok(Some(counts.clone()))
}

fn count() -> Result<Counts> {
    tools::valgrind()?;
    let program = build()?;
    let mut counts = Counts::new();
    for (workload, packets) in WORKLOADS {
        let few = rounds(&program, workload, FEW)?;
        let many = rounds(&program, workload, MANY)?;
        let rest = many.checked_sub(few).filter(|rest| *rest > 0);
        let rest = rest.with_context(|| format!("callgrind did not find what to count in {workload}"))?;
        counts.insert(workload.to_owned(), rest / ((MANY - FEW) * packets));
    }
    Ok(counts)
}

/// The tests of the media engine, as fast as a release is.
fn build() -> Result<String> {
    let arguments = [
        "test",
        "--release",
        "--package",
        "anteroom-media",
        "--lib",
        "--no-run",
        "--message-format=json-render-diagnostics",
    ];
    let messages = capture(&mut cargo(arguments))?;
    let mut programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(message.get("executable")?.as_str()?.to_owned())
    });
    programs.next_back().context("cargo built no tests of the media engine")
}

/// Instructions of the whole program with so many rounds.
fn rounds(program: &str, workload: &str, rounds: u64) -> Result<u64> {
    let test = format!("send::tests::instructions::{workload}");
    let valgrind = [
        "--tool=callgrind",
        "--callgrind-out-file=/dev/null",
        COUNTED,
        program,
        "--ignored",
        "--exact",
        &test,
    ];
    let output = command("valgrind", valgrind).env("ANTEROOM_ROUNDS", rounds.to_string()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let ran = String::from_utf8_lossy(&output.stdout).contains("1 passed");
    if !output.status.success() || !ran {
        bail!("{test} did not run under callgrind:\n{said}");
    }
    collected(&said).with_context(|| format!("callgrind did not say what it counted:\n{said}"))
}

/// What callgrind closes with: `==1== Collected : 123`.
fn collected(said: &str) -> Option<u64> {
    said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

struct Compared {
    lines: Vec<String>,
    regressed: bool,
}

fn compare(counts: &Counts, kept: Option<&Counts>) -> Compared {
    let mut regressed = false;
    let lines = counts.iter().map(|(workload, count)| {
        let Some(before) = kept.and_then(|kept| kept.get(workload)) else {
            return format!("{workload}: {count} instructions; nothing to compare with");
        };
        let worse = *count * 100 > before * (100 + TOLERANCE);
        let better = *count * 100 < before * (100 - TOLERANCE);
        regressed |= worse;
        let verdict = match (worse, better) {
            (true, _) => " REGRESSION",
            (_, true) => " better: accept it",
            _ => "",
        };
        format!("{workload}: {count} instructions, {before} at the last release{verdict}")
    });
    let lines = lines.collect();
    Compared { lines, regressed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(count: u64) -> Counts {
        BTreeMap::from([("seal".to_owned(), count)])
    }

    #[test]
    fn more_than_five_percent_is_a_regression_and_five_is_none() {
        for (count, regressed) in [(1_000, false), (1_050, false), (1_051, true), (100, false)] {
            assert_eq!(compare(&counts(count), Some(&counts(1_000))).regressed, regressed, "{count}");
        }
        let new = compare(&counts(1_000), Some(&Counts::new()));
        assert!(!new.regressed && new.lines.iter().all(|line| line.contains("nothing to compare")));
        assert!(
            compare(&counts(900), Some(&counts(1_000)))
                .lines
                .iter()
                .all(|line| line.contains("accept it"))
        );
    }

    #[test]
    fn the_count_is_read_from_what_callgrind_says() {
        let said = "==7== Callgrind, a call-graph generating cache profiler\n==7== Events    : Ir\n==7== Collected : 6114421\n==7== \n";
        assert_eq!(collected(said), Some(6_114_421));
        assert_eq!(collected("==7== Collected :\nvalgrind: no such program"), None);
    }
}

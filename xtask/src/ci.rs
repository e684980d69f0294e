//! `cargo xtask ci`: every check that is not a test.

use anyhow::Result;

use crate::report::{Done, Report};
use crate::shell::{cargo, command, run, succeeds};
use crate::{bench, codegen, codes, direction, npm};

pub(crate) fn run_all() -> Result<()> {
    let mut report = Report::default();
    report.step("format", || run(&mut cargo(["fmt", "--all", "--check"])));
    report.step("clippy", || {
        run(&mut cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    report.step("fuzz targets", fuzz_targets);
    report.step("direction of dependencies", direction::check);
    report.step("licences, bans, sources", || deny(&["bans", "licenses", "sources"]));
    report.step("advisories (Rust)", advisories);
    report.step("generated files", codegen::check);
    report.step("documented codes", codes::check);
    report.step("instructions of a packet", bench::instructions::check);
    report.step("npm lock file", npm::check_lock);
    report.step("npm packages", npm::install);
    report.step("eslint", || run(&mut command("npm", ["run", "--silent", "lint"])));
    report.step("types", || run(&mut command("npm", ["run", "--silent", "typecheck"])));
    report.step("types of the calling SDK, by name", type_surface);
    report.step("members of the calling SDK, each in a test or explained", members);
    report.step("advisories (npm)", npm_audit);
    report.finish()
}

/// They are outside the workspace, so no test builds them; their corpus is replayed by the tests of the crates.
fn fuzz_targets() -> Result<Done> {
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    if !succeeds(&mut command(&compiler, ["--version"])) {
        return Ok(Done::Skipped(format!(
            "libFuzzer needs a C++ compiler, and there is no `{compiler}`"
        )));
    }
    run(&mut cargo([
        "check",
        "--locked",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--target-dir",
        "target",
    ]))
    .map(Done::from)
}

fn deny(checks: &[&str]) -> Result<Done> {
    if !succeeds(&mut cargo(["deny", "--version"])) {
        return Ok(Done::Skipped(
            "cargo-deny is not installed; run `cargo install --locked cargo-deny`".to_owned(),
        ));
    }
    run(cargo(["deny", "--log-level", "warn", "check", "--hide-inclusion-graph"]).args(checks)).map(Done::from)
}

/// Advisories come from a remote database; where it cannot be reached, that is said and nothing fails.
fn advisories() -> Result<Done> {
    if !succeeds(&mut cargo(["deny", "--version"])) {
        return Ok(Done::Skipped(
            "cargo-deny is not installed; run `cargo install --locked cargo-deny`".to_owned(),
        ));
    }
    if !succeeds(&mut cargo(["deny", "fetch", "db"])) {
        return Ok(Done::Skipped("the advisory database cannot be fetched from here".to_owned()));
    }
    deny(&["advisories"])
}

/// Our declarations against the published ones. Where those cannot be downloaded, the tool says so and nothing fails.
fn type_surface() -> Result<Done> {
    let status = command("node", ["web/packages/calling/tools/type-surface.mjs", "--check"]).status()?;
    match status.code() {
        Some(0) => Ok(Done::Lines(Vec::new())),
        Some(75) => Ok(Done::Skipped(
            "the published declarations cannot be downloaded from here".to_owned(),
        )),
        _ => anyhow::bail!("declarations of the calling SDK are missing, see above"),
    }
}

/// The table of members in docs/calling-sdk.md is what the tests show.
fn members() -> Result<()> {
    run(&mut command(
        "npm",
        ["run", "--silent", "members", "--workspace", "web/packages/calling", "--", "--check"],
    ))
}

/// The same for npm: a finding fails, a service that does not answer does not.
fn npm_audit() -> Result<Done> {
    let output = command("npm", ["audit", "--omit=dev", "--audit-level=high", "--json"]).output()?;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if answer.get("vulnerabilities").is_none() {
        return Ok(Done::Skipped("the audit service of the registry does not answer".to_owned()));
    }
    if output.status.success() {
        return Ok(Done::Lines(Vec::new()));
    }
    anyhow::bail!("`npm audit --omit=dev` reports vulnerabilities of high severity")
}

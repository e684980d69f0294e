//! `cargo xtask test`: installs what the tests need, runs every suite, prints the runners' closing lines.

use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::report::{Done, Failure, Report};
use crate::shell::{self, cargo, command, root, watch};
use crate::{npm, tools};

#[derive(Args)]
pub(crate) struct Options {
    /// Run only these suites.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Suite>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// `cargo test` of the whole workspace.
    Rust,
    /// Unit tests of the web packages and applications.
    Web,
    /// The official clients, unmodified, against a running server.
    Clients,
    /// Whole journeys in a real browser, those with the published UI library among them.
    E2e,
    /// Of these, the ones with the published UI library; and the packed SDK under the names that it replaces.
    Ui,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let wanted = |suite: Suite| options.only.is_empty() || options.only.contains(&suite);
    let mut report = Report::default();
    // The server embeds the built pages, so they come first.
    report.step("npm packages", npm::install);
    let in_browser = wanted(Suite::E2e) || wanted(Suite::Ui);
    if in_browser {
        report.step("web build", npm::build);
        report.step("UI library on the packed SDK", harness);
        report.step("page of the example", example);
    }
    if wanted(Suite::Rust) {
        // One test of the media engine talks to a real browser and would pass without one.
        report.step("rust", || {
            tools::speech()?;
            suite(cargo(["test", "--workspace"]).env("ANTEROOM_CHROMIUM", tools::chromium()?))
        });
        // The same tests of the engine again, every room spread over all shards.
        report.step("media engine on several shards", || {
            let tests = ["test", "--package", "anteroom-media", "--tests"];
            suite(
                cargo(tests)
                    .env("ANTEROOM_TEST_SHARDS", "3")
                    .env("ANTEROOM_CHROMIUM", tools::chromium()?),
            )
        });
    }
    if wanted(Suite::Web) {
        report.step("web", || suite(&mut command("npm", ["test"])));
        report.step("size of the calling SDK", size);
    }
    if wanted(Suite::Clients) || in_browser {
        report.step("server build", build_server);
    }
    if wanted(Suite::Clients) {
        report.step("what clients showed before", forget_coverage);
        report.step("clients (JavaScript)", javascript_clients);
        report.step("clients (Python)", python_clients);
        report.step("compatibility page", || {
            suite(&mut command(
                "npm",
                ["run", "--silent", "compatibility", "--workspace", "tests/clients", "--", "--check"],
            ))
        });
    }
    if wanted(Suite::E2e) {
        report.step("e2e", || e2e(&[]));
    } else if wanted(Suite::Ui) {
        report.step("e2e with the UI library", || e2e(&["src/ui"]));
    }
    if wanted(Suite::Ui) {
        report.step("packages under the alias (npm 10, npm 11)", || {
            suite(&mut command("node", ["web/harness/tools/alias.mjs"]))
        });
    }
    report.finish()
}

/// How large the SDK is for a page that uses it; fails over the budget.
fn size() -> Result<Done> {
    let mut measure = command("npm", ["run", "--silent", "size", "--workspace", "web/packages/calling"]);
    closing(&mut measure, |line| line.contains(" kB gzip"), "the core is over its budget")
}

/// The compatibility page is made of what this run shows and of nothing older.
fn forget_coverage() -> Result<()> {
    let results = root().join("target/clients");
    match std::fs::remove_dir_all(&results) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn build_server() -> Result<()> {
    shell::run(&mut cargo(["build", "--package", "anteroom-server"]))
}

fn javascript_clients() -> Result<Done> {
    tools::relay()?;
    suite(command("npm", ["test", "--workspace", "tests/clients"]).env("ANTEROOM_CHROMIUM", tools::chromium()?))
}

fn python_clients() -> Result<Done> {
    let python = tools::python()?;
    let cache = root().join("target/pytest");
    suite(
        command(&python.to_string_lossy(), ["-m", "pytest", "tests/clients/python", "-q", "-o"])
            .arg(format!("cache_dir={}", cache.display()))
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )
}

/// Installs the published UI library on the packages as they were just built, and bundles the page that mounts it.
fn harness() -> Result<()> {
    npm::install_ui("web/harness")?;
    // The UI library's declarations, and a program of ours that uses them, on the packed declarations of the SDK.
    let compiler = "web/harness/node_modules/typescript/bin/tsc";
    shell::run(&mut command("node", [compiler, "-p", "web/harness"]))?;
    shell::run(&mut command("node", ["web/harness/tools/build.mjs"]))
}

/// The page of the example application, on the same packages; its types are checked here because it is no workspace.
fn example() -> Result<()> {
    npm::build_example()?;
    let compiler = format!("{}/node_modules/typescript/bin/tsc", npm::EXAMPLE_PAGE);
    shell::run(&mut command("node", [&compiler, "-p", npm::EXAMPLE_PAGE]))
}

/// All specs, or those in these folders.
fn e2e(folders: &[&str]) -> Result<Done> {
    if !root().join("tests/e2e/package.json").exists() {
        return Ok(Done::Skipped("tests/e2e has no tests yet".to_owned()));
    }
    tools::speech()?;
    let chromium = tools::chromium()?;
    suite(
        command("npm", ["test", "--workspace", "tests/e2e", "--"])
            .args(folders)
            .env("ANTEROOM_CHROMIUM", chromium),
    )
}

fn suite(command: &mut Command) -> Result<Done> {
    closing(command, is_closing_line, "its runner reports failures")
}

/// Runs a command and hands back the lines that `keep` wants, also when it fails with `what`.
fn closing(command: &mut Command, keep: fn(&str) -> bool, what: &str) -> Result<Done> {
    let (passed, lines) = watch(command, keep)?;
    if passed {
        return Ok(Done::Lines(lines));
    }
    let what = what.to_owned();
    Err(Failure { what, lines }.into())
}

/// Whether a line is one with which a test runner closes: cargo, vitest, node, pytest, playwright.
fn is_closing_line(line: &str) -> bool {
    let line = line.trim();
    let counts = |words: &[&str]| {
        let starts_with_number = line.split_whitespace().next().is_some_and(|word| word.parse::<u32>().is_ok());
        starts_with_number && words.iter().any(|word| line.contains(word))
    };
    line.starts_with("test result:")
        || line.starts_with("Tests  ")
        || line.starts_with("Test Files  ")
        || ["# tests ", "# pass ", "# fail ", "ℹ tests ", "ℹ pass ", "ℹ fail "]
            .iter()
            .any(|prefix| line.starts_with(prefix))
        || line.starts_with("compatibility: ")
        || counts(&[" passed", " failed", " flaky", " did not run"])
        || names_a_failure(line)
}

/// Whether a line names a test that failed, or says why: the summary is all that some readers of a run get to see.
fn names_a_failure(line: &str) -> bool {
    let of_cargo = line.starts_with("test ") && line.ends_with("... FAILED");
    of_cargo
        || ["✘ ", "✖ ", "FAIL  ", "FAILED ", "Error: ", "AssertionError"]
            .iter()
            .any(|prefix| line.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_all_five_runners_are_known() {
        for line in [
            "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "      Tests  12 passed (12)",
            "# pass 14",
            "ℹ fail 0",
            "9 passed in 3.21s",
            "1 failed, 8 passed in 3.21s",
            "  5 passed (1.2m)",
            "  1 flaky",
            "test a_guest_waits ... FAILED",
            "  ✘  12 src/journey.spec.ts:10:1 › a guest waits (4.0s)",
            " FAIL  src/core/call.test.ts > a call > ends",
            "✖ a token (3ms)",
            "FAILED tests/test_chat.py::test_sends - AssertionError",
        ] {
            assert!(is_closing_line(line), "{line}");
        }
    }

    #[test]
    fn other_lines_are_not_taken_for_closing_lines() {
        for line in [
            "test a_guest_waits ... ok",
            "running 7 tests",
            "the test passed",
            "12 files changed",
            "",
        ] {
            assert!(!is_closing_line(line), "{line}");
        }
    }
}

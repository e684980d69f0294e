//! The tasks of the repository: `cargo xtask demo | test | ci | bench | codegen | pack`.
//!
//! One file per task; what they share is in `shell` (running programs), `npm` and `tools` (what has to be installed first).

#![allow(clippy::print_stdout, reason = "a task runner talks to the person who ran it")]

mod bench;
mod ci;
mod codegen;
mod codes;
mod demo;
mod direction;
mod npm;
mod pack;
mod report;
mod shell;
mod suites;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of the Anteroom repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything, start the server in dev mode and the example application, print three links.
    Demo(demo::Options),
    /// Install what the tests need, run every suite, print their closing lines.
    Test(suites::Options),
    /// Run the checks: format, lints, direction of dependencies, licences, generated files, types.
    Ci,
    /// Measure the media engine beside its peers (needs root).
    Bench(bench::Options),
    /// Write the generated files again.
    Codegen,
    /// Write the installable packages of the calling SDK into dist/.
    Pack,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => suites::run(&options),
        Task::Ci => ci::run_all(),
        Task::Bench(options) => bench::run(&options),
        Task::Codegen => codegen::write(),
        Task::Pack => pack::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

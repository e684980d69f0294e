//! `cargo xtask bench media | netem`: the media engine and its peers under the same load, on this machine, in one run.
//!
//! Two network namespaces with a veth pair between them (`network`); servers and what has to be built for them (`target`, `peers`); one run (`measure`);
//! medians and ratios (`table`); the page that is kept (`docs`). The load itself is `crates/loadtest`. Everything that a run starts ends with it, also when it fails
//! or is interrupted.

mod docs;
pub(crate) mod instructions;
mod machine;
mod measure;
mod media;
mod netem;
mod network;
mod peers;
mod table;
mod target;

use anyhow::Result;
use clap::{Args, Subcommand};

pub(crate) use machine::interrupted;

#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Cost, latency, memory and joins beside other media servers, and growth.
    Media(media::Options),
    /// What people hear and see behind paths that lose, delay and hold back.
    Netem(netem::Options),
    /// Instructions of a packet, beside those of the last release (needs valgrind, no root).
    Instructions(instructions::Options),
}

pub(crate) fn run(options: &Options) -> Result<()> {
    match &options.bench {
        Bench::Media(options) => media::run(options),
        Bench::Netem(options) => netem::run(options),
        Bench::Instructions(options) => instructions::run(options),
    }
}

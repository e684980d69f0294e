//! The binary `anteroom`: command line and wiring, nothing else.

mod api;
mod bot;
mod captions;
mod captures;
mod cli;
mod dev;
mod doctor;
mod http_client;
mod listen;
mod media_plane;
mod operator_relay;
mod origin;
mod origins;
mod outbound;
mod ready;
mod tls;
mod ways;
mod web;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{BotCommand, Cli, Command};

/// What is logged unless `ANTEROOM_LOG` says otherwise. Clients, and strangers, can cause warnings of the media library and its parts at will.
const LOG: &str = "info,str0m=error,is=error,dimpl=error,sctp_proto=error";

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("ANTEROOM_LOG").unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOG));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the runtime could not be started");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Dev(args) => dev::run(*args).await.map(|()| ExitCode::SUCCESS),
            Command::Doctor(args) => doctor::run(args).await,
            Command::Bot(BotCommand::Join(args)) => bot::join(args).await.map(|()| ExitCode::SUCCESS),
        }
    });
    match result {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    #[test]
    fn warnings_of_the_media_library_are_not_logged_and_ours_are() {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::new(super::LOG))
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            assert!(!tracing::enabled!(target: "str0m::session", Level::WARN));
            assert!(!tracing::enabled!(target: "is::stun", Level::WARN));
            assert!(tracing::enabled!(target: "str0m::session", Level::ERROR));
            assert!(tracing::enabled!(target: "anteroom::dev", Level::INFO));
        });
    }
}

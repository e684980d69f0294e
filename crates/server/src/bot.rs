//! `anteroom bot join`: gets a visitor's token from the server of the link and brings a synthetic participant in.

use anyhow::Context as _;

use crate::cli::BotJoinArgs;

pub(crate) async fn join(args: BotJoinArgs) -> anyhow::Result<()> {
    anyhow::bail!("joining {} is not wired", args.link).context("bot")
}

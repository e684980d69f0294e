//! `anteroom bot join`: gets a visitor's token from the server of the link and brings a synthetic participant in.

use crate::cli::BotJoinArgs;

pub(crate) async fn join(args: BotJoinArgs) -> anyhow::Result<()> {
    let origin = crate::http_client::Origin::of(&args.link)?;
    let tls = crate::http_client::tls(args.ca.as_deref())?;
    let answer = crate::http_client::post(&origin, "/api/visitor/token", tls).await?;
    anyhow::bail!("{answer} {} {:?} {} {}", args.name, args.seconds, args.no_audio, args.no_video)
}

//! `anteroom bot join`: gets a visitor's token from the server of the link and brings a synthetic participant in.

use std::time::Duration;

use anyhow::Context as _;
use calling::{
    Trust,
    bot::{self, BotNews, BotOptions},
};

use crate::{
    cli::BotJoinArgs,
    http_client::{self, Origin},
};

/// Joins and stays until the meeting ends, the time is over, or Ctrl-C. What happens is told on standard output.
pub(crate) async fn join(args: BotJoinArgs) -> anyhow::Result<()> {
    let origin = Origin::of(&args.link)?;
    let answer = http_client::post(&origin, "/api/visitor/token", http_client::tls(args.ca.as_deref())?).await?;
    let token = answer
        .get("token")
        .and_then(serde_json::Value::as_str)
        .context("the server gave no token; does the link lead to an Anteroom server?")?;
    let mut trust = Trust::system();
    if let Some(path) = &args.ca {
        trust = trust.and_pem(&std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?)?;
    }
    let options = BotOptions {
        link: args.link,
        name: args.name,
        token: token.to_owned(),
        signal_url: None,
        video: !args.no_video,
        audio: !args.no_audio,
        duration: args.seconds.map(Duration::from_secs),
        trust,
    };
    let interrupted = async {
        // Without a handler for Ctrl-C the process simply ends at it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    };
    let report = bot::run(options, interrupted, |news| match news {
        BotNews::Waiting => say("waiting in the lobby; somebody has to admit the bot, or begin the meeting"),
        BotNews::InMeeting => say("in the meeting"),
    })
    .await?;
    match report.ended {
        Some(reason) => say(&format!("ended: {} ({}/{})", reason.message, reason.code, reason.sub_code)),
        None => say("left"),
    }
    say(&format!("received: {:?}", report.stats));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's own output, for the person who runs it")]
fn say(line: &str) {
    println!("{line}");
}

//! A participant made of a test picture and a test tone, so that one person alone can try a meeting.

use std::time::Duration;

use tokio::time::timeout;
use wire::{Locator, MediaKind, Refusal};

use crate::call::Phase;
use crate::client::Client;
use crate::clip::Clip;
use crate::error::CallingError;
use crate::media::{ReceiveStats, Source};
use crate::tls::Trust;

/// How long the bot talks, and then is silent.
const TURN: Duration = Duration::from_secs(3);

/// What the bot is to do.
#[derive(Debug, Clone)]
pub struct BotOptions {
    /// The join link.
    pub link: String,
    /// The name to show.
    pub name: String,
    /// Token of the identity to join as.
    pub token: String,
    /// Signalling URL; nothing: the one in the token.
    pub signal_url: Option<String>,
    /// Send the test picture.
    pub video: bool,
    /// Send the test tone, in turns.
    pub audio: bool,
    /// Leave after this time in the meeting; nothing: stay until the end.
    pub duration: Option<Duration>,
    /// Authorities for `wss://`.
    pub trust: Trust,
}

/// What the bot tells while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BotNews {
    /// It waits in the lobby.
    Waiting,
    /// It is in the meeting.
    InMeeting,
}

/// How the bot's call went.
#[derive(Debug, Clone)]
pub struct BotReport {
    /// Why it ended; nothing when the bot left by itself.
    pub ended: Option<Refusal>,
    /// What it sent and received.
    pub stats: ReceiveStats,
}

/// Joins, sends, receives, and leaves when its time is over, `stop` resolves, or the meeting ends.
///
/// # Errors
/// [`CallingError`] when it could not join, or lost the connection.
pub async fn run(options: BotOptions, stop: impl Future<Output = ()>, mut news: impl FnMut(BotNews)) -> Result<BotReport, CallingError> {
    let client = match &options.signal_url {
        Some(url) => Client::connect_to(url, &options.token, &options.trust).await?,
        None => Client::connect(&options.token, &options.trust).await?,
    };
    let call = client
        .join(Locator::Link { link: options.link }, Some(options.name), !options.audio)
        .await?;
    if options.video {
        call.publish(MediaKind::Camera, Some(Source::Clip(Clip::test_pattern()?))).await?;
    }
    if options.audio {
        call.publish(
            MediaKind::Microphone,
            Some(Source::Turns {
                clip: Clip::test_tone()?,
                each: TURN,
            }),
        )
        .await?;
    }
    if matches!(call.phase(), Phase::Waiting { .. }) {
        news(BotNews::Waiting);
    }
    let over = |phase: &Phase| match phase {
        Phase::Ended(reason) => Some(reason.clone()),
        _ => None,
    };
    let report = |ended| BotReport {
        ended,
        stats: call.receive_stats(),
    };
    let meeting = async {
        if let Err(error) = call.admitted().await {
            return over(&call.phase()).map(Some).ok_or(error);
        }
        news(BotNews::InMeeting);
        let end = call.wait_for(|view| matches!(view.phase, Phase::Ended(_)));
        match options.duration {
            None => Ok(over(&end.await?.phase)),
            Some(duration) => match timeout(duration, end).await {
                Ok(view) => Ok(over(&view?.phase)),
                Err(_) => Ok(None),
            },
        }
    };
    let ended = tokio::select! {
        ended = meeting => ended?,
        () = stop => None,
    };
    let report = report(ended);
    if report.ended.is_none() {
        call.leave(false).await?;
    }
    Ok(report)
}

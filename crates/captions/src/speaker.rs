//! One speaker: utterance after utterance, each heard by an engine, so that their words come in order.
//!
//! Invariant: when a partial result was told, a final one follows, also when the engine fails in between.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::speech::{Heard, HeardSink};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::pool::{Lease, Pool};
use crate::process::Gone;
use crate::protocol::{Said, Told};
use crate::share::Share;
use crate::stats::Stats;

/// Pieces of half a second that wait for an engine, which may have to be started first.
pub(crate) const PIECES: usize = 64;
/// An engine that has not said its final words by then has failed.
const FINAL_WITHIN: Duration = Duration::from_secs(15);

/// A piece of what somebody says.
pub(crate) enum Piece {
    /// An utterance begins.
    Begin(Instant),
    /// Sound, 16 kHz mono.
    Sound(Vec<i16>),
    /// The utterance is over.
    End,
}

/// What the utterances of one speaker need.
pub(crate) struct Hearing {
    pub(crate) speaker: Arc<str>,
    pub(crate) language: String,
    pub(crate) pool: Arc<Pool>,
    pub(crate) share: Arc<Share>,
    pub(crate) sink: HeardSink,
    pub(crate) stats: Arc<Stats>,
}

impl Hearing {
    /// Runs until the speaker is gone.
    pub(crate) async fn run(self, mut pieces: mpsc::Receiver<Piece>) {
        while let Some(piece) = pieces.recv().await {
            let Piece::Begin(at) = piece else { continue };
            let Some(lease) = self.pool.lease(&self.share) else {
                // What follows up to the next beginning is passed over.
                self.stats.utterance_unheard();
                continue;
            };
            self.utterance(lease, at, &mut pieces).await;
        }
    }

    async fn utterance(&self, mut lease: Lease, began: Instant, pieces: &mut mpsc::Receiver<Piece>) {
        let mut words = Words::default();
        let heard = self.hear(&mut lease, began, pieces, &mut words).await;
        match heard {
            Ok(()) => self.pool.give_back(lease),
            Err(Gone) => {
                self.pool.failed(lease);
                // What was told as partial is closed with what is known of it.
                self.tell(&words.text, words.translations.clone(), true, began);
            }
        }
    }

    async fn hear(&self, lease: &mut Lease, began: Instant, pieces: &mut mpsc::Receiver<Piece>, words: &mut Words) -> Result<(), Gone> {
        lease.process.begin(&self.language).await?;
        let mut final_by: Option<Instant> = None;
        loop {
            let ended = final_by.is_some();
            let patience = final_by.unwrap_or_else(|| Instant::now() + FINAL_WITHIN);
            tokio::select! {
                said = lease.process.said() => match said? {
                    Said::Partial { text, translations, .. } => {
                        if !text.is_empty() && text != words.text {
                            self.tell(&text, translations.clone(), false, began);
                            *words = Words { text, translations };
                        }
                    }
                    Said::Final { text, translations, .. } if ended => {
                        // An engine that takes its words back leaves the last ones standing.
                        let last = if text.is_empty() { std::mem::take(words) } else { Words { text, translations } };
                        self.stats.utterance();
                        self.tell(&last.text, last.translations, true, began);
                        return Ok(());
                    }
                    // Not asked for: it and we no longer mean the same utterance.
                    Said::Final { .. } => return Err(Gone),
                },
                piece = pieces.recv(), if !ended => match piece {
                    Some(Piece::Sound(samples)) => lease.process.tell(&Told::audio(&samples)).await?,
                    Some(Piece::End) | None => {
                        lease.process.tell(&Told::End).await?;
                        final_by = Some(Instant::now() + FINAL_WITHIN);
                    }
                    Some(Piece::Begin(_)) => {}
                },
                () = tokio::time::sleep_until(patience), if ended => return Err(Gone),
            }
        }
    }

    /// Nothing is said of an utterance without words.
    fn tell(&self, text: &str, translations: BTreeMap<String, String>, is_final: bool, began: Instant) {
        if text.is_empty() {
            return;
        }
        (self.sink)(Heard {
            speaker: Arc::clone(&self.speaker),
            is_final,
            text: text.to_owned(),
            translations,
            began_ms_ago: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
        });
    }
}

/// What was told last of the utterance.
#[derive(Default)]
struct Words {
    text: String,
    translations: BTreeMap<String, String>,
}

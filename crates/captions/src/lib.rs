//! Captions: turns the voices of a meeting into words, by a recogniser that runs as a process of its own.
//!
//! The way of a voice: packets (`Ear::hear`) → one task per meeting (`room`) decodes them (`opus`) and cuts them into utterances at silences (`voice`)
//! → one task per speaker (`speaker`) hands an utterance to an engine (`pool`, `process`), whose lines come back as [`app::speech::Heard`].
//!
//! A crate of its own for its decoder. Not here: who is listened to and who is told (`meeting`), the taps on the media path (`media`).
//! Invariants: whoever calls `hear` never waits; every queue is bounded, full means that sound is dropped and counted ([`CaptionStats`]);
//! each partial result is followed by a final one of the same speaker, also when the engine fails; a fault in one voice ends that voice only; one meeting
//! does not keep all engines (`share`; for the seconds of a change of language it may have its half twice); what an engine says of one utterance is never told as another's; no word that was said reaches the log.
//!
//! How to add a recogniser: write a program that speaks the protocol of docs/operations/captions.md; nothing here changes.

mod engine;
mod opus;
mod pool;
mod process;
mod protocol;
mod room;
mod share;
mod speaker;
mod stats;
mod voice;

use std::sync::Arc;

use app::speech::{Ear, HeardSink, Speech, SpeechLanguages, VoicePacket};
use tokio::sync::mpsc::{self, error::TrySendError};

pub use engine::{EngineConfig, EngineError};
pub use stats::CaptionStats;

use pool::Pool;
use share::Share;
use stats::Stats;

/// Packets of one meeting that wait to be decoded: ten seconds of one voice, one second of ten. Full: packets are dropped, which decodes as a gap.
const PACKETS: usize = 512;

/// Listens to meetings with one kind of engine. Made and used inside a tokio runtime.
pub struct Captioner {
    languages: SpeechLanguages,
    pool: Arc<Pool>,
    stats: Arc<Stats>,
    runtime: tokio::runtime::Handle,
}

impl Captioner {
    /// Takes an engine; nothing is started before somebody speaks.
    ///
    /// # Errors
    /// [`EngineError::Config`] when command or languages are missing.
    pub fn new(engine: EngineConfig) -> Result<Self, EngineError> {
        engine.validate()?;
        let stats = Arc::new(Stats::default());
        Ok(Self {
            languages: SpeechLanguages {
                spoken: engine.spoken.clone(),
                translated: engine.translated.clone(),
            },
            pool: Pool::new(engine, Arc::clone(&stats)),
            stats,
            runtime: tokio::runtime::Handle::current(),
        })
    }

    /// Counters since the start.
    pub fn stats(&self) -> CaptionStats {
        self.stats.read()
    }
}

impl Speech for Captioner {
    fn languages(&self) -> SpeechLanguages {
        self.languages.clone()
    }

    fn listen(&self, language: &str, sink: HeardSink) -> Arc<dyn Ear> {
        let (packets, receiver) = mpsc::channel(PACKETS);
        let share = self.pool.meeting();
        let room = room::Room::new(
            language.to_owned(),
            Arc::clone(&self.pool),
            Arc::clone(&share),
            sink,
            Arc::clone(&self.stats),
        );
        self.runtime.spawn(room.run(receiver));
        Arc::new(Listening {
            packets,
            share,
            stats: Arc::clone(&self.stats),
        })
    }
}

/// The ear of one meeting; its room ends when it is dropped.
struct Listening {
    packets: mpsc::Sender<VoicePacket>,
    share: Arc<Share>,
    stats: Arc<Stats>,
}

impl Ear for Listening {
    fn hear(&self, packet: VoicePacket) {
        if let Err(TrySendError::Full(_)) = self.packets.try_send(packet) {
            self.stats.packet_dropped();
        }
    }

    fn prefer(&self, preferred: bool) {
        self.share.prefer(preferred);
    }
}

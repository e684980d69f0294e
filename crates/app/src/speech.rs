//! The port through which the server hears what is said: voices go in, words come out.
//!
//! Owned here: the shapes. The implementation is in `captions`, which decodes the voices and hands them to a recogniser; who is listened to, and who
//! is told, is decided in `meeting`. Without an implementation there are no captions, and clients are told so.

use std::collections::BTreeMap;
use std::sync::Arc;

/// What the recogniser can do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpeechLanguages {
    /// Languages that it understands, lower case (`en-us`); the first one is the default. Never empty.
    pub spoken: Vec<String>,
    /// Languages into which it translates; empty when it does not.
    pub translated: Vec<String>,
}

/// One packet of a voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoicePacket {
    /// Whose; any name that is unique in the meeting.
    pub speaker: Arc<str>,
    /// RTP stream; another one counts anew.
    pub stream: u32,
    /// RTP sequence number, extended to 64 bits: a gap is a loss.
    pub sequence: u64,
    /// One Opus packet.
    pub opus: Vec<u8>,
}

/// Words. Per speaker they come in order: any number of partial ones, each replacing the last, then a final one, then those of the next utterance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Whose.
    pub speaker: Arc<str>,
    /// Whether nothing more comes for this utterance.
    pub is_final: bool,
    /// What was said since the utterance began; never empty.
    pub text: String,
    /// Translations by language.
    pub translations: BTreeMap<String, String>,
    /// How long ago the utterance began, in milliseconds.
    pub began_ms_ago: u32,
}

/// Takes what was heard; must not block.
pub type HeardSink = Arc<dyn Fn(Heard) + Send + Sync>;

/// A recogniser.
pub trait Speech: Send + Sync {
    /// What it can do; does not change.
    fn languages(&self) -> SpeechLanguages;

    /// Listens to one meeting from now on, until the returned ear is dropped.
    fn listen(&self, language: &str, sink: HeardSink) -> Arc<dyn Ear>;
}

/// Where the voices of one meeting go.
pub trait Ear: Send + Sync {
    /// Takes a packet; returns at once and never fails. When the recogniser does not keep up, the packet is dropped and counted.
    fn hear(&self, packet: VoicePacket);

    /// Says whether the words of this meeting matter more than those of others, since they are written down. A recogniser that hears everybody
    /// needs not to know.
    fn prefer(&self, _preferred: bool) {}
}

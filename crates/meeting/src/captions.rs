//! Captions: who wants them, in which language, and who is told what was said.

use crate::{Meeting, Micros, ParticipantId, Refusal};

/// What captions the meeting can have; the host says so, since it has the recogniser.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaptionsState {
    /// Whether there is a recogniser.
    pub available: bool,
    /// Language that is spoken (`en-us`).
    pub spoken_language: String,
    /// Languages that the recogniser understands.
    pub spoken_languages: Vec<String>,
    /// Languages into which captions can be translated.
    pub caption_languages: Vec<String>,
}

/// The receiver's own captions, when they are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCaptions {
    /// Language of the captions that are sent to the receiver.
    pub language: String,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// The speaker.
    pub participant: ParticipantId,
    /// Name of the speaker.
    pub display_name: String,
    /// Grows by one with each utterance of this speaker.
    pub utterance: u32,
    /// Whether nothing more comes for this utterance.
    pub is_final: bool,
    /// What was said.
    pub text: String,
    /// Language in which it was said.
    pub spoken_language: String,
    /// The translation, for a receiver who asked for another language.
    pub caption_text: Option<String>,
    /// Language of the translation.
    pub caption_language: Option<String>,
    /// When the utterance began.
    pub at: Micros,
}

impl Meeting {
    /// Answers `Command::StartCaptions`.
    pub(crate) fn start_captions(&mut self, _by: &ParticipantId, _spoken_language: Option<String>) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Answers `Command::StopCaptions`.
    pub(crate) fn stop_captions(&mut self, _by: &ParticipantId) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Answers `Command::SetSpokenLanguage`.
    pub(crate) fn set_spoken_language(&mut self, _by: &ParticipantId, _language: String) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Answers `Command::SetCaptionLanguage`.
    pub(crate) fn set_caption_language(&mut self, _by: &ParticipantId, _language: String) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }
}

//! Captions: who wants them, in which language, and who is told what was said.
//!
//! Owns: the language that is spoken, and when somebody has to listen (while anybody inside has captions on, or what is said is written
//! down). Everybody switches captions for themself. The spoken language is the meeting's: whoever begins says it, afterwards those who run
//! the meeting. Not here: the recogniser and the voices (the host; it never hands on a voice whose gate is closed), writing down
//! (`recording`). Invariants, kept by `tests/meeting/captions.rs`: what was said reaches those inside with captions on and nobody else; the
//! host is told to listen while somebody is to be told or written down, and [`LINGER`] longer, which nobody is told and nothing is written of.
//! Bounds: each person turns captions on and changes languages as often as [`BURST`] and [`EVERY`] allow; to turn them off is always allowed.

use std::collections::{BTreeMap, BTreeSet};

use crate::capabilities::{CapabilityReason, reason};
use crate::changes::Said;
use crate::ids::SECOND;
use crate::pace::Pace;
use crate::{CapabilityName, Event, Meeting, Micros, Output, ParticipantId, Refusal, TimeoutReason, TranscriptLine};

/// Characters of one caption; what is longer is cut, since no utterance is.
const MAX_TEXT: usize = 4_000;
/// Changes of captions that one person may ask for at once, and how often after that.
const BURST: i64 = 5;
const EVERY: Micros = 2 * SECOND;
/// The host goes on listening for this long after the last reader, so that captions turned off and on begin no new listening.
const LINGER: Micros = 5 * SECOND;

/// What the server's recogniser can do; empty when there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpeechOffer {
    /// Languages that it understands, lower case, the default first.
    pub spoken: Vec<String>,
    /// Languages into which it translates.
    pub translated: Vec<String>,
}

impl SpeechOffer {
    /// Whether there is a recogniser.
    pub fn is_available(&self) -> bool {
        !self.spoken.is_empty()
    }
}

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

/// What the recogniser heard of one voice: for each utterance any number of partial texts, each in place of the last, then a final one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardWords {
    /// The speaker.
    pub participant: ParticipantId,
    /// Whether nothing more comes for this utterance.
    pub is_final: bool,
    /// What was said.
    pub text: String,
    /// Translations by language.
    pub translations: BTreeMap<String, String>,
    /// When the utterance began.
    pub at: Micros,
}

/// The captions of a held meeting.
#[derive(Debug, Clone, Default)]
pub(crate) struct Captions {
    /// Language that is spoken; nothing until somebody said it.
    spoken: Option<String>,
    /// How the host was told to listen; nothing: it does not listen.
    told: Option<Listening>,
    /// Until when it goes on although nobody reads and nothing is written down.
    lingers_until: Option<Micros>,
}

/// How the host listens.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listening {
    language: String,
    /// Whether what is said is written down.
    written_down: bool,
}

/// Captions of one person.
#[derive(Debug, Clone)]
pub(crate) struct Hearing {
    /// Captions of the person; nothing while they are off.
    pub(crate) own: Option<OwnCaptions>,
    /// Finished utterances of the person.
    utterances: u32,
    pace: Pace,
}

impl Default for Hearing {
    fn default() -> Self {
        Self {
            own: None,
            utterances: 0,
            pace: Pace::new(BURST, EVERY),
        }
    }
}

impl Meeting {
    /// Says what the server's recogniser can do; once, before anybody joins. Without it there are no captions.
    pub fn offer_speech(&mut self, offer: SpeechOffer) {
        self.settings.speech = offer;
    }

    /// What captions there can be.
    pub(crate) fn captions_state(&self) -> CaptionsState {
        let offer = &self.settings.speech;
        CaptionsState {
            available: offer.is_available(),
            spoken_language: self.spoken_language(),
            spoken_languages: offer.spoken.clone(),
            caption_languages: offer.translated.clone(),
        }
    }

    /// Answers `Command::StartCaptions`. The language that somebody names who is not the first is the one they expect, not the meeting's.
    pub(crate) fn start_captions(&mut self, now: Micros, by: &ParticipantId, spoken_language: Option<String>) -> Result<(), Refusal> {
        self.must_have_captions(by)?;
        let named = spoken_language.map(|language| self.known_language(&language)).transpose()?;
        if self.roster.get(by).is_some_and(|entry| entry.hearing.own.is_some()) {
            return Ok(());
        }
        self.must_take_time(now, by)?;
        if !self.is_listening()
            && let Some(language) = named
        {
            self.speak(language);
        }
        let language = self.spoken_language();
        let entry = self.roster.get_mut(by).ok_or(Refusal::NoSuchCall)?;
        entry.hearing.own.get_or_insert(OwnCaptions { language });
        self.changes.touched.insert(by.clone());
        Ok(())
    }

    /// Answers `Command::StopCaptions`; always allowed.
    pub(crate) fn stop_captions(&mut self, by: &ParticipantId) -> Result<(), Refusal> {
        let entry = self.roster.get_mut(by).ok_or(Refusal::NoSuchCall)?;
        if entry.hearing.own.take().is_some() {
            self.changes.touched.insert(by.clone());
        }
        Ok(())
    }

    /// Answers `Command::SetSpokenLanguage`.
    pub(crate) fn set_spoken_language(&mut self, now: Micros, by: &ParticipantId, language: String) -> Result<(), Refusal> {
        self.must_have_captions(by)?;
        let language = self.known_language(&language)?;
        let runs = self.roster.get(by).is_some_and(|entry| entry.role.runs_meeting());
        if language != self.spoken_language() {
            if !runs {
                return Err(Refusal::RoleForbidsSpokenLanguage);
            }
            self.must_take_time(now, by)?;
        }
        self.speak(language);
        Ok(())
    }

    /// Answers `Command::SetCaptionLanguage`. The spoken language is always a choice: then nothing is translated.
    pub(crate) fn set_caption_language(&mut self, now: Micros, by: &ParticipantId, language: String) -> Result<(), Refusal> {
        self.must_have_captions(by)?;
        let language = language.to_ascii_lowercase();
        let offered = self.settings.speech.translated.contains(&language) || language == self.spoken_language();
        if !offered {
            return Err(Refusal::CaptionLanguageNotServed);
        }
        let own = self.roster.get(by).and_then(|entry| entry.hearing.own.as_ref());
        if own.ok_or(Refusal::CaptionsAreOff)?.language == language {
            return Ok(());
        }
        self.must_take_time(now, by)?;
        if let Some(own) = self.roster.get_mut(by).and_then(|entry| entry.hearing.own.as_mut()) {
            own.language = language;
        }
        self.changes.touched.insert(by.clone());
        Ok(())
    }

    /// Answers `Input::Heard`: tells those who have captions on, and has what is final written down.
    pub(crate) fn heard(&mut self, words: HeardWords) {
        let HeardWords {
            participant,
            is_final,
            text,
            translations,
            at,
        } = words;
        let language = self.spoken_language();
        // Who left is heard no more; who has not agreed is not, although the last words before may come late.
        let Some(entry) = self.roster.get_mut(&participant).filter(|entry| !entry.consent.is_owed()) else {
            return;
        };
        let caption = Caption {
            display_name: entry.person.display_name.clone(),
            utterance: entry.hearing.utterances.saturating_add(1),
            participant,
            is_final,
            text: text.chars().take(MAX_TEXT).collect(),
            spoken_language: language,
            caption_text: None,
            caption_language: None,
            at,
        };
        if is_final {
            entry.hearing.utterances = caption.utterance;
            self.write_down(&caption);
        }
        let mut receivers: BTreeMap<&str, BTreeSet<ParticipantId>> = BTreeMap::new();
        for entry in self.roster.iter() {
            if let Some(own) = &entry.hearing.own {
                receivers.entry(&own.language).or_default().insert(entry.person.id.clone());
            }
        }
        for (language, to) in receivers {
            let translation = translations.get(language).filter(|_| language != caption.spoken_language);
            let mut caption = caption.clone();
            caption.caption_text = translation.map(|text| text.chars().take(MAX_TEXT).collect());
            caption.caption_language = translation.map(|_| language.to_owned());
            self.changes.said.push(Said {
                to: Some(to),
                event: Event::Caption(caption),
            });
        }
    }

    /// Part of what every input ends with: captions that are no longer allowed are off, and the host listens or not.
    pub(crate) fn settle_captions(&mut self, now: Micros) {
        for id in self.roster.ids() {
            if self.must_have_captions(&id).is_err() {
                let _gone = self.stop_captions(&id);
            }
        }
        let wanted = match self.is_listening() {
            true => {
                self.captions.lingers_until = None;
                Some(Listening {
                    language: self.spoken_language(),
                    written_down: self.is_transcribing(),
                })
            }
            false => self.lingering(now),
        };
        if self.captions.told != wanted {
            self.captions.told.clone_from(&wanted);
            let written_down = wanted.as_ref().is_some_and(|wanted| wanted.written_down);
            self.outputs.push_back(Output::Listen {
                language: wanted.map(|wanted| wanted.language),
                written_down,
            });
        }
    }

    /// When the host stops listening because nobody reads any more.
    pub(crate) fn captions_deadline(&self) -> Option<(Micros, TimeoutReason)> {
        self.captions.lingers_until.map(|at| (at, TimeoutReason::CaptionsEnd))
    }

    /// How the host goes on listening after the last reader: for a while, where somebody inside could turn captions on again.
    fn lingering(&mut self, now: Micros) -> Option<Listening> {
        let told = self.captions.told.as_ref()?;
        let until = self.captions.lingers_until.unwrap_or_else(|| now.saturating_add(LINGER));
        let goes_on = now < until && self.roster.iter().any(|entry| self.must_have_captions(&entry.person.id).is_ok());
        let language = told.language.clone();
        self.captions.lingers_until = goes_on.then_some(until);
        goes_on.then_some(Listening {
            language,
            written_down: false,
        })
    }

    /// The held meeting is over; the host is told by [`Self::settle_captions`].
    pub(crate) fn forget_captions(&mut self) {
        self.captions.spoken = None;
    }

    fn is_listening(&self) -> bool {
        self.is_transcribing() || self.roster.iter().any(|entry| entry.hearing.own.is_some())
    }

    fn spoken_language(&self) -> String {
        let first = self.settings.speech.spoken.first();
        self.captions.spoken.as_ref().or(first).cloned().unwrap_or_default()
    }

    fn speak(&mut self, language: String) {
        let before = self.spoken_language();
        if before == language {
            self.captions.spoken = Some(language);
            return;
        }
        // Who reads the language that was spoken reads the one that is spoken.
        for id in self.roster.ids() {
            if let Some(own) = self.roster.get_mut(&id).and_then(|entry| entry.hearing.own.as_mut())
                && own.language == before
            {
                own.language.clone_from(&language);
                self.changes.touched.insert(id);
            }
        }
        self.captions.spoken = Some(language);
        self.changes.meeting = true;
    }

    fn known_language(&self, language: &str) -> Result<String, Refusal> {
        let language = language.to_ascii_lowercase();
        let known = self.settings.speech.spoken.contains(&language);
        known.then_some(language).ok_or(Refusal::SpokenLanguageNotServed)
    }

    fn must_take_time(&mut self, now: Micros, by: &ParticipantId) -> Result<(), Refusal> {
        let entry = self.roster.get_mut(by).ok_or(Refusal::NoSuchCall)?;
        if entry.hearing.pace.try_take(now) {
            Ok(())
        } else {
            Err(Refusal::TooFast)
        }
    }

    fn must_have_captions(&self, id: &ParticipantId) -> Result<(), Refusal> {
        let name = if self.settings.is_meeting() {
            CapabilityName::StartLiveMeetingCaptions
        } else {
            CapabilityName::StartLiveCallingCaptions
        };
        let entry = self.roster.get(id).ok_or(Refusal::NoSuchCall)?;
        match reason(entry.grounds(&self.settings), name) {
            CapabilityReason::Capable => Ok(()),
            CapabilityReason::FeatureNotSupported => Err(Refusal::CaptionsNotServed),
            _ => Err(Refusal::CaptionsForbidden),
        }
    }

    /// Has a final caption written down while what is said is.
    fn write_down(&mut self, caption: &Caption) {
        let from = self.written_down_from(&caption.participant);
        if from.is_some_and(|from| caption.at >= from) {
            self.outputs.push_back(Output::Transcript(TranscriptLine {
                participant: caption.participant.clone(),
                display_name: caption.display_name.clone(),
                text: caption.text.clone(),
                language: caption.spoken_language.clone(),
                at: caption.at,
            }));
        }
    }
}

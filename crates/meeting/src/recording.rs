//! Recording and transcription: whether they run, and who has agreed.
//!
//! Those who run the meeting begin and end them where option and policy allow it. In a group call nobody runs it and anybody who knows its
//! GUID is inside, so it is recorded only where the tenant's policy says so (`groupCallRecording`). When the policy asks for consent
//! (`ExplicitRecordingConsent`), everybody but whoever began owes it: until they agree their media stay closed, whatever their client does,
//! and their capabilities say `ExplicitConsentRequired`. To agree opens nothing by itself. Consent is given to what runs now: a new recording
//! and a new session are asked again. What this server does with it: final captions are written down; a recording is a state that everybody
//! sees, and no file is made (docs/known-gaps.md). An utterance that was begun before the transcription or
//! the consent is not written down. Kept by `tests/meeting/recording.rs`.

use crate::{CallKind, Meeting, Micros, ParticipantId, Refusal};

/// A recording that is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingState {
    /// Names the recording in this held meeting.
    pub id: String,
    /// Who began it.
    pub by: ParticipantId,
}

/// A final caption that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptLine {
    /// The speaker.
    pub participant: ParticipantId,
    /// Name of the speaker.
    pub display_name: String,
    /// What was said.
    pub text: String,
    /// Language in which it was said.
    pub language: String,
    /// When the utterance began.
    pub at: Micros,
}

/// What is being recorded and written down.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recordings {
    recording: Option<RecordingState>,
    /// Since when what is said is written down.
    transcribing_since: Option<Micros>,
    /// Recordings begun in this held meeting.
    count: u32,
}

/// What one person agreed to, and what they have to agree to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Consent {
    to_recording: bool,
    /// Since when; what was said before is not written down.
    to_transcription: Option<Micros>,
    pub(crate) owes_recording: bool,
    pub(crate) owes_transcription: bool,
}

impl Consent {
    /// Whether something runs to which the person has to agree before sending anything.
    pub(crate) fn is_owed(self) -> bool {
        self.owes_recording || self.owes_transcription
    }
}

impl Meeting {
    /// Answers `Command::SetRecording`.
    pub(crate) fn set_recording(&mut self, now: Micros, by: &ParticipantId, active: bool) -> Result<(), Refusal> {
        if active && self.settings.kind == CallKind::Group && !self.settings.policy.group_call_recording {
            return Err(Refusal::GroupCallRecordingForbidden);
        }
        self.must_record(by, active && !self.may_be_recorded(), Refusal::RecordingForbidden)?;
        if active == self.recordings.recording.is_some() {
            return Ok(());
        }
        match active {
            true => {
                // It pays for its end, which is never refused for its speed.
                self.may_retell(now, by, self.roster.len().saturating_mul(2))?;
                self.recordings.count = self.recordings.count.saturating_add(1);
                self.recordings.recording = Some(RecordingState {
                    id: self.recordings.count.to_string(),
                    by: by.clone(),
                });
                // Whoever begins it agrees to it.
                self.grant_consent(now, by, true, false)?;
            }
            false => self.end_recording(),
        }
        self.recordings_changed();
        Ok(())
    }

    /// Answers `Command::SetTranscription`. What nobody can hear nobody can write down.
    pub(crate) fn set_transcription(&mut self, now: Micros, by: &ParticipantId, active: bool) -> Result<(), Refusal> {
        self.must_record(by, active && !self.may_be_transcribed(), Refusal::TranscriptionForbidden)?;
        // A transcript belongs to a scheduled meeting, whose organizers read it.
        if active && (!self.settings.is_meeting() || self.settings.breakout.is_some()) {
            return Err(Refusal::NotInThisKindOfCall);
        }
        if active && !self.settings.speech.is_available() {
            return Err(Refusal::CaptionsNotServed);
        }
        if active == self.is_transcribing() {
            return Ok(());
        }
        match active {
            true => {
                // It pays for its end, which is never refused for its speed.
                self.may_retell(now, by, self.roster.len().saturating_mul(2))?;
                self.recordings.transcribing_since = Some(now);
                self.grant_consent(now, by, false, true)?;
            }
            false => self.end_transcription(),
        }
        self.recordings_changed();
        Ok(())
    }

    /// Answers `Command::GrantConsent`. To agree to what does not run is worth nothing.
    pub(crate) fn grant_consent(&mut self, now: Micros, by: &ParticipantId, recording: bool, transcription: bool) -> Result<(), Refusal> {
        let (recorded, transcribed) = (self.recordings.recording.is_some(), self.is_transcribing());
        let entry = self.roster.get_mut(by).ok_or(Refusal::NoSuchCall)?;
        entry.consent.to_recording |= recording && recorded;
        if transcription && transcribed {
            entry.consent.to_transcription.get_or_insert(now);
        }
        self.review_consent(by);
        Ok(())
    }

    /// The recordings as everybody sees them.
    pub(crate) fn recordings_state(&self) -> Vec<RecordingState> {
        self.recordings.recording.iter().cloned().collect()
    }

    pub(crate) fn is_transcribing(&self) -> bool {
        self.recordings.transcribing_since.is_some()
    }

    /// From when on what somebody says is written down, nothing: not now. What was begun before the transcription, or before the person
    /// agreed to it where that is asked for, was not said for it.
    pub(crate) fn written_down_from(&self, id: &ParticipantId) -> Option<Micros> {
        let since = self.recordings.transcribing_since?;
        let consent = self.roster.get(id)?.consent;
        match self.settings.policy.explicit_recording_consent {
            true => consent.to_transcription.map(|agreed| agreed.max(since)),
            false => Some(since),
        }
    }

    /// What somebody who comes in owes.
    pub(crate) fn consent_at_entry(&self) -> Consent {
        self.reviewed(Consent::default())
    }

    /// Follows settings that changed: what is no longer allowed ends. The caller brings everybody's rights in line.
    pub(crate) fn settle_recordings(&mut self) {
        let recording = self.recordings.recording.is_some() && !self.may_be_recorded();
        let transcription = self.is_transcribing() && !self.may_be_transcribed();
        if recording {
            self.end_recording();
        }
        if transcription {
            self.end_transcription();
        }
        self.changes.meeting |= recording || transcription;
        for id in self.roster.ids() {
            self.review_consent(&id);
        }
    }

    /// The held meeting is over.
    pub(crate) fn forget_recordings(&mut self) {
        self.recordings = Recordings::default();
    }

    fn must_record(&self, by: &ParticipantId, forbidden: bool, refusal: Refusal) -> Result<(), Refusal> {
        let entry = self.roster.get(by).ok_or(Refusal::NoSuchCall)?;
        if !entry.role.runs_meeting() {
            return Err(Refusal::RoleForbidsRecording);
        }
        if forbidden { Err(refusal) } else { Ok(()) }
    }

    fn may_be_recorded(&self) -> bool {
        let of_group = self.settings.kind != CallKind::Group || self.settings.policy.group_call_recording;
        of_group && self.settings.options.allow_recording && self.settings.policy.allow_cloud_recording
    }

    fn may_be_transcribed(&self) -> bool {
        self.settings.options.allow_transcription && self.settings.policy.allow_transcription
    }

    fn end_recording(&mut self) {
        self.recordings.recording = None;
        for id in self.roster.ids() {
            if let Some(entry) = self.roster.get_mut(&id) {
                entry.consent.to_recording = false;
            }
        }
    }

    fn end_transcription(&mut self) {
        self.recordings.transcribing_since = None;
        for id in self.roster.ids() {
            if let Some(entry) = self.roster.get_mut(&id) {
                entry.consent.to_transcription = None;
            }
        }
    }

    fn recordings_changed(&mut self) {
        self.changes.meeting = true;
        for id in self.roster.ids() {
            self.review_consent(&id);
            self.apply_rights(&id);
        }
    }

    fn review_consent(&mut self, id: &ParticipantId) {
        let Some(before) = self.roster.get(id).map(|entry| entry.consent) else {
            return;
        };
        let after = self.reviewed(before);
        if let Some(entry) = self.roster.get_mut(id) {
            entry.consent = after;
        }
        if (before.owes_recording, before.owes_transcription) != (after.owes_recording, after.owes_transcription) {
            self.changes.touched.insert(id.clone());
        }
    }

    fn reviewed(&self, consent: Consent) -> Consent {
        let asked = self.settings.policy.explicit_recording_consent;
        Consent {
            owes_recording: asked && self.recordings.recording.is_some() && !consent.to_recording,
            owes_transcription: asked && self.is_transcribing() && consent.to_transcription.is_none(),
            ..consent
        }
    }
}

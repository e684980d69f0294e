//! Listening: while the machine wants it, the voices of the meeting go to the recogniser, and its words come back as inputs.
//!
//! Invariants: only a media peer is tapped, so nobody who waits is (`tests/captions.rs`); a closed microphone gives nothing, which the engine
//! keeps; nobody waits for the recogniser: its queue drops sound, and words that find this task's queue full are dropped unless they are final.

use std::sync::Arc;

use app::speech::{Heard, HeardSink, VoicePacket};
use meeting::{HeardWords, Input, ParticipantId};
use tokio::sync::mpsc::{self, error::TrySendError};

use super::{Host, HostInput};
use crate::media_plane::{PeerId, VoiceTap};

impl Host {
    /// Carries out `Output::Listen`.
    pub(super) fn listen(&mut self, language: Option<&str>, written_down: bool) {
        if let (Some((listened, ear)), Some(language)) = (&self.ear, language)
            && listened == language
        {
            return ear.prefer(written_down);
        }
        // The one before ends when it is dropped; what it heard until now still comes.
        self.ear = None;
        if let (Some(language), Some(speech)) = (language, self.app.speech()) {
            let ear = speech.listen(language, sink(self.handle.inputs.clone()));
            ear.prefer(written_down);
            self.ear = Some((language.to_owned(), ear));
        }
        let peers: Vec<(String, PeerId)> = self
            .sessions
            .values()
            .filter_map(|session| Some((session.person.clone(), session.peer?)))
            .collect();
        for (person, peer) in peers {
            self.media.tap(peer, self.tap_of(&person));
        }
    }

    /// Listens to a peer that was declared just now, when somebody listens.
    pub(super) fn listen_to(&self, person: &str, peer: PeerId) {
        if self.ear.is_some() {
            self.media.tap(peer, self.tap_of(person));
        }
    }

    pub(super) fn heard(&mut self, heard: Heard) {
        let ago = i64::from(heard.began_ms_ago).saturating_mul(1_000);
        self.feed(Input::Heard(HeardWords {
            participant: ParticipantId(heard.speaker.to_string()),
            is_final: heard.is_final,
            text: heard.text,
            translations: heard.translations,
            at: self.app.now().saturating_sub(ago),
        }));
    }

    /// Keeps a line of the transcript before anybody is told it. A store that fails costs the line, not the meeting.
    pub(super) async fn write_down(&self, line: &meeting::TranscriptLine) {
        let kept = app::transcripts::TranscriptLine {
            thread_id: self.handle.thread_id.clone(),
            held_id: self.machine.server_call_id().to_owned(),
            raw_id: line.participant.0.clone(),
            display_name: line.display_name.clone(),
            language: line.language.clone(),
            text: line.text.clone(),
            began: line.at,
            ended: self.app.now().max(line.at),
        };
        if let Err(error) = self.app.record_transcript(&kept).await {
            tracing::error!(%error, "a line of a transcript could not be written down");
        }
    }

    fn tap_of(&self, person: &str) -> Option<VoiceTap> {
        let (_, ear) = self.ear.as_ref()?;
        let ear = Arc::clone(ear);
        let speaker: Arc<str> = person.into();
        Some(Arc::new(move |voice| {
            ear.hear(VoicePacket {
                speaker: Arc::clone(&speaker),
                stream: voice.stream,
                sequence: voice.sequence,
                opus: voice.opus.to_vec(),
            });
        }))
    }
}

/// A final result is said once only and closes the partial ones, so it waits for room.
fn sink(inputs: mpsc::Sender<HostInput>) -> HeardSink {
    Arc::new(move |heard| {
        if let Err(TrySendError::Full(input)) = inputs.try_send(HostInput::Heard(heard))
            && matches!(&input, HostInput::Heard(heard) if heard.is_final)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let inputs = inputs.clone();
            runtime.spawn(async move { drop(inputs.send(input).await) });
        }
    })
}

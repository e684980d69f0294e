//! What was said in held meetings, written down while those who run the meeting want it, for its organizers.
//!
//! * Owns: the lines of transcripts, who may read them, their text as WebVTT. One held meeting has one transcript, however often it was interrupted.
//! * Not here: recognising words (`captions`), when lines are written (`meeting`, told by `signal`).
//! * Invariants: a held meeting has [`MOST_LINES`] lines at most, later ones are left out and the log says so; what stands in a line never becomes
//!   markup. Kept by `tests/transcripts.rs` and the store's conformance suite.

use std::fmt::Write as _;

use async_trait::async_trait;

use crate::error::AppError;
use crate::permissions::TRANSCRIPTS_READ_ALL;
use crate::ports::StoreResult;
use crate::tokens::Caller;
use crate::{App, Micros};

/// Lines of one held meeting: a day of talking without a pause.
pub const MOST_LINES: u32 = 20_000;

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptLine {
    /// The meeting.
    pub thread_id: String,
    /// The held meeting.
    pub held_id: String,
    /// Raw id of the speaker.
    pub raw_id: String,
    /// Name of the speaker.
    pub display_name: String,
    /// Language in which it was said.
    pub language: String,
    /// What was said.
    pub text: String,
    /// When the utterance began.
    pub began: Micros,
    /// When it was understood.
    pub ended: Micros,
}

/// The transcript of one held meeting, without its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The held meeting; also the transcript's id.
    pub held_id: String,
    /// When the first line began.
    pub began: Micros,
    /// When the last line ended.
    pub ended: Micros,
}

/// Lines of transcripts.
#[async_trait]
pub trait TranscriptStore: Send + Sync + 'static {
    /// Appends a line unless its held meeting has `most` lines already; whether it was appended.
    async fn add_transcript_line(&self, line: &TranscriptLine, most: u32) -> StoreResult<bool>;
    /// The transcripts of a meeting, the one that began latest first.
    async fn transcripts(&self, thread_id: &str) -> StoreResult<Vec<Transcript>>;
    /// The lines of a held meeting in the order in which they were appended.
    async fn transcript_lines(&self, thread_id: &str, held_id: &str) -> StoreResult<Vec<TranscriptLine>>;
}

/// A transcript with its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeTranscript {
    /// Which.
    pub transcript: Transcript,
    /// What was said.
    pub lines: Vec<TranscriptLine>,
}

impl App {
    /// Writes a line down.
    ///
    /// # Errors
    /// The store failed; the line was not written.
    pub async fn record_transcript(&self, line: &TranscriptLine) -> Result<(), AppError> {
        if !self.store().add_transcript_line(line, MOST_LINES).await? {
            tracing::warn!(held_id = %line.held_id, MOST_LINES, "a transcript is full; what is said from now on is not kept");
        }
        Ok(())
    }

    /// The meeting's organizer and its transcripts, latest first. `user_id` is in whose name they are read: the organizer or a co-organizer.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn transcripts(&self, caller: &Caller, user_id: &str, meeting_id: &str) -> Result<(String, Vec<Transcript>), AppError> {
        let meeting = self.organized_meeting(caller, user_id, meeting_id, &[TRANSCRIPTS_READ_ALL]).await?;
        let transcripts = self.store().transcripts(&meeting.thread_id).await?;
        Ok((meeting.organizer_id, transcripts))
    }

    /// One transcript with its lines, by its id in any letter case; nothing when there is none. `user_id` as above.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn transcript(
        &self,
        caller: &Caller,
        user_id: &str,
        meeting_id: &str,
        transcript_id: &str,
    ) -> Result<Option<WholeTranscript>, AppError> {
        let meeting = self.organized_meeting(caller, user_id, meeting_id, &[TRANSCRIPTS_READ_ALL]).await?;
        let all = self.store().transcripts(&meeting.thread_id).await?;
        let Some(transcript) = all.into_iter().find(|known| known.held_id.eq_ignore_ascii_case(transcript_id)) else {
            return Ok(None);
        };
        let lines = self.store().transcript_lines(&meeting.thread_id, &transcript.held_id).await?;
        Ok(Some(WholeTranscript { transcript, lines }))
    }
}

impl WholeTranscript {
    /// As WebVTT: times since the transcript began, the speaker as a voice.
    pub fn vtt(&self) -> String {
        self.cues(|line| format!("<v {}>{}</v>", escaped(&line.display_name), escaped(&line.text)))
    }

    /// As WebVTT with this text as the payload of each line; it must hold no empty line and no arrow.
    pub fn cues(&self, payload: impl Fn(&TranscriptLine) -> String) -> String {
        let mut text = "WEBVTT\n".to_owned();
        for line in &self.lines {
            let since = |at: Micros| clock(at.saturating_sub(self.transcript.began));
            // Writing to a String cannot fail.
            let _ = write!(text, "\n{} --> {}\n{}\n", since(line.began), since(line.ended), payload(line));
        }
        text
    }
}

/// `hh:mm:ss.mmm`.
fn clock(at: Micros) -> String {
    let ms = at.max(0) / 1_000;
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1_000 % 60,
        ms % 1_000
    )
}

/// Neither markup nor the end of a cue.
fn escaped(text: &str) -> String {
    let one_line: String = text.split(char::is_control).collect::<Vec<_>>().join(" ");
    one_line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, text: &str, began: Micros, ended: Micros) -> TranscriptLine {
        TranscriptLine {
            thread_id: "t".to_owned(),
            held_id: "h".to_owned(),
            raw_id: "8:acs:r_u".to_owned(),
            display_name: name.to_owned(),
            language: "en-us".to_owned(),
            text: text.to_owned(),
            began,
            ended,
        }
    }

    #[test]
    fn a_transcript_is_read_as_subtitles_in_which_nothing_is_markup() {
        let whole = WholeTranscript {
            transcript: Transcript {
                held_id: "h".to_owned(),
                began: 10_000_000,
                ended: 3_700_000_000,
            },
            lines: vec![
                line("Maria", "good morning", 10_000_000, 11_250_000),
                line("<b>\n\n", "a --> b & c", 3_673_001_000, 3_700_000_000),
            ],
        };
        assert_eq!(
            whole.vtt(),
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.250\n<v Maria>good morning</v>\n\n01:01:03.001 --> 01:01:30.000\n\
             <v &lt;b&gt;  >a --&gt; b &amp; c</v>\n"
        );
    }
}

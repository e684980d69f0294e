//! What a meeting offers beyond sound and pictures: reactions, spotlight, media access, recording, captions, typed text, data, together
//! view, breakout rooms, calls to people, transfer, survey, diagnostics. Shapes only; who may do what is decided in `meeting`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of call this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum CallKind {
    /// A scheduled meeting, or one of its breakout rooms.
    Meeting,
    /// A call in a room.
    Room,
    /// A group call, named by a GUID that its application chose.
    Group,
    /// A call to people, who are rung.
    Direct,
}

/// Where a person of the roster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Presence {
    /// In the call.
    Inside,
    /// In the call, and has put it on hold.
    Held,
    /// Called, and has not answered yet; has no session (`session` is empty).
    Ringing,
}

/// A reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the calling SDK's own and say what they are")]
pub enum Reaction {
    Like,
    Heart,
    Laugh,
    Surprised,
    Applause,
}

/// What those who run a meeting permit attendees to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AccessKind {
    /// The microphone.
    Audio,
    /// The camera.
    Video,
}

/// What somebody, or attendees in general, may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MediaAccess {
    /// The microphone.
    pub audio: bool,
    /// The camera.
    pub video: bool,
}

/// A recording that is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecordingState {
    /// Names the recording in this held meeting.
    pub id: String,
    /// Raw id of who began it.
    pub by: String,
}

/// What captions the meeting can have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CaptionsState {
    /// Whether there is a recogniser.
    pub available: bool,
    /// Language that is spoken (`en-us`).
    pub spoken_language: String,
    /// Languages that the recogniser understands.
    pub spoken_languages: Vec<String>,
    /// Languages into which captions can be translated; empty: only the spoken one.
    pub caption_languages: Vec<String>,
}

/// The receiver's own captions, when they are on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OwnCaptions {
    /// Language of the captions that are sent to the receiver.
    pub language: String,
}

/// One caption. A partial one is replaced by the next of the same participant and utterance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Caption {
    /// Raw id of the speaker.
    pub participant: String,
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
    /// When the utterance began, RFC 3339 UTC.
    pub at: String,
}

/// A line of real-time text, whole each time that it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TypedText {
    /// Raw id of who types.
    pub participant: String,
    /// Name of who types.
    pub display_name: String,
    /// Number of the line, growing for each participant.
    pub sequence: u32,
    /// The whole line.
    pub text: String,
    /// Whether the line is finished.
    pub is_final: bool,
    /// When the line began, RFC 3339 UTC.
    pub began: String,
    /// When it changed last, RFC 3339 UTC.
    pub updated: String,
}

/// A message of a data channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DataMessage {
    /// Raw id of the sender.
    pub participant: String,
    /// Channel number, chosen by the sending application.
    pub channel: u32,
    /// Number of the message in this channel of this sender.
    pub sequence: u32,
    /// The bytes, base64.
    pub data: String,
}

/// Place of one person in the together view, in ten-thousandths of the scene's width and height.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Seat {
    /// Raw id.
    pub participant: String,
    /// Distance from the left edge.
    pub left: u32,
    /// Distance from the top edge.
    pub top: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// A breakout room as somebody who may know it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BreakoutRoom {
    /// Names the room in this held meeting.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Chat thread of the room.
    pub thread_id: String,
    /// Whether it can be joined now.
    pub open: bool,
    /// Whether its people are moved by themselves when it opens.
    pub auto_move: bool,
    /// Raw ids of those who are assigned; for somebody assigned only themself.
    pub invitees: Vec<String>,
}

/// Breakout rooms as the receiver may know them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BreakoutState {
    /// The receiver's room, when there is one and the receiver may join it.
    pub assigned: Option<BreakoutRoom>,
    /// All rooms; empty for those who do not manage them.
    pub rooms: Vec<BreakoutRoom>,
    /// When the rooms close by themselves, RFC 3339 UTC.
    pub ends: Option<String>,
    /// Whether people stay in their room until it closes.
    pub return_disabled: bool,
    /// Set inside a breakout room: the call of the main meeting is over there and this names it.
    pub main_thread_id: Option<String>,
}

/// A breakout room to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NewBreakoutRoom {
    /// Name to show.
    pub name: String,
    /// Raw ids of those who are assigned.
    pub invitees: Vec<String>,
}

/// A call that rings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IncomingCall {
    /// Names the invitation; the call that accepts it is joined by it.
    pub id: String,
    /// Kind of the call.
    pub kind: CallKind,
    /// Raw id of the caller.
    pub caller: String,
    /// Name of the caller.
    pub caller_name: String,
    /// What the caller's application gave along.
    pub custom_context: BTreeMap<String, String>,
    /// Raw id of who transferred the call here, when somebody did.
    pub transferor: Option<String>,
    /// Name of who transferred.
    pub transferor_name: Option<String>,
}

/// How a transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TransferState {
    /// The transferee was asked.
    Transferring,
    /// The transferee is in the other call.
    Transferred,
    /// It did not work.
    Failed,
}

/// Scores of one part of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SurveyRating {
    /// `overall`, `audio`, `video` or `screenshare`.
    pub subject: String,
    /// The score, on the scale.
    pub score: u32,
    /// Lowest score.
    pub lower: u32,
    /// Highest score.
    pub upper: u32,
    /// Highest score that is a low one.
    pub low_threshold: u32,
    /// Names of issues.
    pub issues: Vec<String>,
}

/// One diagnostic value of a participant's client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// Name of the diagnostic.
    pub name: String,
    /// 1 or 0 for a flag; 1, 2 or 3 for a quality.
    pub value: u32,
    /// Whether it is a flag (otherwise a quality).
    pub is_flag: bool,
}

//! Chat: threads, who is in them, messages, receipts.

use serde::{Deserialize, Serialize};

use crate::Micros;

/// What a thread belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadKind {
    /// Made through the chat API; `19:<43 url-safe characters>@thread.v2`.
    Chat,
    /// The thread of a scheduled meeting; its id is the meeting's own thread id.
    Meeting,
}

/// When a thread's messages go by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Retention {
    /// Never.
    None,
    /// The whole thread, this many days (30 to 90) after it was made.
    #[serde(rename_all = "camelCase")]
    ThreadCreationDate {
        /// Days.
        delete_thread_after_days: u32,
    },
}

/// A thread.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatThread {
    /// Thread id.
    pub id: String,
    /// Kind.
    pub kind: ThreadKind,
    /// Topic.
    pub topic: String,
    /// When it was made.
    pub created: Micros,
    /// Raw id of whoever made it.
    pub created_by: String,
    /// Metadata of the application, text by name.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Retention.
    pub retention: Retention,
    /// When it was deleted.
    pub deleted: Option<Micros>,
    /// When the last message came.
    pub last_message: Option<Micros>,
}

/// Somebody in a thread, now or before.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatMember {
    /// The thread.
    pub thread_id: String,
    /// Raw id.
    pub raw_id: String,
    /// Name as given by whoever added them.
    pub display_name: Option<String>,
    /// Messages before this moment are hidden from them; 0 shows all.
    pub share_history: Micros,
    /// Metadata of the application.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// When they were added (last).
    pub added: Micros,
    /// When they were removed: history until then stays readable (in the thread of a meeting it does not), nothing else is allowed.
    pub removed: Option<Micros>,
    /// Whether they are out because the meeting of the thread has not invited them (any more), and nobody sent them away: an invitation brings
    /// them back.
    pub uninvited: bool,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// Plain text.
    Text,
    /// HTML, as the sender gave it.
    Html,
    /// The topic changed.
    TopicUpdated,
    /// Somebody was added.
    ParticipantAdded,
    /// Somebody was removed or left.
    ParticipantRemoved,
}

impl MessageKind {
    /// Name in the store and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "html",
            Self::TopicUpdated => "topicUpdated",
            Self::ParticipantAdded => "participantAdded",
            Self::ParticipantRemoved => "participantRemoved",
        }
    }
}

/// Somebody whom a system message or an event names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedParticipant {
    /// Raw id.
    pub raw_id: String,
    /// Name.
    #[serde(default)]
    pub display_name: Option<String>,
    /// See [`ChatMember::share_history`].
    #[serde(default)]
    pub share_history: Micros,
    /// See [`ChatMember::metadata`].
    #[serde(default)]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatMessage {
    /// The thread.
    pub thread_id: String,
    /// Time of sending in milliseconds, unique in its thread (a later one in the same millisecond gets the next).
    pub id: i64,
    /// 1, 2, 3 ... in its thread.
    pub sequence: i64,
    /// The id until it is edited, then the time of the last change in milliseconds.
    pub version: i64,
    /// Kind.
    pub kind: MessageKind,
    /// Raw id of the sender (of the initiator for system messages).
    pub sender: String,
    /// Name that the sender gave.
    pub sender_display_name: Option<String>,
    /// Text; the new topic for [`MessageKind::TopicUpdated`]; empty once deleted.
    pub content: String,
    /// Who was added or removed, for system messages.
    pub participants: Vec<NamedParticipant>,
    /// Metadata of the application.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// When it was sent.
    pub created: Micros,
    /// When it was edited (last).
    pub edited: Option<Micros>,
    /// When it was deleted.
    pub deleted: Option<Micros>,
}

/// How far somebody has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadReceipt {
    /// The thread.
    pub thread_id: String,
    /// Raw id of the reader.
    pub reader: String,
    /// The message.
    pub message_id: i64,
    /// When it was read.
    pub read: Micros,
}

//! What happened in a thread, told after it was committed to whoever pushes it to browsers.

use crate::Micros;
use crate::model::{ChatMessage, ChatThread, NamedParticipant};

/// How many events a slow receiver may be behind before it gets `Lagged`; it then misses events, which clients find again by listing messages.
pub const CHAT_EVENTS_CAPACITY: usize = 4096;

/// Something happened in a thread.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatEvent {
    /// The thread.
    pub thread_id: String,
    /// Raw ids of those who are told: members of the thread at that time, and whoever was just removed.
    pub recipients: std::sync::Arc<[String]>,
    /// What.
    pub kind: ChatEventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ChatEventKind {
    /// A text or HTML message came.
    MessageReceived(ChatMessage),
    /// A message was edited.
    MessageEdited(ChatMessage),
    /// A message was deleted.
    MessageDeleted(ChatMessage),
    /// Somebody types.
    Typing {
        /// Raw id.
        sender: String,
        /// Name that the sender gave.
        display_name: Option<String>,
        /// When.
        at: Micros,
    },
    /// Somebody has read up to a message.
    ReadReceipt {
        /// Raw id of the reader.
        reader: String,
        /// The message.
        message_id: i64,
        /// When it was read.
        read: Micros,
    },
    /// The thread was made.
    ThreadCreated {
        /// The thread.
        thread: ChatThread,
        /// Its members.
        members: Vec<NamedParticipant>,
    },
    /// Topic, metadata or retention changed.
    ThreadUpdated {
        /// The thread as it is now.
        thread: ChatThread,
        /// Raw id of whoever changed it.
        by: String,
        /// When.
        at: Micros,
    },
    /// The thread was deleted.
    ThreadDeleted {
        /// Raw id of whoever deleted it; nothing when the server did, after its retention or its meeting.
        by: Option<String>,
        /// When.
        at: Micros,
    },
    /// Somebody was added.
    ParticipantsAdded {
        /// Raw id of whoever added them.
        by: String,
        /// When.
        at: Micros,
        /// Who.
        participants: Vec<NamedParticipant>,
    },
    /// Somebody was removed or left.
    ParticipantsRemoved {
        /// Raw id of whoever removed them.
        by: String,
        /// When.
        at: Micros,
        /// Who.
        participants: Vec<NamedParticipant>,
    },
}

//! What chat persists.
//!
//! Promises beyond those of [`crate::ports`], kept by the cases of `conformance/chat.rs`:
//! * sequence (1, 2, 3 ...), message id (milliseconds) and time of creation (microseconds) are assigned inside the transaction and only grow in a
//!   thread, also when several write at once or the clock steps back;
//! * a change that somebody asked for is made only while they are a member of a thread that is not deleted, which is looked at inside the same
//!   transaction: a removal and a message cannot slip past each other;
//! * a write says who was in the thread at its commit ([`Told`]), so that nobody else is told.

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::Micros;
use crate::model::{ChatMember, ChatMessage, ChatThread, MessageKind, NamedParticipant, ReadReceipt, Retention};
use crate::ports::StoreResult;

/// A message before the store has given it its place.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// Kind.
    pub kind: MessageKind,
    /// Raw id of the sender or initiator.
    pub sender: String,
    /// Name that the sender gave.
    pub sender_display_name: Option<String>,
    /// Text, or the new topic.
    pub content: String,
    /// Who was added or removed.
    pub participants: Vec<NamedParticipant>,
    /// Metadata of the application.
    pub metadata: Map<String, Value>,
}

impl NewMessage {
    /// A message of the system.
    #[must_use]
    pub fn system(kind: MessageKind, initiator: &str, content: &str, participants: Vec<NamedParticipant>) -> Self {
        Self {
            kind,
            sender: initiator.to_owned(),
            sender_display_name: None,
            content: content.to_owned(),
            participants,
            metadata: Map::new(),
        }
    }
}

/// What was written, and whom to tell: the raw ids of the members at the commit who may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told<T> {
    /// What was written.
    pub value: T,
    /// Raw ids.
    pub told: Vec<String>,
}

/// Changes to a thread; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThreadEdit {
    /// Topic; a different one leaves a message of the system.
    pub topic: Option<String>,
    /// Replaces the whole metadata.
    pub metadata: Option<Map<String, Value>>,
    /// Retention.
    pub retention: Option<Retention>,
}

/// Which messages, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageRange {
    /// Created at or after.
    pub from: Micros,
    /// Created before or at.
    pub until: Micros,
    /// With a smaller id than this.
    pub before: i64,
    /// How many at most.
    pub top: u32,
}

/// How adding went.
#[derive(Debug, Clone, PartialEq)]
pub enum Adding {
    /// These are new (perhaps nobody, when all were there already); members at the commit.
    Added(Told<Vec<NamedParticipant>>),
    /// The thread would have more members than allowed; nobody was added.
    Full,
    /// There is no such thread, or whoever asked is no member of it; nobody was added.
    Refused,
}

/// When those go out of the thread of a meeting who are not invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clearing {
    /// Now, unless the meeting is held.
    UnlessHeld,
    /// With the end of the held meeting, in one step.
    AtTheEnd {
        /// Revision of the meeting from which it was taken who is invited. A thread that follows a newer one follows this one afterwards, so that who
        /// was invited meanwhile comes back.
        revision: i64,
    },
}

/// What the thread of a meeting knows about its meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeetingChatState {
    /// Revision of the meeting that topic and members follow.
    pub revision: i64,
    /// Since when the meeting is held; nothing between meetings.
    pub held_since: Option<Micros>,
}

/// Chat in the store.
#[async_trait]
pub trait ChatStore: Send + Sync + 'static {
    /// Inserts a thread with its members and first messages (created at `thread.created`); `meeting_revision` for the thread of a meeting.
    async fn insert_chat_thread(
        &self,
        thread: &ChatThread,
        meeting_revision: Option<i64>,
        members: &[ChatMember],
        messages: &[NewMessage],
    ) -> StoreResult<()>;
    /// By id; deleted ones too.
    async fn chat_thread(&self, thread_id: &str) -> StoreResult<Option<ChatThread>>;
    /// Threads that are not deleted (nor due at `now`, nor of a deleted meeting) and have this member, newest first, with the member's
    /// `share_history`; only those after the one with that time of creation and id, and only those made or written to at or after `since`.
    async fn chat_threads_of(
        &self,
        raw_id: &str,
        since: Micros,
        after: Option<(Micros, &str)>,
        now: Micros,
        top: u32,
    ) -> StoreResult<Vec<(ChatThread, Micros)>>;
    /// Changes a thread in the name of `by`, with a message of the system when the topic is another one; nothing when it is deleted or `by` is
    /// no member.
    async fn edit_chat_thread(&self, thread_id: &str, by: &str, edit: &ThreadEdit, at: Micros) -> StoreResult<Option<Told<ChatThread>>>;
    /// Deletes a thread with everything in it; only its id and times stay. `by` must be a member unless it is nothing. Nothing when it was deleted
    /// before, or `by` is no member.
    async fn delete_chat_thread(&self, thread_id: &str, by: Option<&str>, at: Micros) -> StoreResult<Option<Told<()>>>;
    /// Ids of threads whose retention has ended at `now`, at most `top`.
    async fn due_chat_threads(&self, now: Micros, top: u32) -> StoreResult<Vec<String>>;
    /// Ids of threads that are not deleted though their meeting is, at most `top`.
    async fn orphaned_meeting_chats(&self, top: u32) -> StoreResult<Vec<String>>;

    /// Somebody in a thread, now or before; also in a thread that was deleted, until it is swept.
    async fn chat_member(&self, thread_id: &str, raw_id: &str) -> StoreResult<Option<ChatMember>>;
    /// Who is in a thread now, in the order in which they were added, then by raw id.
    async fn chat_members(&self, thread_id: &str) -> StoreResult<Vec<ChatMember>>;
    /// Adds those who are not there, with one message of the system that names them. Who was there before gets the new row. When `as_member` is set,
    /// `by` must be a member, and nobody is shown older messages than `by` is.
    async fn add_chat_members(
        &self,
        thread_id: &str,
        by: &str,
        as_member: bool,
        members: &[ChatMember],
        limit: usize,
        at: Micros,
    ) -> StoreResult<Adding>;
    /// Removes those who are there, with one message of the system that names them; `told` are those who stay and those who went. `by` must be a
    /// member when `as_member` is set; nothing when not, or when there is no such thread.
    async fn remove_chat_members(
        &self,
        thread_id: &str,
        by: &str,
        as_member: bool,
        raw_ids: &[String],
        at: Micros,
    ) -> StoreResult<Option<Told<Vec<NamedParticipant>>>>;

    /// Appends a message of a member; nothing when the sender is no member or the thread is deleted.
    async fn append_chat_message(&self, thread_id: &str, message: &NewMessage, at: Micros) -> StoreResult<Option<Told<ChatMessage>>>;
    /// One message; deleted ones too.
    async fn chat_message(&self, thread_id: &str, id: i64) -> StoreResult<Option<ChatMessage>>;
    /// Messages of a range, newest first; deleted ones too.
    async fn chat_messages(&self, thread_id: &str, range: MessageRange) -> StoreResult<Vec<ChatMessage>>;
    /// Edits a text or HTML message of a member who sent it; nothing when it is not there, deleted, of somebody else, or the sender is no member.
    async fn edit_chat_message(
        &self,
        thread_id: &str,
        id: i64,
        sender: &str,
        content: Option<&str>,
        metadata: Option<&Map<String, Value>>,
        at: Micros,
    ) -> StoreResult<Option<Told<ChatMessage>>>;
    /// Deletes a message as [`ChatStore::edit_chat_message`] edits it: it stays without content, metadata and sender's name.
    async fn delete_chat_message(&self, thread_id: &str, id: i64, sender: &str, at: Micros) -> StoreResult<Option<Told<ChatMessage>>>;

    /// Moves a member's receipt forward (never back); nothing when it did not move, or the reader is no member.
    async fn put_chat_receipt(&self, receipt: &ReadReceipt) -> StoreResult<Option<Told<()>>>;
    /// Receipts of those who are in the thread now, by raw id.
    async fn chat_receipts(&self, thread_id: &str) -> StoreResult<Vec<ReadReceipt>>;

    /// What the thread of a meeting knows about it; nothing when there is no such thread or it is deleted.
    async fn meeting_chat(&self, thread_id: &str) -> StoreResult<Option<MeetingChatState>>;
    /// Notes which revision of its meeting the thread follows.
    async fn put_meeting_chat_revision(&self, thread_id: &str, revision: i64) -> StoreResult<()>;
    /// Notes since when the meeting is held; false when it is held already, the thread is deleted or not there.
    async fn hold_meeting_chat(&self, thread_id: &str, since: Micros) -> StoreResult<bool>;
    /// Takes everybody out of the thread of a meeting whose raw id is not in `keep`, as [`ChatStore::remove_chat_members`] does, and notes that an
    /// invitation brings them back. Whether the meeting is held is looked at in the same transaction; nothing when that forbids it, or when there
    /// is no such thread of a meeting.
    async fn clear_meeting_chat(
        &self,
        thread_id: &str,
        by: &str,
        keep: &[String],
        clearing: Clearing,
        at: Micros,
    ) -> StoreResult<Option<Told<Vec<NamedParticipant>>>>;
    /// Ids of threads whose meeting is held.
    async fn held_meeting_chats(&self) -> StoreResult<Vec<String>>;
}

//! Chat: threads, who is in them, messages, receipts.
//!
//! * `rows`: between rows and values. `turn`: what every write to a thread begins and ends with.
//! * `threads`, `members`, `messages`: the promises of [`ChatStore`], by subject.

mod members;
mod messages;
mod rows;
mod threads;
mod turn;

use app::Micros;
use app::chat::{Adding, ChatStore, Clearing, MeetingChatState, MessageRange, NewMessage, ThreadEdit, Told};
use app::model::{ChatMember, ChatMessage, ChatThread, NamedParticipant, ReadReceipt};
use app::ports::StoreResult;
use async_trait::async_trait;
use serde_json::{Map, Value};
use sqlx::Any;
use sqlx::pool::PoolConnection;

use crate::SqlStore;
use crate::sql::failed;

impl SqlStore {
    async fn reading_chat(&self) -> StoreResult<PoolConnection<Any>> {
        self.reader.acquire().await.map_err(failed("chat"))
    }
}

#[async_trait]
impl ChatStore for SqlStore {
    async fn insert_chat_thread(
        &self,
        thread: &ChatThread,
        meeting_revision: Option<i64>,
        members: &[ChatMember],
        messages: &[NewMessage],
    ) -> StoreResult<()> {
        threads::insert(self, thread, meeting_revision, members, messages).await
    }

    async fn chat_thread(&self, thread_id: &str) -> StoreResult<Option<ChatThread>> {
        threads::find(&mut *self.reading_chat().await?, thread_id).await
    }

    async fn chat_threads_of(
        &self,
        raw_id: &str,
        since: Micros,
        after: Option<(Micros, &str)>,
        now: Micros,
        top: u32,
    ) -> StoreResult<Vec<(ChatThread, Micros)>> {
        threads::of_member(self, raw_id, since, after, now, top).await
    }

    async fn edit_chat_thread(&self, thread_id: &str, by: &str, edit: &ThreadEdit, at: Micros) -> StoreResult<Option<Told<ChatThread>>> {
        threads::edit(self, thread_id, by, edit, at).await
    }

    async fn delete_chat_thread(&self, thread_id: &str, by: Option<&str>, at: Micros) -> StoreResult<Option<Told<()>>> {
        threads::delete(self, thread_id, by, at).await
    }

    async fn due_chat_threads(&self, now: Micros, top: u32) -> StoreResult<Vec<String>> {
        threads::due(self, now, top).await
    }

    async fn orphaned_meeting_chats(&self, top: u32) -> StoreResult<Vec<String>> {
        threads::orphaned(self, top).await
    }

    async fn chat_member(&self, thread_id: &str, raw_id: &str) -> StoreResult<Option<ChatMember>> {
        members::find(&mut *self.reading_chat().await?, thread_id, raw_id).await
    }

    async fn chat_members(&self, thread_id: &str) -> StoreResult<Vec<ChatMember>> {
        members::all(&mut *self.reading_chat().await?, thread_id).await
    }

    async fn add_chat_members(
        &self,
        thread_id: &str,
        by: &str,
        as_member: bool,
        members: &[ChatMember],
        limit: usize,
        at: Micros,
    ) -> StoreResult<Adding> {
        members::add(self, thread_id, by, as_member, members, limit, at).await
    }

    async fn remove_chat_members(
        &self,
        thread_id: &str,
        by: &str,
        as_member: bool,
        raw_ids: &[String],
        at: Micros,
    ) -> StoreResult<Option<Told<Vec<NamedParticipant>>>> {
        members::remove(self, thread_id, by, as_member, raw_ids, at).await
    }

    async fn append_chat_message(&self, thread_id: &str, message: &NewMessage, at: Micros) -> StoreResult<Option<Told<ChatMessage>>> {
        messages::append(self, thread_id, message, at).await
    }

    async fn chat_message(&self, thread_id: &str, id: i64) -> StoreResult<Option<ChatMessage>> {
        messages::find(&mut *self.reading_chat().await?, thread_id, id).await
    }

    async fn chat_messages(&self, thread_id: &str, range: MessageRange) -> StoreResult<Vec<ChatMessage>> {
        messages::range(self, thread_id, range).await
    }

    async fn edit_chat_message(
        &self,
        thread_id: &str,
        id: i64,
        sender: &str,
        content: Option<&str>,
        metadata: Option<&Map<String, Value>>,
        at: Micros,
    ) -> StoreResult<Option<Told<ChatMessage>>> {
        messages::edit(self, (thread_id, id), sender, content, metadata, at).await
    }

    async fn delete_chat_message(&self, thread_id: &str, id: i64, sender: &str, at: Micros) -> StoreResult<Option<Told<ChatMessage>>> {
        messages::delete(self, (thread_id, id), sender, at).await
    }

    async fn put_chat_receipt(&self, receipt: &ReadReceipt) -> StoreResult<Option<Told<()>>> {
        messages::put_receipt(self, receipt).await
    }

    async fn chat_receipts(&self, thread_id: &str) -> StoreResult<Vec<ReadReceipt>> {
        messages::receipts(self, thread_id).await
    }

    async fn meeting_chat(&self, thread_id: &str) -> StoreResult<Option<MeetingChatState>> {
        threads::meeting_state(self, thread_id).await
    }

    async fn put_meeting_chat_revision(&self, thread_id: &str, revision: i64) -> StoreResult<()> {
        threads::put_meeting_revision(self, thread_id, revision).await
    }

    async fn hold_meeting_chat(&self, thread_id: &str, since: Micros) -> StoreResult<bool> {
        threads::hold(self, thread_id, since).await
    }

    async fn clear_meeting_chat(
        &self,
        thread_id: &str,
        by: &str,
        keep: &[String],
        clearing: Clearing,
        at: Micros,
    ) -> StoreResult<Option<Told<Vec<NamedParticipant>>>> {
        members::clear(self, thread_id, by, keep, clearing, at).await
    }

    async fn held_meeting_chats(&self) -> StoreResult<Vec<String>> {
        threads::held(self).await
    }
}

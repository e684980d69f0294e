//! Messages: sending, reading, editing, deleting.

use serde_json::{Map, Value};

use super::access::Standing;
use super::attachments;
use super::caller::ChatCaller;
use super::error::ChatError;
use super::event::ChatEventKind;
use super::html;
use super::limits::{self, MESSAGES, READS};
use super::ports::{MessageRange, NewMessage};
use crate::model::{ChatMessage, MessageKind, ThreadKind};
use crate::{App, Micros};

const MESSAGE: ChatError = ChatError::NotFound { what: "message" };

/// A message to send.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MessageDraft {
    /// Text or HTML. Text is kept as it is given; of HTML, what is safe in every page that shows it (`html`).
    pub content: String,
    /// Whether it is HTML.
    pub html: bool,
    /// Name that the sender gives. In the chat of a meeting the name under which they were admitted counts instead.
    pub sender_display_name: Option<String>,
    /// Metadata.
    pub metadata: Map<String, Value>,
}

/// Changes to a message; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MessagePatch {
    /// Content, kept as that of a new message of its kind; the kind stays.
    pub content: Option<String>,
    /// Merged into the metadata; null takes a name away.
    pub metadata: Option<Map<String, Value>>,
}

impl App {
    /// Sends a message; committed when it returns.
    ///
    /// # Errors
    /// `NoThread`, `Forbidden` when the meeting's chat does not take it now, `Invalid`, `Throttled`; the store failed.
    pub async fn send_chat_message(&self, caller: &ChatCaller, thread_id: &str, draft: MessageDraft) -> Result<ChatMessage, ChatError> {
        limits::content(&draft.content)?;
        limits::name("senderDisplayName", draft.sender_display_name.as_deref())?;
        limits::metadata(&draft.metadata)?;
        attachments::readable(&draft.metadata)?;
        let kind = if draft.html { MessageKind::Html } else { MessageKind::Text };
        self.pace(caller, &MESSAGES)?;
        let standing = self.standing(caller, thread_id).await?;
        standing.may_write(kind)?;
        let message = NewMessage {
            kind,
            sender: caller.raw_id.clone(),
            sender_display_name: shown_name(&standing, draft.sender_display_name),
            content: kept(kind, draft.content)?,
            participants: Vec::new(),
            metadata: draft.metadata,
        };
        let _turn = self.inner.chat.turn.lock().await;
        let sent = self.store().append_chat_message(thread_id, &message, self.now()).await?;
        let sent = sent.ok_or(ChatError::NoThread)?;
        self.tell(thread_id, sent.told, ChatEventKind::MessageReceived(sent.value.clone()));
        Ok(sent.value)
    }

    /// Demands that the caller may write text in the thread now, for pages that say so before somebody has typed.
    ///
    /// # Errors
    /// `NoThread`, `Forbidden` with what speaks against it, `Throttled`; the store failed.
    pub async fn may_write_chat(&self, caller: &ChatCaller, thread_id: &str) -> Result<(), ChatError> {
        self.pace(caller, &READS)?;
        self.standing(caller, thread_id).await?.may_write(MessageKind::Text)
    }

    /// Messages that the caller may see, created since then and with a smaller id than `before`, newest first.
    ///
    /// # Errors
    /// `NoThread`, `Throttled`; the store failed.
    pub async fn chat_messages(
        &self,
        caller: &ChatCaller,
        thread_id: &str,
        since: Micros,
        before: Option<i64>,
        top: u32,
    ) -> Result<Vec<ChatMessage>, ChatError> {
        self.pace(caller, &READS)?;
        let standing = self.standing_ever(caller, thread_id).await?;
        let range = MessageRange {
            from: since.max(standing.member.share_history),
            until: standing.member.removed.unwrap_or(Micros::MAX),
            before: before.unwrap_or(i64::MAX),
            top,
        };
        let found = self.store().chat_messages(thread_id, range).await?;
        Ok(found.into_iter().map(|message| standing.shown(message)).collect())
    }

    /// One message.
    ///
    /// # Errors
    /// `NoThread`, `Throttled`; `NotFound` when there is none that the caller may see; the store failed.
    pub async fn chat_message(&self, caller: &ChatCaller, thread_id: &str, id: i64) -> Result<ChatMessage, ChatError> {
        self.pace(caller, &READS)?;
        let standing = self.standing_ever(caller, thread_id).await?;
        let message = self.store().chat_message(thread_id, id).await?;
        let message = message.filter(|message| standing.sees(message)).ok_or(MESSAGE)?;
        Ok(standing.shown(message))
    }

    /// Edits a message that the caller sent.
    ///
    /// # Errors
    /// `NoThread`; `NotFound` also for a deleted message; `Forbidden` for somebody else's; `Invalid`, `Throttled`; the store failed.
    pub async fn edit_chat_message(&self, caller: &ChatCaller, thread_id: &str, id: i64, patch: MessagePatch) -> Result<(), ChatError> {
        if let Some(content) = &patch.content {
            limits::content(content)?;
        }
        if patch == MessagePatch::default() {
            return Err(ChatError::invalid("content", "content or metadata is needed"));
        }
        self.pace(caller, &MESSAGES)?;
        let standing = self.standing(caller, thread_id).await?;
        let _turn = self.inner.chat.turn.lock().await;
        let message = self.own_message(caller, &standing, id).await?;
        if message.deleted.is_some() {
            return Err(MESSAGE);
        }
        standing.may_write(message.kind)?;
        let content = patch.content.map(|content| kept(message.kind, content)).transpose()?;
        let metadata = patch.metadata.map(|patch| limits::merged(message.metadata, patch));
        if let Some(metadata) = &metadata {
            limits::metadata(metadata)?;
            attachments::readable(metadata)?;
        }
        let edited = self
            .store()
            .edit_chat_message(thread_id, id, &caller.raw_id, content.as_deref(), metadata.as_ref(), self.now())
            .await?
            .ok_or(ChatError::NoThread)?;
        self.tell(thread_id, edited.told, ChatEventKind::MessageEdited(edited.value));
        Ok(())
    }

    /// Deletes a message that the caller sent; what stays says only that it was there. One that is deleted already is a success.
    ///
    /// # Errors
    /// `NoThread`, `NotFound`; `Forbidden` for somebody else's; `Throttled`; the store failed.
    pub async fn delete_chat_message(&self, caller: &ChatCaller, thread_id: &str, id: i64) -> Result<(), ChatError> {
        self.pace(caller, &MESSAGES)?;
        let standing = self.standing(caller, thread_id).await?;
        let _turn = self.inner.chat.turn.lock().await;
        if self.own_message(caller, &standing, id).await?.deleted.is_some() {
            return Ok(());
        }
        let deleted = self
            .store()
            .delete_chat_message(thread_id, id, &caller.raw_id, self.now())
            .await?
            .ok_or(ChatError::NoThread)?;
        self.tell(thread_id, deleted.told, ChatEventKind::MessageDeleted(deleted.value));
        Ok(())
    }

    async fn own_message(&self, caller: &ChatCaller, standing: &Standing, id: i64) -> Result<ChatMessage, ChatError> {
        let message = self.store().chat_message(&standing.thread.id, id).await?;
        let message = message.filter(|message| standing.sees(message)).ok_or(MESSAGE)?;
        match message.kind {
            MessageKind::Text | MessageKind::Html if message.sender == caller.raw_id => Ok(message),
            MessageKind::Text | MessageKind::Html => Err(ChatError::forbidden("only the sender of a message changes it")),
            MessageKind::TopicUpdated | MessageKind::ParticipantAdded | MessageKind::ParticipantRemoved => {
                Err(ChatError::forbidden("messages of the system cannot be changed"))
            }
        }
    }
}

/// What is kept of a content. Every way to write a message leads through here.
fn kept(kind: MessageKind, content: String) -> Result<String, ChatError> {
    match kind {
        MessageKind::Html => html::made_safe(&content),
        MessageKind::Text | MessageKind::TopicUpdated | MessageKind::ParticipantAdded | MessageKind::ParticipantRemoved => Ok(content),
    }
}

/// In a meeting nobody writes under another name than the one in the roster, by which somebody admitted them.
pub(super) fn shown_name(standing: &Standing, given: Option<String>) -> Option<String> {
    match standing.thread.kind {
        ThreadKind::Meeting => standing.member.display_name.clone().or(given),
        ThreadKind::Chat => given,
    }
}

//! What people do without writing: typing, and how far they have read. Carried in small threads only.

use super::caller::ChatCaller;
use super::error::ChatError;
use super::event::ChatEventKind;
use super::limits::{self, MAX_ATTENTIVE, READS, SIGNS};
use super::messages::shown_name;
use crate::App;
use crate::model::{ChatMember, ReadReceipt};

impl App {
    /// Tells the members that the caller types. Nothing is kept.
    ///
    /// # Errors
    /// `NoThread`; `Forbidden` when the thread is too large for it or its meeting lets nobody write; `Invalid`, `Throttled`; the store failed.
    pub async fn chat_typing(&self, caller: &ChatCaller, thread_id: &str, display_name: Option<String>) -> Result<(), ChatError> {
        limits::name("senderDisplayName", display_name.as_deref())?;
        self.pace(caller, &SIGNS)?;
        let standing = self.standing(caller, thread_id).await?;
        standing.may_write(crate::model::MessageKind::Text)?;
        let told = self.attentive(thread_id).await?.into_iter().map(|member| member.raw_id).collect();
        let event = ChatEventKind::Typing {
            sender: caller.raw_id.clone(),
            display_name: shown_name(&standing, display_name),
            at: self.now(),
        };
        self.tell(thread_id, told, event);
        Ok(())
    }

    /// Notes that the caller has read up to a message. An older one than before changes nothing and is a success.
    ///
    /// # Errors
    /// `NoThread`; `NotFound` when there is no such message that the caller may see; `Forbidden` when the thread is too large; `Throttled`; the
    /// store failed.
    pub async fn put_chat_receipt(&self, caller: &ChatCaller, thread_id: &str, message_id: i64) -> Result<(), ChatError> {
        self.pace(caller, &SIGNS)?;
        let standing = self.standing(caller, thread_id).await?;
        self.attentive(thread_id).await?;
        let message = self.store().chat_message(thread_id, message_id).await?;
        message
            .filter(|message| standing.sees(message))
            .ok_or(ChatError::NotFound { what: "message" })?;
        let _turn = self.inner.chat.turn.lock().await;
        let receipt = ReadReceipt {
            thread_id: thread_id.to_owned(),
            reader: caller.raw_id.clone(),
            message_id,
            read: self.now(),
        };
        if let Some(put) = self.store().put_chat_receipt(&receipt).await? {
            let event = ChatEventKind::ReadReceipt {
                reader: receipt.reader,
                message_id,
                read: receipt.read,
            };
            self.tell(thread_id, put.told, event);
        }
        Ok(())
    }

    /// How far everybody in the thread has read, by raw id; those who have read nothing that the caller may see are left out.
    ///
    /// # Errors
    /// `NoThread`, `Throttled`; the store failed.
    pub async fn chat_receipts(&self, caller: &ChatCaller, thread_id: &str) -> Result<Vec<ReadReceipt>, ChatError> {
        self.pace(caller, &READS)?;
        let standing = self.standing(caller, thread_id).await?;
        let mut receipts = self.store().chat_receipts(thread_id).await?;
        // An id is the time of its message in milliseconds, or little more.
        receipts.retain(|receipt| receipt.message_id >= standing.member.share_history / 1000);
        Ok(receipts)
    }

    async fn attentive(&self, thread_id: &str) -> Result<Vec<ChatMember>, ChatError> {
        let members = self.store().chat_members(thread_id).await?;
        if members.len() > MAX_ATTENTIVE {
            return Err(ChatError::forbidden(format!(
                "typing and read receipts are carried in threads of at most {MAX_ATTENTIVE} members"
            )));
        }
        Ok(members)
    }
}

//! Who is in a thread: listing, adding, removing.

use super::access::require;
use super::caller::{ChatAccess, ChatCaller};
use super::error::ChatError;
use super::event::ChatEventKind;
use super::limits::{CHANGES, MAX_MEMBERS, READS};
use super::ports::Adding;
use super::threads::check_participants;
use crate::App;
use crate::model::{ChatMember, NamedParticipant, ThreadKind};

/// Outcome of adding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Raw ids of those who are nobody that this server knows; everybody else is in the thread.
    pub unknown: Vec<String>,
}

impl App {
    /// Everybody who is in the thread, in the order in which they were added.
    ///
    /// # Errors
    /// `NoThread`, `Throttled`; the store failed.
    pub async fn chat_participants(&self, caller: &ChatCaller, thread_id: &str) -> Result<Vec<ChatMember>, ChatError> {
        self.pace(caller, &READS)?;
        self.standing(caller, thread_id).await?;
        Ok(self.store().chat_members(thread_id).await?)
    }

    /// Adds people. Who is there already stays as they are; nobody is shown older messages than the caller is.
    ///
    /// # Errors
    /// `Forbidden` without the scope `chat` or `chat.join`, and for the thread of a meeting, into which people come by admission; `NoThread`;
    /// `Invalid` when it would have too many members; `Throttled`; the store failed.
    pub async fn add_chat_participants(
        &self,
        caller: &ChatCaller,
        thread_id: &str,
        participants: Vec<NamedParticipant>,
    ) -> Result<Added, ChatError> {
        require(caller, ChatAccess::Join)?;
        if participants.is_empty() {
            return Err(ChatError::invalid("participants", "at least one participant is needed"));
        }
        check_participants(&participants)?;
        self.pace(caller, &CHANGES)?;
        self.standing(caller, thread_id).await?.may_manage("members")?;
        let (known, unknown) = self.known_participants(participants).await?;
        let members: Vec<ChatMember> = known.into_iter().map(|known| self.member_of(thread_id, known)).collect();
        let _turn = self.inner.chat.turn.lock().await;
        let at = self.now();
        let adding = self
            .store()
            .add_chat_members(thread_id, &caller.raw_id, true, &members, MAX_MEMBERS, at)
            .await?;
        match adding {
            Adding::Added(added) => {
                if !added.value.is_empty() {
                    let event = ChatEventKind::ParticipantsAdded {
                        by: caller.raw_id.clone(),
                        at,
                        participants: added.value,
                    };
                    self.tell(thread_id, added.told, event);
                }
                Ok(Added { unknown })
            }
            Adding::Full => Err(ChatError::invalid(
                "participants",
                format!("a thread has at most {MAX_MEMBERS} members"),
            )),
            Adding::Refused => Err(ChatError::NoThread),
        }
    }

    /// Removes somebody, perhaps the caller. Who was removed before is a success: clients repeat a request whose answer was lost.
    ///
    /// # Errors
    /// `Forbidden` without the scope `chat` or `chat.join`, and for others in the thread of a meeting; `NoThread`; `NotFound` for who never was in
    /// the thread; `Throttled`; the store failed.
    pub async fn remove_chat_participant(&self, caller: &ChatCaller, thread_id: &str, raw_id: &str) -> Result<(), ChatError> {
        require(caller, ChatAccess::Join)?;
        self.pace(caller, &CHANGES)?;
        let standing = self.standing(caller, thread_id).await?;
        if standing.thread.kind == ThreadKind::Meeting && raw_id != caller.raw_id {
            standing.may_manage("members")?;
        }
        if self.store().chat_member(thread_id, raw_id).await?.is_none() {
            return Err(ChatError::NotFound { what: "participant" });
        }
        let _turn = self.inner.chat.turn.lock().await;
        let at = self.now();
        let gone = [raw_id.to_owned()];
        let removed = self
            .store()
            .remove_chat_members(thread_id, &caller.raw_id, true, &gone, at)
            .await?
            .ok_or(ChatError::NoThread)?;
        if !removed.value.is_empty() {
            let event = ChatEventKind::ParticipantsRemoved {
                by: caller.raw_id.clone(),
                at,
                participants: removed.value,
            };
            self.tell(thread_id, removed.told, event);
        }
        Ok(())
    }

    /// Parts participants into those that exist here (members by their own name) and the raw ids of those that do not.
    pub(super) async fn known_participants(
        &self,
        participants: Vec<NamedParticipant>,
    ) -> Result<(Vec<NamedParticipant>, Vec<String>), ChatError> {
        let tenant = self.tenant()?;
        let guests = format!("8:acs:{}_", tenant.resource_id);
        let (mut known, mut unknown) = (Vec::with_capacity(participants.len()), Vec::new());
        for mut participant in participants {
            let exists = if participant.raw_id.starts_with(&guests) {
                let identity = self.store().identity(&participant.raw_id).await?;
                identity.is_some_and(|identity| identity.deleted.is_none())
            } else if let Some(oid) = participant.raw_id.strip_prefix("8:orgid:") {
                let member = self.store().member(oid).await?.filter(|member| member.enabled);
                member.is_some_and(|member| {
                    participant.display_name = Some(member.display_name);
                    true
                })
            } else {
                // Visitors come into a chat with their meeting; telephones, applications and strangers not at all.
                false
            };
            if exists {
                known.push(participant);
            } else {
                unknown.push(participant.raw_id);
            }
        }
        Ok((known, unknown))
    }
}

//! Making, listing, changing and deleting threads; retention.

use serde_json::{Map, Value};

use super::access::{due, require};
use super::caller::{ChatAccess, ChatCaller};
use super::error::ChatError;
use super::event::ChatEventKind;
use super::following::named;
use super::limits::{self, CHANGES, MAX_BATCH, MAX_MEMBERS, READS, RETENTION_DAYS, THREADS};
use super::ports::{NewMessage, ThreadEdit};
use crate::model::{ChatMember, ChatThread, MessageKind, NamedParticipant, Retention, ThreadKind};
use crate::ports::StoreError;
use crate::{App, Micros, ids};

/// How long a repeated request makes no second thread.
const REPEATABLE: Micros = 24 * 3600 * 1_000_000;
/// Threads that one sweep takes at once.
const SWEEP: u32 = 100;

/// A thread to make.
#[derive(Debug, Clone, PartialEq)]
pub struct NewThread {
    /// Topic.
    pub topic: String,
    /// Who is in it besides whoever makes it.
    pub participants: Vec<NamedParticipant>,
    /// Metadata.
    pub metadata: Map<String, Value>,
    /// Retention.
    pub retention: Retention,
    /// The client's repeatability id: the same one from the same person makes the same thread.
    pub repeat_key: Option<String>,
}

/// A thread that was made (now, or by the first of repeated requests).
#[derive(Debug, Clone, PartialEq)]
pub struct CreatedThread {
    /// The thread.
    pub thread: ChatThread,
    /// Raw ids of those who were asked for and are nobody that this server knows.
    pub unknown: Vec<String>,
}

/// Changes to a thread; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThreadPatch {
    /// Topic.
    pub topic: Option<String>,
    /// Merged into the metadata; null takes a name away.
    pub metadata: Option<Map<String, Value>>,
    /// Retention.
    pub retention: Option<Retention>,
}

impl App {
    /// Makes a thread; its creator is a member of it.
    ///
    /// # Errors
    /// `Forbidden` without the scope `chat`, `Invalid`, `Throttled`; `NoThread` when a repeated request made one that the caller is no member of any
    /// more; the store failed.
    pub async fn create_chat_thread(&self, caller: &ChatCaller, new: NewThread) -> Result<CreatedThread, ChatError> {
        require(caller, ChatAccess::Full)?;
        check_new(&new)?;
        self.pace(caller, &THREADS)?;
        let mut thread_id = format!("19:{}@thread.v2", ids::secret(self.random()));
        if let Some(key) = &new.repeat_key {
            let (scope, now) = (format!("chat.create {}", caller.raw_id), self.now());
            let earlier = self
                .store()
                .remember_answer(&scope, key, &thread_id, now.saturating_add(REPEATABLE), now)
                .await?;
            // The id is remembered before the thread is made: whoever repeats after a crash in between makes that one.
            thread_id = earlier.unwrap_or(thread_id);
        }
        let (known, unknown) = self.known_participants(new.participants).await?;
        let mut members = vec![self.new_member(&thread_id, &caller.raw_id, caller.display_name.as_deref(), 0)];
        for participant in known {
            match members.iter_mut().find(|member| member.raw_id == participant.raw_id) {
                Some(twice) => twice.display_name = twice.display_name.take().or(participant.display_name),
                None => members.push(self.member_of(&thread_id, participant)),
            }
        }
        let thread = ChatThread {
            id: thread_id.clone(),
            kind: ThreadKind::Chat,
            topic: new.topic,
            created: self.now(),
            created_by: caller.raw_id.clone(),
            metadata: new.metadata,
            retention: new.retention,
            deleted: None,
            last_message: None,
        };
        let named: Vec<NamedParticipant> = members.iter().map(named).collect();
        let messages = [
            NewMessage::system(MessageKind::ParticipantAdded, &caller.raw_id, "", named.clone()),
            NewMessage::system(MessageKind::TopicUpdated, &caller.raw_id, &thread.topic, Vec::new()),
        ];
        let _turn = self.inner.chat.turn.lock().await;
        match self.store().insert_chat_thread(&thread, None, &members, &messages).await {
            Ok(()) => {
                let told = named.iter().map(|member| member.raw_id.clone()).collect();
                let event = ChatEventKind::ThreadCreated {
                    thread: thread.clone(),
                    members: named,
                };
                self.tell(&thread_id, told, event);
                Ok(CreatedThread { thread, unknown })
            }
            Err(StoreError::Conflict { .. }) => {
                // Only who made it comes here, since the id was remembered under their name; they may have lost it since.
                let thread = self.standing(caller, &thread_id).await?.thread;
                Ok(CreatedThread { thread, unknown })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Threads that the caller is a member of and that were made or written to since then, newest first; those after the one with that time of
    /// creation and id. What the caller may not see of a thread (the time of a message before their history) is left out.
    ///
    /// # Errors
    /// `Throttled`; the store failed.
    pub async fn chat_threads(
        &self,
        caller: &ChatCaller,
        since: Micros,
        after: Option<(Micros, &str)>,
        top: u32,
    ) -> Result<Vec<ChatThread>, ChatError> {
        self.pace(caller, &READS)?;
        let found = self.store().chat_threads_of(&caller.raw_id, since, after, self.now(), top).await?;
        let shown = found.into_iter().map(|(mut thread, share_history)| {
            thread.last_message = thread.last_message.filter(|at| *at >= share_history);
            thread
        });
        Ok(shown.collect())
    }

    /// One thread.
    ///
    /// # Errors
    /// `NoThread`, `Throttled`; the store failed.
    pub async fn chat_thread(&self, caller: &ChatCaller, thread_id: &str) -> Result<ChatThread, ChatError> {
        self.pace(caller, &READS)?;
        Ok(self.standing(caller, thread_id).await?.thread)
    }

    /// Changes topic, metadata or retention.
    ///
    /// # Errors
    /// `Forbidden` without the scope `chat`, and for the thread of a meeting; `NoThread`, `Invalid`, `Throttled`; the store failed.
    pub async fn edit_chat_thread(&self, caller: &ChatCaller, thread_id: &str, patch: ThreadPatch) -> Result<(), ChatError> {
        require(caller, ChatAccess::Full)?;
        if let Some(topic) = &patch.topic {
            limits::topic(topic)?;
        }
        check_retention(patch.retention.unwrap_or(Retention::None))?;
        self.pace(caller, &CHANGES)?;
        self.standing(caller, thread_id).await?.may_manage("topic")?;
        let _turn = self.inner.chat.turn.lock().await;
        // Read again: from here on nobody else changes the metadata that is merged.
        let thread = self.store().chat_thread(thread_id).await?.ok_or(ChatError::NoThread)?;
        let metadata = patch.metadata.map(|patch| limits::merged(thread.metadata, patch));
        if let Some(metadata) = &metadata {
            limits::metadata(metadata)?;
        }
        let edit = ThreadEdit {
            topic: patch.topic,
            metadata,
            retention: patch.retention,
        };
        let at = self.now();
        let edited = self.store().edit_chat_thread(thread_id, &caller.raw_id, &edit, at).await?;
        let edited = edited.ok_or(ChatError::NoThread)?;
        let event = ChatEventKind::ThreadUpdated {
            thread: edited.value,
            by: caller.raw_id.clone(),
            at,
        };
        self.tell(thread_id, edited.told, event);
        Ok(())
    }

    /// Deletes a thread and everything in it.
    ///
    /// # Errors
    /// `Forbidden` without the scope `chat`, and for the thread of a meeting; `NoThread`, `Throttled`; the store failed.
    pub async fn delete_chat_thread(&self, caller: &ChatCaller, thread_id: &str) -> Result<(), ChatError> {
        require(caller, ChatAccess::Full)?;
        self.pace(caller, &CHANGES)?;
        self.standing(caller, thread_id).await?.may_manage("end")?;
        let _turn = self.inner.chat.turn.lock().await;
        let at = self.now();
        let deleted = self.store().delete_chat_thread(thread_id, Some(&caller.raw_id), at).await?;
        let deleted = deleted.ok_or(ChatError::NoThread)?;
        let by = Some(caller.raw_id.clone());
        self.tell(thread_id, deleted.told, ChatEventKind::ThreadDeleted { by, at });
        Ok(())
    }

    /// Deletes the threads whose retention has ended, and those whose meeting was deleted without them; gives how many. Until it comes by, nobody
    /// reaches them.
    ///
    /// # Errors
    /// The store failed; the next sweep goes on.
    pub async fn sweep_chat(&self) -> Result<u64, ChatError> {
        Ok(self.sweep_due().await?.saturating_add(self.sweep_orphans().await?))
    }

    async fn sweep_due(&self) -> Result<u64, ChatError> {
        let mut swept = 0;
        loop {
            let ended = self.store().due_chat_threads(self.now(), SWEEP).await?;
            let more = ended.len() >= usize::try_from(SWEEP).unwrap_or(usize::MAX);
            for thread_id in ended {
                let _turn = self.inner.chat.turn.lock().await;
                let at = self.now();
                // Somebody may have given it a longer life since we looked.
                let still = self.store().chat_thread(&thread_id).await?;
                if still.is_none_or(|thread| due(&thread).is_none_or(|due| due > at)) {
                    continue;
                }
                if let Some(deleted) = self.store().delete_chat_thread(&thread_id, None, at).await? {
                    swept += 1;
                    self.tell(&thread_id, deleted.told, ChatEventKind::ThreadDeleted { by: None, at });
                }
            }
            if !more {
                return Ok(swept);
            }
        }
    }

    async fn sweep_orphans(&self) -> Result<u64, ChatError> {
        let mut swept = 0;
        loop {
            let orphans = self.store().orphaned_meeting_chats(SWEEP).await?;
            let more = orphans.len() >= usize::try_from(SWEEP).unwrap_or(usize::MAX);
            for thread_id in orphans {
                swept += u64::from(self.end_thread(&thread_id, None).await?);
            }
            if !more {
                return Ok(swept);
            }
        }
    }

    /// Deletes a thread whoever is in it; false when it was deleted before or never was. `by` is named to those who are told.
    pub(super) async fn end_thread(&self, thread_id: &str, by: Option<String>) -> Result<bool, ChatError> {
        let _turn = self.inner.chat.turn.lock().await;
        let at = self.now();
        let Some(deleted) = self.store().delete_chat_thread(thread_id, None, at).await? else {
            return Ok(false);
        };
        self.tell(thread_id, deleted.told, ChatEventKind::ThreadDeleted { by, at });
        Ok(true)
    }

    pub(super) fn member_of(&self, thread_id: &str, participant: NamedParticipant) -> ChatMember {
        ChatMember {
            metadata: participant.metadata,
            ..self.new_member(
                thread_id,
                &participant.raw_id,
                participant.display_name.as_deref(),
                participant.share_history,
            )
        }
    }
}

fn check_new(new: &NewThread) -> Result<(), ChatError> {
    limits::topic(&new.topic)?;
    limits::metadata(&new.metadata)?;
    check_retention(new.retention)?;
    check_participants(&new.participants)?;
    // The creator takes a place too.
    if new.participants.len() >= MAX_MEMBERS {
        return Err(ChatError::invalid(
            "participants",
            format!("a thread has at most {MAX_MEMBERS} members"),
        ));
    }
    Ok(())
}

/// Everything about participants that can be judged without the directory.
pub(super) fn check_participants(participants: &[NamedParticipant]) -> Result<(), ChatError> {
    if participants.len() > MAX_BATCH {
        return Err(ChatError::invalid(
            "participants",
            format!("one request takes at most {MAX_BATCH} participants"),
        ));
    }
    for participant in participants {
        limits::name("displayName", participant.display_name.as_deref())?;
        limits::metadata(&participant.metadata)?;
    }
    Ok(())
}

fn check_retention(retention: Retention) -> Result<(), ChatError> {
    match retention {
        Retention::ThreadCreationDate { delete_thread_after_days } if !RETENTION_DAYS.contains(&delete_thread_after_days) => {
            Err(ChatError::invalid(
                "retentionPolicy",
                format!(
                    "deleteThreadAfterDays must be between {} and {}",
                    RETENTION_DAYS.start(),
                    RETENTION_DAYS.end()
                ),
            ))
        }
        Retention::ThreadCreationDate { .. } | Retention::None => Ok(()),
    }
}

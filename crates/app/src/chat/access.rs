//! Who reaches which thread, and how far back.
//!
//! Invariant: whoever is no member gets [`ChatError::NoThread`], the same for a thread that is somebody else's and for one that never was.

use super::caller::{ChatAccess, ChatCaller};
use super::error::ChatError;
use super::meeting::MeetingRules;
use crate::links;
use crate::model::{ChatMember, ChatMessage, ChatThread, MessageKind, Retention, ThreadKind};
use crate::{App, Micros};

const DAY: Micros = 24 * 3600 * 1_000_000;
/// Longer than any id of ours.
const MAX_THREAD_ID: usize = 256;

/// Somebody in a thread.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) thread: ChatThread,
    pub(super) member: ChatMember,
    /// What the meeting of the thread allows; nothing for a thread without one.
    pub(super) rules: Option<MeetingRules>,
}

impl Standing {
    /// Whether they may see a message.
    pub(super) fn sees(&self, message: &ChatMessage) -> bool {
        (self.member.share_history..=self.member.removed.unwrap_or(Micros::MAX)).contains(&message.created)
    }

    /// The message as they may see it: what was written into it after they were removed is withheld.
    pub(super) fn shown(&self, mut message: ChatMessage) -> ChatMessage {
        if self
            .member
            .removed
            .is_some_and(|removed| message.edited.is_some_and(|edited| edited > removed))
        {
            message.content.clear();
            message.metadata.clear();
        }
        message
    }

    /// Demands that the meeting of the thread lets them write this kind of message now.
    pub(super) fn may_write(&self, kind: MessageKind) -> Result<(), ChatError> {
        self.rules.as_ref().map_or(Ok(()), |rules| rules.may_write(kind))
    }

    /// Demands that the thread is not governed by a meeting.
    pub(super) fn may_manage(&self, what: &str) -> Result<(), ChatError> {
        match self.thread.kind {
            ThreadKind::Chat => Ok(()),
            ThreadKind::Meeting => Err(ChatError::forbidden(format!("the {what} of this thread follows its meeting"))),
        }
    }
}

/// When retention takes the thread.
pub(super) fn due(thread: &ChatThread) -> Option<Micros> {
    match thread.retention {
        Retention::None => None,
        Retention::ThreadCreationDate { delete_thread_after_days } => Some(
            thread
                .created
                .saturating_add(Micros::from(delete_thread_after_days).saturating_mul(DAY)),
        ),
    }
}

/// Demands a scope.
pub(super) fn require(caller: &ChatCaller, needed: ChatAccess) -> Result<(), ChatError> {
    if caller.access >= needed {
        return Ok(());
    }
    Err(ChatError::forbidden(match needed {
        ChatAccess::Full => "the token needs the scope chat for this",
        ChatAccess::Join | ChatAccess::Limited => "the token needs the scope chat or chat.join for this",
    }))
}

impl App {
    /// The caller as a member of a thread now.
    pub(super) async fn standing(&self, caller: &ChatCaller, thread_id: &str) -> Result<Standing, ChatError> {
        let standing = self.standing_ever(caller, thread_id).await?;
        if standing.member.removed.is_some() {
            return Err(ChatError::NoThread);
        }
        Ok(standing)
    }

    /// The caller as a member of a thread now or before: good for reading what they could see then. In the thread of a meeting only as a member now:
    /// who was sent out of a meeting reads nothing of it any more.
    pub(super) async fn standing_ever(&self, caller: &ChatCaller, thread_id: &str) -> Result<Standing, ChatError> {
        // What cannot be an id is not asked of the store.
        if thread_id.len() > MAX_THREAD_ID || !thread_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ChatError::NoThread);
        }
        let rules = if links::is_thread_id(thread_id) {
            Some(self.follow_meeting(thread_id).await?)
        } else {
            None
        };
        let thread = self.store().chat_thread(thread_id).await?;
        let now = self.now();
        let lives = |thread: &ChatThread| thread.deleted.is_none() && due(thread).is_none_or(|due| due > now);
        let thread = thread.filter(lives).ok_or(ChatError::NoThread)?;
        let member = self
            .store()
            .chat_member(thread_id, &caller.raw_id)
            .await?
            .ok_or(ChatError::NoThread)?;
        if thread.kind == ThreadKind::Meeting && (member.removed.is_some() || !self.may_use_meeting_chat(&caller.raw_id)) {
            return Err(ChatError::NoThread);
        }
        Ok(Standing { thread, member, rules })
    }
}

//! The chat of a meeting: its thread has the meeting's own id, its topic and its members follow the meeting.
//!
//! * Organizer and invited members are in it from the start, with the whole history. Whoever else comes into the held meeting is in it from the
//!   moment of their admission ([`App::admit_to_meeting_chat`]) and sees nothing older.
//! * Who was admitted and is not invited is out again when they leave (guests, visitors) or when the held meeting is over (everybody). Who is out
//!   reads nothing of it any more. An invitation, or another admission, brings them back; who was removed or denied comes back by admission only.
//! * The policy `MeetingChatEnabledType` comes first: it can turn chats of meetings off, or keep guests and visitors out of them, at once.
//! * `allowMeetingChat`, `shareMeetingChatHistoryDefault` and `chatRestrictions` of the meeting are read whenever they matter.
//! * Not here: how topic and invited members follow (`following`); who is admitted (the crate `meeting`), when (`signal`).

use meeting::MeetingChatEnabledType;
use serde_json::Value;

use super::error::ChatError;
use super::following::{is_member, is_permanent, organizer};
use super::limits::MAX_MEETING_MEMBERS;
use super::ports::{Clearing, MeetingChatState};
use crate::model::{MessageKind, OnlineMeeting};
use crate::{App, Micros};

/// Why somebody goes out of a meeting's chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatLeave {
    /// They left the meeting, or lost it: members keep the chat until the held meeting is over, people from outside do not.
    Left,
    /// They were removed or denied: only the organizer keeps the chat.
    Removed,
}

/// Who may write in a meeting's chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    Always,
    WhileHeld,
    Never,
}

/// What a meeting allows in its chat, now.
#[derive(Debug, Clone, Copy)]
pub(super) struct MeetingRules {
    policy: MeetingChatEnabledType,
    writing: Writing,
    held: bool,
    text_only: bool,
}

impl MeetingRules {
    fn of(meeting: &OnlineMeeting, state: MeetingChatState, policy: MeetingChatEnabledType) -> Self {
        Self {
            policy,
            writing: match meeting.extra.get("allowMeetingChat").and_then(Value::as_str) {
                Some("disabled") => Writing::Never,
                Some("limited") => Writing::WhileHeld,
                _ => Writing::Always,
            },
            held: state.held_since.is_some(),
            text_only: meeting
                .extra
                .get("chatRestrictions")
                .and_then(|restrictions| restrictions.get("allowTextOnly"))
                == Some(&Value::Bool(true)),
        }
    }

    pub(super) fn may_write(self, kind: MessageKind) -> Result<(), ChatError> {
        if self.policy == MeetingChatEnabledType::Disabled {
            return Err(ChatError::forbidden(
                "an administrator has turned the chat of meetings off (policy MeetingChatEnabledType)",
            ));
        }
        match self.writing {
            Writing::Never => Err(ChatError::forbidden("the organizer has turned the chat of this meeting off")),
            Writing::WhileHeld if !self.held => Err(ChatError::forbidden(
                "the chat of this meeting takes messages only while it is held",
            )),
            _ if self.text_only && kind == MessageKind::Html => {
                Err(ChatError::forbidden("the chat of this meeting takes plain text only (type text)"))
            }
            Writing::Always | Writing::WhileHeld => Ok(()),
        }
    }
}

impl App {
    /// The policy over the chat of meetings, now.
    fn meeting_chat_policy(&self) -> MeetingChatEnabledType {
        // Without a tenant there is nobody to chat.
        self.cached_tenant()
            .map_or(MeetingChatEnabledType::Disabled, |tenant| tenant.policy.meeting_chat_enabled_type)
    }

    /// Whether the policy lets this person into chats of meetings at all, now.
    pub(super) fn may_use_meeting_chat(&self, raw_id: &str) -> bool {
        is_member(raw_id) || self.meeting_chat_policy() != MeetingChatEnabledType::EnabledExceptAnonymous
    }

    /// Begins the chat of a held meeting: makes the thread when it is missing, and from now on it counts as held (`allowMeetingChat` limited lets
    /// people write). A no-op when it has begun.
    ///
    /// # Errors
    /// `NoThread` when there is no such meeting (any more); the store failed.
    pub async fn open_meeting_chat(&self, thread_id: &str) -> Result<(), ChatError> {
        self.follow_meeting(thread_id).await?;
        self.store().hold_meeting_chat(thread_id, self.now()).await?;
        Ok(())
    }

    /// Lets somebody into the chat of a held meeting; committed when it returns. Organizer and invited members see the whole history, everybody
    /// else what comes at or after `from`, the moment of admission (members too see everything when `shareMeetingChatHistoryDefault` is all).
    /// A no-op for who is there, and for guests and visitors when the policy keeps them out of chats; who was out before sees nothing older than the
    /// new `from`.
    ///
    /// # Errors
    /// `NoThread` when there is no such meeting (any more), `Forbidden` when its chat is full; the store failed.
    pub async fn admit_to_meeting_chat(
        &self,
        thread_id: &str,
        raw_id: &str,
        display_name: Option<&str>,
        from: Micros,
    ) -> Result<(), ChatError> {
        self.open_meeting_chat(thread_id).await?;
        if !self.may_use_meeting_chat(raw_id) {
            return Ok(());
        }
        let meeting = self.meeting_of(thread_id).await?;
        let shared = meeting.extra.get("shareMeetingChatHistoryDefault").and_then(Value::as_str) == Some("all");
        let all = is_permanent(&meeting, raw_id) || (shared && is_member(raw_id));
        let member = self.new_member(thread_id, raw_id, display_name, if all { 0 } else { from.max(1) });
        if self.add_to_meeting(thread_id, raw_id, &[member]).await? {
            return Ok(());
        }
        Err(ChatError::forbidden(format!(
            "the chat of a meeting has at most {MAX_MEETING_MEMBERS} members"
        )))
    }

    /// Takes somebody out of the chat of a meeting who left it or was removed; see [`ChatLeave`] for who goes. A no-op for who is not there.
    ///
    /// # Errors
    /// The store failed.
    pub async fn leave_meeting_chat(&self, thread_id: &str, raw_id: &str, reason: ChatLeave) -> Result<(), ChatError> {
        let Some(meeting) = self.store().meeting(thread_id).await? else {
            return Ok(());
        };
        let stays = match reason {
            ChatLeave::Left => is_member(raw_id),
            ChatLeave::Removed => raw_id == organizer(&meeting),
        };
        if stays {
            return Ok(());
        }
        self.remove_from_meeting(thread_id, raw_id).await
    }

    /// Ends the chat of a held meeting: everybody goes who is neither organizer nor invited, and `allowMeetingChat` limited lets nobody write any
    /// more, both in one step. The chat of a deleted meeting is deleted. A no-op when there is no such thread.
    ///
    /// # Errors
    /// The store failed.
    pub async fn close_meeting_chat(&self, thread_id: &str) -> Result<(), ChatError> {
        let Some(meeting) = self.store().meeting(thread_id).await? else {
            self.end_thread(thread_id, None).await?;
            return Ok(());
        };
        let revision = meeting.revision;
        self.clear_out(&meeting, Clearing::AtTheEnd { revision }).await
    }

    /// Ends the chats of meetings that were held when this server last stopped. For the start of a server that has no other node.
    ///
    /// # Errors
    /// The store failed; the next start goes on.
    pub async fn close_abandoned_meeting_chats(&self) -> Result<(), ChatError> {
        for thread_id in self.store().held_meeting_chats().await? {
            self.close_meeting_chat(&thread_id).await?;
        }
        Ok(())
    }

    /// Brings the thread of a scheduled or changed meeting up to date, or makes it. What fails is logged: the next use of the thread tries again.
    pub(crate) async fn meeting_chat_follows(&self, meeting: &OnlineMeeting) {
        if let Err(error) = self.follow(meeting).await {
            tracing::warn!(%error, "the chat of a meeting does not follow it yet; it will when it is used");
        }
    }

    /// Deletes the thread of a meeting that was deleted. What fails is logged: nobody reaches the thread of a deleted meeting, and the next sweep
    /// deletes it.
    pub(crate) async fn meeting_chat_ends(&self, meeting: &OnlineMeeting) {
        if let Err(error) = self.end_thread(&meeting.thread_id, Some(organizer(meeting))).await {
            tracing::warn!(%error, "the chat of a deleted meeting could not be deleted yet");
        }
    }

    /// What the meeting of a thread allows now; the thread follows the meeting afterwards.
    pub(super) async fn follow_meeting(&self, thread_id: &str) -> Result<MeetingRules, ChatError> {
        let meeting = self.meeting_of(thread_id).await?;
        let state = self.follow(&meeting).await?;
        Ok(MeetingRules::of(&meeting, state, self.meeting_chat_policy()))
    }

    async fn meeting_of(&self, thread_id: &str) -> Result<OnlineMeeting, ChatError> {
        self.store().meeting(thread_id).await?.ok_or(ChatError::NoThread)
    }
}

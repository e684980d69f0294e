//! Keeping the thread of a meeting like its meeting: made when it is missing, topic and invited members as the meeting has them.
//!
//! The thread notes the revision of the meeting that it follows, so that looking costs two reads and nothing is written when nothing changed.
//! Not here: who comes and goes while the meeting is held (`meeting`).

use super::error::ChatError;
use super::event::ChatEventKind;
use super::limits::MAX_MEETING_MEMBERS;
use super::ports::{Adding, Clearing, MeetingChatState, NewMessage, ThreadEdit, Told};
use crate::model::{ChatMember, ChatThread, MessageKind, NamedParticipant, OnlineMeeting, Retention, ThreadKind};
use crate::ports::StoreError;
use crate::{App, AppError, Micros};

/// How often the thread is looked at again when somebody else makes it at the same time.
const TRIES: usize = 3;
/// How the raw id of a member begins.
const MEMBER: &str = "8:orgid:";

impl App {
    pub(super) async fn follow(&self, meeting: &OnlineMeeting) -> Result<MeetingChatState, ChatError> {
        for _ in 0..TRIES {
            match self.store().meeting_chat(&meeting.thread_id).await? {
                Some(state) if state.revision >= meeting.revision => return Ok(state),
                Some(state) => {
                    self.catch_up(meeting).await?;
                    return Ok(state);
                }
                None if self.store().chat_thread(&meeting.thread_id).await?.is_some() => return Err(ChatError::NoThread),
                None => match self.make_thread(meeting).await {
                    Ok(()) | Err(ChatError::Fault(AppError::Store(StoreError::Conflict { .. }))) => {}
                    Err(error) => return Err(error),
                },
            }
        }
        Err(AppError::Conflict { what: "chat thread" }.into())
    }

    async fn make_thread(&self, meeting: &OnlineMeeting) -> Result<(), ChatError> {
        let thread = ChatThread {
            id: meeting.thread_id.clone(),
            kind: ThreadKind::Meeting,
            topic: topic(meeting),
            created: self.now(),
            created_by: organizer(meeting),
            metadata: serde_json::Map::new(),
            retention: Retention::None,
            deleted: None,
            last_message: None,
        };
        let members = self.permanent_members(meeting).await?;
        let named: Vec<NamedParticipant> = members.iter().map(named).collect();
        let messages = [
            NewMessage::system(MessageKind::ParticipantAdded, &thread.created_by, "", named.clone()),
            NewMessage::system(MessageKind::TopicUpdated, &thread.created_by, &thread.topic, Vec::new()),
        ];
        let _turn = self.inner.chat.turn.lock().await;
        self.store()
            .insert_chat_thread(&thread, Some(meeting.revision), &members, &messages)
            .await?;
        let told = named.iter().map(|member| member.raw_id.clone()).collect();
        let id = thread.id.clone();
        self.tell(&id, told, ChatEventKind::ThreadCreated { thread, members: named });
        Ok(())
    }

    /// Topic and invited members as the meeting has them now. Who is no longer invited goes, unless the meeting is held: then when it is over.
    /// Whoever finds no place in a full thread is left out until the next change; the thread stays good for those who are in it.
    async fn catch_up(&self, meeting: &OnlineMeeting) -> Result<(), ChatError> {
        let _following = self.inner.chat.following.lock().await;
        let (thread_id, by) = (meeting.thread_id.as_str(), organizer(meeting));
        // Read again: somebody else may have caught up meanwhile.
        let state = self.store().meeting_chat(thread_id).await?.ok_or(ChatError::NoThread)?;
        if state.revision >= meeting.revision {
            return Ok(());
        }
        let edit = ThreadEdit {
            topic: Some(topic(meeting)),
            ..ThreadEdit::default()
        };
        let known = self.store().chat_thread(thread_id).await?;
        if known.is_some_and(|thread| thread.topic != topic(meeting)) {
            let _turn = self.inner.chat.turn.lock().await;
            let at = self.now();
            if let Some(edited) = self.store().edit_chat_thread(thread_id, &by, &edit, at).await? {
                let thread = edited.value;
                let by = by.clone();
                self.tell(thread_id, edited.told, ChatEventKind::ThreadUpdated { thread, by, at });
            }
        }
        // Who goes makes room for who comes.
        self.clear_out(meeting, Clearing::UnlessHeld).await?;
        let mut fresh = self.returning_members(meeting).await?;
        let room = MAX_MEETING_MEMBERS.saturating_sub(self.store().chat_members(thread_id).await?.len());
        if fresh.len() > room {
            tracing::warn!(
                left_out = fresh.len() - room,
                "the chat of a meeting has no room for everybody who is invited"
            );
            fresh.truncate(room);
        }
        if !fresh.is_empty() && !self.add_to_meeting(thread_id, &by, &fresh).await? {
            // Somebody was admitted into that room meanwhile. The revision is not noted, so that the next use counts again.
            return Ok(());
        }
        self.store().put_meeting_chat_revision(thread_id, meeting.revision).await?;
        Ok(())
    }

    /// Those who are invited and not in the thread, without those who were sent away: they do not come back because something about the meeting
    /// changed.
    async fn returning_members(&self, meeting: &OnlineMeeting) -> Result<Vec<ChatMember>, ChatError> {
        let mut fresh = Vec::new();
        for member in self.permanent_members(meeting).await? {
            let before = self.store().chat_member(&meeting.thread_id, &member.raw_id).await?;
            if before.is_none_or(|before| before.removed.is_some() && before.uninvited) {
                fresh.push(member);
            }
        }
        Ok(fresh)
    }

    /// Adds people to the thread of a meeting; false when there is no room for them.
    pub(super) async fn add_to_meeting(&self, thread_id: &str, by: &str, members: &[ChatMember]) -> Result<bool, ChatError> {
        let _turn = self.inner.chat.turn.lock().await;
        let at = self.now();
        let adding = self
            .store()
            .add_chat_members(thread_id, by, false, members, MAX_MEETING_MEMBERS, at);
        match adding.await? {
            Adding::Added(added) => {
                if !added.value.is_empty() {
                    let (by, participants) = (by.to_owned(), added.value);
                    self.tell(thread_id, added.told, ChatEventKind::ParticipantsAdded { by, at, participants });
                }
                Ok(true)
            }
            Adding::Full => Ok(false),
            Adding::Refused => Err(ChatError::NoThread),
        }
    }

    /// Takes somebody out of the thread of a meeting; an invitation does not bring them back.
    pub(super) async fn remove_from_meeting(&self, thread_id: &str, raw_id: &str) -> Result<(), ChatError> {
        let _turn = self.inner.chat.turn.lock().await;
        let at = self.now();
        let gone = [raw_id.to_owned()];
        let removed = self.store().remove_chat_members(thread_id, raw_id, false, &gone, at).await?;
        self.tell_removed(thread_id, raw_id, removed, at);
        Ok(())
    }

    /// Takes everybody out of the thread of a meeting who is neither organizer nor invited.
    pub(super) async fn clear_out(&self, meeting: &OnlineMeeting, clearing: Clearing) -> Result<(), ChatError> {
        let (thread_id, by) = (meeting.thread_id.as_str(), organizer(meeting));
        let invited = meeting.invitees.iter().filter_map(|invitee| invitee.member_id.as_deref());
        let mut keep: Vec<String> = invited.map(|oid| format!("{MEMBER}{oid}")).collect();
        keep.push(by.clone());
        let _turn = self.inner.chat.turn.lock().await;
        let at = self.now();
        let cleared = self.store().clear_meeting_chat(thread_id, &by, &keep, clearing, at).await?;
        self.tell_removed(thread_id, &by, cleared, at);
        Ok(())
    }

    fn tell_removed(&self, thread_id: &str, by: &str, removed: Option<Told<Vec<NamedParticipant>>>, at: Micros) {
        if let Some(removed) = removed.filter(|removed| !removed.value.is_empty()) {
            let (by, participants) = (by.to_owned(), removed.value);
            self.tell(thread_id, removed.told, ChatEventKind::ParticipantsRemoved { by, at, participants });
        }
    }

    /// Organizer and invited members, as far as the directory has them, up to what a thread holds.
    async fn permanent_members(&self, meeting: &OnlineMeeting) -> Result<Vec<ChatMember>, ChatError> {
        let mut oids = vec![meeting.organizer_id.as_str()];
        for oid in meeting.invitees.iter().filter_map(|invitee| invitee.member_id.as_deref()) {
            if !oids.contains(&oid) {
                oids.push(oid);
            }
        }
        let mut members = Vec::with_capacity(oids.len().min(MAX_MEETING_MEMBERS));
        for oid in oids.into_iter().take(MAX_MEETING_MEMBERS) {
            if let Some(known) = self.store().member(oid).await? {
                members.push(self.new_member(&meeting.thread_id, &known.raw_id(), Some(&known.display_name), 0));
            }
        }
        Ok(members)
    }

    pub(super) fn new_member(&self, thread_id: &str, raw_id: &str, display_name: Option<&str>, share_history: Micros) -> ChatMember {
        ChatMember {
            thread_id: thread_id.to_owned(),
            raw_id: raw_id.to_owned(),
            display_name: display_name.map(str::to_owned),
            share_history,
            metadata: serde_json::Map::new(),
            added: self.now(),
            removed: None,
            uninvited: false,
        }
    }
}

pub(super) fn named(member: &ChatMember) -> NamedParticipant {
    NamedParticipant {
        raw_id: member.raw_id.clone(),
        display_name: member.display_name.clone(),
        share_history: member.share_history,
        metadata: member.metadata.clone(),
    }
}

fn topic(meeting: &OnlineMeeting) -> String {
    meeting.subject.clone().unwrap_or_default()
}

pub(super) fn organizer(meeting: &OnlineMeeting) -> String {
    format!("{}{}", MEMBER, meeting.organizer_id)
}

pub(super) fn is_member(raw_id: &str) -> bool {
    raw_id.starts_with(MEMBER)
}

/// Organizer, or an invited member.
pub(super) fn is_permanent(meeting: &OnlineMeeting, raw_id: &str) -> bool {
    raw_id
        .strip_prefix(MEMBER)
        .is_some_and(|oid| oid == meeting.organizer_id || meeting.invitees.iter().any(|invitee| invitee.member_id.as_deref() == Some(oid)))
}

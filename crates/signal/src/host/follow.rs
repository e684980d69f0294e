//! What follows a meeting outside of it: its chat, and those who watch it.
//!
//! Carried out between writing down and telling (law 7): who is admitted is a member of the chat before they are told that they are in, and who is out
//! of the meeting is out of the chat before anybody hears of it. A failure here is logged and does not hold the meeting up.

use app::{chat::ChatError, notify::MeetingCallEvent};

use super::{
    Host,
    presence::{ChatStep, Consequences},
};

impl Host {
    pub(super) async fn follow(&self, after: Consequences) {
        // Rooms, group calls and calls to people have no chat, and nobody watches them.
        if !self.machine.settings().is_meeting() {
            return;
        }
        for step in &after.chat {
            self.chat(step).await;
        }
        if after.started {
            self.call_event(MeetingCallEvent::CallStarted).await;
        }
        if !after.roster.is_empty() {
            self.call_event(MeetingCallEvent::RosterUpdated { changes: after.roster }).await;
        }
        if after.ended {
            self.call_event(MeetingCallEvent::CallEnded).await;
        }
    }

    async fn chat(&self, step: &ChatStep) {
        let thread = &self.handle.thread_id;
        let done = match step {
            ChatStep::Admit {
                raw_id,
                display_name,
                from,
            } => self.app.admit_to_meeting_chat(thread, raw_id, Some(display_name), *from).await,
            ChatStep::Leave { raw_id, reason } => self.app.leave_meeting_chat(thread, raw_id, *reason).await,
            ChatStep::Close => self.app.close_meeting_chat(thread).await,
        };
        match done {
            // The meeting was deleted meanwhile, and its chat with it.
            Ok(()) | Err(ChatError::NoThread) => {}
            Err(error) => tracing::error!(%error, "the chat of a meeting does not follow the meeting"),
        }
    }

    async fn call_event(&self, event: MeetingCallEvent) {
        if let Err(error) = self.app.meeting_call_event(&self.handle.thread_id, event).await {
            tracing::error!(%error, "what happened in a meeting could not be written down for those who watch it");
        }
    }
}

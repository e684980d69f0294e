//! Chat: threads, messages, receipts, typing; and the chat of a meeting.
//!
//! * Owns: who may read and write what in which thread, the order of messages, what is told to whom.
//! * Not here: HTTP and its names (`communication::chat`), pushing to browsers (`communication::realtime`), who is in a meeting (`signal`).
//! * Invariants: only members of a thread reach it; only its sender changes a message; what is told was committed before, in the order of the
//!   commits. Kept by `tests/chat.rs` and the store's conformance suite.
//! * `caller`: whom a token stands for. `access`: who reaches which thread. `threads`, `participants`, `messages`, `activity`: the use cases.
//!   `meeting`, `following`: the thread of a meeting. `limits`: how much of everything. `html`, `attachments`: what of
//!   messages could harm whoever shows them.

mod access;
mod activity;
mod attachments;
mod caller;
mod error;
mod event;
mod following;
mod html;
mod limits;
mod meeting;
mod messages;
mod participants;
mod ports;
mod threads;

pub use caller::{ChatAccess, ChatCaller};
pub use error::ChatError;
pub use event::{CHAT_EVENTS_CAPACITY, ChatEvent, ChatEventKind};
pub use limits::{MAX_ATTENTIVE, MAX_BATCH, MAX_CONTENT, MAX_MEETING_MEMBERS, MAX_MEMBERS, RETENTION_DAYS};
pub use meeting::ChatLeave;
pub use messages::{MessageDraft, MessagePatch};
pub use participants::Added;
pub use ports::{Adding, ChatStore, Clearing, MeetingChatState, MessageRange, NewMessage, ThreadEdit, Told};
pub use threads::{CreatedThread, NewThread, ThreadPatch};

use std::sync::Arc;

use crate::throttle::{Limit, Throttle};
use crate::{App, links};

/// What chat keeps in memory.
#[derive(Default)]
pub(crate) struct Desk {
    /// Held from a commit until it was told, so that what is told comes in the order of the commits.
    turn: tokio::sync::Mutex<()>,
    /// Held while the thread of a meeting catches up, so that nobody who follows an older revision undoes what a newer one brought. Taken before
    /// `turn`, never while that is held.
    following: tokio::sync::Mutex<()>,
    /// Apart from the one for passcodes, so that writing much washes no guess away.
    throttle: Throttle,
}

impl App {
    /// Tells what was committed. Call it while the turn is held.
    fn tell(&self, thread_id: &str, mut told: Vec<String>, kind: ChatEventKind) {
        if links::is_thread_id(thread_id) {
            told.retain(|raw_id| self.may_use_meeting_chat(raw_id));
        }
        // An error only says that nobody listens.
        let _ = self.inner.chat_events.send(Arc::new(ChatEvent {
            thread_id: thread_id.to_owned(),
            recipients: told.into(),
            kind,
        }));
    }

    /// Counts one request of a person.
    fn pace(&self, caller: &ChatCaller, limits: &[(&str, Limit)]) -> Result<(), ChatError> {
        let keys: Vec<(String, Limit)> = limits
            .iter()
            .map(|(name, limit)| (format!("{name} {}", caller.raw_id), *limit))
            .collect();
        self.inner
            .chat
            .throttle
            .take(self.now(), &keys)
            .map_err(|wait| ChatError::Throttled {
                retry_after_s: crate::throttle::retry_after_s(wait),
            })
    }
}

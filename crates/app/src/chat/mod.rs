//! Chat: threads, messages, receipts, typing; and the chat of a meeting.
//!
//! * Owns: who may read and write what in which thread, the order of messages, what is told to whom.
//! * Not here: HTTP and its names (`communication::chat`), pushing to browsers (`communication::realtime`), who is in a meeting (`signal`).
//! * Invariants: only members of a thread reach it; only its sender changes a message; what is told was committed before.

mod event;
mod ports;

pub use event::{CHAT_EVENTS_CAPACITY, ChatEvent, ChatEventKind};
pub use ports::ChatStore;

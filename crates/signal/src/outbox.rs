//! The way from a meeting to one socket: a bounded queue and a way to end the connection.
//!
//! Full means that the client does not read: the connection is ended and the client may come back with its resume ticket and
//! gets a fresh snapshot. Nothing is ever dropped silently from the middle of the stream.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::{Notify, mpsc};
use wire::{Refusal, ServerFrame};

/// Frames that wait for a slow socket.
const QUEUE: usize = 256;

/// Sending half; cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbox {
    frames: mpsc::Sender<ServerFrame>,
    ending: Arc<Ending>,
}

/// How a connection learns that it has to end.
pub(crate) struct Ending {
    ended: AtomicBool,
    wake: Notify,
    reason: std::sync::Mutex<Option<Refusal>>,
}

impl Outbox {
    pub(crate) fn new() -> (Self, mpsc::Receiver<ServerFrame>) {
        let (frames, receiver) = mpsc::channel(QUEUE);
        let ending = Arc::new(Ending {
            ended: AtomicBool::new(false),
            wake: Notify::new(),
            reason: std::sync::Mutex::new(None),
        });
        (Self { frames, ending }, receiver)
    }

    /// Queues a frame; false when the connection is gone or ends because it is too slow.
    pub(crate) fn send(&self, frame: ServerFrame) -> bool {
        match self.frames.try_send(frame) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.end(meeting::Refusal::SessionLost);
                false
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        }
    }

    /// Asks the connection to say why and close. The first reason stays.
    pub(crate) fn end(&self, reason: meeting::Refusal) {
        if let Ok(mut slot) = self.ending.reason.lock() {
            slot.get_or_insert(crate::map::refusal(reason));
        }
        self.ending.ended.store(true, Ordering::Release);
        self.ending.wake.notify_one();
    }

    /// Resolves when the connection has to end.
    pub(crate) async fn ended(&self) {
        while !self.ending.ended.load(Ordering::Acquire) {
            self.ending.wake.notified().await;
        }
    }

    /// Why it ends.
    pub(crate) fn reason(&self) -> Option<Refusal> {
        self.ending.reason.lock().ok().and_then(|slot| slot.clone())
    }

    /// Whether two outboxes lead to the same socket.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.ending, &other.ending)
    }
}

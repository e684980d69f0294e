//! The way from a meeting to one socket: a bounded queue and a way to end the connection.
//!
//! Full means that the client does not read: the connection is ended and the client may come back with its resume ticket and
//! gets a fresh snapshot. Nothing is ever dropped silently from the middle of the stream.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use wire::ServerFrame;

/// Frames that wait for a slow socket.
const QUEUE: usize = 256;

/// Sending half; cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbox {
    frames: mpsc::Sender<ServerFrame>,
    ending: Arc<Ending>,
}

/// How a connection learns that it has to end.
struct Ending {
    /// Every waiter sees it, also one that begins to wait later.
    ended: watch::Sender<bool>,
    reason: Mutex<Option<meeting::Refusal>>,
}

impl Outbox {
    pub(crate) fn new() -> (Self, mpsc::Receiver<ServerFrame>) {
        let (frames, receiver) = mpsc::channel(QUEUE);
        let ending = Arc::new(Ending {
            ended: watch::Sender::new(false),
            reason: Mutex::default(),
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
        self.ending
            .reason
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(reason);
        self.ending.ended.send_replace(true);
    }

    /// Resolves when the connection has to end.
    pub(crate) async fn ended(&self) {
        let mut ended = self.ending.ended.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        drop(ended.wait_for(|ended| *ended).await);
    }

    /// Why it ends.
    pub(crate) fn reason(&self) -> Option<meeting::Refusal> {
        *self.ending.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether two outboxes lead to the same socket.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.ending, &other.ending)
    }
}

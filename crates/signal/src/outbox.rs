//! The way from a meeting to one socket: a bounded queue and a way to end the connection.
//!
//! Full, in frames or in bytes, means that the client does not read: the connection is ended and the client may come back with its resume
//! ticket and gets a fresh snapshot. Nothing is ever dropped silently from the middle of the stream, except a message that its sender calls
//! lossy: it is dropped as soon as a good part of the queue is taken, and ends nothing. What waits keeps the machine's shape (`frame`), so
//! that a text for a thousand receivers is in memory once however many of them are slow.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{mpsc, watch};
use wire::ServerFrame;

use crate::frame::Frame;

/// Frames that wait for a slow socket.
const QUEUE: usize = 256;
/// Bytes that wait for a slow socket, as they will be sent. A single larger frame passes when nothing waits.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Lossy messages are dropped when more than so many frames or bytes would wait.
const LOSSY_QUEUE: usize = QUEUE / 2;
const LOSSY_BYTES: usize = 1024 * 1024;

/// Sending half; cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbox {
    frames: mpsc::Sender<(Frame, usize)>,
    /// Bytes that wait.
    waiting: Arc<AtomicUsize>,
    ending: Arc<Ending>,
}

/// Receiving half.
pub(crate) struct Inbox {
    frames: mpsc::Receiver<(Frame, usize)>,
    waiting: Arc<AtomicUsize>,
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It waits for its turn.
    Queued,
    /// It was lossy and is dropped; the connection goes on.
    Dropped,
    /// The connection is gone, or ends because it is too slow.
    Gone,
}

/// How a connection learns that it has to end.
struct Ending {
    /// Every waiter sees it, also one that begins to wait later.
    ended: watch::Sender<bool>,
    reason: Mutex<Option<meeting::Refusal>>,
}

impl Inbox {
    /// The next frame, in the shape of the wire; nothing when nobody can send any more.
    pub(crate) async fn recv(&mut self) -> Option<ServerFrame> {
        let (frame, weight) = self.frames.recv().await?;
        self.waiting.fetch_sub(weight, Ordering::Relaxed);
        Some(frame.into_wire())
    }
}

impl Outbox {
    pub(crate) fn new() -> (Self, Inbox) {
        let (frames, receiver) = mpsc::channel(QUEUE);
        let waiting = Arc::new(AtomicUsize::new(0));
        let ending = Arc::new(Ending {
            ended: watch::Sender::new(false),
            reason: Mutex::default(),
        });
        let inbox = Inbox {
            frames: receiver,
            waiting: Arc::clone(&waiting),
        };
        (Self { frames, waiting, ending }, inbox)
    }

    /// Queues a frame; false when the connection is gone or ends because it is too slow.
    pub(crate) fn send(&self, frame: ServerFrame) -> bool {
        self.offer(Frame::Whole(Box::new(frame))) != Sent::Gone
    }

    /// Queues a frame, or drops it when it is lossy and too much waits already.
    pub(crate) fn offer(&self, frame: Frame) -> Sent {
        let weight = frame.weight();
        let before = self.waiting.fetch_add(weight, Ordering::Relaxed);
        let after = before.saturating_add(weight);
        let queued = QUEUE.saturating_sub(self.frames.capacity());
        let sent = if frame.is_lossy() && (queued >= LOSSY_QUEUE || after > LOSSY_BYTES) {
            Sent::Dropped
        } else if before > 0 && after > MOST_BYTES {
            self.end(meeting::Refusal::SessionLost);
            Sent::Gone
        } else {
            match self.frames.try_send((frame, weight)) {
                Ok(()) => return Sent::Queued,
                Err(mpsc::error::TrySendError::Full(_)) => {
                    self.end(meeting::Refusal::SessionLost);
                    Sent::Gone
                }
                Err(mpsc::error::TrySendError::Closed(_)) => Sent::Gone,
            }
        };
        self.waiting.fetch_sub(weight, Ordering::Relaxed);
        sent
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use meeting::{DataMessage, Event, MAX_DATA, ParticipantId, Refusal};

    use super::*;
    use crate::frame::OwnMedia;

    fn message(lossy: bool, length: usize) -> Frame {
        Frame::Told {
            call: "call".to_owned(),
            revision: 1,
            event: Box::new(Event::Data(DataMessage {
                participant: ParticipantId("8:acs:maria".to_owned()),
                channel: 1,
                sequence: 1,
                lossy,
                data: Arc::from("a".repeat(length)),
            })),
            media: OwnMedia::default(),
        }
    }

    #[tokio::test]
    async fn lossy_messages_to_a_socket_that_does_not_read_are_dropped_and_end_nothing() {
        for length in [4, MAX_DATA] {
            let (outbox, mut inbox) = Outbox::new();
            let sent: Vec<Sent> = (0..QUEUE * 2).map(|_| outbox.offer(message(true, length))).collect();
            let queued = sent.iter().filter(|one| **one == Sent::Queued).count();
            assert!(queued > 0 && queued * length <= LOSSY_BYTES && sent.last() == Some(&Sent::Dropped));
            assert_eq!(outbox.reason(), None);
            assert!(outbox.send(ServerFrame::Pong), "there is room for what may not be dropped");
            for _ in 0..=queued {
                inbox.recv().await.expect("a frame");
            }
            assert_eq!(outbox.offer(message(true, length)), Sent::Queued, "it reads again");
        }
    }

    #[tokio::test]
    async fn messages_that_may_not_be_dropped_end_the_socket_at_the_bound_in_bytes_and_pass_when_it_reads() {
        let (outbox, _inbox) = Outbox::new();
        let fit = MOST_BYTES / message(false, MAX_DATA).weight();
        assert!(fit < QUEUE, "bytes are the bound, not frames");
        for _ in 0..fit {
            assert_eq!(outbox.offer(message(false, MAX_DATA)), Sent::Queued);
        }
        assert_eq!(outbox.offer(message(false, MAX_DATA)), Sent::Gone);
        assert_eq!(outbox.reason(), Some(Refusal::SessionLost));

        let (outbox, mut inbox) = Outbox::new();
        for _ in 0..fit * 3 {
            assert_eq!(outbox.offer(message(false, MAX_DATA)), Sent::Queued);
            inbox.recv().await.expect("a frame");
        }
        assert_eq!(
            outbox.offer(message(false, MOST_BYTES * 2)),
            Sent::Queued,
            "alone, a long frame passes"
        );
    }

    #[test]
    fn what_waits_for_many_sockets_is_in_memory_once() {
        let data: Arc<str> = Arc::from("a".repeat(MAX_DATA));
        let told = Event::Data(DataMessage {
            participant: ParticipantId("8:acs:maria".to_owned()),
            channel: 1,
            sequence: 1,
            lossy: false,
            data: Arc::clone(&data),
        });
        let boxes: Vec<(Outbox, Inbox)> = (0..100).map(|_| Outbox::new()).collect();
        for (outbox, _) in &boxes {
            let frame = Frame::Told {
                call: "call".to_owned(),
                revision: 1,
                event: Box::new(told.clone()),
                media: OwnMedia::default(),
            };
            assert_eq!(outbox.offer(frame), Sent::Queued);
        }
        assert_eq!(Arc::strong_count(&data), 102);
    }
}

//! What the handle asks of the shard.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use tokio::sync::oneshot;

use crate::api::{Answer, Declared, Offer, OfferError, PeerId, PublicationId, RoomId, Want};

/// Commands that may wait. When the queue is full, an offer is refused as busy and every other command makes its caller wait
/// until the shard has taken one, which it does in every loop turn: a removal must not be lost.
const CAPACITY: usize = 1_024;

/// A command.
#[derive(Debug)]
pub(crate) enum Command {
    Offer {
        room: RoomId,
        peer: PeerId,
        offer: Offer,
        reply: oneshot::Sender<Result<Answer, OfferError>>,
    },
    Declare {
        peer: PeerId,
        publications: Vec<Declared>,
    },
    SetOpen {
        peer: PeerId,
        publication: PublicationId,
        open: bool,
    },
    Subscribe {
        peer: PeerId,
        wants: Vec<Want>,
    },
    Remove {
        peer: PeerId,
    },
    Stop,
}

/// The sending end; wakes the shard.
#[derive(Debug)]
pub(crate) struct Commands {
    queue: SyncSender<Command>,
    waker: mio::Waker,
}

impl Commands {
    pub(crate) fn new(waker: mio::Waker) -> (Self, Receiver<Command>) {
        let (queue, receiver) = sync_channel(CAPACITY);
        (Self { queue, waker }, receiver)
    }

    /// Hands over a command; waits when the queue is full. A stopped engine ignores it.
    pub(crate) fn send(&self, command: Command) {
        if self.queue.send(command).is_ok() {
            self.wake();
        }
    }

    /// Hands over an offer, or says why not.
    pub(crate) fn offer(&self, command: Command) -> Result<(), OfferError> {
        match self.queue.try_send(command) {
            Ok(()) => {
                self.wake();
                Ok(())
            }
            Err(TrySendError::Full(_)) => Err(OfferError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(OfferError::Stopped),
        }
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::warn!(%error, "the media thread could not be woken; it will look by itself");
        }
    }
}

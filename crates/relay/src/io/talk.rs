//! What is said on a connection, apart from how it travels: the two protocols behind one face, so that streams and datagrams are carried in one way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::Notify;

use super::Shared;
use super::inbound::Broken;
use super::links::Links;
use super::queue::Unit;
use crate::frame::{Content, Framing};
use crate::turn::{Client, Now, Session, Step};

/// Datagrams of the engine taken in one go, before the client's own are looked at again.
pub(super) const BATCH: usize = 32;

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Ended {
    #[error("the client closed it")]
    Closed,
    #[error("the client sent what cannot be read")]
    Broken,
    #[error("the client did not do what the connection is for")]
    Useless,
    #[error("the client sent a message too slowly")]
    Slow,
    #[error("the client was silent")]
    Idle,
    #[error("the client read nothing")]
    Stalled,
    #[error("the engine knows nothing of the client")]
    Unknown,
    #[error("the engine closed it or has no place")]
    Engine,
    #[error("the participant was revoked")]
    Revoked,
}

impl From<Broken> for Ended {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

/// One client's protocol.
pub(super) trait Talk: Send {
    /// How its messages are cut out of a stream.
    const FRAMING: Framing;

    /// Takes one message of the client.
    fn take(&mut self, now: Now, message: &[u8], out: &mut Vec<Unit>) -> Result<(), Ended>;

    /// Takes what the engine has for the client, at most [`BATCH`] at a time.
    fn poll_engine(&mut self, now: Now, context: &mut Context<'_>, out: &mut Vec<Unit>) -> Poll<Result<(), Ended>>;

    /// When [`Talk::handle_timeout`] is due.
    fn poll_timeout(&self) -> Option<Instant>;

    /// Looks at what time has done.
    fn handle_timeout(&mut self, now: Now) -> Result<(), Ended>;
}

/// A client of the relay. Dropping it ends its allocation.
pub(super) struct Turn {
    shared: Arc<Shared>,
    session: Session,
    links: Links,
    /// Where the allocation is in the books.
    entered: Option<SocketAddr>,
    end: Arc<Notify>,
    /// Since when there is no allocation.
    idle_since: Instant,
}

impl Turn {
    pub(super) fn new(shared: Arc<Shared>, client: Client, now: Instant) -> Self {
        Self {
            shared,
            session: Session::new(client),
            links: Links::default(),
            entered: None,
            end: Arc::new(Notify::new()),
            idle_since: now,
        }
    }

    pub(super) fn is_allocated(&self) -> bool {
        self.entered.is_some()
    }

    /// Told when the participant is revoked.
    pub(super) fn end(&self) -> Arc<Notify> {
        Arc::clone(&self.end)
    }

    /// Does something with the books and keeps in step with what came of it.
    fn in_books<T>(&mut self, now: Instant, action: impl FnOnce(&mut Session, &mut crate::turn::Office) -> T) -> T {
        let shared = Arc::clone(&self.shared);
        let mut books = shared.books();
        let outcome = action(&mut self.session, &mut books.office);
        let relayed = self.session.relayed();
        if relayed != self.entered {
            self.links.close();
            if let Some(before) = self.entered.take() {
                books.ends.remove(&before);
                self.idle_since = now;
            }
            if let Some(relayed) = relayed {
                books.ends.insert(relayed, Arc::clone(&self.end));
                self.entered = Some(relayed);
            }
        }
        outcome
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let now = self.idle_since;
        self.in_books(now, Session::end);
    }
}

impl Talk for Turn {
    const FRAMING: Framing = Framing::Turn;

    fn take(&mut self, now: Now, message: &[u8], out: &mut Vec<Unit>) -> Result<(), Ended> {
        match self.session.step(now.at, message) {
            Step::Nothing => {}
            Step::Relay { to, datagram } => {
                let relayed = self.entered;
                let shared = Arc::clone(&self.shared);
                let taken = relayed.is_some_and(|relayed| self.links.send(now.at, &*shared.gate, relayed, to, datagram));
                shared.counters.handed(datagram.len(), taken);
            }
            Step::Request(message) => {
                let answer = self.in_books(now.at, |session, office| session.request(now, office, &message));
                out.extend(answer.map(|bytes| Unit {
                    bytes,
                    content: Content::Control,
                }));
            }
        }
        Ok(())
    }

    fn poll_engine(&mut self, now: Now, context: &mut Context<'_>, out: &mut Vec<Unit>) -> Poll<Result<(), Ended>> {
        for taken in 0..BATCH {
            let Poll::Ready((from, datagram)) = self.links.poll_recv(context) else {
                return if taken == 0 { Poll::Pending } else { Poll::Ready(Ok(())) };
            };
            let mut bytes = Vec::with_capacity(datagram.len() + 40);
            if self.session.wrap(now.at, from, &datagram, &mut bytes) {
                self.shared.counters.datagrams_out.add(1);
                self.shared.counters.bytes_out.add(datagram.len());
                let content = Content::of(&datagram);
                out.push(Unit { bytes, content });
            } else {
                self.shared.counters.dropped_out.add(1);
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let first = self.idle_since + self.shared.limits.first_time;
        Some(self.session.poll_timeout().unwrap_or(first))
    }

    fn handle_timeout(&mut self, now: Now) -> Result<(), Ended> {
        if self.session.poll_timeout().is_some_and(|ends| ends <= now.at) {
            self.in_books(now.at, |session, office| session.handle_timeout(now.at, office));
        }
        if self.entered.is_none() && now.at >= self.idle_since + self.shared.limits.first_time {
            return Err(Ended::Useless);
        }
        Ok(())
    }
}

//! The links of one allocation into the engine: one for each address of the engine that the client uses, opened with the first datagram to it.

use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::gate::{Gate, Link, Transport};

/// An engine that had no place is not asked for every datagram.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Bounded by the engine's addresses, since nothing else is relayed to.
#[derive(Debug, Default)]
pub(super) struct Links {
    open: Vec<(SocketAddr, Link)>,
    busy_until: Option<Instant>,
    /// Whose turn it is, so that a busy link does not keep another one waiting.
    turn: usize,
}

impl Links {
    /// Hands a datagram to the engine. False when it was dropped.
    pub(super) fn send(&mut self, now: Instant, gate: &dyn Gate, relayed: SocketAddr, to: SocketAddr, datagram: &[u8]) -> bool {
        if let Some((_, link)) = self.open.iter().find(|(local, _)| *local == to) {
            return link.to_engine.send(Bytes::copy_from_slice(datagram));
        }
        if self.busy_until.is_some_and(|until| now < until) {
            return false;
        }
        match gate.open(Transport::Relay, relayed, to) {
            Ok(link) => {
                let sent = link.to_engine.send(Bytes::copy_from_slice(datagram));
                self.open.push((to, link));
                sent
            }
            Err(error) => {
                tracing::debug!(%error, "a relayed datagram was dropped");
                self.busy_until = Some(now + ASK_AGAIN);
                false
            }
        }
    }

    /// The next datagram of the engine and the address that it comes from.
    pub(super) fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<(SocketAddr, Bytes)> {
        let mut asked = 0;
        while asked < self.open.len() {
            self.turn = if self.turn + 1 < self.open.len() { self.turn + 1 } else { 0 };
            let Some((from, link)) = self.open.get_mut(self.turn) else { break };
            match link.from_engine.poll_recv(context) {
                Poll::Ready(Some(datagram)) => return Poll::Ready((*from, datagram)),
                // The engine has closed it; the client's next datagram opens another.
                Poll::Ready(None) => {
                    self.open.swap_remove(self.turn);
                    asked = 0;
                }
                Poll::Pending => asked += 1,
            }
        }
        Poll::Pending
    }

    /// Closes all of them.
    pub(super) fn close(&mut self) {
        self.open.clear();
    }
}

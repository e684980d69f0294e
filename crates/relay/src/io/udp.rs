//! TURN over UDP.
//!
//! One task receives. Who has no allocation is answered there and forgotten; who has one gets a task, which ends with it. So invented addresses cost an
//! answer, within what strangers are granted, and no memory.

use std::collections::HashMap;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::queue::Unit;
use super::talk::{Ended, Talk as _, Turn};
use super::tcp::{report, stop};
use super::{Relay, Shared, clock};
use crate::budget::{Bucket, Strangers};
use crate::frame::{MAX_MESSAGE, Packet};
use crate::message::{Class, Message};
use crate::turn::{Client, Wire};

/// Datagrams that wait for a client's task. Full means that the processor is behind; the newest is dropped, as the kernel would.
const INBOX: usize = 256;
/// After a receive that failed, the socket is asked again after this time.
const RECEIVE_AGAIN: Duration = Duration::from_millis(10);

impl Relay {
    /// Serves TURN over UDP until `stopped`; allocations end with it.
    pub async fn serve_udp(&self, socket: UdpSocket, mut stopped: watch::Receiver<bool>) {
        let mut door = Door {
            shared: Arc::clone(&self.shared),
            socket: Arc::new(socket),
            strangers: Strangers::new(self.shared.limits.strangers, self.shared.limits.all_strangers, clock::now().at),
            clients: HashMap::new(),
            tasks: JoinSet::new(),
        };
        // What is longer is cut off, and its lengths then do not fit.
        let mut buffer = vec![0; MAX_MESSAGE];
        loop {
            tokio::select! {
                () = stop(&mut stopped) => return,
                Some(ended) = door.tasks.join_next() => door.ended(ended),
                received = door.socket.recv_from(&mut buffer) => match received {
                    Ok((bytes, from)) => door.take(from, buffer.get(..bytes).unwrap_or_default()),
                    Err(error) => {
                        tracing::debug!(%error, "the relay's socket could not receive");
                        tokio::time::sleep(RECEIVE_AGAIN).await;
                    }
                }
            }
        }
    }
}

struct Door {
    shared: Arc<Shared>,
    socket: Arc<UdpSocket>,
    strangers: Strangers,
    /// Those with an allocation.
    clients: HashMap<SocketAddr, mpsc::Sender<Bytes>>,
    tasks: JoinSet<(SocketAddr, Ended)>,
}

impl Door {
    fn take(&mut self, from: SocketAddr, datagram: &[u8]) {
        if let Some(inbox) = self.clients.get(&from) {
            match inbox.try_send(Bytes::copy_from_slice(datagram)) {
                Ok(()) => return,
                Err(mpsc::error::TrySendError::Full(_)) => return self.shared.counters.dropped_in.add(1),
                // The allocation has just ended.
                Err(mpsc::error::TrySendError::Closed(_)) => drop(self.clients.remove(&from)),
            }
        }
        self.meet(from, datagram);
    }

    /// Answers somebody without an allocation, who may have one then.
    fn meet(&mut self, from: SocketAddr, datagram: &[u8]) {
        let now = clock::now();
        // Only requests are worth anything from a stranger.
        let Some(Packet::Stun(bytes)) = Packet::of(datagram) else { return };
        if !Message::parse(bytes).is_ok_and(|message| message.class() == Class::Request) {
            return;
        }
        if !self.strangers.take(now.at, from.ip()) {
            return self.shared.counters.requests_unanswered.add(1);
        }
        let client = Client {
            wire: Wire::Udp,
            address: SocketAddr::new(from.ip().to_canonical(), from.port()),
        };
        let mut turn = Turn::new(Arc::clone(&self.shared), client, now.at);
        let mut out = Vec::new();
        if turn.take(now, datagram, &mut out).is_err() {
            return;
        }
        for unit in out {
            // A socket that is full loses the answer; the client asks again.
            drop(self.socket.try_send_to(&unit.bytes, from));
        }
        if turn.is_allocated() {
            let (inbox, datagrams) = mpsc::channel(INBOX);
            self.clients.insert(from, inbox);
            let (shared, socket) = (Arc::clone(&self.shared), Arc::clone(&self.socket));
            self.tasks
                .spawn(async move { (from, carry(&shared, &socket, turn, from, datagrams).await) });
        }
    }

    fn ended(&mut self, ended: Result<(SocketAddr, Ended), tokio::task::JoinError>) {
        let ended = ended.map(|(client, reason)| {
            // A new allocation of the same client may have a task already.
            if self.clients.get(&client).is_some_and(mpsc::Sender::is_closed) {
                self.clients.remove(&client);
            }
            reason
        });
        report(ended);
    }
}

/// Carries the talk of a client with an allocation until that ends.
async fn carry(shared: &Shared, socket: &UdpSocket, mut turn: Turn, to: SocketAddr, mut datagrams: mpsc::Receiver<Bytes>) -> Ended {
    let end = turn.end();
    let rate = shared.limits.bytes;
    let mut bytes = Bucket::new(rate, clock::now().at);
    let mut out: Vec<Unit> = Vec::new();
    loop {
        for unit in out.drain(..) {
            // Waits while the socket is full; the engine then drops what no longer fits into the link.
            if socket.send_to(&unit.bytes, to).await.is_err() {
                shared.counters.dropped_out.add(1);
            }
        }
        if !turn.is_allocated() {
            return Ended::Closed;
        }
        let deadline = turn.poll_timeout();
        tokio::select! {
            () = end.notified() => return Ended::Revoked,
            datagram = datagrams.recv() => {
                let Some(datagram) = datagram else { return Ended::Closed };
                let now = clock::now();
                let cost = f64::from(u32::try_from(datagram.len()).unwrap_or(u32::MAX));
                if !bytes.take(rate, now.at, cost) {
                    shared.counters.dropped_in.add(1);
                } else if let Err(ended) = turn.take(now, &datagram, &mut out) {
                    return ended;
                }
            }
            taken = poll_fn(|context| turn.poll_engine(clock::now(), context, &mut out)) => {
                if let Err(ended) = taken {
                    return ended;
                }
            }
            () = super::stream::at(deadline) => {
                if let Err(ended) = turn.handle_timeout(clock::now()) {
                    return ended;
                }
            }
        }
    }
}

//! Ways into the engine beside the UDP socket: a TCP connection of a client, an allocation of the relay.
//!
//! A link is two bounded queues. Its first datagram must be a connectivity check; the name in it says which shard the link belongs to.
//! Not here: framing, TURN, who may open a link (their owners), whose a datagram is (`ingress`).

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use str0m::ice::StunMessage;
use str0m::net::Protocol;
use tokio::sync::mpsc;

use super::mailbox::Door;

/// Datagrams to a client that wait for its link; what is over it is dropped.
const WAITING: usize = 256;
/// Longest datagram that a link takes.
const LONGEST: usize = 2_048;
/// Links of the engine.
const MOST_LINKS: usize = 16_384;

/// How the client's datagrams come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// In frames over TCP (RFC 4571), to the TCP candidate.
    Tcp,
    /// By a relay, to the UDP candidate.
    Relay,
}

/// The engine's end of a link.
#[derive(Debug)]
pub(crate) struct Far {
    pub(crate) id: u64,
    pub(crate) protocol: Protocol,
    /// Whom the engine sees.
    pub(crate) remote: SocketAddr,
    /// Which candidate the client means.
    pub(crate) local: SocketAddr,
    to_client: mpsc::Sender<Bytes>,
    open: Arc<AtomicUsize>,
    /// Datagrams from the client that the shard has not taken yet.
    waiting: AtomicUsize,
}

impl Far {
    /// False when it was dropped: the client reads too slowly, or is gone.
    pub(crate) fn send(&self, datagram: &[u8]) -> bool {
        self.to_client.try_send(Bytes::copy_from_slice(datagram)).is_ok()
    }

    /// A datagram is handed to the shard; false when so many wait already.
    pub(crate) fn enter(&self, most: usize) -> bool {
        let free = self.waiting.fetch_add(1, Ordering::Relaxed) < most;
        if !free {
            self.leave();
        }
        free
    }

    /// The shard has taken one.
    pub(crate) fn leave(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether the other end is gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.to_client.is_closed()
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Opens links.
#[derive(Clone)]
pub struct Gate {
    doors: Arc<[Door]>,
    next: Arc<AtomicU64>,
    open: Arc<AtomicUsize>,
}

/// The end of a link where datagrams go into the engine. Dropping both ends closes the link.
#[derive(Debug)]
pub struct Inlet {
    far: Arc<Far>,
    gate: Gate,
    door: OnceLock<usize>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("open", &self.open).finish_non_exhaustive()
    }
}

impl Gate {
    pub(crate) fn new(doors: Arc<[Door]>) -> Self {
        Self {
            doors,
            next: Arc::default(),
            open: Arc::default(),
        }
    }

    /// Opens a link. `remote` is what the engine sees as the sender, `local` the candidate that the client means. Nothing when there are too many.
    ///
    /// The receiver gives what is to be sent to the client; its end means that the engine has let go of the link.
    pub fn open(&self, transport: Transport, remote: SocketAddr, local: SocketAddr) -> Option<(Inlet, mpsc::Receiver<Bytes>)> {
        if self.open.fetch_add(1, Ordering::Relaxed) >= MOST_LINKS {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let (to_client, receiver) = mpsc::channel(WAITING);
        let far = Far {
            id: self.next.fetch_add(1, Ordering::Relaxed),
            protocol: match transport {
                Transport::Tcp => Protocol::Tcp,
                Transport::Relay => Protocol::Udp,
            },
            remote,
            local,
            to_client,
            open: Arc::clone(&self.open),
            waiting: AtomicUsize::new(0),
        };
        let inlet = Inlet {
            far: Arc::new(far),
            gate: self.clone(),
            door: OnceLock::new(),
        };
        Some((inlet, receiver))
    }
}

impl Inlet {
    /// Hands over one datagram, without waiting. False when it was dropped: the shard is behind, the datagram is too long, or nothing says yet whose
    /// the link is.
    pub fn send(&self, datagram: Bytes) -> bool {
        if datagram.len() > LONGEST {
            return false;
        }
        let door = match self.door.get() {
            Some(door) => *door,
            None => match shard_of(&datagram).filter(|door| *door < self.gate.doors.len()) {
                Some(door) => *self.door.get_or_init(|| door),
                None => return false,
            },
        };
        let Some(door) = self.gate.doors.get(door) else { return false };
        door.linked(&self.far, datagram)
    }
}

/// Which shard a connectivity check is for: its position is what names of this engine begin with.
pub(crate) fn shard_of(check: &[u8]) -> Option<usize> {
    let message = StunMessage::parse(check).ok()?;
    let (name, _) = message.split_username()?;
    shard_named(name)
}

/// Which shard gave out this name.
pub(crate) fn shard_named(name: &str) -> Option<usize> {
    usize::from_str_radix(name.get(..2)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::super::mailbox::Mailbox;
    use super::*;

    const DATAGRAM: &[u8] = b"datagram";

    fn gate() -> (Gate, Door, Mailbox, mio::Poll) {
        let poll = mio::Poll::new().unwrap();
        let waker = Arc::new(mio::Waker::new(poll.registry(), super::super::WAKER).unwrap());
        let (door, mailbox) = Door::new(waker);
        (Gate::new(Arc::new([door.clone()])), door, mailbox, poll)
    }

    fn link(gate: &Gate) -> Inlet {
        let address = SocketAddr::from(([192, 0, 2, 7], 50_000));
        gate.open(Transport::Tcp, address, address).unwrap().0
    }

    #[test]
    fn a_link_that_brings_more_than_the_shard_takes_loses_the_rest_and_others_lose_nothing() {
        let (gate, door, mailbox, _poll) = gate();
        let (greedy, other) = (link(&gate), link(&gate));
        let send = |inlet: &Inlet| door.linked(&inlet.far, Bytes::from_static(DATAGRAM));
        let taken = (0..1_000).filter(|_| send(&greedy)).count();
        assert_eq!(taken, 128);
        assert!(send(&other));
        // What the shard takes makes room.
        let (far, datagram) = mailbox.linked.try_recv().unwrap();
        far.leave();
        assert_eq!((far.id, &datagram[..]), (greedy.far.id, DATAGRAM));
        assert_eq!((0..1_000).filter(|_| send(&greedy)).count(), 1);
    }

    #[test]
    fn what_does_not_fit_into_the_box_of_all_is_dropped_and_counts_for_no_link() {
        let (gate, door, mailbox, _poll) = gate();
        let links: Vec<Inlet> = (0..17).map(|_| link(&gate)).collect();
        let send = |inlet: &Inlet| door.linked(&inlet.far, Bytes::from_static(DATAGRAM));
        let taken: usize = links.iter().map(|inlet| (0..128).filter(|_| send(inlet)).count()).sum();
        assert_eq!(taken, 2_048);
        let (far, _) = mailbox.linked.try_recv().unwrap();
        far.leave();
        assert!(send(&links[16]));
        assert!(!send(&links[16]));
    }
}

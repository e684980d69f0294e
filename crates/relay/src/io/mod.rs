//! Sockets: listeners for TURN over UDP ([`Relay::serve_udp`]), over TCP and TLS ([`Relay::serve_tcp`]), and for ICE over TCP ([`IceTcp`]).
//!
//! Owns: tasks, sockets, queues, times, and every bound on them ([`Limits`]). One task for each client; what clients share is the books, locked for requests
//! only, never for data. Not here: the protocol (`turn`), the engine behind the [`Gate`].
//!
//! Invariants, kept by `tests/`: a client that sends nothing, slowly or too much, or does not read, costs what [`Limits`] says and delays nobody else; media
//! that waits is dropped oldest first; an allocation ends with its task, however that ends.

mod clock;
mod ice_tcp;
mod inbound;
mod links;
mod places;
mod queue;
mod stats;
mod stream;
mod talk;
mod tcp;
mod udp;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use self::places::Places;
use self::stats::Counters;
use crate::budget::Rate;
use crate::credentials::Secret;
use crate::gate::Gate;
use crate::turn::{Config, Office};

pub use ice_tcp::IceTcp;
pub use stats::Stats;

/// What is granted to clients of a listener.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// TCP connections at once. One more is closed at once.
    pub connections: usize,
    /// TCP connections at once from one source (see [`crate::Source`]). One more is closed at once.
    pub of_one_source: usize,
    /// TLS handshakes at once, which cost the processor most. One more waits for its turn, within its own handshake time.
    pub handshakes: usize,
    /// From the connection to the end of the TLS handshake; later, the connection is closed.
    pub handshake_time: Duration,
    /// From the beginning of a connection to what it is for: an allocation (and from the end of that to the next one), or for ICE over TCP the first binding
    /// request. Later, the connection is closed.
    pub first_time: Duration,
    /// For ICE over TCP, from the first request to the first answer of the engine: whom it does not know, it does not answer.
    pub answer_time: Duration,
    /// From the first byte of a message in a stream to its last. Later, the connection is closed.
    pub message_time: Duration,
    /// Longest silence of a client in a stream, and for ICE over TCP of the engine too. Clients of TURN renew permissions every few minutes, ICE checks consent
    /// every few seconds.
    pub idle_time: Duration,
    /// How long a client may read nothing while something waits for it. Later, the connection is closed.
    pub stall_time: Duration,
    /// Bytes that wait for a client that reads too slowly. Beyond it the oldest media is dropped, and other datagrams when there is no media.
    pub queue_bytes: usize,
    /// Media that waited longer is dropped.
    pub media_age: Duration,
    /// Bytes from one client. A stream is not read for a while when it sends more, a datagram is dropped.
    pub bytes: Rate,
    /// Answers over UDP to one source that has no allocation.
    pub strangers: Rate,
    /// Answers over UDP to all of those together.
    pub all_strangers: Rate,
}

impl Limits {
    /// For [`Relay`].
    pub fn relay() -> Self {
        Self {
            connections: 2048,
            of_one_source: 512,
            handshakes: 64,
            handshake_time: Duration::from_secs(10),
            first_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(10),
            message_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(360),
            stall_time: Duration::from_secs(20),
            queue_bytes: 128 * 1024,
            media_age: Duration::from_secs(1),
            bytes: Rate {
                // 32 Mbit/s: several times what a client publishes at its best.
                per_second: 4_000_000.0,
                burst: 1_000_000.0,
            },
            strangers: Rate {
                per_second: 50.0,
                burst: 200.0,
            },
            all_strangers: Rate {
                per_second: 5_000.0,
                burst: 5_000.0,
            },
        }
    }

    /// For [`IceTcp`].
    pub fn ice_tcp() -> Self {
        Self {
            first_time: Duration::from_secs(5),
            idle_time: Duration::from_secs(30),
            ..Self::relay()
        }
    }
}

/// The relay of a node. Clones are the same relay.
#[derive(Clone)]
pub struct Relay {
    shared: Arc<Shared>,
}

/// What all clients of a relay share.
pub(crate) struct Shared {
    books: Mutex<Books>,
    gate: Arc<dyn Gate>,
    limits: Limits,
    places: Arc<Places>,
    counters: Counters,
}

/// The books, and whom to wake when one of their entries is struck out.
pub(crate) struct Books {
    pub(crate) office: Office,
    ends: HashMap<SocketAddr, Arc<Notify>>,
}

impl Shared {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("stats", &self.stats()).finish()
    }
}

impl Relay {
    /// A relay in front of an engine, which serves nobody yet. `secret` is what credentials are made with, `seed` random bytes that nobody else knows.
    pub fn new(config: Config, secret: Secret, seed: [u8; 32], gate: Arc<dyn Gate>, limits: Limits) -> Self {
        let office = Office::new(config, secret, seed, clock::now().at);
        Self {
            shared: Arc::new(Shared {
                books: Mutex::new(Books {
                    office,
                    ends: HashMap::new(),
                }),
                gate,
                limits,
                places: Places::new(limits.connections, limits.of_one_source),
                counters: Counters::default(),
            }),
        }
    }

    /// Ends the allocations of a participant at once and refuses their credentials from now on.
    pub fn revoke(&self, participant: &str) {
        let mut books = self.shared.books();
        let ended = books.office.revoke(clock::now().unix_s, participant);
        for end in ended.iter().filter_map(|relayed| books.ends.get(relayed)) {
            // Kept for who is not waiting just now.
            end.notify_one();
        }
    }

    /// Counters since the start.
    pub fn stats(&self) -> Stats {
        let allocations = self.shared.books().office.allocations();
        self.shared.counters.read(allocations, self.shared.places.taken())
    }
}

//! The protocol of a TURN server (RFC 8656) that relays to one node's media engine and nowhere else. Pure: no sockets, no tasks, no clock.
//!
//! Owns: one client's allocation ([`Session`]), what all clients share ([`Office`]: credentials, nonces, relayed addresses, limits, revocations). Not here:
//! bytes of messages (`message`, `frame`), sockets and links (`io`).
//!
//! Invariants, kept by the tests beside each file and by `tests/attacks.rs`:
//! * **Only to the engine.** An allocation has no socket. Its relayed address is a name that the engine sees; what a client sends goes to an address of
//!   the engine that is in [`Config::media`] or nowhere. So there is nobody to attack through the relay, and no loop: a relayed address is no peer.
//! * **Nothing is kept for strangers.** Before a credential is proved there is no state: the nonce is a MAC over its time and the client's address.
//! * **Answers to strangers are small**: at most four times as long as what they answer.

mod allocate;
mod answer;
mod auth;
mod data;
mod office;
mod permit;
mod session;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::time::Instant;

pub use office::Office;
pub use session::{Session, Step};

use crate::budget::Rate;

/// Both clocks: one that never jumps, for durations, and the one that credentials are written in.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For durations.
    pub at: Instant,
    /// Seconds since the Unix epoch.
    pub unix_s: u64,
}

/// How a client reaches the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

/// A client, as the relay sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client {
    /// How it comes.
    pub wire: Wire,
    /// Where from, as the network shows it.
    pub address: SocketAddr,
}

/// What the relay is and grants.
#[derive(Debug, Clone)]
pub struct Config {
    /// The realm that passwords are for.
    pub realm: String,
    /// The engine's addresses, as clients are told of them: the only peers there are. A relayed address has the IP of the first of its family.
    pub media: Vec<SocketAddr>,
    /// Allocations at once. One more is refused with 508.
    pub allocations: usize,
    /// Allocations at once of one participant. One more is refused with 486. A browser makes one for each relay address and each of its networks, and
    /// twice as many while ICE restarts.
    pub of_one_participant: usize,
    /// Allocations at once of one source (see [`crate::Source`]). One more is refused with 486.
    pub of_one_source: usize,
    /// Requests of one client, each of which costs a MAC. One more is not answered; the client repeats it.
    pub requests: Rate,
}

impl Config {
    /// The usual settings in front of an engine with these addresses. An organisation of a few hundred people behind one address fits into the share of a
    /// source.
    pub fn new(media: Vec<SocketAddr>) -> Self {
        Self {
            realm: "anteroom".to_owned(),
            media,
            allocations: 4096,
            of_one_participant: 16,
            of_one_source: 1024,
            requests: Rate {
                per_second: 20.0,
                burst: 100.0,
            },
        }
    }
}

//! Captures of one peer's headers, for support: who sent what when, without what it was.
//!
//! `redact` says what of a datagram may leave the engine, `pcap` writes files of it. The shard hands out headers (`shard::watch`); who may ask for them, for
//! how long, and where they go is not decided here.
//! Invariant: no byte of a payload gets past `redact`, whatever it is (`tests/capture.rs`).

pub mod pcap;
pub(crate) mod redact;

use std::net::SocketAddr;
use std::sync::Arc;

/// The headers of one datagram of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captured<'a> {
    /// It came from the peer; else it is sent to it.
    pub incoming: bool,
    /// Our address.
    pub local: SocketAddr,
    /// The peer's address, as the engine sees it.
    pub remote: SocketAddr,
    /// What may be kept of it.
    pub kept: &'a [u8],
    /// How long it is.
    pub length: usize,
}

/// Takes the headers of a peer's datagrams. Called on the engine's thread: must not block and must not call the engine, so it puts what it wants to keep
/// into a bounded queue and drops it when that is full. What it does when it panics is harmless: it is called again.
#[derive(Clone)]
pub struct HeaderTap(pub Arc<dyn Fn(Captured<'_>) + Send + Sync>);

impl std::fmt::Debug for HeaderTap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeaderTap")
    }
}

impl HeaderTap {
    /// Hands over what may be kept of a datagram.
    pub(crate) fn take(&self, incoming: bool, local: SocketAddr, remote: SocketAddr, datagram: &[u8]) {
        let mut place = [0; redact::MOST_KEPT];
        let length = redact::keep(datagram, &mut place);
        (self.0)(Captured {
            incoming,
            local,
            remote,
            kept: place.get(..length).unwrap_or_default(),
            length: datagram.len(),
        });
    }
}

//! The way into the media engine for datagrams that did not come by its UDP socket. Implemented where the engine is known.

use std::net::SocketAddr;

use bytes::Bytes;
use tokio::sync::mpsc;

/// How the datagrams of a link really travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// ICE over TCP: the client connected to us.
    Tcp,
    /// Through the relay.
    Relay,
}

/// Opens links into the media engine.
pub trait Gate: Send + Sync + 'static {
    /// Opens one. `remote` is what the engine shall see as the sender: the client's own address for [`Transport::Tcp`], the relayed (virtual) address for
    /// [`Transport::Relay`]. `local` is the address of the engine that the client means: one of the candidates that it was told.
    ///
    /// Of all open links no two have the same transport, `remote` and `local`. A client of the UDP socket may well have the same address as a link: what the
    /// engine keeps by address, it keeps apart by link. Must not block.
    ///
    /// # Errors
    /// [`Busy`]: the caller drops what it has and may try again later.
    fn open(&self, transport: Transport, remote: SocketAddr, local: SocketAddr) -> Result<Link, Busy>;
}

/// A link, as this side holds it. Dropping it closes it: the engine notices by [`Inlet`] being dropped, or by its own end of `from_engine` being closed.
pub struct Link {
    /// Takes datagrams to the engine.
    pub to_engine: Box<dyn Inlet>,
    /// Datagrams of the engine for the client; its end means that the engine has closed the link. The channel is bounded by the engine, which drops what does
    /// not fit; it is emptied at once, so 256 datagrams are plenty.
    pub from_engine: mpsc::Receiver<Bytes>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Link")
    }
}

/// The end of a link where datagrams go into the engine.
pub trait Inlet: Send + Sync {
    /// Hands over one datagram, without waiting. False: it was dropped, because the engine's queue is full or the engine is gone.
    fn send(&self, datagram: Bytes) -> bool;
}

/// The engine has no place for another link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the media engine has no place for another link")]
pub struct Busy;

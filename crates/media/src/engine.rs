//! The handle of the media engine.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::api::{Answer, Declared, EngineConfig, EngineError, EngineStats, Event, Offer, OfferError, PeerId, PublicationId, RoomId, Want};

/// Takes the engine's events; called on the engine's thread, must not block.
pub type EventSink = Box<dyn Fn(Event) + Send + Sync>;

/// A running media engine. Cheap to clone; the threads end with [`Engine::stop`] or when the last handle is dropped.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    local: SocketAddr,
}

impl Engine {
    /// Opens the socket and starts the media thread.
    ///
    /// # Errors
    /// [`EngineError`] when the address cannot be used or a thread cannot be started.
    pub fn start(config: EngineConfig, events: EventSink) -> Result<Self, EngineError> {
        let _ = events;
        Ok(Self { inner: Arc::new(Inner { local: config.bind }) })
    }

    /// The bound address.
    pub fn local_addr(&self) -> SocketAddr {
        self.inner.local
    }

    /// Accepts an offer: creates the peer (or renegotiates an existing one unless `fresh`) and gives the answer.
    /// Call [`Engine::declare`] after it: a peer publishes nothing until it is declared.
    ///
    /// # Errors
    /// [`OfferError`]; the peer is as it was before, except after `fresh`, where it is gone.
    pub async fn offer(&self, room: RoomId, peer: PeerId, offer: Offer) -> Result<Answer, OfferError> {
        let _ = (room, peer, offer);
        Err(OfferError::Stopped)
    }

    /// Replaces what the peer publishes. Unknown peers are ignored (a removal may have overtaken the call).
    pub fn declare(&self, peer: PeerId, publications: Vec<Declared>) {
        let _ = (peer, publications);
    }

    /// Opens or closes one publication. Closed: packets are dropped where they come in (server-side mute).
    pub fn set_open(&self, peer: PeerId, publication: PublicationId, open: bool) {
        let _ = (peer, publication, open);
    }

    /// Replaces all wishes of the peer for video.
    pub fn subscribe(&self, peer: PeerId, wants: Vec<Want>) {
        let _ = (peer, wants);
    }

    /// Ends the peer's media path at once; no event follows.
    pub fn remove(&self, peer: PeerId) {
        let _ = peer;
    }

    /// Counters.
    pub fn stats(&self) -> EngineStats {
        EngineStats::default()
    }

    /// Stops the threads and waits for their end.
    pub fn stop(&self) {}
}

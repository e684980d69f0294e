//! The handle of the media engine.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::api::{
    Answer, Declared, EngineConfig, EngineError, EngineStats, Event, Offer, OfferError, PeerId, PublicationId, RoomId, VoiceTap, Want,
};
use crate::shard::{Commands, Shard};

/// Takes the engine's events; called on the engine's thread, must not block and must not call the engine.
pub type EventSink = Box<dyn Fn(Event) + Send + Sync>;

/// A running media engine. Cheap to clone; the threads end with [`Engine::stop`] or when the last handle is dropped.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    local: SocketAddr,
    commands: Commands,
    stats: Arc<Mutex<EngineStats>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Opens the socket and starts the media thread.
    ///
    /// # Errors
    /// [`EngineError`] when the address cannot be used or a thread cannot be started.
    pub fn start(config: EngineConfig, events: EventSink) -> Result<Self, EngineError> {
        if config.shards != 1 {
            return Err(EngineError::Shards(config.shards));
        }
        let stats = Arc::new(Mutex::new(EngineStats::default()));
        let (shard, commands, local) = Shard::new(&config, events, Arc::clone(&stats))?;
        let thread = std::thread::Builder::new()
            .name("media-0".to_owned())
            .spawn(move || shard.run())
            .map_err(EngineError::Thread)?;
        Ok(Self {
            inner: Arc::new(Inner {
                local,
                commands,
                stats,
                thread: Mutex::new(Some(thread)),
            }),
        })
    }

    /// The bound address.
    pub fn local_addr(&self) -> SocketAddr {
        self.inner.local
    }

    /// Accepts an offer: creates the peer (or renegotiates an existing one unless `fresh`) and gives the answer.
    /// Call [`Engine::declare`] after it: a peer publishes nothing until it is declared. All other calls return at once and
    /// are carried out in the order they were made for the peer.
    ///
    /// # Errors
    /// [`OfferError`]; the peer is as it was before, or was not created.
    pub async fn offer(&self, room: RoomId, peer: PeerId, offer: Offer) -> Result<Answer, OfferError> {
        let answer = self.inner.commands.offer(room, peer, offer)?;
        answer.await.unwrap_or(Err(OfferError::Stopped))
    }

    /// Replaces what the peer publishes. Unknown peers are ignored (a removal may have overtaken the call).
    pub fn declare(&self, peer: PeerId, publications: Vec<Declared>) {
        self.inner.commands.declare(peer, publications);
    }

    /// Opens or closes one publication. Closed: packets are dropped where they come in (server-side mute).
    pub fn set_open(&self, peer: PeerId, publication: PublicationId, open: bool) {
        self.inner.commands.set_open(peer, publication, open);
    }

    /// Replaces all wishes of the peer for video. Wishes for what is not published yet are kept until it is.
    pub fn subscribe(&self, peer: PeerId, wants: Vec<Want>) {
        self.inner.commands.subscribe(peer, wants);
    }

    /// Sends the peer nothing from now on (its slots are freed), or what it wants again. A new peer receives.
    pub fn set_receiving(&self, peer: PeerId, receiving: bool) {
        self.inner.commands.set_receiving(peer, receiving);
    }

    /// Hands the peer's voice to the tap too, in place of the one before, or to nobody any more. What is closed, undeclared or not a microphone
    /// is never handed out. The tap goes with the peer, also when a fresh offer replaces it.
    pub fn tap(&self, peer: PeerId, tap: Option<VoiceTap>) {
        self.inner.commands.tap(peer, tap);
    }

    /// Ends the peer's media path and takes back an offer that waits; no event follows.
    pub fn remove(&self, peer: PeerId) {
        self.inner.commands.remove(peer);
    }

    /// Counters, as of the last loop turn.
    pub fn stats(&self) -> EngineStats {
        *self.inner.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops the threads and waits for their end. Further calls on any handle do nothing; offers are refused.
    pub fn stop(&self) {
        self.inner.stop();
    }
}

impl Inner {
    fn stop(&self) {
        self.commands.stop();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The last handle may be dropped by the engine's own thread, which cannot wait for itself.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != std::thread::current().id())
            && thread.join().is_err()
        {
            tracing::error!("the media thread ended by a fault");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("local", &self.inner.local).finish_non_exhaustive()
    }
}

//! The handle of the media engine.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::api::{
    Answer, Declared, EngineConfig, EngineError, EngineStats, Event, Offer, OfferError, PeerId, PublicationId, RoomId, VoiceTap, Want,
};
use crate::capture::HeaderTap;
use crate::placement::Placement;
use crate::shard::{Commands, Door, Gate, House, Post, Seat, Shard, ShardId, Socket, WAKER};

/// Takes the engine's events; called on the engine's threads, must not block and must not call the engine.
pub type EventSink = Box<dyn Fn(Event) + Send + Sync>;

/// Most threads: their number stands in ICE names as two digits.
const MOST_SHARDS: usize = 128;

/// A running media engine. Cheap to clone; the threads end with [`Engine::stop`] or when the last handle is dropped.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    local: SocketAddr,
    shards: Vec<Running>,
    placement: Arc<Mutex<Placement>>,
    gate: Gate,
    max_peers: usize,
}

/// A shard, as the handle sees it.
struct Running {
    commands: Commands,
    stats: Arc<Mutex<EngineStats>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Opens the sockets and starts the media threads.
    ///
    /// # Errors
    /// [`EngineError`] when the address cannot be used or a thread cannot be started.
    pub fn start(config: EngineConfig, events: EventSink) -> Result<Self, EngineError> {
        if !(1..=MOST_SHARDS).contains(&config.shards) {
            return Err(EngineError::Shards(config.shards));
        }
        let placement = Arc::new(Mutex::new(Placement::new(config.shards, config.room_spread)));
        let events = Arc::new(forgetting(Arc::clone(&placement), events));
        let certificate = str0m::crypto::from_feature_flags()
            .dtls_provider
            .generate_certificate()
            .ok_or(EngineError::Certificate)?;
        let (mut doors, mut seats) = (Vec::new(), Vec::new());
        let mut local = config.bind;
        for socket in Socket::bind(&config, config.shards)? {
            local = socket.local_addr();
            let poll = mio::Poll::new().map_err(EngineError::Thread)?;
            let waker = Arc::new(mio::Waker::new(poll.registry(), WAKER).map_err(EngineError::Thread)?);
            let (door, mailbox) = Door::new(Arc::clone(&waker));
            doors.push(door);
            seats.push(Seat {
                poll,
                waker,
                socket,
                mailbox,
            });
        }
        let doors: Arc<[Door]> = doors.into();
        let mut inner = Inner {
            local,
            shards: Vec::new(),
            placement,
            gate: Gate::new(Arc::clone(&doors)),
            max_peers: config.max_peers,
        };
        for (number, seat) in (0_u8..).zip(seats) {
            let stats = Arc::new(Mutex::new(EngineStats::default()));
            let house = House {
                post: Post {
                    own: ShardId(number),
                    doors: Arc::clone(&doors),
                },
                events: Arc::clone(&events),
                stats: Arc::clone(&stats),
                certificate: certificate.clone(),
            };
            let (shard, commands) = Shard::new(&config, seat, house)?;
            let thread = std::thread::Builder::new()
                .name(format!("media-{number}"))
                .spawn(move || shard.run())
                .map_err(EngineError::Thread)?;
            inner.shards.push(Running {
                commands,
                stats,
                thread: Mutex::new(Some(thread)),
            });
        }
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens links: ways into the engine beside its UDP port.
    pub fn gate(&self) -> Gate {
        self.inner.gate.clone()
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
        let (new, shard) = {
            let mut placement = self.inner.placement();
            let new = !placement.contains(peer);
            if new && placement.len() >= self.inner.max_peers {
                return Err(OfferError::Full(self.inner.max_peers));
            }
            match placement.shard_of(peer).filter(|_| !offer.fresh) {
                Some(shard) => (new, shard),
                None => (new, placement.place(&room, peer)),
            }
        };
        let Some(Running { commands, .. }) = self.inner.shards.get(shard) else {
            return Err(OfferError::Stopped);
        };
        let outcome = match commands.offer(room, peer, offer) {
            Ok(answer) => answer.await.unwrap_or(Err(OfferError::Stopped)),
            Err(error) => Err(error),
        };
        let mut placement = self.inner.placement();
        if outcome.is_err() && new {
            placement.remove(peer);
        } else if outcome.is_ok() && placement.shard_of(peer) != Some(shard) {
            // Another offer for the same new peer failed meanwhile, or the peer was removed: nobody would find it.
            drop(placement);
            commands.remove(peer);
            return Err(OfferError::Removed);
        }
        outcome
    }

    fn commands(&self, peer: PeerId) -> Option<&Commands> {
        let shard = self.inner.placement().shard_of(peer)?;
        self.inner.shards.get(shard).map(|running| &running.commands)
    }

    /// Replaces what the peer publishes. Unknown peers are ignored (a removal may have overtaken the call).
    pub fn declare(&self, peer: PeerId, publications: Vec<Declared>) {
        if let Some(commands) = self.commands(peer) {
            commands.declare(peer, publications);
        }
    }

    /// Opens or closes one publication. Closed: packets are dropped where they come in (server-side mute).
    pub fn set_open(&self, peer: PeerId, publication: PublicationId, open: bool) {
        if let Some(commands) = self.commands(peer) {
            commands.set_open(peer, publication, open);
        }
    }

    /// Replaces all wishes of the peer for video. Wishes for what is not published yet are kept until it is.
    pub fn subscribe(&self, peer: PeerId, wants: Vec<Want>) {
        if let Some(commands) = self.commands(peer) {
            commands.subscribe(peer, wants);
        }
    }

    /// Sends the peer nothing from now on (its slots are freed), or what it wants again. A new peer receives.
    pub fn set_receiving(&self, peer: PeerId, receiving: bool) {
        if let Some(commands) = self.commands(peer) {
            commands.set_receiving(peer, receiving);
        }
    }

    /// Hands the peer's voice to the tap too, in place of the one before, or to nobody any more. What is closed, undeclared or not a microphone
    /// is never handed out. The tap goes with the peer, also when a fresh offer replaces it.
    pub fn tap(&self, peer: PeerId, tap: Option<VoiceTap>) {
        if let Some(commands) = self.commands(peer) {
            commands.tap(peer, tap);
        }
    }

    /// Hands the headers of what comes from the peer and is sent to it to the tap, in place of the one before, or to nobody any more. No payload is ever
    /// handed out. The tap goes with the peer, also when a fresh offer replaces it.
    pub fn capture(&self, peer: PeerId, tap: Option<HeaderTap>) {
        if let Some(commands) = self.commands(peer) {
            commands.capture(peer, tap);
        }
    }

    /// Ends the peer's media path and takes back an offer that waits. Its last [`Event::Quality`] follows and nothing else.
    pub fn remove(&self, peer: PeerId) {
        if let Some(commands) = self.commands(peer) {
            commands.remove(peer);
        }
        self.inner.placement().remove(peer);
    }

    /// Counters, as of the last loop turn.
    pub fn stats(&self) -> EngineStats {
        let mut all = EngineStats::default();
        self.shard_stats().into_iter().for_each(|shard| all += shard);
        all
    }

    /// Counters of each shard, in their order, as of its last loop turn.
    pub fn shard_stats(&self) -> Vec<EngineStats> {
        let shards = self.inner.shards.iter();
        shards
            .map(|shard| *shard.stats.lock().unwrap_or_else(PoisonError::into_inner))
            .collect()
    }

    /// Stops the threads and waits for their end. Further calls on any handle do nothing; offers are refused.
    pub fn stop(&self) {
        self.inner.stop();
    }
}

impl Inner {
    fn placement(&self) -> MutexGuard<'_, Placement> {
        self.placement.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        for shard in &self.shards {
            shard.commands.stop();
        }
        for shard in &self.shards {
            let thread = shard.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            // The last handle may be dropped by the engine's own thread, which cannot wait for itself.
            if let Some(thread) = thread.filter(|thread| thread.thread().id() != std::thread::current().id())
                && thread.join().is_err()
            {
                tracing::error!("a media thread ended by a fault");
            }
        }
    }
}

/// Passes events on; who is lost has no place any more.
fn forgetting(placement: Arc<Mutex<Placement>>, events: EventSink) -> EventSink {
    Box::new(move |event| {
        if let Event::Lost { peer, .. } = &event {
            placement.lock().unwrap_or_else(PoisonError::into_inner).remove(*peer);
        }
        events(event);
    })
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

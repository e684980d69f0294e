//! A shard: one thread, one socket, its peers and their rooms.
//!
//! One loop turn: wait; take some commands and parcels; receive one batch; route it; let due timers run; give every touched
//! peer one turn; send everything. Locked, once a turn: the counters and the commands.
//!
//! Owns the loop and the order of things in it. Not here: decisions about packets (`routing`), str0m (`peer`), rooms that are
//! on several shards (`slices`).
//! Invariants: a fault in one peer ends that peer, a fault in routing ends that room, neither ends the shard; any other fault
//! ends what the shard has, and it goes on empty; a datagram that cannot be read is counted and dropped; a peer that was
//! removed is sent nothing more.

mod batch;
mod clock;
mod command;
mod control;
mod deliver;
mod egress;
mod ingress;
mod links;
mod mailbox;
mod prepare;
mod slices;
mod socket;
mod strangers;
mod table;
mod watch;

use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clock::WallClock;
pub(crate) use command::Commands;
use command::{Inbox, Offers};
use egress::Egress;
pub(crate) use ingress::stun;
pub use links::{Gate, Inlet, Transport};
pub(crate) use links::{shard_named, shard_of};
use mailbox::Mailbox;
pub(crate) use mailbox::{Door, Post, ShardId};
use mio::{Events, Interest, Poll, Token};
use prepare::Preparer;
use slices::Slices;
use socket::Buffers;
pub(crate) use socket::Socket;
use str0m::config::DtlsCert;
use str0m::net::Protocol;
use strangers::Strangers;
use table::{Entry, Known, Table};

use crate::api::{EngineConfig, EngineError, EngineStats, Event, LostReason, PeerId};
use crate::capture::HeaderTap;
use crate::engine::EventSink;
use crate::peer::{Candidates, Destination, Happened, Inbound, Outlet, State};
use crate::quality::Carrier;
use crate::routing::{Forward, RoomKey};

/// What a shard sits on before it runs.
pub(crate) struct Seat {
    pub(crate) poll: Poll,
    pub(crate) waker: Arc<mio::Waker>,
    pub(crate) socket: Socket,
    pub(crate) mailbox: Mailbox,
}

/// What all shards of an engine have.
pub(crate) struct House {
    pub(crate) post: Post,
    pub(crate) events: Arc<EventSink>,
    pub(crate) stats: Arc<Mutex<EngineStats>>,
    pub(crate) certificate: DtlsCert,
}

/// Packets are handed around as the one that all receivers share.
type Router = crate::routing::Router<Arc<Inbound>>;

const SOCKET: Token = Token(0);
pub(crate) const WAKER: Token = Token(1);
/// Rounds of "route, then give touched peers a turn" in one loop turn; what is left waits for the next.
const MAX_ROUNDS: usize = 8;
/// Batches received in one loop turn: what came together is sent together, in longer runs, also when the reports of a thousand receivers stand between.
const BATCHES_A_TURN: usize = 4;
/// Between two looks at how connections do.
const QUALITY_EVERY: Duration = Duration::from_secs(10);
/// Longest sleep, and after it the socket is looked at without being told to: a wake-up that was lost costs at most twice this.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// A shard.
pub(crate) struct Shard {
    poll: Poll,
    socket: Socket,
    commands: Inbox,
    mailbox: Mailbox,
    post: Post,
    stats: Arc<Mutex<EngineStats>>,
    events: Arc<EventSink>,
    candidates: Vec<SocketAddr>,
    max_peers: usize,
    lost_after: Duration,
    table: Table,
    router: Router,
    slices: Slices,
    strangers: Strangers,
    work: Work,
    unsettled: bool,
    clock: WallClock,
    /// When offers are looked at again although packets wait.
    next_offers: Instant,
    next_quality: Instant,
}

/// What a loop turn gathers; kept between turns for its memory.
#[derive(Default)]
struct Work {
    egress: Egress,
    inbox: Vec<(PeerId, Happened)>,
    forwards: Vec<Forward>,
    dirty: Vec<PeerId>,
    counters: EngineStats,
}

/// Takes what one peer produces.
struct Out<'a> {
    egress: &'a mut Egress,
    inbox: &'a mut Vec<(PeerId, Happened)>,
    counters: &'a mut EngineStats,
    socket: &'a Socket,
    local: Option<IpAddr>,
    paths: &'a [Known],
    capture: Option<&'a HeaderTap>,
    peer: PeerId,
}

impl Out<'_> {
    fn make_room(&mut self, bytes: usize) {
        if !self.egress.has_room(bytes) {
            self.egress.flush(self.socket, self.counters);
        }
    }

    /// Whether the socket leads there: only to addresses from which the client has come by the socket. TCP without its connection has nowhere to go, and what
    /// a relay names for a client is no address of the network: somebody else may have it there.
    fn is_reachable(&self, (protocol, address): Destination) -> bool {
        protocol == Protocol::Udp && self.paths.iter().any(|known| known.is_udp(address))
    }

    /// The open link that has this destination.
    fn link(&self, (protocol, address): Destination) -> Option<&'_ Arc<links::Far>> {
        let mut links = self.paths.iter().rev().filter_map(Known::link);
        links.find(|link| link.protocol == protocol && link.remote == address && !link.is_closed())
    }
}

/// Sends over a link.
fn pass_on(link: &links::Far, contents: &[u8], counters: &mut EngineStats) {
    if link.send(contents) {
        counters.datagrams_out += 1;
        counters.bytes_out += contents.len() as u64;
    } else {
        counters.datagrams_unsent += 1;
    }
}

impl Outlet for Out<'_> {
    fn transmit(&mut self, destination: Destination, contents: &[u8]) {
        if let Some(watch) = self.watch(destination.1) {
            watch.leaves(contents);
        }
        if let Some(link) = self.link(destination).map(Arc::clone) {
            return pass_on(&link, contents, self.counters);
        }
        if !self.is_reachable(destination) {
            return;
        }
        self.make_room(contents.len());
        self.egress.push((destination.1, self.local), self.socket.longest_run(), contents);
    }

    fn compose(&mut self, destination: Destination, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        self.make_room(most);
        let watch = self.watch(destination.1);
        let link = self.link(destination).map(Arc::clone);
        if link.is_some() || !self.is_reachable(destination) {
            let place = self.egress.spare(most);
            if let Some(length) = write(place)
                && let Some(contents) = place.get(..length)
                && let Some(link) = link
            {
                if let Some(watch) = &watch {
                    watch.leaves(contents);
                }
                pass_on(&link, contents, self.counters);
            }
            return;
        }
        let write = |place: &mut [u8]| {
            let length = write(place)?;
            if let Some(watch) = &watch {
                watch.leaves(place.get(..length)?);
            }
            Some(length)
        };
        self.egress
            .compose((destination.1, self.local), self.socket.longest_run(), most, write);
    }

    fn happened(&mut self, happened: Happened) {
        self.inbox.push((self.peer, happened));
    }
}

impl Shard {
    /// The caller starts a thread with [`Shard::run`]; the one that prepares offers runs already.
    pub(crate) fn new(config: &EngineConfig, seat: Seat, house: House) -> Result<(Self, Commands), EngineError> {
        let Seat {
            poll,
            waker,
            mut socket,
            mailbox,
        } = seat;
        poll.registry()
            .register(&mut socket.io, SOCKET, Interest::READABLE)
            .map_err(EngineError::Thread)?;
        let (sender, offers, commands) = Commands::new(waker);
        let candidates = socket.candidates(&config.advertise);
        let preparer = Preparer {
            certificate: house.certificate,
            candidates: Candidates {
                addresses: candidates.clone(),
                tcp: config.tcp,
            },
            shard: house.post.own,
        };
        start(preparer, offers).map_err(EngineError::Thread)?;
        let shard = Self {
            poll,
            socket,
            commands,
            mailbox,
            post: house.post,
            stats: house.stats,
            events: house.events,
            candidates,
            max_peers: config.max_peers,
            lost_after: Duration::from_millis(config.lost_after_ms.into()),
            table: Table::default(),
            router: Router::default(),
            slices: Slices::default(),
            strangers: Strangers::default(),
            work: Work::default(),
            unsettled: false,
            clock: WallClock::new(),
            next_offers: Instant::now(),
            next_quality: Instant::now() + QUALITY_EVERY,
        };
        Ok((shard, sender))
    }

    /// Runs until told to stop. A fault that no guard caught ends everything this shard has, and it begins anew.
    pub(crate) fn run(mut self) {
        while catch_unwind(AssertUnwindSafe(|| self.turns())).is_err() {
            tracing::error!(shard = self.post.own.0, "a media shard failed; its sessions end and it begins anew");
            self.begin_anew();
        }
        let ids: Vec<PeerId> = self.table.ids();
        for id in ids {
            self.drop_entry(id);
        }
        self.publish();
    }

    fn begin_anew(&mut self) {
        let ids = guarded(|| self.table.ids()).unwrap_or_default();
        for id in ids {
            if guarded(|| self.drop_entry(id)).flatten().is_none() {
                tracing::debug!(peer = id.0, "could not be taken down in order");
            }
            self.commands.gone(id);
            self.work.counters.peers_failed += 1;
            self.emit(Event::Lost {
                peer: id,
                reason: LostReason::Failed,
            });
        }
        self.slices_lost();
        self.table = Table::default();
        self.router = self.router.successor();
        self.work = Work {
            counters: self.work.counters,
            ..Work::default()
        };
        self.work.counters.shards_failed += 1;
    }

    fn turns(&mut self) {
        let mut ready = Events::with_capacity(8);
        let mut buffers = Buffers::new();
        let (mut readable, mut look_at) = (true, Instant::now());
        loop {
            let wait = if readable || std::mem::take(&mut self.unsettled) {
                Duration::ZERO
            } else {
                self.wait(Instant::now())
            };
            if let Err(error) = self.poll.poll(&mut ready, Some(wait))
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "waiting for media failed");
                break;
            }
            let now = Instant::now();
            readable |= ready.iter().any(|event| event.token() == SOCKET) || now >= look_at;
            if readable {
                look_at = now + LONGEST_WAIT;
            }
            if !self.take_commands(now, readable) {
                break;
            }
            // Offers may have taken milliseconds.
            let now = Instant::now();
            self.take_parcels(now);
            if readable {
                readable = (0..BATCHES_A_TURN).all(|_| self.receive(now, &mut buffers));
            }
            self.timers(now);
            self.tell_quality(now);
            self.settle(now);
            self.work.egress.flush(&self.socket, &mut self.work.counters);
            self.work.counters.parcels_dropped += self.strangers.flush(&self.post) + self.slices.flush(&self.post);
            self.publish();
        }
    }

    fn wait(&self, now: Instant) -> Duration {
        let next = [self.table.next_timer(), self.router.poll_timeout()].into_iter().flatten().min();
        next.map_or(LONGEST_WAIT, |at| at.saturating_duration_since(now)).min(LONGEST_WAIT)
    }

    fn timers(&mut self, now: Instant) {
        while let Some(id) = self.table.due(now) {
            let Some(entry) = self.table.get(id) else { continue };
            if now.saturating_duration_since(entry.heard_at) >= self.lost_after {
                self.lose(now, id, LostReason::Silent);
            } else if entry.connect_by.is_some_and(|at| at <= now) {
                self.lose(now, id, LostReason::Failed);
            } else {
                self.touch(id);
            }
        }
        self.router.handle_timeout(now);
    }

    /// Routes what came in and gives every touched peer one turn, until nothing is left to do.
    fn settle(&mut self, now: Instant) {
        for _ in 0..MAX_ROUNDS {
            self.outputs(now);
            self.route(now);
            self.outputs(now);
            if self.work.dirty.is_empty() && self.work.inbox.is_empty() {
                return;
            }
            self.work.egress.begin_round();
            let mut dirty = std::mem::take(&mut self.work.dirty);
            for id in dirty.drain(..) {
                self.turn(now, id);
            }
            if self.work.dirty.is_empty() {
                self.work.dirty = dirty;
            }
        }
        // Something keeps causing more: go on in the next loop turn, after looking at the socket.
        self.unsettled = true;
    }

    fn turn(&mut self, now: Instant, id: PeerId) {
        let Some(entry) = self.table.get_mut(id) else { return };
        entry.dirty = false;
        let wall = self.clock.at(now);
        let Work {
            egress, inbox, counters, ..
        } = &mut self.work;
        let mut out = Out {
            egress,
            inbox,
            counters,
            socket: &self.socket,
            local: entry.local,
            paths: &entry.paths,
            capture: entry.capture.as_ref(),
            peer: id,
        };
        let peer = &mut entry.peer;
        let state = guarded(|| peer.turn(now, wall, &mut out)).unwrap_or(State::Failed);
        self.after(id, state);
    }

    /// Schedules the next turn of a peer, or notes its end (carried out when the inbox is handled).
    fn after(&mut self, id: PeerId, state: State) {
        match state {
            State::Alive(at) => self.table.schedule(id, at, self.lost_after),
            State::Closed | State::Failed => self.work.inbox.push((id, Happened::Ended(state))),
        }
    }

    /// The peer gets a turn before this loop turn ends.
    fn touch(&mut self, id: PeerId) {
        if let Some(entry) = self.table.get_mut(id)
            && !entry.dirty
        {
            entry.dirty = true;
            self.work.dirty.push(id);
        }
    }

    fn lose(&mut self, now: Instant, id: PeerId, reason: LostReason) {
        if self.forget(now, id) {
            if reason == LostReason::Failed {
                self.work.counters.peers_failed += 1;
            }
            self.emit(Event::Lost { peer: id, reason });
        }
    }

    /// Drops a peer without a word.
    fn forget(&mut self, now: Instant, id: PeerId) -> bool {
        self.commands.gone(id);
        self.unseat(now, id)
    }

    /// Tells of everybody's connection, now and then.
    fn tell_quality(&mut self, now: Instant) {
        if now < self.next_quality {
            return;
        }
        self.next_quality = now + QUALITY_EVERY;
        for id in self.table.ids() {
            if let Some(entry) = self.table.get(id) {
                self.tell_quality_of(id, entry);
            }
        }
    }

    fn tell_quality_of(&self, id: PeerId, entry: &Entry) {
        let Some(mut quality) = entry.peer.quality() else { return };
        let link = |known: &Known| {
            known
                .link()
                .is_some_and(|link| entry.peer.path() == Some((link.protocol, link.remote)))
        };
        if quality.carrier == Carrier::Udp && entry.paths.iter().any(link) {
            quality.carrier = Carrier::Relay;
        }
        for slot in &mut quality.slots {
            if let Some(line) = entry.peer.session().line(&slot.mid) {
                slot.publication = self.router.bound(entry.room, id, line);
                slot.picture = self.router.picture(entry.room, id, line);
            }
        }
        self.emit(Event::Quality {
            peer: id,
            quality: Box::new(quality),
        });
    }

    /// Takes a peer out of its room; commands for it still have a place to wait.
    fn unseat(&mut self, now: Instant, id: PeerId) -> bool {
        if let Some(entry) = self.table.get(id) {
            self.tell_quality_of(id, entry);
        }
        let Some(entry) = self.drop_entry(id) else { return false };
        let room = entry.room;
        self.slice_declared(room, id, None);
        self.in_room(room, |router| router.leave(now, room, id));
        if !self.router.holds(room) {
            self.slice_closed(room);
        }
        true
    }

    /// Takes a peer out of the table, and its addresses out of those of other shards.
    fn drop_entry(&mut self, id: PeerId) -> Option<Box<Entry>> {
        let entry = self.table.remove(id)?;
        entry.paths.iter().for_each(|known| self.forgotten(known));
        Some(entry)
    }

    /// Asks the router; a fault there ends the room.
    fn in_room<T>(&mut self, room: RoomKey, action: impl FnOnce(&mut Router) -> T) -> Option<T> {
        let router = &mut self.router;
        let result = guarded(|| action(router));
        if result.is_none() {
            self.router.close_room(room);
            self.slice_closed(room);
            for id in self.table.in_room(room) {
                self.drop_entry(id);
                self.commands.gone(id);
                self.work.counters.peers_failed += 1;
                self.emit(Event::Lost {
                    peer: id,
                    reason: LostReason::Failed,
                });
            }
        }
        result
    }

    fn emit(&self, event: Event) {
        if guarded(|| (self.events)(event)).is_none() {
            tracing::error!("the handler of media events failed; the event is lost");
        }
    }

    fn publish(&mut self) {
        self.work.counters.peers = self.table.len() as u64;
        self.work.counters.rooms = self.router.len() as u64;
        let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        *stats = self.work.counters;
    }
}

/// Its thread ends with the shard: the shard's end of the commands tells it.
fn start(preparer: Preparer, offers: Offers) -> std::io::Result<()> {
    let thread = std::thread::Builder::new().name("media-offers".to_owned());
    thread.spawn(move || preparer.run(&offers)).map(drop)
}

/// Runs something whose fault must not spread. Nothing when it panicked; what it worked on is given up by the caller.
fn guarded<T>(action: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(action)).ok()
}

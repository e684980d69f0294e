//! A shard: one thread, one socket, its peers and their rooms.
//!
//! One loop turn: wait; take some commands; receive one batch; route it; let due timers run; give every touched peer one
//! turn; send everything. Locked, once a turn: the counters and the commands.
//!
//! Owns the loop and the order of things in it. Not here: decisions about packets (`routing`), str0m (`peer`).
//! Invariants: a fault in one peer ends that peer, a fault in routing ends that room, neither ends the shard; a datagram
//! that cannot be read is counted and dropped; a peer that was removed is sent nothing more.

mod clock;
mod command;
mod control;
mod egress;
mod ingress;
mod prepare;
mod socket;
mod table;

use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clock::WallClock;
pub(crate) use command::Commands;
use command::{Inbox, Offers};
use egress::Egress;
use mio::{Events, Interest, Poll, Token};
use prepare::Preparer;
use socket::{Buffers, Socket};
use table::Table;

use crate::api::{Binding, EngineConfig, EngineError, EngineStats, Event, LostReason, PeerId, Voice};
use crate::engine::EventSink;
use crate::peer::{Happened, Inbound, Outlet, State};
use crate::routing::{Forward, Output, RoomKey, Router, Verdict};

const SOCKET: Token = Token(0);
const WAKER: Token = Token(1);
/// Rounds of "route, then give touched peers a turn" in one loop turn; what is left waits for the next.
const MAX_ROUNDS: usize = 8;
/// Longest sleep; a lost wake-up costs at most this.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// A shard.
pub(crate) struct Shard {
    poll: Poll,
    socket: Socket,
    commands: Inbox,
    stats: Arc<Mutex<EngineStats>>,
    events: EventSink,
    candidates: Vec<SocketAddr>,
    max_peers: usize,
    lost_after: Duration,
    table: Table,
    router: Router,
    work: Work,
    unsettled: bool,
    clock: WallClock,
    /// When offers are looked at again although packets wait.
    next_offers: Instant,
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
    peer: PeerId,
}

impl Out<'_> {
    fn make_room(&mut self, bytes: usize) {
        if !self.egress.has_room(bytes) {
            self.egress.flush(self.socket, self.counters);
        }
    }
}

impl Outlet for Out<'_> {
    fn transmit(&mut self, destination: SocketAddr, contents: &[u8]) {
        self.make_room(contents.len());
        self.egress.push((destination, self.local), self.socket.longest_run(), contents);
    }

    fn compose(&mut self, destination: SocketAddr, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        self.make_room(most);
        self.egress.compose((destination, self.local), self.socket.longest_run(), most, write);
    }

    fn happened(&mut self, happened: Happened) {
        self.inbox.push((self.peer, happened));
    }
}

impl Shard {
    /// Opens the socket. The caller starts a thread with [`Shard::run`]; the one that prepares offers runs already.
    pub(crate) fn new(
        config: &EngineConfig,
        events: EventSink,
        stats: Arc<Mutex<EngineStats>>,
    ) -> Result<(Self, Commands, SocketAddr), EngineError> {
        let mut socket = Socket::bind(config)?;
        let poll = Poll::new().map_err(EngineError::Thread)?;
        poll.registry()
            .register(&mut socket.io, SOCKET, Interest::READABLE)
            .map_err(EngineError::Thread)?;
        let waker = mio::Waker::new(poll.registry(), WAKER).map_err(EngineError::Thread)?;
        let (sender, offers, commands) = Commands::new(waker);
        let certificate = str0m::crypto::from_feature_flags()
            .dtls_provider
            .generate_certificate()
            .ok_or(EngineError::Certificate)?;
        let local = socket.local_addr();
        let candidates = socket.candidates(&config.advertise);
        let preparer = Preparer {
            certificate,
            candidates: candidates.clone(),
        };
        start(preparer, offers).map_err(EngineError::Thread)?;
        let shard = Self {
            poll,
            socket,
            commands,
            stats,
            events,
            candidates,
            max_peers: config.max_peers,
            lost_after: Duration::from_millis(config.lost_after_ms.into()),
            table: Table::default(),
            router: Router::default(),
            work: Work::default(),
            unsettled: false,
            clock: WallClock::new(),
            next_offers: Instant::now(),
        };
        Ok((shard, sender, local))
    }

    /// Runs until told to stop.
    pub(crate) fn run(mut self) {
        let mut ready = Events::with_capacity(8);
        let mut buffers = Buffers::new();
        let mut readable = true;
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
            readable |= ready.iter().any(|event| event.token() == SOCKET);
            let now = Instant::now();
            if !self.take_commands(now, readable) {
                break;
            }
            // Offers may have taken milliseconds.
            let now = Instant::now();
            if readable {
                readable = self.receive(now, &mut buffers);
            }
            self.timers(now);
            self.settle(now);
            self.work.egress.flush(&self.socket, &mut self.work.counters);
            self.publish();
        }
        let ids: Vec<PeerId> = self.table.ids();
        for id in ids {
            self.table.remove(id);
        }
        self.publish();
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
            self.route(now);
            self.outputs();
            if self.work.dirty.is_empty() && self.work.inbox.is_empty() {
                return;
            }
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
            peer: id,
        };
        let peer = &mut entry.peer;
        let state = guarded(|| peer.turn(now, wall, &mut out)).unwrap_or(State::Failed);
        self.after(id, state);
    }

    fn route(&mut self, now: Instant) {
        let mut inbox = std::mem::take(&mut self.work.inbox);
        for (id, happened) in inbox.drain(..) {
            let Some(room) = self.table.get(id).map(|entry| entry.room) else {
                continue;
            };
            match happened {
                Happened::Connected => {
                    if let Some(entry) = self.table.get_mut(id) {
                        entry.connect_by = None;
                    }
                    self.emit(Event::Connected { peer: id });
                    self.in_room(room, |router| router.connect(now, room, id));
                }
                Happened::Repairs => self.touch(id),
                Happened::KeyframeWanted(line) => {
                    self.in_room(room, |router| router.refresh(now, room, id, line));
                }
                Happened::Ended(state) => {
                    let reason = if state == State::Closed {
                        LostReason::Closed
                    } else {
                        LostReason::Failed
                    };
                    self.lose(now, id, reason);
                }
                Happened::Packet(packet) => {
                    self.work.counters.packets_in += 1;
                    let mut forwards = std::mem::take(&mut self.work.forwards);
                    let verdict = self.in_room(room, |router| {
                        #[cfg(test)]
                        crate::defect::at("route", &packet.payload);
                        router.packet(now, room, id, &packet.route, &mut forwards)
                    });
                    match verdict {
                        Some(Verdict::Gated) => self.work.counters.packets_gated += 1,
                        Some(Verdict::Passed) => self.tap(room, id, &packet),
                        None => {}
                    }
                    for forward in forwards.drain(..) {
                        let Some(entry) = self.table.get_mut(forward.to) else { continue };
                        let peer = &mut entry.peer;
                        match guarded(|| peer.queue(&packet, &forward)) {
                            Some(true) => {
                                self.work.counters.packets_forwarded += 1;
                                self.touch(forward.to);
                            }
                            Some(false) => {}
                            None => self.after(forward.to, State::Failed),
                        }
                    }
                    self.work.forwards = forwards;
                }
            }
        }
        // What was added meanwhile (a peer that failed while being written to) comes with the next round.
        inbox.append(&mut self.work.inbox);
        self.work.inbox = inbox;
    }

    /// Hands an open voice to whoever taps it; a tap that fails is taken away and harms nobody.
    fn tap(&mut self, room: RoomKey, id: PeerId, packet: &Inbound) {
        let Some(entry) = self.table.get_mut(id) else { return };
        let Some(tap) = &entry.tap else { return };
        if packet.route.empty || !self.router.is_voice(room, id, packet.route.line) {
            return;
        }
        let voice = Voice {
            stream: packet.route.stream,
            sequence: packet.route.seq,
            opus: &packet.payload,
        };
        if guarded(|| (tap.0)(voice)).is_none() {
            entry.tap = None;
        }
    }

    /// Does what the router wants.
    fn outputs(&mut self) {
        while let Some(output) = self.router.poll_output() {
            match output {
                Output::RequestKeyframe { peer: id, line, layer } => {
                    let Some(entry) = self.table.get_mut(id) else { continue };
                    let peer = &mut entry.peer;
                    match guarded(|| peer.request_keyframe(line, layer)) {
                        Some(true) => {
                            self.work.counters.keyframe_requests += 1;
                            self.touch(id);
                        }
                        Some(false) => {}
                        None => self.after(id, State::Failed),
                    }
                }
                Output::SlotsBound { peer: id, slots } => {
                    let Some(entry) = self.table.get(id) else { continue };
                    let session = entry.peer.session();
                    let bindings = slots.into_iter().filter_map(|slot| {
                        let mid = session.info(slot.line)?.mid.to_string();
                        Some(Binding {
                            mid,
                            generation: slot.generation,
                            publication: slot.publication,
                        })
                    });
                    let bindings = bindings.collect();
                    self.emit(Event::Slots { peer: id, bindings });
                }
                Output::Watched { .. } => {}
                Output::SpeakingChanged { room, peer, speaking } => self.emit(Event::Speaking { room, peer, speaking }),
                Output::DominantChanged { room, peers } => self.emit(Event::Dominant { room, peers }),
            }
        }
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

    /// Takes a peer out of its room; commands for it still have a place to wait.
    fn unseat(&mut self, now: Instant, id: PeerId) -> bool {
        let Some(entry) = self.table.remove(id) else { return false };
        let room = entry.room;
        self.in_room(room, |router| router.leave(now, room, id));
        true
    }

    /// Asks the router; a fault there ends the room.
    fn in_room<T>(&mut self, room: RoomKey, action: impl FnOnce(&mut Router) -> T) -> Option<T> {
        let router = &mut self.router;
        let result = guarded(|| action(router));
        if result.is_none() {
            self.router.close_room(room);
            for id in self.table.in_room(room) {
                self.table.remove(id);
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

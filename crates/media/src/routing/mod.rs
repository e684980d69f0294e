//! The pure half of the engine: which packet goes where. No str0m, no socket, no clock.
//!
//! [`Router`] owns the rooms of one shard. Inputs are calls with the time as an argument; a packet is answered with the list
//! of its [`Forward`]s; everything else comes out of [`Router::poll_output`]. After every call: drain the outputs and look at
//! [`Router::poll_timeout`]; packets that are replayed belong before those that come next.
//!
//! Knows packets by handles that carry what it must know of them ([`Handle`]). Not here: packets as bytes (`peer`), rights
//! (`meeting`), how much the way to a receiver carries (`bwe`). Invariants: nothing crosses rooms; nobody receives what they
//! publish themselves; a closed publication is received by nobody. Kept by `tests` and the tests of each file.

mod dominant;
mod grade;
mod keyframes;
mod layers;
mod loudness;
mod packet;
mod publication;
mod ranking;
mod rates;
mod recent;
mod rewrite;
mod room;
mod sink;
mod slots;
#[cfg(test)]
mod tests;
mod voices;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

pub(crate) use grade::{SPATIAL, TEMPORAL, Targets};
pub(crate) use layers::{Layer, MAX_LAYERS, Size};
pub(crate) use packet::{CODECS, Codec, Codecs, Frame, Handle, Needs, Packet};
pub(crate) use rewrite::Numbers;
#[cfg(test)]
pub(crate) use rewrite::Rewriter;
use room::Room;

use crate::api::{Delivery, MediaKind, PeerId, PublicationId, RoomId, Want};
use crate::quality::Picture;

/// An m-line of a peer, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Line(pub(crate) u16);

/// A room inside this router; cheap to look up on the packet path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RoomKey(u32);

/// One copy of a packet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forward {
    pub(crate) to: PeerId,
    pub(crate) line: Line,
    pub(crate) numbers: Numbers,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was forwarded to whoever receives its publication, perhaps nobody.
    Passed,
    /// Its publication is closed or was never declared.
    Gated,
}

/// A publication as a peer declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) id: PublicationId,
    pub(crate) kind: MediaKind,
    pub(crate) line: Line,
    pub(crate) open: bool,
}

/// What one slot carries from now on, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) line: Line,
    pub(crate) generation: u32,
    pub(crate) publication: Option<PublicationId>,
    pub(crate) delivery: Delivery,
}

/// What the router wants done or known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output<C> {
    /// Slots of the peer changed; what is bound anew is sent until something else is said.
    SlotsBound { peer: PeerId, slots: Vec<Bound> },
    /// What the videos of a peer with a budget would take if they could.
    DemandChanged { peer: PeerId, bps: u64 },
    /// The peer begins to receive with these packets, in this order, before any later one.
    Replay {
        to: PeerId,
        line: Line,
        packets: Vec<(C, Numbers)>,
    },
    /// Ask the publisher for a key frame.
    RequestKeyframe { peer: PeerId, line: Line, layer: Layer },
    /// The video of somebody who is on another shard is received here from now on, or no more.
    Watched { peer: PeerId, line: Line, watched: bool },
    /// The peer began or stopped speaking.
    SpeakingChanged { room: RoomId, peer: PeerId, speaking: bool },
    /// The dominant speakers changed.
    DominantChanged { room: RoomId, peers: Vec<PeerId> },
}

/// Shared by the rooms of a router.
#[derive(Debug)]
pub(crate) struct Outbox<C> {
    outputs: VecDeque<Output<C>>,
    /// One counter for all slots: a peer that is made anew never shows a lower generation than before.
    generation: u32,
}

impl<C> Default for Outbox<C> {
    fn default() -> Self {
        Self {
            outputs: VecDeque::new(),
            generation: 0,
        }
    }
}

impl<C> Outbox<C> {
    fn push(&mut self, output: Output<C>) {
        self.outputs.push_back(output);
    }

    fn next_generation(&mut self) -> u32 {
        self.generation = self.generation.wrapping_add(1);
        self.generation
    }
}

/// The rooms of one shard.
#[derive(Debug)]
pub(crate) struct Router<C> {
    names: BTreeMap<RoomId, RoomKey>,
    rooms: BTreeMap<RoomKey, Scheduled<C>>,
    timers: BTreeSet<(Instant, RoomKey)>,
    next_key: u32,
    outbox: Outbox<C>,
}

#[derive(Debug)]
struct Scheduled<C> {
    room: Room<C>,
    timer: Option<Instant>,
}

impl<C> Default for Router<C> {
    fn default() -> Self {
        Self {
            names: BTreeMap::new(),
            rooms: BTreeMap::new(),
            timers: BTreeSet::new(),
            next_key: 0,
            outbox: Outbox::default(),
        }
    }
}

impl<C: Handle> Router<C> {
    /// The room of that name; made when there is none.
    pub(crate) fn open_room(&mut self, name: &RoomId) -> RoomKey {
        if let Some(key) = self.names.get(name) {
            return *key;
        }
        let key = RoomKey(self.next_key);
        self.next_key = self.next_key.wrapping_add(1);
        self.names.insert(name.clone(), key);
        self.rooms.insert(
            key,
            Scheduled {
                room: Room::new(name.clone()),
                timer: None,
            },
        );
        key
    }

    /// An empty router that names no room as this one did.
    pub(crate) fn successor(&self) -> Self {
        Self {
            next_key: self.next_key,
            ..Self::default()
        }
    }

    /// Whether there is such a room.
    pub(crate) fn holds(&self, room: RoomKey) -> bool {
        self.rooms.contains_key(&room)
    }

    /// The room of that name, when there is one.
    pub(crate) fn key(&self, name: &RoomId) -> Option<RoomKey> {
        self.names.get(name).copied()
    }

    /// Rooms held.
    pub(crate) fn len(&self) -> usize {
        self.rooms.len()
    }

    /// A peer is there, or has other slots (audio, video) than before or can play something else. It receives from [`Router::connect`] on.
    pub(crate) fn join(&mut self, now: Instant, room: RoomKey, peer: PeerId, slots: (&[Line], &[Line]), plays: Codecs) {
        self.with(room, |room, outbox| room.join(now, peer, slots, plays, outbox));
    }

    /// A peer that is on another shard publishes into the room; it is declared like others and receives nothing here.
    pub(crate) fn join_from_afar(&mut self, room: RoomKey, peer: PeerId) {
        self.with(room, |room, _| room.join_from_afar(peer));
    }

    /// Another shard needs a key frame of a publication here.
    pub(crate) fn refresh_layer(&mut self, now: Instant, room: RoomKey, owner: PeerId, line: Line, layer: Layer) {
        self.with(room, |room, outbox| room.refresh_layer(now, owner, line, layer, outbox));
    }

    /// The peer's media path is up.
    pub(crate) fn connect(&mut self, now: Instant, room: RoomKey, peer: PeerId) {
        self.with(room, |room, outbox| room.connect(now, peer, outbox));
    }

    /// The peer is gone; an empty room goes with it.
    pub(crate) fn leave(&mut self, now: Instant, room: RoomKey, peer: PeerId) {
        let empty = self.with(room, |room, outbox| {
            room.leave(now, peer, outbox);
            room.is_empty()
        });
        if empty == Some(true) {
            self.close_room(room);
        }
    }

    /// Drops a room with everything in it.
    pub(crate) fn close_room(&mut self, room: RoomKey) {
        if let Some(scheduled) = self.rooms.remove(&room) {
            self.names.remove(scheduled.room.name());
            if let Some(timer) = scheduled.timer {
                self.timers.remove(&(timer, room));
            }
        }
    }

    /// Replaces what the peer publishes.
    pub(crate) fn declare(&mut self, now: Instant, room: RoomKey, peer: PeerId, declared: &[Declaration]) {
        self.with(room, |room, outbox| room.declare(now, peer, declared, outbox));
    }

    /// Opens or closes a publication of the peer.
    pub(crate) fn set_open(&mut self, now: Instant, room: RoomKey, peer: PeerId, publication: PublicationId, open: bool) {
        self.with(room, |room, outbox| room.set_open(now, peer, publication, open, outbox));
    }

    /// Frees every slot of the peer, or fills them again.
    pub(crate) fn set_receiving(&mut self, now: Instant, room: RoomKey, peer: PeerId, receiving: bool) {
        self.with(room, |room, outbox| room.set_receiving(now, peer, receiving, outbox));
    }

    /// Replaces the wishes of the peer.
    pub(crate) fn subscribe(&mut self, now: Instant, room: RoomKey, peer: PeerId, wants: Vec<Want>) {
        self.with(room, |room, outbox| room.subscribe(now, peer, wants, outbox));
    }

    /// A receiver asks for a key frame in one of its slots.
    pub(crate) fn refresh(&mut self, now: Instant, room: RoomKey, peer: PeerId, line: Line) {
        self.with(room, |room, outbox| room.refresh(now, peer, line, outbox));
    }

    /// Routes one packet; its copies are appended to `out`.
    pub(crate) fn packet(&mut self, now: Instant, room: RoomKey, from: PeerId, handle: &C, out: &mut Vec<Forward>) -> Verdict {
        self.with(room, |room, outbox| room.packet(now, from, handle, out, outbox))
            .unwrap_or(Verdict::Gated)
    }

    /// What a slot carries.
    pub(crate) fn bound(&self, room: RoomKey, peer: PeerId, line: Line) -> Option<PublicationId> {
        self.rooms.get(&room)?.room.bound(peer, line)
    }

    /// The video that is sent in a slot now, if one is.
    pub(crate) fn picture(&self, room: RoomKey, peer: PeerId, line: Line) -> Option<Picture> {
        self.rooms.get(&room)?.room.picture(peer, line)
    }

    /// The packets since the last key frame of a publication of the peer, when somebody can begin with them now.
    pub(crate) fn recent(&self, now: Instant, room: RoomKey, owner: PeerId, line: Line) -> Vec<C> {
        let scheduled = self.rooms.get(&room);
        scheduled
            .map(|scheduled| scheduled.room.recent(now, owner, line))
            .unwrap_or_default()
    }

    /// Takes what somebody on another shard has sent since a key frame: who waits here begins with it.
    pub(crate) fn begin_with(&mut self, now: Instant, room: RoomKey, from: PeerId, recent: &[C]) {
        self.with(room, |room, outbox| room.begin_with(now, from, recent, outbox));
    }

    /// Whether the line carries the peer's microphone.
    pub(crate) fn is_voice(&self, room: RoomKey, peer: PeerId, line: Line) -> bool {
        self.rooms.get(&room).is_some_and(|scheduled| scheduled.room.is_voice(peer, line))
    }

    /// Splits so many bits a second over the videos that the peer receives, now and whenever what they cost or what is wished changes.
    pub(crate) fn allot(&mut self, now: Instant, room: RoomKey, peer: PeerId, budget_bps: u64) {
        self.with(room, |room, outbox| room.allot(now, peer, budget_bps, outbox));
    }

    /// Lets the time come that [`Router::poll_timeout`] named.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        while let Some((at, key)) = self.timers.first().copied() {
            if at > now {
                break;
            }
            self.timers.pop_first();
            if let Some(scheduled) = self.rooms.get_mut(&key) {
                scheduled.timer = None;
            }
            self.with(key, |room, outbox| room.handle_timeout(now, outbox));
        }
    }

    /// When [`Router::handle_timeout`] is to be called next.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Whether there is something to do.
    pub(crate) fn has_outputs(&self) -> bool {
        !self.outbox.outputs.is_empty()
    }

    /// What to do next.
    pub(crate) fn poll_output(&mut self) -> Option<Output<C>> {
        self.outbox.outputs.pop_front()
    }

    fn with<T>(&mut self, key: RoomKey, action: impl FnOnce(&mut Room<C>, &mut Outbox<C>) -> T) -> Option<T> {
        let scheduled = self.rooms.get_mut(&key)?;
        let result = action(&mut scheduled.room, &mut self.outbox);
        let deadline = scheduled.room.poll_timeout();
        if deadline != scheduled.timer {
            if let Some(timer) = scheduled.timer {
                self.timers.remove(&(timer, key));
            }
            if let Some(deadline) = deadline {
                self.timers.insert((deadline, key));
            }
            scheduled.timer = deadline;
        }
        Some(result)
    }
}

//! A room on several shards: each has a slice of it, with its own people as members and those of the others as members from afar.
//!
//! A slice is told who publishes what elsewhere, gets their packets (audio always, video while somebody here receives it), and asks them for key frames.
//! Everything else is as in a room of its own. Owns which other shards have which rooms. Not here: routing (`routing`), on which shard somebody is
//! placed (`crate::placement`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;

use super::mailbox::{Control, Media, Post, ShardId};
use super::table::Path;
use super::{Shard, guarded};
use crate::api::{PeerId, RoomId};
use crate::peer::Inbound;
use crate::routing::{Declaration, Layer, Line, RoomKey};

/// The slices of this shard.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    rooms: FxHashMap<RoomKey, Slice>,
    /// Where people from afar are.
    afar: FxHashMap<PeerId, (ShardId, RoomKey)>,
    /// Copies of packets that leave at the end of the turn.
    parcels: BTreeMap<ShardId, Vec<(RoomKey, PeerId, Inbound)>>,
}

#[derive(Debug, Default)]
struct Slice {
    /// The others, and what each calls the room.
    others: BTreeMap<ShardId, RoomKey>,
    /// What people here publish.
    declared: BTreeMap<PeerId, Vec<Declaration>>,
    /// Who receives a video elsewhere.
    watchers: BTreeMap<(PeerId, Line), BTreeSet<ShardId>>,
}

/// With bytes of its own, so that no counter is shared between threads.
fn copy(packet: &Inbound) -> Inbound {
    let mut copy = packet.clone();
    copy.payload = Arc::from(&*packet.payload);
    copy.descriptor = packet.descriptor.as_deref().map(|descriptor| Arc::new(descriptor.clone()));
    copy
}

impl Slices {
    /// Whether the packet goes to other shards, too; then copies of it are made.
    pub(crate) fn export(&mut self, room: RoomKey, from: PeerId, packet: &Inbound) {
        let Some(slice) = self.rooms.get(&room).filter(|slice| !slice.others.is_empty()) else {
            return;
        };
        let watchers = slice.watchers.get(&(from, packet.route.line));
        for (shard, key) in &slice.others {
            if !packet.video || watchers.is_some_and(|watchers| watchers.contains(shard)) {
                self.parcels.entry(*shard).or_default().push((*key, from, copy(packet)));
            }
        }
    }

    /// Hands over what the turn brought. Gives how many packets were dropped.
    pub(crate) fn flush(&mut self, post: &Post) -> u64 {
        let mut dropped = 0;
        for (shard, packets) in &mut self.parcels {
            if packets.is_empty() {
                continue;
            }
            let packets = std::mem::take(packets);
            let count = packets.len() as u64;
            if !post.media(*shard, Media::Packets(packets)) {
                dropped += count;
            }
        }
        dropped
    }

    /// Of several slices of a room the first one tells who speaks: all hear the same.
    pub(crate) fn is_first(&self, room: RoomKey, own: ShardId) -> bool {
        let first = self.rooms.get(&room).and_then(|slice| slice.others.first_key_value());
        first.is_none_or(|(other, _)| own < *other)
    }

    /// Where somebody from afar is, and what the room is called there.
    fn home(&self, peer: PeerId) -> Option<(ShardId, RoomKey)> {
        let (shard, room) = self.afar.get(&peer)?;
        Some((*shard, *self.rooms.get(room)?.others.get(shard)?))
    }
}

impl Shard {
    /// The first one of this shard comes into a room.
    pub(super) fn slice_opened(&mut self, name: &RoomId, key: RoomKey) {
        if self.slices.rooms.contains_key(&key) {
            return;
        }
        self.slices.rooms.insert(key, Slice::default());
        for other in self.post.others() {
            self.post.tell(other, Control::Opened { name: name.clone(), key });
        }
    }

    /// The last one of this shard has left it.
    pub(super) fn slice_closed(&mut self, key: RoomKey) {
        let Some(slice) = self.slices.rooms.remove(&key) else { return };
        for (other, room) in slice.others {
            self.post.tell(other, Control::Closed { room });
        }
        self.slices.afar.retain(|_, (_, room)| *room != key);
    }

    /// Somebody here publishes this from now on; nothing when they have left.
    pub(super) fn slice_declared(&mut self, key: RoomKey, peer: PeerId, declarations: Option<Vec<Declaration>>) {
        let Some(slice) = self.slices.rooms.get_mut(&key) else { return };
        match &declarations {
            Some(declarations) => slice.declared.insert(peer, declarations.clone()),
            None => slice.declared.remove(&peer),
        };
        if declarations.is_none() {
            slice.watchers.retain(|(owner, _), _| *owner != peer);
        }
        for (other, room) in &slice.others {
            let room = *room;
            let word = match &declarations {
                Some(declarations) => Control::Declared {
                    room,
                    peer,
                    declarations: declarations.clone(),
                },
                None => Control::Left { room, peer },
            };
            self.post.tell(*other, word);
        }
    }

    /// A publication here was opened or closed.
    pub(super) fn slice_gated(&mut self, key: RoomKey, peer: PeerId, publication: crate::api::PublicationId, open: bool) {
        let Some(slice) = self.slices.rooms.get(&key) else { return };
        let Some(declared) = slice.declared.get(&peer) else { return };
        let mut declared = declared.clone();
        for declaration in declared.iter_mut().filter(|declaration| declaration.id == publication) {
            declaration.open = open;
        }
        self.slice_declared(key, peer, Some(declared));
    }

    /// Somebody from afar is asked for a key frame. False when they are not from afar.
    pub(super) fn ask_afar(&self, peer: PeerId, line: Line, layer: Layer) -> bool {
        let Some((shard, room)) = self.slices.home(peer) else {
            return false;
        };
        self.post.tell(shard, Control::Keyframe { room, peer, line, layer });
        true
    }

    /// The video of somebody from afar is received here, or no more.
    pub(super) fn watch_afar(&self, peer: PeerId, line: Line, watched: bool) {
        if let Some((shard, room)) = self.slices.home(peer) {
            self.post.tell(shard, Control::Watch { room, peer, line, watched });
        }
    }

    /// Carries out what another shard says. Words about a room that is gone by now are ignored.
    pub(super) fn hear(&mut self, now: Instant, from: ShardId, control: Control) {
        match control {
            Control::Opened { name, key: theirs } => {
                let Some(own) = self.router.key(&name).filter(|own| self.slices.rooms.contains_key(own)) else {
                    return;
                };
                self.post.tell(from, Control::Here { room: theirs, key: own });
                self.met(from, own, theirs);
            }
            Control::Here { room, key } => {
                if self.slices.rooms.contains_key(&room) {
                    self.met(from, room, key);
                } else {
                    // It closed before the answer came.
                    self.post.tell(from, Control::Closed { room: key });
                }
            }
            Control::Declared { room, peer, declarations } => {
                if !self.slices.rooms.contains_key(&room) || self.table.get(peer).is_some() {
                    return;
                }
                self.slices.afar.insert(peer, (from, room));
                self.in_room(room, |router| {
                    router.join_from_afar(room, peer);
                    router.declare(now, room, peer, &declarations);
                });
            }
            Control::Left { room, peer } => {
                if self.slices.afar.get(&peer) == Some(&(from, room)) {
                    self.slices.afar.remove(&peer);
                    self.in_room(room, |router| router.leave(now, room, peer));
                }
            }
            Control::Closed { room } => self.parted(now, from, room),
            Control::Watch { room, peer, line, watched } => {
                let Some(slice) = self.slices.rooms.get_mut(&room) else { return };
                if watched {
                    slice.watchers.entry((peer, line)).or_default().insert(from);
                    let theirs = slice.others.get(&from).copied();
                    let recent = self
                        .in_room(room, |router| router.recent(now, room, peer, line))
                        .unwrap_or_default();
                    if let Some(room) = theirs.filter(|_| !recent.is_empty()) {
                        let packets = recent.iter().map(|packet| copy(packet)).collect();
                        self.post.tell(from, Control::Recent { room, peer, packets });
                    }
                } else if let Some(watchers) = slice.watchers.get_mut(&(peer, line)) {
                    watchers.remove(&from);
                }
            }
            Control::Recent { room, peer, packets } => {
                if self.slices.afar.get(&peer) == Some(&(from, room)) {
                    let packets: Vec<Arc<Inbound>> = packets.into_iter().map(Arc::new).collect();
                    self.in_room(room, |router| router.begin_with(now, room, peer, &packets));
                }
            }
            Control::Keyframe { room, peer, line, layer } => {
                self.in_room(room, |router| router.refresh_layer(now, room, peer, line, layer));
            }
            Control::Learned(source) => {
                self.strangers.learned(source, from);
                // Somebody here may have had it before.
                if let Some(known) = self.table.forget(Path::Udp(source)) {
                    self.forgotten(&known);
                }
            }
            Control::Forgotten(source) => self.strangers.forgotten(source, from),
        }
    }

    /// Another slice of a room is known: it is told everything, once.
    fn met(&mut self, other: ShardId, own: RoomKey, theirs: RoomKey) {
        let Some(slice) = self.slices.rooms.get_mut(&own) else { return };
        if slice.others.insert(other, theirs) == Some(theirs) {
            return;
        }
        for (peer, declarations) in &slice.declared {
            let word = Control::Declared {
                room: theirs,
                peer: *peer,
                declarations: declarations.clone(),
            };
            self.post.tell(other, word);
        }
    }

    fn parted(&mut self, now: Instant, other: ShardId, room: RoomKey) {
        if let Some(slice) = self.slices.rooms.get_mut(&room) {
            slice.others.remove(&other);
            for watchers in slice.watchers.values_mut() {
                watchers.remove(&other);
            }
        }
        let here = |(_, place): &(&PeerId, &(ShardId, RoomKey))| *place == &(other, room);
        let gone: Vec<PeerId> = self.slices.afar.iter().filter(here).map(|(peer, _)| *peer).collect();
        for peer in gone {
            self.slices.afar.remove(&peer);
            self.in_room(room, |router| router.leave(now, room, peer));
        }
    }

    /// Routes packets of people on another shard.
    pub(super) fn take_packets(&mut self, now: Instant, packets: Vec<(RoomKey, PeerId, Inbound)>) {
        for (room, from, packet) in packets {
            if self.slices.afar.get(&from).is_some_and(|(_, place)| *place == room) {
                self.forward(now, room, from, &Arc::new(packet));
            }
        }
    }

    /// After a fault of this shard: the others forget what it had.
    pub(super) fn slices_lost(&mut self) {
        let rooms: Vec<RoomKey> = self.slices.rooms.keys().copied().collect();
        for room in rooms {
            let _ = guarded(|| self.slice_closed(room));
        }
        self.slices = Slices::default();
    }
}

//! The peers of a shard, and how a datagram or a deadline finds its peer.
//!
//! Owns the peers, the index by ICE name (first packet and address changes), the index by path (everything else) and the
//! timers. Not here: what is done with a peer (`mod`).

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use super::links::Far;
use super::mailbox::ShardId;
use crate::api::{PeerId, VoiceTap};
use crate::capture::HeaderTap;
use crate::peer::Peer;
use crate::routing::RoomKey;

/// Paths that one peer may use at a time (changing networks, several candidates); the oldest is forgotten.
const MAX_PATHS: usize = 8;

/// A handshake takes a second or two on a bad network.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);

/// How a datagram came. The address of a link says nothing by itself: a datagram of the socket may have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Path {
    Udp(SocketAddr),
    Link(u64),
}

/// A path, and what must be told or closed when it is forgotten.
#[derive(Debug)]
pub(crate) struct Known {
    path: Path,
    /// The shard whose socket it comes to, when that is another one.
    via: Option<ShardId>,
    link: Option<Arc<Far>>,
}

impl Known {
    pub(crate) fn new(path: Path, via: Option<ShardId>, link: Option<Arc<Far>>) -> Self {
        Self { path, via, link }
    }

    /// Who hands its datagrams on, and from which address.
    pub(crate) fn handed(&self) -> Option<(ShardId, SocketAddr)> {
        match self.path {
            Path::Udp(source) => Some((self.via?, source)),
            Path::Link(_) => None,
        }
    }

    pub(crate) fn is_udp(&self, address: SocketAddr) -> bool {
        self.path == Path::Udp(address)
    }

    pub(crate) fn link(&self) -> Option<&Arc<Far>> {
        self.link.as_ref()
    }
}

/// A peer and what the shard knows of it.
pub(crate) struct Entry {
    pub(crate) peer: Peer,
    pub(crate) room: RoomKey,
    /// The local address the client sends to; answers leave from it.
    pub(crate) local: Option<IpAddr>,
    pub(crate) heard_at: Instant,
    /// A path that is not up by then has failed.
    pub(crate) connect_by: Option<Instant>,
    pub(crate) dirty: bool,
    /// Takes the peer's voice besides its receivers.
    pub(crate) tap: Option<VoiceTap>,
    /// Takes the headers of what comes from the peer and is sent to it.
    pub(crate) capture: Option<HeaderTap>,
    ufrag: String,
    pub(crate) paths: Vec<Known>,
    timer: Option<Instant>,
}

/// The peers of a shard.
#[derive(Default)]
pub(crate) struct Table {
    // Numbers that clients do not choose need no keyed hash. Entries are thousands of bytes, and a map keeps place for twice as many.
    entries: FxHashMap<PeerId, Box<Entry>>,
    by_ufrag: HashMap<String, PeerId>,
    by_path: HashMap<Path, PeerId>,
    timers: BTreeSet<(Instant, PeerId)>,
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn insert(&mut self, now: Instant, id: PeerId, room: RoomKey, ufrag: String, peer: Peer) {
        self.remove(id);
        self.by_ufrag.insert(ufrag.clone(), id);
        let entry = Box::new(Entry {
            peer,
            room,
            local: None,
            heard_at: now,
            connect_by: Some(now + CONNECT_WITHIN),
            dirty: false,
            tap: None,
            capture: None,
            ufrag,
            paths: Vec::new(),
            timer: None,
        });
        self.entries.insert(id, entry);
    }

    pub(crate) fn remove(&mut self, id: PeerId) -> Option<Box<Entry>> {
        let entry = self.entries.remove(&id)?;
        self.by_ufrag.remove(&entry.ufrag);
        for known in &entry.paths {
            self.by_path.remove(&known.path);
        }
        if let Some(timer) = entry.timer {
            self.timers.remove(&(timer, id));
        }
        Some(entry)
    }

    pub(crate) fn get_mut(&mut self, id: PeerId) -> Option<&mut Entry> {
        self.entries.get_mut(&id).map(Box::as_mut)
    }

    pub(crate) fn get(&self, id: PeerId) -> Option<&Entry> {
        self.entries.get(&id).map(Box::as_ref)
    }

    pub(crate) fn ids(&self) -> Vec<PeerId> {
        self.entries.keys().copied().collect()
    }

    /// Peers of a room.
    pub(crate) fn in_room(&self, room: RoomKey) -> Vec<PeerId> {
        self.entries
            .iter()
            .filter(|(_, entry)| entry.room == room)
            .map(|(id, _)| *id)
            .collect()
    }

    pub(crate) fn by_path(&self, path: Path) -> Option<PeerId> {
        self.by_path.get(&path).copied()
    }

    pub(crate) fn by_ufrag(&self, ufrag: &str) -> Option<PeerId> {
        self.by_ufrag.get(ufrag).copied()
    }

    /// The client restarted ICE and has another name.
    pub(crate) fn rename(&mut self, id: PeerId, ufrag: String) {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.ufrag != ufrag) else {
            return;
        };
        self.by_ufrag.remove(&entry.ufrag);
        self.by_ufrag.insert(ufrag.clone(), id);
        entry.ufrag = ufrag;
    }

    /// The peer has proved that it sends on this path. Gives those that are forgotten for it.
    pub(crate) fn learn(&mut self, id: PeerId, known: Known) -> Vec<Known> {
        let path = known.path;
        let mut forgotten: Vec<Known> = self.forget(path).into_iter().collect();
        let Some(entry) = self.entries.get_mut(&id) else {
            return forgotten;
        };
        let closed = |known: &mut Known| known.link.as_ref().is_some_and(|link| link.is_closed());
        forgotten.extend(entry.paths.extract_if(.., closed));
        if entry.paths.len() >= MAX_PATHS {
            forgotten.push(entry.paths.remove(0));
        }
        entry.paths.push(known);
        for known in &forgotten {
            self.by_path.remove(&known.path);
        }
        self.by_path.insert(path, id);
        forgotten
    }

    /// A path is somebody else's now.
    pub(crate) fn forget(&mut self, path: Path) -> Option<Known> {
        let id = self.by_path.remove(&path)?;
        let entry = self.entries.get_mut(&id)?;
        let at = entry.paths.iter().position(|known| known.path == path)?;
        Some(entry.paths.remove(at))
    }

    /// The peer wants its turn at this time, or earlier when it would be given up as lost.
    pub(crate) fn schedule(&mut self, id: PeerId, at: Instant, lost_after: Duration) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let at = at.min(entry.heard_at + lost_after).min(entry.connect_by.unwrap_or(at));
        if entry.timer == Some(at) {
            return;
        }
        if let Some(timer) = entry.timer.replace(at) {
            self.timers.remove(&(timer, id));
        }
        self.timers.insert((at, id));
    }

    /// The next peer whose time has come.
    pub(crate) fn due(&mut self, now: Instant) -> Option<PeerId> {
        let (at, id) = self.timers.first().copied()?;
        if at > now {
            return None;
        }
        self.timers.pop_first();
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.timer = None;
        }
        Some(id)
    }

    pub(crate) fn next_timer(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }
}

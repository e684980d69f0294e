//! The peers of a shard, and how a datagram or a deadline finds its peer.
//!
//! Owns the peers, the index by ICE name (first packet and address changes), the index by address (everything else) and the
//! timers. Not here: what is done with a peer (`mod`).

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::api::{PeerId, VoiceTap};
use crate::peer::Peer;
use crate::routing::RoomKey;

/// Addresses that one peer may use at a time (changing networks, several candidates); the oldest is forgotten.
const MAX_ADDRESSES: usize = 8;

/// A handshake takes a second or two on a bad network.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);

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
    ufrag: String,
    addresses: Vec<SocketAddr>,
    timer: Option<Instant>,
}

/// The peers of a shard.
#[derive(Default)]
pub(crate) struct Table {
    entries: HashMap<PeerId, Entry>,
    by_ufrag: HashMap<String, PeerId>,
    by_address: HashMap<SocketAddr, PeerId>,
    timers: BTreeSet<(Instant, PeerId)>,
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn insert(&mut self, now: Instant, id: PeerId, room: RoomKey, ufrag: String, peer: Peer) {
        self.remove(id);
        self.by_ufrag.insert(ufrag.clone(), id);
        let entry = Entry {
            peer,
            room,
            local: None,
            heard_at: now,
            connect_by: Some(now + CONNECT_WITHIN),
            dirty: false,
            tap: None,
            ufrag,
            addresses: Vec::new(),
            timer: None,
        };
        self.entries.insert(id, entry);
    }

    pub(crate) fn remove(&mut self, id: PeerId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        self.by_ufrag.remove(&entry.ufrag);
        for address in &entry.addresses {
            self.by_address.remove(address);
        }
        if let Some(timer) = entry.timer {
            self.timers.remove(&(timer, id));
        }
        Some(entry)
    }

    pub(crate) fn get_mut(&mut self, id: PeerId) -> Option<&mut Entry> {
        self.entries.get_mut(&id)
    }

    pub(crate) fn get(&self, id: PeerId) -> Option<&Entry> {
        self.entries.get(&id)
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

    pub(crate) fn by_address(&self, address: SocketAddr) -> Option<PeerId> {
        self.by_address.get(&address).copied()
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

    /// The peer has proved that it sends from this address.
    pub(crate) fn learn(&mut self, id: PeerId, address: SocketAddr) {
        if let Some(before) = self.by_address.get(&address).copied()
            && before != id
            && let Some(entry) = self.entries.get_mut(&before)
        {
            entry.addresses.retain(|other| *other != address);
        }
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if !entry.addresses.contains(&address) {
            if entry.addresses.len() >= MAX_ADDRESSES {
                let oldest = entry.addresses.remove(0);
                self.by_address.remove(&oldest);
            }
            entry.addresses.push(address);
        }
        self.by_address.insert(address, id);
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

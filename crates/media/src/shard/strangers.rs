//! Datagrams that came to this shard's socket and belong to another shard.
//!
//! The kernel spreads clients over the sockets of the port as it likes. An address is handed on once the shard that it belongs to has said so, which
//! it does after the client has proved itself; before that only connectivity checks are, by the name in them.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};

use super::mailbox::{Datagrams, Media, Post, ShardId};

/// Addresses kept; beyond it new ones wait until others are forgotten.
const MOST: usize = 65_536;

/// Whose datagrams are handed on.
#[derive(Debug, Default)]
pub(crate) struct Strangers {
    addresses: HashMap<SocketAddr, ShardId>,
    parcels: BTreeMap<ShardId, Datagrams>,
}

impl Strangers {
    pub(crate) fn learned(&mut self, source: SocketAddr, shard: ShardId) {
        if self.addresses.len() < MOST || self.addresses.contains_key(&source) {
            self.addresses.insert(source, shard);
        }
    }

    pub(crate) fn forgotten(&mut self, source: SocketAddr, shard: ShardId) {
        if self.addresses.get(&source) == Some(&shard) {
            self.addresses.remove(&source);
        }
    }

    /// To whom an address belongs.
    pub(crate) fn home(&self, source: SocketAddr) -> Option<ShardId> {
        self.addresses.get(&source).copied()
    }

    /// Keeps a datagram for another shard until the end of the turn.
    pub(crate) fn hand_on(&mut self, to: ShardId, source: SocketAddr, local: Option<IpAddr>, contents: &[u8]) {
        self.parcels.entry(to).or_default().push(source, local, contents);
    }

    /// Hands over what the turn brought. Gives how many parcels were dropped.
    pub(crate) fn flush(&mut self, post: &Post) -> u64 {
        let mut dropped = 0;
        for (shard, datagrams) in self.parcels.iter_mut().filter(|(_, datagrams)| !datagrams.is_empty()) {
            let datagrams = std::mem::take(datagrams);
            dropped += u64::from(!post.media(*shard, Media::Datagrams(post.own, datagrams)));
        }
        dropped
    }
}

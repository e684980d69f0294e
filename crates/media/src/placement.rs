//! On which shard somebody is: a room stays on one until it has outgrown it, then its people are spread.
//!
//! Pure. Not here: what shards do (`shard`).

use std::collections::HashMap;

use crate::api::{PeerId, RoomId};

/// Who is where.
#[derive(Debug)]
pub(crate) struct Placement {
    /// People on each shard.
    load: Vec<usize>,
    /// People of each room on each shard.
    rooms: HashMap<RoomId, Vec<usize>>,
    peers: HashMap<PeerId, (usize, RoomId)>,
    /// So many people of one room share a shard before another one is used.
    spread: usize,
}

impl Placement {
    pub(crate) fn new(shards: usize, spread: usize) -> Self {
        Self {
            load: vec![0; shards.max(1)],
            rooms: HashMap::new(),
            peers: HashMap::new(),
            spread: spread.max(1),
        }
    }

    /// How many people there are.
    pub(crate) fn len(&self) -> usize {
        self.peers.len()
    }

    pub(crate) fn contains(&self, peer: PeerId) -> bool {
        self.peers.contains_key(&peer)
    }

    pub(crate) fn shard_of(&self, peer: PeerId) -> Option<usize> {
        self.peers.get(&peer).map(|(shard, _)| *shard)
    }

    /// The shard for somebody; who has one keeps it, also for another room.
    pub(crate) fn place(&mut self, room: &RoomId, peer: PeerId) -> usize {
        let kept = self.shard_of(peer);
        if kept.is_some() {
            self.remove(peer);
        }
        let shards = self.load.len();
        let own = self.rooms.entry(room.clone()).or_insert_with(|| vec![0; shards]);
        // Where the room is and has not outgrown; else where least is going on.
        let fitting = own.iter().position(|people| *people > 0 && *people < self.spread);
        let idle = || (0..shards).min_by_key(|shard| (own.get(*shard), self.load.get(*shard)));
        let calm = || (0..shards).min_by_key(|shard| self.load.get(*shard));
        let empty = own.iter().all(|people| *people == 0);
        let shard = kept.or(fitting).or_else(|| if empty { calm() } else { idle() }).unwrap_or(0);
        for people in [own.get_mut(shard), self.load.get_mut(shard)].into_iter().flatten() {
            *people += 1;
        }
        self.peers.insert(peer, (shard, room.clone()));
        shard
    }

    pub(crate) fn remove(&mut self, peer: PeerId) {
        let Some((shard, room)) = self.peers.remove(&peer) else { return };
        if let Some(people) = self.load.get_mut(shard) {
            *people = people.saturating_sub(1);
        }
        let Some(own) = self.rooms.get_mut(&room) else { return };
        if let Some(people) = own.get_mut(shard) {
            *people = people.saturating_sub(1);
        }
        if own.iter().all(|people| *people == 0) {
            self.rooms.remove(&room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> RoomId {
        RoomId(name.to_owned())
    }

    #[test]
    fn a_meeting_stays_on_one_shard_until_it_has_outgrown_it() {
        let mut placement = Placement::new(2, 3);
        let shards: Vec<usize> = (0..8).map(|peer| placement.place(&room("a"), PeerId(peer))).collect();
        assert_eq!(shards[..3], [shards[0]; 3]);
        assert_eq!(shards[3..6], [1 - shards[0]; 3], "then the other one");
        assert_ne!(shards[6], shards[7], "then both, evenly");
    }

    #[test]
    fn meetings_go_where_least_is_going_on() {
        let mut placement = Placement::new(2, 100);
        let first = placement.place(&room("a"), PeerId(1));
        let second = placement.place(&room("b"), PeerId(2));
        assert_ne!(first, second);
        placement.remove(PeerId(1));
        assert_eq!(placement.place(&room("c"), PeerId(3)), first);
    }

    #[test]
    fn who_offers_again_stays_where_they_are_and_is_counted_once() {
        let mut placement = Placement::new(4, 1);
        let shard = placement.place(&room("a"), PeerId(1));
        assert_eq!(placement.place(&room("a"), PeerId(1)), shard);
        assert_eq!(placement.place(&room("b"), PeerId(1)), shard);
        assert_eq!((placement.len(), placement.load.iter().sum::<usize>()), (1, 1));
        placement.remove(PeerId(1));
        assert!(placement.rooms.is_empty() && placement.load.iter().all(|load| *load == 0));
    }
}

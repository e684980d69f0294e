//! From the socket to the peers: one batch a turn, each datagram to the peer it belongs to.
//!
//! A datagram finds its peer by its address; a connectivity check by the ICE name in it, which the peer must confirm (it knows
//! the password) before the address counts as its own. What belongs to nobody is counted and dropped.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use str0m::ice::StunMessage;

use super::socket::{Buffers, Datagram};
use super::{Out, Shard, Work, guarded};
use crate::api::PeerId;
use crate::peer::State;

impl Shard {
    /// Receives one batch. False when the socket is empty.
    pub(super) fn receive(&mut self, now: Instant, buffers: &mut Buffers) -> bool {
        match self.socket.receive(buffers) {
            Ok(true) => {}
            Ok(false) => return false,
            Err(error) => {
                // For example a port that a receiver closed; the next call reads on.
                tracing::trace!(%error, "receiving media failed");
                return true;
            }
        }
        for datagram in buffers.datagrams() {
            self.work.counters.datagrams_in += 1;
            self.work.counters.bytes_in += datagram.contents.len() as u64;
            let destination = self.destination(datagram.source, datagram.local);
            let Some(id) = self.find(now, datagram.source, destination, datagram.contents) else {
                self.work.counters.datagrams_unknown += 1;
                continue;
            };
            self.feed(now, id, &datagram, destination);
        }
        true
    }

    fn feed(&mut self, now: Instant, id: PeerId, datagram: &Datagram<'_>, destination: SocketAddr) {
        let Some(entry) = self.table.get_mut(id) else { return };
        entry.heard_at = now;
        entry.local = datagram.local.filter(|_| self.socket.local_addr().ip().is_unspecified());
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
        match guarded(|| peer.receive(now, wall, datagram.source, destination, datagram.contents, &mut out)) {
            Some(Some(state)) => self.after(id, state),
            Some(None) => self.work.counters.datagrams_unknown += 1,
            None => self.after(id, State::Failed),
        }
    }

    /// Which candidate the datagram came to: where an address translator stands in front, the local address is none of them.
    fn destination(&self, source: SocketAddr, local: Option<IpAddr>) -> SocketAddr {
        let exact = self.candidates.iter().find(|candidate| Some(candidate.ip()) == local);
        let family = || self.candidates.iter().find(|candidate| candidate.is_ipv4() == source.is_ipv4());
        exact.or_else(family).copied().unwrap_or_else(|| self.socket.local_addr())
    }

    /// Whose datagram it is: by its address, or by the ICE name in it when the peer confirms it.
    fn find(&mut self, now: Instant, source: SocketAddr, destination: SocketAddr, contents: &[u8]) -> Option<PeerId> {
        let known = self.table.by_address(source);
        let is_stun = contents.first().is_some_and(|first| *first < 2);
        if !is_stun {
            return known;
        }
        let message = StunMessage::parse(contents).ok()?;
        let Some((local, _)) = message.split_username() else { return known };
        let id = self.table.by_ufrag(local)?;
        if known != Some(id) {
            let peer = &self.table.get(id)?.peer;
            if guarded(|| peer.accepts(now, source, destination, contents)) != Some(true) {
                return None;
            }
            self.table.learn(id, source);
        }
        Some(id)
    }
}

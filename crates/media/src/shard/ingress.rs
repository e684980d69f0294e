//! From the socket, the links and other shards to the peers: one batch a turn, each datagram to the peer it belongs to.
//!
//! A datagram finds its peer by its path; a connectivity check by the ICE name in it, which the peer must confirm (it knows
//! the password) before the path counts as its own. What belongs to another shard is handed on, once. What belongs to nobody is
//! counted and dropped.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use str0m::ice::StunMessage;
use str0m::net::Protocol;

use super::links::{Far, shard_named};
use super::mailbox::{Control, Media, ShardId};
use super::socket::Buffers;
use super::table::{Known, Path};
use super::watch::came;
use super::{Out, Shard, Work, guarded};
use crate::api::PeerId;
use crate::peer::{Received, State};

/// Parcels taken in one loop turn; the socket must have its turn, too.
const PARCELS_A_TURN: usize = 64;

/// Longest datagram that is looked at. Nothing that a client sends comes near it, and what reports may bring is bounded by it.
const LONGEST: usize = 2_048;

/// A datagram and how it came.
#[derive(Debug, Clone, Copy)]
struct Arrival<'a> {
    source: SocketAddr,
    /// The local address it was sent to, where the system tells.
    local: Option<IpAddr>,
    contents: &'a [u8],
    /// The shard that handed it on.
    via: Option<ShardId>,
    link: Option<&'a Arc<Far>>,
}

impl Arrival<'_> {
    fn path(&self) -> Path {
        self.link.map_or(Path::Udp(self.source), |link| Path::Link(link.id))
    }
}

/// Whose a datagram is.
enum Owner {
    Peer(PeerId),
    Shard(ShardId),
}

/// The connectivity check, or the answer to one, that a datagram says it is: none when it is something else, none in it when it cannot be read. Anybody
/// can send one.
pub(crate) fn stun(datagram: &[u8]) -> Option<Option<StunMessage<'_>>> {
    let is_stun = datagram.first().is_some_and(|first| *first < 2);
    is_stun.then(|| StunMessage::parse(datagram).ok())
}

impl Shard {
    /// Receives one batch. False when the socket is empty.
    pub(super) fn receive(&mut self, now: Instant, buffers: &mut Buffers) -> bool {
        let more = match self.socket.receive(buffers) {
            Ok(more) => more,
            Err(error) => {
                // For example a port that a receiver closed; the next call reads on.
                tracing::trace!(%error, "receiving media failed");
                return true;
            }
        };
        for datagram in buffers.datagrams() {
            let arrival = Arrival {
                source: datagram.source,
                local: datagram.local,
                contents: datagram.contents,
                via: None,
                link: None,
            };
            self.arrive(now, &arrival);
        }
        more
    }

    /// Takes what other shards and links have handed over, a part of it at a time.
    pub(super) fn take_parcels(&mut self, now: Instant) {
        while let Ok((from, control)) = self.mailbox.control.try_recv() {
            self.hear(now, from, control);
        }
        let more = [self.take_media(now), self.take_linked(now)];
        self.unsettled |= more.contains(&true);
    }

    /// False when nothing is left.
    fn take_linked(&mut self, now: Instant) -> bool {
        for _ in 0..PARCELS_A_TURN {
            let Ok((link, contents)) = self.mailbox.linked.try_recv() else {
                return false;
            };
            link.leave();
            let arrival = Arrival {
                source: link.remote,
                local: None,
                contents: &contents,
                via: None,
                link: Some(&link),
            };
            self.arrive(now, &arrival);
        }
        true
    }

    /// False when nothing is left.
    fn take_media(&mut self, now: Instant) -> bool {
        for _ in 0..PARCELS_A_TURN {
            let Ok(media) = self.mailbox.media.try_recv() else {
                return false;
            };
            match media {
                Media::Packets(packets) => self.take_packets(now, packets),
                Media::Datagrams(via, datagrams) => {
                    for (source, local, contents) in datagrams.iter() {
                        let arrival = Arrival {
                            source,
                            local,
                            contents,
                            via: Some(via),
                            link: None,
                        };
                        self.arrive(now, &arrival);
                    }
                }
            }
        }
        true
    }

    fn arrive(&mut self, now: Instant, arrival: &Arrival<'_>) {
        #[cfg(test)]
        crate::defect::at("shard", arrival.contents);
        if arrival.via.is_none() {
            self.work.counters.datagrams_in += 1;
            self.work.counters.bytes_in += arrival.contents.len() as u64;
        }
        if arrival.contents.len() > LONGEST {
            self.work.counters.datagrams_unknown += 1;
            return;
        }
        let destination = match arrival.link {
            Some(link) => link.local,
            None => self.destination(arrival.source, arrival.local),
        };
        match self.find(now, arrival, destination) {
            Some(Owner::Peer(id)) => self.feed(now, id, arrival, destination),
            Some(Owner::Shard(shard)) => self.strangers.hand_on(shard, arrival.source, arrival.local, arrival.contents),
            None => self.work.counters.datagrams_unknown += 1,
        }
    }

    fn feed(&mut self, now: Instant, id: PeerId, arrival: &Arrival<'_>, destination: SocketAddr) {
        let wall = self.clock.at(now);
        let Some(entry) = self.table.get_mut(id) else { return };
        entry.heard_at = now;
        if arrival.link.is_none() {
            entry.local = arrival.local.filter(|_| self.socket.local_addr().ip().is_unspecified());
        }
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
        came(out.capture, destination, arrival.source, arrival.contents);
        let received = Received {
            protocol: arrival.link.map_or(Protocol::Udp, |link| link.protocol),
            source: arrival.source,
            destination,
            contents: arrival.contents,
        };
        let peer = &mut entry.peer;
        match guarded(|| peer.receive(now, wall, &received, &mut out)) {
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

    /// Whose datagram it is: by its path, or by the ICE name in it when the peer confirms it.
    fn find(&mut self, now: Instant, arrival: &Arrival<'_>, destination: SocketAddr) -> Option<Owner> {
        let path = arrival.path();
        let known = self.table.by_path(path);
        // What was handed on once is not handed on again.
        let foreign = arrival.via.is_none() && arrival.link.is_none();
        // Whom no name tells, the address does: media, and answers to connectivity checks of ours.
        let home = || self.strangers.home(arrival.source).filter(|_| foreign).map(Owner::Shard);
        let Some(message) = stun(arrival.contents) else {
            return known.map(Owner::Peer).or_else(home);
        };
        let message = message?;
        let Some((local, _)) = message.split_username() else {
            return known.map(Owner::Peer).or_else(home);
        };
        let Some(id) = self.table.by_ufrag(local) else {
            let shard = ShardId(u8::try_from(shard_named(local)?).ok()?);
            return (foreign && self.post.others().any(|other| other == shard)).then_some(Owner::Shard(shard));
        };
        if known != Some(id) {
            let received = Received {
                protocol: arrival.link.map_or(Protocol::Udp, |link| link.protocol),
                source: arrival.source,
                destination,
                contents: arrival.contents,
            };
            let peer = &self.table.get(id)?.peer;
            if guarded(|| peer.accepts(now, &received)) != Some(true) {
                return None;
            }
            let known = Known::new(path, arrival.via, arrival.link.cloned());
            for forgotten in self.table.learn(id, known) {
                self.forgotten(&forgotten);
            }
            if let Some(via) = arrival.via {
                self.post.tell(via, Control::Learned(arrival.source));
            }
        }
        Some(Owner::Peer(id))
    }

    /// A path belongs to nobody here any more.
    pub(super) fn forgotten(&self, known: &Known) {
        if let Some((via, source)) = known.handed() {
            self.post.tell(via, Control::Forgotten(source));
        }
    }
}

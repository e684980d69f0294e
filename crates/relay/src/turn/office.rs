//! What all clients of the relay share: relayed addresses, shares of participants and sources, revocations.
//!
//! Owns the books. A session takes an allocation from here and gives it back; the shares are counted by what is taken. Not here: what a client says
//! (`session`), who is proved (`auth`).

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use super::answer::Code;
use super::auth::Nonces;
use super::{Client, Config};
use crate::Source;
use crate::credentials::{MAX_LIFETIME_S, Secret};
use crate::message::Family;

/// Relayed addresses have these ports. They are below what systems give to sockets that do not ask for one, so a client on the node's own machine does
/// not have the same address by chance. Handed out in turn: one that was given back is not used again for long.
const PORTS: std::ops::RangeInclusive<u16> = 1024..=32767;
/// Revocations remembered. One more forgets the one that would end first, whose credentials then work until their own end.
const REVOCATIONS: usize = 65_536;

/// The books.
#[derive(Debug)]
pub struct Office {
    pub(super) config: Config,
    pub(super) secret: Secret,
    pub(super) nonces: Nonces,
    held: HashMap<SocketAddr, Holder>,
    participants: HashMap<Arc<str>, Vec<SocketAddr>>,
    sources: HashMap<Source, usize>,
    revoked: HashMap<Arc<str>, u64>,
    revoked_by_end: BTreeSet<(u64, Arc<str>)>,
    next_port: u16,
}

/// Who holds an allocation.
#[derive(Debug)]
struct Holder {
    participant: Arc<str>,
    source: Source,
}

impl Office {
    /// Opens the books. `seed` is random and known to nobody else; `start` is now.
    pub fn new(config: Config, secret: Secret, seed: [u8; 32], start: Instant) -> Self {
        Self {
            config,
            secret,
            nonces: Nonces::new(&seed, start),
            held: HashMap::new(),
            participants: HashMap::new(),
            sources: HashMap::new(),
            revoked: HashMap::new(),
            revoked_by_end: BTreeSet::new(),
            next_port: *PORTS.start(),
        }
    }

    /// Allocations held now.
    pub fn allocations(&self) -> usize {
        self.held.len()
    }

    /// Whether this address is one of the engine's.
    pub(super) fn is_media(&self, peer: SocketAddr) -> bool {
        self.config.media.contains(&peer)
    }

    /// Takes a relayed address for a participant.
    pub(super) fn take(&mut self, client: Client, participant: &str, family: Family, even: bool) -> Result<SocketAddr, Code> {
        let ip = self
            .config
            .media
            .iter()
            .map(SocketAddr::ip)
            .find(|ip| Family::of(*ip) == family)
            .ok_or(Code::AddressFamilyNotSupported)?;
        let source = Source::from(client.address.ip());
        if self.participants.get(participant).map_or(0, Vec::len) >= self.config.of_one_participant
            || self.sources.get(&source).copied().unwrap_or_default() >= self.config.of_one_source
        {
            return Err(Code::AllocationQuotaReached);
        }
        if self.held.len() >= self.config.allocations {
            return Err(Code::InsufficientCapacity);
        }
        let relayed = self.next_free(ip, even).ok_or(Code::InsufficientCapacity)?;
        let participant: Arc<str> = participant.into();
        self.participants.entry(Arc::clone(&participant)).or_default().push(relayed);
        *self.sources.entry(source).or_default() += 1;
        self.held.insert(relayed, Holder { participant, source });
        Ok(relayed)
    }

    fn next_free(&mut self, ip: IpAddr, even: bool) -> Option<SocketAddr> {
        let turns = (self.next_port..=*PORTS.end()).chain(*PORTS.start()..self.next_port);
        let free = turns
            .map(|port| SocketAddr::new(ip, port))
            .filter(|address| !even || address.port() % 2 == 0)
            .find(|address| !self.held.contains_key(address) && !self.is_media(*address))?;
        self.next_port = if free.port() >= *PORTS.end() {
            *PORTS.start()
        } else {
            free.port() + 1
        };
        Some(free)
    }

    /// Gives a relayed address back.
    pub(super) fn give_back(&mut self, relayed: SocketAddr) {
        let Some(Holder { participant, source }) = self.held.remove(&relayed) else {
            return;
        };
        if let Some(theirs) = self.participants.get_mut(&participant) {
            theirs.retain(|other| *other != relayed);
            if theirs.is_empty() {
                self.participants.remove(&participant);
            }
        }
        if let Some(theirs) = self.sources.get_mut(&source) {
            *theirs = theirs.saturating_sub(1);
            if *theirs == 0 {
                self.sources.remove(&source);
            }
        }
    }

    pub(super) fn is_revoked(&self, participant: &str) -> bool {
        self.revoked.contains_key(participant)
    }

    /// Ends what a participant has: their credentials are refused from now on, for as long as any of them could have lived. Gives the relayed addresses of
    /// their allocations; whoever holds the sessions ends them.
    #[must_use]
    pub fn revoke(&mut self, now_unix_s: u64, participant: &str) -> Vec<SocketAddr> {
        let name: Arc<str> = participant.into();
        let end = now_unix_s.saturating_add(MAX_LIFETIME_S);
        if let Some(before) = self.revoked.insert(Arc::clone(&name), end) {
            self.revoked_by_end.remove(&(before, Arc::clone(&name)));
        }
        self.revoked_by_end.insert((end, name));
        while let Some((end, _)) = self.revoked_by_end.first()
            && (*end <= now_unix_s || self.revoked_by_end.len() > REVOCATIONS)
            && let Some((_, name)) = self.revoked_by_end.pop_first()
        {
            self.revoked.remove(&name);
        }
        self.participants.get(participant).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Wire;
    use super::*;

    fn client(last: u8) -> Client {
        Client {
            wire: Wire::Udp,
            address: SocketAddr::from(([192, 0, 2, last], 5000)),
        }
    }

    fn office(change: impl FnOnce(&mut Config)) -> Office {
        let mut config = Config::new(vec!["198.51.100.1:1025".parse().unwrap()]);
        change(&mut config);
        Office::new(config, Secret::new(b"s"), [0; 32], Instant::now())
    }

    #[test]
    fn every_allocation_has_an_address_of_its_own_that_is_not_the_engines() {
        let mut office = office(|_| ());
        let taken: BTreeSet<u16> = (0..100)
            .map(|n| office.take(client(1), &format!("p{n}"), Family::V4, false).unwrap().port())
            .collect();
        assert_eq!(taken.len(), 100);
        assert!(taken.contains(&1024) && taken.contains(&1026) && !taken.contains(&1025));
    }

    #[test]
    fn an_even_port_is_given_when_it_is_asked_for() {
        let mut office = office(|_| ());
        for n in 0..4 {
            assert_eq!(office.take(client(1), &format!("p{n}"), Family::V4, true).unwrap().port() % 2, 0);
        }
        assert!((0..4).any(|n| office.take(client(1), &format!("q{n}"), Family::V4, false).unwrap().port() % 2 == 1));
    }

    #[test]
    fn shares_are_kept_and_given_back() {
        let mut office = office(|config| {
            config.allocations = 4;
            config.of_one_participant = 1;
            config.of_one_source = 3;
        });
        let first = office.take(client(1), "a", Family::V4, false).unwrap();
        assert_eq!(office.take(client(1), "a", Family::V4, false), Err(Code::AllocationQuotaReached));
        for name in ["b", "c"] {
            office.take(client(1), name, Family::V4, false).unwrap();
        }
        assert_eq!(office.take(client(1), "d", Family::V4, false), Err(Code::AllocationQuotaReached));
        office.take(client(2), "d", Family::V4, false).unwrap();
        assert_eq!(office.take(client(2), "e", Family::V4, false), Err(Code::InsufficientCapacity));
        office.give_back(first);
        office.give_back(first);
        assert_eq!(office.allocations(), 3);
        office.take(client(1), "a", Family::V4, false).unwrap();
    }

    #[test]
    fn nothing_is_remembered_of_those_who_hold_nothing() {
        let mut office = office(|_| ());
        let taken: Vec<SocketAddr> = (0..10)
            .map(|n| office.take(client(n), &format!("p{n}"), Family::V4, false).unwrap())
            .collect();
        taken.into_iter().for_each(|relayed| office.give_back(relayed));
        assert!(office.held.is_empty() && office.participants.is_empty() && office.sources.is_empty());
    }

    #[test]
    fn a_revocation_names_what_is_held_and_lasts_as_long_as_any_credential() {
        let mut office = office(|_| ());
        let mine = [(); 2].map(|()| office.take(client(1), "a", Family::V4, false).unwrap());
        office.take(client(1), "b", Family::V4, false).unwrap();
        assert_eq!(office.revoke(1_000, "a"), mine);
        assert!(office.is_revoked("a") && !office.is_revoked("b"));
        assert!(office.revoke(1_000 + MAX_LIFETIME_S - 1, "b").len() == 1 && office.is_revoked("a"));
        drop(office.revoke(1_000 + MAX_LIFETIME_S, "c"));
        assert!(!office.is_revoked("a") && office.is_revoked("b"));
    }

    #[test]
    fn revocations_are_bounded_and_the_one_that_would_end_first_goes() {
        let mut office = office(|_| ());
        for n in 0..=REVOCATIONS as u64 {
            drop(office.revoke(n / 1000, &n.to_string()));
        }
        assert_eq!((office.revoked.len(), office.revoked_by_end.len()), (REVOCATIONS, REVOCATIONS));
        assert!(!office.is_revoked("0") && office.is_revoked("1"));
    }
}

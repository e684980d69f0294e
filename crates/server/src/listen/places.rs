//! How many connections there are, in all and from each source.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use app::Source;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of all listeners. A source is remembered only while it has a connection, so the table is bounded by the places.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    sources: Mutex<HashMap<Source, usize>>,
    of_one_source: usize,
}

/// One connection's place, shared with its request in flight; dropping the last share gives it back.
pub(crate) struct Place {
    places: Arc<Places>,
    source: Source,
    _one_of_all: OwnedSemaphorePermit,
}

impl Places {
    pub(crate) fn new(all: usize, of_one_source: usize) -> Arc<Self> {
        Arc::new(Self {
            all: Arc::new(Semaphore::new(all)),
            sources: Mutex::default(),
            of_one_source,
        })
    }

    /// Waits until there is a free place.
    pub(crate) async fn free(&self) -> OwnedSemaphorePermit {
        match Arc::clone(&self.all).acquire_owned().await {
            Ok(permit) => permit,
            // Only a closed semaphore refuses, and nobody closes this one.
            Err(_) => std::future::pending().await,
        }
    }

    /// Gives a free place to somebody; nothing when their source has its share.
    pub(crate) fn take(self: &Arc<Self>, free: OwnedSemaphorePermit, peer: IpAddr) -> Option<Place> {
        let source = Source::from(peer);
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let held = sources.entry(source).or_default();
        if *held >= self.of_one_source {
            return None;
        }
        *held = held.saturating_add(1);
        Some(Place {
            places: Arc::clone(self),
            source,
            _one_of_all: free,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut sources = self.places.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = sources.get_mut(&self.source) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                sources.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_source_has_its_share_and_gets_a_place_again_when_one_is_given_back() {
        let places = Places::new(100, 2);
        let here: IpAddr = "192.0.2.1".parse().expect("an address");
        let first = places.take(places.free().await, here).expect("a place");
        let _second = places
            .take(places.free().await, "::ffff:192.0.2.1".parse().expect("an address"))
            .expect("a place");
        assert!(places.take(places.free().await, here).is_none());
        assert!(places.take(places.free().await, "192.0.2.2".parse().expect("an address")).is_some());
        drop(first);
        assert!(places.take(places.free().await, here).is_some());
    }

    #[tokio::test]
    async fn addresses_of_one_ipv6_network_share_and_no_source_is_remembered_without_a_connection() {
        let places = Places::new(100, 1);
        let held = places.take(places.free().await, "2001:db8::1".parse().expect("an address"));
        assert!(held.is_some());
        let refused = |address: &str| address.parse().expect("an address");
        assert!(places.take(places.free().await, refused("2001:db8::2:0:0:1")).is_none());
        assert!(places.take(places.free().await, refused("2001:db8:0:1::1")).is_some());
        drop(held);
        assert!(places.sources.lock().expect("unpoisoned").is_empty());
        assert_eq!(places.all.available_permits(), 100);
    }
}

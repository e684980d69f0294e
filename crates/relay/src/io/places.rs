//! How many connections there are, in all and from each source.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::budget::Source;

/// The places. A source is remembered only while it has one, so the table is bounded by them.
#[derive(Debug)]
pub(super) struct Places {
    taken: Mutex<Taken>,
    all: usize,
    of_one_source: usize,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    sources: HashMap<Source, usize>,
}

/// One connection's place; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    source: Source,
}

impl Places {
    pub(super) fn new(all: usize, of_one_source: usize) -> Arc<Self> {
        Arc::new(Self {
            taken: Mutex::default(),
            all,
            of_one_source,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn taken(&self) -> usize {
        self.lock().all
    }

    /// Nothing when all places are taken, or the source has its share.
    pub(super) fn take(self: &Arc<Self>, ip: IpAddr) -> Option<Place> {
        let source = Source::from(ip);
        let mut taken = self.lock();
        let theirs = taken.sources.get(&source).copied().unwrap_or_default();
        if taken.all >= self.all || theirs >= self.of_one_source {
            return None;
        }
        taken.all += 1;
        taken.sources.insert(source, theirs + 1);
        Some(Place {
            places: Arc::clone(self),
            source,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.all = taken.all.saturating_sub(1);
        if let Some(theirs) = taken.sources.get_mut(&self.source) {
            *theirs = theirs.saturating_sub(1);
            if *theirs == 0 {
                taken.sources.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_given_back_and_no_source_is_remembered_without_one() {
        let places = Places::new(3, 2);
        let ip = |last: u8| IpAddr::from([192, 0, 2, last]);
        let held = [places.take(ip(1)).unwrap(), places.take(ip(1)).unwrap()];
        assert!(places.take(ip(1)).is_none());
        let other = places.take(ip(2)).unwrap();
        assert!(places.take(ip(3)).is_none());
        drop(held);
        assert!(places.take(ip(1)).is_some());
        drop(other);
        assert_eq!(places.taken(), 0);
        assert!(places.lock().sources.is_empty());
    }
}

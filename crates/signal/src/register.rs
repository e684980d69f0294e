//! The sockets that are open, by identity: so that a revocation finds them and nobody opens endlessly many.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use meeting::Refusal;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::outbox::Outbox;

/// Sockets of one identity: a few tabs and devices. One more is refused.
const MOST_SOCKETS: usize = 16;
/// Sockets that have not said who they are yet. One more is refused at once; each of them has ten seconds.
const MOST_STRANGERS: usize = 512;

/// All sockets of the server.
pub(crate) struct Register {
    by_person: Mutex<HashMap<String, Vec<(u64, Outbox)>>>,
    strangers: Arc<Semaphore>,
    next: AtomicU64,
}

/// A place in the register, to be given back with [`Register::leave`].
pub(crate) struct Place {
    person: String,
    number: u64,
}

impl Default for Register {
    fn default() -> Self {
        Self {
            by_person: Mutex::default(),
            strangers: Arc::new(Semaphore::new(MOST_STRANGERS)),
            next: AtomicU64::new(0),
        }
    }
}

impl Register {
    /// A place among the sockets that have not said who they are; given back when it is dropped.
    pub(crate) fn stranger(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.strangers)
            .try_acquire_owned()
            .map_err(|_| Refusal::TooManyAttempts)
    }

    pub(crate) fn enter(&self, person: &str, outbox: &Outbox) -> Result<Place, Refusal> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut people = self.people();
        let sockets = people.entry(person.to_owned()).or_default();
        if sockets.len() >= MOST_SOCKETS {
            return Err(Refusal::TooManyAttempts);
        }
        sockets.push((number, outbox.clone()));
        Ok(Place {
            person: person.to_owned(),
            number,
        })
    }

    pub(crate) fn leave(&self, place: Place) {
        let mut people = self.people();
        if let Some(sockets) = people.get_mut(&place.person) {
            sockets.retain(|(number, _)| *number != place.number);
            if sockets.is_empty() {
                people.remove(&place.person);
            }
        }
    }

    /// Ends all sockets of a person.
    pub(crate) fn end(&self, person: &str, reason: Refusal) {
        for (_, outbox) in self.people().get(person).into_iter().flatten() {
            outbox.end(reason);
        }
    }

    /// Ends all sockets.
    pub(crate) fn end_all(&self, reason: Refusal) {
        for (_, outbox) in self.people().values().flatten() {
            outbox.end(reason);
        }
    }

    /// A panic while the map was locked leaves a map that is still a map.
    fn people(&self) -> MutexGuard<'_, HashMap<String, Vec<(u64, Outbox)>>> {
        self.by_person.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_identity_has_only_so_many_sockets_and_others_have_their_own() {
        let register = Register::default();
        let places: Vec<Place> = (0..MOST_SOCKETS)
            .map(|_| register.enter("a", &Outbox::new().0).expect("a place"))
            .collect();
        assert_eq!(register.enter("a", &Outbox::new().0).err(), Some(Refusal::TooManyAttempts));
        assert!(register.enter("b", &Outbox::new().0).is_ok());
        for place in places {
            register.leave(place);
        }
        assert!(register.enter("a", &Outbox::new().0).is_ok());
    }

    #[test]
    fn ending_a_person_ends_all_their_sockets_and_nobody_elses() {
        let register = Register::default();
        let (mine, also_mine, other) = (Outbox::new().0, Outbox::new().0, Outbox::new().0);
        let places = [
            register.enter("a", &mine),
            register.enter("a", &also_mine),
            register.enter("b", &other),
        ];
        assert!(places.iter().all(Result::is_ok));
        register.end("a", Refusal::TokenRevoked);
        assert_eq!(
            [mine.reason(), also_mine.reason(), other.reason()],
            [Some(Refusal::TokenRevoked), Some(Refusal::TokenRevoked), None]
        );
    }

    #[test]
    fn only_so_many_strangers_are_waited_for() {
        let register = Register::default();
        let waiting: Vec<_> = (0..MOST_STRANGERS).map(|_| register.stranger().expect("a place")).collect();
        assert_eq!(register.stranger().err(), Some(Refusal::TooManyAttempts));
        drop(waiting);
        assert!(register.stranger().is_ok());
    }
}

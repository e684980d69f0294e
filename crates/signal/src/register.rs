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
use wire::ServerFrame;

use crate::outbox::Outbox;

/// Sockets of one identity: a few tabs and devices. One more is refused.
const MOST_SOCKETS: usize = 16;
/// Sockets that have not said who they are yet. One more is refused at once; each of them has ten seconds.
const MOST_STRANGERS: usize = 512;

/// All sockets of the server.
pub(crate) struct Register {
    people: Arc<People>,
    strangers: Arc<Semaphore>,
    next: AtomicU64,
}

/// The sockets of each identity.
#[derive(Default)]
struct People(Mutex<HashMap<String, Vec<Socket>>>);

struct Socket {
    number: u64,
    /// The application that its token ends with.
    client_id: Option<String>,
    outbox: Outbox,
    /// It was welcomed; before, nothing is told it.
    open: bool,
}

/// A place in the register; given back when it is dropped, also by a panic.
pub(crate) struct Place {
    people: Arc<People>,
    person: String,
    number: u64,
}

impl Default for Register {
    fn default() -> Self {
        Self {
            people: Arc::default(),
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
            .map_err(|_| Refusal::TooManyConnections)
    }

    pub(crate) fn enter(&self, person: &str, client_id: Option<&str>, outbox: &Outbox) -> Result<Place, Refusal> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut people = self.people.lock();
        let sockets = people.entry(person.to_owned()).or_default();
        if sockets.len() >= MOST_SOCKETS {
            return Err(Refusal::TooManyConnections);
        }
        sockets.push(Socket {
            number,
            client_id: client_id.map(str::to_owned),
            outbox: outbox.clone(),
            open: false,
        });
        Ok(Place {
            people: Arc::clone(&self.people),
            person: person.to_owned(),
            number,
        })
    }

    /// Tells every welcomed socket of a person, but not this one; gives how many were told.
    pub(crate) fn tell(&self, person: &str, frame: &ServerFrame, except: Option<&Outbox>) -> usize {
        let people = self.people.lock();
        let sockets = people.get(person).into_iter().flatten();
        let others = sockets.filter(|socket| socket.open && !except.is_some_and(|other| other.same_as(&socket.outbox)));
        others.filter(|socket| socket.outbox.send(frame.clone())).count()
    }

    /// Ends all sockets of a person.
    pub(crate) fn end(&self, person: &str, reason: Refusal) {
        for socket in self.people.lock().get(person).into_iter().flatten() {
            socket.outbox.end(reason);
        }
    }

    /// Ends all sockets that were opened with a token of the application.
    pub(crate) fn end_client(&self, client_id: &str, reason: Refusal) {
        for socket in self.people.lock().values().flatten() {
            if socket.client_id.as_deref() == Some(client_id) {
                socket.outbox.end(reason);
            }
        }
    }

    /// Ends all sockets.
    pub(crate) fn end_all(&self, reason: Refusal) {
        for socket in self.people.lock().values().flatten() {
            socket.outbox.end(reason);
        }
    }
}

impl People {
    /// A panic while the map was locked leaves a map that is still a map.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Socket>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The socket was welcomed.
    pub(crate) fn open(&self) {
        let mut people = self.people.lock();
        for socket in people.get_mut(&self.person).into_iter().flatten() {
            socket.open |= socket.number == self.number;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut people = self.people.lock();
        if let Some(sockets) = people.get_mut(&self.person) {
            sockets.retain(|socket| socket.number != self.number);
            if sockets.is_empty() {
                people.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_identity_has_only_so_many_sockets_and_others_have_their_own() {
        let register = Register::default();
        let places: Vec<Place> = (0..MOST_SOCKETS)
            .map(|_| register.enter("a", None, &Outbox::new().0).expect("a place"))
            .collect();
        assert_eq!(register.enter("a", None, &Outbox::new().0).err(), Some(Refusal::TooManyConnections));
        assert!(register.enter("b", None, &Outbox::new().0).is_ok());
        drop(places);
        assert!(register.enter("a", None, &Outbox::new().0).is_ok());
    }

    #[test]
    fn ending_a_person_ends_all_their_sockets_and_nobody_elses() {
        let register = Register::default();
        let (mine, also_mine, other) = (Outbox::new().0, Outbox::new().0, Outbox::new().0);
        let places = [
            register.enter("a", None, &mine),
            register.enter("a", None, &also_mine),
            register.enter("b", None, &other),
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
        assert_eq!(register.stranger().err(), Some(Refusal::TooManyConnections));
        drop(waiting);
        assert!(register.stranger().is_ok());
    }
}

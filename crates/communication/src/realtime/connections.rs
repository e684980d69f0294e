//! Who is connected: handshakes that wait for their socket, and sockets by person.
//!
//! * Owns: every bound on real-time connections, and the way from an event to the sockets of its recipients.
//! * Not here: what a person may read (`app`), what is said on a socket (`connection`).
//! * Invariants: a handshake's name is good for one socket, for half a minute, and only for the person who made it; a revocation finds whoever
//!   has a handshake or a socket, since one lock covers the step between the two (`tests/facade/realtime.rs`).

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::{Micros, Source};
use tokio::sync::{mpsc, watch};

/// Sockets and handshakes of one person together: a few tabs and devices. One more ends the oldest, which is most likely dead.
const MOST_OF_ONE: usize = 16;
/// Sockets from one source. One more is refused.
const MOST_OF_A_SOURCE: usize = 256;
/// Handshakes that wait for their socket. When there are so many, another one is refused until the first are used or over.
const MOST_WAITING: usize = 4096;
/// How long a handshake waits for its socket.
const HANDSHAKE_LIFE: Micros = 30_000_000;
/// Pushes that wait for one socket. Full means that the client does not read: the socket is closed, the client connects again, and its application,
/// which is told so, lists what it missed.
const QUEUE: usize = 256;

/// Why a socket is closed by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The person's tokens count no more.
    Revoked,
    /// The token's time is over.
    Expired,
    /// The client does not read, says nothing, or says what is no frame.
    Unwell,
    /// The person connected too often since.
    Displaced,
    /// Events may have been missed: the client connects again, and its application lists them.
    Missed,
    /// The server stops.
    Stopping,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// No such handshake, or it was used, or its time is over.
    Unknown,
    /// Too many; come back later.
    Full,
}

/// Who makes a handshake, as the token proved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) raw_id: String,
    /// When the token ends.
    pub(crate) expires: Micros,
}

/// All of them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<String, Handshake>,
    people: HashMap<String, VecDeque<Entry>>,
    sources: HashMap<Source, usize>,
    /// Sockets that are open.
    open: watch::Sender<usize>,
    next: u64,
    stopping: bool,
}

#[derive(Debug)]
struct Handshake {
    person: Person,
    path: String,
    until: Micros,
}

/// What one person has, oldest first.
#[derive(Debug)]
enum Entry {
    Waiting(String),
    Open(Socket),
}

#[derive(Debug)]
struct Socket {
    number: u64,
    path: String,
    expires: watch::Sender<Micros>,
    pushes: mpsc::Sender<Arc<str>>,
    end: watch::Sender<Option<End>>,
}

/// A socket's place; given back when it is dropped, also by a panic.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Connections,
    number: u64,
    source: Option<Source>,
    raw_id: String,
    /// When the latest token ends that the client has shown for this socket.
    pub(crate) expires: watch::Receiver<Micros>,
    /// Where pushes go, below the address that the client was given.
    pub(crate) path: String,
    pub(crate) pushes: mpsc::Receiver<Arc<str>>,
    pub(crate) end: watch::Receiver<Option<End>>,
}

impl Connections {
    /// Takes a handshake down under an unguessable name.
    pub(crate) fn announce(&self, name: String, person: Person, path: String, now: Micros) -> Result<(), NoPlace> {
        let mut state = self.lock();
        state.forget_stale(now);
        if state.stopping || state.waiting.len() >= MOST_WAITING {
            return Err(NoPlace::Full);
        }
        state.make_room(&person.raw_id);
        state
            .people
            .entry(person.raw_id.clone())
            .or_default()
            .push_back(Entry::Waiting(name.clone()));
        let until = now.saturating_add(HANDSHAKE_LIFE);
        state.waiting.insert(name, Handshake { person, path, until });
        Ok(())
    }

    /// Turns a handshake into a socket's place.
    pub(crate) fn open(&self, name: &str, source: Option<Source>, now: Micros) -> Result<Place, NoPlace> {
        let mut state = self.lock();
        state.forget_stale(now);
        if state.stopping || source.is_some_and(|source| state.sources.get(&source).is_some_and(|count| *count >= MOST_OF_A_SOURCE)) {
            return Err(NoPlace::Full);
        }
        let Handshake { person, path, .. } = state.waiting.remove(name).ok_or(NoPlace::Unknown)?;
        let (pushes, received) = mpsc::channel(QUEUE);
        let (end, ended) = watch::channel(None);
        let (later, expires) = watch::channel(person.expires);
        let number = state.next;
        state.next = number.wrapping_add(1);
        let entries = state.people.entry(person.raw_id.clone()).or_default();
        entries.retain(|entry| !matches!(entry, Entry::Waiting(waiting) if waiting == name));
        entries.push_back(Entry::Open(Socket {
            number,
            path: path.clone(),
            expires: later,
            pushes,
            end,
        }));
        if let Some(source) = source {
            *state.sources.entry(source).or_default() += 1;
        }
        state.open.send_modify(|open| *open += 1);
        Ok(Place {
            connections: self.clone(),
            number,
            source,
            raw_id: person.raw_id,
            expires,
            path,
            pushes: received,
            end: ended,
        })
    }

    /// Whether somebody is there to be told.
    pub(crate) fn has(&self, raw_id: &str) -> bool {
        self.lock()
            .people
            .get(raw_id)
            .is_some_and(|entries| entries.iter().any(|entry| matches!(entry, Entry::Open(_))))
    }

    /// Puts a push into the queue of each socket of the person.
    pub(crate) fn tell(&self, raw_id: &str, body: &Arc<str>) {
        for entry in self.lock().people.get(raw_id).into_iter().flatten() {
            if let Entry::Open(socket) = entry
                && let Err(mpsc::error::TrySendError::Full(_)) = socket.pushes.try_send(Arc::clone(body))
            {
                socket.end(End::Unwell);
            }
        }
    }

    /// The person has shown a newer token for the sockets with this path.
    pub(crate) fn extend(&self, person: &Person, path: &str) {
        for entry in self.lock().people.get(&person.raw_id).into_iter().flatten() {
            if let Entry::Open(socket) = entry
                && socket.path == path
            {
                socket.expires.send_if_modified(|expires| {
                    let later = person.expires > *expires;
                    *expires = person.expires.max(*expires);
                    later
                });
            }
        }
    }

    /// Ends everything that a person has.
    pub(crate) fn end(&self, raw_id: &str, reason: End) {
        let mut state = self.lock();
        for entry in state.people.remove(raw_id).unwrap_or_default() {
            state.end_entry(entry, reason);
        }
    }

    /// Takes a handshake back.
    pub(crate) fn forget(&self, name: &str) {
        let mut state = self.lock();
        if let Some(handshake) = state.waiting.remove(name)
            && let Some(entries) = state.people.get_mut(&handshake.person.raw_id)
        {
            entries.retain(|entry| !matches!(entry, Entry::Waiting(waiting) if waiting == name));
            if entries.is_empty() {
                state.people.remove(&handshake.person.raw_id);
            }
        }
    }

    /// Resolves when no socket is open.
    pub(crate) async fn deserted(&self) {
        let mut open = self.lock().open.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        drop(open.wait_for(|open| *open == 0).await);
    }

    /// Ends everything. After [`End::Stopping`] nothing new begins.
    pub(crate) fn end_all(&self, reason: End) {
        let mut state = self.lock();
        state.stopping |= reason == End::Stopping;
        for entry in std::mem::take(&mut state.people).into_values().flatten() {
            state.end_entry(entry, reason);
        }
    }

    /// A panic while the maps were locked leaves maps that are still maps.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end_entry(&mut self, entry: Entry, reason: End) {
        match entry {
            Entry::Waiting(name) => drop(self.waiting.remove(&name)),
            Entry::Open(socket) => socket.end(reason),
        }
    }

    fn make_room(&mut self, raw_id: &str) {
        let Some(entries) = self.people.get_mut(raw_id).filter(|entries| entries.len() >= MOST_OF_ONE) else {
            return;
        };
        if let Some(oldest) = entries.pop_front() {
            self.end_entry(oldest, End::Displaced);
        }
    }

    fn forget_stale(&mut self, now: Micros) {
        // There are at most `MOST_WAITING` to look at.
        if self.waiting.values().all(|handshake| handshake.until > now) {
            return;
        }
        self.waiting.retain(|_, handshake| handshake.until > now);
        let waiting = &self.waiting;
        self.people.retain(|_, entries| {
            entries.retain(|entry| match entry {
                Entry::Waiting(name) => waiting.contains_key(name),
                Entry::Open(_) => true,
            });
            !entries.is_empty()
        });
    }
}

impl Socket {
    /// The first reason stays.
    fn end(&self, reason: End) {
        self.end.send_if_modified(|end| {
            let first = end.is_none();
            end.get_or_insert(reason);
            first
        });
    }
}

/// Why the socket has to end, as soon as it has to.
pub(crate) async fn ended(end: &mut watch::Receiver<Option<End>>) -> End {
    // A sender goes only after it has said why.
    end.wait_for(Option::is_some).await.ok().and_then(|end| *end).unwrap_or(End::Missed)
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.connections.lock();
        state.open.send_modify(|open| *open = open.saturating_sub(1));
        if let Some(entries) = state.people.get_mut(&self.raw_id) {
            entries.retain(|entry| !matches!(entry, Entry::Open(socket) if socket.number == self.number));
            if entries.is_empty() {
                state.people.remove(&self.raw_id);
            }
        }
        if let Some(source) = self.source
            && let Some(count) = state.sources.get_mut(&source)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                state.sources.remove(&source);
            }
        }
    }
}

#[cfg(test)]
mod tests;

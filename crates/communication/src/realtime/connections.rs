//! Who is connected: handshakes that wait for their socket, and sockets by person.
//!
//! * Owns: every bound on real-time connections, and the way from an event to the sockets of its recipients.
//! * Not here: what a person may read (`app`), what is said on a socket (`connection`).
//! * Invariants: a handshake's name is good for one socket, for half a minute, and only for the person who made it; a revocation finds whoever
//!   has a handshake or a socket, since one lock covers the step between the two (`tests/facade/realtime.rs`); visitors, for whose tokens anybody may
//!   ask, keep no member and no guest out: where there is no room, the oldest waiting handshake of a visitor goes (`connections/tests.rs`).

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::{Micros, Source, identities::is_visitor};
use tokio::sync::{mpsc, watch};

/// Sockets and handshakes of one person together: a few tabs and devices. One more ends the oldest, which is most likely dead.
const MOST_OF_ONE: usize = 16;
/// Sockets and waiting handshakes of one source together. One more socket is refused, and one more handshake unless a visitor's makes room.
const MOST_OF_A_SOURCE: usize = 256;
/// Handshakes that wait for their socket. Another one is refused unless a visitor's makes room, until the first are used or over.
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
    /// The application that the token ends with.
    pub(crate) client_id: Option<String>,
}

/// All of them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<String, Handshake>,
    people: HashMap<String, VecDeque<Entry>>,
    /// Sockets and waiting handshakes of each source.
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
    source: Option<Source>,
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
    /// The application that the token ends with which the socket lives by.
    client_id: Option<String>,
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
    /// Takes a handshake down under an unguessable name. `source` is nothing where nobody knows it; such handshakes have no bound of their own.
    pub(crate) fn announce(&self, name: String, person: Person, path: String, source: Option<Source>, now: Micros) -> Result<(), NoPlace> {
        let mut state = self.lock();
        state.forget_stale(now);
        if state.stopping {
            return Err(NoPlace::Full);
        }
        let visitor = is_visitor(&person.raw_id);
        if source.is_some_and(|source| state.is_full(source)) && (visitor || !state.drop_oldest_visitor(source)) {
            return Err(NoPlace::Full);
        }
        if state.waiting.len() >= MOST_WAITING && (visitor || !state.drop_oldest_visitor(None)) {
            return Err(NoPlace::Full);
        }
        state.make_room(&person.raw_id);
        state
            .people
            .entry(person.raw_id.clone())
            .or_default()
            .push_back(Entry::Waiting(name.clone()));
        let until = now.saturating_add(HANDSHAKE_LIFE);
        state.arrive(source);
        let handshake = Handshake {
            person,
            path,
            source,
            until,
        };
        state.waiting.insert(name, handshake);
        Ok(())
    }

    /// Turns a handshake into a socket's place.
    pub(crate) fn open(&self, name: &str, source: Option<Source>, now: Micros) -> Result<Place, NoPlace> {
        let mut state = self.lock();
        state.forget_stale(now);
        if state.stopping {
            return Err(NoPlace::Full);
        }
        let announced_from = state.waiting.get(name).ok_or(NoPlace::Unknown)?.source;
        // A handshake from here hands its place over.
        if announced_from != source && source.is_some_and(|source| state.is_full(source)) {
            return Err(NoPlace::Full);
        }
        let Handshake { person, path, .. } = state.take_waiting(name).ok_or(NoPlace::Unknown)?;
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
            client_id: person.client_id,
            expires: later,
            pushes,
            end,
        }));
        state.arrive(source);
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

    /// The person has shown a newer token for the sockets with this path, which live by it from now on.
    pub(crate) fn extend(&self, person: &Person, path: &str) {
        for entry in self.lock().people.get_mut(&person.raw_id).into_iter().flatten() {
            if let Entry::Open(socket) = entry
                && socket.path == path
            {
                let extended = socket.expires.send_if_modified(|expires| {
                    let later = person.expires > *expires;
                    *expires = person.expires.max(*expires);
                    later
                });
                if extended {
                    socket.client_id.clone_from(&person.client_id);
                }
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

    /// Ends everything that lives by a token of the application.
    pub(crate) fn end_client(&self, client_id: &str, reason: End) {
        let mut state = self.lock();
        for entry in state.people.values().flatten() {
            if let Entry::Open(socket) = entry
                && socket.client_id.as_deref() == Some(client_id)
            {
                socket.end(reason);
            }
        }
        state.forget_waiting(|handshake| handshake.person.client_id.as_deref() == Some(client_id));
    }

    /// Takes a handshake back.
    pub(crate) fn forget(&self, name: &str) {
        self.lock().remove_waiting(name);
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
            Entry::Waiting(name) => drop(self.take_waiting(&name)),
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
        self.forget_waiting(|handshake| handshake.until <= now);
    }

    fn forget_waiting(&mut self, goes: impl Fn(&Handshake) -> bool) {
        let going = self.waiting.iter().filter(|(_, handshake)| goes(handshake));
        let names: Vec<String> = going.map(|(name, _)| name.clone()).collect();
        for name in names {
            self.remove_waiting(&name);
        }
    }

    /// Makes room for a member or a guest, in one source or anywhere; false when no visitor waits there.
    fn drop_oldest_visitor(&mut self, source: Option<Source>) -> bool {
        let visitors = self.waiting.iter().filter(|(_, handshake)| {
            let there = source.is_none() || handshake.source == source;
            there && is_visitor(&handshake.person.raw_id)
        });
        let oldest = visitors.min_by_key(|(_, handshake)| handshake.until).map(|(name, _)| name.clone());
        oldest.is_some_and(|name| {
            self.remove_waiting(&name);
            true
        })
    }

    /// Removes a handshake, and what its person had of it.
    fn remove_waiting(&mut self, name: &str) {
        if let Some(handshake) = self.take_waiting(name)
            && let Some(entries) = self.people.get_mut(&handshake.person.raw_id)
        {
            entries.retain(|entry| !matches!(entry, Entry::Waiting(waiting) if waiting == name));
            if entries.is_empty() {
                self.people.remove(&handshake.person.raw_id);
            }
        }
    }

    /// Takes a handshake out and gives its source's place back; the caller sees to the person's entry.
    fn take_waiting(&mut self, name: &str) -> Option<Handshake> {
        let handshake = self.waiting.remove(name)?;
        self.leave(handshake.source);
        Some(handshake)
    }

    fn is_full(&self, source: Source) -> bool {
        self.sources.get(&source).is_some_and(|count| *count >= MOST_OF_A_SOURCE)
    }

    fn arrive(&mut self, source: Option<Source>) {
        if let Some(source) = source {
            let count = self.sources.entry(source).or_default();
            *count = count.saturating_add(1);
        }
    }

    fn leave(&mut self, source: Option<Source>) {
        if let Some(source) = source
            && let Some(count) = self.sources.get_mut(&source)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.sources.remove(&source);
            }
        }
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
        state.leave(self.source);
    }
}

#[cfg(test)]
mod tests;

//! Which sessions are watched, and which of their records are due. Pure: time is an argument.
//!
//! A record is written [`SOON`] after its session began, so that running calls can be seen, then [`EVERY`] minute, so that a crash costs no more, and once
//! more when it is over. A session that is over waits
//! for the last word of its media connection, [`LAST_WORD`] at most.
//! Invariants: at most [`MOST_SESSIONS`] are watched; a record that is being written is not handed out again until that is settled.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use app::Micros;
use app::quality::{Carrier, QualityLeg, QualityRecord, Reading, Watch};

use super::totals::Totals;
use crate::media_plane::PeerId;

const SECOND: Micros = 1_000_000;
/// From the beginning of a session to the first writing.
const SOON: Micros = 2 * SECOND;
/// Between two writings of one record.
const EVERY: Micros = 60 * SECOND;
/// The engine says its last word on a connection within a turn of its loop.
const LAST_WORD: Micros = 3 * SECOND;
/// After a writing that failed.
const RETRY: Micros = 20 * SECOND;
/// Sessions that are watched, five times what an engine takes by default. Full: one that is over and could not be written is given up; if there is none,
/// the newest is not recorded. Either is counted.
const MOST_SESSIONS: usize = 10_000;

/// The sessions that are watched.
#[derive(Debug, Default)]
pub(super) struct Book {
    sessions: HashMap<String, Entry>,
    peers: HashMap<PeerId, Peer>,
    totals: Totals,
}

#[derive(Debug)]
struct Entry {
    watch: Watch,
    /// Its present connection.
    peer: Option<PeerId>,
    /// When it is to be written next.
    due: Micros,
    /// Something is known that was not written.
    fresh: bool,
    writing: bool,
}

#[derive(Debug)]
struct Peer {
    session: String,
    /// How it travels; nothing once it was taken down.
    carrier: Option<Carrier>,
    withheld: Withheld,
}

/// For how long something that a connection wants was withheld from it.
#[derive(Debug, Default)]
struct Withheld {
    /// The slots of which the content is withheld now; no more than the connection has slots.
    slots: BTreeSet<String>,
    since: Micros,
    before: Micros,
}

impl Withheld {
    fn set(&mut self, now: Micros, slots: Vec<(String, bool)>) {
        let (empty, until) = (self.slots.is_empty(), self.until(now));
        for (slot, withheld) in slots {
            if withheld {
                self.slots.insert(slot);
            } else {
                self.slots.remove(&slot);
            }
        }
        match (empty, self.slots.is_empty()) {
            (true, false) => self.since = now,
            (false, true) => self.before = until,
            _ => {}
        }
    }

    /// Nothing is wanted any more.
    fn end(&mut self, now: Micros) {
        if !self.slots.is_empty() {
            self.before = self.until(now);
            self.slots.clear();
        }
    }

    /// All of it until now.
    fn until(&self, now: Micros) -> Micros {
        let running = if self.slots.is_empty() {
            0
        } else {
            now.saturating_sub(self.since).max(0)
        };
        self.before.saturating_add(running)
    }
}

impl Book {
    /// A session makes a media connection.
    pub(super) fn opened(&mut self, now: Micros, peer: PeerId, leg: QualityLeg) {
        let session = leg.session.clone();
        if !self.sessions.contains_key(&session) && self.sessions.len() >= MOST_SESSIONS && !self.give_up_one() {
            self.totals.unrecorded += 1;
            return;
        }
        let entry = self.sessions.entry(session.clone()).or_insert_with(|| Entry {
            watch: Watch::new(leg, now),
            peer: None,
            due: now.saturating_add(SOON),
            fresh: true,
            writing: false,
        });
        entry.watch.connect(now, peer.0);
        entry.peer = Some(peer);
        entry.fresh = true;
        let carrier = Some(Carrier::None);
        self.totals.travels(None, carrier);
        let withheld = Withheld::default();
        self.peers.insert(
            peer,
            Peer {
                session,
                carrier,
                withheld,
            },
        );
    }

    /// The content of these slots of a connection is withheld from now on, or not.
    pub(super) fn withheld(&mut self, now: Micros, peer: PeerId, slots: Vec<(String, bool)>) {
        if let Some(known) = self.peers.get_mut(&peer) {
            known.withheld.set(now, slots);
        }
    }

    /// The engine says how a connection does.
    pub(super) fn read(&mut self, now: Micros, peer: PeerId, mut reading: Reading) {
        let Some(known) = self.peers.get_mut(&peer) else { return };
        reading.pictures.withheld = u32::try_from(known.withheld.slots.len()).unwrap_or(u32::MAX);
        reading.pictures.withheld_for = Duration::from_micros(u64::try_from(known.withheld.until(now)).unwrap_or(0));
        let Some(entry) = self.sessions.get_mut(&known.session) else {
            return;
        };
        let carrier = reading.carrier;
        let gain = entry.watch.read(now, peer.0, reading.clone());
        self.totals.observe(&reading, gain);
        entry.fresh = true;
        if known.carrier.is_some() {
            self.totals.travels(known.carrier, Some(carrier));
            known.carrier = Some(carrier);
            return;
        }
        // It was taken down: this was its last word.
        let session = std::mem::take(&mut known.session);
        self.peers.remove(&peer);
        self.unless_waiting(now, &session);
    }

    /// A connection is taken down; its last word may come yet, or have come.
    pub(super) fn closed(&mut self, now: Micros, peer: PeerId) {
        if let Some(known) = self.peers.get_mut(&peer) {
            known.withheld.end(now);
            self.totals.travels(known.carrier.take(), None);
        }
    }

    /// A session is over.
    pub(super) fn ended(&mut self, now: Micros, session: &str) {
        let Some(entry) = self.sessions.get_mut(session) else { return };
        entry.watch.end(now);
        entry.fresh = true;
        entry.due = now.saturating_add(LAST_WORD);
        self.unless_waiting(now, session);
    }

    /// A session that is over and waits for no connection's last word is due.
    fn unless_waiting(&mut self, now: Micros, session: &str) {
        if let Some(entry) = self.sessions.get_mut(session)
            && entry.watch.is_over()
            && entry.peer.is_none_or(|peer| !self.peers.contains_key(&peer))
        {
            entry.due = now;
        }
    }

    /// The present connection of a session of a held call.
    pub(super) fn peer_of(&self, held_id: &str, session: &str) -> Option<PeerId> {
        let entry = self.sessions.get(session).filter(|entry| entry.watch.leg().held_id == held_id)?;
        let open = |peer: &PeerId| self.peers.get(peer).is_some_and(|known| known.carrier.is_some());
        entry.peer.filter(open)
    }

    /// At most so many records that are due. [`Book::settle`] follows for them.
    pub(super) fn take_due(&mut self, now: Micros, most: usize) -> Vec<QualityRecord> {
        let due = self
            .sessions
            .values_mut()
            .filter(|entry| entry.fresh && !entry.writing && entry.due <= now);
        due.take(most)
            .map(|entry| {
                entry.writing = true;
                entry.fresh = false;
                entry.watch.record()
            })
            .collect()
    }

    /// The records of these sessions were written, or not. What is over and written is forgotten.
    pub(super) fn settle(&mut self, now: Micros, sessions: &[String], written: bool) {
        for session in sessions {
            let Some(entry) = self.sessions.get_mut(session) else { continue };
            entry.writing = false;
            // It may have ended while an earlier state of it was written.
            let last = entry.watch.is_over() && !entry.fresh;
            if !written {
                self.totals.write_failures += 1;
                entry.fresh = true;
                entry.due = now.saturating_add(RETRY);
                continue;
            }
            self.totals.written += 1;
            if last {
                self.forget(session);
            } else if !entry.watch.is_over() {
                entry.due = now.saturating_add(EVERY);
            }
        }
    }

    /// Makes everything due that was not written.
    pub(super) fn hurry(&mut self, now: Micros) {
        for entry in self.sessions.values_mut() {
            entry.due = entry.due.min(now);
        }
    }

    /// Whether a session that is over waits for the last word of its connection.
    pub(super) fn waits(&self, now: Micros) -> bool {
        self.sessions.values().any(|entry| entry.watch.is_over() && entry.due > now)
    }

    /// Whether nothing is to be written, now or later.
    pub(super) fn is_idle(&self) -> bool {
        self.sessions.is_empty()
    }

    /// The numbers over all.
    pub(super) fn totals(&self) -> Totals {
        Totals {
            sessions: self.sessions.values().filter(|entry| !entry.watch.is_over()).count() as u64,
            ..self.totals.clone()
        }
    }

    fn forget(&mut self, session: &str) {
        self.sessions.remove(session);
        let totals = &mut self.totals;
        self.peers.retain(|_, known| {
            let keep = known.session != session;
            if !keep {
                totals.travels(known.carrier.take(), None);
            }
            keep
        });
    }

    /// False when there is none that can be.
    fn give_up_one(&mut self) -> bool {
        let over = self.sessions.iter().find(|(_, entry)| entry.watch.is_over());
        let Some(session) = over.map(|(session, _)| session.clone()) else {
            return false;
        };
        self.forget(&session);
        self.totals.unrecorded += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use app::quality::Flow;

    use super::*;

    fn leg(session: &str) -> QualityLeg {
        QualityLeg {
            session: session.to_owned(),
            held_id: "held".to_owned(),
            kind: "meeting".to_owned(),
            key: "19:meeting_x@thread.v2".to_owned(),
            raw_id: "8:acs:r_u".to_owned(),
            display_name: "Maria".to_owned(),
            person: "guest".to_owned(),
        }
    }

    fn reading(packets: u64) -> Reading {
        Reading {
            carrier: Carrier::Udp,
            round_trip: Some(Duration::from_millis(40)),
            sent: Flow {
                packets,
                bytes: packets,
                lost: 0,
            },
            ..Reading::default()
        }
    }

    /// Takes what is due and says that it was written.
    fn write(book: &mut Book, now: Micros) -> Vec<(String, u64, bool)> {
        let due = book.take_due(now, 99);
        let sessions: Vec<String> = due.iter().map(|record| record.leg.session.clone()).collect();
        book.settle(now, &sessions, true);
        let mut due: Vec<_> = due
            .into_iter()
            .map(|record| (record.leg.session, record.sent.packets, record.ended))
            .collect();
        due.sort();
        due
    }

    fn of(session: &str, packets: u64, ended: bool) -> Vec<(String, u64, bool)> {
        vec![(session.to_owned(), packets, ended)]
    }

    #[test]
    fn a_session_is_written_soon_once_a_minute_and_when_it_is_over() {
        let mut book = Book::default();
        book.opened(0, PeerId(1), leg("s"));
        assert_eq!(write(&mut book, SOON - 1), []);
        let mut writings = Vec::new();
        for at in 1..=12_i64 {
            let now = at * 10 * SECOND;
            book.read(now, PeerId(1), reading(u64::try_from(at).expect("small") * 100));
            writings.extend(write(&mut book, now).into_iter().map(|(_, packets, ended)| (packets, ended)));
        }
        assert_eq!(writings, [(100, false), (700, false)]);
        let over = 125 * SECOND;
        book.closed(0, PeerId(1));
        book.ended(over, "s");
        assert_eq!(write(&mut book, over), [], "the engine has not said its last word");
        book.read(over, PeerId(1), reading(1_250));
        assert_eq!(write(&mut book, over), of("s", 1_250, true));
        assert!(book.is_idle());
    }

    #[test]
    fn a_connection_that_says_nothing_more_is_waited_for_a_moment() {
        let mut book = Book::default();
        book.opened(0, PeerId(1), leg("never connected"));
        book.closed(0, PeerId(1));
        book.ended(SECOND, "never connected");
        assert!(book.waits(SECOND));
        assert_eq!(write(&mut book, SECOND), []);
        assert_eq!(write(&mut book, SECOND + LAST_WORD), of("never connected", 0, true));
        assert!(book.is_idle());
    }

    #[test]
    fn a_session_without_news_is_not_written_again() {
        let mut book = Book::default();
        book.opened(0, PeerId(1), leg("s"));
        assert_eq!(write(&mut book, EVERY), of("s", 0, false));
        assert_eq!(write(&mut book, 3 * EVERY), []);
        book.read(3 * EVERY, PeerId(1), reading(1));
        assert_eq!(write(&mut book, 3 * EVERY), of("s", 1, false));
    }

    #[test]
    fn what_could_not_be_written_is_tried_again_and_nothing_of_it_is_lost() {
        let mut book = Book::default();
        book.opened(0, PeerId(1), leg("s"));
        book.read(SECOND, PeerId(1), reading(100));
        book.closed(0, PeerId(1));
        book.ended(SECOND, "s");
        let now = SECOND + LAST_WORD;
        assert_eq!(book.take_due(now, 9).len(), 1);
        assert_eq!(book.take_due(now, 9).len(), 0, "it is being written");
        book.settle(now, &["s".to_owned()], false);
        assert_eq!(write(&mut book, now), []);
        assert_eq!(write(&mut book, now + RETRY), of("s", 100, true));
        assert_eq!((book.totals().write_failures, book.totals().written), (1, 1));
    }

    #[test]
    fn a_session_that_ends_while_it_is_being_written_is_written_once_more() {
        let mut book = Book::default();
        book.opened(0, PeerId(1), leg("s"));
        assert_eq!(book.take_due(EVERY, 9).len(), 1);
        book.read(EVERY, PeerId(1), reading(5));
        book.closed(0, PeerId(1));
        book.ended(EVERY, "s");
        book.settle(EVERY, &["s".to_owned()], true);
        assert!(!book.is_idle());
        assert_eq!(write(&mut book, EVERY + LAST_WORD), of("s", 5, true));
        assert!(book.is_idle());
    }

    #[test]
    fn connections_are_counted_by_how_they_travel_while_they_are_up() {
        let mut book = Book::default();
        book.opened(0, PeerId(1), leg("a"));
        book.opened(0, PeerId(2), leg("b"));
        assert_eq!(book.totals().carriers, [2, 0, 0, 0]);
        book.read(1, PeerId(1), reading(1));
        let relayed = Reading {
            carrier: Carrier::Relay,
            ..reading(1)
        };
        book.read(1, PeerId(2), relayed);
        assert_eq!((book.totals().carriers, book.totals().sessions), ([0, 1, 0, 1], 2));
        // Made anew over TCP; the old one's last word changes nothing.
        book.closed(0, PeerId(1));
        book.opened(2, PeerId(3), leg("a"));
        book.read(2, PeerId(1), reading(2));
        let tcp = Reading {
            carrier: Carrier::Tcp,
            ..reading(1)
        };
        book.read(3, PeerId(3), tcp);
        assert_eq!((book.totals().carriers, book.totals().sessions), ([0, 0, 1, 1], 2));
        for (peer, session) in [(PeerId(3), "a"), (PeerId(2), "b")] {
            book.closed(4, peer);
            book.ended(4, session);
        }
        book.hurry(4);
        write(&mut book, 4);
        assert_eq!((book.totals().carriers, book.totals().sessions), ([0; 4], 0));
        assert!(book.is_idle() && book.peers.is_empty());
    }

    #[test]
    fn the_time_in_which_something_wanted_was_withheld_is_in_the_record() {
        let mut book = Book::default();
        book.opened(0, PeerId(1), leg("s"));
        let set = |slots: &[(&str, bool)]| {
            slots
                .iter()
                .map(|(slot, withheld)| ((*slot).to_owned(), *withheld))
                .collect::<Vec<_>>()
        };
        book.withheld(10 * SECOND, PeerId(1), set(&[("3", true), ("4", false)]));
        book.withheld(12 * SECOND, PeerId(1), set(&[("4", true)]));
        book.read(15 * SECOND, PeerId(1), reading(1));
        book.withheld(16 * SECOND, PeerId(1), set(&[("3", false)]));
        // Until here one or the other was.
        book.withheld(20 * SECOND, PeerId(1), set(&[("4", false)]));
        book.read(25 * SECOND, PeerId(1), reading(2));
        book.withheld(30 * SECOND, PeerId(1), set(&[("5", true)]));
        book.closed(33 * SECOND, PeerId(1));
        book.ended(33 * SECOND, "s");
        book.read(34 * SECOND, PeerId(1), reading(3));
        let record = book.take_due(34 * SECOND, 9).pop().expect("it is due");
        let spans: Vec<u64> = record.samples.iter().map(|sample| sample.withheld_ms).collect();
        assert_eq!((record.withheld_ms, spans), (13_000, vec![5_000, 5_000, 3_000]));
        assert_eq!(book.totals().withheld_ms, 13_000);
    }

    #[test]
    fn the_connection_of_a_session_is_found_while_it_is_up_and_through_its_own_call() {
        let mut book = Book::default();
        book.opened(0, PeerId(1), leg("s"));
        assert_eq!(book.peer_of("held", "s"), Some(PeerId(1)));
        assert_eq!(book.peer_of("another", "s"), None);
        assert_eq!(book.peer_of("held", "t"), None);
        book.closed(0, PeerId(1));
        assert_eq!(book.peer_of("held", "s"), None);
        book.opened(1, PeerId(2), leg("s"));
        assert_eq!(book.peer_of("held", "s"), Some(PeerId(2)));
    }

    #[test]
    fn a_full_book_gives_up_what_is_over_and_then_takes_nothing_new() {
        let mut book = Book::default();
        for number in 0..MOST_SESSIONS as u64 {
            book.opened(0, PeerId(number), leg(&number.to_string()));
        }
        book.opened(0, PeerId(99_999), leg("too many"));
        assert_eq!((book.sessions.len(), book.totals().unrecorded), (MOST_SESSIONS, 1));
        book.ended(0, "7");
        book.opened(0, PeerId(99_998), leg("one more"));
        assert!(book.sessions.contains_key("one more") && !book.sessions.contains_key("7"));
        assert_eq!((book.sessions.len(), book.totals().unrecorded), (MOST_SESSIONS, 2));
        book.opened(0, PeerId(99_997), leg("8"));
        assert_eq!(book.totals().unrecorded, 2, "one that is watched may connect again");
    }
}

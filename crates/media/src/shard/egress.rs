//! What is to be sent at the end of a loop turn.
//!
//! Owns one contiguous arena; datagrams for one receiver that follow one another with equal sizes are one run, and many runs leave in one system call.
//! The arena is bounded: when it is full it is flushed at once. When the kernel's buffer is full, what is left is dropped and
//! counted (media that is late is worth nothing; retransmission repairs the rest).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use super::batch::{Group, MOST};
use crate::api::EngineStats;

/// The arena. When it is full it is flushed before the turn ends.
const ARENA_BYTES: usize = 1 << 17;
/// The largest UDP payload of one call.
const LONGEST_CALL_BYTES: usize = 65_000;

#[derive(Debug)]
struct Run {
    destination: SocketAddr,
    local: Option<IpAddr>,
    range: Range<usize>,
    each: usize,
    count: usize,
    /// How many runs stand before it that may be for the same receiver.
    place: u32,
    /// A shorter datagram was added, after which nothing may follow.
    ended: bool,
}

/// Where everything leaves: the socket.
pub(crate) trait Way {
    /// Sends runs of one group, as many as one call takes. Gives how many were taken.
    fn send_group<'a>(&self, group: Group, runs: impl Iterator<Item = (SocketAddr, &'a [u8])>) -> io::Result<usize>;

    /// Sends one datagram.
    fn send_one(&self, destination: SocketAddr, local: Option<IpAddr>, datagram: &[u8]) -> io::Result<()>;

    /// The network card does not take a run; it will take none.
    fn refuses_runs(&self, error: &io::Error);
}

/// The arena.
#[derive(Debug)]
pub(crate) struct Egress {
    /// Always this long; what was sent is overwritten.
    bytes: Vec<u8>,
    used: usize,
    runs: Vec<Run>,
    /// The place of the first run of whoever has a turn.
    first_place: u32,
    /// The place after all.
    next_place: u32,
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            bytes: vec![0; ARENA_BYTES],
            used: 0,
            runs: Vec::new(),
            first_place: 0,
            next_place: 0,
        }
    }
}

impl Egress {
    /// What is added from here on is for those who may have been sent something in this loop turn already: it leaves after all that.
    pub(crate) fn begin_round(&mut self) {
        self.first_place = self.next_place;
    }

    /// Adds a datagram of at most so many bytes that `write` fills in its place; it gives the length, or nothing for no datagram.
    /// The caller has seen that it [fits](Self::has_room).
    pub(crate) fn compose(
        &mut self,
        (destination, local): (SocketAddr, Option<IpAddr>),
        longest_run: usize,
        most: usize,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) {
        let start = self.used;
        let Some(length) = self.bytes.get_mut(start..start + most).and_then(write) else {
            return;
        };
        let end = start + length.min(most);
        self.used = end;
        if let Some(run) = self.runs.last_mut() {
            let fits = run.destination == destination
                && run.local == local
                && !run.ended
                && length <= run.each
                && run.count < longest_run
                && end - run.range.start <= LONGEST_CALL_BYTES;
            if fits {
                run.range.end = end;
                run.count += 1;
                run.ended = length < run.each;
                return;
            }
        }
        // Behind another run for the same receiver, or the first one for this one.
        let place = match self.runs.last() {
            Some(before) if before.destination == destination => before.place + 1,
            _ => self.first_place,
        };
        self.next_place = self.next_place.max(place + 1);
        self.runs.push(Run {
            destination,
            local,
            range: start..end,
            each: length,
            count: 1,
            place,
            ended: length == 0,
        });
    }

    /// A place of so many bytes, for something that leaves another way. The caller has seen that it [fits](Self::has_room).
    pub(crate) fn spare(&mut self, most: usize) -> &mut [u8] {
        self.bytes.get_mut(self.used..self.used + most).unwrap_or_default()
    }

    /// Adds a datagram that is no media: it leaves after all that was added before it.
    pub(crate) fn push(&mut self, to: (SocketAddr, Option<IpAddr>), longest_run: usize, contents: &[u8]) {
        self.begin_round();
        self.compose(to, longest_run, contents.len(), |place| {
            place.copy_from_slice(contents);
            Some(contents.len())
        });
    }

    /// Whether so many bytes can be added; if not it must be flushed first.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.used + bytes <= self.bytes.len()
    }

    /// Sends everything.
    pub(crate) fn flush(&mut self, way: &impl Way, stats: &mut EngineStats) {
        // The first runs of all receivers, then the second ones, and so on: what one receiver gets stays in order, or it would take the rest for lost. Among
        // those, groups one behind another.
        self.runs.sort_by_key(|run| (run.place, run.group()));
        let mut rest = self.runs.as_slice();
        while let Some(first) = rest.first() {
            let group = first.group();
            let together = rest.iter().take(MOST).take_while(|run| run.group() == group);
            let messages = together.map(|run| (run.destination, self.bytes.get(run.range.clone()).unwrap_or_default()));
            let (taken, sent) = match way.send_group(group, messages) {
                Ok(taken) => (taken.max(1), true),
                // Trying the others one by one would take long and bring nothing; what is left is dropped.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => (rest.len(), false),
                // Of a group that is refused, the first one is tried by itself: it may be the only one at fault.
                Err(error) => (1, one_by_one(way, first, &self.bytes, &error)),
            };
            let (done, left) = rest.split_at(taken.min(rest.len()));
            for run in done {
                let count = run.count as u64;
                if sent {
                    stats.datagrams_out += count;
                    stats.bytes_out += run.range.len() as u64;
                } else {
                    stats.datagrams_unsent += count;
                }
            }
            rest = left;
        }
        self.runs.clear();
        (self.first_place, self.next_place) = (0, 0);
        self.used = 0;
    }
}

impl Run {
    fn group(&self) -> Group {
        Group {
            segment: u16::try_from(self.each).ok().filter(|_| self.count > 1),
            local: self.local,
        }
    }
}

/// Sends one run after its group was refused; false when it could not be.
fn one_by_one(way: &impl Way, run: &Run, bytes: &[u8], error: &io::Error) -> bool {
    if run.count > 1 {
        way.refuses_runs(error);
    }
    let contents = bytes.get(run.range.clone()).unwrap_or_default();
    let sent = contents
        .chunks(run.each.max(1))
        .try_for_each(|datagram| way.send_one(run.destination, run.local, datagram));
    if let Err(error) = &sent {
        tracing::trace!(%error, count = run.count, "datagrams not sent");
    }
    sent.is_ok()
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::VecDeque;

    use super::*;

    fn to(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    /// Adds a datagram of media.
    fn add(egress: &mut Egress, port: u16, length: usize) {
        egress.compose((to(port), None), 64, length, |place| Some(place.len()));
    }

    fn runs(egress: &Egress) -> Vec<(u16, usize, usize)> {
        egress
            .runs
            .iter()
            .map(|run| (run.destination.port(), run.count, run.range.len()))
            .collect()
    }

    #[test]
    fn equal_datagrams_to_one_receiver_are_one_run_and_a_shorter_one_ends_it() {
        let mut egress = Egress::default();
        for length in [100, 100, 40, 40, 100] {
            egress.push((to(1), None), 64, &vec![0; length]);
        }
        assert_eq!(runs(&egress), [(1, 3, 240), (1, 1, 40), (1, 1, 100)]);
    }

    #[test]
    fn another_receiver_begins_another_run() {
        let mut egress = Egress::default();
        for port in [1, 1, 2, 1] {
            egress.push((to(port), None), 64, &[0; 10]);
        }
        assert_eq!(runs(&egress), [(1, 2, 20), (2, 1, 10), (1, 1, 10)]);
    }

    #[test]
    fn what_one_receiver_gets_stays_in_order_however_runs_are_grouped() {
        let mut egress = Egress::default();
        for (port, length) in [(1, 60), (1, 100), (1, 100), (2, 60), (2, 100), (2, 100)] {
            add(&mut egress, port, length);
        }
        egress.begin_round();
        for (port, length) in [(1, 60), (2, 60), (1, 40)] {
            add(&mut egress, port, length);
        }
        egress.runs.sort_by_key(|run| (run.place, run.group()));
        let order = [(1, 1, 60), (2, 1, 60), (1, 2, 200), (2, 2, 200), (1, 1, 60), (2, 1, 60), (1, 1, 40)];
        assert_eq!(runs(&egress), order, "the second round after all of the first");
    }

    /// Takes what it is told to take, and notes what it was asked.
    #[derive(Default)]
    struct Card {
        /// Errors of the next calls.
        refused: RefCell<VecDeque<io::ErrorKind>>,
        /// Runs of each group that was sent, and datagrams that were sent alone (0).
        sent: RefCell<Vec<usize>>,
        given_up: Cell<bool>,
    }

    impl Card {
        fn refusing(errors: impl IntoIterator<Item = io::ErrorKind>) -> Self {
            Self {
                refused: RefCell::new(errors.into_iter().collect()),
                ..Self::default()
            }
        }

        fn answer(&self) -> io::Result<()> {
            self.refused.borrow_mut().pop_front().map_or(Ok(()), |kind| Err(kind.into()))
        }
    }

    impl Way for Card {
        fn send_group<'a>(&self, _: Group, runs: impl Iterator<Item = (SocketAddr, &'a [u8])>) -> io::Result<usize> {
            self.answer()?;
            let count = runs.count();
            self.sent.borrow_mut().push(count);
            Ok(count)
        }

        fn send_one(&self, _: SocketAddr, _: Option<IpAddr>, _: &[u8]) -> io::Result<()> {
            self.answer()?;
            self.sent.borrow_mut().push(0);
            Ok(())
        }

        fn refuses_runs(&self, _: &io::Error) {
            self.given_up.set(true);
        }
    }

    /// Two runs of two datagrams, one of one.
    fn three_runs() -> Egress {
        let mut egress = Egress::default();
        for (port, length) in [(1, 100), (1, 100), (2, 100), (2, 100), (3, 60)] {
            add(&mut egress, port, length);
        }
        egress
    }

    #[test]
    fn where_a_run_is_refused_its_datagrams_go_one_by_one_and_runs_are_given_up() {
        // The group of single datagrams comes first.
        let card = Card::default();
        let mut stats = EngineStats::default();
        three_runs().flush(&card, &mut stats);
        assert_eq!((card.sent.borrow().clone(), card.given_up.get()), (vec![1, 2], false));
        assert_eq!((stats.datagrams_out, stats.datagrams_unsent), (5, 0));
        let mut egress = three_runs();
        egress.runs.retain(|run| run.count > 1);
        let card = Card::refusing([io::ErrorKind::Other]);
        let mut stats = EngineStats::default();
        egress.flush(&card, &mut stats);
        assert_eq!((card.sent.borrow().clone(), card.given_up.get()), (vec![0, 0, 1], true));
        assert_eq!((stats.datagrams_out, stats.datagrams_unsent), (4, 0));
    }

    #[test]
    fn when_the_buffer_of_the_kernel_is_full_the_rest_is_dropped_at_once() {
        let card = Card::refusing([io::ErrorKind::WouldBlock]);
        let mut stats = EngineStats::default();
        three_runs().flush(&card, &mut stats);
        assert!(card.sent.borrow().is_empty());
        assert_eq!((stats.datagrams_out, stats.datagrams_unsent), (0, 5));
        assert!(!card.given_up.get());
    }

    #[test]
    fn what_is_no_media_leaves_after_what_was_added_before_it() {
        let mut egress = Egress::default();
        for (port, length) in [(1, 100), (1, 100), (2, 100), (2, 100)] {
            add(&mut egress, port, length);
        }
        egress.push((to(1), None), 64, &[0; 50]);
        egress.push((to(2), None), 64, &[0; 50]);
        add(&mut egress, 1, 40);
        egress.runs.sort_by_key(|run| (run.place, run.group()));
        let order = [(1, 2, 200), (2, 2, 200), (1, 1, 50), (2, 1, 50), (1, 1, 40)];
        assert_eq!(runs(&egress), order);
    }

    #[test]
    fn a_run_is_no_longer_than_the_system_takes() {
        let mut egress = Egress::default();
        for _ in 0..5 {
            egress.push((to(1), None), 2, &[0; 10]);
        }
        assert_eq!(runs(&egress), [(1, 2, 20), (1, 2, 20), (1, 1, 10)]);
    }
}

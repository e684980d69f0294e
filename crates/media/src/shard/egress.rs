//! What is to be sent at the end of a loop turn.
//!
//! Owns one contiguous arena; datagrams for one receiver that follow one another with equal sizes leave in one system call.
//! The arena is bounded: when it is full it is flushed at once. When the kernel's buffer is full, what is left is dropped and
//! counted (media that is late is worth nothing; retransmission repairs the rest).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use super::socket::Socket;
use crate::api::EngineStats;

/// The arena. When it is full it is flushed before the turn ends.
const ARENA_BYTES: usize = 1 << 20;
/// The largest UDP payload of one call.
const LONGEST_CALL_BYTES: usize = 65_000;

#[derive(Debug)]
struct Run {
    destination: SocketAddr,
    local: Option<IpAddr>,
    range: Range<usize>,
    each: usize,
    count: usize,
    /// A shorter datagram was added, after which nothing may follow.
    ended: bool,
}

/// The arena.
#[derive(Debug)]
pub(crate) struct Egress {
    /// Always this long; what was sent is overwritten.
    bytes: Vec<u8>,
    used: usize,
    runs: Vec<Run>,
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            bytes: vec![0; ARENA_BYTES],
            used: 0,
            runs: Vec::new(),
        }
    }
}

impl Egress {
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
        self.runs.push(Run {
            destination,
            local,
            range: start..end,
            each: length,
            count: 1,
            ended: length == 0,
        });
    }

    /// Adds a datagram.
    pub(crate) fn push(&mut self, to: (SocketAddr, Option<IpAddr>), longest_run: usize, contents: &[u8]) {
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
    pub(crate) fn flush(&mut self, socket: &Socket, stats: &mut EngineStats) {
        for run in self.runs.drain(..) {
            let Some(contents) = self.bytes.get(run.range.clone()) else {
                continue;
            };
            let count = run.count as u64;
            match send(socket, &run, contents) {
                Ok(()) => {
                    stats.datagrams_out += count;
                    stats.bytes_out += contents.len() as u64;
                }
                Err(error) => {
                    stats.datagrams_unsent += count;
                    tracing::trace!(%error, count, "datagrams not sent");
                }
            }
        }
        self.used = 0;
    }
}

/// A network card may refuse runs; then the datagrams go one by one.
fn send(socket: &Socket, run: &Run, contents: &[u8]) -> io::Result<()> {
    match socket.send(run.destination, run.local, contents, run.each) {
        Err(error) if run.count > 1 && error.kind() != io::ErrorKind::WouldBlock => {
            for datagram in contents.chunks(run.each) {
                socket.send(run.destination, run.local, datagram, run.each)?;
            }
            Ok(())
        }
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
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
    fn a_run_is_no_longer_than_the_system_takes() {
        let mut egress = Egress::default();
        for _ in 0..5 {
            egress.push((to(1), None), 2, &[0; 10]);
        }
        assert_eq!(runs(&egress), [(1, 2, 20), (1, 2, 20), (1, 1, 10)]);
    }
}

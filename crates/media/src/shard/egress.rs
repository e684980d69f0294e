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

/// A full arena is flushed before the turn ends.
const FULL_BYTES: usize = 1 << 20;
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
#[derive(Debug, Default)]
pub(crate) struct Egress {
    bytes: Vec<u8>,
    runs: Vec<Run>,
}

impl Egress {
    /// Adds a datagram.
    pub(crate) fn push(&mut self, destination: SocketAddr, local: Option<IpAddr>, contents: &[u8], longest_run: usize) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(contents);
        let end = self.bytes.len();
        if let Some(run) = self.runs.last_mut() {
            let fits = run.destination == destination
                && run.local == local
                && !run.ended
                && contents.len() <= run.each
                && run.count < longest_run
                && end - run.range.start <= LONGEST_CALL_BYTES;
            if fits {
                run.range.end = end;
                run.count += 1;
                run.ended = contents.len() < run.each;
                return;
            }
        }
        self.runs.push(Run {
            destination,
            local,
            range: start..end,
            each: contents.len(),
            count: 1,
            ended: contents.is_empty(),
        });
    }

    /// Whether it must be flushed before more is added.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= FULL_BYTES
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
        self.bytes.clear();
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
            egress.push(to(1), None, &vec![0; length], 64);
        }
        assert_eq!(runs(&egress), [(1, 3, 240), (1, 1, 40), (1, 1, 100)]);
    }

    #[test]
    fn another_receiver_begins_another_run() {
        let mut egress = Egress::default();
        for port in [1, 1, 2, 1] {
            egress.push(to(port), None, &[0; 10], 64);
        }
        assert_eq!(runs(&egress), [(1, 2, 20), (2, 1, 10), (1, 1, 10)]);
    }

    #[test]
    fn a_run_is_no_longer_than_the_system_takes() {
        let mut egress = Egress::default();
        for _ in 0..5 {
            egress.push(to(1), None, &[0; 10], 2);
        }
        assert_eq!(runs(&egress), [(1, 2, 20), (1, 2, 20), (1, 1, 10)]);
    }
}

//! What is counted, for metrics and tests.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters since the start, and what is held now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Allocations held now.
    pub allocations: u64,
    /// TCP connections held now.
    pub connections: u64,
    /// TCP connections closed at once because there was no place for them.
    pub connections_refused: u64,
    /// Requests over UDP that were not answered because their source had used up its share.
    pub requests_unanswered: u64,
    /// Datagrams handed to the engine.
    pub datagrams_in: u64,
    /// Their bytes.
    pub bytes_in: u64,
    /// Datagrams of the engine sent towards clients.
    pub datagrams_out: u64,
    /// Their bytes.
    pub bytes_out: u64,
    /// Datagrams of clients that the engine had no place for, or that came too fast.
    pub dropped_in: u64,
    /// Datagrams of the engine that were not sent: the client read too slowly, or had no permission for them.
    pub dropped_out: u64,
}

/// The same, while they count.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) connections_refused: Counter,
    pub(super) requests_unanswered: Counter,
    pub(super) datagrams_in: Counter,
    pub(super) bytes_in: Counter,
    pub(super) datagrams_out: Counter,
    pub(super) bytes_out: Counter,
    pub(super) dropped_in: Counter,
    pub(super) dropped_out: Counter,
}

/// One counter.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, more: usize) {
        self.0.fetch_add(u64::try_from(more).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    /// A datagram of a client, and whether the engine took it.
    pub(super) fn handed(&self, bytes: usize, taken: bool) {
        if taken {
            self.datagrams_in.add(1);
            self.bytes_in.add(bytes);
        } else {
            self.dropped_in.add(1);
        }
    }

    pub(super) fn read(&self, allocations: usize, connections: usize) -> Stats {
        let number = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        Stats {
            allocations: number(allocations),
            connections: number(connections),
            connections_refused: self.connections_refused.get(),
            requests_unanswered: self.requests_unanswered.get(),
            datagrams_in: self.datagrams_in.get(),
            bytes_in: self.bytes_in.get(),
            datagrams_out: self.datagrams_out.get(),
            bytes_out: self.bytes_out.get(),
            dropped_in: self.dropped_in.get(),
            dropped_out: self.dropped_out.get(),
        }
    }
}

//! What waits for a client of a stream: bounded in bytes, media also in time; the oldest media goes first.
//!
//! Whole units are dropped, never parts: what has begun to be written is written to its end. Pure; time is an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Buf as _, BytesMut};

use crate::frame::Content;

/// Bytes handed to the socket at a time. What is there can no longer be dropped.
const CHUNK: usize = 16 * 1024;

/// One message or frame.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) bytes: Vec<u8>,
    pub(super) content: Content,
}

/// The queue of one client.
#[derive(Debug)]
pub(super) struct Queue {
    /// Sent before any media: ICE and DTLS keep the connection, and answers keep the allocation.
    control: VecDeque<Vec<u8>>,
    media: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
    chunk: BytesMut,
    most_bytes: usize,
    media_age: Duration,
}

impl Queue {
    pub(super) fn new(most_bytes: usize, media_age: Duration) -> Self {
        Self {
            control: VecDeque::new(),
            media: VecDeque::new(),
            bytes: 0,
            chunk: BytesMut::new(),
            most_bytes,
            media_age,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.chunk.is_empty() && self.control.is_empty() && self.media.is_empty()
    }

    /// Adds a unit and says how many were dropped for it: the oldest media first, then the oldest of the rest.
    pub(super) fn push(&mut self, now: Instant, unit: Unit) -> usize {
        if unit.bytes.len() > self.most_bytes {
            return 1;
        }
        let mut dropped = 0;
        while self.bytes + unit.bytes.len() > self.most_bytes {
            let Some(oldest) = self.media.pop_front().map(|(_, bytes)| bytes).or_else(|| self.control.pop_front()) else {
                break;
            };
            self.bytes -= oldest.len();
            dropped += 1;
        }
        self.bytes += unit.bytes.len();
        match unit.content {
            Content::Control => self.control.push_back(unit.bytes),
            Content::Media => self.media.push_back((now, unit.bytes)),
        }
        dropped
    }

    /// Prepares bytes to be written, and says how much media was dropped because it is late.
    pub(super) fn fill(&mut self, now: Instant) -> usize {
        let mut late = 0;
        while self.chunk.len() < CHUNK {
            let unit = match self.control.pop_front() {
                Some(unit) => unit,
                None => match self.media.pop_front() {
                    Some((since, unit)) if now.saturating_duration_since(since) > self.media_age => {
                        self.bytes -= unit.len();
                        late += 1;
                        continue;
                    }
                    Some((_, unit)) => unit,
                    None => break,
                },
            };
            self.bytes -= unit.len();
            self.chunk.extend_from_slice(&unit);
        }
        late
    }

    /// The bytes to be written next.
    pub(super) fn chunk(&self) -> &[u8] {
        &self.chunk
    }

    /// So many of them were.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.chunk.advance(bytes.min(self.chunk.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_secs(1);

    fn media(byte: u8, length: usize) -> Unit {
        Unit {
            bytes: vec![byte; length],
            content: Content::Media,
        }
    }

    fn control(byte: u8, length: usize) -> Unit {
        Unit {
            bytes: vec![byte; length],
            content: Content::Control,
        }
    }

    fn drained(queue: &mut Queue, now: Instant) -> Vec<u8> {
        let mut out = Vec::new();
        while !queue.is_empty() {
            queue.fill(now);
            out.extend(queue.chunk());
            let all = queue.chunk().len();
            queue.wrote(all);
        }
        out
    }

    #[test]
    fn what_fits_is_sent_in_order_and_control_before_media() {
        let now = Instant::now();
        let mut queue = Queue::new(100, AGE);
        for unit in [media(1, 2), control(2, 2), media(3, 2), control(4, 2)] {
            assert_eq!(queue.push(now, unit), 0);
        }
        assert_eq!(drained(&mut queue, now), [2, 2, 4, 4, 1, 1, 3, 3]);
        assert_eq!(queue.bytes, 0);
    }

    #[test]
    fn the_oldest_media_makes_room_and_then_the_oldest_of_the_rest() {
        let now = Instant::now();
        let mut queue = Queue::new(10, AGE);
        for unit in [control(1, 2), media(2, 4), media(3, 4)] {
            queue.push(now, unit);
        }
        assert_eq!(queue.push(now, media(4, 3)), 1);
        assert_eq!(queue.push(now, control(5, 1)), 0);
        assert_eq!(queue.push(now, control(6, 6)), 2);
        assert_eq!(queue.push(now, control(7, 3)), 1);
        assert_eq!(drained(&mut queue, now), [vec![5], vec![6; 6], vec![7; 3]].concat());
    }

    #[test]
    fn what_never_fits_is_dropped_and_drops_nothing_else() {
        let now = Instant::now();
        let mut queue = Queue::new(10, AGE);
        queue.push(now, media(1, 10));
        assert_eq!(queue.push(now, control(2, 11)), 1);
        assert_eq!(drained(&mut queue, now), vec![1; 10]);
    }

    #[test]
    fn media_that_waited_too_long_is_dropped_and_control_is_not() {
        let now = Instant::now();
        let mut queue = Queue::new(100, AGE);
        queue.push(now, media(1, 1));
        queue.push(now, control(2, 1));
        queue.push(now + AGE, media(3, 1));
        assert_eq!(queue.fill(now + AGE + Duration::from_millis(1)), 1);
        assert_eq!(drained(&mut queue, now + AGE), [2, 3]);
    }

    #[test]
    fn what_has_begun_to_be_written_is_written_to_its_end() {
        let now = Instant::now();
        let mut queue = Queue::new(10, AGE);
        queue.push(now, media(1, 5));
        queue.fill(now);
        queue.wrote(2);
        assert_eq!(queue.push(now, media(2, 10)), 0);
        assert_eq!(drained(&mut queue, now), [vec![1; 3], vec![2; 10]].concat());
    }

    #[test]
    fn one_chunk_is_handed_over_at_a_time() {
        let now = Instant::now();
        let mut queue = Queue::new(100_000, AGE);
        for _ in 0..50 {
            queue.push(now, media(1, 1000));
        }
        queue.fill(now);
        assert!((CHUNK..CHUNK + 1000).contains(&queue.chunk().len()));
        // What still waits can still be dropped.
        assert_eq!(queue.push(now, media(2, 99_000)), 32);
    }
}

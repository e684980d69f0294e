//! The packets of one stream since its last key frame, for those who begin to receive it: with them they see a picture at once, and the publisher is not
//! asked for another key frame.
//!
//! Holds handles, not copies. Bounded by count, bytes and age; when it overflows it is worth nothing until the next key frame. Invariant: when it is
//! whole, it begins with the first packet of a key frame, and every packet that came since is in it, in order.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::keyframes::SPACING;
use super::packet::{Handle, Packet};

/// Packets kept: a key frame of a large picture and what follows it for as long as it is of use, at some 4 Mbit/s.
const MOST: usize = 320;
const MOST_BYTES: usize = 400_000;
/// Age of the key frame beyond which a fresh one is better than all that must be held, sent and decoded behind the old one: publishers may be asked for
/// another one, since this one was asked for earlier than it came.
const AGE: Duration = SPACING;

/// The packets.
#[derive(Debug)]
pub(crate) struct Recent<C> {
    packets: VecDeque<C>,
    bytes: usize,
    /// When the key frame came; nothing while there is none.
    since: Option<Instant>,
    stream: u32,
    highest: Option<u64>,
}

impl<C> Default for Recent<C> {
    fn default() -> Self {
        Self {
            packets: VecDeque::new(),
            bytes: 0,
            since: None,
            stream: 0,
            highest: None,
        }
    }
}

impl<C: Handle> Recent<C> {
    /// Takes a packet of the stream.
    pub(crate) fn push(&mut self, now: Instant, handle: &C) {
        let packet = handle.packet();
        if packet.empty {
            return;
        }
        if self.stream != packet.stream {
            self.clear();
            self.stream = packet.stream;
            self.highest = None;
        }
        let newest = self.highest.is_none_or(|highest| packet.seq > highest);
        self.highest = self.highest.max(Some(packet.seq));
        let first = self.packets.front().map(|first| *first.packet());
        if packet.keyframe && !first.is_some_and(|first| first.keyframe && first.timestamp == packet.timestamp) {
            if newest {
                self.clear();
            } else if self.since.is_none() || first.is_some_and(|first| packet.seq < first.seq) {
                // What followed it is not here, or something newer is.
                return;
            }
            // One that comes late has what followed it behind it.
            while self.packets.front().is_some_and(|first| first.packet().seq < packet.seq) {
                self.drop_first();
            }
            self.since = Some(now);
        } else if first.is_none_or(|first| packet.seq < first.seq && !packet.keyframe) {
            return;
        }
        let is_over = self.packets.len() >= MOST || self.bytes + usize::from(packet.bytes) > MOST_BYTES;
        if is_over || !self.is_young(now) {
            self.clear();
            return;
        }
        self.bytes += usize::from(packet.bytes);
        let after = self
            .packets
            .iter()
            .rev()
            .take_while(|other| other.packet().seq > packet.seq)
            .count();
        self.packets.insert(self.packets.len() - after, handle.clone());
    }

    fn drop_first(&mut self) {
        if let Some(first) = self.packets.pop_front() {
            self.bytes -= usize::from(first.packet().bytes).min(self.bytes);
        }
    }

    fn is_young(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| now.saturating_duration_since(since) <= AGE)
    }

    /// Lets go of everything.
    pub(crate) fn clear(&mut self) {
        self.packets.clear();
        self.bytes = 0;
        self.since = None;
    }

    /// The packets, when somebody can begin with them now; from the first of a key frame.
    pub(crate) fn whole(&self, now: Instant) -> Option<impl Iterator<Item = &C> + Clone> {
        (self.is_young(now) && !self.packets.is_empty()).then(|| self.packets.iter())
    }

    /// The newest packet.
    pub(crate) fn newest(&self) -> Option<&Packet> {
        self.packets.back().map(Handle::packet)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Line;
    use super::super::layers::Layer;
    use super::super::packet::Codec;
    use super::super::tests::Sent;
    use super::*;

    fn sent(seq: u64, keyframe: bool, bytes: u16) -> Sent {
        Sent(Packet {
            seq,
            timestamp: seq as u32 * 10,
            keyframe,
            bytes,
            ..Packet::plain(Line(1), Layer(0), Codec::Vp8)
        })
    }

    fn of(now: Instant, packets: impl IntoIterator<Item = (u64, bool)>) -> Recent<Sent> {
        let mut recent = Recent::default();
        for (seq, keyframe) in packets {
            recent.push(now, &sent(seq, keyframe, 100));
        }
        recent
    }

    fn seqs(recent: &Recent<Sent>, now: Instant) -> Option<Vec<u64>> {
        Some(recent.whole(now)?.map(|sent| sent.0.seq).collect())
    }

    #[test]
    fn it_is_whole_from_a_key_frame_on_and_begins_anew_with_the_next() {
        let now = Instant::now();
        assert_eq!(seqs(&of(now, [(1, false), (2, false)]), now), None);
        assert_eq!(seqs(&of(now, [(1, false), (2, true), (3, false)]), now), Some(vec![2, 3]));
        assert_eq!(
            seqs(&of(now, [(2, true), (3, false), (4, true), (5, false)]), now),
            Some(vec![4, 5])
        );
    }

    #[test]
    fn what_comes_late_finds_its_place() {
        let now = Instant::now();
        assert_eq!(seqs(&of(now, [(2, true), (4, false), (3, false)]), now), Some(vec![2, 3, 4]));
        assert_eq!(
            seqs(&of(now, [(2, true), (1, false)]), now),
            Some(vec![2]),
            "from before the key frame"
        );
        assert_eq!(
            seqs(&of(now, [(2, true), (3, false), (5, false), (4, true)]), now),
            Some(vec![4, 5]),
            "the key frame itself, and what followed it is there"
        );
        assert_eq!(
            seqs(&of(now, [(5, false), (4, true)]), now),
            None,
            "the key frame itself, and what followed it is not"
        );
        assert_eq!(
            seqs(&of(now, [(5, false), (4, true), (6, true)]), now),
            Some(vec![6]),
            "but the next one is as good as any"
        );
    }

    #[test]
    fn a_key_frame_in_several_parts_that_could_begin_it_is_one() {
        let now = Instant::now();
        let mut recent = Recent::default();
        for seq in [1, 2] {
            let mut part = sent(seq, true, 100);
            part.0.timestamp = 7;
            recent.push(now, &part);
        }
        assert_eq!(seqs(&recent, now), Some(vec![1, 2]));
    }

    #[test]
    fn when_it_overflows_it_is_worth_nothing_until_the_next_key_frame() {
        let now = Instant::now();
        let most = MOST as u64;
        let mut recent = of(now, (0..most).map(|seq| (seq, seq == 0)));
        assert!(recent.whole(now).is_some());
        recent.push(now, &sent(most, false, 100));
        assert!(recent.whole(now).is_none());
        recent.push(now, &sent(most + 1, false, 100));
        recent.push(now, &sent(most + 2, true, 100));
        assert_eq!(seqs(&recent, now), Some(vec![most + 2]));
        for seq in most + 3..most + 3 + 300 {
            recent.push(now, &sent(seq, false, 1_500));
            assert!(recent.bytes <= MOST_BYTES && recent.packets.len() <= MOST);
        }
        assert!(recent.whole(now).is_none(), "too many bytes");
    }

    #[test]
    fn an_old_key_frame_is_worth_nothing() {
        let now = Instant::now();
        let mut recent = of(now, [(1, true)]);
        assert!(recent.whole(now + AGE).is_some());
        assert!(recent.whole(now + AGE + Duration::from_millis(1)).is_none());
        recent.push(now + AGE * 2, &sent(2, false, 100));
        assert!(recent.packets.is_empty(), "and is held no longer");
    }

    #[test]
    fn another_stream_begins_with_its_own_key_frame() {
        let now = Instant::now();
        let mut recent = of(now, [(100, true)]);
        let mut other = sent(5, false, 100);
        other.0.stream = 9;
        recent.push(now, &other);
        assert!(recent.whole(now).is_none());
        other.0.seq = 6;
        other.0.keyframe = true;
        recent.push(now, &other);
        assert_eq!(seqs(&recent, now), Some(vec![6]));
    }
}

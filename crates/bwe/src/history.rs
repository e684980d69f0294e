//! What was sent lately and what became of it.
//!
//! Owns one word of 32 bits for each packet: when it left (16 bits, in units of 128 µs), its size (11 bits), the probe it belongs to (3 bits) and its
//! fate (2 bits). The sequence number is the place in the ring. Not here: what follows from a fate (`estimator`).
//!
//! Invariants: the numbers in the ring are without gaps; no packet in it is older than two horizons when it is looked at, so that 16 bits are enough
//! to know when it left (`a_packet_is_remembered_with_its_time`). Bounded by [`CAPACITY`]: when it is full, the oldest packet is forgotten and
//! feedback about it no longer counts. The ring grows by doubling up to there, so a receiver of little never pays for much.

/// Most packets remembered: three seconds of 1,300 packets a second.
pub(crate) const CAPACITY: usize = 4_096;
const FIRST_CAPACITY: usize = 256;

/// Packets older than this are forgotten: feedback that late says nothing about now.
const HORIZON_TICKS: u64 = 3_000_000 / TICK_US;
const TICK_US: u64 = 128;

/// Numbers that the caller skipped are filled with nothing up to here; after a greater jump the history starts anew.
const MAX_SKIP: u64 = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing was said about it yet.
    InFlight,
    Received,
    /// Said not to have arrived; it may still be said to have arrived late.
    Missing,
    /// The feedback that would have named it was lost.
    Untold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) sent_us: i64,
    pub(crate) bytes: u32,
    /// 0: none.
    pub(crate) cluster: u8,
    pub(crate) fate: Fate,
}

/// What became of packets that are old enough to be judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) received: u32,
    pub(crate) lost: u32,
    pub(crate) bytes: u64,
}

#[derive(Debug)]
pub(crate) struct History {
    /// Its length is a power of two.
    ring: Vec<u32>,
    oldest: u64,
    next: u64,
    /// Packets before this one were judged.
    judged: u64,
    /// When the newest packet left.
    last_tick: u64,
}

impl History {
    pub(crate) fn new() -> Self {
        Self {
            ring: vec![0; FIRST_CAPACITY],
            oldest: 0,
            next: 0,
            judged: 0,
            last_tick: 0,
        }
    }

    /// Bytes on the heap.
    pub(crate) fn heap(&self) -> usize {
        self.ring.len() * size_of::<u32>()
    }

    /// The number after the newest packet.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.oldest = self.next;
        self.judged = self.next;
    }

    /// Notes a packet. Numbers grow; one that does not is not noted, nor is the last number there is.
    pub(crate) fn push(&mut self, now_us: i64, seq: u64, bytes: u32, cluster: u8) {
        if seq == u64::MAX {
            return;
        }
        let tick = (now_us.max(0) as u64 / TICK_US).max(self.last_tick);
        if self.oldest == self.next || seq > self.next.saturating_add(MAX_SKIP) || tick - self.last_tick > HORIZON_TICKS {
            if seq < self.next {
                return;
            }
            self.oldest = seq;
            self.next = seq;
            self.judged = seq;
        }
        if seq < self.next {
            return;
        }
        self.last_tick = tick;
        while self.next < seq {
            self.append(Word::new(tick, 0, 0, Fate::Untold));
        }
        self.append(Word::new(tick, bytes, cluster, Fate::InFlight));
        while self.oldest + 1 < self.next && self.age(self.word(self.oldest)) > HORIZON_TICKS {
            self.oldest += 1;
        }
    }

    fn append(&mut self, word: Word) {
        if self.next - self.oldest == self.ring.len() as u64 {
            if self.ring.len() < CAPACITY {
                self.grow();
            } else {
                self.oldest += 1;
            }
        }
        let at = self.place(self.next);
        if let Some(slot) = self.ring.get_mut(at) {
            *slot = word.0;
        }
        self.next += 1;
    }

    fn grow(&mut self) {
        let mut larger = vec![0; self.ring.len() * 2];
        let mask = larger.len() - 1;
        for seq in self.oldest..self.next {
            if let Some(slot) = larger.get_mut(seq as usize & mask) {
                *slot = self.word(seq).0;
            }
        }
        self.ring = larger;
    }

    fn place(&self, seq: u64) -> usize {
        seq as usize & (self.ring.len() - 1)
    }

    fn word(&self, seq: u64) -> Word {
        Word(self.ring.get(self.place(seq)).copied().unwrap_or(0))
    }

    /// How long before the newest packet this one left, in ticks.
    fn age(&self, word: Word) -> u64 {
        u64::from((self.last_tick as u16).wrapping_sub(word.tick()))
    }

    /// The whole number behind the 16 bits of a packet that is remembered.
    pub(crate) fn unwrap(&self, seq: u16) -> Option<u64> {
        let newest = self.next.checked_sub(1)?;
        let back = (newest as u16).wrapping_sub(seq);
        let seq = newest.checked_sub(u64::from(back))?;
        (seq >= self.oldest && seq < self.next).then_some(seq)
    }

    pub(crate) fn get(&self, seq: u64) -> Option<Packet> {
        if seq < self.oldest || seq >= self.next {
            return None;
        }
        let word = self.word(seq);
        Some(Packet {
            sent_us: self.last_tick.saturating_sub(self.age(word)).saturating_mul(TICK_US) as i64,
            bytes: word.bytes(),
            cluster: word.cluster(),
            fate: word.fate(),
        })
    }

    pub(crate) fn set(&mut self, seq: u64, fate: Fate) {
        if seq < self.oldest || seq >= self.next {
            return;
        }
        let at = self.place(seq);
        if let Some(slot) = self.ring.get_mut(at) {
            *slot = Word(*slot).with(fate).0;
        }
    }

    /// Marks those of `from..to` about which nothing was said as untold, and gives their bytes.
    pub(crate) fn untold(&mut self, from: u64, to: u64) -> u32 {
        let mut bytes = 0_u32;
        for seq in from.max(self.oldest)..to.min(self.next) {
            if let Some(packet) = self.get(seq)
                && packet.fate == Fate::InFlight
            {
                self.set(seq, Fate::Untold);
                bytes = bytes.saturating_add(packet.bytes);
            }
        }
        bytes
    }

    /// Judges the packets that left before this time and were not judged before: each once. Those of which nothing was said count as neither.
    pub(crate) fn judge(&mut self, before_us: i64) -> Judged {
        let mut judged = Judged::default();
        self.judged = self.judged.max(self.oldest);
        while let Some(packet) = self.get(self.judged) {
            if packet.sent_us >= before_us {
                break;
            }
            self.judged += 1;
            match packet.fate {
                Fate::Received => judged.received += 1,
                Fate::Missing => judged.lost += 1,
                Fate::InFlight | Fate::Untold => {}
            }
            judged.bytes += u64::from(packet.bytes);
        }
        judged
    }
}

/// Tick, size, cluster and fate, from the highest bits to the lowest.
#[derive(Clone, Copy)]
struct Word(u32);

const BYTES_MAX: u32 = 0x7ff;

impl Word {
    fn new(tick: u64, bytes: u32, cluster: u8, fate: Fate) -> Self {
        let low = bytes.min(BYTES_MAX) << 5 | u32::from(cluster & 7) << 2;
        Self((tick as u32 & 0xffff) << 16 | low).with(fate)
    }

    fn with(self, fate: Fate) -> Self {
        let fate = match fate {
            Fate::InFlight => 0,
            Fate::Received => 1,
            Fate::Missing => 2,
            Fate::Untold => 3,
        };
        Self(self.0 & !3 | fate)
    }

    fn tick(self) -> u16 {
        (self.0 >> 16) as u16
    }

    fn bytes(self) -> u32 {
        self.0 >> 5 & BYTES_MAX
    }

    fn cluster(self) -> u8 {
        (self.0 >> 2 & 7) as u8
    }

    fn fate(self) -> Fate {
        match self.0 & 3 {
            0 => Fate::InFlight,
            1 => Fate::Received,
            2 => Fate::Missing,
            _ => Fate::Untold,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_packet_is_remembered_with_its_time() {
        let mut history = History::new();
        for n in 0..5_000_u64 {
            history.push(n as i64 * 1_000, 70_000 + n, 1_200, (n % 8) as u8);
        }
        for seq in 72_000..75_000_u64 {
            let packet = history.get(seq).unwrap();
            assert!((packet.sent_us - (seq as i64 - 70_000) * 1_000).abs() <= TICK_US as i64);
            assert_eq!(
                (packet.bytes, packet.cluster, packet.fate),
                (1_200, ((seq - 70_000) % 8) as u8, Fate::InFlight)
            );
            assert_eq!(history.unwrap(seq as u16), Some(seq));
        }
        assert_eq!(history.get(71_900), None, "older than three seconds");
        assert_eq!(history.get(75_000), None, "never sent");
        assert_eq!(history.unwrap(75_000_u64 as u16), None);
    }

    #[test]
    fn a_full_ring_forgets_the_oldest() {
        let mut history = History::new();
        for seq in 0..10_000_u64 {
            history.push(seq as i64, seq, 100, 0);
        }
        assert_eq!(history.heap(), CAPACITY * 4);
        assert!(history.get(9_999 - CAPACITY as u64).is_none());
        assert!(history.get(10_000 - CAPACITY as u64).is_some());
    }

    #[test]
    fn a_long_silence_forgets_all_and_a_short_one_nothing() {
        let mut history = History::new();
        history.push(0, 5, 100, 0);
        history.push(2_900_000, 6, 100, 0);
        assert!(history.get(5).is_some());
        history.push(60_000_000, 7, 100, 0);
        assert!(history.get(6).is_none());
        assert_eq!(history.get(7).unwrap().sent_us, 60_000_000);
    }

    #[test]
    fn skipped_numbers_hold_nothing_and_old_numbers_change_nothing() {
        let mut history = History::new();
        history.push(0, 10, 100, 0);
        history.push(1_000, 14, 100, 0);
        assert_eq!(history.get(12).unwrap().bytes, 0);
        history.push(2_000, 3, 900, 0);
        history.push(2_000, 12, 900, 0);
        assert_eq!(history.get(12).unwrap().bytes, 0);
        history.push(3_000, 1_000_000, 100, 0);
        assert!(history.get(14).is_none());
        assert!(history.get(1_000_000).is_some());
    }

    #[test]
    fn each_packet_is_judged_once_by_what_was_said_last() {
        let mut history = History::new();
        for seq in 0..10_u64 {
            history.push(seq as i64 * 10_000, seq, 100, 0);
        }
        history.set(0, Fate::Missing);
        history.set(0, Fate::Received);
        history.set(1, Fate::Missing);
        assert_eq!(history.untold(0, 5), 300);
        let first = history.judge(45_000);
        assert_eq!((first.received, first.lost, first.bytes), (1, 1, 500));
        assert_eq!(history.judge(45_000), Judged::default());
    }

    proptest! {
        #[test]
        fn whatever_is_noted_is_found_under_its_number(
            start in 0..200_000_u64,
            steps in prop::collection::vec((1..40_u64, 0..30_000_i64, 0..3_000_u32), 1..600),
        ) {
            let mut history = History::new();
            let (mut seq, mut now) = (start, 0);
            for (step, pause, bytes) in steps {
                history.push(now, seq, bytes, 3);
                let packet = history.get(seq).unwrap();
                prop_assert!((packet.sent_us - now).abs() <= TICK_US as i64);
                prop_assert_eq!(packet.bytes, bytes.min(BYTES_MAX));
                prop_assert_eq!(history.unwrap(seq as u16), Some(seq));
                seq += step;
                now += pause;
            }
        }

        #[test]
        fn no_number_finds_what_was_not_sent(seq: u16, count in 1..500_u64, start in 0..70_000_u64) {
            let mut history = History::new();
            for n in 0..count {
                history.push(n as i64, start + n, 1, 0);
            }
            if let Some(found) = history.unwrap(seq) {
                prop_assert!(found >= start && found < start + count && found as u16 == seq);
            }
        }
    }
}

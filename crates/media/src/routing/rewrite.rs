//! Makes one continuous stream out of pieces of others: sequence numbers, timestamps and VP8 picture numbers as a receiver
//! of one slot sees them.
//!
//! Owns the numbers of one slot. Not here: when to change the source (`publication`), the SSRC (constant for a slot, `peer`).
//! Invariants: output sequence numbers of new packets grow; a gap in the source stays a gap of the same size, so that
//! loss repair works end to end; a change of source leaves no gap; the timestamp never runs backwards at a change.
//! The first number is small, since a receiver cannot know a rollover count it was not told.

use std::time::Instant;

/// What the rewriter needs to know of a packet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    /// Extended sequence number of the source.
    pub(crate) seq: u64,
    /// RTP timestamp of the source.
    pub(crate) timestamp: u32,
    /// VP8 picture number.
    pub(crate) picture: Option<u16>,
    /// VP8 base layer picture index.
    pub(crate) tl0: Option<u8>,
}

/// The numbers of one slot.
#[derive(Debug, Clone)]
pub(crate) struct Rewriter {
    clock_rate: u32,
    synced: bool,
    /// Packets of the source below this one belong to the time before it was forwarded.
    floor: u64,
    highest_in: u64,
    seq_offset: i64,
    timestamp_offset: u32,
    picture_offset: u16,
    tl0_offset: u8,
    last: Option<Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    numbers: Numbers,
    at: Instant,
}

const FIRST_SEQ: u64 = 1;
const PICTURE_MASK: u16 = 0x7fff;
/// Least distance of timestamps over a change of source, in fractions of a second.
const LEAST_STEP: u32 = 100;

impl Rewriter {
    pub(crate) fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            synced: false,
            floor: 0,
            highest_in: 0,
            seq_offset: 0,
            timestamp_offset: 0,
            picture_offset: 0,
            tl0_offset: 0,
            last: None,
        }
    }

    /// The next packet begins a new source, or the same one after a pause.
    pub(crate) fn resync(&mut self) {
        self.synced = false;
    }

    /// Gives the numbers to send with; nothing for a packet from before the change of source.
    pub(crate) fn rewrite(&mut self, now: Instant, packet: Numbers) -> Option<Numbers> {
        if !self.synced {
            self.start(now, packet);
        } else if packet.seq < self.floor {
            return None;
        }
        self.highest_in = self.highest_in.max(packet.seq);
        let out = Numbers {
            seq: packet.seq.checked_add_signed(self.seq_offset)?,
            timestamp: packet.timestamp.wrapping_add(self.timestamp_offset),
            picture: packet
                .picture
                .map(|picture| picture.wrapping_add(self.picture_offset) & PICTURE_MASK),
            tl0: packet.tl0.map(|tl0| tl0.wrapping_add(self.tl0_offset)),
        };
        self.remember(now, out);
        Some(out)
    }

    /// A packet of the source that is not forwarded and shall leave no gap (padding). Packets before it that come late are
    /// then given up, since they can no longer be numbered.
    pub(crate) fn skip(&mut self, seq: u64) {
        if self.synced && seq == self.highest_in.wrapping_add(1) {
            self.highest_in = seq;
            self.seq_offset = self.seq_offset.wrapping_sub(1);
            self.floor = seq.saturating_add(1);
        }
    }

    fn start(&mut self, now: Instant, packet: Numbers) {
        self.synced = true;
        self.floor = packet.seq;
        self.highest_in = packet.seq;
        let Some(last) = self.last else {
            self.seq_offset = difference(FIRST_SEQ, packet.seq);
            self.timestamp_offset = 0;
            self.picture_offset = 0;
            self.tl0_offset = 0;
            return;
        };
        self.seq_offset = difference(last.numbers.seq.saturating_add(1), packet.seq);
        let elapsed = now
            .saturating_duration_since(last.at)
            .as_micros()
            .saturating_mul(u128::from(self.clock_rate))
            / 1_000_000;
        let step = u32::try_from(elapsed).unwrap_or(u32::MAX / 2).max(self.clock_rate / LEAST_STEP);
        self.timestamp_offset = last.numbers.timestamp.wrapping_add(step).wrapping_sub(packet.timestamp);
        if let (Some(before), Some(picture)) = (last.numbers.picture, packet.picture) {
            self.picture_offset = before.wrapping_add(1).wrapping_sub(picture) & PICTURE_MASK;
        }
        if let (Some(before), Some(tl0)) = (last.numbers.tl0, packet.tl0) {
            self.tl0_offset = before.wrapping_add(1).wrapping_sub(tl0);
        }
    }

    fn remember(&mut self, now: Instant, out: Numbers) {
        match &mut self.last {
            Some(last) if out.seq <= last.numbers.seq => {}
            Some(last) => {
                last.numbers.seq = out.seq;
                last.numbers.timestamp = out.timestamp;
                last.numbers.picture = out.picture.or(last.numbers.picture);
                last.numbers.tl0 = out.tl0.or(last.numbers.tl0);
                last.at = now;
            }
            None => self.last = Some(Last { numbers: out, at: now }),
        }
    }
}

fn difference(to: u64, from: u64) -> i64 {
    // Sequence numbers are counted from below 65,536 one by one; neither number comes near the bounds of i64.
    to.cast_signed().wrapping_sub(from.cast_signed())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn packet(seq: u64, timestamp: u32) -> Numbers {
        Numbers {
            seq,
            timestamp,
            picture: Some((seq % 0x8000) as u16),
            tl0: Some((seq % 256) as u8),
        }
    }

    #[test]
    fn a_loss_in_the_source_is_the_same_loss_for_the_receiver() {
        let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
        let first = rewriter.rewrite(now, packet(700_000, 10)).map(|out| out.seq);
        assert_eq!(first, Some(FIRST_SEQ));
        assert_eq!(rewriter.rewrite(now, packet(700_003, 10)).map(|out| out.seq), Some(FIRST_SEQ + 3));
        assert_eq!(
            rewriter.rewrite(now, packet(700_001, 10)).map(|out| out.seq),
            Some(FIRST_SEQ + 1),
            "a late packet finds its place"
        );
    }

    #[test]
    fn a_change_of_source_leaves_no_gap_and_time_goes_on() {
        let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
        let before = rewriter.rewrite(now, packet(100, 4_000_000_000)).unwrap();
        rewriter.resync();
        let after = rewriter.rewrite(now + Duration::from_millis(40), packet(9_000, 17)).unwrap();
        assert_eq!(after.seq, before.seq + 1);
        assert_eq!(after.timestamp.wrapping_sub(before.timestamp), 3_600, "40 ms at 90 kHz");
        assert_eq!(after.picture, Some((before.picture.unwrap() + 1) & PICTURE_MASK));
        assert_eq!(after.tl0, Some(before.tl0.unwrap().wrapping_add(1)));
    }

    #[test]
    fn packets_of_the_time_before_the_change_are_dropped_and_later_ones_are_not() {
        let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
        rewriter.rewrite(now, packet(50, 0));
        rewriter.resync();
        rewriter.rewrite(now, packet(500, 0));
        assert!(rewriter.rewrite(now, packet(499, 0)).is_none());
        assert!(rewriter.rewrite(now, packet(501, 0)).is_some());
    }

    #[test]
    fn skipped_padding_leaves_no_gap() {
        let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
        let before = rewriter.rewrite(now, packet(10, 0)).unwrap();
        rewriter.skip(11);
        let after = rewriter.rewrite(now, packet(12, 0)).unwrap();
        assert_eq!(after.seq, before.seq + 1);
    }

    proptest! {
        #[test]
        fn no_two_packets_get_the_same_number(steps in prop::collection::vec((0u8..10, 1u64..4), 1..200)) {
            let (now, mut rewriter) = (Instant::now(), Rewriter::new(90_000));
            let mut source = 1_000_000u64;
            let mut seen = std::collections::BTreeSet::new();
            let mut highest = 0;
            for (kind, step) in steps {
                match kind {
                    0 => { rewriter.resync(); source = source.wrapping_mul(7) % 3_000_000 + 70_000; }
                    1 => { source += 1; rewriter.skip(source); }
                    _ => {
                        source += step;
                        if let Some(out) = rewriter.rewrite(now, packet(source, 0)) {
                            prop_assert!(seen.insert(out.seq), "number {} twice", out.seq);
                            prop_assert!(out.seq > highest, "in order stays in order");
                            prop_assert!(out.seq < highest + 5, "a change of source leaves no gap");
                            highest = out.seq;
                        }
                    }
                }
            }
        }
    }
}

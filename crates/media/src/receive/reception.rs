//! What a receiver report says of one source (RFC 3550 §6.4.1, appendices A.3 and A.8).
//!
//! Only what came by itself counts: a packet that was repaired was lost on the way.

use std::time::{Duration, Instant};

use rtp::ntp;
use rtp::rtcp::Block;

/// Between two reports of a source.
const PICTURES: Duration = Duration::from_secs(1);
const VOICES: Duration = Duration::from_secs(5);
/// The first one tells browsers that their names for a source are known, and the round trip.
const FIRST: Duration = Duration::from_millis(200);

/// The reception of one source.
#[derive(Debug)]
pub(super) struct Reception {
    audio: bool,
    /// What arrivals are counted from.
    began: Instant,
    first: u64,
    highest: u64,
    received: u64,
    /// At the last report.
    before: Counted,
    /// In sixteenths of a unit of the clock.
    jitter: u32,
    /// The timestamp that came last, and how much later than it by the same clock.
    last: Option<(u32, u32)>,
    /// The middle of the time in the last sender report, and when it came.
    heard: Option<(u32, Instant)>,
    /// Whether anything came since the last report.
    fresh: bool,
    report_at: Instant,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    expected: u64,
    received: u64,
}

impl Reception {
    pub(super) fn new(now: Instant, audio: bool, first: u64) -> Self {
        Self {
            audio,
            began: now,
            first,
            highest: first,
            received: 0,
            before: Counted::default(),
            jitter: 0,
            last: None,
            heard: None,
            fresh: false,
            report_at: now + FIRST,
        }
    }

    /// A packet came by itself.
    pub(super) fn came(&mut self, now: Instant, index: u64, timestamp: u32) {
        self.received += 1;
        self.first = self.first.min(index);
        self.highest = self.highest.max(index);
        self.fresh = true;
        // Packets of one picture leave together but not at once; the first tells.
        if self.last.is_some_and(|(last, _)| last == timestamp) {
            return;
        }
        let transit = self.clock(now).wrapping_sub(timestamp);
        if let Some((_, before)) = self.last {
            let later = transit.wrapping_sub(before).cast_signed().unsigned_abs();
            self.jitter = self.jitter.saturating_add(later) - (self.jitter.saturating_add(8) >> 4);
        }
        self.last = Some((timestamp, transit));
    }

    /// The time in units of the source's clock.
    fn clock(&self, now: Instant) -> u32 {
        let rate = if self.audio { 48 } else { 90 };
        let micros = u64::try_from(now.saturating_duration_since(self.began).as_micros()).unwrap_or_default();
        // Clocks go around.
        ((micros.wrapping_mul(rate) / 1_000) & 0xffff_ffff) as u32
    }

    /// The client told its time.
    pub(super) fn heard(&mut self, now: Instant, time: u32) {
        self.heard = Some((time, now));
    }

    /// When a report is due, if there is anything to report.
    pub(super) fn due(&self) -> Option<Instant> {
        self.fresh.then_some(self.report_at)
    }

    /// What is to be said, if it is due; it counts as said.
    pub(super) fn report(&mut self, now: Instant, ssrc: u32) -> Option<Block> {
        if self.due().is_none_or(|at| now < at) {
            return None;
        }
        self.fresh = false;
        self.report_at = now + if self.audio { VOICES } else { PICTURES };
        let now_counted = Counted {
            expected: self.highest - self.first + 1,
            received: self.received,
        };
        let before = std::mem::replace(&mut self.before, now_counted);
        let expected = now_counted.expected - before.expected;
        let lost = expected.saturating_sub(now_counted.received - before.received);
        let fraction = (lost << 8).checked_div(expected).unwrap_or(0);
        let lost = i64::try_from(now_counted.expected).unwrap_or(i64::MAX) - i64::try_from(now_counted.received).unwrap_or(i64::MAX);
        Some(Block {
            ssrc,
            fraction: u8::try_from(fraction).unwrap_or(u8::MAX),
            cumulative: i32::try_from(lost).unwrap_or(i32::MAX),
            // The lower 16 bits of the rounds.
            highest_seq: (self.highest & 0xffff_ffff) as u32,
            jitter: self.jitter >> 4,
            lsr: self.heard.map_or(0, |(time, _)| time),
            dlsr: self.heard.map_or(0, |(_, at)| ntp::units(now.saturating_duration_since(at))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_report_is_what_rfc_3550_says() {
        let begin = Instant::now();
        let mut reception = Reception::new(begin, false, 65_530);
        assert_eq!(reception.due(), None);
        // Ten of twelve, 20 ms apart, the timestamps in step but for one that is 2 ms late: |d| = 180 twice.
        for number in (0..12_u32).filter(|number| ![4, 5].contains(number)) {
            let late = if number == 8 { 2 * MS } else { Duration::ZERO };
            reception.came(begin + 20 * number * MS + late, 65_530 + u64::from(number), 7 + 1_800 * number);
        }
        assert_eq!(reception.due(), Some(begin + 200 * MS), "the first one is soon");
        assert_eq!(reception.report(begin + 199 * MS, 9), None);
        reception.heard(begin + 500 * MS, 0x1234_5678);
        let block = reception.report(begin + 1_000 * MS, 9).unwrap();
        // After 180: 180; then 180 − 11 + 180 = 349, and two with nothing more: 349 − 22 = 327 and 327 − 20 = 307.
        let expected = Block {
            ssrc: 9,
            fraction: 42,
            cumulative: 2,
            highest_seq: (1 << 16) + 5,
            jitter: 307 >> 4,
            lsr: 0x1234_5678,
            dlsr: 1 << 15,
        };
        assert_eq!(block, expected);
        assert_eq!(reception.due(), None, "nothing came since");
        // One of the lost comes late, and one more: none of one was lost since.
        reception.came(begin + 1_010 * MS, 65_534, 0);
        reception.came(begin + 1_020 * MS, 65_542, 0);
        assert_eq!(reception.due(), Some(begin + 2_000 * MS));
        let block = reception.report(begin + 2_000 * MS, 9).unwrap();
        assert_eq!((block.fraction, block.cumulative), (0, 1));
    }

    #[test]
    fn without_a_sender_report_there_is_no_time_and_all_lost_but_one_is_no_overflow() {
        let begin = Instant::now();
        let mut reception = Reception::new(begin, true, 1);
        reception.came(begin, 1, 0);
        reception.report(begin + 5_000 * MS, 9).unwrap();
        reception.came(begin + 5_001 * MS, 30_000, u32::MAX);
        assert_eq!(reception.due(), Some(begin + 10_000 * MS), "voices report less often");
        let block = reception.report(begin + 10_000 * MS, 9).unwrap();
        assert_eq!((block.fraction, block.cumulative, block.lsr, block.dlsr), (255, 29_998, 0, 0));
    }

    #[test]
    fn packets_of_one_picture_are_no_jitter() {
        let begin = Instant::now();
        let mut reception = Reception::new(begin, false, 0);
        for number in 0..100_u32 {
            reception.came(begin + number * MS, number.into(), number / 10 * 900);
        }
        assert_eq!(reception.report(begin + 1_000 * MS, 9).unwrap().jitter, 0);
    }
}

//! Makes one continuous stream out of parts of others: sequence numbers, timestamps and numbers of pictures and frames as a receiver of one slot sees
//! them.
//!
//! Owns the numbers of one slot. Not here: when to change the source and what to leave out (`sink`), the SSRC (constant for a slot, `send`).
//! Invariants: output sequence numbers of new packets grow; a gap in the source stays a gap of the same size, so that loss repair works end to end; a
//! change of source and what is left out leave no gap; the timestamp never runs backwards at a change. What comes late is numbered as it would have been
//! in time, as far back as [`MOST_PARTS`] reaches. The first number is small, since a receiver cannot know a rollover count it was not told.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What a receiver sees in place of what the packet has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Numbers {
    /// Extended sequence number.
    pub(crate) seq: u64,
    /// RTP timestamp.
    pub(crate) timestamp: u32,
    /// Number of the picture, of VP8 and VP9.
    pub(crate) picture: Option<u16>,
    /// Base layer picture index of the same.
    pub(crate) tl0: Option<u8>,
    /// Number of the frame in the dependency descriptor.
    pub(crate) frame: Option<u16>,
    /// Last packet of a picture.
    pub(crate) marker: bool,
    /// Without a payload: it only fills the place of a packet that is not for this receiver.
    pub(crate) blank: bool,
}

/// A part of the source under the same offsets; parts are divided by what was left out.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    /// The first sequence number of the source in it.
    from: u64,
    seq: i64,
    picture: u16,
}

/// The numbers of one slot.
#[derive(Debug, Clone)]
pub(crate) struct Rewriter {
    clock_rate: u32,
    synced: bool,
    highest_in: u64,
    part: Part,
    /// Earlier parts, the oldest first; what comes from before them is given up.
    earlier: VecDeque<Part>,
    /// The picture left out last; it counts once.
    left_out: Option<u16>,
    timestamp_offset: u32,
    tl0_offset: u8,
    frame_offset: u16,
    /// What is sent from before this timestamp of the source is pressed together (see [`PRESSED`]).
    pressed_until: Option<u32>,
    /// Since when beginnings of the slot with old packets are counted, and how many there were.
    pressed: Option<(Instant, u8)>,
    last: Option<Last>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    numbers: Numbers,
    at: Instant,
}

const FIRST_SEQ: u64 = 1;
/// Longest gap that a receiver is shown. Half the circle of sequence numbers in one step, or a few steps of which most are lost, and it decrypts nothing any
/// more in this slot, whoever speaks in it; so it matters little what a publisher does with its numbers.
const LONGEST_GAP: u64 = 1_024;
const PICTURE_MASK: u16 = 0x7fff;
/// Least distance of timestamps over a change of source, in fractions of a second.
const LEAST_STEP: u32 = 100;
/// Parts that are remembered: more than a second of a stream of which every second picture is left out.
const MOST_PARTS: usize = 48;
/// What was kept for those who begin later reaches them at once. It gets timestamps that say so: the time between its pictures is divided by this, so
/// that they are decoded and over, and the newest one is on time.
const PRESSED: u32 = 30;
/// Beginnings of a slot with old packets in a span of time; who wants more waits for the next key frame.
const MOST_PRESSED: u8 = 8;
const PRESS_SPAN: Duration = Duration::from_secs(8);
/// Seconds after which nothing comes any more that is pressed; timestamps go around.
const PRESSED_FOR: u32 = 10;

impl Rewriter {
    pub(crate) fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            synced: false,
            highest_in: 0,
            part: Part::default(),
            earlier: VecDeque::new(),
            left_out: None,
            timestamp_offset: 0,
            tl0_offset: 0,
            frame_offset: 0,
            pressed_until: None,
            pressed: None,
            last: None,
        }
    }

    /// The next packet begins a new source, or the same one after a pause.
    pub(crate) fn resync(&mut self) {
        self.synced = false;
        self.pressed_until = None;
    }

    /// Whether the slot may begin with old packets: a few hundred thousand bytes at once, so not as often as somebody may ask.
    pub(crate) fn may_press(&self, now: Instant) -> bool {
        let lately = self.pressed.filter(|(since, _)| now.saturating_duration_since(*since) < PRESS_SPAN);
        lately.is_none_or(|(_, count)| count < MOST_PRESSED)
    }

    /// The next packet begins a new source, and is an old one: all up to this timestamp follow at once.
    pub(crate) fn resync_behind(&mut self, now: Instant, newest: u32) {
        self.synced = false;
        self.pressed = match self.pressed {
            Some((since, count)) if now.saturating_duration_since(since) < PRESS_SPAN => Some((since, count.saturating_add(1))),
            _ => Some((now, 1)),
        };
        self.pressed_until = Some(newest);
    }

    /// Gives the numbers to send with; nothing for a packet from before the change of source.
    pub(crate) fn rewrite(&mut self, now: Instant, packet: Numbers) -> Option<Numbers> {
        if !self.synced {
            self.start(now, packet);
        }
        let part = match (self.part_of(packet.seq)?, self.last) {
            (part, Some(last)) if beyond(last.numbers.seq, packet.seq.checked_add_signed(part.seq)) => {
                self.close_gap(last.numbers.seq, packet.seq)
            }
            (part, _) => part,
        };
        self.highest_in = self.highest_in.max(packet.seq);
        let ahead = self.pressed_until.map_or(0, |newest| packet.timestamp.wrapping_sub(newest));
        if (self.clock_rate * PRESSED_FOR..1 << 31).contains(&ahead) {
            self.pressed_until = None;
        }
        let out = Numbers {
            seq: packet.seq.checked_add_signed(part.seq)?,
            timestamp: self.timestamp(packet.timestamp),
            picture: packet.picture.map(|picture| picture.wrapping_add(part.picture) & PICTURE_MASK),
            tl0: packet.tl0.map(|tl0| tl0.wrapping_add(self.tl0_offset)),
            frame: packet.frame.map(|frame| frame.wrapping_add(self.frame_offset)),
            ..packet
        };
        self.remember(now, out);
        Some(out)
    }

    /// A packet of the source that is not forwarded and shall leave no gap. `picture` is the number of its picture where all of that is left out and
    /// pictures are to be counted without gaps, too. When it comes so late that the gap is there already, gives the numbers of a blank to fill it.
    pub(crate) fn skip(&mut self, packet: Numbers, picture: Option<u16>) -> Option<Numbers> {
        if !self.synced {
            return None;
        }
        if packet.seq <= self.highest_in {
            let part = self.part_of(packet.seq)?;
            let seq = packet.seq.checked_add_signed(part.seq)?;
            if self.last.is_some_and(|last| beyond(last.numbers.seq, Some(seq))) {
                return None;
            }
            if let Some(last) = &mut self.last {
                last.numbers.seq = last.numbers.seq.max(seq);
            }
            return Some(Numbers {
                seq,
                timestamp: self.timestamp(packet.timestamp),
                blank: true,
                ..Numbers::default()
            });
        }
        self.highest_in = packet.seq;
        let mut part = Part {
            from: packet.seq.saturating_add(1),
            seq: self.part.seq.wrapping_sub(1),
            picture: self.part.picture,
        };
        if picture.is_some() && self.left_out != picture {
            self.left_out = picture;
            part.picture = part.picture.wrapping_sub(1);
        }
        // Only packets that are left out lie between two parts that begin one behind the other.
        if self.part.from != packet.seq {
            if self.earlier.len() >= MOST_PARTS {
                self.earlier.pop_front();
            }
            self.earlier.push_back(self.part);
        }
        self.part = part;
        None
    }

    /// Whether something that stands behind it in the source was seen.
    pub(crate) fn is_late(&self, seq: u64) -> bool {
        self.synced && seq < self.highest_in
    }

    /// The source has jumped: what comes from here on follows the longest gap that may be. What came before is given up.
    fn close_gap(&mut self, last: u64, seq: u64) -> Part {
        self.earlier.clear();
        self.part = Part {
            from: seq,
            seq: difference(last.saturating_add(LONGEST_GAP), seq),
            picture: self.part.picture,
        };
        self.part
    }

    fn part_of(&self, seq: u64) -> Option<Part> {
        if seq >= self.part.from {
            return Some(self.part);
        }
        self.earlier.iter().rev().find(|part| seq >= part.from).copied()
    }

    fn timestamp(&self, timestamp: u32) -> u32 {
        let behind = self.pressed_until.map_or(0, |newest| newest.wrapping_sub(timestamp));
        // Half of the circle is ahead.
        if behind == 0 || behind >= 1 << 31 {
            return timestamp.wrapping_add(self.timestamp_offset);
        }
        let newest = timestamp.wrapping_add(behind).wrapping_add(self.timestamp_offset);
        newest.wrapping_sub(behind / PRESSED)
    }

    fn start(&mut self, now: Instant, packet: Numbers) {
        self.synced = true;
        self.highest_in = packet.seq;
        self.earlier.clear();
        self.left_out = None;
        self.timestamp_offset = 0;
        let Some(last) = self.last else {
            self.part = Part {
                from: packet.seq,
                seq: difference(FIRST_SEQ, packet.seq),
                picture: 0,
            };
            self.tl0_offset = 0;
            self.frame_offset = 0;
            return;
        };
        self.part.from = packet.seq;
        self.part.seq = difference(last.numbers.seq.saturating_add(1), packet.seq);
        let elapsed = now
            .saturating_duration_since(last.at)
            .as_micros()
            .saturating_mul(u128::from(self.clock_rate))
            / 1_000_000;
        let step = u32::try_from(elapsed).unwrap_or(u32::MAX / 2).max(self.clock_rate / LEAST_STEP);
        let first = last.numbers.timestamp.wrapping_add(step);
        self.timestamp_offset = first.wrapping_sub(self.timestamp(packet.timestamp));
        if let (Some(before), Some(picture)) = (last.numbers.picture, packet.picture) {
            self.part.picture = before.wrapping_add(1).wrapping_sub(picture) & PICTURE_MASK;
        }
        if let (Some(before), Some(tl0)) = (last.numbers.tl0, packet.tl0) {
            self.tl0_offset = before.wrapping_add(1).wrapping_sub(tl0);
        }
        if let (Some(before), Some(frame)) = (last.numbers.frame, packet.frame) {
            self.frame_offset = before.wrapping_add(1).wrapping_sub(frame);
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
                last.numbers.frame = out.frame.or(last.numbers.frame);
                last.at = now;
            }
            None => self.last = Some(Last { numbers: out, at: now }),
        }
    }
}

/// Whether a number is farther ahead of the last one than a receiver should see, or none at all.
fn beyond(last: u64, seq: Option<u64>) -> bool {
    seq.is_none_or(|seq| seq > last.saturating_add(LONGEST_GAP))
}

fn difference(to: u64, from: u64) -> i64 {
    // Sequence numbers are counted from below 65,536 one by one; neither number comes near the bounds of i64.
    to.cast_signed().wrapping_sub(from.cast_signed())
}

#[cfg(test)]
mod tests;

//! Writing transport feedback.

use super::packet;
use crate::NoRoom;
use crate::bytes::Out;
use crate::rtcp::transport::{Status, TICKS};
use crate::rtcp::{format, kind};

/// Bytes in front of the chunks.
const FIXED: usize = 20;
/// Packets that every chunk but the last has at least: what a vector of two-bit symbols holds.
const LEAST: usize = 7;
/// Packets of a vector of one-bit symbols.
const ONE_BIT: usize = 14;
/// Packets of the longest run.
const LONGEST_RUN: usize = 0x1fff;
/// Packets that a gap is charged for at most, beside a chunk for every longest run: a vector may take the first of it, and a run has the rest.
const LONG_GAP: usize = 2 * ONE_BIT;

/// What arrived of a transport since the last message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived<'a> {
    /// Who received.
    pub sender: u32,
    /// A source of the transport; any.
    pub media: u32,
    /// One more for every message, wrapping.
    pub feedback_count: u8,
    /// Packets in the order of their sequence numbers of the transport, which grow (wrapping) by less than 2¹⁵ from one to the next; those left out
    /// did not arrive. With each the time of its arrival in ticks of 250 µs since a moment that stays the same for all messages, or nothing.
    pub packets: &'a [(u16, Option<i64>)],
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Bytes of the message; a multiple of four.
    pub length: usize,
    /// How many entries of [`Arrived::packets`] it has, at least one. The others did not fit, or were too far apart in time or number, and want a
    /// message of their own.
    pub packets: usize,
}

/// Writes as many of the packets as one message holds, and none when there are none.
///
/// # Errors
/// [`NoRoom`] when not even the first fits.
pub fn transport_feedback(out: &mut [u8], arrived: &Arrived<'_>) -> Result<Written, NoRoom> {
    let Some((base, _)) = arrived.packets.first() else {
        return Ok(Written { length: 0, packets: 0 });
    };
    // The reference is in whole units before the first arrival.
    let reference = arrived
        .packets
        .iter()
        .find_map(|(_, time)| *time)
        .unwrap_or_default()
        .div_euclid(TICKS);
    let plan = Plan {
        base: *base,
        reference: reference * TICKS,
    };
    let packets = plan.fitting(arrived.packets, out.len());
    let chosen = arrived.packets.get(..packets).ok_or(NoRoom)?;
    let Some((last, _)) = chosen.last() else { return Err(NoRoom) };
    let statuses = last.wrapping_sub(*base).checked_add(1).ok_or(NoRoom)?;
    let length = packet(out, kind::TRANSPORT, format::TRANSPORT_WIDE, |out| {
        out.u32(arrived.sender)?;
        out.u32(arrived.media)?;
        out.u16(*base)?;
        out.u16(statuses)?;
        // 24 bits, wrapping.
        let [.., a, b, c] = reference.to_be_bytes();
        out.bytes(&[a, b, c, arrived.feedback_count])?;
        chunks(out, plan.statuses(chosen))?;
        for delta in plan.deltas(chosen).flatten() {
            match u8::try_from(delta) {
                Ok(small) => out.u8(small)?,
                Err(_) => out.bytes(&i16::try_from(delta).map_err(|_| NoRoom)?.to_be_bytes())?,
            }
        }
        Ok(())
    })?;
    Ok(Written { length, packets })
}

/// Where a message begins.
#[derive(Debug, Clone, Copy)]
struct Plan {
    base: u16,
    /// In ticks.
    reference: i64,
}

impl Plan {
    /// Of every packet that was given: ticks since the arrival before it.
    fn deltas(self, packets: &[(u16, Option<i64>)]) -> impl Iterator<Item = Option<i64>> + '_ {
        packets.iter().scan(self.reference, |before, (_, time)| {
            Some(time.map(|time| time.saturating_sub(core::mem::replace(before, time))))
        })
    }

    /// Of every sequence number from the first to the last, as runs: a gap costs no more than a packet.
    fn statuses(self, packets: &[(u16, Option<i64>)]) -> impl Iterator<Item = (Status, usize)> + '_ {
        let with_gaps = packets
            .iter()
            .zip(self.deltas(packets))
            .scan(self.base, |next, ((sequence, _), delta)| {
                let gap = sequence.wrapping_sub(*next);
                *next = sequence.wrapping_add(1);
                Some([(Status::Missing, usize::from(gap)), (status(delta), 1)])
            });
        with_gaps.flatten()
    }

    /// How many of the packets this message can have in so many bytes.
    fn fitting(self, packets: &[(u16, Option<i64>)], room: usize) -> usize {
        let mut behind = 0;
        let mut before = self.base.wrapping_sub(1);
        let mut statuses = 0_usize;
        let mut charged = 0_usize;
        let mut count = 0;
        for ((sequence, _), delta) in packets.iter().zip(self.deltas(packets)) {
            let step = sequence.wrapping_sub(before);
            before = *sequence;
            statuses += usize::from(step);
            charged += usize::from(step).min(LONG_GAP) + LEAST * (usize::from(step) / LONGEST_RUN);
            behind += status(delta).bytes().unwrap_or_default();
            // Rounded up to words, as the message will be.
            let needed = (FIXED + 2 * charged.div_ceil(LEAST) + behind).next_multiple_of(4);
            let wide = delta.is_some_and(|delta| i16::try_from(delta).is_err());
            if wide || needed > room || statuses > usize::from(u16::MAX) || !(1..1 << 15).contains(&step) {
                break;
            }
            count += 1;
        }
        count
    }
}

fn status(delta: Option<i64>) -> Status {
    match delta {
        None => Status::Missing,
        Some(0..=255) => Status::Small,
        Some(_) => Status::Large,
    }
}

/// Chunks, each a run where that is longer than the vector would be.
fn chunks(out: &mut Out<'_>, runs: impl Iterator<Item = (Status, usize)>) -> Result<(), NoRoom> {
    let mut source = Source {
        runs,
        status: Status::Missing,
        left: 0,
    };
    let mut window = Window::default();
    loop {
        while window.length < ONE_BIT
            && let Some(status) = source.next()
        {
            window.push(status);
        }
        let Some(first) = window.first() else { return Ok(()) };
        let equal = window.equal();
        if equal == window.length || equal > LEAST {
            let mut run = equal;
            window.drop_first(equal);
            if window.length == 0 {
                run += source.take_like(first, LONGEST_RUN - run);
            }
            out.u16(first.bits() << 13 | u16::try_from(run).map_err(|_| NoRoom)?)?;
        } else if window.one_bit() {
            out.u16(0x8000 | window.vector(ONE_BIT, 1))?;
            window.drop_first(ONE_BIT);
        } else {
            out.u16(0xc000 | window.vector(LEAST, 2))?;
            window.drop_first(LEAST);
        }
    }
}

/// Statuses one by one or many at once.
struct Source<R> {
    runs: R,
    status: Status,
    /// Of the run that was begun.
    left: usize,
}

impl<R: Iterator<Item = (Status, usize)>> Source<R> {
    /// Begins the next run where one is at its end; whether there is any status left.
    fn begin(&mut self) -> bool {
        while self.left == 0 {
            let Some((status, left)) = self.runs.next() else { return false };
            (self.status, self.left) = (status, left);
        }
        true
    }

    fn next(&mut self) -> Option<Status> {
        self.begin().then(|| {
            self.left -= 1;
            self.status
        })
    }

    /// Takes what is like this at the beginning, so many at most, and says how many.
    fn take_like(&mut self, status: Status, most: usize) -> usize {
        let mut taken = 0;
        while taken < most && self.begin() && self.status == status {
            let step = self.left.min(most - taken);
            self.left -= step;
            taken += step;
        }
        taken
    }
}

/// Statuses that wait for their chunk.
#[derive(Default)]
struct Window {
    statuses: [Option<Status>; ONE_BIT],
    length: usize,
}

impl Window {
    fn push(&mut self, status: Status) {
        if let Some(place) = self.statuses.get_mut(self.length) {
            *place = Some(status);
            self.length += 1;
        }
    }

    fn first(&self) -> Option<Status> {
        self.statuses.first().copied().flatten()
    }

    /// How many at the beginning are like the first.
    fn equal(&self) -> usize {
        let first = self.first();
        self.statuses
            .iter()
            .take_while(|status| status.is_some() && **status == first)
            .count()
    }

    fn one_bit(&self) -> bool {
        self.statuses.iter().flatten().all(|status| *status != Status::Large)
    }

    /// The symbols of a vector, those that are not there as zeros.
    fn vector(&self, symbols: usize, width: u16) -> u16 {
        self.statuses
            .iter()
            .take(symbols)
            .fold(0, |vector, status| vector << width | status.map_or(0, Status::bits))
    }

    fn drop_first(&mut self, count: usize) {
        let count = count.min(self.length);
        self.statuses.rotate_left(count);
        self.length -= count;
        self.statuses.iter_mut().skip(self.length).for_each(|status| *status = None);
    }
}

//! What we say about the streams we send: sender reports (RFC 3550 §6.4.1), all of a client's streams in one datagram about once a second; with them the
//! answers to who only receives and wants to know the round trip (RFC 3611 §4.5), by which it knows when to ask for a packet again. What we say about
//! the streams we receive (`receive`) is sealed here, too, since there is one counter for all.

use std::time::{Duration, Instant};

use rtp::ntp;
use rtp::rtcp::SenderInfo;
use rtp::rtcp::write::{cname, receiver_time_answers, sender_report};
use srtp::{LONGEST_RTCP_OVERHEAD, Sealer};

use super::Composer;
use super::stream::Stream;

/// Between two reports. Browsers take the first to line audio up with video, later ones to know the round trip.
const EVERY: Duration = Duration::from_millis(1_000);
/// Longest plain compound; streams beyond it are in another one.
const LONGEST: usize = 1_100;
/// A sender report without blocks.
const REPORT: usize = 28;
/// Numbers that datagrams of one key may have (RFC 3711 §3.4); they last for months of as many as a client can bring about.
const INDEXES: u32 = 1 << 31;
/// Reports in one compound; the name behind them takes less than the place of one.
const IN_ONE: usize = LONGEST / REPORT - 1;

/// Receivers whose times are answered; a client has one, or one for each sort of media.
const MOST_ASKING: usize = 4;
/// The answer to that many.
const ANSWERS: usize = 12 + 12 * MOST_ASKING;

/// The time of a receiver, to be answered.
#[derive(Debug)]
struct Asking {
    ssrc: u32,
    /// The middle of its time.
    stamp: u32,
    at: Instant,
}

/// The reports of one client.
#[derive(Debug)]
pub(super) struct Reports {
    cname: String,
    /// Who speaks of what the client sends.
    name: u32,
    next_at: Instant,
    /// Counts datagrams under this connection's key, whatever their SSRC.
    index: u32,
    asking: Vec<Asking>,
    /// To a client of which nothing else tells.
    round_trip: Option<Duration>,
}

impl Reports {
    pub(super) fn new(now: Instant, name: u32) -> Self {
        Self {
            cname: format!("{name:08x}"),
            name: name.max(1),
            next_at: now,
            index: 0,
            asking: Vec::new(),
            round_trip: None,
        }
    }

    /// The client answered our time.
    pub(super) fn answered(&mut self, round_trip: Duration) {
        self.round_trip = Some(round_trip);
    }

    /// By what it answered.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// A receiver told its time, as NTP writes it, and is answered with the next reports. Of too many, the first ones are.
    pub(super) fn asked(&mut self, now: Instant, ssrc: u32, time: u64) {
        let asking = Asking {
            ssrc,
            stamp: ntp::middle(time),
            at: now,
        };
        if let Some(other) = self.asking.iter_mut().find(|other| other.ssrc == ssrc) {
            *other = asking;
        } else if self.asking.len() < MOST_ASKING {
            self.asking.push(asking);
        }
    }

    pub(super) fn cname(&self) -> &str {
        &self.cname
    }

    /// The source that reports what the client sends; no stream has it.
    pub(super) fn name(&self) -> u32 {
        self.name
    }

    /// Seals and sends a compound that `write` fills, under our name. False when all numbers were given.
    pub(super) fn tell(
        &mut self,
        sealer: &Sealer,
        composer: &mut impl Composer,
        write: impl FnOnce(u32, &mut [u8]) -> Option<usize>,
    ) -> bool {
        let Some(index) = number(&mut self.index) else {
            return false;
        };
        say(sealer, composer, index, LONGEST, |out| write(self.name, out));
        true
    }

    pub(super) fn deadline(&self, streams: &[Stream]) -> Option<Instant> {
        streams.iter().any(|stream| stream.unreported).then_some(self.next_at)
    }

    /// Sends what is due.
    pub(super) fn turn(&mut self, now: Instant, wall: u64, sealer: &Sealer, streams: &mut [Stream], composer: &mut impl Composer) {
        if now < self.next_at || !streams.iter().any(|stream| stream.unreported) {
            return;
        }
        self.next_at = now + EVERY;
        streams
            .iter_mut()
            .filter(|stream| !stream.unreported)
            .for_each(|stream| stream.rest(now));
        for _ in 0..=streams.len() / IN_ONE {
            self.compose(now, wall, sealer, streams, composer);
        }
    }

    /// Sends as many reports as a datagram holds, if there are any.
    fn compose(&mut self, now: Instant, wall: u64, sealer: &Sealer, streams: &mut [Stream], composer: &mut impl Composer) {
        let mut due = streams.iter_mut().filter(|stream| stream.unreported).take(IN_ONE).peekable();
        let Some(first) = due.peek().map(|stream| stream.ssrc) else {
            return;
        };
        let Some(index) = number(&mut self.index) else { return };
        let name = &self.cname;
        let delay = |asking: &Asking| ntp::units(now.saturating_duration_since(asking.at));
        let answers = self.asking.drain(..).map(|asking| (asking.ssrc, asking.stamp, delay(&asking)));
        let answers: Vec<(u32, u32, u32)> = answers.collect();
        say(sealer, composer, index, LONGEST + ANSWERS, |out| {
            let mut length = 0;
            for stream in due {
                stream.unreported = false;
                let Some(rtp_timestamp) = stream.timestamp(now) else { continue };
                let info = SenderInfo {
                    ssrc: stream.ssrc,
                    ntp: wall,
                    rtp_timestamp,
                    packets: stream.packets,
                    octets: stream.octets,
                };
                length += sender_report(out.get_mut(length..)?, &info, &[]).ok()?;
            }
            length += cname(out.get_mut(length..)?, first, name.as_bytes()).ok()?;
            if !answers.is_empty() {
                length += receiver_time_answers(out.get_mut(length..)?, first, &answers).ok()?;
            }
            Some(length)
        });
    }
}

/// Seals and sends what `write` fills of so many bytes.
fn say(sealer: &Sealer, composer: &mut impl Composer, index: u32, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
    composer.compose(most + LONGEST_RTCP_OVERHEAD, |out| {
        let length = write(out.get_mut(..most)?)?;
        let out = out.get_mut(..length + sealer.rtcp_overhead())?;
        sealer.seal_rtcp(out, index).ok()?;
        Some(out.len())
    });
}

/// The next number; none is given twice.
fn number(index: &mut u32) -> Option<u32> {
    let next = index.checked_add(1).filter(|next| *next < INDEXES)?;
    *index = next;
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_all_numbers_were_given_nothing_is_said_any_more() {
        let mut index = INDEXES - 2;
        assert_eq!(number(&mut index), Some(INDEXES - 1));
        assert_eq!(number(&mut index), None);
        assert_eq!(number(&mut index), None);
    }
}

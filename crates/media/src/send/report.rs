//! What we say about the streams we send: sender reports (RFC 3550 §6.4.1), all of a client's streams in one datagram about once a second.

use std::time::{Duration, Instant};

use rtp::rtcp::SenderInfo;
use rtp::rtcp::write::{cname, sender_report};
use srtp::{LONGEST_RTCP_OVERHEAD, Sealer};

use super::Composer;
use super::stream::Stream;

/// Between two reports. Browsers take the first to line audio up with video, later ones to know the round trip.
const EVERY: Duration = Duration::from_millis(1_000);
/// Longest plain compound; streams beyond it are in another one.
const LONGEST: usize = 1_100;
/// A sender report without blocks.
const REPORT: usize = 28;
/// Reports in one compound; the name behind them takes less than the place of one.
const IN_ONE: usize = LONGEST / REPORT - 1;

/// The reports of one client.
#[derive(Debug)]
pub(super) struct Reports {
    cname: String,
    next_at: Instant,
    /// Counts datagrams under this connection's key, whatever their SSRC; 31 bits last for decades.
    index: u32,
}

impl Reports {
    pub(super) fn new(now: Instant, name: u32) -> Self {
        Self {
            cname: format!("{name:08x}"),
            next_at: now,
            index: 0,
        }
    }

    pub(super) fn cname(&self) -> &str {
        &self.cname
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
        self.index += 1;
        let (index, name) = (self.index, &self.cname);
        composer.compose(LONGEST + LONGEST_RTCP_OVERHEAD, |out| {
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
            let out = out.get_mut(..length + sealer.rtcp_overhead())?;
            sealer.seal_rtcp(out, index).ok()?;
            Some(out.len())
        });
    }
}

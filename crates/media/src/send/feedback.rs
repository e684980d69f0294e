//! What a client says about the streams it receives (RFC 3550, RFC 4585).

use std::time::{Duration, Instant};

use rtp::ntp;
use rtp::rtcp::{self, Block, Packet};

use super::congestion::Congestion;
use super::packet::Copied;
use super::redundancy::Redundancy;
use super::stream::{Stream, Told};
use crate::routing::Line;

/// Packets that are sent again at one turn; a client that lost more needs a key frame.
const MAX_REPAIRS: usize = 128;
/// Of one datagram: messages, lost packets and arrivals that are looked at. Clients send a report of a tenth of a second; what is longer is no report, and
/// each of these costs something.
const MAX_MESSAGES: usize = 32;
const MAX_LOST: usize = 512;
const MAX_ARRIVALS: usize = 2_048;
/// Between two wishes for a key frame of one slot; publishers are asked less often by far.
const REFRESH_PAUSE: Duration = Duration::from_millis(100);
/// A round trip beyond this is a mistake.
const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(10);

/// What a datagram said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Feedback {
    /// Slots whose pictures the client cannot decode.
    pub(crate) refresh: Vec<Line>,
    /// Something is to be sent again: the client wants its turn.
    pub(crate) repairs: bool,
    /// It speaks of what the client sends, too: str0m must read it.
    pub(crate) about_publications: bool,
}

/// Reads a plain compound. What cannot be read ends it; what is known so far counts.
pub(super) fn read(
    now: Instant,
    wall: u64,
    plain: &[u8],
    streams: &mut [Stream],
    repairs: &mut Vec<Copied>,
    congestion: &mut Congestion,
    redundancy: &mut Redundancy,
) -> Feedback {
    let mut feedback = Feedback::default();
    let (mut lost_left, mut arrivals_left) = (MAX_LOST, MAX_ARRIVALS);
    for packet in rtcp::packets(plain).map_while(Result::ok).take(MAX_MESSAGES) {
        match packet {
            Packet::SenderReport(report) => {
                feedback.about_publications = true;
                report
                    .blocks
                    .for_each(|block| reported(now, wall, &block, streams, congestion, redundancy));
            }
            Packet::ReceiverReport(report) => report
                .blocks
                .for_each(|block| reported(now, wall, &block, streams, congestion, redundancy)),
            Packet::Nack(nack) => {
                let Some(stream) = streams.iter_mut().find(|stream| stream.ssrc == nack.media) else {
                    continue;
                };
                for lost in nack.lost() {
                    if repairs.len() >= MAX_REPAIRS || lost_left == 0 {
                        break;
                    }
                    lost_left -= 1;
                    if let Some(copied) = stream.again(now, lost) {
                        let twin = if redundancy.is_deep(now) { stream.once_more(&copied) } else { None };
                        repairs.push(copied);
                        repairs.extend(twin);
                        feedback.repairs = true;
                    }
                }
            }
            Packet::Pli(pli) => refresh(now, &mut feedback, streams, pli.media),
            Packet::Fir(fir) => fir.requests().for_each(|(ssrc, _)| refresh(now, &mut feedback, streams, ssrc)),
            Packet::TransportFeedback(feedback) => {
                congestion.feedback(now, &feedback, &mut arrivals_left);
                if let Some(status) = congestion.status() {
                    redundancy.told(now, &status);
                }
            }
            Packet::Bye(_) | Packet::Xr(_) => feedback.about_publications = true,
            _ => {}
        }
    }
    feedback
}

fn refresh(now: Instant, feedback: &mut Feedback, streams: &mut [Stream], ssrc: u32) {
    let stream = streams.iter_mut().find(|stream| stream.ssrc == ssrc && !stream.audio);
    if let Some(stream) = stream
        && stream
            .refreshed_at
            .is_none_or(|at| now.saturating_duration_since(at) >= REFRESH_PAUSE)
    {
        stream.refreshed_at = Some(now);
        feedback.refresh.push(stream.line);
    }
}

fn reported(now: Instant, wall: u64, block: &Block, streams: &mut [Stream], congestion: &mut Congestion, redundancy: &mut Redundancy) {
    let Some(stream) = streams.iter_mut().find(|stream| stream.ssrc == block.ssrc) else {
        return;
    };
    stream.told = Told {
        lost: u64::try_from(block.cumulative).unwrap_or(0),
        lost_lately: block.fraction,
        jitter: block.jitter,
    };
    if block.fraction > 0 {
        redundancy.lost(now, f64::from(block.fraction) / 256.0);
    }
    let round_trip = ntp::round_trip(ntp::middle(wall), block.lsr, block.dlsr);
    if let Some(round_trip) = round_trip.filter(|trip| *trip < LONGEST_ROUND_TRIP) {
        stream.round_trip = Some(round_trip);
        congestion.round_trip(now, round_trip);
    }
}

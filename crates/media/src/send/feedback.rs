//! What a client says about the streams it receives (RFC 3550, RFC 4585).

use std::time::{Duration, Instant};

use rtp::ntp;
use rtp::rtcp::{self, Block, Packet, XrBlock};

use super::congestion::Congestion;
use super::packet::Copied;
use super::redundancy::Redundancy;
use super::report::Reports;
use super::stream::{Stream, Told};
use super::underway::Underway;
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
    /// Sources that told their time, and the middle of it.
    pub(crate) times: Vec<(u32, u32)>,
}

/// What of the sending side a client's words are about.
pub(super) struct Listener<'a> {
    pub(super) now: Instant,
    /// The same as NTP writes it.
    pub(super) wall: u64,
    pub(super) streams: &'a mut [Stream],
    pub(super) repairs: &'a mut Vec<Copied>,
    pub(super) congestion: &'a mut Congestion,
    pub(super) redundancy: &'a mut Redundancy,
    pub(super) underway: &'a mut Underway,
    pub(super) reports: &'a mut Reports,
    /// What the newest block of the compound says of the way.
    pub(super) measured: Option<Duration>,
}

impl Listener<'_> {
    /// Reads a plain compound. What cannot be read ends it; what is known so far counts.
    pub(super) fn read(&mut self, plain: &[u8]) -> Feedback {
        let now = self.now;
        let mut feedback = Feedback::default();
        let (mut lost_left, mut arrivals_left) = (MAX_LOST, MAX_ARRIVALS);
        for packet in rtcp::packets(plain).map_while(Result::ok).take(MAX_MESSAGES) {
            match packet {
                Packet::SenderReport(report) => {
                    feedback.times.push((report.info.ssrc, ntp::middle(report.info.ntp)));
                    report.blocks.for_each(|block| self.reported(&block));
                }
                Packet::ReceiverReport(report) => report.blocks.for_each(|block| self.reported(&block)),
                Packet::Nack(nack) => feedback.repairs |= self.repair(&nack, &mut lost_left),
                Packet::Pli(pli) => self.refresh(&mut feedback, pli.media),
                Packet::Fir(fir) => fir.requests().for_each(|(ssrc, _)| self.refresh(&mut feedback, ssrc)),
                Packet::TransportFeedback(told) => {
                    let most = arrivals_left;
                    self.congestion.feedback(now, &told, &mut arrivals_left);
                    if let Some(status) = self.congestion.status() {
                        self.redundancy.told(now, &status);
                    }
                    if self.redundancy.is_deep(now) {
                        feedback.repairs |= self.missed(told.statuses().take(most), &mut lost_left);
                    }
                }
                Packet::Xr(extended) => {
                    for block in extended.blocks() {
                        match block {
                            XrBlock::Rrtr { ntp } => self.reports.asked(now, extended.ssrc, ntp),
                            XrBlock::Dlrr(answers) => self.answered(answers),
                            XrBlock::Unknown { .. } => {}
                        }
                    }
                }
                // Browsers say goodbye to sources that they go on with.
                _ => {}
            }
        }
        if let Some(round_trip) = self.measured {
            // They all take the same way.
            self.streams.iter_mut().for_each(|stream| stream.round_trip = Some(round_trip));
        }
        feedback
    }

    /// Prepares what is asked for again; false when that is nothing.
    fn repair(&mut self, nack: &rtcp::Nack<'_>, lost_left: &mut usize) -> bool {
        let Some(at) = self.streams.iter().position(|stream| stream.ssrc == nack.media) else {
            return false;
        };
        let before = self.repairs.len();
        for lost in nack.lost() {
            if !self.again(at, lost, lost_left) {
                break;
            }
        }
        self.repairs.len() > before
    }

    /// Prepares what did not come, of which the client has not asked for anything yet; false when that is nothing.
    fn missed(&mut self, told: impl Iterator<Item = (u16, Option<i16>)>, lost_left: &mut usize) -> bool {
        let before = self.repairs.len();
        for (number, came) in told {
            if let Some((line, seq)) = self.underway.told(number, came.is_some())
                && let Some(at) = self.streams.iter().position(|stream| stream.line == line && !stream.audio)
                && !self.again(at, seq, lost_left)
            {
                break;
            }
        }
        self.repairs.len() > before
    }

    /// Prepares one packet, twice where many are lost. False when no more can be prepared at one turn.
    fn again(&mut self, at: usize, seq: u16, lost_left: &mut usize) -> bool {
        if self.repairs.len() >= MAX_REPAIRS || *lost_left == 0 {
            return false;
        }
        *lost_left -= 1;
        let Some(stream) = self.streams.get_mut(at) else { return false };
        if let Some(copied) = stream.again(self.now, seq) {
            let twin = self.redundancy.is_deep(self.now).then(|| stream.once_more(&copied)).flatten();
            self.repairs.push(copied);
            self.repairs.extend(twin);
        }
        true
    }

    fn refresh(&mut self, feedback: &mut Feedback, ssrc: u32) {
        let stream = self.streams.iter_mut().find(|stream| stream.ssrc == ssrc && !stream.audio);
        let rested = |at| self.now.saturating_duration_since(at) >= REFRESH_PAUSE;
        if let Some(stream) = stream
            && stream.refreshed_at.is_none_or(rested)
        {
            stream.refreshed_at = Some(self.now);
            feedback.refresh.push(stream.line);
        }
    }

    /// Answers to times of receivers, ours among them.
    fn answered(&mut self, mut answers: rtcp::Dlrr<'_>) {
        let ours = answers.find(|(name, ..)| *name == self.reports.name());
        if let Some(round_trip) = ours.and_then(|(_, time, delay)| self.round_trip(time, delay)) {
            self.reports.answered(round_trip);
        }
    }

    /// Since a time that was told and answered so long after it came.
    fn round_trip(&self, time: u32, delay: u32) -> Option<Duration> {
        let round_trip = ntp::round_trip(ntp::middle(self.wall), time, delay);
        round_trip.filter(|trip| *trip < LONGEST_ROUND_TRIP)
    }

    fn reported(&mut self, block: &Block) {
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == block.ssrc) else {
            return;
        };
        stream.told = Told {
            lost: u64::try_from(block.cumulative).unwrap_or(0),
            lost_lately: block.fraction,
            jitter: block.jitter,
        };
        if block.fraction > 0 {
            self.redundancy.lost(self.now, f64::from(block.fraction) / 256.0);
        }
        if let Some(round_trip) = self.round_trip(block.lsr, block.dlsr) {
            self.measured = Some(round_trip);
            self.congestion.round_trip(self.now, round_trip);
        }
    }
}

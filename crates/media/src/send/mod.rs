//! What one client receives: our own egress, on the session keys of its connection.
//!
//! str0m makes the connection; the streams in the client's receive slots are sealed and sent from here, and what the client reports about them is read
//! here. A packet for many receivers is read once; for each of them it costs a header, one copy, and the sealing of that copy, in the arena from which
//! it is sent. See ADR 14.
//!
//! Owns the streams of one client: SSRCs, counters, what may have to be sent again, reports. Not here: which packet goes into which slot under which
//! numbers (`routing`), when and where to datagrams leave (`shard`).
//! Invariant: no index of an SSRC is sealed twice (`window`), whatever routing says.

mod feedback;
mod history;
mod packet;
mod replay;
mod report;
mod stream;
#[cfg(test)]
mod tests;
mod window;

use std::sync::Arc;
use std::time::Instant;

pub(crate) use feedback::Feedback;
use packet::Copied;
use replay::Replay;
use report::Reports;
use srtp::Keys;
use stream::Stream;

use crate::peer::{Announced, Inbound};
use crate::routing::{Line, Numbers};

/// Most streams of a client, one for each receive slot.
const MAX_STREAMS: usize = 64;
/// Packets that wait for one turn of the shard; a burst beyond it is dropped, the newest first.
const MAX_WAITING: usize = 2_048;

/// Where composed datagrams go.
pub(crate) trait Composer {
    /// Has `write` fill at most so many bytes; it gives how many, or nothing for no datagram.
    fn compose(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>);
}

/// Payload types and header extensions as this client numbers them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Formats {
    pub(crate) opus: Option<u8>,
    pub(crate) vp8: Option<u8>,
    /// Of retransmissions of VP8.
    pub(crate) vp8_rtx: Option<u8>,
    pub(crate) audio_level: Option<u8>,
    pub(crate) video_orientation: Option<u8>,
}

/// A packet that waits for the client's turn.
#[derive(Debug)]
struct Waiting {
    stream: usize,
    packet: Arc<Inbound>,
    numbers: Numbers,
}

/// The sending side of one client.
pub(crate) struct Sender {
    keys: Option<Keys>,
    formats: Formats,
    streams: Vec<Stream>,
    /// Audio leaves before video.
    voices: Vec<Waiting>,
    pictures: Vec<Waiting>,
    repairs: Vec<Copied>,
    reports: Reports,
    replay: Replay,
    random: Random,
    scratch: Vec<u8>,
}

/// Gives numbers for SSRCs and names.
type Random = fn() -> u32;

impl Sender {
    pub(crate) fn new(now: Instant, random: Random) -> Self {
        Self {
            keys: None,
            formats: Formats::default(),
            streams: Vec::new(),
            voices: Vec::new(),
            pictures: Vec::new(),
            repairs: Vec::new(),
            reports: Reports::new(now, random()),
            replay: Replay::default(),
            random,
            scratch: Vec::new(),
        }
    }

    /// The streams that the client receives from now on: those of lines it had go on, those of others are made. `audio` tells the sort of a line.
    pub(crate) fn negotiate(&mut self, formats: Formats, slots: &[(Line, bool)]) {
        self.formats = formats;
        let mut before = std::mem::take(&mut self.streams);
        for (line, audio) in slots.iter().take(MAX_STREAMS) {
            let kept = before.iter().position(|stream| stream.line == *line && stream.audio == *audio);
            let stream = match kept {
                Some(at) => before.swap_remove(at),
                None => {
                    let (ssrc, rtx) = (self.fresh(&before), self.fresh(&before));
                    Stream::new(*line, *audio, ssrc, rtx)
                }
            };
            self.streams.push(stream);
        }
        // Their places have changed; nothing waits between two turns but what is a turn old.
        self.voices.clear();
        self.pictures.clear();
    }

    /// An SSRC that no stream has.
    fn fresh(&self, others: &[Stream]) -> u32 {
        loop {
            let ssrc = (self.random)();
            let taken = |stream: &Stream| stream.ssrc == ssrc || stream.rtx_ssrc == ssrc;
            if ssrc != 0 && !self.streams.iter().chain(others).any(taken) {
                return ssrc;
            }
        }
    }

    /// What the answer says of a line.
    pub(crate) fn announced(&self, line: Line) -> Option<Announced> {
        let stream = self.streams.iter().find(|stream| stream.line == line)?;
        Some(Announced {
            ssrc: stream.ssrc,
            rtx: (!stream.audio && self.formats.vp8_rtx.is_some()).then_some(stream.rtx_ssrc),
        })
    }

    /// The name that joins this client's streams.
    pub(crate) fn cname(&self) -> &str {
        self.reports.cname()
    }

    /// The handshake is through.
    pub(crate) fn open(&mut self, keys: Keys) {
        self.keys = Some(keys);
    }

    /// Whether anything can be sent.
    pub(crate) fn is_open(&self) -> bool {
        self.keys.is_some()
    }

    /// Takes a packet for a slot. False when the client cannot take it.
    pub(crate) fn queue(&mut self, packet: &Arc<Inbound>, line: Line, numbers: Numbers) -> bool {
        let format = if packet.video { self.formats.vp8 } else { self.formats.opus };
        let Some(at) = self.streams.iter().position(|stream| stream.line == line && stream.audio != packet.video) else {
            return false;
        };
        let queue = if packet.video { &mut self.pictures } else { &mut self.voices };
        if format.is_none() || self.keys.is_none() || queue.len() >= MAX_WAITING {
            return false;
        }
        queue.push(Waiting {
            stream: at,
            packet: Arc::clone(packet),
            numbers,
        });
        true
    }

    /// Sends what waits: audio, what is sent again, video, reports that are due. Equal sizes come behind one another, so that they leave as runs.
    pub(crate) fn turn(&mut self, now: Instant, wall: u64, composer: &mut impl Composer) {
        let Some(keys) = &self.keys else { return };
        let sealer = &keys.sealer;
        for waiting in self.voices.drain(..) {
            if let Some(stream) = self.streams.get_mut(waiting.stream) {
                stream.send(now, sealer, &self.formats, waiting.packet, waiting.numbers, composer);
            }
        }
        for copied in self.repairs.drain(..) {
            copied.repair(sealer, &self.formats, composer);
        }
        for waiting in self.pictures.drain(..) {
            if let Some(stream) = self.streams.get_mut(waiting.stream) {
                stream.send(now, sealer, &self.formats, waiting.packet, waiting.numbers, composer);
            }
        }
        self.reports.turn(now, wall, sealer, &mut self.streams, composer);
    }

    /// When the next report is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.reports.deadline(&self.streams)
    }

    /// Reads a datagram of RTCP. Nothing when it cannot be opened, or was read before.
    pub(crate) fn feedback(&mut self, now: Instant, wall: u64, datagram: &[u8]) -> Option<Feedback> {
        let keys = self.keys.as_ref()?;
        self.scratch.clear();
        self.scratch.extend_from_slice(datagram);
        let opened = keys.opener.open_rtcp(&mut self.scratch).ok()?;
        if !self.replay.take(opened.ssrc, opened.index) {
            return None;
        }
        let plain = self.scratch.get(..opened.length)?;
        Some(feedback::read(now, wall, plain, &mut self.streams, &mut self.repairs))
    }
}

//! What one client receives: our own egress, on the session keys of its connection.
//!
//! str0m makes the connection; the streams in the client's receive slots are sealed and sent from here, and what the client reports about them is read
//! here. A packet for many receivers is read once; for each of them it costs a header, one copy, and the sealing of that copy, in the arena from which
//! it is sent. See ADR 14.
//!
//! Owns the streams of one client: SSRCs, counters, what may have to be sent again, reports. Not here: which packet goes into which slot under which
//! numbers (`routing`), when and where to datagrams leave (`shard`).
//! Invariant: no index of an SSRC is sealed twice (`window`), whatever routing says.

mod congestion;
mod feedback;
mod formats;
mod history;
mod packet;
mod redundancy;
mod replay;
mod report;
mod stream;
#[cfg(test)]
pub(crate) mod tests;
mod underway;
mod window;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bwe::{Admission, Cluster};
use congestion::{Congestion, Number};
pub(crate) use feedback::Feedback;
use feedback::Listener;
pub(crate) use formats::{Format, Formats};
use packet::{Copied, Wire};
use redundancy::Redundancy;
use replay::Replay;
use report::Reports;
use srtp::{Keys, Sealer};
use stream::Stream;
use underway::Underway;

use crate::peer::{Announced, Inbound};
use crate::quality::{Quality, SlotQuality};
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

/// A packet that waits for the client's turn.
#[derive(Debug)]
struct Waiting {
    stream: usize,
    packet: Arc<Inbound>,
    numbers: Numbers,
}

/// The sending side of one client.
pub(crate) struct Sender {
    keys: Option<Arc<Keys>>,
    formats: Formats,
    streams: Vec<Stream>,
    /// Audio leaves before video.
    voices: Vec<Waiting>,
    pictures: Vec<Waiting>,
    /// Video that the pace holds back.
    paced: VecDeque<Waiting>,
    repairs: Vec<Copied>,
    congestion: Congestion,
    redundancy: Redundancy,
    underway: Underway,
    reports: Reports,
    replay: Replay,
    random: Random,
    scratch: Vec<u8>,
    /// Packets that were not sent because the client cannot take so much.
    dropped: u64,
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
            paced: VecDeque::new(),
            repairs: Vec::new(),
            congestion: Congestion::new(now),
            redundancy: Redundancy::default(),
            underway: Underway::default(),
            reports: Reports::new(now, random()),
            replay: Replay::default(),
            random,
            scratch: Vec::new(),
            dropped: 0,
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
                    let ssrc = self.fresh(&before, 0);
                    Stream::new(*line, *audio, ssrc, self.fresh(&before, ssrc))
                }
            };
            self.streams.push(stream);
        }
        // Their places have changed; nothing waits between two turns but what is a turn old.
        self.voices.clear();
        self.pictures.clear();
        for waiting in self.paced.drain(..) {
            self.congestion.dropped(waiting.packet.payload.len());
        }
    }

    /// An SSRC that no stream has, and that is not `besides`.
    fn fresh(&self, others: &[Stream], besides: u32) -> u32 {
        loop {
            let ssrc = (self.random)();
            let taken = |stream: &Stream| stream.ssrc == ssrc || stream.rtx_ssrc == ssrc;
            if ssrc != 0 && ssrc != besides && ssrc != self.reports.name() && !self.streams.iter().chain(others).any(taken) {
                return ssrc;
            }
        }
    }

    /// What the answer says of a line.
    pub(crate) fn announced(&self, line: Line) -> Option<Announced> {
        let stream = self.streams.iter().find(|stream| stream.line == line)?;
        Some(Announced {
            ssrc: stream.ssrc,
            rtx: (!stream.audio && self.formats.repairs()).then_some(stream.rtx_ssrc),
        })
    }

    /// The name that joins this client's streams.
    pub(crate) fn cname(&self) -> &str {
        self.reports.cname()
    }

    /// The handshake is through.
    pub(crate) fn open(&mut self, keys: impl Into<Arc<Keys>>) {
        self.keys = Some(keys.into());
    }

    /// Whether anything can be sent.
    pub(crate) fn is_open(&self) -> bool {
        self.keys.is_some()
    }

    /// Takes a packet for a slot. False when the client cannot take it.
    pub(crate) fn queue(&mut self, packet: &Arc<Inbound>, line: Line, numbers: Numbers) -> bool {
        let format = self.formats.sent_as(packet.route.codec);
        let Some(at) = self
            .streams
            .iter()
            .position(|stream| stream.line == line && stream.audio != packet.video)
        else {
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

    /// Sends what waits: audio, what is sent again, video as fast as the client can take it, reports that are due. Equal sizes come behind one another, so
    /// that they leave as runs.
    pub(crate) fn turn(&mut self, now: Instant, wall: u64, composer: &mut impl Composer) {
        let Some(keys) = &self.keys else { return };
        let sealer = &keys.sealer;
        self.congestion.turn(now);
        let follows = self.redundancy.is_deep(now);
        if !follows && !self.underway.is_empty() {
            self.underway.clear();
        }
        let mut way = Way {
            now,
            sealer,
            formats: &self.formats,
            redundancy: self.redundancy.depth(now),
            congestion: &mut self.congestion,
            underway: follows.then_some(&mut self.underway),
            composer,
        };
        for waiting in self.voices.drain(..) {
            if let Some(stream) = self.streams.get_mut(waiting.stream) {
                way.voice(stream, waiting);
            }
        }
        let mut repairs = self.repairs.drain(..).peekable();
        let mut copies = 0;
        while let Some(copied) = repairs.next() {
            copies += 1;
            let number = way.repair(&copied).number;
            if repairs.peek().is_none_or(|next| !next.is_copy_of(&copied)) {
                let copies = std::mem::take(&mut copies);
                if let Some((underway, number)) = way.followed(number) {
                    underway.left_again(number, copied.line, packet::low(copied.numbers.seq), copies);
                }
            }
        }
        while let Some(first) = self.paced.front() {
            let Admission::Leave(probe) = way.congestion.release(now, first.packet.payload.len()) else {
                break;
            };
            if let Some(waiting) = self.paced.pop_front()
                && let Some(stream) = self.streams.get_mut(waiting.stream)
            {
                way.picture(stream, waiting, probe);
            }
        }
        for waiting in self.pictures.drain(..) {
            let Some(stream) = self.streams.get_mut(waiting.stream) else {
                continue;
            };
            match way.congestion.admit(now, waiting.packet.payload.len()) {
                Admission::Leave(probe) => way.picture(stream, waiting, probe),
                Admission::Wait => self.paced.push_back(waiting),
                // The client asks for a key frame when it misses the packet; until then there is less to send.
                Admission::Full => self.dropped += 1,
            }
        }
        way.fill(&mut self.streams);
        self.reports.turn(now, wall, sealer, &mut self.streams, composer);
    }

    /// Seals and sends a compound that `write` fills, under the name that it is given. False when nothing can be said any more on this connection.
    pub(crate) fn tell(&mut self, composer: &mut impl Composer, write: impl FnOnce(u32, &mut [u8]) -> Option<usize>) -> bool {
        let Some(keys) = &self.keys else { return false };
        self.reports.tell(&keys.sealer, composer, write)
    }

    /// The longest that something takes to the client and back; nothing while that is not known.
    pub(crate) fn round_trip(&self) -> Option<Duration> {
        let streams = self.streams.iter().filter_map(|stream| stream.round_trip).max();
        streams.or(self.reports.round_trip())
    }

    /// Whether no report about a stream says how far away the client is: it has to be asked.
    pub(crate) fn is_unmeasured(&self) -> bool {
        self.streams.iter().all(|stream| stream.round_trip.is_none())
    }

    /// Bits a second that video to this client may take; nothing when that is not known.
    pub(crate) fn budget(&self) -> Option<u64> {
        self.congestion.budget()
    }

    /// Whether the budget may have changed since the last call.
    pub(crate) fn take_budget_changed(&mut self) -> bool {
        self.congestion.take_changed()
    }

    /// What the client's video would take if it could.
    pub(crate) fn set_demand(&mut self, now: Instant, bps: u64) {
        self.congestion.set_demand(now, bps);
    }

    /// How it does; slots are named by `name`.
    pub(crate) fn quality(&self, name: impl Fn(Line) -> Option<String>) -> Quality {
        let mut quality = Quality {
            estimate: self.congestion.status().map(|status| status.bitrate_bps),
            dropped: self.dropped,
            round_trip: self.reports.round_trip(),
            ..Quality::default()
        };
        for stream in self.streams.iter().filter(|stream| stream.packets > 0) {
            let slot = stream.quality();
            quality.round_trip = stream.round_trip.max(quality.round_trip);
            quality.sent += slot.sent;
            quality.repaired += stream.repaired;
            if let Some(mid) = name(stream.line) {
                quality.slots.push(SlotQuality { mid, ..slot });
            }
        }
        quality
    }

    /// The client is somewhere else now.
    pub(crate) fn moved(&mut self, now: Instant) {
        self.congestion.moved(now);
    }

    /// When the next turn is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let reports = self.reports.deadline(&self.streams);
        [reports, self.congestion.deadline()].into_iter().flatten().min()
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
        let mut listener = Listener {
            now,
            wall,
            streams: &mut self.streams,
            repairs: &mut self.repairs,
            congestion: &mut self.congestion,
            redundancy: &mut self.redundancy,
            underway: &mut self.underway,
            reports: &mut self.reports,
            measured: None,
        };
        Some(listener.read(plain))
    }
}

/// Packets that fill a probe in one turn.
const MOST_FILLERS: usize = 32;

/// The way out, for the packets of one turn.
struct Way<'a, C> {
    now: Instant,
    sealer: &'a Sealer,
    formats: &'a Formats,
    redundancy: usize,
    congestion: &'a mut Congestion,
    /// While packets are followed.
    underway: Option<&'a mut Underway>,
    composer: &'a mut C,
}

/// What left: nothing, when there are no bytes.
#[derive(Debug, Default)]
struct Left {
    bytes: usize,
    number: Option<Number>,
}

impl<C: Composer> Way<'_, C> {
    /// Numbers what `send` sends; `paid` says for which probe the bytes count.
    fn out(
        &mut self,
        send: impl FnOnce(&Wire<'_>, &mut C) -> Option<usize>,
        paid: impl FnOnce(&mut Congestion, usize) -> Option<Cluster>,
    ) -> Left {
        let number = match self.formats.transport {
            Some(_) => self.congestion.number(self.now),
            None => None,
        };
        let wire = Wire {
            sealer: self.sealer,
            formats: self.formats,
            number,
            redundancy: self.redundancy,
        };
        let Some(bytes) = send(&wire, self.composer) else {
            return Left::default();
        };
        let probe = paid(self.congestion, bytes);
        if let Some(number) = number {
            self.congestion.left(self.now, number, bytes, probe);
        }
        Left { bytes, number }
    }

    /// Where to note what left under this number, while packets are followed.
    fn followed(&mut self, number: Option<Number>) -> Option<(&mut Underway, Number)> {
        Some((self.underway.as_deref_mut()?, number?))
    }

    fn voice(&mut self, stream: &mut Stream, waiting: Waiting) {
        let now = self.now;
        self.out(
            |wire, composer| stream.send(now, wire, waiting, composer),
            |congestion, bytes| congestion.voice(now, bytes),
        );
    }

    fn picture(&mut self, stream: &mut Stream, waiting: Waiting, probe: Option<Cluster>) {
        let (now, line, seq) = (self.now, stream.line, packet::low(waiting.numbers.seq));
        let left = self.out(|wire, composer| stream.send(now, wire, waiting, composer), |_, _| probe);
        if let Some((underway, number)) = self.followed(left.number) {
            underway.left(number, line, seq);
        }
    }

    fn repair(&mut self, copied: &Copied) -> Left {
        let now = self.now;
        self.out(
            |wire, composer| copied.repair(wire, composer),
            |congestion, bytes| congestion.pass(now, bytes),
        )
    }

    /// Sends again what was sent lately, where a probe lacks packets.
    fn fill(&mut self, streams: &mut [Stream]) {
        for _ in 0..MOST_FILLERS {
            if self.congestion.padding(self.now).is_none() {
                return;
            }
            let Some(filler) = streams.iter_mut().find_map(Stream::filler) else {
                return;
            };
            if self.repair(&filler).bytes == 0 {
                return;
            }
        }
    }
}

//! What one client publishes: our own ingress, on the session keys of its connection.
//!
//! str0m makes the connection; RTP is opened here, and what RTCP says of it is read and written here. See ADR 18.
//!
//! Owns the sources of one client: their rollovers, which numbers came, what is missing, what is to be reported. Not here: what a payload means
//! (`peer::inbound`), who gets a packet (`routing`), sealing what is written here (`send`, which has the one counter of reports), when it leaves (`shard`).
//! Invariants: nothing changes before a packet was opened, no number of a source is taken twice, and every list has a bound.

mod arrivals;
mod feedback;
pub(crate) mod fuzz;
mod missing;
mod origin;
mod reception;
mod seen;
#[cfg(test)]
mod tests;
mod values;

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrivals::Arrivals;
pub(crate) use feedback::Speaker;
use missing::Missing;
pub(crate) use origin::{Named, Read};
use origin::{Origin, is_kept, origin};
use reception::Reception;
use rtp::codec::rtx;
use rtp::header::Header;
use seen::Seen;
use srtp::{Keys, Rollover};
pub(crate) use values::Extensions;

use crate::peer::Session;
use crate::routing::{Codec, Layer, Line};

/// Of how many sources packets may come in all. Something of each is kept for ever: its numbers may not be taken twice.
const MAX_SSRCS: usize = 512;
/// SRTP numbers packets with 48 bits (RFC 3711 §3.3.1); only a forged rollover leads beyond.
const MAX_INDEX: u64 = 1 << 48;
/// Packets that are missing of a client in all; who loses more is helped by key frames.
const MOST_MISSING: usize = 1_024;
/// How far ahead of all others a repaired packet may be: what is farther repairs something else.
const LONGEST_LEAD: u64 = 128;
/// A source in whose place another one came is heard again when that one was silent for so long; before, its packets are late ones.
const SILENT: Duration = Duration::from_secs(2);

/// A packet of a publication.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub(crate) ssrc: u32,
    /// Rollovers × 2¹⁶ + sequence number.
    pub(crate) index: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) line: Line,
    pub(crate) layer: Layer,
    pub(crate) codec: Codec,
    pub(crate) payload: Arc<[u8]>,
    /// Header extensions as they are written.
    pub(crate) level: Option<u8>,
    pub(crate) orientation: Option<u8>,
    pub(crate) descriptor: Option<Box<[u8]>>,
}

/// What became of a datagram that could be read.
#[derive(Debug)]
pub(crate) enum Taken {
    /// It is a packet that did not come before.
    Packet(Incoming),
    /// There is nothing in it for anybody.
    Nothing,
    /// It is of one source more than a client may have.
    TooMany,
}

/// The receiving side of one client.
#[derive(Debug, Default)]
pub(crate) struct Receiver {
    keys: Option<Arc<Keys>>,
    /// Of each of `tracks`.
    ssrcs: Vec<u32>,
    tracks: Vec<Track>,
    heads: Vec<Head>,
    arrivals: Arrivals,
    /// When something is to be written.
    wake: Option<Instant>,
    /// A key frame is to be asked for at the next turn.
    refresh: bool,
    scratch: Vec<u8>,
}

/// A source.
#[derive(Debug)]
struct Track {
    origin: Origin,
    rollover: Rollover,
    seen: Seen,
    media: Option<Box<Media>>,
}

/// What is kept of a source of media.
#[derive(Debug)]
struct Media {
    missing: Missing,
    reception: Reception,
    /// A key frame is to be asked for.
    refresh: bool,
}

/// The source that a layer comes from now.
#[derive(Debug)]
struct Head {
    line: Line,
    layer: Layer,
    ssrc: u32,
    at: Instant,
}

impl Receiver {
    /// The handshake is through.
    pub(crate) fn open(&mut self, keys: Arc<Keys>) {
        self.keys = Some(keys);
    }

    /// Another session is negotiated. What is known of a source stays, unless it can be of another publication now.
    pub(crate) fn negotiate(&mut self, before: &Session, now: &Session) {
        let mut kept = Vec::with_capacity(self.heads.len());
        for (ssrc, track) in self.ssrcs.iter().zip(&mut self.tracks) {
            let named = now.named(*ssrc);
            let line = match track.origin {
                Origin::Media { line, .. } | Origin::Repair { line, .. } => Some(line),
                Origin::Probe => None,
            };
            if !is_kept(track.origin, before, now) || named.is_some_and(|named| Some(named) != line) {
                track.origin = Origin::Probe;
                track.media = None;
            } else {
                kept.push(*ssrc);
            }
        }
        self.heads.retain(|head| kept.contains(&head.ssrc));
    }

    /// Takes a datagram of RTP. Nothing when it cannot be read.
    pub(crate) fn receive(&mut self, now: Instant, session: &Session, datagram: &[u8]) -> Option<Taken> {
        let keys = self.keys.as_ref()?;
        let header = Header::parse_sealed(datagram).ok()?;
        let values = session.extensions.read(&header);
        let read = session.formats.read(header.payload_type);
        let known = self.ssrcs.iter().position(|ssrc| *ssrc == header.ssrc);
        let (from, index) = match known.and_then(|at| self.tracks.get(at)) {
            Some(track) => {
                let index = track.rollover.guess(header.sequence);
                if track.seen.has(index) {
                    return Some(Taken::Nothing);
                }
                // A source whose place is gone may have got another one.
                let from = match track.origin {
                    Origin::Probe => origin(session, header.ssrc, read, &values),
                    known => Some(known),
                };
                (from, index)
            }
            None => (origin(session, header.ssrc, read, &values), header.sequence.into()),
        };
        let Some(from) = from.filter(|_| index < MAX_INDEX) else {
            return Some(Taken::Nothing);
        };
        self.scratch.clear();
        self.scratch.extend_from_slice(datagram);
        let payload = keys.opener.open_rtp(&mut self.scratch, header.header_len(), index).ok()?;
        let payload = if header.padded { unpad(payload)? } else { payload };
        // Now it is known who sent it.
        let at = match known {
            Some(at) => at,
            None if self.ssrcs.len() >= MAX_SSRCS => return Some(Taken::TooMany),
            None => {
                self.ssrcs.push(header.ssrc);
                self.tracks.push(Track::new(from));
                self.tracks.len() - 1
            }
        };
        let track = self.tracks.get_mut(at)?;
        let fresh = known.is_none() || track.origin == Origin::Probe;
        track.origin = from;
        track.rollover.opened(index);
        track.seen.take(index);
        let number = values.transport.and_then(rtp::ext::read_transport_sequence);
        let due = number.and_then(|number| self.arrivals.came(now, number));
        wake(&mut self.wake, due);
        let Some(Read { codec, rtx }) = read else {
            return Some(Taken::Nothing);
        };
        let place = match from {
            // Between two sources of a layer, one counts; padding is no word of another one.
            Origin::Media { line, layer } if !rtx && is_of(session, line, codec) => {
                let before = head(&self.heads, line, layer);
                let leads = if payload.is_empty() && before.is_some() {
                    before == Some(header.ssrc)
                } else {
                    leads(&mut self.heads, now, (line, layer), header.ssrc, fresh)
                };
                if leads && before != Some(header.ssrc) {
                    before.into_iter().for_each(|before| forget(&self.ssrcs, &mut self.tracks, before));
                }
                leads.then_some((at, line, layer, index, &*payload))
            }
            // Of the source that the layer comes from now, and always of the same one.
            Origin::Repair { line, layer, of } if rtx && is_of(session, line, codec) => {
                let main = head(&self.heads, line, layer).filter(|head| of.is_none_or(|of| of == *head));
                let place = main.and_then(|main| self.ssrcs.iter().position(|known| *known == main));
                let repaired = place.zip(rtx::read(payload)).and_then(|(place, (sequence, payload))| {
                    let index = self.tracks.get_mut(place)?.repaired(sequence)?;
                    Some((place, line, layer, index, payload))
                });
                if repaired.is_some()
                    && let Some(track) = self.tracks.get_mut(at)
                {
                    track.origin = Origin::Repair { line, layer, of: main };
                }
                repaired
            }
            // What only probes the path, and what cannot be.
            _ => None,
        };
        let Some((at, line, layer, index, payload)) = place else {
            return Some(Taken::Nothing);
        };
        let gap = self.tracks.get(at).map_or(0, |track| track.gap(index));
        let again = gap == 0 || missing(&self.tracks) + gap <= MOST_MISSING;
        let (track, ssrc) = (self.tracks.get_mut(at)?, *self.ssrcs.get(at)?);
        let again = again && !codec.is_audio() && session.formats.get(codec).is_some_and(|format| format.rtx.is_some());
        let due = track.came(now, index, (!rtx).then_some(header.timestamp), codec, again);
        wake(&mut self.wake, due);
        Some(Taken::Packet(Incoming {
            ssrc,
            index,
            timestamp: header.timestamp,
            marker: header.marker,
            line,
            layer,
            codec,
            payload: payload.into(),
            level: byte(values.level),
            orientation: byte(values.orientation),
            descriptor: values.dependency.map(Into::into),
        }))
    }

    /// A source told its time: the middle of what its sender report says.
    pub(crate) fn heard(&mut self, now: Instant, ssrc: u32, time: u32) {
        let at = self.ssrcs.iter().position(|known| *known == ssrc);
        if let Some(media) = at.and_then(|at| self.tracks.get_mut(at)?.media.as_mut()) {
            media.reception.heard(now, time);
        }
    }

    /// Queues a request for a key frame. False when nothing came of that layer.
    pub(crate) fn request_keyframe(&mut self, line: Line, layer: Layer) -> bool {
        let head = self.heads.iter().find(|head| head.line == line && head.layer == layer);
        let at = head.and_then(|head| self.ssrcs.iter().position(|ssrc| *ssrc == head.ssrc));
        let Some(media) = at.and_then(|at| self.tracks.get_mut(at)?.media.as_mut()) else {
            return false;
        };
        media.refresh = true;
        self.refresh = true;
        true
    }
}

impl Track {
    fn new(origin: Origin) -> Self {
        Self {
            origin,
            rollover: Rollover::default(),
            seen: Seen::default(),
            media: None,
        }
    }

    /// Packets between the newest and this one.
    fn gap(&self, index: u64) -> usize {
        let gap = self.media.as_ref().map_or(0, |media| media.missing.gap(index));
        usize::try_from(gap).unwrap_or(usize::MAX)
    }

    /// The number of a packet that came again from another source, if it did not come before.
    fn repaired(&mut self, sequence: u16) -> Option<u64> {
        let index = self.rollover.guess(sequence);
        let ahead = self.media.as_ref().is_none_or(|media| media.missing.gap(index) > LONGEST_LEAD);
        if ahead || index >= MAX_INDEX || !self.seen.take(index) {
            return None;
        }
        self.rollover.opened(index);
        Some(index)
    }

    /// A packet of media came, by itself with a timestamp, or repaired. Gives when something is due because of it.
    fn came(&mut self, now: Instant, index: u64, timestamp: Option<u32>, codec: Codec, again: bool) -> Option<Instant> {
        let media = self.media.get_or_insert_with(|| {
            Box::new(Media {
                missing: Missing::default(),
                reception: Reception::new(now, codec.is_audio(), index),
                refresh: false,
            })
        });
        let due = media.missing.came(now, index, again);
        if let Some(timestamp) = timestamp {
            media.reception.came(now, index, timestamp);
        }
        due.into_iter().chain(media.reception.due()).min()
    }
}

/// The source that a layer comes from now.
fn head(heads: &[Head], line: Line, layer: Layer) -> Option<u32> {
    let head = heads.iter().find(|head| head.line == line && head.layer == layer)?;
    Some(head.ssrc)
}

/// Packets that are missing in all.
fn missing(tracks: &[Track]) -> usize {
    let media = tracks.iter().filter_map(|track| track.media.as_ref());
    media.map(|media| media.missing.count()).sum()
}

/// Nothing is asked of a source any more that another one took the place of.
fn forget(ssrcs: &[u32], tracks: &mut [Track], ssrc: u32) {
    let at = ssrcs.iter().position(|known| *known == ssrc);
    if let Some(media) = at.and_then(|at| tracks.get_mut(at)?.media.as_mut()) {
        media.missing.clear();
    }
}

/// Whether a codec is of the sort of this m-line.
fn is_of(session: &Session, line: Line, codec: Codec) -> bool {
    session.info(line).is_some_and(|info| info.audio == codec.is_audio())
}

/// Whether a source is the one that its layer comes from. A new one is from now on.
fn leads(heads: &mut Vec<Head>, now: Instant, (line, layer): (Line, Layer), ssrc: u32, fresh: bool) -> bool {
    let Some(head) = heads.iter_mut().find(|head| head.line == line && head.layer == layer) else {
        heads.push(Head {
            line,
            layer,
            ssrc,
            at: now,
        });
        return true;
    };
    if head.ssrc != ssrc && !fresh && now.saturating_duration_since(head.at) < SILENT {
        return false;
    }
    (head.ssrc, head.at) = (ssrc, now);
    true
}

/// Something is due.
fn wake(wake: &mut Option<Instant>, due: Option<Instant>) {
    *wake = wake.iter().copied().chain(due).min();
}

fn byte(value: Option<&[u8]>) -> Option<u8> {
    value?.first().copied()
}

/// The payload without its padding, whose last byte counts it (RFC 3550 §5.1). Nothing when it is more than there is; none is taken for none, as other
/// receivers do.
fn unpad(payload: &mut [u8]) -> Option<&mut [u8]> {
    let count = payload.last().copied().map_or(0, usize::from);
    let rest = payload.len().checked_sub(count)?;
    payload.get_mut(..rest)
}

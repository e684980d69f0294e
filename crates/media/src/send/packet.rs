//! Composes packets in the place from which they are sent: header, payload under the receiver's numbers, seal.

use std::sync::Arc;

use rtp::codec::{Patch, red};
use rtp::dependency::set_frame_number;
use rtp::{Fields, write_header};
use srtp::Sealer;

use super::congestion::Number;
use super::redundancy::{MOST, Past};
use super::{Composer, Formats};
use crate::peer::Inbound;
use crate::routing::{Codec, Line, Numbers};

/// Longest datagram that is composed; publishers' packets are hardly longer than 1,200 bytes, and what does not fit is not sent.
const LONGEST: usize = 2_048;

/// Longest value of a header extension.
const LONGEST_VALUE: usize = 255;

/// What every packet to a client needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wire<'a> {
    pub(super) sealer: &'a Sealer,
    pub(super) formats: &'a Formats,
    /// Of this packet, over all streams.
    pub(super) number: Option<Number>,
    /// Earlier payloads that go in front of audio.
    pub(super) redundancy: usize,
}

/// A packet that is sent again (RFC 4588).
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) packet: Arc<Inbound>,
    pub(super) line: Line,
    pub(super) numbers: Numbers,
    pub(super) ssrc: u32,
    pub(super) index: u64,
}

/// Sends a packet, audio behind what is to be repeated of its past. Gives its bytes, or nothing when it was not sent.
pub(super) fn media(
    wire: &Wire<'_>,
    ssrc: u32,
    packet: &Inbound,
    numbers: Numbers,
    past: Option<&Past>,
    composer: &mut impl Composer,
) -> Option<usize> {
    let (codec, format) = wire.formats.sent_as(packet.route.codec)?;
    let redundant = past
        .filter(|_| codec == Codec::Opus && !numbers.blank)
        .zip(wire.formats.get(Codec::Red));
    let format = redundant.map_or(format, |(_, red)| red);
    let fields = Fields {
        payload_type: format.payload_type,
        marker: numbers.marker,
        sequence: low(numbers.seq),
        timestamp: numbers.timestamp,
        ssrc,
    };
    composed(composer, |out| {
        let header = head(out, &fields, wire, packet, numbers)?;
        let place = out.get_mut(header..)?;
        let end = header
            + match redundant {
                None => body(place, wire, codec, packet, numbers)?,
                Some((past, _)) => repeated(place, wire, packet, numbers, past)?,
            };
        let out = out.get_mut(..end + wire.sealer.tag())?;
        wire.sealer.seal_rtp(out, header, numbers.seq).ok()?;
        Some(out.len())
    })
}

/// Writes what is repeated and the packet of Opus behind it.
fn repeated(out: &mut [u8], wire: &Wire<'_>, packet: &Inbound, numbers: Numbers, past: &Past) -> Option<usize> {
    let opus = wire.formats.get(Codec::Opus)?.payload_type;
    let mut blocks = [red::Block::default(); MOST];
    let mut count = 0;
    for (place, block) in blocks.iter_mut().zip(past.blocks(wire.redundancy, numbers, opus)) {
        *place = block;
        count += 1;
    }
    red::write(out, blocks.get(..count)?, opus, packet.voice()).ok()
}

impl Copied {
    /// Whether it is the same under another number.
    pub(super) fn is_copy_of(&self, other: &Self) -> bool {
        (self.line, self.numbers.seq) == (other.line, other.numbers.seq)
    }

    /// Sends it under the numbers of retransmissions; its own number is in front of the payload. Gives its bytes.
    pub(super) fn repair(&self, wire: &Wire<'_>, composer: &mut impl Composer) -> Option<usize> {
        let codec = self.packet.route.codec;
        let fields = Fields {
            payload_type: wire.formats.get(codec)?.rtx?,
            marker: self.numbers.marker,
            sequence: low(self.index),
            timestamp: self.numbers.timestamp,
            ssrc: self.ssrc,
        };
        composed(composer, |out| {
            let header = head(out, &fields, wire, &self.packet, self.numbers)?;
            let original = low(self.numbers.seq).to_be_bytes();
            let start = header + original.len();
            out.get_mut(header..start)?.copy_from_slice(&original);
            let end = start + body(out.get_mut(start..)?, wire, codec, &self.packet, self.numbers)?;
            let out = out.get_mut(..end + wire.sealer.tag())?;
            wire.sealer.seal_rtp(out, header, self.index).ok()?;
            Some(out.len())
        })
    }
}

/// Composes a datagram; gives its length.
fn composed(composer: &mut impl Composer, write: impl FnOnce(&mut [u8]) -> Option<usize>) -> Option<usize> {
    let mut length = None;
    composer.compose(LONGEST, |out| {
        length = write(out);
        length
    });
    length
}

/// The sequence number of an index.
pub(super) fn low(index: u64) -> u16 {
    let [.., high, low] = index.to_be_bytes();
    u16::from_be_bytes([high, low])
}

fn head(out: &mut [u8], fields: &Fields, wire: &Wire<'_>, packet: &Inbound, numbers: Numbers) -> Option<usize> {
    let formats = wire.formats;
    let own = if packet.video {
        formats.video_orientation.zip(packet.orientation)
    } else {
        formats.audio_level.zip(packet.level)
    };
    let value = [own.map_or(0, |(_, value)| value)];
    let number = wire.number.map_or([0; 2], |number| number.wire().to_be_bytes());
    let mut place = [0; LONGEST_VALUE];
    let descriptor = descriptor(&mut place, packet, numbers);
    let none: (u8, &[u8]) = (0, &[]);
    let mut extensions = [none; 3];
    let there = [
        own.map(|(id, _)| (id, &value[..])),
        formats.transport.filter(|_| wire.number.is_some()).map(|id| (id, &number[..])),
        formats.dependency.zip(descriptor),
    ];
    let mut count = 0;
    for (place, extension) in extensions.iter_mut().zip(there.into_iter().flatten()) {
        *place = extension;
        count += 1;
    }
    write_header(out, fields, extensions.get(..count)?).ok()
}

/// The dependency descriptor with the receiver's number of the frame.
fn descriptor<'a>(place: &'a mut [u8; LONGEST_VALUE], packet: &Inbound, numbers: Numbers) -> Option<&'a [u8]> {
    let raw = packet.descriptor.as_ref().filter(|_| !numbers.blank)?;
    let value = place.get_mut(..raw.0.len())?;
    value.copy_from_slice(&raw.0);
    set_frame_number(value, numbers.frame?);
    Some(value)
}

/// Copies the payload, with the receiver's numbers in it.
fn body(out: &mut [u8], wire: &Wire<'_>, codec: Codec, packet: &Inbound, numbers: Numbers) -> Option<usize> {
    if numbers.blank {
        return Some(0);
    }
    let payload = if codec == Codec::Opus { packet.voice() } else { &packet.payload };
    let body = out.get_mut(..payload.len())?;
    body.copy_from_slice(payload);
    if codec == Codec::Red {
        rename(body, wire.formats.get(Codec::Opus)?.payload_type);
    }
    if let Some(places) = packet.places {
        let patch = Patch {
            picture_id: numbers.picture.unwrap_or_default(),
            tl0: numbers.tl0.unwrap_or_default(),
        };
        patch.apply(places, body);
    }
    Some(body.len())
}

/// Calls the packets of Opus in a redundant payload as the receiver does: the lower seven bits of the first byte of each header (RFC 2198 §3).
fn rename(payload: &mut [u8], opus: u8) {
    for header in payload.chunks_mut(4) {
        let Some(first) = header.first_mut() else { return };
        *first = *first & 0x80 | opus & 0x7f;
        if *first & 0x80 == 0 {
            return;
        }
    }
}

//! Composes packets in the place from which they are sent: header, payload under the receiver's numbers, seal.

use std::sync::Arc;

use rtp::{Fields, write_header};
use srtp::Sealer;

use super::congestion::Number;
use super::{Composer, Formats};
use crate::peer::Inbound;
use crate::routing::Numbers;

/// Longest datagram that is composed; publishers' packets are hardly longer than 1,200 bytes, and what does not fit is not sent.
const LONGEST: usize = 2_048;

/// What every packet to a client needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wire<'a> {
    pub(super) sealer: &'a Sealer,
    pub(super) formats: &'a Formats,
    /// Of this packet, over all streams.
    pub(super) number: Option<Number>,
}

/// A packet that is sent again (RFC 4588).
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) packet: Arc<Inbound>,
    pub(super) numbers: Numbers,
    pub(super) ssrc: u32,
    pub(super) index: u64,
}

/// Sends a packet. Gives its bytes, or nothing when it was not sent.
pub(super) fn media(wire: &Wire<'_>, ssrc: u32, packet: &Inbound, numbers: Numbers, composer: &mut impl Composer) -> Option<usize> {
    let payload_type = if packet.video { wire.formats.vp8 } else { wire.formats.opus };
    let fields = Fields {
        payload_type: payload_type?,
        marker: packet.marker,
        sequence: low(numbers.seq),
        timestamp: numbers.timestamp,
        ssrc,
    };
    composed(composer, |out| {
        let header = head(out, &fields, wire, packet)?;
        let end = header + body(out.get_mut(header..)?, packet, numbers)?;
        let out = out.get_mut(..end + wire.sealer.tag())?;
        wire.sealer.seal_rtp(out, header, numbers.seq).ok()?;
        Some(out.len())
    })
}

impl Copied {
    /// Sends it under the numbers of retransmissions; its own number is in front of the payload. Gives its bytes.
    pub(super) fn repair(&self, wire: &Wire<'_>, composer: &mut impl Composer) -> Option<usize> {
        let fields = Fields {
            payload_type: wire.formats.vp8_rtx?,
            marker: self.packet.marker,
            sequence: low(self.index),
            timestamp: self.numbers.timestamp,
            ssrc: self.ssrc,
        };
        composed(composer, |out| {
            let header = head(out, &fields, wire, &self.packet)?;
            let original = low(self.numbers.seq).to_be_bytes();
            let start = header + original.len();
            out.get_mut(header..start)?.copy_from_slice(&original);
            let end = start + body(out.get_mut(start..)?, &self.packet, self.numbers)?;
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
fn low(index: u64) -> u16 {
    let [.., high, low] = index.to_be_bytes();
    u16::from_be_bytes([high, low])
}

fn head(out: &mut [u8], fields: &Fields, wire: &Wire<'_>, packet: &Inbound) -> Option<usize> {
    let formats = wire.formats;
    let own = if packet.video {
        formats.video_orientation.zip(packet.orientation)
    } else {
        formats.audio_level.zip(packet.level)
    };
    let number = formats
        .transport
        .zip(wire.number)
        .map(|(id, number)| (id, number.wire().to_be_bytes()));
    match (own, number) {
        (Some((id, value)), Some((transport, number))) => write_header(out, fields, &[(id, &[value]), (transport, &number)]).ok(),
        (Some((id, value)), None) => write_header(out, fields, &[(id, &[value])]).ok(),
        (None, Some((transport, number))) => write_header(out, fields, &[(transport, &number)]).ok(),
        (None, None) => write_header(out, fields, &[]).ok(),
    }
}

/// Copies the payload, with the receiver's numbers in it.
fn body(out: &mut [u8], packet: &Inbound, numbers: Numbers) -> Option<usize> {
    let body = out.get_mut(..packet.payload.len())?;
    body.copy_from_slice(&packet.payload);
    if let Some(places) = packet.vp8 {
        places.write(body, numbers.picture, numbers.tl0);
    }
    Some(body.len())
}

//! Composes packets in the place from which they are sent: header, payload under the receiver's numbers, seal.

use std::sync::Arc;

use rtp::{Fields, write_header};
use srtp::Sealer;

use super::{Composer, Formats};
use crate::peer::Inbound;
use crate::routing::Numbers;

/// Longest datagram that is composed; publishers' packets are hardly longer than 1,200 bytes, and what does not fit is not sent.
const LONGEST: usize = 2_048;

/// A packet that is sent again (RFC 4588).
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) packet: Arc<Inbound>,
    pub(super) numbers: Numbers,
    pub(super) ssrc: u32,
    pub(super) index: u64,
}

/// Sends a packet.
pub(super) fn media(sealer: &Sealer, formats: &Formats, ssrc: u32, packet: &Inbound, numbers: Numbers, composer: &mut impl Composer) {
    let payload_type = if packet.video { formats.vp8 } else { formats.opus };
    let Some(payload_type) = payload_type else { return };
    let fields = Fields {
        payload_type,
        marker: packet.marker,
        sequence: low(numbers.seq),
        timestamp: numbers.timestamp,
        ssrc,
    };
    composer.compose(LONGEST, |out| {
        let header = head(out, &fields, formats, packet)?;
        let end = header + body(out.get_mut(header..)?, packet, numbers)?;
        let out = out.get_mut(..end + sealer.tag())?;
        sealer.seal_rtp(out, header, numbers.seq).ok()?;
        Some(out.len())
    });
}

impl Copied {
    /// Sends it under the numbers of retransmissions; its own number is in front of the payload.
    pub(super) fn repair(&self, sealer: &Sealer, formats: &Formats, composer: &mut impl Composer) {
        let Some(payload_type) = formats.vp8_rtx else { return };
        let fields = Fields {
            payload_type,
            marker: self.packet.marker,
            sequence: low(self.index),
            timestamp: self.numbers.timestamp,
            ssrc: self.ssrc,
        };
        composer.compose(LONGEST, |out| {
            let header = head(out, &fields, formats, &self.packet)?;
            let original = low(self.numbers.seq).to_be_bytes();
            let start = header + original.len();
            out.get_mut(header..start)?.copy_from_slice(&original);
            let end = start + body(out.get_mut(start..)?, &self.packet, self.numbers)?;
            let out = out.get_mut(..end + sealer.tag())?;
            sealer.seal_rtp(out, header, self.index).ok()?;
            Some(out.len())
        });
    }
}

/// The sequence number of an index.
fn low(index: u64) -> u16 {
    let [.., high, low] = index.to_be_bytes();
    u16::from_be_bytes([high, low])
}

fn head(out: &mut [u8], fields: &Fields, formats: &Formats, packet: &Inbound) -> Option<usize> {
    let (id, value) = if packet.video {
        (formats.video_orientation, packet.orientation)
    } else {
        (formats.audio_level, packet.level)
    };
    match (id, value) {
        (Some(id), Some(value)) => write_header(out, fields, &[(id, &[value])]).ok(),
        _ => write_header(out, fields, &[]).ok(),
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

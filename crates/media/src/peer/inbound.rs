//! Reads a received RTP packet as far as routing and those who receive it need it.

use std::sync::Arc;

use rtp::ext::AudioLevel;
use str0m::rtp::{RtpPacket, Vp8Descriptor};

use super::places::Places;
use crate::routing::{Layer, Line, Packet, Size};

/// A packet from a publisher; one for all who receive it.
#[derive(Debug, Clone)]
pub(crate) struct Inbound {
    pub(crate) route: Packet,
    pub(crate) payload: Arc<[u8]>,
    pub(crate) marker: bool,
    pub(crate) video: bool,
    /// Where a receiver's numbers stand in the payload.
    pub(crate) vp8: Option<Places>,
    /// The header extensions that mean the same to every receiver, as they are written.
    pub(crate) level: Option<u8>,
    pub(crate) orientation: Option<u8>,
}

impl Inbound {
    /// Nothing when it is video that cannot be read; the packet is then dropped.
    pub(crate) fn read(packet: RtpPacket, line: Line, layer: Layer, video: bool) -> Option<Self> {
        let RtpPacket {
            seq_no, header, payload, ..
        } = packet;
        let empty = payload.is_empty();
        let vp8 = if video && !empty {
            Some(Vp8Descriptor::parse(&payload).ok()?)
        } else {
            None
        };
        let keyframe = vp8.is_some_and(|vp8| vp8.starts_keyframe(&payload));
        let received = header.ext_vals;
        let level = received.audio_level.map(|level| level.unsigned_abs().min(127)).filter(|_| !video);
        let voice = received.voice_activity.unwrap_or(false);
        let route = Packet {
            line,
            layer,
            stream: *header.ssrc,
            seq: *seq_no,
            timestamp: header.timestamp,
            picture: vp8.and_then(|vp8| vp8.picture_id()),
            tl0: vp8.and_then(|vp8| vp8.tl0_pic_idx()),
            keyframe,
            size: if keyframe { picture_size(&payload) } else { None },
            level,
            empty,
        };
        let level = level.map(|level| AudioLevel { voice, level }.write()[0]);
        Some(Self {
            route,
            vp8: Places::read(&payload).filter(|_| vp8.is_some()),
            payload,
            marker: header.marker,
            video,
            level,
            orientation: received.video_orientation.map(|orientation| orientation as u8),
        })
    }
}

/// The picture size in the first packet of a VP8 key frame (RFC 6386 §9.1): behind a three byte frame tag and the start code
/// `9d 01 2a`, 14 bits each.
fn picture_size(payload: &[u8]) -> Option<Size> {
    // The payload descriptor in front is at most six bytes; the start code stands three bytes behind its end.
    let at = payload.windows(3).take(10).position(|window| window == [0x9d, 0x01, 0x2a])?;
    let edge = |offset: usize| {
        let bytes = payload.get(at + offset..at + offset + 2)?;
        Some(u32::from(u16::from_le_bytes(bytes.try_into().ok()?) & 0x3fff))
    };
    Some(Size {
        width: edge(3)?,
        height: edge(5)?,
    })
    .filter(|size| size.width > 0 && size.height > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_read_from_a_key_frame() {
        let mut payload = vec![0x90, 0x80, 0x81, 0x02];
        payload.extend([0x50, 0x42, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00, 0xff]);
        assert_eq!(picture_size(&payload), Some(Size { width: 320, height: 180 }));
    }

    #[test]
    fn a_cut_key_frame_has_no_size() {
        assert_eq!(picture_size(&[0x10, 0x50, 0x42, 0x00, 0x9d, 0x01, 0x2a, 0x40]), None);
        assert_eq!(picture_size(&[]), None);
    }
}

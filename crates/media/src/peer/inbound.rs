//! Reads a received RTP packet as far as routing needs it.

use std::sync::Arc;

use str0m::rtp::{ExtensionValues, RtpPacket, Vp8Descriptor};

use crate::routing::{Layer, Line, Packet, Size};

/// A packet from a publisher.
#[derive(Debug, Clone)]
pub(crate) struct Inbound {
    pub(crate) route: Packet,
    pub(crate) payload: Arc<[u8]>,
    pub(crate) marker: bool,
    pub(crate) video: bool,
    pub(crate) vp8: Option<Vp8Descriptor>,
    /// Header extensions that mean the same to every receiver.
    pub(crate) extensions: ExtensionValues,
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
        let level = received.audio_level.map(|level| level.unsigned_abs().min(127));
        let extensions = ExtensionValues {
            audio_level: received.audio_level,
            voice_activity: received.voice_activity,
            video_orientation: received.video_orientation,
            ..ExtensionValues::default()
        };
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
            level: if video { None } else { level },
            empty,
        };
        Some(Self {
            route,
            payload,
            marker: header.marker,
            video,
            vp8,
            extensions,
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

//! Reads a received RTP packet as far as routing and those who receive it need it.

use std::sync::Arc;

use rtp::codec::{Places, red};

use super::reader::{RawDescriptor, Reader};
use crate::receive::Incoming;
use crate::routing::{Codec, Handle, Packet};

/// A packet from a publisher; one for all who receive it.
#[derive(Debug, Clone)]
pub(crate) struct Inbound {
    pub(crate) route: Packet,
    pub(crate) payload: Arc<[u8]>,
    pub(crate) video: bool,
    /// Where a receiver's numbers stand in the payload.
    pub(crate) places: Option<Places>,
    /// The header extensions that mean the same to every receiver, as they are written.
    pub(crate) level: Option<u8>,
    pub(crate) orientation: Option<u8>,
    /// As it came, but for the number of the frame, which is the receiver's.
    pub(crate) descriptor: Option<Arc<RawDescriptor>>,
    /// Where the newest packet begins in a redundant payload.
    pub(crate) newest: usize,
}

impl Handle for Arc<Inbound> {
    fn packet(&self) -> &Packet {
        &self.route
    }
}

impl Inbound {
    /// A packet without layers, numbers and extensions.
    #[cfg(test)]
    pub(crate) fn plain(route: Packet, payload: Vec<u8>) -> Self {
        Self {
            video: !route.codec.is_audio(),
            route,
            payload: payload.into(),
            places: None,
            level: None,
            orientation: None,
            descriptor: None,
            newest: 0,
        }
    }

    /// Nothing when it cannot be read; the packet is then dropped.
    pub(crate) fn read(packet: Incoming, reader: &mut Reader) -> Option<Self> {
        let Incoming {
            line,
            layer,
            codec,
            payload,
            ..
        } = packet;
        let video = !codec.is_audio();
        let empty = payload.is_empty();
        let level = packet.level.filter(|_| !video);
        let mut route = Packet {
            stream: packet.ssrc,
            seq: packet.index,
            timestamp: packet.timestamp,
            marker: packet.marker,
            bytes: u16::try_from(payload.len()).ok()?,
            level: level.map(|level| level & 0x7f),
            empty,
            ..Packet::plain(line, layer, codec)
        };
        let (mut places, mut descriptor, mut newest) = (None, None, 0);
        if video && !empty {
            descriptor = packet.descriptor.map(|raw| Arc::new(RawDescriptor(raw)));
            places = reader.read(&payload, &mut route).ok()?;
            if let Some(raw) = &descriptor
                && !reader.describe(&raw.0, &mut route)
            {
                descriptor = None;
            }
        } else if codec == Codec::Red && !empty {
            let primary = red::blocks(&payload).ok()?.primary()?;
            newest = payload.len() - primary.data.len();
        }
        Some(Self {
            route,
            payload,
            video,
            places,
            level,
            orientation: packet.orientation,
            descriptor,
            newest,
        })
    }

    /// The packet of Opus, without what is redundant. Empty for video.
    pub(crate) fn voice(&self) -> &[u8] {
        if self.video {
            return &[];
        }
        self.payload.get(self.newest..).unwrap_or_default()
    }
}

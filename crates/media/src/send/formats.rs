//! Payload types and header extensions as one client numbers them.

use crate::receive::Read;
use crate::routing::{CODECS, Codec};

/// How a client calls a codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) payload_type: u8,
    /// Of its retransmissions.
    pub(crate) rtx: Option<u8>,
}

/// What was negotiated with a client; the same for what it sends and what it receives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Formats {
    pub(crate) codecs: [Option<Format>; CODECS],
    pub(crate) audio_level: Option<u8>,
    pub(crate) video_orientation: Option<u8>,
    /// The dependency descriptor.
    pub(crate) dependency: Option<u8>,
    /// The number over all streams, which the client's feedback goes by.
    pub(crate) transport: Option<u8>,
}

impl Formats {
    /// As browsers number Opus and VP8, and nothing else.
    #[cfg(test)]
    pub(crate) const fn usual() -> Self {
        let opus = Format {
            payload_type: 111,
            rtx: None,
        };
        let vp8 = Format {
            payload_type: 96,
            rtx: Some(97),
        };
        Self {
            codecs: [Some(opus), None, Some(vp8), None, None, None],
            audio_level: Some(1),
            video_orientation: Some(13),
            dependency: None,
            transport: None,
        }
    }

    /// How the client calls a codec.
    pub(crate) fn get(&self, codec: Codec) -> Option<Format> {
        self.codecs.get(codec.index()).copied().flatten()
    }

    pub(crate) fn set(&mut self, codec: Codec, format: Format) {
        if let Some(place) = self.codecs.get_mut(codec.index()) {
            *place = Some(format);
        }
    }

    /// What a payload type stands for, retransmissions included.
    pub(crate) fn read(&self, payload_type: u8) -> Option<Read> {
        let formats = Codec::ALL.iter().zip(&self.codecs);
        formats
            .filter_map(|(codec, format)| Some((*codec, (*format)?)))
            .find_map(|(codec, format)| {
                let rtx = format.rtx == Some(payload_type);
                (rtx || format.payload_type == payload_type).then_some(Read { codec, rtx })
            })
    }

    /// Under which payload type packets of a codec reach the client. Who knows nothing of redundancy gets the newest packet by itself.
    pub(super) fn sent_as(&self, codec: Codec) -> Option<(Codec, Format)> {
        let plain = |codec: Codec| Some((codec, self.get(codec)?));
        match codec {
            Codec::Red => plain(Codec::Red)
                .filter(|_| self.get(Codec::Opus).is_some())
                .or_else(|| plain(Codec::Opus)),
            codec => plain(codec),
        }
    }

    /// Whether video can be sent again.
    pub(super) fn repairs(&self) -> bool {
        let video = Codec::ALL.iter().filter(|codec| !codec.is_audio());
        video.filter_map(|codec| self.get(*codec)).any(|format| format.rtx.is_some())
    }
}

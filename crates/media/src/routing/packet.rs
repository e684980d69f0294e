//! What routing knows of a packet: where it comes from, what of its stream it is part of, the numbers in it.
//!
//! Values only, read once where the packet comes in (`peer`), whatever the codec: the descriptors of VP8 and VP9 and the dependency descriptor all become
//! sets of [`Targets`]. Not here: who receives it (`publication`), for whom which part is left out (`sink`).

use super::Line;
use super::grade::Targets;
use super::layers::{Layer, Size};

/// A payload format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Opus,
    /// Opus with earlier packets in front (RFC 2198).
    Red,
    Vp8,
    Vp9,
    H264,
    Av1,
}

/// How many there are.
pub(crate) const CODECS: usize = 6;

impl Codec {
    pub(crate) const ALL: [Self; CODECS] = [Self::Opus, Self::Red, Self::Vp8, Self::Vp9, Self::H264, Self::Av1];

    /// Its place in a table.
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Opus => 0,
            Self::Red => 1,
            Self::Vp8 => 2,
            Self::Vp9 => 3,
            Self::H264 => 4,
            Self::Av1 => 5,
        }
    }

    pub(crate) fn is_audio(self) -> bool {
        matches!(self, Self::Opus | Self::Red)
    }
}

/// What a receiver can play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Codecs(u8);

impl Codecs {
    /// Whether packets of this codec are of use. What is redundant can be taken off.
    pub(crate) fn play(self, codec: Codec) -> bool {
        self.has(codec) || codec == Codec::Red && self.has(Codec::Opus)
    }

    /// Whether it is one of them.
    pub(crate) fn has(self, codec: Codec) -> bool {
        self.0 >> codec.index() & 1 == 1
    }
}

impl FromIterator<Codec> for Codecs {
    fn from_iter<T: IntoIterator<Item = Codec>>(codecs: T) -> Self {
        Self(codecs.into_iter().fold(0, |set, codec| set | 1 << codec.index()))
    }
}

/// References of a frame that are kept; browsers' frames have up to three. One with more is never taken as a point to change at.
pub(crate) const MOST_NEEDS: usize = 4;

/// What a dependency descriptor says of the frame that a packet is part of. Numbers wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Frame {
    pub(crate) number: u16,
    /// Frames that it refers to; nothing when there are too many to keep.
    pub(crate) needs: Option<Needs>,
    /// For each spatial layer as the highest: the frame before this one without which nothing later can be decoded.
    pub(crate) chains: [Option<u16>; 3],
}

/// Numbers of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Needs {
    numbers: [u16; MOST_NEEDS],
    count: u8,
}

impl Needs {
    /// Nothing when they are too many.
    pub(crate) fn new(numbers: impl IntoIterator<Item = u16>) -> Option<Self> {
        let mut needs = Self::default();
        for number in numbers {
            *needs.numbers.get_mut(usize::from(needs.count))? = number;
            needs.count += 1;
        }
        Some(needs)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.numbers.iter().copied().take(usize::from(self.count))
    }
}

/// A packet from a publisher.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packet {
    pub(crate) line: Line,
    pub(crate) layer: Layer,
    /// The stream it comes from (SSRC); another one counts anew.
    pub(crate) stream: u32,
    pub(crate) codec: Codec,
    pub(crate) seq: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    /// Length of the payload.
    pub(crate) bytes: u16,
    pub(crate) picture: Option<u16>,
    pub(crate) tl0: Option<u8>,
    /// First packet of a key frame.
    pub(crate) keyframe: bool,
    /// Picture size of its layer, where it is said.
    pub(crate) size: Option<Size>,
    /// Audio level, 0 (loudest) to 127.
    pub(crate) level: Option<u8>,
    /// Only padding.
    pub(crate) empty: bool,
    /// First and last packet of a frame. A picture has a frame for each spatial layer.
    pub(crate) begins: bool,
    pub(crate) ends: bool,
    pub(crate) spatial: u8,
    pub(crate) temporal: u8,
    /// The targets of its stream that it is part of.
    pub(crate) member: Targets,
    /// Those that may be begun with its frame, if what the frame needs is there.
    pub(crate) switch: Targets,
    /// Those that the publisher encodes from now on, where it says so.
    pub(crate) active: Option<Targets>,
    /// Of the dependency descriptor, where there is a readable one.
    pub(crate) frame: Option<Frame>,
}

impl Packet {
    /// A packet of a stream without layers, the whole of its frame.
    pub(crate) fn plain(line: Line, layer: Layer, codec: Codec) -> Self {
        Self {
            line,
            layer,
            stream: 0,
            codec,
            seq: 0,
            timestamp: 0,
            marker: true,
            bytes: 0,
            picture: None,
            tl0: None,
            keyframe: false,
            size: None,
            level: None,
            empty: false,
            begins: true,
            ends: true,
            spatial: 0,
            temporal: 0,
            member: Targets::TEMPORAL,
            switch: Targets::NONE,
            active: None,
            frame: None,
        }
    }

    /// Its place among the spatial grades of its publication, be they streams of their own or layers of one.
    pub(crate) fn rank(&self) -> u8 {
        self.layer.0.saturating_add(self.spatial)
    }
}

/// Whatever carries a packet from its publisher to its receivers; copies of the handle are cheap.
pub(crate) trait Handle: Clone {
    fn packet(&self) -> &Packet;
}

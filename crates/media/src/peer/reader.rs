//! What the packets of one stream say of themselves: key frames, sizes, layers, what depends on what.
//!
//! Owns what must be remembered from packet to packet of a stream: the structure of the dependency descriptor, the sizes of VP9's layers. All of it
//! becomes values of `routing`. Not here: the formats themselves (`rtp`).

use rtp::Malformed;
use rtp::codec::{self, Places, av1, h264, vp8, vp9};
use rtp::dependency::{Descriptor, Indication, Mandatory, Structure, Unreadable};
use str0m::rtp::{Extension, ExtensionSerializer, ExtensionValues};

use crate::routing::{Codec, Frame, Needs, Packet, SPATIAL, Size, TEMPORAL, Targets};

/// The name of the dependency descriptor in descriptions.
pub(crate) const DEPENDENCY: &str = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/// A dependency descriptor as it came.
#[derive(Debug, Clone)]
pub(crate) struct RawDescriptor(pub(crate) Box<[u8]>);

/// Has str0m negotiate it; our own ingress reads it.
#[derive(Debug)]
struct Negotiated;

impl ExtensionSerializer for Negotiated {
    /// What is sent is written by our egress.
    fn write_to(&self, _: &mut [u8], _: &ExtensionValues) -> usize {
        0
    }

    fn parse_value(&self, _: &[u8], _: &mut ExtensionValues) -> bool {
        false
    }

    fn is_video(&self) -> bool {
        true
    }

    fn is_audio(&self) -> bool {
        false
    }
}

/// The extension for str0m.
pub(crate) fn dependency() -> Extension {
    Extension::with_serializer(DEPENDENCY, Negotiated)
}

/// What was learned from the packets of a stream.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    kept: Option<Box<Kept>>,
    vp9: Vp9Layers,
}

/// A structure, and which of its decode targets stands for which of ours.
#[derive(Debug)]
struct Kept {
    structure: Structure,
    targets: [[Option<u8>; TEMPORAL as usize]; SPATIAL as usize],
}

/// The spatial layers of VP9.
#[derive(Debug, Clone, Copy)]
struct Vp9Layers {
    count: u8,
    sizes: [Option<Size>; SPATIAL as usize],
}

impl Default for Vp9Layers {
    fn default() -> Self {
        Self {
            count: 1,
            sizes: [None; SPATIAL as usize],
        }
    }
}

impl Reader {
    /// Reads a payload. Gives where a receiver's numbers stand in it.
    ///
    /// # Errors
    /// [`Malformed`]: nobody could decode it.
    pub(super) fn read(&mut self, payload: &[u8], route: &mut Packet) -> Result<Option<Places>, Malformed> {
        match route.codec {
            Codec::Vp8 => {
                let read = vp8::Descriptor::parse(payload)?;
                let temporal = read.temporal.unwrap_or(0);
                route.temporal = temporal.min(TEMPORAL - 1);
                route.member = Targets::from_temporal(temporal);
                if read.layer_sync {
                    route.switch = Targets::NONE.with(0, temporal);
                }
                numbered(route, read.picture_id, read.tl0);
                route.keyframe = read.key_frame;
                route.size = read.size.and_then(size);
                route.begins = read.starts_frame();
                route.ends = route.marker;
                Ok(Some(read.places))
            }
            Codec::Vp9 => {
                let read = vp9::Descriptor::parse(payload)?;
                numbered(route, read.picture_id, read.tl0);
                route.keyframe = read.starts_key_frame();
                route.begins = read.begin;
                route.ends = read.end;
                self.vp9.learn(&read);
                self.vp9.describe(&read, route);
                Ok(Some(read.places))
            }
            Codec::H264 => {
                let read = h264::Payload::parse(payload)?;
                route.keyframe = read.starts_key_frame();
                route.size = read.size().and_then(size);
                route.ends = route.marker;
                Ok(None)
            }
            Codec::Av1 => {
                let read = av1::Payload::parse(payload)?;
                route.keyframe = read.starts_key_frame();
                route.ends = route.marker;
                Ok(None)
            }
            Codec::Opus | Codec::Red => Ok(None),
        }
    }

    /// Reads a dependency descriptor, which says more than payloads do. False when it is of no use to anybody.
    pub(super) fn describe(&mut self, raw: &[u8], route: &mut Packet) -> bool {
        let kept = self.kept.as_deref().map(|kept| &kept.structure);
        let read = match Descriptor::parse(raw, kept) {
            Ok(read) => read,
            // The payload says what it can; the frame is still numbered.
            Err(Unreadable::Structure) => {
                route.frame = Mandatory::read(raw).map(|mandatory| Frame {
                    number: mandatory.frame_number,
                    ..Frame::default()
                });
                return route.frame.is_some();
            }
            Err(Unreadable::Malformed(_)) => return false,
        };
        if let Some(structure) = &read.structure {
            route.keyframe |= read.mandatory.start;
            self.kept = Some(Box::new(Kept::new(Structure::clone(structure))));
        }
        let Some(kept) = &self.kept else { return false };
        let Mandatory {
            start, end, frame_number, ..
        } = read.mandatory;
        route.begins = start;
        route.ends = end;
        route.spatial = read.frame.spatial.min(SPATIAL - 1);
        route.temporal = read.frame.temporal.min(TEMPORAL - 1);
        route.size = read.size.and_then(size).or(route.size);
        route.member = kept.filter(|target| read.frame.indication(target) != Indication::NotPresent);
        route.switch = kept.filter(|target| read.frame.indication(target) == Indication::Switch);
        route.active = read.active.map(|active| kept.filter(|target| active >> target & 1 == 1));
        let chain = |spatial: usize| {
            let targets = kept.targets.get(spatial)?;
            read.before_in_chain(&kept.structure, (*targets.last()?)?)
        };
        route.frame = Some(Frame {
            number: frame_number,
            needs: Needs::new(read.needs()),
            chains: [chain(0), chain(1), chain(2)],
        });
        true
    }
}

impl Kept {
    fn new(structure: Structure) -> Self {
        let mut targets = [[None; TEMPORAL as usize]; SPATIAL as usize];
        let highest = structure.templates().iter().map(|template| template.spatial).max().unwrap_or(0);
        for (of_spatial, spatial) in targets.iter_mut().zip(0..=highest) {
            for (place, temporal) in of_spatial.iter_mut().zip(0..) {
                // What is beyond our highest is part of it.
                let spatial = if spatial == SPATIAL - 1 { u8::MAX } else { spatial };
                let temporal = if temporal == TEMPORAL - 1 { u8::MAX } else { temporal };
                *place = structure.target_within(spatial, temporal, structure.all_targets());
            }
        }
        Self { structure, targets }
    }

    /// Those of our targets for whose decode target it holds.
    fn filter(&self, holds: impl Fn(u8) -> bool) -> Targets {
        Targets::filter(|spatial, temporal| {
            let target = self
                .targets
                .get(usize::from(spatial))
                .and_then(|targets| targets.get(usize::from(temporal)));
            target.copied().flatten().is_some_and(&holds)
        })
    }
}

impl Vp9Layers {
    fn learn(&mut self, read: &vp9::Descriptor<'_>) {
        if let Some(structure) = &read.structure {
            self.count = structure.spatial_layers;
            self.sizes = [None; SPATIAL as usize];
            for (place, of_layer) in self.sizes.iter_mut().zip(structure.sizes()) {
                *place = size(of_layer);
            }
        }
        if let Some(layer) = read.layer {
            self.count = self.count.max(layer.spatial + 1);
        }
    }

    fn describe(&self, read: &vp9::Descriptor<'_>, route: &mut Packet) {
        let Some(layer) = read.layer else {
            route.size = self.sizes.first().copied().flatten().filter(|_| route.keyframe);
            return;
        };
        let (own, temporal) = (layer.spatial.min(SPATIAL - 1), layer.temporal.min(TEMPORAL - 1));
        let there = |spatial: u8| spatial < self.count;
        route.spatial = own;
        route.temporal = temporal;
        // Where upper layers do not need this one, who receives them need not receive it.
        let member = |s, t| there(s) && t >= temporal && (s == own || s > own && !read.not_reference);
        route.member = Targets::filter(member);
        if layer.switching_up {
            route.switch = Targets::filter(|s, t| there(s) && s >= own && t > temporal);
        }
        route.size = self
            .sizes
            .get(usize::from(own))
            .copied()
            .flatten()
            .filter(|_| !read.inter_predicted);
    }
}

fn numbered(route: &mut Packet, picture: Option<codec::PictureId>, tl0: Option<u8>) {
    route.picture = picture.map(|picture| picture.value);
    route.tl0 = tl0;
}

/// Nothing when there is no picture in it.
fn size(size: codec::Size) -> Option<Size> {
    (size.width > 0 && size.height > 0).then(|| Size {
        width: size.width.into(),
        height: size.height.into(),
    })
}

#[cfg(test)]
mod tests;

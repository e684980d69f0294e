//! One publication and everybody who receives it: which packet goes to whom, from which layer, under which numbers.
//!
//! Owns the sinks (one per receiving slot) with their rewriters, the layers and the wish for key frames.
//! Not here: which publication is bound to which slot (`slots`, `room`), sending (`peer`).
//! Invariant: a sink of video begins, and changes its layer, only with the first packet of a key frame.

use std::time::Instant;

use super::keyframes::Keyframes;
use super::layers::{Layer, Layers, Size};
use super::loudness::Meter;
use super::rewrite::{Numbers, Rewriter};
use super::{Forward, Line, Packet};
use crate::api::{MediaKind, PeerId, PublicationId};

/// A publication.
#[derive(Debug)]
pub(crate) struct Publication {
    pub(crate) id: PublicationId,
    pub(crate) kind: MediaKind,
    pub(crate) owner: PeerId,
    pub(crate) line: Line,
    pub(crate) meter: Meter,
    open: bool,
    layers: Layers,
    keyframes: Keyframes,
    sinks: Vec<Sink>,
    /// Whether it was said that somebody receives it.
    watched: bool,
}

#[derive(Debug)]
struct Sink {
    peer: PeerId,
    line: Line,
    rewriter: Rewriter,
    want: Option<Size>,
    current: Option<Layer>,
    target: Option<Layer>,
    stream: Option<u32>,
}

impl Publication {
    pub(crate) fn new(id: PublicationId, kind: MediaKind, owner: PeerId, line: Line, open: bool) -> Self {
        Self {
            id,
            kind,
            owner,
            line,
            meter: Meter::default(),
            open,
            layers: Layers::default(),
            keyframes: Keyframes::default(),
            sinks: Vec::new(),
            watched: false,
        }
    }

    /// Whether somebody receives it now, when that was not said yet.
    pub(crate) fn watch_changed(&mut self) -> Option<bool> {
        let watched = !self.sinks.is_empty();
        (std::mem::replace(&mut self.watched, watched) != watched).then_some(watched)
    }

    /// A key frame of this layer is needed elsewhere.
    pub(crate) fn refresh_layer(&mut self, layer: Layer) {
        self.keyframes.want(layer);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Opens or closes; what comes after a pause is numbered on without a gap.
    pub(crate) fn set_open(&mut self, open: bool) {
        if self.open == open {
            return;
        }
        self.open = open;
        self.meter.reset();
        self.layers.pause();
        self.keyframes.clear();
        for sink in &mut self.sinks {
            sink.rewriter.resync();
            sink.current = None;
            sink.target = None;
        }
    }

    /// A slot begins to receive this publication.
    pub(crate) fn attach(&mut self, now: Instant, peer: PeerId, line: Line, mut rewriter: Rewriter, want: Option<Size>) {
        rewriter.resync();
        self.sinks.push(Sink {
            peer,
            line,
            rewriter,
            want,
            current: None,
            target: None,
            stream: None,
        });
        self.retarget(now);
    }

    /// A slot stops to receive it; gives back the numbers of the slot.
    pub(crate) fn detach(&mut self, peer: PeerId) -> Option<Rewriter> {
        let at = self.sinks.iter().position(|sink| sink.peer == peer)?;
        let sink = self.sinks.swap_remove(at);
        if !self.sinks.iter().any(Sink::waits) {
            self.keyframes.clear();
        }
        Some(sink.rewriter)
    }

    /// The receiver's wish changed.
    pub(crate) fn set_want(&mut self, now: Instant, peer: PeerId, want: Option<Size>) {
        if let Some(sink) = self.sinks.iter_mut().find(|sink| sink.peer == peer && sink.want != want) {
            sink.want = want;
            self.retarget(now);
        }
    }

    /// The receiver cannot decode and asks for a key frame.
    pub(crate) fn refresh(&mut self, peer: PeerId) {
        if let Some(sink) = self.sinks.iter().find(|sink| sink.peer == peer)
            && let Some(layer) = sink.target.or(sink.current)
        {
            self.keyframes.want(layer);
        }
    }

    /// Forwards one packet. True when the wish for key frames may have changed.
    pub(crate) fn forward(&mut self, now: Instant, packet: &Packet, out: &mut Vec<Forward>) -> bool {
        let mut touched = false;
        if !self.kind.is_audio() {
            if self.layers.seen(now, packet.layer, packet.size) {
                self.retarget(now);
                touched = true;
            }
            if packet.keyframe {
                self.keyframes.arrived(packet.layer);
                touched = true;
            }
        }
        let audio = self.kind.is_audio();
        for sink in &mut self.sinks {
            if !audio && !sink.takes(packet) {
                continue;
            }
            if sink.stream != Some(packet.stream) {
                sink.stream = Some(packet.stream);
                sink.rewriter.resync();
            }
            if packet.empty {
                sink.rewriter.skip(packet.seq);
                continue;
            }
            let numbers = Numbers {
                seq: packet.seq,
                timestamp: packet.timestamp,
                picture: packet.picture,
                tl0: packet.tl0,
            };
            if let Some(numbers) = sink.rewriter.rewrite(now, numbers) {
                out.push(Forward {
                    to: sink.peer,
                    line: sink.line,
                    numbers,
                });
            }
        }
        touched
    }

    /// A layer of which the publisher is to be asked for a key frame now.
    pub(crate) fn keyframe_due(&mut self, now: Instant) -> Option<Layer> {
        self.keyframes.due(now)
    }

    /// When the next request is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.keyframes.deadline()
    }

    /// Whether the layers must be watched for falling silent.
    pub(crate) fn needs_watch(&self) -> bool {
        self.open && !self.sinks.is_empty() && self.layers.has_choice()
    }

    /// Chooses the layer of every sink anew.
    pub(crate) fn retarget(&mut self, now: Instant) {
        if self.kind.is_audio() {
            return;
        }
        for sink in &mut self.sinks {
            sink.target = self.layers.choose(now, sink.want);
            if let Some(target) = sink.target
                && sink.waits()
            {
                self.keyframes.want(target);
            }
        }
    }
}

impl Sink {
    fn waits(&self) -> bool {
        self.target.is_some() && self.target != self.current
    }

    /// Whether the packet is of the layer this sink receives; a key frame of the wanted layer makes it that.
    fn takes(&mut self, packet: &Packet) -> bool {
        if packet.keyframe && self.waits() && self.target == Some(packet.layer) {
            self.current = self.target;
            self.rewriter.resync();
        }
        self.current == Some(packet.layer)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RECEIVER: PeerId = PeerId(9);

    fn video(now: Instant) -> Publication {
        let mut publication = Publication::new(PublicationId(1), MediaKind::Camera, PeerId(1), Line(1), true);
        publication.attach(
            now,
            RECEIVER,
            Line(7),
            Rewriter::new(90_000),
            Some(Size { width: 320, height: 180 }),
        );
        publication
    }

    fn packet(layer: u8, seq: u64, keyframe: bool) -> Packet {
        let size = keyframe.then_some(Size {
            width: 320 << layer,
            height: 180 << layer,
        });
        Packet {
            line: Line(1),
            layer: Layer(layer),
            stream: layer.into(),
            seq,
            timestamp: 0,
            picture: None,
            tl0: None,
            keyframe,
            size,
            level: None,
            empty: false,
        }
    }

    fn sent(publication: &mut Publication, now: Instant, packet: &Packet) -> Option<u64> {
        let mut out = Vec::new();
        publication.forward(now, packet, &mut out);
        out.first().map(|forward| forward.numbers.seq)
    }

    #[test]
    fn video_begins_with_a_key_frame() {
        let now = Instant::now();
        let mut publication = video(now);
        assert_eq!(sent(&mut publication, now, &packet(0, 10, false)), None);
        assert_eq!(publication.keyframe_due(now), Some(Layer(0)), "and asks for one");
        assert_eq!(sent(&mut publication, now, &packet(0, 11, true)), Some(1));
        assert_eq!(sent(&mut publication, now, &packet(0, 12, false)), Some(2));
    }

    #[test]
    fn a_layer_switch_waits_for_its_key_frame_and_leaves_no_gap() {
        let now = Instant::now();
        let mut publication = video(now);
        sent(&mut publication, now, &packet(0, 10, true));
        sent(&mut publication, now, &packet(2, 900, true));
        assert_eq!(
            sent(&mut publication, now, &packet(2, 901, false)),
            None,
            "the small tile stays on the small layer"
        );
        publication.set_want(now, RECEIVER, Some(Size { width: 1280, height: 720 }));
        assert_eq!(publication.keyframe_due(now), Some(Layer(2)));
        assert_eq!(sent(&mut publication, now, &packet(2, 902, false)), None);
        assert_eq!(
            sent(&mut publication, now, &packet(0, 11, false)),
            Some(2),
            "the old layer goes on meanwhile"
        );
        assert_eq!(sent(&mut publication, now, &packet(2, 903, true)), Some(3));
        assert_eq!(sent(&mut publication, now, &packet(0, 12, false)), None);
        assert_eq!(sent(&mut publication, now, &packet(2, 904, false)), Some(4));
    }

    #[test]
    fn after_a_pause_video_begins_with_a_key_frame_again() {
        let now = Instant::now();
        let mut publication = video(now);
        sent(&mut publication, now, &packet(0, 10, true));
        publication.set_open(false);
        publication.set_open(true);
        let later = now + Duration::from_secs(1);
        assert_eq!(sent(&mut publication, later, &packet(0, 500, false)), None);
        assert_eq!(sent(&mut publication, later, &packet(0, 501, true)), Some(2));
    }

    #[test]
    fn a_publisher_that_counts_anew_is_numbered_on() {
        let now = Instant::now();
        let mut publication = video(now);
        sent(&mut publication, now, &packet(0, 10, true));
        let restarted = Packet {
            stream: 99,
            ..packet(0, 60_000, false)
        };
        assert_eq!(sent(&mut publication, now, &restarted), Some(2));
    }

    #[test]
    fn a_receiver_that_cannot_decode_makes_one_request() {
        let now = Instant::now();
        let mut publication = video(now);
        sent(&mut publication, now, &packet(0, 10, true));
        assert_eq!(publication.keyframe_due(now), None);
        publication.refresh(RECEIVER);
        publication.refresh(RECEIVER);
        assert_eq!(publication.keyframe_due(now), Some(Layer(0)));
        assert_eq!(publication.keyframe_due(now), None);
    }
}

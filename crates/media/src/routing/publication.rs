//! One publication and everybody who receives it: what each should be sent, what they begin with, when its publisher is asked for a key frame.
//!
//! Owns the sinks (one per receiving slot), what is known of the layers and what they cost, the packets since the last key frame, and the wish for key
//! frames. Not here: which publication is bound to which slot (`slots`, `room`), which packet a sink takes (`sink`), sending (`peer`).
//! Invariant: a sink of video begins, and changes its stream, only with the first packet of a key frame; where the packets since the last one are at
//! hand it begins with those, and the publisher is not asked.

use std::time::{Duration, Instant};

use super::grade::{Grade, TEMPORAL};
use super::keyframes::{Allowance, Keyframes};
use super::layers::{Layer, Layers, MAX_LAYERS};
use super::loudness::Meter;
use super::packet::{Codec, Codecs, Handle, Packet};
use super::rates::{Rates, Rung};
use super::recent::Recent;
use super::rewrite::Rewriter;
use super::sink::{Cap, Sink, Taken, Wish};
use super::{Bound, Forward, Line, Outbox, Output};
use crate::api::{MediaKind, PeerId, PublicationId};
use crate::quality::Picture;

/// A publisher may change its codec, but not more often.
const CODEC_KEPT_FOR: Duration = Duration::from_millis(1_000);

/// A publication.
#[derive(Debug)]
pub(crate) struct Publication<C> {
    pub(crate) id: PublicationId,
    pub(crate) kind: MediaKind,
    pub(crate) owner: PeerId,
    pub(crate) line: Line,
    pub(crate) meter: Meter,
    open: bool,
    codec: Option<(Codec, Instant)>,
    /// Its spatial grades are layers of one stream, not streams of their own.
    scalable: bool,
    layers: Layers,
    rates: Rates,
    recent: [Recent<C>; MAX_LAYERS],
    keyframes: Keyframes,
    sinks: Vec<Sink>,
    /// Whether it was said that somebody receives it.
    watched: bool,
}

impl<C: Handle> Publication<C> {
    pub(crate) fn new(id: PublicationId, kind: MediaKind, owner: PeerId, line: Line, open: bool) -> Self {
        Self {
            id,
            kind,
            owner,
            line,
            meter: Meter::default(),
            open,
            codec: None,
            scalable: false,
            layers: Layers::default(),
            rates: Rates::default(),
            recent: Default::default(),
            keyframes: Keyframes::default(),
            sinks: Vec::new(),
            watched: false,
        }
    }

    /// Whether somebody receives it now, when that was not said yet. With that its packets come, and first those to begin with, if there are any.
    pub(crate) fn watch_changed(&mut self, now: Instant) -> Option<bool> {
        let watched = !self.sinks.is_empty();
        let changed = std::mem::replace(&mut self.watched, watched) != watched;
        if changed && watched {
            self.keyframes.hold(now);
        }
        changed.then_some(watched)
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
        self.begin_anew();
    }

    /// What was known of the stream is true no more.
    fn begin_anew(&mut self) {
        self.layers.pause();
        self.rates.reset();
        self.recent.iter_mut().for_each(Recent::clear);
        self.keyframes.clear();
        for sink in &mut self.sinks {
            sink.aim(None);
        }
    }

    /// A slot begins to receive this publication. The caller lets it [take aim](Self::aim) when the slot was announced.
    pub(crate) fn attach(&mut self, sink: Sink) {
        self.sinks.push(sink);
    }

    /// A slot stops to receive it; gives back the numbers of the slot.
    pub(crate) fn detach(&mut self, peer: PeerId) -> Option<Rewriter> {
        let at = self.sinks.iter().position(|sink| sink.peer == peer)?;
        let sink = self.sinks.swap_remove(at);
        self.need();
        if self.sinks.is_empty() {
            self.keyframes.clear();
        }
        Some(sink.into_rewriter())
    }

    fn sink(&mut self, peer: PeerId) -> Option<&mut Sink> {
        self.sinks.iter_mut().find(|sink| sink.peer == peer)
    }

    /// The receiver's wish changed. True when it should take aim.
    pub(crate) fn set_wish(&mut self, peer: PeerId, wish: Wish) -> bool {
        self.sink(peer).is_some_and(|sink| std::mem::replace(&mut sink.wish, wish) != wish)
    }

    /// What the way to the receiver allows changed. True when it should take aim.
    pub(crate) fn set_cap(&mut self, peer: PeerId, cap: Option<Cap>) -> bool {
        self.sink(peer).is_some_and(|sink| std::mem::replace(&mut sink.cap, cap) != cap)
    }

    /// The receiver has another description. True when it should take aim.
    pub(crate) fn set_plays(&mut self, peer: PeerId, plays: Codecs) -> bool {
        self.sink(peer).is_some_and(|sink| sink.set_plays(plays))
    }

    /// What of it is sent to a receiver now, when it is a video and anything is.
    pub(crate) fn picture(&self, peer: PeerId, line: Line) -> Option<Picture> {
        let sink = self.sinks.iter().find(|sink| sink.peer == peer && sink.line == line)?;
        let sent = self.open && !self.kind.is_audio() && sink.cap != Some(Cap::Paused);
        let rank = sink.current().filter(|_| sent)?.rank();
        let size = self.layers.size(rank).map(|size| (size.width, size.height));
        Some(Picture { rank, size })
    }

    /// The receiver cannot decode and asks for a key frame.
    pub(crate) fn refresh(&mut self, peer: PeerId) {
        if let Some(grade) = self.sink(peer).and_then(|sink| sink.target().or(sink.current())) {
            self.keyframes.want(grade.layer);
        }
    }

    /// What there is to choose from, and what the receiver would be sent if its way allowed everything.
    pub(crate) fn offers(&self, now: Instant, peer: PeerId) -> Option<(impl Iterator<Item = Rung> + '_, Grade)> {
        let sink = self.sinks.iter().find(|sink| sink.peer == peer)?;
        let wanted = self.grade(now, sink.wish, None)?;
        sink.plays(self.codec.map(|(codec, _)| codec))
            .then(|| (self.rates.rungs(now, self.scalable), wanted))
    }

    /// Forwards one packet. True when the wish for key frames may have changed.
    pub(crate) fn forward(&mut self, now: Instant, handle: &C, out: &mut Vec<Forward>, outbox: &mut Outbox<C>) -> bool {
        let packet = handle.packet();
        if packet.codec.is_audio() != self.kind.is_audio() {
            return false;
        }
        if self.kind.is_audio() {
            for sink in &mut self.sinks {
                push(out, sink, |sink| sink.hear(now, packet));
            }
            return false;
        }
        let Some(mut touched) = self.observe(now, handle) else {
            return false;
        };
        self.rates.note(now, packet);
        for sink in &mut self.sinks {
            let was_stuck = sink.is_stuck();
            push(out, sink, |sink| sink.see(now, packet));
            touched |= sink.is_stuck() && !was_stuck;
        }
        if touched {
            self.aim(now, outbox);
        }
        touched
    }

    /// Takes packets that came elsewhere since a key frame: nobody is sent them but who begins with them.
    pub(crate) fn begin_with(&mut self, now: Instant, recent: &[C], outbox: &mut Outbox<C>) {
        if self.kind.is_audio() {
            return;
        }
        for handle in recent.iter().filter(|handle| !handle.packet().codec.is_audio()) {
            self.observe(now, handle);
        }
        self.aim(now, outbox);
    }

    /// Learns from a packet of video. True when somebody may now get something else than before; nothing when the packet is of no use.
    fn observe(&mut self, now: Instant, handle: &C) -> Option<bool> {
        let packet = handle.packet();
        let changed = match self.codec {
            Some((codec, _)) if codec == packet.codec => false,
            Some((_, at)) if !packet.keyframe || now.saturating_duration_since(at) < CODEC_KEPT_FOR => return None,
            Some(_) => {
                self.begin_anew();
                self.scalable = false;
                true
            }
            None => true,
        };
        if changed {
            self.codec = Some((packet.codec, now));
        }
        let mut touched = changed;
        if packet.spatial > 0 && !self.scalable {
            self.scalable = true;
            touched = true;
        }
        if let Some(active) = packet.active.filter(|_| self.scalable) {
            touched |= self.layers.keep(|rank| active.has_spatial(rank));
        }
        touched |= self.layers.seen(now, packet.rank(), packet.size);
        if let Some(recent) = self.recent.get_mut(usize::from(packet.layer.0)) {
            recent.push(now, handle);
        }
        if packet.keyframe {
            self.keyframes.arrived(packet.layer);
            touched = true;
        }
        Some(touched)
    }

    /// What suits a wish, within what the way allows.
    fn grade(&self, now: Instant, wish: Wish, cap: Option<Cap>) -> Option<Grade> {
        let cap = match cap {
            Some(Cap::Paused) => return None,
            Some(Cap::UpTo(cap)) => Some(cap),
            None => None,
        };
        let most = cap.map_or(u8::MAX, Grade::rank);
        let rank = self.layers.choose(now, wish.size, most)?;
        let smooth = match wish.max_fps {
            0 => TEMPORAL - 1,
            max_fps => self.rates.temporal_within(rank, max_fps),
        };
        let temporal = cap.filter(|_| rank >= most).map_or(smooth, |cap| smooth.min(cap.temporal));
        let (layer, spatial) = if self.scalable { (0, rank) } else { (rank, 0) };
        Some(Grade {
            layer: Layer(layer),
            spatial,
            temporal,
        })
    }

    /// Sets what everybody should be sent. Who can begin with what is at hand does so now; for the others the publisher is to be asked.
    pub(crate) fn aim(&mut self, now: Instant, outbox: &mut Outbox<C>) {
        for at in 0..self.sinks.len() {
            self.aim_at(now, at, outbox);
        }
        self.need();
    }

    /// The same for one receiver.
    pub(crate) fn aim_one(&mut self, now: Instant, peer: PeerId, outbox: &mut Outbox<C>) {
        if let Some(at) = self.sinks.iter().position(|sink| sink.peer == peer) {
            self.aim_at(now, at, outbox);
            self.need();
        }
    }

    fn aim_at(&mut self, now: Instant, at: usize, outbox: &mut Outbox<C>) {
        if self.kind.is_audio() {
            return;
        }
        let codec = self.codec.map(|(codec, _)| codec);
        let Some((wish, cap, plays)) = self.sinks.get(at).map(|sink| (sink.wish, sink.cap, sink.plays(codec))) else {
            return;
        };
        let target = if plays { self.grade(now, wish, cap) } else { None };
        let Some(sink) = self.sinks.get_mut(at) else { return };
        // While nothing is known of the layers, what is sent goes on.
        if target.is_some() || !plays || cap == Some(Cap::Paused) {
            sink.aim(target);
        }
        if let Some(delivery) = sink.delivery_changed(codec) {
            let bound = Bound {
                line: sink.line,
                generation: outbox.next_generation(),
                publication: Some(self.id),
                delivery,
            };
            outbox.push(Output::SlotsBound {
                peer: sink.peer,
                slots: vec![bound],
            });
        }
        let Some(grade) = sink.needs_keyframe().filter(|_| sink.may_begin(now)) else {
            return;
        };
        if let Some(recent) = self.recent.get(usize::from(grade.layer.0)) {
            replay(now, recent, sink, outbox);
        }
    }

    /// Asks for the key frames that are waited for, and for no others.
    fn need(&mut self) {
        let mut needed = 0_u8;
        for grade in self.sinks.iter().filter_map(Sink::needs_keyframe) {
            needed |= 1_u8.checked_shl(grade.layer.0.into()).unwrap_or(0);
        }
        self.keyframes.need(|layer| needed >> layer.0 & 1 == 1);
    }

    /// Whether somebody waits for a key frame.
    pub(crate) fn waits(&self) -> bool {
        self.keyframes.waits()
    }

    /// A layer of which the publisher is to be asked for a key frame now.
    pub(crate) fn keyframe_due(&mut self, now: Instant, allowance: &mut Allowance) -> Option<Layer> {
        self.keyframes.due(now, allowance)
    }

    /// When the next request is due.
    pub(crate) fn deadline(&self, allowance: &Allowance) -> Option<Instant> {
        self.keyframes.deadline(allowance)
    }

    /// Whether what everybody should be sent must be looked at from time to time: layers fall silent, pictures come faster.
    pub(crate) fn needs_watch(&self) -> bool {
        self.open && (!self.sinks.is_empty() && self.layers.has_choice() || self.sinks.iter().any(|sink| sink.wish.max_fps > 0))
    }

    /// The packets since the last key frame of a layer, when somebody can begin with them; for receivers elsewhere.
    pub(crate) fn recent(&self, now: Instant) -> impl Iterator<Item = &C> {
        self.recent.iter().filter_map(move |recent| recent.whole(now)).flatten()
    }
}

fn push(out: &mut Vec<Forward>, sink: &mut Sink, take: impl FnOnce(&mut Sink) -> Taken) {
    if let Taken::Sent(numbers) = take(sink) {
        out.push(Forward {
            to: sink.peer,
            line: sink.line,
            numbers,
        });
    }
}

/// Lets a receiver begin with what is at hand.
fn replay<C: Handle>(now: Instant, recent: &Recent<C>, sink: &mut Sink, outbox: &mut Outbox<C>) {
    let (Some(whole), Some(Packet { stream, timestamp, .. })) = (recent.whole(now), recent.newest()) else {
        return;
    };
    sink.begin(now, *stream, *timestamp);
    let taken = whole.filter_map(|handle| match sink.see(now, handle.packet()) {
        Taken::Sent(numbers) => Some((handle.clone(), numbers)),
        Taken::Not => None,
    });
    let packets: Vec<(C, super::Numbers)> = taken.collect();
    outbox.push(Output::Replay {
        to: sink.peer,
        line: sink.line,
        packets,
    });
}

#[cfg(test)]
mod tests;

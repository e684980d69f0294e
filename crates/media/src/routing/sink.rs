//! One receiver of one publication: which packets it is sent, and when what it is sent changes.
//!
//! Owns the receiver's aim (`target`), what it is sent now (`current`), its numbers, and which frames it was sent. Not here: what it should be sent
//! (`publication`, from wishes and limits), the packets it begins with (`recent`).
//! Invariants: it begins, goes to another stream, and goes to a sharper layer only with the first packet of a key frame; it goes to a smoother one only
//! where the publisher says that one may; what is left out leaves no gap.

use std::time::{Duration, Instant};

use super::Line;
use super::grade::Grade;
use super::packet::{Codec, Codecs, Frame, Packet};
use super::rewrite::{Numbers, Rewriter};
use crate::api::{Delivery, PeerId};
use crate::routing::layers::Size;

/// How long a frame that is missing in a chain may be on its way; then a key frame is needed. Longer than a loss takes to be repaired.
const REPAIRED_IN: Duration = Duration::from_millis(400);

/// What a receiver would like to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Wish {
    /// Nothing known: the best.
    pub(crate) size: Option<Size>,
    /// Most pictures in a second; 0 for all.
    pub(crate) max_fps: u8,
}

/// What the way to a receiver allows it to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cap {
    /// Nothing for now.
    Paused,
    /// This and what is lower.
    UpTo(Grade),
}

/// A receiver.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) peer: PeerId,
    pub(crate) line: Line,
    pub(crate) wish: Wish,
    pub(crate) cap: Option<Cap>,
    plays: Codecs,
    rewriter: Rewriter,
    target: Option<Grade>,
    current: Option<Grade>,
    /// It cannot go on without a key frame: to go to a lower layer, or because one was lost that all later ones need.
    stuck: Option<Stuck>,
    stream: Option<u32>,
    frames: Frames,
    broken: Option<(u16, Instant)>,
    /// What was said of it last.
    told: Delivery,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stuck {
    Above,
    Lost,
}

/// What becomes of a packet at a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is sent under these numbers: itself, or a blank.
    Sent(Numbers),
    /// Nothing is sent.
    Not,
}

impl Sink {
    pub(crate) fn new(peer: PeerId, line: Line, plays: Codecs, rewriter: Rewriter, wish: Wish, cap: Option<Cap>) -> Self {
        let mut sink = Self {
            peer,
            line,
            wish,
            cap,
            plays,
            rewriter,
            target: None,
            current: None,
            stuck: None,
            stream: None,
            frames: Frames::default(),
            broken: None,
            told: Delivery::Sent,
        };
        sink.rewriter.resync();
        sink
    }

    /// Gives back the numbers of the slot.
    pub(crate) fn into_rewriter(self) -> Rewriter {
        self.rewriter
    }

    /// Whether this receiver can play it.
    pub(crate) fn plays(&self, codec: Option<Codec>) -> bool {
        codec.is_none_or(|codec| self.plays.play(codec))
    }

    /// The receiver has another description. True when that changes anything.
    pub(crate) fn set_plays(&mut self, plays: Codecs) -> bool {
        std::mem::replace(&mut self.plays, plays) != plays
    }

    /// How it stands, where that was not said yet.
    pub(crate) fn delivery_changed(&mut self, codec: Option<Codec>) -> Option<Delivery> {
        let delivery = if !self.plays(codec) {
            Delivery::Unplayable
        } else if self.cap == Some(Cap::Paused) {
            Delivery::Paused
        } else {
            Delivery::Sent
        };
        (std::mem::replace(&mut self.told, delivery) != delivery).then_some(delivery)
    }

    /// What it is to be sent from the next possible packet on; nothing: no more.
    pub(crate) fn aim(&mut self, target: Option<Grade>) {
        self.target = target;
        if target.is_none() {
            self.stop();
        }
    }

    /// It is sent nothing until it begins anew.
    pub(crate) fn stop(&mut self) {
        self.current = None;
        self.stuck = None;
        self.broken = None;
        self.rewriter.resync();
    }

    pub(crate) fn target(&self) -> Option<Grade> {
        self.target
    }

    pub(crate) fn current(&self) -> Option<Grade> {
        self.current
    }

    pub(crate) fn is_stuck(&self) -> bool {
        self.stuck.is_some()
    }

    /// Whether it may begin anew with packets that came before: not when it is what is missing in those.
    pub(crate) fn may_begin(&self, now: Instant) -> bool {
        self.stuck != Some(Stuck::Lost) && self.rewriter.may_press(now)
    }

    /// The stream of which it cannot get what it should without a key frame.
    pub(crate) fn needs_keyframe(&self) -> Option<Grade> {
        let target = self.target?;
        let goes_on = |current: Grade| current.layer == target.layer && current.spatial >= target.spatial && self.stuck.is_none();
        (!self.current.is_some_and(goes_on)).then_some(target)
    }

    /// It begins with packets that came before, all up to this timestamp; the next one it takes is the first of a key frame.
    pub(crate) fn begin(&mut self, now: Instant, stream: u32, newest: u32) {
        self.rewriter.resync_behind(now, newest);
        self.stream = Some(stream);
        self.arrive();
    }

    /// At a key frame of what it should be sent.
    fn arrive(&mut self) {
        self.current = self.target;
        self.stuck = None;
        self.broken = None;
        self.frames = Frames::default();
    }

    /// Takes a packet of sound.
    pub(crate) fn hear(&mut self, now: Instant, packet: &Packet) -> Taken {
        self.follow(packet);
        self.number(now, packet, packet.marker)
    }

    /// Takes a packet of video.
    pub(crate) fn see(&mut self, now: Instant, packet: &Packet) -> Taken {
        let Some(mut current) = self.current.filter(|current| current.layer == packet.layer) else {
            return Taken::Not;
        };
        self.follow(packet);
        if packet.empty {
            return self.leave_out(packet);
        }
        if packet.begins && self.target.is_some_and(|target| target.layer == current.layer) {
            self.change(packet);
            current = self.current.unwrap_or(current);
        }
        let is_before = |frame: &Frame| self.frames.is_before(frame.number);
        if !packet.member.contains(current.spatial, current.temporal) || packet.frame.as_ref().is_some_and(is_before) {
            return self.leave_out(packet);
        }
        if let Some(frame) = packet.frame {
            self.frames.insert(frame.number);
            self.watch(now, packet, &frame, current);
        }
        // Of a picture whose upper layers are left out, the last frame that is sent ends it.
        let marker = packet.marker || packet.ends && packet.spatial == current.spatial;
        self.number(now, packet, marker)
    }

    /// Another stream in the place of the one before is numbered on.
    fn follow(&mut self, packet: &Packet) {
        if self.stream.replace(packet.stream).is_some_and(|before| before != packet.stream) {
            self.rewriter.resync();
            self.frames = Frames::default();
            self.broken = None;
        }
    }

    fn numbers(packet: &Packet, marker: bool) -> Numbers {
        Numbers {
            seq: packet.seq,
            timestamp: packet.timestamp,
            picture: packet.picture,
            tl0: packet.tl0,
            frame: packet.frame.map(|frame| frame.number),
            marker,
            blank: false,
        }
    }

    fn number(&mut self, now: Instant, packet: &Packet, marker: bool) -> Taken {
        if packet.empty {
            return self.leave_out(packet);
        }
        let numbers = self.rewriter.rewrite(now, Self::numbers(packet, marker));
        numbers.map_or(Taken::Not, Taken::Sent)
    }

    fn leave_out(&mut self, packet: &Packet) -> Taken {
        // Receivers of VP8 take a gap among pictures for a loss. Those of VP9 know from the structure what is missing, and count on the numbers.
        let picture = packet.picture.filter(|_| packet.codec == Codec::Vp8 && !packet.empty);
        let blank = self.rewriter.skip(Self::numbers(packet, false), picture);
        blank.map_or(Taken::Not, Taken::Sent)
    }

    /// At the beginning of a frame: goes to what it should be sent, or nearer, if it may.
    fn change(&mut self, packet: &Packet) {
        let (Some(mut current), Some(target)) = (self.current, self.target) else {
            return;
        };
        if packet.keyframe && !self.rewriter.is_late(packet.seq) {
            self.arrive();
        }
        if packet.keyframe || current == target {
            return;
        }
        if target.spatial < current.spatial {
            if packet.spatial == target.spatial && packet.switch.contains(target.spatial, target.temporal) {
                if self.decodable(packet) {
                    self.current = Some(target);
                } else {
                    self.stuck = Some(Stuck::Above);
                }
                return;
            }
            // Without word of what frames need nobody knows whether the lower layer can be decoded alone.
            if packet.frame.is_none() {
                self.stuck = Some(Stuck::Above);
            }
        }
        if target.temporal < current.temporal {
            // Not in the middle of a picture.
            if packet.spatial == 0 {
                current.temporal = target.temporal;
            }
        } else if target.temporal > current.temporal && self.decodable(packet) {
            let mut better = (current.temporal + 1..=target.temporal).rev();
            // VP8 says of a picture only that it needs nothing but the lowest layer; what follows it in higher layers may need more.
            let one_step = packet.frame.is_none() && packet.codec == Codec::Vp8;
            let may = |temporal: &u8| packet.switch.contains(current.spatial, *temporal) && !(one_step && *temporal > current.temporal + 1);
            if let Some(temporal) = better.find(may) {
                current.temporal = temporal;
            }
        }
        self.current = Some(current);
    }

    /// Whether it was sent what the frame needs. Where nothing is said of that, the layers tell.
    fn decodable(&self, packet: &Packet) -> bool {
        packet.frame.is_none_or(|frame| {
            frame
                .needs
                .is_some_and(|needs| needs.iter().all(|number| self.frames.contains(number)))
        })
    }

    /// Notices that a frame is missing without which nothing later can be decoded.
    fn watch(&mut self, now: Instant, packet: &Packet, frame: &Frame, current: Grade) {
        if let Some((missing, since)) = self.broken {
            if self.frames.contains(missing) {
                self.broken = None;
            } else if now.saturating_duration_since(since) > REPAIRED_IN {
                self.broken = None;
                self.stuck = Some(Stuck::Lost);
            }
        } else if packet.begins
            && let Some(before) = frame.chains.get(usize::from(current.spatial)).copied().flatten()
            && !self.frames.contains(before)
        {
            self.broken = Some((before, now));
        }
    }
}

/// Frames that were sent, by the numbers of the dependency descriptor, which wrap.
#[derive(Debug, Clone, Copy, Default)]
struct Frames {
    /// The first one since the key frame, and the newest.
    range: Option<(u16, u16)>,
    /// Bit n: the frame n before the newest was sent.
    sent: u128,
}

impl Frames {
    fn insert(&mut self, number: u16) {
        let Some((first, newest)) = self.range else {
            self.range = Some((number, number));
            self.sent = 1;
            return;
        };
        let ahead = number.wrapping_sub(newest);
        if ahead == 0 || ahead >= 1 << 15 {
            self.sent |= 1_u128.checked_shl(newest.wrapping_sub(number).into()).unwrap_or(0);
        } else {
            self.sent = self.sent.checked_shl(ahead.into()).unwrap_or(0) | 1;
            // What is that far back is no frame of now: the first one moves along, so that numbers that wrap are not taken for old ones.
            let first = if number.wrapping_sub(first) >= 1 << 14 {
                number.wrapping_sub(1 << 13)
            } else {
                first
            };
            self.range = Some((first, number));
        }
    }

    fn contains(&self, number: u16) -> bool {
        self.range
            .is_some_and(|(_, newest)| self.sent.checked_shr(newest.wrapping_sub(number).into()).unwrap_or(0) & 1 == 1)
    }

    /// Whether it is from before the key frame.
    fn is_before(&self, number: u16) -> bool {
        self.range.is_some_and(|(first, _)| number.wrapping_sub(first) >= 1 << 15)
    }
}

#[cfg(test)]
mod tests;

//! One room: who is there, what they publish, what they receive.
//!
//! Owns membership and publications, and when something is to be done. Not here: what slots carry (`binding`), what the way to a receiver allows
//! (`limits`), the path of a packet through one publication (`publication`), who is heard (`voices`).
//! Invariants: a slot carries only open or steady publications of others; what left is bound nowhere.

mod binding;
mod limits;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use limits::Allotment;

use super::keyframes::Allowance;
use super::layers::Layer;
use super::packet::{Codecs, Handle};
use super::publication::Publication;
use super::slots::Slots;
use super::voices::Voices;
use super::{Declaration, Forward, Line, Outbox, Output, Verdict};
use crate::api::{MediaKind, PeerId, PublicationId, RoomId, Want};
use crate::quality::Picture;

const AUDIO_CLOCK: u32 = 48_000;
const VIDEO_CLOCK: u32 = 90_000;
/// How often simulcast layers are checked for having fallen silent.
const WATCH: Duration = Duration::from_millis(1_000);

/// A room.
#[derive(Debug)]
pub(crate) struct Room<C> {
    name: RoomId,
    members: BTreeMap<PeerId, Member>,
    publications: BTreeMap<PublicationId, Publication<C>>,
    voices: Voices,
    watch_at: Option<Instant>,
    deadline: Option<Instant>,
}

#[derive(Debug)]
struct Member {
    connected: bool,
    /// On another shard: publishes only.
    afar: bool,
    /// Receives nothing for now.
    paused: bool,
    /// What its way carries, once that was measured.
    allotment: Option<Box<Allotment>>,
    plays: Codecs,
    audio: Slots,
    video: Slots,
    wants: Vec<Want>,
    sends: Vec<(Line, PublicationId)>,
    /// What it may be asked for as a publisher.
    asks: Allowance,
}

impl Member {
    fn new(afar: bool) -> Self {
        Self {
            connected: false,
            afar,
            paused: false,
            allotment: None,
            plays: Codecs::default(),
            audio: Slots::new(AUDIO_CLOCK),
            video: Slots::new(VIDEO_CLOCK),
            wants: Vec::new(),
            sends: Vec::new(),
            asks: Allowance::default(),
        }
    }
}

impl<C: Handle> Room<C> {
    pub(crate) fn new(name: RoomId) -> Self {
        Self {
            name,
            members: BTreeMap::new(),
            publications: BTreeMap::new(),
            voices: Voices::default(),
            watch_at: None,
            deadline: None,
        }
    }

    pub(crate) fn name(&self) -> &RoomId {
        &self.name
    }

    /// Whether nobody is here; who is on another shard does not count.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.values().all(|member| member.afar)
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    pub(crate) fn join(&mut self, now: Instant, peer: PeerId, slots: (&[Line], &[Line]), plays: Codecs, outbox: &mut Outbox<C>) {
        let member = self.members.entry(peer).or_insert_with(|| Member::new(false));
        member.afar = false;
        let mut gone = member.audio.set_lines(slots.0);
        gone.extend(member.video.set_lines(slots.1));
        for id in gone {
            if let Some(publication) = self.publications.get_mut(&id) {
                publication.detach(peer);
            }
        }
        if std::mem::replace(&mut member.plays, plays) != plays {
            for id in member.video.carried() {
                if let Some(publication) = self.publications.get_mut(&id)
                    && publication.set_plays(peer, plays)
                {
                    publication.aim_one(now, peer, outbox);
                }
            }
        }
        self.bind_peer(now, peer, outbox);
        self.ask(now, outbox);
        self.reschedule(now);
    }

    pub(crate) fn join_from_afar(&mut self, peer: PeerId) {
        self.members.entry(peer).or_insert_with(|| Member::new(true));
    }

    pub(crate) fn refresh_layer(&mut self, now: Instant, owner: PeerId, line: Line, layer: Layer, outbox: &mut Outbox<C>) {
        let publication = self
            .publications
            .values_mut()
            .find(|publication| publication.owner == owner && publication.line == line && publication.is_open());
        if let Some(publication) = publication {
            publication.refresh_layer(layer);
        }
        self.ask(now, outbox);
        self.reschedule(now);
    }

    /// Tells which videos from afar are received here, where that has changed.
    fn watch(&mut self, now: Instant, outbox: &mut Outbox<C>) {
        for publication in self.publications.values_mut().filter(|publication| !publication.kind.is_audio()) {
            let afar = self.members.get(&publication.owner).is_some_and(|member| member.afar);
            if afar && let Some(watched) = publication.watch_changed(now) {
                outbox.push(Output::Watched {
                    peer: publication.owner,
                    line: publication.line,
                    watched,
                });
            }
        }
    }

    pub(crate) fn connect(&mut self, now: Instant, peer: PeerId, outbox: &mut Outbox<C>) {
        if let Some(member) = self.members.get_mut(&peer) {
            member.connected = true;
        }
        self.bind_peer(now, peer, outbox);
        self.ask(now, outbox);
        self.reschedule(now);
    }

    pub(crate) fn leave(&mut self, now: Instant, peer: PeerId, outbox: &mut Outbox<C>) {
        self.declare(now, peer, &[], outbox);
        if let Some(member) = self.members.remove(&peer) {
            for id in member.audio.carried().chain(member.video.carried()) {
                if let Some(publication) = self.publications.get_mut(&id) {
                    publication.detach(peer);
                }
            }
        }
        self.watch(now, outbox);
        self.reschedule(now);
    }

    pub(crate) fn declare(&mut self, now: Instant, peer: PeerId, declared: &[Declaration], outbox: &mut Outbox<C>) {
        let Some(member) = self.members.get_mut(&peer) else { return };
        let removed: Vec<PublicationId> = member
            .sends
            .iter()
            .map(|(_, id)| *id)
            .filter(|id| {
                !declared
                    .iter()
                    .any(|new| self.publications.get(id).is_some_and(|old| same(old, new)))
            })
            .collect();
        // First unbind what goes, so that the numbers of the slots are kept; then forget it.
        for id in &removed {
            self.voices.remove(*id);
        }
        let mut closed: BTreeMap<PublicationId, Publication<C>> = BTreeMap::new();
        for id in removed {
            member.sends.retain(|(_, other)| *other != id);
            if let Some(publication) = self.publications.remove(&id) {
                closed.insert(id, publication);
            }
        }
        for new in declared {
            match self.publications.get_mut(&new.id) {
                Some(old) if old.owner == peer => old.set_open(new.open),
                Some(_) => tracing::debug!(publication = new.id.0, "declared by two peers; the first keeps it"),
                None => {
                    member.sends.push((new.line, new.id));
                    self.publications
                        .insert(new.id, Publication::new(new.id, new.kind, peer, new.line, new.open));
                    if new.kind.is_audio() {
                        self.voices.add(new.id);
                    }
                }
            }
        }
        if !member.sends.iter().any(|(_, id)| {
            self.publications
                .get(id)
                .is_some_and(|publication| publication.kind == MediaKind::Microphone)
        }) {
            self.voices.silence(&self.name, peer, outbox);
        }
        self.bind_all(now, &mut closed, outbox);
        self.ask(now, outbox);
        self.reschedule(now);
    }

    pub(crate) fn set_open(&mut self, now: Instant, peer: PeerId, id: PublicationId, open: bool, outbox: &mut Outbox<C>) {
        let Some(publication) = self.publications.get_mut(&id).filter(|publication| publication.owner == peer) else {
            return;
        };
        if publication.is_open() == open {
            return;
        }
        publication.set_open(open);
        if publication.kind == MediaKind::Microphone && !open {
            self.voices.silence(&self.name, peer, outbox);
        }
        self.bind_all(now, &mut BTreeMap::new(), outbox);
        self.ask(now, outbox);
        self.reschedule(now);
    }

    pub(crate) fn subscribe(&mut self, now: Instant, peer: PeerId, mut wants: Vec<Want>, outbox: &mut Outbox<C>) {
        let Some(member) = self.members.get_mut(&peer) else { return };
        wants.sort_by_key(|want| std::cmp::Reverse(want.priority));
        member.wants = wants;
        for want in &member.wants {
            if let Some(publication) = self.publications.get_mut(&want.publication)
                && publication.set_wish(peer, binding::wish_of(want))
            {
                publication.aim_one(now, peer, outbox);
            }
        }
        self.bind_peer(now, peer, outbox);
        self.split(now, peer, outbox);
        self.ask(now, outbox);
        self.reschedule(now);
    }

    /// Frees every slot of the peer, or fills them again.
    pub(crate) fn set_receiving(&mut self, now: Instant, peer: PeerId, receiving: bool, outbox: &mut Outbox<C>) {
        let Some(member) = self.members.get_mut(&peer) else { return };
        member.paused = !receiving;
        self.bind_peer(now, peer, outbox);
        self.ask(now, outbox);
        self.reschedule(now);
    }

    pub(crate) fn refresh(&mut self, now: Instant, peer: PeerId, line: Line, outbox: &mut Outbox<C>) {
        let Some(id) = self.members.get(&peer).and_then(|member| member.video.bound(line)) else {
            return;
        };
        if let Some(publication) = self.publications.get_mut(&id) {
            publication.refresh(peer);
        }
        self.ask(now, outbox);
        self.reschedule(now);
    }

    pub(crate) fn packet(&mut self, now: Instant, from: PeerId, handle: &C, out: &mut Vec<Forward>, outbox: &mut Outbox<C>) -> Verdict {
        let packet = handle.packet();
        let Some(member) = self.members.get_mut(&from) else {
            return Verdict::Gated;
        };
        let sends = member.sends.iter().find(|(line, _)| *line == packet.line);
        let Some(publication) = sends
            .and_then(|(_, id)| self.publications.get_mut(id))
            .filter(|publication| publication.is_open())
        else {
            return Verdict::Gated;
        };
        if let Some(level) = packet.level {
            self.voices.hear(now, publication, level);
        }
        if publication.forward(now, handle, out, outbox) {
            ask(now, publication, &mut member.asks, outbox);
            self.reschedule(now);
        }
        Verdict::Passed
    }

    /// Takes what a publisher elsewhere has sent since a key frame.
    pub(crate) fn begin_with(&mut self, now: Instant, from: PeerId, recent: &[C], outbox: &mut Outbox<C>) {
        let Some(line) = recent.first().map(|handle| handle.packet().line) else {
            return;
        };
        let publications = self.publications.values_mut().filter(|publication| publication.is_open());
        for publication in publications.filter(|publication| publication.owner == from && publication.line == line) {
            publication.begin_with(now, recent, outbox);
        }
        self.ask(now, outbox);
        self.reschedule(now);
    }

    /// What a slot carries.
    pub(crate) fn bound(&self, peer: PeerId, line: Line) -> Option<PublicationId> {
        let member = self.members.get(&peer)?;
        member.audio.bound(line).or_else(|| member.video.bound(line))
    }

    /// The video that is sent in a slot now, if one is.
    pub(crate) fn picture(&self, peer: PeerId, line: Line) -> Option<Picture> {
        self.publications.get(&self.bound(peer, line)?)?.picture(peer, line)
    }

    /// The packets since the last key frame of a video, when somebody can begin with them now.
    pub(crate) fn recent(&self, now: Instant, owner: PeerId, line: Line) -> Vec<C> {
        let publications = self.publications.values().filter(|publication| publication.is_open());
        let mut of_line = publications.filter(|publication| publication.owner == owner && publication.line == line);
        of_line
            .next()
            .map(|publication| publication.recent(now).cloned().collect())
            .unwrap_or_default()
    }

    pub(crate) fn is_voice(&self, peer: PeerId, line: Line) -> bool {
        let sends = self.members.get(&peer).into_iter().flat_map(|member| &member.sends);
        sends.filter(|(other, _)| *other == line).any(|(_, id)| {
            self.publications
                .get(id)
                .is_some_and(|publication| publication.kind == MediaKind::Microphone)
        })
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, outbox: &mut Outbox<C>) {
        let crowd = self.members.values().map(|member| member.audio.len()).max().unwrap_or(0);
        if self.voices.handle_timeout(now, &self.name, &mut self.publications, crowd, outbox) {
            self.bind_all(now, &mut BTreeMap::new(), outbox);
        }
        let is_watch = self.watch_at.is_some_and(|at| at <= now);
        if is_watch {
            self.watch_at = None;
            for publication in self.publications.values_mut().filter(|publication| publication.needs_watch()) {
                publication.aim(now, outbox);
            }
        }
        self.split_due(now, is_watch, outbox);
        self.ask(now, outbox);
        self.reschedule(now);
    }

    /// Sends out the key frame requests that are due.
    fn ask(&mut self, now: Instant, outbox: &mut Outbox<C>) {
        // First the wish to receive, then the wish for a key frame.
        self.watch(now, outbox);
        for publication in self.publications.values_mut().filter(|publication| publication.waits()) {
            if let Some(owner) = self.members.get_mut(&publication.owner) {
                ask(now, publication, &mut owner.asks, outbox);
            }
        }
    }

    fn reschedule(&mut self, now: Instant) {
        let again = self.members.values().filter_map(|member| member.allotment.as_ref());
        let (is_limited, again) = again.fold((false, None::<Instant>), |(_, first), allotment| {
            let at = allotment.deadline();
            (true, first.map_or(at, |first| Some(at.map_or(first, |at| at.min(first)))))
        });
        if self.watch_at.is_none() && (is_limited || self.publications.values().any(Publication::needs_watch)) {
            self.watch_at = Some(now + WATCH);
        }
        let microphones = self
            .publications
            .values()
            .any(|publication| publication.kind.is_audio() && publication.is_open());
        let voices = self.voices.schedule(now, microphones);
        let waiting = self.publications.values().filter(|publication| publication.waits());
        let keyframes = waiting
            .filter_map(|publication| publication.deadline(&self.members.get(&publication.owner)?.asks))
            .min();
        self.deadline = [voices, keyframes, self.watch_at, again].into_iter().flatten().min();
    }
}

/// Sends out the key frame requests of one publication that are due.
fn ask<C: Handle>(now: Instant, publication: &mut Publication<C>, allowance: &mut Allowance, outbox: &mut Outbox<C>) {
    while let Some(layer) = publication.keyframe_due(now, allowance) {
        outbox.push(Output::RequestKeyframe {
            peer: publication.owner,
            line: publication.line,
            layer,
        });
    }
}

fn same<C>(old: &Publication<C>, new: &Declaration) -> bool {
    old.id == new.id && old.kind == new.kind && old.line == new.line
}

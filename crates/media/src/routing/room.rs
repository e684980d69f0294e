//! One room: who is there, what they publish, what they receive.
//!
//! Owns membership, publications and the binding of slots. Not here: the path of a packet through one publication
//! (`publication`), the choice of layers (`layers`), who is heard (`voices`).
//! Invariants: a slot carries only open or steady publications of others; what left is bound nowhere.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::layers::{Layer, Size};
use super::publication::Publication;
use super::slots::{Change, Slots};
use super::voices::Voices;
use super::{Bound, Declaration, Forward, Line, Outbox, Output, Packet, Verdict};
use crate::api::{MediaKind, PeerId, PublicationId, RoomId, Want};

const AUDIO_CLOCK: u32 = 48_000;
const VIDEO_CLOCK: u32 = 90_000;
/// How often simulcast layers are checked for having fallen silent.
const WATCH: Duration = Duration::from_millis(1_000);

/// A room.
#[derive(Debug)]
pub(crate) struct Room {
    name: RoomId,
    members: BTreeMap<PeerId, Member>,
    publications: BTreeMap<PublicationId, Publication>,
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
    audio: Slots,
    video: Slots,
    wants: Vec<Want>,
    sends: Vec<(Line, PublicationId)>,
}

impl Room {
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

    pub(crate) fn join(&mut self, now: Instant, peer: PeerId, audio: &[Line], video: &[Line], outbox: &mut Outbox) {
        let member = self.members.entry(peer).or_insert_with(|| Member {
            connected: false,
            afar: false,
            paused: false,
            audio: Slots::new(AUDIO_CLOCK),
            video: Slots::new(VIDEO_CLOCK),
            wants: Vec::new(),
            sends: Vec::new(),
        });
        member.afar = false;
        let mut gone = member.audio.set_lines(audio);
        gone.extend(member.video.set_lines(video));
        for id in gone {
            if let Some(publication) = self.publications.get_mut(&id) {
                publication.detach(peer);
            }
        }
        self.bind_peer(now, peer, outbox);
        self.reschedule(now);
    }

    pub(crate) fn join_from_afar(&mut self, peer: PeerId) {
        self.members.entry(peer).or_insert_with(|| Member {
            connected: false,
            afar: true,
            paused: false,
            audio: Slots::new(AUDIO_CLOCK),
            video: Slots::new(VIDEO_CLOCK),
            wants: Vec::new(),
            sends: Vec::new(),
        });
    }

    pub(crate) fn refresh_layer(&mut self, now: Instant, owner: PeerId, line: Line, layer: Layer, outbox: &mut Outbox) {
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
    fn watch(&mut self, outbox: &mut Outbox) {
        for publication in self.publications.values_mut().filter(|publication| !publication.kind.is_audio()) {
            let afar = self.members.get(&publication.owner).is_some_and(|member| member.afar);
            if afar && let Some(watched) = publication.watch_changed() {
                outbox.push(Output::Watched {
                    peer: publication.owner,
                    line: publication.line,
                    watched,
                });
            }
        }
    }

    pub(crate) fn connect(&mut self, now: Instant, peer: PeerId, outbox: &mut Outbox) {
        if let Some(member) = self.members.get_mut(&peer) {
            member.connected = true;
        }
        self.bind_peer(now, peer, outbox);
        self.ask(now, outbox);
        self.reschedule(now);
    }

    pub(crate) fn leave(&mut self, now: Instant, peer: PeerId, outbox: &mut Outbox) {
        self.declare(now, peer, &[], outbox);
        if let Some(member) = self.members.remove(&peer) {
            for id in member.audio.carried().chain(member.video.carried()) {
                if let Some(publication) = self.publications.get_mut(&id) {
                    publication.detach(peer);
                }
            }
        }
        self.watch(outbox);
        self.reschedule(now);
    }

    pub(crate) fn declare(&mut self, now: Instant, peer: PeerId, declared: &[Declaration], outbox: &mut Outbox) {
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
        let mut closed: BTreeMap<PublicationId, Publication> = BTreeMap::new();
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

    pub(crate) fn set_open(&mut self, now: Instant, peer: PeerId, id: PublicationId, open: bool, outbox: &mut Outbox) {
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

    pub(crate) fn subscribe(&mut self, now: Instant, peer: PeerId, mut wants: Vec<Want>, outbox: &mut Outbox) {
        let Some(member) = self.members.get_mut(&peer) else { return };
        wants.sort_by_key(|want| std::cmp::Reverse(want.priority));
        member.wants = wants;
        for want in &member.wants {
            if let Some(publication) = self.publications.get_mut(&want.publication) {
                publication.set_want(now, peer, size_of(want));
            }
        }
        self.bind_peer(now, peer, outbox);
        self.ask(now, outbox);
        self.reschedule(now);
    }

    /// Frees every slot of the peer, or fills them again.
    pub(crate) fn set_receiving(&mut self, now: Instant, peer: PeerId, receiving: bool, outbox: &mut Outbox) {
        let Some(member) = self.members.get_mut(&peer) else { return };
        member.paused = !receiving;
        self.bind_peer(now, peer, outbox);
        self.ask(now, outbox);
        self.reschedule(now);
    }

    pub(crate) fn refresh(&mut self, now: Instant, peer: PeerId, line: Line, outbox: &mut Outbox) {
        let Some(id) = self.members.get(&peer).and_then(|member| member.video.bound(line)) else {
            return;
        };
        if let Some(publication) = self.publications.get_mut(&id) {
            publication.refresh(peer);
        }
        self.ask(now, outbox);
        self.reschedule(now);
    }

    pub(crate) fn packet(&mut self, now: Instant, from: PeerId, packet: &Packet, out: &mut Vec<Forward>, outbox: &mut Outbox) -> Verdict {
        let sends = self
            .members
            .get(&from)
            .and_then(|member| member.sends.iter().find(|(line, _)| *line == packet.line));
        let Some(publication) = sends
            .and_then(|(_, id)| self.publications.get_mut(id))
            .filter(|publication| publication.is_open())
        else {
            return Verdict::Gated;
        };
        if let Some(level) = packet.level {
            self.voices.hear(now, publication, level);
        }
        if publication.forward(now, packet, out) {
            while let Some(layer) = publication.keyframe_due(now) {
                outbox.push(Output::RequestKeyframe {
                    peer: publication.owner,
                    line: publication.line,
                    layer,
                });
            }
            self.reschedule(now);
        }
        Verdict::Passed
    }

    /// Nothing is limited yet: layers follow the wished size alone.
    pub(crate) fn allot(&mut self, _now: Instant, peer: PeerId, _budget_bps: u64, _outbox: &mut Outbox) -> Option<u64> {
        self.members.get(&peer)?;
        None
    }

    pub(crate) fn bound(&self, peer: PeerId, line: Line) -> Option<PublicationId> {
        let member = self.members.get(&peer)?;
        member.audio.bound(line).or_else(|| member.video.bound(line))
    }

    pub(crate) fn is_voice(&self, peer: PeerId, line: Line) -> bool {
        let sends = self.members.get(&peer).into_iter().flat_map(|member| &member.sends);
        sends.filter(|(other, _)| *other == line).any(|(_, id)| {
            self.publications
                .get(id)
                .is_some_and(|publication| publication.kind == MediaKind::Microphone)
        })
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, outbox: &mut Outbox) {
        let crowd = self.members.values().map(|member| member.audio.len()).max().unwrap_or(0);
        if self.voices.handle_timeout(now, &self.name, &mut self.publications, crowd, outbox) {
            self.bind_all(now, &mut BTreeMap::new(), outbox);
        }
        if self.watch_at.is_some_and(|at| at <= now) {
            self.watch_at = None;
            for publication in self.publications.values_mut().filter(|publication| publication.needs_watch()) {
                publication.retarget(now);
            }
        }
        self.ask(now, outbox);
        self.reschedule(now);
    }

    /// Sends out the key frame requests that are due.
    fn ask(&mut self, now: Instant, outbox: &mut Outbox) {
        // First the wish to receive, then the wish for a key frame.
        self.watch(outbox);
        for publication in self.publications.values_mut() {
            while let Some(layer) = publication.keyframe_due(now) {
                outbox.push(Output::RequestKeyframe {
                    peer: publication.owner,
                    line: publication.line,
                    layer,
                });
            }
        }
    }

    fn reschedule(&mut self, now: Instant) {
        if self.watch_at.is_none() && self.publications.values().any(Publication::needs_watch) {
            self.watch_at = Some(now + WATCH);
        }
        let microphones = self
            .publications
            .values()
            .any(|publication| publication.kind.is_audio() && publication.is_open());
        let voices = self.voices.schedule(now, microphones);
        let keyframes = self.publications.values().filter_map(Publication::deadline).min();
        self.deadline = [voices, keyframes, self.watch_at].into_iter().flatten().min();
    }

    fn bind_all(&mut self, now: Instant, closed: &mut BTreeMap<PublicationId, Publication>, outbox: &mut Outbox) {
        let peers: Vec<PeerId> = self.members.keys().copied().collect();
        for peer in peers {
            self.bind(now, peer, closed, outbox);
        }
    }

    fn bind_peer(&mut self, now: Instant, peer: PeerId, outbox: &mut Outbox) {
        self.bind(now, peer, &mut BTreeMap::new(), outbox);
    }

    /// Brings the slots of one peer to what they should carry. `closed` holds publications that have just been withdrawn.
    fn bind(&mut self, now: Instant, peer: PeerId, closed: &mut BTreeMap<PublicationId, Publication>, outbox: &mut Outbox) {
        let Some(member) = self.members.get_mut(&peer).filter(|member| member.connected) else {
            return;
        };
        let others = |id: &PublicationId| self.publications.get(id).filter(|publication| publication.owner != peer);
        let audio: Vec<PublicationId> = self
            .voices
            .order()
            .filter(|id| !member.paused && others(id).is_some())
            .take(member.audio.len())
            .collect();
        let mut video: Vec<PublicationId> = Vec::new();
        for want in &member.wants {
            let usable = others(&want.publication).is_some_and(|publication| publication.is_open() && !publication.kind.is_audio());
            if usable && !member.paused && !video.contains(&want.publication) {
                video.push(want.publication);
            }
        }
        let mut bound = Vec::new();
        for (slots, wanted) in [(&mut member.audio, &audio), (&mut member.video, &video)] {
            for Change { line, from, to } in slots.assign(wanted) {
                let before = from.and_then(|id| self.publications.get_mut(&id).or_else(|| closed.get_mut(&id)));
                if let Some(rewriter) = before.and_then(|publication| publication.detach(peer)) {
                    slots.park(line, rewriter);
                }
                if let Some(publication) = to.and_then(|id| self.publications.get_mut(&id)) {
                    let want = member
                        .wants
                        .iter()
                        .find(|want| want.publication == publication.id)
                        .and_then(size_of);
                    publication.attach(now, peer, line, slots.unpark(line), want);
                }
                bound.push(Bound {
                    line,
                    generation: outbox.next_generation(),
                    publication: to,
                });
            }
        }
        if !bound.is_empty() {
            outbox.push(Output::SlotsBound { peer, slots: bound });
        }
    }
}

fn size_of(want: &Want) -> Option<Size> {
    (want.width > 0 && want.height > 0).then_some(Size {
        width: want.width,
        height: want.height,
    })
}

fn same(old: &Publication, new: &Declaration) -> bool {
    old.id == new.id && old.kind == new.kind && old.line == new.line
}

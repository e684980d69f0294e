//! The router as a whole, by script and by chance: whatever happens, nothing crosses rooms, nobody hears themselves, a closed
//! publication is received by nobody, numbers of a slot never repeat and generations grow.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::api::{MediaKind, PublicationId, Want};

/// A packet that carries itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent(pub(super) Packet);

impl Handle for Sent {
    fn packet(&self) -> &Packet {
        &self.0
    }
}

/// What plays everything.
pub(super) fn everything() -> Codecs {
    Codec::ALL.into_iter().collect()
}

const ROOMS: [&str; 2] = ["red", "blue"];
const MICROPHONE: Line = Line(0);
const CAMERA: Line = Line(1);

fn audio_slots() -> Vec<Line> {
    (10..12).map(Line).collect()
}

fn video_slots() -> Vec<Line> {
    (20..22).map(Line).collect()
}

/// A router with a model of what may be received.
struct Bench {
    now: Instant,
    router: Router<Sent>,
    rooms: Vec<RoomKey>,
    /// Where each peer is.
    at: BTreeMap<u64, usize>,
    open: BTreeSet<u32>,
    seqs: BTreeMap<(PeerId, Line), BTreeSet<u64>>,
    slots: BTreeMap<(PeerId, Line), Bound>,
    source: u64,
    asked: Vec<(PeerId, Layer)>,
}

impl Bench {
    fn new() -> Self {
        let mut router = Router::default();
        let rooms = ROOMS.iter().map(|name| router.open_room(&RoomId((*name).to_owned()))).collect();
        Self {
            now: Instant::now(),
            router,
            rooms,
            at: BTreeMap::new(),
            open: BTreeSet::new(),
            seqs: BTreeMap::new(),
            slots: BTreeMap::new(),
            source: 5_000,
            asked: Vec::new(),
        }
    }

    fn room(&mut self, index: usize) -> RoomKey {
        let key = self.router.open_room(&RoomId(ROOMS[index].to_owned()));
        self.rooms[index] = key;
        key
    }

    fn join(&mut self, peer: u64, room: usize) {
        self.leave(peer);
        let key = self.room(room);
        self.router
            .join(self.now, key, PeerId(peer), (&audio_slots(), &video_slots()), everything());
        self.router.connect(self.now, key, PeerId(peer));
        self.at.insert(peer, room);
        let declared = [
            Declaration {
                id: PublicationId(peer as u32 * 10),
                kind: MediaKind::Microphone,
                line: MICROPHONE,
                open: true,
            },
            Declaration {
                id: PublicationId(peer as u32 * 10 + 1),
                kind: MediaKind::Camera,
                line: CAMERA,
                open: true,
            },
        ];
        self.router.declare(self.now, key, PeerId(peer), &declared);
        self.open.extend([peer as u32 * 10, peer as u32 * 10 + 1]);
        self.settle();
    }

    fn leave(&mut self, peer: u64) {
        if let Some(room) = self.at.remove(&peer) {
            self.router.leave(self.now, self.rooms[room], PeerId(peer));
            self.open.retain(|id| u64::from(*id / 10) != peer);
            self.seqs.retain(|(of, _), _| of.0 != peer);
            self.slots.retain(|(of, _), _| of.0 != peer);
            self.settle();
        }
    }

    fn set_open(&mut self, peer: u64, camera: bool, open: bool) {
        let Some(room) = self.at.get(&peer).copied() else { return };
        let id = peer as u32 * 10 + u32::from(camera);
        self.router
            .set_open(self.now, self.rooms[room], PeerId(peer), PublicationId(id), open);
        if open {
            self.open.insert(id);
        } else {
            self.open.remove(&id);
        }
        self.settle();
    }

    fn want(&mut self, peer: u64, of: &[u64]) {
        let Some(room) = self.at.get(&peer).copied() else { return };
        let wants = of.iter().map(|other| Want {
            publication: PublicationId(*other as u32 * 10 + 1),
            width: 640,
            height: 360,
            priority: 0,
            max_fps: 0,
        });
        self.router.subscribe(self.now, self.rooms[room], PeerId(peer), wants.collect());
        self.settle();
    }

    /// Sends a packet; checks every copy of it against the model.
    fn send(&mut self, peer: u64, camera: bool, level: u8, keyframe: bool) -> Vec<Forward> {
        let Some(room) = self.at.get(&peer).copied() else {
            return Vec::new();
        };
        self.now += Duration::from_millis(20);
        self.source += 1;
        let (line, codec) = if camera { (CAMERA, Codec::Vp8) } else { (MICROPHONE, Codec::Opus) };
        let packet = Packet {
            stream: peer as u32,
            seq: self.source,
            keyframe: camera && keyframe,
            level: (!camera).then_some(level),
            bytes: 100,
            ..Packet::plain(line, Layer(0), codec)
        };
        let mut out = Vec::new();
        let verdict = self
            .router
            .packet(self.now, self.rooms[room], PeerId(peer), &Sent(packet), &mut out);
        let id = peer as u32 * 10 + u32::from(camera);
        assert_eq!(verdict == Verdict::Passed, self.open.contains(&id), "closed or not");
        for forward in &out {
            self.check(&packet, forward);
        }
        out.extend(
            self.settle()
                .into_iter()
                .filter(|(packet, _)| packet.stream == peer as u32)
                .map(|(_, forward)| forward),
        );
        out
    }

    fn check(&mut self, packet: &Packet, forward: &Forward) {
        let from = u64::from(packet.stream);
        assert_ne!(forward.to, PeerId(from), "nobody receives themselves");
        assert_eq!(self.at.get(&forward.to.0), self.at.get(&from), "nothing crosses rooms");
        let id = packet.stream * 10 + u32::from(packet.line == CAMERA);
        assert!(self.open.contains(&id), "nobody receives what is closed");
        assert_eq!(
            self.slots.get(&(forward.to, forward.line)).and_then(|slot| slot.publication),
            Some(PublicationId(id)),
            "as announced"
        );
        assert!(
            self.seqs.entry((forward.to, forward.line)).or_default().insert(forward.numbers.seq),
            "no number twice"
        );
    }

    /// Does what the router wants; gives what receivers begin with.
    fn settle(&mut self) -> Vec<(Packet, Forward)> {
        let mut begun = Vec::new();
        if self.router.poll_timeout().is_some_and(|at| at <= self.now) {
            self.router.handle_timeout(self.now);
        }
        while let Some(output) = self.router.poll_output() {
            match output {
                Output::SlotsBound { peer, slots } => {
                    for slot in slots {
                        let before = self.slots.insert((peer, slot.line), slot);
                        assert!(before.is_none_or(|before| before.generation < slot.generation), "generations grow");
                    }
                }
                Output::RequestKeyframe { peer, layer, .. } => self.asked.push((peer, layer)),
                Output::Replay { to, line, packets } => {
                    for (Sent(packet), numbers) in packets {
                        let forward = Forward { to, line, numbers };
                        self.check(&packet, &forward);
                        begun.push((packet, forward));
                    }
                }
                Output::DemandChanged { .. } | Output::Watched { .. } | Output::SpeakingChanged { .. } | Output::DominantChanged { .. } => {
                }
            }
        }
        begun
    }
}

#[test]
fn in_a_small_meeting_everybody_has_a_steady_slot() {
    let mut bench = Bench::new();
    for peer in 1..=3 {
        bench.join(peer, 0);
    }
    let before = bench.slots.clone();
    for round in 0..200u8 {
        for peer in 1..=3u64 {
            let level = if round % 3 == peer as u8 - 1 { 10 } else { 120 };
            assert_eq!(bench.send(peer, false, level, false).len(), 2);
        }
    }
    bench.set_open(2, false, false);
    bench.set_open(2, false, true);
    assert_eq!(bench.slots, before, "neither turns nor muting move anybody");
}

#[test]
fn a_peer_that_holds_receives_nothing_and_afterwards_what_it_wants() {
    let mut bench = Bench::new();
    for peer in 1..=3 {
        bench.join(peer, 0);
    }
    bench.want(1, &[2]);
    assert_eq!(bench.send(2, true, 0, true).len(), 1);
    let room = bench.rooms[0];
    bench.router.set_receiving(bench.now, room, PeerId(1), false);
    bench.settle();
    assert_eq!(bench.send(2, true, 0, true).len(), 0, "no picture reaches who holds");
    assert_eq!(bench.send(2, false, 10, false).len(), 1, "the sound goes to the third one only");
    bench.want(1, &[3]);
    assert_eq!(bench.send(3, true, 0, true).len(), 0, "a new wish waits");
    bench.router.set_receiving(bench.now, room, PeerId(1), true);
    bench.settle();
    assert_eq!(bench.send(3, true, 0, true).len(), 1);
    assert_eq!(bench.send(2, false, 10, false).len(), 2);
}

#[test]
fn a_wish_made_before_the_publication_is_kept() {
    let mut bench = Bench::new();
    bench.join(1, 0);
    bench.want(1, &[2]);
    assert!(bench.slots.is_empty());
    bench.join(2, 0);
    assert_eq!(bench.send(2, true, 0, true).len(), 1);
}

#[test]
fn a_publication_that_leaves_frees_its_slots() {
    let mut bench = Bench::new();
    bench.join(1, 0);
    bench.join(2, 0);
    bench.leave(2);
    assert!(bench.slots.values().all(|slot| slot.publication.is_none()), "{:?}", bench.slots);
}

#[test]
fn an_empty_room_is_forgotten() {
    let mut bench = Bench::new();
    bench.join(1, 0);
    let before = bench.router.len();
    bench.leave(1);
    assert_eq!(bench.router.len(), before - 1);
    assert!(bench.router.poll_timeout().is_none(), "and its clock stopped");
}

#[test]
fn a_publisher_is_asked_again_while_nobody_can_begin() {
    let mut bench = Bench::new();
    bench.join(1, 0);
    bench.join(2, 0);
    bench.want(1, &[2]);
    for _ in 0..100 {
        bench.send(2, true, 0, false);
    }
    assert!(
        (3..=5).contains(&bench.asked.len()),
        "two seconds, every half second: {:?}",
        bench.asked
    );
    bench.send(2, true, 0, true);
    let asked = bench.asked.len();
    for _ in 0..100 {
        bench.send(2, true, 0, false);
    }
    assert_eq!(bench.asked.len(), asked);
}

#[derive(Debug, Clone)]
enum Step {
    Join(u64, usize),
    Leave(u64),
    Open(u64, bool, bool),
    Want(u64, Vec<u64>),
    Send(u64, bool, u8, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let peer = 1u64..7;
    prop_oneof![
        2 => (peer.clone(), 0usize..2).prop_map(|(peer, room)| Step::Join(peer, room)),
        1 => peer.clone().prop_map(Step::Leave),
        2 => (peer.clone(), any::<bool>(), any::<bool>()).prop_map(|(peer, camera, open)| Step::Open(peer, camera, open)),
        2 => (peer.clone(), prop::collection::vec(1u64..7, 0..4)).prop_map(|(peer, of)| Step::Want(peer, of)),
        12 => (peer, any::<bool>(), 0u8..128, any::<bool>()).prop_map(|(peer, camera, level, keyframe)| Step::Send(peer, camera, level, keyframe)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_the_rules_hold(steps in prop::collection::vec(step(), 1..250)) {
        let mut bench = Bench::new();
        for step in steps {
            match step {
                Step::Join(peer, room) => bench.join(peer, room),
                Step::Leave(peer) => bench.leave(peer),
                Step::Open(peer, camera, open) => bench.set_open(peer, camera, open),
                Step::Want(peer, of) => bench.want(peer, &of),
                Step::Send(peer, camera, level, keyframe) => { bench.send(peer, camera, level, keyframe); }
            }
        }
    }
}

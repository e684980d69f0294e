//! A receiver with a budget: what it gets of several cameras that are sent in three streams of three temporal layers each.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::{Delivery, MediaKind, PeerId, PublicationId, RoomId, Want};
use crate::routing::tests::{Sent, everything};
use crate::routing::{Codec, Codecs, Declaration, Forward, Layer, Line, Output, Packet, RoomKey, Router, Size, Targets};

use super::*;

const RECEIVER: PeerId = PeerId(100);
/// A picture of each stream. With what is beside it: 66, 264 and 1,056 kilobits in a second of thirty pictures.
const BYTES: [u16; 3] = [275 - 64, 1_100 - 64, 4_400 - 64];

struct Meeting {
    now: Instant,
    router: Router<Sent>,
    room: RoomKey,
    /// Who sends a camera.
    people: Vec<u64>,
    round: u64,
    /// The last second: bytes and pictures of each publication that came to the receiver, and the highest stream.
    got: BTreeMap<u64, (u64, u32, u8)>,
    deliveries: BTreeMap<u64, Delivery>,
    asked: Vec<(u64, Layer)>,
    demand: Option<u64>,
}

impl Meeting {
    fn new(people: &[u64]) -> Self {
        let now = Instant::now();
        let mut router = Router::default();
        let room = router.open_room(&RoomId("room".to_owned()));
        let slots: Vec<Line> = (0..6).map(Line).collect();
        router.join(now, room, RECEIVER, (&[], &slots), everything());
        router.connect(now, room, RECEIVER);
        for person in people {
            router.join(now, room, PeerId(*person), (&[], &[]), Codecs::default());
            let declared = Declaration {
                id: PublicationId(*person as u32),
                kind: MediaKind::Camera,
                line: Line(50),
                open: true,
            };
            router.declare(now, room, PeerId(*person), &[declared]);
        }
        Self {
            now,
            router,
            room,
            people: people.to_vec(),
            round: 0,
            got: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            asked: Vec::new(),
            demand: None,
        }
    }

    /// The receiver's wishes: who, how important, as how large a picture.
    fn want(&mut self, wants: &[(u64, u8, u32)]) {
        let wants = wants.iter().map(|(person, priority, height)| Want {
            publication: PublicationId(*person as u32),
            width: height * 16 / 9,
            height: *height,
            priority: *priority,
            max_fps: 0,
        });
        self.router.subscribe(self.now, self.room, RECEIVER, wants.collect());
        self.settle();
    }

    fn allot(&mut self, kilobits: u64) {
        self.router.allot(self.now, self.room, RECEIVER, kilobits * 1_000);
        self.settle();
    }

    fn settle(&mut self) {
        self.router.handle_timeout(self.now);
        while let Some(output) = self.router.poll_output() {
            match output {
                Output::SlotsBound { slots, .. } => {
                    for slot in slots {
                        if let Some(id) = slot.publication {
                            self.deliveries.insert(id.0.into(), slot.delivery);
                        }
                    }
                }
                Output::RequestKeyframe { peer, layer, .. } => self.asked.push((peer.0, layer)),
                Output::Replay { packets, .. } => {
                    for (Sent(packet), _) in packets {
                        self.note(&packet);
                    }
                }
                Output::DemandChanged { bps, .. } => self.demand = Some(bps),
                _ => {}
            }
        }
    }

    fn note(&mut self, packet: &Packet) {
        let got = self.got.entry(u64::from(packet.stream / 10)).or_default();
        got.0 += u64::from(packet.bytes) + 64;
        got.1 += 1;
        got.2 = got.2.max(packet.layer.0);
    }

    /// So many milliseconds of pictures; publishers answer requests with their next one.
    fn play(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while self.now < end {
            let asked = std::mem::take(&mut self.asked);
            for person in self.people.clone() {
                for layer in 0..3u8 {
                    let keyframe = self.round == 0 || asked.contains(&(person, Layer(layer)));
                    self.send(person, layer, keyframe);
                }
            }
            self.round += 1;
            self.now += Duration::from_micros(33_333);
            self.settle();
        }
    }

    fn send(&mut self, person: u64, layer: u8, keyframe: bool) {
        let temporal = if keyframe { 0 } else { [0, 2, 1, 2][(self.round % 4) as usize] };
        let packet = Packet {
            stream: person as u32 * 10 + u32::from(layer),
            seq: 1_000 + self.round,
            timestamp: self.round as u32 * 3_000,
            keyframe,
            bytes: BYTES[usize::from(layer)],
            size: keyframe.then_some(Size {
                width: 320 << layer,
                height: 180 << layer,
            }),
            temporal,
            member: Targets::from_temporal(temporal),
            switch: Targets::NONE.with(0, temporal),
            ..Packet::plain(Line(50), Layer(layer), Codec::Vp8)
        };
        let mut out: Vec<Forward> = Vec::new();
        self.router.packet(self.now, self.room, PeerId(person), &Sent(packet), &mut out);
        for _ in out {
            self.note(&packet);
        }
    }

    /// What came of each person in the next second, after some time to settle: the stream and pictures.
    fn watch(&mut self) -> BTreeMap<u64, (u8, u32)> {
        self.play(1_500);
        self.got.clear();
        self.play(1_000);
        let got = std::mem::take(&mut self.got);
        got.into_iter()
            .map(|(person, (_, pictures, layer))| (person, (layer, pictures)))
            .collect()
    }

    /// Kilobits that came in a second.
    fn kilobits(&mut self) -> u64 {
        self.got.clear();
        self.play(1_000);
        self.got.values().map(|(bytes, ..)| bytes * 8 / 1_000).sum()
    }
}

/// The stream and whether all its pictures come.
fn of(watched: &BTreeMap<u64, (u8, u32)>, person: u64) -> Option<(u8, bool)> {
    watched.get(&person).map(|(layer, pictures)| (*layer, *pictures >= 28))
}

#[test]
fn without_a_budget_the_wish_decides() {
    let mut meeting = Meeting::new(&[1]);
    meeting.want(&[(1, 0, 720)]);
    assert_eq!(of(&meeting.watch(), 1), Some((2, true)));
    assert_eq!(meeting.demand, None);
}

#[test]
fn a_budget_takes_down_at_once_and_up_again_with_patience() {
    let mut meeting = Meeting::new(&[1]);
    meeting.want(&[(1, 0, 720)]);
    meeting.watch();
    meeting.allot(350);
    meeting.play(300);
    assert!(meeting.kilobits() <= 350);
    assert_eq!(of(&meeting.watch(), 1), Some((1, true)));
    assert_eq!(meeting.demand.map(|bps| bps / 100_000), Some(10), "it would take the large one");
    meeting.allot(2_000);
    meeting.play(500);
    assert!(meeting.kilobits() <= 350, "not at once");
    meeting.play(1_500);
    assert_eq!(of(&meeting.watch(), 1), Some((2, true)));
    assert_eq!(meeting.deliveries[&1], Delivery::Sent, "it was never paused");
}

#[test]
fn pictures_are_left_out_before_a_video_is_paused() {
    let mut meeting = Meeting::new(&[1, 2]);
    meeting.want(&[(1, 1, 180), (2, 0, 180)]);
    meeting.watch();
    // Of both together all would be 132.
    meeting.allot(110);
    let watched = meeting.watch();
    assert_eq!(of(&watched, 1), Some((0, true)));
    assert_eq!(of(&watched, 2), Some((0, false)), "fewer of the less important one");
    assert!(meeting.kilobits() <= 110);
}

#[test]
fn what_does_not_fit_is_paused_with_notice_and_goes_on_with_a_key_frame() {
    let mut meeting = Meeting::new(&[1, 2]);
    meeting.want(&[(1, 1, 180), (2, 0, 180)]);
    meeting.watch();
    // A quarter of the pictures of one is 17.
    meeting.allot(25);
    let watched = meeting.watch();
    assert_eq!(
        (of(&watched, 1), of(&watched, 2)),
        (Some((0, false)), Some((0, false))),
        "not at once"
    );
    assert_ne!(meeting.deliveries.get(&2), Some(&Delivery::Paused));
    meeting.play(3_000);
    let watched = meeting.watch();
    assert_eq!(of(&watched, 1), Some((0, false)));
    assert_eq!(of(&watched, 2), None);
    assert_eq!((meeting.deliveries[&1], meeting.deliveries[&2]), (Delivery::Sent, Delivery::Paused));
    meeting.asked.clear();
    meeting.allot(500);
    meeting.play(2_500);
    assert_eq!(meeting.deliveries[&2], Delivery::Sent);
    assert_eq!(of(&meeting.watch(), 2), Some((0, true)));
}

#[test]
fn the_more_important_gets_more_and_everybody_something() {
    let mut meeting = Meeting::new(&[1, 2, 3]);
    meeting.want(&[(1, 0, 720), (2, 2, 720), (3, 0, 720)]);
    meeting.watch();
    meeting.allot(1_000);
    let watched = meeting.watch();
    let layer = |person| of(&watched, person).map(|(layer, _)| layer);
    assert!(layer(2) > layer(1) && layer(2) > layer(3), "{watched:?}");
    assert!(layer(1).is_some() && layer(3).is_some(), "{watched:?}");
    // A shared screen gets all it can use before others get anything.
    meeting.want(&[(1, 0, 720), (2, 3, 720), (3, 0, 720)]);
    meeting.allot(1_300);
    let watched = meeting.watch();
    assert_eq!(of(&watched, 2), Some((2, true)));
    assert!([1, 3].iter().all(|person| of(&watched, *person) < Some((2, false))), "{watched:?}");
}

#[test]
fn a_sharp_picture_that_hardly_moves_is_not_chosen() {
    let mut meeting = Meeting::new(&[1]);
    meeting.want(&[(1, 0, 720)]);
    meeting.watch();
    // The lowest temporal layer of the middle stream would fit: 7.5 pictures a second.
    meeting.allot(100);
    assert_eq!(of(&meeting.watch(), 1), Some((0, true)));
}

#[test]
fn what_is_bound_later_is_weighed_with_the_rest() {
    let mut meeting = Meeting::new(&[1, 2]);
    meeting.want(&[(1, 0, 720)]);
    meeting.watch();
    meeting.allot(400);
    meeting.play(1_000);
    meeting.want(&[(1, 0, 720), (2, 0, 720)]);
    meeting.play(500);
    assert!(meeting.kilobits() <= 400, "also in the first second");
    let watched = meeting.watch();
    assert!(of(&watched, 1).is_some() && of(&watched, 2).is_some(), "{watched:?}");
}

#[test]
fn a_smaller_wish_frees_what_others_can_use() {
    let mut meeting = Meeting::new(&[1, 2]);
    meeting.want(&[(1, 1, 720), (2, 0, 720)]);
    meeting.watch();
    meeting.allot(1_300);
    let watched = meeting.watch();
    assert_eq!(
        (of(&watched, 1), of(&watched, 2)),
        (Some((2, true)), Some((0, true))),
        "{watched:?}"
    );
    meeting.want(&[(1, 1, 180), (2, 0, 720)]);
    meeting.play(2_000);
    let watched = meeting.watch();
    assert_eq!(
        (of(&watched, 1), of(&watched, 2)),
        (Some((0, true)), Some((2, true))),
        "{watched:?}"
    );
}

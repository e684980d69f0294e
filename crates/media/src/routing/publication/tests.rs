use std::time::Duration;

use super::super::layers::Size;
use super::super::tests::{Sent, everything};
use super::*;
use crate::api::Delivery;

const RECEIVER: PeerId = PeerId(9);
const SLOT: Line = Line(7);
const MS: Duration = Duration::from_millis(1);

/// A publication, its receivers, and what came out.
struct Stage {
    now: Instant,
    publication: Publication<Sent>,
    allowance: Allowance,
    outbox: Outbox<Sent>,
}

impl Stage {
    fn new() -> Self {
        Self {
            now: Instant::now(),
            publication: Publication::new(PublicationId(1), MediaKind::Camera, PeerId(1), Line(1), true),
            allowance: Allowance::default(),
            outbox: Outbox::default(),
        }
    }

    /// With a receiver of a small tile.
    fn small() -> Self {
        let mut stage = Self::new();
        stage.attach(RECEIVER, small(), everything());
        stage
    }

    fn attach(&mut self, peer: PeerId, wish: Wish, plays: Codecs) {
        self.publication
            .attach(Sink::new(peer, SLOT, plays, Rewriter::new(90_000), wish, None));
        self.publication.aim_one(self.now, peer, &mut self.outbox);
    }

    fn wish(&mut self, wish: Wish) {
        assert!(self.publication.set_wish(RECEIVER, wish));
        self.publication.aim_one(self.now, RECEIVER, &mut self.outbox);
    }

    fn cap(&mut self, cap: Option<Cap>) {
        assert!(self.publication.set_cap(RECEIVER, cap));
        self.publication.aim_one(self.now, RECEIVER, &mut self.outbox);
    }

    /// What each receiver is sent of a packet, and before it: (receiver, number of the source, numbers).
    fn send(&mut self, packet: &Packet) -> Vec<(PeerId, u64, super::super::Numbers)> {
        let mut out = Vec::new();
        self.publication.forward(self.now, &Sent(*packet), &mut out, &mut self.outbox);
        let mut sent: Vec<_> = out.into_iter().map(|forward| (forward.to, packet.seq, forward.numbers)).collect();
        sent.extend(self.replays());
        sent
    }

    fn replays(&mut self) -> Vec<(PeerId, u64, super::super::Numbers)> {
        let mut sent = Vec::new();
        self.outbox.outputs.retain(|output| match output {
            Output::Replay { to, packets, .. } => {
                sent.extend(packets.iter().map(|(Sent(packet), numbers)| (*to, packet.seq, *numbers)));
                false
            }
            _ => true,
        });
        sent
    }

    /// The same for the only receiver: its sequence numbers.
    fn seqs(&mut self, packet: &Packet) -> Vec<u64> {
        self.send(packet).into_iter().map(|(_, _, numbers)| numbers.seq).collect()
    }

    fn asked(&mut self) -> Option<Layer> {
        self.publication.keyframe_due(self.now, &mut self.allowance)
    }

    fn deliveries(&mut self) -> Vec<Delivery> {
        let outputs = std::mem::take(&mut self.outbox.outputs).into_iter();
        outputs
            .filter_map(|output| match output {
                Output::SlotsBound { slots, .. } => Some(slots[0].delivery),
                _ => None,
            })
            .collect()
    }
}

fn wish(width: u32, height: u32) -> Wish {
    Wish {
        size: Some(Size { width, height }),
        max_fps: 0,
    }
}

fn small() -> Wish {
    wish(320, 180)
}

fn packet(layer: u8, seq: u64, keyframe: bool) -> Packet {
    let size = keyframe.then_some(Size {
        width: 320 << layer,
        height: 180 << layer,
    });
    Packet {
        stream: layer.into(),
        seq,
        timestamp: seq as u32 * 3_000,
        keyframe,
        size,
        bytes: 1_000,
        ..Packet::plain(Line(1), Layer(layer), Codec::Vp8)
    }
}

#[test]
fn video_begins_with_a_key_frame() {
    let mut stage = Stage::small();
    assert_eq!(stage.seqs(&packet(0, 10, false)), []);
    assert_eq!(stage.asked(), Some(Layer(0)), "and asks for one");
    assert_eq!(stage.seqs(&packet(0, 11, true)), [1]);
    assert_eq!(stage.seqs(&packet(0, 12, false)), [2]);
}

#[test]
fn a_layer_switch_waits_for_its_key_frame_and_leaves_no_gap() {
    let mut stage = Stage::small();
    stage.send(&packet(0, 10, true));
    stage.send(&packet(2, 900, true));
    assert_eq!(stage.seqs(&packet(2, 901, false)), [], "the small tile stays on the small layer");
    // The key frame is too old to begin with.
    for step in 0..16u64 {
        stage.now += MS * 100;
        assert_eq!(stage.seqs(&packet(0, 11 + step, false)).len(), 1);
        stage.send(&packet(2, 902 + step, false));
    }
    stage.wish(wish(1280, 720));
    assert_eq!(stage.asked(), Some(Layer(2)));
    assert_eq!(stage.seqs(&packet(2, 920, false)), []);
    assert_eq!(stage.seqs(&packet(0, 27, false)), [18], "the old layer goes on meanwhile");
    assert_eq!(stage.seqs(&packet(2, 921, true)), [19]);
    assert_eq!(stage.seqs(&packet(0, 28, false)), []);
    assert_eq!(stage.seqs(&packet(2, 922, false)), [20]);
}

#[test]
fn who_comes_shortly_after_a_key_frame_begins_with_it_and_the_publisher_is_not_asked() {
    let mut stage = Stage::small();
    for (seq, keyframe) in [(10, true), (11, false), (12, false)] {
        stage.send(&packet(0, seq, keyframe));
    }
    stage.now += MS * 200;
    stage.attach(PeerId(5), small(), everything());
    let begun = stage.replays();
    let seqs: Vec<_> = begun.iter().map(|(to, source, numbers)| (to.0, *source, numbers.seq)).collect();
    assert_eq!(seqs, [(5, 10, 1), (5, 11, 2), (5, 12, 3)]);
    assert_eq!(stage.asked(), None);
    let next = stage.send(&packet(0, 13, false));
    assert_eq!(next.iter().map(|(to, ..)| to.0).collect::<Vec<_>>(), [9, 5], "then both go on");
    // Its pictures come together, and then every 33 ms.
    let times: Vec<u32> = begun.iter().map(|(.., numbers)| numbers.timestamp).collect();
    assert_eq!(times[1..].iter().zip(&times).map(|(b, a)| b - a).collect::<Vec<_>>(), [100, 100]);
    assert_eq!(next[1].2.timestamp - times[2], 3_000);
}

#[test]
fn a_layer_switch_shortly_after_its_key_frame_is_made_at_once() {
    let mut stage = Stage::small();
    stage.send(&packet(0, 10, true));
    stage.send(&packet(2, 900, true));
    stage.send(&packet(2, 901, false));
    stage.wish(wish(1280, 720));
    let begun: Vec<_> = stage
        .replays()
        .into_iter()
        .map(|(_, source, numbers)| (source, numbers.seq))
        .collect();
    assert_eq!(begun, [(900, 2), (901, 3)]);
    assert_eq!(stage.asked(), None);
    assert_eq!(stage.seqs(&packet(0, 11, false)), []);
    assert_eq!(stage.seqs(&packet(2, 902, false)), [4]);
}

#[test]
fn who_comes_later_waits_for_a_key_frame_of_its_own() {
    let mut stage = Stage::small();
    stage.send(&packet(0, 10, true));
    stage.now += MS * 1_600;
    stage.attach(PeerId(5), small(), everything());
    assert_eq!(stage.replays(), []);
    assert_eq!(stage.asked(), Some(Layer(0)));
}

#[test]
fn when_a_key_frame_is_too_old_to_begin_with_another_one_can_be_asked_for_at_once() {
    let mut stage = Stage::small();
    assert_eq!(stage.seqs(&packet(0, 9, false)), []);
    assert_eq!(stage.asked(), Some(Layer(0)), "somebody waits for one");
    stage.now += MS * 30;
    stage.send(&packet(0, 10, true));
    stage.now += MS * 500;
    stage.attach(PeerId(5), small(), everything());
    assert_eq!(stage.replays().len(), 1, "half a second old");
    assert_eq!(stage.asked(), None);
    stage.now += MS;
    stage.attach(PeerId(6), small(), everything());
    assert_eq!(stage.replays(), []);
    assert_eq!(stage.asked(), Some(Layer(0)));
}

#[test]
fn after_a_pause_video_begins_with_a_key_frame_again() {
    let mut stage = Stage::small();
    stage.send(&packet(0, 10, true));
    stage.publication.set_open(false);
    stage.publication.set_open(true);
    stage.now += MS * 1_000;
    assert_eq!(stage.seqs(&packet(0, 500, false)), []);
    assert_eq!(stage.seqs(&packet(0, 501, true)), [2]);
}

#[test]
fn a_publisher_that_counts_anew_is_numbered_on() {
    let mut stage = Stage::small();
    stage.send(&packet(0, 10, true));
    let restarted = Packet {
        stream: 99,
        ..packet(0, 60_000, false)
    };
    assert_eq!(stage.seqs(&restarted), [2]);
}

#[test]
fn a_receiver_that_cannot_decode_makes_one_request() {
    let mut stage = Stage::small();
    stage.send(&packet(0, 10, true));
    assert_eq!(stage.asked(), None);
    stage.publication.refresh(RECEIVER);
    stage.publication.refresh(RECEIVER);
    assert_eq!(stage.asked(), Some(Layer(0)));
    assert_eq!(stage.asked(), None);
    assert_eq!(stage.replays(), [], "what it has is not sent again");
}

#[test]
fn who_leaves_is_not_waited_for() {
    let mut stage = Stage::small();
    stage.send(&packet(0, 10, false));
    stage.publication.detach(RECEIVER);
    assert_eq!(stage.asked(), None);
}

#[test]
fn a_receiver_without_the_codec_is_told_and_sent_nothing() {
    let mut stage = Stage::new();
    stage.attach(RECEIVER, small(), [Codec::H264].into_iter().collect());
    assert_eq!(stage.deliveries(), [], "nothing is known yet");
    assert_eq!(stage.seqs(&packet(0, 10, true)), []);
    assert_eq!(stage.deliveries(), [Delivery::Unplayable]);
    assert_eq!(stage.asked(), None);
    let other = |seq, keyframe| Packet {
        codec: Codec::H264,
        ..packet(0, seq, keyframe)
    };
    assert_eq!(stage.seqs(&other(11, true)), [], "a codec is not changed with every packet");
    stage.now += CODEC_KEPT_FOR;
    assert_eq!(stage.seqs(&other(12, false)), [], "nor without a key frame");
    assert_eq!(stage.seqs(&other(13, true)), [1]);
    assert_eq!(stage.deliveries(), [Delivery::Sent]);
    assert_eq!(stage.seqs(&packet(0, 14, false)), []);
}

#[test]
fn what_is_paused_is_told_sent_no_more_and_begins_with_a_key_frame() {
    let mut stage = Stage::small();
    stage.send(&packet(0, 10, true));
    stage.cap(Some(Cap::Paused));
    assert_eq!(stage.deliveries(), [Delivery::Paused]);
    stage.now += MS * 2_000;
    assert_eq!(stage.seqs(&packet(0, 11, false)), []);
    assert_eq!(stage.asked(), None, "nobody waits");
    stage.publication.refresh(RECEIVER);
    assert_eq!(stage.asked(), None, "whatever the receiver says");
    stage.cap(None);
    assert_eq!(stage.deliveries(), [Delivery::Sent]);
    assert_eq!(stage.asked(), Some(Layer(0)));
    assert_eq!(stage.seqs(&packet(0, 12, false)), []);
    assert_eq!(stage.seqs(&packet(0, 13, true)), [2]);
}

#[test]
fn a_cap_lowers_what_is_wished_and_raises_nothing() {
    let mut stage = Stage::new();
    stage.attach(RECEIVER, wish(1280, 720), everything());
    for (layer, seq) in [(0, 10), (1, 100), (2, 900)] {
        stage.send(&packet(layer, seq, true));
    }
    let cap = |layer, temporal| {
        Some(Cap::UpTo(Grade {
            layer: Layer(layer),
            spatial: 0,
            temporal,
        }))
    };
    stage.cap(cap(1, 2));
    assert_eq!(stage.replays().len(), 1, "the lower layer begins at once");
    assert_eq!(
        (stage.seqs(&packet(1, 101, false)).len(), stage.seqs(&packet(2, 901, false)).len()),
        (1, 0)
    );
    stage.wish(small());
    stage.replays();
    assert_eq!(
        (stage.seqs(&packet(0, 11, false)).len(), stage.seqs(&packet(1, 102, false)).len()),
        (1, 0)
    );
}

#[test]
fn a_limit_of_pictures_leaves_out_what_is_beyond_once_that_was_measured() {
    let mut stage = Stage::small();
    stage.wish(Wish { max_fps: 15, ..small() });
    let mut sent = Vec::new();
    for seq in 0..90u64 {
        // Temporal layers 0 2 1 2 at 30 pictures a second.
        let temporal = [0, 2, 1, 2][(seq % 4) as usize];
        let picture = Packet {
            temporal,
            member: super::super::Targets::from_temporal(temporal),
            picture: Some(seq as u16),
            ..packet(0, seq + 1, seq == 0)
        };
        sent.extend(stage.send(&picture).into_iter().map(|(_, source, numbers)| (source, numbers)));
        stage.now += MS * 33;
        if seq % 30 == 29 {
            stage.publication.aim(stage.now, &mut stage.outbox);
        }
    }
    let late: Vec<_> = sent.iter().filter(|(source, _)| *source > 61).collect();
    assert!((14..=15).contains(&late.len()), "every second one of 29: {}", late.len());
    assert!(late.windows(2).all(|pair| pair[1].1.seq == pair[0].1.seq + 1), "no gap");
    assert!(
        late.windows(2)
            .all(|pair| pair[1].1.picture.unwrap() == pair[0].1.picture.unwrap() + 1)
    );
}

#[test]
fn what_is_sent_now_is_known_with_its_size() {
    let mut stage = Stage::small();
    let picture = |stage: &Stage| {
        stage
            .publication
            .picture(RECEIVER, SLOT)
            .map(|picture| (picture.rank, picture.size))
    };
    assert_eq!(picture(&stage), None, "nothing came yet");
    stage.send(&packet(0, 10, true));
    assert_eq!(picture(&stage), Some((0, Some((320, 180)))));
    assert_eq!(stage.publication.picture(PeerId(77), SLOT), None, "nobody");
    stage.cap(Some(Cap::Paused));
    assert_eq!(picture(&stage), None);
}

use super::super::grade::Targets;
use super::super::layers::Layer;
use super::super::packet::Needs;
use super::super::tests::everything;
use super::*;

const MS: Duration = Duration::from_millis(1);

fn grade(spatial: u8, temporal: u8) -> Grade {
    Grade {
        layer: Layer(0),
        spatial,
        temporal,
    }
}

/// A receiver that began with the first packet it sees.
struct Watcher {
    now: Instant,
    sink: Sink,
}

impl Watcher {
    fn new(grade: Grade) -> Self {
        let mut sink = Sink::new(PeerId(1), Line(1), everything(), Rewriter::new(90_000), Wish::default(), None);
        sink.aim(Some(grade));
        let now = Instant::now();
        sink.begin(now, 0, 0);
        Self { now, sink }
    }

    /// The numbers under which it is sent packets.
    fn see(&mut self, packets: impl IntoIterator<Item = Packet>) -> Vec<Numbers> {
        let packets = packets.into_iter();
        packets
            .filter_map(|packet| match self.sink.see(self.now, &packet) {
                Taken::Sent(numbers) => Some(numbers),
                Taken::Not => None,
            })
            .collect()
    }

    fn aim(&mut self, spatial: u8, temporal: u8) {
        self.sink.aim(Some(grade(spatial, temporal)));
    }
}

/// VP8 in temporal layers.
fn vp8(seq: u64, temporal: u8, sync: bool) -> Packet {
    Packet {
        seq,
        timestamp: seq as u32 * 3_000,
        picture: Some(seq as u16),
        tl0: Some(0),
        keyframe: seq == 0,
        temporal,
        member: Targets::from_temporal(temporal),
        switch: if sync { Targets::NONE.with(0, temporal) } else { Targets::NONE },
        ..Packet::plain(Line(1), Layer(0), Codec::Vp8)
    }
}

fn pictures(numbers: &[Numbers]) -> Vec<(u64, u16)> {
    numbers.iter().map(|numbers| (numbers.seq, numbers.picture.unwrap())).collect()
}

#[test]
fn upper_temporal_layers_are_left_out_without_a_gap() {
    let mut watcher = Watcher::new(grade(0, 0));
    let sent = watcher.see([(0, 0), (1, 2), (2, 1), (3, 2), (4, 0), (5, 2), (6, 1)].map(|(seq, temporal)| vp8(seq, temporal, false)));
    assert_eq!(pictures(&sent), [(1, 0), (2, 1)]);
    let mut watcher = Watcher::new(grade(0, 1));
    let sent = watcher.see([(0, 0), (1, 2), (2, 1), (3, 2), (4, 0), (5, 2), (6, 1)].map(|(seq, temporal)| vp8(seq, temporal, false)));
    assert_eq!(pictures(&sent), [(1, 0), (2, 1), (3, 2), (4, 3)]);
}

#[test]
fn a_lower_temporal_layer_is_taken_at_the_next_picture() {
    let mut watcher = Watcher::new(grade(0, 2));
    watcher.see([vp8(0, 0, false)]);
    let part = |seq, begins| Packet {
        begins,
        ends: !begins,
        picture: Some(1),
        ..vp8(seq, 2, false)
    };
    assert_eq!(watcher.see([part(1, true)]).len(), 1);
    watcher.aim(0, 0);
    assert_eq!(watcher.see([part(2, false)]).len(), 1, "what was begun is ended");
    assert_eq!(watcher.see([vp8(3, 2, false)]).len(), 0);
}

#[test]
fn vp8_goes_up_by_one_layer_where_it_is_in_step() {
    let mut watcher = Watcher::new(grade(0, 0));
    watcher.see([vp8(0, 0, false)]);
    watcher.aim(0, 2);
    assert_eq!(
        watcher.see([vp8(1, 2, true)]).len(),
        0,
        "the layer between may still need what was not sent"
    );
    assert_eq!(watcher.see([vp8(2, 1, false)]).len(), 0);
    assert_eq!(watcher.see([vp8(4, 0, false)]).len(), 1);
    assert_eq!(watcher.see([vp8(5, 2, false)]).len(), 0);
    assert_eq!(watcher.see([vp8(6, 1, true)]).len(), 1);
    assert_eq!(watcher.see([vp8(7, 2, false)]).len(), 0);
    assert_eq!(watcher.see([vp8(8, 0, false), vp8(9, 2, true), vp8(10, 1, false)]).len(), 3);
}

#[test]
fn a_key_frame_brings_all_layers() {
    let mut watcher = Watcher::new(grade(0, 0));
    watcher.see([vp8(0, 0, false)]);
    watcher.aim(0, 2);
    let key = Packet {
        keyframe: true,
        ..vp8(4, 0, false)
    };
    assert_eq!(watcher.see([key, vp8(5, 2, false)]).len(), 2);
}

#[test]
fn a_late_key_frame_changes_nothing() {
    let mut watcher = Watcher::new(grade(0, 0));
    watcher.see([vp8(0, 0, false), vp8(8, 0, false)]);
    watcher.aim(0, 2);
    let late = Packet {
        keyframe: true,
        ..vp8(4, 0, false)
    };
    assert_eq!(watcher.see([late]).len(), 1);
    assert_eq!(watcher.see([vp8(9, 2, false)]).len(), 0);
}

/// A frame of a stream with a dependency descriptor, in one packet.
struct Layered {
    seq: u64,
    picture: u32,
    spatial: u8,
    temporal: u8,
    keyframe: bool,
    member: Targets,
    switch: Targets,
    number: u16,
    needs: Vec<u16>,
    chain: Option<u16>,
}

impl Layered {
    fn packet(self) -> Packet {
        Packet {
            seq: self.seq,
            timestamp: self.picture * 3_000,
            picture: Some(self.picture as u16),
            marker: self.spatial == 2,
            keyframe: self.keyframe,
            spatial: self.spatial,
            temporal: self.temporal,
            member: self.member,
            switch: self.switch,
            frame: Some(Frame {
                number: self.number,
                needs: Needs::new(self.needs),
                chains: [self.chain; 3],
            }),
            ..Packet::plain(Line(1), Layer(0), Codec::Vp9)
        }
    }
}

/// Three spatial layers; each picture is three frames. `inter`: upper layers need the lower ones in every picture (L3T1), else in key frames only
/// (L3T1_KEY).
fn spatial(picture: u32, inter: bool) -> [Packet; 3] {
    [0u8, 1, 2].map(|spatial| {
        let keyframe = picture == 0;
        let number = picture as u16 * 3 + u16::from(spatial);
        let below = spatial > 0 && (keyframe || inter);
        let before = number.checked_sub(3).filter(|_| !keyframe);
        Layered {
            seq: u64::from(number),
            picture,
            spatial,
            temporal: 0,
            keyframe: keyframe && spatial == 0,
            member: Targets::filter(|target, _| target == spatial || target > spatial && (keyframe || inter)),
            switch: Targets::filter(|target, _| target == spatial),
            number,
            needs: before.into_iter().chain(below.then(|| number - 1)).collect(),
            chain: before,
        }
        .packet()
    })
}

#[test]
fn a_receiver_of_a_lower_spatial_layer_gets_that_and_below_and_whole_pictures() {
    for (top, sent_each) in [(0, 1), (1, 2), (2, 3)] {
        let mut watcher = Watcher::new(grade(top, 2));
        let sent = watcher.see((0..3).flat_map(|picture| spatial(picture, true)));
        assert_eq!(sent.len(), 3 * sent_each);
        assert!(sent.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1), "no gap");
        let markers: Vec<bool> = sent.iter().map(|numbers| numbers.marker).collect();
        let expected: Vec<bool> = (0..3 * sent_each).map(|at| at % sent_each == sent_each - 1).collect();
        assert_eq!(markers, expected, "the last frame that is sent ends the picture");
    }
}

#[test]
fn where_upper_layers_need_lower_ones_in_key_frames_only_they_are_sent_alone() {
    let mut watcher = Watcher::new(grade(2, 2));
    let sent = watcher.see((0..3).flat_map(|picture| spatial(picture, false)));
    let frames: Vec<u16> = sent.iter().map(|numbers| numbers.frame.unwrap()).collect();
    assert_eq!(frames, [0, 1, 2, 5, 8], "three of the key frame, then one of each picture");
    assert_eq!(sent.iter().filter(|numbers| numbers.marker).count(), 3);
}

#[test]
fn a_sharper_layer_waits_for_a_key_frame() {
    let mut watcher = Watcher::new(grade(0, 2));
    watcher.see(spatial(0, true));
    watcher.aim(2, 2);
    assert_eq!(watcher.sink.needs_keyframe(), Some(grade(2, 2)));
    assert_eq!(watcher.see(spatial(1, true)).len(), 1);
    let mut key = spatial(2, true);
    key[0].keyframe = true;
    assert_eq!(watcher.see(key).len(), 3);
    assert_eq!(watcher.sink.needs_keyframe(), None);
}

#[test]
fn a_lower_spatial_layer_is_taken_at_once_where_it_was_sent_all_along() {
    let mut watcher = Watcher::new(grade(2, 2));
    watcher.see((0..2).flat_map(|picture| spatial(picture, true)));
    watcher.aim(1, 2);
    assert_eq!(watcher.sink.needs_keyframe(), None);
    let sent = watcher.see((2..4).flat_map(|picture| spatial(picture, true)));
    assert_eq!(
        sent.iter().map(|numbers| numbers.marker).collect::<Vec<_>>(),
        [false, true, false, true]
    );
}

#[test]
fn a_lower_spatial_layer_that_was_not_sent_needs_a_key_frame() {
    let mut watcher = Watcher::new(grade(2, 2));
    watcher.see((0..3).flat_map(|picture| spatial(picture, false)));
    watcher.aim(1, 2);
    assert_eq!(watcher.see(spatial(3, false)).len(), 1, "until then what it had");
    assert!(watcher.sink.is_stuck());
    assert_eq!(watcher.sink.needs_keyframe(), Some(grade(1, 2)));
    let mut key = spatial(4, true);
    key[0].keyframe = true;
    assert_eq!(watcher.see(key).len(), 2);
    assert!(!watcher.sink.is_stuck());
}

/// Temporal layers 0 2 1 2 with a dependency descriptor (L1T3), as browsers send them.
fn temporal(number: u16) -> Packet {
    let (layer, needs, chain) = match number % 4 {
        0 => (0, number.checked_sub(4), number.checked_sub(4)),
        2 => (1, Some(number - 2), Some(number - 2)),
        place => (2, Some(number - 1), Some(number - place)),
    };
    let switch = match layer {
        0 => Targets::TEMPORAL,
        1 => Targets::NONE.with(0, 2),
        _ => Targets::NONE,
    };
    Layered {
        seq: number.into(),
        picture: number.into(),
        spatial: 0,
        temporal: layer,
        keyframe: number == 0,
        member: Targets::from_temporal(layer),
        switch,
        number,
        needs: needs.into_iter().collect(),
        chain,
    }
    .packet()
}

#[test]
fn with_a_descriptor_one_goes_up_wherever_it_says_that_one_may() {
    let mut watcher = Watcher::new(grade(0, 0));
    watcher.see([temporal(0)]);
    watcher.aim(0, 2);
    assert_eq!(watcher.see([temporal(1)]).len(), 0, "not with a picture that says nothing of it");
    assert_eq!(watcher.see([temporal(2), temporal(3)]).len(), 2, "but with this one");
    // Of what this one needs nothing was sent.
    let mut watcher = Watcher::new(grade(0, 0));
    watcher.see([temporal(0)]);
    watcher.aim(0, 2);
    let mut orphan = temporal(2);
    orphan.frame.as_mut().unwrap().needs = Needs::new([0xfff0]);
    assert_eq!(watcher.see([orphan, temporal(3)]).len(), 0);
    assert_eq!(watcher.see([temporal(4), temporal(5)]).len(), 2);
}

#[test]
fn a_frame_that_stays_missing_in_the_chain_needs_a_key_frame_and_one_that_comes_late_does_not() {
    for comes in [true, false] {
        let mut watcher = Watcher::new(grade(0, 2));
        watcher.see((0..4).map(temporal));
        // Frame 4 is lost.
        watcher.see((5..8).map(temporal));
        if comes {
            watcher.see([temporal(4)]);
        }
        watcher.now += REPAIRED_IN + MS;
        watcher.see((8..12).map(temporal));
        assert_eq!(watcher.sink.is_stuck(), !comes);
        assert!(!comes || watcher.sink.needs_keyframe().is_none());
        assert!(
            comes || !watcher.sink.may_begin(watcher.now + MS * 10_000),
            "what is at hand lacks the same"
        );
    }
}

#[test]
fn a_lost_picture_of_an_upper_layer_needs_no_key_frame() {
    let mut watcher = Watcher::new(grade(0, 2));
    watcher.see((0..20).filter(|number| number % 4 == 0).map(temporal));
    watcher.now += REPAIRED_IN * 2;
    watcher.see((20..24).map(temporal));
    assert!(!watcher.sink.is_stuck());
}

#[test]
fn frames_from_before_the_key_frame_are_left_out() {
    let mut watcher = Watcher::new(grade(2, 2));
    watcher.see((0..2).flat_map(|picture| spatial(picture, true)));
    let mut key = spatial(4, true);
    key[0].keyframe = true;
    watcher.see(key);
    let late = watcher.see(spatial(3, true));
    assert!(late.iter().all(|numbers| numbers.blank), "only their places are filled");
    assert_eq!(late.len(), 3);
}

#[test]
fn numbers_of_frames_that_wrap_are_followed() {
    let mut frames = Frames::default();
    for count in (0..200_000u32).step_by(3) {
        let number = count as u16;
        frames.insert(number);
        assert!(frames.contains(number) && !frames.contains(number.wrapping_sub(1)));
        assert!(count < 90 || !frames.is_before(number.wrapping_sub(90)));
    }
    let mut frames = Frames::default();
    frames.insert(10);
    assert!(frames.is_before(9) && !frames.is_before(11));
}

/// VP9 without a dependency descriptor.
fn plain_vp9(seq: u64, spatial: u8, keyframe: bool, not_reference: bool) -> Packet {
    Packet {
        seq,
        timestamp: (seq / 2) as u32 * 3_000,
        picture: Some((seq / 2) as u16),
        keyframe,
        marker: spatial == 1,
        spatial,
        member: Targets::filter(|target, _| target == spatial || target > spatial && !not_reference),
        ..Packet::plain(Line(1), Layer(0), Codec::Vp9)
    }
}

#[test]
fn without_a_descriptor_spatial_layers_change_at_key_frames_only() {
    let mut watcher = Watcher::new(grade(1, 2));
    let sent = watcher.see([
        plain_vp9(0, 0, true, false),
        plain_vp9(1, 1, false, false),
        plain_vp9(2, 0, false, true),
        plain_vp9(3, 1, false, false),
    ]);
    assert_eq!(
        sent.iter().map(|numbers| (numbers.seq, numbers.picture)).collect::<Vec<_>>(),
        [(1, Some(0)), (2, Some(0)), (3, Some(1))]
    );
    watcher.aim(0, 2);
    watcher.see([plain_vp9(4, 0, false, true)]);
    assert_eq!(watcher.sink.needs_keyframe(), Some(grade(0, 2)));
    let sent = watcher.see([plain_vp9(6, 0, true, false), plain_vp9(7, 1, false, false)]);
    assert_eq!(sent.iter().map(|numbers| numbers.marker).collect::<Vec<_>>(), [true]);
}

#[test]
fn what_comes_late_and_is_left_out_is_filled_with_a_blank() {
    let mut watcher = Watcher::new(grade(0, 0));
    let sent = watcher.see([vp8(0, 0, false), vp8(2, 0, false), vp8(1, 2, false)]);
    let sent: Vec<_> = sent.iter().map(|numbers| (numbers.seq, numbers.blank)).collect();
    assert_eq!(sent, [(1, false), (3, false), (2, true)]);
}

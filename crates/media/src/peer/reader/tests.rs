use super::*;
use crate::routing::{Layer, Line};

fn route(codec: Codec) -> Packet {
    Packet::plain(Line(1), Layer(0), codec)
}

fn read(reader: &mut Reader, codec: Codec, payload: &[u8]) -> Packet {
    let mut route = route(codec);
    reader.read(payload, &mut route).unwrap();
    route
}

fn pairs(targets: Targets) -> Vec<(u8, u8)> {
    targets.iter().collect()
}

#[test]
fn vp8_says_its_size_its_layer_and_where_one_may_go_up() {
    let mut reader = Reader::default();
    let key = read(
        &mut reader,
        Codec::Vp8,
        &[
            0x90, 0xe0, 0x81, 0x02, 7, 0x20, 0x50, 0x42, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00,
        ],
    );
    assert_eq!((key.keyframe, key.begins, key.picture, key.tl0), (true, true, Some(0x102), Some(7)));
    assert_eq!(key.size, Some(Size { width: 320, height: 180 }));
    assert_eq!(key.member, Targets::TEMPORAL);
    let sync = read(&mut reader, Codec::Vp8, &[0x90, 0xe0, 0x81, 0x03, 7, 0x60, 0x51]);
    assert_eq!((sync.temporal, pairs(sync.switch)), (1, vec![(0, 1)]));
    assert_eq!(pairs(sync.member), [(0, 1), (0, 2)]);
    let upper = read(&mut reader, Codec::Vp8, &[0x90, 0xe0, 0x81, 0x04, 7, 0x80, 0x51]);
    assert_eq!(
        (upper.temporal, upper.switch, pairs(upper.member)),
        (2, Targets::NONE, vec![(0, 2)])
    );
    let whole = read(&mut reader, Codec::Vp8, &[0x10, 0x51]);
    assert_eq!((whole.temporal, whole.member), (0, Targets::TEMPORAL));
}

#[test]
fn vp9_without_a_descriptor_says_its_layers() {
    let mut reader = Reader::default();
    // Two spatial layers of 320 × 180 and 640 × 360.
    let key = read(
        &mut reader,
        Codec::Vp9,
        &[
            0xaa, 0x92, 0x34, 0x10, 0x07, 0x30, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, 0x82,
        ],
    );
    assert_eq!((key.keyframe, key.begins, key.ends), (true, true, false));
    assert_eq!(key.size, Some(Size { width: 320, height: 180 }));
    assert_eq!(pairs(key.member), [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]);
    assert_eq!(
        pairs(key.switch),
        [(0, 1), (0, 2), (1, 1), (1, 2)],
        "from here one may go up in time"
    );
    let upper = read(&mut reader, Codec::Vp9, &[0xac, 0x92, 0x34, 0x03, 0x07, 0x82]);
    assert_eq!((upper.keyframe, upper.spatial, upper.ends), (false, 1, true));
    assert_eq!(upper.size, Some(Size { width: 640, height: 360 }));
    assert_eq!(pairs(upper.member), [(1, 0), (1, 1), (1, 2)]);
    // The lower layer of a later picture, which the upper one does not need.
    let lower = read(&mut reader, Codec::Vp9, &[0xed, 0x92, 0x35, 0x40, 0x08, 0x86]);
    assert_eq!((lower.temporal, pairs(lower.member)), (2, vec![(0, 2)]));
    let one = read(&mut Reader::default(), Codec::Vp9, &[0x8c, 0x01, 0x82]);
    assert_eq!((one.keyframe, one.member), (true, Targets::TEMPORAL), "without layers");
}

#[test]
fn h264_and_av1_say_where_key_frames_begin() {
    let mut reader = Reader::default();
    assert!(read(&mut reader, Codec::H264, &[0x65, 0x88]).keyframe);
    assert!(!read(&mut reader, Codec::H264, &[0x61, 0x9a]).keyframe);
    assert!(read(&mut reader, Codec::Av1, &[0x18, 0x08, 1]).keyframe);
    assert!(!read(&mut reader, Codec::Av1, &[0x10, 0x30, 1]).keyframe);
}

#[test]
fn what_nobody_could_decode_is_refused() {
    for (codec, payload) in [
        (Codec::Vp8, &[0x80][..]),
        (Codec::Vp9, &[0xaa]),
        (Codec::H264, &[0x7c]),
        (Codec::Av1, &[0x20, 9]),
    ] {
        assert!(Reader::default().read(payload, &mut route(codec)).is_err(), "{codec:?}");
    }
}

/// Writes descriptors bit by bit.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, value: u32, width: usize) -> &mut Self {
        self.0.extend((0..width).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        self.0
            .chunks(8)
            .map(|bits| {
                bits.iter()
                    .enumerate()
                    .fold(0, |byte, (place, bit)| byte | u8::from(*bit) << (7 - place))
            })
            .collect()
    }
}

const NOT: u32 = 0;
const SWITCH: u32 = 2;
const REQUIRED: u32 = 3;

/// A key frame of two spatial layers of one temporal layer, the upper one needing the lower one in key frames only. Templates: the key frame, later
/// frames of layer 0; the key frame and later frames of layer 1. Targets: layer 0, layer 1, each with a chain of its own.
fn key_frame(number: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0b11, 2).put(0, 6).put(number, 16).put(0b10000, 5);
    bits.put(0, 6).put(1, 5);
    bits.put(0, 2).put(2, 2).put(0, 2).put(3, 2);
    for indications in [[SWITCH, SWITCH], [SWITCH, NOT], [NOT, SWITCH], [NOT, REQUIRED]] {
        for indication in indications {
            bits.put(indication, 2);
        }
    }
    // References: none; two back; one back; two back.
    bits.put(0, 1);
    for back in [2, 1, 2] {
        bits.put(1, 1).put(back - 1, 4).put(0, 1);
    }
    // Two chains of at most two: three values, of which the last takes two bits. Then target 0 by chain 0, target 1 by chain 1.
    bits.put(0b11, 2).put(0, 1).put(1, 1);
    for (first, second) in [(0, 0), (2, 1), (1, 1), (1, 2)] {
        bits.put(first, 4).put(second, 4);
    }
    bits.put(1, 1).put(319, 16).put(179, 16).put(639, 16).put(359, 16);
    bits.bytes()
}

fn frame(template: u32, number: u32) -> Vec<u8> {
    Bits::default().put(0b11, 2).put(template, 6).put(number, 16).bytes()
}

fn describe(reader: &mut Reader, raw: &[u8]) -> Option<Packet> {
    let mut route = route(Codec::Av1);
    reader.describe(raw, &mut route).then_some(route)
}

#[test]
fn a_descriptor_says_which_layers_need_a_frame_and_what_it_needs() {
    let mut reader = Reader::default();
    let key = describe(&mut reader, &key_frame(700)).unwrap();
    assert!(key.keyframe && key.begins && key.ends);
    assert_eq!(
        pairs(key.member),
        [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)],
        "there is one temporal layer, whatever is aimed at"
    );
    assert_eq!(key.size, Some(Size { width: 320, height: 180 }));
    assert_eq!(
        key.active.map(|active| [0, 1, 2].map(|spatial| active.has_spatial(spatial))),
        Some([true, true, false])
    );
    assert_eq!(key.frame.unwrap().chains, [None; 3]);
    let upper = describe(&mut reader, &frame(2, 701)).unwrap();
    assert_eq!(
        (upper.keyframe, upper.spatial, upper.size),
        (false, 1, Some(Size { width: 640, height: 360 }))
    );
    assert_eq!(pairs(upper.member), [(1, 0), (1, 1), (1, 2)]);
    assert_eq!(upper.frame.unwrap().needs.unwrap().iter().collect::<Vec<_>>(), [700]);
    let later = describe(&mut reader, &frame(3, 703)).unwrap();
    assert_eq!(
        (pairs(later.member).len(), later.switch),
        (3, Targets::NONE),
        "required is no point to begin at"
    );
    let later = later.frame.unwrap();
    assert_eq!((later.number, later.needs.unwrap().iter().collect::<Vec<_>>()), (703, vec![701]));
    assert_eq!(later.chains, [Some(702), Some(701), None]);
}

#[test]
fn a_descriptor_without_its_structure_still_numbers_its_frame() {
    let mut reader = Reader::default();
    let route = describe(&mut reader, &frame(3, 703)).unwrap();
    assert_eq!(route.frame.map(|frame| (frame.number, frame.needs)), Some((703, None)));
    assert_eq!(route.member, Targets::TEMPORAL, "as the payload says");
    assert!(describe(&mut reader, &[0x80]).is_none(), "one that cannot be read is of no use");
    assert!(describe(&mut reader, &key_frame(1)).is_some());
    assert!(
        describe(&mut reader, &frame(60, 2)).is_some_and(|route| route.frame.is_some()),
        "a template that is not there"
    );
}

#[test]
fn targets_that_are_switched_off_are_told() {
    let mut reader = Reader::default();
    describe(&mut reader, &key_frame(1)).unwrap();
    let mut bits = Bits::default();
    // Only target 0 from here on.
    bits.put(0b11, 2).put(1, 6).put(3, 16).put(0b01000, 5).put(0b01, 2);
    let route = describe(&mut reader, &bits.bytes()).unwrap();
    assert_eq!(
        route.active.map(|active| [0, 1].map(|spatial| active.has_spatial(spatial))),
        Some([true, false])
    );
}

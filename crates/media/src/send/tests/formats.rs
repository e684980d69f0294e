//! What a packet becomes under a client's numbers: payload types, redundancy, the numbers of frames, blanks.

use proptest::prelude::*;
use rtp::codec::red;
use rtp::dependency::Mandatory;

use super::*;
use crate::peer::RawDescriptor;
use crate::receive::Read;

/// What the client sees of packets in a slot: header and payload.
fn sent(formats: Formats, line: Line, packet: Inbound, numbers: Numbers) -> Option<(Header<'static>, Media)> {
    let now = Instant::now();
    let (mut sender, mut client) = sender(now, &SLOTS);
    sender.negotiate(formats, &SLOTS);
    if !sender.queue(&Arc::new(packet), line, numbers) {
        return None;
    }
    let mut outbox = turn(&mut sender, now);
    let datagram = outbox.datagrams[0].clone().leak();
    let (mut media, _) = client.open(&mut outbox);
    Some((Header::parse_sealed(datagram).unwrap(), media.remove(0)))
}

fn of(codec: Codec, payload: Vec<u8>) -> Inbound {
    Inbound::plain(Packet::plain(Line(0), Layer(0), codec), payload)
}

#[test]
fn each_codec_has_the_number_that_the_client_gave_it() {
    let mut formats = FORMATS;
    for (codec, payload_type) in [(Codec::Vp9, 98), (Codec::H264, 108), (Codec::Av1, 45)] {
        assert!(
            sent(formats, CAMERA, of(codec, vec![1]), numbers(1, 0)).is_none(),
            "what it did not negotiate is not sent"
        );
        formats.set(codec, Format { payload_type, rtx: None });
        let (header, _) = sent(formats, CAMERA, of(codec, vec![1]), numbers(1, 0)).unwrap();
        assert_eq!(header.payload_type, payload_type);
        assert_eq!(formats.read(payload_type), Some(Read { codec, rtx: false }));
    }
    let rtx = Some(Read {
        codec: Codec::Vp8,
        rtx: true,
    });
    assert_eq!(formats.read(97), rtx);
    assert_eq!(formats.read(127), None);
}

/// Two packets of Opus in one, as a publisher numbers it.
fn redundant() -> Inbound {
    let mut payload = vec![0; 64];
    let before = red::Block {
        payload_type: 96,
        age: 960,
        data: b"before",
    };
    let length = red::write(&mut payload, &[before], 96, b"newest").unwrap();
    payload.truncate(length);
    Inbound {
        newest: length - b"newest".len(),
        ..of(Codec::Red, payload)
    }
}

#[test]
fn who_knows_redundancy_gets_it_under_its_own_numbers() {
    let mut formats = FORMATS;
    formats.set(
        Codec::Red,
        Format {
            payload_type: 63,
            rtx: None,
        },
    );
    let (header, media) = sent(formats, VOICE, redundant(), numbers(1, 0)).unwrap();
    assert_eq!(header.payload_type, 63);
    let blocks: Vec<_> = red::blocks(&media.payload)
        .unwrap()
        .map(|block| (block.payload_type, block.age, block.data))
        .collect();
    assert_eq!(blocks, [(111, 960, &b"before"[..]), (111, 0, b"newest")]);
}

#[test]
fn who_knows_no_redundancy_gets_the_newest_packet() {
    let (header, media) = sent(FORMATS, VOICE, redundant(), numbers(1, 0)).unwrap();
    assert_eq!((header.payload_type, &media.payload[..]), (111, &b"newest"[..]));
}

#[test]
fn the_dependency_descriptor_goes_along_under_the_receivers_number_of_the_frame() {
    for length in [3, 16, 40] {
        let mut raw = vec![0xc5; length];
        raw[1..3].copy_from_slice(&700_u16.to_be_bytes());
        let packet = Inbound {
            descriptor: Some(Arc::new(RawDescriptor(raw.clone().into()))),
            orientation: Some(1),
            ..of(Codec::Vp8, vec![1; 20])
        };
        let numbers = Numbers {
            frame: Some(9),
            ..numbers(1, 0)
        };
        let (header, _) = sent(FORMATS, CAMERA, packet.clone(), numbers).unwrap();
        assert_eq!(header.extensions().count(), 1, "who did not negotiate it gets none");
        let formats = Formats {
            dependency: Some(12),
            ..FORMATS
        };
        let (header, media) = sent(formats, CAMERA, packet, numbers).unwrap();
        let (_, value) = header.extensions().find(|(id, _)| *id == 12).unwrap();
        assert_eq!(Mandatory::read(value).map(|read| (read.start, read.frame_number)), Some((true, 9)));
        assert_eq!((value[0], &value[3..]), (raw[0], &raw[3..]), "all else is as it came");
        assert_eq!(media.payload, [1; 20]);
    }
}

#[test]
fn the_marker_is_the_receivers() {
    for marker in [true, false] {
        let numbers = Numbers { marker, ..numbers(1, 0) };
        let (header, _) = sent(FORMATS, CAMERA, of(Codec::Vp8, vec![1]), numbers).unwrap();
        assert_eq!(header.marker, marker);
    }
}

#[test]
fn a_blank_has_a_number_and_nothing_else() {
    let packet = Inbound {
        descriptor: Some(Arc::new(RawDescriptor(vec![0; 3].into()))),
        ..of(Codec::Vp8, vec![1; 20])
    };
    let blank = Numbers {
        blank: true,
        ..numbers(7, 90)
    };
    let formats = Formats {
        dependency: Some(12),
        ..FORMATS
    };
    let (header, media) = sent(formats, CAMERA, packet, blank).unwrap();
    assert_eq!((header.sequence, header.timestamp, header.extensions().count()), (7, 90, 0));
    assert_eq!(media.payload, [0; 0]);
}

proptest! {
    #[test]
    fn redundant_bytes_of_any_sort_are_sent_or_not_and_no_longer(payload in prop::collection::vec(any::<u8>(), 1..60)) {
        let mut formats = FORMATS;
        formats.set(Codec::Red, Format { payload_type: 63, rtx: None });
        let (_, media) = sent(formats, VOICE, of(Codec::Red, payload.clone()), numbers(1, 0)).unwrap();
        prop_assert_eq!(media.payload.len(), payload.len());
    }
}

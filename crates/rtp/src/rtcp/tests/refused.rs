//! What is malformed, and that it does not hide what is not.

use super::super::write;
use super::*;
use crate::NoRoom;

const PLI: [u8; 12] = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];

#[test]
fn a_packet_malformed_inside_does_not_hide_the_next() {
    // A receiver report that says it has a block, and has none.
    let datagram = [&[0x81, 201, 0, 1, 0, 0, 0, 5][..], &PLI].concat();
    let all: Vec<_> = packets(&datagram).collect();
    assert_eq!(all, [Err(Malformed::Count), Ok(Packet::Pli(Pli { sender: 1, media: 2 }))]);
}

#[test]
fn a_wrong_length_or_version_ends_the_walk() {
    let long = [&[0x81, 206, 0, 9][..], &PLI].concat();
    assert_eq!(packets(&long).collect::<Vec<_>>(), [Err(Malformed::Length)]);
    let version = [&[0x41, 206, 0, 0][..], &PLI].concat();
    assert_eq!(packets(&version).collect::<Vec<_>>(), [Err(Malformed::Version)]);
    assert_eq!(packets(&PLI[..3]).collect::<Vec<_>>(), [Err(Malformed::Short)]);
    assert_eq!(packets(&[]).count(), 0);
}

#[test]
fn every_kind_is_refused_when_it_is_shorter_than_its_fields() {
    for (first, payload_type, words) in [
        (0x80, 200, 6), // SR
        (0x80, 201, 1), // RR
        (0x81, 202, 2), // SDES with a chunk
        (0x81, 203, 1), // BYE of one
        (0x80, 204, 2), // APP
        (0x81, 205, 3), // NACK with an entry
        (0x8f, 205, 4), // transport feedback
        (0x81, 206, 2), // PLI
        (0x84, 206, 4), // FIR with an entry
        (0x80, 207, 1), // XR
    ] {
        for length in 0..=words {
            let mut packet = vec![first, payload_type, 0, length];
            packet.resize(4 + 4 * usize::from(length), 0);
            assert_eq!(only(&packet).is_ok(), length == words, "{payload_type} {length}");
        }
    }
}

#[test]
fn padding_longer_than_the_packet_is_refused() {
    for (last, expected) in [(4, true), (8, true), (9, false), (0, false)] {
        let packet = [0xa0, 203, 0, 2, 0, 0, 0, 9, 0, 0, 0, last];
        assert_eq!(only(&packet).is_ok(), expected, "{last}");
    }
}

#[test]
fn lengths_inside_are_not_believed() {
    let reason = [0x80, 203, 0, 1, 4, b'b', b'y', b'e'];
    assert_eq!(only(&reason), Err(Malformed::Length));
    let name = [0x81, 202, 0, 2, 0, 0, 0, 9, 1, 3, b'a', b'b'];
    assert_eq!(only(&name), Err(Malformed::Length));
    let unended = [0x81, 202, 0, 2, 0, 0, 0, 9, 1, 2, b'a', b'b'];
    assert_eq!(only(&unended), Err(Malformed::Length));
    let block = [0x80, 207, 0, 2, 0, 0, 0, 9, 9, 0, 0, 1];
    assert_eq!(only(&block), Err(Malformed::Length));
    let answers = [0x80, 207, 0, 3, 0, 0, 0, 9, 5, 0, 0, 1, 0, 0, 0, 0];
    assert_eq!(only(&answers), Err(Malformed::Length));
    let entries = [0x84, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2];
    assert_eq!(only(&entries), Err(Malformed::Length));
}

#[test]
fn an_estimate_beyond_64_bits_or_with_fewer_sources_than_it_says_is_refused() {
    let remb = |count, exponent: u8| {
        let packet = [
            0x8f,
            206,
            0,
            4,
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            0,
            b'R',
            b'E',
            b'M',
            b'B',
            count,
            exponent << 2 | 2,
            0,
            0,
        ];
        only(&packet).map(|packet| match packet {
            Packet::Remb(remb) => remb.bitrate,
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(remb(0, 46), Ok(1 << 63));
    assert_eq!(remb(0, 47), Err(Malformed::Value));
    assert_eq!(remb(1, 0), Err(Malformed::Count));
}

#[test]
fn writers_refuse_what_does_not_fit() {
    let mut out = [0; 4_000];
    assert_eq!(write::pli(&mut out[..11], 1, 2), Err(NoRoom));
    assert_eq!(write::receiver_report(&mut out, 1, &[Block::default(); 32]), Err(NoRoom));
    assert_eq!(write::receiver_report(&mut out, 1, &[Block::default(); 31]), Ok(8 + 31 * 24));
    assert_eq!(write::bye(&mut out, &[1; 32], b""), Err(NoRoom));
    assert_eq!(write::bye(&mut out, &[], &[b'x'; 256]), Err(NoRoom));
    assert_eq!(write::cname(&mut out, 1, &[b'x'; 256]), Err(NoRoom));
    assert_eq!(write::cname(&mut out, 1, &[b'x'; 255]), Ok(268));
    assert_eq!(write::remb(&mut out, 1, 1, &[1; 256]), Err(NoRoom));
    assert_eq!(write::remb(&mut out, 1, u64::MAX, &[1; 255]), Ok(20 + 255 * 4));
}

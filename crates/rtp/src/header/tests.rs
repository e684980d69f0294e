use proptest::prelude::*;

use super::*;
use crate::NoRoom;

/// A header with two contributing sources, one-byte extensions and three bytes of padding, built from the picture in RFC 3550 §5.1.
fn full() -> Vec<u8> {
    [
        &[0xb2, 0xe0, 0x12, 0x34][..],            // V=2, P, X, CC=2; M, PT=96; sequence
        &[0xde, 0xad, 0xbe, 0xef],                // timestamp
        &[0xca, 0xfe, 0xba, 0xbe],                // SSRC
        &[0, 0, 0, 1, 0, 0, 0, 2],                // CSRC
        &[0xbe, 0xde, 0, 3],                      // one-byte, three words
        &[0x10, 0xaf, 0x31, 0x01, 0x02, 0, 0, 0], // 1: one byte, 3: two bytes, padding
        &[0x52, 7, 8, 9],                         // 5: three bytes
        &[1, 2, 3],                               // payload
        &[0, 0, 3],                               // padding
    ]
    .concat()
}

#[test]
fn every_field_lies_where_rfc_3550_says() {
    let packet = full();
    let header = Header::parse(&packet).unwrap();
    assert!(header.marker && header.padded);
    assert_eq!((header.payload_type, header.sequence), (96, 0x1234));
    assert_eq!((header.timestamp, header.ssrc), (0xdead_beef, 0xcafe_babe));
    assert_eq!(header.csrcs().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(header.extension_profile, Some(0xbede));
    assert_eq!(
        header.extensions().collect::<Vec<_>>(),
        [(1, &[0xaf][..]), (3, &[1, 2][..]), (5, &[7, 8, 9][..])]
    );
    assert_eq!(header.extension(3), Some(&[1, 2][..]));
    assert_eq!(header.extension(4), None);
    assert_eq!((header.header_len(), header.padding()), (36, 3));
    assert_eq!(header.payload(), [1, 2, 3]);
}

#[test]
fn a_cut_header_is_refused_and_the_whole_one_is_not() {
    let packet = full();
    for length in 0..36 {
        assert!(Header::parse_sealed(&packet[..length]).is_err(), "{length}");
    }
    assert_eq!(Header::parse_sealed(&packet[..36]).unwrap().payload(), []);
    assert_eq!(Header::parse(&packet[..11]), Err(Malformed::Short));
    assert_eq!(Header::parse(&packet[..13]), Err(Malformed::Length));
}

#[test]
fn each_bit_of_the_first_byte_is_its_own_field() {
    let rest = [[0; 11].as_slice(), &[0, 0, 0, 1], &[0, 0, 0, 1]].concat();
    for (first, padded, extended, csrcs) in [
        (0x80, false, false, 0),
        (0x81, false, false, 1),
        (0xa0, true, false, 0),
        (0x90, false, true, 0),
    ] {
        let packet = [&[first][..], &rest].concat();
        let header = Header::parse(&packet).unwrap();
        assert_eq!((header.padded, header.padding()), (padded, usize::from(padded)), "{first:x}");
        assert_eq!(header.extension_profile, extended.then_some(0), "{first:x}");
        assert_eq!(header.csrcs().len(), csrcs, "{first:x}");
    }
}

#[test]
fn other_versions_are_refused() {
    for version in [0, 1, 3] {
        let mut packet = full();
        packet[0] = packet[0] & 0x3f | version << 6;
        assert_eq!(Header::parse(&packet), Err(Malformed::Version));
    }
}

#[test]
fn padding_that_is_not_there_is_refused_when_it_can_be_seen() {
    let mut packet = full();
    for wrong in [0, 7, 255] {
        *packet.last_mut().unwrap() = wrong;
        assert_eq!(Header::parse(&packet), Err(Malformed::Padding), "{wrong}");
        // Sealed, the byte says nothing.
        assert_eq!(Header::parse_sealed(&packet).unwrap().payload().len(), 6);
    }
    *packet.last_mut().unwrap() = 6;
    assert_eq!(Header::parse(&packet).unwrap().payload(), [], "a probe is nothing but padding");
    packet.truncate(36);
    assert_eq!(Header::parse(&packet), Err(Malformed::Padding));
    assert_eq!(unpad(&[9, 9, 2]), Ok(&[9][..]));
}

fn extended(profile: [u8; 2], block: &[u8]) -> Vec<u8> {
    let words = u8::try_from(block.len() / 4).unwrap();
    [&[0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &profile, &[0, words], block].concat()
}

#[test]
fn two_byte_extensions_are_read_whatever_their_free_bits() {
    let block = [1, 0, 0, 200, 2, 7, 8, 0];
    for profile in [[0x10, 0x00], [0x10, 0x0f]] {
        let packet = extended(profile, &block);
        let found: Vec<_> = Header::parse(&packet).unwrap().extensions().collect();
        assert_eq!(found, [(1, &[][..]), (200, &[7, 8][..])], "{profile:?}");
    }
    let packet = extended([0x10, 0x10], &block);
    let header = Header::parse(&packet).unwrap();
    assert_eq!((header.extension_profile, header.extensions().count()), (Some(0x1010), 0));
}

#[test]
fn a_block_ends_at_an_id_that_ends_it_and_at_a_value_that_is_cut() {
    for (profile, block, count) in [
        ([0xbe, 0xde], [0x10, 1, 0x20, 2], 2),
        ([0xbe, 0xde], [0x10, 1, 0xf0, 2], 1), // 15 ends it
        ([0xbe, 0xde], [0x10, 1, 0x03, 2], 1), // 0 with a length
        ([0xbe, 0xde], [0x10, 1, 0x21, 2], 1), // cut
        ([0x10, 0x00], [1, 0, 2, 1], 1),       // cut
        ([0x10, 0x00], [1, 1, 9, 2], 1),       // without a length
    ] {
        let packet = extended(profile, &block);
        let mut extensions = Header::parse(&packet).unwrap().extensions();
        assert_eq!(extensions.by_ref().count(), count, "{profile:?} {block:?}");
        assert_eq!(extensions.next(), None, "it stays ended");
    }
}

#[test]
fn a_written_header_is_the_bytes_of_the_format() {
    let fields = Fields {
        payload_type: 111,
        marker: true,
        sequence: 0x0102,
        timestamp: 0x0304_0506,
        ssrc: 0x0708_090a,
    };
    let mut out = [0xee; 40];
    assert_eq!(write_header(&mut out, &fields, &[]), Ok(12));
    assert_eq!(out[..12], [0x80, 0xef, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(write_header(&mut out, &fields, &[(1, &[0xaf]), (14, b"0")]), Ok(20));
    assert_eq!(
        out[..20],
        [0x90, 0xef, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xbe, 0xde, 0, 1, 0x10, 0xaf, 0xe0, b'0']
    );
    assert_eq!(write_header(&mut out, &fields, &[(15, &[1])]), Ok(20));
    assert_eq!(out[12..20], [0x10, 0, 0, 1, 15, 1, 1, 0]);
    assert_eq!(
        write_header(&mut out, &fields, &[(1, &[0; 16])]),
        Ok(36),
        "the longest that one byte can say"
    );
    assert_eq!(out[12..17], [0xbe, 0xde, 0, 5, 0x1f]);
    assert_eq!(write_header(&mut out, &fields, &[(1, &[0; 17])]), Ok(36));
    assert_eq!(out[12..18], [0x10, 0, 0, 5, 1, 17]);
    assert_eq!(write_header(&mut out, &fields, &[(1, &[])]), Ok(20));
    assert_eq!(out[12..20], [0x10, 0, 0, 1, 1, 0, 0, 0]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let fields = Fields::default();
    assert_eq!(write_header(&mut [0; 11], &fields, &[]), Err(NoRoom));
    assert_eq!(write_header(&mut [0; 19], &fields, &[(1, &[1])]), Err(NoRoom));
    assert_eq!(write_header(&mut [0; 20], &fields, &[(1, &[1])]), Ok(20));
    assert_eq!(write_header(&mut [0; 99], &fields, &[(0, &[1])]), Err(NoRoom), "0 is nobody's id");
    assert_eq!(write_header(&mut [0; 999], &fields, &[(1, &[0; 256])]), Err(NoRoom));
    assert_eq!(write_header(&mut [0; 999], &fields, &[(1, &[0; 255])]), Ok(276));
    let fields = Fields {
        payload_type: 128,
        ..fields
    };
    assert_eq!(write_header(&mut [0; 99], &fields, &[]), Err(NoRoom));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        payload_type in 0..=127_u8, marker: bool, sequence: u16, timestamp: u32, ssrc: u32,
        extensions in prop::collection::vec((1..=20_u8, prop::collection::vec(any::<u8>(), 0..20)), 0..6),
        payload in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let fields = Fields { payload_type, marker, sequence, timestamp, ssrc };
        let given: Vec<(u8, &[u8])> = extensions.iter().map(|(id, value)| (*id, value.as_slice())).collect();
        let mut out = [0xff; 300];
        let length = write_header(&mut out, &fields, &given).unwrap();
        let packet = [&out[..length], &payload].concat();
        let header = Header::parse(&packet).unwrap();
        let read = Fields {
            payload_type: header.payload_type,
            marker: header.marker,
            sequence: header.sequence,
            timestamp: header.timestamp,
            ssrc: header.ssrc,
        };
        prop_assert_eq!(read, fields);
        prop_assert_eq!(header.extensions().collect::<Vec<_>>(), given);
        prop_assert_eq!(header.payload(), payload);
        prop_assert_eq!(header.header_len(), length);
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80), version: bool) {
        let mut bytes = bytes;
        if let (true, Some(first)) = (version, bytes.first_mut()) {
            *first = *first & 0x3f | 0x80;
        }
        if let Ok(header) = Header::parse(&bytes) {
            prop_assert_eq!(header.header_len() + header.payload().len() + header.padding(), bytes.len());
            prop_assert!(header.extensions().count() <= bytes.len());
        }
    }
}

//! Packets built by hand from the pictures of the RFCs: they are read, and the writers write the same bytes.

use super::super::write;
use super::*;

#[rustfmt::skip]
const SENDER_REPORT: [u8; 52] = [
    0x81, 200, 0, 12,
    0x11, 0x11, 0x11, 0x11,
    0x83, 0xaa, 0x7e, 0x80, 0x80, 0, 0, 0, // NTP
    0, 0, 0, 1,                            // RTP timestamp
    0, 0, 0, 2,                            // packets
    0, 0, 0, 3,                            // octets
    0x22, 0x22, 0x22, 0x22,
    64, 0xff, 0xff, 0xff,                  // a quarter, less than nothing in all
    0, 1, 0, 5,                            // wrapped once
    0, 0, 0, 7,
    0x7e, 0x80, 0x80, 0,
    0, 1, 0, 0,
];

const BLOCK: Block = Block {
    ssrc: 0x2222_2222,
    fraction: 64,
    cumulative: -1,
    highest_seq: 0x0001_0005,
    jitter: 7,
    lsr: 0x7e80_8000,
    dlsr: 0x0001_0000,
};

const INFO: SenderInfo = SenderInfo {
    ssrc: 0x1111_1111,
    ntp: 0x83aa_7e80_8000_0000,
    rtp_timestamp: 1,
    packets: 2,
    octets: 3,
};

fn written(write: impl FnOnce(&mut [u8]) -> Result<usize, crate::NoRoom>) -> Vec<u8> {
    let mut out = [0xee; 100];
    let length = write(&mut out).unwrap();
    out[..length].to_vec()
}

#[test]
fn a_sender_report_with_a_block() {
    let Ok(Packet::SenderReport(report)) = only(&SENDER_REPORT) else {
        panic!()
    };
    assert_eq!(report.info, INFO);
    assert_eq!(report.blocks.collect::<Vec<_>>(), [BLOCK]);
    assert_eq!(written(|out| write::sender_report(out, &INFO, &[BLOCK])), SENDER_REPORT);
}

#[test]
fn a_receiver_report_with_a_block_and_one_without() {
    let report = [&[0x81, 201, 0, 7, 0, 0, 0, 5][..], &SENDER_REPORT[28..]].concat();
    let Ok(Packet::ReceiverReport(read)) = only(&report) else {
        panic!()
    };
    assert_eq!((read.ssrc, read.blocks.collect::<Vec<_>>()), (5, vec![BLOCK]));
    assert_eq!(written(|out| write::receiver_report(out, 5, &[BLOCK])), report);

    let empty = [0x80, 201, 0, 1, 0, 0, 0, 5];
    let Ok(Packet::ReceiverReport(read)) = only(&empty) else { panic!() };
    assert_eq!((read.ssrc, read.blocks.len()), (5, 0));
    assert_eq!(written(|out| write::receiver_report(out, 5, &[])), empty);
}

#[test]
fn names_of_sources() {
    let name = [0x81, 202, 0, 3, 0, 0, 0, 9, 1, 3, b'a', b'b', b'c', 0, 0, 0];
    let Ok(Packet::Sdes(sdes)) = only(&name) else { panic!() };
    let chunks: Vec<_> = sdes.chunks().map(|chunk| (chunk.ssrc, chunk.cname())).collect();
    assert_eq!(chunks, [(9, Some(&b"abc"[..]))]);
    assert_eq!(written(|out| write::cname(out, 9, b"abc")), name);

    // Two sources: one with a tool (6) before its name, whose items end with a whole word of zeros; one without items.
    #[rustfmt::skip]
    let two = [0x82, 202, 0, 6, 0, 0, 0, 9, 6, 1, b't', 1, 3, b'a', b'b', b'c', 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0];
    let Ok(Packet::Sdes(sdes)) = only(&two) else { panic!() };
    let chunks: Vec<_> = sdes
        .chunks()
        .map(|chunk| (chunk.ssrc, chunk.items().count(), chunk.cname()))
        .collect();
    assert_eq!(chunks, [(9, 2, Some(&b"abc"[..])), (8, 0, None)]);
}

#[test]
fn no_more_sources_are_named_than_the_count_says() {
    let one = [0x81, 202, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0];
    let Ok(Packet::Sdes(sdes)) = only(&one) else { panic!() };
    assert_eq!(sdes.chunks().map(|chunk| chunk.ssrc).collect::<Vec<_>>(), [9]);
}

#[test]
fn leave_taking_with_a_reason_and_without() {
    let bye = [0x81, 203, 0, 2, 0, 0, 0, 9, 3, b'b', b'y', b'e'];
    let Ok(Packet::Bye(read)) = only(&bye) else { panic!() };
    assert_eq!((read.ssrcs().collect::<Vec<_>>(), read.reason), (vec![9], Some(&b"bye"[..])));
    assert_eq!(written(|out| write::bye(out, &[9], b"bye")), bye);

    let bye = [0x82, 203, 0, 2, 0, 0, 0, 9, 0, 0, 0, 8];
    let Ok(Packet::Bye(read)) = only(&bye) else { panic!() };
    assert_eq!((read.ssrcs().collect::<Vec<_>>(), read.reason), (vec![9, 8], None));
    assert_eq!(written(|out| write::bye(out, &[9, 8], b"")), bye);
}

#[test]
fn a_packet_of_an_application() {
    let app = [0x83, 204, 0, 3, 0, 0, 0, 9, b'n', b'a', b'm', b'e', 1, 2, 3, 4];
    let expected = App {
        subtype: 3,
        ssrc: 9,
        name: *b"name",
        data: &[1, 2, 3, 4],
    };
    assert_eq!(only(&app), Ok(Packet::App(expected)));
}

#[test]
fn packets_that_did_not_come() {
    // 0x1000 with bits 0 and 2: one and three after it. 0x1010 would be bit 15; 0x1011 is one too far.
    let nack = [0x81, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0x10, 0, 0x80, 0x05, 0x10, 0x11, 0, 0];
    let Ok(Packet::Nack(read)) = only(&nack) else { panic!() };
    let lost = [0x1000, 0x1001, 0x1003, 0x1010, 0x1011];
    assert_eq!((read.sender, read.media, read.lost().collect::<Vec<_>>()), (1, 2, lost.to_vec()));
    assert_eq!(written(|out| write::nack(out, 1, 2, lost)), nack);
    assert_eq!(written(|out| write::nack(out, 1, 2, [])), [], "nothing is asked for");
}

#[test]
fn requests_for_key_frames() {
    let pli = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    assert_eq!(only(&pli), Ok(Packet::Pli(Pli { sender: 1, media: 2 })));
    assert_eq!(written(|out| write::pli(out, 1, 2)), pli);

    let fir = [0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 7, 0, 0, 0];
    let Ok(Packet::Fir(read)) = only(&fir) else { panic!() };
    assert_eq!((read.sender, read.requests().collect::<Vec<_>>()), (1, vec![(2, 7)]));
    assert_eq!(written(|out| write::fir(out, 1, &[(2, 7)])), fir);
    assert_eq!(written(|out| write::fir(out, 1, &[])), []);
}

#[test]
fn the_estimate_of_a_receiver() {
    // 0x3ffff << 5 for two sources.
    let remb = [
        0x8f, 206, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B', 2, 0x17, 0xff, 0xff, 0, 0, 0, 8, 0, 0, 0, 9,
    ];
    let Ok(Packet::Remb(read)) = only(&remb) else { panic!() };
    assert_eq!(read.bitrate, 0x003f_fff0 << 1);
    assert_eq!((read.sender, read.ssrcs().collect::<Vec<_>>()), (1, vec![8, 9]));
    assert_eq!(written(|out| write::remb(out, 1, 0x003f_ffff << 1, &[8, 9])), remb, "rounded down");

    let other = [0x8f, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'X'];
    assert_eq!(
        only(&other),
        Ok(Packet::Unknown {
            payload_type: 206,
            format: 15
        })
    );
}

#[test]
fn times_of_receivers_and_their_answers() {
    let time = [0x80, 207, 0, 4, 0, 0, 0, 1, 4, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8];
    let Ok(Packet::Xr(read)) = only(&time) else { panic!() };
    assert_eq!(read.ssrc, 1);
    assert_eq!(
        read.blocks().collect::<Vec<_>>(),
        [XrBlock::Rrtr {
            ntp: 0x0102_0304_0506_0708
        }]
    );
    assert_eq!(written(|out| write::receiver_time(out, 1, 0x0102_0304_0506_0708)), time);

    #[rustfmt::skip]
    let answers = [
        0x80, 207, 0, 8, 0, 0, 0, 1, 5, 0, 0, 6,
        0, 0, 0, 2, 3, 4, 5, 6, 0, 1, 0, 0, 0, 0, 0, 3, 4, 4, 5, 6, 0, 2, 0, 0,
    ];
    let Ok(Packet::Xr(read)) = only(&answers) else { panic!() };
    let expected = [(2, 0x0304_0506, 0x0001_0000), (3, 0x0404_0506, 0x0002_0000)];
    let blocks: Vec<_> = read.blocks().collect();
    let [XrBlock::Dlrr(read)] = blocks[..] else { panic!() };
    assert_eq!(read.collect::<Vec<_>>(), expected);
    assert_eq!(written(|out| write::receiver_time_answers(out, 1, &expected)), answers);
}

#[test]
fn a_compound_is_its_packets_in_their_order() {
    let mut out = [0; 100];
    let mut compound = write::Compound::new(&mut out);
    compound.push(|out| write::sender_report(out, &INFO, &[BLOCK])).unwrap();
    compound.push(|out| write::cname(out, 9, b"abc")).unwrap();
    assert_eq!(compound.push(|out| write::bye(out, &[1; 31], b"")), Err(crate::NoRoom));
    compound.push(|out| write::pli(out, 1, 2)).unwrap();
    assert_eq!((compound.length(), compound.packets().len()), (80, 80));
    let kinds: Vec<_> = packets(compound.packets()).collect();
    assert!(matches!(
        kinds[..],
        [Ok(Packet::SenderReport(_)), Ok(Packet::Sdes(_)), Ok(Packet::Pli(_))]
    ));
}

#[test]
fn a_compound_may_fill_its_buffer() {
    let mut out = [0; 24];
    let mut compound = write::Compound::new(&mut out);
    for _ in 0..2 {
        compound.push(|out| write::pli(out, 1, 2)).unwrap();
    }
    assert_eq!(compound.push(|out| write::pli(out, 1, 2)), Err(crate::NoRoom));
    assert_eq!(compound.push(|_| Ok(1)), Err(crate::NoRoom), "nobody writes more than there is");
    assert_eq!(compound.length(), 24);
}

#[test]
fn a_reduced_one_begins_with_anything() {
    let datagram = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 201, 0, 1, 0, 0, 0, 5];
    assert!(matches!(
        packets(&datagram).collect::<Vec<_>>()[..],
        [Ok(Packet::Pli(_)), Ok(Packet::ReceiverReport(_))]
    ));
}

#[test]
fn padding_at_the_end_is_not_read() {
    let padded = [0xa1, 203, 0, 2, 0, 0, 0, 9, 0, 0, 0, 4];
    let Ok(Packet::Bye(read)) = only(&padded) else { panic!() };
    assert_eq!(read.reason, None);
}

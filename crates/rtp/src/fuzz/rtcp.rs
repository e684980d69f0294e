//! RTCP: what was read is written and read again.

use alloc::vec;
use alloc::vec::Vec;

use crate::NoRoom;
use crate::rtcp::write::{self, Arrived, Compound};
use crate::rtcp::{Packet, TransportFeedback, XrBlock, packets};

/// A datagram of packets.
pub(super) fn compound(bytes: &[u8]) {
    let mut count = 0;
    // An entry of four bytes can ask for 17 packets, and each of them take an entry.
    let mut room = vec![0xff; 17 * bytes.len() + 256];
    for packet in packets(bytes) {
        count += 1;
        if let Ok(packet) = packet {
            again(&packet, &mut room);
        }
    }
    assert!(count <= bytes.len().div_ceil(4));
}

/// Writes a packet and reads it.
fn again(packet: &Packet<'_>, room: &mut [u8]) {
    let Some(written) = write_again(packet, room) else { return };
    let Ok(length) = written else {
        // 24 bits of loss and the like always fit, so only room is missing, and there is plenty.
        assert!(written.is_ok(), "{packet:?}");
        return;
    };
    let read = room.get(..length).and_then(|written| packets(written).next());
    match (packet, read) {
        // What is written has no padding and names only what is known.
        (Packet::Sdes(one), Some(Ok(Packet::Sdes(other)))) => {
            assert_eq!(
                one.chunks().next().and_then(|chunk| chunk.cname()),
                other.chunks().next().and_then(|chunk| chunk.cname())
            );
        }
        (Packet::Nack(one), Some(Ok(Packet::Nack(other)))) => {
            assert_eq!((one.sender, one.media), (other.sender, other.media));
            let mut wanted: Vec<_> = one.lost().collect();
            let mut got: Vec<_> = other.lost().collect();
            for list in [&mut wanted, &mut got] {
                list.sort_unstable();
                list.dedup();
            }
            assert_eq!(wanted, got);
        }
        (Packet::Bye(one), Some(Ok(Packet::Bye(other)))) => {
            assert!(one.ssrcs().eq(other.ssrcs()));
            assert_eq!(one.reason.unwrap_or_default(), other.reason.unwrap_or_default());
        }
        (Packet::Fir(one), Some(Ok(Packet::Fir(other)))) => {
            assert_eq!(one.sender, other.sender);
            assert!(one.requests().eq(other.requests()), "reserved bytes are not kept");
        }
        (one, other) => assert_eq!(Some(Ok(*one)), other),
    }
}

/// Nothing for what is never written.
fn write_again(packet: &Packet<'_>, room: &mut [u8]) -> Option<Result<usize, NoRoom>> {
    Some(match packet {
        Packet::SenderReport(report) => write::sender_report(room, &report.info, &report.blocks.collect::<Vec<_>>()),
        Packet::ReceiverReport(report) => write::receiver_report(room, report.ssrc, &report.blocks.collect::<Vec<_>>()),
        Packet::Sdes(sdes) => {
            let chunk = sdes.chunks().next()?;
            assert!(chunk.items().all(|(kind, text)| kind != 0 && text.len() <= 255));
            write::cname(room, chunk.ssrc, chunk.cname()?)
        }
        Packet::Bye(bye) => write::bye(room, &bye.ssrcs().collect::<Vec<_>>(), bye.reason.unwrap_or_default()),
        Packet::Nack(nack) => write::nack(room, nack.sender, nack.media, nack.lost()),
        Packet::Pli(pli) => write::pli(room, pli.sender, pli.media),
        Packet::Fir(fir) => write::fir(room, fir.sender, &fir.requests().collect::<Vec<_>>()),
        Packet::Remb(remb) => write::remb(room, remb.sender, remb.bitrate, &remb.ssrcs().collect::<Vec<_>>()),
        Packet::TransportFeedback(feedback) => {
            arrivals(feedback);
            return None;
        }
        Packet::Xr(xr) => {
            let mut compound = Compound::new(room);
            for block in xr.blocks() {
                let written = match block {
                    XrBlock::Rrtr { ntp } => compound.push(|out| write::receiver_time(out, xr.ssrc, ntp)),
                    XrBlock::Dlrr(answers) => {
                        let answers: Vec<_> = answers.collect();
                        compound.push(|out| write::receiver_time_answers(out, xr.ssrc, &answers))
                    }
                    XrBlock::Unknown { .. } => Ok(()),
                };
                assert_eq!(written, Ok(()));
            }
            return None;
        }
        Packet::App(_) | Packet::Unknown { .. } => return None,
    })
}

/// All statuses are there, arrivals are those that have a time, and they come across when they are written.
fn arrivals(feedback: &TransportFeedback<'_>) {
    let arrived: Vec<_> = feedback.arrivals().collect();
    // Tens of thousands that did not come take their time, and find nothing more.
    if feedback.status_count < 2_048 {
        assert_eq!(feedback.statuses().count(), usize::from(feedback.status_count));
        let with_time = feedback.statuses().filter_map(|(sequence, time)| time.map(|_| sequence));
        assert!(arrived.iter().map(|(sequence, _)| *sequence).eq(with_time));
    }
    let packets: Vec<_> = arrived.iter().map(|(sequence, time)| (*sequence, Some(*time))).collect();
    write_arrivals(&packets);
}

/// Writes message after message until all is written, and reads each.
fn write_arrivals(all: &[(u16, Option<i64>)]) {
    let mut room = [0xff; 1_200];
    let mut rest = all;
    while !rest.is_empty() {
        let arrived = Arrived {
            sender: 1,
            media: 2,
            feedback_count: 3,
            packets: rest,
        };
        let written = write::transport_feedback(&mut room, &arrived);
        let Ok(written) = written else {
            assert!(written.is_ok(), "a packet fits into an empty message");
            return;
        };
        let (now, later) = rest.split_at_checked(written.packets).unwrap_or_default();
        assert!(!now.is_empty());
        rest = later;
        let read = room.get(..written.length).and_then(|written| packets(written).next());
        let Some(Ok(Packet::TransportFeedback(feedback))) = read else {
            assert!(read.is_none(), "what was written is read: {read:?}");
            return;
        };
        // 24 bits of the reference time go across.
        let turn = |time: i64| time.rem_euclid(256 << 24);
        let expected = now.iter().filter_map(|(sequence, time)| Some((*sequence, turn((*time)?))));
        assert!(feedback.arrivals().map(|(sequence, time)| (sequence, turn(time))).eq(expected));
    }
}

/// The first byte chooses: the body of a message to read behind a good header, or arrivals to write (a step of sequence numbers and a time each).
pub(super) fn transport_feedback(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    if first & 1 == 0 {
        let words = u16::try_from(rest.len() / 4).unwrap_or(u16::MAX).to_be_bytes();
        let header = [0x8f, 205].into_iter().chain(words);
        let message: Vec<u8> = header.chain(rest.iter().copied()).collect();
        compound(&message);
        return;
    }
    let (steps, _) = rest.as_chunks::<4>();
    let mut sequence = 0_u16;
    let mut time = 0_i64;
    let all: Vec<_> = steps
        .iter()
        .map(|[step, kind, high, low]| {
            // Steps of zero and times far apart are what a message cannot hold.
            sequence = sequence.wrapping_add(if kind & 2 == 0 { 1 } else { u16::from(*step) << (kind >> 4 & 7) });
            time += i64::from(i16::from_be_bytes([*high, *low])) << (kind >> 2 & 3);
            (sequence, (kind & 1 == 0).then_some(time))
        })
        .collect();
    write_arrivals(&all);
}

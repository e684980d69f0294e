//! Transport feedback: golden bytes of every kind of chunk, hostile ones, and the round trip.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::write::{Arrived, Written, transport_feedback};
use super::*;
use crate::NoRoom;

/// Base 5, so many statuses, reference 2, message 9.
fn message(statuses: u16, behind: &[u8]) -> Vec<u8> {
    let [high, low] = statuses.to_be_bytes();
    let mut packet = [&[0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 5, high, low, 0, 0, 2, 9][..], behind].concat();
    packet.resize(packet.len().next_multiple_of(4), 0);
    packet[3] = u8::try_from(packet.len() / 4 - 1).unwrap();
    packet
}

fn read(packet: &[u8]) -> TransportFeedback<'_> {
    let Ok(Packet::TransportFeedback(feedback)) = only(packet) else {
        panic!("{:?}", only(packet))
    };
    feedback
}

fn write(packets: &[(u16, Option<i64>)]) -> Vec<u8> {
    let mut out = [0xee; 500];
    let arrived = Arrived {
        sender: 1,
        media: 2,
        feedback_count: 9,
        packets,
    };
    let written = transport_feedback(&mut out, &arrived).unwrap();
    assert_eq!(written.packets, packets.len());
    out[..written.length].to_vec()
}

#[test]
fn a_vector_of_two_bit_symbols() {
    // 11, then 01 00 10 and zeros: one byte of time, nothing, two bytes.
    let packet = message(3, &[0b1101_0010, 0, 4, 0xff, 0xff]);
    let feedback = read(&packet);
    assert_eq!((feedback.sender, feedback.media, feedback.base_sequence), (1, 2, 5));
    assert_eq!((feedback.status_count, feedback.reference_time, feedback.feedback_count), (3, 2, 9));
    assert_eq!(feedback.statuses().collect::<Vec<_>>(), [(5, Some(4)), (6, None), (7, Some(-1))]);
    let arrivals = [(5, 516), (7, 515)];
    assert_eq!(feedback.arrivals().collect::<Vec<_>>(), arrivals);
    assert_eq!(write(&arrivals.map(|(sequence, time)| (sequence, Some(time)))), packet);
}

#[test]
fn a_vector_of_one_bit_symbols() {
    // 10, then 14 bits: the first, the third and the last.
    let packet = message(14, &[0b1010_1000, 0b0000_0001, 0, 1, 2]);
    let arrivals = [(5, 512), (7, 513), (18, 515)];
    assert_eq!(read(&packet).arrivals().collect::<Vec<_>>(), arrivals);
    assert_eq!(read(&packet).statuses().count(), 14);
    assert_eq!(write(&arrivals.map(|(sequence, time)| (sequence, Some(time)))), packet);
}

#[test]
fn runs() {
    // Three that arrived, 8000 that did not, one after them.
    let packet = message(8_004, &[0x20, 3, 0x1f, 0x40, 0x20, 1, 1, 2, 3, 4]);
    let feedback = read(&packet);
    let arrivals: Vec<_> = feedback.arrivals().collect();
    assert_eq!(arrivals, [(5, 513), (6, 515), (7, 518), (8_008, 522)]);
    assert_eq!(feedback.statuses().count(), 8_004);
    // Ours: the three stand in a vector with the first missing ones.
    let given: Vec<_> = arrivals.iter().map(|(sequence, time)| (*sequence, Some(*time))).collect();
    assert_eq!(read(&write(&given)).arrivals().collect::<Vec<_>>(), arrivals);
    assert_eq!(write(&given[..3]), message(3, &[0x20, 3, 1, 2, 3]));
}

#[test]
fn the_reference_time_has_a_sign() {
    let mut packet = message(1, &[0x20, 1, 7]);
    packet[16..19].copy_from_slice(&[0xff, 0xff, 0xff]);
    assert_eq!(read(&packet).reference_time, -1);
    assert_eq!(read(&packet).arrivals().collect::<Vec<_>>(), [(5, -249)]);
    assert_eq!(write(&[(5, Some(-249))]), packet);
}

#[test]
fn sequence_numbers_wrap() {
    let given = [(65_534, Some(0)), (65_535, None), (0, Some(3)), (2, Some(4))];
    let packet = write(&given);
    let statuses: Vec<_> = read(&packet).statuses().collect();
    assert_eq!(statuses, [(65_534, Some(0)), (65_535, None), (0, Some(3)), (1, None), (2, Some(1))]);
}

#[test]
fn messages_that_promise_more_than_they_have_are_refused() {
    for (statuses, behind, expected) in [
        (1, &[0x20, 1, 9, 0][..], None),
        (2, &[0x20, 1, 0x20, 1, 9, 9], None),
        (2, &[0x20, 1], Some(Malformed::Count)),                // no status for the second
        (1, &[], Some(Malformed::Count)),                       // no chunk
        (3, &[0x20, 3, 9, 9], Some(Malformed::Length)),         // no time for the third
        (2, &[0x40, 2, 9, 9], Some(Malformed::Length)),         // two bytes each
        (1, &[0x60, 1, 9, 9], Some(Malformed::Value)),          // the symbol without a meaning
        (7, &[0xc0, 0b11, 9, 9], Some(Malformed::Value)),       // in a vector
        (6, &[0xc0, 0b11, 9, 9], None),                         // behind the last
        (1, &[0, 0, 0, 0, 0x20, 1, 9, 9], None),                // empty runs in front
        (9, &[0, 0, 0, 0, 0, 0, 0, 0], Some(Malformed::Count)), // nothing but empty runs
        (0, &[], None),
    ] {
        assert_eq!(only(&message(statuses, behind)).err(), expected, "{statuses} {behind:?}");
    }
}

#[test]
fn a_short_message_about_many_that_did_not_come_costs_little() {
    // Eight runs: 65,535 packets, of which the last came.
    let behind = [&[0x1f, 0xff].repeat(7)[..], &[0x1f, 0xff], &[0x00, 6], &[0x20, 1, 9]].concat();
    let packet = message(65_535, &behind);
    assert_eq!(read(&packet).arrivals().collect::<Vec<_>>(), [(5_u16.wrapping_add(65_534), 521)]);
    assert_eq!(read(&packet).statuses().count(), 65_535);
}

#[test]
fn what_does_not_fit_is_left_for_the_next_message() {
    let arrived = |packets| Arrived {
        sender: 1,
        media: 2,
        feedback_count: 0,
        packets,
    };
    let mut out = [0; 500];
    // Half a minute between two of them.
    let far = [(1, Some(10)), (2, Some(20)), (3, Some(120_000)), (4, Some(120_001))];
    assert_eq!(transport_feedback(&mut out, &arrived(&far)), Ok(Written { length: 24, packets: 2 }));
    assert_eq!(
        transport_feedback(&mut out, &arrived(&far[2..])).map(|written| written.packets),
        Ok(2)
    );
    // Not in ascending order, and too long a gap.
    assert_eq!(
        transport_feedback(&mut out, &arrived(&[(2, None), (1, None)])).map(|written| written.packets),
        Ok(1)
    );
    assert_eq!(
        transport_feedback(&mut out, &arrived(&[(0, None), (1 << 15, None)])).map(|written| written.packets),
        Ok(1)
    );
    // Little room.
    let many: Vec<_> = (0..200).map(|sequence| (sequence, Some(i64::from(sequence)))).collect();
    let written = transport_feedback(&mut out[..100], &arrived(&many)).unwrap();
    assert!((50..80).contains(&written.packets) && written.length <= 100, "{written:?}");
    assert_eq!(read(&out[..written.length]).arrivals().count(), written.packets);
    assert_eq!(transport_feedback(&mut out[..23], &arrived(&many)), Err(NoRoom));
    assert_eq!(
        transport_feedback(&mut out[..24], &arrived(&many)).map(|written| written.packets),
        Ok(2)
    );
    assert_eq!(transport_feedback(&mut out, &arrived(&[])), Ok(Written { length: 0, packets: 0 }));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        base: u16,
        start in -1_000_000_000..1_000_000_000_i64,
        packets in vec((prop_oneof![180 => Just(1_u16), 20 => 1..300_u16, 1 => 1..40_000_u16], prop::option::weighted(0.8, prop_oneof![9 => 0..256_i64, 1 => -32_768..32_768_i64])), 1..300),
        room in 24..1_200_usize,
    ) {
        let mut sequence = base.wrapping_sub(packets[0].0);
        let mut time = start;
        let packets: Vec<_> = packets
            .into_iter()
            .map(|(step, delta)| {
                sequence = sequence.wrapping_add(step);
                (sequence, delta.map(|delta| { time += delta; time }))
            })
            .collect();
        let mut out = vec![0xff; room];
        let mut rest = &packets[..];
        // Message by message, all of it comes across.
        while !rest.is_empty() {
            let arrived = Arrived { sender: 1, media: 2, feedback_count: 3, packets: rest };
            let Ok(written) = transport_feedback(&mut out, &arrived) else {
                prop_assert!(room < 28);
                break;
            };
            let (now, later) = rest.split_at(written.packets);
            rest = later;
            prop_assert!(written.packets > 0 && written.length <= room);
            let feedback = read(&out[..written.length]);
            let expected: Vec<_> = now.iter().filter_map(|(sequence, time)| Some((*sequence, (*time)?))).collect();
            // 24 bits of the reference time go across.
            let turn = |time: i64| time.rem_euclid(256 << 24);
            let read: Vec<_> = feedback.arrivals().map(|(sequence, time)| (sequence, turn(time))).collect();
            prop_assert_eq!(read, expected.into_iter().map(|(sequence, time)| (sequence, turn(time))).collect::<Vec<_>>());
            prop_assert_eq!((feedback.base_sequence, feedback.feedback_count), (now[0].0, 3));
            prop_assert_eq!(feedback.statuses().last().map(|(sequence, _)| sequence), now.last().map(|(sequence, _)| *sequence));
        }
    }
}

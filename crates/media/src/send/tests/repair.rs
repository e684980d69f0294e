//! What is sent again: what was lost, once in a round trip, within a share.

use std::time::{Duration, Instant};

use rtp::ntp;
use rtp::rtcp::Block;
use rtp::rtcp::write::{Arrived, receiver_report, transport_feedback};

use super::*;

const MS: Duration = Duration::from_millis(1);

/// Sends pictures under these numbers at this time, each with its number as contents, and gives what the client got.
fn show(sender: &mut Sender, client: &mut Client, now: Instant, seqs: impl IntoIterator<Item = u64>) -> Vec<Media> {
    for seq in seqs {
        let packet = Inbound {
            payload: vec![u8::try_from(seq % 251).unwrap(); 1_000].into(),
            ..(*picture(now, 1)).clone()
        };
        assert!(sender.queue(&Arc::new(packet), CAMERA, numbers(seq, 3_000)));
    }
    client.open(&mut turn(sender, now)).0
}

/// What the client gets when it asks for these.
fn ask(sender: &mut Sender, client: &mut Client, now: Instant, lost: &[u16]) -> Vec<Media> {
    let nack = client.nack(ssrcs(sender, CAMERA).0, lost.iter().copied());
    let feedback = sender.feedback(now, wall(now), &nack).unwrap();
    let again = client.open(&mut turn(sender, now)).0;
    assert_eq!(
        feedback.repairs,
        !again.is_empty(),
        "a turn is wanted when there is something to send"
    );
    again
}

/// A sender that numbers packets over all streams, and its client.
fn numbering(now: Instant) -> (Sender, Client) {
    let (mut sender, client) = sender(now, &SLOTS);
    let formats = Formats {
        transport: Some(5),
        ..FORMATS
    };
    sender.negotiate(formats, &SLOTS);
    (sender, client)
}

/// The client reports that it lost this share of packets, of 256.
fn report_losses(sender: &mut Sender, client: &mut Client, now: Instant, fraction: u8) {
    let block = Block {
        ssrc: ssrcs(sender, CAMERA).0,
        fraction,
        ..Block::default()
    };
    let report = client.report(|out| receiver_report(out, REPORTER, &[block]).unwrap());
    sender.feedback(now, wall(now), &report).unwrap();
}

/// What the client gets when it tells which numbers over all streams came; those between them did not.
fn tell(sender: &mut Sender, client: &mut Client, now: Instant, came: &[u16]) -> Vec<u16> {
    let packets: Vec<(u16, bool)> = came.iter().map(|number| (*number, true)).collect();
    tell_each(sender, client, now, &packets)
}

/// The same, of numbers that came or did not.
fn tell_each(sender: &mut Sender, client: &mut Client, now: Instant, packets: &[(u16, bool)]) -> Vec<u16> {
    let packets: Vec<(u16, Option<i64>)> = packets
        .iter()
        .map(|(number, came)| (*number, came.then_some(i64::from(*number))))
        .collect();
    let arrived = Arrived {
        sender: REPORTER,
        media: 1,
        feedback_count: 0,
        packets: &packets,
    };
    let told = client.report(|out| transport_feedback(out, &arrived).unwrap().length);
    let feedback = sender.feedback(now, wall(now), &told).unwrap();
    let again = client.open(&mut turn(sender, now)).0;
    assert_eq!(
        feedback.repairs,
        !again.is_empty(),
        "a turn is wanted when there is something to send"
    );
    originals(&again)
}

/// The numbers in front of retransmissions.
fn originals(again: &[Media]) -> Vec<u16> {
    again
        .iter()
        .map(|media| u16::from_be_bytes([media.payload[0], media.payload[1]]))
        .collect()
}

#[test]
fn a_lost_packet_comes_again_on_the_stream_of_retransmissions() {
    let now = Instant::now();
    let (mut sender, mut client) = sender(now, &SLOTS);
    // Around a rollover of the numbers.
    let sent = show(&mut sender, &mut client, now, 65_530..65_545);
    let (ssrc, rtx) = ssrcs(&sender, CAMERA);
    assert!(sent.iter().all(|media| media.ssrc == ssrc && media.payload_type == 96));
    let again = ask(&mut sender, &mut client, now + 5 * MS, &[65_533, 1]);
    assert_eq!(originals(&again), [65_533, 1]);
    for (media, seq) in again.iter().zip([65_533_u64, 65_537]) {
        let first = sent.iter().find(|sent| sent.index == seq).unwrap();
        assert_eq!((media.ssrc, media.payload_type), (rtx, 97));
        assert_eq!(media.timestamp, first.timestamp);
        assert_eq!(media.payload[2..], first.payload);
    }
    assert_eq!(again[1].index, again[0].index + 1, "retransmissions have numbers of their own");
}

#[test]
fn what_was_never_sent_or_is_too_old_does_not_come() {
    let now = Instant::now();
    let (mut sender, mut client) = sender(now, &SLOTS);
    show(&mut sender, &mut client, now, 1..10);
    show(&mut sender, &mut client, now + 200 * MS, 20..30);
    let later = now + 401 * MS;
    for never in [0, 15, 30, 40_000] {
        assert_eq!(ask(&mut sender, &mut client, later, &[never]), [], "{never}");
    }
    assert_eq!(ask(&mut sender, &mut client, later, &[1, 9]), [], "too old");
    assert_eq!(originals(&ask(&mut sender, &mut client, later, &[20, 29])), [20, 29]);
    // Of a stream that is none, of the retransmissions themselves, of audio, which is not kept.
    assert!(sender.queue(&voice(now), VOICE, numbers(5, 960)));
    turn(&mut sender, later);
    for (ssrc, lost) in [(4_711, 21), (ssrcs(&sender, CAMERA).1, 1), (ssrcs(&sender, VOICE).0, 5)] {
        let nack = client.nack(ssrc, [lost]);
        assert!(!sender.feedback(later, wall(later), &nack).unwrap().repairs);
        assert_eq!(client.open(&mut turn(&mut sender, later)).0, []);
    }
}

#[test]
fn nothing_is_sent_twice_within_a_round_trip() {
    let mut now = Instant::now();
    let (mut sender, mut client) = sender(now, &SLOTS);
    show(&mut sender, &mut client, now, 1..5);
    // The client says that it heard the report of then: a round trip of 80 ms.
    let (lsr, heard) = (ntp::middle(wall(now)), now + 100 * MS);
    let block = Block {
        ssrc: ssrcs(&sender, CAMERA).0,
        lsr,
        dlsr: ntp::units(20 * MS),
        ..Block::default()
    };
    let report = client.report(|out| receiver_report(out, REPORTER, &[block]).unwrap());
    sender.feedback(heard, wall(heard), &report).unwrap();
    now = heard;
    assert_eq!(originals(&ask(&mut sender, &mut client, now, &[2])), [2]);
    assert_eq!(ask(&mut sender, &mut client, now, &[2, 2]), []);
    assert_eq!(ask(&mut sender, &mut client, now + 79 * MS, &[2]), []);
    assert_eq!(
        originals(&ask(&mut sender, &mut client, now + 79 * MS, &[3])),
        [3],
        "another packet is another matter"
    );
    assert_eq!(originals(&ask(&mut sender, &mut client, now + 81 * MS, &[2])), [2]);
}

#[test]
fn a_flood_of_requests_costs_a_quarter_of_the_stream() {
    let begin = Instant::now();
    let (mut sender, mut client) = sender(begin, &SLOTS);
    let (mut sent, mut again) = (0, 0);
    // Ten seconds of 200 packets a second, and in every one of 10 ms between them everything is asked for.
    for step in 0..1_000_u32 {
        let now = begin + 10 * MS * step;
        let first = u64::from(step) * 2 + 1;
        let media = show(&mut sender, &mut client, now, first..first + 2);
        sent += media.iter().map(|media| media.payload.len()).sum::<usize>();
        let newest = u16::try_from((first + 1) & 0xffff).unwrap();
        let all: Vec<u16> = (0..200).map(|behind| newest.wrapping_sub(behind)).collect();
        again += ask(&mut sender, &mut client, now, &all)
            .iter()
            .map(|media| media.payload.len() - 2)
            .sum::<usize>();
    }
    // What was saved up at the beginning comes on top.
    let share = sent / 4 + 48_000;
    assert!(again <= share + 1_000, "{again} of {sent}");
    assert!(again >= share - 1_000, "and what is asked for comes up to there: {again} of {sent}");
}

#[test]
fn one_message_brings_no_more_than_its_most() {
    let now = Instant::now();
    let (mut sender, mut client) = sender(now, &SLOTS);
    for seq in 1..=400 {
        assert!(sender.queue(&picture(now, 10), CAMERA, numbers(seq, 0)));
    }
    client.open(&mut turn(&mut sender, now));
    let lost: Vec<u16> = (1..=400).collect();
    assert_eq!(ask(&mut sender, &mut client, now, &lost).len(), 128);
}

#[test]
fn without_a_format_for_retransmissions_there_are_none() {
    let now = Instant::now();
    let (mut sender, mut client) = sender(now, &SLOTS);
    sender.negotiate(vp8_as(96, None), &SLOTS);
    assert_eq!(sender.announced(CAMERA).unwrap().rtx, None);
    show(&mut sender, &mut client, now, 1..5);
    assert_eq!(ask(&mut sender, &mut client, now, &[2]), []);
    sender.negotiate(FORMATS, &SLOTS);
    assert_eq!(sender.announced(CAMERA).unwrap().rtx, Some(ssrcs(&sender, CAMERA).1));
    show(&mut sender, &mut client, now, 5..9);
    assert_eq!(originals(&ask(&mut sender, &mut client, now, &[6])), [6]);
}

#[test]
fn who_loses_many_packets_gets_what_it_asks_for_twice_and_others_once() {
    let now = Instant::now();
    for (fraction, copies) in [(0, 1), (5, 1), (26, 2)] {
        let (mut sender, mut client) = sender(now, &SLOTS);
        let sent = show(&mut sender, &mut client, now, 1..10);
        report_losses(&mut sender, &mut client, now, fraction);
        let again = ask(&mut sender, &mut client, now + 5 * MS, &[3]);
        assert_eq!(originals(&again), vec![3; copies], "{fraction}");
        assert!(again.iter().all(|media| media.payload[2..] == sent[2].payload));
        let mut indexes: Vec<u64> = again.iter().map(|media| media.index).collect();
        indexes.dedup();
        assert_eq!(indexes.len(), copies, "each under a number of its own");
    }
}

#[test]
fn who_loses_many_packets_gets_what_it_misses_before_it_asks_and_others_when_they_ask() {
    let now = Instant::now();
    for (fraction, before_asked) in [(0, vec![]), (5, vec![]), (26, vec![3, 3, 7, 7])] {
        let (mut sender, mut client) = numbering(now);
        report_losses(&mut sender, &mut client, now, fraction);
        show(&mut sender, &mut client, now, 1..10);
        let got = tell(&mut sender, &mut client, now + 100 * MS, &[1, 2, 4, 5, 6, 8, 9]);
        assert_eq!(got, before_asked, "{fraction}");
        let asked = originals(&ask(&mut sender, &mut client, now + 101 * MS, &[3, 7]));
        assert_eq!(asked.is_empty(), !before_asked.is_empty(), "it is on its way");
    }
}

#[test]
fn what_is_sent_again_is_missing_when_all_its_copies_are() {
    let now = Instant::now();
    let (mut sender, mut client) = numbering(now);
    report_losses(&mut sender, &mut client, now, 26);
    show(&mut sender, &mut client, now, 1..4);
    assert_eq!(
        originals(&ask(&mut sender, &mut client, now + 30 * MS, &[1, 2, 3])),
        [1, 1, 2, 2, 3, 3]
    );
    // That the first ones are missing is known; of the copies, numbered from 4 on, the second one of 1, none of 2, and the first one of 3 came.
    assert_eq!(tell(&mut sender, &mut client, now + 100 * MS, &[5, 8]), [2, 2]);
    // The copies of that, 10 and 11, in two messages.
    assert_eq!(tell_each(&mut sender, &mut client, now + 200 * MS, &[(9, true), (10, false)]), []);
    assert_eq!(
        tell_each(&mut sender, &mut client, now + 300 * MS, &[(11, false), (12, true)]),
        [2, 2]
    );
}

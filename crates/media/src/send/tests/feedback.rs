//! What reports lead to, and what those that are none do not.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use rtp::rtcp::SenderInfo;
use rtp::rtcp::write::{Compound, bye, cname, fir, nack, pli, receiver_report, receiver_time, receiver_time_answers, remb, sender_report};

use super::*;
use crate::send::Feedback;

const MS: Duration = Duration::from_millis(1);

fn read(sender: &mut Sender, report: &[u8]) -> Option<Feedback> {
    let now = Instant::now();
    sender.feedback(now, wall(now), report)
}

#[test]
fn a_client_that_lost_a_picture_or_wants_one_names_the_slot_once() {
    let now = Instant::now();
    let (mut sender, mut client) = sender(now, &SLOTS);
    let [camera, screen, voice] = [CAMERA, SCREEN, VOICE].map(|line| ssrcs(&sender, line).0);
    let mut later = now;
    let mut refresh = |report: Vec<u8>, sender: &mut Sender| {
        later += MS * 100;
        sender.feedback(later, wall(later), &report).unwrap().refresh
    };
    let lost = |client: &mut Client, ssrc| client.report(|out| pli(out, REPORTER, ssrc).unwrap());
    assert_eq!(refresh(lost(&mut client, camera), &mut sender), [CAMERA]);
    assert_eq!(refresh(lost(&mut client, screen), &mut sender), [SCREEN]);
    let wanted = client.report(|out| fir(out, REPORTER, &[(screen, 1), (camera, 1), (4_711, 1)]).unwrap());
    assert_eq!(refresh(wanted, &mut sender), [SCREEN, CAMERA]);
    let twice = client.report(|out| {
        let mut compound = Compound::new(out);
        compound.push(|out| pli(out, REPORTER, camera)).unwrap();
        compound.push(|out| fir(out, REPORTER, &[(camera, 1)])).unwrap();
        compound.push(|out| pli(out, REPORTER, camera)).unwrap();
        compound.length()
    });
    assert_eq!(refresh(twice, &mut sender), [CAMERA], "one wish");
    // Of nobody here, of audio, of retransmissions.
    for foreign in [4_711, voice, ssrcs(&sender, CAMERA).1] {
        assert_eq!(refresh(lost(&mut client, foreign), &mut sender), []);
    }
}

#[test]
fn the_time_of_who_publishes_is_told_and_nothing_else_is_taken_for_it() {
    let now = Instant::now();
    let (mut sender, mut client) = sender(now, &SLOTS);
    let camera = ssrcs(&sender, CAMERA).0;
    let info = SenderInfo {
        ssrc: REPORTER,
        ntp: 0x0123_4567_89ab_cdef,
        ..SenderInfo::default()
    };
    type Write<'a> = &'a dyn Fn(&mut [u8]) -> Result<usize, rtp::NoRoom>;
    let cases: [(bool, Write<'_>); 10] = [
        (true, &|out| sender_report(out, &info, &[])),
        (false, &|out| bye(out, &[REPORTER], b"")),
        (false, &|out| receiver_time_answers(out, REPORTER, &[(camera, 1, 1)])),
        (false, &|out| receiver_time(out, REPORTER, 1)),
        (false, &|out| receiver_report(out, REPORTER, &[])),
        (false, &|out| cname(out, REPORTER, b"name")),
        (false, &|out| nack(out, REPORTER, camera, [1])),
        (false, &|out| pli(out, REPORTER, camera)),
        (false, &|out| fir(out, REPORTER, &[(camera, 1)])),
        (false, &|out| remb(out, REPORTER, 1_000_000, &[camera])),
    ];
    for (at, (expected, write)) in cases.into_iter().enumerate() {
        let expected: &[(u32, u32)] = if expected { &[(REPORTER, 0x4567_89ab)] } else { &[] };
        let alone = client.report(|out| write(out).unwrap());
        assert_eq!(read(&mut sender, &alone).unwrap().times, expected, "case {at}");
        // Behind others it is the same.
        let behind = client.report(|out| {
            let mut compound = Compound::new(out);
            compound.push(|out| receiver_report(out, REPORTER, &[])).unwrap();
            compound.push(write).unwrap();
            compound.length()
        });
        assert_eq!(read(&mut sender, &behind).unwrap().times, expected, "case {at}");
    }
}

/// A sender that sent ten pictures, and a report that asks for one of them again and for a key frame.
fn asked() -> (Sender, Client, Vec<u8>) {
    let now = Instant::now();
    let (mut sender, mut client) = sender(now, &SLOTS);
    for seq in 1..=10 {
        sender.queue(&picture(now, 500), CAMERA, numbers(seq, 0));
    }
    turn(&mut sender, now);
    let camera = ssrcs(&sender, CAMERA).0;
    let report = client.report(|out| {
        let mut compound = Compound::new(out);
        compound.push(|out| nack(out, REPORTER, camera, [3])).unwrap();
        compound.push(|out| pli(out, REPORTER, camera)).unwrap();
        compound.length()
    });
    (sender, client, report)
}

#[test]
fn a_report_is_taken_once() {
    let (mut sender, mut client, report) = asked();
    let feedback = read(&mut sender, &report).unwrap();
    assert_eq!((feedback.repairs, feedback.refresh), (true, vec![CAMERA]));
    turn(&mut sender, Instant::now());
    // Long enough that the packet may be sent again, if it is asked for.
    let later = Instant::now() + 50 * MS;
    assert_eq!(
        sender.feedback(later, wall(later), &report),
        None,
        "somebody heard it and sends it again"
    );
    assert!(turn(&mut sender, later).datagrams.is_empty());
    let anew = client.nack(ssrcs(&sender, CAMERA).0, [3]);
    assert!(
        sender.feedback(later, wall(later), &anew).unwrap().repairs,
        "the client itself asks again"
    );
}

#[test]
fn reports_before_the_handshake_is_through_are_not_read() {
    let now = Instant::now();
    let mut fresh = Sender::new(now, counted);
    fresh.negotiate(FORMATS, &SLOTS);
    let (mut sender, _, report) = asked();
    assert_eq!(read(&mut fresh, &report), None);
    assert!(read(&mut sender, &report).is_some());
}

proptest! {
    #[test]
    fn a_report_that_was_changed_on_the_way_changes_nothing(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let (mut sender, _, report) = asked();
        let mut forged = report.clone();
        let at = at.index(forged.len());
        forged[at] ^= 1 << bit;
        prop_assert_eq!(read(&mut sender, &forged), None);
        prop_assert!(sender.repairs.is_empty());
        prop_assert!(read(&mut sender, &report).unwrap().repairs, "the real one is not taken for a second one");
    }

    #[test]
    fn a_report_that_was_cut_on_the_way_changes_nothing(length in any::<prop::sample::Index>()) {
        let (mut sender, _, report) = asked();
        let cut = &report[..length.index(report.len())];
        prop_assert_eq!(read(&mut sender, cut), None);
        prop_assert!(sender.repairs.is_empty());
        prop_assert!(read(&mut sender, &report).unwrap().repairs);
    }

    #[test]
    fn rubbish_that_a_client_seals_harms_nobody(rubbish in prop::collection::vec(any::<u8>(), 8..600)) {
        let (mut sender, mut client, report) = asked();
        let sealed = client.report(|out| {
            out[..rubbish.len()].copy_from_slice(&rubbish);
            rubbish.len()
        });
        read(&mut sender, &sealed);
        prop_assert!(read(&mut sender, &report).is_some());
    }
}

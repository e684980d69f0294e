//! The streams of a client: their names over negotiations, and that no number is sealed twice.

use std::cell::Cell;
use std::collections::HashSet;
use std::time::Instant;

use proptest::prelude::*;

use super::*;

/// Queues pictures under these numbers, takes a turn, and gives the numbers that left.
fn sent(sender: &mut Sender, client: &mut Client, line: Line, seqs: &[u64]) -> Vec<u64> {
    let now = Instant::now();
    for seq in seqs {
        assert!(sender.queue(&picture(now, 10), line, numbers(*seq, 0)));
    }
    let (media, _) = client.open(&mut turn(sender, now));
    media.into_iter().map(|media| media.index).collect()
}

#[test]
fn of_two_packets_with_one_number_one_leaves() {
    let (mut sender, mut client) = sender(Instant::now(), &SLOTS);
    assert_eq!(sent(&mut sender, &mut client, CAMERA, &[5, 5]), [5]);
    assert_eq!(
        sent(&mut sender, &mut client, CAMERA, &[5, 6, 4, 6]),
        [6, 4],
        "not in a later turn either"
    );
    assert_eq!(sent(&mut sender, &mut client, SCREEN, &[5]), [5], "another stream counts by itself");
    // What did not leave is not reported, and not kept in the place of what did.
    let camera = sender.streams.iter().find(|stream| stream.line == CAMERA).unwrap();
    assert_eq!(camera.packets, 3);
}

#[test]
fn a_slot_that_stays_keeps_its_stream_and_goes_on() {
    let (mut sender, mut client) = sender(Instant::now(), &SLOTS);
    let before = [CAMERA, SCREEN, VOICE].map(|line| ssrcs(&sender, line));
    assert_eq!(sent(&mut sender, &mut client, CAMERA, &[1, 2]), [1, 2]);
    // Another order, one more, and other numbers for the formats.
    let formats = vp8_as(102, Some(97));
    sender.negotiate(formats, &[(VOICE, true), (Line(9), false), (SCREEN, false), (CAMERA, false)]);
    assert_eq!([CAMERA, SCREEN, VOICE].map(|line| ssrcs(&sender, line)), before);
    assert_eq!(sent(&mut sender, &mut client, CAMERA, &[2, 3]), [3], "what was sent is still known");
    let now = Instant::now();
    let nack = client.nack(ssrcs(&sender, CAMERA).0, [2]);
    assert!(
        sender.feedback(now, wall(now), &nack).unwrap().repairs,
        "and can still be sent again"
    );
    let (again, _) = client.open(&mut turn(&mut sender, now));
    assert_eq!(again.len(), 1);
    let ssrcs: HashSet<u32> = sender.streams.iter().flat_map(|stream| [stream.ssrc, stream.rtx_ssrc]).collect();
    assert_eq!(ssrcs.len(), 8, "no two are the same");
}

#[test]
fn a_slot_that_went_and_came_again_has_another_stream() {
    let (mut sender, mut client) = sender(Instant::now(), &SLOTS);
    let (ssrc, rtx) = ssrcs(&sender, CAMERA);
    assert_eq!(sent(&mut sender, &mut client, CAMERA, &[1, 2]), [1, 2]);
    sender.negotiate(FORMATS, &[(VOICE, true)]);
    assert_eq!(sender.announced(CAMERA), None);
    let now = Instant::now();
    assert!(!sender.queue(&picture(now, 10), CAMERA, numbers(3, 0)), "nothing is sent meanwhile");
    sender.negotiate(FORMATS, &SLOTS);
    let anew = ssrcs(&sender, CAMERA);
    assert!(![ssrc, rtx].contains(&anew.0) && ![ssrc, rtx].contains(&anew.1));
    // So its numbers may begin anew: the same numbers under the same key would be sealed twice otherwise.
    assert_eq!(sent(&mut sender, &mut client, CAMERA, &[1, 2]), [1, 2]);
}

#[test]
fn a_slot_that_is_used_for_another_sort_has_another_stream() {
    let (mut sender, _) = sender(Instant::now(), &SLOTS);
    let before = ssrcs(&sender, CAMERA);
    sender.negotiate(FORMATS, &[(CAMERA, true)]);
    assert_ne!(ssrcs(&sender, CAMERA).0, before.0);
    let now = Instant::now();
    assert!(
        !sender.queue(&picture(now, 10), CAMERA, numbers(1, 0)),
        "no video in a slot of audio"
    );
    assert!(sender.queue(&voice(now), CAMERA, numbers(1, 0)));
}

#[test]
fn ssrcs_that_are_taken_are_not_given_again() {
    thread_local! {
        static NEXT: Cell<u32> = const { Cell::new(0) };
    }
    // A source of numbers that says each three times, beginning with zero.
    fn stuttering() -> u32 {
        NEXT.replace(NEXT.get() + 1) / 3
    }
    let mut sender = Sender::new(Instant::now(), stuttering);
    sender.negotiate(FORMATS, &SLOTS);
    let ssrcs: HashSet<u32> = sender.streams.iter().flat_map(|stream| [stream.ssrc, stream.rtx_ssrc]).collect();
    assert_eq!(ssrcs.len(), 6);
    assert!(!ssrcs.contains(&0));
}

#[test]
fn what_waits_when_slots_change_is_dropped_and_what_comes_then_is_sent() {
    let (mut sender, mut client) = sender(Instant::now(), &SLOTS);
    let now = Instant::now();
    assert!(sender.queue(&picture(now, 10), CAMERA, numbers(1, 0)));
    sender.negotiate(FORMATS, &[(SCREEN, false), (CAMERA, false)]);
    assert_eq!(sent(&mut sender, &mut client, CAMERA, &[2]), [2]);
}

#[test]
fn audio_leaves_before_video_and_no_more_waits_than_the_most() {
    let (mut sender, mut client) = sender(Instant::now(), &SLOTS);
    let now = Instant::now();
    for seq in 0..2_048 {
        assert!(sender.queue(&picture(now, 10), CAMERA, numbers(seq, 0)));
    }
    assert!(!sender.queue(&picture(now, 10), SCREEN, numbers(1, 0)));
    assert!(sender.queue(&voice(now), VOICE, numbers(1, 0)), "audio waits in a line of its own");
    let (media, _) = client.open(&mut turn(&mut sender, now));
    assert_eq!(media.len(), 2_049);
    assert_eq!(media[0].payload_type, 111);
    assert!(sender.queue(&picture(now, 10), SCREEN, numbers(1, 0)), "there is room again");
}

proptest! {
    #[test]
    fn no_number_leaves_twice_however_slots_and_numbers_go(steps in prop::collection::vec((0..20_u8, 0..3_u16, 0..300_u64), 1..150)) {
        let (mut sender, mut client) = sender(Instant::now(), &SLOTS);
        let mut seen = HashSet::new();
        let mut outbox = Outbox::default();
        let now = Instant::now();
        for (step, line, seq) in steps {
            match step {
                0 => sender.negotiate(FORMATS, &SLOTS[..usize::from(line) + 1]),
                1 => sender.negotiate(FORMATS, &SLOTS),
                2 => {
                    if let Some(stream) = sender.streams.iter().find(|stream| stream.line == Line(line)) {
                        let nack = client.nack(stream.ssrc, 0..300);
                        sender.feedback(now, wall(now), &nack);
                    }
                }
                _ if line == VOICE.0 => { sender.queue(&voice(now), VOICE, numbers(seq, 0)); }
                _ => { sender.queue(&picture(now, 100), Line(line), numbers(seq, 0)); }
            }
            sender.turn(now, wall(now), &mut outbox);
            let (media, _) = client.open(&mut outbox);
            for media in media {
                prop_assert!(seen.insert((media.ssrc, media.index)), "{} of {} twice", media.index, media.ssrc);
            }
        }
    }
}

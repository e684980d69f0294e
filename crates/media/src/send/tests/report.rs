//! Sender reports, and the round trip.

use std::time::{Duration, Instant};

use rtp::ntp;
use rtp::rtcp::write::{receiver_report, receiver_time, receiver_time_answers, sender_report};
use rtp::rtcp::{Block, Packet, SenderInfo, XrBlock};

use super::*;

const MS: Duration = Duration::from_millis(1);

/// The reports in compounds.
fn infos(reports: &[Vec<u8>]) -> Vec<SenderInfo> {
    let packets = reports.iter().flat_map(|report| rtcp::packets(report));
    packets
        .filter_map(|packet| match packet.unwrap() {
            Packet::SenderReport(report) => Some(report.info),
            _ => None,
        })
        .collect()
}

/// Time between two times as NTP writes them, in microseconds.
fn between(from: u64, to: u64) -> i128 {
    ((i128::from(to) - i128::from(from)) * 1_000_000) >> 32
}

#[test]
fn reports_line_audio_up_with_video() {
    let begin = Instant::now();
    let (mut sender, mut client) = sender(begin, &SLOTS);
    let mut reports = Vec::new();
    // Audio every 20 ms and video every 33, both with timestamps that go with the time they are sent at, from arbitrary beginnings.
    let (voice_from, camera_from) = (u32::MAX - 4_000, 77_000_u32);
    let timestamp = |from: u32, ms: u32, rate: u32| from.wrapping_add(ms * (rate / 1_000));
    for ms in 0..2_000_u32 {
        let now = begin + MS * ms;
        if ms.is_multiple_of(20) {
            let seq = u64::from(ms / 20) + 1;
            sender.queue(&voice(now), VOICE, numbers(seq, timestamp(voice_from, ms, 48_000)));
        }
        if ms.is_multiple_of(33) {
            let seq = u64::from(ms / 33) + 1;
            sender.queue(&picture(now, 500), CAMERA, numbers(seq, timestamp(camera_from, ms, 90_000)));
        }
        reports.extend(client.open(&mut turn(&mut sender, now)).1);
    }
    let infos = infos(&reports);
    for (line, from, rate, packets, octets) in [(VOICE, voice_from, 48_000, 20, 80), (CAMERA, camera_from, 90_000, 33, 500)] {
        let own: Vec<_> = infos.iter().filter(|info| info.ssrc == ssrcs(&sender, line).0).collect();
        assert_eq!(own.len(), 2, "one a second");
        for info in own {
            let ms = between(wall(begin), info.ntp) / 1_000;
            let expected = i128::from(info.rtp_timestamp.wrapping_sub(from)) * 1_000 / rate;
            assert!((ms - expected).abs() <= 1, "at {ms} ms it says {expected} ms");
            let count = u32::try_from(ms).unwrap() / packets + 1;
            assert_eq!((info.packets, info.octets), (count, count * octets));
        }
    }
    // Nobody reports of a slot that carries nothing.
    assert!(infos.iter().all(|info| info.ssrc != ssrcs(&sender, SCREEN).0));
}

#[test]
fn a_report_between_two_packets_tells_the_time_since_the_last() {
    let begin = Instant::now();
    let (mut sender, mut client) = sender(begin, &SLOTS);
    sender.queue(&picture(begin, 10), CAMERA, numbers(1, 5_000));
    client.open(&mut turn(&mut sender, begin));
    assert_eq!(sender.deadline(), None, "nothing is left to say");
    sender.queue(&picture(begin, 10), CAMERA, numbers(2, 5_000 + 900));
    turn(&mut sender, begin + 10 * MS);
    assert_eq!(sender.deadline(), Some(begin + 1_000 * MS));
    let (_, reports) = client.open(&mut turn(&mut sender, begin + 1_000 * MS));
    // Ten milliseconds passed before the second packet, which says so, and 990 behind it.
    assert_eq!(infos(&reports)[0].rtp_timestamp, 5_000 + 90_000);
    assert_eq!(sender.deadline(), None);
}

#[test]
fn a_late_packet_does_not_turn_the_time_back() {
    let begin = Instant::now();
    let (mut sender, mut client) = sender(begin, &SLOTS);
    for (seq, timestamp) in [(5, 9_000), (4, 6_000)] {
        sender.queue(&picture(begin, 10), CAMERA, numbers(seq, timestamp));
    }
    let (_, reports) = client.open(&mut turn(&mut sender, begin));
    assert_eq!(infos(&reports)[0].rtp_timestamp, 9_000);
}

#[test]
fn every_stream_is_reported_however_many_there_are() {
    let begin = Instant::now();
    let slots: Vec<(Line, bool)> = (0..70).map(|line| (Line(line), false)).collect();
    let (mut sender, mut client) = sender(begin, &slots);
    for second in 0..3 {
        let now = begin + 1_000 * MS * second;
        for line in 0..64 {
            assert!(sender.queue(&picture(now, 10), Line(line), numbers(u64::from(second) + 1, 0)));
        }
        assert!(!sender.queue(&picture(now, 10), Line(64), numbers(1, 0)), "no more than the most");
        let mut outbox = turn(&mut sender, now);
        assert!(outbox.datagrams.iter().all(|datagram| datagram.len() < 1_200));
        let (_, reports) = client.open(&mut outbox);
        let mut ssrcs: Vec<u32> = infos(&reports).iter().map(|info| info.ssrc).collect();
        ssrcs.sort_unstable();
        ssrcs.dedup();
        assert_eq!(ssrcs.len(), 64);
    }
}

#[test]
fn a_report_names_its_sender_as_the_answer_does() {
    let begin = Instant::now();
    let (mut sender, mut client) = sender(begin, &SLOTS);
    sender.queue(&voice(begin), VOICE, numbers(1, 0));
    let (_, reports) = client.open(&mut turn(&mut sender, begin));
    let names: Vec<Vec<u8>> = rtcp::packets(&reports[0])
        .filter_map(|packet| match packet.unwrap() {
            Packet::Sdes(sdes) => Some(sdes),
            _ => None,
        })
        .flat_map(|sdes| sdes.chunks())
        .flat_map(|chunk| {
            assert_eq!(chunk.ssrc, ssrcs(&sender, VOICE).0);
            chunk.items().map(|(kind, name)| {
                assert_eq!(kind, rtcp::CNAME);
                name.to_vec()
            })
        })
        .collect();
    assert_eq!(names, [sender.cname().as_bytes()]);
}

#[test]
fn the_round_trip_is_learned_from_reports_of_either_sort_and_about_our_streams_only() {
    let begin = Instant::now();
    let now = begin + 150 * MS;
    for by_sender in [false, true] {
        let (mut sender, mut client) = sender(begin, &SLOTS);
        sender.queue(&picture(begin, 10), CAMERA, numbers(1, 0));
        let (_, reports) = client.open(&mut turn(&mut sender, begin));
        let lsr = ntp::middle(infos(&reports)[0].ntp);
        let ours = ssrcs(&sender, CAMERA).0;
        for (ssrc, lsr, learned) in [
            (4_711, lsr, None),
            (ours, 0, None),
            // A round trip of more than ten seconds is a mistake.
            (ours, lsr.wrapping_sub(11 << 16), None),
            (ours, lsr, Some(120)),
        ] {
            let block = Block {
                ssrc,
                lsr,
                dlsr: ntp::units(30 * MS),
                ..Block::default()
            };
            let info = SenderInfo {
                ssrc: REPORTER,
                ..SenderInfo::default()
            };
            let report = client.report(|out| match by_sender {
                true => sender_report(out, &info, &[block]).unwrap(),
                false => receiver_report(out, REPORTER, &[block]).unwrap(),
            });
            let feedback = sender.feedback(now, wall(now), &report).unwrap();
            assert_eq!(feedback.times.len(), usize::from(by_sender), "who reports of sending, publishes");
            let trip = sender.streams.iter().find(|stream| stream.line == CAMERA).unwrap().round_trip;
            assert_eq!(trip.map(|trip| (trip + MS / 2).as_millis()), learned);
        }
    }
}

/// The answers to times of receivers in compounds.
fn answers(reports: &[Vec<u8>]) -> Vec<(u32, u32, u32)> {
    let packets = reports.iter().flat_map(|report| rtcp::packets(report));
    let extended = packets.filter_map(|packet| match packet.unwrap() {
        Packet::Xr(extended) => Some(extended),
        _ => None,
    });
    let blocks = extended.flat_map(|extended| extended.blocks().collect::<Vec<_>>());
    blocks
        .flat_map(|block| match block {
            XrBlock::Dlrr(entries) => entries.collect::<Vec<_>>(),
            _ => Vec::new(),
        })
        .collect()
}

#[test]
fn who_only_receives_is_told_its_time_and_how_long_ago_it_was() {
    let begin = Instant::now();
    let (mut sender, mut client) = sender(begin, &SLOTS);
    sender.queue(&picture(begin, 10), CAMERA, numbers(1, 5_000));
    let (_, reports) = client.open(&mut turn(&mut sender, begin));
    assert_eq!(answers(&reports), [], "nobody asked");
    let ask = |client: &mut Client, ssrc: u32, time: u64| client.report(|out| receiver_time(out, ssrc, time).unwrap());
    let early = ask(&mut client, 70, 0x1111_2222_3333_4444);
    let again = ask(&mut client, 70, 0x1111_4444_5555_6666);
    for (ms, datagram) in [(100, early), (500, again)] {
        let now = begin + MS * ms;
        sender.feedback(now, wall(now), &datagram).unwrap();
    }
    // More receivers than a client has: the first ones are answered.
    for ssrc in 71..80 {
        let datagram = ask(&mut client, ssrc, 0);
        sender.feedback(begin + 600 * MS, wall(begin), &datagram).unwrap();
    }
    sender.queue(&picture(begin, 10), CAMERA, numbers(2, 6_000));
    let (_, reports) = client.open(&mut turn(&mut sender, begin + 1_000 * MS));
    let told = answers(&reports);
    assert_eq!(told[0], (70, 0x4444_5555, 1 << 15), "its newest time, half a second ago");
    assert_eq!(told.iter().map(|answer| answer.0).collect::<Vec<_>>(), [70, 71, 72, 73]);
    sender.queue(&picture(begin, 10), CAMERA, numbers(3, 7_000));
    let (_, reports) = client.open(&mut turn(&mut sender, begin + 2_000 * MS));
    assert_eq!(answers(&reports), [], "answered once");
}

#[test]
fn how_far_away_somebody_is_who_only_publishes_comes_from_their_answer_to_us() {
    let begin = Instant::now();
    let (mut sender, mut client) = sender(begin, &SLOTS);
    assert!(sender.is_unmeasured() && sender.round_trip().is_none());
    let name = sender.reports.name();
    let told = ntp::middle(wall(begin));
    // It came half a way later, and was answered after 200 ms.
    let delay = ntp::units(200 * MS);
    let now = begin + 280 * MS;
    let hear = |sender: &mut Sender, client: &mut Client, answers: &[(u32, u32, u32)]| {
        let answer = client.report(|out| receiver_time_answers(out, 5, answers).unwrap());
        sender.feedback(now, wall(now), &answer).unwrap();
        sender.round_trip().map(|trip| trip.as_millis())
    };
    assert_eq!(
        hear(&mut sender, &mut client, &[(name.wrapping_add(1), told, delay)]),
        None,
        "of somebody else"
    );
    assert_eq!(
        hear(&mut sender, &mut client, &[(name, told.wrapping_sub(20 << 16), 0)]),
        None,
        "that is a mistake"
    );
    let trip = hear(&mut sender, &mut client, &[(1, 2, 3), (name, told, delay)]).unwrap();
    assert!((79..=80).contains(&trip), "{trip}");
    assert!(sender.is_unmeasured(), "it is asked again");
}

//! What is said to the client of what it publishes.

use super::*;

#[test]
fn each_source_that_sent_is_reported_with_its_losses_and_the_time_it_told() {
    let mut pair = Pair::new();
    for index in [100, 101, 103] {
        pair.send(&picture(index)).unwrap();
    }
    let voice = |index| Sent {
        ssrc: SPEAKER,
        payload_type: OPUS,
        ..picture(index)
    };
    pair.send(&voice(1)).unwrap();
    pair.again(1, 102, b"again").unwrap();
    pair.receiver.heard(pair.now, LENS, 0x1234);
    pair.receiver.heard(pair.now, 4_711, 0x1234);
    pair.now += 200 * MS;
    let said = pair.told();
    let [Said::Report(blocks)] = &said[..] else { panic!("{said:?}") };
    let [lens, speaker] = &blocks[..] else { panic!("{blocks:?}") };
    let expected = rtcp::Block {
        ssrc: LENS,
        fraction: 64,
        // It was lost, and repaired by another source.
        cumulative: 1,
        highest_seq: 103,
        jitter: 0,
        lsr: 0x1234,
        dlsr: rtp::ntp::units(200 * MS),
    };
    assert_eq!(*lens, expected);
    assert_eq!((speaker.ssrc, speaker.lsr, speaker.dlsr), (SPEAKER, 0, 0));
    pair.now += 5_000 * MS;
    assert!(pair.told().is_empty(), "who sends nothing is not reported");
    assert_eq!(pair.receiver.deadline(), None);
    // Pictures each second, sound each five.
    pair.send(&picture(104)).unwrap();
    pair.send(&voice(2)).unwrap();
    let mut counts = [0; 2];
    for step in 0..500_u64 {
        pair.now += 20 * MS;
        pair.send(&picture(105 + step)).unwrap();
        pair.send(&voice(3 + step)).unwrap();
        for said in pair.told() {
            let Said::Report(blocks) = said else { panic!("{said:?}") };
            for block in blocks {
                counts[usize::from(block.ssrc == SPEAKER)] += 1;
            }
        }
    }
    assert_eq!(counts, [10, 2]);
}

#[test]
fn more_sources_than_a_report_holds_are_in_several() {
    let mut pair = Pair::new();
    for ssrc in 1_000..1_040 {
        let sent = Sent {
            ssrc,
            extensions: &[(MID, b"2"), (RID, b"h")],
            ..picture(1)
        };
        pair.send(&sent).unwrap();
    }
    pair.now += 200 * MS;
    let blocks: Vec<usize> = pair.told().iter().map(|said| matches!(said, Said::Report(_)).into()).collect();
    assert_eq!(blocks, [1, 1]);
    assert!(pair.told().is_empty());
}

#[test]
fn key_frames_are_asked_of_the_source_that_a_layer_comes_from() {
    let mut pair = Pair::new();
    assert!(!pair.receiver.request_keyframe(CAMERA, Layer(0)), "nobody to ask");
    assert!(!pair.receiver.is_due(pair.now));
    pair.send(&picture(1)).unwrap();
    for ssrc in [HIGH, HIGH + 10] {
        let sent = Sent {
            ssrc,
            extensions: &[(MID, b"2"), (RID, b"h")],
            ..picture(1)
        };
        pair.send(&sent).unwrap();
    }
    assert!(pair.receiver.request_keyframe(LAYERS, Layer(1)));
    assert!(pair.receiver.request_keyframe(LAYERS, Layer(1)));
    assert!(!pair.receiver.request_keyframe(LAYERS, Layer(0)));
    assert!(pair.receiver.is_due(pair.now));
    assert_eq!(pair.told(), [Said::Refresh(HIGH + 10)], "once");
    assert!(pair.receiver.request_keyframe(CAMERA, Layer(0)));
    assert_eq!(pair.told(), [Said::Refresh(LENS)]);
}

#[test]
fn arrivals_are_told_while_packets_come_if_the_client_wants_to_know() {
    let mut pair = Pair::new();
    let told = |pair: &mut Pair| {
        let mut told = Vec::new();
        for (step, number) in (1..).zip([[0xff, 0xfe], [0xff, 0xff], [0, 1], [0, 0]]) {
            let sent = Sent {
                extensions: &[(TRANSPORT, &number)],
                ..picture(step)
            };
            pair.send(&sent).unwrap();
            pair.now += 30 * MS;
            told.extend(pair.told());
        }
        told
    };
    let arrived = |numbers: &[u16]| Said::Arrived(numbers.to_vec());
    assert_eq!(told(&mut pair), [arrived(&[0xfffe])]);
    pair.now += 10 * MS;
    assert_eq!(pair.told(), [arrived(&[0xffff, 0, 1])]);
    assert!(!pair.told().contains(&arrived(&[])));
    let mut silent = Pair::new();
    silent.session.extensions.transport = None;
    assert_eq!(told(&mut silent), []);
}

#[test]
fn with_a_report_goes_the_time_where_the_way_is_not_known() {
    let mut pair = Pair::new();
    let mut said = |time, index| {
        pair.speaker.time = time;
        pair.send(&picture(index)).unwrap();
        pair.now += 1_000 * MS;
        pair.told()
    };
    assert!(matches!(&said(None, 1)[..], [Said::Report(_)]));
    let asked = said(Some(0x0123_4567_89ab_cdef), 2);
    assert!(
        matches!(&asked[..], [Said::Report(_), Said::Time(Some(0x0123_4567_89ab_cdef))]),
        "{asked:?}"
    );
    pair.speaker.time = Some(1);
    pair.now += 5_000 * MS;
    assert_eq!(pair.told(), [], "with nothing to report nothing is asked");
}

//! Retransmissions, and what is asked for.

use super::*;

/// A retransmission of a layer.
fn again(ssrc: u32, index: u64, extensions: &'static [(u8, &'static [u8])], payload: &'static [u8]) -> Sent<'static> {
    Sent {
        ssrc,
        payload_type: RTX,
        extensions,
        payload,
        ..picture(index)
    }
}

const LOW_REPAIRED: &[(u8, &[u8])] = &[(MID, b"2"), (REPAIRED, b"l")];

#[test]
fn a_packet_that_is_sent_again_is_the_one_that_was_lost_and_comes_once() {
    let mut pair = Pair::new();
    for index in [65_534, 65_535, 65_538] {
        pair.send(&picture(index)).unwrap();
    }
    let packet = pair.again(1, 65_536, b"again").unwrap();
    assert_eq!((packet.ssrc, packet.index, packet.codec), (LENS, 65_536, Codec::Vp8));
    assert_eq!((packet.line, packet.layer, &packet.payload[..]), (CAMERA, Layer(0), &b"again"[..]));
    assert!(pair.again(2, 65_536, b"again").is_none(), "repaired before");
    assert!(pair.again(3, 65_535, b"again").is_none(), "never lost");
    assert!(pair.send(&picture(65_536)).is_none(), "late, and repaired");
    assert!(pair.send(&picture(65_537)).is_some());
    assert!(pair.again(4, 65_537, b"again").is_none());
}

#[test]
fn empty_retransmissions_only_probe_the_path() {
    let mut pair = Pair::new();
    pair.send(&picture(1)).unwrap();
    let number: &[(u8, &[u8])] = &[(TRANSPORT, &[0, 5])];
    let padding = Sent {
        extensions: number,
        ..again(LENS_RTX, 1, &[], b"")
    };
    assert!(pair.send(&padding).is_none());
    assert!(pair.send(&again(LENS_RTX, 2, &[], b"\0")).is_none(), "not even a number");
    // Browsers probe from the source 0, before anything else, too.
    let probe = Sent {
        ssrc: 0,
        payload_type: 100,
        extensions: &[(TRANSPORT, &[0, 6])],
        ..picture(1)
    };
    assert!(pair.send(&probe).is_none());
    pair.now += 100 * MS;
    assert_eq!(pair.told(), [Said::Arrived(vec![5, 6])]);
}

#[test]
fn retransmissions_of_a_layer_are_known_by_its_name() {
    let mut pair = Pair::new();
    let early = again(LOW_RTX, 1, LOW_REPAIRED, b"\0\x02early");
    assert!(pair.send(&early).is_none(), "of nothing that is known yet");
    for index in [1, 4] {
        let sent = Sent {
            ssrc: LOW,
            extensions: LOW_NAMED,
            ..picture(index)
        };
        pair.send(&sent).unwrap();
    }
    let packet = pair.send(&again(LOW_RTX, 2, LOW_REPAIRED, b"\0\x02again")).unwrap();
    assert_eq!((packet.ssrc, packet.index, packet.line, packet.layer), (LOW, 2, LAYERS, Layer(0)));
    assert_eq!(
        pair.send(&again(LOW_RTX, 3, &[], b"\0\x03again")).unwrap().index,
        3,
        "it is known by now"
    );
    let of_media = again(LOW, 5, &[], b"\0\x03again");
    assert!(pair.send(&of_media).is_none(), "media is sent again from another source");
    assert!(
        pair.send(&Sent {
            payload_type: VP8,
            ..again(LOW_RTX, 4, &[], b"12")
        })
        .is_none()
    );
}

#[test]
fn nothing_repairs_what_is_no_media_of_its_line() {
    let mut pair = Pair::new();
    // The description joins what cannot be: each repairs the other, and one the source of another line.
    let joined = [(LENS, LENS_RTX), (LENS_RTX, LENS), (80, SPEAKER), (SPEAKER, 81)];
    pair.session.lines[1].named = joined.map(|(ssrc, rtx)| Named { ssrc, rtx: Some(rtx) }).to_vec();
    let voice = Sent {
        ssrc: SPEAKER,
        payload_type: OPUS,
        ..picture(1)
    };
    assert_eq!(place(pair.send(&voice)), Some((VOICE, 0)));
    assert!(pair.send(&again(81, 1, &[], b"\0\x02again")).is_none());
    assert!(pair.send(&again(LENS, 1, &[], b"\0\x02again")).is_none());
    assert!(pair.send(&again(LENS_RTX, 1, &[], b"\0\x02again")).is_none());
}

#[test]
fn what_is_missing_of_video_is_asked_for_until_it_comes() {
    let mut pair = Pair::new();
    for index in [65_534, 65_538] {
        pair.send(&picture(index)).unwrap();
    }
    assert!(pair.told().is_empty(), "it may only be late");
    assert_eq!(pair.receiver.deadline(), Some(pair.now + 5 * MS));
    pair.now += 5 * MS;
    assert_eq!(pair.told(), [Said::Lost(LENS, vec![65_535, 0, 1])]);
    pair.again(1, 65_536, b"again").unwrap();
    pair.now += 54 * MS;
    assert!(pair.told().is_empty(), "a round trip and a little more");
    pair.now += MS;
    assert_eq!(pair.told(), [Said::Lost(LENS, vec![65_535, 1])]);
    pair.send(&picture(65_535)).unwrap();
    pair.send(&picture(65_537)).unwrap();
    pair.now += 60 * MS;
    assert!(pair.told().is_empty());
}

#[test]
fn sound_and_what_is_not_sent_again_are_not_asked_for() {
    let mut pair = Pair::new();
    let voice = |index| Sent {
        ssrc: SPEAKER,
        payload_type: OPUS,
        ..picture(index)
    };
    pair.send(&voice(1)).unwrap();
    pair.send(&voice(9)).unwrap();
    pair.session.formats.codecs[Codec::Vp8.index()].as_mut().unwrap().rtx = None;
    pair.send(&picture(1)).unwrap();
    pair.send(&picture(9)).unwrap();
    pair.now += 50 * MS;
    assert!(pair.told().is_empty());
}

#[test]
fn more_than_a_datagram_holds_is_asked_for_in_several() {
    let mut pair = Pair::new();
    // Every second packet of two cameras is lost.
    for step in 0..200 {
        pair.send(&picture(2 * step)).unwrap();
        let sent = Sent {
            ssrc: LOW,
            extensions: LOW_NAMED,
            ..picture(40 * step)
        };
        pair.send(&sent).unwrap();
    }
    pair.now += 5 * MS;
    let lost = |said: Vec<Said>, of: u32| -> Vec<u16> {
        let lost = said.into_iter().filter_map(|said| match said {
            Said::Lost(ssrc, lost) if ssrc == of => Some(lost),
            _ => None,
        });
        lost.flatten().collect()
    };
    let said = pair.told();
    assert!(said.len() > 2);
    let expected: Vec<u16> = (0..199).map(|step| 2 * step + 1).collect();
    assert_eq!(lost(said.clone(), LENS), expected);
    // Of the other one more was lost than anybody keeps; what was lost last is asked for.
    let low = lost(said, LOW);
    assert!(low.len() <= 512 && low.contains(&(40 * 199 - 1)), "{low:?}");
}

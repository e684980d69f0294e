//! What a client may not bring about.

use super::*;

/// A picture of a layer whose names are in the packet.
fn high(ssrc: u32, index: u64) -> Sent<'static> {
    Sent {
        ssrc,
        extensions: &[(MID, b"2"), (RID, b"h")],
        ..picture(index)
    }
}

fn high_again(ssrc: u32, index: u64, payload: &'static [u8]) -> Sent<'static> {
    Sent {
        ssrc,
        payload_type: RTX,
        extensions: &[(MID, b"2"), (REPAIRED, b"h")],
        payload,
        ..picture(index)
    }
}

#[test]
fn what_is_missing_of_all_sources_together_has_a_bound() {
    let mut pair = Pair::new();
    let missing = |pair: &Pair| missing(&pair.receiver.tracks);
    for index in [0, 257, 514] {
        pair.send(&picture(index)).unwrap();
        pair.send(&high(HIGH, index)).unwrap();
    }
    assert_eq!(missing(&pair), MOST_MISSING);
    let low = |index| Sent {
        ssrc: LOW,
        extensions: &[(MID, b"2"), (RID, b"l")],
        ..picture(index)
    };
    for index in [0, 3, 6] {
        pair.send(&low(index)).unwrap();
    }
    assert_eq!(missing(&pair), MOST_MISSING, "of the third nothing is asked for");
    // What was repaired makes room for what is lost then.
    for (number, index) in (1..257).enumerate() {
        pair.again(number as u64, index, b"again").unwrap();
    }
    pair.send(&low(9)).unwrap();
    assert_eq!(missing(&pair), MOST_MISSING - 256 + 2);
}

#[test]
fn of_a_source_that_lost_its_place_nothing_is_asked_for() {
    let mut pair = Pair::new();
    for index in [1, 4] {
        pair.send(&high(HIGH, index)).unwrap();
    }
    pair.send(&high(34, 1)).unwrap();
    assert_eq!(missing(&pair.receiver.tracks), 0);
    for index in [1, 4] {
        pair.send(&high(35, index)).unwrap();
    }
    assert_eq!(missing(&pair.receiver.tracks), 2, "but of the one that has it");
}

#[test]
fn a_line_of_sound_is_no_way_for_repaired_pictures() {
    let mut pair = Pair::new();
    let twin = SPEAKER + 1;
    pair.session.lines[0].named = vec![Named {
        ssrc: SPEAKER,
        rtx: Some(twin),
    }];
    let voice = |ssrc, index, payload_type, payload| Sent {
        ssrc,
        payload_type,
        payload,
        ..picture(index)
    };
    assert!(pair.send(&voice(twin, 1, OPUS, b"voice")).is_none());
    for index in [1, 3] {
        pair.send(&voice(SPEAKER, index, OPUS, b"voice")).unwrap();
    }
    assert!(pair.send(&voice(twin, 2, RTX, b"\0\x02picture")).is_none());
    assert_eq!(pair.send(&voice(SPEAKER, 2, OPUS, b"voice")).unwrap().codec, Codec::Opus);
}

#[test]
fn a_late_repair_of_one_source_is_no_packet_of_the_next() {
    let mut pair = Pair::new();
    for index in [29_989, 29_991] {
        pair.send(&high(HIGH, index)).unwrap();
    }
    let repaired = pair.send(&high_again(60, 1, b"\x75\x26again")).unwrap();
    assert_eq!((repaired.ssrc, repaired.index), (HIGH, 29_990));
    // Numbers of the next one that fit those of the first, and such that do not.
    for (next, begin) in [(34, 100), (35, 29_900)] {
        for index in begin..begin + 50 {
            pair.send(&high(next, index)).unwrap();
        }
        assert!(
            pair.send(&high_again(60, begin, b"\x75\x2cagain")).is_none(),
            "by the source that repaired the first"
        );
        assert!(
            pair.send(&high_again(next + 100, begin, b"\x79\xf5again")).is_none(),
            "far ahead: 31,221"
        );
        assert!(pair.send(&high(next, begin + 51)).is_some(), "it goes on");
        let lost = u16::try_from(begin + 50).unwrap().to_be_bytes();
        let payload: &'static [u8] = Box::leak([&lost[..], b"again"].concat().into_boxed_slice());
        let repaired = pair.send(&high_again(next + 100, begin + 1, payload)).unwrap();
        assert_eq!((repaired.ssrc, repaired.index), (next, begin + 50), "what is its own comes");
    }
}

#[test]
fn a_named_repair_of_who_lost_the_place_is_not_taken() {
    let mut pair = Pair::new();
    pair.session.lines[1].named.push(Named { ssrc: 25, rtx: Some(26) });
    for index in [1, 3] {
        pair.send(&picture(index)).unwrap();
    }
    pair.send(&Sent { ssrc: 25, ..picture(1) }).unwrap();
    assert!(pair.again(1, 2, b"again").is_none());
    for index in [1, 3] {
        pair.send(&Sent {
            ssrc: 25,
            ..picture(index + 1)
        })
        .unwrap();
    }
    let payload = b"\0\x03again";
    let again = Sent {
        ssrc: 26,
        payload_type: RTX,
        payload,
        ..picture(1)
    };
    assert_eq!(pair.send(&again).unwrap().ssrc, 25);
}

#[test]
fn padding_takes_no_place_that_somebody_has() {
    let mut pair = Pair::new();
    let padding = |ssrc, index| Sent {
        payload: b"",
        ..high(ssrc, index)
    };
    assert!(pair.send(&padding(34, 1)).is_some(), "nobody has it");
    pair.send(&high(HIGH, 1)).unwrap();
    assert!(pair.send(&padding(34, 2)).is_none());
    assert!(pair.send(&padding(35, 1)).is_none(), "of a source that is new");
    assert!(pair.send(&padding(HIGH, 2)).is_some(), "its own");
    assert!(pair.send(&high(HIGH, 3)).is_some());
}

#[test]
fn a_source_that_finds_its_place_anew_is_as_a_new_one() {
    let mut pair = Pair::new();
    pair.send(&picture(1)).unwrap();
    pair.send(&high(HIGH, 1)).unwrap();
    // The camera's source is on another line now, whose own one spoke a moment ago.
    let mut session = super::session();
    session.lines[1].named.clear();
    session.lines[2].rids.clear();
    session.lines[2].named = vec![Named { ssrc: LENS, rtx: None }, Named { ssrc: HIGH, rtx: None }];
    let before = std::mem::replace(&mut pair.session, session);
    pair.receiver.negotiate(&before, &pair.session);
    pair.send(&Sent { ssrc: HIGH, ..picture(2) });
    assert_eq!(place(pair.send(&picture(2))), Some((LAYERS, 0)));
}

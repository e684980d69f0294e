//! Which datagrams are believed, and of which publication they are.

use super::*;

const LONG: &[u8] = b"named0";

/// A packet of a layer, with these extensions.
fn layer(ssrc: u32, index: u64, extensions: &'static [(u8, &'static [u8])]) -> Sent<'static> {
    Sent {
        ssrc,
        extensions,
        ..picture(index)
    }
}

const HIGH_NAMED: &[(u8, &[u8])] = &[(MID, b"2"), (RID, b"h")];

#[test]
fn a_packet_is_opened_and_read_with_its_extensions() {
    let mut pair = Pair::new();
    let voice = Sent {
        ssrc: SPEAKER,
        payload_type: OPUS,
        extensions: &[(LEVEL, &[0x80 | 30]), (9, b"unknown")],
        payload: b"words",
        ..picture(7)
    };
    let packet = pair.send(&voice).unwrap();
    assert_eq!(
        (packet.ssrc, packet.index, packet.timestamp, packet.marker),
        (SPEAKER, 7, 3_000, true)
    );
    assert_eq!((packet.line, packet.layer, packet.codec), (VOICE, Layer(0), Codec::Opus));
    assert_eq!(
        (&packet.payload[..], packet.level, packet.orientation),
        (&b"words"[..], Some(0x80 | 30), None)
    );
    // The descriptor is longer than one-byte extensions are.
    let long: &[u8] = &[5; 20];
    let picture = Sent {
        extensions: &[(TURNED, &[1]), (DESCRIPTOR, long)],
        ..picture(7)
    };
    let packet = pair.send(&picture).unwrap();
    assert_eq!((packet.orientation, packet.descriptor.as_deref()), (Some(1), Some(long)));
}

#[test]
fn numbers_go_around_and_each_is_taken_once() {
    let mut pair = Pair::new();
    for index in [65_530, 65_531, 65_533, 65_536, 65_532, 65_539, 65_535] {
        assert_eq!(pair.send(&picture(index)).unwrap().index, index);
    }
    for index in [65_530, 65_539, 65_535] {
        assert!(pair.send(&picture(index)).is_none(), "{index} came before");
    }
    assert_eq!(pair.send(&picture(65_534)).unwrap().index, 65_534, "late, but new");
    assert_eq!(pair.send(&picture(65_540)).unwrap().index, 65_540);
}

#[test]
fn what_is_forged_or_cut_changes_nothing() {
    let mut pair = Pair::new();
    pair.send(&picture(10)).unwrap();
    let said = format!("{:?}", (pair.receiver.deadline(), &pair.receiver.ssrcs, &pair.receiver.tracks));
    let genuine = pair.seal(&picture(11));
    let mut numbered = genuine.clone();
    // A number far ahead: had it been believed, the next ones would be too late.
    numbered[2] = 0x70;
    let mut stranger = pair.seal(&layer(HIGH, 1, HIGH_NAMED));
    *stranger.last_mut().unwrap() ^= 1;
    for forged in [
        &numbered[..],
        &stranger[..],
        &genuine[..genuine.len() - 1],
        &genuine[..20],
        &genuine[..5],
        &[],
    ] {
        assert!(pair.take(forged).is_none());
    }
    let theirs = keys(Side::Server);
    let mut foreign = genuine.clone();
    let text = foreign.len() - theirs.sealer.tag();
    foreign[12..text].copy_from_slice(b"picture");
    theirs.sealer.seal_rtp(&mut foreign, 12, 11).unwrap();
    assert!(pair.take(&foreign).is_none(), "under other keys");
    assert_eq!(
        said,
        format!("{:?}", (pair.receiver.deadline(), &pair.receiver.ssrcs, &pair.receiver.tracks))
    );
    assert!(matches!(pair.take(&genuine), Some(Taken::Packet(_))));
    assert!(matches!(pair.take(&genuine), Some(Taken::Nothing)), "sent again by who heard it");
}

#[test]
fn before_the_handshake_nothing_is_read() {
    let pair = Pair::new();
    let datagram = pair.seal(&picture(1));
    let mut receiver = Receiver::default();
    assert!(receiver.receive(pair.now, &pair.session, &datagram).is_none());
}

#[test]
fn padding_is_taken_off_and_nothing_else() {
    let mut pair = Pair::new();
    let padded = |pair: &Pair, index: u64, payload: &[u8]| {
        let mut datagram = vec![0; 200];
        let fields = Fields {
            payload_type: VP8,
            marker: false,
            sequence: u16::try_from(index).unwrap(),
            timestamp: 0,
            ssrc: LENS,
        };
        let header = write_header(&mut datagram, &fields, &[]).unwrap();
        datagram[0] |= 0x20;
        let end = header + payload.len();
        datagram[header..end].copy_from_slice(payload);
        pair.sealed(datagram, header, end, index)
    };
    let cases: [(&[u8], Option<&[u8]>); 6] = [
        (&[1, 2, 0, 0, 3], Some(&[1, 2])),
        (&[1, 2, 0], Some(&[1, 2, 0])),
        (&[0, 0, 3], Some(&[])),
        (&[1], Some(&[])),
        (&[], Some(&[])),
        (&[1, 4], None),
    ];
    for (index, (payload, expected)) in (1..).zip(cases) {
        let datagram = padded(&pair, index, payload);
        let payload = match pair.take(&datagram) {
            Some(Taken::Packet(packet)) => Some(packet.payload.to_vec()),
            _ => None,
        };
        assert_eq!(payload.as_deref(), expected, "case {index}");
    }
}

#[test]
fn sources_are_known_by_the_description_by_their_names_and_by_a_type_that_one_line_has() {
    let mut pair = Pair::new();
    assert_eq!(place(pair.send(&picture(1))), Some((CAMERA, 0)), "named by the description");
    assert_eq!(place(pair.send(&layer(LOW, 1, LOW_NAMED))), Some((LAYERS, 0)));
    assert_eq!(place(pair.send(&layer(HIGH, 1, HIGH_NAMED))), Some((LAYERS, 1)));
    // Once it is known, no names are needed.
    assert_eq!(place(pair.send(&layer(HIGH, 2, &[]))), Some((LAYERS, 1)));
    let voice = |ssrc, extensions| Sent {
        payload_type: OPUS,
        ..layer(ssrc, 1, extensions)
    };
    assert_eq!(place(pair.send(&voice(12, &[(MID, b"0")]))), Some((VOICE, 0)));
    assert_eq!(place(pair.send(&voice(13, &[]))), Some((VOICE, 0)), "nobody else sends sound");
    let nobodys: [&'static [(u8, &'static [u8])]; 7] = [
        &[],
        &[(MID, b"2")],
        &[(RID, b"l")],
        &[(MID, b"2"), (RID, b"m")],
        &[(MID, b"7"), (RID, b"l")],
        &[(MID, b"0")],
        &[(MID, b"\xff")],
    ];
    for (ssrc, nobodys) in (40..).zip(nobodys) {
        assert!(pair.send(&layer(ssrc, 1, nobodys)).is_none(), "{nobodys:?}");
        assert!(!pair.receiver.ssrcs.contains(&ssrc), "what nobody knows costs nothing");
    }
    let unknown = Sent {
        payload_type: 100,
        ..layer(50, 1, LOW_NAMED)
    };
    assert!(pair.send(&unknown).is_none());
    let loud = Sent {
        payload_type: OPUS,
        ..picture(2)
    };
    assert!(pair.send(&loud).is_none(), "sound is no picture");
}

#[test]
fn names_may_be_in_the_two_byte_form_and_are_as_str0m_keeps_them() {
    let mut pair = Pair::new();
    pair.session.lines[1].mid = "named0".into();
    pair.session.lines[0].mid = "a-name-of-more-than-sixteen".into();
    let extensions: &[(u8, &[u8])] = &[(MID, LONG), (DESCRIPTOR, &[0; 17])];
    let sent = Sent {
        ssrc: 60,
        extensions,
        ..picture(1)
    };
    assert_eq!(place(pair.send(&sent)), Some((CAMERA, 0)));
    let voice = Sent {
        ssrc: 61,
        payload_type: OPUS,
        extensions: &[(MID, b"a-name-of-more-than-sixteen")],
        ..picture(1)
    };
    assert_eq!(place(pair.send(&voice)), Some((VOICE, 0)));
}

#[test]
fn another_source_takes_the_place_of_one_and_late_packets_of_that_do_not_take_it_back() {
    let mut pair = Pair::new();
    assert!(pair.send(&layer(LOW, 1, LOW_NAMED)).is_some());
    assert!(pair.send(&layer(70, 1, LOW_NAMED)).is_some());
    assert!(pair.send(&layer(LOW, 2, LOW_NAMED)).is_none());
    assert!(pair.send(&layer(70, 2, LOW_NAMED)).is_some());
    pair.now += 2_000 * MS;
    assert!(pair.send(&layer(LOW, 3, LOW_NAMED)).is_some(), "unless the other one is silent");
    assert!(pair.send(&layer(70, 3, LOW_NAMED)).is_none());
}

#[test]
fn another_negotiation_forgets_neither_numbers_nor_sources_that_go_on() {
    let mut pair = Pair::new();
    let old = pair.seal(&layer(HIGH, 65_535, HIGH_NAMED));
    pair.take(&old).unwrap();
    assert!(pair.send(&layer(HIGH, 65_536, &[])).is_some());
    assert!(pair.send(&picture(5)).is_some());
    let mut next = session();
    next.lines[1].mid = "other".into();
    next.lines[1].named.clear();
    let before = std::mem::replace(&mut pair.session, next);
    pair.receiver.negotiate(&before, &pair.session);
    assert!(matches!(pair.take(&old), Some(Taken::Nothing)));
    assert_eq!(
        pair.send(&layer(HIGH, 65_537, &[])).unwrap().index,
        65_537,
        "browsers do not name it again"
    );
    // The m-line is another one now: the source has to say that it is on it.
    assert!(pair.send(&picture(6)).is_none());
    let named = Sent {
        extensions: &[(MID, b"other")],
        ..picture(6)
    };
    assert_eq!(place(pair.send(&named)), Some((CAMERA, 0)));
    assert!(pair.send(&Sent { ..picture(5) }).is_none(), "its numbers are not forgotten");
    // What the description says of a source counts more than where it was.
    let mut next = session();
    next.lines[1].named.clear();
    next.lines[1].mid = "other".into();
    next.lines[2].rids.clear();
    next.lines[2].named = vec![Named { ssrc: LENS, rtx: None }];
    let before = std::mem::replace(&mut pair.session, next);
    pair.receiver.negotiate(&before, &pair.session);
    assert_eq!(place(pair.send(&picture(7))), Some((LAYERS, 0)));
}

#[test]
fn a_client_may_have_so_many_sources_and_no_more() {
    let mut pair = Pair::new();
    for ssrc in 1_000..1_512 {
        assert!(pair.send(&layer(ssrc, 1, LOW_NAMED)).is_some());
    }
    let one_more = pair.seal(&layer(1_512, 1, LOW_NAMED));
    let mut forged = one_more.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert!(pair.take(&forged).is_none(), "only the client itself can have too many");
    assert!(matches!(pair.take(&one_more), Some(Taken::TooMany)));
    assert!(pair.send(&layer(1_511, 2, LOW_NAMED)).is_some());
}

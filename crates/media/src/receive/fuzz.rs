//! What the fuzzers run of the ingress: packets that a client seals, whatever is in them. It panics when an invariant does not hold, so it belongs to no
//! product path.
#![expect(clippy::panic, reason = "what does not hold is said by panicking")]

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rtp::header::Header;
use rtp::rtcp;
use srtp::{Keys, LONGEST_TAG, Profile, Side};

use super::{Extensions, Named, Receiver, Speaker, Taken};
use crate::peer::{LineInfo, Session};
use crate::routing::Codec;
use crate::send::{Format, Formats};

/// Datagrams that one turn may write.
const MOST_COMPOUNDS: usize = 64;

struct Ends {
    server: Arc<Keys>,
    client: Keys,
    session: Session,
}

/// Keys and a session that are always the same.
fn ends() -> Option<&'static Ends> {
    static ENDS: OnceLock<Option<Ends>> = OnceLock::new();
    let make = || {
        let material: Vec<u8> = (0..88).collect();
        let keys = |side| Keys::derive(&material, Profile::AeadAes128Gcm, side).ok();
        Some(Ends {
            server: Arc::new(keys(Side::Server)?),
            client: keys(Side::Client)?,
            session: session(),
        })
    };
    ENDS.get_or_init(make).as_ref()
}

/// A voice, a camera that is named, and one in layers.
fn session() -> Session {
    let line = |mid: &str, codec: Codec| LineInfo {
        audio: codec.is_audio(),
        sends: true,
        codecs: [codec].into_iter().collect(),
        ..LineInfo::nothing(mid.into())
    };
    let mut formats = Formats::default();
    for (codec, payload_type, rtx) in [(Codec::Opus, 111, None), (Codec::Vp8, 96, Some(97))] {
        formats.set(codec, Format { payload_type, rtx });
    }
    Session {
        lines: vec![
            LineInfo {
                named: vec![Named { ssrc: 11, rtx: Some(12) }],
                ..line("0", Codec::Opus)
            },
            LineInfo {
                named: vec![Named { ssrc: 1, rtx: Some(2) }],
                ..line("1", Codec::Vp8)
            },
            LineInfo {
                rids: vec!["l".into(), "h".into()],
                ..line("2", Codec::Vp8)
            },
        ],
        formats,
        extensions: Extensions {
            mid: Some(4),
            rid: Some(10),
            repaired: Some(11),
            level: Some(1),
            orientation: Some(13),
            dependency: Some(12),
            transport: Some(3),
        },
        ..Session::default()
    }
}

/// Packets one behind the other, each behind two bytes: how it is sent, and its length.
pub(crate) fn publications(mut bytes: &[u8]) {
    let Some(ends) = ends() else { panic!("no keys") };
    let mut receiver = Receiver::default();
    receiver.open(Arc::clone(&ends.server));
    let (mut now, mut taken) = (Instant::now(), HashSet::new());
    while let Some(([how, length], rest)) = bytes.split_first_chunk() {
        let (packet, rest) = rest.split_at_checked(usize::from(*length)).unwrap_or((rest, &[]));
        bytes = rest;
        now += Duration::from_millis(u64::from(how >> 2));
        let datagram = if how & 1 == 1 {
            packet.to_vec()
        } else {
            sealed(&ends.client, packet, u64::from(how >> 1 & 1))
        };
        match receiver.receive(now, &ends.session, &datagram) {
            Some(Taken::Packet(packet)) => {
                assert!(taken.insert((packet.ssrc, packet.index)), "a number was taken twice");
                assert!(
                    ends.session
                        .info(packet.line)
                        .is_some_and(|info| info.audio == packet.codec.is_audio())
                );
            }
            Some(Taken::Nothing | Taken::TooMany) | None => {}
        }
        let again = receiver.receive(now, &ends.session, &datagram);
        assert!(!matches!(again, Some(Taken::Packet(_))), "a datagram was taken twice");
        said(&mut receiver, now);
    }
    said(&mut receiver, now + Duration::from_secs(1));
}

/// What is said can be read, and comes to an end.
fn said(receiver: &mut Receiver, now: Instant) {
    let speaker = Speaker {
        name: 7,
        round_trip: None,
        time: Some(1),
    };
    let mut compounds = 0;
    while receiver.is_due(now) {
        let mut out = [0; 1_100];
        let length = receiver.write(now, speaker, &mut out).unwrap_or_default();
        let plain = out.get(..length).unwrap_or_default();
        assert!(rtcp::packets(plain).all(|packet| packet.is_ok()), "what was written cannot be read");
        compounds += 1;
        assert!(compounds < MOST_COMPOUNDS, "it never ends");
    }
    assert!(receiver.deadline().is_none_or(|at| at > now));
}

/// As the client would seal it; what has no header stays as it is.
fn sealed(keys: &Keys, packet: &[u8], rounds: u64) -> Vec<u8> {
    let Ok(header) = Header::parse_sealed(packet) else {
        return packet.to_vec();
    };
    let (length, index) = (header.header_len(), rounds << 16 | u64::from(header.sequence));
    let mut datagram = packet.to_vec();
    datagram.resize(packet.len() + keys.sealer.tag().min(LONGEST_TAG), 0);
    let sealed = keys.sealer.seal_rtp(&mut datagram, length, index);
    assert!(sealed.is_ok(), "a packet with a header can be sealed");
    datagram
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rtp::{Fields, write_header};

    use super::*;

    /// A packet as a client could send it, and how.
    fn packet() -> impl Strategy<Value = Vec<u8>> {
        let ssrc = prop_oneof![Just(0_u32), Just(1), Just(2), 30..34_u32];
        let payload_type = prop_oneof![Just(96_u8), Just(97), Just(111), Just(100)];
        let sequence = prop_oneof![0..40_u16, 65_500..=65_535_u16, any::<u16>()];
        let name = prop::sample::select(vec![(10_u8, &b"l"[..]), (10, b"h"), (11, b"l"), (11, b"h")]);
        let number = prop_oneof![0..40_u16, any::<u16>()];
        let rest = (any::<u8>(), any::<u32>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..8));
        (ssrc, payload_type, sequence, name, number, rest).prop_map(|(ssrc, payload_type, sequence, name, number, rest)| {
            let (how, timestamp, padded, payload) = rest;
            let fields = Fields {
                payload_type,
                marker: padded,
                sequence,
                timestamp,
                ssrc,
            };
            let number = number.to_be_bytes();
            let mut packet = vec![0; 100];
            let length = write_header(&mut packet, &fields, &[(4, b"2"), name, (3, &number)]).unwrap();
            packet.truncate(length);
            packet.extend(payload);
            packet[0] |= if padded { 0x20 } else { 0 };
            [&[how & 0xfe, u8::try_from(packet.len()).unwrap()], &packet[..]].concat()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn whatever_a_client_seals_keeps_the_invariants(packets in prop::collection::vec(packet(), 1..80)) {
            publications(&packets.concat());
        }
    }
}

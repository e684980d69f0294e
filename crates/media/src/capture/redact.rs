//! What of a datagram may be kept: headers, never what people say or show.
//!
//! * RTP: the header with its extensions (RFC 3550 §5.1, RFC 8285). * RTCP: the first eight bytes; the rest is sealed (RFC 3711 §3.4). * STUN: whole, with the
//!   values of MESSAGE-INTEGRITY blanked, so that nobody can try passwords on them. * DTLS: the header of the first record (RFC 6347 §4.1).
//! * Anything else, and what cannot be read: nothing.

use rtp::Header;
use rtp::demux::{Kind, kind};

/// Longest that is kept of one datagram; STUN messages of ICE have some 150 bytes.
pub(crate) const MOST_KEPT: usize = 512;
/// Header of RTCP with the SSRC of its sender.
const RTCP: usize = 8;
/// Header of a record.
const DTLS: usize = 13;
/// Header of a message.
const STUN: usize = 20;
/// What makes bytes a message (RFC 8489 §5).
const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
/// Attributes whose values are blanked: MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 prove that somebody knows a password (RFC 8489 §14.5, §14.6); DATA
/// of a relay would be somebody's datagram (RFC 8656 §18.4).
const BLANKED: [u16; 3] = [0x0008, 0x001C, 0x0013];

/// What is kept of the datagram, in `place`. Gives its length.
pub(crate) fn keep(datagram: &[u8], place: &mut [u8; MOST_KEPT]) -> usize {
    let length = match kind(datagram) {
        Kind::Rtp => Header::parse_sealed(datagram).map_or(0, |header| header.header_len()),
        Kind::Rtcp => RTCP,
        Kind::Dtls => DTLS,
        Kind::Stun if is_message(datagram) => datagram.len(),
        Kind::Stun | Kind::TurnChannel | Kind::Unknown => 0,
    };
    let length = length.min(datagram.len()).min(MOST_KEPT);
    let (Some(kept), Some(place)) = (datagram.get(..length), place.get_mut(..length)) else {
        return 0;
    };
    place.copy_from_slice(kept);
    if kind(datagram) == Kind::Stun {
        blank(place);
    }
    length
}

/// Whether it is a message of STUN and nothing more: what begins like one and goes on as something else could be anything.
fn is_message(datagram: &[u8]) -> bool {
    let length = datagram.get(2..4).and_then(<[u8]>::first_chunk).copied().map(u16::from_be_bytes);
    datagram.get(4..8) == Some(&COOKIE) && length.is_some_and(|length| STUN + usize::from(length) == datagram.len())
}

fn blank(message: &mut [u8]) {
    let mut at = STUN;
    while let Some(&[k0, k1, l0, l1]) = message.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let value = at + 4;
        if BLANKED.contains(&u16::from_be_bytes([k0, k1])) {
            let end = (value + length).min(message.len());
            if let Some(proof) = message.get_mut(value..end) {
                proof.fill(0);
            }
        }
        at = value + length.next_multiple_of(4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(datagram: &[u8]) -> Vec<u8> {
        let mut place = [0; MOST_KEPT];
        let length = keep(datagram, &mut place);
        place[..length].to_vec()
    }

    /// An RTP packet with an extension of four bytes, and this payload.
    fn packet(payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x90, 0x6F, 0, 7, 0, 0, 0, 9, 0, 0, 0, 1];
        packet.extend([0xBE, 0xDE, 0, 1, 0x10, 0x55, 0, 0]);
        packet.extend(payload);
        packet
    }

    #[test]
    fn of_rtp_the_header_and_its_extensions_are_kept_and_no_payload() {
        let whole = packet(b"what was said in confidence");
        assert_eq!(kept(&whole), whole[..20]);
    }

    #[test]
    fn of_rtcp_and_dtls_the_headers_are_kept() {
        let report: Vec<u8> = [0x81, 0xC9, 0, 7].into_iter().chain(4..40).collect();
        assert_eq!(kept(&report), report[..8]);
        let record: Vec<u8> = [22, 0xFE, 0xFD].into_iter().chain(3..200).collect();
        assert_eq!(kept(&record), record[..13]);
    }

    #[test]
    fn of_stun_all_but_the_proof_is_kept() {
        let mut message = vec![0, 1, 0, 40, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        message.extend([0x00, 0x06, 0, 3, b'a', b':', b'b', 0]);
        message.extend([0x00, 0x08, 0, 20]);
        message.extend([0xEE; 20]);
        message.extend([0x80, 0x28, 0, 4, 1, 2, 3, 4]);
        let kept = kept(&message);
        assert_eq!(kept.len(), message.len());
        assert_eq!(kept[..32], message[..32]);
        assert_eq!(kept[32..52], [0; 20]);
        assert_eq!(kept[52..], message[52..]);
        // With more behind its end, or less of it, it is none.
        let more = [&message[..], b"what was said"].concat();
        assert_eq!(self::kept(&more), b"");
        assert_eq!(self::kept(&message[..56]), b"");
    }

    #[test]
    fn of_what_is_none_of_these_nothing_is_kept() {
        assert_eq!(kept(b""), b"");
        assert_eq!(kept(b"GET / HTTP/1.1"), b"");
        assert_eq!(kept(&[0x90, 0x6F, 0]), b"", "an RTP header that is cut off");
        assert_eq!(kept(&[0x40, 0, 0, 4, 1, 2, 3, 4]), b"", "a channel of a relay");
        assert_eq!(kept(&[1; 64]), b"", "no message of STUN, though it begins like one");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_kept_of_a_payload(payload in proptest::collection::vec(1_u8.., 1..1_200)) {
            let kept = kept(&packet(&payload));
            proptest::prop_assert_eq!(kept.len(), 20);
        }

        #[test]
        fn any_bytes_can_be_looked_at(datagram in proptest::collection::vec(proptest::num::u8::ANY, 0..3_000)) {
            proptest::prop_assert!(kept(&datagram).len() <= datagram.len().min(MOST_KEPT));
        }
    }
}

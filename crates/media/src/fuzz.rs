//! What the fuzzers and the test that replays their corpus run: what a datagram of a stranger reaches before a peer is asked whether it believes it, what
//! packets of a client reach once they are opened, and what captures keep of one. They panic when an invariant does not hold, so they belong to no product path. How they are run: docs/fuzzing.md.

use std::net::{Ipv4Addr, SocketAddr};

use rtp::demux::{Kind, kind};
use str0m::net::{Protocol, Receive};

use crate::capture::redact::{MOST_KEPT, keep};
use crate::receive::fuzz::publications;
use crate::shard::{shard_named, shard_of, stun};

/// Takes any bytes; panics when what it checks does not hold.
pub type Target = fn(&[u8]);

/// Every target by the name of its corpus.
pub const TARGETS: [(&str, Target); 3] = [
    ("media_ingress", ingress),
    ("media_publications", publications),
    ("media_redact", redact),
];

/// Header of a message of STUN (RFC 8489 §5).
const STUN: usize = 20;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const DATA: u16 = 0x0013;
const MESSAGE_INTEGRITY_SHA256: u16 = 0x001C;
const PRIORITY: u16 = 0x0024;

/// Runs the target of this name.
///
/// # Panics
/// When there is none, and when what the target checks does not hold.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    assert!(target.is_some(), "no target is named {name}");
    if let Some((_, target)) = target {
        target(bytes);
    }
}

/// A datagram as it comes from the socket or a link, and a check whose name is made of it.
fn ingress(bytes: &[u8]) {
    let door = shard_of(bytes);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    let read = Receive::new(Protocol::Udp, address, address, bytes);
    match stun(bytes) {
        // Whose path it came by decides alone.
        None => {}
        Some(None) => assert!(door.is_none() && read.is_err(), "one reads what the other does not"),
        Some(Some(message)) => {
            assert!(kind(bytes) == Kind::Stun && read.is_ok(), "one reads what the other does not");
            assert!(is_whole(bytes));
            let name = message.split_username();
            assert!(name.is_some() || !message.is_binding_request(), "a check without a name");
            assert!(name.is_none_or(|(_, theirs)| !theirs.is_empty()));
            assert_eq!(door, name.and_then(|(ours, _)| shard_named(ours)));
            assert!(door.is_none_or(|door| door <= 0xff), "{door:?}");
        }
    }
    let shard = bytes.first().copied().unwrap_or_default();
    let more: String = String::from_utf8_lossy(bytes)
        .chars()
        .filter(|char| *char != ':')
        .take(60)
        .collect();
    let ours = format!("{shard:02x}{more}");
    let check = message(&[
        (USERNAME, format!("{ours}:theirs").as_bytes()),
        (PRIORITY, &[110, 0, 0, 255]),
        (MESSAGE_INTEGRITY, &[0xEE; 20]),
    ]);
    assert_eq!(shard_of(&check), Some(shard.into()));
    let named = |check: &[u8]| stun(check).flatten()?.split_username().map(|(ours, _)| ours.to_owned());
    assert_eq!(named(&check), Some(ours));
}

/// A datagram as a capture keeps it, and as what is in an RTP packet and in a message of STUN.
fn redact(bytes: &[u8]) {
    let kept = kept(bytes);
    let most = match kind(bytes) {
        Kind::Rtp => rtp_header(bytes).unwrap_or_default(),
        Kind::Rtcp => 8,
        Kind::Dtls => 13,
        Kind::Stun if is_whole(bytes) => bytes.len(),
        Kind::Stun | Kind::TurnChannel | Kind::Unknown => 0,
    };
    assert!(kept.len() <= most, "{} bytes kept, {most} are no payload", kept.len());
    let expected = if kind(bytes) == Kind::Stun {
        blanked(bytes)
    } else {
        bytes.to_vec()
    };
    assert_eq!(Some(&kept[..]), expected.get(..kept.len()));

    let (shape, text) = bytes.split_first_chunk().unwrap_or((&[0; 2], bytes));
    let packet = packet(*shape, text);
    let header = rtp_header(&packet).unwrap_or_default();
    assert_eq!(header + text.len(), packet.len());
    assert_eq!(Some(&self::kept(&packet)[..]), packet.get(..header), "of RTP the header");

    let text = text.get(..text.len().min(300)).unwrap_or_default();
    let secret = |proof: u8| {
        let proof = [proof; 32];
        let short = proof.first_chunk::<20>().map_or(&[][..], |short| short);
        message(&[
            (USERNAME, text),
            (DATA, &proof),
            (MESSAGE_INTEGRITY, short),
            (MESSAGE_INTEGRITY_SHA256, &proof),
            (PRIORITY, &[1; 4]),
        ])
    };
    assert_eq!(self::kept(&secret(0xEE)), secret(0), "of STUN all but the proofs");
}

fn kept(datagram: &[u8]) -> Vec<u8> {
    let mut place = [0; MOST_KEPT];
    let length = keep(datagram, &mut place);
    assert!(length <= datagram.len().min(MOST_KEPT), "{length} of {}", datagram.len());
    let (kept, rest) = place.split_at_checked(length).unwrap_or_default();
    assert!(rest.iter().all(|byte| *byte == 0), "something is behind what is kept");
    kept.to_vec()
}

/// Whether it is a message of STUN from its first byte to its last.
fn is_whole(datagram: &[u8]) -> bool {
    let length = datagram.get(2..4).and_then(<[u8]>::first_chunk).copied().map(u16::from_be_bytes);
    datagram.get(4..8) == Some(&COOKIE) && length.is_some_and(|length| STUN + usize::from(length) == datagram.len())
}

/// The message without its proofs and data.
fn blanked(message: &[u8]) -> Vec<u8> {
    let (header, mut rest) = message.split_at_checked(STUN).unwrap_or((message, &[]));
    let mut blanked = header.to_vec();
    while let Some((head @ &[k0, k1, l0, l1], after)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let (value, next) = after.split_at_checked(length).unwrap_or((after, &[]));
        let (padding, next) = next.split_at_checked(length.next_multiple_of(4) - length).unwrap_or((next, &[]));
        let secret = [MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256, DATA].contains(&u16::from_be_bytes([k0, k1]));
        blanked.extend(head);
        blanked.extend(value.iter().map(|byte| if secret { 0 } else { *byte }));
        blanked.extend(padding);
        rest = next;
    }
    blanked.extend(rest);
    blanked
}

/// Bytes of the header of RTP (RFC 3550 §5.1); nothing when it is not all there.
fn rtp_header(packet: &[u8]) -> Option<usize> {
    let first = packet.first()?;
    let fixed = 12 + 4 * usize::from(first & 0x0f);
    let header = match packet.get(fixed..fixed + 4) {
        Some(&[_, _, l0, l1]) if first & 0x10 != 0 => fixed + 4 + 4 * usize::from(u16::from_be_bytes([l0, l1])),
        None if first & 0x10 != 0 => return None,
        _ => fixed,
    };
    (header <= packet.len()).then_some(header)
}

/// An RTP packet with so many contributors and words of extensions as the low bits of `shape` say, and this payload.
fn packet([contributors, words]: [u8; 2], payload: &[u8]) -> Vec<u8> {
    let (contributors, words) = (contributors & 0x0f, words & 0x07);
    let mut packet = vec![0x90 | contributors, 0x6F, 0, 7, 0, 0, 0, 9, 0, 0, 0, 1];
    packet.extend(std::iter::repeat_n(5, 4 * usize::from(contributors)));
    packet.extend([0xBE, 0xDE, 0, words]);
    packet.extend(std::iter::repeat_n(0, 4 * usize::from(words)));
    packet.extend(payload);
    packet
}

/// A check with these attributes.
fn message(attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in attributes {
        body.extend(kind.to_be_bytes());
        body.extend(u16::try_from(value.len()).unwrap_or_default().to_be_bytes());
        body.extend(*value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let length = u16::try_from(body.len()).unwrap_or_default();
    [&[0, 1][..], &length.to_be_bytes(), &COOKIE, &[7; 12], &body].concat()
}

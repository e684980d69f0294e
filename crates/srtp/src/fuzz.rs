//! What the fuzzer and the test that replays its corpus run: opening, of any bytes and of what was sealed. It panics when an invariant does not hold, so
//! it belongs to no product path. How it is run: docs/fuzzing.md.

use crate::{Keys, OpenedRtcp, Opener, Profile, Sealer, Side, SrtpError};

/// Takes any bytes; panics when what it checks does not hold.
pub type Target = fn(&[u8]);

/// Every target by the name of its corpus.
pub const TARGETS: [(&str, Target); 1] = [("srtp_open", open)];

/// Fixed fields of RTP.
const RTP: usize = 12;
/// What stays readable of RTCP.
const RTCP: usize = 8;

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

/// An input: which profile (low bits) and which bit is changed (high bits), bytes of the header, where a bit is changed, how often the sequence number has
/// gone around, and the datagram.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Of the keys.
    pub profile: Profile,
    /// Bytes of the header of RTP.
    pub header: usize,
    /// Rollovers of RTP; the index of RTCP.
    pub rollovers: u32,
    /// As it came, and as what is sealed.
    pub datagram: &'a [u8],
    at: usize,
    bit: u8,
}

impl<'a> Case<'a> {
    /// Nothing when the input is too short.
    pub fn read(input: &'a [u8]) -> Option<Self> {
        let (&[choice, header, a0, a1, r0, r1, r2, r3], datagram) = input.split_first_chunk()?;
        Some(Self {
            profile: match choice & 3 {
                0 => Profile::Aes128CmHmacSha1,
                1 => Profile::AeadAes128Gcm,
                _ => Profile::AeadAes256Gcm,
            },
            header: header.into(),
            rollovers: u32::from_be_bytes([r0, r1, r2, r3]),
            datagram,
            at: u16::from_be_bytes([a0, a1]).into(),
            bit: 1 << (choice >> 5),
        })
    }

    /// Of the RTP packet that it would be.
    pub fn index(&self) -> u64 {
        let sequence = self.datagram.get(2..4).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
        (u64::from(self.rollovers) << 16) | u64::from(u16::from_be_bytes(sequence))
    }

    /// The packet with one bit changed somewhere.
    fn changed(&self, packet: &[u8]) -> Vec<u8> {
        let mut changed = packet.to_vec();
        if let Some(byte) = changed.get_mut(self.at % packet.len().max(1)) {
            *byte ^= self.bit;
        }
        changed
    }
}

/// The keys of both sides of a connection; always the same.
pub fn sides(profile: Profile) -> [Keys; 2] {
    let material: Vec<u8> = (0..).take(2 * (profile.key() + profile.salt())).collect();
    let derived = [Side::Client, Side::Server].map(|side| Keys::derive(&material, profile, side));
    let [Ok(client), Ok(server)] = derived else {
        unreachable!("the material is as long as its profile needs")
    };
    [client, server]
}

/// A datagram under fixed keys: as it came, and as what the other side sealed.
fn open(bytes: &[u8]) {
    let Some(case) = Case::read(bytes) else { return };
    let [client, server] = sides(case.profile);
    rtp_comes(&case, &client.sealer, &server.opener);
    rtcp_comes(&case, &client.sealer, &server.opener);
    rtp_goes(&case, &client, &server.opener);
    rtcp_goes(&case, &client, &server.opener);
}

/// Sealing has no choice: what opens is what the sealer makes of that which came out, to the last byte, or somebody else sealed it.
fn rtp_comes(case: &Case<'_>, sealer: &Sealer, opener: &Opener) {
    let mut packet = case.datagram.to_vec();
    let Ok(payload) = opener.open_rtp(&mut packet, case.header, case.index()) else {
        return;
    };
    assert_eq!(case.header + payload.len() + sealer.tag(), case.datagram.len());
    assert_eq!(sealer.seal_rtp(&mut packet, case.header, case.index()), Ok(()));
    assert_eq!(packet, case.datagram, "opened, though nobody sealed it");
}

fn rtcp_comes(case: &Case<'_>, sealer: &Sealer, opener: &Opener) {
    let mut packet = case.datagram.to_vec();
    let Ok(opened) = opener.open_rtcp(&mut packet) else { return };
    assert_eq!(opened.length + sealer.rtcp_overhead(), case.datagram.len());
    assert_eq!(Some(&opened.ssrc.to_be_bytes()[..]), case.datagram.get(4..8));
    assert_eq!(sealer.seal_rtcp(&mut packet, opened.index), Ok(()));
    assert_eq!(packet, case.datagram, "opened, though nobody sealed it");
}

/// Any packet can be sealed and is opened as what it was; changed, cut, under another index, by its own side or as RTCP it is not.
fn rtp_goes(case: &Case<'_>, from: &Keys, to: &Opener) {
    let (plain, header, index) = (case.datagram, case.header, case.index());
    let mut packet = plain.to_vec();
    packet.resize(plain.len() + from.sealer.tag(), 0);
    let sealed = from.sealer.seal_rtp(&mut packet, header, index);
    if !(RTP..=plain.len()).contains(&header) {
        assert_eq!(sealed, Err(SrtpError::Short), "a header of {header} in {}", plain.len());
        return;
    }
    assert_eq!(sealed, Ok(()));
    let opens = |opener: &Opener, mut packet: Vec<u8>, index| opener.open_rtp(&mut packet, header, index).map(|payload| payload.to_vec());
    let payload = plain.get(header..).unwrap_or_default().to_vec();
    assert_eq!(opens(to, packet.clone(), index), Ok(payload));
    assert_eq!(opens(to, case.changed(&packet), index), Err(SrtpError::Forged));
    assert_eq!(opens(to, packet.clone(), index ^ 1 << 16), Err(SrtpError::Forged));
    assert_eq!(opens(&from.opener, packet.clone(), index), Err(SrtpError::Forged));
    assert!(to.open_rtcp(&mut packet.clone()).is_err(), "RTP is no RTCP");
    packet.pop();
    assert!(opens(to, packet, index).is_err(), "cut");
}

/// The same of RTCP.
fn rtcp_goes(case: &Case<'_>, from: &Keys, to: &Opener) {
    let plain = case.datagram;
    let mut packet = plain.to_vec();
    packet.resize(plain.len() + from.sealer.rtcp_overhead(), 0);
    let sealed = from.sealer.seal_rtcp(&mut packet, case.rollovers);
    let Some(ssrc) = plain.get(4..RTCP).and_then(<[u8]>::first_chunk) else {
        assert_eq!(sealed, Err(SrtpError::Short), "{} bytes", plain.len());
        return;
    };
    assert_eq!(sealed, Ok(()));
    let opens = |opener: &Opener, mut packet: Vec<u8>| {
        let opened = opener.open_rtcp(&mut packet)?;
        packet.truncate(opened.length);
        Ok((opened, packet))
    };
    let opened = OpenedRtcp {
        length: plain.len(),
        ssrc: u32::from_be_bytes(*ssrc),
        index: case.rollovers & 0x7fff_ffff,
    };
    assert_eq!(opens(to, packet.clone()), Ok((opened, plain.to_vec())));
    assert_eq!(opens(to, case.changed(&packet)), Err(SrtpError::Forged));
    assert_eq!(opens(&from.opener, packet.clone()), Err(SrtpError::Forged));
    assert!(
        to.open_rtp(&mut packet.clone(), case.header, case.index()).is_err(),
        "RTCP is no RTP"
    );
    packet.pop();
    assert!(opens(to, packet).is_err(), "cut");
}

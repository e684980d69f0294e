//! Sealing and opening, in place: where the parts of a packet stand in each profile (RFC 3711 §3.1 and §3.4, RFC 7714 §8 and §9).
//!
//! Not here: the ciphers themselves (`aead`, `counter`).

use crate::SrtpError;
use crate::aead::{self, Aead};
use crate::counter::{self, Counter};

/// The most bytes that a sealed packet has behind its payload; see [`Sealer::tag`].
pub const LONGEST_TAG: usize = aead::TAG;
/// The most bytes that a sealed RTCP packet has more than a plain one; see [`Sealer::rtcp_overhead`].
pub const LONGEST_RTCP_OVERHEAD: usize = LONGEST_TAG + INDEX;
/// Bytes of an RTCP packet that stay readable.
const RTCP_HEADER: usize = 8;
const INDEX: usize = 4;
/// Set in the word with the index: the packet is encrypted.
const ENCRYPTED: u32 = 1 << 31;

/// The keys of one direction, for RTP or for RTCP.
pub(crate) enum Cipher {
    Aead(Aead),
    // Large, and rare.
    Counter(Box<Counter>),
}

/// Seals what we send.
#[derive(Debug)]
pub struct Sealer {
    rtp: Cipher,
    rtcp: Cipher,
}

/// Opens what we receive.
#[derive(Debug)]
pub struct Opener {
    rtp: Cipher,
    rtcp: Cipher,
}

/// An RTCP packet that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenedRtcp {
    /// Bytes of the plain packet, at the beginning of where the sealed one was.
    pub length: usize,
    /// Who seals under this index.
    pub ssrc: u32,
    /// Never the same twice of one SSRC, unless somebody sends again what they heard: refuse it then (RFC 3711 §3.3.2).
    pub index: u32,
}

impl std::fmt::Debug for Cipher {
    // Keys are never shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cipher")
    }
}

impl Cipher {
    fn tag(&self) -> usize {
        match self {
            Self::Aead(_) => aead::TAG,
            Self::Counter(_) => counter::TAG,
        }
    }
}

/// SSRC at this place of a header.
fn ssrc(header: &[u8], at: usize) -> Result<[u8; 4], SrtpError> {
    header.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or(SrtpError::Short)
}

/// How often the sequence number has gone around, as the authentication of the counter mode takes it.
fn rollovers(index: u64) -> [u8; 4] {
    let [_, _, rollovers @ .., _, _] = index.to_be_bytes();
    rollovers
}

impl Sealer {
    pub(crate) fn new([rtp, rtcp]: [Cipher; 2]) -> Self {
        Self { rtp, rtcp }
    }

    /// Bytes that a sealed packet has behind its payload.
    #[must_use]
    pub fn tag(&self) -> usize {
        self.rtp.tag()
    }

    /// Bytes that a sealed RTCP packet has more than a plain one: the tag and the word with the index.
    #[must_use]
    pub fn rtcp_overhead(&self) -> usize {
        self.rtcp.tag() + INDEX
    }

    /// Seals an RTP packet in place. `packet` is the header of so many bytes, the payload, and room for the [`tag`](Self::tag); `index` is rollovers ×
    /// 2¹⁶ + sequence number.
    ///
    /// # Errors
    /// [`SrtpError::Short`] when there is no room.
    pub fn seal_rtp(&self, packet: &mut [u8], header: usize, index: u64) -> Result<(), SrtpError> {
        let (header, rest) = packet.split_at_mut_checked(header).ok_or(SrtpError::Short)?;
        let ssrc = ssrc(header, 8)?;
        match &self.rtp {
            Cipher::Aead(aead) => {
                let (text, tag) = rest.split_last_chunk_mut().ok_or(SrtpError::Short)?;
                aead.seal(ssrc, index, header, text, tag)
            }
            Cipher::Counter(counter) => {
                let (text, tag) = rest.split_last_chunk_mut().ok_or(SrtpError::Short)?;
                counter.seal((ssrc, index), header, text, rollovers(index), tag)
            }
        }
    }

    /// Seals a compound RTCP packet in place. `packet` is the plain one and room for the [overhead](Self::rtcp_overhead); `index` is 31 bits, one more
    /// for each packet of this key and SSRC.
    ///
    /// # Errors
    /// [`SrtpError::Short`] when there is no room.
    pub fn seal_rtcp(&self, packet: &mut [u8], index: u32) -> Result<(), SrtpError> {
        let word = (index | ENCRYPTED).to_be_bytes();
        let index = u64::from(index & !ENCRYPTED);
        let (header, rest) = packet.split_first_chunk_mut::<RTCP_HEADER>().ok_or(SrtpError::Short)?;
        let ssrc = ssrc(header, 4)?;
        match &self.rtcp {
            Cipher::Aead(aead) => {
                let (rest, last) = rest.split_last_chunk_mut().ok_or(SrtpError::Short)?;
                let (text, tag) = rest.split_last_chunk_mut().ok_or(SrtpError::Short)?;
                *last = word;
                aead.seal(ssrc, index, &readable(header, word), text, tag)
            }
            Cipher::Counter(counter) => {
                let (rest, tag) = rest.split_last_chunk_mut().ok_or(SrtpError::Short)?;
                let (text, last) = rest.split_last_chunk_mut().ok_or(SrtpError::Short)?;
                *last = word;
                counter.seal((ssrc, index), header, text, word, tag)
            }
        }
    }
}

impl Opener {
    pub(crate) fn new([rtp, rtcp]: [Cipher; 2]) -> Self {
        Self { rtp, rtcp }
    }

    /// Opens an RTP packet in place and gives its payload.
    ///
    /// # Errors
    /// [`SrtpError::Short`], and [`SrtpError::Forged`] when it is not what was sealed; its bytes are worth nothing then.
    pub fn open_rtp<'a>(&self, packet: &'a mut [u8], header: usize, index: u64) -> Result<&'a mut [u8], SrtpError> {
        let (header, sealed) = packet.split_at_mut_checked(header).ok_or(SrtpError::Short)?;
        let ssrc = ssrc(header, 8)?;
        match &self.rtp {
            Cipher::Aead(aead) => aead.open(ssrc, index, header, sealed),
            Cipher::Counter(counter) => {
                let (text, tag) = sealed.split_last_chunk_mut().ok_or(SrtpError::Short)?;
                counter.open((ssrc, index), header, text, rollovers(index), tag)?;
                Ok(text)
            }
        }
    }

    /// Opens a compound RTCP packet in place. The caller sees to it that none is taken twice.
    ///
    /// # Errors
    /// [`SrtpError::Short`], and [`SrtpError::Forged`] when it is not what was sealed, or not encrypted.
    pub fn open_rtcp(&self, packet: &mut [u8]) -> Result<OpenedRtcp, SrtpError> {
        let (header, rest) = packet.split_first_chunk_mut::<RTCP_HEADER>().ok_or(SrtpError::Short)?;
        let ssrc = ssrc(header, 4)?;
        let (index, text) = match &self.rtcp {
            Cipher::Aead(aead) => {
                let (sealed, word) = rest.split_last_chunk_mut().ok_or(SrtpError::Short)?;
                let index = index(*word)?;
                (index, aead.open(ssrc, index.into(), &readable(header, *word), sealed)?)
            }
            Cipher::Counter(counter) => {
                let (rest, tag) = rest.split_last_chunk_mut().ok_or(SrtpError::Short)?;
                let (text, word) = rest.split_last_chunk_mut().ok_or(SrtpError::Short)?;
                let index = index(*word)?;
                counter.open((ssrc, index.into()), header, text, *word, tag)?;
                (index, text)
            }
        };
        Ok(OpenedRtcp {
            length: RTCP_HEADER + text.len(),
            ssrc: u32::from_be_bytes(ssrc),
            index,
        })
    }
}

/// The index in the word of an encrypted packet.
fn index(word: [u8; INDEX]) -> Result<u32, SrtpError> {
    let word = u32::from_be_bytes(word);
    if word & ENCRYPTED == 0 {
        return Err(SrtpError::Forged);
    }
    Ok(word & !ENCRYPTED)
}

/// What an AEAD authenticates beside the text.
fn readable(header: &[u8; RTCP_HEADER], word: [u8; INDEX]) -> [u8; RTCP_HEADER + INDEX] {
    let mut readable = [0; RTCP_HEADER + INDEX];
    readable
        .iter_mut()
        .zip(header.iter().chain(&word))
        .for_each(|(to, from)| *to = *from);
    readable
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kdf::tests::{ALL, bytes, sides};
    use crate::{Keys, Profile};

    fn pair(profile: Profile) -> (Sealer, Opener) {
        let (Keys { sealer, .. }, Keys { opener, .. }) = sides(profile);
        (sealer, opener)
    }

    /// RFC 7714 §16: "Gallia est omnis divisa in partes tres".
    #[test]
    fn sealed_packets_are_those_of_rfc_7714() {
        let header = bytes("8040f17b 8041f8d3 5501a0b2");
        let text = b"Gallia est omnis divisa in partes tres";
        let sealed = [
            (
                16,
                "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833 899d7f27 beb16a91 52cf765e e4390cce",
            ),
            (
                32,
                "32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
            ),
        ];
        for (length, expected) in sealed {
            let key: Vec<u8> = (0..length).collect();
            let salt: [u8; aead::SALT] = bytes("517569642070726f2071756f").try_into().unwrap();
            let cipher = || Cipher::Aead(Aead::new(&key, salt).unwrap());
            let (sealer, opener) = (Sealer::new([cipher(), cipher()]), Opener::new([cipher(), cipher()]));
            let mut packet = [header.clone(), text.to_vec(), vec![0; sealer.tag()]].concat();
            sealer.seal_rtp(&mut packet, 12, 0xf17b).unwrap();
            assert_eq!(packet[12..], bytes(expected), "a key of {length}");
            assert_eq!(opener.open_rtp(&mut packet, 12, 0xf17b).unwrap(), text);
        }
    }

    #[test]
    fn packets_without_room_are_refused_and_those_with_no_more_than_it_are_not() {
        for profile in ALL {
            let (sealer, opener) = pair(profile);
            let least = 12 + sealer.tag();
            for length in 0..least {
                assert_eq!(sealer.seal_rtp(&mut vec![0; length], 12, 0), Err(SrtpError::Short), "{length}");
                assert!(opener.open_rtp(&mut vec![0; length], 12, 0).is_err());
            }
            let mut packet = vec![0; least];
            sealer.seal_rtp(&mut packet, 12, 0).unwrap();
            assert_eq!(opener.open_rtp(&mut packet, 12, 0).unwrap(), []);
            let least = RTCP_HEADER + sealer.rtcp_overhead();
            for length in 0..least {
                assert_eq!(sealer.seal_rtcp(&mut vec![0; length], 0), Err(SrtpError::Short), "{length}");
                assert!(opener.open_rtcp(&mut vec![0; length]).is_err());
            }
            let mut packet = vec![0; least];
            sealer.seal_rtcp(&mut packet, 0).unwrap();
            assert_eq!(opener.open_rtcp(&mut packet).unwrap().length, RTCP_HEADER);
        }
    }

    /// What is authenticated and says of itself that it is not encrypted (RFC 3711 §3.4) is not what we negotiated.
    #[test]
    fn reports_that_say_they_are_plain_are_refused() {
        for profile in ALL {
            let (sealer, opener) = pair(profile);
            for (bit, opened) in [(0, false), (ENCRYPTED, true)] {
                let word = (9 | bit).to_be_bytes();
                let mut packet = vec![7; RTCP_HEADER + 20 + sealer.rtcp_overhead()];
                let (header, rest) = packet.split_first_chunk_mut::<RTCP_HEADER>().unwrap();
                match &sealer.rtcp {
                    Cipher::Aead(aead) => {
                        let (rest, last) = rest.split_last_chunk_mut().unwrap();
                        let (text, tag) = rest.split_last_chunk_mut().unwrap();
                        *last = word;
                        aead.seal([7; 4], 9, &readable(header, word), text, tag).unwrap();
                    }
                    Cipher::Counter(counter) => {
                        let (rest, tag) = rest.split_last_chunk_mut().unwrap();
                        let (text, last) = rest.split_last_chunk_mut().unwrap();
                        *last = word;
                        counter.seal(([7; 4], 9), header, text, word, tag).unwrap();
                    }
                }
                assert_eq!(opener.open_rtcp(&mut packet).is_ok(), opened, "{profile:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_changed_on_the_way_is_not_opened(payload in proptest::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), bit in 0..8_u8, index in 0..1_u64 << 48) {
            for profile in ALL {
                let (sealer, opener) = pair(profile);
                let mut packet = [vec![9; 12], payload.clone(), vec![0; sealer.tag()]].concat();
                sealer.seal_rtp(&mut packet, 12, index).unwrap();
                let mut changed = packet.clone();
                let at = at.index(changed.len());
                changed[at] ^= 1_u8 << bit;
                prop_assert_eq!(opener.open_rtp(&mut changed, 12, index), Err(SrtpError::Forged));
                // One more time around.
                let mut other = packet.clone();
                prop_assert_eq!(opener.open_rtp(&mut other, 12, index ^ 1 << 16), Err(SrtpError::Forged));
                prop_assert_eq!(&*opener.open_rtp(&mut packet, 12, index).unwrap(), &payload[..]);
            }
        }

        #[test]
        fn reports_are_sealed_and_opened(payload in proptest::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), bit in 0..8_u8, index in 0..1_u32 << 31) {
            for profile in ALL {
                let (sealer, opener) = pair(profile);
                let plain = [vec![8; RTCP_HEADER], payload.clone()].concat();
                let mut packet = [plain.clone(), vec![0; sealer.rtcp_overhead()]].concat();
                sealer.seal_rtcp(&mut packet, index).unwrap();
                if !payload.is_empty() {
                    prop_assert_ne!(&packet[RTCP_HEADER..], &plain[RTCP_HEADER..]);
                }
                let mut changed = packet.clone();
                let at = at.index(changed.len());
                changed[at] ^= 1_u8 << bit;
                prop_assert_eq!(opener.open_rtcp(&mut changed), Err(SrtpError::Forged));
                let opened = opener.open_rtcp(&mut packet).unwrap();
                prop_assert_eq!(opened, OpenedRtcp { length: plain.len(), ssrc: 0x0808_0808, index });
                prop_assert_eq!(&packet[..opened.length], &plain[..]);
            }
        }
    }
}

//! Sealing and opening, in place (RFC 7714 §8 and §9).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::SrtpError;
use crate::kdf::{Profile, SALT};

/// Bytes that a sealed packet has behind its payload.
pub const TAG: usize = 16;
/// Bytes that a sealed RTCP packet has more than a plain one: the tag and the word with the index.
pub const RTCP_OVERHEAD: usize = TAG + INDEX;
/// Bytes of an RTCP packet that stay readable.
const RTCP_HEADER: usize = 8;
const INDEX: usize = 4;
/// Set in the word with the index: the packet is encrypted.
const ENCRYPTED: u32 = 1 << 31;

/// One key with its salt.
pub(crate) struct Cipher {
    key: LessSafeKey,
    salt: [u8; SALT],
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

impl std::fmt::Debug for Cipher {
    // Keys are never shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cipher")
    }
}

impl Cipher {
    pub(crate) fn new(profile: Profile, key: &[u8], salt: [u8; SALT]) -> Result<Self, SrtpError> {
        let algorithm = match profile {
            Profile::AeadAes128Gcm => &AES_128_GCM,
            Profile::AeadAes256Gcm => &AES_256_GCM,
        };
        let key = UnboundKey::new(algorithm, key).map_err(|_| SrtpError::Material)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            salt,
        })
    }

    /// SSRC and 48 bits of index, mixed with the salt.
    fn nonce(&self, ssrc: [u8; 4], index: u64) -> Nonce {
        let mut nonce = self.salt;
        let [_, _, index @ ..] = index.to_be_bytes();
        nonce
            .iter_mut()
            .skip(2)
            .zip(ssrc.into_iter().chain(index))
            .for_each(|(to, from)| *to ^= from);
        Nonce::assume_unique_for_key(nonce)
    }

    fn seal(&self, nonce: Nonce, aad: &[u8], text: &mut [u8], tag: &mut [u8]) -> Result<(), SrtpError> {
        let made = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(aad), text)
            .map_err(|_| SrtpError::Short)?;
        tag.copy_from_slice(made.as_ref());
        Ok(())
    }

    fn open<'a>(&self, nonce: Nonce, aad: &[u8], sealed: &'a mut [u8]) -> Result<&'a mut [u8], SrtpError> {
        self.key.open_in_place(nonce, Aad::from(aad), sealed).map_err(|_| SrtpError::Forged)
    }
}

/// SSRC at this place of a header.
fn ssrc(header: &[u8], at: usize) -> Result<[u8; 4], SrtpError> {
    header.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or(SrtpError::Short)
}

impl Sealer {
    pub(crate) fn new([rtp, rtcp]: [Cipher; 2]) -> Self {
        Self { rtp, rtcp }
    }

    /// Seals an RTP packet in place. `packet` is the header of so many bytes, the payload, and room for the [`TAG`]; `index` is rollovers × 2¹⁶ +
    /// sequence number.
    ///
    /// # Errors
    /// [`SrtpError::Short`] when there is no room.
    pub fn seal_rtp(&self, packet: &mut [u8], header: usize, index: u64) -> Result<(), SrtpError> {
        let (header, rest) = packet.split_at_mut_checked(header).ok_or(SrtpError::Short)?;
        let length = rest.len().checked_sub(TAG).ok_or(SrtpError::Short)?;
        let (text, tag) = rest.split_at_mut_checked(length).ok_or(SrtpError::Short)?;
        let nonce = self.rtp.nonce(ssrc(header, 8)?, index);
        self.rtp.seal(nonce, header, text, tag)
    }

    /// Seals a compound RTCP packet in place. `packet` is the plain one and room for [`RTCP_OVERHEAD`]; `index` is 31 bits, one more for each packet of
    /// this key and SSRC.
    ///
    /// # Errors
    /// [`SrtpError::Short`] when there is no room.
    pub fn seal_rtcp(&self, packet: &mut [u8], index: u32) -> Result<(), SrtpError> {
        let word = (index | ENCRYPTED).to_be_bytes();
        let (header, rest) = packet.split_first_chunk_mut::<RTCP_HEADER>().ok_or(SrtpError::Short)?;
        let (rest, last) = rest.split_last_chunk_mut::<INDEX>().ok_or(SrtpError::Short)?;
        let length = rest.len().checked_sub(TAG).ok_or(SrtpError::Short)?;
        let (text, tag) = rest.split_at_mut_checked(length).ok_or(SrtpError::Short)?;
        *last = word;
        let nonce = self.rtcp.nonce(ssrc(header, 4)?, u64::from(index & !ENCRYPTED));
        self.rtcp.seal(nonce, &rtcp_aad(header, word), text, tag)
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
        let nonce = self.rtp.nonce(ssrc(header, 8)?, index);
        self.rtp.open(nonce, header, sealed)
    }

    /// Opens a compound RTCP packet in place and gives its length when plain: it stands at the beginning of `packet`.
    ///
    /// # Errors
    /// [`SrtpError::Short`], and [`SrtpError::Forged`] when it is not what was sealed, or not encrypted.
    pub fn open_rtcp(&self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let (header, rest) = packet.split_first_chunk_mut::<RTCP_HEADER>().ok_or(SrtpError::Short)?;
        let (sealed, word) = rest.split_last_chunk_mut::<INDEX>().ok_or(SrtpError::Short)?;
        let index = u32::from_be_bytes(*word);
        if index & ENCRYPTED == 0 {
            return Err(SrtpError::Forged);
        }
        let nonce = self.rtcp.nonce(ssrc(header, 4)?, u64::from(index & !ENCRYPTED));
        let text = self.rtcp.open(nonce, &rtcp_aad(header, *word), sealed)?;
        Ok(RTCP_HEADER + text.len())
    }
}

fn rtcp_aad(header: &[u8; RTCP_HEADER], word: [u8; INDEX]) -> [u8; RTCP_HEADER + INDEX] {
    let mut aad = [0; RTCP_HEADER + INDEX];
    aad.iter_mut().zip(header.iter().chain(&word)).for_each(|(to, from)| *to = *from);
    aad
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let hex: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        hex.chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    fn pair(profile: Profile) -> (Sealer, Opener) {
        let key: Vec<u8> = (0..32).take(profile.key()).collect();
        let salt: [u8; SALT] = bytes("517569642070726f2071756f").try_into().unwrap();
        let cipher = || Cipher::new(profile, &key, salt).unwrap();
        (Sealer::new([cipher(), cipher()]), Opener::new([cipher(), cipher()]))
    }

    /// RFC 7714 §16: "Gallia est omnis divisa in partes tres".
    #[test]
    fn sealed_packets_are_those_of_rfc_7714() {
        let header = bytes("8040f17b 8041f8d3 5501a0b2");
        let text = b"Gallia est omnis divisa in partes tres";
        let sealed = [
            (
                Profile::AeadAes128Gcm,
                "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833 899d7f27 beb16a91 52cf765e e4390cce",
            ),
            (
                Profile::AeadAes256Gcm,
                "32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
            ),
        ];
        for (profile, expected) in sealed {
            let (sealer, opener) = pair(profile);
            let mut packet = [header.clone(), text.to_vec(), vec![0; TAG]].concat();
            sealer.seal_rtp(&mut packet, 12, 0xf17b).unwrap();
            assert_eq!(packet[12..], bytes(expected), "{profile:?}");
            assert_eq!(opener.open_rtp(&mut packet, 12, 0xf17b).unwrap(), text);
        }
    }

    #[test]
    fn packets_without_room_are_refused() {
        let (sealer, opener) = pair(Profile::AeadAes128Gcm);
        for length in 0..12 + TAG {
            assert_eq!(sealer.seal_rtp(&mut vec![0; length], 12, 0), Err(SrtpError::Short), "{length}");
            assert!(opener.open_rtp(&mut vec![0; length], 12, 0).is_err());
        }
        for length in 0..RTCP_HEADER + RTCP_OVERHEAD {
            assert_eq!(sealer.seal_rtcp(&mut vec![0; length], 0), Err(SrtpError::Short), "{length}");
            assert!(opener.open_rtcp(&mut vec![0; length]).is_err());
        }
    }

    proptest! {
        #[test]
        fn what_was_changed_on_the_way_is_not_opened(payload in proptest::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), bit in 0..8_u8, index in 0..1_u64 << 48) {
            let (sealer, opener) = pair(Profile::AeadAes128Gcm);
            let mut packet = [vec![9; 12], payload.clone(), vec![0; TAG]].concat();
            sealer.seal_rtp(&mut packet, 12, index).unwrap();
            let mut changed = packet.clone();
            let at = at.index(changed.len());
            changed[at] ^= 1_u8 << bit;
            prop_assert_eq!(opener.open_rtp(&mut changed, 12, index), Err(SrtpError::Forged));
            let mut other = packet.clone();
            prop_assert_eq!(opener.open_rtp(&mut other, 12, index ^ 1), Err(SrtpError::Forged));
            prop_assert_eq!(&*opener.open_rtp(&mut packet, 12, index).unwrap(), &payload[..]);
        }

        #[test]
        fn reports_are_sealed_and_opened(payload in proptest::collection::vec(any::<u8>(), 0..300), index in 0..1_u32 << 31) {
            let (sealer, opener) = pair(Profile::AeadAes256Gcm);
            let plain = [vec![8; RTCP_HEADER], payload].concat();
            let mut packet = [plain.clone(), vec![0; RTCP_OVERHEAD]].concat();
            sealer.seal_rtcp(&mut packet, index).unwrap();
            prop_assert_ne!(&packet[..plain.len()], &plain[..]);
            let length = opener.open_rtcp(&mut packet).unwrap();
            prop_assert_eq!(&packet[..length], &plain[..]);
        }
    }
}

//! From the keying material of a DTLS handshake to session keys (RFC 5764 §4.2, RFC 3711 §4.3, RFC 7714 §11).

use aws_lc_rs::cipher::{AES_128, AES_256, Algorithm, EncryptingKey, UnboundCipherKey};

use crate::SrtpError;
use crate::protect::{Cipher, Opener, Sealer};

/// Bytes of a salt.
pub(crate) const SALT: usize = 12;
/// Bytes of the longest key.
const LONGEST_KEY: usize = 32;
const BLOCK: usize = 16;

const LABEL_RTP_KEY: u8 = 0;
const LABEL_RTP_SALT: u8 = 2;
const LABEL_RTCP_KEY: u8 = 3;
const LABEL_RTCP_SALT: u8 = 5;

/// What the handshake agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `AEAD_AES_128_GCM`.
    AeadAes128Gcm,
    /// `AEAD_AES_256_GCM`.
    AeadAes256Gcm,
}

/// Who we were in the DTLS handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// We sent the ClientHello.
    Client,
    /// We answered it.
    Server,
}

/// Both directions of one connection.
#[derive(Debug)]
pub struct Keys {
    /// For what we send.
    pub sealer: Sealer,
    /// For what we receive.
    pub opener: Opener,
}

impl Profile {
    /// Bytes of a key.
    pub(crate) fn key(self) -> usize {
        match self {
            Self::AeadAes128Gcm => 16,
            Self::AeadAes256Gcm => LONGEST_KEY,
        }
    }

    fn block_cipher(self) -> &'static Algorithm {
        match self {
            Self::AeadAes128Gcm => &AES_128,
            Self::AeadAes256Gcm => &AES_256,
        }
    }
}

impl Keys {
    /// Derives the session keys. `material` is what the DTLS exporter gave: client key, server key, client salt, server salt.
    ///
    /// # Errors
    /// [`SrtpError::Material`] when it is too short.
    pub fn derive(material: &[u8], profile: Profile, side: Side) -> Result<Self, SrtpError> {
        let key = profile.key();
        let part = |from: usize, length: usize| material.get(from..from + length).ok_or(SrtpError::Material);
        let client = (part(0, key)?, part(2 * key, SALT)?);
        let server = (part(key, key)?, part(2 * key + SALT, SALT)?);
        let (ours, theirs) = match side {
            Side::Client => (client, server),
            Side::Server => (server, client),
        };
        Ok(Self {
            sealer: Sealer::new(ciphers(profile, ours)?),
            opener: Opener::new(ciphers(profile, theirs)?),
        })
    }
}

/// The ciphers of one direction: RTP, RTCP.
fn ciphers(profile: Profile, (key, salt): (&[u8], &[u8])) -> Result<[Cipher; 2], SrtpError> {
    // The function wants 112 bits; the salt of the AEAD profiles has 96 and is followed by zeros.
    let mut wide = [0; 14];
    wide.iter_mut().zip(salt).for_each(|(to, from)| *to = *from);
    let cipher = |key_label: u8, salt_label: u8| {
        let mut session = [0; LONGEST_KEY];
        let session = session.get_mut(..profile.key()).ok_or(SrtpError::Material)?;
        derive(profile, key, &wide, key_label, session)?;
        let mut session_salt = [0; SALT];
        derive(profile, key, &wide, salt_label, &mut session_salt)?;
        Cipher::new(profile, session, session_salt)
    };
    Ok([cipher(LABEL_RTP_KEY, LABEL_RTP_SALT)?, cipher(LABEL_RTCP_KEY, LABEL_RTCP_SALT)?])
}

/// The key stream of AES in counter mode from `salt XOR label`, with a key derivation rate of zero (RFC 3711 §4.3.3).
fn derive(profile: Profile, key: &[u8], salt: &[u8; 14], label: u8, out: &mut [u8]) -> Result<(), SrtpError> {
    let mut start = [0; BLOCK];
    start.iter_mut().zip(salt).for_each(|(to, from)| *to = *from);
    if let Some(byte) = start.get_mut(7) {
        *byte ^= label;
    }
    let cipher = UnboundCipherKey::new(profile.block_cipher(), key).map_err(|_| SrtpError::Material)?;
    let cipher = EncryptingKey::ecb(cipher).map_err(|_| SrtpError::Material)?;
    for (counter, chunk) in (0_u16..).zip(out.chunks_mut(BLOCK)) {
        let mut block = start;
        if let Some(low) = block.last_chunk_mut::<2>() {
            *low = counter.to_be_bytes();
        }
        cipher.encrypt(&mut block).map_err(|_| SrtpError::Material)?;
        chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let hex: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        hex.chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn session_keys_are_those_of_rfc_3711() {
        let key = bytes("E1F97A0D3E018BE0D64FA32C06DE4139");
        let salt: [u8; 14] = bytes("0EC675AD498AFEEBB6960B3AABE6").try_into().unwrap();
        let mut session = [0; 16];
        derive(Profile::AeadAes128Gcm, &key, &salt, LABEL_RTP_KEY, &mut session).unwrap();
        assert_eq!(session.to_vec(), bytes("C61E7A93744F39EE10734AFE3FF7A087"));
        let mut session = [0; 14];
        derive(Profile::AeadAes128Gcm, &key, &salt, LABEL_RTP_SALT, &mut session).unwrap();
        assert_eq!(session.to_vec(), bytes("30CBBC08863D8C85D49DB34A9AE1"));
    }

    #[test]
    fn what_one_side_seals_the_other_opens() {
        for profile in [Profile::AeadAes128Gcm, Profile::AeadAes256Gcm] {
            let length = 2 * (profile.key() + SALT);
            let material: Vec<u8> = (0..length).map(|n| u8::try_from(n).unwrap()).collect();
            let client = Keys::derive(&material, profile, Side::Client).unwrap();
            let server = Keys::derive(&material, profile, Side::Server).unwrap();
            for (from, to, other) in [(&client, &server, &client), (&server, &client, &server)] {
                let mut packet = [vec![7; 12], vec![1, 2, 3], vec![0; crate::TAG]].concat();
                from.sealer.seal_rtp(&mut packet, 12, 5).unwrap();
                assert_eq!(other.opener.open_rtp(&mut packet.clone(), 12, 5), Err(SrtpError::Forged));
                assert_eq!(to.opener.open_rtp(&mut packet, 12, 5).unwrap(), [1, 2, 3]);
            }
            assert_eq!(
                Keys::derive(&material[..length - 1], profile, Side::Client).err(),
                Some(SrtpError::Material)
            );
        }
    }
}

//! From the keying material of a DTLS handshake to session keys (RFC 5764 §4.2, RFC 3711 §4.3, RFC 7714 §11).

use aws_lc_rs::cipher::{AES_128, AES_256, Algorithm, EncryptingKey, UnboundCipherKey};

use crate::SrtpError;
use crate::aead::{self, Aead};
use crate::counter::{self, Counter};
use crate::protect::{Cipher, Opener, Sealer};

/// Bytes of the longest key.
const LONGEST_KEY: usize = 32;
const BLOCK: usize = 16;

/// What a session key is derived for (RFC 3711 §4.3.2): its encryption, its authentication, its salt.
const LABELS_RTP: [u8; 3] = [0, 1, 2];
const LABELS_RTCP: [u8; 3] = [3, 4, 5];

/// What the handshake agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `SRTP_AES128_CM_HMAC_SHA1_80`, which every client knows, and the slowest.
    Aes128CmHmacSha1,
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
    /// Bytes of a master key.
    pub(crate) fn key(self) -> usize {
        match self {
            Self::Aes128CmHmacSha1 | Self::AeadAes128Gcm => 16,
            Self::AeadAes256Gcm => LONGEST_KEY,
        }
    }

    /// Bytes of a master salt.
    pub(crate) fn salt(self) -> usize {
        match self {
            Self::Aes128CmHmacSha1 => counter::SALT,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => aead::SALT,
        }
    }

    fn block_cipher(self) -> &'static Algorithm {
        match self {
            Self::Aes128CmHmacSha1 | Self::AeadAes128Gcm => &AES_128,
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
        let (key, salt) = (profile.key(), profile.salt());
        let part = |from: usize, length: usize| material.get(from..from + length).ok_or(SrtpError::Material);
        let client = (part(0, key)?, part(2 * key, salt)?);
        let server = (part(key, key)?, part(2 * key + salt, salt)?);
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
    let mut wide = [0; counter::SALT];
    wide.iter_mut().zip(salt).for_each(|(to, from)| *to = *from);
    let cipher = |[key_label, auth_label, salt_label]: [u8; 3]| {
        let mut session = [0; LONGEST_KEY];
        let session = session.get_mut(..profile.key()).ok_or(SrtpError::Material)?;
        derive(profile, key, &wide, key_label, session)?;
        let mut salt = [0; counter::SALT];
        derive(profile, key, &wide, salt_label, &mut salt)?;
        Ok(match profile {
            Profile::Aes128CmHmacSha1 => {
                let mut auth = [0; counter::AUTH_KEY];
                derive(profile, key, &wide, auth_label, &mut auth)?;
                Cipher::Counter(Box::new(Counter::new(session, &auth, salt)?))
            }
            Profile::AeadAes128Gcm | Profile::AeadAes256Gcm => {
                // Of a key stream, the shorter salt is the beginning.
                let salt = salt.first_chunk().copied().ok_or(SrtpError::Material)?;
                Cipher::Aead(Aead::new(session, salt)?)
            }
        })
    };
    Ok([cipher(LABELS_RTP)?, cipher(LABELS_RTCP)?])
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
pub(crate) mod tests {
    use super::*;

    pub(crate) const ALL: [Profile; 3] = [Profile::Aes128CmHmacSha1, Profile::AeadAes128Gcm, Profile::AeadAes256Gcm];

    pub(crate) fn bytes(hex: &str) -> Vec<u8> {
        let hex: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        hex.chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// The keys of both sides of a connection.
    pub(crate) fn sides(profile: Profile) -> (Keys, Keys) {
        let length = 2 * (profile.key() + profile.salt());
        let material: Vec<u8> = (0..length).map(|n| u8::try_from(n).unwrap()).collect();
        assert_eq!(
            Keys::derive(&material[..length - 1], profile, Side::Client).err(),
            Some(SrtpError::Material)
        );
        let derived = |side| Keys::derive(&material, profile, side).unwrap();
        (derived(Side::Client), derived(Side::Server))
    }

    /// RFC 3711 appendix B.3.
    #[test]
    fn session_keys_are_those_of_rfc_3711() {
        let key = bytes("E1F97A0D3E018BE0D64FA32C06DE4139");
        let salt: [u8; 14] = bytes("0EC675AD498AFEEBB6960B3AABE6").try_into().unwrap();
        let derived = |label: u8, length: usize| {
            let mut session = vec![0; length];
            derive(Profile::Aes128CmHmacSha1, &key, &salt, label, &mut session).unwrap();
            session
        };
        let [encryption, authentication, salting] = LABELS_RTP;
        assert_eq!(derived(encryption, 16), bytes("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(derived(salting, 14), bytes("30CBBC08863D8C85D49DB34A9AE1"));
        // The vector is of 94 bytes, of which this profile takes 20.
        let expected = "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBC\
             DDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2";
        assert_eq!(derived(authentication, 94), bytes(expected));
    }

    #[test]
    fn what_one_side_seals_the_other_opens() {
        for profile in ALL {
            let (client, server) = sides(profile);
            for (from, to, other) in [(&client, &server, &client), (&server, &client, &server)] {
                let mut packet = [vec![7; 12], vec![1, 2, 3], vec![0; from.sealer.tag()]].concat();
                from.sealer.seal_rtp(&mut packet, 12, 5).unwrap();
                assert_eq!(other.opener.open_rtp(&mut packet.clone(), 12, 5), Err(SrtpError::Forged));
                assert_eq!(to.opener.open_rtp(&mut packet, 12, 5).unwrap(), [1, 2, 3]);
            }
        }
    }
}

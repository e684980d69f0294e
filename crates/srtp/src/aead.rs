//! The AEAD profiles: AES-GCM (RFC 7714 §8 and §9). One call encrypts, authenticates and makes the tag.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::SrtpError;

/// Bytes of a salt.
pub(crate) const SALT: usize = 12;
/// Bytes of a tag.
pub(crate) const TAG: usize = 16;

/// One key with its salt.
pub(crate) struct Aead {
    key: LessSafeKey,
    salt: [u8; SALT],
}

impl Aead {
    /// A key of 16 or 32 bytes.
    pub(crate) fn new(key: &[u8], salt: [u8; SALT]) -> Result<Self, SrtpError> {
        let algorithm = if key.len() == 32 { &AES_256_GCM } else { &AES_128_GCM };
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

    /// Encrypts `text` and writes the `tag` of it and of what stays readable.
    pub(crate) fn seal(&self, ssrc: [u8; 4], index: u64, readable: &[u8], text: &mut [u8], tag: &mut [u8; TAG]) -> Result<(), SrtpError> {
        let made = self
            .key
            .seal_in_place_separate_tag(self.nonce(ssrc, index), Aad::from(readable), text)
            .map_err(|_| SrtpError::Short)?;
        tag.copy_from_slice(made.as_ref());
        Ok(())
    }

    /// Decrypts a text that its tag follows, and gives the text.
    pub(crate) fn open<'a>(&self, ssrc: [u8; 4], index: u64, readable: &[u8], sealed: &'a mut [u8]) -> Result<&'a mut [u8], SrtpError> {
        self.key
            .open_in_place(self.nonce(ssrc, index), Aad::from(readable), sealed)
            .map_err(|_| SrtpError::Forged)
    }
}

//! `SRTP_AES128_CM_HMAC_SHA1_80`: AES in counter mode, then HMAC-SHA1 over what was encrypted (RFC 3711 §4.1.1 and §4.2.1).
//!
//! For clients that know no AEAD. Takes some four times as long.

use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{Context, HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key};
use aws_lc_rs::iv::FixedLength;

use crate::SrtpError;

/// Bytes of a salt.
pub(crate) const SALT: usize = 14;
/// Bytes of an authentication key.
pub(crate) const AUTH_KEY: usize = 20;
/// Bytes of a tag: 80 of the 160 bits of the HMAC.
pub(crate) const TAG: usize = 10;

/// One pair of keys with its salt.
pub(crate) struct Counter {
    cipher: EncryptingKey,
    auth: Key,
    salt: [u8; SALT],
}

impl Counter {
    /// A key of 16 bytes.
    pub(crate) fn new(key: &[u8], auth: &[u8; AUTH_KEY], salt: [u8; SALT]) -> Result<Self, SrtpError> {
        let key = UnboundCipherKey::new(&AES_128, key).map_err(|_| SrtpError::Material)?;
        Ok(Self {
            cipher: EncryptingKey::ctr(key).map_err(|_| SrtpError::Material)?,
            auth: Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth),
            salt,
        })
    }

    /// Encrypts `text` and writes the `tag` of it, of the header before it, and of the word behind it.
    pub(crate) fn seal(
        &self,
        (ssrc, index): ([u8; 4], u64),
        header: &[u8],
        text: &mut [u8],
        word: [u8; 4],
        tag: &mut [u8; TAG],
    ) -> Result<(), SrtpError> {
        self.crypt(ssrc, index, text)?;
        *tag = self.tag([header, text, &word])?;
        Ok(())
    }

    /// Decrypts `text` in place when the `tag` is its own.
    pub(crate) fn open(
        &self,
        (ssrc, index): ([u8; 4], u64),
        header: &[u8],
        text: &mut [u8],
        word: [u8; 4],
        tag: &[u8; TAG],
    ) -> Result<(), SrtpError> {
        let expected = self.tag([header, text, &word])?;
        verify_slices_are_equal(&expected, tag).map_err(|_| SrtpError::Forged)?;
        self.crypt(ssrc, index, text)
    }

    /// Mixes in the key stream, which is both directions. It begins at the salt mixed with SSRC and index; the last 16 bits count blocks.
    fn crypt(&self, ssrc: [u8; 4], index: u64, text: &mut [u8]) -> Result<(), SrtpError> {
        let mut start = [0; 16];
        start.iter_mut().zip(self.salt).for_each(|(to, from)| *to = from);
        let [_, _, index @ ..] = index.to_be_bytes();
        start
            .iter_mut()
            .skip(4)
            .zip(ssrc.into_iter().chain(index))
            .for_each(|(to, from)| *to ^= from);
        let start = EncryptionContext::Iv128(FixedLength::from(start));
        self.cipher.less_safe_encrypt(text, start).map(drop).map_err(|_| SrtpError::Short)
    }

    fn tag(&self, parts: [&[u8]; 3]) -> Result<[u8; TAG], SrtpError> {
        let mut context = Context::with_key(&self.auth);
        parts.into_iter().for_each(|part| context.update(part));
        context.sign().as_ref().first_chunk().copied().ok_or(SrtpError::Short)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kdf::tests::bytes;

    /// RFC 3711 appendix B.2: SSRC and index 0, so that the key stream begins at the salt.
    #[test]
    fn the_key_stream_is_that_of_rfc_3711() {
        let key = bytes("2B7E151628AED2A6ABF7158809CF4F3C");
        let salt: [u8; SALT] = bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD").try_into().unwrap();
        let counter = Counter::new(&key, &[0; AUTH_KEY], salt).unwrap();
        // So many blocks as the vectors name, and the block that is cut behind them.
        let mut stream = vec![0; 0xff02 * 16 + 7];
        counter.crypt([0; 4], 0, &mut stream).unwrap();
        for (block, expected) in [
            (0, "E03EAD0935C95E80E166B16DD92B4EB4"),
            (1, "D23513162B02D0F72A43A2FE4A5F97AB"),
            (2, "41E95B3BB0A2E8DD477901E4FCA894C0"),
            (0xfeff, "EC8CDF7398607CB0F2D21675EA9EA1E4"),
            (0xff00, "362B7C3C6773516318A077D7FC5073AE"),
            (0xff01, "6A2CC3787889374FBEB4C81B17BA6C44"),
        ] {
            assert_eq!(stream[block * 16..][..16], bytes(expected), "block {block:x}");
        }
    }

    /// RFC 2202 §3, test 1: the first ten bytes.
    #[test]
    fn the_tag_is_the_beginning_of_hmac_sha1() {
        let counter = Counter::new(&[0; 16], &[0x0b; AUTH_KEY], [0; SALT]).unwrap();
        assert_eq!(
            counter.tag([b"Hi", b" ", b"There"]).unwrap().to_vec(),
            bytes("b617318655057264e28b")
        );
    }
}

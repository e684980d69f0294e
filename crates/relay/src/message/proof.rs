//! MESSAGE-INTEGRITY (RFC 8489 §14.5, HMAC-SHA1) and FINGERPRINT (§14.7).
//!
//! SHA-1 and MD5 are what TURN clients, browsers among them, speak. As a MAC, SHA-1 is still sound; MD5 only spreads a password of 160 random bits.

use aws_lc_rs::hmac;
use md5::{Digest as _, Md5};

use super::HEADER;

/// Bytes of a MESSAGE-INTEGRITY value.
pub(super) const SEAL: usize = 20;
/// Bytes of a whole MESSAGE-INTEGRITY attribute.
const SEAL_ATTRIBUTE: usize = 24;
/// Bytes of a whole FINGERPRINT attribute.
const FINGERPRINT_ATTRIBUTE: usize = 8;
/// Makes the sum differ from one that another protocol in the same packet may have: "STUN".
const FINGERPRINT_MASK: u32 = 0x5354_554E;

/// What messages are signed with.
#[derive(Clone)]
pub struct Key(hmac::Key);

impl std::fmt::Debug for Key {
    // Keys are never shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A short-term credential (RFC 8489 §9.1.1): the password itself.
    pub fn short_term(password: &str) -> Self {
        Self::of(password.as_bytes())
    }

    /// A long-term credential (RFC 8489 §9.2.2): MD5 over user, realm and password. Names are taken as they are; ours are ASCII, which SASLprep does not
    /// change.
    pub fn long_term(username: &[u8], realm: &str, password: &str) -> Self {
        let mut digest = Md5::new();
        for part in [username, b":", realm.as_bytes(), b":", password.as_bytes()] {
            digest.update(part);
        }
        Self::of(&digest.finalize())
    }

    fn of(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, bytes))
    }

    /// The seal over what stands in front of it.
    pub(super) fn seal(&self, front: &[u8]) -> [u8; SEAL] {
        let mut context = hmac::Context::with_key(&self.0);
        with_length(front, SEAL_ATTRIBUTE, |part| context.update(part));
        let mut seal = [0; SEAL];
        seal.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
        seal
    }

    /// Compares in constant time.
    pub(super) fn verifies(&self, front: &[u8], seal: &[u8]) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.seal(front), seal).is_ok()
    }
}

/// The message in pieces, its length as if it ended `behind` bytes after `front`: so both sums are defined.
fn with_length(front: &[u8], behind: usize, mut take: impl FnMut(&[u8])) {
    let Some((&[k0, k1, _, _], rest)) = front.split_first_chunk::<4>() else {
        return;
    };
    let length = u16::try_from((front.len() + behind).saturating_sub(HEADER)).unwrap_or(u16::MAX);
    let [l0, l1] = length.to_be_bytes();
    take(&[k0, k1, l0, l1]);
    take(rest);
}

/// The fingerprint over what stands in front of it.
pub(super) fn fingerprint(front: &[u8]) -> [u8; 4] {
    let mut sum = crc32fast::Hasher::new();
    with_length(front, FINGERPRINT_ATTRIBUTE, |part| sum.update(part));
    (sum.finalize() ^ FINGERPRINT_MASK).to_be_bytes()
}

pub(super) fn is_fingerprint(front: &[u8], value: &[u8]) -> bool {
    value == fingerprint(front)
}

//! Short credentials, tied to a participant.
//!
//! Nothing is stored for them: the name is `<end, seconds since the Unix epoch>:<participant>`, the password base64 of the HMAC-SHA1 of the name, as
//! draft-uberti-behave-turn-rest describes and every relay with a shared secret checks. What makes a credential end early is
//! [`crate::turn::Office::revoke`].

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::message::Key;

/// Longest life of a credential, in seconds. A revocation is remembered for as long.
pub const MAX_LIFETIME_S: u64 = 12 * 3600;
/// Longest participant in bytes; with its time, a name stays well below the 508 bytes that USERNAME may have (RFC 8489 §14.3).
pub const MAX_PARTICIPANT: usize = 256;
/// Most digits of an end that is looked at; it fits in 64 bits.
const MAX_DIGITS: usize = 12;

/// What credentials are derived from. Whoever knows it can make some.
#[derive(Clone)]
pub struct Secret(hmac::Key);

/// What a client needs.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Name.
    pub username: String,
    /// Password.
    pub password: String,
    /// From this second (since the Unix epoch) on it is refused.
    pub expires_s: u64,
}

/// What a name says; true only together with a proof that its password is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The participant.
    pub participant: &'a str,
    /// From this second (since the Unix epoch) on the credential is refused.
    pub expires_s: u64,
}

/// Why no credential was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a participant needs a name of 1 to {MAX_PARTICIPANT} printable ASCII characters to use the relay")]
pub struct BadParticipant;

impl std::fmt::Debug for Secret {
    // Secrets are never shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("expires_s", &self.expires_s)
            .finish_non_exhaustive()
    }
}

impl Secret {
    /// From random bytes; 32 are plenty.
    pub fn new(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, bytes))
    }

    fn password(&self, username: &[u8]) -> String {
        STANDARD.encode(hmac::sign(&self.0, username))
    }

    /// What somebody with this name would sign with. Made for any name, so that an answer does not tell by its time which names there are.
    pub(crate) fn key(&self, username: &[u8], realm: &str) -> Key {
        Key::long_term(username, realm, &self.password(username))
    }
}

impl Credential {
    /// Makes one that ends `lifetime_s` from now; longer than [`MAX_LIFETIME_S`] is cut to that. A participant is whatever shall be revoked at once: the
    /// visit of a person, not the person.
    ///
    /// # Errors
    /// [`BadParticipant`].
    pub fn issue(secret: &Secret, participant: &str, now_s: u64, lifetime_s: u64) -> Result<Self, BadParticipant> {
        if !is_participant(participant) {
            return Err(BadParticipant);
        }
        let expires_s = now_s.saturating_add(lifetime_s.min(MAX_LIFETIME_S));
        let username = format!("{expires_s}:{participant}");
        Ok(Self {
            password: secret.password(username.as_bytes()),
            username,
            expires_s,
        })
    }
}

impl<'a> Claim<'a> {
    /// Reads a name; nothing when none of ours looks so.
    pub fn read(username: &'a [u8]) -> Option<Self> {
        let (end, participant) = std::str::from_utf8(username).ok()?.split_once(':')?;
        if end.is_empty() || end.len() > MAX_DIGITS || !end.bytes().all(|byte| byte.is_ascii_digit()) || !is_participant(participant) {
            return None;
        }
        let expires_s = end.parse().ok()?;
        Some(Self { participant, expires_s })
    }
}

fn is_participant(participant: &str) -> bool {
    (1..=MAX_PARTICIPANT).contains(&participant.len()) && participant.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_mac_of_the_name_under_the_secret() {
        let credential = |secret: &[u8]| Credential::issue(&Secret::new(secret), "8:acs:a_b", 1_433_895_318, 600).unwrap();
        let ours = credential(b"north");
        assert_eq!(ours.username, "1433895918:8:acs:a_b");
        // Made with: printf '1433895918:8:acs:a_b' | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(ours.password, "hEu00ElTxrHx2hzfLlkoPV20ONM=");
        assert_ne!(credential(b"south").password, ours.password);
        assert!(!format!("{ours:?}{:?}", Secret::new(b"north")).contains(&ours.password));
    }

    #[test]
    fn a_name_is_read_as_it_was_issued() {
        let credential = Credential::issue(&Secret::new(b"s"), "8:acs:a_b", 1_000, 60).unwrap();
        let claim = Claim::read(credential.username.as_bytes()).unwrap();
        assert_eq!((claim.participant, claim.expires_s), ("8:acs:a_b", 1_060));
    }

    #[test]
    fn a_credential_lives_no_longer_than_a_revocation_is_remembered() {
        let ends = |lifetime| Credential::issue(&Secret::new(b"s"), "p", 1_000, lifetime).unwrap().expires_s;
        assert_eq!(ends(60), 1_060);
        assert_eq!(ends(u64::MAX), 1_000 + MAX_LIFETIME_S);
    }

    #[test]
    fn names_that_were_never_issued_are_not_read() {
        for name in [
            "",
            ":",
            "1:",
            ":p",
            "p",
            "-1:p",
            "+1:p",
            " 1:p",
            "1 :p",
            "1:p q",
            "1:ä",
            "9999999999999:p",
        ] {
            assert_eq!(Claim::read(name.as_bytes()), None, "{name:?}");
        }
        assert_eq!(Claim::read(&[0xFF, b':', b'p']), None);
        assert_eq!(Claim::read(format!("1:{}", "p".repeat(MAX_PARTICIPANT + 1)).as_bytes()), None);
        assert!(Claim::read(format!("1:{}", "p".repeat(MAX_PARTICIPANT)).as_bytes()).is_some());
    }

    #[test]
    fn participants_that_could_not_be_read_again_get_no_credential() {
        for participant in ["", "a b", "ä", "a\n", &"p".repeat(MAX_PARTICIPANT + 1)] {
            assert_eq!(
                Credential::issue(&Secret::new(b"s"), participant, 0, 60),
                Err(BadParticipant),
                "{participant:?}"
            );
        }
    }
}

//! Relay (TURN) configuration: short credentials for relays that the operator runs.
//!
//! The credential is derived from the secret that server and relay share, as draft-uberti-behave-turn-rest says and coturn's `use-auth-secret`
//! checks: the name is `<end, seconds>:<whom>`, the password the HMAC-SHA1 of the name. Nothing is stored, so a credential that was issued
//! works until its end, also when the identity is deleted before; a deleted identity gets no new one.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::error::AppError;
use crate::{App, Micros, Relay, ids};

/// Longest life of a credential, and the one when none is asked for, in seconds (two days).
pub const RELAY_TTL_S: u32 = 172_800;

/// What a client needs to use the relays.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayCredential {
    /// `stun:` and `turn:`/`turns:` URLs.
    pub urls: Vec<String>,
    /// Name.
    pub username: String,
    /// Password.
    pub password: String,
    /// From then on it is refused.
    pub expires: Micros,
}

impl std::fmt::Debug for RelayCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayCredential")
            .field("urls", &self.urls)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Why there is no credential.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The operator runs no relay.
    #[error("This server has no relay; its operator names one with --relay-url and --relay-secret")]
    NotConfigured,
    /// Anything else.
    #[error(transparent)]
    App(#[from] AppError),
}

impl App {
    /// Issues a credential for an identity, or for nobody in particular. `ttl_s` is how long it lives; longer than [`RELAY_TTL_S`] is cut to that.
    ///
    /// # Errors
    /// `NotConfigured`; `App(NotFound)` for an identity that is unknown or deleted; or the store failed.
    pub async fn issue_relay_credential(&self, raw_id: Option<&str>, ttl_s: Option<u32>) -> Result<RelayCredential, RelayError> {
        let relay = self.config().relay.as_ref().ok_or(RelayError::NotConfigured)?;
        let whom = match raw_id {
            Some(raw_id) => {
                let known = self.store().identity(raw_id).await.map_err(AppError::from)?;
                if known.is_none_or(|identity| identity.deleted.is_some()) {
                    return Err(AppError::NotFound { what: "identity" }.into());
                }
                raw_id.to_owned()
            }
            None => ids::guid(self.random()),
        };
        let ttl_s = ttl_s.unwrap_or(RELAY_TTL_S).min(RELAY_TTL_S);
        Ok(relay.credential(&whom, self.now() / 1_000_000 + i64::from(ttl_s)))
    }
}

impl Relay {
    /// `ends` in seconds since the Unix epoch.
    fn credential(&self, whom: &str, ends: i64) -> RelayCredential {
        let username = format!("{ends}:{whom}");
        // SHA-1 is what relays check; as a MAC it is still sound.
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.secret.as_bytes());
        RelayCredential {
            urls: self.urls.clone(),
            password: STANDARD.encode(hmac::sign(&key, username.as_bytes())),
            username,
            expires: ends * 1_000_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_mac_of_end_and_name_under_the_shared_secret() {
        let relay = |secret: &str| Relay {
            urls: vec!["turn:relay.example:3478".to_owned()],
            secret: secret.to_owned(),
        };
        let credential = relay("north").credential("8:acs:a_b", 1_433_895_918);
        assert_eq!(credential.username, "1433895918:8:acs:a_b");
        // Made with: printf '1433895918:8:acs:a_b' | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(credential.password, "hEu00ElTxrHx2hzfLlkoPV20ONM=");
        assert_ne!(relay("south").credential("8:acs:a_b", 1_433_895_918).password, credential.password);
        assert_ne!(relay("north").credential("8:acs:a_b", 1_433_895_919).password, credential.password);
        assert!(!format!("{credential:?}").contains(&credential.password));
    }
}

//! Passwords (Argon2id, on blocking threads, few at a time) and the hash of high-entropy secrets (SHA-256).
//!
//! Argon2id costs about 20 MB and some tens of milliseconds; a semaphore bounds how many run at once, so that a flood of sign-ins
//! waits instead of taking the memory. Client secrets are 256 random bits, so a fast hash is enough for them.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use crate::error::AppError;
use crate::ports::Random;

/// How many hashes are computed at once.
const AT_ONCE: usize = 2;
/// Longer passwords are refused before hashing.
pub const MAX_PASSWORD: usize = 256;

/// Hashes and verifies passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
    /// Verified against when the member is unknown, so that the answer takes as long.
    dummy: Arc<str>,
}

impl Passwords {
    pub(crate) fn new(random: &dyn Random) -> Result<Self, AppError> {
        let mut nobody = [0; 16];
        random.fill(&mut nobody);
        let dummy = hash_now(&nobody, salt(random))?;
        Ok(Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            dummy: dummy.into(),
        })
    }

    /// A PHC string.
    pub(crate) async fn hash(&self, password: &str, random: &dyn Random) -> Result<String, AppError> {
        let (password, salt) = (password.as_bytes().to_vec(), salt(random));
        self.blocking(move || hash_now(&password, salt)).await?
    }

    /// Whether the password fits; with no hash the same work is done and the answer is no.
    pub(crate) async fn verify(&self, password: &str, phc: Option<String>) -> Result<bool, AppError> {
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.dummy.to_string());
        let usable = password.len() <= MAX_PASSWORD;
        let password = if usable { password.as_bytes().to_vec() } else { Vec::new() };
        let fits = self
            .blocking(move || PasswordHash::new(&phc).is_ok_and(|hash| Argon2::default().verify_password(&password, &hash).is_ok()))
            .await?;
        Ok(fits && known && usable)
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        let failed = AppError::Crypto {
            operation: "hashing a password",
        };
        let Ok(permit) = self.permits.clone().acquire_owned().await else {
            return Err(failed);
        };
        let outcome = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        outcome.await.map_err(|_| failed)
    }
}

fn salt(random: &dyn Random) -> [u8; 16] {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    salt
}

fn hash_now(password: &[u8], salt: [u8; 16]) -> Result<String, AppError> {
    let hash = Argon2::default().hash_password_with_salt(password, &salt);
    hash.map(|hash| hash.to_string()).map_err(|_| AppError::Crypto {
        operation: "hashing a password",
    })
}

/// Hash of a random secret, as kept in the store.
#[must_use]
pub fn hash_secret(secret: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret.as_bytes());
    format!("sha256:{}", STANDARD.encode(digest.as_ref()))
}

/// Whether a secret has one of the hashes; constant time per hash.
#[must_use]
pub fn secret_matches<'a>(secret: &str, hashes: impl IntoIterator<Item = &'a str>) -> bool {
    let given = hash_secret(secret);
    hashes
        .into_iter()
        .fold(false, |found, hash| found | bool::from(given.as_bytes().ct_eq(hash.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let random = SystemRandom::default();
        let passwords = Passwords::new(&random).unwrap();
        let phc = passwords.hash("correct horse", &random).await.unwrap();
        assert!(phc.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse", Some(phc.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse", Some(phc.clone())).await.unwrap());
        assert!(!passwords.verify("correct horse", None).await.unwrap());
        assert!(!passwords.verify(&"x".repeat(MAX_PASSWORD + 1), Some(phc)).await.unwrap());
    }

    #[test]
    fn a_secret_matches_any_of_its_hashes() {
        let hashes = [hash_secret("one"), hash_secret("two")];
        let matches = |secret: &str| secret_matches(secret, hashes.iter().map(String::as_str));
        assert!(matches("one") && matches("two") && !matches("three"));
        assert!(!secret_matches("one", []));
    }
}

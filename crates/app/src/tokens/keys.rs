//! The key ring: several RSA keys, the newest signs, all of them verify.
//!
//! Payloads are written as ASCII without `?`, `~` and `>` (as JSON escapes), because a widely used client decodes them with the wrong
//! base64 alphabet. Verifying checks algorithm, key and signature only; times and audiences are the business of the callers, who have the clock.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Micros;
use crate::error::{AppError, TokenError};
use crate::model::SigningKeyRecord;
use crate::ports::StoreError;

/// A public key as the JWKS document shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// `RSA`.
    pub kty: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// `RS256`.
    pub alg: &'static str,
    /// Key id.
    pub kid: String,
    /// Modulus, base64url.
    pub n: String,
    /// Exponent, base64url.
    pub e: String,
}

struct Key {
    pair: RsaKeyPair,
    decoding: DecodingKey,
    jwk: Jwk,
}

/// Signs and verifies; cheap to clone, sees rotations at once.
#[derive(Clone, Default)]
pub struct Signer(Arc<RwLock<Arc<Vec<Key>>>>);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ring().iter().map(|key| &key.jwk.kid)).finish()
    }
}

impl Signer {
    /// Signs claims with the newest key.
    ///
    /// # Errors
    /// [`TokenError::Signing`] when there is no key or cryptography fails.
    pub fn sign(&self, claims: &Value) -> Result<String, TokenError> {
        let ring = self.ring();
        let key = ring.first().ok_or(TokenError::Signing)?;
        let header = serde_json::json!({ "alg": "RS256", "kid": key.jwk.kid, "typ": "JWT" });
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(plain_ascii(&header)),
            URL_SAFE_NO_PAD.encode(plain_ascii(claims))
        );
        let mut signature = vec![0; key.pair.public_modulus_len()];
        let signed = key
            .pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature);
        signed.map_err(|_| TokenError::Signing)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The public keys, newest first.
    #[must_use]
    pub fn jwks(&self) -> Vec<Jwk> {
        self.ring().iter().map(|key| key.jwk.clone()).collect()
    }

    /// Checks algorithm, key and signature and gives the claims. Times, issuer and audience are NOT checked.
    ///
    /// # Errors
    /// `Malformed`, `UnknownKey` or `BadSignature`.
    pub fn verify_signature(&self, jwt: &str) -> Result<Map<String, Value>, TokenError> {
        if jwt.len() > 16 * 1024 {
            return Err(TokenError::Malformed);
        }
        let header = decode_header(jwt).map_err(|_| TokenError::Malformed)?;
        let kid = header.kid.ok_or(TokenError::UnknownKey)?;
        let ring = self.ring();
        let key = ring.iter().find(|key| key.jwk.kid == kid).ok_or(TokenError::UnknownKey)?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims = HashSet::new();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        let decoded = decode::<Map<String, Value>>(jwt, &key.decoding, &validation);
        decoded.map(|data| data.claims).map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => TokenError::BadSignature,
            _ => TokenError::Malformed,
        })
    }

    pub(crate) fn load(&self, records: &[SigningKeyRecord]) -> Result<(), StoreError> {
        let keys: Result<Vec<Key>, StoreError> = records.iter().map(read_key).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys?);
        Ok(())
    }

    fn ring(&self) -> Arc<Vec<Key>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Makes a new 2048-bit key.
pub(crate) fn generate(now: Micros) -> Result<SigningKeyRecord, AppError> {
    let failed = |_| AppError::Crypto {
        operation: "making a signing key",
    };
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
    let der: Pkcs8V1Der<'static> = pair.as_der().map_err(failed)?;
    Ok(SigningKeyRecord {
        kid: kid_of(&pair),
        pkcs8: STANDARD.encode(der.as_ref()),
        created: now,
    })
}

fn kid_of(pair: &RsaKeyPair) -> String {
    let modulus = pair.public_key().modulus();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, modulus.big_endian_without_leading_zero());
    URL_SAFE_NO_PAD.encode(digest.as_ref().get(..16).unwrap_or_default())
}

fn read_key(record: &SigningKeyRecord) -> Result<Key, StoreError> {
    let corrupt = |reason: String| StoreError::Corrupt {
        what: "signing key",
        reason,
    };
    let der = STANDARD.decode(&record.pkcs8).map_err(|error| corrupt(error.to_string()))?;
    let pair = RsaKeyPair::from_pkcs8(&der).map_err(|error| corrupt(error.to_string()))?;
    let (n, e) = {
        let public = pair.public_key();
        (
            public.modulus().big_endian_without_leading_zero().to_vec(),
            public.exponent().big_endian_without_leading_zero().to_vec(),
        )
    };
    let jwk = Jwk {
        kty: "RSA",
        usage: "sig",
        alg: "RS256",
        kid: record.kid.clone(),
        n: URL_SAFE_NO_PAD.encode(&n),
        e: URL_SAFE_NO_PAD.encode(&e),
    };
    Ok(Key {
        decoding: DecodingKey::from_rsa_raw_components(&n, &e),
        pair,
        jwk,
    })
}

/// JSON in ASCII, with `?`, `~`, `>` and DEL escaped.
fn plain_ascii(value: &Value) -> String {
    let json = value.to_string();
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && !matches!(character, '?' | '~' | '>' | '\u{7f}') {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn signer() -> (Signer, SigningKeyRecord) {
        let record = generate(1).unwrap();
        let signer = Signer::default();
        signer.load(std::slice::from_ref(&record)).unwrap();
        (signer, record)
    }

    #[test]
    fn what_was_signed_is_verified_and_what_was_changed_is_not() {
        let (signer, _) = signer();
        let claims = json!({ "sub": "x", "name": "Zoë > ? ~ 🎉" });
        let jwt = signer.sign(&claims).unwrap();
        assert_eq!(Value::Object(signer.verify_signature(&jwt).unwrap()), claims);
        let payload = jwt.split('.').nth(1).unwrap();
        assert!(!payload.contains(['-', '_']), "standard and URL-safe base64 agree");
        let other = URL_SAFE_NO_PAD.encode(r#"{"sub":"y"}"#);
        assert!(matches!(
            signer.verify_signature(&jwt.replace(payload, &other)),
            Err(TokenError::BadSignature)
        ));
    }

    #[test]
    fn a_token_without_our_key_or_with_another_algorithm_is_refused() {
        let (signer, _) = signer();
        let (stranger, _) = self::signer();
        let foreign = stranger.sign(&json!({ "sub": "x" })).unwrap();
        assert!(matches!(signer.verify_signature(&foreign), Err(TokenError::UnknownKey)));
        assert!(stranger.verify_signature(&foreign).is_ok());
        let kid = &signer.jwks()[0].kid;
        for alg in ["none", "HS256", "RS512"] {
            let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "kid": kid }).to_string());
            let jwt = format!("{header}.{}.AAAA", URL_SAFE_NO_PAD.encode("{}"));
            assert!(signer.verify_signature(&jwt).is_err(), "{alg}");
        }
        for garbage in ["", "a.b", "a.b.c", "....", "é.é.é"] {
            assert!(matches!(signer.verify_signature(garbage), Err(TokenError::Malformed)), "{garbage}");
        }
    }

    #[test]
    fn after_a_rotation_the_newest_key_signs_and_the_old_one_still_verifies() {
        let (signer, old) = signer();
        let before = signer.sign(&json!({ "sub": "x" })).unwrap();
        let new = generate(2).unwrap();
        signer.load(&[new.clone(), old]).unwrap();
        let after = signer.sign(&json!({ "sub": "y" })).unwrap();
        assert!(signer.verify_signature(&before).is_ok() && signer.verify_signature(&after).is_ok());
        assert_eq!(signer.jwks().len(), 2);
        signer.load(&[new]).unwrap();
        assert!(matches!(signer.verify_signature(&before), Err(TokenError::UnknownKey)));
        assert!(signer.verify_signature(&after).is_ok());
    }
}

//! Whether an identity token is what it must be (OpenID Connect Core 1.0 §3.1.3.7). Pure: the time is an argument.
//!
//! The order is: form and algorithm of the header (`header`), then the signature with the key that `keys` chose, then every claim. The library verifies
//! the signature; the claims are judged here, by our clock.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation, decode};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::keys::UpstreamKey;
use crate::Micros;

/// Algorithms that are accepted: signatures with a public key only.
pub(crate) const ALGORITHMS: &[&str] = &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"];
/// Longer tokens are not read.
pub(crate) const MOST_BYTES: usize = 32 * 1024;
/// How far the provider's clock may be from ours.
const SKEW_SECONDS: i64 = 120;
/// A token issued longer ago does not answer a request that was just made.
const MOST_AGE_SECONDS: i64 = 15 * 60;

/// What a token's header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenHeader {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
}

/// What the claims must say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    /// How old the sign-in at the provider may be, in seconds; with 0 it must not have been before `begun`.
    pub(crate) max_age: Option<i64>,
    /// When the person was sent to the provider.
    pub(crate) begun: Micros,
    pub(crate) now: Micros,
}

/// Reads the header of a token.
///
/// # Errors
/// What is wrong, as part of a sentence.
pub(crate) fn header(token: &str) -> Result<TokenHeader, &'static str> {
    const UNREADABLE: &str = "its identity token cannot be read";
    if token.len() > MOST_BYTES {
        return Err("its identity token is too long");
    }
    let mut parts = token.split('.');
    let (Some(first), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err("its identity token is encrypted or not a signed token");
    };
    let bytes = URL_SAFE_NO_PAD.decode(first).map_err(|_| UNREADABLE)?;
    let header: Map<String, Value> = serde_json::from_slice(&bytes).map_err(|_| UNREADABLE)?;
    if header.contains_key("crit") {
        return Err("its identity token demands an extension that is not known");
    }
    let algorithm = header
        .get("alg")
        .and_then(Value::as_str)
        .filter(|name| ALGORITHMS.contains(name))
        .and_then(|name| name.parse().ok())
        .ok_or("its identity token is not signed with an accepted algorithm")?;
    let kid = match header.get("kid") {
        None => None,
        Some(kid) => Some(kid.as_str().ok_or(UNREADABLE)?.to_owned()),
    };
    Ok(TokenHeader { algorithm, kid })
}

/// Verifies a token with a key and gives its claims.
///
/// # Errors
/// Which check failed, as part of a sentence.
pub(crate) fn verify(
    token: &str,
    header: &TokenHeader,
    key: &UpstreamKey,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, &'static str> {
    let mut validation = Validation::new(header.algorithm);
    validation.required_spec_claims = HashSet::new();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let decoded = decode::<Map<String, Value>>(token, &key.decoding, &validation);
    let claims = decoded.map_err(|_| "the signature of its identity token is wrong")?.claims;
    check(&claims, expected)?;
    Ok(claims)
}

fn check(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err("its identity token was issued by somebody else");
    }
    check_audience(claims, expected.client_id)?;
    check_times(claims, expected)?;
    let nonce = text("nonce").unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err("its identity token answers another request");
    }
    if text("sub").is_none_or(str::is_empty) {
        return Err("its identity token does not say who signed in");
    }
    Ok(())
}

fn check_audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), &'static str> {
    const ELSEWHERE: &str = "its identity token is meant for another application";
    let (ours, several) = match claims.get("aud") {
        Some(Value::String(audience)) => (audience == client_id, false),
        Some(Value::Array(audiences)) => (
            audiences.iter().any(|audience| audience.as_str() == Some(client_id)),
            audiences.len() > 1,
        ),
        _ => (false, false),
    };
    let authorized = match claims.get("azp") {
        Some(party) => party.as_str() == Some(client_id),
        // Of several audiences one must be said to be the one that asked.
        None => !several,
    };
    if ours && authorized { Ok(()) } else { Err(ELSEWHERE) }
}

fn check_times(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), &'static str> {
    let now = expected.now / 1_000_000;
    let expires = seconds(claims, "exp").ok_or("its identity token does not say until when it is valid")?;
    let issued = seconds(claims, "iat").ok_or("its identity token does not say when it was issued")?;
    if expires.saturating_add(SKEW_SECONDS) <= now {
        return Err("its identity token has expired");
    }
    let early = |at: i64| at.saturating_sub(SKEW_SECONDS) > now;
    if early(issued) || seconds(claims, "nbf").is_some_and(early) {
        return Err("its identity token is not valid yet; the clocks differ");
    }
    if issued.saturating_add(MOST_AGE_SECONDS) < now {
        return Err("its identity token is too old");
    }
    if let Some(max_age) = expected.max_age {
        let signed_in = seconds(claims, "auth_time").ok_or("it does not say when you signed in, which the application wants to know")?;
        // Somebody who had to sign in anew may have needed some minutes for it, and some more to come back.
        let counted_from = if max_age == 0 { expected.begun / 1_000_000 } else { now };
        if signed_in.saturating_add(max_age).saturating_add(SKEW_SECONDS) < counted_from {
            return Err("you signed in there longer ago than the application accepts");
        }
    }
    Ok(())
}

/// A time claim in whole seconds; some providers write fractions.
pub(crate) fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    // The cast saturates.
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

//! Requests signed with an access key (HMAC-SHA256). Pure: everything, the time included, is an argument.
//!
//! Owns: the checks of date, body hash and signature. Not here: where keys come from (`app`), and how a failure looks over HTTP (`error`).
//! Invariants, kept by the tests below and the published vectors: the body, the host, the date and the whole target are covered by the signature;
//! signatures are compared in constant time; nothing in a request can make the check panic.

mod authorization;
mod candidates;

use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method};
use jiff::{Timestamp, fmt::rfc2822};
use subtle::ConstantTimeEq;

use authorization::SignedRequest;

/// How far the date of a request may be from the server's clock, in either direction.
const MAX_SKEW_S: i64 = 15 * 60;

/// Why a signed request is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The `Authorization` header is not of the form that the scheme asks for.
    #[error(
        "The Authorization header must read 'HMAC-SHA256 SignedHeaders=<names>&Signature=<base64>'; check that the client signs its requests"
    )]
    MalformedAuthorization,
    /// The date, the host or the body hash is not covered by the signature.
    #[error("SignedHeaders must name x-ms-date (or date), host and x-ms-content-sha256; sign all three")]
    HeadersNotSigned,
    /// A header named in `SignedHeaders` is not in the request.
    #[error("A header named in SignedHeaders is missing or not text; send every header that is signed")]
    HeaderMissing,
    /// The date cannot be read.
    #[error("The date header must be an HTTP date in GMT, for example 'Sun, 22 Nov 2026 12:17:30 GMT'")]
    MalformedDate,
    /// The date is too far from the server's clock.
    #[error("The date of the request is more than 15 minutes away from the server's clock; set the clock of the caller")]
    DateOutOfRange,
    /// The body is not the one that was hashed.
    #[error("x-ms-content-sha256 is not the base64 SHA-256 of the body; hash the bytes that are sent")]
    BodyHashMismatch,
    /// No key of the resource makes this signature.
    #[error("The signature does not match; check the access key, and that host and path reach the server as they were signed")]
    SignatureMismatch,
}

/// What one request looked like on the wire, and against what it is held.
#[derive(Debug, Clone, Copy)]
pub struct Inspection<'a> {
    /// Verb.
    pub method: &'a Method,
    /// Request target as received: path and query, nothing decoded.
    pub raw_target: &'a str,
    /// Headers as received.
    pub headers: &'a HeaderMap,
    /// Body as received.
    pub body: &'a [u8],
    /// Host names (with port) under which the server is known besides the `Host` header, for proxies that rewrite it.
    pub authorities: &'a [String],
    /// Access keys of the resource, decoded.
    pub keys: &'a [Vec<u8>],
    /// Now, in microseconds since the Unix epoch.
    pub now: i64,
}

/// Checks that a request was signed with one of the keys.
///
/// # Errors
/// The first thing that does not hold; see [`SignatureError`].
pub fn verify(request: Inspection<'_>) -> Result<(), SignatureError> {
    let signed = SignedRequest::parse(request.headers)?;
    check_date(signed.date, request.now)?;
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, request.body));
    if !bool::from(hash.as_bytes().ct_eq(signed.content_hash.as_bytes())) {
        return Err(SignatureError::BodyHashMismatch);
    }
    let targets = candidates::targets(request.raw_target);
    let hosts = candidates::hosts(signed.host, request.authorities);
    for key in request.keys {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        for target in &targets {
            for host in &hosts {
                let text = string_to_sign(request.method, target, &signed.values_with_host(host));
                if hmac::verify(&key, &text, &signed.signature).is_ok() {
                    return Ok(());
                }
            }
        }
    }
    Err(SignatureError::SignatureMismatch)
}

fn string_to_sign(method: &Method, target: &[u8], values: &str) -> Vec<u8> {
    [method.as_str().as_bytes(), target, values.as_bytes()].join(&b'\n')
}

fn check_date(text: &str, now: i64) -> Result<(), SignatureError> {
    let date: Timestamp = rfc2822::DateTimeParser::new()
        .parse_timestamp(text.trim())
        .map_err(|_| SignatureError::MalformedDate)?;
    let now_s = now.div_euclid(1_000_000);
    if date.as_second().abs_diff(now_s) > MAX_SKEW_S.unsigned_abs() {
        Err(SignatureError::DateOutOfRange)
    } else {
        Ok(())
    }
}

/// Whether the request carries an access-key signature at all.
#[must_use]
pub fn is_signed(headers: &HeaderMap) -> bool {
    headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| authorization::strip_scheme(value).is_some())
}

#[cfg(test)]
mod tests;

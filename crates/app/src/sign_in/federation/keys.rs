//! The public keys of a provider (RFC 7517), and which of them a token was signed with.
//!
//! Keys that could not verify an accepted algorithm are left out when the document is read, so that a symmetric key or a short one is never looked at.

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde_json::Value;

use super::id_token::TokenHeader;

/// More keys than any provider has at a time; what is beyond is not read.
const MOST_KEYS: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
}

impl Kind {
    fn fits(self, algorithm: Algorithm) -> bool {
        match self {
            Kind::Rsa => matches!(
                algorithm,
                Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512 | Algorithm::PS256 | Algorithm::PS384 | Algorithm::PS512
            ),
            Kind::P256 => algorithm == Algorithm::ES256,
            Kind::P384 => algorithm == Algorithm::ES384,
        }
    }
}

/// A key that verifies.
#[derive(Clone)]
pub(crate) struct UpstreamKey {
    kid: Option<String>,
    kind: Kind,
    /// The only algorithm it is for, when the provider says so.
    only: Option<Algorithm>,
    pub(crate) decoding: DecodingKey,
}

/// Which key verifies a token.
pub(crate) enum Choice<'a> {
    /// This one.
    Found(&'a UpstreamKey),
    /// None: the keys may have been changed since they were read.
    Unknown,
    /// The token names none, and several would do.
    Ambiguous,
}

/// Reads a key set; nothing when it is none.
pub(crate) fn read(body: &[u8]) -> Option<Vec<UpstreamKey>> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let keys = document.get("keys")?.as_array()?;
    Some(keys.iter().take(MOST_KEYS).filter_map(read_key).collect())
}

/// The key for a token.
pub(crate) fn choose<'a>(keys: &'a [UpstreamKey], header: &TokenHeader) -> Choice<'a> {
    let mut fitting = keys.iter().filter(|key| {
        let for_it = key.only.is_none_or(|only| only == header.algorithm);
        let named = header.kid.is_none() || key.kid == header.kid;
        key.kind.fits(header.algorithm) && for_it && named
    });
    match (fitting.next(), fitting.next()) {
        (None, _) => Choice::Unknown,
        (Some(key), None) => Choice::Found(key),
        (Some(_), Some(_)) => Choice::Ambiguous,
    }
}

fn read_key(value: &Value) -> Option<UpstreamKey> {
    let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let kind = match &jwk.algorithm {
        AlgorithmParameters::RSA(rsa) if long_enough(&rsa.n) => Kind::Rsa,
        AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P256 => Kind::P256,
        AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P384 => Kind::P384,
        _ => return None,
    };
    let only = match jwk.common.key_algorithm {
        None => None,
        // A key for something else verifies nothing.
        Some(algorithm) => Some(Algorithm::try_from(algorithm).ok()?),
    };
    Some(UpstreamKey {
        kid: jwk.common.key_id.clone(),
        kind,
        only,
        decoding: DecodingKey::from_jwk(&jwk).ok()?,
    })
}

/// 2048 bits at least, as the text of a modulus shows: 256 bytes are 342 characters of base64url.
fn long_enough(modulus: &str) -> bool {
    modulus.trim_end_matches('=').len() >= 342
}

//! What the `Authorization` header of a signed request says, joined with the headers that it names.

use base64::{Engine, alphabet::STANDARD as ALPHABET, engine};
use http::{HeaderMap, header::AUTHORIZATION};

use super::SignatureError;

/// More names than any client signs; longer lists are not read.
const MAX_SIGNED_HEADERS: usize = 16;

/// Takes base64 with or without padding.
const LENIENT: engine::GeneralPurpose = engine::GeneralPurpose::new(
    &ALPHABET,
    engine::GeneralPurposeConfig::new().with_decode_padding_mode(engine::DecodePaddingMode::Indifferent),
);

/// The signed part of a request.
pub(super) struct SignedRequest<'a> {
    names: Vec<String>,
    values: Vec<&'a str>,
    pub(super) date: &'a str,
    pub(super) host: &'a str,
    pub(super) content_hash: &'a str,
    pub(super) signature: Vec<u8>,
}

impl<'a> SignedRequest<'a> {
    pub(super) fn parse(headers: &'a HeaderMap) -> Result<Self, SignatureError> {
        let text = value_of(headers, AUTHORIZATION.as_str()).ok_or(SignatureError::MalformedAuthorization)?;
        let (names, signature) = parameters(text).ok_or(SignatureError::MalformedAuthorization)?;
        let values: Vec<&str> = names
            .iter()
            .map(|name| value_of(headers, name).ok_or(SignatureError::HeaderMissing))
            .collect::<Result<_, _>>()?;
        let signed = |wanted: &str| names.iter().zip(&values).find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        let (Some(date), Some(host), Some(content_hash)) = (
            signed("x-ms-date").or_else(|| signed("date")),
            signed("host"),
            signed("x-ms-content-sha256"),
        ) else {
            return Err(SignatureError::HeadersNotSigned);
        };
        Ok(Self {
            date,
            host,
            content_hash,
            signature,
            values,
            names,
        })
    }

    /// The signed values in the signed order, with another host in place of the received one.
    pub(super) fn values_with_host(&self, host: &str) -> String {
        let values: Vec<&str> = self
            .names
            .iter()
            .zip(&self.values)
            .map(|(name, value)| if name == "host" { host } else { value })
            .collect();
        values.join(";")
    }
}

/// The parameters after the scheme, when the scheme is the one of access keys.
pub(super) fn strip_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("HMAC-SHA256").then(|| rest.trim())
}

fn parameters(text: &str) -> Option<(Vec<String>, Vec<u8>)> {
    let (mut names, mut signature) = (None, None);
    for part in strip_scheme(text)?.split('&') {
        let (key, value) = part.split_once('=')?;
        if key.eq_ignore_ascii_case("SignedHeaders") {
            names = Some(value.split(';').map(|name| name.trim().to_ascii_lowercase()).collect::<Vec<_>>());
        } else if key.eq_ignore_ascii_case("Signature") {
            signature = LENIENT.decode(value).ok();
        }
    }
    let (names, signature) = (names?, signature?);
    (names.len() <= MAX_SIGNED_HEADERS).then_some((names, signature))
}

fn value_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

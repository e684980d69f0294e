//! Signed assertions (RFC 7523): an application proves itself with a JWT signed by a key whose public half is registered.
//!
//! The header only chooses among the registered keys and between two algorithms; a key in the header (`x5c`, `jwk`) is not
//! looked at. An assertion may come more than once while it lives: the official clients sign one and use it for ten minutes,
//! so a `jti` that was seen before proves nothing; a short life bounds what somebody who stole one can do.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::refusal::{Refusal, SignInError};
use crate::{
    App, Micros,
    model::{Application, ApplicationKey},
    tokens::Claims,
};

/// Longer assertions are not read; the longest honest ones carry a chain of certificates.
const MAX_LENGTH: usize = 32 * 1024;
/// How far in the future an assertion may expire.
const LONGEST_LIFE: Micros = 60 * 60 * 1_000_000;
/// How far the clocks of two machines may be apart.
const TOLERANCE: Micros = 5 * 60 * 1_000_000;

#[derive(Deserialize)]
struct Header {
    alg: String,
    x5t: Option<String>,
    #[serde(rename = "x5t#S256")]
    x5t_sha256: Option<String>,
    kid: Option<String>,
}

/// The parts of a JWT, read and not verified.
struct Parts<'a> {
    header: Header,
    claims: Claims,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn read(assertion: &'a str) -> Result<Self, Refusal> {
        let malformed = || Refusal::AssertionMalformed("it is not a JWT of three base64url parts with JSON objects");
        if assertion.len() > MAX_LENGTH {
            return Err(Refusal::AssertionMalformed("it is longer than 32 KiB"));
        }
        let (signed, signature) = assertion.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = signed.split_once('.').ok_or_else(malformed)?;
        // Some clients leave the padding on, which changes nothing: the signature is over the text as it came.
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let header = decode(header).and_then(|json| serde_json::from_slice(&json).ok());
        let claims = decode(payload).and_then(|json| serde_json::from_slice::<Map<String, Value>>(&json).ok());
        Ok(Self {
            header: header.ok_or_else(malformed)?,
            claims: Claims(claims.ok_or_else(malformed)?),
            signed,
            signature: decode(signature).ok_or_else(malformed)?,
        })
    }
}

/// The application that an assertion says it comes from, for requests that do not name it otherwise. Nothing is verified.
#[must_use]
pub fn assertion_subject(assertion: &str) -> Option<String> {
    let parts = Parts::read(assertion).ok()?;
    parts.claims.text("sub").map(str::to_owned)
}

impl App {
    /// Whether an assertion was signed by this application, for this server, for now.
    pub(crate) async fn verify_assertion(&self, application: &Application, assertion: &str) -> Result<(), SignInError> {
        let parts = Parts::read(assertion)?;
        let now = self.now();
        verify_signature(&parts, application, now)?;
        let ours = |name: &str| {
            parts
                .claims
                .text(name)
                .is_some_and(|id| id.eq_ignore_ascii_case(&application.client_id))
        };
        if !ours("iss") || !ours("sub") {
            return Err(Refusal::AssertionOfAnother.into());
        }
        check_times(&parts.claims, now)?;
        for audience in parts.claims.list("aud") {
            if self.is_own_endpoint(&audience).await? {
                return Ok(());
            }
        }
        Err(Refusal::AssertionForAnother.into())
    }

    /// Whether an audience is our token endpoint or issuer, under any of our origins and any spelling of the tenant.
    async fn is_own_endpoint(&self, audience: &str) -> Result<bool, SignInError> {
        let path = self.config().origins().find_map(|origin| {
            let matches = audience.get(..origin.len()).is_some_and(|start| start.eq_ignore_ascii_case(origin));
            audience.get(origin.len()..).filter(|_| matches)?.strip_prefix('/')
        });
        let Some((tenant, rest)) = path.and_then(|path| path.split_once('/')) else {
            return Ok(false);
        };
        let endpoint = matches!(rest.trim_end_matches('/'), "oauth2/v2.0/token" | "v2.0");
        Ok(endpoint && self.is_tenant(tenant).await?)
    }
}

fn verify_signature(parts: &Parts<'_>, application: &Application, now: Micros) -> Result<(), Refusal> {
    let algorithm: &'static RsaParameters = match parts.header.alg.as_str() {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        _ => return Err(Refusal::AssertionMalformed("its algorithm is neither RS256 nor PS256")),
    };
    let key = choose(&parts.header, &application.keys).ok_or(Refusal::AssertionKeyUnknown)?;
    if key.expires.is_some_and(|end| end <= now) || key.valid_from.is_some_and(|start| start > now.saturating_add(TOLERANCE)) {
        return Err(Refusal::AssertionKeyOutOfTime);
    }
    let der = STANDARD.decode(&key.public_key).map_err(|_| Refusal::AssertionKeyUnknown)?;
    let verified = UnparsedPublicKey::new(algorithm, &der).verify(parts.signed.as_bytes(), &parts.signature);
    verified.map_err(|_| Refusal::AssertionSignatureWrong)
}

/// The registered key that the header names: by thumbprint when it has one, else by `kid`.
fn choose<'k>(header: &Header, keys: &'k [ApplicationKey]) -> Option<&'k ApplicationKey> {
    let names = |known: &Option<String>, asked: &str| known.as_deref().is_some_and(|known| known == asked.trim_end_matches('='));
    keys.iter().find(|key| match (&header.x5t_sha256, &header.x5t, &header.kid) {
        (Some(sha256), sha1, _) => names(&key.sha256, sha256) && sha1.as_deref().is_none_or(|sha1| names(&key.sha1, sha1)),
        (None, Some(sha1), _) => names(&key.sha1, sha1),
        (None, None, Some(kid)) => key.answers_to(kid),
        (None, None, None) => false,
    })
}

fn check_times(claims: &Claims, now: Micros) -> Result<(), Refusal> {
    let expires = claims.time("exp").ok_or(Refusal::AssertionMalformed("it has no claim exp"))?;
    let starts = claims.time("nbf").or_else(|| claims.time("iat"));
    let begun = starts.is_none_or(|start| start <= now.saturating_add(TOLERANCE));
    let within = expires > now && expires <= now.saturating_add(LONGEST_LIFE + TOLERANCE);
    if begun && within {
        Ok(())
    } else {
        Err(Refusal::AssertionOutOfTime)
    }
}

impl ApplicationKey {
    /// Whether a `kid` means this key: its id, or a thumbprint of its certificate in base64url or hexadecimal.
    fn answers_to(&self, kid: &str) -> bool {
        let thumbprint = |known: &Option<String>| {
            let Some(known) = known.as_deref() else { return false };
            known == kid
                || URL_SAFE_NO_PAD
                    .decode(known)
                    .is_ok_and(|bytes| hexadecimal(&bytes).eq_ignore_ascii_case(kid))
        };
        self.id.eq_ignore_ascii_case(kid) || thumbprint(&self.sha1) || thumbprint(&self.sha256)
    }
}

/// Upper-case hexadecimal, as administrators compare thumbprints.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

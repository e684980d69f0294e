//! Calls to a provider, and what is remembered of them: its description, its keys, the exchange of a code, its userinfo.
//!
//! * Everything goes through `App::outbound`, which judges the address; what a provider's description names is judged no less than its issuer.
//! * Remembered in memory, one entry a provider: the description for a minute (so that a provider that is down is noticed, and a crowd does not become a
//!   crowd there), a failure for five seconds, keys for an hour. A token with an unknown key reads the keys anew, at most every thirty seconds: a forged
//!   key id must not make this server call somebody as often as a stranger likes.
//! * One call a provider at a time: who comes meanwhile waits for its outcome, at most [`TIMEOUT_MS`] each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{
    discovery::{self, Metadata},
    id_token::{self, Expected},
    keys::{self, Choice, UpstreamKey},
    model::UpstreamProvider,
    refusal::FederationRefusal,
};
use crate::{
    App, Micros,
    outbound::{OutboundError, OutboundRequest, OutboundResponse},
};

const SECOND: Micros = 1_000_000;
const METADATA_FRESH: Micros = 60 * SECOND;
const FAILURE_FRESH: Micros = 5 * SECOND;
const KEYS_FRESH: Micros = 3600 * SECOND;
const REFETCH_PAUSE: Micros = 30 * SECOND;
const TIMEOUT_MS: u64 = 8_000;
/// Descriptions, key sets and answers of the largest providers have a few ten kilobytes.
const MOST_ANSWER: usize = 256 * 1024;

/// What is remembered of providers. As many entries as there are providers: an entry goes with its provider.
#[derive(Default)]
pub(crate) struct Upstreams(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Known>>>>);

#[derive(Default)]
struct Known {
    metadata: Option<(Micros, Result<Arc<Metadata>, FederationRefusal>)>,
    keys: Option<(Micros, Arc<Vec<UpstreamKey>>)>,
    refetched: Option<Micros>,
}

impl Upstreams {
    fn of(&self, provider_id: &str) -> Arc<tokio::sync::Mutex<Known>> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(table.entry(provider_id.to_owned()).or_default())
    }

    /// The provider was changed or is gone.
    pub(crate) fn forget(&self, provider_id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(provider_id);
    }
}

/// What the token endpoint gave.
pub(crate) struct Exchanged {
    pub(crate) id_token: String,
    pub(crate) access_token: Option<String>,
}

impl App {
    /// The provider's description.
    pub(crate) async fn upstream_metadata(&self, provider: &UpstreamProvider) -> Result<Arc<Metadata>, FederationRefusal> {
        let known = self.inner.upstreams.of(&provider.id);
        let mut known = known.lock().await;
        let now = self.now();
        if let Some((at, outcome)) = &known.metadata {
            let fresh = if outcome.is_ok() { METADATA_FRESH } else { FAILURE_FRESH };
            if (0..fresh).contains(&(now - at)) {
                return outcome.clone();
            }
        }
        let outcome = self.fetch_metadata(provider).await.map(Arc::new);
        known.metadata = Some((self.now(), outcome.clone()));
        outcome
    }

    async fn fetch_metadata(&self, provider: &UpstreamProvider) -> Result<Metadata, FederationRefusal> {
        let answer = self.get_from(provider, &discovery::address(&provider.issuer), None).await?;
        if answer.status != 200 {
            return Err(misconfigured(
                provider,
                format!("its description answers with status {}", answer.status),
            ));
        }
        discovery::read(&provider.issuer, provider.client_secret.is_some(), &answer.body).map_err(|problems| {
            let problems = problems.join("; ");
            tracing::warn!(
                provider = provider.id,
                problems,
                "the description of an upstream provider cannot be used"
            );
            misconfigured(provider, "its description cannot be used".to_owned())
        })
    }

    async fn upstream_keys(
        &self,
        provider: &UpstreamProvider,
        metadata: &Metadata,
        anew: bool,
    ) -> Result<Arc<Vec<UpstreamKey>>, FederationRefusal> {
        let known = self.inner.upstreams.of(&provider.id);
        let mut known = known.lock().await;
        let now = self.now();
        if let Some((at, keys)) = &known.keys
            && (0..KEYS_FRESH).contains(&(now - at))
        {
            let paused = known.refetched.is_some_and(|at| (0..REFETCH_PAUSE).contains(&(now - at)));
            if !anew || paused {
                return Ok(Arc::clone(keys));
            }
            known.refetched = Some(now);
        }
        let keys = Arc::new(self.fetch_keys(provider, metadata).await?);
        known.keys = Some((self.now(), Arc::clone(&keys)));
        Ok(keys)
    }

    /// Reads the keys that a provider publishes.
    pub(crate) async fn fetch_keys(&self, provider: &UpstreamProvider, metadata: &Metadata) -> Result<Vec<UpstreamKey>, FederationRefusal> {
        let answer = self.get_from(provider, &metadata.jwks_uri, None).await?;
        let keys = keys::read(&answer.body).filter(|_| answer.status == 200);
        keys.ok_or_else(|| misconfigured(provider, "its keys cannot be read".to_owned()))
    }

    /// The claims of an identity token, after every check.
    pub(crate) async fn verify_upstream_token(
        &self,
        provider: &UpstreamProvider,
        metadata: &Metadata,
        token: &str,
        expected: &Expected<'_>,
    ) -> Result<Map<String, Value>, FederationRefusal> {
        let untrusted = |reason| FederationRefusal::Untrusted {
            provider: provider.name.clone(),
            reason,
        };
        let header = id_token::header(token).map_err(untrusted)?;
        let mut keys = self.upstream_keys(provider, metadata, false).await?;
        if let Choice::Unknown = keys::choose(&keys, &header) {
            keys = self.upstream_keys(provider, metadata, true).await?;
        }
        match keys::choose(&keys, &header) {
            Choice::Found(key) => id_token::verify(token, &header, key, expected).map_err(untrusted),
            Choice::Unknown => Err(untrusted("its identity token is signed with a key that it does not publish")),
            Choice::Ambiguous => Err(untrusted("its identity token does not say with which key it is signed")),
        }
    }

    /// Exchanges a code for tokens.
    pub(crate) async fn exchange_upstream_code(
        &self,
        provider: &UpstreamProvider,
        metadata: &Metadata,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<Exchanged, FederationRefusal> {
        let answer = self.post_code(provider, metadata, code, redirect_uri, verifier).await?;
        let body: Option<Map<String, Value>> = serde_json::from_slice(&answer.body).ok();
        if answer.status >= 500 {
            return Err(unreachable(provider));
        }
        let body = body.ok_or_else(|| misconfigured(provider, "its token endpoint does not answer with JSON".to_owned()))?;
        if answer.status != 200 {
            return Err(refused_exchange(provider, &body));
        }
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Exchanged {
            id_token: text("id_token").ok_or_else(|| misconfigured(provider, "it gave no identity token".to_owned()))?,
            access_token: text("access_token"),
        })
    }

    /// The token request for a code; also how the check of a provider tries its client id and secret.
    pub(crate) async fn post_code(
        &self,
        provider: &UpstreamProvider,
        metadata: &Metadata,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<OutboundResponse, FederationRefusal> {
        let mut headers = vec![
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ("accept".to_owned(), "application/json".to_owned()),
        ];
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        match &provider.client_secret {
            Some(secret) if !metadata.secret_in_body => headers.push(("authorization".to_owned(), basic(&provider.client_id, secret))),
            secret => {
                form.push(("client_id", &provider.client_id));
                form.extend(secret.as_deref().map(|secret| ("client_secret", secret)));
            }
        }
        let request = OutboundRequest {
            method: "POST",
            url: metadata.token_endpoint.clone(),
            headers,
            body: Serializer::new(String::new()).extend_pairs(form).finish().into_bytes(),
            timeout_ms: TIMEOUT_MS,
            max_answer_bytes: MOST_ANSWER,
        };
        self.outbound().send(request).await.map_err(|error| failed(provider, &error))
    }

    /// What the provider tells about the person beyond the identity token.
    pub(crate) async fn upstream_userinfo(
        &self,
        provider: &UpstreamProvider,
        endpoint: &str,
        access_token: &str,
        subject: Option<&Value>,
    ) -> Result<Map<String, Value>, FederationRefusal> {
        let answer = self.get_from(provider, endpoint, Some(access_token)).await?;
        if answer.status >= 500 {
            return Err(unreachable(provider));
        }
        let body: Option<Map<String, Value>> = serde_json::from_slice(&answer.body).ok();
        let body = body
            .filter(|_| answer.status == 200)
            .ok_or_else(|| misconfigured(provider, "its userinfo cannot be read".to_owned()))?;
        // OpenID Connect Core §5.3.2: otherwise somebody else's access token could be slipped in.
        if body.get("sub").is_none() || body.get("sub") != subject {
            return Err(FederationRefusal::Untrusted {
                provider: provider.name.clone(),
                reason: "its userinfo is about somebody else",
            });
        }
        Ok(body)
    }

    async fn get_from(&self, provider: &UpstreamProvider, url: &str, bearer: Option<&str>) -> Result<OutboundResponse, FederationRefusal> {
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        headers.extend(bearer.map(|token| ("authorization".to_owned(), format!("Bearer {token}"))));
        let request = OutboundRequest {
            method: "GET",
            url: url.to_owned(),
            headers,
            body: Vec::new(),
            timeout_ms: TIMEOUT_MS,
            max_answer_bytes: MOST_ANSWER,
        };
        self.outbound().send(request).await.map_err(|error| failed(provider, &error))
    }
}

/// A failed call, told to the log with its cause and to the person without: addresses of the inside are nobody's business.
fn failed(provider: &UpstreamProvider, error: &OutboundError) -> FederationRefusal {
    tracing::warn!(provider = provider.id, %error, "an upstream provider could not be called");
    match error {
        OutboundError::Forbidden { .. } => misconfigured(provider, "this server may not call its address".to_owned()),
        OutboundError::TooLong { .. } => misconfigured(provider, "its answer is too long".to_owned()),
        OutboundError::Unreachable { .. } | OutboundError::TimedOut { .. } => unreachable(provider),
    }
}

fn refused_exchange(provider: &UpstreamProvider, body: &Map<String, Value>) -> FederationRefusal {
    let error = error_name(body.get("error").and_then(Value::as_str).unwrap_or_default());
    tracing::warn!(provider = provider.id, error, "an upstream provider did not redeem a code");
    match error.as_str() {
        "invalid_client" | "unauthorized_client" => misconfigured(provider, "it does not accept the client id or the secret".to_owned()),
        _ => FederationRefusal::Declined {
            provider: provider.name.clone(),
            error,
        },
    }
}

fn unreachable(provider: &UpstreamProvider) -> FederationRefusal {
    FederationRefusal::Unreachable {
        provider: provider.name.clone(),
    }
}

fn misconfigured(provider: &UpstreamProvider, reason: String) -> FederationRefusal {
    FederationRefusal::Misconfigured {
        provider: provider.name.clone(),
        reason,
    }
}

/// A provider's error name, when it looks like one: it is shown on our page.
pub(crate) fn error_name(error: &str) -> String {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !error.is_empty() && error.len() <= 64 && error.bytes().all(name) {
        error.to_owned()
    } else {
        "unknown_error".to_owned()
    }
}

/// HTTP Basic as OAuth wants it: both halves form-encoded first (RFC 6749 §2.3.1).
fn basic(client_id: &str, secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret))))
}

//! Sending a sign-in to a provider, and recognising it when it comes back.
//!
//! The state is random, lives for a quarter of an hour, works once, and only in the browser whose cookie began. From the state and the cookie's secret
//! the proof key and the nonce are derived, so that the store holds nothing with which a code could be redeemed.

use std::net::IpAddr;

use super::{
    model::{FederationAttempt, UpstreamProvider},
    refusal::FederationRefusal,
};
use crate::{
    App, AppError, Micros, ids,
    passwords::hash_secret,
    sign_in::{AuthorizationRequest, Prompt, Refusal, SignInError, pkce::sha256_base64url, throttle::subnet},
    throttle::Limit,
};

/// Signing in there may take a telephone, a card and patience.
const ATTEMPT_SECONDS: Micros = 15 * 60;
/// Sign-ins on their way. When there are more, the oldest are forgotten: their people begin again.
const MOST_ATTEMPTS: u32 = 20_000;
/// From one source; a company behind one address signs in at nine.
const PER_SOURCE: Limit = Limit {
    tries: 300,
    window: 5 * 60 * 1_000_000,
};
/// A longer authorization request is not kept.
const MOST_QUERY: usize = 8 * 1024;

/// Somebody wants to sign in at a provider.
#[derive(Clone, Copy)]
pub struct FederatedBeginning<'a> {
    /// Which.
    pub provider_id: &'a str,
    /// The application's request, validated.
    pub request: &'a AuthorizationRequest,
    /// The same, form-encoded, to be read again afterwards.
    pub query: &'a str,
    /// The tenant as the path of that request spelled it.
    pub tenant: &'a str,
    /// The origin on which it came; the browser comes back there.
    pub origin: &'a str,
    /// The secret of a cookie of this browser.
    pub browser_secret: &'a str,
    /// Where it came from, when the server knows.
    pub source: Option<IpAddr>,
}

/// A sign-in that came back to the browser that began it. It can be taken once.
#[derive(Debug, Clone)]
pub struct ReturnedAttempt {
    /// What was sent.
    pub attempt: FederationAttempt,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

impl App {
    /// Where to send the browser.
    ///
    /// # Errors
    /// [`FederationRefusal`] when the provider is unknown, does not answer or is not set up; [`Refusal::Throttled`].
    pub async fn begin_federated_sign_in(&self, beginning: FederatedBeginning<'_>) -> Result<String, SignInError> {
        let provider = self.enabled_provider(beginning.provider_id).await?;
        if beginning.query.len() > MOST_QUERY {
            return Err(Refusal::UnsupportedValue("state (the request is too long to be kept)").into());
        }
        if let Some(source) = beginning.source {
            let key = (format!("federation:{}", subnet(source)), PER_SOURCE);
            let taken = self.inner.throttle.take(self.now(), &[key]);
            taken.map_err(|wait| Refusal::Throttled {
                retry_after_seconds: u32::try_from(wait / 1_000_000 + 1).unwrap_or(u32::MAX),
            })?;
        }
        let metadata = self.upstream_metadata(&provider).await.map_err(Refusal::from)?;
        let state = ids::secret(self.random());
        let now = self.now();
        let attempt = FederationAttempt {
            state_hash: hash_secret(&state),
            browser_hash: browser_hash(beginning.browser_secret),
            provider_id: provider.id.clone(),
            redirect_uri: self
                .federation_redirect_uri(beginning.origin, &provider.id)
                .map_err(SignInError::unavailable)?,
            tenant: beginning.tenant.to_owned(),
            query: beginning.query.to_owned(),
            max_age: match beginning.request.wants_fresh_sign_in() {
                true => Some(0),
                false => beginning.request.max_age_seconds.map(i64::from),
            },
            begun: now,
            expires: now + ATTEMPT_SECONDS * 1_000_000,
        };
        self.store().put_federation_attempt(&attempt, MOST_ATTEMPTS).await?;

        let mut url = metadata.authorization_endpoint.clone();
        let verifier = derived("verifier", &state, beginning.browser_secret);
        // No response_mode: "query" is what a code comes by unless something else is asked for, and some providers refuse to be told.
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client_id)
            .append_pair("redirect_uri", &attempt.redirect_uri)
            .append_pair("scope", &scope_of(&provider))
            .append_pair("state", &state)
            .append_pair("nonce", &derived("nonce", &state, beginning.browser_secret))
            .append_pair("code_challenge", &sha256_base64url(&verifier))
            .append_pair("code_challenge_method", "S256");
        let prompt = match beginning.request.prompt {
            _ if beginning.request.wants_fresh_sign_in() => Some("login"),
            Prompt::SelectAccount if metadata.offers_account_choice => Some("select_account"),
            _ => None,
        };
        if let Some(prompt) = prompt {
            url.query_pairs_mut().append_pair("prompt", prompt);
        }
        if let Some(max_age) = attempt.max_age {
            url.query_pairs_mut().append_pair("max_age", &max_age.to_string());
        }
        if let Some(hint) = beginning.request.login_hint.as_deref().filter(|hint| hint.len() <= 320) {
            url.query_pairs_mut().append_pair("login_hint", hint);
        }
        Ok(url.into())
    }

    /// Takes the sign-in that this state belongs to.
    ///
    /// # Errors
    /// [`FederationRefusal::AttemptUnknown`] when there is none for this provider in this browser, or it took too long.
    pub async fn take_federated_attempt(
        &self,
        provider_id: &str,
        state: Option<&str>,
        browser_secret: Option<&str>,
    ) -> Result<ReturnedAttempt, SignInError> {
        let unknown = || Refusal::from(FederationRefusal::AttemptUnknown);
        let state = state.filter(|state| state.len() <= 64).ok_or_else(unknown)?;
        let browser_secret = browser_secret.ok_or_else(unknown)?;
        let taken = self
            .store()
            .take_federation_attempt(&hash_secret(state), &browser_hash(browser_secret))
            .await?;
        let attempt = taken
            .filter(|attempt| attempt.provider_id == provider_id && self.now() < attempt.expires)
            .ok_or_else(unknown)?;
        Ok(ReturnedAttempt {
            attempt,
            nonce: derived("nonce", state, browser_secret),
            verifier: derived("verifier", state, browser_secret),
        })
    }

    /// The address at which a provider sends the browser back to one of our origins; to be registered there.
    pub(crate) fn federation_redirect_uri(&self, origin: &str, provider_id: &str) -> Result<String, AppError> {
        Ok(format!("{origin}/{}/oauth2/v2.0/federated/{provider_id}", self.tenant()?.id))
    }

    pub(crate) async fn enabled_provider(&self, id: &str) -> Result<UpstreamProvider, SignInError> {
        let provider = self.store().upstream_provider(id).await?;
        let provider = provider.filter(|provider| provider.enabled);
        Ok(provider.ok_or_else(|| Refusal::from(FederationRefusal::UnknownProvider))?)
    }
}

/// The scopes of a provider, `openid` first.
fn scope_of(provider: &UpstreamProvider) -> String {
    let others = provider.rules.scopes.iter().filter(|scope| *scope != "openid");
    std::iter::once("openid")
        .chain(others.map(String::as_str))
        .collect::<Vec<_>>()
        .join(" ")
}

fn browser_hash(browser_secret: &str) -> String {
    hash_secret(&format!("federation:{browser_secret}"))
}

/// 256 bits that only somebody with the state and the browser's cookie can make: 43 characters, as a proof key must have.
fn derived(what: &str, state: &str, browser_secret: &str) -> String {
    sha256_base64url(&format!("federation {what}\n{state}\n{browser_secret}"))
}

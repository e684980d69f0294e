//! A sign-in that came back from a provider: the code is exchanged, the token verified, the person admitted, a session opened.
//!
//! Nothing is written before everything was checked; the member and the link are written together, then the session.

use super::{
    begin::ReturnedAttempt,
    claims,
    id_token::{Expected, seconds},
    model::{FederatedSession, UpstreamProvider},
    refusal::FederationRefusal,
    upstream::error_name,
};
use crate::{
    App, Micros,
    sign_in::{Parameters, Refusal, SESSION_SECONDS, Session, SignInError},
};

/// Longer codes are not passed on.
const MOST_CODE: usize = 4096;
/// Longer identity tokens are not sent along when signing out.
const MOST_HINT: usize = 4096;

impl App {
    /// Opens the session of the person who signed in at the provider; returns it with the secret for the cookie.
    ///
    /// # Errors
    /// What the provider said, which check failed, or why the person may not come in. Nothing was made then.
    pub async fn finish_federated_sign_in(
        &self,
        returned: &ReturnedAttempt,
        answer: &Parameters,
    ) -> Result<(Session, String), SignInError> {
        let provider = self.enabled_provider(&returned.attempt.provider_id).await?;
        answer.once(&["state", "code", "iss", "error"])?;
        let metadata = self.upstream_metadata(&provider).await.map_err(Refusal::from)?;
        check_issuer(&provider, answer.get("iss"), metadata.sends_issuer).map_err(Refusal::from)?;
        let code = read_code(&provider, answer).map_err(Refusal::from)?;
        let exchanged = self
            .exchange_upstream_code(&provider, &metadata, code, &returned.attempt.redirect_uri, &returned.verifier)
            .await
            .map_err(Refusal::from)?;
        let expected = Expected {
            issuer: &provider.issuer,
            client_id: &provider.client_id,
            nonce: &returned.nonce,
            max_age: returned.attempt.max_age,
            begun: returned.attempt.begun,
            now: self.now(),
        };
        let id_claims = self
            .verify_upstream_token(&provider, &metadata, &exchanged.id_token, &expected)
            .await
            .map_err(Refusal::from)?;
        let all_claims = match (&metadata.userinfo_endpoint, &exchanged.access_token) {
            (Some(endpoint), Some(token)) if claims::incomplete(&provider, &id_claims) => {
                let more = self.upstream_userinfo(&provider, endpoint, token, id_claims.get("sub")).await;
                claims::complete(&id_claims, more.map_err(Refusal::from)?)
            }
            _ => id_claims.clone(),
        };
        let person = claims::read(&provider, &id_claims, &all_claims).map_err(Refusal::from)?;
        let member = self.admit_federated(&provider, &person).await?;
        // Counted from the sign-in there, unless the member was told to sign in again since then.
        let now = self.now();
        let there = seconds(&id_claims, "auth_time").map(|at| at.saturating_mul(1_000_000));
        let signed_in_at = there.filter(|at| (member.tokens_valid_after..=now).contains(at)).unwrap_or(now);
        let (session, secret) = self.open_sign_in_session(member, signed_in_at).await?;
        if provider.rules.sign_out_upstream {
            let note = FederatedSession {
                session_hash: session.session_hash.clone(),
                provider_id: provider.id.clone(),
                id_token: exchanged.id_token,
                expires: now + Micros::from(SESSION_SECONDS) * 1_000_000,
            };
            self.store().put_federated_session(&note).await?;
        }
        Ok((session, secret))
    }

    /// Where to send a browser that signs out here, so that it signs out at its provider too; nothing when its session did not come from one that wants
    /// to know. To be asked once, after the session has ended here. The browser comes back to `origin` with `after` as the state.
    ///
    /// # Errors
    /// Only when the store fails. A provider that does not answer is logged: the sign-out here does not wait for it.
    pub async fn upstream_sign_out(&self, session_secret: &str, origin: &str, after: &str) -> Result<Option<String>, SignInError> {
        let session_hash = crate::passwords::hash_secret(session_secret);
        let Some(note) = self.store().take_federated_session(&session_hash).await? else {
            return Ok(None);
        };
        let provider = self.store().upstream_provider(&note.provider_id).await?;
        let Some(provider) = provider.filter(|provider| provider.rules.sign_out_upstream) else {
            return Ok(None);
        };
        // Logged where the provider was called.
        let Ok(metadata) = self.upstream_metadata(&provider).await else {
            return Ok(None);
        };
        let Some(mut url) = metadata.end_session_endpoint.clone() else {
            return Ok(None);
        };
        let return_to = self
            .federation_redirect_uri(origin, &provider.id)
            .map_err(SignInError::unavailable)?;
        url.query_pairs_mut()
            .append_pair("client_id", &provider.client_id)
            .append_pair("post_logout_redirect_uri", &format!("{return_to}/signed-out"))
            .append_pair("state", after);
        // A longer address is cut or refused on its way; without the hint the provider asks the person.
        if note.id_token.len() <= MOST_HINT {
            url.query_pairs_mut().append_pair("id_token_hint", &note.id_token);
        }
        Ok(Some(url.into()))
    }
}

/// An answer of another issuer than the one that was asked is not read (RFC 9207), not even its error.
fn check_issuer(provider: &UpstreamProvider, issuer: Option<&str>, always_sent: bool) -> Result<(), FederationRefusal> {
    let reason = match issuer {
        Some(issuer) if issuer == provider.issuer => return Ok(()),
        None if !always_sent => return Ok(()),
        Some(_) => "it comes from another provider",
        None => "it does not say from which provider it comes",
    };
    Err(FederationRefusal::Untrusted {
        provider: provider.name.clone(),
        reason,
    })
}

fn read_code<'a>(provider: &UpstreamProvider, answer: &'a Parameters) -> Result<&'a str, FederationRefusal> {
    let provider = provider.name.clone();
    match (answer.get("error"), answer.get("code")) {
        (Some("access_denied"), _) => Err(FederationRefusal::Cancelled { provider }),
        (Some(error), _) => Err(FederationRefusal::Declined {
            provider,
            error: error_name(error),
        }),
        (None, Some(code)) if code.len() <= MOST_CODE => Ok(code),
        (None, _) => Err(FederationRefusal::Untrusted {
            provider,
            reason: "it holds neither a code nor an error",
        }),
    }
}

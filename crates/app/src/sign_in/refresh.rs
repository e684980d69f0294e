//! Refresh tokens: each is exchanged once for its successor; one that returns later was stolen.
//!
//! A short grace lets the same token be exchanged again, because an answer can be lost on the way and because two tabs of
//! one browser share a token. After the grace, reuse revokes the whole family: thief and robbed both have to sign in.

use super::{
    client::ApplicationProof,
    ports::{RefreshToken, Rotation},
    refusal::{Refusal, SignInError},
    tokens::{SignInAnswer, SignInFacts},
};
use crate::{App, Micros, ids, passwords::hash_secret};

/// How long after its first exchange a refresh token may be exchanged again.
pub const REUSE_GRACE_SECONDS: u32 = 30;

/// A token request with `grant_type=refresh_token`.
#[derive(Clone, Copy)]
pub struct RefreshRequest<'a> {
    /// Who refreshes.
    pub proof: &'a ApplicationProof,
    /// The refresh token.
    pub refresh_token: &'a str,
    /// May name other permissions or another resource than the sign-in did, as long as the application has them.
    pub scope: Option<&'a str>,
    /// The origin on which the request came.
    pub origin: &'a str,
}

impl App {
    /// Exchanges a refresh token for fresh tokens.
    ///
    /// # Errors
    /// The refusal that names what does not fit; [`Refusal::GrantRevoked`] after revoking the family of a reused token.
    pub async fn refresh(&self, request: RefreshRequest<'_>) -> Result<SignInAnswer, SignInError> {
        let application = self.prove_application(request.proof).await?;
        let used_hash = hash_secret(request.refresh_token);
        let (_, family) = self.store().refresh_token(&used_hash).await?.ok_or(Refusal::UnknownGrant)?;
        if family.client_id != application.client_id {
            return Err(Refusal::UnknownGrant.into());
        }
        let now = self.now();
        if family.revoked_at.is_some() {
            return Err(Refusal::GrantRevoked.into());
        }
        if family.expires <= now {
            return Err(Refusal::GrantExpired.into());
        }
        let member = self
            .member_signed_in_at(&family.member_id, family.signed_in_at)
            .await?
            .ok_or(Refusal::AccountDisabled)?;
        let facts = SignInFacts {
            member: &member,
            application: &application,
            origin: request.origin,
            signed_in_at: family.signed_in_at,
            nonce: None,
        };
        let mut answer = self.sign_tokens(&facts, request.scope.unwrap_or(&family.scope)).await?;

        let (secret, next) = self.fresh_refresh_token(&family.id, now);
        let grace_since = now - Micros::from(REUSE_GRACE_SECONDS) * 1_000_000;
        match self.store().rotate_refresh_token(&used_hash, &next, grace_since, now).await? {
            Rotation::Rotated => {
                answer.refresh_token = Some(secret);
                Ok(answer)
            }
            Rotation::Reused => {
                tracing::warn!(family_id = family.id, "a refresh token was used twice; its family is revoked");
                Err(Refusal::GrantRevoked.into())
            }
            Rotation::Revoked => Err(Refusal::GrantRevoked.into()),
        }
    }

    /// A refresh token as its holder and as the store know it.
    pub(crate) fn fresh_refresh_token(&self, family_id: &str, now: Micros) -> (String, RefreshToken) {
        let secret = ids::secret(self.random());
        let token = RefreshToken {
            token_hash: hash_secret(&secret),
            family_id: family_id.to_owned(),
            issued: now,
            used_at: None,
        };
        (secret, token)
    }
}

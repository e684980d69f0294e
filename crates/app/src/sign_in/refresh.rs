//! Refresh tokens: each is exchanged once for its successor; one that returns later was stolen.
//!
//! A short grace lets the same token be exchanged again, because an answer can be lost on the way and because two tabs of
//! one browser share a token; a handful of times, so that nobody fills the store with one token. After the grace, reuse revokes the whole family: thief and robbed both have to sign in.

use super::{
    client::ApplicationProof,
    device::refuse_administration,
    ports::{RefreshFamily, RefreshToken, Rotation},
    refusal::{Refusal, SignInError},
    session::SESSION_SECONDS,
    tokens::{SignInAnswer, SignInFacts},
};
use crate::{App, Micros, ids, passwords::hash_secret};

/// How long after its first exchange a refresh token may be exchanged again.
pub const REUSE_GRACE_SECONDS: u32 = 30;

/// A browser keeps its refresh tokens in reach of any script of its page: a day. A server keeps them safe: a month.
const PUBLIC_FAMILY_SECONDS: Micros = 24 * 60 * 60;
const CONFIDENTIAL_FAMILY_SECONDS: Micros = 30 * 24 * 60 * 60;
/// No family outlives the sign-in that it descends from by more, however many exchanges are between.
pub(crate) const LONGEST_FAMILY: Micros = CONFIDENTIAL_FAMILY_SECONDS * 1_000_000;

/// The first refresh token of a sign-in, as its holder and as the store know it.
pub(crate) struct FreshFamily {
    pub(crate) secret: String,
    pub(crate) token: RefreshToken,
    pub(crate) family: RefreshFamily,
}

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
    /// The refusal that names what does not fit; [`Refusal::GrantRevoked`] after revoking the family of a reused token;
    /// [`Refusal::RefreshedTooOften`] for one that has its successors already.
    pub async fn refresh(&self, request: RefreshRequest<'_>) -> Result<SignInAnswer, SignInError> {
        let proven = self.prove_application(request.proof).await?;
        let used_hash = hash_secret(request.refresh_token);
        let (_, family) = self.store().refresh_token(&used_hash).await?.ok_or(Refusal::UnknownGrant)?;
        if family.client_id != proven.application.client_id {
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
            proven: &proven,
            origin: request.origin,
            signed_in_at: family.signed_in_at,
            nonce: None,
        };
        let asked = request.scope.unwrap_or(&family.scope);
        if family.by_device {
            refuse_administration(&self.member_scopes(asked, &proven.application).await?)?;
        }
        let (mut answer, _) = self.sign_tokens(&facts, asked, &family.scope).await?;

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
            Rotation::TooOften => Err(Refusal::RefreshedTooOften.into()),
            Rotation::Revoked => Err(Refusal::GrantRevoked.into()),
        }
    }

    /// A family for a sign-in that begins now; with a `session_hash` it ends with that session.
    pub(crate) fn fresh_family(&self, facts: &SignInFacts<'_>, scope: &str, session_hash: Option<String>) -> FreshFamily {
        self.started_family(facts, scope, session_hash, ids::guid(self.random()))
    }

    /// A family whose id was chosen before.
    pub(crate) fn started_family(&self, facts: &SignInFacts<'_>, scope: &str, session_hash: Option<String>, id: String) -> FreshFamily {
        let now = self.now();
        let application = &facts.proven.application;
        let seconds = if application.public {
            PUBLIC_FAMILY_SECONDS
        } else {
            CONFIDENTIAL_FAMILY_SECONDS
        };
        // A session of ours is half a day old at most, whatever a provider says of the sign-in behind it.
        let signed_in_here = facts.signed_in_at.max(now - Micros::from(SESSION_SECONDS) * 1_000_000);
        let (secret, token) = self.fresh_refresh_token(&id, now);
        let family = RefreshFamily {
            id,
            member_id: facts.member.id.clone(),
            client_id: application.client_id.clone(),
            session_hash,
            scope: scope.to_owned(),
            signed_in_at: facts.signed_in_at,
            expires: (now + seconds * 1_000_000).min(signed_in_here + LONGEST_FAMILY),
            revoked_at: None,
            by_device: false,
        };
        FreshFamily { secret, token, family }
    }

    /// A refresh token as its holder and as the store know it.
    fn fresh_refresh_token(&self, family_id: &str, now: Micros) -> (String, RefreshToken) {
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

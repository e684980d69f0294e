//! Authorization codes: issued to a signed-in member, redeemed once.
//!
//! A code is checked whole (application, redirect address, proof key, age, member) before it is marked as used, so that
//! somebody who merely saw it cannot spoil it; whoever redeems it a second time with everything right is either the thief or
//! the robbed, so what the first redemption gave is revoked (RFC 6749 §4.1.2).

use super::{
    client::ApplicationProof,
    pkce,
    ports::AuthorizationCode,
    refusal::{Refusal, SignInError},
    request::AuthorizationRequest,
    session::Session,
    tokens::{SignInAnswer, SignInFacts},
};
use crate::{App, Micros, ids, passwords::hash_secret};

const CODE_SECONDS: Micros = 120;

/// A token request with `grant_type=authorization_code`.
#[derive(Clone, Copy)]
pub struct CodeRedemption<'a> {
    /// Who redeems.
    pub proof: &'a ApplicationProof,
    /// The code.
    pub code: &'a str,
    /// The redirect address of the authorization request.
    pub redirect_uri: Option<&'a str>,
    /// The proof key.
    pub code_verifier: Option<&'a str>,
    /// May name other permissions than the authorization request did, as long as the application has them.
    pub scope: Option<&'a str>,
    /// The origin on which the request came.
    pub origin: &'a str,
}

impl App {
    /// Issues the code that answers an authorization request.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn issue_authorization_code(&self, request: &AuthorizationRequest, session: &Session) -> Result<String, SignInError> {
        let code = ids::secret(self.random());
        let stored = AuthorizationCode {
            code_hash: hash_secret(&code),
            family_id: ids::guid(self.random()),
            client_id: request.application.client_id.clone(),
            member_id: session.member.id.clone(),
            session_hash: session.session_hash.clone(),
            redirect_uri: request.return_to.redirect_uri.clone(),
            scope: request.scope.clone(),
            nonce: request.nonce.clone(),
            code_challenge: request.code_challenge.clone(),
            signed_in_at: session.signed_in_at,
            expires: self.now() + CODE_SECONDS * 1_000_000,
            used_at: None,
        };
        self.store().put_authorization_code(&stored).await?;
        Ok(code)
    }

    /// Redeems a code for tokens.
    ///
    /// # Errors
    /// The refusal that names what does not fit; [`Refusal::CodeReplayed`] after revoking what the code gave.
    pub async fn redeem_authorization_code(&self, redemption: CodeRedemption<'_>) -> Result<SignInAnswer, SignInError> {
        let proven = self.prove_application(redemption.proof).await?;
        let stored = self.store().authorization_code(&hash_secret(redemption.code)).await?;
        let stored = stored
            .filter(|stored| stored.client_id == proven.application.client_id)
            .ok_or(Refusal::UnknownGrant)?;
        let redirect_uri = redemption.redirect_uri.ok_or(Refusal::MissingParameter("redirect_uri"))?;
        if stored.redirect_uri != redirect_uri {
            return Err(Refusal::UnknownGrant.into());
        }
        prove_key(stored.code_challenge.as_deref(), redemption.code_verifier)?;
        if stored.used_at.is_some() {
            return self.refuse_replay(&stored.family_id).await;
        }
        let now = self.now();
        if stored.expires <= now {
            return Err(Refusal::GrantExpired.into());
        }
        let member = self
            .member_signed_in_at(&stored.member_id, stored.signed_in_at)
            .await?
            .ok_or(Refusal::AccountDisabled)?;
        let facts = SignInFacts {
            member: &member,
            proven: &proven,
            origin: redemption.origin,
            signed_in_at: stored.signed_in_at,
            nonce: stored.nonce.as_deref(),
        };
        let asked = redemption.scope.unwrap_or(&stored.scope);
        let (mut answer, _) = self.sign_tokens(&facts, asked, &stored.scope).await?;
        // Whether a refresh token is given was decided when the member signed in, whatever the redemption asks for.
        let offline = stored.scope.split_ascii_whitespace().any(|scope| scope == "offline_access");
        let session = proven.application.public.then(|| stored.session_hash.clone());
        let refresh = offline.then(|| self.started_family(&facts, &stored.scope, session, stored.family_id.clone()));
        let rows = refresh.as_ref().map(|refresh| (&refresh.family, &refresh.token));
        if !self.store().redeem_authorization_code(&stored.code_hash, rows, now).await? {
            return self.refuse_replay(&stored.family_id).await;
        }
        answer.refresh_token = refresh.map(|refresh| refresh.secret);
        Ok(answer)
    }

    async fn refuse_replay(&self, family_id: &str) -> Result<SignInAnswer, SignInError> {
        self.store().revoke_refresh_family(family_id, self.now()).await?;
        tracing::warn!(family_id, "an authorization code was redeemed twice; what it gave is revoked");
        Err(Refusal::CodeReplayed.into())
    }
}

fn prove_key(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Refusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if pkce::verifies(verifier, challenge) => Ok(()),
        (Some(_), None) => Err(Refusal::MissingParameter("code_verifier")),
        // A verifier without a challenge means that somebody took the challenge out of the request (RFC 9700 §4.8.2).
        (Some(_), Some(_)) | (None, Some(_)) => Err(Refusal::ProofKeyMismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_key_is_needed_exactly_when_it_was_announced() {
        let (verifier, challenge) = (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        );
        assert_eq!(prove_key(None, None), Ok(()));
        assert_eq!(prove_key(Some(challenge), Some(verifier)), Ok(()));
        assert_eq!(prove_key(Some(challenge), None), Err(Refusal::MissingParameter("code_verifier")));
        assert_eq!(prove_key(Some(challenge), Some(challenge)), Err(Refusal::ProofKeyMismatch));
        assert_eq!(prove_key(None, Some(verifier)), Err(Refusal::ProofKeyMismatch));
    }
}

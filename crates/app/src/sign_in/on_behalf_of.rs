//! On-behalf-of: an application that a member called exchanges the member's token for one to call somebody else, still as that member.
//!
//! The token must have been issued to another application (`azp`) to be sent to this one (`aud`), must be a member's, and the member must have consented to what this
//! application does. The next one in a chain sees the same member, never the application in between.

use super::{
    client::ApplicationProof,
    refresh::LONGEST_FAMILY,
    refusal::{Refusal, SignInError},
    tokens::{SIGNED_IN_CLAIM, SignInAnswer, SignInFacts},
};
use crate::{App, Caller, TokenError, model::Application, tokens::Claims};

/// A token request with `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer`.
#[derive(Clone, Copy)]
pub struct OnBehalfOfRequest<'a> {
    /// Who asks.
    pub proof: &'a ApplicationProof,
    /// The member's access token that the application was called with.
    pub assertion: &'a str,
    /// What the application wants to call.
    pub scope: &'a str,
    /// The origin on which the request came.
    pub origin: &'a str,
}

impl App {
    /// Exchanges a member's token.
    ///
    /// # Errors
    /// The refusal that names what does not fit.
    pub async fn on_behalf_of(&self, request: OnBehalfOfRequest<'_>) -> Result<SignInAnswer, SignInError> {
        let proven = self.prove_confidential(request.proof).await?;
        let (caller, claims) = self.acted_for(request.assertion, &proven.application).await?;
        let Caller::Member { member, .. } = caller else {
            return Err(Refusal::OnBehalfOfApplication.into());
        };
        let signed_in_at = claims
            .text(SIGNED_IN_CLAIM)
            .and_then(|at| at.parse().ok())
            .unwrap_or_else(|| claims.issued());
        let facts = SignInFacts {
            member: &member,
            proven: &proven,
            origin: request.origin,
            // Nothing that is issued here is younger than the sign-in itself, however long the chain.
            signed_in_at,
            nonce: None,
        };
        let (mut answer, offline) = self.sign_tokens(&facts, request.scope, "").await?;
        let ends = signed_in_at + LONGEST_FAMILY;
        if offline && self.now() < ends {
            let mut refresh = self.fresh_family(&facts, request.scope, None);
            refresh.family.expires = refresh.family.expires.min(ends);
            self.store().insert_refresh_family(&refresh.family, &refresh.token).await?;
            answer.refresh_token = Some(refresh.secret);
        }
        Ok(answer)
    }

    async fn acted_for(&self, assertion: &str, application: &Application) -> Result<(Caller, Claims), SignInError> {
        let refused = |error: TokenError| match error {
            TokenError::Store(error) => SignInError::from(error),
            other => Refusal::OnBehalfOfRefused(other.to_string()).into(),
        };
        let claims = self.openid_claims(assertion).map_err(refused)?;
        let id = application.client_id.as_str();
        if !claims.has_audience(&[id, &format!("api://{id}")]) {
            return Err(Refusal::OnBehalfOfAnotherAudience.into());
        }
        // Otherwise an application would call itself again and again, and every time as if the member had just been there.
        if claims.text("azp") == Some(id) && claims.text("idtyp") != Some("app") && claims.text("scp").is_some() {
            return Err(Refusal::OnBehalfOfItself.into());
        }
        // An identity token has the same audience and no scope: it says who signed in, not that anybody may act for them.
        if claims.text("scp").is_none() {
            return Err(match claims.text("idtyp") {
                Some("app") => Refusal::OnBehalfOfApplication.into(),
                _ => Refusal::OnBehalfOfRefused("it is not an access token".to_owned()).into(),
            });
        }
        let caller = self.caller_of(&claims).await.map_err(refused)?;
        Ok((caller, claims))
    }
}

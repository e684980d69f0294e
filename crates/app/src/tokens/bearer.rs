//! Who calls an HTTP facade, proved by an access token of our OpenID provider.

use super::claims::{COMMUNICATION_AUDIENCE, Claims, GRAPH_AUDIENCE, GRAPH_AUDIENCE_URL};
use crate::App;
use crate::error::TokenError;
use crate::model::Member;
use crate::permissions::COMMUNICATION_MANAGE;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one per request; a box would only cost its readers")]
pub enum Caller {
    /// A member, through a client.
    Member {
        /// Who.
        member: Member,
        /// Delegated permissions of the token.
        scopes: Vec<String>,
        /// The client.
        client_id: String,
    },
    /// An application for itself.
    Application {
        /// Which.
        client_id: String,
        /// Application permissions of the token.
        roles: Vec<String>,
    },
}

/// The token of an `Authorization` header with the scheme `Bearer`, however that is written.
#[must_use]
pub fn bearer_token(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

impl Caller {
    /// Name for the audit log.
    #[must_use]
    pub fn actor(&self) -> String {
        match self {
            Caller::Member { member, .. } => member.raw_id(),
            Caller::Application { client_id, .. } => format!("application:{client_id}"),
        }
    }
}

impl App {
    /// The caller of the Graph facade (and of our own administration API).
    ///
    /// # Errors
    /// Says which check failed; every claim that matters is checked here.
    pub async fn verify_bearer(&self, jwt: &str) -> Result<Caller, TokenError> {
        let claims = self.openid_claims(jwt)?;
        if !claims.has_audience(&[GRAPH_AUDIENCE, GRAPH_AUDIENCE_URL]) {
            return Err(TokenError::WrongAudience { expected: "Graph" });
        }
        self.caller_of(&claims).await
    }

    /// The caller of the communication facade, when it comes with a bearer token instead of an access-key signature: an application or an
    /// administrator, with the permission `Communication.Manage.All`.
    ///
    /// # Errors
    /// Says which check failed.
    pub async fn verify_communication_bearer(&self, jwt: &str) -> Result<Caller, TokenError> {
        let claims = self.openid_claims(jwt)?;
        if !claims.has_audience(&[COMMUNICATION_AUDIENCE]) {
            return Err(TokenError::WrongAudience {
                expected: COMMUNICATION_AUDIENCE,
            });
        }
        let caller = self.caller_of(&claims).await?;
        let (may, held) = match &caller {
            Caller::Member { member, scopes, .. } => (member.administrator, scopes),
            Caller::Application { roles, .. } => (true, roles),
        };
        if may && held.iter().any(|permission| permission == COMMUNICATION_MANAGE) {
            Ok(caller)
        } else {
            Err(TokenError::MissingScope {
                needed: COMMUNICATION_MANAGE,
            })
        }
    }

    /// A member's token that is to be exchanged for a communication token: of the audience `expected`, or of Graph when `or_graph`.
    pub(crate) async fn verify_exchangeable(
        &self,
        jwt: &str,
        expected: &'static str,
        or_graph: bool,
    ) -> Result<(Caller, Claims), TokenError> {
        let claims = self.openid_claims(jwt)?;
        let graph = or_graph && claims.has_audience(&[GRAPH_AUDIENCE, GRAPH_AUDIENCE_URL]);
        if !graph && !claims.has_audience(&[expected]) {
            return Err(TokenError::WrongAudience { expected });
        }
        Ok((self.caller_of(&claims).await?, claims))
    }

    /// Signature, times, issuer and tenant; not the audience.
    pub(crate) fn openid_claims(&self, jwt: &str) -> Result<Claims, TokenError> {
        let claims = Claims(self.signer().verify_signature(jwt)?);
        claims.check_times(self.now())?;
        let tenant = self.cached_tenant().ok_or(TokenError::ForeignTenant)?;
        if claims.text("tid") != Some(tenant.id.as_str()) {
            return Err(TokenError::ForeignTenant);
        }
        let issuer = claims.text("iss").unwrap_or_default();
        if !self.config().origins().any(|origin| self.issuer(origin).as_deref() == Some(issuer)) {
            return Err(TokenError::ForeignIssuer);
        }
        Ok(claims)
    }

    pub(crate) async fn caller_of(&self, claims: &Claims) -> Result<Caller, TokenError> {
        let client_id = claims.text("azp").or_else(|| claims.text("appid")).unwrap_or_default().to_owned();
        if claims.text("scp").is_none() {
            let application = self.store().application(&client_id).await?.ok_or(TokenError::UnknownSubject)?;
            // A permission taken away after the token was issued counts at once.
            let granted = claims
                .list("roles")
                .into_iter()
                .filter(|role| application.application_permissions.contains(role));
            return Ok(Caller::Application {
                roles: granted.collect(),
                client_id,
            });
        }
        let oid = claims.text("oid").ok_or(TokenError::Malformed)?;
        // What a member let an application do ends with the application.
        self.store().application(&client_id).await?.ok_or(TokenError::UnknownSubject)?;
        let member = self
            .store()
            .member(oid)
            .await?
            .filter(|member| member.enabled)
            .ok_or(TokenError::UnknownSubject)?;
        if claims.issued() < member.tokens_valid_after {
            return Err(TokenError::Revoked);
        }
        Ok(Caller::Member {
            member,
            scopes: claims.list("scp"),
            client_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::bearer_token;

    #[test]
    fn only_the_scheme_bearer_carries_a_token() {
        for (header, token) in [
            ("Bearer a.b.c", Some("a.b.c")),
            (" bearer  a.b.c ", Some("a.b.c")),
            ("Bearer", None),
            ("Basic a.b.c", None),
            ("a.b.c", None),
            ("", None),
        ] {
            assert_eq!(bearer_token(header), token, "{header:?}");
        }
    }
}

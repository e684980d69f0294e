//! What a successful token request answers: claims of identity, access and application tokens.
//!
//! The claims are those of version 2.0 tokens as the official clients and APIs know them: `sub` pairwise per application, `scp` for members and `roles` for
//! applications, never both. Not here: signing and verifying (`crate::tokens`), the JSON of the answer (the `oidc` facade).

use serde_json::{Map, Value, json};

use super::{
    client::ProvenApplication,
    pkce::sha256_base64url,
    refusal::{Refusal, SignInError},
    scopes::{MemberScopes, Resource},
};
use crate::{
    App, Micros, ids,
    model::Member,
    permissions::MANAGE_CALLS,
    tokens::{ISSUED_CLAIM, SIGNAL_CLAIM},
};

/// How long access and identity tokens live.
pub const TOKEN_SECONDS: u32 = 3600;

/// The claim of a member's access token that says when the member signed in, in microseconds as text: what is issued on behalf of the member is as
/// old as that. Ours: nobody else reads it.
pub(crate) const SIGNED_IN_CLAIM: &str = "anteroomSignedIn";

/// Tokens for a member's application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInAnswer {
    /// For the resource that was asked for.
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: u32,
    /// The granted scopes, spelled as they were asked for.
    pub scope: String,
    /// When `openid` was asked for.
    pub id_token: Option<String>,
    /// When `offline_access` was asked for.
    pub refresh_token: Option<String>,
    /// Object id of the member.
    pub member_id: String,
    /// The tenant.
    pub tenant_id: String,
}

/// The token of an application for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationAnswer {
    /// For the resource that was asked for.
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: u32,
}

/// Who signed in, for whom, and when.
pub(crate) struct SignInFacts<'a> {
    pub(crate) member: &'a Member,
    pub(crate) proven: &'a ProvenApplication,
    pub(crate) origin: &'a str,
    pub(crate) signed_in_at: Micros,
    pub(crate) nonce: Option<&'a str>,
}

impl App {
    /// The tokens for a scope, and whether a refresh token is asked for and consented to, which is the caller's business. `agreed` is the scope of
    /// the request to which the member said yes; empty when the member was not there.
    pub(crate) async fn sign_tokens(
        &self,
        facts: &SignInFacts<'_>,
        scope: &str,
        agreed: &str,
    ) -> Result<(SignInAnswer, bool), SignInError> {
        let application = &facts.proven.application;
        let mut scopes = self.member_scopes(scope, application).await?;
        self.require_consent(facts.member, application, &mut scopes, agreed).await?;
        let tenant_id = self.sign_in_tenant()?;
        let common = self.common_claims(&tenant_id, facts.origin);
        let access_token = self.sign_claims(access_claims(
            common.clone(),
            facts,
            &scopes,
            &tenant_id,
            self.signal_url(facts.origin),
        ))?;
        let id_token = scopes
            .openid
            .then(|| self.sign_claims(identity_claims(common, facts, &scopes, &tenant_id)))
            .transpose()?;
        let answer = SignInAnswer {
            access_token,
            expires_in: TOKEN_SECONDS,
            scope: scopes.granted(),
            id_token,
            refresh_token: None,
            member_id: facts.member.id.clone(),
            tenant_id,
        };
        Ok((answer, scopes.offline_access))
    }

    pub(crate) fn sign_application_token(
        &self,
        proven: &ProvenApplication,
        resource: &Resource,
        origin: &str,
    ) -> Result<ApplicationAnswer, SignInError> {
        let application = &proven.application;
        let tenant_id = self.sign_in_tenant()?;
        let mut claims = self.common_claims(&tenant_id, origin);
        let roles = application.application_permissions.iter().filter(|role| resource.offers(role));
        claims.extend(object(json!({
            "aud": resource.audience(),
            "sub": application.object_id,
            "oid": application.object_id,
            "azp": application.client_id,
            "azpacr": proven.by.azpacr(),
            "idtyp": "app",
            "app_displayname": application.display_name,
            "roles": roles.collect::<Vec<_>>(),
        })));
        Ok(ApplicationAnswer {
            access_token: self.sign_claims(claims)?,
            expires_in: TOKEN_SECONDS,
        })
    }

    fn common_claims(&self, tenant_id: &str, origin: &str) -> Map<String, Value> {
        let now = self.now();
        let seconds = now / 1_000_000;
        let issuer = self.issuer(origin).unwrap_or_default();
        object(json!({
            "iss": issuer,
            "tid": tenant_id,
            "ver": "2.0",
            "iat": seconds,
            "nbf": seconds,
            "exp": seconds + i64::from(TOKEN_SECONDS),
            "uti": ids::secret(self.random()),
            ISSUED_CLAIM: now.to_string(),
        }))
    }

    fn sign_claims(&self, claims: Map<String, Value>) -> Result<String, SignInError> {
        self.signer().sign(&Value::Object(claims)).map_err(SignInError::unavailable)
    }

    fn sign_in_tenant(&self) -> Result<String, SignInError> {
        Ok(self.tenant().map_err(SignInError::unavailable)?.id.clone())
    }

    /// Where signalling is for a page of this origin: a page served over TLS must not be sent to a plain socket.
    fn signal_url(&self, origin: &str) -> String {
        let config = self.config();
        match origin.strip_prefix("http").filter(|_| origin != config.public_origin) {
            Some(rest) => format!("ws{rest}/signal"),
            None => config.signal_url.clone(),
        }
    }
}

fn access_claims(
    common: Map<String, Value>,
    facts: &SignInFacts<'_>,
    scopes: &MemberScopes,
    tenant_id: &str,
    signal_url: String,
) -> Map<String, Value> {
    let mut claims = common;
    claims.extend(object(json!({
        "aud": scopes.resource.audience(),
        "sub": pairwise(tenant_id, scopes.resource.audience(), &facts.member.id),
        "oid": facts.member.id,
        "azp": facts.proven.application.client_id,
        "azpacr": facts.proven.by.azpacr(),
        "name": facts.member.display_name,
        "preferred_username": facts.member.user_principal_name,
        "scp": scopes.scp(),
        SIGNED_IN_CLAIM: facts.signed_in_at.to_string(),
    })));
    if scopes.permits(MANAGE_CALLS) {
        claims.insert(SIGNAL_CLAIM.to_owned(), signal_url.into());
    }
    claims
}

fn identity_claims(common: Map<String, Value>, facts: &SignInFacts<'_>, scopes: &MemberScopes, tenant_id: &str) -> Map<String, Value> {
    let mut claims = common;
    claims.extend(object(json!({
        "aud": facts.proven.application.client_id,
        "sub": pairwise(tenant_id, &facts.proven.application.client_id, &facts.member.id),
        "oid": facts.member.id,
        "auth_time": facts.signed_in_at / 1_000_000,
    })));
    if scopes.profile {
        claims.insert("name".to_owned(), facts.member.display_name.clone().into());
        claims.insert("preferred_username".to_owned(), facts.member.user_principal_name.clone().into());
    }
    if let (true, Some(mail)) = (scopes.email, &facts.member.mail) {
        claims.insert("email".to_owned(), mail.clone().into());
    }
    if let Some(nonce) = facts.nonce {
        claims.insert("nonce".to_owned(), nonce.into());
    }
    claims
}

/// A stable name of the member for one audience, by which two audiences cannot recognise the same person.
pub(crate) fn pairwise(tenant_id: &str, audience: &str, member_id: &str) -> String {
    sha256_base64url(&format!("{tenant_id}\n{audience}\n{member_id}"))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

impl SignInError {
    /// Something that sign-in needs did not answer.
    pub(crate) fn unavailable(error: impl std::fmt::Display) -> Self {
        Self::Unavailable(error.to_string())
    }

    /// The refusal, when it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Unavailable(_) => None,
        }
    }
}

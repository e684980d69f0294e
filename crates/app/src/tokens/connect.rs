//! Who connects to signalling: a communication identity, a member with an exchanged communication token, or a member with an access token.

use meeting::Identity;

use super::bearer::Caller;
use super::claims::{CLIENT_CLAIM, Claims, GRAPH_AUDIENCE, GRAPH_AUDIENCE_URL, TEAMS_AUDIENCE};
use crate::error::TokenError;
use crate::identities::VISITOR;
use crate::model::{IdentityKind, Tenant};
use crate::permissions::MANAGE_CALLS;
use crate::{App, Micros};

/// Scopes that let a communication token take part in calls.
const VOICE: &[&str] = &["voip", "voip.join"];
const VOICE_NEEDED: &str = "voip or voip.join";

/// A connected identity: facts from a verified token, and nothing that the client says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalIdentity {
    /// Raw id.
    pub raw_id: String,
    /// What the credential proves.
    pub identity: Identity,
    /// Name from the directory, for members; nothing for guests and visitors, who name themselves.
    pub display_name: Option<String>,
    /// Scopes of the token.
    pub scopes: Vec<String>,
    /// When the token ends.
    pub expires: Micros,
    /// When the token was issued.
    pub token_issued: Micros,
    /// The application that the token ends with: the one that it, or the token that it was exchanged for, was issued to. Nothing for
    /// guests and visitors.
    pub client_id: Option<String>,
}

impl SignalIdentity {
    /// Whether the person may begin a call, and not only join one: members, and identities with the full scope.
    #[must_use]
    pub fn may_start_calls(&self) -> bool {
        matches!(self.identity, Identity::Member { .. }) || self.scopes.iter().any(|scope| scope == "voip")
    }
}

impl App {
    /// The identity that a token stands for, for signalling. Call it again with the same token to learn whether it still counts.
    ///
    /// # Errors
    /// Says which check failed.
    pub async fn connect_identity(&self, jwt: &str) -> Result<SignalIdentity, TokenError> {
        let claims = Claims(self.signer().verify_signature(jwt)?);
        if claims.0.contains_key("aud") {
            self.connect_member(jwt).await
        } else {
            let identity = self.communication_identity(&claims).await?;
            if identity.scopes.iter().any(|scope| VOICE.contains(&scope.as_str())) {
                Ok(identity)
            } else {
                Err(TokenError::MissingScope { needed: VOICE_NEEDED })
            }
        }
    }

    /// The person that a communication token stands for, whatever its scopes; a token of the OpenID provider is refused.
    pub(crate) async fn communication_subject(&self, jwt: &str) -> Result<SignalIdentity, TokenError> {
        let claims = Claims(self.signer().verify_signature(jwt)?);
        if claims.0.contains_key("aud") {
            return Err(TokenError::WrongAudience {
                expected: "a communication user",
            });
        }
        self.communication_identity(&claims).await
    }

    async fn connect_member(&self, jwt: &str) -> Result<SignalIdentity, TokenError> {
        let claims = self.openid_claims(jwt)?;
        if !claims.has_audience(&[GRAPH_AUDIENCE, GRAPH_AUDIENCE_URL, TEAMS_AUDIENCE]) {
            return Err(TokenError::WrongAudience { expected: "Graph" });
        }
        let Caller::Member { member, scopes, client_id } = self.caller_of(&claims).await? else {
            return Err(TokenError::MissingScope { needed: MANAGE_CALLS });
        };
        if !scopes.iter().any(|scope| scope == MANAGE_CALLS) {
            return Err(TokenError::MissingScope { needed: MANAGE_CALLS });
        }
        Ok(SignalIdentity {
            raw_id: member.raw_id(),
            identity: Identity::Member {
                oid: member.id,
                guest_of_tenant: member.guest_of_tenant,
            },
            display_name: Some(member.display_name),
            scopes,
            expires: claims.check_times(self.now())?,
            token_issued: claims.issued(),
            client_id: Some(client_id),
        })
    }

    async fn communication_identity(&self, claims: &Claims) -> Result<SignalIdentity, TokenError> {
        let expires = claims.check_times(self.now())?;
        let tenant = self.cached_tenant().ok_or(TokenError::ForeignResource)?;
        if claims.text("resourceId") != Some(tenant.resource_id.as_str()) {
            return Err(TokenError::ForeignResource);
        }
        let client_id = claims.text(CLIENT_CLAIM).map(str::to_owned);
        if let Some(client_id) = client_id.as_deref().filter(|client_id| *client_id != tenant.meet_client_id) {
            // What was exchanged through an application ends with it; the members' own web app is always there.
            self.store().application(client_id).await?.ok_or(TokenError::UnknownSubject)?;
        }
        let raw_id = format!("8:{}", claims.text("skypeid").ok_or(TokenError::Malformed)?);
        let issued = claims.issued();
        let (identity, display_name) = self.communication_facts(&raw_id, issued, &tenant).await?;
        let scopes = claims.text("acsScope").unwrap_or_default().split(',').map(str::to_owned).collect();
        Ok(SignalIdentity {
            raw_id,
            identity,
            display_name,
            scopes,
            expires,
            token_issued: issued,
            client_id,
        })
    }

    async fn communication_facts(&self, raw_id: &str, issued: Micros, tenant: &Tenant) -> Result<(Identity, Option<String>), TokenError> {
        if let Some(oid) = raw_id.strip_prefix("8:orgid:") {
            let member = self
                .store()
                .member(oid)
                .await?
                .filter(|member| member.enabled)
                .ok_or(TokenError::UnknownSubject)?;
            if issued < member.tokens_valid_after {
                return Err(TokenError::Revoked);
            }
            return Ok((
                Identity::Member {
                    oid: member.id,
                    guest_of_tenant: member.guest_of_tenant,
                },
                Some(member.display_name),
            ));
        }
        let known = match self.store().identity(raw_id).await? {
            Some(known) => known,
            // Visitors are written down only when they are revoked; our signature made this one.
            None if raw_id.starts_with(VISITOR) => return Ok((Identity::Visitor, None)),
            None => return Err(TokenError::UnknownSubject),
        };
        if known.deleted.is_some() {
            return Err(TokenError::IdentityDeleted);
        }
        if issued < known.tokens_valid_after {
            return Err(TokenError::Revoked);
        }
        let identity = match known.kind {
            IdentityKind::Guest => Identity::Guest {
                resource: tenant.resource_id.clone(),
            },
            IdentityKind::Visitor => Identity::Visitor,
        };
        Ok((identity, None))
    }
}

//! What is known of an upstream provider, of the people there, and of sign-ins that are on their way.

use serde::{Deserialize, Serialize};

use crate::Micros;

/// An OpenID provider of the organisation's choice, at which members sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamProvider {
    /// GUID; part of the redirect address that is registered there.
    pub id: String,
    /// Shown on the sign-in page.
    pub name: String,
    /// Issuer identifier, byte for byte as its tokens carry it. Never changed afterwards: a subject means something at its issuer only.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Our secret there; kept in clear because it has to be shown to the provider. None for a client without one (PKCE alone).
    pub client_secret: Option<String>,
    /// Everything else.
    pub rules: ProviderRules,
    /// Whether anybody signs in through it.
    pub enabled: bool,
    /// When it was added.
    pub created: Micros,
}

impl std::fmt::Debug for UpstreamProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UpstreamProvider")
            .field("id", &self.id)
            .field("issuer", &self.issuer)
            .field("rules", &self.rules)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// What is asked of a provider, and what its answers do here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ProviderRules {
    /// Scopes of the authorization request; `openid` is always among them.
    pub scopes: Vec<String>,
    /// Which claim is what.
    pub claims: ClaimMapping,
    /// Only people whose claims fulfil this come in.
    pub required: Option<ClaimCondition>,
    /// People whose claims fulfil this are administrators, and those made by this provider whose claims do not are none.
    pub administrators: Option<ClaimCondition>,
    /// When not empty: only people with a verified mail address of one of these domains come in. Sign-ins that name such a domain go here directly.
    pub email_domains: Vec<String>,
    /// The provider's mail addresses count as verified though it sends no `email_verified`.
    pub trust_email: bool,
    /// Whether people who were never here become members at their first sign-in.
    pub create_members: bool,
    /// Whether somebody unknown with the verified mail address of a member becomes that member. Off unless switched on: whoever can have an address
    /// confirmed by the provider then becomes its owner here. Never for administrators, who are linked by hand.
    pub link_by_email: bool,
    /// Whether signing out here signs out there too.
    pub sign_out_upstream: bool,
}

impl Default for ProviderRules {
    fn default() -> Self {
        Self {
            scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
            claims: ClaimMapping::default(),
            required: None,
            administrators: None,
            email_domains: Vec::new(),
            trust_email: false,
            create_members: true,
            link_by_email: false,
            sign_out_upstream: false,
        }
    }
}

/// Names of claims; one that begins with `/` is a JSON pointer into nested claims (`/realm_access/roles`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ClaimMapping {
    /// Who it is: stable and never given to another person.
    pub subject: String,
    /// The sign-in name; the mail address when the claim is missing.
    pub user_principal_name: String,
    /// The name that others see.
    pub display_name: String,
    /// The mail address.
    pub mail: String,
    /// Given name.
    pub given_name: String,
    /// Surname.
    pub surname: String,
}

impl Default for ClaimMapping {
    fn default() -> Self {
        Self {
            subject: "sub".to_owned(),
            user_principal_name: "preferred_username".to_owned(),
            display_name: "name".to_owned(),
            mail: "email".to_owned(),
            given_name: "given_name".to_owned(),
            surname: "family_name".to_owned(),
        }
    }
}

/// A claim that is this value, or a list that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimCondition {
    /// Name or JSON pointer.
    pub claim: String,
    /// Compared byte for byte; `true`, `false` and numbers as JSON writes them.
    pub value: String,
}

/// Which member a person of a provider is. Keyed by provider and subject, never by a name or a mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedIdentity {
    /// The provider.
    pub provider_id: String,
    /// Who it is there.
    pub subject: String,
    /// Who it is here.
    pub member_id: String,
    /// The member was made by this provider, which therefore goes on keeping the profile; otherwise the profile is kept here.
    pub created_here: bool,
    /// When they were linked.
    pub linked: Micros,
    /// The last sign-in through the provider.
    pub last_sign_in: Option<Micros>,
}

/// A sign-in that was sent to a provider and has not come back. Holds no secret: the proof key and the nonce are derived from the state and from the
/// secret of the browser's cookie, of both of which only hashes are here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederationAttempt {
    /// Hash of the `state`.
    pub state_hash: String,
    /// Hash of the secret in the cookie of the browser that began.
    pub browser_hash: String,
    /// Where it was sent.
    pub provider_id: String,
    /// Where it comes back, byte for byte.
    pub redirect_uri: String,
    /// The tenant as the path of the authorization request spelled it.
    pub tenant: String,
    /// The authorization request of the application, form-encoded; validated anew when the browser comes back.
    pub query: String,
    /// How old the sign-in may be, in seconds, when the application said; 0 when it must be made after `begun`.
    pub max_age: Option<i64>,
    /// When it was sent.
    pub begun: Micros,
    /// From when on it is worthless.
    pub expires: Micros,
}

/// A session that was opened through a provider which wants to hear of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedSession {
    /// Key of the session.
    pub session_hash: String,
    /// The provider.
    pub provider_id: String,
    /// Its identity token, with which the provider recognises whose session is to end; opens nothing here.
    pub id_token: String,
    /// When the session ends by itself.
    pub expires: Micros,
}

//! Why a sign-in request is refused: a closed list, in the words of OAuth but without its codes.
//!
//! The facade (`oidc::refusal`) assigns the wire codes in one exhaustive match. Each sentence says what is wrong and, by
//! doing so, who can put it right: the application's developer, its registration, or the person in front of the page.

use thiserror::Error;

use crate::ports::StoreError;

/// Why a request to the sign-in endpoints was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The path names a tenant that does not live here.
    #[error("Tenant '{0}' was not found. Use the id of the tenant, 'organizations' or 'common' in the authority.")]
    UnknownTenant(String),
    /// No application has this client id.
    #[error("Application '{0}' is not registered in this tenant. Register it, or correct the client id.")]
    UnknownApplication(String),
    /// The redirect address is not one of the application's.
    #[error(
        "The redirect URI '{redirect_uri}' is not registered for application '{client_id}'. Register exactly this address, or send a registered one."
    )]
    RedirectNotRegistered {
        /// The application.
        client_id: String,
        /// What the request named.
        redirect_uri: String,
    },
    /// A required parameter is absent or empty.
    #[error("The request must contain the parameter '{0}'.")]
    MissingParameter(&'static str),
    /// A parameter occurs twice or is not text.
    #[error("The parameter '{0}' occurs more than once or is not valid UTF-8.")]
    MalformedParameter(String),
    /// A parameter's value has no meaning here.
    #[error("The value of parameter '{0}' is not supported.")]
    UnsupportedValue(&'static str),
    /// Only the code flow exists.
    #[error("The response type is not supported: only 'code' is. Use the authorization code flow with PKCE.")]
    UnsupportedResponseType,
    /// The grant does not exist here.
    #[error("The grant type '{0}' is not supported. Supported are authorization_code, refresh_token and client_credentials.")]
    UnsupportedGrant(String),
    /// Public applications prove with PKCE that the code came back to them.
    #[error("The request needs PKCE: send code_challenge with code_challenge_method S256, and code_verifier when redeeming the code.")]
    ProofKeyRequired,
    /// The verifier does not belong to the challenge.
    #[error("The code_verifier does not match the code_challenge of the authorization request.")]
    ProofKeyMismatch,
    /// A permission that the application's registration does not carry.
    #[error("The permission '{0}' is not granted to this application. An administrator can add it to the registration.")]
    PermissionNotGranted(String),
    /// A permission of the registration, asked for with a resource that does not know it.
    #[error(
        "The scope '{0}' does not exist: its resource has no such permission. Ask for the permission with the resource that it belongs to."
    )]
    PermissionOfAnotherResource(String),
    /// One token serves one resource.
    #[error("The scopes name more than one resource. Ask for one access token per resource.")]
    SeveralResources,
    /// The resource part of a scope is not served here.
    #[error("The resource '{0}' is not served by this tenant.")]
    UnknownResource(String),
    /// Application tokens are asked for by `/.default` only.
    #[error("The scope '{0}' is not valid for client credentials: send one scope, <resource>/.default.")]
    DefaultScopeRequired(String),
    /// The application keeps a secret and did not show it.
    #[error("The request must prove the application: send client_secret in the body or by HTTP Basic.")]
    SecretMissing,
    /// The secret is none of the application's.
    #[error("The client secret is not valid for application '{0}'. Send the value of the secret, not its id.")]
    SecretWrong(String),
    /// A public application has no secret and cannot act for itself.
    #[error("Application '{0}' is public: it has no secret and cannot use this grant.")]
    ApplicationIsPublic(String),
    /// Both Basic and the body named a client, and not the same one.
    #[error("The client credentials of the Authorization header are malformed or differ from those of the body.")]
    ConflictingCredentials,
    /// Code or refresh token of nobody, or of another application.
    #[error("The grant is not valid: it is unknown, or was issued to another application or redirect URI.")]
    UnknownGrant,
    /// Too late.
    #[error("The grant has expired. Sign in again.")]
    GrantExpired,
    /// The code was redeemed before; what that gave is revoked.
    #[error("The authorization code was already redeemed. Sign in again.")]
    CodeReplayed,
    /// The refresh token or its family was revoked.
    #[error("The grant was revoked because it was used twice, signed out, or withdrawn. Sign in again.")]
    GrantRevoked,
    /// The member is gone or switched off.
    #[error("The account cannot sign in. Ask an administrator of the organisation.")]
    AccountDisabled,
    /// `prompt=none` and nobody, or somebody else, is signed in.
    #[error("A silent sign-in was asked for, but this member is not signed in here.")]
    LoginRequired,
    /// Unknown user name and wrong password alike.
    #[error("The user name or the password is not correct.")]
    WrongCredentials,
    /// Too many failures for this account or from this source.
    #[error("Too many attempts. Wait a few minutes, then try again.")]
    Throttled {
        /// After how many seconds an attempt is read again.
        retry_after_seconds: u32,
    },
    /// The form came from another page or a page that was open for too long.
    #[error("The sign-in page is no longer valid. Open it again from the application.")]
    StaleForm,
}

/// A refused request, or a store that could not answer.
#[derive(Debug, Error)]
pub enum SignInError {
    /// The request is refused, and why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store or the signer failed: nothing was issued; the request may be repeated.
    #[error("sign-in is not available: {0}")]
    Unavailable(String),
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

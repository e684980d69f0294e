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
    #[error(
        "The grant type '{0}' is not supported. Supported are authorization_code, refresh_token, client_credentials, device_code and on-behalf-of (jwt-bearer)."
    )]
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
    /// The client assertion cannot be read.
    #[error("The client assertion cannot be used: {0}.")]
    AssertionMalformed(&'static str),
    /// No key of the application is the one that the assertion names.
    #[error(
        "The client assertion names no registered certificate or key: its header needs x5t, x5t#S256 or kid of one that an administrator added to the application."
    )]
    AssertionKeyUnknown,
    /// The certificate is not valid now.
    #[error("The certificate or key that signed the client assertion is not valid now. Register another one.")]
    AssertionKeyOutOfTime,
    /// The signature is wrong.
    #[error("The signature of the client assertion is wrong: it was not made by the registered key.")]
    AssertionSignatureWrong,
    /// `iss` or `sub` is not the application.
    #[error("The client assertion must have the client id of this application in both iss and sub.")]
    AssertionOfAnother,
    /// `aud` is not this server.
    #[error("The audience of the client assertion must be the token endpoint of this tenant.")]
    AssertionForAnother,
    /// Expired, not valid yet, or valid for too long.
    #[error(
        "The client assertion is not within its time: it must have begun, not have expired, and expire within an hour. Compare the clocks."
    )]
    AssertionOutOfTime,
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
    /// The refresh token was exchanged several times within its grace.
    #[error("The refresh token was exchanged too often at once. Use the refresh token of the last answer.")]
    RefreshedTooOften,
    /// The member is gone or switched off.
    #[error("The account cannot sign in. Ask an administrator of the organisation.")]
    AccountDisabled,
    /// The member, or an administrator for everybody, has not consented.
    #[error("The member has not consented to what application '{0}' asks for. Sign in interactively, or let an administrator consent.")]
    ConsentRequired(String),
    /// The member said no.
    #[error("The member declined to let the application act for them.")]
    ConsentDeclined,
    /// The members' own web app signs nobody in on another device.
    #[error(
        "Application '{0}' is the members' own web app and cannot use the device flow. Register an application of its own for the device."
    )]
    DeviceNotForApplication(String),
    /// A device code cannot carry a permission of administration: the member sees neither the device nor who holds it.
    #[error(
        "The scope '{0}' administers the organisation and cannot be asked for with a device code. Sign in with a browser on that device instead."
    )]
    AdministrationByDevice(String),
    /// Nobody has decided about the device yet.
    #[error("The member has not finished signing in on the other device. Ask again after the interval.")]
    DevicePending,
    /// The device asks more often than it was told to.
    #[error("The device asks too often. Wait for the interval between two requests.")]
    DeviceTooFast,
    /// The member said no.
    #[error("The member declined to sign in on the device.")]
    DeviceDeclined,
    /// Too late.
    #[error("The device code has expired. Start again on the device.")]
    DeviceExpired,
    /// No device has this code.
    #[error("The device code is not valid: it is unknown, was used, or was issued to another application.")]
    DeviceUnknown,
    /// The code on the page is wrong; unknown, used and expired alike.
    #[error("This code is not valid. Check what the device shows, or start again there.")]
    UserCodeUnknown,
    /// Too many device codes are asked for.
    #[error("Too many device codes are waiting. Try again in {retry_after_seconds} seconds.")]
    DeviceCodesExhausted {
        /// After how many seconds a code can be had again.
        retry_after_seconds: u32,
    },
    /// The assertion of an on-behalf-of request is not a token that can be acted on.
    #[error("The assertion cannot be used on behalf of its member: {0}.")]
    OnBehalfOfRefused(String),
    /// The assertion was issued to be sent to somebody else.
    #[error("The assertion is for another audience: its aud must be the client id of the application that sends it.")]
    OnBehalfOfAnotherAudience,
    /// The assertion was issued to the application that sends it.
    #[error("The assertion was issued to the application that sends it: on behalf of a member acts who was called by another application.")]
    OnBehalfOfItself,
    /// The assertion is an application's own token.
    #[error("The assertion is the token of an application: only a member's token can be used on behalf of somebody.")]
    OnBehalfOfApplication,
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
    /// A sign-in through an upstream provider.
    #[error(transparent)]
    Federation(#[from] super::federation::FederationRefusal),
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

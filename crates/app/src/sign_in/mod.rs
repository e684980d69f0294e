//! Signing in: members by authorization code with PKCE, applications by client credentials.
//!
//! One request, one file: `request` (what an application asks for), `session` (password and browser session); `code`,
//! `refresh`, `client`, `device`, `on_behalf_of` (the five grants), with `assertion`, `scopes`, `tokens`, `pkce`, `throttle`
//! as their parts. `ports` is what is persisted. What applications are registered for is in `crate::applications`. No HTTP, cookie or wire code here: those are the `oidc` facade's.
//!
//! Invariants: secrets are persisted as hashes only; what a browser or an application was told is persisted before (law 7);
//! a member's state is read anew on every use (law 4). Kept by the tests of `oidc` and the store's conformance suite.

mod assertion;
mod client;
mod code;
mod device;
mod federation;
mod on_behalf_of;
mod parameters;
mod pkce;
mod ports;
mod refresh;
mod refusal;
mod request;
mod scopes;
mod session;
mod tenant;
mod throttle;
mod tokens;
mod user_info;

pub use assertion::{assertion_subject, hexadecimal};
pub use client::ApplicationProof;
pub use code::CodeRedemption;
pub use device::{DEVICE_SECONDS, DeviceBegun, DeviceCode, DeviceCodeStore, DeviceDecision, POLL_SECONDS, WaitingDevice};
pub(crate) use federation::Upstreams;
pub use federation::{
    ClaimCondition, ClaimMapping, FederatedBeginning, FederatedIdentity, FederatedSession, FederationAttempt, FederationRefusal,
    FederationStore, MOST_LINKS, ProviderChange, ProviderCheck, ProviderDraft, ProviderRules, ReturnedAttempt, SignInWays, UpstreamChoice,
    UpstreamProvider,
};
pub use on_behalf_of::OnBehalfOfRequest;
pub use parameters::Parameters;
pub use ports::{
    AuthorizationCode, MOST_SUCCESSORS, MOST_WAITING_CODES, RefreshFamily, RefreshToken, Rotation, SignInSession, SignInStore,
};
pub use refresh::{REUSE_GRACE_SECONDS, RefreshRequest};
pub use refusal::{Refusal, SignInError};
pub use request::{AuthorizationRefusal, AuthorizationRequest, Prompt, ResponseMode, ReturnAddress};
pub(crate) use scopes::API;
pub use scopes::{MemberScopes, Resource, application_resource};
pub use session::{PasswordAttempt, SESSION_SECONDS, Session};
pub use throttle::SignInThrottle;
pub use tokens::{ApplicationAnswer, SignInAnswer, TOKEN_SECONDS};

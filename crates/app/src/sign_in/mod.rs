//! Signing in: members by authorization code with PKCE, applications by client credentials.
//!
//! One request, one file: `request` (what an application asks for), `session` (password and browser session), `code`,
//! `refresh`, `client` (the three grants), with `scopes`, `tokens`, `pkce`, `throttle` as their parts. `ports` is what is
//! persisted. No HTTP, cookie or wire code here: those are the `oidc` facade's.
//!
//! Invariants: secrets are persisted as hashes only; what a browser or an application was told is persisted before (law 7);
//! a member's state is read anew on every use (law 4). Kept by the tests of `oidc` and the store's conformance suite.

mod client;
mod code;
mod federation;
mod parameters;
mod pkce;
mod ports;
mod refresh;
mod refusal;
mod request;
mod scopes;
mod session;
mod throttle;
mod tokens;

pub use client::ApplicationProof;
pub use code::CodeRedemption;
pub use federation::{
    ClaimCondition, ClaimMapping, FederatedIdentity, FederatedSession, FederationAttempt, FederationStore, ProviderRules, UpstreamProvider,
};
pub use parameters::Parameters;
pub use ports::{AuthorizationCode, RefreshFamily, RefreshToken, Rotation, SignInSession, SignInStore};
pub use refresh::{REUSE_GRACE_SECONDS, RefreshRequest};
pub use refusal::{Refusal, SignInError};
pub use request::{AuthorizationRefusal, AuthorizationRequest, Prompt, ResponseMode, ReturnAddress};
pub use scopes::{MemberScopes, Resource, application_resource};
pub use session::{PasswordAttempt, SESSION_SECONDS, Session};
pub use throttle::SignInThrottle;
pub use tokens::{ApplicationAnswer, SignInAnswer, TOKEN_SECONDS};

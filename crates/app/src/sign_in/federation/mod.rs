//! Members of another OpenID provider: the code flow towards it, verification of its tokens, mapping of claims, members made at their first sign-in.
//!
//! * Here: `providers`, `draft`, `check` and `links` (administration), `ways` (what the sign-in page offers), `begin` and `finish` (one sign-in), `upstream` (calls and what is
//!   remembered of them), and the pure parts `discovery`, `keys`, `id_token`, `claims`; `members` says who somebody is.
//! * Not here: pages, cookies and redirects (`oidc::federation`); which addresses may be called (`server::outbound`, behind the port `crate::outbound`).
//! * Invariants: every check of a token is made before anything is written; identity is provider and subject; a state works once, in one browser; the store
//!   holds no secret but those that have to be shown to providers. Kept by the tests here, in `oidc` and in `tests/clients`.

mod begin;
mod check;
mod claims;
mod discovery;
mod draft;
mod finish;
mod id_token;
mod keys;
mod links;
mod members;
mod model;
mod ports;
mod providers;
mod refusal;
mod upstream;
mod ways;

pub use begin::{FederatedBeginning, ReturnedAttempt};
pub use check::ProviderCheck;
pub use draft::{ProviderChange, ProviderDraft};
pub use links::MOST_LINKS;
pub use model::{ClaimCondition, ClaimMapping, FederatedIdentity, FederatedSession, FederationAttempt, ProviderRules, UpstreamProvider};
pub use ports::FederationStore;
pub use refusal::FederationRefusal;
pub(crate) use upstream::Upstreams;
pub use ways::{SignInWays, UpstreamChoice};

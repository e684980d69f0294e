//! Members of another OpenID provider: discovery, the code flow towards it, mapping of claims, members made at their first sign-in.

mod model;
mod ports;

pub use model::{ClaimCondition, ClaimMapping, FederatedIdentity, FederatedSession, FederationAttempt, ProviderRules, UpstreamProvider};
pub use ports::FederationStore;

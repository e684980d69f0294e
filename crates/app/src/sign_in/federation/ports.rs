//! What federation persists.

use async_trait::async_trait;

use super::model::{FederatedIdentity, FederatedSession, FederationAttempt, UpstreamProvider};
use crate::{Micros, model::Member, ports::StoreResult};

/// In the store: upstream providers, which member is whom there, and sign-ins on their way. Every method is one transaction.
#[async_trait]
pub trait FederationStore: Send + Sync + 'static {
    /// All providers by name.
    async fn upstream_providers(&self) -> StoreResult<Vec<UpstreamProvider>>;
    /// One provider.
    async fn upstream_provider(&self, id: &str) -> StoreResult<Option<UpstreamProvider>>;
    /// Creates or replaces a provider.
    async fn put_upstream_provider(&self, provider: &UpstreamProvider) -> StoreResult<()>;
    /// Forgets a provider with its links, its sign-ins on their way and its notes of sessions; false when there was none. Members stay.
    async fn delete_upstream_provider(&self, id: &str) -> StoreResult<bool>;

    /// Whether members sign in with passwords; true until somebody says otherwise.
    async fn local_sign_in(&self) -> StoreResult<bool>;
    /// Switches passwords on or off.
    async fn set_local_sign_in(&self, on: bool) -> StoreResult<()>;

    /// Who a subject of a provider is here.
    async fn federated_identity(&self, provider_id: &str, subject: &str) -> StoreResult<Option<FederatedIdentity>>;
    /// Links of a provider by subject, those after `after`, at most `top`.
    async fn federated_identities(&self, provider_id: &str, after: &str, top: u32) -> StoreResult<Vec<FederatedIdentity>>;
    /// Links; `Conflict` when the subject or the member is linked already at this provider.
    async fn link_federated_identity(&self, identity: &FederatedIdentity) -> StoreResult<()>;
    /// Whether a member whom no provider made has a sign-in name in this domain, whatever its letter case.
    async fn has_local_member_of_domain(&self, domain: &str) -> StoreResult<bool>;
    /// Makes a member with the link, or neither; `Conflict` of `member` when the sign-in name is taken, of `federated identity` when the subject is.
    async fn insert_federated_member(&self, member: &Member, identity: &FederatedIdentity) -> StoreResult<()>;
    /// Removes the link of a member; false when there was none.
    async fn unlink_federated_identity(&self, provider_id: &str, member_id: &str) -> StoreResult<bool>;
    /// Remembers the last sign-in.
    async fn note_federated_sign_in(&self, provider_id: &str, subject: &str, at: Micros) -> StoreResult<()>;

    /// Stores a sign-in on its way. Of more than `most` the ones that expire first are forgotten.
    async fn put_federation_attempt(&self, attempt: &FederationAttempt, most: u32) -> StoreResult<()>;
    /// Gives and forgets the sign-in with this state in this browser, expired or not; of several calls at once one gets it. A wrong browser takes nothing.
    async fn take_federation_attempt(&self, state_hash: &str, browser_hash: &str) -> StoreResult<Option<FederationAttempt>>;

    /// Notes that a session came from a provider.
    async fn put_federated_session(&self, session: &FederatedSession) -> StoreResult<()>;
    /// Gives and forgets the note.
    async fn take_federated_session(&self, session_hash: &str) -> StoreResult<Option<FederatedSession>>;

    /// Forgets what expired before `now`; returns how many rows went.
    async fn sweep_federation(&self, now: Micros) -> StoreResult<u64>;
}

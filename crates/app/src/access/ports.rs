//! What it persists.

use async_trait::async_trait;

use crate::model::{AccessGrant, AccessPolicy, Grantee, Group};
use crate::ports::StoreResult;

/// In the store: which application may act for which organizer: application access policies, and the groups that they name.
#[async_trait]
pub trait AccessStore: Send + Sync + 'static {
    /// Creates or replaces a group; its members are left alone.
    async fn put_group(&self, group: &Group) -> StoreResult<()>;
    /// By id (lower case).
    async fn group(&self, id: &str) -> StoreResult<Option<Group>>;
    /// All groups by name.
    async fn groups(&self) -> StoreResult<Vec<Group>>;
    /// Deletes a group with its list of members; false when there is none, `Conflict` when a policy is granted to it.
    async fn delete_group(&self, id: &str) -> StoreResult<bool>;
    /// Adds a member to a group; nothing happens when they are in it.
    async fn add_group_member(&self, group_id: &str, member_id: &str) -> StoreResult<()>;
    /// Takes a member out of a group; false when they were not in it.
    async fn remove_group_member(&self, group_id: &str, member_id: &str) -> StoreResult<bool>;
    /// Object ids of the members of a group, sorted.
    async fn group_members(&self, group_id: &str) -> StoreResult<Vec<String>>;
    /// Creates or replaces a policy; `Conflict` when another one has the name (ASCII case ignored).
    async fn put_access_policy(&self, policy: &AccessPolicy) -> StoreResult<()>;
    /// By id (lower case).
    async fn access_policy(&self, id: &str) -> StoreResult<Option<AccessPolicy>>;
    /// All policies by name.
    async fn access_policies(&self) -> StoreResult<Vec<AccessPolicy>>;
    /// Deletes a policy; false when there is none, `Conflict` when it is granted to somebody.
    async fn delete_access_policy(&self, id: &str) -> StoreResult<bool>;
    /// Creates or replaces the grant of a grantee; `Conflict` when another group has the rank.
    async fn put_access_grant(&self, grant: &AccessGrant) -> StoreResult<()>;
    /// Takes the grant of a grantee away; false when there is none.
    async fn delete_access_grant(&self, grantee: &Grantee) -> StoreResult<bool>;
    /// All grants: global, then groups by rank, then members.
    async fn access_grants(&self) -> StoreResult<Vec<AccessGrant>>;
    /// The one grant that counts for a member, with its policy: the member's own, else that of the best-ranked group they are in, else the global one.
    async fn effective_access(&self, member_id: &str) -> StoreResult<Option<(AccessGrant, AccessPolicy)>>;
}

//! What registered applications persist beside themselves: to what members consented, and how an application goes.

use async_trait::async_trait;

use crate::{Micros, ports::StoreResult};

/// Consent of members, and the end of applications. Every method is one transaction.
#[async_trait]
pub trait ApplicationStore: Send + Sync + 'static {
    /// The permissions to which a member consented for an application, by name.
    async fn consents(&self, member_id: &str, client_id: &str) -> StoreResult<Vec<String>>;

    /// Adds consent of a member; what was consented to before stays as it is. All of them are written, or none.
    async fn grant_consents(&self, member_id: &str, client_id: &str, permissions: &[String], at: Micros) -> StoreResult<()>;

    /// Forgets the consent of all members for an application.
    async fn withdraw_consents(&self, client_id: &str) -> StoreResult<()>;

    /// Removes an application with everything that it was given: consent, codes, device codes and refresh tokens. `false` when there is none.
    async fn delete_application(&self, client_id: &str) -> StoreResult<bool>;

    /// Whether any member's sign-in name ends in `@` and this domain (lower case; letters, digits, dots and hyphens only).
    async fn has_member_of_domain(&self, domain: &str) -> StoreResult<bool>;
}

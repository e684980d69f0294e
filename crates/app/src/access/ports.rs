//! What it persists.

use async_trait::async_trait;

/// In the store: which application may act for which organizer: application access policies, and the groups that they name.
#[async_trait]
pub trait AccessStore: Send + Sync + 'static {}

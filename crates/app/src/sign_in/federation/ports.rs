//! What federation persists.

use async_trait::async_trait;

/// In the store: upstream providers, and which member is whom there.
#[async_trait]
pub trait FederationStore: Send + Sync + 'static {}

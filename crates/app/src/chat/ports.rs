//! What chat persists.

use async_trait::async_trait;

/// Chat in the store.
#[async_trait]
pub trait ChatStore: Send + Sync + 'static {}

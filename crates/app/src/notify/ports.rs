//! What it persists.

use async_trait::async_trait;

/// In the store: change notifications: subscriptions, their deliveries, and what is told of a held meeting.
#[async_trait]
pub trait SubscriptionStore: Send + Sync + 'static {}

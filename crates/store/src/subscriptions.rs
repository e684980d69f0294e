//! Change notifications: subscriptions, their deliveries, and what is told of a held meeting.

use app::notify::SubscriptionStore;
use async_trait::async_trait;

use crate::SqlStore;

#[async_trait]
impl SubscriptionStore for SqlStore {}

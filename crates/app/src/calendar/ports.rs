//! What it persists.

use async_trait::async_trait;

/// In the store: calendar events of members, linked with the online meeting that they carry.
#[async_trait]
pub trait CalendarStore: Send + Sync + 'static {}

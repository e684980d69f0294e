//! What it persists.

use async_trait::async_trait;

/// In the store: rooms: who may take part in which role, and from when until when.
#[async_trait]
pub trait RoomStore: Send + Sync + 'static {}

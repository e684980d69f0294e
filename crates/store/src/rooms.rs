//! Rooms: who may take part in which role, and from when until when.

use app::rooms::RoomStore;
use async_trait::async_trait;

use crate::SqlStore;

#[async_trait]
impl RoomStore for SqlStore {}

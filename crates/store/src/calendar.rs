//! Calendar events of members, linked with the online meeting that they carry.

use app::calendar::CalendarStore;
use async_trait::async_trait;

use crate::SqlStore;

#[async_trait]
impl CalendarStore for SqlStore {}

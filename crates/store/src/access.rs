//! Which application may act for which organizer: application access policies, and the groups that they name.

use app::access::AccessStore;
use async_trait::async_trait;

use crate::SqlStore;

#[async_trait]
impl AccessStore for SqlStore {}

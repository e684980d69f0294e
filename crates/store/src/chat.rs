//! Chat threads.

use app::chat::ChatStore;
use async_trait::async_trait;

use crate::SqlStore;

#[async_trait]
impl ChatStore for SqlStore {}

//! Upstream providers, and which member is whom there.

use app::sign_in::FederationStore;
use async_trait::async_trait;

use crate::SqlStore;

#[async_trait]
impl FederationStore for SqlStore {}

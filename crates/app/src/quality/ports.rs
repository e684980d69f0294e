//! What the quality record needs of the store.

use async_trait::async_trait;

use super::{CallMark, CallSummary, QualityRecord, SessionMark};
use crate::Micros;
use crate::ports::StoreResult;

/// Which calls are listed; what is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Held there: the thread of a meeting, the key of another call.
    pub key: Option<String>,
    /// Began then or later.
    pub from: Option<Micros>,
    /// Began before then.
    pub until: Option<Micros>,
}

/// The quality record.
#[async_trait]
pub trait QualityStore: Send + Sync + 'static {
    /// Keeps these records, each in place of the one of its session; all of them or none.
    async fn put_quality(&self, records: &[QualityRecord]) -> StoreResult<()>;
    /// Held calls, the one that began latest first and those of one moment by id, that come after the mark.
    async fn quality_calls(&self, filter: &CallFilter, after: Option<&CallMark>, top: u32) -> StoreResult<Vec<CallSummary>>;
    /// One held call; nothing when none of its sessions is recorded.
    async fn quality_call(&self, held_id: &str) -> StoreResult<Option<CallSummary>>;
    /// The sessions of a held call in the order in which they began, and those of one moment by id, that come after the mark.
    async fn quality_sessions(&self, held_id: &str, after: Option<&SessionMark>, top: u32) -> StoreResult<Vec<QualityRecord>>;
    /// Forgets held calls of which nothing was recorded since then.
    async fn sweep_quality(&self, before: Micros) -> StoreResult<()>;
}

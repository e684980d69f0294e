//! Answers that are given again when a client repeats a request that it may repeat (repeatability ids).

use async_trait::async_trait;

use crate::Micros;
use crate::ports::StoreResult;

/// Remembered answers in the store.
#[async_trait]
pub trait IdempotencyStore: Send + Sync + 'static {
    /// Keeps `answer` under scope (who and which operation) and key (the client's repeatability id) until `expires`, unless there is one that has not
    /// expired at `now`: then that one is given and nothing is changed.
    async fn remember_answer(&self, scope: &str, key: &str, answer: &str, expires: Micros, now: Micros) -> StoreResult<Option<String>>;
    /// The answer kept, unless it has expired at `now`.
    async fn remembered_answer(&self, scope: &str, key: &str, now: Micros) -> StoreResult<Option<String>>;
    /// Forgets what has expired.
    async fn sweep_answers(&self, now: Micros) -> StoreResult<()>;
}

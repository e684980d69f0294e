//! What surveys need of the store.

use async_trait::async_trait;

use super::{Survey, SurveyMark};
use crate::Micros;
use crate::ports::StoreResult;

/// Which surveys are read; what is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SurveyFilter {
    /// Of calls held there: the thread of a meeting, the key of another call.
    pub key: Option<String>,
    /// Of one held call.
    pub held_id: Option<String>,
    /// Submitted then or later.
    pub from: Option<Micros>,
    /// Submitted before then.
    pub until: Option<Micros>,
}

/// Surveys.
#[async_trait]
pub trait SurveyStore: Send + Sync + 'static {
    /// Keeps a survey; when the session has one, it gets the new time and ratings and keeps its id. Gives the id.
    async fn put_survey(&self, survey: &Survey) -> StoreResult<String>;
    /// Surveys, newest first and those of one moment by id, that come after the mark.
    async fn surveys(&self, filter: &SurveyFilter, after: Option<&SurveyMark>, top: u32) -> StoreResult<Vec<Survey>>;
    /// Forgets surveys that were submitted before then.
    async fn sweep_surveys(&self, before: Micros) -> StoreResult<()>;
}

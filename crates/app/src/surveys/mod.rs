//! Surveys: what people thought of a call, one survey a session.
//!
//! * Here: keeping a survey, and reading surveys for administrators. Who may speak for a session is known to `signal`, which remembers the sessions
//!   of late; here the person and the session are taken as proved.
//! * `draft`: the rules that a survey keeps. `ports`: what the store keeps.
//! * Invariants, kept by `tests/surveys.rs`: a survey that breaks a rule is not kept; a second survey of a session takes the first one's place and
//!   its id; surveys are forgotten after [`KEPT_DAYS`].

mod draft;
mod ports;

pub use draft::{Rating, SURVEY_SUBJECTS, SurveyDraft, SurveyError};
pub use ports::{SurveyFilter, SurveyStore};

use crate::error::AppError;
use crate::ports::StoreResult;
use crate::settings::require_administrator;
use crate::tokens::Caller;
use crate::{App, Micros, ids};

/// How long a survey is kept, in days.
pub const KEPT_DAYS: i64 = 400;
const DAY: Micros = 24 * 3600 * 1_000_000;
/// Surveys in one page, when nothing else is asked for.
pub const SURVEYS_PAGE: u32 = 100;
/// Surveys in one page at most.
pub const MOST_SURVEYS: u32 = 500;

/// The call that a survey is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyedCall {
    /// The session of the person, as the calling SDK names its own endpoint.
    pub session: String,
    /// Raw id of the person.
    pub raw_id: String,
    /// The held call.
    pub held_id: String,
    /// What kind of call it was: `meeting`, `room`, `group` or `direct`.
    pub kind: String,
    /// Where it was held: the thread of a meeting, the key of another call.
    pub key: String,
}

/// A survey as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// Names it.
    pub id: String,
    /// About which call.
    pub call: SurveyedCall,
    /// When it was submitted last.
    pub submitted: Micros,
    /// One to four ratings.
    pub ratings: Vec<Rating>,
}

/// A page of surveys, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyPage {
    /// What is on it.
    pub surveys: Vec<Survey>,
    /// Give it back to get the next page; nothing on the last one.
    pub next: Option<String>,
}

/// Where a page goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyMark {
    /// After surveys of this time,
    pub submitted: Micros,
    /// and this id.
    pub id: String,
}

impl App {
    /// Keeps a survey in place of the one that the session submitted before; gives its id.
    ///
    /// # Errors
    /// `Invalid` when it breaks a rule; or the store failed.
    pub async fn submit_survey(&self, call: SurveyedCall, draft: SurveyDraft) -> Result<String, SurveyError> {
        let survey = Survey {
            id: ids::guid(self.random()),
            call,
            submitted: self.now(),
            ratings: draft.check()?,
        };
        Ok(self.store().put_survey(&survey).await?)
    }

    /// Surveys, newest first, for administrators.
    ///
    /// # Errors
    /// `Forbidden` unless the caller administers; `InvalidArgument` for a mark that no page gave, or a page of another size than 1 to 500.
    pub async fn surveys(
        &self,
        caller: &Caller,
        filter: &SurveyFilter,
        mark: Option<&str>,
        top: Option<u32>,
    ) -> Result<SurveyPage, AppError> {
        require_administrator(caller)?;
        let top = top.unwrap_or(SURVEYS_PAGE);
        if !(1..=MOST_SURVEYS).contains(&top) {
            return Err(AppError::invalid("top", "a page has between 1 and 500 surveys"));
        }
        let after = mark.map(read_mark).transpose()?;
        let mut surveys = self.store().surveys(filter, after.as_ref(), top.saturating_add(1)).await?;
        let size = usize::try_from(top).unwrap_or(usize::MAX);
        let more = surveys.len() > size;
        surveys.truncate(size);
        let next = surveys
            .last()
            .filter(|_| more)
            .map(|last| format!("{}_{}", last.submitted, last.id));
        Ok(SurveyPage { surveys, next })
    }

    /// Forgets surveys that were kept long enough.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sweep_surveys(&self) -> StoreResult<()> {
        self.store().sweep_surveys(self.now().saturating_sub(KEPT_DAYS * DAY)).await
    }
}

fn read_mark(mark: &str) -> Result<SurveyMark, AppError> {
    let read = mark.split_once('_').and_then(|(submitted, id)| {
        Some(SurveyMark {
            submitted: submitted.parse().ok()?,
            id: id.to_owned(),
        })
    });
    read.ok_or_else(|| AppError::invalid("mark", "the list cannot be continued from there; begin again without a mark"))
}

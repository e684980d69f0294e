//! Surveys: which session was whose, so that somebody can say how a call was, also after it ended.
//!
//! Owns: the memory of sessions of late. Not here: what a survey may say, and keeping it (`app::surveys`). Invariant: nobody speaks for a session of
//! somebody else; a session that is not remembered and one of somebody else get the same answer.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use app::surveys::{Rating, SurveyDraft, SurveyError, SurveyedCall};
use meeting::{CallKind, Refusal};
use wire::SurveyRating;

use crate::hub::{Hub, Identity};

/// Sessions that are remembered. Full means: the oldest is forgotten, and a survey of it comes too late.
const MOST_SESSIONS: usize = 20_000;

/// The sessions of late; a restart forgets them.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    calls: HashMap<String, SurveyedCall>,
    order: VecDeque<String>,
}

impl Sessions {
    /// A session began.
    pub(crate) fn remember(&self, call: SurveyedCall) {
        self.remember_at_most(call, MOST_SESSIONS);
    }

    fn remember_at_most(&self, call: SurveyedCall, most: usize) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.order.push_back(call.session.clone());
        known.calls.insert(call.session.clone(), call);
        while known.order.len() > most {
            if let Some(oldest) = known.order.pop_front() {
                known.calls.remove(&oldest);
            }
        }
    }

    /// The call of the session, when it was this person's.
    fn of(&self, session: &str, raw_id: &str) -> Option<SurveyedCall> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.calls.get(session).filter(|call| call.raw_id == raw_id).cloned()
    }
}

impl Hub {
    /// Keeps what somebody says about a call in which they were.
    pub(crate) async fn submit_survey(&self, identity: &Identity, session: &str, ratings: Vec<SurveyRating>) -> Result<String, Refusal> {
        let call = self.sessions().of(session, identity.id()).ok_or(Refusal::SurveySessionUnknown)?;
        let draft = SurveyDraft {
            ratings: ratings.into_iter().map(rating).collect(),
        };
        self.app().submit_survey(call, draft).await.map_err(|error| match error {
            SurveyError::Invalid { .. } => Refusal::SurveyInvalid,
            SurveyError::Store(error) => {
                tracing::error!(%error, "a survey could not be kept");
                Refusal::Internal
            }
        })
    }
}

/// The kind's name in surveys.
pub(crate) fn kind_name(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Meeting => "meeting",
        CallKind::Room => "room",
        CallKind::Group => "group",
        CallKind::Direct => "direct",
    }
}

fn rating(from: SurveyRating) -> Rating {
    Rating {
        subject: from.subject,
        score: from.score,
        lower: from.lower,
        upper: from.upper,
        low_threshold: from.low_threshold,
        issues: from.issues,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(session: &str, raw_id: &str) -> SurveyedCall {
        SurveyedCall {
            session: session.to_owned(),
            raw_id: raw_id.to_owned(),
            held_id: "held".to_owned(),
            kind: "meeting".to_owned(),
            key: "19:meeting_x@thread.v2".to_owned(),
        }
    }

    #[test]
    fn a_session_is_its_persons_and_the_oldest_is_forgotten_first() {
        let sessions = Sessions::default();
        for (session, person) in [("1", "a"), ("2", "b"), ("3", "a")] {
            sessions.remember_at_most(call(session, person), 2);
        }
        assert_eq!(sessions.of("1", "a"), None);
        assert_eq!(sessions.of("2", "b"), Some(call("2", "b")));
        assert_eq!(sessions.of("2", "a"), None);
        assert_eq!(sessions.of("3", "a"), Some(call("3", "a")));
    }
}

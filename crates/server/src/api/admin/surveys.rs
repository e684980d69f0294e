//! `GET /api/admin/surveys?meeting=&room=&group=&call=&from=&until=&mark=&top=`: what people thought of calls, for administrators. Newest first; times
//! are RFC 3339. At most one of `meeting` (thread id), `room` (room id) and `group` (GUID) is given; `call` is the server's id of a held call.

use app::surveys::{Rating, Survey, SurveyFilter};
use axum::{
    Json, Router,
    extract::{Query, State, rejection::QueryRejection},
    http::HeaderMap,
    routing,
};
use serde::{Deserialize, Serialize};

use super::{
    super::error::ApiError,
    Api, caller,
    place::{Place, bad, key, time, written},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    meeting: Option<String>,
    room: Option<String>,
    group: Option<String>,
    call: Option<String>,
    from: Option<String>,
    until: Option<String>,
    mark: Option<String>,
    top: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    surveys: Vec<Shown>,
    next: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    id: String,
    /// `meeting`, `room`, `group` or `direct`.
    call_kind: String,
    #[serde(flatten)]
    place: Place,
    server_call_id: String,
    /// The person's endpoint in the call.
    session: String,
    participant: String,
    submitted: String,
    ratings: Vec<Rating>,
}

pub(super) fn router() -> Router<Api> {
    Router::new().route("/api/admin/surveys", routing::get(list))
}

async fn list(
    State(api): State<Api>,
    headers: HeaderMap,
    question: Result<Query<Question>, QueryRejection>,
) -> Result<Json<Page>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let Query(question) = question.map_err(|error| bad(error.body_text()))?;
    let filter = SurveyFilter {
        key: key(
            &api,
            question.meeting.as_deref(),
            question.room.as_deref(),
            question.group.as_deref(),
        )?,
        held_id: question.call,
        from: question.from.as_deref().map(time).transpose()?,
        until: question.until.as_deref().map(time).transpose()?,
    };
    let page = api.app.surveys(&caller, &filter, question.mark.as_deref(), question.top).await?;
    Ok(Json(Page {
        surveys: page.surveys.into_iter().map(shown).collect(),
        next: page.next,
    }))
}

fn shown(survey: Survey) -> Shown {
    let call = survey.call;
    Shown {
        id: survey.id,
        place: Place::of(&call.kind, call.key),
        call_kind: call.kind,
        server_call_id: call.held_id,
        session: call.session,
        participant: call.raw_id,
        submitted: written(survey.submitted),
        ratings: survey.ratings,
    }
}

//! `GET /api/admin/surveys?meeting=&room=&group=&call=&from=&until=&mark=&top=`: what people thought of calls, for administrators. Newest first; times
//! are RFC 3339. At most one of `meeting` (thread id), `room` (room id) and `group` (GUID) is given; `call` is the server's id of a held call.

use app::{
    Micros,
    surveys::{Rating, Survey, SurveyFilter},
};
use axum::{
    Json, Router,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    routing,
};
use serde::{Deserialize, Serialize};

use super::{super::error::ApiError, Api, caller};

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
    thread_id: Option<String>,
    room_id: Option<String>,
    group_id: Option<String>,
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
        key: key(&api, &question)?,
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

fn key(api: &Api, question: &Question) -> Result<Option<String>, ApiError> {
    let keys = [
        question.meeting.clone(),
        question.room.as_deref().map(|room| api.app.call_key_of_room(room)),
        question
            .group
            .as_deref()
            .map(|group| api.app.call_key_of_group(group))
            .transpose()?,
    ];
    let mut given = keys.into_iter().flatten();
    let key = given.next();
    match given.next() {
        None => Ok(key),
        Some(_) => Err(bad("give one of meeting, room and group")),
    }
}

fn shown(survey: Survey) -> Shown {
    let call = survey.call;
    let (thread_id, room_id, group_id) = match call.kind.as_str() {
        "meeting" => (Some(call.key), None, None),
        "room" => (None, last_part(&call.key), None),
        "group" => (None, None, last_part(&call.key)),
        _ => (None, None, None),
    };
    Shown {
        id: survey.id,
        call_kind: call.kind,
        thread_id,
        room_id,
        group_id,
        server_call_id: call.held_id,
        session: call.session,
        participant: call.raw_id,
        submitted: jiff::Timestamp::from_microsecond(survey.submitted).unwrap_or_default().to_string(),
        ratings: survey.ratings,
    }
}

fn last_part(key: &str) -> Option<String> {
    key.rsplit_once(':').map(|(_, id)| id.to_owned())
}

fn time(text: &str) -> Result<Micros, ApiError> {
    let read: Result<jiff::Timestamp, _> = text.parse();
    read.map(jiff::Timestamp::as_microsecond)
        .map_err(|_| bad("a time is written as 2026-11-23T09:30:00Z"))
}

fn bad(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "invalidArgument", message)
}

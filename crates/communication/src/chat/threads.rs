//! `/chat/threads` and `/chat/threads/{thread}`.

use app::chat::{NewThread, ThreadPatch};
use app::model::{ChatThread, Retention};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use super::refusal::ChatRefusal;
use super::{Call, fields, shape};

const REPEATABILITY: HeaderName = HeaderName::from_static("repeatability-request-id");
const OLD_REPEATABILITY: HeaderName = HeaderName::from_static("idempotency-token");
const RESULT: HeaderName = HeaderName::from_static("repeatability-result");
/// Longest repeatability id.
const MAX_REPEAT_KEY: usize = 128;

/// `POST /chat/threads`.
pub(super) async fn create(call: &Call, headers: &HeaderMap) -> Result<Response, ChatRefusal> {
    let members = fields::members(&call.body)?;
    let repeat_key = repeat_key(headers)?;
    let repeatable = repeat_key.is_some();
    let new = NewThread {
        topic: fields::needed(&members, "topic")?,
        participants: fields::participants(&members)?,
        metadata: fields::new_metadata(&members)?,
        retention: fields::retention(&members)?.unwrap_or(Retention::None),
        repeat_key,
    };
    let created = call.app.create_chat_thread(&call.caller, new).await?;
    let mut answer = json!({ "chatThread": shape::thread(&created.thread) });
    if let (Some(invalid), Some(answer)) = (shape::invalid_participants(&created.unknown), answer.as_object_mut()) {
        answer.insert("invalidParticipants".to_owned(), invalid);
    }
    let mut response = (StatusCode::CREATED, axum::Json(answer)).into_response();
    if let Ok(location) = HeaderValue::from_str(&call.thread_url(&created.thread.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    if repeatable {
        response.headers_mut().insert(RESULT, HeaderValue::from_static("accepted"));
    }
    Ok(response)
}

fn repeat_key(headers: &HeaderMap) -> Result<Option<String>, ChatRefusal> {
    let Some(value) = headers.get(REPEATABILITY).or_else(|| headers.get(OLD_REPEATABILITY)) else {
        return Ok(None);
    };
    let key = value.to_str().ok().filter(|key| (1..=MAX_REPEAT_KEY).contains(&key.len()));
    key.map(|key| Some(key.to_owned())).ok_or_else(|| {
        ChatRefusal::invalid(
            "repeatability-request-id",
            format!("repeatability-request-id must be a text of 1 to {MAX_REPEAT_KEY} ASCII characters"),
        )
    })
}

/// `GET /chat/threads`.
pub(super) async fn list(call: &Call) -> Result<Response, ChatRefusal> {
    let page = call.page()?;
    let cursor = page.cursor(|text| {
        let (created, id) = text.split_once(' ')?;
        Some((created.parse().ok()?, id.to_owned()))
    })?;
    let after = cursor.as_ref().map(|(created, id)| (*created, id.as_str()));
    let asked = page.size.saturating_add(1);
    let mut threads = call.app.chat_threads(&call.caller, page.since, after, asked).await?;
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    let more = threads.len() > size;
    threads.truncate(size);
    let place = |thread: &ChatThread| format!("{} {}", thread.created, thread.id);
    let next = threads.last().filter(|_| more).map(place);
    let items = threads.iter().map(shape::thread_item).collect();
    Ok(axum::Json(page.answer(items, &call.url(), next)).into_response())
}

/// `GET /chat/threads/{thread}`.
pub(super) async fn get(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    let thread = call.app.chat_thread(&call.caller, thread_id).await?;
    Ok(axum::Json(shape::thread(&thread)).into_response())
}

/// `PATCH /chat/threads/{thread}`.
pub(super) async fn update(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    let members = fields::members(&call.body)?;
    let patch = ThreadPatch {
        topic: fields::text(&members, "topic")?,
        metadata: fields::object(&members, "metadata")?,
        retention: fields::retention(&members)?,
    };
    call.app.edit_chat_thread(&call.caller, thread_id, patch).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `DELETE /chat/threads/{thread}`.
pub(super) async fn delete(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    call.app.delete_chat_thread(&call.caller, thread_id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

//! `/chat/threads/{thread}/participants` and below.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::refusal::ChatRefusal;
use super::{Call, fields, identifier, shape};

/// `GET …/participants`.
pub(super) async fn list(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    let page = call.page()?;
    let members = call.app.chat_participants(&call.caller, thread_id).await?;
    let place = |member: &app::model::ChatMember| format!("{:020} {}", member.added, member.raw_id);
    Ok(axum::Json(page.of_whole(members, place, shape::member, &call.url())?).into_response())
}

/// `POST …/participants/:add`.
pub(super) async fn add(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    let participants = fields::participants(&fields::members(&call.body)?)?;
    let added = call.app.add_chat_participants(&call.caller, thread_id, participants).await?;
    let answer = shape::invalid_participants(&added.unknown).map_or_else(|| json!({}), |invalid| json!({ "invalidParticipants": invalid }));
    Ok((StatusCode::CREATED, axum::Json(answer)).into_response())
}

/// `POST …/participants/:remove`.
pub(super) async fn remove(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    let identifier = Value::Object(fields::members(&call.body)?);
    let raw_id = identifier::raw_id(Some(&identifier), "communicationIdentifier")?;
    call.app.remove_chat_participant(&call.caller, thread_id, &raw_id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

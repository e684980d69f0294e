//! `/chat/threads/{thread}/messages` and below.

use app::chat::{MessageDraft, MessagePatch};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use super::refusal::ChatRefusal;
use super::{Call, fields, shape};

/// `POST …/messages`.
pub(super) async fn send(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    let members = fields::members(&call.body)?;
    let kind = fields::text(&members, "type")?.unwrap_or_else(|| "text".to_owned());
    let html = kind.eq_ignore_ascii_case("html");
    if !html && !kind.eq_ignore_ascii_case("text") {
        return Err(ChatRefusal::invalid("type", "type must be text or html"));
    }
    let draft = MessageDraft {
        content: fields::needed(&members, "content")?,
        html,
        sender_display_name: fields::text(&members, "senderDisplayName")?,
        metadata: fields::new_metadata(&members)?,
    };
    let sent = call.app.send_chat_message(&call.caller, thread_id, draft).await?;
    Ok((StatusCode::CREATED, axum::Json(json!({ "id": sent.id.to_string() }))).into_response())
}

/// `GET …/messages`.
pub(super) async fn list(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    let page = call.page()?;
    let before = page.cursor(|text| text.parse().ok())?;
    let asked = page.size.saturating_add(1);
    let mut messages = call.app.chat_messages(&call.caller, thread_id, page.since, before, asked).await?;
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    let more = messages.len() > size;
    messages.truncate(size);
    let next = messages.last().filter(|_| more).map(|last| last.id.to_string());
    let items = messages.iter().map(shape::message).collect();
    Ok(axum::Json(page.answer(items, &call.url(), next)).into_response())
}

/// `GET …/messages/{message}`.
pub(super) async fn get(call: &Call, thread_id: &str, message_id: &str) -> Result<Response, ChatRefusal> {
    let message = call.app.chat_message(&call.caller, thread_id, number(message_id)).await?;
    Ok(axum::Json(shape::message(&message)).into_response())
}

/// `PATCH …/messages/{message}`.
pub(super) async fn update(call: &Call, thread_id: &str, message_id: &str) -> Result<Response, ChatRefusal> {
    let members = fields::members(&call.body)?;
    let patch = MessagePatch {
        content: fields::text(&members, "content")?,
        metadata: fields::object(&members, "metadata")?,
    };
    call.app
        .edit_chat_message(&call.caller, thread_id, number(message_id), patch)
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `DELETE …/messages/{message}`.
pub(super) async fn delete(call: &Call, thread_id: &str, message_id: &str) -> Result<Response, ChatRefusal> {
    call.app.delete_chat_message(&call.caller, thread_id, number(message_id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What is no id of a message names none, and is answered as any other that is not there: only after it is clear who asks about which thread.
pub(super) fn number(message_id: &str) -> i64 {
    let digits = !message_id.is_empty() && message_id.bytes().all(|byte| byte.is_ascii_digit());
    message_id.parse().ok().filter(|_| digits).unwrap_or(-1)
}

//! `/chat/threads/{thread}/typing` and `…/readReceipts`.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::messages::number;
use super::refusal::ChatRefusal;
use super::{Call, fields, shape};

/// `POST …/typing`.
pub(super) async fn typing(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    let members = fields::members(&call.body)?;
    let display_name = fields::text(&members, "senderDisplayName")?;
    call.app.chat_typing(&call.caller, thread_id, display_name).await?;
    Ok(StatusCode::OK.into_response())
}

/// `POST …/readReceipts`.
pub(super) async fn send_receipt(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    let message_id = fields::needed(&fields::members(&call.body)?, "chatMessageId")?;
    call.app.put_chat_receipt(&call.caller, thread_id, number(&message_id)).await?;
    Ok(StatusCode::OK.into_response())
}

/// `GET …/readReceipts`.
pub(super) async fn list_receipts(call: &Call, thread_id: &str) -> Result<Response, ChatRefusal> {
    let page = call.page()?;
    let receipts = call.app.chat_receipts(&call.caller, thread_id).await?;
    let place = |receipt: &app::model::ReadReceipt| receipt.reader.clone();
    Ok(axum::Json(page.of_whole(receipts, place, shape::receipt, &call.url())?).into_response())
}

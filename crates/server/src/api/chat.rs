//! What the meeting page needs for its chat beside the chat API (`/chat/threads…`, same origin), which it uses with a communication token:
//!
//! * `POST /api/chat/token`: a member's access token for a communication token that opens chats only (visitors have one already);
//! * `GET /api/chat/writing/{thread}`: whether the person of a communication token may write there now, and why not.
//!
//! Why not the exchange of the communication facade: it takes tokens of an audience of its own, so the page would need a second access token from the
//! same refresh token. Here the token of the page's own sign-in is enough, and what comes out is worth less than what the facade would give
//! (`chat.join.limited` alone). Who may do what is for `app::chat` to say.

use app::chat::ChatError;
use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Serialize;

use super::{Api, bearer::bearer, error::ApiError};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatToken {
    token: String,
    /// RFC 3339 UTC.
    expires_on: String,
}

/// Whether somebody may write.
#[derive(Serialize)]
pub(crate) struct Writing {
    allowed: bool,
    /// A sentence when it is not allowed.
    why: Option<String>,
}

pub(crate) async fn token(State(api): State<Api>, headers: HeaderMap) -> Result<Json<ChatToken>, ApiError> {
    let (raw_id, issued) = api.app.chat_token_for_member(bearer(&headers)?).await?;
    // Who asks is known only now.
    api.app
        .spend_own_exchange(&raw_id)
        .map_err(|spent| ApiError::too_many(spent.retry_after_s))?;
    let expires = jiff::Timestamp::from_microsecond(issued.expires).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Ok(Json(ChatToken {
        token: issued.token,
        expires_on: expires.to_string(),
    }))
}

pub(crate) async fn writing(State(api): State<Api>, Path(thread_id): Path<String>, headers: HeaderMap) -> Result<Json<Writing>, ApiError> {
    let caller = api.app.chat_caller(bearer(&headers)?).await?;
    let refused = match api.app.may_write_chat(&caller, &thread_id).await {
        Ok(()) => None,
        Err(ChatError::Throttled { retry_after_s }) => return Err(ApiError::too_many(retry_after_s)),
        Err(ChatError::Fault(error)) => return Err(error.into()),
        // The same for a thread of others and for one that never was.
        Err(ChatError::NoThread) => Some("The chat of this meeting is not open to you.".to_owned()),
        Err(error @ (ChatError::Forbidden { .. } | ChatError::NotFound { .. } | ChatError::Invalid { .. })) => Some(error.to_string()),
    };
    Ok(Json(Writing {
        allowed: refused.is_none(),
        why: refused,
    }))
}

//! Refusals of the chat API: `{"error":{"code","message","target"?}}` and the header `x-ms-error-code`, as in the rest of the facade.
//!
//! Invariant: 403 says the same for a thread that is somebody else's and for one that does not exist; `Retry-After` comes with 429 only.

use app::TokenError;
use app::chat::ChatError;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

const ERROR_CODE: HeaderName = HeaderName::from_static("x-ms-error-code");

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChatRefusal {
    /// No token of a person.
    #[error("Send the access token of a communication user as bearer token; access keys and other tokens do not open chats")]
    NoToken,
    /// The token does not hold.
    #[error("The access token is not accepted: {0}")]
    Token(String),
    /// Not for this person.
    #[error("{0}")]
    Forbidden(String),
    /// Something in the request.
    #[error("{message}")]
    Invalid {
        /// Which part.
        target: &'static str,
        /// What it must be.
        message: String,
    },
    /// The body cannot be read.
    #[error("{0}")]
    MalformedBody(String),
    /// The body is too long.
    #[error("The body is longer than {} bytes", super::MAX_BODY_BYTES)]
    BodyTooLarge,
    /// No such thing in the thread.
    #[error("{0}")]
    NotFound(String),
    /// No such path.
    #[error("There is no such path in this API")]
    NoSuchPath,
    /// The path does not take this verb.
    #[error("This path takes {allow} only")]
    MethodNotAllowed {
        /// What it takes.
        allow: &'static str,
    },
    /// Too much at once.
    #[error("Too many requests; wait {retry_after_s} seconds")]
    Throttled {
        /// When to try again.
        retry_after_s: u32,
    },
    /// A fault of ours; the details are in the log.
    #[error("The server could not do it; try again, and give the operator the x-ms-client-request-id if it goes on")]
    Internal,
}

impl ChatRefusal {
    /// A part of the request that is not as it must be.
    pub(super) fn invalid(target: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid {
            target,
            message: message.into(),
        }
    }

    fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NoToken | Self::Token(_) => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::Invalid { .. } | Self::MalformedBody(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
            Self::NotFound(_) | Self::NoSuchPath => (StatusCode::NOT_FOUND, "NotFound"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
            Self::Throttled { .. } => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
        }
    }

    pub(super) fn fault(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "the chat API could not answer a request");
        Self::Internal
    }
}

impl From<TokenError> for ChatRefusal {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::MissingScope { needed } => Self::Forbidden(format!("The access token lacks a scope: {needed}")),
            TokenError::Store(_) | TokenError::Signing => Self::fault(&error),
            error => Self::Token(error.to_string()),
        }
    }
}

impl From<ChatError> for ChatRefusal {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::NoThread => Self::Forbidden("There is no thread with this id that you are a member of".to_owned()),
            ChatError::Forbidden { needed } => Self::Forbidden(sentence(&needed)),
            ChatError::NotFound { .. } => Self::NotFound(sentence(&error.to_string())),
            ChatError::Invalid { field, message } => Self::invalid(field, sentence(&message)),
            ChatError::Throttled { retry_after_s } => Self::Throttled { retry_after_s },
            ChatError::Fault(error) => Self::fault(&error),
        }
    }
}

/// With a capital letter, as the other messages of the facade begin.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl IntoResponse for ChatRefusal {
    fn into_response(self) -> Response {
        let (status, code) = self.code();
        let mut error = json!({ "code": code, "message": self.to_string() });
        if let (Self::Invalid { target, .. }, Some(members)) = (&self, error.as_object_mut()) {
            members.insert("target".to_owned(), (*target).into());
        }
        let mut response = (status, axum::Json(json!({ "error": error }))).into_response();
        let headers = response.headers_mut();
        headers.insert(ERROR_CODE, HeaderValue::from_static(code));
        match self {
            Self::MethodNotAllowed { allow } => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allow));
            }
            Self::Throttled { retry_after_s } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
            }
            _ => {}
        }
        response
    }
}

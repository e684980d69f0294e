//! How `/api` says that something did not work.

use app::{AppError, TokenError};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A status with a code for programs and a sentence for people.
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after_s: Option<u32>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after_s: None,
        }
    }

    pub(crate) fn too_many(retry_after_s: u32) -> Self {
        let error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "tooManyRequests",
            "Too many requests from here; try again a little later.",
        );
        Self {
            retry_after_s: Some(retry_after_s),
            ..error
        }
    }

    fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request under /api failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The server failed; its log has the details.",
        )
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Forbidden { needed } => Self::new(StatusCode::FORBIDDEN, "forbidden", needed),
            AppError::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, "notFound", error.to_string()),
            AppError::InvalidArgument { .. } => Self::new(StatusCode::BAD_REQUEST, "invalidArgument", error.to_string()),
            AppError::Conflict { .. } => Self::new(StatusCode::CONFLICT, "conflict", error.to_string()),
            AppError::Token(error) => error.into(),
            AppError::NoTenant | AppError::Crypto { .. } | AppError::Store(_) => Self::internal(&error),
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Store(_) | TokenError::Signing => Self::internal(&error),
            TokenError::MissingScope { .. } => Self::new(StatusCode::FORBIDDEN, "forbidden", error.to_string()),
            TokenError::Malformed
            | TokenError::UnknownKey
            | TokenError::BadSignature
            | TokenError::Expired { .. }
            | TokenError::NotYetValid
            | TokenError::WrongAudience { .. }
            | TokenError::ForeignIssuer
            | TokenError::ForeignTenant
            | TokenError::ForeignResource
            | TokenError::Revoked
            | TokenError::IdentityDeleted
            | TokenError::UnknownSubject => Self::new(StatusCode::UNAUTHORIZED, "invalidToken", error.to_string()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": { "code": self.code, "message": self.message } });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

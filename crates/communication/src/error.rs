//! Refusals as this facade says them: status, `{"error":{"code","message","target"?}}` and the header `x-ms-error-code`.
//!
//! Invariant: always `application/json`, code and message never empty, and `Retry-After` never on a refusal that a retry cannot change
//! (the clients retry every status that carries it).

use app::{AppError, TokenError};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::access_key::SignatureError;

const ERROR_CODE: HeaderName = HeaderName::from_static("x-ms-error-code");

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// Neither a signature nor a token.
    #[error("Sign the request with an access key of the resource, or send a bearer token for this service")]
    NoCredential,
    /// The signature does not hold.
    #[error("{0}")]
    Signature(#[from] SignatureError),
    /// The bearer token does not hold.
    #[error("The bearer token is not accepted: {0}")]
    Bearer(String),
    /// Who asks is known, but has no right to this.
    #[error("{0}")]
    Forbidden(String),
    /// The token to exchange does not hold.
    #[error("The token to exchange is not accepted: {0}")]
    ExchangeToken(String),
    /// A field of the body.
    #[error("{message}")]
    Validation {
        /// Name of the field as the clients know it.
        target: &'static str,
        /// What it must be.
        message: String,
    },
    /// The body is not what its content type says.
    #[error("The body is not a JSON object: {0}")]
    MalformedBody(String),
    /// The body is too long.
    #[error("The body is longer than {} bytes", crate::MAX_BODY_BYTES)]
    BodyTooLarge,
    /// No such identity.
    #[error("There is no identity with this id in the resource; it was never created here, or was deleted")]
    IdentityNotFound,
    /// No such path.
    #[error("There is no such path in this API")]
    NoSuchPath,
    /// The path does not take this verb.
    #[error("This path takes {allow} only")]
    MethodNotAllowed {
        /// What it takes.
        allow: &'static str,
    },
    /// A fault of ours; the details are in the log.
    #[error("The server could not do it; try again, and give the operator the x-ms-client-request-id if it goes on")]
    Internal,
}

impl Refusal {
    /// A field that is not as it must be.
    pub(crate) fn validation(target: &'static str, message: impl Into<String>) -> Self {
        Self::Validation {
            target,
            message: message.into(),
        }
    }

    fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NoCredential | Self::Signature(_) | Self::Bearer(_) => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::ExchangeToken(_) => (StatusCode::UNAUTHORIZED, "InvalidAccessToken"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::Validation { .. } => (StatusCode::BAD_REQUEST, "ValidationError"),
            Self::MalformedBody(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
            Self::IdentityNotFound => (StatusCode::NOT_FOUND, "IdentityNotFound"),
            Self::NoSuchPath => (StatusCode::NOT_FOUND, "NotFound"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
        }
    }

    fn target(&self) -> Option<&'static str> {
        match self {
            Self::Validation { target, .. } => Some(target),
            Self::NoCredential
            | Self::Signature(_)
            | Self::Bearer(_)
            | Self::Forbidden(_)
            | Self::ExchangeToken(_)
            | Self::MalformedBody(_)
            | Self::BodyTooLarge
            | Self::IdentityNotFound
            | Self::NoSuchPath
            | Self::MethodNotAllowed { .. }
            | Self::Internal => None,
        }
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotFound { .. } => Self::IdentityNotFound,
            AppError::InvalidArgument { field, message } => Self::validation(field, message),
            AppError::Forbidden { needed } => Self::Forbidden(needed),
            AppError::Token(error) => Self::of_token(error, Self::ExchangeToken),
            AppError::Conflict { .. } | AppError::NoTenant | AppError::Crypto { .. } | AppError::Store(_) => Self::fault(&error),
        }
    }
}

impl Refusal {
    /// The refusal of a bearer token.
    pub(crate) fn of_bearer(error: TokenError) -> Self {
        match error {
            TokenError::MissingScope { needed } => Self::Forbidden(format!("The bearer token lacks {needed}")),
            error => Self::of_token(error, Self::Bearer),
        }
    }

    fn of_token(error: TokenError, refuse: fn(String) -> Self) -> Self {
        match error {
            TokenError::Store(_) | TokenError::Signing => Self::fault(&error),
            error => refuse(error.to_string()),
        }
    }

    fn fault(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "the communication facade could not answer a request");
        Self::Internal
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code) = self.code();
        let mut error = json!({ "code": code, "message": self.to_string() });
        if let (Some(target), Some(members)) = (self.target(), error.as_object_mut()) {
            members.insert("target".to_owned(), target.into());
        }
        let mut response = (status, axum::Json(json!({ "error": error }))).into_response();
        response.headers_mut().insert(ERROR_CODE, HeaderValue::from_static(code));
        if let Self::MethodNotAllowed { allow } = self {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}

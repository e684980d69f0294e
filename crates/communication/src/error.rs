//! Refusals as this facade says them: status, `{"error":{"code","message","target"?,"details"?}}` and the header `x-ms-error-code`.
//!
//! Invariant: always `application/json`, code and message never empty, and `Retry-After` never on a refusal that a retry cannot change
//! (the clients retry every status that carries it).

use app::{AppError, TokenError, limits::QuotaSpent, relay::RelayError, rooms::RoomError};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::{access_key::SignatureError, realtime::NoPlace};

const ERROR_CODE: HeaderName = HeaderName::from_static("x-ms-error-code");
const REPEAT_RESULT: HeaderName = HeaderName::from_static("repeatability-result");

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// Neither a signature nor a token.
    #[error("Sign the request with an access key of the resource, or send a bearer token for this service")]
    NoCredential,
    /// A request of a person without their access token.
    #[error("Send the access token of a communication identity (scope chat, chat.join or chat.join.limited)")]
    NoUserToken,
    /// A socket without a handshake.
    #[error("There is no such handshake, it was used already, or its half minute is over; make a new one with an access token")]
    NoHandshake,
    /// Too many real-time connections.
    #[error("There are too many real-time connections from here; close one, or try again in half a minute")]
    TooManyConnections,
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
    /// Something else about the request.
    #[error("{0}")]
    BadRequest(String),
    /// A value that a room cannot have.
    #[error("{message}")]
    BadArgument {
        /// Name of the value as the clients know it.
        target: &'static str,
        /// What it must be.
        message: String,
    },
    /// A repeatability id that belongs to another request.
    #[error("{0}")]
    RepeatedDifferently(String),
    /// The body is too long.
    #[error("The body is longer than {} bytes", crate::MAX_BODY_BYTES)]
    BodyTooLarge,
    /// No such identity.
    #[error("There is no identity with this id in the resource; it was never created here, or was deleted")]
    IdentityNotFound,
    /// No such room.
    #[error("{0}")]
    RoomNotFound(String),
    /// The operator runs no relay.
    #[error("{0}")]
    RelayNotConfigured(String),
    /// The share of this kind of request is used up.
    #[error("{0}")]
    TooManyRequests(QuotaSpent),
    /// Somebody else changed it at the same time.
    #[error("{0}")]
    Conflict(String),
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

    /// A value that a room cannot have.
    pub(crate) fn bad_argument(target: &'static str, message: impl Into<String>) -> Self {
        Self::BadArgument {
            target,
            message: message.into(),
        }
    }

    fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NoCredential | Self::NoUserToken | Self::NoHandshake | Self::Signature(_) | Self::Bearer(_) => {
                (StatusCode::UNAUTHORIZED, "Unauthorized")
            }
            Self::ExchangeToken(_) => (StatusCode::UNAUTHORIZED, "InvalidAccessToken"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::Validation { .. } => (StatusCode::BAD_REQUEST, "ValidationError"),
            Self::MalformedBody(_) | Self::BadRequest(_) | Self::BadArgument { .. } => (StatusCode::BAD_REQUEST, "BadRequest"),
            Self::RepeatedDifferently(_) => (StatusCode::PRECONDITION_FAILED, "PreconditionFailed"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
            Self::IdentityNotFound => (StatusCode::NOT_FOUND, "IdentityNotFound"),
            Self::RoomNotFound(_) | Self::NoSuchPath => (StatusCode::NOT_FOUND, "NotFound"),
            Self::RelayNotConfigured(_) => (StatusCode::NOT_FOUND, "RelayNotConfigured"),
            Self::TooManyRequests(_) | Self::TooManyConnections => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "Conflict"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
        }
    }

    fn target(&self) -> Option<&'static str> {
        match self {
            Self::Validation { target, .. } => Some(target),
            Self::NoCredential
            | Self::NoUserToken
            | Self::NoHandshake
            | Self::TooManyConnections
            | Self::Signature(_)
            | Self::Bearer(_)
            | Self::Forbidden(_)
            | Self::ExchangeToken(_)
            | Self::MalformedBody(_)
            | Self::BadRequest(_)
            | Self::BadArgument { .. }
            | Self::RepeatedDifferently(_)
            | Self::BodyTooLarge
            | Self::IdentityNotFound
            | Self::RoomNotFound(_)
            | Self::RelayNotConfigured(_)
            | Self::TooManyRequests(_)
            | Self::Conflict(_)
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

impl From<RoomError> for Refusal {
    fn from(error: RoomError) -> Self {
        match error {
            RoomError::NotFound => Self::RoomNotFound(error.to_string()),
            RoomError::Invalid { target, message } => Self::BadArgument { target, message },
            RoomError::MalformedId | RoomError::MalformedParticipant | RoomError::TooManyParticipants | RoomError::MalformedMark => {
                Self::BadRequest(error.to_string())
            }
            RoomError::RepeatedDifferently => Self::RepeatedDifferently(error.to_string()),
            RoomError::App(AppError::Conflict { .. }) => Self::Conflict(error.to_string()),
            RoomError::App(error) => error.into(),
        }
    }
}

impl From<RelayError> for Refusal {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::NotConfigured => Self::RelayNotConfigured(error.to_string()),
            RelayError::App(error) => error.into(),
        }
    }
}

impl From<QuotaSpent> for Refusal {
    fn from(error: QuotaSpent) -> Self {
        Self::TooManyRequests(error)
    }
}

impl From<NoPlace> for Refusal {
    fn from(error: NoPlace) -> Self {
        match error {
            NoPlace::Unknown => Self::NoHandshake,
            NoPlace::Full => Self::TooManyConnections,
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
        if let (Self::BadArgument { target, message }, Some(members)) = (&self, error.as_object_mut()) {
            let detail = json!({ "code": "BadArgument", "message": message, "target": target });
            members.insert("details".to_owned(), json!([detail]));
        }
        let mut response = (status, axum::Json(json!({ "error": error }))).into_response();
        response.headers_mut().insert(ERROR_CODE, HeaderValue::from_static(code));
        let extra = match self {
            Self::MethodNotAllowed { allow } => Some((header::ALLOW, HeaderValue::from_static(allow))),
            Self::TooManyRequests(spent) => Some((header::RETRY_AFTER, spent.retry_after_s.into())),
            Self::RepeatedDifferently(_) => Some((REPEAT_RESULT, HeaderValue::from_static("rejected"))),
            _ => None,
        };
        response.headers_mut().extend(extra);
        response
    }
}

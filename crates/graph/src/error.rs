//! Refusals as this facade says them: status, code and the error object with its `innerError`.
//!
//! Invariant: the body is always JSON and never empty (clients show an empty message otherwise); one exhaustive match gives the numbers.

use app::{AppError, TokenError};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::context::Context;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GraphError {
    /// No token.
    #[error("{0}")]
    Unauthenticated(String),
    /// A token that does not hold.
    #[error("The access token is not accepted: {message}")]
    TokenRefused {
        /// Which check failed, as `innerError.code` tells it.
        finer: &'static str,
        /// Which check failed, and what would be right.
        message: String,
    },
    /// The caller is known, but has no right to this.
    #[error("The caller may not do this: {0}")]
    Forbidden(String),
    /// A property or query option.
    #[error("{message}")]
    InvalidArgument {
        /// Its name.
        target: String,
        /// What it must be.
        message: String,
    },
    /// The body cannot be read.
    #[error("{0}")]
    BadRequest(String),
    /// The body is too long.
    #[error("The body is longer than {} bytes", crate::MAX_BODY_BYTES)]
    BodyTooLarge,
    /// A request of a batch whose answers are long enough already.
    #[error("The answers to the requests before it fill this batch, so this one was not tried; send it in a batch of its own")]
    BatchFull,
    /// No such member.
    #[error("There is no member with this object id or user principal name")]
    MemberNotFound,
    /// No such meeting, or none that the caller may know of.
    #[error("There is no online meeting with this id, join link or meeting ID for this organizer")]
    MeetingNotFound,
    /// No such event, or none that the caller may know of.
    #[error("There is no event with this id in the calendar of this member")]
    EventNotFound,
    /// The member has no such calendar.
    #[error("The member has no calendar with this id; every member has one, see /calendar")]
    CalendarNotFound,
    /// The caller is known, but has no right to this calendar.
    #[error("The caller may not do this: {0}")]
    CalendarDenied(String),
    /// `If-Match` names another revision.
    #[error("The event was changed since it was read (If-Match names another revision); read it again and repeat")]
    PreconditionFailed,
    /// No such report, record, recording or transcript of the meeting.
    #[error("The meeting has no {0} with this id")]
    ArtifactNotFound(&'static str),
    /// No such subscription of this application.
    #[error("The application has no subscription with this id; it may have expired or been removed")]
    SubscriptionNotFound,
    /// The application watches this already.
    #[error("{0}")]
    SubscriptionExists(String),
    /// Too much at once.
    #[error("Too many requests of this kind are being carried out; try again in {retry_after_s} seconds")]
    Busy {
        /// When to try again.
        retry_after_s: u32,
    },
    /// No such path.
    #[error("There is no resource at this path; see the documentation for what this server answers")]
    NoSuchPath,
    /// The path does not take this verb.
    #[error("This resource takes {allow} only")]
    MethodNotAllowed {
        /// What it takes.
        allow: &'static str,
    },
    /// Changed by somebody else at the same time.
    #[error("{0} was changed by somebody else at the same time; read it again and repeat")]
    Conflict(&'static str),
    /// A request of a batch whose dependencies failed.
    #[error("A request on which this one depends was refused, so it was not tried")]
    FailedDependency,
    /// A fault of ours; the details are in the log.
    #[error("The server could not do it; try again, and give the operator the request-id if it goes on")]
    Internal,
}

impl GraphError {
    /// A property or query option that is not as it must be.
    pub(crate) fn invalid(target: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidArgument {
            target: target.into(),
            message: message.into(),
        }
    }

    /// The refusal of the caller's own token.
    pub(crate) fn of_token(error: TokenError) -> Self {
        match error {
            TokenError::Store(_) | TokenError::Signing => Self::fault(&error),
            error => Self::TokenRefused {
                finer: finer(&error),
                message: error.to_string(),
            },
        }
    }

    /// The refusal of a use case; `missing` is what a thing not found is called.
    pub(crate) fn of(error: AppError, missing: Self) -> Self {
        match error {
            AppError::Forbidden { needed } => Self::Forbidden(needed),
            AppError::NotFound { what: "member" } => Self::MemberNotFound,
            AppError::NotFound { .. } => missing,
            AppError::InvalidArgument { field, message } => Self::invalid(field, format!("{field}: {message}")),
            AppError::Conflict { what } => Self::Conflict(what),
            AppError::Token(error) => Self::of_token(error),
            AppError::NoTenant | AppError::Crypto { .. } | AppError::Store(_) => Self::fault(&error),
        }
    }

    fn fault(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "the graph facade could not answer a request");
        Self::Internal
    }

    fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthenticated(_) | Self::TokenRefused { .. } => (StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::InvalidArgument { .. } => (StatusCode::BAD_REQUEST, "InvalidArgument"),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
            Self::BodyTooLarge | Self::BatchFull => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
            Self::MemberNotFound => (StatusCode::NOT_FOUND, "Request_ResourceNotFound"),
            Self::MeetingNotFound | Self::ArtifactNotFound(_) => (StatusCode::NOT_FOUND, "NotFound"),
            Self::NoSuchPath | Self::SubscriptionNotFound => (StatusCode::NOT_FOUND, "ResourceNotFound"),
            Self::SubscriptionExists(_) => (StatusCode::CONFLICT, "nameAlreadyExists"),
            Self::Busy { .. } => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "Request_BadRequest"),
            Self::EventNotFound | Self::CalendarNotFound => (StatusCode::NOT_FOUND, "ErrorItemNotFound"),
            Self::CalendarDenied(_) => (StatusCode::FORBIDDEN, "ErrorAccessDenied"),
            Self::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, "ErrorIrresolvableConflict"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "resourceModified"),
            Self::FailedDependency => (StatusCode::FAILED_DEPENDENCY, "FailedDependency"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "generalException"),
        }
    }

    /// The status.
    pub(crate) fn status(&self) -> StatusCode {
        self.code().0
    }

    /// The error object, with the ids of the request in it.
    pub(crate) fn body(&self, context: &Context) -> Value {
        let (_, code) = self.code();
        let mut error = json!({
            "code": code,
            "message": self.to_string(),
            "innerError": {
                "date": context.date(),
                "request-id": context.request_id,
                "client-request-id": context.client_request_id.as_deref().unwrap_or(&context.request_id),
            },
        });
        if let Some(members) = error.as_object_mut() {
            if let Self::InvalidArgument { target, message } = self {
                members.insert("target".to_owned(), target.as_str().into());
                members.insert(
                    "details".to_owned(),
                    json!([{ "code": code, "message": message, "target": target }]),
                );
            }
            if let (Self::TokenRefused { finer, .. }, Some(Value::Object(inner))) = (self, members.get_mut("innerError")) {
                inner.insert("code".to_owned(), (*finer).into());
            }
        }
        json!({ "error": error })
    }

    /// The headers that belong to the refusal.
    pub(crate) fn headers(&self, context: &Context) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match self {
            Self::Unauthenticated(_) | Self::TokenRefused { .. } => {
                if let Ok(challenge) = HeaderValue::from_str(&context.challenge()) {
                    headers.insert(header::WWW_AUTHENTICATE, challenge);
                }
            }
            Self::MethodNotAllowed { allow } => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allow));
            }
            Self::Busy { retry_after_s } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
            }
            _ => {}
        }
        headers
    }

    /// The answer.
    pub(crate) fn respond(&self, context: &Context) -> Response {
        (self.status(), self.headers(context), axum::Json(self.body(context))).into_response()
    }
}

/// The check that a token failed, in a word.
fn finer(error: &TokenError) -> &'static str {
    match error {
        TokenError::Malformed => "MalformedToken",
        TokenError::UnknownKey | TokenError::BadSignature => "InvalidSignature",
        TokenError::Expired { .. } => "TokenExpired",
        TokenError::NotYetValid => "TokenNotYetValid",
        TokenError::WrongAudience { .. } => "InvalidAudience",
        TokenError::ForeignIssuer => "InvalidIssuer",
        TokenError::ForeignTenant | TokenError::ForeignResource => "InvalidTenant",
        TokenError::Revoked => "TokenRevoked",
        TokenError::IdentityDeleted | TokenError::UnknownSubject => "UnknownSubject",
        TokenError::MissingScope { .. } => "MissingScope",
        // Faults of ours, told as such before.
        TokenError::Signing | TokenError::Store(_) => "Fault",
    }
}

//! What a route answers when it does not refuse.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

/// What is in an answer.
#[derive(Debug)]
pub(crate) enum Content {
    /// Nothing.
    Nothing,
    /// An object.
    Object(Map<String, Value>),
    /// Text with its media type.
    Text(&'static str, String),
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Status.
    pub(crate) status: StatusCode,
    /// What is in it.
    pub(crate) content: Content,
    /// Where the new thing is (absolute).
    pub(crate) location: Option<String>,
    /// A preference of the client that was followed, as it is told.
    pub(crate) preference: Option<String>,
}

impl Reply {
    const fn with(status: StatusCode, content: Content) -> Self {
        Self {
            status,
            content,
            location: None,
            preference: None,
        }
    }

    /// 200 with an object.
    pub(crate) const fn ok(body: Map<String, Value>) -> Self {
        Self::with(StatusCode::OK, Content::Object(body))
    }

    /// 201 with an object.
    pub(crate) const fn created(body: Map<String, Value>) -> Self {
        Self::with(StatusCode::CREATED, Content::Object(body))
    }

    /// 204.
    pub(crate) const fn no_content() -> Self {
        Self::with(StatusCode::NO_CONTENT, Content::Nothing)
    }

    /// 200 with text of this media type.
    pub(crate) const fn text(media_type: &'static str, text: String) -> Self {
        Self::with(StatusCode::OK, Content::Text(media_type, text))
    }

    /// 200 with a bare number, as `$count` answers.
    pub(crate) fn number(number: usize) -> Self {
        Self::text("text/plain", number.to_string())
    }

    /// The same, saying that a preference was followed.
    pub(crate) fn applied(mut self, preference: String) -> Self {
        self.preference = Some(preference);
        self
    }

    /// The same, saying where the new thing is.
    pub(crate) fn at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = match self.content {
            Content::Nothing => self.status.into_response(),
            Content::Object(body) => (self.status, axum::Json(body)).into_response(),
            Content::Text(media_type, text) => (self.status, [(header::CONTENT_TYPE, media_type)], text).into_response(),
        };
        if let Some(preference) = self.preference.and_then(|preference| HeaderValue::from_str(&preference).ok()) {
            response.headers_mut().append("preference-applied", preference);
        }
        if let Some(location) = self.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

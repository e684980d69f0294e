//! The bearer token of a request to `/api`.

use axum::http::{HeaderMap, StatusCode, header};

use super::error::ApiError;

/// The token; 401 when there is none.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(app::bearer_token).ok_or_else(|| {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in and send the access token as `Authorization: Bearer …`.",
        )
    })
}

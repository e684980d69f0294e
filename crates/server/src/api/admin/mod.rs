//! What administrators do: `/api/admin/*`, one file a subject. Every request carries an access token of an administrator with
//! `Settings.ReadWrite.All`; whether that is enough is for the use cases to say.

mod access;
mod applications;
mod federation;
mod members;
mod settings;
mod surveys;

use app::Caller;
use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
};

use super::{Api, error::ApiError};

pub(super) fn router() -> Router<Api> {
    settings::router()
        .merge(access::router())
        .merge(applications::router())
        .merge(federation::router())
        .merge(members::router())
        .merge(surveys::router())
}

/// The caller that the bearer token proves.
pub(super) async fn caller(api: &Api, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| {
            ApiError::new(
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "Sign in and send the access token as `Authorization: Bearer …`.",
            )
        })?;
    Ok(api.app.verify_bearer(token).await?)
}

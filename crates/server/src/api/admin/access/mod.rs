//! `/api/admin/access/*`: groups of members, application access policies, whom they are granted to, and why an application may or may not act
//! for somebody. One file a subject; the rules are those of `app::access`.

mod explain;
mod grants;
mod groups;
mod policies;

use axum::{Json, Router, extract::rejection::JsonRejection, http::StatusCode};
use serde::{Deserialize, Deserializer};

use super::{super::error::ApiError, Api, caller};

pub(super) fn router() -> Router<Api> {
    groups::router()
        .merge(policies::router())
        .merge(grants::router())
        .merge(explain::router())
}

/// A list, under a name that leaves room for more.
#[derive(serde::Serialize)]
struct Listed<T> {
    value: Vec<T>,
}

/// The body, or what is wrong with it.
fn body<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, ApiError> {
    match body {
        Ok(Json(body)) => Ok(body),
        // Well-formed JSON of another shape is a bad argument like any other.
        Err(error) if error.status() == StatusCode::UNPROCESSABLE_ENTITY => {
            Err(ApiError::new(StatusCode::BAD_REQUEST, "invalidArgument", error.body_text()))
        }
        Err(error) => Err(ApiError::new(error.status(), "badRequest", error.body_text())),
    }
}

/// Tells a member that is null (`Some(None)`) from one that is missing (`None`, by `serde(default)`).
fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A time as this API writes it: RFC 3339, UTC.
fn time(at: app::Micros) -> Option<String> {
    jiff::Timestamp::from_microsecond(at).ok().map(|at| at.to_string())
}

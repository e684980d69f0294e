//! What administrators do: `/api/admin/*`, one file a subject. Every request carries an access token of an administrator with
//! `Settings.ReadWrite.All`; whether that is enough is for the use cases to say.

mod access;
mod applications;
mod calls;
mod captures;
mod federation;
mod members;
mod place;
mod settings;
mod surveys;

use app::Caller;
use axum::{Router, http::HeaderMap};

use super::{Api, bearer::bearer, error::ApiError};

pub(super) fn router() -> Router<Api> {
    settings::router()
        .merge(access::router())
        .merge(applications::router())
        .merge(federation::router())
        .merge(members::router())
        .merge(surveys::router())
        .merge(calls::router())
        .merge(captures::router())
}

/// The caller that the bearer token proves.
pub(super) async fn caller(api: &Api, headers: &HeaderMap) -> Result<Caller, ApiError> {
    Ok(api.app.verify_bearer(bearer(headers)?).await?)
}

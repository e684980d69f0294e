//! `DELETE /identities/{id}`: the end of an identity and of its tokens.

use app::{App, AppError};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::{error::Refusal, routes::guest_of_this_resource};

/// An identity that is gone already is a success: clients repeat a deletion whose answer was lost.
pub(crate) async fn run(app: &App, id: &str) -> Result<Response, Refusal> {
    guest_of_this_resource(app, id)?;
    match app.delete_identity(id).await {
        Ok(()) | Err(AppError::NotFound { .. }) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(error) => Err(error.into()),
    }
}

//! `POST /identities/{id}/:revokeAccessTokens`: the end of all tokens that an identity has.

use app::App;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::{error::Refusal, routes::guest_of_this_resource};

pub(crate) async fn run(app: &App, id: &str) -> Result<Response, Refusal> {
    guest_of_this_resource(app, id)?;
    app.revoke_tokens(id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

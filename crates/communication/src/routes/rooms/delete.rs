//! `DELETE /rooms/{id}`: the end of a room. A room that is gone already is told so: its id may have been mistyped.

use app::App;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::error::Refusal;

pub(crate) async fn run(app: &App, id: &str) -> Result<Response, Refusal> {
    app.delete_room(id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

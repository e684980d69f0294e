//! `GET /rooms/{id}`: a room.

use app::App;
use axum::response::{IntoResponse, Response};

use super::room_body;
use crate::error::Refusal;

pub(crate) async fn run(app: &App, id: &str) -> Result<Response, Refusal> {
    Ok(axum::Json(room_body(&app.room(id).await?)?).into_response())
}

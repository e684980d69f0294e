//! `PATCH /rooms/{id}/participants`: adds people, changes roles, removes people. Whoever is not named stays as they are.

use app::App;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::participants;
use crate::error::Refusal;

pub(crate) async fn run(app: &App, id: &str, members: &Map<String, Value>) -> Result<Response, Refusal> {
    app.change_room_people(id, &participants(app, members)?).await?;
    Ok(axum::Json(json!({})).into_response())
}

//! `GET /rooms/{id}/participants`: who may come into a room, in pages.

use app::App;
use axum::response::{IntoResponse, Response};
use http::Uri;
use serde_json::json;

use super::{list_body, mark};
use crate::error::Refusal;

pub(crate) async fn run(app: &App, id: &str, uri: &Uri) -> Result<Response, Refusal> {
    let page = app.room_people(id, mark(uri).as_deref()).await?;
    let person = |person: &app::model::RoomParticipant| json!({ "rawId": person.raw_id, "role": person.role.as_str() });
    let value = page.items.iter().map(person).collect();
    // The room was found, so its id is of digits only.
    Ok(axum::Json(list_body(uri, &format!("/rooms/{id}/participants"), value, page.next)).into_response())
}

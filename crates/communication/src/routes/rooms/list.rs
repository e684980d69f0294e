//! `GET /rooms`: all rooms, newest first, in pages.

use app::App;
use axum::response::{IntoResponse, Response};
use http::Uri;

use super::{list_body, mark, room_body};
use crate::error::Refusal;

pub(crate) async fn run(app: &App, uri: &Uri) -> Result<Response, Refusal> {
    let page = app.rooms(mark(uri).as_deref()).await?;
    let value = page.items.iter().map(room_body).collect::<Result<_, _>>()?;
    Ok(axum::Json(list_body(uri, "/rooms", value, page.next)).into_response())
}

//! `POST /rooms`: a new room. With a repeatability id the same request makes one room, however often it comes.

use app::App;
use app::rooms::RoomDraft;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

use super::{optional_switch, optional_time, participants, room_body};
use crate::error::Refusal;

const REPEAT_ID: HeaderName = HeaderName::from_static("repeatability-request-id");
const REPEAT_RESULT: HeaderName = HeaderName::from_static("repeatability-result");
/// Longest repeatability id; clients send a UUID.
const MAX_REPEAT_ID: usize = 128;

pub(crate) async fn run(app: &App, headers: &HeaderMap, members: &Map<String, Value>) -> Result<Response, Refusal> {
    let repeat_id = repeat_id(headers)?;
    let draft = RoomDraft {
        valid_from: optional_time(members, "validFrom", "ValidFrom")?,
        valid_until: optional_time(members, "validUntil", "ValidUntil")?,
        pstn_dial_out: optional_switch(members, "pstnDialOutEnabled", "PstnDialOutEnabled")?.unwrap_or(false),
        people: participants(app, members)?.put().collect(),
    };
    let room = app.create_room(&draft, repeat_id).await?;
    let mut response = (StatusCode::CREATED, axum::Json(room_body(&room)?)).into_response();
    if let Ok(location) = HeaderValue::from_str(&room.id) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    if repeat_id.is_some() {
        response.headers_mut().insert(REPEAT_RESULT, HeaderValue::from_static("accepted"));
    }
    Ok(response)
}

fn repeat_id(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(value) = headers.get(REPEAT_ID) else {
        return Ok(None);
    };
    value
        .to_str()
        .ok()
        .filter(|id| (1..=MAX_REPEAT_ID).contains(&id.len()))
        .map(Some)
        .ok_or_else(|| Refusal::BadRequest("Repeatability-Request-ID must be a UUID or another text of at most 128 characters".to_owned()))
}

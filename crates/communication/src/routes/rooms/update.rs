//! `PATCH /rooms/{id}`: other times for a room. Null means that the value stays: some clients send every value that they were not given so.

use app::App;
use app::rooms::RoomPatch;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::{optional_switch, optional_time, room_body};
use crate::error::Refusal;

pub(crate) async fn run(app: &App, id: &str, members: &Map<String, Value>) -> Result<Response, Refusal> {
    let patch = RoomPatch {
        valid_from: optional_time(members, "validFrom", "ValidFrom")?,
        valid_until: optional_time(members, "validUntil", "ValidUntil")?,
        pstn_dial_out: optional_switch(members, "pstnDialOutEnabled", "PstnDialOutEnabled")?,
    };
    Ok(axum::Json(room_body(&app.update_room(id, &patch).await?)?).into_response())
}

//! Where calls are held, and when, as the administrators' API writes it.

use app::Micros;
use axum::http::StatusCode;
use serde::Serialize;

use super::{super::error::ApiError, Api};

/// Where a call was held; of the three at most one is there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    thread_id: Option<String>,
    room_id: Option<String>,
    group_id: Option<String>,
}

impl Place {
    /// The place of a call of this kind with this key.
    pub(super) fn of(kind: &str, key: String) -> Self {
        let last_part = |key: &str| key.rsplit_once(':').map(|(_, id)| id.to_owned());
        let (thread_id, room_id, group_id) = match kind {
            "meeting" => (Some(key), None, None),
            "room" => (None, last_part(&key), None),
            "group" => (None, None, last_part(&key)),
            _ => (None, None, None),
        };
        Self {
            thread_id,
            room_id,
            group_id,
        }
    }
}

/// The key of the place that is asked for, if one is: a meeting by its thread, a room by its id, a group by its GUID.
pub(super) fn key(api: &Api, meeting: Option<&str>, room: Option<&str>, group: Option<&str>) -> Result<Option<String>, ApiError> {
    let keys = [
        meeting.map(str::to_owned),
        room.map(|room| api.app.call_key_of_room(room)),
        group.map(|group| api.app.call_key_of_group(group)).transpose()?,
    ];
    let mut given = keys.into_iter().flatten();
    let key = given.next();
    match given.next() {
        None => Ok(key),
        Some(_) => Err(bad("give one of meeting, room and group")),
    }
}

/// A time as it is given.
pub(super) fn time(text: &str) -> Result<Micros, ApiError> {
    let read: Result<jiff::Timestamp, _> = text.parse();
    read.map(jiff::Timestamp::as_microsecond)
        .map_err(|_| bad("a time is written as 2026-11-23T09:30:00Z"))
}

/// A time as it is answered.
pub(super) fn written(at: Micros) -> String {
    jiff::Timestamp::from_microsecond(at).unwrap_or_default().to_string()
}

/// 400 with this message.
pub(super) fn bad(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "invalidArgument", message)
}

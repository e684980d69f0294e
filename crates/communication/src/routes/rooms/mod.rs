//! `/rooms`: the shapes that its operations share.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod list_participants;
pub(crate) mod update;
pub(crate) mod update_participants;

use app::model::{Room, RoomRole};
use app::rooms::PeopleChanges;
use app::{App, Micros};
use http::Uri;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::{error::Refusal, routes::rfc3339};

/// The query parameter with the mark at which a list goes on.
const MARK: &str = "skipToken";
/// The version in a link when the request named none that can be repeated as it is.
const VERSION: &str = "2025-03-13";

/// A room as clients read it; every member is there. The rules of rooms keep all times within the years that can be written.
fn room_body(room: &Room) -> Result<Value, Refusal> {
    Ok(json!({
        "id": room.id,
        "createdAt": rfc3339(room.created)?,
        "validFrom": rfc3339(room.valid_from)?,
        "validUntil": rfc3339(room.valid_until)?,
        "pstnDialOutEnabled": room.pstn_dial_out,
    }))
}

/// A time that may be absent or null.
fn optional_time(members: &Map<String, Value>, name: &str, target: &'static str) -> Result<Option<Micros>, Refusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok())
            .map(|time| Some(time.as_microsecond()))
            .ok_or_else(|| Refusal::bad_argument(target, format!("{name} must be a time such as 2026-11-22T12:00:00Z"))),
    }
}

/// A switch that may be absent or null.
fn optional_switch(members: &Map<String, Value>, name: &str, target: &'static str) -> Result<Option<bool>, Refusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(on)) => Ok(Some(*on)),
        Some(_) => Err(Refusal::bad_argument(target, format!("{name} must be true or false"))),
    }
}

/// `{"participants": {"<raw id>": {"role"} | null}}`; null removes, and no role is the role of an attendee.
fn participants(app: &App, members: &Map<String, Value>) -> Result<PeopleChanges, Refusal> {
    let given = match members.get("participants") {
        None | Some(Value::Null) => &Map::new(),
        Some(Value::Object(given)) => given,
        Some(_) => {
            return Err(Refusal::bad_argument(
                "Participants",
                "participants must be an object with raw ids as names",
            ));
        }
    };
    let changes = given.iter().map(|(raw_id, value)| Ok((raw_id.clone(), role(value)?)));
    Ok(PeopleChanges::new(&*app.tenant()?, changes.collect::<Result<_, Refusal>>()?)?)
}

fn role(value: &Value) -> Result<Option<RoomRole>, Refusal> {
    let members = match value {
        Value::Null => return Ok(None),
        Value::Object(members) => members,
        _ => {
            return Err(Refusal::bad_argument(
                "Participants",
                "a participant is an object with a role, or null",
            ));
        }
    };
    match members.get("role") {
        None | Some(Value::Null) => Ok(Some(RoomRole::Attendee)),
        Some(value) => value.as_str().and_then(RoomRole::parse).map(Some).ok_or_else(|| {
            let known = RoomRole::ALL.map(RoomRole::as_str).join(", ");
            Refusal::bad_argument("Role", format!("role must be one of: {known}"))
        }),
    }
}

/// The mark in the query, when there is one.
fn mark(uri: &Uri) -> Option<String> {
    parameter(uri, MARK)
}

/// `{"value": […], "nextLink"?}`. The link has no host, which all clients take and no proxy breaks; it holds no character that clients would
/// escape, since some sign another form than they send.
fn list_body(uri: &Uri, path: &str, value: Vec<Value>, next: Option<String>) -> Value {
    let mut body = json!({ "value": value });
    if let (Some(next), Some(members)) = (next, body.as_object_mut()) {
        let plain = |text: &String| {
            text.len() <= 64
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        };
        let version = parameter(uri, "api-version").filter(plain).unwrap_or_else(|| VERSION.to_owned());
        members.insert("nextLink".to_owned(), format!("{path}?{MARK}={next}&api-version={version}").into());
    }
    body
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

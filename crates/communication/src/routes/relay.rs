//! `POST /networkTraversal/:issueRelayConfiguration`: a credential for the relays, and where they are.

use app::App;
use app::relay::RELAY_TTL_S;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::{
    error::Refusal,
    routes::{guest_of_this_resource, rfc3339},
};

/// The two ways in which a relay can be reached. There is one set of relays here, so both name the same.
const ROUTE_TYPES: [&str; 2] = ["any", "nearest"];

pub(crate) async fn run(app: &App, members: &Map<String, Value>) -> Result<Response, Refusal> {
    let id = optional_text(members, "id")?;
    let route_types = match optional_text(members, "routeType")? {
        None => ROUTE_TYPES.to_vec(),
        Some(asked) => ROUTE_TYPES.into_iter().filter(|known| *known == asked).collect(),
    };
    if route_types.is_empty() {
        return Err(Refusal::validation("routeType", "routeType must be any or nearest"));
    }
    let ttl_s = ttl_s(members)?;
    if let Some(id) = id {
        guest_of_this_resource(app, id)?;
    }
    let credential = app.issue_relay_credential(id, ttl_s).await?;
    let server = |route_type: &str| {
        json!({
            "urls": credential.urls,
            "username": credential.username,
            "credential": credential.password,
            "routeType": route_type,
        })
    };
    let servers: Vec<Value> = route_types.into_iter().map(server).collect();
    Ok(axum::Json(json!({ "expiresOn": rfc3339(credential.expires)?, "iceServers": servers })).into_response())
}

fn optional_text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, Refusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::validation(name, format!("{name} must be text"))),
    }
}

/// The wished life in seconds; what is longer than the longest is the longest.
fn ttl_s(members: &Map<String, Value>) -> Result<Option<u32>, Refusal> {
    match members.get("ttl") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(seconds) if seconds > 0 => Ok(Some(u32::try_from(seconds).unwrap_or(RELAY_TTL_S))),
            _ => Err(Refusal::validation("ttl", "ttl must be a whole number of seconds, at least 1")),
        },
    }
}

//! `POST /v3/registrations` and `DELETE /v3/registrations/{id}`: the client says which events it wants and where, and says it again from time to
//! time. Nothing is kept: who has a socket is told of what concerns them. But the token that comes with it may be newer than the one with which the
//! socket was opened, and the socket then lives as long as that one.

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::State,
};
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::{Facade, MAX_BODY_BYTES, body, error::Refusal};

pub(crate) async fn add(State(facade): State<Facade>, request: Request<Body>) -> Result<(StatusCode, Json<Value>), Refusal> {
    let (parts, body) = request.into_parts();
    super::person(&facade.app, &parts.headers).await?;
    let bytes = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| Refusal::BodyTooLarge)?;
    let registration = Value::Object(body::members(&bytes)?);
    let address = registration.pointer("/transports/TROUTER/0/path").and_then(Value::as_str);
    // Only now: the body may have taken its time, and the token may count no more.
    let person = super::person(&facade.app, &parts.headers).await?;
    if let Some(url) = address.and_then(|address| url::Url::parse(address).ok()) {
        facade.realtime.connections().extend(&person, url.path());
    }
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

pub(crate) async fn remove(State(facade): State<Facade>, request: Request<Body>) -> Result<(StatusCode, Json<Value>), Refusal> {
    super::person(&facade.app, request.headers()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

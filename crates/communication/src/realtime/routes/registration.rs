//! `POST /v3/registrations` and `DELETE /v3/registrations/{id}`: the client says which events it wants and where. Nothing is kept: who has a socket
//! is told of what concerns them, for as long as the socket lives.

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
    body::members(&bytes)?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

pub(crate) async fn remove(State(facade): State<Facade>, request: Request<Body>) -> Result<(StatusCode, Json<Value>), Refusal> {
    super::person(&facade.app, request.headers()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({}))))
}

//! `GET /socket.io/1/`: a name for one socket, which needs no token any more: `<name>:<heartbeat s>:<close s>:websocket`.

use axum::{
    Extension,
    extract::{ConnectInfo, Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header};
use std::{collections::HashMap, net::SocketAddr};
use uuid::Uuid;

use super::endpoint;
use crate::{
    Facade,
    error::Refusal,
    realtime::connection::{CLOSE_S, HEARTBEAT_S},
};

pub(crate) async fn run(
    State(facade): State<Facade>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    query: Result<Query<HashMap<String, String>>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let person = super::person(&facade.app, &headers).await?;
    let address = query
        .ok()
        .and_then(|Query(query)| query.get(endpoint::ADDRESS).and_then(|address| Uuid::try_parse(address).ok()))
        .ok_or_else(|| Refusal::validation("connectparams", "the handshake must carry the connectparams that POST /v4/a gave"))?;
    let name = app::ids::secret(facade.app.random());
    let connections = facade.realtime.connections();
    let path = endpoint::path(&address.to_string());
    connections.announce(name.clone(), person, path, super::source(peer), facade.app.now())?;
    // A revocation between the check and the handshake would have found nothing to end.
    if let Err(refusal) = super::person(&facade.app, &headers).await {
        connections.forget(&name);
        return Err(refusal);
    }
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    let no_store = HeaderValue::from_static("no-store");
    let body = format!("{name}:{HEARTBEAT_S}:{CLOSE_S}:websocket");
    Ok(([(header::CONTENT_TYPE, text), (header::CACHE_CONTROL, no_store)], body).into_response())
}

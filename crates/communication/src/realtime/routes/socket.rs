//! `GET /socket.io/1/websocket/{name}`: the socket itself. The name proves who it is for: it came from a handshake with a token.

use std::net::SocketAddr;

use axum::{
    Extension,
    extract::{ConnectInfo, Path, State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    response::Response,
};

use crate::{Facade, error::Refusal, realtime::connection};

/// Longest frame of a client; a longer one ends the socket.
const MAX_FRAME_BYTES: usize = 64 * 1024;

pub(crate) async fn run(
    State(facade): State<Facade>,
    Path(name): Path<String>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let socket = socket.map_err(|_| Refusal::BadRequest("This address takes WebSockets only".to_owned()))?;
    let place = facade.realtime.connections().open(&name, super::source(peer), facade.app.now())?;
    let app = facade.app.clone();
    Ok(socket
        .max_message_size(MAX_FRAME_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
        .on_upgrade(move |socket| connection::serve(socket, place, app)))
}

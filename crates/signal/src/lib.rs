//! Signalling: WebSocket ↔ wire ↔ use cases and meeting machine.
//!
//! A [`Hub`] finds the task of a meeting (`host`) for each connection (`connection`). Wire types stop here: the meeting
//! machine has its own (`map` is the one translator), and so does the media engine ([`media_plane`] is what signalling
//! needs of it). Not here: decisions about people (`meeting`), tokens and lookups (`app`), packets (the engine).
//! Invariants: a participant who waits is told nothing but their own state and has no media peer (law 2, `tests/lobby.rs`);
//! what others are told is persisted before (law 7); a panic in one meeting ends that meeting only (law 8).

mod breakout;
mod calls;
mod changes;
mod connection;
mod frame;
mod host;
mod hub;
mod map;
pub mod media_plane;
mod outbox;
mod pace;
pub mod quality;
mod register;
mod resolve;
mod ringing;
mod surveys;
mod switchboard;
mod ticket;

use std::net::{IpAddr, SocketAddr};

use axum::{
    Extension, Router,
    extract::{ConnectInfo, State, WebSocketUpgrade},
    response::Response,
    routing::any,
};

pub use hub::Hub;

/// `/signal`.
pub fn router(hub: Hub) -> Router {
    Router::new().route("/signal", any(upgrade)).with_state(hub)
}

/// A frame may be a little longer than the protocol allows, so that its sender can be told instead of cut off.
const SOCKET_LIMIT: usize = wire::MAX_FRAME_BYTES * 2;

async fn upgrade(socket: WebSocketUpgrade, State(hub): State<Hub>, peer: Option<Extension<ConnectInfo<SocketAddr>>>) -> Response {
    let source: Option<IpAddr> = peer.map(|Extension(ConnectInfo(address))| address.ip());
    socket
        .max_message_size(SOCKET_LIMIT)
        .max_frame_size(SOCKET_LIMIT)
        .on_upgrade(move |socket| connection::serve(socket, hub, source))
}

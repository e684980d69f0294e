//! Real-time chat events for browsers, as the unmodified signaling package inside the published chat client asks for them.
//!
//! A client reads where the service is (`routes::config`), gets an address (`routes::endpoint`), makes a handshake with its token
//! (`routes::handshake`), opens a socket under the name that the handshake gave (`routes::socket`) and says what it wants (`routes::registration`).
//! From then on `fan_out` pushes what happens in its threads.
//!
//! * Not here: who is a member of what, and what is told to whom (`app::chat` names the recipients of each event).
//! * Invariants: a socket is told only what concerns the person whose token made its handshake; a revocation ends it within a second; no token, name
//!   or text is logged; every bound is in `connections` and says what full means. Kept by `tests/facade/realtime.rs`.

mod connection;
mod connections;
mod fan_out;
mod frame;
mod push;
mod routes;

use std::time::Duration;

use app::App;
use axum::{
    Router,
    routing::{delete, get, post},
};

use crate::{Facade, error::Refusal};
pub(crate) use connections::NoPlace;
use connections::{Connections, End};

/// How long the last sockets may take to close.
const FAREWELL: Duration = Duration::from_secs(2);

/// The real-time events of one application. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RealTime(Connections);

impl RealTime {
    /// Begins to follow what happens; must be called inside the runtime that serves the sockets.
    #[must_use]
    pub fn start(app: &App) -> Self {
        let connections = Connections::default();
        tokio::spawn(fan_out::run(connections.clone(), app.chat_events(), app.changes()));
        Self(connections)
    }

    /// Closes every socket and lets nobody in any more.
    pub async fn stop(&self) {
        self.0.end_all(End::Stopping);
        // Whoever does not take the goodbye does not hold the stop up.
        drop(tokio::time::timeout(FAREWELL, self.0.deserted()).await);
    }

    fn connections(&self) -> &Connections {
        &self.0
    }
}

/// The routes `/chat/config/realTimeNotifications`, `/v4/a`, `/v3/registrations…` and `/socket.io/1/…`, the first one also behind a doubled slash,
/// which clients make from an endpoint with a trailing one.
pub(crate) fn router() -> Router<Facade> {
    let config = || get(routes::config::run).fallback(|| refused("GET"));
    let handshake = || get(routes::handshake::run).fallback(|| refused("GET"));
    Router::new()
        .route("/chat/config/realTimeNotifications", config())
        .route("//chat/config/realTimeNotifications", config())
        .route("/v4/a", post(routes::endpoint::run).fallback(|| refused("POST")))
        .route("/v3/registrations", post(routes::registration::add).fallback(|| refused("POST")))
        .route(
            "/v3/registrations/{id}",
            delete(routes::registration::remove).fallback(|| refused("DELETE")),
        )
        .route("/socket.io/1", handshake())
        .route("/socket.io/1/", handshake())
        .route(
            "/socket.io/1/websocket/{name}",
            get(routes::socket::run).fallback(|| refused("GET")),
        )
}

async fn refused(allow: &'static str) -> Refusal {
    Refusal::MethodNotAllowed { allow }
}

//! Real-time chat events for browsers: configuration, handshake, registration, the WebSocket on which events are pushed.

use axum::Router;

use crate::Facade;

#[cfg(test)]
mod connections;
#[cfg(test)]
mod frame;
#[cfg(test)]
mod push;
#[cfg(test)]
mod source;

/// The routes `/chat/config/realTimeNotifications`, `/v4/a`, `/v3/registrations…` and `/socket.io/1/…`.
pub(crate) fn router(_facade: &Facade) -> Router<Facade> {
    Router::new()
}

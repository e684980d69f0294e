//! The chat API: threads, messages, participants, receipts, with a person's own access token.

use axum::Router;

use crate::Facade;

/// The routes below `/chat`, also behind a doubled slash, except the configuration of real-time events (`realtime`).
pub(crate) fn router() -> Router<Facade> {
    Router::new()
}

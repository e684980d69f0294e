//! Our own small API under `/api`: what our pages need beside the facades. Errors are JSON `{"error": {"code", "message"}}`.

mod admin;
mod bearer;
mod chat;
mod config;
pub(crate) mod error;
mod health;
mod metrics;
mod visitor;

use std::sync::Arc;

use app::App;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{get, post},
};

use self::error::ApiError;
use crate::captures::Captures;
use crate::ways::Ways;

/// Bodies here are a few switches.
const MAX_BODY: usize = 16 * 1024;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) app: App,
    pub(crate) numbers: Numbers,
    pub(crate) captures: Captures,
    readiness: Arc<health::Readiness>,
}

/// Whose numbers are shown.
#[derive(Clone)]
pub(crate) struct Numbers {
    pub(crate) engine: media::Engine,
    pub(crate) hub: signal::Hub,
    pub(crate) captioner: Option<Arc<captions::Captioner>>,
    pub(crate) ways: Ways,
}

pub(crate) fn router(app: App, numbers: Numbers, captures: Captures) -> Router {
    let api = Api {
        app,
        numbers,
        captures,
        readiness: Arc::default(),
    };
    Router::new()
        .route("/api/config", get(config::get))
        .route("/api/visitor/token", post(visitor::token))
        .route("/api/chat/token", post(chat::token))
        .route("/api/chat/writing/{thread}", get(chat::writing))
        .merge(admin::router())
        .route("/api/{*rest}", axum::routing::any(unknown))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::get))
        .method_not_allowed_fallback(wrong_verb)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(api)
}

async fn unknown() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "notFound", "There is no such resource under /api.")
}

async fn wrong_verb() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "methodNotAllowed",
        "This resource does not know that verb.",
    )
}

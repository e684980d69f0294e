//! Registered applications, for administrators.

use axum::Router;

use super::Api;

pub(super) fn router() -> Router<Api> {
    Router::new()
}

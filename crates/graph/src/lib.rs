//! The HTTP facade for programs that schedule and read meetings: online meetings and members, in the shape that published clients of that
//! API speak.
//!
//! * Owns: paths, query options, bodies, property names, error objects and headers of that API.
//! * Not here: who may do what, and what a change means (`app`); tokens (`app`); signing in (`oidc`).
//! * Invariants, kept by the tests: every answer but 204 is JSON with both request ids in its headers; no input makes the facade answer 5xx; words
//!   of this API do not leave this crate; browsers may call it from anywhere, since it takes no cookies.
//!
//! How to add a resource: a variant of `resource::Resource`, a file per verb in `routes/`, an arm in `dispatch`, a test in `tests/`.

mod batch;
mod context;
mod dispatch;
mod error;
mod filter;
mod query;
mod reply;
mod resource;
mod routes;
mod shape;

pub use routes::subscriptions::NotificationWriter;

use app::App;
use axum::{Router, routing::any};
use http::{HeaderName, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders};

/// Longest body that is read.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;
/// How long a browser may remember a preflight.
const PREFLIGHT_AGE: std::time::Duration = std::time::Duration::from_secs(3600);

/// The routes of the facade: all under `/v1.0`; subscriptions also under `/beta`, where the published documents have those to meetings.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1.0", any(dispatch::dispatch))
        .route("/v1.0/", any(dispatch::dispatch))
        .route("/v1.0/{*rest}", any(dispatch::dispatch))
        .route("/beta/subscriptions", any(dispatch::dispatch))
        .route("/beta/subscriptions/{*rest}", any(dispatch::dispatch))
        .layer(cors())
        .with_state(app)
}

/// Preflights carry no credential, so this lies outside authentication; errors get the headers too.
fn cors() -> CorsLayer {
    let exposed = [
        HeaderName::from_static("request-id"),
        HeaderName::from_static("client-request-id"),
        HeaderName::from_static("odata-version"),
        HeaderName::from_static("preference-applied"),
        header::RETRY_AFTER,
        header::LOCATION,
        header::WWW_AUTHENTICATE,
    ];
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
        ])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(ExposeHeaders::list(exposed))
        .max_age(PREFLIGHT_AGE)
}

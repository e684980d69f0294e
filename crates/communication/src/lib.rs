//! The HTTP facade for applications that bring guests: communication identities and their tokens, rooms, relay credentials, the exchange of
//! members' tokens, chat and its real-time events, in the shapes that the published clients speak.
//!
//! * Owns: paths, verbs, bodies, status codes, headers and the access-key signature of that API.
//! * Not here: what an identity or a token is, who was revoked, which keys there are (`app`).
//! * Invariants, kept by `tests/`: nothing is done before the request is authenticated, except saying that a path does not exist; every refusal
//!   is JSON with code and message; no input makes the facade answer 5xx; browsers may call it from anywhere, since it takes no cookies.
//!
//! How to add an operation: a variant of `operation::Operation`, a file in `routes/`, an arm in `dispatch`, a test in `tests/`.

pub mod access_key;
mod authenticate;
mod body;
mod chat;
mod dispatch;
mod error;
mod operation;
mod realtime;
mod routes;

pub use realtime::RealTime;

use app::App;
use axum::{Router, routing::any};
use http::{HeaderName, Method};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders};

/// Longest body that is read.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;
/// How long a browser may remember a preflight.
const PREFLIGHT_AGE: std::time::Duration = std::time::Duration::from_secs(3600);

/// What every request needs.
#[derive(Debug, Clone)]
pub(crate) struct Facade {
    pub(crate) app: App,
    pub(crate) realtime: RealTime,
    pub(crate) authorities: std::sync::Arc<[String]>,
}

/// The routes of the facade: `/identities…`, `/teamsUser/…`, `/access/…`, `/rooms…`, `/networkTraversal/…`, also behind a doubled slash, and
/// those of chat and of its events. `authorities` are the names (host, with the port
/// unless it is the default one) under which clients know the server when a proxy rewrites the `Host` header. Must be called inside the runtime
/// that serves it.
pub fn router(app: App, authorities: Vec<String>) -> Router {
    let realtime = RealTime::start(&app);
    router_with(app, authorities, realtime)
}

/// The same with real-time events that the caller stops.
pub fn router_with(app: App, authorities: Vec<String>, realtime: RealTime) -> Router {
    let facade = Facade {
        app,
        realtime,
        authorities: authorities.into(),
    };
    let mut router = Router::new();
    for area in operation::Area::ALL.map(operation::Area::name) {
        for lead in ["/", "//"] {
            router = router
                .route(&format!("{lead}{area}"), any(dispatch::dispatch))
                .route(&format!("{lead}{area}/"), any(dispatch::dispatch))
                .route(&format!("{lead}{area}/{{*rest}}"), any(dispatch::dispatch));
        }
    }
    router
        .merge(chat::router())
        .merge(realtime::router())
        .layer(cors())
        .with_state(facade)
}

/// Preflights carry no credential, so this lies outside authentication; errors get the headers too.
fn cors() -> CorsLayer {
    let exposed = [
        "x-ms-error-code",
        "x-ms-client-request-id",
        "ms-cv",
        "retry-after",
        "retry-after-ms",
        "x-ms-retry-after-ms",
        "location",
        "repeatability-result",
        "api-supported-versions",
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
        .expose_headers(ExposeHeaders::list(exposed.map(HeaderName::from_static)))
        .max_age(PREFLIGHT_AGE)
}

//! The sign-in facade: an OpenID provider for members and applications, in the shape that the official clients expect.
//!
//! * Owns: HTTP of discovery, authorize, the pages (sign-in, consent, device code), token, userinfo and logout; cookies; the wire
//!   codes of refusals.
//! * Not here: what a request means and who may have which token (`app::sign_in`), keys and signing (`app::tokens`).
//! * Invariants: a refusal goes to a redirect address only after application and address are proven; pages run no foreign
//!   content and cannot be framed; everything that carries a credential is `no-store`. Kept by `tests/`.
//!
//! The server may put two extensions on a request: [`RequestOrigin`] when it terminates TLS or trusts a proxy, and
//! [`RequestSource`]; otherwise plain HTTP and axum's `ConnectInfo` are taken.

mod authorize;
mod consent;
mod cookies;
mod device;
mod device_pages;
mod discovery;
mod federation;
mod logout;
mod origin;
mod pages;
mod parameters;
mod refusal;
mod sign_in;
mod token;
mod user_info;

use std::sync::Arc;

use app::{App, sign_in::SignInThrottle};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use http::{Method, header};
use tower_http::cors::{Any, CorsLayer};

pub use origin::{RequestOrigin, RequestSource};

/// Larger bodies are refused; the largest honest one is a token request with an assertion-sized secret.
const MAX_BODY: usize = 64 * 1024;

#[derive(Clone)]
struct Provider {
    app: App,
    throttle: Arc<SignInThrottle>,
}

/// All routes of the facade, to be merged into the server's router.
pub fn router(app: App) -> Router {
    let provider = Provider {
        app,
        throttle: Arc::new(SignInThrottle::default()),
    };
    let cross_origin = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(Any)
        .expose_headers([header::RETRY_AFTER, header::WWW_AUTHENTICATE]);
    let open = Router::new()
        .route("/common/discovery/instance", get(discovery::instance))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(discovery::configuration))
        .route("/{tenant}/.well-known/openid-configuration", get(discovery::configuration))
        .route("/v2.0/.well-known/openid-configuration", get(discovery::configuration_of_origin))
        .route("/.well-known/openid-configuration", get(discovery::configuration_of_origin))
        .route("/{tenant}/discovery/v2.0/keys", get(discovery::keys))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(device::begin))
        .route("/{tenant}/oauth2/v2.0/token", post(token::token))
        .layer(cross_origin);
    // A wildcard does not cover the header that carries the token.
    let with_token = Router::new()
        .route("/oidc/userinfo", get(user_info::get).post(user_info::post))
        .layer(
            CorsLayer::new()
                .allow_origin(Any)
                .allow_methods([Method::GET, Method::POST])
                .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
                .expose_headers([header::WWW_AUTHENTICATE]),
        );
    Router::new()
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(authorize::from_query).post(authorize::from_form),
        )
        .route("/{tenant}/oauth2/v2.0/sign-in", post(sign_in::sign_in))
        .route("/{tenant}/oauth2/v2.0/logout", get(logout::from_query).post(logout::from_form))
        .route("/{tenant}/oauth2/v2.0/consent", post(consent::decide))
        .route("/device", get(device::page).post(device::typed))
        .route("/device/decision", post(device::decide))
        .merge(federation::routes())
        .merge(open)
        .merge(with_token)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(provider)
}

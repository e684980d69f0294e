//! The members' web application, embedded in the binary, its security headers, and the answer to every unknown path.
//!
//! * A page path is one that no API claims: links such as `/meet/…` are routes inside the application, so each of them answers
//!   with the application's page, to whoever reads HTML.
//! * Everything else is JSON that says so, readable from any origin: a program that asks for what is not served here must not
//!   take a page for an answer.

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use tower_http::cors::{AllowHeaders, AllowMethods, Any, CorsLayer};

use crate::{api::error::ApiError, origins::Origins};

#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/apps/meet/dist"]
#[allow_missing = true]
struct Files;

/// First segments that belong to programs, whether served yet or not.
const OF_PROGRAMS: [&str; 15] = [
    "access",
    "api",
    "assets",
    "beta",
    "calling",
    "chat",
    "common",
    "health",
    "identities",
    "metrics",
    "networkTraversal",
    "rooms",
    "signal",
    "teamsUser",
    "v1.0",
];

/// Second segments of sign-in, behind a tenant.
const OF_SIGN_IN: [&str; 4] = [".well-known", "discovery", "oauth2", "v2.0"];

pub(crate) fn router(origins: &Origins) -> anyhow::Result<Router> {
    let policy = HeaderValue::try_from(content_security_policy(origins))?;
    // Nothing here depends on who asks; a preflight must pass, so that the page that asked can read the refusal.
    let open = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request());
    Ok(Router::new().fallback(serve).layer(open).with_state(policy))
}

/// Only this server's own files, media and sockets; no frames around the page. The sockets are named, because a page that
/// came over HTTPS speaks to the one signalling address of development mode, which is on the other origin.
fn content_security_policy(origins: &Origins) -> String {
    format!(
        "default-src 'self'; connect-src 'self' {}; img-src 'self' data: blob:; media-src 'self' blob: mediastream:; \
         style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
        origins.sockets().join(" ")
    )
}

async fn serve(State(policy): State<HeaderValue>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let file = Files::get(path);
    if file.is_none() && of_programs(path) {
        return not_found();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return wrong_verb();
    }
    if let Some(file) = file {
        let immutable = path.starts_with("assets/");
        let cache = if immutable {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        return respond(file, cache, policy);
    }
    if !reads_html(&headers) {
        return not_found();
    }
    match Files::get("index.html") {
        Some(page) => respond(page, "no-cache", policy),
        None => ApiError::new(
            StatusCode::NOT_FOUND,
            "notBuilt",
            "The web application is not part of this build: run `npm run build`, then build the server again.",
        )
        .into_response(),
    }
}

fn of_programs(path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let mut is_one_of = |names: &[&str]| {
        segments
            .next()
            .is_some_and(|segment| names.iter().any(|name| name.eq_ignore_ascii_case(segment)))
    };
    is_one_of(&OF_PROGRAMS) || is_one_of(&OF_SIGN_IN)
}

/// Whether the answer may be HTML; who names nothing takes everything.
fn reads_html(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .peekable();
    ranges.peek().is_none() || ranges.any(|range| ["text/html", "text/*", "*/*"].iter().any(|html| html.eq_ignore_ascii_case(range)))
}

fn not_found() -> Response {
    ApiError::new(StatusCode::NOT_FOUND, "notFound", "There is nothing under this address.").into_response()
}

fn wrong_verb() -> Response {
    let error = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "methodNotAllowed", "A page is read with GET.");
    ([(header::ALLOW, "GET, HEAD")], error).into_response()
}

fn respond(file: rust_embed::EmbeddedFile, cache: &'static str, policy: HeaderValue) -> Response {
    let kind = HeaderValue::from_str(file.metadata.mimetype()).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = Response::new(Body::from(file.data.into_owned()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(self), microphone=(self), display-capture=(self)"),
    );
    response
}

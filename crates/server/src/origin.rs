//! Which origin a request came to: the listener knows the scheme, the `Host` header the rest. Only origins that the
//! configuration knows are believed; anything else is answered with the canonical one.

use std::convert::Infallible;

use app::App;
use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};

/// Set by each listener on its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestScheme {
    Http,
    Https,
}

impl RequestScheme {
    /// Middleware of the plain listener.
    pub(crate) async fn mark_http(request: Request) -> Request {
        Self::Http.mark(request)
    }

    /// Middleware of the TLS listener.
    pub(crate) async fn mark_https(request: Request) -> Request {
        Self::Https.mark(request)
    }

    fn mark(self, mut request: Request) -> Request {
        let asked = oidc::RequestOrigin(self.asked(request.headers()));
        request.extensions_mut().insert(asked);
        request.extensions_mut().insert(self);
        request
    }

    /// What the request claims; nobody believes it before it was compared with the known origins.
    fn asked(self, headers: &HeaderMap) -> String {
        let scheme = match self {
            Self::Http => "http",
            Self::Https => "https",
        };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        format!("{scheme}://{host}")
    }

    /// The known origin that the request came to.
    pub(crate) fn origin(self, headers: &HeaderMap, app: &App) -> String {
        let asked = self.asked(headers);
        app.config()
            .origins()
            .find(|origin| *origin == asked)
            .unwrap_or(&app.config().public_origin)
            .to_owned()
    }
}

impl<S: Sync> FromRequestParts<S> for RequestScheme {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self::Http))
    }
}

//! Under which origin a request came, where it came from, and which tenant its path names.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use app::{
    App,
    sign_in::{Refusal, SignInError},
};
use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, header, request::Parts};

use crate::Provider;

/// Set by the server on requests whose origin it knows better than the `Host` header says, such as those over TLS:
/// scheme, host and port without a slash at the end.
#[derive(Debug, Clone)]
pub struct RequestOrigin(pub String);

/// Set by the server when the peer of the connection is a trusted proxy: the address behind it.
#[derive(Debug, Clone, Copy)]
pub struct RequestSource(pub IpAddr);

/// What the connection tells about a request.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// One of the server's own origins; a foreign or missing `Host` counts as the canonical one, so that nobody can make
    /// this server write a link or an issuer of their choice.
    pub(crate) origin: String,
    /// For throttling.
    pub(crate) source: Option<IpAddr>,
    /// Echoed in errors when the client sent one.
    pub(crate) correlation_id: Option<String>,
}

impl Surroundings {
    /// Whether cookies can be marked `Secure`.
    pub(crate) fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

impl FromRequestParts<Provider> for Surroundings {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, provider: &Provider) -> Result<Self, Infallible> {
        let told = parts.extensions.get::<RequestOrigin>().map(|origin| origin.0.clone());
        let claimed = told.or_else(|| host_of(parts).map(|host| format!("http://{host}")));
        let config = provider.app.config();
        let known = claimed.and_then(|claimed| {
            config
                .origins()
                .find(|origin| origin.eq_ignore_ascii_case(claimed.trim_end_matches('/')))
        });
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        Ok(Self {
            origin: known.unwrap_or(&config.public_origin).to_owned(),
            source: parts.extensions.get::<RequestSource>().map(|source| source.0).or(peer),
            correlation_id: client_request_id(parts),
        })
    }
}

/// Refuses a path whose first segment names no tenant of this server.
pub(crate) async fn check_tenant(app: &App, segment: &str) -> Result<(), SignInError> {
    if app.is_tenant(segment).await? {
        return Ok(());
    }
    Err(Refusal::UnknownTenant(segment.chars().take(64).collect()).into())
}

fn host_of(parts: &Parts) -> Option<String> {
    let from_uri = parts.uri.authority().map(|authority| authority.as_str().to_owned());
    from_uri.or_else(|| text(&parts.headers, header::HOST.as_str()).map(str::to_owned))
}

fn client_request_id(parts: &Parts) -> Option<String> {
    let in_query = || {
        let query = parts.uri.query().unwrap_or_default();
        query.split('&').find_map(|pair| pair.strip_prefix("client-request-id="))
    };
    let id = text(&parts.headers, "client-request-id").or_else(in_query)?;
    // Only a GUID is echoed: the text comes from anybody.
    uuid::Uuid::parse_str(id).ok().map(|id| id.to_string())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

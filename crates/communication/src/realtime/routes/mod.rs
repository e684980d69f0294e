//! The HTTP requests of real-time events, one file each, in the order in which a client makes them.

pub(crate) mod config;
pub(crate) mod endpoint;
pub(crate) mod handshake;
pub(crate) mod registration;
pub(crate) mod socket;

use std::net::SocketAddr;

use app::{App, Source};
use axum::{Extension, extract::ConnectInfo};
use http::{HeaderMap, HeaderName, header};

use super::connections::Person;
use crate::error::Refusal;

/// Carries the access token where the client sends no `Authorization`.
const TOKEN: HeaderName = HeaderName::from_static("x-skypetoken");

/// Whoever the token in the client's own header stands for.
async fn person(app: &App, headers: &HeaderMap) -> Result<Person, Refusal> {
    let token = headers.get(TOKEN).and_then(|value| value.to_str().ok());
    of_token(app, token.ok_or(Refusal::NoUserToken)?.trim()).await
}

/// Whoever the bearer token stands for.
async fn bearer(app: &App, headers: &HeaderMap) -> Result<Person, Refusal> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(app::bearer_token);
    of_token(app, token.ok_or(Refusal::NoUserToken)?).await
}

async fn of_token(app: &App, token: &str) -> Result<Person, Refusal> {
    let caller = app.chat_caller(token).await.map_err(Refusal::of_bearer)?;
    Ok(Person {
        raw_id: caller.raw_id,
        expires: caller.expires,
        client_id: caller.client_id,
    })
}

/// Where the request comes from, when the server says so.
fn source(peer: Option<Extension<ConnectInfo<SocketAddr>>>) -> Option<Source> {
    peer.map(|Extension(ConnectInfo(address))| Source::from(address.ip()))
}

/// The origin under which browsers reach the service.
fn origin(app: &App, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let config = app.config();
    secure_origin(config.origins(), host)
        .unwrap_or(&config.public_origin)
        .trim_end_matches('/')
        .to_owned()
}

/// The origin that the client used, over TLS, since chat clients refuse anything else. What a client says never becomes part of an answer, it only
/// chooses between origins of ours.
fn secure_origin<'a>(origins: impl Iterator<Item = &'a str>, host: &str) -> Option<&'a str> {
    let mut first = None;
    for origin in origins {
        let Some(authority) = origin.strip_prefix("https://") else {
            continue;
        };
        if authority.trim_end_matches('/').eq_ignore_ascii_case(host) {
            return Some(origin);
        }
        first = first.or(Some(origin));
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_sent_where_it_came_from_over_tls_and_never_where_it_says() {
        let origins = || ["http://127.0.0.1:80", "https://localhost:443", "https://chat.example"].into_iter();
        for (host, expected) in [
            ("localhost:443", "https://localhost:443"),
            ("Chat.Example", "https://chat.example"),
            ("127.0.0.1:80", "https://localhost:443"),
            ("elsewhere.example", "https://localhost:443"),
            ("", "https://localhost:443"),
        ] {
            assert_eq!(secure_origin(origins(), host), Some(expected), "{host}");
        }
        assert_eq!(secure_origin(["http://127.0.0.1:80"].into_iter(), "127.0.0.1:80"), None);
    }
}

//! Who may use the facade: a request signed with an access key of the resource, or one with a bearer token for this service.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, header, request::Parts};

use crate::{
    Facade,
    access_key::{self, Inspection},
    error::Refusal,
};

/// Lets the request pass, or says why not.
pub(crate) async fn authenticate(facade: &Facade, parts: &Parts, raw_target: &str, body: &[u8]) -> Result<(), Refusal> {
    if let Some(token) = bearer(parts) {
        return facade
            .app
            .verify_communication_bearer(token)
            .await
            .map(|_caller| ())
            .map_err(Refusal::of_bearer);
    }
    if !access_key::is_signed(&parts.headers) {
        return Err(Refusal::NoCredential);
    }
    let keys: Vec<Vec<u8>> = facade
        .app
        .access_keys()
        .await?
        .iter()
        .filter_map(|key| STANDARD.decode(&key.secret).ok())
        .collect();
    let mut headers = parts.headers.clone();
    if !headers.contains_key(header::HOST) {
        // HTTP/2 says the host in the target.
        if let Some(host) = parts
            .uri
            .authority()
            .and_then(|authority| HeaderValue::from_str(authority.as_str()).ok())
        {
            headers.insert(header::HOST, host);
        }
    }
    let inspection = Inspection {
        method: &parts.method,
        raw_target,
        headers: &headers,
        body,
        authorities: &facade.authorities,
        keys: &keys,
        now: facade.app.now(),
    };
    Ok(access_key::verify(inspection)?)
}

/// The bearer token of the request.
pub(crate) fn bearer(parts: &Parts) -> Option<&str> {
    app::bearer_token(parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?)
}

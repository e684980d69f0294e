//! Signing out at a provider too, and coming back from there.
//!
//! What the application asked of our own logout travels as the state and is judged anew when it comes back, exactly as if the application had sent it now:
//! whoever changes it on the way can do no more than write such an address themselves.

use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::flow::NO_STORE;
use crate::{
    Provider, cookies,
    origin::{Surroundings, check_tenant},
    pages, parameters,
};
use app::sign_in::{Parameters, SignInError};

/// A longer request is not carried; the browser then ends on our own page.
const MOST_AFTER: usize = 2048;

/// Where the provider of this browser's session wants to hear of its end, which has come already.
pub(crate) async fn upstream(
    provider: &Provider,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    asked: &Parameters,
) -> Result<Option<HeaderValue>, SignInError> {
    let Some(secret) = cookies::session(headers, surroundings) else {
        return Ok(None);
    };
    let carried = ["post_logout_redirect_uri", "state", "client_id"];
    let pairs = carried.iter().filter_map(|name| Some((*name, asked.get(name)?)));
    let after = Some(parameters::write(pairs)).filter(|after| after.len() <= MOST_AFTER);
    let after = URL_SAFE_NO_PAD.encode(after.unwrap_or_default());
    let location = provider.app.upstream_sign_out(&secret, &surroundings.origin, &after).await?;
    Ok(location.and_then(|location| HeaderValue::from_str(&location).ok()))
}

/// `GET /{tenant}/oauth2/v2.0/federated/{id}/signed-out`: on to our own logout, which knows where the application wants to go.
pub(crate) async fn signed_out(
    State(provider): State<Provider>,
    Path((tenant, _)): Path<(String, String)>,
    surroundings: Surroundings,
    RawQuery(query): RawQuery,
) -> Response {
    if let Err(unknown) = check_tenant(&provider.app, &tenant).await {
        return pages::refused(&provider.app, &surroundings, &unknown);
    }
    let answer = parameters::read(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let after = answer
        .get("state")
        .and_then(|state| URL_SAFE_NO_PAD.decode(state).ok())
        .and_then(|after| parameters::read(&after).ok())
        .unwrap_or_default();
    let after = parameters::write(after.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let location = HeaderValue::from_str(&format!("/{tenant}/oauth2/v2.0/logout?{after}"));
    match location {
        Ok(location) => (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, location), (header::CACHE_CONTROL, NO_STORE)],
        )
            .into_response(),
        Err(_) => pages::signed_out(&provider.app),
    }
}

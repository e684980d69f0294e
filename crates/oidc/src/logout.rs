//! Signing out: ends the browser's session, then returns to the application when the address is proven to be one of ours.

use app::sign_in::{Parameters, Refusal};
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    Provider, cookies, federation,
    origin::{Surroundings, check_tenant},
    pages, parameters,
};

/// `GET /{tenant}/oauth2/v2.0/logout`
pub(crate) async fn from_query(
    State(provider): State<Provider>,
    Path(tenant): Path<String>,
    surroundings: Surroundings,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = parameters::read(query.unwrap_or_default().as_bytes());
    log_out(&provider, &tenant, &surroundings, &headers, parameters).await
}

/// `POST /{tenant}/oauth2/v2.0/logout`
pub(crate) async fn from_form(
    State(provider): State<Provider>,
    Path(tenant): Path<String>,
    surroundings: Surroundings,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    log_out(&provider, &tenant, &surroundings, &headers, parameters::read_form(&headers, &body)).await
}

async fn log_out(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    parameters: Result<Parameters, Refusal>,
) -> Response {
    let checked = check_tenant(&provider.app, tenant).await;
    let parameters = match checked.and_then(|()| Ok(parameters?)) {
        Ok(parameters) => parameters,
        Err(error) => return pages::refused(&provider.app, surroundings, &error),
    };
    if cookies::embedding(headers) {
        // Otherwise any page could sign people out by an image.
        let refusal = Refusal::UnsupportedValue("Sec-Fetch-Dest (signing out needs a page of its own)");
        return pages::refused(&provider.app, surroundings, &refusal.into());
    }
    if let Some(secret) = cookies::session(headers, surroundings)
        && let Err(error) = provider.app.sign_out(&secret).await
    {
        // Somebody who wants to leave must learn that the session is still there.
        return pages::refused(&provider.app, surroundings, &error);
    }
    // After the sign-out here, which no provider may delay.
    let upstream = match federation::upstream(provider, surroundings, headers, &parameters).await {
        Ok(location) => location,
        Err(error) => return pages::refused(&provider.app, surroundings, &error),
    };
    let location = match return_address(provider, &parameters).await {
        Ok(location) => upstream.or(location),
        Err(error) => return pages::refused(&provider.app, surroundings, &error),
    };
    let mut response = match location {
        Some(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        None => pages::signed_out(&provider.app),
    };
    if let Some(cookie) = cookies::clear_session(surroundings) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The address to return to, when some application of the tenant registered exactly it; with a `client_id`, that one.
async fn return_address(provider: &Provider, parameters: &Parameters) -> Result<Option<HeaderValue>, app::sign_in::SignInError> {
    let Some(uri) = parameters.get("post_logout_redirect_uri") else {
        return Ok(None);
    };
    if !provider.app.may_return_after_sign_out(uri, parameters.get("client_id")).await? {
        return Ok(None);
    }
    let state = parameters.get("state").map(|state| parameters::write([("state", state)]));
    let location = match state {
        Some(state) if uri.contains('?') => format!("{uri}&{state}"),
        Some(state) => format!("{uri}?{state}"),
        None => uri.to_owned(),
    };
    Ok(HeaderValue::from_str(&location).ok())
}

//! The userinfo endpoint: what an application that holds a member's access token may know of the member.

use app::{TokenError, sign_in::Parameters};
use axum::{
    Json,
    body::Bytes,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::{Provider, parameters};

/// `GET /oidc/userinfo`
pub(crate) async fn get(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    answer(&provider, &headers, &Parameters::default()).await
}

/// `POST /oidc/userinfo`: the token may be in the form instead of the header.
pub(crate) async fn post(State(provider): State<Provider>, headers: HeaderMap, body: Bytes) -> Response {
    let form = parameters::read_form(&headers, &body).unwrap_or_default();
    answer(&provider, &headers, &form).await
}

async fn answer(provider: &Provider, headers: &HeaderMap, form: &Parameters) -> Response {
    let in_header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let Some(token) = in_header.or_else(|| form.get("access_token")) else {
        return refused(
            StatusCode::UNAUTHORIZED,
            "invalid_request",
            "Send an access token as Authorization: Bearer.",
        );
    };
    match provider.app.user_info(token).await {
        Ok(claims) => ([(header::CACHE_CONTROL, "no-store")], Json(claims)).into_response(),
        Err(error @ (TokenError::Store(_) | TokenError::Signing)) => {
            tracing::error!(%error, "userinfo could not be read");
            let sentence = "Sign-in is not available at the moment. Try again shortly.";
            refused(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", sentence)
        }
        Err(error @ TokenError::MissingScope { .. }) => refused(StatusCode::FORBIDDEN, "insufficient_scope", &error.to_string()),
        Err(error) => refused(StatusCode::UNAUTHORIZED, "invalid_token", &error.to_string()),
    }
}

fn refused(status: StatusCode, error: &'static str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response();
    if let Ok(challenge) = HeaderValue::from_str(&format!("Bearer error=\"{error}\"")) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

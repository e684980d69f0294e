//! From a request to its operation and back: find the operation, read the body, authenticate, carry out, mark the answer.

use axum::{
    body::{Body, to_bytes},
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use uuid::Uuid;

use crate::{Facade, MAX_BODY_BYTES, authenticate::authenticate, body, error::Refusal, operation::Operation, routes};

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const CORRELATION: HeaderName = HeaderName::from_static("ms-cv");
const VERSIONS: HeaderName = HeaderName::from_static("api-supported-versions");
/// Versions of the API that published clients name; any other is served the same.
const SUPPORTED_VERSIONS: HeaderValue = HeaderValue::from_static("2021-03-07, 2022-06-01, 2022-10-01, 2023-10-01");
/// Longest request id that is given back.
const MAX_CLIENT_REQUEST_ID: usize = 256;

/// Answers one request.
pub(crate) async fn dispatch(State(facade): State<Facade>, OriginalUri(uri): OriginalUri, request: Request<Body>) -> Response {
    let client_request_id = request
        .headers()
        .get(CLIENT_REQUEST_ID)
        .filter(|id| id.len() <= MAX_CLIENT_REQUEST_ID)
        .cloned();
    let raw_target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut response = serve(&facade, raw_target, uri.path(), request)
        .await
        .unwrap_or_else(IntoResponse::into_response);
    mark(response.headers_mut(), client_request_id);
    response
}

async fn serve(facade: &Facade, raw_target: &str, raw_path: &str, request: Request<Body>) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let operation = Operation::of(&parts.method, raw_path)?;
    let bytes = to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|error| unreadable(&error.into_inner()))?;
    authenticate(facade, &parts, raw_target, &bytes).await?;
    let app = &facade.app;
    match operation {
        Operation::CreateIdentity => routes::identities::create::run(app, &body::members(&bytes)?).await,
        Operation::DeleteIdentity(id) => routes::identities::delete::run(app, &id).await,
        Operation::IssueAccessToken(id) => routes::identities::issue_access_token::run(app, &id, &body::members(&bytes)?).await,
        Operation::RevokeAccessTokens(id) => routes::identities::revoke_access_tokens::run(app, &id).await,
        Operation::ExchangeAccessToken => routes::teams_user::exchange_access_token::run(app, &body::members(&bytes)?).await,
    }
}

fn unreadable(error: &axum::BoxError) -> Refusal {
    if error.is::<http_body_util::LengthLimitError>() {
        Refusal::BodyTooLarge
    } else {
        Refusal::MalformedBody("it broke off before its end".to_owned())
    }
}

/// Adds what every answer has.
fn mark(headers: &mut HeaderMap, client_request_id: Option<HeaderValue>) {
    headers.insert(VERSIONS, SUPPORTED_VERSIONS);
    if let Some(id) = client_request_id {
        headers.insert(CLIENT_REQUEST_ID, id);
    }
    let vector = format!("{}.0", STANDARD_NO_PAD.encode(Uuid::new_v4().as_bytes()));
    if let Ok(vector) = HeaderValue::from_str(&vector) {
        headers.insert(CORRELATION, vector);
    }
}

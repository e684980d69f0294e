//! From a request to its operation and back: find the operation, read the body, authenticate, count, carry out, mark the answer.

use app::limits::Quota;
use axum::{
    body::{Body, to_bytes},
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use uuid::Uuid;

use crate::{
    Facade, MAX_BODY_BYTES,
    authenticate::{authenticate, bearer},
    body,
    error::Refusal,
    operation::{Area, Operation},
    routes,
};

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const CORRELATION: HeaderName = HeaderName::from_static("ms-cv");
const VERSIONS: HeaderName = HeaderName::from_static("api-supported-versions");
/// Longest request id that is given back.
const MAX_CLIENT_REQUEST_ID: usize = 256;

/// Answers one request.
pub(crate) async fn dispatch(State(facade): State<Facade>, OriginalUri(uri): OriginalUri, request: Request<Body>) -> Response {
    let client_request_id = client_request_id(request.headers());
    let raw_target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut response = serve(&facade, raw_target, &uri, request)
        .await
        .unwrap_or_else(IntoResponse::into_response);
    let headers = response.headers_mut();
    mark(headers, client_request_id);
    if let Some(area) = Area::of_path(uri.path()) {
        headers.insert(VERSIONS, area.versions());
    }
    response
}

async fn serve(facade: &Facade, raw_target: &str, uri: &Uri, request: Request<Body>) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let operation = Operation::of(&parts.method, uri.path())?;
    let bytes = to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|error| unreadable(&error.into_inner()))?;
    let app = &facade.app;
    if !matches!(operation, Operation::ExchangeBearer(_)) {
        authenticate(facade, &parts, raw_target, &bytes).await?;
        app.spend(quota(&operation))?;
    }
    let members = || body::members(&bytes);
    match operation {
        Operation::CreateIdentity => routes::identities::create::run(app, &members()?).await,
        Operation::DeleteIdentity(id) => routes::identities::delete::run(app, &id).await,
        Operation::IssueAccessToken(id) => routes::identities::issue_access_token::run(app, &id, &members()?).await,
        Operation::RevokeAccessTokens(id) => routes::identities::revoke_access_tokens::run(app, &id).await,
        Operation::ExchangeAccessToken => routes::teams_user::exchange_access_token::run(app, &members()?).await,
        Operation::CreateRoom => routes::rooms::create::run(app, &parts.headers, &members()?).await,
        Operation::ListRooms => routes::rooms::list::run(app, uri).await,
        Operation::GetRoom(id) => routes::rooms::get::run(app, &id).await,
        Operation::UpdateRoom(id) => routes::rooms::update::run(app, &id, &members()?).await,
        Operation::DeleteRoom(id) => routes::rooms::delete::run(app, &id).await,
        Operation::ListRoomParticipants(id) => routes::rooms::list_participants::run(app, &id, uri).await,
        Operation::UpdateRoomParticipants(id) => routes::rooms::update_participants::run(app, &id, &members()?).await,
        Operation::IssueRelayConfiguration => routes::relay::run(app, &members()?).await,
        Operation::ExchangeBearer(exchange) => {
            // The bearer token is a member's; that it is good is found out by exchanging it, and counted there.
            routes::access::run(app, exchange, bearer(&parts).ok_or(Refusal::NoCredential)?).await
        }
    }
}

/// Of which share the operation takes.
fn quota(operation: &Operation) -> Quota {
    match operation {
        Operation::CreateIdentity => Quota::CreateIdentity,
        Operation::DeleteIdentity(_) => Quota::DeleteIdentity,
        Operation::IssueAccessToken(_) => Quota::IssueToken,
        Operation::RevokeAccessTokens(_) => Quota::RevokeTokens,
        Operation::ExchangeAccessToken => Quota::ExchangeToken,
        Operation::ExchangeBearer(_) => Quota::ExchangeBearer,
        Operation::ListRooms | Operation::GetRoom(_) | Operation::ListRoomParticipants(_) => Quota::ReadRooms,
        Operation::CreateRoom | Operation::UpdateRoom(_) | Operation::DeleteRoom(_) | Operation::UpdateRoomParticipants(_) => {
            Quota::WriteRooms
        }
        Operation::IssueRelayConfiguration => Quota::IssueRelay,
    }
}

fn unreadable(error: &axum::BoxError) -> Refusal {
    if error.is::<http_body_util::LengthLimitError>() {
        Refusal::BodyTooLarge
    } else {
        Refusal::MalformedBody("it broke off before its end".to_owned())
    }
}

/// The client's own id of a request, to give it back.
pub(crate) fn client_request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    headers
        .get(CLIENT_REQUEST_ID)
        .filter(|id| id.len() <= MAX_CLIENT_REQUEST_ID)
        .cloned()
}

/// Adds what every answer has.
pub(crate) fn mark(headers: &mut HeaderMap, client_request_id: Option<HeaderValue>) {
    if let Some(id) = client_request_id {
        headers.insert(CLIENT_REQUEST_ID, id);
    }
    let vector = format!("{}.0", STANDARD_NO_PAD.encode(Uuid::new_v4().as_bytes()));
    if let Ok(vector) = HeaderValue::from_str(&vector) {
        headers.insert(CORRELATION, vector);
    }
}

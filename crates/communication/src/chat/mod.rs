//! The chat API: threads, messages, participants, receipts, with a person's own access token.
//!
//! * Owns: paths, verbs, bodies, status codes and pages of `/chat/threads…`.
//! * Not here: who may do what, what is kept and in which order (`app::chat`); real-time events (`realtime`).
//! * `operation`: from a path to an operation. `fields`, `identifier`: reading. `shape`, `page`, `refusal`: answering. `threads`, `messages`,
//!   `participants`, `activity`: one function for each operation.
//! * Invariants, kept by `tests/facade/chat*.rs`: the token is looked at before anything else of the request; a thread that one is not in looks
//!   as if it did not exist; content is given back exactly as it was sent, so whoever shows HTML has to make it safe.

mod activity;
mod fields;
mod identifier;
mod messages;
mod operation;
mod page;
mod participants;
mod refusal;
mod shape;
mod threads;

use app::App;
use app::chat::ChatCaller;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Facade;
use crate::dispatch::{client_request_id, mark};
use operation::Operation;
use page::Page;
use refusal::ChatRefusal;

/// Longest body that is read: 200 participants with names and metadata, or a message of 28 KiB with every character escaped.
pub(crate) const MAX_BODY_BYTES: usize = 256 * 1024;
const VERSIONS: HeaderName = HeaderName::from_static("api-supported-versions");
/// Versions of the API that published clients name; any other is served the same.
const SUPPORTED_VERSIONS: HeaderValue = HeaderValue::from_static("2021-03-07, 2021-09-07, 2023-11-07, 2024-03-07, 2025-03-15");
/// What is escaped in a segment of a path, as the clients do it.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The routes below `/chat`, also behind a doubled slash, except the configuration of real-time events (`realtime`).
pub(crate) fn router() -> Router<Facade> {
    let mut router = Router::new();
    for lead in ["/", "//"] {
        router = router
            .route(&format!("{lead}chat/threads"), any(dispatch))
            .route(&format!("{lead}chat/threads/"), any(dispatch))
            .route(&format!("{lead}chat/threads/{{*rest}}"), any(dispatch));
    }
    router
}

/// One request of a person.
struct Call {
    app: App,
    caller: ChatCaller,
    /// Under which the client reached us, when it is one of ours.
    origin: String,
    uri: Uri,
    body: axum::body::Bytes,
}

impl Call {
    /// What the request asks of a list.
    fn page(&self) -> Result<Page, ChatRefusal> {
        Page::parse(self.uri.query())
    }

    /// The absolute address of the request without its query.
    fn url(&self) -> String {
        format!("{}/{}", self.origin, self.uri.path().trim_start_matches('/'))
    }

    /// The absolute address of a thread.
    fn thread_url(&self, thread_id: &str) -> String {
        format!("{}/chat/threads/{}", self.origin, utf8_percent_encode(thread_id, SEGMENT))
    }
}

async fn dispatch(State(facade): State<Facade>, OriginalUri(uri): OriginalUri, request: Request<Body>) -> Response {
    let client_request_id = client_request_id(request.headers());
    // In a task of its own: a client that hangs up does not stop half way what it asked for, between a commit and what is told of it.
    let answer = tokio::spawn(answer(facade.app, uri, request)).await;
    let mut response = match answer {
        Ok(answer) => answer.unwrap_or_else(IntoResponse::into_response),
        Err(error) => ChatRefusal::fault(&error).into_response(),
    };
    mark(response.headers_mut(), client_request_id);
    response.headers_mut().insert(VERSIONS, SUPPORTED_VERSIONS);
    response
}

async fn answer(app: App, uri: Uri, request: Request<Body>) -> Result<Response, ChatRefusal> {
    let (parts, body) = request.into_parts();
    let operation = Operation::of(&parts.method, uri.path())?;
    let caller = app.chat_caller(bearer(&parts.headers).ok_or(ChatRefusal::NoToken)?).await?;
    let body = to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|error| unreadable(&error.into_inner()))?;
    let call = Call {
        origin: origin(&app, &parts.headers, &parts.uri),
        app,
        caller,
        uri,
        body,
    };
    match operation {
        Operation::CreateThread => threads::create(&call, &parts.headers).await,
        Operation::ListThreads => threads::list(&call).await,
        Operation::GetThread(thread) => threads::get(&call, &thread).await,
        Operation::UpdateThread(thread) => threads::update(&call, &thread).await,
        Operation::DeleteThread(thread) => threads::delete(&call, &thread).await,
        Operation::SendMessage(thread) => messages::send(&call, &thread).await,
        Operation::ListMessages(thread) => messages::list(&call, &thread).await,
        Operation::GetMessage(thread, message) => messages::get(&call, &thread, &message).await,
        Operation::UpdateMessage(thread, message) => messages::update(&call, &thread, &message).await,
        Operation::DeleteMessage(thread, message) => messages::delete(&call, &thread, &message).await,
        Operation::ListParticipants(thread) => participants::list(&call, &thread).await,
        Operation::AddParticipants(thread) => participants::add(&call, &thread).await,
        Operation::RemoveParticipant(thread) => participants::remove(&call, &thread).await,
        Operation::SendTyping(thread) => activity::typing(&call, &thread).await,
        Operation::SendReceipt(thread) => activity::send_receipt(&call, &thread).await,
        Operation::ListReceipts(thread) => activity::list_receipts(&call, &thread).await,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    app::bearer_token(headers.get(header::AUTHORIZATION)?.to_str().ok()?)
}

fn unreadable(error: &axum::BoxError) -> ChatRefusal {
    if error.is::<http_body_util::LengthLimitError>() {
        ChatRefusal::BodyTooLarge
    } else {
        ChatRefusal::MalformedBody("The body broke off before its end".to_owned())
    }
}

/// The origin of ours that the client named; else one over TLS, since most chat clients refuse anything else. What a client says never becomes
/// part of an answer.
fn origin(app: &App, headers: &HeaderMap, uri: &Uri) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| uri.authority().map(http::uri::Authority::as_str))
        .unwrap_or_default();
    let config = app.config();
    let found = config
        .origin_named(host)
        .or_else(|| config.origins().find(|origin| origin.starts_with("https://")));
    found.unwrap_or(&config.public_origin).trim_end_matches('/').to_owned()
}

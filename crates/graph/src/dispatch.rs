//! From a request to its resource and back: find the resource, authenticate, read query and body, carry out, mark the answer.

use app::{App, Caller};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, Request, Uri, header};

pub(crate) use crate::reply::Reply;
use crate::{
    MAX_BODY_BYTES, batch,
    context::Context,
    error::GraphError,
    query::Query,
    resource::Resource,
    routes::{Call, artifacts, calendar, online_meetings, subscriptions, users},
};

/// Answers one request.
pub(crate) async fn dispatch(State(app): State<App>, OriginalUri(uri): OriginalUri, request: Request<Body>) -> Response {
    let context = Context::of(request.headers(), origin(&app, request.headers(), &uri), app.now());
    let mut response = match serve(&app, &context, &uri, request).await {
        Ok(reply) => reply.into_response(),
        Err(refusal) => refusal.respond(&context),
    };
    context.mark(response.headers_mut());
    response
}

async fn serve(app: &App, context: &Context, uri: &Uri, request: Request<Body>) -> Result<Reply, GraphError> {
    let resource = Resource::of(uri.path()).ok_or(GraphError::NoSuchPath)?;
    let (parts, body) = request.into_parts();
    let caller = authenticate(app, &parts.headers).await?;
    let query = Query::parse(uri.query())?;
    let body = read(body).await?;
    let call = Call {
        app,
        context,
        caller: &caller,
        query: &query,
        body: &body,
    };
    match resource {
        Resource::Batch => batch::run(&call, &parts.method).await,
        resource => carry_out(&call, parts.method, &resource).await,
    }
}

/// Carries out an authenticated call, alone or as a part of a batch.
pub(crate) async fn carry_out(call: &Call<'_>, method: Method, resource: &Resource) -> Result<Reply, GraphError> {
    let method = if method == Method::HEAD { Method::GET } else { method };
    match (method, resource) {
        (Method::GET, Resource::Members) => users::list::run(call).await,
        (Method::GET, Resource::MemberCount) => users::list::count(call).await,
        (Method::GET, Resource::Member(owner)) => users::get::run(call, owner).await,
        (Method::GET, Resource::OnlineMeetings(owner)) => online_meetings::list::run(call, owner).await,
        (Method::GET, Resource::OnlineMeetingCount(owner)) => online_meetings::list::count(call, owner).await,
        (Method::POST, Resource::OnlineMeetings(owner)) => online_meetings::create::run(call, owner).await,
        (Method::POST, Resource::CreateOrGet(owner)) => online_meetings::create_or_get::run(call, owner).await,
        (Method::GET, Resource::OnlineMeeting(owner, id)) => online_meetings::get::run(call, owner, id).await,
        (Method::PATCH, Resource::OnlineMeeting(owner, id)) => online_meetings::update::run(call, owner, id).await,
        (Method::DELETE, Resource::OnlineMeeting(owner, id)) => online_meetings::delete::run(call, owner, id).await,
        (Method::GET, Resource::OnlineMeetingPart(owner, id, part)) => artifacts::serve(call, owner, id, part).await,
        (Method::GET, Resource::AllMedia(owner, kind)) => artifacts::all(call, owner, *kind).await,
        (Method::GET, Resource::MeetingsByTeleconference) => online_meetings::by_teleconference::run(call).await,
        (method, Resource::Calendar(owner, rest)) => calendar::serve(call, &method, owner, rest).await,
        (method, Resource::Subscriptions(rest)) => subscriptions::serve(call, &method, rest).await,
        (_, resource) => Err(GraphError::MethodNotAllowed { allow: resource.allow() }),
    }
}

/// The caller of whom the headers carry a token.
pub(crate) async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller, GraphError> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(app::bearer_token)
        .ok_or_else(|| GraphError::Unauthenticated("An access token for this API is needed: Authorization: Bearer ...".to_owned()))?;
    app.verify_bearer(token).await.map_err(GraphError::of_token)
}

/// The origin that the client used when it is one of ours, else the canonical one: what a client says never becomes part of an answer.
fn origin(app: &App, headers: &HeaderMap, uri: &Uri) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| uri.authority().map(|authority| authority.as_str()));
    let config = app.config();
    let named = host.and_then(|host| config.origin_named(host));
    named.unwrap_or(&config.public_origin).trim_end_matches('/').to_owned()
}

async fn read(body: Body) -> Result<Bytes, GraphError> {
    to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|error| unreadable(&error.into_inner()))
}

fn unreadable(error: &axum::BoxError) -> GraphError {
    if error.is::<http_body_util::LengthLimitError>() {
        GraphError::BodyTooLarge
    } else {
        GraphError::BadRequest("The body broke off before its end".to_owned())
    }
}

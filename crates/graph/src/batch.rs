//! `POST /$batch`: several requests in one, each with its own headers, rights, status and error.
//!
//! Rules: at most [`MAX_REQUESTS`]; ids differ (letter case ignored); an address may be relative, begin with the version, or be absolute under
//! an origin of this server; a request whose dependencies failed is not tried (424). They are carried out one after the other, dependencies
//! first. Once the answers have [`MAX_ANSWER_BYTES`], the rest is not tried (413). What cannot be read as a batch is refused as a whole and nothing is done.
//! Not here: what one request does (`dispatch::carry_out`).

mod item;
mod plan;

use std::collections::HashSet;

use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    dispatch::{Reply, authenticate, carry_out},
    error::GraphError,
    query::Query,
    reply::Content,
    resource::Resource,
    routes::{Call, json_bytes},
};
use item::Item;

/// More requests than this are refused with the whole batch.
const MAX_REQUESTS: usize = 20;

/// With answers of this many bytes, the remaining requests are refused without being tried, so that nothing is done of which the answer would be
/// lost. The last answer may go beyond it by as much as one page has.
const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// Carries out the batch.
pub(crate) async fn run(call: &Call<'_>, method: &Method) -> Result<Reply, GraphError> {
    if method != Method::POST {
        return Err(GraphError::MethodNotAllowed {
            allow: Resource::Batch.allow(),
        });
    }
    let items = plan::in_order(read(call.body)?)?;
    let mut failed: HashSet<String> = HashSet::new();
    let mut answers = Vec::with_capacity(items.len());
    let mut bytes = 0_usize;
    for item in &items {
        let answer = if item.depends_on.iter().any(|id| failed.contains(id)) {
            refusal(call, item, &GraphError::FailedDependency)
        } else if bytes >= MAX_ANSWER_BYTES {
            refusal(call, item, &GraphError::BatchFull)
        } else {
            one(call, item).await
        };
        if answer.get("status").and_then(Value::as_u64).is_none_or(|status| status >= 400) {
            failed.insert(item.key());
        }
        bytes = bytes.saturating_add(json_bytes(&answer));
        answers.push(Value::Object(answer));
    }
    let mut body = Map::new();
    body.insert("responses".to_owned(), Value::Array(answers));
    Ok(Reply::ok(body))
}

fn read(body: &[u8]) -> Result<Vec<Item>, GraphError> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| GraphError::BadRequest(format!("The body must be one JSON object; reading it failed: {error}")))?;
    let requests = value.get("requests").and_then(Value::as_array);
    match requests {
        Some(requests) if (1..=MAX_REQUESTS).contains(&requests.len()) => requests.iter().map(Item::read).collect(),
        _ => Err(GraphError::invalid(
            "requests",
            format!("requests must be a list of 1 to {MAX_REQUESTS} requests"),
        )),
    }
}

async fn one(call: &Call<'_>, item: &Item) -> Map<String, Value> {
    match attempt(call, item).await {
        Ok(reply) => answered(item, reply),
        Err(error) => refusal(call, item, &error),
    }
}

async fn attempt(call: &Call<'_>, item: &Item) -> Result<Reply, GraphError> {
    let (path, query) = item.target(call.app.config().origins())?;
    let resource = Resource::of(&path).ok_or(GraphError::NoSuchPath)?;
    let context = call.context.of_part(&item.headers);
    let query = Query::parse(query.as_deref())?;
    // A request may bring a token of its own; it is checked like any other.
    let own = if item.headers.contains_key(http::header::AUTHORIZATION) {
        Some(authenticate(call.app, &item.headers).await?)
    } else {
        None
    };
    let part = Call {
        app: call.app,
        context: &context,
        caller: own.as_ref().unwrap_or(call.caller),
        query: &query,
        body: &item.body,
    };
    carry_out(&part, item.method.clone(), &resource).await
}

fn answered(item: &Item, reply: Reply) -> Map<String, Value> {
    let (media_type, body) = match reply.content {
        Content::Nothing => (None, Value::Null),
        Content::Object(body) => (Some("application/json"), Value::Object(body)),
        Content::Text(media_type, text) => (Some(media_type), Value::String(text)),
    };
    let mut headers = Map::new();
    headers.insert("OData-Version".to_owned(), "4.0".into());
    headers.insert("Cache-Control".to_owned(), "private".into());
    if let Some(media_type) = media_type {
        headers.insert("Content-Type".to_owned(), media_type.into());
    }
    if let Some(location) = reply.location {
        headers.insert("Location".to_owned(), location.into());
    }
    described(item, reply.status.as_u16(), headers, body)
}

fn refusal(call: &Call<'_>, item: &Item, error: &GraphError) -> Map<String, Value> {
    let context = call.context.of_part(&item.headers);
    let mut headers = Map::new();
    headers.insert("Content-Type".to_owned(), "application/json".into());
    for (name, value) in &error.headers(&context) {
        headers.insert(name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into());
    }
    described(item, error.status().as_u16(), headers, error.body(&context))
}

fn described(item: &Item, status: u16, headers: Map<String, Value>, body: Value) -> Map<String, Value> {
    let mut answer = Map::new();
    answer.insert("id".to_owned(), item.id.as_str().into());
    answer.insert("status".to_owned(), status.into());
    answer.insert("headers".to_owned(), Value::Object(headers));
    if !body.is_null() {
        answer.insert("body".to_owned(), body);
    } else if status != 204 {
        answer.insert("body".to_owned(), json!({}));
    }
    answer
}

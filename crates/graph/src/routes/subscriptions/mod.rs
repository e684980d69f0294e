//! Subscriptions to change notifications.
//!
//! Owns the paths, the properties ([`input`], [`render`]), the spellings of what can be watched ([`watched`]), and how notifications are written
//! ([`notification`]). Not here: who may watch what for how long, and telling them (`app::notify`).

mod create;
mod input;
mod list;
mod notification;
mod render;
mod renew;
mod watched;

use app::{AppError, notify::SubscribeError};
use http::Method;

pub use notification::NotificationWriter;

use crate::{dispatch::Reply, error::GraphError, routes::Call};

/// The fragment of `@odata.context` that describes subscriptions.
const MANY: &str = "subscriptions";
const ONE: &str = "subscriptions/$entity";

/// Answers a request below `subscriptions`; `rest` is what follows.
pub(crate) async fn serve(call: &Call<'_>, method: &Method, rest: &[String]) -> Result<Reply, GraphError> {
    match (method, rest) {
        (&Method::GET, []) => list::run(call).await,
        (&Method::POST, []) => create::run(call).await,
        (_, []) => Err(GraphError::MethodNotAllowed { allow: "GET, POST" }),
        // Web push: it would go through the push services of browser makers.
        (_, [function]) if function.trim_end_matches("()").eq_ignore_ascii_case("getVapidPublicKey") => Err(GraphError::NoSuchPath),
        (&Method::GET, [id]) => {
            let found = call.app.subscription(call.caller, id).await.map_err(refused)?;
            Ok(Reply::ok(call.described(ONE, render::subscription(&found))))
        }
        (&Method::PATCH, [id]) => renew::run(call, id).await,
        (&Method::DELETE, [id]) => {
            call.app.unsubscribe(call.caller, id).await.map_err(refused)?;
            Ok(Reply::no_content())
        }
        (_, [_]) => Err(GraphError::MethodNotAllowed {
            allow: "GET, PATCH, DELETE",
        }),
        (&Method::POST, [id, action]) if is_reauthorize(action) => {
            call.app.renew_subscription(call.caller, id, None).await.map_err(refused)?;
            Ok(Reply::no_content())
        }
        (_, [_, action]) if is_reauthorize(action) => Err(GraphError::MethodNotAllowed { allow: "POST" }),
        _ => Err(GraphError::NoSuchPath),
    }
}

fn is_reauthorize(segment: &str) -> bool {
    let bare = segment.strip_suffix("()").unwrap_or(segment);
    bare.strip_prefix("microsoft.graph.")
        .unwrap_or(bare)
        .eq_ignore_ascii_case("reauthorize")
}

/// A refusal of a use case on subscriptions.
fn refused(error: AppError) -> GraphError {
    let missing = match &error {
        AppError::NotFound { what: "meeting" } => GraphError::MeetingNotFound,
        _ => GraphError::SubscriptionNotFound,
    };
    GraphError::of(error, missing)
}

fn not_subscribed(error: SubscribeError) -> GraphError {
    match error {
        SubscribeError::App(error) => refused(error),
        SubscribeError::Exists { .. } => GraphError::SubscriptionExists(error.to_string()),
        SubscribeError::Busy { retry_after_s } => GraphError::Busy { retry_after_s },
    }
}

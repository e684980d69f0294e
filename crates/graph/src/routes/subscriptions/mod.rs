//! Subscriptions to change notifications.

use http::Method;

use crate::{dispatch::Reply, error::GraphError, routes::Call};

/// Answers a request below `subscriptions`; `rest` is what follows.
pub(crate) async fn serve(_call: &Call<'_>, _method: &Method, _rest: &[String]) -> Result<Reply, GraphError> {
    Err(GraphError::NoSuchPath)
}

//! `GET /subscriptions`: the application's own, page by page.

use serde_json::Value;

use super::{MANY, refused, render};
use crate::{dispatch::Reply, error::GraphError, routes::Call};

/// Page size when the caller names none.
const DEFAULT_PAGE: usize = 100;

pub(crate) async fn run(call: &Call<'_>) -> Result<Reply, GraphError> {
    let size = call.query.top.unwrap_or(DEFAULT_PAGE);
    let skip = u32::try_from(call.query.skip).unwrap_or(u32::MAX);
    // One more than is shown tells whether there is a next page.
    let top = u32::try_from(size.saturating_add(1)).unwrap_or(u32::MAX);
    let found = call.app.subscriptions(call.caller, skip, top).await.map_err(refused)?;
    let items: Vec<_> = found.iter().take(size).map(render::subscription).collect();
    let mut body = call.listed(MANY, items.len(), items);
    if found.len() > size {
        let query = call.query.after(size, call.query.skip.saturating_add(size));
        body.insert(
            "@odata.nextLink".to_owned(),
            Value::String(format!("{}/subscriptions?{query}", call.context.base())),
        );
    }
    Ok(Reply::ok(body))
}

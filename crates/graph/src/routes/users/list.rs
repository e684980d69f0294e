//! `GET /users`.

use crate::{dispatch::Reply, error::GraphError, routes::Call, shape::member};

pub(crate) async fn run(call: &Call<'_>) -> Result<Reply, GraphError> {
    if call.query.filter.is_some() {
        return Err(GraphError::invalid(
            "$filter",
            "$filter is not answered for members; read one with /users/{id or user principal name}",
        ));
    }
    let members = call
        .app
        .members(call.caller)
        .await
        .map_err(|error| GraphError::of(error, GraphError::MemberNotFound))?;
    let page = members
        .iter()
        .skip(call.query.skip)
        .take(call.query.page())
        .map(|found| member::render(found, call.query))
        .collect();
    Ok(Reply::ok(call.listed(&member::context(call.query, false), members.len(), page)))
}

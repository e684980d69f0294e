//! `GET /users`, `GET /users/$count`: the directory, filtered, searched, ordered, page by page.

use app::model::Member;
use serde_json::Value;

use super::{order, search::Search};
use crate::{dispatch::Reply, error::GraphError, filter::Expression, routes::Call, shape::member};

pub(crate) async fn run(call: &Call<'_>) -> Result<Reply, GraphError> {
    let mut found = found(call).await?;
    order::sort(&mut found, &call.query.orderby)?;
    let show = |person: &Member| member::render(person, call.query, call.app.sees_full_profile(call.caller, person));
    Ok(Reply::ok(call.paged("users", &member::context(call.query, false), &found, show)))
}

/// The bare number; as the published API it asks for `ConsistencyLevel: eventual`.
pub(crate) async fn count(call: &Call<'_>) -> Result<Reply, GraphError> {
    if !call.context.eventual {
        return Err(needs_consistency("/users/$count"));
    }
    Ok(Reply::number(found(call).await?.len()))
}

/// The members that filter and search let through.
async fn found(call: &Call<'_>) -> Result<Vec<Member>, GraphError> {
    let filter = call.query.filter.as_deref().map(Expression::parse).transpose()?;
    let search = call.query.search.as_deref().map(Search::parse).transpose()?;
    if search.is_some() && !call.context.eventual {
        return Err(needs_consistency("$search"));
    }
    let mut members = call
        .app
        .members(call.caller)
        .await
        .map_err(|error| GraphError::of(error, GraphError::MemberNotFound))?;
    if let Some(filter) = filter {
        let full = members.iter().all(|person| call.app.sees_full_profile(call.caller, person));
        filter.check(if full { member::FILTERED } else { member::BASIC })?;
        members.retain(|person| filter.holds(&|name| property(person, name)));
    }
    if let Some(search) = search {
        members.retain(|person| search.finds(&|name| property(person, name)));
    }
    Ok(members)
}

/// A property by its name in any letter case.
fn property(person: &Member, name: &str) -> Value {
    member::FILTERED
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .map_or(Value::Null, |known| member::value(person, known))
}

fn needs_consistency(what: &str) -> GraphError {
    GraphError::invalid("ConsistencyLevel", format!("{what} needs the header ConsistencyLevel: eventual"))
}

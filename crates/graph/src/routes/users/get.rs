//! `GET /me`, `GET /users/{id or user principal name}`.

use app::Caller;

use crate::{
    dispatch::Reply,
    error::GraphError,
    resource::Owner,
    routes::{Call, me_needs_a_member},
    shape::member,
};

pub(crate) async fn run(call: &Call<'_>, owner: &Owner) -> Result<Reply, GraphError> {
    let found = match (owner, call.caller) {
        (Owner::Me, Caller::Application { .. }) => return Err(me_needs_a_member()),
        (Owner::Me, Caller::Member { .. }) => call.app.me(call.caller).await,
        (Owner::Member(key), _) => call.app.member(call.caller, key).await,
    };
    let found = found.map_err(|error| GraphError::of(error, GraphError::MemberNotFound))?;
    let full = call.app.sees_full_profile(call.caller, &found);
    Ok(Reply::ok(call.described(
        &member::context(call.query, true),
        member::render(&found, call.query, full),
    )))
}

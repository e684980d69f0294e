//! `GET …/onlineMeetings/{id}`: one meeting, by its organizer or somebody invited.

use super::{context, nothing_ignored, refused, show};
use crate::{dispatch::Reply, error::GraphError, resource::Owner, routes::Call};

pub(crate) async fn run(call: &Call<'_>, owner: &Owner, id: &str) -> Result<Reply, GraphError> {
    nothing_ignored(call)?;
    let user_id = call.owner_id(owner).await?;
    let meeting = call.app.meeting(call.caller, &user_id, id).await.map_err(refused)?;
    Ok(Reply::ok(call.described(&context(&user_id, true), show(call, &meeting).await?)))
}

//! `POST …/onlineMeetings/createOrGet`: the meeting with the caller's own id, scheduled when there is none yet.

use super::{context, draft, refused, show};
use crate::{dispatch::Reply, error::GraphError, resource::Owner, routes::Call, shape::input::MeetingInput};

pub(crate) async fn run(call: &Call<'_>, owner: &Owner) -> Result<Reply, GraphError> {
    let organizer_id = call.owner_id(owner).await?;
    let input = MeetingInput::parse(call.body)?;
    input.check_organizer(call.caller, &organizer_id)?;
    let external_id = input
        .external_id
        .clone()
        .ok_or_else(|| GraphError::invalid("externalId", "externalId is required"))?;
    let (meeting, new) = call
        .app
        .create_or_get(call.caller, &organizer_id, &external_id, draft(input))
        .await
        .map_err(refused)?;
    let body = call.described(&context(&organizer_id, true), show(call, &meeting).await?);
    Ok(if new { Reply::created(body) } else { Reply::ok(body) })
}

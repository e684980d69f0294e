//! `POST …/onlineMeetings`: schedule a meeting.

use super::{context, draft, refused, show};
use crate::{dispatch::Reply, error::GraphError, resource::Owner, routes::Call, shape::input::MeetingInput};

pub(crate) async fn run(call: &Call<'_>, owner: &Owner) -> Result<Reply, GraphError> {
    let organizer_id = call.owner_id(owner).await?;
    let input = MeetingInput::parse(call.body)?;
    let meeting = call.app.schedule(call.caller, &organizer_id, draft(input)).await.map_err(refused)?;
    Ok(Reply::created(call.described(&context(&organizer_id, true), show(call, &meeting)?)))
}

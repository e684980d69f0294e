//! `POST …/onlineMeetings`: schedule a meeting.

use app::links;

use super::{context, draft, refused, show};
use crate::{dispatch::Reply, error::GraphError, resource::Owner, routes::Call, shape::input::MeetingInput};

pub(crate) async fn run(call: &Call<'_>, owner: &Owner) -> Result<Reply, GraphError> {
    let organizer_id = call.owner_id(owner).await?;
    let input = MeetingInput::parse(call.body)?;
    input.check_organizer(call.caller, &organizer_id)?;
    let meeting = call.app.schedule(call.caller, &organizer_id, draft(input)).await.map_err(refused)?;
    let id = links::graph_id(&organizer_id, &meeting.thread_id);
    let address = format!("{}/users('{organizer_id}')/onlineMeetings('{id}')", call.context.base());
    let body = call.described(&context(&organizer_id, true), show(call, &meeting).await?);
    Ok(Reply::created(body).at(address))
}

//! `DELETE …/onlineMeetings/{id}`.

use super::refused;
use crate::{dispatch::Reply, error::GraphError, resource::Owner, routes::Call};

pub(crate) async fn run(call: &Call<'_>, owner: &Owner, id: &str) -> Result<Reply, GraphError> {
    let organizer_id = call.owner_id(owner).await?;
    call.app.delete_meeting(call.caller, &organizer_id, id).await.map_err(refused)?;
    Ok(Reply::no_content())
}

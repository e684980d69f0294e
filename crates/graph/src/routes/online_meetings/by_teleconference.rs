//! `GET /communications/onlineMeetings?$filter=VideoTeleconferenceId eq '…'`: the meeting that a conference system dials. For applications.

use super::{
    filter::{Filter, unsupported},
    refused, show_all,
};
use crate::{dispatch::Reply, error::GraphError, routes::Call};

pub(crate) async fn run(call: &Call<'_>) -> Result<Reply, GraphError> {
    let filter = call.query.filter.as_deref().and_then(Filter::parse);
    let Some(Filter::Teleconference(id)) = filter else {
        return Err(unsupported("VideoTeleconferenceId eq '...'"));
    };
    let found = call.app.find_by_teleconference_id(call.caller, &id).await.map_err(refused)?;
    let items = show_all(call, found.as_slice()).await?;
    Ok(Reply::ok(call.listed("communications/onlineMeetings", items.len(), items)))
}

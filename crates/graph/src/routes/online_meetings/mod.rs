//! Online meetings of one organizer.

pub(crate) mod create;
pub(crate) mod create_or_get;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use app::{AppError, Caller, links, model::OnlineMeeting};
use serde_json::{Map, Value};

use crate::{
    error::GraphError,
    routes::Call,
    shape::online_meeting::{Surroundings, render},
};

/// A refusal of a use case on meetings.
pub(crate) fn refused(error: AppError) -> GraphError {
    GraphError::of(error, GraphError::MeetingNotFound)
}

/// The fragment of `@odata.context` that describes meetings.
pub(crate) fn context(owner_id: &str, single: bool) -> String {
    format!("users('{owner_id}')/onlineMeetings{}", if single { "/$entity" } else { "" })
}

/// The object of a meeting, as far as it was selected.
pub(crate) fn show(call: &Call<'_>, meeting: &OnlineMeeting) -> Result<Map<String, Value>, GraphError> {
    let tenant = call.app.tenant().map_err(refused)?;
    let organizer = match call.caller {
        Caller::Member { member, .. } if member.id == meeting.organizer_id => Some(member),
        Caller::Member { .. } | Caller::Application { .. } => None,
    };
    let coordinates = links::Coordinates {
        thread_id: meeting.thread_id.clone(),
        organizer_id: meeting.organizer_id.clone(),
        tenant_id: tenant.id.clone(),
        message_id: "0".to_owned(),
    };
    let origin = &call.app.config().public_origin;
    let surroundings = Surroundings {
        tenant_id: &tenant.id,
        organizer,
        policy: &tenant.policy,
        id: &links::graph_id(&meeting.organizer_id, &meeting.thread_id),
        join_url: &links::join_url(origin, &coordinates),
        options_url: &links::options_url(origin, &coordinates),
        evolved_enums: call.context.evolved_enums,
    };
    let mut object = render(meeting, &surroundings);
    object.retain(|name, _| call.query.selects(name));
    Ok(object)
}

//! Online meetings of one organizer.

pub(crate) mod create;
pub(crate) mod create_or_get;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use app::{AppError, Caller, MeetingDraft, links, model::OnlineMeeting};
use meeting::MeetingOptions;
use serde_json::{Map, Value};

use crate::{
    error::GraphError,
    routes::Call,
    shape::{
        input::MeetingInput,
        online_meeting::{Surroundings, render},
    },
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
    let surroundings = Surroundings {
        tenant_id: &tenant.id,
        organizer,
        policy: &tenant.policy,
        id: &links::graph_id(&meeting.organizer_id, &meeting.thread_id),
        join_url: &call.app.join_url(meeting).map_err(refused)?,
        options_url: &call.app.options_url(meeting).map_err(refused)?,
        evolved_enums: call.context.evolved_enums,
    };
    let mut object = render(meeting, &surroundings);
    object.retain(|name, _| call.query.selects(name));
    Ok(object)
}

/// A meeting to schedule, as the client wants it.
pub(crate) fn draft(input: MeetingInput) -> MeetingDraft {
    let mut options = MeetingOptions::default();
    input.apply_to(&mut options);
    MeetingDraft {
        subject: input.subject.flatten(),
        start: input.start,
        end: input.end,
        options,
        invitees: input.attendees.unwrap_or_default(),
        passcode_required: input.passcode_required,
        extra: input.kept,
    }
}

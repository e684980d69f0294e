//! Online meetings of one organizer.

pub(crate) mod by_teleconference;
pub(crate) mod create;
pub(crate) mod create_or_get;
pub(crate) mod delete;
pub(crate) mod filter;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use app::{
    AppError, MeetingDraft, links,
    model::{Member, OnlineMeeting},
};
use meeting::MeetingOptions;
use serde_json::{Map, Value};

use crate::{
    error::GraphError,
    routes::Call,
    shape::{
        input::MeetingInput,
        invitation::Language,
        online_meeting::{Surroundings, render},
    },
};

/// A refusal of a use case on meetings.
pub(crate) fn refused(error: AppError) -> GraphError {
    GraphError::of(error, GraphError::MeetingNotFound)
}

/// Refuses what would change the answer and is not done here; an answer to another question would be worse than none.
pub(crate) fn nothing_ignored(call: &Call<'_>) -> Result<(), GraphError> {
    if call.query.search.is_some() {
        return Err(GraphError::invalid("$search", "Meetings are not searched; use $filter"));
    }
    if !call.query.expand.is_empty() {
        return Err(GraphError::invalid(
            "$expand",
            "Nothing is expanded in a meeting; ask for its attendanceReports by themselves",
        ));
    }
    Ok(())
}

/// The fragment of `@odata.context` that describes meetings.
pub(crate) fn context(owner_id: &str, single: bool) -> String {
    format!("users('{owner_id}')/onlineMeetings{}", if single { "/$entity" } else { "" })
}

/// The object of a meeting, as far as it was selected.
pub(crate) async fn show(call: &Call<'_>, meeting: &OnlineMeeting) -> Result<Map<String, Value>, GraphError> {
    let organizer = call.app.organizer_of(meeting).await.map_err(refused)?;
    shown(call, meeting, organizer.as_ref())
}

/// The objects of several meetings.
pub(crate) async fn show_all(call: &Call<'_>, meetings: &[OnlineMeeting]) -> Result<Vec<Map<String, Value>>, GraphError> {
    let mut organizer: Option<Member> = None;
    let mut objects = Vec::with_capacity(meetings.len());
    for meeting in meetings {
        if organizer.as_ref().is_none_or(|known| known.id != meeting.organizer_id) {
            organizer = call.app.organizer_of(meeting).await.map_err(refused)?;
        }
        objects.push(shown(call, meeting, organizer.as_ref())?);
    }
    Ok(objects)
}

fn shown(call: &Call<'_>, meeting: &OnlineMeeting, organizer: Option<&Member>) -> Result<Map<String, Value>, GraphError> {
    let tenant = call.app.tenant().map_err(refused)?;
    let surroundings = Surroundings {
        tenant_id: &tenant.id,
        organizer,
        policy: &tenant.policy,
        id: &links::graph_id(&meeting.organizer_id, &meeting.thread_id),
        join_url: &call.app.join_url(meeting).map_err(refused)?,
        options_url: &call.app.options_url(meeting).map_err(refused)?,
        evolved_enums: call.context.evolved_enums,
        language: Language::accepted(call.context.accept_language.as_deref()),
    };
    Ok(call.selected(render(meeting, &surroundings), &[]))
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

//! `PATCH …/onlineMeetings/{id}`: change what is named, leave the rest.

use app::MeetingPatch;
use serde_json::Value;

use super::{context, refused, show};
use crate::{dispatch::Reply, error::GraphError, resource::Owner, routes::Call, shape::input::MeetingInput};

/// A list that grows only: once names are hidden, they stay hidden.
const ADD_ONLY: &str = "anonymizeIdentityForRoles";

pub(crate) async fn run(call: &Call<'_>, owner: &Owner, id: &str) -> Result<Reply, GraphError> {
    let organizer_id = call.owner_id(owner).await?;
    let mut input = MeetingInput::parse(call.body)?;
    input.check_organizer(call.caller, &organizer_id)?;
    let fewer = |roles: Option<&Value>| roles.is_some_and(|roles| roles.as_array().is_none_or(Vec::is_empty));
    let wanted = input.passcode_required.take();
    if wanted.is_some() || fewer(input.kept.get(ADD_ONLY)) {
        let current = call.app.meeting(call.caller, &organizer_id, id).await.map_err(refused)?;
        if wanted.is_some_and(|wanted| current.passcode.is_some() != wanted) {
            return Err(GraphError::invalid(
                "joinMeetingIdSettings",
                "joinMeetingIdSettings cannot be changed after the meeting was scheduled; delete it and schedule another",
            ));
        }
        if fewer(input.kept.get(ADD_ONLY)) && !fewer(Some(current.extra.get(ADD_ONLY).unwrap_or(&Value::Null))) {
            return Err(GraphError::invalid(
                ADD_ONLY,
                format!("{ADD_ONLY} can only grow: once names are hidden, they stay hidden"),
            ));
        }
    }
    let patch = MeetingPatch {
        subject: input.subject.take(),
        start: input.start,
        end: input.end,
        invitees: input.attendees.take(),
        extra: std::mem::take(&mut input.kept),
        edit_options: Some(Box::new(move |options| input.apply_to(options))),
    };
    let meeting = call
        .app
        .update_meeting(call.caller, &organizer_id, id, patch)
        .await
        .map_err(refused)?;
    Ok(Reply::ok(
        call.described(&context(&organizer_id, true), show(call, &meeting).await?),
    ))
}

//! Who may do what to which meeting.

use crate::model::{InviteeRole, Member, OnlineMeeting};
use crate::permissions::{MEETINGS_READ, MEETINGS_READ_ALL, MEETINGS_READ_WRITE, MEETINGS_READ_WRITE_ALL, require};
use crate::tokens::Caller;
use crate::{App, AppError};

/// May read meetings at all.
pub(super) fn require_read(caller: &Caller) -> Result<(), AppError> {
    require(
        caller,
        &[MEETINGS_READ, MEETINGS_READ_WRITE],
        &[MEETINGS_READ_ALL, MEETINGS_READ_WRITE_ALL],
    )
}

/// May read everything of this organizer.
pub(super) async fn require_read_as(app: &App, caller: &Caller, organizer_id: &str) -> Result<(), AppError> {
    require_read(caller)?;
    require_own(app, caller, organizer_id).await
}

/// May write for this organizer.
pub(super) async fn require_write_as(app: &App, caller: &Caller, organizer_id: &str) -> Result<(), AppError> {
    require(caller, &[MEETINGS_READ_WRITE], &[MEETINGS_READ_WRITE_ALL])?;
    require_own(app, caller, organizer_id).await
}

/// A member reaches the own meetings; an application those of organizers that an application access policy gives it.
pub(super) async fn require_own(app: &App, caller: &Caller, organizer_id: &str) -> Result<(), AppError> {
    match caller {
        Caller::Member { member, .. } if member.id != organizer_id => Err(AppError::forbidden(
            "a member reaches the own meetings only; an invited member may read a meeting by its id",
        )),
        Caller::Member { .. } => Ok(()),
        Caller::Application { .. } => app.require_application_access(caller, organizer_id).await,
    }
}

/// Whether the member helps to organize the meeting.
pub(super) fn is_co_organizer(meeting: &OnlineMeeting, member_id: &str) -> bool {
    meeting
        .invitees
        .iter()
        .any(|invitee| invitee.role == InviteeRole::Coorganizer && invitee.member_id.as_deref() == Some(member_id))
}

/// Whether the member is invited.
pub(super) fn is_invited(meeting: &OnlineMeeting, member: &Member) -> bool {
    meeting.invitees.iter().any(|invitee| {
        invitee.member_id.as_deref() == Some(member.id.as_str())
            || invitee
                .upn
                .as_deref()
                .is_some_and(|upn| upn.eq_ignore_ascii_case(&member.user_principal_name))
    })
}

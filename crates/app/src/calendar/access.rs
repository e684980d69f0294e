//! Who may do what to whose calendar. The permission alone decides: application access policies are about online meetings, not calendars.

use crate::App;
use crate::error::AppError;
use crate::model::Member;
use crate::permissions::{CALENDARS_READ, CALENDARS_READ_WRITE, require};
use crate::tokens::Caller;

const OWN_ONLY: &str = "a member reaches the own calendar only";

/// May read this calendar.
pub(super) fn require_read(caller: &Caller, owner_id: &str) -> Result<(), AppError> {
    require(
        caller,
        &[CALENDARS_READ, CALENDARS_READ_WRITE],
        &[CALENDARS_READ, CALENDARS_READ_WRITE],
    )?;
    require_own(caller, owner_id)
}

/// May write to this calendar.
pub(super) fn require_write(caller: &Caller, owner_id: &str) -> Result<(), AppError> {
    require(caller, &[CALENDARS_READ_WRITE], &[CALENDARS_READ_WRITE])?;
    require_own(caller, owner_id)
}

fn require_own(caller: &Caller, owner_id: &str) -> Result<(), AppError> {
    match caller {
        Caller::Member { member, .. } if member.id != owner_id => Err(AppError::forbidden(OWN_ONLY)),
        Caller::Member { .. } | Caller::Application { .. } => Ok(()),
    }
}

impl App {
    /// The member to whose calendar a path leads: `users/{id or sign-in name}`, or the signed-in one (`None`). What the caller may do there is
    /// checked by the use case that follows.
    ///
    /// # Errors
    /// `Forbidden` without a permission on calendars, and for a member who asks for somebody else's, so that nobody can probe the directory;
    /// `NotFound`.
    pub async fn calendar_owner(&self, caller: &Caller, id_or_upn: Option<&str>) -> Result<Member, AppError> {
        require(
            caller,
            &[CALENDARS_READ, CALENDARS_READ_WRITE],
            &[CALENDARS_READ, CALENDARS_READ_WRITE],
        )?;
        let own = |member: &Member, key: &str| member.id.eq_ignore_ascii_case(key) || member.user_principal_name.eq_ignore_ascii_case(key);
        match (caller, id_or_upn) {
            (Caller::Member { member, .. }, None) => Ok(member.clone()),
            (Caller::Member { member, .. }, Some(key)) if own(member, key) => Ok(member.clone()),
            (Caller::Member { .. }, Some(_)) => Err(AppError::forbidden(OWN_ONLY)),
            (Caller::Application { .. }, Some(key)) => self.find_member(key).await?.ok_or(AppError::NotFound { what: "member" }),
            (Caller::Application { .. }, None) => Err(AppError::forbidden("/me needs a signed-in member")),
        }
    }
}

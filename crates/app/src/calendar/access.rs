//! Who may do what to whose calendar. The permission alone decides: application access policies are about online meetings, not calendars.

use crate::App;
use crate::error::AppError;
use crate::permissions::{CALENDARS_READ, CALENDARS_READ_WRITE, require};
use crate::tokens::Caller;

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
        Caller::Member { member, .. } if member.id != owner_id => Err(AppError::forbidden("a member reaches the own calendar only")),
        Caller::Member { .. } | Caller::Application { .. } => Ok(()),
    }
}

impl App {
    /// The object id behind `users/{id or sign-in name}` in a path to a calendar.
    ///
    /// # Errors
    /// `Forbidden` without a permission on calendars, so that nobody can probe the directory; `NotFound`.
    pub async fn calendar_owner_id(&self, caller: &Caller, id_or_upn: &str) -> Result<String, AppError> {
        require(
            caller,
            &[CALENDARS_READ, CALENDARS_READ_WRITE],
            &[CALENDARS_READ, CALENDARS_READ_WRITE],
        )?;
        let member = self.find_member(id_or_upn).await?;
        Ok(member.ok_or(AppError::NotFound { what: "member" })?.id)
    }
}

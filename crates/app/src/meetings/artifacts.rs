//! What belongs to a meeting besides its own properties, for its organizers: who may see it, and the link for appointments.

use super::MEETING;
use super::access::{is_co_organizer, require_own};
use crate::App;
use crate::error::AppError;
use crate::model::OnlineMeeting;
use crate::permissions::{RECORDINGS_READ_ALL, TRANSCRIPTS_READ_ALL, VIRTUAL_APPOINTMENT, VIRTUAL_APPOINTMENT_ALL, require};
use crate::tokens::Caller;

/// What may be kept of a meeting's sound and picture. Nothing is, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keepsake {
    /// Sound and picture.
    Recording,
    /// Words.
    Transcript,
}

impl Keepsake {
    const fn permission(self) -> &'static str {
        match self {
            Self::Recording => RECORDINGS_READ_ALL,
            Self::Transcript => TRANSCRIPTS_READ_ALL,
        }
    }
}

impl App {
    /// Checks that the caller may see the recordings or transcripts of this meeting; of recordings there are none, since no file is made of what is recorded.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn require_keepsakes(&self, caller: &Caller, user_id: &str, meeting_id: &str, kind: Keepsake) -> Result<(), AppError> {
        self.organized_meeting(caller, user_id, meeting_id, &[kind.permission()]).await?;
        Ok(())
    }

    /// Checks that the caller may see the recordings or transcripts of all meetings of an organizer; there are none.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn require_keepsakes_of(&self, caller: &Caller, organizer_id: &str, kind: Keepsake) -> Result<(), AppError> {
        require(caller, &[kind.permission()], &[kind.permission()])?;
        require_own(self, caller, organizer_id).await
    }

    /// The link that a person invited to an appointment opens: the join page of the meeting.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn appointment_url(&self, caller: &Caller, user_id: &str, meeting_id: &str) -> Result<String, AppError> {
        require(caller, VIRTUAL_APPOINTMENT, VIRTUAL_APPOINTMENT_ALL)?;
        let meeting = self.organized(caller, user_id, meeting_id).await?;
        self.join_url(&meeting)
    }

    /// A meeting that the user organizes or helps to organize, for a caller with one of these permissions (delegated or application).
    pub(crate) async fn organized_meeting(
        &self,
        caller: &Caller,
        user_id: &str,
        meeting_id: &str,
        permissions: &[&str],
    ) -> Result<OnlineMeeting, AppError> {
        require(caller, permissions, permissions)?;
        self.organized(caller, user_id, meeting_id).await
    }

    async fn organized(&self, caller: &Caller, user_id: &str, meeting_id: &str) -> Result<OnlineMeeting, AppError> {
        require_own(self, caller, user_id).await?;
        let meeting = self.by_graph_id(meeting_id).await?;
        if meeting.organizer_id == user_id || is_co_organizer(&meeting, user_id) {
            // A grant for somebody who helps to organize does not open the organizer's meeting to an application.
            self.require_application_access(caller, &meeting.organizer_id).await?;
            return Ok(meeting);
        }
        match caller {
            Caller::Member { .. } => Err(AppError::forbidden(
                "only the organizer and the co-organizers of a meeting see what is kept of it",
            )),
            Caller::Application { .. } => Err(MEETING),
        }
    }
}

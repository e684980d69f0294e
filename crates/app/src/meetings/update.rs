//! Changing and deleting meetings; committed, then announced to a running meeting.

use serde_json::Value;

use super::MEETING;
use super::access::require_write_as;
use super::draft::{MeetingPatch, check_sizes};
use crate::error::AppError;
use crate::model::OnlineMeeting;
use crate::ports::StoreError;
use crate::tokens::Caller;
use crate::{App, Change};

/// How often a change is tried when others change the same meeting.
const TRIES: usize = 3;

impl App {
    /// Changes the organizer's meeting; gives the whole meeting afterwards.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, `InvalidArgument`; `Conflict` when others keep changing it.
    pub async fn update_meeting(
        &self,
        caller: &Caller,
        organizer_id: &str,
        meeting_id: &str,
        patch: MeetingPatch,
    ) -> Result<OnlineMeeting, AppError> {
        require_write_as(self, caller, organizer_id).await?;
        let invitees = match patch.invitees.clone() {
            Some(invitees) => Some(self.known_invitees(invitees).await?),
            None => None,
        };
        for _ in 0..TRIES {
            let mut meeting = self.own_meeting(organizer_id, meeting_id).await?;
            let expected = meeting.revision;
            patch.apply(&mut meeting, self.now())?;
            if let Some(invitees) = &invitees {
                meeting.invitees.clone_from(invitees);
            }
            meeting.revision = expected.saturating_add(1);
            check_sizes(&meeting)?;
            match self.store().update_meeting(&meeting, expected).await {
                Ok(()) => {
                    self.announce(Change::MeetingChanged {
                        thread_id: meeting.thread_id.clone(),
                    });
                    self.note(&caller.actor(), "meeting.changed", &meeting.thread_id, Value::Null).await;
                    self.meeting_chat_follows(&meeting).await;
                    return Ok(meeting);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(AppError::Conflict { what: "meeting" })
    }

    /// Deletes the organizer's meeting; a running one ends.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn delete_meeting(&self, caller: &Caller, organizer_id: &str, meeting_id: &str) -> Result<(), AppError> {
        require_write_as(self, caller, organizer_id).await?;
        let meeting = self.own_meeting(organizer_id, meeting_id).await?;
        if !self.store().delete_meeting(&meeting.thread_id, self.now()).await? {
            return Err(MEETING);
        }
        self.announce(Change::MeetingDeleted {
            thread_id: meeting.thread_id.clone(),
        });
        self.note(&caller.actor(), "meeting.deleted", &meeting.thread_id, Value::Null).await;
        self.meeting_chat_ends(&meeting).await;
        Ok(())
    }

    async fn own_meeting(&self, organizer_id: &str, meeting_id: &str) -> Result<OnlineMeeting, AppError> {
        let meeting = self.by_graph_id(meeting_id).await?;
        if meeting.organizer_id == organizer_id {
            Ok(meeting)
        } else {
            Err(MEETING)
        }
    }
}

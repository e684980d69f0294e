//! Changing and deleting meetings; committed, then announced to a running meeting.

use serde_json::Value;

use super::MEETING;
use super::access::require_write_as;
use super::draft::{MeetingPatch, check_sizes};
use crate::error::AppError;
use crate::model::OnlineMeeting;
use crate::tokens::Caller;
use crate::{App, Change};

/// How often a change is tried when others change the same meeting or its event.
const TRIES: usize = 3;

impl App {
    /// Changes the organizer's meeting, and the event that carries it (`calendar::follow`); gives the whole meeting afterwards.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`; `InvalidArgument`, also when the event cannot follow; `Conflict` when others keep changing it.
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
            let before = self.own_meeting(organizer_id, meeting_id).await?;
            let mut meeting = before.clone();
            patch.apply(&mut meeting, self.now())?;
            if let Some(invitees) = &invitees {
                meeting.invitees.clone_from(invitees);
            }
            meeting.revision = before.revision.saturating_add(1);
            check_sizes(&meeting)?;
            if self.store_meeting(caller, &before, &mut meeting).await? {
                self.announce(Change::MeetingChanged {
                    thread_id: meeting.thread_id.clone(),
                });
                self.note(&caller.actor(), "meeting.changed", &meeting.thread_id, Value::Null).await;
                self.meeting_chat_follows(&meeting).await;
                return Ok(meeting);
            }
        }
        Err(AppError::Conflict { what: "meeting" })
    }

    /// Deletes the organizer's meeting; a running one ends, and the event that carried it carries none.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`; `Conflict` when others keep changing its event.
    pub async fn delete_meeting(&self, caller: &Caller, organizer_id: &str, meeting_id: &str) -> Result<(), AppError> {
        require_write_as(self, caller, organizer_id).await?;
        for _ in 0..TRIES {
            // Who finds it gone in a further round was overtaken by another deletion.
            let meeting = self.own_meeting(organizer_id, meeting_id).await?;
            if self.remove_meeting(caller, &meeting).await? {
                self.announce(Change::MeetingDeleted {
                    thread_id: meeting.thread_id.clone(),
                });
                self.note(&caller.actor(), "meeting.deleted", &meeting.thread_id, Value::Null).await;
                self.meeting_chat_ends(&meeting).await;
                return Ok(());
            }
        }
        Err(AppError::Conflict { what: "meeting" })
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

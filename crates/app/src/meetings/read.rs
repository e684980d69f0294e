//! Reading meetings: by id, by link, by meeting ID, all of an organizer.

use super::MEETING;
use super::access::{is_invited, require_read, require_read_as};
use super::draft::Page;
use crate::error::AppError;
use crate::links::{self, JoinLink};
use crate::model::OnlineMeeting;
use crate::permissions::{MEETINGS_READ_ALL, MEETINGS_READ_WRITE_ALL, require};
use crate::tokens::Caller;
use crate::{App, model};

impl App {
    /// One meeting by its Graph id (either form). `user_id` is the member in whose name it is read: the organizer, or somebody invited.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn meeting(&self, caller: &Caller, user_id: &str, meeting_id: &str) -> Result<OnlineMeeting, AppError> {
        require_read(caller)?;
        // Before anything is looked up, so that a refusal tells nothing of what exists.
        self.require_application_access(caller, user_id).await?;
        let meeting = self.by_graph_id(meeting_id).await?;
        let concerns = |member: &model::Member| member.id == meeting.organizer_id || is_invited(&meeting, member);
        match caller {
            Caller::Member { member, .. } if !concerns(member) => Err(AppError::forbidden(
                "a meeting is read by its organizer and by members who are invited",
            )),
            // Whether there is such a user is not looked at: a member learns nothing of the directory here.
            Caller::Member { member, .. } if member.id != user_id && user_id != meeting.organizer_id => Err(AppError::forbidden(
                "a member reads meetings in the own name, or under their organizer",
            )),
            Caller::Member { .. } => Ok(meeting),
            Caller::Application { .. } if self.store().member(user_id).await?.as_ref().is_some_and(concerns) => {
                // An invitation of somebody whom the application may act for does not open the organizer's other secrets to it.
                self.require_application_access(caller, &meeting.organizer_id).await?;
                Ok(meeting)
            }
            Caller::Application { .. } => Err(MEETING),
        }
    }

    /// The organizer's meeting with this join link, in any encoding and either form.
    ///
    /// # Errors
    /// `Forbidden`; `InvalidArgument` when the text is no join link.
    pub async fn find_by_join_url(&self, caller: &Caller, organizer_id: &str, url: &str) -> Result<Option<OnlineMeeting>, AppError> {
        require_read_as(self, caller, organizer_id).await?;
        let link = links::parse_join_link(url).ok_or_else(|| AppError::invalid("JoinWebUrl", "this is not a join link of a meeting"))?;
        let tenant = self.tenant()?;
        let found = match link {
            JoinLink::Long(coordinates) => {
                let fits = coordinates.tenant_id == tenant.id && coordinates.organizer_id == organizer_id;
                if fits {
                    self.store().meeting(&coordinates.thread_id).await?
                } else {
                    None
                }
            }
            JoinLink::Short { join_meeting_id, .. } => self.store().meeting_by_join_id(&join_meeting_id).await?,
        };
        Ok(found.filter(|meeting| meeting.organizer_id == organizer_id))
    }

    /// The organizer's meeting with this meeting ID.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn find_by_join_meeting_id(
        &self,
        caller: &Caller,
        organizer_id: &str,
        join_meeting_id: &str,
    ) -> Result<Option<OnlineMeeting>, AppError> {
        require_read_as(self, caller, organizer_id).await?;
        let Some(id) = links::parse_meeting_id(join_meeting_id) else {
            return Ok(None);
        };
        Ok(self
            .store()
            .meeting_by_join_id(&id)
            .await?
            .filter(|meeting| meeting.organizer_id == organizer_id))
    }

    /// The organizer's meetings.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn meetings(&self, caller: &Caller, organizer_id: &str, page: Page) -> Result<Vec<OnlineMeeting>, AppError> {
        require_read_as(self, caller, organizer_id).await?;
        Ok(self
            .store()
            .meetings_of(organizer_id, page.order, page.skip, page.top.min(1000))
            .await?)
    }

    /// How many meetings the organizer has.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn meeting_count(&self, caller: &Caller, organizer_id: &str) -> Result<usize, AppError> {
        require_read_as(self, caller, organizer_id).await?;
        Ok(usize::try_from(self.store().meeting_count(organizer_id).await?).unwrap_or(usize::MAX))
    }

    /// The meeting of any organizer with this id of a conference system. Room systems are not connected, so no meeting has one.
    ///
    /// # Errors
    /// `Forbidden` for members, and for applications without `OnlineMeetings.Read.All`.
    pub async fn find_by_teleconference_id(&self, caller: &Caller, _id: &str) -> Result<Option<OnlineMeeting>, AppError> {
        require(caller, &[], &[MEETINGS_READ_ALL, MEETINGS_READ_WRITE_ALL])?;
        Ok(None)
    }

    /// Who organizes a meeting, for whoever was shown the meeting.
    ///
    /// # Errors
    /// The store failed.
    pub async fn organizer_of(&self, meeting: &OnlineMeeting) -> Result<Option<model::Member>, AppError> {
        Ok(self.store().member(&meeting.organizer_id).await?)
    }

    /// A meeting by its thread, for the server itself (no caller, no permission).
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn meeting_by_thread(&self, thread_id: &str) -> Result<OnlineMeeting, AppError> {
        self.store().meeting(thread_id).await?.ok_or(MEETING)
    }

    pub(super) async fn by_graph_id(&self, meeting_id: &str) -> Result<OnlineMeeting, AppError> {
        let (organizer, thread) = links::parse_graph_id(meeting_id).ok_or(MEETING)?;
        self.store()
            .meeting(&thread)
            .await?
            .filter(|meeting| meeting.organizer_id == organizer)
            .ok_or(MEETING)
    }
}

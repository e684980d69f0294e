//! Scheduling: `schedule` and `create_or_get`.

use serde_json::json;

use super::access::require_write_as;
use super::draft::{MeetingDraft, check_sizes, expiry, times};
use crate::error::AppError;
use crate::model::{Invitee, InviteeRole, OnlineMeeting};
use crate::ports::StoreError;
use crate::tokens::Caller;
use crate::{App, ids, links};

/// A fresh meeting ID that is taken already is drawn again, this often.
const DRAWS: usize = 5;

impl App {
    /// Schedules a meeting for an organizer.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound` for an unknown organizer, `InvalidArgument`.
    pub async fn schedule(&self, caller: &Caller, organizer_id: &str, draft: MeetingDraft) -> Result<OnlineMeeting, AppError> {
        require_write_as(self, caller, organizer_id).await?;
        self.insert_new(caller, organizer_id, None, draft).await
    }

    /// The organizer's meeting with this external id; scheduled now when there is none. The second part says whether it is new.
    ///
    /// # Errors
    /// As [`App::schedule`].
    pub async fn create_or_get(
        &self,
        caller: &Caller,
        organizer_id: &str,
        external_id: &str,
        draft: MeetingDraft,
    ) -> Result<(OnlineMeeting, bool), AppError> {
        require_write_as(self, caller, organizer_id).await?;
        if external_id.is_empty() || external_id.len() > 512 {
            return Err(AppError::invalid("externalId", "an external id of 1 to 512 bytes is needed"));
        }
        if external_id.contains(char::is_control) {
            return Err(AppError::invalid("externalId", "an external id has no control characters"));
        }
        // Two tries: somebody else may schedule the same one between our look and our insert.
        for _ in 0..2 {
            if let Some(meeting) = self.store().meeting_by_external_id(organizer_id, external_id).await? {
                return Ok((meeting, false));
            }
            match self.insert_new(caller, organizer_id, Some(external_id), draft.clone()).await {
                Ok(meeting) => return Ok((meeting, true)),
                Err(AppError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(AppError::Conflict { what: "meeting" })
    }

    async fn insert_new(
        &self,
        caller: &Caller,
        organizer_id: &str,
        external_id: Option<&str>,
        draft: MeetingDraft,
    ) -> Result<OnlineMeeting, AppError> {
        let mut meeting = self.new_meeting(organizer_id, external_id, draft).await?;
        for _ in 0..DRAWS {
            match self.store().insert_meeting(&meeting).await {
                Ok(()) => {
                    self.note(
                        &caller.actor(),
                        "meeting.scheduled",
                        &meeting.thread_id,
                        json!({ "organizer": organizer_id }),
                    )
                    .await;
                    self.meeting_chat_follows(&meeting).await;
                    return Ok(meeting);
                }
                Err(StoreError::Conflict { .. }) if external_id.is_none() => self.draw_ids(&mut meeting),
                Err(StoreError::Conflict { .. }) => return Err(AppError::Conflict { what: "meeting" }),
                Err(error) => return Err(error.into()),
            }
        }
        Err(AppError::Conflict { what: "meeting" })
    }

    /// A meeting as it would be inserted.
    pub(crate) async fn new_meeting(
        &self,
        organizer_id: &str,
        external_id: Option<&str>,
        draft: MeetingDraft,
    ) -> Result<OnlineMeeting, AppError> {
        let organizer = self.store().member(organizer_id).await?.filter(|member| member.enabled);
        let organizer = organizer.ok_or(AppError::NotFound { what: "member" })?;
        let now = self.now();
        let (start, end) = times(&draft, now)?;
        let mut meeting = OnlineMeeting {
            thread_id: String::new(),
            organizer_id: organizer.id,
            external_id: external_id.map(str::to_owned),
            subject: draft.subject,
            start,
            end,
            created: now,
            expires: expiry(end, now),
            join_meeting_id: String::new(),
            passcode: draft.passcode_required.unwrap_or(true).then(|| ids::passcode(self.random())),
            options: draft.options,
            invitees: self.known_invitees(draft.invitees).await?,
            recurring: false,
            extra: draft.extra,
            revision: 1,
            deleted: None,
        };
        meeting.extra.retain(|_, value| !value.is_null());
        check_sizes(&meeting)?;
        self.draw_ids(&mut meeting);
        Ok(meeting)
    }

    /// Gives a new meeting a thread and a meeting ID; again when they are taken.
    pub(crate) fn draw_ids(&self, meeting: &mut OnlineMeeting) {
        meeting.thread_id = links::thread_id(&ids::guid(self.random()));
        meeting.join_meeting_id = ids::join_meeting_id(self.random());
    }

    /// Completes invitees from the directory; a presenter or co-organizer must be a member.
    pub(crate) async fn known_invitees(&self, invitees: Vec<Invitee>) -> Result<Vec<Invitee>, AppError> {
        let mut known = Vec::with_capacity(invitees.len());
        for mut invitee in invitees {
            let member = match (&invitee.member_id, &invitee.upn) {
                (Some(id), _) => self.find_member(id).await?,
                (None, Some(upn)) => self.find_member(upn).await?,
                (None, None) => {
                    return Err(AppError::invalid(
                        "participants",
                        "an invited person needs an object id or a sign-in name",
                    ));
                }
            };
            match member {
                Some(member) => {
                    invitee.member_id = Some(member.id);
                    invitee.upn.get_or_insert(member.user_principal_name);
                }
                None if invitee.role == InviteeRole::Attendee => {}
                None => {
                    return Err(AppError::invalid(
                        "participants",
                        "a presenter or co-organizer must be a member of the tenant",
                    ));
                }
            }
            known.push(invitee);
        }
        Ok(known)
    }
}

//! The online meeting of an event: made from it, and following it. The other way round: `follow`.

use std::collections::HashMap;

use super::recurrence::Until;
use crate::error::AppError;
use crate::meetings::{MeetingDraft, check_sizes, expiry};
use crate::model::{AttendeeKind, CalendarEvent, EventAttendee, Invitee, InviteeRole, OnlineMeeting};
use crate::{App, Micros};

/// For how long the meeting of a series without end can be joined.
const FOR_EVER: Micros = 100 * 365 * 24 * 3600 * 1_000_000;

impl App {
    /// A meeting for the event, not inserted yet.
    pub(super) async fn meeting_for(&self, event: &CalendarEvent) -> Result<OnlineMeeting, AppError> {
        let draft = MeetingDraft {
            subject: event.subject.clone(),
            start: Some(event.starts_at),
            end: Some(event.ends_at),
            invitees: self.invitees_of(&event.details.attendees).await?,
            ..MeetingDraft::default()
        };
        let mut meeting = self.new_meeting(&event.owner_id, None, draft).await?;
        meeting.expires = self.expiry_of(event);
        meeting.recurring = event.details.recurrence.is_some();
        Ok(meeting)
    }

    /// The meeting after its event changed: subject, times and attendees. Roles that were given stay, and so do people who are invited to the
    /// meeting and cannot be asked to the event. Nothing when the meeting need not change.
    pub(super) async fn meeting_following(
        &self,
        before: &CalendarEvent,
        event: &CalendarEvent,
        meeting: &OnlineMeeting,
    ) -> Result<Option<OnlineMeeting>, AppError> {
        let mut next = meeting.clone();
        next.recurring = event.details.recurrence.is_some();
        if before.subject != event.subject {
            next.subject.clone_from(&event.subject);
        }
        if (before.starts_at, before.ends_at, before.until_at) != (event.starts_at, event.ends_at, event.until_at) {
            (next.start, next.end) = (event.starts_at, event.ends_at);
            next.expires = self.expiry_of(event);
        }
        if before.details.attendees != event.details.attendees {
            let asked_before = self.invitees_of(&before.details.attendees).await?;
            let mut asked = self.invitees_of(&event.details.attendees).await?;
            for invitee in &mut asked {
                if let Some(known) = meeting.invitees.iter().find(|known| same_person(known, invitee)) {
                    invitee.role = known.role;
                }
            }
            let own = meeting.invitees.iter().filter(|known| {
                ![&asked_before, &asked]
                    .iter()
                    .any(|list| list.iter().any(|invitee| same_person(known, invitee)))
            });
            let own: Vec<Invitee> = own.cloned().collect();
            asked.extend(own);
            next.invitees = asked;
        }
        if next == *meeting {
            return Ok(None);
        }
        next.revision = meeting.revision.saturating_add(1);
        check_sizes(&next)?;
        Ok(Some(next))
    }

    /// People among the attendees; members are known by sign-in name or mail address.
    pub(super) async fn invitees_of(&self, attendees: &[EventAttendee]) -> Result<Vec<Invitee>, AppError> {
        if attendees.is_empty() {
            return Ok(Vec::new());
        }
        let members = self.store().members().await?;
        let mut by_address = HashMap::with_capacity(members.len());
        for member in &members {
            if let Some(mail) = &member.mail {
                by_address.entry(mail.to_ascii_lowercase()).or_insert(member);
            }
        }
        // A sign-in name says more than an address that somebody else may have given themselves.
        by_address.extend(
            members
                .iter()
                .map(|member| (member.user_principal_name.to_ascii_lowercase(), member)),
        );
        let people = attendees.iter().filter(|attendee| attendee.kind != AttendeeKind::Resource);
        Ok(people
            .map(|attendee| {
                let member = by_address.get(&attendee.address.to_ascii_lowercase());
                Invitee {
                    member_id: member.map(|member| member.id.clone()),
                    upn: Some(member.map_or_else(|| attendee.address.clone(), |member| member.user_principal_name.clone())),
                    role: InviteeRole::Attendee,
                }
            })
            .collect())
    }

    pub(super) fn expiry_of(&self, event: &CalendarEvent) -> Micros {
        match event.details.recurrence.as_ref().map(|recurrence| &recurrence.until) {
            Some(Until::Never) => event.ends_at.max(self.now()).saturating_add(FOR_EVER),
            _ => expiry(event.until_at, self.now()),
        }
    }
}

pub(super) fn same_person(a: &Invitee, b: &Invitee) -> bool {
    match (&a.member_id, &b.member_id) {
        (Some(a), Some(b)) => a == b,
        _ => a.upn.as_ref().zip(b.upn.as_ref()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b)),
    }
}

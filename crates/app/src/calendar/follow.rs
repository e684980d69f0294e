//! An event follows its online meeting when that is changed or deleted by itself, as the meeting follows its event (`link`).
//!
//! * A single event takes over subject, times and attendees. A series takes over subject and attendees; its times are those of its recurrence,
//!   and its meeting can be joined as long as it goes on.
//! * An event whose meeting is deleted stays, without a meeting.
//! * Who may change the meeting changes the event with it; no permission on calendars is asked for.

use jiff::Timestamp;
use serde_json::json;

use super::changes::EventChanges;
use super::link::same_person;
use super::ports::MeetingWrite;
use super::zone;
use crate::error::AppError;
use crate::model::{AttendeeKind, CalendarEvent, EventAttendee, EventTime, OnlineMeeting};
use crate::ports::StoreError;
use crate::tokens::Caller;
use crate::{App, Micros};

impl App {
    /// Writes the changed meeting, and with it the event that carries it; false when somebody else was faster.
    pub(crate) async fn store_meeting(
        &self,
        caller: &Caller,
        before: &OnlineMeeting,
        meeting: &mut OnlineMeeting,
    ) -> Result<bool, AppError> {
        let carrier = self.store().event_of_meeting(&meeting.thread_id).await?;
        if let Some(event) = &carrier {
            if event.details.recurrence.is_some() && (before.start, before.end) != (meeting.start, meeting.end) {
                meeting.expires = meeting.expires.max(self.expiry_of(event));
            }
            let mut next = self.event_following(event, before, meeting).await?;
            if next != *event {
                let write = MeetingWrite::Update(meeting, before.revision);
                let stored = self.store_event(&mut next, write).await?;
                if stored {
                    self.note_followed(caller, &next, meeting).await;
                }
                return Ok(stored);
            }
        }
        match self.store().update_meeting(meeting, before.revision).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes the meeting and takes it from its event; false when the meeting is gone or the event was changed meanwhile.
    pub(crate) async fn remove_meeting(&self, caller: &Caller, meeting: &OnlineMeeting) -> Result<bool, AppError> {
        let Some(mut event) = self.store().event_of_meeting(&meeting.thread_id).await? else {
            return Ok(self.store().delete_meeting(&meeting.thread_id, self.now()).await?);
        };
        event.meeting_thread = None;
        let write = MeetingWrite::Delete(&meeting.thread_id, self.now());
        let stored = self.store_event(&mut event, write).await?;
        if stored {
            self.note_followed(caller, &event, meeting).await;
        }
        Ok(stored)
    }

    async fn note_followed(&self, caller: &Caller, event: &CalendarEvent, meeting: &OnlineMeeting) {
        let detail = json!({ "owner": event.owner_id, "meeting": meeting.thread_id });
        self.note(&caller.actor(), "event.changed", &event.id, detail).await;
    }

    /// The event after its meeting changed; the same when nothing of it did.
    async fn event_following(
        &self,
        event: &CalendarEvent,
        before: &OnlineMeeting,
        meeting: &OnlineMeeting,
    ) -> Result<CalendarEvent, AppError> {
        let mut changes = EventChanges::default();
        if before.subject != meeting.subject {
            changes.subject = Some(meeting.subject.clone());
        }
        let single = event.details.recurrence.is_none();
        if single && (before.start, before.end) != (meeting.start, meeting.end) {
            let (start, end) = (at(meeting.start, &event.details.start), at(meeting.end, &event.details.end));
            let whole_days = start.zone == end.zone && start.is_midnight() && end.is_midnight() && meeting.start < meeting.end;
            changes.all_day = Some(event.details.all_day && whole_days);
            (changes.start, changes.end) = (Some(start), Some(end));
        }
        if before.invitees != meeting.invitees {
            let attendees = self.attendees_following(event, before, meeting).await?;
            if attendees != event.details.attendees {
                changes.attendees = Some(attendees);
            }
        }
        let mut next = event.clone();
        if changes != EventChanges::default() {
            changes.apply(&mut next)?;
        }
        if changes.attendees.is_some() {
            self.check_growth(event, &next).await?;
        }
        Ok(next)
    }

    /// Who is asked to the event after others were invited to its meeting. Rooms and things stay, and so does how people were asked; who has no mail
    /// address, or organizes the event, is not asked.
    async fn attendees_following(
        &self,
        event: &CalendarEvent,
        before: &OnlineMeeting,
        meeting: &OnlineMeeting,
    ) -> Result<Vec<EventAttendee>, AppError> {
        let (people, mut attendees): (Vec<_>, Vec<_>) = event
            .details
            .attendees
            .iter()
            .cloned()
            .partition(|attendee| attendee.kind != AttendeeKind::Resource);
        let known = self.invitees_of(&people).await?;
        let invited = |list: &OnlineMeeting, person| list.invitees.iter().any(|invitee| same_person(invitee, person));
        let stay = people.into_iter().zip(&known);
        let stay = stay.filter(|(_, person)| invited(meeting, person) || !invited(before, person));
        let mut all: Vec<EventAttendee> = stay.map(|(attendee, _)| attendee).collect();
        for invitee in &meeting.invitees {
            if known.iter().any(|person| same_person(person, invitee)) || invitee.member_id.as_ref() == Some(&event.owner_id) {
                continue;
            }
            let member = match &invitee.member_id {
                Some(id) => self.store().member(id).await?,
                None => None,
            };
            let (address, name) = match member {
                Some(member) => (member.mail.or(Some(member.user_principal_name)), Some(member.display_name)),
                None => (invitee.upn.clone(), None),
            };
            if let Some(address) = address.filter(|address| EventAttendee::is_address(address)) {
                all.push(EventAttendee {
                    address,
                    name,
                    kind: AttendeeKind::Required,
                });
            }
        }
        all.append(&mut attendees);
        Ok(all)
    }
}

/// The instant as a time in the zone of `like`; in UTC when the clock there shows it twice and means the other.
fn at(instant: Micros, like: &EventTime) -> EventTime {
    let timestamp = Timestamp::from_microsecond(instant).unwrap_or(Timestamp::MAX);
    let time = EventTime {
        local: timestamp.to_zoned(zone::zone(&like.zone)).datetime(),
        ..like.clone()
    };
    if time.instant() == instant {
        return time;
    }
    EventTime {
        local: timestamp.to_zoned(jiff::tz::TimeZone::UTC).datetime(),
        zone: "UTC".to_owned(),
        named: "UTC".to_owned(),
    }
}

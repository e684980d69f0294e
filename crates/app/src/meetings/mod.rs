//! Scheduled meetings: schedule, read, change, delete.
//!
//! Rules: a member acts on the own meetings only (an invited member may read by id); an application with an `.All` permission acts for the
//! organizers for whom it was granted (`access`); ids and links are derived from organizer and thread (`links`); every change is committed, then announced.

mod access;
mod artifacts;
mod draft;
mod read;
mod schedule;
mod update;

pub use artifacts::Keepsake;
pub use draft::{MeetingDraft, MeetingPatch, OptionsEdit, Page};
pub(crate) use draft::{check_sizes, expiry, merge};

use crate::links::{self, Coordinates};
use crate::model::OnlineMeeting;
use crate::{App, AppError};

const MEETING: AppError = AppError::NotFound { what: "meeting" };

impl App {
    /// The coordinates of a meeting.
    ///
    /// # Errors
    /// `NoTenant`.
    pub fn coordinates(&self, meeting: &OnlineMeeting) -> Result<Coordinates, AppError> {
        Ok(Coordinates {
            thread_id: meeting.thread_id.clone(),
            organizer_id: meeting.organizer_id.clone(),
            tenant_id: self.tenant()?.id.clone(),
            message_id: "0".to_owned(),
        })
    }

    /// The (long) join link of a meeting, under the canonical origin.
    ///
    /// # Errors
    /// `NoTenant`.
    pub fn join_url(&self, meeting: &OnlineMeeting) -> Result<String, AppError> {
        Ok(links::join_url(&self.config().public_origin, &self.coordinates(meeting)?))
    }

    /// Link to the organizer's options page.
    ///
    /// # Errors
    /// `NoTenant`.
    pub fn options_url(&self, meeting: &OnlineMeeting) -> Result<String, AppError> {
        Ok(links::options_url(&self.config().public_origin, &self.coordinates(meeting)?))
    }
}

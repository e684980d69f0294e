//! A scheduled meeting.

use serde::{Deserialize, Serialize};

use crate::Micros;

/// Role that an invitation gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InviteeRole {
    /// Takes part.
    Attendee,
    /// May present.
    Presenter,
    /// Helps the organizer.
    Coorganizer,
}

/// Somebody invited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitee {
    /// Object id, for a member.
    #[serde(default)]
    pub member_id: Option<String>,
    /// Sign-in name or mail address as given.
    #[serde(default)]
    pub upn: Option<String>,
    /// Role.
    pub role: InviteeRole,
}

/// By what meetings are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeetingKey {
    /// Planned start.
    Start,
    /// When it was scheduled.
    Created,
    /// Subject without letter case; none comes before all others.
    Subject,
}

/// Order of a list of meetings; equal ones stand by thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeetingOrder {
    /// By what.
    pub by: MeetingKey,
    /// The largest first.
    pub descending: bool,
}

impl Default for MeetingOrder {
    /// Latest start first.
    fn default() -> Self {
        Self {
            by: MeetingKey::Start,
            descending: true,
        }
    }
}

/// A scheduled meeting.
#[derive(Debug, Clone, PartialEq)]
pub struct OnlineMeeting {
    /// `19:meeting_…@thread.v2`; the key of the meeting everywhere.
    pub thread_id: String,
    /// Object id of the organizer.
    pub organizer_id: String,
    /// Set by `createOrGet`; unique per organizer.
    pub external_id: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Planned start.
    pub start: Micros,
    /// Planned end.
    pub end: Micros,
    /// When it was scheduled.
    pub created: Micros,
    /// From when on nobody may join any more.
    pub expires: Micros,
    /// Meeting ID, digits only.
    pub join_meeting_id: String,
    /// Passcode, when one is required with the meeting ID.
    pub passcode: Option<String>,
    /// Options that the meeting machine knows.
    pub options: ::meeting::MeetingOptions,
    /// Who is invited.
    pub invitees: Vec<Invitee>,
    /// Whether it is the meeting of a series of events; its event says so.
    pub recurring: bool,
    /// Every other writable Graph property, kept and given back.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// Grows with each change.
    pub revision: i64,
    /// When it was deleted; `None` in everything that a use case returns.
    pub deleted: Option<Micros>,
}

//! What is written down: attendance and audit.

use crate::Micros;

/// What happened to a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttendanceEvent {
    /// Has been in the lobby since then.
    Waited,
    /// Came in (past the lobby).
    Joined,
    /// Left the meeting or its lobby, was removed or lost.
    Left,
}

impl AttendanceEvent {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Waited, Self::Joined, Self::Left];

    /// Name in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AttendanceEvent::Waited => "waited",
            AttendanceEvent::Joined => "joined",
            AttendanceEvent::Left => "left",
        }
    }
}

/// One fact about attendance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendanceFact {
    /// The meeting.
    pub thread_id: String,
    /// The held meeting (`server_call_id`).
    pub held_id: String,
    /// Raw id of the participant.
    pub raw_id: String,
    /// Name as shown.
    pub display_name: String,
    /// Role at that time, camelCase.
    pub role: String,
    /// What happened.
    pub event: AttendanceEvent,
    /// When.
    pub at: Micros,
}

/// What is known of a held meeting before its facts are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMeeting {
    /// The held meeting (`server_call_id`).
    pub held_id: String,
    /// When the first fact happened.
    pub first: Micros,
    /// When the last fact happened.
    pub last: Micros,
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Micros,
    /// Who: raw id, `application:<client id>` or `server`.
    pub actor: String,
    /// What, for example `meeting.deleted`.
    pub action: String,
    /// On what.
    pub subject: String,
    /// Details, JSON.
    pub detail: serde_json::Value,
}

//! Names of permissions, and which of them a use case accepts.

use crate::error::AppError;
use crate::tokens::Caller;

/// Delegated: read the own meetings.
pub const MEETINGS_READ: &str = "OnlineMeetings.Read";
/// Delegated: read and write the own meetings.
pub const MEETINGS_READ_WRITE: &str = "OnlineMeetings.ReadWrite";
/// Application: read all meetings.
pub const MEETINGS_READ_ALL: &str = "OnlineMeetings.Read.All";
/// Application: read and write all meetings.
pub const MEETINGS_READ_WRITE_ALL: &str = "OnlineMeetings.ReadWrite.All";
/// Delegated or application: read attendance and other results of meetings.
pub const ARTIFACTS_READ_ALL: &str = "OnlineMeetingArtifact.Read.All";
/// Delegated or application: read recordings of meetings.
pub const RECORDINGS_READ_ALL: &str = "OnlineMeetingRecording.Read.All";
/// Delegated or application: read transcripts of meetings.
pub const TRANSCRIPTS_READ_ALL: &str = "OnlineMeetingTranscript.Read.All";
/// Delegated, either of them: get the link for a virtual appointment.
pub const VIRTUAL_APPOINTMENT: &[&str] = &["VirtualAppointment.Read", "VirtualAppointment.ReadWrite"];
/// The same for applications.
pub const VIRTUAL_APPOINTMENT_ALL: &[&str] = &["VirtualAppointment.Read.All", "VirtualAppointment.ReadWrite.All"];
/// Delegated: read the own profile.
pub const USER_READ: &str = "User.Read";
/// Delegated: read everybody's basic profile.
pub const USER_READ_BASIC_ALL: &str = "User.ReadBasic.All";
/// Delegated or application: read everybody's profile.
pub const USER_READ_ALL: &str = "User.Read.All";
/// Delegated: take part in calls as the member.
pub const MANAGE_CALLS: &str = "Teams.ManageCalls";
/// Delegated: take part in chats as the member.
pub const MANAGE_CHATS: &str = "Teams.ManageChats";
/// Delegated, of the communication clients' own audience: calls as the member.
pub const CLIENT_VOIP: &str = "VoIP";
/// Delegated, of the communication clients' own audience: calls that the member is invited to.
pub const CLIENT_VOIP_JOIN: &str = "VoIP.Join";
/// Delegated, of the communication clients' own audience: chats as the member.
pub const CLIENT_CHAT: &str = "Chat";
/// Delegated, of the communication clients' own audience: chats that the member was added to, and adding others.
pub const CLIENT_CHAT_JOIN: &str = "Chat.Join";
/// Delegated, of the communication clients' own audience: chats that the member was added to.
pub const CLIENT_CHAT_JOIN_LIMITED: &str = "Chat.Join.Limited";
/// Delegated: what [`MANAGE_CALLS`] is, under the name that clients of the exchange for extensions ask for.
pub const EXTENSION_CALLS: &str = "TeamsExtension.ManageCalls";
/// Delegated: what [`MANAGE_CHATS`] is, under the name that clients of the exchange for extensions ask for.
pub const EXTENSION_CHATS: &str = "TeamsExtension.ManageChats";
/// Delegated, ours: read and change the settings of the tenant and its policy. It lets a client act as an administrator; the member must be one too.
pub const SETTINGS_READ_WRITE: &str = "Settings.ReadWrite.All";
/// Application, or delegated for administrators: use the communication facade with a bearer token.
pub const COMMUNICATION_MANAGE: &str = "Communication.Manage.All";

/// Delegated: read the own calendar. Application: read everybody's.
pub const CALENDARS_READ: &str = "Calendars.Read";
/// Delegated: read and write the own calendar. Application: everybody's.
pub const CALENDARS_READ_WRITE: &str = "Calendars.ReadWrite";

/// Those of the communication clients' own audience.
pub const CLIENTS: &[&str] = &[
    CLIENT_VOIP,
    CLIENT_VOIP_JOIN,
    CLIENT_CHAT,
    CLIENT_CHAT_JOIN,
    CLIENT_CHAT_JOIN_LIMITED,
];
/// Those of the exchange for extensions besides [`MANAGE_CALLS`] and [`MANAGE_CHATS`].
pub const EXTENSION: &[&str] = &[EXTENSION_CALLS, EXTENSION_CHATS];
/// Delegated permissions that exist.
pub const DELEGATED: &[&str] = &[
    MEETINGS_READ,
    MEETINGS_READ_WRITE,
    ARTIFACTS_READ_ALL,
    RECORDINGS_READ_ALL,
    TRANSCRIPTS_READ_ALL,
    "VirtualAppointment.Read",
    "VirtualAppointment.ReadWrite",
    USER_READ,
    USER_READ_BASIC_ALL,
    USER_READ_ALL,
    MANAGE_CALLS,
    MANAGE_CHATS,
    EXTENSION_CALLS,
    EXTENSION_CHATS,
    CLIENT_VOIP,
    CLIENT_VOIP_JOIN,
    CLIENT_CHAT,
    CLIENT_CHAT_JOIN,
    CLIENT_CHAT_JOIN_LIMITED,
    SETTINGS_READ_WRITE,
    COMMUNICATION_MANAGE,
    CALENDARS_READ,
    CALENDARS_READ_WRITE,
];
/// Those of [`DELEGATED`] that make a client an instrument of administration. An application has them only when somebody decided so: whoever
/// holds such a token of an administrator is the administrator.
pub const DELEGATED_ADMINISTRATION: &[&str] = &[SETTINGS_READ_WRITE, COMMUNICATION_MANAGE];
/// Application permissions that exist.
pub const APPLICATION: &[&str] = &[
    MEETINGS_READ_ALL,
    MEETINGS_READ_WRITE_ALL,
    ARTIFACTS_READ_ALL,
    RECORDINGS_READ_ALL,
    TRANSCRIPTS_READ_ALL,
    "VirtualAppointment.Read.All",
    "VirtualAppointment.ReadWrite.All",
    USER_READ_ALL,
    COMMUNICATION_MANAGE,
    CALENDARS_READ,
    CALENDARS_READ_WRITE,
];

/// Demands one of `delegated` of a member, one of `application` of an application.
pub(crate) fn require(caller: &Caller, delegated: &[&str], application: &[&str]) -> Result<(), AppError> {
    let (held, accepted, kind) = match caller {
        Caller::Member { scopes, .. } => (scopes, delegated, "delegated"),
        Caller::Application { roles, .. } => (roles, application, "application"),
    };
    if held.iter().any(|permission| accepted.contains(&permission.as_str())) {
        return Ok(());
    }
    Err(AppError::forbidden(match accepted {
        [] => format!("this cannot be done with a token of the {kind} kind"),
        accepted => format!("the {kind} permission {} is needed", accepted.join(" or ")),
    }))
}

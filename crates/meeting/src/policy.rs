//! The organizer's meeting policy: the property names and defaults that administrators know.
//!
//! Exactly one policy applies to a meeting (the organizer's); which one is chosen by the host. Only settings that the
//! machine enforces are here. Every struct reads JSON with missing fields, so that older stored policies still load.

use serde::{Deserialize, Serialize};

/// Who does not wait in the lobby; each scope includes the ones before it in the documentation's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LobbyScope {
    /// Organizer and co-organizers only.
    #[serde(alias = "OrganizerOnly")]
    Organizer,
    /// Invited people who are signed in.
    #[serde(alias = "InvitedUsers")]
    Invited,
    /// The tenant without its guest accounts.
    #[serde(alias = "EveryoneInCompanyExcludingGuests")]
    OrganizationExcludingGuests,
    /// The tenant with its guest accounts.
    #[serde(alias = "EveryoneInCompany")]
    Organization,
    /// The tenant and tenants that it trusts.
    #[serde(alias = "EveryoneInSameAndFederatedCompany")]
    OrganizationAndFederated,
    /// Everybody, once the meeting has begun.
    #[serde(alias = "Everyone")]
    Everyone,
}

/// Who may admit from the lobby.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AllowedLobbyAdmitters {
    /// Organizers, co-organizers and presenters.
    #[serde(alias = "OrganizersAndPresentersOnly")]
    OrganizerAndCoOrganizersAndPresenters,
    /// Organizers and co-organizers.
    #[serde(alias = "OrganizerAndCoOrganizersOnly")]
    OrganizerAndCoOrganizers,
}

/// Who is a presenter from the start, when the meeting itself does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DesignatedPresenterRoleMode {
    /// Everybody who is signed in.
    EveryoneUserOverride,
    /// The tenant.
    EveryoneInCompanyUserOverride,
    /// The tenant and tenants that it trusts.
    EveryoneInSameAndFederatedCompanyUserOverride,
    /// Organizer and co-organizers.
    OrganizerOnlyUserOverride,
}

/// Clients that anonymous people may be kept from using.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AnonymousClientType {
    /// Applications on the calling SDK.
    #[serde(rename = "ACS")]
    Acs,
    /// Our own join page.
    Teams,
}

/// Who may use the chat of a meeting, whatever the meeting itself allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MeetingChatEnabledType {
    /// Everybody in the meeting.
    #[serde(alias = "Enabled")]
    Enabled,
    /// Nobody writes.
    #[serde(alias = "Disabled")]
    Disabled,
    /// Everybody but guests and visitors, who neither write nor read.
    #[serde(alias = "EnabledExceptAnonymous")]
    EnabledExceptAnonymous,
}

/// The organizer's policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeetingPolicy {
    /// May people who are not signed in enter this organizer's meetings.
    pub allow_anonymous_users_to_join_meeting: bool,
    /// May they begin a meeting whose lobby lets everyone pass.
    pub allow_anonymous_users_to_start_meeting: bool,
    /// Default of the meeting option `lobbyBypassSettings.scope`.
    pub auto_admitted_users: LobbyScope,
    /// Default of the meeting option `lobbyBypassSettings.isDialInBypassEnabled`.
    #[serde(rename = "allowPSTNUsersToBypassLobby")]
    pub allow_pstn_users_to_bypass_lobby: bool,
    /// Default of the meeting option `allowedLobbyAdmitters`.
    pub users_can_admit_from_lobby: AllowedLobbyAdmitters,
    /// Default of the meeting option `allowedPresenters`.
    pub designated_presenter_role_mode: DesignatedPresenterRoleMode,
    /// Anonymous people with these clients are refused; both is the same as no anonymous join.
    pub blocked_anonymous_join_client_types: Vec<AnonymousClientType>,
    /// May communication identities join this organizer's meetings.
    pub enable_acs_federation_access: bool,
    /// Who may use the chat of this organizer's meetings; caps the meeting option `allowMeetingChat`.
    pub meeting_chat_enabled_type: MeetingChatEnabledType,
    /// May guests and visitors raise a hand.
    pub guest_raised_hand: bool,
    /// May guests call members of the tenant (members may always call guests).
    pub guests_call_members: bool,
    /// May guests and visitors see the together view, and begin it when their role allows it.
    pub guest_together_view: bool,
    /// May guests and visitors join the breakout rooms that they are assigned to.
    pub guest_breakout_rooms: bool,
    /// May real-time text be sent.
    pub real_time_text: bool,
    /// May people have captions.
    pub allow_captions: bool,
    /// May recordings be begun; caps the meeting option `allowRecording`.
    pub allow_cloud_recording: bool,
    /// May group calls be recorded, by anybody in them: nobody runs such a call.
    pub group_call_recording: bool,
    /// May what is said be written down; caps the meeting option `allowTranscription`.
    pub allow_transcription: bool,
    /// Does everybody have to agree to a recording or transcription before they can send anything.
    pub explicit_recording_consent: bool,
    /// Seconds after which somebody who waits in the lobby is sent away.
    pub lobby_timeout_s: u32,
}

impl Default for MeetingPolicy {
    fn default() -> Self {
        Self {
            allow_anonymous_users_to_join_meeting: true,
            allow_anonymous_users_to_start_meeting: false,
            auto_admitted_users: LobbyScope::Organization,
            allow_pstn_users_to_bypass_lobby: false,
            users_can_admit_from_lobby: AllowedLobbyAdmitters::OrganizerAndCoOrganizersAndPresenters,
            designated_presenter_role_mode: DesignatedPresenterRoleMode::EveryoneUserOverride,
            blocked_anonymous_join_client_types: Vec::new(),
            enable_acs_federation_access: true,
            meeting_chat_enabled_type: MeetingChatEnabledType::Enabled,
            guest_raised_hand: false,
            guests_call_members: false,
            guest_together_view: false,
            guest_breakout_rooms: false,
            real_time_text: true,
            allow_captions: true,
            allow_cloud_recording: true,
            group_call_recording: false,
            allow_transcription: true,
            explicit_recording_consent: false,
            lobby_timeout_s: 1800,
        }
    }
}

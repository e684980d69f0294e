//! What a meeting is governed by: the tenant's switches, the organizer's policy, the meeting's own options and facts.
//!
//! The tenant can only deny; the policy denies or supplies defaults; an option that is absent means "as the policy says".
//! The effective values are computed here and nowhere else.

use serde::{Deserialize, Serialize};

use crate::{
    AllowedLobbyAdmitters, BreakoutRules, CallKind, DesignatedPresenterRoleMode, LobbyScope, MeetingPolicy, Micros, RoomRules, SpeechOffer,
};

/// Switches of the whole tenant; they can only deny.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TenantSettings {
    /// No anonymous person enters any meeting of the tenant.
    pub disable_anonymous_join: bool,
    /// Communication identities may join meetings. On by default, unlike in the service that this product replaces:
    /// there the resource belongs to a third party, here it is the tenant's own and exists for this purpose.
    pub enable_acs_users: bool,
    /// Communication resources whose identities may join; empty means all.
    pub allowed_acs_resources: Vec<String>,
    /// Communication resources whose identities may not join; wins over the list above.
    pub blocked_acs_resources: Vec<String>,
    /// Guest accounts of the directory may join meetings.
    pub allow_guest_user: bool,
    /// Members of trusted tenants may join meetings.
    pub allow_federated_users: bool,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            disable_anonymous_join: false,
            enable_acs_users: true,
            allowed_acs_resources: Vec::new(),
            blocked_acs_resources: Vec::new(),
            allow_guest_user: true,
            allow_federated_users: true,
        }
    }
}

/// Who is a presenter from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AllowedPresenters {
    /// Everybody who is signed in; everybody may share.
    Everyone,
    /// The tenant, guest accounts included.
    Organization,
    /// Those whom the invitation names.
    RoleIsPresenter,
    /// Organizer and co-organizers.
    Organizer,
}

/// Options of one meeting; what is `None` follows the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeetingOptions {
    /// Who does not wait (`lobbyBypassSettings.scope`).
    pub lobby_scope: Option<LobbyScope>,
    /// Callers do not wait (`lobbyBypassSettings.isDialInBypassEnabled`).
    pub is_dial_in_bypass_enabled: Option<bool>,
    /// Who presents.
    pub allowed_presenters: Option<AllowedPresenters>,
    /// Who admits.
    pub allowed_lobby_admitters: Option<AllowedLobbyAdmitters>,
    /// Anonymous people may join this meeting; can only deny what tenant and policy allow.
    pub allow_anonymous_join: bool,
    /// Attendees may turn their microphone on.
    pub allow_attendee_to_enable_mic: bool,
    /// Attendees may turn their camera on.
    pub allow_attendee_to_enable_camera: bool,
    /// Reactions may be sent (`allowTeamworkReactions`).
    pub allow_reactions: bool,
    /// Breakout rooms may be planned and opened.
    pub allow_breakout_rooms: bool,
    /// Recordings may be begun.
    pub allow_recording: bool,
    /// What is said may be written down.
    pub allow_transcription: bool,
}

impl Default for MeetingOptions {
    fn default() -> Self {
        Self {
            lobby_scope: None,
            is_dial_in_bypass_enabled: None,
            allowed_presenters: None,
            allowed_lobby_admitters: None,
            allow_anonymous_join: true,
            allow_attendee_to_enable_mic: true,
            allow_attendee_to_enable_camera: true,
            allow_reactions: true,
            allow_breakout_rooms: true,
            allow_recording: true,
            allow_transcription: true,
        }
    }
}

/// Everything that governs one meeting. The host sends it whole whenever a part changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeetingSettings {
    /// Switches of the tenant.
    pub tenant: TenantSettings,
    /// The organizer's policy.
    pub policy: MeetingPolicy,
    /// The meeting's options.
    pub options: MeetingOptions,
    /// Kind of call.
    pub kind: CallKind,
    /// The GUID of a group call.
    pub group_id: Option<String>,
    /// Whom a room is for, and when; nothing for the other kinds of call.
    pub room: Option<RoomRules>,
    /// The communication resource to which a room or group call belongs.
    pub resource: String,
    /// Object id of the organizer.
    pub organizer: String,
    /// Object ids of co-organizers.
    pub co_organizers: Vec<String>,
    /// Object ids of those invited as presenters.
    pub presenters: Vec<String>,
    /// Object ids of everybody invited.
    pub invited: Vec<String>,
    /// Subject, perhaps empty.
    pub subject: String,
    /// Chat thread, the meeting's key; for the other kinds of call a key only, which nobody is told.
    pub thread_id: String,
    /// Scheduled start.
    pub start: Option<Micros>,
    /// Scheduled end; only information, a meeting may run longer.
    pub end: Option<Micros>,
    /// Nobody joins from here on.
    pub expires: Option<Micros>,
    /// Set when the call is a breakout room; made by the main meeting's machine, never stored.
    #[serde(skip)]
    pub breakout: Option<Box<BreakoutRules>>,
    /// What the server's recogniser can do; kept by the machine (`Meeting::offer_speech`), never stored.
    #[serde(skip)]
    pub speech: SpeechOffer,
}

/// Where an effective value came from; named in explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The meeting's option.
    Option,
    /// The organizer's policy.
    Policy,
}

impl MeetingSettings {
    /// Who does not wait, and what decided that.
    pub fn effective_lobby_scope(&self) -> (LobbyScope, Source) {
        self.options
            .lobby_scope
            .map_or((self.policy.auto_admitted_users, Source::Policy), |scope| (scope, Source::Option))
    }

    /// Whether callers by telephone pass the lobby, and what decided that.
    pub fn effective_dial_in_bypass(&self) -> (bool, Source) {
        self.options
            .is_dial_in_bypass_enabled
            .map_or((self.policy.allow_pstn_users_to_bypass_lobby, Source::Policy), |bypass| {
                (bypass, Source::Option)
            })
    }

    /// Who admits, and what decided that.
    pub fn effective_admitters(&self) -> (AllowedLobbyAdmitters, Source) {
        self.options
            .allowed_lobby_admitters
            .map_or((self.policy.users_can_admit_from_lobby, Source::Policy), |admitters| {
                (admitters, Source::Option)
            })
    }

    /// Who presents: the option in the policy's words, which are the finer ones, or nothing when the invitation names them.
    pub fn effective_presenters(&self) -> Presenters {
        match self.options.allowed_presenters {
            Some(AllowedPresenters::Everyone) => Presenters::Everyone,
            Some(AllowedPresenters::Organization) => Presenters::Organization,
            Some(AllowedPresenters::RoleIsPresenter) => Presenters::Named,
            Some(AllowedPresenters::Organizer) => Presenters::OrganizersOnly,
            None => match self.policy.designated_presenter_role_mode {
                DesignatedPresenterRoleMode::EveryoneUserOverride => Presenters::Everyone,
                DesignatedPresenterRoleMode::EveryoneInCompanyUserOverride => Presenters::Organization,
                DesignatedPresenterRoleMode::EveryoneInSameAndFederatedCompanyUserOverride => Presenters::OrganizationAndFederated,
                DesignatedPresenterRoleMode::OrganizerOnlyUserOverride => Presenters::OrganizersOnly,
            },
        }
    }
}

/// Who presents, from option or policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presenters {
    /// Everybody who is signed in.
    Everyone,
    /// The tenant.
    Organization,
    /// The tenant and tenants that it trusts.
    OrganizationAndFederated,
    /// Those whom the invitation names.
    Named,
    /// Organizer and co-organizers.
    OrganizersOnly,
}

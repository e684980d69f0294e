//! A meeting as this API shows it: every documented property, null or its default where the house has nothing to say.

use app::model::{Invitee, Member, OnlineMeeting};
use meeting::{AllowedPresenters, LobbyScope, MeetingPolicy, Presenters};
use serde_json::{Map, Value, json};

use super::{
    invitation::{Invitation, Language},
    names::{Named, is_evolved},
    property::KEPT,
    time,
};

/// What is known around a meeting when it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The tenant.
    pub(crate) tenant_id: &'a str,
    /// Who organizes it.
    pub(crate) organizer: Option<&'a Member>,
    /// The organizer's policy, which speaks where the meeting's options are silent.
    pub(crate) policy: &'a MeetingPolicy,
    /// Opaque id in this API.
    pub(crate) id: &'a str,
    /// The link that people open.
    pub(crate) join_url: &'a str,
    /// The organizer's page with the meeting's options.
    pub(crate) options_url: &'a str,
    /// Whether the client knows the values that were added to enumerations later.
    pub(crate) evolved_enums: bool,
    /// Language of the invitation.
    pub(crate) language: Language,
}

/// The whole object.
pub(crate) fn render(meeting: &OnlineMeeting, around: &Surroundings<'_>) -> Map<String, Value> {
    let options = &meeting.options;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", around.id.into());
    put("creationDateTime", time::format(meeting.created).into());
    put("startDateTime", time::format(meeting.start).into());
    put("endDateTime", time::format(meeting.end).into());
    put("expiryDateTime", time::format(meeting.expires).into());
    put("subject", meeting.subject.clone().into());
    put("externalId", meeting.external_id.clone().into());
    put("joinWebUrl", around.join_url.into());
    let invitation = Invitation {
        join_url: around.join_url,
        options_url: around.options_url,
        join_meeting_id: &meeting.join_meeting_id,
        passcode: meeting.passcode.as_deref(),
    };
    put(
        "joinInformation",
        json!({ "content": invitation.data_url(around.language), "contentType": "html" }),
    );
    put("meetingOptionsWebUrl", around.options_url.into());
    put("meetingType", if meeting.recurring { "recurring" } else { "scheduled" }.into());
    put("videoTeleconferenceId", Value::Null);
    put("audioConferencing", Value::Null);
    put("cloudVideoInteropInfo", Value::Null);
    put(
        "chatInfo",
        json!({ "threadId": meeting.thread_id, "messageId": "0", "replyChainMessageId": null }),
    );
    put("participants", participants(meeting, around));
    put("lobbyBypassSettings", lobby(meeting, around));
    put(
        "joinMeetingIdSettings",
        json!({ "isPasscodeRequired": meeting.passcode.is_some(), "joinMeetingId": meeting.join_meeting_id, "passcode": meeting.passcode }),
    );
    put(
        "allowedPresenters",
        options
            .allowed_presenters
            .unwrap_or_else(|| presenters_of(around.policy))
            .name()
            .into(),
    );
    put(
        "allowedLobbyAdmitters",
        options
            .allowed_lobby_admitters
            .unwrap_or(around.policy.users_can_admit_from_lobby)
            .name()
            .into(),
    );
    put("allowAnonymousJoin", options.allow_anonymous_join.into());
    put("allowAttendeeToEnableMic", options.allow_attendee_to_enable_mic.into());
    put("allowAttendeeToEnableCamera", options.allow_attendee_to_enable_camera.into());
    put("allowTeamworkReactions", options.allow_reactions.into());
    put("allowBreakoutRooms", options.allow_breakout_rooms.into());
    put("allowRecording", options.allow_recording.into());
    put("allowTranscription", options.allow_transcription.into());
    for property in KEPT {
        put(
            property.name,
            meeting
                .extra
                .get(property.name)
                .filter(|kept| !kept.is_null())
                .cloned()
                .unwrap_or_else(|| property.unset_value()),
        );
    }
    object
}

fn lobby(meeting: &OnlineMeeting, around: &Surroundings<'_>) -> Value {
    let scope = meeting.options.lobby_scope.unwrap_or(around.policy.auto_admitted_users);
    let bypass = meeting
        .options
        .is_dial_in_bypass_enabled
        .unwrap_or(around.policy.allow_pstn_users_to_bypass_lobby);
    json!({ "scope": scope_name(scope, around.evolved_enums), "isDialInBypassEnabled": bypass })
}

fn scope_name(scope: LobbyScope, evolved_enums: bool) -> &'static str {
    if is_evolved(scope) && !evolved_enums {
        "unknownFutureValue"
    } else {
        scope.name()
    }
}

/// The word for what the policy says. "The organization and trusted tenants" has none here and is told as the narrower of its neighbours, since
/// a client may send back what it read.
fn presenters_of(policy: &MeetingPolicy) -> AllowedPresenters {
    let silent = meeting::MeetingSettings {
        policy: policy.clone(),
        ..meeting::MeetingSettings::default()
    };
    match silent.effective_presenters() {
        Presenters::Everyone => AllowedPresenters::Everyone,
        Presenters::Organization | Presenters::OrganizationAndFederated => AllowedPresenters::Organization,
        Presenters::Named => AllowedPresenters::RoleIsPresenter,
        Presenters::OrganizersOnly => AllowedPresenters::Organizer,
    }
}

fn participants(meeting: &OnlineMeeting, around: &Surroundings<'_>) -> Value {
    let organizer = json!({
        "identity": identity(&meeting.organizer_id, around.organizer.map(|member| member.display_name.as_str()), around.tenant_id),
        "upn": around.organizer.map(|member| &member.user_principal_name),
        "role": "presenter",
    });
    let attendees: Vec<Value> = meeting.invitees.iter().map(|invitee| attendee(invitee, around.tenant_id)).collect();
    // Live events had the other two; clients expect the lists.
    json!({ "organizer": organizer, "attendees": attendees, "producers": [], "contributors": [] })
}

fn attendee(invitee: &Invitee, tenant_id: &str) -> Value {
    json!({
        "identity": invitee.member_id.as_deref().map(|id| identity(id, None, tenant_id)),
        "upn": invitee.upn,
        "role": invitee.role.name(),
    })
}

fn identity(id: &str, display_name: Option<&str>, tenant_id: &str) -> Value {
    json!({
        "application": null,
        "device": null,
        "user": { "id": id, "displayName": display_name, "tenantId": tenant_id, "identityProvider": "AAD" },
    })
}

//! Settings as JSON: the names administrators know, old documents still load, defaults are the documented ones.

use meeting::{
    AllowedLobbyAdmitters, AllowedPresenters, AnonymousClientType, LobbyScope, MeetingOptions, MeetingPolicy, MeetingSettings, Presenters,
    Source, TenantSettings,
};

#[test]
fn an_empty_document_is_the_defaults() {
    assert_eq!(serde_json::from_str::<TenantSettings>("{}").unwrap(), TenantSettings::default());
    assert_eq!(serde_json::from_str::<MeetingPolicy>("{}").unwrap(), MeetingPolicy::default());
    assert_eq!(serde_json::from_str::<MeetingOptions>("{}").unwrap(), MeetingOptions::default());
    assert_eq!(serde_json::from_str::<MeetingSettings>("{}").unwrap(), MeetingSettings::default());
}

#[test]
fn what_is_written_is_read_back() {
    let mut settings = super::support::settings();
    settings.options.lobby_scope = Some(LobbyScope::OrganizationExcludingGuests);
    settings.options.allowed_presenters = Some(AllowedPresenters::RoleIsPresenter);
    settings.policy.blocked_anonymous_join_client_types = vec![AnonymousClientType::Acs];
    let text = serde_json::to_string(&settings).unwrap();
    assert!(text.contains(r#""lobbyScope":"organizationExcludingGuests""#));
    assert!(text.contains(r#""allowedPresenters":"roleIsPresenter""#));
    assert!(text.contains(r#""blockedAnonymousJoinClientTypes":["ACS"]"#));
    assert!(text.contains(r#""allowAnonymousUsersToJoinMeeting":true"#));
    assert!(text.contains(r#""allowPSTNUsersToBypassLobby":false"#));
    assert!(text.contains(r#""lobbyTimeoutS":1800"#));
    assert_eq!(serde_json::from_str::<MeetingSettings>(&text).unwrap(), settings);
}

#[test]
fn the_policy_words_of_administrators_are_understood() {
    let policy: MeetingPolicy = serde_json::from_str(
        r#"{"autoAdmittedUsers":"EveryoneInCompanyExcludingGuests","usersCanAdmitFromLobby":"OrganizerAndCoOrganizersOnly"}"#,
    )
    .unwrap();
    assert_eq!(policy.auto_admitted_users, LobbyScope::OrganizationExcludingGuests);
    assert_eq!(policy.users_can_admit_from_lobby, AllowedLobbyAdmitters::OrganizerAndCoOrganizers);
    assert!(serde_json::from_str::<MeetingPolicy>(r#"{"autoAdmittedUsers":"unknownFutureValue"}"#).is_err());
}

#[test]
fn an_option_wins_over_the_policy_and_its_absence_does_not() {
    let mut settings = MeetingSettings::default();
    settings.policy.auto_admitted_users = LobbyScope::Invited;
    assert_eq!(settings.effective_lobby_scope(), (LobbyScope::Invited, Source::Policy));
    settings.options.lobby_scope = Some(LobbyScope::Everyone);
    assert_eq!(settings.effective_lobby_scope(), (LobbyScope::Everyone, Source::Option));
    assert_eq!(settings.effective_presenters(), Presenters::Everyone);
    settings.options.allowed_presenters = Some(AllowedPresenters::Organizer);
    assert_eq!(settings.effective_presenters(), Presenters::OrganizersOnly);
}

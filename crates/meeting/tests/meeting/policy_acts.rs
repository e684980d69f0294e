//! Law 6: a changed policy or option acts at once on those who wait and those who are inside.

use meeting::{AllowedPresenters, AnonymousClientType, Command, Event, LobbyScope, MediaKind, Refusal, Reply, Role};

use super::support::{Stage, id, settings};

#[test]
fn a_wider_lobby_lets_those_in_who_wait() {
    let mut stage = Stage::with(settings(), &["anna", "maria", "tom"]);
    stage.change(|settings| settings.options.lobby_scope = Some(LobbyScope::OrganizationAndFederated));
    assert!(stage.is_inside("tom") && stage.is_waiting("maria"));
    stage.change(|settings| settings.options.lobby_scope = Some(LobbyScope::Everyone));
    assert!(stage.is_inside("maria"));
}

#[test]
fn who_waited_before_the_one_who_begins_the_meeting_comes_in_with_them() {
    let mut closed = settings();
    closed.options.lobby_scope = Some(LobbyScope::Organizer);
    let mut stage = Stage::with(closed, &["maria", "ben"]);
    stage.change(|settings| settings.options.lobby_scope = Some(LobbyScope::Everyone));
    assert!(stage.is_inside("ben") && stage.is_inside("maria"));
}

#[test]
fn who_waits_is_told_when_the_reason_for_waiting_changes() {
    let mut open = settings();
    open.options.lobby_scope = Some(LobbyScope::Everyone);
    let mut stage = Stage::new(open);
    stage.join("maria").unwrap();
    stage.change(|settings| settings.options.lobby_scope = Some(LobbyScope::Organization));
    stage.change(|settings| settings.subject = "Nothing that concerns her".to_owned());
    let told: Vec<String> = stage.events("maria").into_iter().map(|event| format!("{event:?}")).collect();
    assert_eq!(told, ["Waiting { not_started: true }", "Waiting { not_started: false }"]);
}

#[test]
fn a_narrower_lobby_sends_nobody_back_and_holds_for_the_next() {
    let mut stage = Stage::with(settings(), &["anna", "ben"]);
    stage.change(|settings| settings.options.lobby_scope = Some(LobbyScope::Organizer));
    assert!(stage.is_inside("ben"));
    assert_eq!(stage.join("gita"), Ok(Reply::Joined { waiting: true }));
}

#[test]
fn anonymous_join_switched_off_ends_it_for_those_who_wait_and_those_inside_and_nobody_else() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.join("vera").unwrap();
    stage.change(|settings| settings.policy.allow_anonymous_users_to_join_meeting = false);
    assert_eq!(stage.ended("maria"), Some(Refusal::AnonymousJoinDisabledByPolicy));
    assert_eq!(stage.ended("vera"), Some(Refusal::AnonymousJoinDisabledByPolicy));
    assert!(stage.is_inside("anna") && stage.is_inside("ben"));
    assert_eq!(stage.join("maria"), Err(Refusal::AnonymousJoinDisabledByPolicy));
    stage.change(|settings| settings.policy.allow_anonymous_users_to_join_meeting = true);
    assert_eq!(stage.join("maria"), Ok(Reply::Joined { waiting: true }), "not barred");
}

#[test]
fn a_blocked_kind_of_client_ends_only_that_kind() {
    let mut open = settings();
    open.options.lobby_scope = Some(LobbyScope::Everyone);
    let mut stage = Stage::with(open, &["anna", "maria", "vera"]);
    stage.change(|settings| settings.policy.blocked_anonymous_join_client_types = vec![AnonymousClientType::Teams]);
    assert_eq!(stage.ended("vera"), Some(Refusal::ClientKindBlocked));
    assert!(stage.is_inside("maria"));
}

#[test]
fn a_connection_that_comes_back_after_the_rules_changed_is_told_why_it_is_over() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.lose("maria");
    stage.change(|settings| settings.options.allow_anonymous_join = false);
    assert_eq!(stage.ended("maria"), Some(Refusal::AnonymousJoinDisabledByOption));
}

#[test]
fn microphones_of_attendees_go_off_when_the_option_does() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage
        .ask("maria", Command::DeclarePublications(vec![MediaKind::Microphone]))
        .unwrap();
    stage.transcript();
    stage.change(|settings| settings.options.allow_attendee_to_enable_mic = false);
    let own = stage
        .events("maria")
        .into_iter()
        .find_map(|event| if let Event::Own { own } = event { Some(own.clone()) } else { None });
    assert!(own.is_some_and(|own| own.muted && own.muted_by_other));
    assert!(stage.transcript().contains("gate maria#1 1 closed"));
    stage.change(|settings| settings.options.allow_attendee_to_enable_mic = true);
    assert!(
        stage.own("maria").muted,
        "the right comes back, the microphone does not go on by itself"
    );
}

#[test]
fn roles_follow_the_settings_unless_somebody_gave_one_by_hand() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "gita"]);
    assert_eq!(stage.own("ben").role, Role::Presenter);
    stage
        .ask(
            "anna",
            Command::SetRole {
                participant: id("gita"),
                role: Role::Presenter,
            },
        )
        .unwrap();
    stage.change(|settings| settings.options.allowed_presenters = Some(AllowedPresenters::Organizer));
    assert_eq!(stage.own("ben").role, Role::Attendee);
    assert_eq!(stage.own("gita").role, Role::Presenter);
    stage.change(|settings| settings.co_organizers.push("ben".to_owned()));
    assert_eq!(stage.own("ben").role, Role::CoOrganizer);
}

#[test]
fn a_hand_comes_down_when_the_policy_closes_it_to_guests() {
    let mut open = settings();
    open.policy.guest_raised_hand = true;
    let mut stage = Stage::with(open, &["anna", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.ask("maria", Command::RaiseHand).unwrap();
    stage.ask("anna", Command::RaiseHand).unwrap();
    stage.change(|settings| settings.policy.guest_raised_hand = false);
    let hands: Vec<Option<u32>> = stage.snapshot("anna").participants.into_iter().map(|one| one.hand).collect();
    assert_eq!(hands, [Some(1), None]);
}

#[test]
fn a_new_subject_is_told_to_those_inside_and_not_to_those_who_wait() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.change(|settings| settings.subject = "Second visit".to_owned());
    assert!(matches!(stage.events("anna")[..], [Event::Meeting { meeting }] if meeting.subject == "Second visit"));
    assert!(stage.events("maria").is_empty());
}

#[test]
fn a_shorter_patience_of_the_lobby_counts_for_those_who_wait_already() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.change(|settings| settings.policy.lobby_timeout_s = 60);
    stage.wait(60);
    assert_eq!(stage.ended("maria"), Some(Refusal::LobbyTimeout));
}

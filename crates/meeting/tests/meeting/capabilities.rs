//! What the capability record promises the machine does, and what it does not promise is refused, each with its twin.

use meeting::{
    AccessKind, AllowedLobbyAdmitters, AllowedPresenters, CapabilityName, CapabilityReason, Command, MediaKind, MeetingSettings, Refusal,
    Reply, Role,
};

use super::support::{Stage, id, settings};

/// Anna organizes, ben presents, dora and maria attend, jose waits.
fn staged(change: impl FnOnce(&mut MeetingSettings)) -> Stage {
    let mut settings = settings();
    settings.options.allowed_presenters = Some(AllowedPresenters::RoleIsPresenter);
    settings.presenters = vec!["ben".to_owned()];
    change(&mut settings);
    let mut stage = Stage::with(settings, &["anna", "ben", "dora", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.join("jose").unwrap();
    stage
}

fn capability(stage: &mut Stage, name: &str, wanted: CapabilityName) -> CapabilityReason {
    stage.capability(name, wanted)
}

fn send(kind: MediaKind) -> Command {
    Command::SetPublication {
        kind,
        active: true,
        width: 0,
        height: 0,
    }
}

fn access(kind: AccessKind, names: &[&str]) -> Command {
    Command::SetMediaAccess {
        kind,
        participants: names.iter().map(|name| id(name)).collect(),
        permitted: false,
    }
}

#[test]
fn who_runs_the_meeting_may_do_to_others_what_an_attendee_may_not() {
    let commands = [
        (
            Command::MuteParticipants(vec![id("maria")]),
            Refusal::RoleForbidsMute,
            Some(CapabilityName::MuteOthers),
        ),
        (
            Command::MuteParticipants(Vec::new()),
            Refusal::RoleForbidsMute,
            Some(CapabilityName::MuteOthers),
        ),
        (Command::LowerHands(vec![id("ben")]), Refusal::RoleForbidsLowerHands, None),
        (Command::LowerAllHands, Refusal::RoleForbidsLowerHands, None),
        (Command::SetLocked(true), Refusal::RoleForbidsLock, None),
        (
            Command::SetRole {
                participant: id("maria"),
                role: Role::Presenter,
            },
            Refusal::RoleForbidsRoles,
            None,
        ),
        (
            Command::Admit(vec![id("jose")]),
            Refusal::RoleForbidsAdmit,
            Some(CapabilityName::ManageLobby),
        ),
        (
            Command::Reject(vec![id("jose")]),
            Refusal::RoleForbidsAdmit,
            Some(CapabilityName::ManageLobby),
        ),
        (
            Command::Remove(id("maria")),
            Refusal::RoleForbidsRemove,
            Some(CapabilityName::RemoveParticipant),
        ),
        (
            Command::StartSpotlight(vec![id("maria")]),
            Refusal::RoleForbidsSpotlight,
            Some(CapabilityName::SpotlightParticipant),
        ),
        (
            Command::StopSpotlight(vec![id("maria")]),
            Refusal::RoleForbidsSpotlight,
            Some(CapabilityName::RemoveParticipantsSpotlight),
        ),
        (
            Command::StopAllSpotlight,
            Refusal::RoleForbidsSpotlight,
            Some(CapabilityName::RemoveParticipantsSpotlight),
        ),
        (
            access(AccessKind::Audio, &["maria"]),
            Refusal::RoleForbidsMediaAccess,
            Some(CapabilityName::ForbidOthersAudio),
        ),
        (
            access(AccessKind::Video, &[]),
            Refusal::RoleForbidsMediaAccess,
            Some(CapabilityName::ForbidOthersVideo),
        ),
        (
            Command::Leave { for_everyone: true },
            Refusal::RoleForbidsEnd,
            Some(CapabilityName::HangUpForEveryOne),
        ),
    ];
    for (command, refusal, name) in commands {
        let mut stage = staged(|_| {});
        assert_eq!(stage.ask("dora", command.clone()), Err(refusal), "{command:?}");
        assert!(
            stage.is_inside("maria") && stage.is_waiting("jose"),
            "a refused command changes nothing"
        );
        if let Some(name) = name {
            assert_eq!(capability(&mut stage, "dora", name), CapabilityReason::RoleRestricted);
            assert_eq!(capability(&mut stage, "ben", name), CapabilityReason::Capable);
        }
        assert!(stage.ask("ben", command.clone()).is_ok(), "{command:?}");
    }
}

#[test]
fn only_the_roles_that_the_policy_names_admit() {
    let organizers_only = |settings: &mut MeetingSettings| {
        settings.policy.users_can_admit_from_lobby = AllowedLobbyAdmitters::OrganizerAndCoOrganizers;
    };
    let mut stage = staged(organizers_only);
    assert_eq!(
        capability(&mut stage, "ben", CapabilityName::ManageLobby),
        CapabilityReason::RoleRestricted
    );
    assert_eq!(stage.ask("ben", Command::Admit(Vec::new())), Err(Refusal::RoleForbidsAdmit));
    assert!(stage.snapshot("ben").lobby.is_empty());
    assert_eq!(stage.snapshot("anna").lobby.len(), 1);
    assert_eq!(
        stage.ask("anna", Command::Admit(Vec::new())),
        Ok(Reply::Admitted { admitted: 1, failed: 0 })
    );
}

#[test]
fn nobody_removes_or_demotes_the_organizer_and_only_the_organizer_a_co_organizer() {
    let mut stage = staged(|_| {});
    stage.join("carl").unwrap();
    assert_eq!(stage.ask("carl", Command::Remove(id("anna"))), Err(Refusal::RoleForbidsRemove));
    assert_eq!(stage.ask("ben", Command::Remove(id("carl"))), Err(Refusal::RoleForbidsRemove));
    assert_eq!(stage.ask("ben", Command::Remove(id("ben"))), Err(Refusal::InvalidArgument));
    assert_eq!(
        stage.ask(
            "carl",
            Command::SetRole {
                participant: id("anna"),
                role: Role::Attendee
            }
        ),
        Err(Refusal::RoleForbidsRoles)
    );
    assert_eq!(
        stage.ask(
            "ben",
            Command::SetRole {
                participant: id("ben"),
                role: Role::CoOrganizer
            }
        ),
        Err(Refusal::RoleForbidsRoles)
    );
    assert_eq!(
        stage.ask(
            "anna",
            Command::SetRole {
                participant: id("ben"),
                role: Role::Organizer
            }
        ),
        Err(Refusal::InvalidArgument)
    );
    assert_eq!(
        stage.ask(
            "anna",
            Command::SetRole {
                participant: id("maria"),
                role: Role::CoOrganizer
            }
        ),
        Err(Refusal::InvalidArgument)
    );
    assert_eq!(
        stage.ask(
            "anna",
            Command::SetRole {
                participant: id("ben"),
                role: Role::CoOrganizer
            }
        ),
        Ok(Reply::Done)
    );
    assert_eq!(stage.own("ben").role, Role::CoOrganizer);
    assert_eq!(stage.ask("anna", Command::Remove(id("carl"))), Ok(Reply::Done));
    assert_eq!(stage.ended("carl"), Some(Refusal::Removed));
}

#[test]
fn a_raised_hand_is_for_members_unless_the_policy_opens_it() {
    let mut stage = staged(|_| {});
    assert_eq!(stage.ask("maria", Command::RaiseHand), Err(Refusal::RaiseHandForMembersOnly));
    assert_eq!(
        capability(&mut stage, "maria", CapabilityName::RaiseHand),
        CapabilityReason::UserPolicyRestricted
    );
    assert_eq!(stage.ask("dora", Command::RaiseHand), Ok(Reply::Done));
    assert_eq!(capability(&mut stage, "dora", CapabilityName::RaiseHand), CapabilityReason::Capable);
    let mut stage = staged(|settings| settings.policy.guest_raised_hand = true);
    assert_eq!(stage.ask("maria", Command::RaiseHand), Ok(Reply::Done));
    let maria = stage
        .snapshot("anna")
        .participants
        .into_iter()
        .find(|one| one.id == id("maria"))
        .unwrap();
    assert_eq!(maria.hand, Some(1));
}

#[test]
fn an_attendee_kept_from_microphone_and_camera_cannot_turn_them_on() {
    let mut stage = staged(|settings| {
        settings.options.allow_attendee_to_enable_mic = false;
        settings.options.allow_attendee_to_enable_camera = false;
    });
    assert!(stage.own("maria").muted, "enters muted");
    assert_eq!(stage.ask("maria", send(MediaKind::Microphone)), Err(Refusal::MicrophoneForbidden));
    assert_eq!(stage.ask("maria", send(MediaKind::Camera)), Err(Refusal::CameraForbidden));
    assert_eq!(
        capability(&mut stage, "maria", CapabilityName::UnmuteMic),
        CapabilityReason::MeetingRestricted
    );
    assert_eq!(
        capability(&mut stage, "maria", CapabilityName::TurnVideoOn),
        CapabilityReason::MeetingRestricted
    );
    assert_eq!(stage.ask("ben", send(MediaKind::Microphone)), Ok(Reply::Done));
    assert_eq!(stage.ask("ben", send(MediaKind::Camera)), Ok(Reply::Done));
    let mut stage = staged(|_| {});
    assert_eq!(stage.ask("maria", send(MediaKind::Microphone)), Ok(Reply::Done));
    assert_eq!(stage.ask("maria", send(MediaKind::Camera)), Ok(Reply::Done));
}

#[test]
fn a_guest_shares_the_screen_where_everyone_presents_and_not_where_presenters_are_named() {
    let mut stage = staged(|settings| settings.options.allowed_presenters = Some(AllowedPresenters::Everyone));
    assert_eq!(stage.own("maria").role, Role::Attendee);
    assert_eq!(stage.ask("maria", send(MediaKind::Screen)), Ok(Reply::Done));
    assert_eq!(stage.ask("maria", send(MediaKind::ScreenAudio)), Ok(Reply::Done));
    let mut stage = staged(|_| {});
    assert_eq!(stage.ask("maria", send(MediaKind::Screen)), Err(Refusal::RoleForbidsScreen));
    assert_eq!(
        capability(&mut stage, "maria", CapabilityName::ShareScreen),
        CapabilityReason::RoleRestricted
    );
    stage
        .ask(
            "anna",
            Command::SetRole {
                participant: id("maria"),
                role: Role::Presenter,
            },
        )
        .unwrap();
    assert_eq!(stage.ask("maria", send(MediaKind::Screen)), Ok(Reply::Done));
}

#[test]
fn somebody_made_an_attendee_on_purpose_stops_sharing_even_where_everyone_presents() {
    let mut stage = staged(|settings| settings.options.allowed_presenters = Some(AllowedPresenters::Everyone));
    stage.ask("dora", Command::DeclarePublications(vec![MediaKind::Screen])).unwrap();
    stage.ask("dora", send(MediaKind::Screen)).unwrap();
    stage.transcript();
    stage
        .ask(
            "anna",
            Command::SetRole {
                participant: id("dora"),
                role: Role::Attendee,
            },
        )
        .unwrap();
    assert!(stage.transcript().contains("gate dora#1 1 closed"));
    assert_eq!(stage.ask("dora", send(MediaKind::Screen)), Err(Refusal::RoleForbidsScreen));
}

#[test]
fn a_mute_by_somebody_else_is_told_and_may_be_undone_by_oneself() {
    let mut stage = staged(|_| {});
    stage
        .ask("maria", Command::DeclarePublications(vec![MediaKind::Microphone]))
        .unwrap();
    stage.transcript();
    stage.ask("ben", Command::MuteParticipants(vec![id("maria")])).unwrap();
    assert!(stage.transcript().contains("gate maria#1 1 closed"));
    let own = stage.own("maria");
    assert!(own.muted && own.muted_by_other);
    stage.transcript();
    stage.ask("maria", send(MediaKind::Microphone)).unwrap();
    assert!(stage.transcript().contains("gate maria#1 1 open"));
    let own = stage.own("maria");
    assert!(!own.muted && !own.muted_by_other);
}

#[test]
fn muting_everybody_spares_the_one_who_asks() {
    let mut stage = staged(|_| {});
    stage.ask("ben", Command::MuteParticipants(Vec::new())).unwrap();
    let muted: Vec<String> = stage
        .snapshot("ben")
        .participants
        .into_iter()
        .filter(|one| one.muted)
        .map(|one| one.display_name)
        .collect();
    assert_eq!(muted, ["anna", "dora", "maria"]);
}

#[test]
fn a_name_that_is_not_inside_is_an_unknown_participant_and_nothing_is_done() {
    let mut stage = staged(|_| {});
    let both = vec![id("maria"), id("nobody")];
    assert_eq!(
        stage.ask("ben", Command::MuteParticipants(both.clone())),
        Err(Refusal::UnknownParticipant)
    );
    assert!(!stage.own("maria").muted);
    assert_eq!(
        stage.ask("ben", Command::Remove(id("jose"))),
        Err(Refusal::UnknownParticipant),
        "who waits is not inside"
    );
    assert_eq!(stage.ask("ben", Command::Reject(both)), Err(Refusal::UnknownParticipant));
    assert_eq!(stage.ask("ben", Command::Reject(Vec::new())), Err(Refusal::InvalidArgument));
    assert_eq!(
        stage.ask("ben", Command::Admit(vec![id("nobody")])),
        Ok(Reply::Admitted { admitted: 0, failed: 1 })
    );
}

#[test]
fn a_medium_keeps_its_number_over_new_offers_and_two_of_a_kind_are_refused() {
    let mut stage = staged(|_| {});
    let numbers = |reply: Result<Reply, Refusal>| match reply {
        Ok(Reply::Declared { publications }) => publications,
        other => panic!("{other:?}"),
    };
    let first = numbers(stage.ask(
        "maria",
        Command::DeclarePublications(vec![MediaKind::Microphone, MediaKind::Camera]),
    ));
    let again = numbers(stage.ask(
        "maria",
        Command::DeclarePublications(vec![MediaKind::Camera, MediaKind::Microphone]),
    ));
    assert_eq!(first, [again[1], again[0]]);
    let others = numbers(stage.ask("ben", Command::DeclarePublications(vec![MediaKind::Microphone])));
    assert!(first.iter().all(|(_, number)| *number != others[0].1));
    assert_eq!(
        stage.ask("maria", Command::DeclarePublications(vec![MediaKind::Camera, MediaKind::Camera])),
        Err(Refusal::InvalidArgument)
    );
}

#[test]
fn a_medium_that_a_new_offer_leaves_out_is_off_and_stays_off_when_it_is_back() {
    let mut stage = staged(|_| {});
    stage
        .ask(
            "maria",
            Command::DeclarePublications(vec![MediaKind::Microphone, MediaKind::Camera]),
        )
        .unwrap();
    stage.ask("maria", send(MediaKind::Camera)).unwrap();
    stage.transcript();
    stage.ask("maria", Command::DeclarePublications(Vec::new())).unwrap();
    let text = stage.transcript();
    assert!(
        text.contains("gate maria#1 1 closed") && text.contains("gate maria#1 2 closed"),
        "{text}"
    );
    stage
        .ask(
            "maria",
            Command::DeclarePublications(vec![MediaKind::Microphone, MediaKind::Camera]),
        )
        .unwrap();
    let text = stage.transcript();
    assert!(text.contains("gate maria#1 1 open"), "the microphone keeps its mute state: {text}");
    assert!(text.contains("gate maria#1 2 closed"), "{text}");
}

#[test]
fn what_is_not_built_yet_says_so() {
    let mut stage = staged(|_| {});
    for name in [CapabilityName::AddPhoneNumber, CapabilityName::PstnDialOut] {
        assert_ne!(capability(&mut stage, "anna", name), CapabilityReason::Capable);
    }
    for name in [CapabilityName::ViewAttendeeNames, CapabilityName::BlurBackground] {
        assert_eq!(capability(&mut stage, "anna", name), CapabilityReason::Capable);
    }
    let names: std::collections::BTreeSet<CapabilityName> = CapabilityName::ALL.into_iter().collect();
    assert_eq!(names.len(), 25);
}

//! Media access: what is forbidden stops at once and stays off, for one attendee and for all, whatever the client does.

use meeting::{
    AccessKind, AllowedPresenters, CallKind, CapabilityName, CapabilityReason, Command, Event, LobbyScope, MediaAccess, MediaKind, Refusal,
    Reply, Role,
};

use super::support::{Stage, call, id, settings};

const NAMES: [(AccessKind, MediaKind, CapabilityName, Refusal); 2] = [
    (
        AccessKind::Audio,
        MediaKind::Microphone,
        CapabilityName::UnmuteMic,
        Refusal::MicrophoneForbiddenByOther,
    ),
    (
        AccessKind::Video,
        MediaKind::Camera,
        CapabilityName::TurnVideoOn,
        Refusal::CameraForbiddenByOther,
    ),
];

/// Anna organizes, ben presents, dora and maria attend; all may come.
fn stage() -> Stage {
    let mut settings = settings();
    settings.options.lobby_scope = Some(LobbyScope::Everyone);
    settings.options.allowed_presenters = Some(AllowedPresenters::RoleIsPresenter);
    settings.presenters = vec!["ben".to_owned()];
    Stage::with(settings, &["anna", "ben", "dora", "maria"])
}

fn set(kind: AccessKind, names: &[&str], permitted: bool) -> Command {
    Command::SetMediaAccess {
        kind,
        participants: names.iter().map(|name| id(name)).collect(),
        permitted,
    }
}

fn forbid(kind: AccessKind, names: &[&str]) -> Command {
    set(kind, names, false)
}

fn permit(kind: AccessKind, names: &[&str]) -> Command {
    set(kind, names, true)
}

fn send(kind: MediaKind) -> Command {
    Command::SetPublication {
        kind,
        active: true,
        width: 0,
        height: 0,
    }
}

fn give(name: &str, role: Role) -> Command {
    Command::SetRole {
        participant: id(name),
        role,
    }
}

/// What `of` may send as `by` sees it.
fn access(stage: &mut Stage, by: &str, of: &str) -> (bool, bool) {
    let participants = stage.snapshot(by).participants;
    let MediaAccess { audio, video } = participants.into_iter().find(|one| one.id == id(of)).unwrap().access;
    (audio, video)
}

/// Both media declared and on.
fn sends_both(stage: &mut Stage, name: &str) {
    let kinds = vec![MediaKind::Microphone, MediaKind::Camera];
    stage.ask(name, Command::DeclarePublications(kinds)).unwrap();
    stage.ask(name, send(MediaKind::Microphone)).unwrap();
    stage.ask(name, send(MediaKind::Camera)).unwrap();
    stage.transcript();
}

#[test]
fn what_is_forbidden_to_one_stops_closes_its_gate_and_stays_off_until_it_is_permitted() {
    for (kind, medium, capability, refusal) in NAMES {
        let mut stage = stage();
        sends_both(&mut stage, "maria");
        let number = if medium == MediaKind::Microphone { 1 } else { 2 };
        assert_eq!(stage.ask("ben", forbid(kind, &["maria"])), Ok(Reply::Done));
        let text = stage.transcript();
        assert!(text.contains(&format!("gate maria#1 {number} closed")), "{text}");
        assert_eq!(text.matches("gate").count(), 1, "the other medium goes on: {text}");
        assert_eq!(stage.ask("maria", send(medium)), Err(refusal));
        assert_eq!(stage.capability("maria", capability), CapabilityReason::MeetingRestricted);
        assert_eq!(
            access(&mut stage, "dora", "maria"),
            (kind != AccessKind::Audio, kind != AccessKind::Video)
        );
        assert_eq!(stage.ask("dora", send(medium)), Ok(Reply::Done), "nobody else is kept from it");
        stage.transcript();
        assert_eq!(stage.ask("anna", permit(kind, &["maria"])), Ok(Reply::Done));
        assert!(!stage.transcript().contains("gate"), "to permit turns nothing on");
        assert_eq!(stage.capability("maria", capability), CapabilityReason::Capable);
        assert_eq!(stage.ask("maria", send(medium)), Ok(Reply::Done));
        assert!(stage.transcript().contains(&format!("gate maria#1 {number} open")));
    }
}

#[test]
fn who_is_muted_by_being_forbidden_is_told_that_somebody_else_did_it() {
    let mut stage = stage();
    sends_both(&mut stage, "maria");
    stage.ask("anna", forbid(AccessKind::Audio, &["maria"])).unwrap();
    let own = stage.events("maria").into_iter().find_map(|event| match event {
        Event::Own { own } => Some(own.clone()),
        _ => None,
    });
    assert!(own.is_some_and(|own| own.muted && own.muted_by_other));
}

#[test]
fn what_is_forbidden_to_all_is_forbidden_to_attendees_who_come_later_and_to_nobody_who_presents() {
    for (kind, medium, _, refusal) in NAMES {
        let mut stage = stage();
        assert_eq!(stage.ask("anna", forbid(kind, &[])), Ok(Reply::Done));
        assert_eq!(stage.ask("dora", send(medium)), Err(refusal));
        assert_eq!(stage.ask("ben", send(medium)), Ok(Reply::Done));
        stage.join("jose").unwrap();
        assert_eq!(stage.ask("jose", send(medium)), Err(refusal));
        assert_eq!(stage.own("jose").muted, kind == AccessKind::Audio);
        let all = stage.snapshot("jose").meeting.access;
        assert_eq!(
            (all.audio, all.video),
            access(&mut stage, "jose", "dora"),
            "{kind:?} is off for the meeting"
        );
        assert_eq!(access(&mut stage, "jose", "ben"), (true, true));
        assert_eq!(stage.ask("anna", permit(kind, &[])), Ok(Reply::Done));
        assert_eq!(stage.ask("jose", send(medium)), Ok(Reply::Done));
        assert_eq!(stage.snapshot("jose").meeting.access, MediaAccess::ALL);
    }
}

#[test]
fn a_change_for_all_is_told_to_everybody_inside() {
    let mut stage = stage();
    stage.said.clear();
    stage.ask("anna", forbid(AccessKind::Video, &[])).unwrap();
    for name in ["anna", "ben", "maria"] {
        let told = stage.events(name).into_iter().any(|event| match event {
            Event::Meeting { meeting } => meeting.access.audio && !meeting.access.video,
            _ => false,
        });
        assert!(told, "{name}");
    }
}

#[test]
fn an_exception_by_name_holds_until_the_next_word_for_all() {
    let mut stage = stage();
    stage.ask("anna", forbid(AccessKind::Audio, &[])).unwrap();
    stage.ask("anna", permit(AccessKind::Audio, &["maria"])).unwrap();
    assert_eq!(stage.ask("maria", send(MediaKind::Microphone)), Ok(Reply::Done));
    assert_eq!(
        stage.ask("dora", send(MediaKind::Microphone)),
        Err(Refusal::MicrophoneForbiddenByOther)
    );
    stage.ask("anna", forbid(AccessKind::Audio, &[])).unwrap();
    assert!(stage.own("maria").muted, "the word for all holds for her too");
    assert_eq!(
        stage.ask("maria", send(MediaKind::Microphone)),
        Err(Refusal::MicrophoneForbiddenByOther)
    );
}

#[test]
fn leaving_and_coming_back_does_not_help() {
    let mut stage = stage();
    stage.ask("anna", forbid(AccessKind::Video, &["maria"])).unwrap();
    stage.ask("maria", Command::Leave { for_everyone: false }).unwrap();
    stage.join("maria").unwrap();
    assert_eq!(stage.ask("maria", send(MediaKind::Camera)), Err(Refusal::CameraForbiddenByOther));
    for name in ["anna", "ben", "dora", "maria"] {
        stage.ask(name, Command::Leave { for_everyone: false }).unwrap();
    }
    stage.join("anna").unwrap();
    stage.join("maria").unwrap();
    assert_eq!(
        stage.ask("maria", send(MediaKind::Camera)),
        Ok(Reply::Done),
        "the next held meeting begins anew"
    );
}

#[test]
fn the_option_is_where_the_rule_begins_and_changing_the_option_begins_it_anew() {
    let mut stage = stage();
    stage.change(|settings| settings.options.allow_attendee_to_enable_mic = false);
    assert_eq!(stage.ask("maria", send(MediaKind::Microphone)), Err(Refusal::MicrophoneForbidden));
    assert!(!stage.snapshot("maria").meeting.access.audio);
    stage.ask("ben", permit(AccessKind::Audio, &["maria"])).unwrap();
    assert_eq!(
        stage.ask("maria", send(MediaKind::Microphone)),
        Ok(Reply::Done),
        "permitted by name"
    );
    assert_eq!(stage.ask("dora", send(MediaKind::Microphone)), Err(Refusal::MicrophoneForbidden));
    stage.ask("ben", permit(AccessKind::Audio, &[])).unwrap();
    assert_eq!(stage.ask("dora", send(MediaKind::Microphone)), Ok(Reply::Done), "permitted to all");
    stage.change(|settings| settings.subject = "Another subject".to_owned());
    assert_eq!(stage.ask("dora", send(MediaKind::Microphone)), Ok(Reply::Done));
    stage.change(|settings| settings.options.allow_attendee_to_enable_mic = true);
    stage.ask("ben", forbid(AccessKind::Audio, &["maria"])).unwrap();
    stage.change(|settings| settings.options.allow_attendee_to_enable_mic = false);
    assert!(stage.own("dora").muted);
    stage.change(|settings| settings.options.allow_attendee_to_enable_mic = true);
    assert_eq!(stage.ask("maria", send(MediaKind::Microphone)), Ok(Reply::Done));
}

#[test]
fn who_presents_is_under_no_rule_and_comes_back_under_it_as_an_attendee() {
    let mut stage = stage();
    stage.ask("anna", forbid(AccessKind::Audio, &[])).unwrap();
    stage.ask("anna", forbid(AccessKind::Video, &["maria"])).unwrap();
    stage.ask("anna", give("maria", Role::Presenter)).unwrap();
    assert_eq!(access(&mut stage, "dora", "maria"), (true, true));
    sends_both(&mut stage, "maria");
    stage.ask("anna", give("maria", Role::Attendee)).unwrap();
    assert_eq!(
        access(&mut stage, "dora", "maria"),
        (false, true),
        "the rule for all, not the exception"
    );
    assert!(stage.transcript().contains("gate maria#1 1 closed"));
    assert_eq!(
        stage.ask("maria", send(MediaKind::Microphone)),
        Err(Refusal::MicrophoneForbiddenByOther)
    );
}

#[test]
fn only_those_who_run_a_meeting_change_it_and_only_for_attendees_who_are_inside() {
    let mut stage = stage();
    stage.change(|settings| settings.options.lobby_scope = Some(LobbyScope::Organization));
    stage.join("jose").unwrap();
    for command in [
        forbid(AccessKind::Audio, &["dora"]),
        forbid(AccessKind::Video, &[]),
        permit(AccessKind::Audio, &["maria"]),
    ] {
        assert_eq!(stage.ask("maria", command), Err(Refusal::RoleForbidsMediaAccess));
    }
    assert_eq!(stage.ask("jose", forbid(AccessKind::Audio, &[])), Err(Refusal::NotAdmitted));
    assert_eq!(
        stage.ask("anna", forbid(AccessKind::Audio, &["dora", "jose"])),
        Err(Refusal::UnknownParticipant)
    );
    for presenter in ["ben", "anna"] {
        assert_eq!(
            stage.ask("anna", forbid(AccessKind::Audio, &["dora", presenter])),
            Err(Refusal::MediaAccessForAttendeesOnly)
        );
    }
    assert_eq!(access(&mut stage, "anna", "dora"), (true, true), "what is refused changes nothing");
    for name in [CapabilityName::ForbidOthersAudio, CapabilityName::ForbidOthersVideo] {
        assert_eq!(stage.capability("maria", name), CapabilityReason::RoleRestricted);
        assert_eq!(stage.capability("ben", name), CapabilityReason::Capable);
    }
}

#[test]
fn there_is_no_media_access_outside_meetings() {
    for kind in [CallKind::Room, CallKind::Group] {
        let mut stage = Stage::with(call(kind), &["maria", "jose"]);
        assert_eq!(
            stage.ask("maria", forbid(AccessKind::Audio, &["jose"])),
            Err(Refusal::MediaAccessNotInThisCall)
        );
        assert_eq!(stage.ask("jose", send(MediaKind::Camera)), Ok(Reply::Done), "nothing was forbidden");
        assert_eq!(
            stage.capability("maria", CapabilityName::ForbidOthersAudio),
            CapabilityReason::CapabilityNotApplicableForTheCallType
        );
    }
}

/// Where everyone presents, the guest Maria shares a screen with its sound: publications 1 to 3.
fn shares() -> Stage {
    let mut stage = stage();
    stage.change(|settings| settings.options.allowed_presenters = Some(AllowedPresenters::Everyone));
    let kinds = vec![MediaKind::Microphone, MediaKind::Screen, MediaKind::ScreenAudio];
    stage.ask("maria", Command::DeclarePublications(kinds)).unwrap();
    stage.ask("maria", send(MediaKind::Screen)).unwrap();
    stage.ask("maria", send(MediaKind::ScreenAudio)).unwrap();
    assert!(stage.transcript().contains("gate maria#1 3 open"));
    stage
}

#[test]
fn who_may_not_be_heard_is_not_heard_as_the_sound_of_a_screen_and_goes_on_showing_it() {
    let mut stage = shares();
    stage.ask("anna", forbid(AccessKind::Audio, &["maria"])).unwrap();
    let text = stage.transcript();
    assert!(text.contains("gate maria#1 3 closed") && !text.contains("gate maria#1 2"), "{text}");
    assert_eq!(
        stage.ask("maria", send(MediaKind::ScreenAudio)),
        Err(Refusal::MicrophoneForbiddenByOther)
    );
    assert_eq!(stage.ask("maria", send(MediaKind::Screen)), Ok(Reply::Done));
    stage.ask("anna", permit(AccessKind::Audio, &["maria"])).unwrap();
    assert!(!stage.transcript().contains("open"), "to permit turns nothing on");
    assert_eq!(stage.ask("maria", send(MediaKind::ScreenAudio)), Ok(Reply::Done));
}

#[test]
fn there_is_no_sound_of_a_screen_without_the_screen() {
    let stop = Command::SetPublication {
        kind: MediaKind::Screen,
        active: false,
        width: 0,
        height: 0,
    };
    let mut stage = shares();
    stage.ask("maria", stop).unwrap();
    let text = stage.transcript();
    assert!(
        text.contains("gate maria#1 2 closed") && text.contains("gate maria#1 3 closed"),
        "{text}"
    );
    assert_eq!(stage.ask("maria", send(MediaKind::ScreenAudio)), Err(Refusal::InvalidArgument));
    // The same when the screen is no longer declared.
    let mut stage = shares();
    let kinds = vec![MediaKind::Microphone, MediaKind::ScreenAudio];
    stage.ask("maria", Command::DeclarePublications(kinds)).unwrap();
    let text = stage.transcript();
    assert!(
        text.contains("gate maria#1 3 closed") && !text.contains("gate maria#1 3 open"),
        "{text}"
    );
}

#[test]
fn a_camera_that_is_forbidden_keeps_nobody_from_sharing_a_screen() {
    let mut stage = shares();
    stage.ask("anna", forbid(AccessKind::Video, &["maria"])).unwrap();
    assert!(!stage.transcript().contains("closed"));
    assert_eq!(stage.ask("maria", send(MediaKind::Camera)), Err(Refusal::CameraForbiddenByOther));
    assert_eq!(stage.ask("maria", send(MediaKind::Screen)), Ok(Reply::Done));
}

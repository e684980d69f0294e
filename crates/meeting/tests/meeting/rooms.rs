//! Calls without an organizer. The one door of rooms and group calls equals a table written in another way than the machine; roles of rooms say
//! what their application was promised, and whatever is changed there acts at once.

use std::collections::BTreeMap;

use meeting::{
    Bar, CallKind, CapabilityName, CapabilityReason, Command, Diagnostic, Event, Facts, JoinPath, LobbyScope, MediaKind, MeetingSettings,
    PasscodeCheck, Place, Refusal, Reply, Role, RoomRules, TimeoutReason, Verdict, decide, explain,
};
use proptest::prelude::*;

use super::support::{S, Stage, id, person, settings};

const NAMES: [&str; 10] = ["anna", "carl", "ben", "gita", "tom", "maria", "jose", "vera", "pia", "bot"];
const PATHS: [JoinPath; 5] = [
    JoinPath::Room,
    JoinPath::Group,
    JoinPath::Link,
    JoinPath::Resume,
    JoinPath::MeetingId {
        passcode: PasscodeCheck::NotRequired,
    },
];

/// A room from second 0 to second 1000 with these people.
fn room(people: &[(&str, Role)]) -> MeetingSettings {
    MeetingSettings {
        kind: CallKind::Room,
        room: Some(RoomRules {
            people: people.iter().map(|(name, role)| (id(name).0, *role)).collect(),
            opens: 0,
            closes: 1000 * S,
        }),
        ..without_organizer("room:1")
    }
}

/// A room of Maria and Jose.
pub(crate) fn for_laws() -> MeetingSettings {
    room(&[("maria", Role::Presenter), ("jose", Role::Attendee)])
}

/// A group call.
pub(crate) fn group() -> MeetingSettings {
    MeetingSettings {
        kind: CallKind::Group,
        group_id: Some("29228d3e-040e-4656-a70e-890ab4e173e5".to_owned()),
        ..without_organizer("group:1")
    }
}

fn without_organizer(key: &str) -> MeetingSettings {
    MeetingSettings {
        resource: "our-resource".to_owned(),
        thread_id: key.to_owned(),
        organizer: String::new(),
        co_organizers: Vec::new(),
        ..settings()
    }
}

/// Maria presents, jose attends, rosa collaborates, cleo watches.
fn staged() -> Stage {
    Stage::with(
        room(&[
            ("maria", Role::Presenter),
            ("jose", Role::Attendee),
            ("rosa", Role::Collaborator),
            ("cleo", Role::Consumer),
        ]),
        &["maria", "jose", "rosa", "cleo"],
    )
}

fn send(kind: MediaKind) -> Command {
    Command::SetPublication {
        kind,
        active: true,
        width: 0,
        height: 0,
    }
}

fn reason(stage: &mut Stage, name: &str, wanted: CapabilityName) -> CapabilityReason {
    let own = stage.own(name);
    own.capabilities.into_iter().find(|one| one.name == wanted).unwrap().state.reason
}

fn list(stage: &mut Stage, change: impl FnOnce(&mut BTreeMap<String, Role>)) {
    stage.change(|settings| change(&mut settings.room.as_mut().unwrap().people));
}

/// What the documentation says of rooms and group calls, first reason first.
struct Case<'a> {
    name: &'a str,
    settings: &'a MeetingSettings,
    place: Place,
    bar: Option<Bar>,
    closed: bool,
    now: i64,
}

fn reference(case: &Case<'_>) -> String {
    let Case { name, settings, .. } = case;
    let guest = matches!(*name, "maria" | "jose");
    let tenant = &settings.tenant;
    let listed = settings.room.as_ref().and_then(|room| room.people.get(&id(name).0));
    let in_room = settings.kind == CallKind::Room;
    let open = settings
        .room
        .as_ref()
        .is_none_or(|room| (room.opens..room.closes).contains(&case.now));
    let resource_off = tenant.blocked_acs_resources == ["our-resource"] || tenant.allowed_acs_resources == ["another"];
    let list = [
        (guest && !tenant.enable_acs_users, "communicationUsersDisabled"),
        (guest && resource_off, "communicationResourceBlocked"),
        (!guest && in_room, "roomForCommunicationUsers"),
        (!guest && !in_room, "groupForCommunicationUsers"),
        (in_room && listed.is_none() && case.place == Place::Inside, "roomInvitationRemoved"),
        (in_room && listed.is_none(), "notInvitedToRoom"),
        (!in_room && settings.resource != "our-resource", "groupOfAnotherResource"),
        (!open, "roomNotOpen"),
        (case.bar == Some(Bar::Removed), "removedBefore"),
        (case.bar == Some(Bar::Denied), "deniedBefore"),
        (case.closed, "meetingEndedAlready"),
    ];
    match list.into_iter().find_map(|(applies, name)| applies.then_some(name)) {
        Some(refusal) => format!("refused {refusal}"),
        None => format!("admitted {:?}", listed.copied().unwrap_or(Role::Presenter)),
    }
}

fn words(verdict: Verdict) -> String {
    match verdict {
        Verdict::Admit { role } => format!("admitted {role:?}"),
        Verdict::Wait { .. } => "waits".to_owned(),
        Verdict::Refuse(refusal) => format!("refused {}", refusal.row().name),
    }
}

/// Mostly the first value, now and then the other.
fn rarely<T: Clone + std::fmt::Debug + 'static>(usual: T, rare: T) -> impl Strategy<Value = T> {
    prop_oneof![6 => Just(usual), 1 => Just(rare)]
}

const ROLES: [Role; 4] = [Role::Presenter, Role::Collaborator, Role::Attendee, Role::Consumer];

prop_compose! {
    /// A room or group with tenant switches, and with a policy and options of meetings, which must not matter.
    fn any_call()(
        is_room in any::<bool>(),
        people in prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), prop::sample::select(ROLES.to_vec()), 0..=10),
        window in (0..10i64, 5..20i64),
        resource in rarely("our-resource", "another"),
        tenant in (any::<bool>(), rarely(true, false), rarely("", "our-resource"), rarely("", "another")),
        meetings in (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        scope in prop::option::of(prop::sample::select(vec![LobbyScope::Organizer, LobbyScope::Organization, LobbyScope::Everyone])),
    ) -> MeetingSettings {
        let mut all = if is_room { room(&people.into_iter().collect::<Vec<_>>()) } else { group() };
        if let Some(room) = &mut all.room {
            (room.opens, room.closes) = window;
        }
        let list = |word: &str| if word.is_empty() { Vec::new() } else { vec![word.to_owned()] };
        all.resource = resource.to_owned();
        (all.tenant.disable_anonymous_join, all.tenant.enable_acs_users) = (tenant.0, tenant.1);
        all.tenant.blocked_acs_resources = list(tenant.2);
        all.tenant.allowed_acs_resources = list(tenant.3);
        all.policy.allow_anonymous_users_to_join_meeting = meetings.0;
        all.policy.enable_acs_federation_access = meetings.1;
        all.policy.allow_anonymous_users_to_start_meeting = meetings.2;
        all.options.allow_anonymous_join = meetings.3;
        all.options.lobby_scope = scope;
        all
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rooms_and_group_calls_give_the_verdict_of_their_table_on_every_path(
        settings in any_call(),
        name in prop::sample::select(NAMES.to_vec()),
        place in prop_oneof![4 => Just(Place::None), 1 => Just(Place::Inside)],
        bar in prop_oneof![6 => Just(None), 1 => Just(Some(Bar::Removed)), 1 => Just(Some(Bar::Denied))],
        closed in rarely(false, true),
        locked in any::<bool>(),
        begun in any::<bool>(),
        now in 0..20i64,
    ) {
        // A lock cannot be set in these calls; it is not asked for either.
        let locked = locked && place == Place::Inside;
        let expected = reference(&Case { name, settings: &settings, place, bar, closed, now });
        let who = person(name);
        for path in PATHS {
            let facts = Facts { settings: &settings, person: &who, path, place, bar, called: false, begun, locked, closed };
            prop_assert_eq!(words(decide(now, &facts)), expected.clone(), "{:?}", path);
            prop_assert_eq!(explain(now, &facts).verdict, decide(now, &facts));
        }
    }

    #[test]
    fn the_machine_lets_in_whom_the_table_of_rooms_lets_in(
        settings in any_call(),
        name in prop::sample::select(NAMES.to_vec()),
        now in 0..20i64,
    ) {
        let mut stage = Stage::new(settings.clone());
        stage.now = now;
        let expected = reference(&Case { name, settings: &settings, place: Place::None, bar: None, closed: false, now });
        let said = match stage.join_by(person(name), JoinPath::Room, false) {
            Err(refusal) => format!("refused {}", refusal.row().name),
            Ok(_) if stage.is_inside(name) => format!("admitted {:?}", stage.own(name).role),
            Ok(_) => "waits".to_owned(),
        };
        prop_assert_eq!(said, expected);
    }
}

#[test]
fn whoever_is_listed_comes_in_alone_and_at_once_and_is_told_of_no_chat() {
    let mut stage = Stage::new(room(&[("jose", Role::Attendee)]));
    assert_eq!(stage.join("jose"), Ok(Reply::Joined { waiting: false }));
    let meeting = stage.snapshot("jose").meeting;
    assert_eq!(
        (meeting.kind, meeting.thread_id.as_str(), meeting.group_id),
        (CallKind::Room, "", None)
    );
    assert_eq!(stage.join("maria"), Err(Refusal::NotInvitedToRoom));
    let mut stage = Stage::new(group());
    assert_eq!(stage.join("jose"), Ok(Reply::Joined { waiting: false }));
    let meeting = stage.snapshot("jose").meeting;
    assert_eq!((meeting.kind, meeting.thread_id.as_str()), (CallKind::Group, ""));
    assert_eq!(meeting.group_id.as_deref(), Some("29228d3e-040e-4656-a70e-890ab4e173e5"));
}

#[test]
fn presenters_and_collaborators_share_and_attendees_do_not() {
    let mut stage = staged();
    for name in ["maria", "rosa"] {
        assert_eq!(stage.ask(name, send(MediaKind::Screen)), Ok(Reply::Done));
        assert_eq!(reason(&mut stage, name, CapabilityName::ShareScreen), CapabilityReason::Capable);
    }
    assert_eq!(stage.ask("jose", send(MediaKind::Screen)), Err(Refusal::RoleForbidsScreen));
    assert_eq!(
        reason(&mut stage, "jose", CapabilityName::ShareScreen),
        CapabilityReason::RoleRestricted
    );
    for name in ["maria", "rosa", "jose"] {
        assert_eq!(stage.ask(name, send(MediaKind::Microphone)), Ok(Reply::Done));
        assert_eq!(stage.ask(name, send(MediaKind::Camera)), Ok(Reply::Done));
        assert_eq!(stage.ask(name, Command::RaiseHand), Ok(Reply::Done));
    }
}

#[test]
fn a_consumer_sends_nothing_and_sees_everything() {
    let mut stage = staged();
    assert!(stage.own("cleo").muted, "enters muted");
    let commands = [
        send(MediaKind::Microphone),
        send(MediaKind::Camera),
        send(MediaKind::Screen),
        send(MediaKind::ScreenAudio),
        Command::RaiseHand,
        Command::SendTyped {
            text: "hello".to_owned(),
            is_final: true,
        },
        Command::SendData {
            channel: 1,
            sequence: 1,
            lossy: false,
            participants: Vec::new(),
            data: String::new(),
        },
        Command::PublishDiagnostics(vec![Diagnostic {
            name: "networkSendQuality".to_owned(),
            value: 3,
            is_flag: false,
        }]),
    ];
    for command in commands {
        assert_eq!(stage.ask("cleo", command.clone()), Err(Refusal::ViewOnly), "{command:?}");
        assert_ne!(stage.ask("maria", command.clone()), Err(Refusal::ViewOnly), "{command:?}");
    }
    for name in [
        CapabilityName::UnmuteMic,
        CapabilityName::TurnVideoOn,
        CapabilityName::ShareScreen,
        CapabilityName::RaiseHand,
        CapabilityName::UseReactions,
        CapabilityName::RealTimeText,
        CapabilityName::MuteOthers,
        CapabilityName::RemoveParticipant,
    ] {
        assert_eq!(reason(&mut stage, "cleo", name), CapabilityReason::RoleRestricted, "{name:?}");
    }
    assert_eq!(
        reason(&mut stage, "cleo", CapabilityName::ViewAttendeeNames),
        CapabilityReason::Capable
    );
    assert_eq!(stage.snapshot("cleo").participants.len(), 4);
}

#[test]
fn who_presents_runs_the_room_and_nobody_else_does() {
    for name in ["jose", "rosa", "cleo"] {
        let mut stage = staged();
        assert_eq!(
            stage.ask(name, Command::MuteParticipants(vec![id("maria")])),
            Err(Refusal::RoleForbidsMute)
        );
        assert_eq!(stage.ask(name, Command::Remove(id("maria"))), Err(Refusal::RoleForbidsRemove));
        assert!(stage.is_inside("maria") && !stage.own("maria").muted);
    }
    let mut stage = staged();
    assert_eq!(stage.ask("maria", Command::MuteParticipants(vec![id("jose")])), Ok(Reply::Done));
    assert!(stage.own("jose").muted_by_other);
    assert_eq!(stage.ask("maria", Command::Remove(id("jose"))), Ok(Reply::Done));
    assert_eq!(stage.ended("jose"), Some(Refusal::Removed));
    assert_eq!(
        stage.join("jose"),
        Err(Refusal::RemovedBefore),
        "a removal sticks while the call is held"
    );
}

#[test]
fn what_belongs_to_meetings_is_refused_in_the_other_calls_and_their_records_say_so() {
    let commands = [
        (Command::Admit(Vec::new()), Some(CapabilityName::ManageLobby)),
        (Command::Reject(vec![id("jose")]), Some(CapabilityName::ManageLobby)),
        (Command::SetLocked(true), None),
        (
            Command::SetRole {
                participant: id("jose"),
                role: Role::Presenter,
            },
            None,
        ),
        (
            Command::Breakout(meeting::BreakoutCommand::Open),
            Some(CapabilityName::JoinBreakoutRooms),
        ),
    ];
    for (command, name) in commands {
        for mut stage in [staged(), Stage::with(group(), &["maria", "jose"])] {
            assert_eq!(
                stage.ask("maria", command.clone()),
                Err(Refusal::NotInThisKindOfCall),
                "{command:?}"
            );
            if let Some(name) = name {
                let why = reason(&mut stage, "maria", name);
                assert_eq!(why, CapabilityReason::CapabilityNotApplicableForTheCallType, "{command:?}");
            }
        }
        let mut meeting = Stage::with(settings(), &["anna", "jose"]);
        assert_ne!(
            meeting.ask("anna", command.clone()),
            Err(Refusal::NotInThisKindOfCall),
            "{command:?}"
        );
    }
}

#[test]
fn a_room_is_not_ended_from_inside_and_a_group_call_is() {
    let end = Command::Leave { for_everyone: true };
    let mut stage = staged();
    assert_eq!(stage.ask("maria", end.clone()), Err(Refusal::NotInThisKindOfCall));
    let why = reason(&mut stage, "maria", CapabilityName::HangUpForEveryOne);
    assert_eq!(why, CapabilityReason::CapabilityNotApplicableForTheCallType);
    let mut stage = Stage::with(group(), &["maria", "jose"]);
    assert_eq!(
        reason(&mut stage, "jose", CapabilityName::HangUpForEveryOne),
        CapabilityReason::Capable
    );
    assert_eq!(stage.ask("jose", end), Ok(Reply::Done));
    assert_eq!(stage.ended("maria"), Some(Refusal::MeetingEnded));
}

#[test]
fn in_a_group_call_all_are_equal() {
    let mut stage = Stage::with(group(), &["maria", "jose", "rosa"]);
    for name in ["maria", "jose"] {
        assert_eq!(stage.ask(name, send(MediaKind::Screen)), Ok(Reply::Done));
        assert_eq!(stage.ask(name, Command::RaiseHand), Ok(Reply::Done));
        assert_eq!(stage.ask(name, Command::MuteParticipants(vec![id("rosa")])), Ok(Reply::Done));
    }
    assert_eq!(stage.ask("jose", Command::Remove(id("maria"))), Ok(Reply::Done));
    assert_eq!(stage.join("maria"), Err(Refusal::RemovedBefore));
}

#[test]
fn a_role_that_the_application_changes_acts_at_once() {
    let mut stage = staged();
    stage
        .ask(
            "maria",
            Command::DeclarePublications(vec![MediaKind::Microphone, MediaKind::Screen]),
        )
        .unwrap();
    stage.ask("maria", send(MediaKind::Screen)).unwrap();
    stage.ask("maria", Command::RaiseHand).unwrap();
    stage.transcript();
    list(&mut stage, |people| {
        people.insert(id("maria").0, Role::Attendee);
        people.insert(id("jose").0, Role::Presenter);
    });
    let text = stage.transcript();
    assert!(
        text.contains("gate maria#1 2 closed") && !text.contains("gate maria#1 1 closed"),
        "{text}"
    );
    assert_eq!((stage.own("maria").role, stage.own("jose").role), (Role::Attendee, Role::Presenter));
    assert_eq!(stage.ask("maria", send(MediaKind::Screen)), Err(Refusal::RoleForbidsScreen));
    stage.transcript();
    list(&mut stage, |people| {
        people.insert(id("maria").0, Role::Consumer);
    });
    let text = stage.transcript();
    assert!(text.contains("gate maria#1 1 closed"), "{text}");
    let maria = stage
        .snapshot("jose")
        .participants
        .into_iter()
        .find(|one| one.id == id("maria"))
        .unwrap();
    assert_eq!((maria.role, maria.muted, maria.hand), (Role::Consumer, true, None));
}

#[test]
fn who_is_taken_off_the_list_is_out_and_comes_back_when_listed_again() {
    let mut stage = staged();
    list(&mut stage, |people| {
        people.remove(&id("jose").0);
    });
    assert_eq!(stage.ended("jose"), Some(Refusal::RoomInvitationRemoved));
    assert!(stage.is_inside("maria") && stage.is_inside("rosa"));
    assert_eq!(stage.join("jose"), Err(Refusal::NotInvitedToRoom));
    list(&mut stage, |people| {
        people.insert(id("jose").0, Role::Attendee);
    });
    assert_eq!(stage.join("jose"), Ok(Reply::Joined { waiting: false }), "nobody barred them");
}

#[test]
fn a_connection_that_comes_back_after_the_invitation_is_gone_is_told_so() {
    let mut stage = staged();
    stage.lose("jose");
    stage.said.clear();
    list(&mut stage, |people| {
        people.remove(&id("jose").0);
    });
    assert_eq!(stage.ended("jose"), Some(Refusal::RoomInvitationRemoved));
}

#[test]
fn a_room_empties_when_it_closes_and_nobody_comes_in_then() {
    let mut stage = staged();
    assert_eq!(stage.meeting.poll_timeout(), Some((1000 * S, TimeoutReason::RoomCloses)));
    stage.wait(999);
    assert!(stage.is_inside("maria"));
    stage.wait(1);
    assert_eq!(stage.ended("maria"), Some(Refusal::RoomNotOpen));
    assert!(stage.meeting.is_empty());
    assert_eq!(stage.meeting.poll_timeout(), None);
    assert_eq!(stage.join("maria"), Err(Refusal::RoomNotOpen));
}

#[test]
fn a_room_that_is_opened_longer_or_later_keeps_or_empties_itself_at_once() {
    let mut stage = staged();
    stage.change(|settings| settings.room.as_mut().unwrap().closes = 2000 * S);
    stage.wait(1500);
    assert!(stage.is_inside("maria"));
    stage.change(|settings| settings.room.as_mut().unwrap().opens = 1600 * S);
    assert_eq!(stage.ended("maria"), Some(Refusal::RoomNotOpen));
}

#[test]
fn the_tenant_switch_for_communication_identities_holds_and_the_one_for_anonymous_join_does_not() {
    for call in [room(&[("maria", Role::Presenter)]), group()] {
        let mut stage = Stage::with(call, &["maria"]);
        stage.change(|settings| settings.tenant.disable_anonymous_join = true);
        assert!(stage.is_inside("maria"));
        stage.change(|settings| settings.tenant.enable_acs_users = false);
        assert_eq!(stage.ended("maria"), Some(Refusal::CommunicationUsersDisabled));
    }
}

#[test]
fn a_consumer_is_told_to_the_others_as_one() {
    let mut stage = staged();
    stage.said.clear();
    list(&mut stage, |people| {
        people.insert(id("rosa").0, Role::Consumer);
    });
    let told = stage.events("jose").into_iter().any(|event| match event {
        Event::Participants { upserted, .. } => upserted.iter().any(|one| one.id == id("rosa") && one.role == Role::Consumer),
        _ => false,
    });
    assert!(told);
}

//! Breakout rooms: who manages them, what each person knows of them, and that a room takes only those whom the main meeting names.

use meeting::{
    BreakoutCommand, BreakoutRoom, BreakoutState, CallKind, CapabilityName, CapabilityReason, Command, Event, Input, JoinPath,
    MAX_ASSIGNED, MAX_BREAKOUT_ROOMS, MeetingSettings, NewBreakoutRoom, Output, ParticipantId, Refusal, Reply, Role, TimeoutReason,
};
use proptest::prelude::*;

use super::support::{S, Stage, id, person, settings};

fn room(name: &str, invitees: &[&str]) -> NewBreakoutRoom {
    NewBreakoutRoom {
        name: name.to_owned(),
        invitees: invitees.iter().map(|name| id(name)).collect(),
    }
}

fn plan(rooms: Vec<NewBreakoutRoom>) -> Command {
    timed(rooms, None)
}

fn timed(rooms: Vec<NewBreakoutRoom>, seconds: Option<u32>) -> Command {
    Command::Breakout(BreakoutCommand::Plan {
        rooms,
        auto_move: true,
        return_disabled: false,
        seconds,
    })
}

fn assign(name: &str, room: Option<&str>) -> Command {
    Command::Breakout(BreakoutCommand::Assign {
        participant: id(name),
        room: room.map(str::to_owned),
    })
}

const OPEN: Command = Command::Breakout(BreakoutCommand::Open);
const CLOSE: Command = Command::Breakout(BreakoutCommand::Close);

fn broadcast(text: &str) -> Command {
    Command::Breakout(BreakoutCommand::Broadcast(text.to_owned()))
}

/// Anna organizes, ben and dora are members (dora an attendee), maria is a guest; two rooms: ben and maria, dora.
fn staged(change: impl FnOnce(&mut MeetingSettings)) -> Stage {
    let mut settings = settings();
    settings.options.lobby_scope = Some(meeting::LobbyScope::Everyone);
    change(&mut settings);
    let mut stage = Stage::with(settings, &["anna", "ben", "dora", "maria"]);
    stage
        .ask(
            "anna",
            Command::SetRole {
                participant: id("dora"),
                role: Role::Attendee,
            },
        )
        .unwrap();
    stage
        .ask("anna", plan(vec![room("Blue", &["ben", "maria"]), room("Red", &["dora"])]))
        .unwrap();
    stage.said.clear();
    stage
}

fn opened(change: impl FnOnce(&mut MeetingSettings)) -> Stage {
    let mut stage = staged(change);
    stage.ask("anna", OPEN).unwrap();
    stage
}

fn guests(settings: &mut MeetingSettings) {
    settings.policy.guest_breakout_rooms = true;
}

fn breakout(stage: &mut Stage, name: &str) -> BreakoutState {
    stage.snapshot(name).breakout
}

/// What the host was told last of the open rooms.
fn published(stage: &Stage) -> Option<Vec<MeetingSettings>> {
    stage.said.iter().rev().find_map(|output| match output {
        Output::BreakoutRooms(rooms) => Some(rooms.clone()),
        _ => None,
    })
}

fn named(room: &MeetingSettings) -> Vec<&str> {
    let rules = room.breakout.as_ref().unwrap();
    let mut people: Vec<&ParticipantId> = rules.people.keys().chain(rules.managers.keys()).collect();
    people.sort_unstable();
    people.into_iter().map(|id| id.0.rsplit(':').next().unwrap()).collect()
}

fn capability(stage: &mut Stage, name: &str) -> CapabilityReason {
    let record = stage.own(name).capabilities;
    record
        .into_iter()
        .find(|one| one.name == CapabilityName::JoinBreakoutRooms)
        .unwrap()
        .state
        .reason
}

#[test]
fn members_who_run_the_meeting_manage_rooms_and_nobody_else() {
    let mut stage = staged(|_| {});
    let commands = [
        plan(vec![room("Green", &[])]),
        assign("dora", Some("1-1")),
        OPEN,
        broadcast("Ten minutes"),
        CLOSE,
    ];
    for command in &commands {
        assert_eq!(
            stage.ask("dora", command.clone()),
            Err(Refusal::RoleForbidsBreakoutRooms),
            "an attendee: {command:?}"
        );
        assert_eq!(
            stage.ask("maria", command.clone()),
            Err(Refusal::RoleForbidsBreakoutRooms),
            "a guest: {command:?}"
        );
    }
    // A guest who presents is no member.
    let presenter = Command::SetRole {
        participant: id("maria"),
        role: Role::Presenter,
    };
    stage.ask("anna", presenter).unwrap();
    assert_eq!(stage.ask("maria", OPEN), Err(Refusal::RoleForbidsBreakoutRooms));
    assert!(breakout(&mut stage, "maria").rooms.is_empty());
    assert_eq!(published(&stage), None, "a refused command changes nothing");
    // The twin: a member who presents.
    assert_eq!(stage.ask("ben", assign("dora", Some("1-1"))), Ok(Reply::Done));
    assert_eq!(stage.ask("ben", OPEN), Ok(Reply::Done));
    assert_eq!(stage.ask("ben", broadcast("Ten minutes")), Ok(Reply::Done));
    assert_eq!(stage.ask("ben", CLOSE), Ok(Reply::Done));
    assert_eq!(stage.ask("ben", plan(vec![room("Green", &[])])), Ok(Reply::Done));
}

#[test]
fn who_is_assigned_sees_the_own_room_and_who_manages_sees_all() {
    let mut stage = staged(guests);
    let mine = breakout(&mut stage, "maria");
    let blue = |invitees: &[&str]| BreakoutRoom {
        id: "1-1".to_owned(),
        name: "Blue".to_owned(),
        thread_id: String::new(),
        open: false,
        auto_move: true,
        invitees: invitees.iter().map(|name| id(name)).collect(),
    };
    assert_eq!(mine.assigned, Some(blue(&["maria"])), "the others in the room are not named");
    assert!(mine.rooms.is_empty());
    let all = breakout(&mut stage, "anna");
    assert_eq!(all.assigned, None);
    assert_eq!(all.rooms.len(), 2);
    assert_eq!(all.rooms[0].invitees.len(), 2);
    stage.said.clear();
    stage.ask("anna", OPEN).unwrap();
    let told: Vec<bool> = ["anna", "ben", "dora", "maria"]
        .iter()
        .map(|name| stage.events(name).iter().any(|event| matches!(event, Event::Breakout { .. })))
        .collect();
    assert_eq!(told, [true; 4]);
    assert!(breakout(&mut stage, "maria").assigned.unwrap().open);
}

#[test]
fn a_guest_knows_nothing_of_the_rooms_unless_the_policy_opens_them() {
    let mut stage = opened(|_| {});
    assert_eq!(breakout(&mut stage, "maria"), BreakoutState::default());
    assert_eq!(capability(&mut stage, "maria"), CapabilityReason::UserPolicyRestricted);
    assert!(!stage.events("maria").iter().any(|event| matches!(event, Event::Breakout { .. })));
    assert_eq!(named(&published(&stage).unwrap()[0]), ["anna", "ben"]);
    // The policy acts at once, in the meeting and in the room.
    stage.said.clear();
    stage.change(guests);
    assert!(stage.events("maria").iter().any(|event| matches!(event, Event::Breakout { .. })));
    assert_eq!(capability(&mut stage, "maria"), CapabilityReason::Capable);
    assert_eq!(named(&published(&stage).unwrap()[0]), ["maria", "anna", "ben"]);
    stage.said.clear();
    stage.change(|settings| settings.policy.guest_breakout_rooms = false);
    assert_eq!(named(&published(&stage).unwrap()[0]), ["anna", "ben"]);
    assert_eq!(breakout(&mut stage, "maria"), BreakoutState::default());
}

#[test]
fn the_option_forbids_rooms_and_closes_open_ones() {
    let mut stage = staged(|settings| settings.options.allow_breakout_rooms = true);
    assert_eq!(capability(&mut stage, "dora"), CapabilityReason::Capable);
    stage.ask("anna", OPEN).unwrap();
    stage.said.clear();
    stage.change(|settings| settings.options.allow_breakout_rooms = false);
    assert_eq!(published(&stage), Some(Vec::new()));
    assert_eq!(stage.ask("anna", OPEN), Err(Refusal::BreakoutRoomsDisabledByOption));
    assert_eq!(stage.ask("anna", plan(vec![])), Err(Refusal::BreakoutRoomsDisabledByOption));
    assert_eq!(capability(&mut stage, "dora"), CapabilityReason::MeetingRestricted);
    assert_eq!(breakout(&mut stage, "dora"), BreakoutState::default());
    stage.change(|settings| settings.options.allow_breakout_rooms = true);
    assert!(!breakout(&mut stage, "dora").assigned.unwrap().open, "closed rooms stay closed");
}

#[test]
fn rooms_are_for_meetings() {
    let mut stage = Stage::with(
        MeetingSettings {
            kind: CallKind::Group,
            resource: "our-resource".to_owned(),
            ..settings()
        },
        &["maria"],
    );
    assert!(stage.ask("maria", OPEN).is_err());
    assert_eq!(
        capability(&mut stage, "maria"),
        CapabilityReason::CapabilityNotApplicableForTheCallType
    );
}

#[test]
fn a_plan_out_of_bounds_is_refused_and_changes_nothing() {
    let mut stage = staged(|_| {});
    let many = |count: usize| -> Vec<ParticipantId> { (0..count).map(|n| ParticipantId(format!("8:orgid:{n}"))).collect() };
    let with = |name: &str, invitees: Vec<ParticipantId>| NewBreakoutRoom {
        name: name.to_owned(),
        invitees,
    };
    let refused = [
        plan(vec![room("x", &[]); MAX_BREAKOUT_ROOMS + 1]),
        plan(vec![with("x", many(MAX_ASSIGNED + 1))]),
        plan(vec![room("  ", &[])]),
        plan(vec![room(&"x".repeat(129), &[])]),
        plan(vec![room("a\u{7}b", &[])]),
        plan(vec![room("a", &["ben"]), room("b", &["ben"])]),
        plan(vec![with("a", vec![ParticipantId(String::new())])]),
        plan(vec![with("a", vec![ParticipantId("ben".to_owned())])]),
        plan(vec![with("a", vec![ParticipantId("8:acs:".to_owned())])]),
        plan(vec![with("a", vec![ParticipantId("8:live:ben".to_owned())])]),
        plan(vec![with("a", vec![ParticipantId("8:acs:a\"b".to_owned())])]),
        plan(vec![with("a", vec![ParticipantId(format!("8:acs:{}", "x".repeat(160)))])]),
        Command::Breakout(BreakoutCommand::Assign {
            participant: ParticipantId("ben".to_owned()),
            room: Some("1-1".to_owned()),
        }),
        timed(vec![room("a", &[])], Some(0)),
        timed(vec![room("a", &[])], Some(86_401)),
    ];
    for command in refused {
        assert_eq!(stage.ask("anna", command.clone()), Err(Refusal::InvalidArgument), "{command:?}");
    }
    assert_eq!(breakout(&mut stage, "anna").rooms.len(), 2);
    let kinds = ["8:acs:a-1_b", "8:orgid:a", "8:teamsvisitor:a", "28:orgid:a", "4:+123"].map(ParticipantId::from);
    assert_eq!(
        stage.ask("anna", plan(vec![with("x", kinds.to_vec())])),
        Ok(Reply::Done),
        "every kind of id"
    );
    stage
        .ask("anna", plan(vec![room("Blue", &["ben", "maria"]), room("Red", &["dora"])]))
        .unwrap();
    assert_eq!(stage.ask("anna", assign("dora", Some("9-9"))), Err(Refusal::UnknownBreakoutRoom));
    stage.now += 60 * S;
    assert_eq!(stage.ask("anna", plan(vec![room("x", &[]); MAX_BREAKOUT_ROOMS])), Ok(Reply::Done));
    assert_eq!(stage.ask("anna", plan(vec![with("x", many(MAX_ASSIGNED))])), Ok(Reply::Done));
    assert_eq!(
        stage.ask("anna", assign("dora", Some("5-1"))),
        Err(Refusal::InvalidArgument),
        "one too many"
    );
}

#[test]
fn open_rooms_are_not_planned_anew_nor_opened_twice_and_no_rooms_are_not_opened() {
    let mut stage = opened(|_| {});
    assert_eq!(stage.ask("anna", plan(vec![])), Err(Refusal::BreakoutRoomsAreOpen));
    assert_eq!(stage.ask("anna", OPEN), Err(Refusal::BreakoutRoomsAreOpen));
    stage.ask("anna", CLOSE).unwrap();
    assert_eq!(stage.ask("anna", broadcast("x")), Err(Refusal::BreakoutRoomsNotOpen));
    stage.ask("anna", plan(vec![])).unwrap();
    assert_eq!(stage.ask("anna", OPEN), Err(Refusal::UnknownBreakoutRoom));
}

#[test]
fn rooms_close_by_themselves_when_their_time_is_over() {
    let mut stage = staged(|_| {});
    stage.ask("anna", timed(vec![room("Blue", &["dora"])], Some(60))).unwrap();
    assert_eq!(stage.meeting.poll_timeout(), None);
    stage.ask("anna", OPEN).unwrap();
    let ends = stage.now + 60 * S;
    assert_eq!(stage.meeting.poll_timeout(), Some((ends, TimeoutReason::BreakoutRoomsEnd)));
    assert_eq!(breakout(&mut stage, "dora").ends, Some(ends));
    stage.wait(59);
    assert!(breakout(&mut stage, "dora").assigned.unwrap().open);
    stage.said.clear();
    stage.wait(1);
    assert_eq!(published(&stage), Some(Vec::new()));
    let closed = breakout(&mut stage, "dora");
    assert!(!closed.assigned.unwrap().open);
    assert_eq!(closed.ends, None);
    assert_eq!(stage.meeting.poll_timeout(), None);
}

#[test]
fn rooms_are_published_before_anybody_hears_that_they_are_open() {
    let mut stage = staged(guests);
    stage.ask("anna", OPEN).unwrap();
    let at = |wanted: &dyn Fn(&Output) -> bool| stage.said.iter().position(wanted).unwrap();
    let published = at(&|output| matches!(output, Output::BreakoutRooms(_)));
    let told = at(&|output| {
        matches!(
            output,
            Output::Event {
                event: Event::Breakout { .. },
                ..
            }
        )
    });
    assert!(published < told);
}

#[test]
fn who_is_removed_or_moved_is_named_in_the_room_no_more() {
    let mut stage = opened(guests);
    stage.said.clear();
    stage.ask("anna", assign("maria", Some("1-2"))).unwrap();
    let rooms = published(&stage).unwrap();
    assert!(!named(&rooms[0]).contains(&"maria") && named(&rooms[1]).contains(&"maria"));
    stage.ask("anna", Command::Remove(id("maria"))).unwrap();
    assert!(!named(&published(&stage).unwrap()[1]).contains(&"maria"));
    stage.ask("dora", Command::Leave { for_everyone: false }).unwrap();
    assert!(!named(&published(&stage).unwrap()[1]).contains(&"dora"));
    stage.ask("anna", Command::Leave { for_everyone: true }).unwrap();
    assert_eq!(published(&stage), Some(Vec::new()));
}

#[test]
fn an_option_changed_in_the_main_meeting_governs_the_rooms_too() {
    let mut stage = opened(|_| {});
    stage.said.clear();
    stage.change(|settings| settings.options.allow_reactions = false);
    let rooms = published(&stage).unwrap();
    assert!(rooms.iter().all(|room| !room.options.allow_reactions && room.breakout.is_some()));
    assert_eq!(rooms[0].subject, "Blue");
    assert_ne!(rooms[0].thread_id, rooms[1].thread_id);
}

#[test]
fn a_message_to_all_rooms_goes_to_the_rooms_and_back_to_those_who_manage() {
    let mut stage = opened(guests);
    stage.said.clear();
    stage.ask("anna", broadcast("Five minutes left")).unwrap();
    assert!(
        stage
            .said
            .iter()
            .any(|output| matches!(output, Output::BreakoutBroadcast { text, .. } if text == "Five minutes left"))
    );
    let heard = |stage: &Stage, name: &str| stage.events(name).iter().any(|event| matches!(event, Event::Broadcast { .. }));
    assert!(heard(&stage, "anna") && heard(&stage, "ben"));
    assert!(!heard(&stage, "dora") && !heard(&stage, "maria"), "who is in a room hears it there");
    assert_eq!(stage.ask("anna", broadcast(" ")), Err(Refusal::InvalidArgument));
    assert_eq!(stage.ask("anna", broadcast(&"x".repeat(1_001))), Err(Refusal::InvalidArgument));
    let refused = (0..10)
        .filter(|_| stage.ask("anna", broadcast("again")) == Err(Refusal::TooFast))
        .count();
    assert!(refused > 0, "a flood is not passed on");
    stage.now += 10 * S;
    assert_eq!(stage.ask("anna", broadcast("again")), Ok(Reply::Done));
}

fn give(name: &str, role: Role) -> Command {
    Command::SetRole {
        participant: id(name),
        role,
    }
}

fn share() -> Command {
    Command::SetPublication {
        kind: meeting::MediaKind::Screen,
        active: true,
        width: 0,
        height: 0,
    }
}

#[test]
fn a_demotion_in_the_main_meeting_holds_in_the_room_before_and_while_somebody_is_in_it() {
    let mut main = opened(guests);
    let mut blue = held(&published(&main).unwrap(), 0);
    enter(&mut blue, "maria").unwrap();
    // The twin: a guest whom nobody demoted shares where everyone presents.
    assert_eq!(blue.ask("maria", share()), Ok(Reply::Done));
    main.ask("anna", give("maria", Role::Attendee)).unwrap();
    assert_eq!(main.ask("maria", share()), Err(Refusal::RoleForbidsScreen));
    let rooms = published(&main).unwrap();
    blue.feed(Input::SettingsChanged(Box::new(rooms[0].clone())));
    assert_eq!(blue.ask("maria", share()), Err(Refusal::RoleForbidsScreen));
    let mut again = held(&rooms, 0);
    enter(&mut again, "maria").unwrap();
    assert_eq!(again.ask("maria", share()), Err(Refusal::RoleForbidsScreen));
}

#[test]
fn a_role_given_in_a_room_ends_when_the_main_meeting_says_another_one() {
    let mut main = opened(guests);
    let mut blue = held(&published(&main).unwrap(), 0);
    for name in ["anna", "ben", "maria"] {
        enter(&mut blue, name).unwrap();
    }
    blue.ask("anna", give("maria", Role::Presenter)).unwrap();
    blue.ask("anna", give("ben", Role::Attendee)).unwrap();
    // What does not concern her leaves her role alone.
    main.change(|settings| settings.options.allow_reactions = false);
    blue.feed(Input::SettingsChanged(Box::new(published(&main).unwrap().remove(0))));
    assert_eq!((blue.own("maria").role, blue.own("ben").role), (Role::Presenter, Role::Attendee));
    main.ask("anna", give("maria", Role::Attendee)).unwrap();
    blue.feed(Input::SettingsChanged(Box::new(published(&main).unwrap().remove(0))));
    assert_eq!(blue.own("maria").role, Role::Attendee);
    assert_eq!(blue.own("ben").role, Role::Attendee, "nothing was said of him in the main meeting");
}

/// The room's own machine, as the host makes it from what was published.
fn held(rooms: &[MeetingSettings], at: usize) -> Stage {
    Stage::new(rooms[at].clone())
}

fn enter(room: &mut Stage, name: &str) -> Result<Reply, Refusal> {
    room.join_by(person(name), JoinPath::BreakoutRoom, false)
}

#[test]
fn a_room_takes_who_is_assigned_or_manages_and_nobody_else_on_any_way() {
    let rooms = published(&opened(guests)).unwrap();
    let mut blue = held(&rooms, 0);
    assert_eq!(enter(&mut blue, "maria"), Ok(Reply::Joined { waiting: false }), "without a lobby");
    assert_eq!(enter(&mut blue, "ben"), Ok(Reply::Joined { waiting: false }));
    assert_eq!(enter(&mut blue, "anna"), Ok(Reply::Joined { waiting: false }));
    assert_eq!(enter(&mut blue, "dora"), Err(Refusal::BreakoutRoomNotYours));
    assert_eq!(
        enter(&mut blue, "carl"),
        Err(Refusal::BreakoutRoomNotYours),
        "who is not in the main meeting"
    );
    for path in [JoinPath::Link, JoinPath::Coordinates, JoinPath::Resume, JoinPath::Room] {
        assert_eq!(blue.join_by(person("dora"), path, false), Err(Refusal::BreakoutRoomNotYours));
    }
    assert_eq!(blue.own("anna").role, Role::Organizer);
    assert_eq!(blue.own("maria").role, Role::Attendee);
    let state = blue.snapshot("maria");
    assert_eq!(state.meeting.subject, "Blue");
    assert_eq!(state.meeting.thread_id, "");
    assert_eq!(state.breakout.main_thread_id.as_deref(), Some("19:meeting_x@thread.v2"));
    assert_eq!(blue.ask("anna", OPEN), Err(Refusal::BreakoutRoomsNotHere), "rooms have no rooms");
}

#[test]
fn a_name_given_in_the_main_meeting_stays_in_the_room() {
    let rooms = published(&opened(guests)).unwrap();
    let mut blue = held(&rooms, 0);
    let mut maria = person("maria");
    maria.display_name = "Anna the organizer".to_owned();
    blue.join_by(maria, JoinPath::BreakoutRoom, false).unwrap();
    assert_eq!(blue.own("maria").display_name, "maria");
}

#[test]
fn who_is_named_no_more_is_out_of_the_room_and_a_closed_room_is_empty() {
    let mut main = opened(guests);
    let mut blue = held(&published(&main).unwrap(), 0);
    for name in ["anna", "ben", "maria"] {
        enter(&mut blue, name).unwrap();
    }
    main.ask("anna", Command::Remove(id("maria"))).unwrap();
    let now = published(&main).unwrap().remove(0);
    blue.feed(Input::SettingsChanged(Box::new(now.clone())));
    assert_eq!(blue.ended("maria"), Some(Refusal::BreakoutRoomNotYours));
    assert!(blue.is_inside("ben"));
    let mut over = now;
    over.breakout.as_mut().unwrap().over = true;
    blue.feed(Input::SettingsChanged(Box::new(over)));
    assert_eq!(blue.ended("ben"), Some(Refusal::BreakoutRoomClosed));
    assert!(blue.meeting.is_empty());
    assert_eq!(enter(&mut blue, "ben"), Err(Refusal::BreakoutRoomNotOpen));
}

#[test]
fn a_guest_in_a_room_is_out_with_the_policys_name_when_it_closes() {
    let mut main = opened(guests);
    let mut blue = held(&published(&main).unwrap(), 0);
    enter(&mut blue, "maria").unwrap();
    enter(&mut blue, "ben").unwrap();
    main.change(|settings| settings.policy.guest_breakout_rooms = false);
    blue.feed(Input::SettingsChanged(Box::new(published(&main).unwrap().remove(0))));
    assert_eq!(blue.ended("maria"), Some(Refusal::BreakoutRoomsForMembersOnly));
    assert_eq!(Refusal::BreakoutRoomsForMembersOnly.row().policy, Some("GuestBreakoutRooms"));
    assert!(blue.is_inside("ben"));
}

#[test]
fn the_switches_of_the_tenant_hold_in_a_room_and_a_removal_from_it_sticks() {
    let mut main = opened(guests);
    let mut blue = held(&published(&main).unwrap(), 0);
    enter(&mut blue, "anna").unwrap();
    enter(&mut blue, "maria").unwrap();
    blue.ask("anna", Command::Remove(id("maria"))).unwrap();
    assert_eq!(enter(&mut blue, "maria"), Err(Refusal::RemovedBefore));
    main.change(|settings| settings.tenant.disable_anonymous_join = true);
    let mut red = held(&published(&main).unwrap(), 1);
    assert_eq!(enter(&mut red, "maria"), Err(Refusal::AnonymousJoinDisabledByTenant));
}

#[test]
fn a_message_is_said_to_everybody_in_the_room() {
    let mut blue = held(&published(&opened(guests)).unwrap(), 0);
    enter(&mut blue, "maria").unwrap();
    blue.feed(Input::Broadcast {
        participant: id("anna"),
        display_name: "anna".to_owned(),
        text: "Come back".to_owned(),
    });
    assert!(
        blue.events("maria")
            .iter()
            .any(|event| matches!(event, Event::Broadcast { text, .. } if text == "Come back"))
    );
}

#[test]
fn a_plan_is_forgotten_when_the_meeting_is_over_and_ids_are_never_used_twice() {
    let mut stage = opened(|_| {});
    stage.ask("anna", Command::Leave { for_everyone: true }).unwrap();
    stage.join("anna").unwrap();
    assert_eq!(breakout(&mut stage, "anna"), BreakoutState::default());
    stage.ask("anna", plan(vec![room("Blue", &[])])).unwrap();
    assert_ne!(breakout(&mut stage, "anna").rooms[0].id, "1-1");
}

const NAMES: [&str; 7] = ["anna", "carl", "ben", "dora", "gita", "maria", "vera"];

#[derive(Debug, Clone)]
enum Act {
    Join(&'static str),
    Leave(&'static str),
    Remove(&'static str),
    Role(&'static str, Role),
    Plan(Vec<Vec<&'static str>>),
    Assign(&'static str, usize),
    Open,
    Close,
    Policy(bool, bool),
    Pass(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let name = || prop::sample::select(NAMES.to_vec());
    prop_oneof![
        6 => name().prop_map(Act::Join),
        1 => name().prop_map(Act::Leave),
        1 => name().prop_map(Act::Remove),
        2 => (name(), prop::sample::select(vec![Role::Presenter, Role::Attendee])).prop_map(|(name, role)| Act::Role(name, role)),
        2 => prop::collection::vec(prop::collection::vec(name(), 0..3), 0..3).prop_map(Act::Plan),
        3 => (name(), 0..4usize).prop_map(|(name, room)| Act::Assign(name, room)),
        3 => Just(Act::Open),
        1 => Just(Act::Close),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(guests, option)| Act::Policy(guests, option)),
        1 => (1..40i64).prop_map(Act::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Everybody tries to come into every published room after every step; only those whom a separate account of the plan names get in.
    #[test]
    fn a_room_never_admits_somebody_who_is_not_assigned_and_does_not_manage(acts in prop::collection::vec(act(), 1..40)) {
        let mut settings = settings();
        settings.options.lobby_scope = Some(meeting::LobbyScope::Everyone);
        let mut main = Stage::with(settings, &["anna"]);
        let mut rooms: Vec<MeetingSettings> = Vec::new();
        for act in acts {
            main.now += S;
            main.said.clear();
            match act {
                Act::Join(name) => drop(main.join(name)),
                Act::Leave(name) => drop(main.ask(name, Command::Leave { for_everyone: false })),
                Act::Remove(name) => drop(main.ask("anna", Command::Remove(id(name)))),
                Act::Role(name, role) => drop(main.ask("anna", Command::SetRole { participant: id(name), role })),
                Act::Plan(plans) => {
                    let rooms = plans.iter().map(|invitees| room("Room", invitees)).collect();
                    drop(main.ask("anna", timed(rooms, Some(30))));
                }
                Act::Assign(name, at) => {
                    let known = if main.is_inside("anna") { breakout(&mut main, "anna").rooms } else { std::sync::Arc::default() };
                    drop(main.ask("anna", assign(name, known.get(at).map(|room| room.id.as_str()))));
                }
                Act::Open => drop(main.ask("anna", OPEN)),
                Act::Close => drop(main.ask("anna", CLOSE)),
                Act::Policy(guests, option) => main.change(|settings| {
                    settings.policy.guest_breakout_rooms = guests;
                    settings.options.allow_breakout_rooms = option;
                }),
                Act::Pass(seconds) => main.wait(seconds),
            }
            if let Some(now) = published(&main) {
                rooms = now;
            }
            for name in NAMES {
                let inside = main.is_inside(name);
                let state = if inside { breakout(&mut main, name) } else { BreakoutState::default() };
                let guest = matches!(name, "maria" | "vera");
                prop_assert!(!guest || main.meeting.settings().policy.guest_breakout_rooms || state == BreakoutState::default());
                for room in &rooms {
                    let rules = room.breakout.as_ref().unwrap();
                    let mut held = Stage::new(room.clone());
                    let got_in = enter(&mut held, name).is_ok();
                    let manages = state.rooms.iter().any(|known| known.id == rules.room_id && known.open);
                    let assigned = state.assigned.as_ref().is_some_and(|own| own.id == rules.room_id && own.open);
                    prop_assert_eq!(got_in, manages || assigned, "{} in {}", name, rules.room_id);
                }
            }
        }
    }
}

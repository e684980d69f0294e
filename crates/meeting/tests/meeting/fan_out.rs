//! What one request costs everybody else: bounded for the meeting as a whole, in people told anew and in bytes, and never noticed in a small
//! meeting.

use std::collections::BTreeSet;
use std::sync::Arc;

use meeting::{
    AccessKind, BreakoutCommand, BreakoutState, CapabilityName, Command, Diagnostic, Event, Identity, JoinPath, LobbyScope, MAX_ASSIGNED,
    MAX_DATA, MAX_TYPED, MediaKind, NewBreakoutRoom, Output, ParticipantId, Person, Reaction, Refusal, Reply, Role,
};

use super::support::{S, Stage, id, settings};

const PEOPLE: usize = 300;

/// Anna and so many members, all of whom may run the meeting and its breakout rooms; maria and jose attend.
fn crowd(people: usize, consent: bool) -> Stage {
    let mut settings = settings();
    settings.options.lobby_scope = Some(LobbyScope::Everyone);
    settings.policy.explicit_recording_consent = consent;
    let mut stage = Stage::with(settings, &["anna", "maria", "jose"]);
    for number in 3..people {
        let oid = format!("m{number}");
        let person = Person {
            id: ParticipantId(format!("8:orgid:{oid}")),
            identity: Identity::Member {
                oid: oid.clone(),
                guest_of_tenant: false,
            },
            display_name: oid,
        };
        stage.join_by(person, JoinPath::Link, false).unwrap();
    }
    stage.said.clear();
    stage
}

/// The same in a meeting whose members attend only, so that rules of attendees concern them.
fn audience(people: usize) -> Stage {
    let mut stage = crowd(people, false);
    stage.change(|settings| settings.options.allowed_presenters = Some(meeting::AllowedPresenters::Organizer));
    stage.said.clear();
    stage
}

fn forbid(kind: AccessKind, permitted: bool) -> Command {
    Command::SetMediaAccess {
        kind,
        participants: Vec::new(),
        permitted,
    }
}

fn role(number: usize) -> Command {
    Command::SetRole {
        participant: id("maria"),
        role: if number.is_multiple_of(2) {
            Role::Presenter
        } else {
            Role::Attendee
        },
    }
}

fn invitees(count: usize) -> Vec<ParticipantId> {
    (0..count).map(|number| ParticipantId(format!("8:orgid:i{number}"))).collect()
}

fn plan(count: usize) -> Command {
    Command::Breakout(BreakoutCommand::Plan {
        rooms: vec![NewBreakoutRoom {
            name: "Blue".to_owned(),
            invitees: invitees(count),
        }],
        auto_move: true,
        return_disabled: false,
        seconds: None,
    })
}

fn send(data: &str, lossy: bool) -> Command {
    Command::SendData {
        channel: 1,
        sequence: 1,
        lossy,
        participants: Vec::new(),
        data: data.to_owned(),
    }
}

/// Participants and invitees in what was said: those that are told, and those that were made for it, shared ones once.
#[derive(Debug, Default, Clone, Copy)]
struct Cost {
    told: usize,
    made: usize,
}

fn cost(said: &[Output]) -> Cost {
    let mut cost = Cost::default();
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut count = |address: usize, values: usize| {
        cost.told += values;
        cost.made += if seen.insert(address) { values } else { 0 };
    };
    let of_rooms = |state: &BreakoutState| -> (usize, usize) {
        let rooms = &state.rooms;
        (rooms.as_ptr().addr(), rooms.iter().map(|room| room.invitees.len()).sum())
    };
    for output in said {
        let Output::Event { event, .. } = output else { continue };
        match event {
            Event::Participants { upserted, .. } => count(upserted.as_ptr().addr(), upserted.len()),
            Event::Snapshot { snapshot } => {
                count(snapshot.participants.as_ptr().addr(), snapshot.participants.len());
                let (address, values) = of_rooms(&snapshot.breakout);
                count(address, values);
            }
            Event::Breakout { breakout } => {
                let (address, values) = of_rooms(breakout);
                count(address, values);
            }
            _ => {}
        }
    }
    cost
}

/// What a command may cost in a second, whoever gives it as fast as a socket takes it: told to each person, and made, for each person present.
const MOST_TOLD: usize = 25_000;
const MOST_MADE: usize = 120;

type Commands = Box<dyn Fn(usize) -> Command>;

fn commands() -> Vec<(&'static str, Commands)> {
    let toggled = |number: usize| number.is_multiple_of(2);
    vec![
        ("access for all", Box::new(move |n| forbid(AccessKind::Audio, !toggled(n)))),
        (
            "access by name",
            Box::new(move |n| Command::SetMediaAccess {
                kind: AccessKind::Video,
                participants: vec![id("maria")],
                permitted: !toggled(n),
            }),
        ),
        ("recording", Box::new(move |n| Command::SetRecording(toggled(n)))),
        ("role", Box::new(role)),
        ("plan", Box::new(|_| plan(MAX_ASSIGNED))),
        (
            "assign",
            Box::new(move |n| {
                Command::Breakout(BreakoutCommand::Assign {
                    participant: id("maria"),
                    room: toggled(n).then(|| "1-1".to_owned()),
                })
            }),
        ),
        (
            "open and close",
            Box::new(move |n| {
                Command::Breakout(if toggled(n) {
                    BreakoutCommand::Open
                } else {
                    BreakoutCommand::Close
                })
            }),
        ),
        (
            "hand",
            Box::new(move |n| {
                if toggled(n) {
                    Command::RaiseHand
                } else {
                    Command::LowerHands(Vec::new())
                }
            }),
        ),
        ("hands", Box::new(|_| Command::LowerAllHands)),
        (
            "spotlight",
            Box::new(move |n| {
                if toggled(n) {
                    Command::StartSpotlight(vec![id("maria")])
                } else {
                    Command::StopAllSpotlight
                }
            }),
        ),
        ("lock", Box::new(move |n| Command::SetLocked(toggled(n)))),
        ("mute", Box::new(|_| Command::MuteParticipants(Vec::new()))),
        ("declare", Box::new(|_| Command::DeclarePublications(vec![MediaKind::Camera]))),
        (
            "publish",
            Box::new(move |n| Command::SetPublication {
                kind: MediaKind::Camera,
                active: toggled(n),
                width: 0,
                height: 0,
            }),
        ),
        ("hold", Box::new(move |n| Command::SetHeld(toggled(n)))),
        ("together", Box::new(move |n| Command::SetTogether(toggled(n)))),
        ("react", Box::new(|_| Command::React(Reaction::Like))),
        ("snapshot", Box::new(|_| Command::Snapshot)),
        (
            "consent",
            Box::new(|_| Command::GrantConsent {
                recording: true,
                transcription: true,
            }),
        ),
        (
            "diagnostics",
            Box::new(|_| {
                Command::PublishDiagnostics(vec![Diagnostic {
                    name: "noNetwork".to_owned(),
                    value: 1,
                    is_flag: true,
                }])
            }),
        ),
    ]
}

#[test]
fn what_any_command_tells_in_a_second_grows_with_the_people_inside_and_not_with_their_square() {
    for (name, command) in commands() {
        let mut stage = if name.contains("access") {
            audience(PEOPLE)
        } else {
            crowd(PEOPLE, true)
        };
        if name == "assign" || name.starts_with("open") {
            stage.ask("anna", plan(MAX_ASSIGNED - 1)).unwrap();
        }
        stage.said.clear();
        let mut total = Cost::default();
        let mut done = 0;
        // As a socket lets them through: 60 at once, then 20 in the second.
        for number in 0..80_usize {
            if number >= 60 {
                stage.now += S / 20;
            }
            done += usize::from(stage.ask("anna", command(done)).is_ok());
            let Cost { told, made } = cost(&std::mem::take(&mut stage.said));
            total.told += told;
            total.made += made;
        }
        assert!(done > 0, "{name} is obeyed at all");
        assert!(total.told <= MOST_TOLD * PEOPLE, "{name} tells {total:?}");
        assert!(total.made <= MOST_MADE * PEOPLE, "{name} makes {total:?}");
        // Whatever was refused for its speed is obeyed again a little later.
        stage.now += 10 * S;
        assert_ne!(stage.ask("anna", command(done)), Err(Refusal::TooFast), "{name}");
    }
}

#[test]
fn media_access_for_all_is_paced_in_a_large_meeting_and_not_in_a_small_one() {
    let mut large = audience(PEOPLE);
    let toggles = |stage: &mut Stage| {
        (0..60)
            .filter(|_| {
                let permitted = stage.snapshot("maria").meeting.access.audio;
                stage.ask("anna", forbid(AccessKind::Audio, !permitted)).is_ok()
            })
            .count()
    };
    let passed = toggles(&mut large);
    assert!((4..20).contains(&passed), "{passed}");
    assert_eq!(
        large.ask("anna", forbid(AccessKind::Video, false)),
        Err(Refusal::TooFast),
        "nothing has changed"
    );
    assert!(large.snapshot("maria").meeting.access.video);
    large.now += 2 * S;
    large.ask("anna", forbid(AccessKind::Video, false)).unwrap();
    assert!(!large.snapshot("maria").meeting.access.video);
    assert_eq!(toggles(&mut audience(10)), 60);
}

#[test]
fn people_who_are_told_anew_are_one_list_for_everybody() {
    let mut stage = audience(20);
    stage.ask("anna", forbid(AccessKind::Audio, false)).unwrap();
    let lists: BTreeSet<usize> = stage
        .said
        .iter()
        .filter_map(|output| match output {
            Output::Event {
                event: Event::Participants { upserted, .. },
                ..
            } => Some(upserted.as_ptr().addr()),
            _ => None,
        })
        .collect();
    assert_eq!(lists.len(), 1);
}

#[test]
fn recordings_and_roles_are_paced_for_the_meeting_whoever_asks() {
    for consent in [false, true] {
        let mut stage = crowd(PEOPLE, consent);
        let asked: Vec<_> = (0..60)
            .map(|n| stage.ask(if n % 4 < 2 { "anna" } else { "m5" }, Command::SetRecording(n % 2 == 0)))
            .collect();
        assert!(asked.iter().take(8).all(Result::is_ok));
        assert!(asked.contains(&Err(Refusal::TooFast)));
        stage.now += 10 * S;
        stage.ask("anna", Command::SetRecording(true)).unwrap();
    }
    let mut stage = crowd(PEOPLE, false);
    let refused = (0..300).filter(|n| stage.ask("anna", role(*n)) == Err(Refusal::TooFast)).count();
    assert!((150..250).contains(&refused), "{refused}");
    // Another one has a share too.
    stage.ask("m5", role(0)).unwrap();
    stage.now += S;
    stage.ask("anna", role(0)).unwrap();
}

#[test]
fn a_large_plan_is_changed_less_often_than_a_small_one_and_those_who_manage_share_one_list() {
    let mut stage = crowd(20, false);
    stage.ask("anna", plan(MAX_ASSIGNED)).unwrap();
    let lists: BTreeSet<usize> = stage
        .said
        .iter()
        .filter_map(|output| match output {
            Output::Event {
                event: Event::Breakout { breakout },
                ..
            } => Some(breakout.rooms.as_ptr().addr()),
            _ => None,
        })
        .collect();
    assert_eq!(lists.len(), 1);
    let passed = |stage: &mut Stage, size: usize| (0..60).filter(|_| stage.ask("anna", plan(size)) == Ok(Reply::Done)).count();
    assert!(passed(&mut stage, MAX_ASSIGNED) < 30);
    assert_eq!(passed(&mut crowd(20, false), 30), 60);
    assert_eq!(
        stage.capability("anna", CapabilityName::JoinBreakoutRooms),
        meeting::CapabilityReason::Capable
    );
}

#[test]
fn data_to_many_is_bounded_in_bytes_for_each_sender_and_for_all_and_shared_by_those_who_get_it() {
    let mut stage = crowd(PEOPLE, false);
    let long = "a".repeat(MAX_DATA);
    stage.ask("maria", send(&long, false)).unwrap();
    let texts: Vec<Arc<str>> = stage
        .said
        .iter()
        .filter_map(|output| match output {
            Output::Event {
                event: Event::Data(message),
                ..
            } => Some(message.data.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(texts.len(), PEOPLE - 1);
    assert!(texts.iter().all(|text| Arc::ptr_eq(text, &texts[0])));
    let floods = |stage: &mut Stage, name: &str| (0..60).filter(|_| stage.ask(name, send(&long, false)).is_ok()).count();
    let first = floods(&mut stage, "maria");
    assert!((1..10).contains(&first), "{first}");
    assert_eq!(stage.ask("maria", send(&long, false)), Err(Refusal::TooFast));
    stage.said.clear();
    assert_eq!(stage.ask("maria", send(&long, true)), Ok(Reply::Done));
    assert!(stage.events("jose").is_empty(), "lossy is dropped");
    assert!(floods(&mut stage, "jose") > 0, "another has a share of their own");
    floods(&mut stage, "m5");
    assert_eq!(
        stage.ask("m6", send(&long, false)),
        Err(Refusal::TooFast),
        "and all together have a bound"
    );
    stage.now += 5 * S;
    stage.ask("m6", send(&long, false)).unwrap();
    // In a small meeting only the number of messages counts.
    assert_eq!(floods(&mut crowd(5, false), "maria"), 60);
}

#[test]
fn typed_text_to_many_is_bounded_in_bytes_and_a_refused_line_goes_on_later() {
    let mut stage = crowd(PEOPLE, false);
    let typed = |text: String| Command::SendTyped { text, is_final: false };
    let long = "\u{1F600}".repeat(MAX_TYPED);
    let passed = |stage: &mut Stage, name: &str| (0..40).filter(|_| stage.ask(name, typed(long.clone())).is_ok()).count();
    let first = passed(&mut stage, "maria");
    assert!((1..10).contains(&first), "{first}");
    assert!(passed(&mut stage, "jose") > 0, "another has a share of their own");
    assert_eq!(
        stage.ask("m5", typed(long.clone())),
        Err(Refusal::TooFast),
        "and all together have a bound"
    );
    stage.now += 2 * S;
    stage.said.clear();
    stage.ask("m5", typed("hello".to_owned())).unwrap();
    let lines: Vec<u32> = stage
        .events("anna")
        .into_iter()
        .filter_map(|event| match event {
            Event::Typed(line) => Some(line.sequence),
            _ => None,
        })
        .collect();
    assert_eq!(lines, [1], "a refused line took no number");
    assert_eq!(passed(&mut crowd(5, false), "maria"), 40);
}

#[test]
fn whoever_uses_their_share_up_keeps_nothing_on_and_nobody_else_from_acting() {
    let mut stage = crowd(PEOPLE, false);
    stage.ask("anna", Command::SetRecording(true)).unwrap();
    stage.ask("anna", plan(MAX_ASSIGNED)).unwrap();
    stage.ask("anna", Command::Breakout(meeting::BreakoutCommand::Open)).unwrap();
    // To say what holds already costs nothing and tells nobody.
    stage.said.clear();
    for _ in 0..100 {
        stage.ask("m5", forbid(AccessKind::Audio, true)).unwrap();
    }
    assert!(stage.events("maria").is_empty());
    let used_up = (0..60).any(|n| stage.ask("m5", forbid(AccessKind::Audio, n % 2 == 1)) == Err(Refusal::TooFast));
    assert!(used_up);
    while stage.ask("m5", Command::Breakout(meeting::BreakoutCommand::Open)) != Err(Refusal::TooFast) {}
    assert_eq!(stage.ask("m5", Command::SetRecording(false)), Ok(Reply::Done));
    assert_eq!(stage.ask("m5", Command::Breakout(meeting::BreakoutCommand::Close)), Ok(Reply::Done));
    assert!(stage.snapshot("maria").meeting.recordings.is_empty());
    stage.ask("anna", role(0)).unwrap();
    stage.ask("anna", Command::SetRecording(true)).unwrap();
}

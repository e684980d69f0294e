//! The together view: who begins it, who sees it, and that the seats are sound.

use meeting::{CapabilityName, CapabilityReason, Command, Event, MAX_SEATS, MediaKind, MeetingSettings, Refusal, Reply, Role, Seat};

use super::support::{Stage, id, person, settings};

fn staged(change: impl FnOnce(&mut MeetingSettings)) -> Stage {
    let mut settings = settings();
    settings.options.lobby_scope = Some(meeting::LobbyScope::Everyone);
    change(&mut settings);
    let mut stage = Stage::with(settings, &["anna", "ben", "dora", "maria"]);
    let attendee = Command::SetRole {
        participant: id("dora"),
        role: Role::Attendee,
    };
    stage.ask("anna", attendee).unwrap();
    stage.said.clear();
    stage
}

fn guests(settings: &mut MeetingSettings) {
    settings.policy.guest_together_view = true;
}

fn seats(stage: &mut Stage, name: &str) -> Option<Vec<Seat>> {
    stage.snapshot(name).meeting.together
}

fn names(seats: &[Seat]) -> Vec<&str> {
    seats.iter().map(|seat| seat.participant.0.rsplit(':').next().unwrap()).collect()
}

fn camera(active: bool) -> Command {
    Command::SetPublication {
        kind: MediaKind::Camera,
        active,
        width: 640,
        height: 360,
    }
}

fn capability(stage: &mut Stage, name: &str) -> CapabilityReason {
    let record = stage.own(name).capabilities;
    record
        .into_iter()
        .find(|one| one.name == CapabilityName::StartTogetherMode)
        .unwrap()
        .state
        .reason
}

#[test]
fn members_who_run_the_meeting_begin_and_end_it_and_nobody_else() {
    let mut stage = staged(|_| {});
    for (name, refusal, reason) in [
        ("dora", Refusal::RoleForbidsTogether, CapabilityReason::RoleRestricted),
        ("maria", Refusal::TogetherForMembersOnly, CapabilityReason::UserPolicyRestricted),
    ] {
        assert_eq!(stage.ask(name, Command::SetTogether(true)), Err(refusal));
        assert_eq!(capability(&mut stage, name), reason);
    }
    assert_eq!(seats(&mut stage, "anna"), None);
    assert_eq!(capability(&mut stage, "ben"), CapabilityReason::Capable);
    assert_eq!(stage.ask("ben", Command::SetTogether(true)), Ok(Reply::Done));
    assert!(seats(&mut stage, "anna").is_some());
    assert_eq!(stage.ask("dora", Command::SetTogether(false)), Err(Refusal::RoleForbidsTogether));
    assert_eq!(stage.ask("anna", Command::SetTogether(false)), Ok(Reply::Done));
    assert_eq!(seats(&mut stage, "anna"), None);
}

#[test]
fn a_guest_with_the_policy_begins_it_only_with_the_role() {
    let mut stage = staged(guests);
    assert_eq!(stage.ask("maria", Command::SetTogether(true)), Err(Refusal::RoleForbidsTogether));
    let presenter = Command::SetRole {
        participant: id("maria"),
        role: Role::Presenter,
    };
    stage.ask("anna", presenter).unwrap();
    assert_eq!(stage.ask("maria", Command::SetTogether(true)), Ok(Reply::Done));
}

#[test]
fn other_calls_have_no_together_view() {
    let mut stage = Stage::with(
        MeetingSettings {
            kind: meeting::CallKind::Group,
            resource: "our-resource".to_owned(),
            ..settings()
        },
        &["maria"],
    );
    assert_eq!(stage.ask("maria", Command::SetTogether(true)), Err(Refusal::TogetherNotInThisCall));
    assert_eq!(
        capability(&mut stage, "maria"),
        CapabilityReason::CapabilityNotApplicableForTheCallType
    );
}

#[test]
fn a_guest_is_told_nothing_of_the_seats_unless_the_policy_opens_the_view() {
    let mut stage = staged(|_| {});
    stage.ask("anna", Command::SetTogether(true)).unwrap();
    stage.ask("ben", camera(true)).unwrap();
    let told = |stage: &Stage, name: &str| stage.events(name).iter().any(|event| matches!(event, Event::Meeting { .. }));
    assert!(told(&stage, "dora"));
    assert!(!told(&stage, "maria"), "not even that something changed");
    assert_eq!(seats(&mut stage, "maria"), None);
    // The policy acts at once, both ways.
    stage.said.clear();
    stage.change(guests);
    let last = |stage: &Stage| {
        stage.events("maria").into_iter().rev().find_map(|event| match event {
            Event::Meeting { meeting } => Some(meeting.together.is_some()),
            _ => None,
        })
    };
    assert_eq!(last(&stage), Some(true));
    stage.change(|settings| settings.policy.guest_together_view = false);
    assert_eq!(last(&stage), Some(false));
}

#[test]
fn people_with_a_camera_sit_first_in_the_order_of_arrival() {
    let mut stage = staged(|_| {});
    stage.ask("anna", Command::SetTogether(true)).unwrap();
    assert_eq!(names(&seats(&mut stage, "anna").unwrap()), ["anna", "ben", "dora", "maria"]);
    stage.ask("maria", camera(true)).unwrap();
    stage.ask("ben", camera(true)).unwrap();
    assert_eq!(names(&seats(&mut stage, "anna").unwrap()), ["ben", "maria", "anna", "dora"]);
    stage.ask("ben", Command::Leave { for_everyone: false }).unwrap();
    assert_eq!(names(&seats(&mut stage, "anna").unwrap()), ["maria", "anna", "dora"]);
    stage.ask("maria", camera(false)).unwrap();
    assert_eq!(names(&seats(&mut stage, "anna").unwrap()), ["anna", "dora", "maria"]);
}

#[test]
fn the_seats_lie_in_the_scene_without_overlapping_and_are_bounded() {
    let mut stage = staged(|_| {});
    stage.ask("anna", Command::SetTogether(true)).unwrap();
    for count in 5..60usize {
        let mut guest = person("maria");
        guest.id.0 = format!("8:acs:crowd{count}");
        stage.join_by(guest, meeting::JoinPath::Link, true).unwrap();
        let seats = seats(&mut stage, "anna").unwrap();
        assert_eq!(seats.len(), count.min(MAX_SEATS));
        for (at, seat) in seats.iter().enumerate() {
            assert!(seat.width > 0 && seat.height > 0);
            assert!(seat.left + seat.width <= 10_000 && seat.top + seat.height <= 10_000, "{seat:?}");
            let apart = |other: &Seat| {
                seat.left + seat.width <= other.left
                    || other.left + other.width <= seat.left
                    || seat.top + seat.height <= other.top
                    || other.top + other.height <= seat.top
            };
            assert!(seats[at + 1..].iter().all(apart), "{count}: {seat:?}");
        }
    }
}

#[test]
fn nothing_is_told_when_the_seats_stay_as_they_are_and_the_view_ends_with_the_meeting() {
    let mut stage = staged(|_| {});
    stage.ask("anna", Command::SetTogether(true)).unwrap();
    stage.said.clear();
    stage.ask("anna", Command::SetTogether(true)).unwrap();
    stage.ask("ben", Command::MuteParticipants(vec![id("dora")])).unwrap();
    assert!(!stage.events("anna").iter().any(|event| matches!(event, Event::Meeting { .. })));
    stage.ask("anna", Command::Leave { for_everyone: true }).unwrap();
    stage.join("anna").unwrap();
    assert_eq!(seats(&mut stage, "anna"), None);
}

//! The spotlight: who puts whom into it, in which order, how many, and when somebody is out again.

use meeting::{CallKind, CapabilityName, CapabilityReason, Command, LobbyScope, MAX_SPOTLIGHT, Refusal, Reply, Role};

use super::support::{Stage, call, id, settings};

/// Anna organizes, ben presents, dora and maria attend.
fn stage() -> Stage {
    let mut settings = settings();
    settings.options.allowed_presenters = Some(meeting::AllowedPresenters::RoleIsPresenter);
    settings.presenters = vec!["ben".to_owned()];
    let mut stage = Stage::with(settings, &["anna", "ben", "dora", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage
}

/// Names in the spotlight as `by` sees them, first place first.
fn lit(stage: &mut Stage, by: &str) -> Vec<String> {
    let mut lit: Vec<(u32, String)> = stage
        .snapshot(by)
        .participants
        .into_iter()
        .filter_map(|one| Some((one.spotlight?, one.display_name)))
        .collect();
    lit.sort();
    assert!(
        lit.iter().zip(1..).all(|((place, _), expected)| *place == expected),
        "places are 1, 2, 3 …"
    );
    lit.into_iter().map(|(_, name)| name).collect()
}

fn start(names: &[&str]) -> Command {
    Command::StartSpotlight(names.iter().map(|name| id(name)).collect())
}

fn stop(names: &[&str]) -> Command {
    Command::StopSpotlight(names.iter().map(|name| id(name)).collect())
}

#[test]
fn who_runs_the_meeting_lights_anybody_and_the_order_is_the_same_for_all() {
    let mut stage = stage();
    assert_eq!(stage.ask("ben", start(&["maria", "anna"])), Ok(Reply::Done));
    assert_eq!(stage.ask("ben", start(&[])), Ok(Reply::Done));
    assert_eq!(stage.ask("anna", start(&["maria", "dora"])), Ok(Reply::Done));
    for name in ["anna", "maria"] {
        assert_eq!(lit(&mut stage, name), ["maria", "anna", "ben", "dora"]);
    }
    assert_eq!(stage.ask("anna", stop(&["anna"])), Ok(Reply::Done));
    assert_eq!(lit(&mut stage, "dora"), ["maria", "ben", "dora"]);
    assert_eq!(stage.ask("ben", Command::StopAllSpotlight), Ok(Reply::Done));
    assert_eq!(lit(&mut stage, "dora"), [] as [&str; 0]);
}

#[test]
fn an_attendee_lights_nobody_and_takes_only_themself_out() {
    let mut stage = stage();
    for command in [start(&[]), start(&["maria"]), start(&["anna"])] {
        assert_eq!(stage.ask("maria", command), Err(Refusal::RoleForbidsSpotlight));
    }
    stage.ask("anna", start(&["dora", "maria"])).unwrap();
    for command in [stop(&["dora"]), stop(&["maria", "dora"]), Command::StopAllSpotlight] {
        assert_eq!(stage.ask("maria", command), Err(Refusal::RoleForbidsSpotlight));
    }
    assert_eq!(lit(&mut stage, "anna"), ["dora", "maria"], "what is refused changes nothing");
    assert_eq!(stage.ask("maria", stop(&["maria"])), Ok(Reply::Done));
    assert_eq!(stage.ask("dora", stop(&[])), Ok(Reply::Done));
    assert_eq!(lit(&mut stage, "anna"), [] as [&str; 0]);
    for name in [CapabilityName::SpotlightParticipant, CapabilityName::RemoveParticipantsSpotlight] {
        assert_eq!(stage.capability("maria", name), CapabilityReason::RoleRestricted);
        assert_eq!(stage.capability("ben", name), CapabilityReason::Capable);
    }
}

#[test]
fn in_a_group_call_everybody_lights_everybody_and_in_a_room_those_who_present_do() {
    let mut stage = Stage::with(call(CallKind::Group), &["maria", "jose"]);
    assert_eq!(
        stage.capability("maria", CapabilityName::SpotlightParticipant),
        CapabilityReason::Capable
    );
    assert_eq!(stage.ask("maria", start(&["jose", "maria"])), Ok(Reply::Done));
    assert_eq!(stage.ask("jose", Command::StopAllSpotlight), Ok(Reply::Done));
    let mut stage = Stage::with(call(CallKind::Room), &["maria", "jose"]);
    assert_eq!(stage.ask("maria", start(&["jose", "maria"])), Ok(Reply::Done));
    assert_eq!(
        stage.capability("jose", CapabilityName::SpotlightParticipant),
        CapabilityReason::RoleRestricted
    );
    assert_eq!(stage.ask("jose", stop(&["maria"])), Err(Refusal::RoleForbidsSpotlight));
    assert_eq!(stage.ask("jose", stop(&["jose"])), Ok(Reply::Done));
    assert_eq!(lit(&mut stage, "maria"), ["maria"]);
}

#[test]
fn the_spotlight_holds_seven_and_a_refused_request_adds_nobody() {
    let mut open = settings();
    open.options.lobby_scope = Some(LobbyScope::Everyone);
    let guests: Vec<String> = (1..=8).map(|number| format!("guest{number}")).collect();
    let mut stage = Stage::with(open, &["anna"]);
    for guest in &guests {
        stage.join(guest).unwrap();
    }
    let names: Vec<&str> = guests.iter().map(String::as_str).collect();
    assert_eq!(stage.ask("anna", start(&names)), Err(Refusal::SpotlightFull));
    assert_eq!(lit(&mut stage, "anna"), [] as [&str; 0]);
    assert_eq!(stage.ask("anna", start(&names[..7])), Ok(Reply::Done));
    assert_eq!(stage.ask("anna", start(&names[..7])), Ok(Reply::Done), "they are in it already");
    assert_eq!(stage.ask("anna", start(&names[7..])), Err(Refusal::SpotlightFull));
    stage.ask("anna", stop(&names[..1])).unwrap();
    assert_eq!(stage.ask("anna", start(&names[7..])), Ok(Reply::Done));
    assert_eq!(lit(&mut stage, "guest1").len(), MAX_SPOTLIGHT as usize);
    assert_eq!(stage.snapshot("anna").meeting.max_spotlight, MAX_SPOTLIGHT);
}

#[test]
fn who_leaves_is_out_of_the_spotlight_and_a_new_session_of_the_same_person_is_not() {
    let mut stage = stage();
    stage.ask("anna", start(&["dora", "maria"])).unwrap();
    stage.join("maria").unwrap();
    assert_eq!(lit(&mut stage, "anna"), ["dora", "maria"]);
    stage.ask("dora", Command::Leave { for_everyone: false }).unwrap();
    assert_eq!(lit(&mut stage, "anna"), ["maria"]);
    stage.join("dora").unwrap();
    assert_eq!(lit(&mut stage, "anna"), ["maria"]);
    for name in ["anna", "ben", "dora", "maria"] {
        stage.ask(name, Command::Leave { for_everyone: false }).unwrap();
    }
    stage.join("anna").unwrap();
    assert_eq!(lit(&mut stage, "anna"), [] as [&str; 0]);
}

#[test]
fn somebody_who_is_not_inside_cannot_be_lit_and_nobody_else_of_that_request_is() {
    let mut stage = stage();
    stage.join("jose").unwrap();
    assert_eq!(stage.ask("anna", start(&["maria", "jose"])), Err(Refusal::UnknownParticipant));
    assert_eq!(stage.ask("jose", start(&[])), Err(Refusal::NotAdmitted));
    assert_eq!(lit(&mut stage, "anna"), [] as [&str; 0]);
}

#[test]
fn a_presenter_made_an_attendee_lights_nobody_any_more() {
    let mut stage = stage();
    stage.ask("ben", start(&["maria"])).unwrap();
    let participant = id("ben");
    let role = Role::Attendee;
    stage.ask("anna", Command::SetRole { participant, role }).unwrap();
    assert_eq!(stage.ask("ben", start(&["dora"])), Err(Refusal::RoleForbidsSpotlight));
    assert_eq!(lit(&mut stage, "anna"), ["maria"], "what was done stays done");
}

//! Scenarios: a script in, a transcript out. Each is read from top to bottom like a play; `name#n` is the n-th session of a
//! name, `<-` an answer, `:` an event, the rest is what the host is asked to do.

use meeting::{Command, JoinPath, LobbyScope, MediaKind, Role};

use super::support::{Stage, id, person, settings};

#[track_caller]
fn assert_transcript(stage: &mut Stage, expected: &str) {
    let said = stage.transcript();
    let trim = |text: &str| {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(trim(&said), trim(expected), "\n--- said\n{said}");
}

#[test]
fn a_guest_waits_is_admitted_talks_and_leaves() {
    let mut stage = Stage::new(settings());
    stage.join("anna").unwrap();
    assert_transcript(&mut stage, "x");
    stage.join_by(person("maria"), JoinPath::Link, true).unwrap();
    assert_transcript(&mut stage, "x");
    stage.ask("anna", Command::Admit(vec![id("maria")])).unwrap();
    assert_transcript(&mut stage, "x");
    stage
        .ask(
            "maria",
            Command::DeclarePublications(vec![MediaKind::Microphone, MediaKind::Camera]),
        )
        .unwrap();
    stage
        .ask(
            "maria",
            Command::SetPublication {
                kind: MediaKind::Microphone,
                active: true,
                width: 0,
                height: 0,
            },
        )
        .unwrap();
    assert_transcript(&mut stage, "x");
    stage.ask("maria", Command::Leave { for_everyone: false }).unwrap();
    assert_transcript(&mut stage, "x");
    stage.ask("anna", Command::Leave { for_everyone: false }).unwrap();
    assert_transcript(&mut stage, "x");
}

#[test]
fn in_an_open_meeting_a_guest_waits_only_for_the_beginning() {
    let mut open = settings();
    open.options.lobby_scope = Some(LobbyScope::Everyone);
    let mut stage = Stage::new(open);
    stage.join("maria").unwrap();
    assert_transcript(&mut stage, "x");
    stage.join("ben").unwrap();
    assert_transcript(&mut stage, "x");
    stage.join("vera").unwrap();
    assert_transcript(&mut stage, "x");
}

#[test]
fn who_is_removed_cannot_come_back_while_the_meeting_is_held() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.transcript();
    stage.ask("ben", Command::Remove(id("maria"))).unwrap();
    assert_transcript(&mut stage, "x");
    stage.join("maria").unwrap_err();
    stage.back("maria");
    assert_transcript(&mut stage, "x");
}

#[test]
fn who_is_turned_away_cannot_ask_again() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.ask("anna", Command::Reject(vec![id("maria")])).unwrap();
    stage.join("maria").unwrap_err();
    assert_transcript(&mut stage, "x");
}

#[test]
fn a_second_session_of_the_same_person_replaces_the_first() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.join("maria").unwrap();
    assert_transcript(&mut stage, "x");
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.transcript();
    stage.join("maria").unwrap();
    assert_transcript(&mut stage, "x");
}

#[test]
fn the_meeting_is_ended_for_everybody_and_a_new_one_can_be_held() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.ask("ben", Command::Leave { for_everyone: true }).unwrap();
    assert_transcript(&mut stage, "x");
    stage.join("maria").unwrap();
    assert_transcript(&mut stage, "x");
}

#[test]
fn hands_are_a_queue() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "gita"]);
    stage.ask("gita", Command::RaiseHand).unwrap();
    stage.ask("ben", Command::RaiseHand).unwrap();
    stage
        .said
        .retain(|output| matches!(output, meeting::Output::Event { session, .. } if session.0 == "anna#1"));
    assert_transcript(&mut stage, "x");
    stage.ask("anna", Command::LowerHands(vec![id("gita")])).unwrap();
    stage
        .said
        .retain(|output| matches!(output, meeting::Output::Event { session, .. } if session.0 == "anna#1"));
    assert_transcript(&mut stage, "x");
}

#[test]
fn who_gains_or_loses_the_right_to_admit_gains_or_loses_sight_of_the_lobby() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage
        .ask(
            "anna",
            Command::SetRole {
                participant: id("ben"),
                role: Role::Attendee,
            },
        )
        .unwrap();
    assert_transcript(&mut stage, "x");
    stage
        .ask(
            "anna",
            Command::SetRole {
                participant: id("ben"),
                role: Role::Presenter,
            },
        )
        .unwrap();
    assert_transcript(&mut stage, "x");
}

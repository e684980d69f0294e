//! Time: the lobby's patience, the grace of a lost connection, expiry, and the ends that come from outside.

use meeting::{Bar, Command, Event, Input, JoinPath, LobbyScope, Refusal, Reply, TimeoutReason};

use super::support::{S, Stage, id, person, settings};

#[test]
fn who_waits_too_long_is_sent_away_and_may_ask_again() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    assert_eq!(stage.meeting.poll_timeout(), Some((1800 * S, TimeoutReason::LobbyTimeout)));
    stage.wait(1799);
    assert!(stage.is_waiting("maria"));
    stage.wait(1);
    assert_eq!(stage.ended("maria"), Some(Refusal::LobbyTimeout));
    assert_eq!(stage.meeting.poll_timeout(), None);
    assert_eq!(stage.join("maria"), Ok(Reply::Joined { waiting: true }));
}

#[test]
fn who_is_admitted_in_time_is_not_sent_away() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.wait(4000);
    assert!(stage.is_inside("maria"));
}

#[test]
fn reloading_the_page_in_the_lobby_neither_loses_the_place_nor_gains_time() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.wait(1000);
    stage.join("jose").unwrap();
    stage.join("maria").unwrap();
    let lobby: Vec<String> = stage.snapshot("anna").lobby.into_iter().map(|one| one.display_name).collect();
    assert_eq!(lobby, ["maria", "jose"]);
    stage.wait(800);
    assert_eq!(stage.ended("maria"), Some(Refusal::LobbyTimeout));
    assert!(stage.is_waiting("jose"));
}

#[test]
fn a_lost_connection_that_comes_back_in_time_keeps_everything() {
    let mut stage = Stage::with(settings(), &["anna", "ben"]);
    stage.ask("ben", Command::RaiseHand).unwrap();
    stage.lose("ben");
    assert_eq!(stage.meeting.poll_timeout(), Some((30 * S, TimeoutReason::ReconnectGrace)));
    let ben = stage
        .snapshot("anna")
        .participants
        .into_iter()
        .find(|one| one.id == id("ben"))
        .unwrap();
    assert!(ben.reconnecting);
    stage.wait(29);
    stage.said.clear();
    stage.back("ben");
    let [Event::Snapshot { snapshot }] = stage.events("ben")[..] else {
        panic!("a snapshot and nothing else")
    };
    let ben = snapshot.participants.iter().find(|one| one.id == id("ben")).unwrap();
    assert!(!ben.reconnecting);
    assert_eq!(ben.hand, Some(1));
    stage.wait(100);
    assert!(stage.is_inside("ben"));
}

#[test]
fn a_lost_connection_that_does_not_come_back_has_left() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.lose("ben");
    stage.lose("maria");
    stage.wait(30);
    assert_eq!(stage.ended("ben"), Some(Refusal::SessionLost));
    assert_eq!(stage.ended("maria"), Some(Refusal::SessionLost), "the lobby too");
    assert_eq!(stage.snapshot("anna").participants.len(), 1);
    stage.said.clear();
    stage.back("ben");
    assert_eq!(stage.ended("ben"), Some(Refusal::SessionLost), "too late is answered");
    assert_eq!(stage.join("ben"), Ok(Reply::Joined { waiting: false }));
}

#[test]
fn who_is_admitted_while_the_connection_is_lost_is_inside_when_it_is_back() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.lose("maria");
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    assert!(stage.events("maria").is_empty());
    stage.back("maria");
    assert!(matches!(stage.events("maria")[..], [Event::Snapshot { .. }]));
}

#[test]
fn an_expired_meeting_takes_nobody_new_and_keeps_those_inside() {
    let mut expiring = settings();
    expiring.expires = Some(100 * S);
    let mut stage = Stage::with(expiring, &["anna"]);
    stage.wait(99);
    assert!(stage.join("ben").is_ok());
    stage.lose("ben");
    stage.wait(1);
    assert_eq!(stage.join("gita"), Err(Refusal::MeetingExpired));
    stage.back("ben");
    assert!(stage.is_inside("ben"));
}

#[test]
fn a_lock_stops_those_who_arrive_but_not_those_who_hold_the_key() {
    let mut stage = Stage::with(settings(), &["ben", "maria"]);
    stage.ask("ben", Command::SetLocked(true)).unwrap();
    assert!(stage.snapshot("ben").meeting.locked);
    assert_eq!(stage.join("gita"), Err(Refusal::MeetingLocked));
    assert_eq!(stage.join("jose"), Err(Refusal::MeetingLocked));
    assert!(stage.is_waiting("maria"), "who waited before keeps waiting");
    assert!(stage.join("carl").is_ok());
    assert!(stage.join("ben").is_ok(), "who is inside may change the device");
    stage.ask("carl", Command::Admit(vec![id("maria")])).unwrap();
    assert!(stage.is_inside("maria"), "a person decided");
    stage.ask("carl", Command::SetLocked(false)).unwrap();
    assert!(stage.join("gita").is_ok());
}

#[test]
fn a_revoked_token_ends_the_session_inside_and_in_the_lobby() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.feed(Input::Revoked { participant: id("maria") });
    stage.feed(Input::Revoked { participant: id("ben") });
    assert_eq!(stage.ended("maria"), Some(Refusal::TokenRevoked));
    assert_eq!(stage.ended("ben"), Some(Refusal::TokenRevoked));
    assert!(stage.is_inside("anna"));
    let text = stage.transcript();
    assert!(
        text.contains("closed ben#1\n"),
        "not to be joined again with the same token: {text}"
    );
}

#[test]
fn a_deleted_meeting_ends_for_all_and_takes_nobody() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.feed(Input::Deleted);
    assert_eq!(stage.ended("anna"), Some(Refusal::MeetingDeleted));
    assert_eq!(stage.ended("maria"), Some(Refusal::MeetingDeleted));
    assert!(stage.meeting.is_empty());
    assert_eq!(stage.join("anna"), Err(Refusal::MeetingEndedAlready));
}

#[test]
fn a_stopping_server_tells_everybody_and_does_not_end_the_held_meeting() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.feed(Input::ServerStopping);
    assert_eq!(stage.ended("maria"), Some(Refusal::ServerStopping));
    let text = stage.transcript();
    assert!(!text.contains("over"), "{text}");
    assert!(text.contains("closed ben#1 (may join again)"));
}

#[test]
fn a_bar_that_was_persisted_holds_after_a_restart_even_before_anybody_is_there() {
    let mut stage = Stage::new(settings());
    stage.meeting.restore_bar(id("maria"), Bar::Removed);
    stage.join("jose").unwrap();
    stage.ask("jose", Command::Leave { for_everyone: false }).unwrap();
    assert_eq!(stage.join("maria"), Err(Refusal::RemovedBefore));
    stage.join("anna").unwrap();
    assert_eq!(stage.join("maria"), Err(Refusal::RemovedBefore));
}

#[test]
fn a_connection_that_comes_back_is_asked_at_the_door_too() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.lose("maria");
    stage.meeting.restore_bar(id("maria"), Bar::Removed);
    stage.back("maria");
    assert_eq!(stage.ended("maria"), Some(Refusal::RemovedBefore));
    assert!(!stage.is_inside("maria"));
}

#[test]
fn a_wrong_passcode_is_answered_alike_whatever_else_would_be_said() {
    let wrong = JoinPath::MeetingId {
        passcode: meeting::PasscodeCheck::Wrong,
    };
    let mut stage = Stage::with(settings(), &["anna"]);
    assert_eq!(
        stage.join_by(person("maria"), wrong, false),
        Err(Refusal::MeetingIdOrPasscodeInvalid)
    );
    stage.change(|settings| settings.tenant.disable_anonymous_join = true);
    assert_eq!(
        stage.join_by(person("maria"), wrong, false),
        Err(Refusal::MeetingIdOrPasscodeInvalid)
    );
    assert_eq!(stage.join("maria"), Err(Refusal::AnonymousJoinDisabledByTenant));
}

#[test]
fn a_program_that_is_early_does_not_begin_the_meeting() {
    let mut open = settings();
    open.options.lobby_scope = Some(LobbyScope::Everyone);
    let mut stage = Stage::with(open, &["bot"]);
    assert!(stage.is_inside("bot"));
    stage.join("maria").unwrap();
    assert!(stage.is_waiting("maria"));
    stage.join("tom").unwrap();
    assert!(stage.is_inside("maria"));
}

#[test]
fn a_person_keeps_the_name_under_which_somebody_let_them_in() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    let mut renamed = person("maria");
    renamed.display_name = "Dr. Boss".to_owned();
    stage.join_by(renamed, JoinPath::Link, false).unwrap();
    assert_eq!(stage.own("maria").display_name, "maria");
}

#[test]
fn speaking_is_told_only_of_people_inside() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.feed(Input::Speaking {
        participant: id("ben"),
        speaking: true,
    });
    stage.feed(Input::Speaking {
        participant: id("maria"),
        speaking: true,
    });
    stage.feed(Input::DominantSpeakers(vec![id("ben"), id("maria")]));
    stage.ask("ben", Command::Leave { for_everyone: false }).unwrap();
    stage
        .said
        .retain(|output| matches!(output, meeting::Output::Event { session, .. } if session.0 == "anna#1"));
    assert_eq!(
        stage.transcript(),
        "anna#1 : speaking [+ben] dominant []\n\
         anna#1 : speaking [] dominant [ben]\n\
         anna#1 : roster [] left [ben]\n\
         anna#1 : speaking [] dominant []\n"
    );
}

//! Scenarios: a script in, a transcript out. Each is read from top to bottom like a play; `name#n` is the n-th session of a
//! name, `<-` an answer, `:` an event, the rest is what the host is asked to do.

use meeting::{Command, Input, JoinPath, LobbyScope, MediaKind, Refusal, Reply, Role};

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
    assert_transcript(
        &mut stage,
        "
         fact anna joined as organizer
         begun
         anna#1 <- joined
         media on anna#1
         anna#1 : snapshot as organizer of [anna] lobby []",
    );
    stage.join_by(person("maria"), JoinPath::Link, true).unwrap();
    assert_transcript(
        &mut stage,
        "
         fact maria waited
         maria#1 <- joined, waiting
         anna#1 : lobby +[maria] -[]
         maria#1 : waiting",
    );
    stage.ask("anna", Command::Admit(vec![id("maria")])).unwrap();
    assert_transcript(
        &mut stage,
        "
         fact maria joined as attendee, admitted by anna
         anna#1 <- admitted 1, failed 0
         media on maria#1
         maria#1 : snapshot as attendee of [anna maria] lobby []
         anna#1 : roster [maria muted] left []
         anna#1 : lobby +[] -[maria]",
    );
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
    assert_transcript(
        &mut stage,
        "
         gate maria#1 1 closed
         gate maria#1 2 closed
         maria#1 <- declared Microphone=1 Camera=2
         maria#1 : roster [maria muted] left []
         anna#1 : roster [maria muted] left []
         gate maria#1 1 open
         maria#1 <- done
         maria#1 : roster [maria] left []
         maria#1 : own attendee
         anna#1 : roster [maria] left []",
    );
    stage.ask("maria", Command::Leave { for_everyone: false }).unwrap();
    assert_transcript(
        &mut stage,
        "
         fact maria left: leftNormally
         maria#1 <- done
         media off maria#1
         maria#1 : ended leftNormally
         closed maria#1 (may join again)
         anna#1 : roster [] left [maria]",
    );
    stage.ask("anna", Command::Leave { for_everyone: false }).unwrap();
    assert_transcript(
        &mut stage,
        "
         fact anna left: leftNormally
         anna#1 <- done
         media off anna#1
         anna#1 : ended leftNormally
         closed anna#1 (may join again)
         over",
    );
}

#[test]
fn in_an_open_meeting_a_guest_waits_only_for_the_beginning() {
    let mut open = settings();
    open.options.lobby_scope = Some(LobbyScope::Everyone);
    let mut stage = Stage::new(open);
    stage.join("maria").unwrap();
    assert_transcript(
        &mut stage,
        "
         fact maria waited
         maria#1 <- joined, waiting
         maria#1 : waiting (not started)",
    );
    stage.join("ben").unwrap();
    assert_transcript(
        &mut stage,
        "
         fact ben joined as presenter
         begun
         ben#1 <- joined
         fact maria joined as attendee
         media on maria#1
         maria#1 : snapshot as attendee of [ben maria] lobby []
         media on ben#1
         ben#1 : snapshot as presenter of [ben maria] lobby []",
    );
    stage.join("vera").unwrap();
    assert_transcript(
        &mut stage,
        "
         fact vera joined as attendee
         vera#1 <- joined
         maria#1 : roster [vera] left []
         ben#1 : roster [vera] left []
         media on vera#1
         vera#1 : snapshot as attendee of [ben maria vera] lobby []",
    );
}

#[test]
fn who_is_removed_cannot_come_back_while_the_meeting_is_held() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.transcript();
    stage.ask("ben", Command::Remove(id("maria"))).unwrap();
    assert_transcript(
        &mut stage,
        "
         persist Removed maria
         fact maria left: removed by ben
         ben#1 <- done
         media off maria#1
         maria#1 : ended removed
         closed maria#1
         anna#1 : roster [] left [maria removed]
         ben#1 : roster [] left [maria removed]",
    );
    stage.join("maria").unwrap_err();
    stage.feed(Input::ConnectionBack { session: "maria#1".into() });
    assert_transcript(
        &mut stage,
        "
         maria#2 <- refused removedBefore
         maria#1 : ended sessionLost
         closed maria#1 (may join again)",
    );
}

#[test]
fn a_removal_holds_while_somebody_is_inside_and_ends_with_the_held_meeting() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.ask("anna", Command::Remove(id("maria"))).unwrap();
    stage.ask("anna", Command::Leave { for_everyone: false }).unwrap();
    assert_eq!(stage.join("maria"), Err(Refusal::RemovedBefore));
    stage.ask("ben", Command::Leave { for_everyone: false }).unwrap();
    assert_eq!(
        stage.join("maria"),
        Ok(Reply::Joined { waiting: true }),
        "another held meeting, and through the lobby"
    );
}

#[test]
fn who_is_turned_away_cannot_ask_again() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.ask("anna", Command::Reject(vec![id("maria")])).unwrap();
    stage.join("maria").unwrap_err();
    assert_transcript(
        &mut stage,
        "
         persist Denied maria
         fact maria left: lobbyDenied by anna
         anna#1 <- done
         maria#1 : ended lobbyDenied
         closed maria#1
         anna#1 : lobby +[] -[maria]
         maria#2 <- refused deniedBefore",
    );
}

#[test]
fn a_second_session_of_the_same_person_replaces_the_first() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    stage.join("maria").unwrap();
    assert_transcript(
        &mut stage,
        "
         maria#2 <- joined, waiting
         maria#1 : ended replacedByNewSession
         closed maria#1
         anna#1 : lobby +[] -[maria]
         anna#1 : lobby +[maria] -[]
         maria#2 : waiting",
    );
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.transcript();
    stage.join("maria").unwrap();
    assert_transcript(
        &mut stage,
        "
         maria#3 <- joined
         media off maria#2
         maria#2 : ended replacedByNewSession
         closed maria#2
         media on maria#3
         maria#3 : snapshot as attendee of [anna maria] lobby []
         anna#1 : roster [maria] left []",
    );
}

#[test]
fn the_meeting_is_ended_for_everybody_and_a_new_one_can_be_held() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.ask("ben", Command::Leave { for_everyone: true }).unwrap();
    assert_transcript(
        &mut stage,
        "
         fact anna left: meetingEnded by ben
         fact ben left: meetingEnded by ben
         fact maria left: meetingEnded by ben
         ben#1 <- done
         media off anna#1
         anna#1 : ended meetingEnded
         closed anna#1 (may join again)
         media off ben#1
         ben#1 : ended meetingEnded
         closed ben#1 (may join again)
         maria#1 : ended meetingEnded
         closed maria#1 (may join again)
         over",
    );
    stage.join("maria").unwrap();
    assert_transcript(
        &mut stage,
        "
         fact maria waited
         maria#2 <- joined, waiting
         maria#2 : waiting",
    );
}

#[test]
fn hands_are_a_queue() {
    let mut stage = Stage::with(settings(), &["anna", "ben", "gita"]);
    stage.ask("gita", Command::RaiseHand).unwrap();
    stage.ask("ben", Command::RaiseHand).unwrap();
    stage
        .said
        .retain(|output| matches!(output, meeting::Output::Event { session, .. } if session.0 == "anna#1"));
    assert_transcript(
        &mut stage,
        "
         anna#1 : roster [gita hand 1] left []
         anna#1 : roster [ben hand 2] left []",
    );
    stage.ask("anna", Command::LowerHands(vec![id("gita")])).unwrap();
    stage
        .said
        .retain(|output| matches!(output, meeting::Output::Event { session, .. } if session.0 == "anna#1"));
    assert_transcript(
        &mut stage,
        "
         anna#1 : roster [ben hand 1, gita] left []",
    );
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
    assert_transcript(
        &mut stage,
        "
         anna#1 <- done
         anna#1 : roster [ben] left []
         ben#1 : roster [ben] left []
         ben#1 : own attendee
         ben#1 : lobby +[] -[maria]",
    );
    stage
        .ask(
            "anna",
            Command::SetRole {
                participant: id("ben"),
                role: Role::Presenter,
            },
        )
        .unwrap();
    assert_transcript(
        &mut stage,
        "
         anna#1 <- done
         anna#1 : roster [ben] left []
         ben#1 : roster [ben] left []
         ben#1 : own presenter
         ben#1 : lobby +[maria] -[]",
    );
}

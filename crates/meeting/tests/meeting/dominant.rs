//! The ranking of speakers as it is told: who is in it, and since when.

use meeting::{Command, Event, Input, Micros, ParticipantId};

use super::support::{S, Stage, id, settings};

fn rank(stage: &mut Stage, names: &[&str]) {
    stage.feed(Input::DominantSpeakers(names.iter().map(|name| id(name)).collect()));
}

/// Rankings that the name was told since the last look.
fn told(stage: &mut Stage, name: &str) -> Vec<(Vec<ParticipantId>, Option<Micros>)> {
    let told = stage
        .events(name)
        .into_iter()
        .filter_map(|event| match event {
            Event::Speaking {
                dominant, dominant_since, ..
            } => Some((dominant.clone(), *dominant_since)),
            _ => None,
        })
        .collect();
    stage.said.clear();
    told
}

#[test]
fn a_new_ranking_is_told_with_its_time_and_the_same_one_again_is_not() {
    let mut stage = Stage::with(settings(), &["anna", "ben"]);
    stage.now = 5 * S;
    rank(&mut stage, &["ben", "anna"]);
    assert_eq!(told(&mut stage, "anna"), [(vec![id("ben"), id("anna")], Some(5 * S))]);
    stage.now = 6 * S;
    rank(&mut stage, &["ben", "anna"]);
    assert_eq!(told(&mut stage, "anna"), []);
    stage.now = 7 * S;
    stage.feed(Input::Speaking {
        participant: id("ben"),
        speaking: true,
    });
    assert_eq!(
        told(&mut stage, "anna"),
        [(vec![id("ben"), id("anna")], Some(5 * S))],
        "speaking changes no ranking"
    );
    stage.now = 8 * S;
    rank(&mut stage, &["anna", "ben"]);
    assert_eq!(told(&mut stage, "ben"), [(vec![id("anna"), id("ben")], Some(8 * S))]);
}

#[test]
fn who_comes_later_finds_the_ranking_and_its_time_and_who_leaves_is_out_of_it() {
    let mut stage = Stage::with(settings(), &["anna", "ben"]);
    assert_eq!(stage.snapshot("anna").meeting.dominant_since, None);
    stage.now = 5 * S;
    rank(&mut stage, &["ben"]);
    stage.now = 6 * S;
    stage.join("dora").unwrap();
    let meeting = stage.snapshot("dora").meeting;
    assert_eq!((meeting.dominant_speakers, meeting.dominant_since), (vec![id("ben")], Some(5 * S)));
    stage.now = 7 * S;
    stage.ask("ben", Command::Leave { for_everyone: false }).unwrap();
    let meeting = stage.snapshot("dora").meeting;
    assert_eq!((meeting.dominant_speakers, meeting.dominant_since), (Vec::new(), Some(7 * S)));
}

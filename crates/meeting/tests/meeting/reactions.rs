//! Reactions: heard by everybody inside, paced for each person, off where the meeting's option says so.

use meeting::{CapabilityName, CapabilityReason, Command, Event, Reaction, Refusal, Reply};

use super::support::{Stage, id, settings};

fn stage() -> Stage {
    let mut stage = Stage::with(settings(), &["anna", "ben", "maria"]);
    stage.ask("anna", Command::Admit(Vec::new())).unwrap();
    stage.join("jose").unwrap();
    stage.said.clear();
    stage
}

fn heard(stage: &Stage, name: &str) -> Vec<(String, Reaction)> {
    stage
        .events(name)
        .into_iter()
        .filter_map(|event| match event {
            Event::Reaction { participant, reaction } => Some((participant.0.clone(), *reaction)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_guests_reaction_reaches_everybody_inside_the_guest_included_and_nobody_who_waits() {
    let mut stage = stage();
    assert_eq!(stage.ask("maria", Command::React(Reaction::Heart)), Ok(Reply::Done));
    for name in ["anna", "ben", "maria"] {
        assert_eq!(heard(&stage, name), [(id("maria").0, Reaction::Heart)], "{name}");
    }
    assert_eq!(stage.events("jose").len(), 0);
    assert_eq!(stage.ask("jose", Command::React(Reaction::Heart)), Err(Refusal::NotAdmitted));
}

#[test]
fn with_the_option_off_nobody_reacts_and_the_record_says_so_and_switched_on_again_everybody_does() {
    let mut stage = stage();
    stage.change(|settings| settings.options.allow_reactions = false);
    for name in ["anna", "maria"] {
        stage.said.clear();
        assert_eq!(stage.ask(name, Command::React(Reaction::Like)), Err(Refusal::ReactionsForbidden));
        assert_eq!(heard(&stage, "ben"), []);
        assert_eq!(
            stage.capability(name, CapabilityName::UseReactions),
            CapabilityReason::MeetingRestricted
        );
    }
    stage.change(|settings| settings.options.allow_reactions = true);
    assert_eq!(stage.ask("maria", Command::React(Reaction::Like)), Ok(Reply::Done));
    assert_eq!(stage.capability("maria", CapabilityName::UseReactions), CapabilityReason::Capable);
}

#[test]
fn five_at_once_pass_the_sixth_does_not_and_half_a_second_later_one_more_does() {
    let mut stage = stage();
    for _ in 0..5 {
        assert_eq!(stage.ask("maria", Command::React(Reaction::Laugh)), Ok(Reply::Done));
    }
    assert_eq!(stage.ask("maria", Command::React(Reaction::Laugh)), Err(Refusal::TooFast));
    assert_eq!(heard(&stage, "anna").len(), 5);
    assert_eq!(
        stage.ask("ben", Command::React(Reaction::Laugh)),
        Ok(Reply::Done),
        "everybody has an own measure"
    );
    stage.now += 500_000;
    assert_eq!(stage.ask("maria", Command::React(Reaction::Laugh)), Ok(Reply::Done));
    assert_eq!(stage.ask("maria", Command::React(Reaction::Laugh)), Err(Refusal::TooFast));
}

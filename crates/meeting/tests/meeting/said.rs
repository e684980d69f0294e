//! What clients tell each other through the meeting: typed text, data channels, diagnostics. Said once, to those inside, and kept by nobody.

use meeting::{
    AllowedPresenters, Command, Diagnostic, Event, LobbyScope, MAX_DATA, MAX_DIAGNOSED, MAX_DIAGNOSTICS, MAX_TYPED, Micros, Output,
    Refusal, TypedText,
};

use super::support::{S, Stage, id, settings};

/// Anna, Ben and the guest Maria inside; Jose waits.
fn stage() -> Stage {
    let mut settings = settings();
    settings.options.lobby_scope = Some(LobbyScope::OrganizationAndFederated);
    settings.options.allowed_presenters = Some(AllowedPresenters::Everyone);
    let mut stage = Stage::with(settings, &["anna", "ben", "maria", "jose"]);
    stage.ask("anna", Command::Admit(vec![id("maria")])).unwrap();
    stage.said.clear();
    stage
}

fn heard(stage: &Stage, name: &str) -> Vec<Event> {
    let session = stage.session(name);
    let told = stage.said.iter().filter_map(|output| match output {
        Output::Event { session: to, event } if *to == session => Some(event.clone()),
        _ => None,
    });
    told.collect()
}

fn typed(stage: &Stage, name: &str) -> Vec<TypedText> {
    let lines = heard(stage, name).into_iter().filter_map(|event| match event {
        Event::Typed(line) => Some(line),
        _ => None,
    });
    lines.collect()
}

fn type_line(text: &str, is_final: bool) -> Command {
    Command::SendTyped {
        text: text.to_owned(),
        is_final,
    }
}

fn data(to: &[&str], data: &str, lossy: bool) -> Command {
    Command::SendData {
        channel: 7,
        sequence: 1,
        lossy,
        participants: to.iter().map(|name| id(name)).collect(),
        data: data.to_owned(),
    }
}

fn quality(value: u32) -> Diagnostic {
    Diagnostic {
        name: "networkSendQuality".to_owned(),
        value,
        is_flag: false,
    }
}

#[test]
fn a_line_is_seen_by_everybody_inside_while_it_is_typed_and_by_nobody_who_waits() {
    let mut stage = stage();
    stage.ask("maria", type_line("one mom", false)).unwrap();
    stage.now += S;
    stage.ask("maria", type_line("one moment", true)).unwrap();
    stage.ask("maria", type_line("so", false)).unwrap();
    for name in ["anna", "ben", "maria"] {
        let lines: Vec<(u32, String, bool, Micros, Micros)> = typed(&stage, name)
            .into_iter()
            .map(|line| (line.sequence, line.text.to_string(), line.is_final, line.began, line.updated))
            .collect();
        let expected = [(1, "one mom", false, 0, 0), (1, "one moment", true, 0, S), (2, "so", false, S, S)];
        assert_eq!(
            lines,
            expected.map(|(n, text, last, began, at)| (n, text.to_owned(), last, began, at)),
            "{name}"
        );
    }
    assert_eq!(heard(&stage, "jose"), []);
    assert_eq!(stage.ask("jose", type_line("hello", true)), Err(Refusal::NotAdmitted));
    stage.ask("anna", Command::Admit(vec![id("jose")])).unwrap();
    stage.said.clear();
    stage.ask("maria", type_line("so there", true)).unwrap();
    assert_eq!(typed(&stage, "jose").len(), 1, "the same person inside");
}

#[test]
fn typed_text_is_refused_where_the_policy_has_it_off_and_taken_where_it_has_it_on() {
    let mut stage = stage();
    let mut settings = stage.meeting.settings().clone();
    settings.policy.real_time_text = false;
    stage.feed(meeting::Input::SettingsChanged(Box::new(settings.clone())));
    stage.said.clear();
    assert_eq!(stage.ask("ben", type_line("psst", false)), Err(Refusal::TypedTextForbidden));
    assert!(typed(&stage, "anna").is_empty());
    settings.policy.real_time_text = true;
    stage.feed(meeting::Input::SettingsChanged(Box::new(settings)));
    stage.ask("ben", type_line("psst", false)).unwrap();
    assert_eq!(typed(&stage, "anna").len(), 1);
}

#[test]
fn a_line_has_a_bound_and_so_has_the_speed_of_a_typist_but_not_that_of_another() {
    let mut stage = stage();
    assert_eq!(
        stage.ask("ben", type_line(&"x".repeat(MAX_TYPED + 1), false)),
        Err(Refusal::InvalidArgument)
    );
    stage.ask("ben", type_line(&"x".repeat(MAX_TYPED), false)).unwrap();
    let fast: Vec<_> = (0..60).map(|_| stage.ask("ben", type_line("x", false))).collect();
    assert!(fast.iter().take(30).all(Result::is_ok));
    assert_eq!(fast.last(), Some(&Err(Refusal::TooFast)));
    stage.ask("maria", type_line("x", false)).unwrap();
    stage.now += S;
    stage.ask("ben", type_line("x", false)).unwrap();
}

#[test]
fn a_message_reaches_those_whom_it_names_and_without_names_everybody_else() {
    let mut stage = stage();
    stage.ask("maria", data(&["ben", "jose"], "aGk=", false)).unwrap();
    let has = |stage: &Stage, name: &str| heard(stage, name).iter().filter(|event| matches!(event, Event::Data(_))).count();
    assert_eq!(
        ["anna", "ben", "maria", "jose"].map(|name| has(&stage, name)),
        [0, 1, 0, 0],
        "who waits is not reached by name"
    );
    stage.ask("maria", data(&[], "aGk=", false)).unwrap();
    assert_eq!(["anna", "ben", "maria", "jose"].map(|name| has(&stage, name)), [1, 2, 0, 0]);
    assert_eq!(stage.ask("jose", data(&[], "aGk=", false)), Err(Refusal::NotAdmitted));
}

#[test]
fn a_message_over_the_bound_is_refused_and_one_too_many_is_refused_or_dropped_as_its_channel_wants() {
    let mut stage = stage();
    assert_eq!(
        stage.ask("ben", data(&[], &"a".repeat(MAX_DATA + 1), true)),
        Err(Refusal::InvalidArgument)
    );
    stage.ask("ben", data(&[], &"a".repeat(MAX_DATA), true)).unwrap();
    while stage.ask("ben", data(&[], "aGk=", false)).is_ok() {}
    assert_eq!(stage.ask("ben", data(&[], "aGk=", false)), Err(Refusal::TooFast));
    stage.said.clear();
    stage.ask("ben", data(&[], "aGk=", true)).unwrap();
    assert_eq!(heard(&stage, "anna"), [], "dropped");
    stage.now += S;
    stage.ask("ben", data(&[], "aGk=", true)).unwrap();
    assert_eq!(heard(&stage, "anna").len(), 1);
}

#[test]
fn diagnostics_are_told_to_the_others_with_the_session_they_are_about_and_nonsense_is_refused() {
    let mut stage = stage();
    stage.ask("maria", Command::PublishDiagnostics(vec![quality(3)])).unwrap();
    let expected = Event::Diagnostics {
        participant: id("maria"),
        session: stage.session("maria"),
        diagnostics: vec![quality(3)],
    };
    for name in ["anna", "ben"] {
        assert_eq!(heard(&stage, name), std::slice::from_ref(&expected), "{name}");
    }
    assert_eq!((heard(&stage, "maria").len(), heard(&stage, "jose").len()), (0, 0));
    assert_eq!(
        stage.ask("jose", Command::PublishDiagnostics(vec![quality(3)])),
        Err(Refusal::NotAdmitted)
    );
    let unnamed = Diagnostic {
        name: String::new(),
        ..quality(1)
    };
    let named = |name: &str| Diagnostic {
        name: name.to_owned(),
        ..quality(1)
    };
    let spoke_muted = Diagnostic {
        is_flag: true,
        ..named("speakingWhileMicrophoneIsMuted")
    };
    let flag = Diagnostic {
        is_flag: true,
        ..quality(2)
    };
    for bad in [
        vec![],
        vec![quality(4)],
        vec![quality(0)],
        vec![unnamed],
        vec![named("somethingElse")],
        // The server says this itself.
        vec![named("serverConnection")],
        // Nobody else's business.
        vec![spoke_muted],
        vec![flag],
        vec![quality(1); MAX_DIAGNOSTICS + 1],
    ] {
        assert_eq!(stage.ask("maria", Command::PublishDiagnostics(bad)), Err(Refusal::InvalidArgument));
    }
    while stage.ask("maria", Command::PublishDiagnostics(vec![quality(1)])).is_ok() {}
    assert_eq!(
        stage.ask("maria", Command::PublishDiagnostics(vec![quality(1)])),
        Err(Refusal::TooFast)
    );
}

#[test]
fn diagnostics_reach_everybody_in_a_small_meeting_and_nobody_in_a_large_one() {
    let mut settings = settings();
    settings.options.lobby_scope = Some(LobbyScope::Everyone);
    let mut stage = Stage::with(settings, &["anna", "maria"]);
    let others: Vec<String> = (0..=MAX_DIAGNOSED - 2).map(|number| format!("guest{number}")).collect();
    let (last, first) = others.split_last().unwrap();
    for name in first {
        stage.join(name).unwrap();
    }
    stage.said.clear();
    stage.ask("maria", Command::PublishDiagnostics(vec![quality(3)])).unwrap();
    assert_eq!(heard(&stage, "anna").len(), 1, "as many as may be");
    stage.join(last).unwrap();
    stage.said.clear();
    stage.ask("maria", Command::PublishDiagnostics(vec![quality(3)])).unwrap();
    assert_eq!(heard(&stage, "anna"), [], "one more");
    stage.ask(last, Command::Leave { for_everyone: false }).unwrap();
    stage.said.clear();
    stage.ask("maria", Command::PublishDiagnostics(vec![quality(3)])).unwrap();
    assert_eq!(heard(&stage, "anna").len(), 1, "and one less");
}

//! Captions: who has them, who is told what, when somebody listens.

use std::collections::BTreeMap;

use meeting::{
    CapabilityName, CapabilityReason, Caption, Command, Event, HeardWords, Input, LobbyScope, Output, Refusal, Role, SpeechOffer,
};

use super::support::{S, Stage, id, settings};

fn offer() -> SpeechOffer {
    SpeechOffer {
        spoken: vec!["en-us".to_owned(), "de-de".to_owned()],
        translated: vec!["fr".to_owned()],
    }
}

/// Anna runs the meeting, Ben was made an attendee, the guest Maria is inside, Jose waits.
fn stage(offer: SpeechOffer) -> Stage {
    let mut settings = settings();
    settings.options.lobby_scope = Some(LobbyScope::Organization);
    let mut stage = Stage::new(settings);
    stage.meeting.offer_speech(offer);
    for name in ["anna", "ben", "maria", "jose"] {
        stage.join(name).unwrap();
    }
    stage.ask("anna", Command::Admit(vec![id("maria")])).unwrap();
    let attendee = Command::SetRole {
        participant: id("ben"),
        role: Role::Attendee,
    };
    stage.ask("anna", attendee).unwrap();
    stage.said.clear();
    stage
}

fn start(language: Option<&str>) -> Command {
    Command::StartCaptions {
        spoken_language: language.map(str::to_owned),
    }
}

fn say(stage: &mut Stage, name: &str, text: &str, is_final: bool) {
    let at = stage.now;
    stage.feed(Input::Heard(HeardWords {
        participant: id(name),
        is_final,
        text: text.to_owned(),
        translations: BTreeMap::from([("fr".to_owned(), format!("{text} en français"))]),
        at,
    }));
}

fn captions(stage: &Stage, name: &str) -> Vec<Caption> {
    let told = stage.events(name).into_iter().filter_map(|event| match event {
        Event::Caption(caption) => Some(caption.clone()),
        _ => None,
    });
    told.collect()
}

/// What the host was told about listening.
fn listened(stage: &Stage) -> Vec<Option<String>> {
    let told = stage.said.iter().filter_map(|output| match output {
        Output::Listen { language, .. } => Some(language.clone()),
        _ => None,
    });
    told.collect()
}

#[test]
fn words_reach_those_inside_with_captions_on_and_nobody_else() {
    let mut stage = stage(offer());
    stage.ask("maria", start(None)).unwrap();
    stage.now = 5 * S;
    say(&mut stage, "ben", "good", false);
    say(&mut stage, "ben", "good morning", true);
    say(&mut stage, "ben", "how", false);
    let told: Vec<(u32, bool, String)> = captions(&stage, "maria")
        .into_iter()
        .map(|caption| (caption.utterance, caption.is_final, caption.text))
        .collect();
    assert_eq!(
        told,
        [
            (1, false, "good".to_owned()),
            (1, true, "good morning".to_owned()),
            (2, false, "how".to_owned())
        ]
    );
    let caption = captions(&stage, "maria").remove(1);
    assert_eq!(
        (caption.participant, caption.display_name.as_str(), caption.at),
        (id("ben"), "ben", 5 * S)
    );
    assert_eq!(
        (caption.spoken_language.as_str(), caption.caption_text, caption.caption_language),
        ("en-us", None, None)
    );
    assert_eq!(
        (captions(&stage, "anna"), captions(&stage, "ben")),
        (Vec::new(), Vec::new()),
        "who did not ask"
    );
    assert!(stage.events("jose").is_empty(), "who waits");
    stage.ask("maria", Command::StopCaptions).unwrap();
    stage.said.clear();
    say(&mut stage, "ben", "how are you", true);
    assert!(captions(&stage, "maria").is_empty());
}

#[test]
fn the_host_listens_from_the_first_who_wants_captions_to_the_last() {
    let mut stage = stage(offer());
    stage.ask("maria", start(Some("DE-de"))).unwrap();
    stage.ask("anna", start(None)).unwrap();
    stage.ask("maria", Command::StopCaptions).unwrap();
    assert_eq!(
        listened(&stage),
        [Some("de-de".to_owned())],
        "the first says which language is spoken"
    );
    stage.said.clear();
    stage.ask("anna", Command::SetSpokenLanguage("en-us".to_owned())).unwrap();
    assert_eq!(listened(&stage), [Some("en-us".to_owned())]);
    stage.said.clear();
    stage.ask("anna", Command::Leave { for_everyone: false }).unwrap();
    stage.wait(4);
    assert_eq!(listened(&stage), [], "somebody may want them again");
    stage.wait(1);
    assert_eq!(listened(&stage), [None], "nobody is left who wants them");
}

#[test]
fn a_lost_connection_keeps_its_captions_and_a_new_session_begins_without() {
    let mut stage = stage(offer());
    stage.ask("maria", start(None)).unwrap();
    stage.lose("maria");
    say(&mut stage, "ben", "lost", true);
    assert!(captions(&stage, "maria").is_empty());
    stage.back("maria");
    say(&mut stage, "ben", "back", true);
    assert_eq!(captions(&stage, "maria").len(), 1);
    assert!(stage.own("maria").captions.is_some());
    stage.join("maria").unwrap();
    assert!(stage.own("maria").captions.is_none());
    stage.wait(5);
    assert_eq!(listened(&stage).last(), Some(&None));
}

#[test]
fn who_waits_has_no_captions_and_gets_them_when_inside() {
    let mut stage = stage(offer());
    assert_eq!(stage.ask("jose", start(None)), Err(Refusal::NotAdmitted));
    stage.ask("anna", Command::Admit(vec![id("jose")])).unwrap();
    stage.ask("jose", start(None)).unwrap();
    say(&mut stage, "ben", "hello", true);
    assert_eq!(captions(&stage, "jose").len(), 1);
}

#[test]
fn without_a_recogniser_captions_are_refused_and_the_record_says_so() {
    let mut without = stage(SpeechOffer::default());
    assert_eq!(without.ask("anna", start(None)), Err(Refusal::CaptionsNotServed));
    assert_eq!(
        without.capability("anna", CapabilityName::StartLiveMeetingCaptions),
        CapabilityReason::FeatureNotSupported
    );
    assert!(!without.snapshot("anna").meeting.captions.available);
    let mut with = stage(offer());
    assert_eq!(
        with.capability("maria", CapabilityName::StartLiveMeetingCaptions),
        CapabilityReason::Capable
    );
    let state = with.snapshot("maria").meeting.captions;
    assert!(state.available && state.spoken_languages == offer().spoken && state.spoken_language == "en-us");
}

#[test]
fn the_policy_forbids_captions_also_while_they_are_on() {
    let mut stage = stage(offer());
    stage.ask("maria", start(None)).unwrap();
    stage.said.clear();
    stage.change(|settings| settings.policy.allow_captions = false);
    assert_eq!(listened(&stage), [None]);
    assert!(stage.own("maria").captions.is_none());
    assert_eq!(
        stage.capability("maria", CapabilityName::StartLiveMeetingCaptions),
        CapabilityReason::UserPolicyRestricted
    );
    assert_eq!(stage.ask("maria", start(None)), Err(Refusal::CaptionsForbidden));
    stage.change(|settings| settings.policy.allow_captions = true);
    stage.ask("maria", start(None)).unwrap();
}

#[test]
fn only_known_languages_are_spoken_and_only_those_who_run_the_meeting_change_them() {
    let mut stage = stage(offer());
    assert_eq!(stage.ask("maria", start(Some("tlh"))), Err(Refusal::SpokenLanguageNotServed));
    stage.ask("maria", start(None)).unwrap();
    let german = Command::SetSpokenLanguage("de-de".to_owned());
    assert_eq!(stage.ask("maria", german.clone()), Err(Refusal::RoleForbidsSpokenLanguage));
    assert_eq!(
        stage.ask("anna", Command::SetSpokenLanguage("tlh".to_owned())),
        Err(Refusal::SpokenLanguageNotServed)
    );
    stage.ask("anna", german).unwrap();
    assert_eq!(stage.snapshot("maria").meeting.captions.spoken_language, "de-de");
    assert_eq!(
        stage.own("maria").captions.unwrap().language,
        "de-de",
        "who reads what is spoken goes on doing so"
    );
}

#[test]
fn a_translation_is_for_whoever_asked_for_it_and_another_language_is_refused() {
    let mut stage = stage(offer());
    let french = Command::SetCaptionLanguage("fr".to_owned());
    assert_eq!(stage.ask("maria", french.clone()), Err(Refusal::CaptionsAreOff));
    stage.ask("maria", start(None)).unwrap();
    stage.ask("anna", start(None)).unwrap();
    assert_eq!(
        stage.ask("maria", Command::SetCaptionLanguage("it".to_owned())),
        Err(Refusal::CaptionLanguageNotServed)
    );
    stage.ask("maria", french).unwrap();
    say(&mut stage, "ben", "hello", true);
    let caption = captions(&stage, "maria").remove(0);
    assert_eq!(caption.text, "hello");
    assert_eq!(
        (caption.caption_text.as_deref(), caption.caption_language.as_deref()),
        (Some("hello en français"), Some("fr"))
    );
    assert_eq!(captions(&stage, "anna").remove(0).caption_text, None);
    let mut untranslated = self::stage(SpeechOffer {
        translated: Vec::new(),
        ..offer()
    });
    assert_eq!(
        untranslated.capability("anna", CapabilityName::SetCaptionLanguage),
        CapabilityReason::FeatureNotSupported
    );
    assert_eq!(
        stage.capability("anna", CapabilityName::SetCaptionLanguage),
        CapabilityReason::Capable
    );
}

#[test]
fn words_of_somebody_who_left_are_nobodys() {
    let mut stage = stage(offer());
    stage.ask("maria", start(None)).unwrap();
    stage.ask("anna", Command::Remove(id("ben"))).unwrap();
    say(&mut stage, "ben", "late", true);
    assert!(captions(&stage, "maria").is_empty());
    say(&mut stage, "anna", "in time", true);
    assert_eq!(captions(&stage, "maria").len(), 1);
}

#[test]
fn captions_turned_on_and_off_again_and_again_begin_one_listening_and_end_one() {
    let mut stage = stage(offer());
    let mut refused = 0;
    for turn in 0..20 {
        stage.now += S / 20;
        let command = if turn % 2 == 0 { start(None) } else { Command::StopCaptions };
        match stage.ask("maria", command) {
            Ok(_) => {}
            Err(refusal) => {
                assert_eq!((refusal, turn % 2), (Refusal::TooFast, 0), "to turn them off is always allowed");
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    stage.ask("anna", start(None)).unwrap();
    stage.ask("anna", Command::StopCaptions).unwrap();
    stage.wait(10);
    assert_eq!(listened(&stage), [Some("en-us".to_owned()), None]);
    assert_eq!(
        stage.meeting.poll_timeout().map(|(_, reason)| reason),
        Some(meeting::TimeoutReason::LobbyTimeout)
    );
    stage.ask("maria", start(None)).unwrap();
    assert_eq!(listened(&stage).len(), 3, "and later they are there again");
}

#[test]
fn languages_change_only_so_often() {
    let mut stage = stage(offer());
    stage.ask("maria", start(None)).unwrap();
    let tongues = ["de-de", "en-us"].into_iter().cycle().take(20);
    let spoken = tongues.map(|tongue| stage.ask("anna", Command::SetSpokenLanguage(tongue.to_owned())));
    assert_eq!(spoken.filter(|answer| *answer == Err(Refusal::TooFast)).count(), 8);
    let read = ["fr", "de-de"].into_iter().cycle().take(20);
    let read = read.map(|tongue| stage.ask("maria", Command::SetCaptionLanguage(tongue.to_owned())));
    assert_eq!(read.filter(|answer| *answer == Err(Refusal::TooFast)).count(), 8);
    stage.wait(60);
    stage.ask("anna", Command::SetSpokenLanguage("en-us".to_owned())).unwrap();
    stage.ask("maria", Command::SetCaptionLanguage("fr".to_owned())).unwrap();
}

#[test]
fn while_nobody_reads_any_more_nobody_is_told_and_an_empty_meeting_is_not_listened_to() {
    let mut stage = stage(offer());
    stage.ask("maria", start(None)).unwrap();
    stage.ask("maria", Command::StopCaptions).unwrap();
    stage.said.clear();
    say(&mut stage, "ben", "good morning", true);
    assert!(
        ["anna", "ben", "maria", "jose"]
            .iter()
            .all(|name| captions(&stage, name).is_empty())
    );
    assert_eq!(listened(&stage), []);
    stage.ask("anna", Command::Leave { for_everyone: true }).unwrap();
    assert_eq!(listened(&stage), [None], "at once");
}

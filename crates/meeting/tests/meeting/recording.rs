//! Recording and transcription: who begins them, and what those owe who have not agreed.

use std::collections::BTreeMap;

use meeting::{
    CallKind, CapabilityName, CapabilityReason, Command, HeardWords, Input, LobbyScope, MediaKind, Output, Refusal, SpeechOffer,
    TranscriptLine,
};

use super::support::{S, Stage, call, id, settings};

const AGREE: Command = Command::GrantConsent {
    recording: true,
    transcription: false,
};

/// Anna runs the meeting; the guest Maria is inside and sends her microphone; Jose waits. Consent is asked for, or not.
fn stage(explicit: bool) -> Stage {
    let mut settings = settings();
    settings.options.lobby_scope = Some(LobbyScope::Organization);
    settings.policy.explicit_recording_consent = explicit;
    let mut stage = Stage::new(settings);
    stage.meeting.offer_speech(SpeechOffer {
        spoken: vec!["en-us".to_owned()],
        translated: Vec::new(),
    });
    for name in ["anna", "maria", "jose"] {
        stage.join(name).unwrap();
    }
    stage.ask("anna", Command::Admit(vec![id("maria")])).unwrap();
    let declared = Command::DeclarePublications(vec![MediaKind::Microphone, MediaKind::Camera]);
    stage.ask("maria", declared).unwrap();
    stage.said.clear();
    stage
}

fn send(kind: MediaKind) -> Command {
    Command::SetPublication {
        kind,
        active: true,
        width: 0,
        height: 0,
    }
}

fn gates(stage: &Stage, name: &str) -> Vec<bool> {
    let whose = stage.session(name);
    let moved = stage.said.iter().filter_map(|output| match output {
        Output::PublicationGate { session, open, .. } if *session == whose => Some(*open),
        _ => None,
    });
    moved.collect()
}

fn transcript(stage: &Stage) -> Vec<TranscriptLine> {
    let kept = stage.said.iter().filter_map(|output| match output {
        Output::Transcript(line) => Some(line.clone()),
        _ => None,
    });
    kept.collect()
}

fn say(stage: &mut Stage, name: &str, text: &str, is_final: bool) {
    let now = stage.now;
    say_since(stage, name, text, is_final, now);
}

/// The same, begun at another time.
fn say_since(stage: &mut Stage, name: &str, text: &str, is_final: bool, at: meeting::Micros) {
    stage.feed(Input::Heard(HeardWords {
        participant: id(name),
        is_final,
        text: text.to_owned(),
        translations: BTreeMap::new(),
        at,
    }));
}

#[test]
fn who_runs_the_meeting_begins_and_ends_a_recording_that_everybody_sees_and_a_guest_cannot() {
    let mut stage = stage(false);
    assert_eq!(stage.ask("maria", Command::SetRecording(true)), Err(Refusal::RoleForbidsRecording));
    assert_eq!(
        stage.ask("maria", Command::SetTranscription(true)),
        Err(Refusal::RoleForbidsRecording)
    );
    assert_eq!(stage.ask("jose", Command::SetRecording(true)), Err(Refusal::NotAdmitted));
    stage.ask("anna", Command::SetRecording(true)).unwrap();
    assert!(stage.events("jose").is_empty(), "who waits is not told");
    stage.ask("anna", Command::SetRecording(true)).unwrap();
    let recordings = stage.snapshot("maria").meeting.recordings;
    assert_eq!(recordings.len(), 1, "twice is once");
    assert_eq!((recordings[0].id.as_str(), &recordings[0].by), ("1", &id("anna")));
    assert!(!stage.own("maria").recording_consent_required, "the policy does not ask");
    stage.ask("anna", Command::SetRecording(false)).unwrap();
    assert!(stage.snapshot("maria").meeting.recordings.is_empty());
}

#[test]
fn option_and_policy_forbid_recording_also_while_it_runs() {
    let mut stage = stage(false);
    stage.ask("anna", Command::SetRecording(true)).unwrap();
    stage.ask("anna", Command::SetTranscription(true)).unwrap();
    stage.change(|settings| settings.options.allow_recording = false);
    let state = stage.snapshot("maria").meeting;
    assert!(state.recordings.is_empty() && state.transcribing);
    assert_eq!(stage.ask("anna", Command::SetRecording(true)), Err(Refusal::RecordingForbidden));
    stage.change(|settings| {
        settings.options.allow_recording = true;
        settings.policy.allow_transcription = false;
    });
    assert!(!stage.snapshot("maria").meeting.transcribing);
    assert_eq!(
        stage.ask("anna", Command::SetTranscription(true)),
        Err(Refusal::TranscriptionForbidden)
    );
    stage.ask("anna", Command::SetRecording(true)).unwrap();
}

#[test]
fn who_has_not_agreed_sends_nothing_and_whoever_agreed_does() {
    let mut stage = stage(true);
    stage.ask("anna", Command::SetRecording(true)).unwrap();
    assert_eq!(gates(&stage, "maria"), [false], "her open microphone is closed");
    let own = stage.own("maria");
    assert!(own.recording_consent_required && own.muted && !own.transcription_consent_required);
    for name in [CapabilityName::UnmuteMic, CapabilityName::TurnVideoOn, CapabilityName::ShareScreen] {
        assert_eq!(stage.capability("maria", name), CapabilityReason::ExplicitConsentRequired);
    }
    for kind in [MediaKind::Microphone, MediaKind::Camera, MediaKind::Screen] {
        assert_eq!(stage.ask("maria", send(kind)), Err(Refusal::ConsentRequired));
    }
    stage.said.clear();
    stage.ask("maria", AGREE).unwrap();
    assert!(gates(&stage, "maria").is_empty(), "to agree opens nothing");
    assert!(!stage.own("maria").recording_consent_required);
    stage.ask("maria", send(MediaKind::Microphone)).unwrap();
    assert_eq!(gates(&stage, "maria"), [true]);
    assert!(!stage.own("anna").recording_consent_required, "whoever begins it agrees to it");
}

#[test]
fn who_comes_in_while_it_runs_and_who_comes_again_is_asked() {
    let mut stage = stage(true);
    stage.ask("anna", Command::SetRecording(true)).unwrap();
    stage.ask("anna", Command::Admit(vec![id("jose")])).unwrap();
    let own = stage.own("jose");
    assert!(own.recording_consent_required && own.muted, "he joined unmuted");
    stage.ask("maria", AGREE).unwrap();
    stage.join("maria").unwrap();
    stage.ask("anna", Command::Admit(vec![id("maria")])).unwrap();
    assert!(stage.own("maria").recording_consent_required, "another session");
    stage.ask("maria", AGREE).unwrap();
    stage.ask("anna", Command::SetRecording(false)).unwrap();
    assert!(!stage.own("jose").recording_consent_required, "nothing runs");
    stage.ask("anna", Command::SetRecording(true)).unwrap();
    assert!(stage.own("maria").recording_consent_required, "another recording");
}

#[test]
fn to_agree_to_what_does_not_run_is_worth_nothing() {
    let mut stage = stage(true);
    stage.ask("maria", AGREE).unwrap();
    stage.ask("anna", Command::SetRecording(true)).unwrap();
    assert!(stage.own("maria").recording_consent_required);
    stage.ask("anna", Command::SetTranscription(true)).unwrap();
    stage.ask("maria", AGREE).unwrap();
    let own = stage.own("maria");
    assert!(
        !own.recording_consent_required && own.transcription_consent_required,
        "each is asked for by itself"
    );
    assert_eq!(stage.ask("maria", send(MediaKind::Microphone)), Err(Refusal::ConsentRequired));
}

#[test]
fn a_policy_that_begins_to_ask_closes_media_and_one_that_stops_asking_asks_nobody() {
    let mut stage = stage(false);
    stage.ask("anna", Command::SetRecording(true)).unwrap();
    assert!(gates(&stage, "maria").is_empty());
    stage.change(|settings| settings.policy.explicit_recording_consent = true);
    assert_eq!(gates(&stage, "maria"), [false]);
    assert!(stage.own("maria").recording_consent_required);
    stage.change(|settings| settings.policy.explicit_recording_consent = false);
    assert!(!stage.own("maria").recording_consent_required);
    stage.ask("maria", send(MediaKind::Microphone)).unwrap();
}

#[test]
fn what_is_final_is_written_down_while_the_transcription_runs() {
    let mut stage = stage(false);
    say(&mut stage, "maria", "before", true);
    stage.ask("anna", Command::SetTranscription(true)).unwrap();
    let listens =
        |output: &Output| matches!(output, Output::Listen { language: Some(language), written_down: true } if language == "en-us");
    assert!(stage.said.iter().any(listens), "nobody needs captions for it");
    say(&mut stage, "maria", "good", false);
    say(&mut stage, "maria", "good morning", true);
    stage.ask("anna", Command::SetTranscription(false)).unwrap();
    say(&mut stage, "maria", "after", true);
    let lines: Vec<(String, String)> = transcript(&stage).into_iter().map(|line| (line.display_name, line.text)).collect();
    assert_eq!(lines, [("maria".to_owned(), "good morning".to_owned())]);
}

#[test]
fn last_words_of_somebody_who_has_not_agreed_are_not_written_down() {
    let mut stage = stage(true);
    stage.ask("anna", Command::SetTranscription(true)).unwrap();
    say(&mut stage, "maria", "late words", true);
    assert!(transcript(&stage).is_empty());
    let agree = Command::GrantConsent {
        recording: false,
        transcription: true,
    };
    stage.ask("maria", agree).unwrap();
    say(&mut stage, "maria", "agreed words", true);
    assert_eq!(transcript(&stage).len(), 1);
}

fn texts(stage: &Stage) -> Vec<String> {
    transcript(stage).into_iter().map(|line| line.text).collect()
}

#[test]
fn an_utterance_that_was_begun_before_the_transcription_is_not_written_down() {
    let mut stage = stage(false);
    stage.ask("anna", Command::StartCaptions { spoken_language: None }).unwrap();
    stage.now = 10 * S;
    stage.ask("anna", Command::SetTranscription(true)).unwrap();
    stage.now = 12 * S;
    say_since(&mut stage, "maria", "between us", true, 10 * S - 1);
    say_since(&mut stage, "maria", "for the record", true, 10 * S);
    assert_eq!(texts(&stage), ["for the record"]);
    let told = stage.events("anna");
    let captions = told.iter().filter(|event| matches!(event, meeting::Event::Caption(_)));
    assert_eq!(captions.count(), 2, "captions need no transcription");
    // Another one begins anew.
    stage.ask("anna", Command::SetTranscription(false)).unwrap();
    stage.now = 20 * S;
    stage.ask("anna", Command::SetTranscription(true)).unwrap();
    say_since(&mut stage, "maria", "in the pause", true, 15 * S);
    assert_eq!(texts(&stage), ["for the record"]);
}

#[test]
fn an_utterance_that_was_begun_before_the_speaker_agreed_is_not_written_down() {
    let mut stage = stage(true);
    stage.ask("anna", Command::SetTranscription(true)).unwrap();
    stage.now = 10 * S;
    let agree = Command::GrantConsent {
        recording: false,
        transcription: true,
    };
    stage.ask("maria", agree.clone()).unwrap();
    stage.now = 12 * S;
    say_since(&mut stage, "maria", "before I agreed", true, 9 * S);
    say_since(&mut stage, "maria", "afterwards", true, 11 * S);
    say_since(&mut stage, "anna", "begun by me", true, 5 * S);
    // To agree again changes nothing.
    stage.ask("maria", agree).unwrap();
    say_since(&mut stage, "maria", "still", true, 11 * S);
    assert_eq!(texts(&stage), ["afterwards", "begun by me", "still"]);
}

#[test]
fn without_a_recogniser_nothing_is_written_down() {
    let mut without = Stage::with(settings(), &["anna"]);
    assert_eq!(
        without.ask("anna", Command::SetTranscription(true)),
        Err(Refusal::CaptionsNotServed)
    );
    without.ask("anna", Command::SetRecording(true)).unwrap();
}

#[test]
fn only_a_scheduled_meeting_has_a_transcript_and_other_calls_have_captions() {
    let mut settings = settings();
    settings.kind = CallKind::Group;
    settings.resource = "our-resource".to_owned();
    let mut stage = Stage::new(settings);
    stage.meeting.offer_speech(SpeechOffer {
        spoken: vec!["en-us".to_owned()],
        translated: Vec::new(),
    });
    stage.join("maria").unwrap();
    assert_eq!(
        stage.ask("maria", Command::SetTranscription(true)),
        Err(Refusal::NotInThisKindOfCall)
    );
    assert_eq!(
        stage.capability("maria", CapabilityName::StartLiveCallingCaptions),
        CapabilityReason::Capable,
        "captions under the name of calls"
    );
    stage.ask("maria", Command::StartCaptions { spoken_language: None }).unwrap();
}

#[test]
fn a_group_call_that_nobody_runs_is_recorded_only_where_the_policy_says_so() {
    let mut stage = Stage::with(call(CallKind::Group), &["maria", "jose"]);
    assert_eq!(
        stage.ask("maria", Command::SetRecording(true)),
        Err(Refusal::GroupCallRecordingForbidden)
    );
    assert!(stage.snapshot("jose").meeting.recordings.is_empty());
    stage.change(|settings| settings.policy.group_call_recording = true);
    stage.ask("maria", Command::SetRecording(true)).unwrap();
    assert_eq!(stage.snapshot("jose").meeting.recordings.len(), 1);
    stage.change(|settings| settings.policy.group_call_recording = false);
    assert!(stage.snapshot("jose").meeting.recordings.is_empty(), "the policy acts at once");
    // A room has somebody who runs it.
    let mut room = Stage::with(call(CallKind::Room), &["maria", "jose"]);
    assert_eq!(room.ask("jose", Command::SetRecording(true)), Err(Refusal::RoleForbidsRecording));
    room.ask("maria", Command::SetRecording(true)).unwrap();
}

#[test]
fn a_recording_ends_with_the_held_meeting() {
    let mut stage = stage(false);
    stage.ask("anna", Command::SetRecording(true)).unwrap();
    stage.ask("anna", Command::SetTranscription(true)).unwrap();
    stage.ask("anna", Command::Leave { for_everyone: true }).unwrap();
    stage.join("anna").unwrap();
    let state = stage.snapshot("anna").meeting;
    assert!(state.recordings.is_empty() && !state.transcribing);
}

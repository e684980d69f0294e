//! The golden corpus (`tests/golden`): every frame decodes, encodes back to the same JSON, and every variant has a file.
//!
//! Its twin on the other side is the corpus test of `web/packages/calling`. Not here: what a frame means (`meeting`, `signal`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use wire::{
    AccessKind, CallKind, CapabilityName, CapabilityReason, ClientFrame, DecodeError, Event, FixableBy, Locator, MAX_FRAME_BYTES,
    MediaKind, Outcome, PersonKind, Presence, Reaction, Reply, RequestBody, Role, ServerFrame, TransferState, WantPriority, Withheld,
    decode_client, decode_server, encode,
};

/// For each enum: the name of the variant of a value (exhaustive, so a new variant does not compile without a line here)
/// and the list of all names (so that a line here without a file fails).
macro_rules! variants {
    ($kind:ident, $name_of:ident, $all:ident, { $($variant:ident),+ $(,)? }) => {
        fn $name_of(value: &$kind) -> &'static str {
            match value {
                $($kind::$variant { .. } => stringify!($variant),)+
            }
        }
        const $all: &[&str] = &[$(stringify!($variant)),+];
    };
}

variants!(ClientFrame, client_name, CLIENT_FRAMES, { Hello, Request, Ping });
variants!(ServerFrame, server_name, SERVER_FRAMES, { Welcome, Response, Event, Incoming, IncomingEnded, Pong, Closing });
variants!(Outcome, outcome_name, OUTCOMES, { Ok, Refused });
variants!(Reply, reply_name, REPLIES, { Done, Joined, Media, Admitted, Transfer, IceServers, Survey });
variants!(Locator, locator_name, LOCATORS, { Link, MeetingId, Coordinates, Room, Group, Incoming, Breakout, Transfer });
variants!(Event, event_name, EVENTS, {
    Waiting, Snapshot, Participants, Lobby, Own, Meeting, Slots, Speaking, Reaction, Caption, Typed, Data, Breakout, Broadcast, Diagnostics,
    TransferAsked, Transfer, MediaLost, Ended,
});
variants!(RequestBody, request_name, REQUESTS, {
    Join, Leave, OfferMedia, SetPublication, Subscribe, MuteParticipants, RemoveParticipant, Admit, Reject, SetRole, RaiseHand,
    LowerHands, LowerAllHands, SetLocked, Snapshot, RenewIceServers, RefreshToken, StartCall, RejectIncoming, AddParticipants, Transfer, SetHeld, React,
    StartSpotlight, StopSpotlight, StopAllSpotlight, SetMediaAccess, SetRecording, SetTranscription, GrantConsent, StartCaptions,
    StopCaptions, SetSpokenLanguage, SetCaptionLanguage, SendTyped, SendData, SetTogether, PublishDiagnostics, PlanBreakoutRooms,
    AssignBreakoutRoom, OpenBreakoutRooms, CloseBreakoutRooms, BroadcastToBreakoutRooms, SubmitSurvey,
});

/// For each enum of plain names: all its values, through an exhaustive match.
macro_rules! values {
    ($kind:ident, $all:ident, { $($variant:ident),+ $(,)? }) => {
        fn $all() -> Vec<Value> {
            let listed = [$($kind::$variant),+];
            for value in listed {
                match value { $($kind::$variant => {})+ }
            }
            listed.iter().map(|value| serde_json::to_value(value).unwrap()).collect()
        }
    };
}

values!(MediaKind, media_kinds, { Microphone, Camera, Screen, ScreenAudio });
values!(WantPriority, priorities, { Rest, Speaker, Pinned, Screen });
values!(Withheld, withheld, { Paused, Unplayable });
values!(FixableBy, fixers, { You, Organizer, Administrator, Application, Operator, Nobody });
values!(PersonKind, person_kinds, { Member, Guest, Visitor, Phone, Application });
values!(CallKind, call_kinds, { Meeting, Room, Group, Direct });
values!(Presence, presences, { Inside, Held, Ringing });
values!(Reaction, reactions, { Like, Heart, Laugh, Surprised, Applause });
values!(TransferState, transfer_states, { Transferring, Transferred, Failed });
values!(AccessKind, access_kinds, { Audio, Video });
values!(Role, roles, { Organizer, CoOrganizer, Presenter, Attendee, Collaborator, Consumer });
values!(CapabilityReason, capability_reasons, {
    Capable, CapabilityNotApplicableForTheCallType, ClientRestricted, UserPolicyRestricted, RoleRestricted, FeatureNotSupported,
    MeetingRestricted, NotInitialized, NotCapable, ExplicitConsentRequired,
});
values!(CapabilityName, capability_names, {
    TurnVideoOn, UnmuteMic, ShareScreen, RemoveParticipant, HangUpForEveryOne, AddCommunicationUser, AddTeamsUser, AddPhoneNumber,
    ManageLobby, SpotlightParticipant, RemoveParticipantsSpotlight, BlurBackground, StartLiveMeetingCaptions, StartLiveCallingCaptions,
    SetCaptionLanguage, RaiseHand, PstnDialOut, MuteOthers, UseReactions, ViewAttendeeNames, StartTogetherMode, JoinBreakoutRooms,
    ForbidOthersAudio, ForbidOthersVideo, RealTimeText,
});

/// The files of one folder of the corpus: name and text.
fn corpus(folder: &str) -> Vec<(String, String)> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(folder);
    let mut files: Vec<(String, String)> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no corpus in {}", dir.display());
    files
}

fn client_frames() -> Vec<(String, ClientFrame)> {
    corpus("client")
        .into_iter()
        .map(|(name, text)| (name.clone(), decode_client(&text).unwrap_or_else(|error| panic!("{name}: {error}"))))
        .collect()
}

fn server_frames() -> Vec<(String, ServerFrame)> {
    corpus("server")
        .into_iter()
        .map(|(name, text)| (name.clone(), decode_server(&text).unwrap_or_else(|error| panic!("{name}: {error}"))))
        .collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_client_frame_decodes_and_encodes_to_the_same_json() {
    for (name, text) in corpus("client") {
        let frame = decode_client(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(json(&encode(&frame)), json(&text), "{name}");
    }
}

#[test]
fn every_server_frame_decodes_and_encodes_to_the_same_json() {
    for (name, text) in corpus("server") {
        let frame = decode_server(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(json(&encode(&frame)), json(&text), "{name}");
    }
}

#[test]
fn every_variant_of_every_frame_has_a_file() {
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (_, frame) in client_frames() {
        seen.insert(("ClientFrame", client_name(&frame)));
        if let ClientFrame::Request { request, .. } = &frame {
            seen.insert(("RequestBody", request_name(&request.body)));
            if let RequestBody::Join { locator, .. } = &request.body {
                seen.insert(("Locator", locator_name(locator)));
            }
        }
    }
    for (_, frame) in server_frames() {
        seen.insert(("ServerFrame", server_name(&frame)));
        if let ServerFrame::Event { event, .. } = &frame {
            seen.insert(("Event", event_name(event)));
        }
        if let ServerFrame::Response { outcome, .. } = &frame {
            seen.insert(("Outcome", outcome_name(outcome)));
            if let Outcome::Ok { reply } = outcome {
                seen.insert(("Reply", reply_name(reply)));
            }
        }
    }
    let tables = [
        ("ClientFrame", CLIENT_FRAMES),
        ("RequestBody", REQUESTS),
        ("Locator", LOCATORS),
        ("ServerFrame", SERVER_FRAMES),
        ("Event", EVENTS),
        ("Outcome", OUTCOMES),
        ("Reply", REPLIES),
    ];
    for (kind, names) in tables {
        for name in names {
            assert!(seen.contains(&(kind, name)), "{kind}::{name} has no file in tests/golden");
        }
    }
}

#[test]
fn every_value_of_every_enum_of_names_is_in_a_file() {
    let mut strings = BTreeSet::new();
    for (_, text) in corpus("client").into_iter().chain(corpus("server")) {
        collect_strings(&json(&text), &mut strings);
    }
    let expected = [
        media_kinds(),
        priorities(),
        withheld(),
        fixers(),
        person_kinds(),
        roles(),
        capability_reasons(),
        call_kinds(),
        reactions(),
        access_kinds(),
        transfer_states(),
        presences(),
        capability_names(),
    ]
    .into_iter()
    .flatten();
    for value in expected {
        assert!(strings.contains(value.as_str().unwrap()), "{value} is in no file of tests/golden");
    }
}

fn collect_strings(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            into.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect_strings(item, into)),
        Value::Object(members) => members.values().for_each(|member| collect_strings(member, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn every_bad_frame_is_refused_and_its_request_id_is_saved_when_it_can_be_read() {
    for (name, text) in corpus("bad") {
        let case = json(&text);
        let frame = case["frame"].as_str().unwrap();
        let expected = case["request"].as_u64().map(|id| u32::try_from(id).unwrap());
        let error = match case["direction"].as_str().unwrap() {
            "client" => decode_client(frame).map(|frame| format!("{frame:?}")),
            "server" => decode_server(frame).map(|frame| format!("{frame:?}")),
            other => panic!("{name}: no direction {other}"),
        }
        .expect_err(&name);
        match error {
            DecodeError::Malformed { request, detail } => {
                assert_eq!(request, expected, "{name}");
                assert!(!detail.is_empty(), "{name}");
            }
            DecodeError::TooLarge { .. } => panic!("{name}: refused for its size"),
        }
    }
}

#[test]
fn a_frame_over_the_bound_is_refused_before_it_is_parsed_and_one_at_the_bound_is_read() {
    let base = r#"{"type":"ping"}"#;
    let at_bound = format!("{base}{}", " ".repeat(MAX_FRAME_BYTES - base.len()));
    assert_eq!(decode_client(&at_bound), Ok(ClientFrame::Ping));
    let over = format!("{at_bound} ");
    assert_eq!(
        decode_client(&over),
        Err(DecodeError::TooLarge {
            bytes: MAX_FRAME_BYTES + 1
        })
    );
}

#[test]
fn members_this_version_does_not_know_are_ignored() {
    for (name, text) in corpus("client") {
        let mut value = json(&text);
        value["addedLater"] = Value::from("by a newer client");
        assert_eq!(decode_client(&value.to_string()).unwrap(), decode_client(&text).unwrap(), "{name}");
    }
    for (name, text) in corpus("server") {
        let mut value = json(&text);
        value["addedLater"] = Value::from("by a newer server");
        assert_eq!(decode_server(&value.to_string()).unwrap(), decode_server(&text).unwrap(), "{name}");
    }
}

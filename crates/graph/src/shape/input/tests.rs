use proptest::prelude::*;
use serde_json::json;

use super::*;

fn parse(body: &Value) -> Result<MeetingInput, GraphError> {
    MeetingInput::parse(body.to_string().as_bytes())
}

fn target(body: &Value) -> Option<String> {
    match parse(body) {
        Err(GraphError::InvalidArgument { target, .. }) => Some(target),
        _ => None,
    }
}

#[test]
fn typed_properties_are_read() {
    let input = parse(&json!({
        "@odata.type": "#microsoft.graph.onlineMeeting",
        "subject": "Visit",
        "startDateTime": "2026-11-22T12:00:00+00:00",
        "endDateTime": "2026-11-22T13:00:00Z",
        "allowedPresenters": "organizer",
        "lobbyBypassSettings": { "scope": "everyone" },
        "joinMeetingIdSettings": { "isPasscodeRequired": true },
        "allowAnonymousJoin": false,
        "allowMeetingChat": "disabled",
        "participants": { "attendees": [{ "upn": "ben@clinic.example", "role": "coorganizer" }, { "identity": { "user": { "id": "ABC" } } }] },
    }))
    .unwrap();
    assert_eq!(input.subject, Some(Some("Visit".to_owned())));
    assert_eq!(input.end.zip(input.start).map(|(end, start)| end - start), Some(3_600_000_000));
    assert_eq!(input.allowed_presenters, Some(Some(AllowedPresenters::Organizer)));
    assert_eq!((input.lobby_scope, input.dial_in_bypass), (Some(Some(LobbyScope::Everyone)), None));
    assert_eq!((input.passcode_required, input.allow_anonymous_join), (Some(true), Some(false)));
    assert_eq!(input.kept.get("allowMeetingChat"), Some(&json!("disabled")));
    let attendees = input.attendees.unwrap();
    assert_eq!(attendees[0].role, InviteeRole::Coorganizer);
    assert_eq!(
        (attendees[1].member_id.as_deref(), attendees[1].role),
        (Some("abc"), InviteeRole::Attendee)
    );
}

#[test]
fn what_is_absent_is_not_touched_and_null_goes_back_to_the_policy() {
    assert_eq!(parse(&json!({})).unwrap(), MeetingInput::default());
    let mut options = MeetingOptions {
        lobby_scope: Some(LobbyScope::Organizer),
        allow_reactions: false,
        ..MeetingOptions::default()
    };
    parse(&json!({ "lobbyBypassSettings": { "isDialInBypassEnabled": true } }))
        .unwrap()
        .apply_to(&mut options);
    assert_eq!(
        (options.lobby_scope, options.is_dial_in_bypass_enabled),
        (Some(LobbyScope::Organizer), Some(true))
    );
    parse(&json!({ "lobbyBypassSettings": { "scope": null }, "allowTeamworkReactions": true }))
        .unwrap()
        .apply_to(&mut options);
    assert_eq!((options.lobby_scope, options.allow_reactions), (None, true));
}

#[test]
fn server_set_properties_may_be_sent_back() {
    let body = json!({ "id": "x", "joinWebUrl": "y", "chatInfo": {}, "participants": { "organizer": {} }, "audioConferencing": null });
    assert_eq!(parse(&body).unwrap(), MeetingInput::default());
}

#[test]
fn what_is_wrong_is_refused_with_its_name() {
    for (body, expected) in [
        (json!({ "subject": 7 }), "subject"),
        (json!({ "subject": "x".repeat(1025) }), "subject"),
        (json!({ "startDateTime": "soon" }), "startDateTime"),
        (json!({ "endDateTime": 1 }), "endDateTime"),
        (json!({ "allowedPresenters": "unknownFutureValue" }), "allowedPresenters"),
        (json!({ "lobbyBypassSettings": { "scope": "nobody" } }), "lobbyBypassSettings/scope"),
        (json!({ "lobbyBypassSettings": [] }), "lobbyBypassSettings"),
        (json!({ "allowAnonymousJoin": "no" }), "allowAnonymousJoin"),
        (json!({ "allowAnonymousJoins": false }), "allowAnonymousJoins"),
        (json!({ "participants": { "attendees": [{}] } }), "participants/attendees"),
        (
            json!({ "participants": { "attendees": [{ "upn": "a", "role": "producer" }] } }),
            "participants/attendees/role",
        ),
        (json!({ "participants": { "attendees": {} } }), "participants/attendees"),
    ] {
        assert_eq!(target(&body).as_deref(), Some(expected), "{body}");
    }
}

#[test]
fn a_body_that_is_no_object_is_a_bad_request() {
    for body in ["", "[]", "null", "{", "\"text\"", "{} {}"] {
        assert!(
            matches!(MeetingInput::parse(body.as_bytes()), Err(GraphError::BadRequest(_))),
            "{body}"
        );
    }
}

proptest! {
    #[test]
    fn no_body_makes_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..256)) {
        let _outcome = MeetingInput::parse(&body);
    }
}

#[test]
fn keys_of_attendees_have_bounds_and_no_text_has_control_characters() {
    let attendee =
        |upn: String, id: String| json!({ "participants": { "attendees": [{ "upn": upn, "identity": { "user": { "id": id } } }] } });
    assert!(parse(&attendee("x".repeat(320), "y".repeat(128))).is_ok());
    for (upn, id, place) in [
        ("x".repeat(321), "y".to_owned(), "participants/attendees/upn"),
        ("x\u{0}".to_owned(), "y".to_owned(), "participants/attendees/upn"),
        ("x".to_owned(), "y".repeat(129), "participants/attendees/identity/user/id"),
        ("x".to_owned(), "y\n".to_owned(), "participants/attendees/identity/user/id"),
    ] {
        assert_eq!(target(&attendee(upn, id)).as_deref(), Some(place));
    }
    assert!(parse(&json!({ "subject": "one\ttwo\r\nthree" })).is_ok());
    for subject in ["a\u{0}b", "\u{7}", "\u{1b}[2J", "\u{85}"] {
        assert_eq!(target(&json!({ "subject": subject })).as_deref(), Some("subject"), "{subject:?}");
    }
    for id in ["a\u{0}b", "a\nb"] {
        assert_eq!(target(&json!({ "externalId": id })).as_deref(), Some("externalId"), "{id:?}");
    }
}

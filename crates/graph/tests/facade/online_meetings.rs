//! Every operation on meetings over a real store: how it succeeds and how it typically fails.

use crate::support::{ORIGIN, Server, request};
use axum::body::Body;
use serde_json::{Value, json};

const MINE: &str = "/v1.0/me/onlineMeetings";

#[tokio::test]
async fn a_meeting_is_scheduled_with_the_documented_shape() {
    let server = Server::start().await;
    let meeting = server
        .schedule(json!({
            "@odata.type": "#microsoft.graph.onlineMeeting",
            "subject": "Visit", "startDateTime": "2026-11-23T10:00:00+01:00", "endDateTime": "2026-11-23T10:30:00+01:00",
            "lobbyBypassSettings": { "scope": "everyone" }, "allowMeetingChat": "limited", "allowAnonymousJoin": false,
            "participants": { "attendees": [{ "upn": "ben.okafor@riverside.example", "role": "presenter" }] },
        }))
        .await;
    assert_eq!(
        (meeting.text("/startDateTime"), meeting.text("/endDateTime")),
        ("2026-11-23T09:00:00Z", "2026-11-23T09:30:00Z")
    );
    let thread = meeting.text("/chatInfo/threadId");
    assert!(thread.starts_with("19:meeting_") && thread.ends_with("@thread.v2"), "{thread}");
    assert!(
        meeting
            .text("/joinWebUrl")
            .starts_with(&format!("{ORIGIN}/l/meetup-join/19%3ameeting_"))
    );
    assert_eq!(meeting.text("/participants/organizer/identity/user/id"), server.id(0));
    assert_eq!(meeting.text("/participants/attendees/0/identity/user/id"), server.id(1));
    assert_eq!(meeting.text("/participants/attendees/0/role"), "presenter");
    assert!(
        meeting
            .text("/joinMeetingIdSettings/joinMeetingId")
            .bytes()
            .all(|byte| byte.is_ascii_digit())
    );
    assert_eq!(
        (meeting.text("/lobbyBypassSettings/scope"), meeting.text("/allowMeetingChat")),
        ("everyone", "limited")
    );
    assert_eq!(meeting.body["allowAnonymousJoin"], false);
    assert_eq!(meeting.body["allowRecording"], true);
    assert!(meeting.text("/joinInformation/content").starts_with("data:text/html,%3C"));
    assert_eq!(
        meeting.text("/@odata.context"),
        format!("{ORIGIN}/v1.0/$metadata#users('{}')/onlineMeetings/$entity", server.id(0))
    );
    assert!(
        meeting
            .headers
            .get("content-type")
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("application/json;odata.metadata=minimal")
    );
    assert_eq!(meeting.headers.get("odata-version").unwrap(), "4.0");
}

#[tokio::test]
async fn what_was_scheduled_is_read_back_whole_and_may_be_sent_back() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({ "subject": "Visit" })).await;
    let path = format!("{MINE}/{}", meeting.text("/id"));
    let read = server.get(&server.organizer(), &path).await;
    assert_eq!((read.status.as_u16(), &read.body), (200, &meeting.body));
    let sent_back = server.call(&server.organizer(), "PATCH", &path, Some(read.body.clone())).await;
    assert_eq!((sent_back.status.as_u16(), &sent_back.body), (200, &meeting.body));
}

#[tokio::test]
async fn ids_are_taken_in_both_forms_and_escaped_or_not() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({})).await;
    let (id, older) = (
        meeting.text("/id"),
        format!("{}_{}", server.id(0), meeting.text("/chatInfo/threadId")),
    );
    for id in [
        id.to_owned(),
        id.replace('=', "%3D"),
        older.clone(),
        older.replace(':', "%3A").replace('@', "%40"),
    ] {
        for path in [
            format!("{MINE}/{id}"),
            format!("{}/{id}/", server.meetings_of(0)),
            format!("/v1.0/users/me-token-to-replace/onlineMeetings/{id}"),
        ] {
            let answer = server.get(&server.organizer(), &path).await;
            assert_eq!((answer.status.as_u16(), answer.text("/id")), (200, meeting.text("/id")), "{path}");
        }
    }
    for unknown in ["x", "MSpub25l", &format!("{}_19:meeting_x@thread.v2", server.id(0))] {
        assert_eq!(
            server.get(&server.organizer(), &format!("{MINE}/{unknown}")).await.error(),
            (404, "NotFound", None),
            "{unknown}"
        );
    }
}

#[tokio::test]
async fn a_join_link_is_found_in_every_encoding_that_clients_use() {
    let server = Server::start().await;
    let (meeting, _other) = (server.schedule(json!({})).await, server.schedule(json!({})).await);
    let link = meeting.text("/joinWebUrl");
    let escape = |text: &str| {
        text.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    (byte as char).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect::<String>()
    };
    let form = |text: &str| escape(text).replace("%20", "+");
    let expression = |value: &str| format!("JoinWebUrl eq '{value}'");
    for query in [
        // Value passed through untouched.
        format!("$filter=JoinWebUrl%20eq%20'{link}'"),
        // Value escaped by the application.
        format!("$filter=JoinWebUrl%20eq%20'{}'", escape(link)),
        // Whole expression escaped once.
        format!("%24filter={}", escape(&expression(link))),
        // Form encoding, other case.
        format!("%24filter={}", form(&expression(link).replace("JoinWebUrl", "joinWebUrl"))),
        // Escaped twice.
        format!("$filter=JoinWebUrl+eq+%27{}%27", escape(&escape(link))),
    ] {
        let answer = server.get(&server.organizer(), &format!("{MINE}?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        assert_eq!(answer.body["value"].as_array().unwrap().len(), 1, "{query}");
        assert_eq!(answer.text("/value/0/id"), meeting.text("/id"));
    }
    let other_thread = format!(
        "$filter={}",
        escape(&expression(&link.replace("19%3ameeting_", "19%3ameeting_AAAA")))
    );
    assert_eq!(
        server.get(&server.organizer(), &format!("{MINE}?{other_thread}")).await.body["value"],
        json!([])
    );
    let no_link = server
        .get(&server.organizer(), &format!("{MINE}?$filter={}", escape(&expression("hello"))))
        .await;
    assert_eq!(no_link.error().0, 400);
    let unsupported = server.get(&server.organizer(), &format!("{MINE}?$filter=subject%20eq%20'x'")).await;
    assert_eq!(unsupported.error(), (400, "InvalidArgument", Some("$filter")));
}

#[tokio::test]
async fn a_meeting_id_is_found_for_its_organizer_only() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({})).await;
    let query = format!(
        "?$filter=joinMeetingIdSettings/joinMeetingId%20eq%20'{}'",
        meeting.text("/joinMeetingIdSettings/joinMeetingId")
    );
    let reader = server.application(&["OnlineMeetings.Read.All"]);
    assert_eq!(
        server
            .get(&reader, &format!("{}{query}", server.meetings_of(0)))
            .await
            .text("/value/0/id"),
        meeting.text("/id")
    );
    assert_eq!(
        server.get(&reader, &format!("{}{query}", server.meetings_of(1))).await.body["value"],
        json!([])
    );
}

#[tokio::test]
async fn create_or_get_makes_once_and_gives_the_same_afterwards() {
    let server = Server::start().await;
    let path = format!("{MINE}/createOrGet");
    let body = json!({ "externalId": "visit-7", "subject": "Visit" });
    let first = server.call(&server.organizer(), "POST", &path, Some(body.clone())).await;
    assert_eq!((first.status.as_u16(), first.text("/externalId")), (201, "visit-7"));
    assert_eq!(
        (first.text("/startDateTime"), first.text("/endDateTime")),
        ("2026-11-22T12:17:30Z", "2026-11-22T13:17:30Z")
    );
    let again = server.call(&server.organizer(), "POST", &path, Some(body)).await;
    assert_eq!((again.status.as_u16(), &again.body), (200, &first.body));
    let without = server
        .call(&server.organizer(), "POST", &path, Some(json!({ "subject": "x" })))
        .await;
    assert_eq!(without.error(), (400, "InvalidArgument", Some("externalId")));
    let end_only = json!({ "externalId": "e", "endDateTime": "2026-11-23T10:00:00Z" });
    assert_eq!(server.call(&server.organizer(), "POST", &path, Some(end_only)).await.error().0, 400);
}

#[tokio::test]
async fn a_change_touches_what_it_names_and_nothing_else() {
    let server = Server::start().await;
    let meeting = server
        .schedule(json!({
            "subject": "Visit", "lobbyBypassSettings": { "scope": "organizer" }, "watermarkProtection": { "isEnabledForVideo": true },
            "participants": { "attendees": [{ "upn": "guest@elsewhere.example" }] }, "anonymizeIdentityForRoles": ["attendee"],
        }))
        .await;
    let path = format!("{MINE}/{}", meeting.text("/id"));
    let patch = |body: Value| server_patch(&server, &path, body);

    let changed = patch(
        json!({ "lobbyBypassSettings": { "isDialInBypassEnabled": true }, "watermarkProtection": { "isEnabledForContentSharing": true } }),
    )
    .await;
    assert_eq!(
        changed.body["lobbyBypassSettings"],
        json!({ "scope": "organizer", "isDialInBypassEnabled": true })
    );
    assert_eq!(
        changed.body["watermarkProtection"],
        json!({ "isEnabledForVideo": true, "isEnabledForContentSharing": true })
    );
    assert_eq!(
        (changed.text("/subject"), &changed.body["startDateTime"]),
        ("Visit", &meeting.body["startDateTime"])
    );

    for fewer in [json!([]), json!(null)] {
        let refused = patch(json!({ "anonymizeIdentityForRoles": fewer })).await;
        assert_eq!(refused.error(), (400, "InvalidArgument", Some("anonymizeIdentityForRoles")));
    }
    let changed = patch(json!({
        "participants": { "attendees": [{ "upn": "ben.okafor@riverside.example" }] }, "anonymizeIdentityForRoles": ["attendee"],
    }))
    .await;
    assert_eq!(changed.body["participants"]["attendees"].as_array().unwrap().len(), 1);
    assert_eq!(changed.text("/participants/attendees/0/identity/user/id"), server.id(1));
    assert_eq!(changed.body["anonymizeIdentityForRoles"], json!(["attendee"]));

    let moved = patch(json!({ "startDateTime": "2026-12-01T10:00:00", "endDateTime": "2026-12-01T11:00:00" })).await;
    assert_eq!(
        (moved.text("/startDateTime"), moved.text("/endDateTime")),
        ("2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z")
    );
    assert_eq!(
        patch(json!({ "startDateTime": "2026-12-01T10:00:00" })).await.error(),
        (400, "InvalidArgument", Some("endDateTime"))
    );
    let backwards = json!({ "startDateTime": "2026-12-01T10:00:00", "endDateTime": "2026-12-01T09:00:00" });
    assert_eq!(patch(backwards).await.error(), (400, "InvalidArgument", Some("endDateTime")));

    let frozen = patch(json!({ "joinMeetingIdSettings": { "isPasscodeRequired": false } })).await;
    assert_eq!(frozen.error(), (400, "InvalidArgument", Some("joinMeetingIdSettings")));
    assert_eq!(
        patch(json!({ "joinMeetingIdSettings": { "isPasscodeRequired": true } }))
            .await
            .status,
        200
    );
    assert_eq!(
        patch(json!({ "allowedPresenters": "nobody" })).await.error(),
        (400, "InvalidArgument", Some("allowedPresenters"))
    );
    let presenter_from_outside = json!({ "participants": { "attendees": [{ "upn": "x@elsewhere.example", "role": "presenter" }] } });
    assert_eq!(patch(presenter_from_outside).await.error().0, 400);
}

async fn server_patch(server: &Server, path: &str, body: Value) -> crate::support::Answer {
    server.call(&server.organizer(), "PATCH", path, Some(body)).await
}

#[tokio::test]
async fn a_passcode_is_made_by_the_server_unless_none_is_wanted() {
    let server = Server::start().await;
    let with = server
        .schedule(json!({ "joinMeetingIdSettings": { "isPasscodeRequired": true } }))
        .await;
    assert_eq!(with.text("/joinMeetingIdSettings/passcode").len(), 8);
    let without = server
        .schedule(json!({ "joinMeetingIdSettings": { "isPasscodeRequired": false } }))
        .await;
    assert_eq!(without.body["joinMeetingIdSettings"]["passcode"], Value::Null);
}

#[tokio::test]
async fn a_deleted_meeting_is_gone() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({})).await;
    let path = format!("{MINE}/{}", meeting.text("/id"));
    let answer = server.call(&server.organizer(), "DELETE", &path, None).await;
    assert_eq!((answer.status.as_u16(), &answer.body), (204, &Value::Null));
    assert!(answer.headers.get("content-type").is_none());
    for method in ["GET", "DELETE", "PATCH"] {
        assert_eq!(
            server.call(&server.organizer(), method, &path, Some(json!({}))).await.error(),
            (404, "NotFound", None),
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_list_is_paged_counted_and_cut_to_what_is_selected() {
    let server = Server::start().await;
    for day in 1..=3 {
        server
            .schedule(json!({ "subject": day.to_string(), "startDateTime": format!("2026-12-0{day}T10:00:00Z") }))
            .await;
    }
    let page = server
        .get(&server.organizer(), &format!("{MINE}?$top=2&$count=true&$select=subject"))
        .await;
    assert_eq!(
        (page.body["value"].as_array().unwrap().len(), &page.body["@odata.count"]),
        (2, &json!(3))
    );
    let first = page.body["value"][0].as_object().unwrap();
    assert_eq!(first.keys().map(String::as_str).collect::<Vec<_>>(), ["id", "subject"]);
    let next = page.text("/@odata.nextLink").strip_prefix(ORIGIN).unwrap();
    let rest = server.get(&server.organizer(), next).await;
    assert_eq!(
        (rest.body["value"].as_array().unwrap().len(), rest.text("/value/0/subject")),
        (1, "1")
    );
    assert!(rest.body.get("@odata.nextLink").is_none());
}

#[tokio::test]
async fn later_enumeration_values_are_told_to_clients_that_ask_for_them() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({ "lobbyBypassSettings": { "scope": "invited" } })).await;
    assert_eq!(meeting.text("/lobbyBypassSettings/scope"), "unknownFutureValue");
    let asked = request(&server.organizer(), "GET", &format!("{MINE}/{}", meeting.text("/id")))
        .header("prefer", "include-unknown-enum-members")
        .body(Body::empty())
        .unwrap();
    let answer = server.send(asked).await;
    assert_eq!(answer.text("/lobbyBypassSettings/scope"), "invited");
    assert_eq!(answer.headers.get("preference-applied").unwrap(), "include-unknown-enum-members");
}

#[tokio::test]
async fn unread_bodies_and_unknown_properties_are_bad_requests() {
    let server = Server::start().await;
    let post = |body: &'static str| server.send(request(&server.organizer(), "POST", MINE).body(Body::from(body)).unwrap());
    for body in ["", "{", "[]", "nonsense"] {
        assert_eq!(post(body).await.error(), (400, "BadRequest", None), "{body}");
    }
    assert_eq!(
        post(r#"{"allowAnonymousJoins":false}"#).await.error(),
        (400, "InvalidArgument", Some("allowAnonymousJoins"))
    );
    assert_eq!(
        post(r#"{"isEndToEndEncryptionEnabled":true}"#).await.error(),
        (400, "InvalidArgument", Some("isEndToEndEncryptionEnabled"))
    );
}

#[tokio::test]
async fn what_a_meeting_does_not_say_reads_as_its_organizers_policy() {
    let server = Server::start().await;
    let silent = server.schedule(json!({})).await;
    let own = server
        .schedule(json!({ "allowedPresenters": "everyone", "lobbyBypassSettings": { "scope": "everyone" } }))
        .await;
    assert_eq!(
        (silent.text("/allowedPresenters"), silent.text("/lobbyBypassSettings/scope")),
        ("everyone", "organization")
    );

    let administrator = app::Caller::Member {
        member: server.accounts.members[2].member.clone(),
        scopes: vec![app::permissions::SETTINGS_READ_WRITE.to_owned()],
        client_id: String::new(),
    };
    let policy = meeting::MeetingPolicy {
        auto_admitted_users: meeting::LobbyScope::Organizer,
        designated_presenter_role_mode: meeting::DesignatedPresenterRoleMode::OrganizerOnlyUserOverride,
        users_can_admit_from_lobby: meeting::AllowedLobbyAdmitters::OrganizerAndCoOrganizers,
        ..meeting::MeetingPolicy::default()
    };
    server.app.update_settings(&administrator, None, Some(policy)).await.unwrap();

    let read = async |meeting: &crate::support::Answer| server.get(&server.organizer(), &format!("{MINE}/{}", meeting.text("/id"))).await;
    let silent = read(&silent).await;
    assert_eq!(
        (silent.text("/allowedPresenters"), silent.text("/lobbyBypassSettings/scope")),
        ("organizer", "organizer")
    );
    assert_eq!(silent.text("/allowedLobbyAdmitters"), "organizerAndCoOrganizers");
    let own = read(&own).await;
    assert_eq!(
        (own.text("/allowedPresenters"), own.text("/lobbyBypassSettings/scope")),
        ("everyone", "everyone")
    );
}

#[tokio::test]
async fn every_documented_property_is_there_with_a_sensible_default() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({})).await;
    for (name, value) in [
        ("subject", Value::Null),
        ("externalId", Value::Null),
        ("videoTeleconferenceId", Value::Null),
        ("audioConferencing", Value::Null),
        ("cloudVideoInteropInfo", Value::Null),
        ("broadcastSettings", Value::Null),
        ("meetingType", json!("scheduled")),
        ("meetingTemplateId", Value::Null),
        ("meetingSpokenLanguageTag", Value::Null),
        ("allowMeetingChat", json!("enabled")),
        ("shareMeetingChatHistoryDefault", json!("none")),
        ("allowLiveShare", json!("enabled")),
        ("allowAttendeeToEnableCamera", json!(true)),
        ("allowAttendeeToEnableMic", json!(true)),
        ("allowTeamworkReactions", json!(true)),
        ("allowParticipantsToChangeName", json!(false)),
        ("allowRecording", json!(true)),
        ("allowTranscription", json!(true)),
        ("allowCopyingAndSharingMeetingContent", json!(true)),
        ("allowBreakoutRooms", json!(true)),
        ("allowPowerPointSharing", json!(true)),
        ("allowWhiteboard", json!(true)),
        ("recordAutomatically", json!(false)),
        ("isEntryExitAnnounced", json!(true)),
        ("isEndToEndEncryptionEnabled", json!(false)),
        ("isBroadcast", json!(false)),
        ("anonymizeIdentityForRoles", json!([])),
        ("chatRestrictions", Value::Null),
        ("watermarkProtection", Value::Null),
        ("sensitivityLabelAssignment", Value::Null),
    ] {
        assert_eq!(meeting.body.get(name), Some(&value), "{name}");
    }
    for name in ["creationDateTime", "startDateTime", "endDateTime", "expiryDateTime"] {
        assert!(meeting.body[name].as_str().unwrap().ends_with('Z'), "{name}");
    }
    assert!(meeting.text("/meetingOptionsWebUrl").contains("/meetingOptions/?organizerId="));
    assert_eq!(meeting.body["chatInfo"]["messageId"], "0");
    assert_eq!(
        (
            &meeting.body["participants"]["producers"],
            &meeting.body["participants"]["contributors"]
        ),
        (&json!([]), &json!([]))
    );
}

#[tokio::test]
async fn every_writable_property_is_kept_and_given_back() {
    let server = Server::start().await;
    let written = json!({
        "allowMeetingChat": "disabled", "shareMeetingChatHistoryDefault": "all", "allowLiveShare": "disabled",
        "allowAttendeeToEnableCamera": false, "allowAttendeeToEnableMic": false, "allowTeamworkReactions": false,
        "allowParticipantsToChangeName": true, "allowRecording": false, "allowTranscription": false,
        "allowCopyingAndSharingMeetingContent": false, "allowBreakoutRooms": false, "allowPowerPointSharing": false,
        "allowWhiteboard": false, "recordAutomatically": true, "isEntryExitAnnounced": false, "meetingTemplateId": "t",
        "meetingSpokenLanguageTag": "de-DE", "anonymizeIdentityForRoles": ["attendee"], "allowedPresenters": "organizer",
        "allowedLobbyAdmitters": "organizerAndCoOrganizers", "chatRestrictions": { "allowTextOnly": true },
        "watermarkProtection": { "isEnabledForContentSharing": true, "isEnabledForVideo": true },
        "sensitivityLabelAssignment": { "sensitivityLabelId": "l" },
        "broadcastSettings": { "allowedAudience": "everyone", "isRecordingEnabled": true },
    });
    let created = server.schedule(written.clone()).await;
    let plain = server.schedule(json!({})).await;
    let path = format!("{MINE}/{}", plain.text("/id"));
    let patched = server.call(&server.organizer(), "PATCH", &path, Some(written.clone())).await;
    for (name, value) in written.as_object().unwrap() {
        assert_eq!((&created.body[name], &patched.body[name]), (value, value), "{name}");
    }
    assert_eq!(server.get(&server.organizer(), &path).await.body, patched.body);
}

#[tokio::test]
async fn the_invitation_is_written_in_the_readers_language() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({})).await;
    assert!(meeting.text("/joinInformation/content").contains("Join%20the%20meeting"));
    let german = request(&server.organizer(), "GET", &format!("{MINE}/{}", meeting.text("/id")))
        .header("accept-language", "fr;q=0.5, de-DE")
        .body(Body::empty())
        .unwrap();
    let german = server.send(german).await;
    assert!(german.text("/joinInformation/content").contains("teilnehmen"));
    assert_eq!(german.text("/joinInformation/contentType"), "html");
}

#[tokio::test]
async fn the_organizer_is_the_member_of_the_path_and_nobody_else() {
    let server = Server::start().await;
    let naming =
        |index: usize| json!({ "participants": { "organizer": { "identity": { "user": { "id": server.id(index).to_uppercase() } } } } });
    let meeting = server.schedule(naming(0)).await;
    let path = format!("{MINE}/{}", meeting.text("/id"));
    for (method, target) in [("POST", MINE), ("PATCH", path.as_str())] {
        assert_eq!(
            server.call(&server.organizer(), method, target, Some(naming(1))).await.error(),
            (400, "InvalidArgument", Some("participants/organizer")),
            "{method}"
        );
    }
    assert_eq!(meeting.text("/participants/organizer/upn"), "anna.berg@riverside.example");
    for legacy in ["producers", "contributors"] {
        assert_eq!(
            server
                .call(
                    &server.organizer(),
                    "POST",
                    MINE,
                    Some(json!({ "participants": { legacy: [{ "upn": "x" }] } }))
                )
                .await
                .error()
                .0,
            400
        );
    }
}

#[tokio::test]
async fn create_or_get_reads_the_chat_for_its_form_only() {
    let server = Server::start().await;
    let path = format!("{MINE}/createOrGet");
    let ask = |id: &str, chat: Value| server_post(&server, &path, json!({ "externalId": id, "chatInfo": chat }));
    let made = ask("a", json!({ "threadId": "19:other@thread.v2", "messageId": null })).await;
    assert_eq!(made.status, 201);
    assert_ne!(made.text("/chatInfo/threadId"), "19:other@thread.v2");
    assert_eq!(
        ask("b", json!({ "threadId": 7 })).await.error(),
        (400, "InvalidArgument", Some("chatInfo/threadId"))
    );
    assert_eq!(ask("b", json!("x")).await.error(), (400, "InvalidArgument", Some("chatInfo")));
}

async fn server_post(server: &Server, path: &str, body: Value) -> crate::support::Answer {
    server.call(&server.organizer(), "POST", path, Some(body)).await
}

#[tokio::test]
async fn meetings_are_ordered_by_what_is_asked_for() {
    let server = Server::start().await;
    for (subject, day) in [("b", 1), ("A", 2), ("c", 3)] {
        server
            .schedule(json!({ "subject": subject, "startDateTime": format!("2026-12-0{day}T10:00:00Z") }))
            .await;
    }
    for (order, expected) in [
        ("", ["c", "A", "b"]),
        ("?$orderby=startDateTime", ["b", "A", "c"]),
        ("?$orderby=subject%20desc", ["c", "b", "A"]),
    ] {
        let list = server.get(&server.organizer(), &format!("{MINE}{order}")).await;
        let subjects: Vec<_> = list.body["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|meeting| meeting["subject"].as_str().unwrap())
            .collect();
        assert_eq!(subjects, expected, "{order}");
    }
    assert_eq!(
        server.get(&server.organizer(), &format!("{MINE}?$orderby=passcode")).await.error(),
        (400, "InvalidArgument", Some("$orderby"))
    );
    assert_eq!(server.get(&server.organizer(), &format!("{MINE}/$count")).await.body, json!(3));
}

#[tokio::test]
async fn meetings_of_conference_systems_are_looked_for_by_applications_only() {
    let server = Server::start().await;
    let path = "/v1.0/communications/onlineMeetings/";
    let filtered = format!("{path}?$filter=VideoTeleconferenceId%20eq%20'123456789'");
    let program = server.application(&["OnlineMeetings.Read.All"]);
    let found = server.get(&program, &filtered).await;
    assert_eq!((found.status.as_u16(), &found.body["value"]), (200, &json!([])));
    assert_eq!(server.get(&server.organizer(), &filtered).await.error(), (403, "Forbidden", None));
    assert_eq!(
        server.get(&server.application(&["User.Read.All"]), &filtered).await.error(),
        (403, "Forbidden", None)
    );
    for wrong in [path.to_owned(), format!("{path}?$filter=subject%20eq%20'x'")] {
        assert_eq!(
            server.get(&program, &wrong).await.error(),
            (400, "InvalidArgument", Some("$filter")),
            "{wrong}"
        );
    }
}

/// People whose JSON has about 250 KB.
fn crowd() -> Value {
    let person = |number: usize| json!({ "upn": format!("{number:0>290}@away.example") });
    Value::Array((0..680).map(person).collect())
}

#[tokio::test]
async fn the_invited_people_are_bounded_in_all_and_each() {
    let server = Server::start().await;
    let token = server.organizer();
    server.schedule(json!({ "participants": { "attendees": crowd() } })).await;
    let mut more = crowd();
    let people = more.as_array_mut().unwrap();
    people.extend_from_within(..100);
    let refused = server
        .call(&token, "POST", MINE, Some(json!({ "participants": { "attendees": more } })))
        .await;
    assert_eq!(refused.error(), (400, "InvalidArgument", Some("participants")));
    let refused = server
        .call(
            &token,
            "POST",
            MINE,
            Some(json!({ "participants": { "attendees": [{ "upn": "x".repeat(321) }] } })),
        )
        .await;
    assert_eq!(refused.error(), (400, "InvalidArgument", Some("participants/attendees/upn")));
}

#[tokio::test]
async fn a_page_of_long_meetings_ends_early_and_the_next_one_goes_on_behind_it() {
    let server = Server::start().await;
    let token = server.organizer();
    for number in 0..24 {
        server
            .schedule(json!({ "subject": format!("{number:02}"), "participants": { "attendees": crowd() } }))
            .await;
    }
    let (mut seen, mut pages) = (Vec::new(), 0);
    let mut next = Some(format!("{MINE}?$orderby=subject&$count=true"));
    while let Some(target) = next {
        let page = server.get(&token, &target).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(page.body["@odata.count"], 24);
        assert!(page.body.to_string().len() < 5 << 20);
        seen.extend(
            page.body["value"]
                .as_array()
                .unwrap()
                .iter()
                .map(|meeting| meeting["subject"].clone()),
        );
        next = page.body["@odata.nextLink"]
            .as_str()
            .map(|link| link.strip_prefix(ORIGIN).unwrap().to_owned());
        pages += 1;
    }
    assert_eq!(seen, (0..24).map(|number| json!(format!("{number:02}"))).collect::<Vec<_>>());
    assert!(pages > 1, "{pages}");
    // What is selected counts, not what is kept.
    let short = server.get(&token, &format!("{MINE}?$select=subject")).await;
    assert_eq!(short.body["value"].as_array().unwrap().len(), 24);
    assert!(short.body.get("@odata.nextLink").is_none());
}

#[tokio::test]
async fn a_meeting_lies_in_the_years_1970_to_9000() {
    let server = Server::start().await;
    let token = server.organizer();
    let times = |start: &str, end: &str| json!({ "startDateTime": start, "endDateTime": end });
    server.schedule(times("1970-01-01T00:00:00Z", "9000-12-31T23:59:59Z")).await;
    for (start, end, place) in [
        ("1969-12-31T23:59:59Z", "2026-11-22T12:00:00Z", "startDateTime"),
        ("2026-11-22T12:00:00Z", "9001-01-01T00:00:00Z", "endDateTime"),
        ("-009999-01-02T00:00:00Z", "2026-11-22T12:00:00Z", "startDateTime"),
    ] {
        let refused = server.call(&token, "POST", MINE, Some(times(start, end))).await;
        assert_eq!(refused.error(), (400, "InvalidArgument", Some(place)), "{start} {end}");
    }
    let meeting = server.schedule(json!({})).await;
    let late = times("9999-12-29T00:00:00Z", "9999-12-30T00:00:00Z");
    let refused = server
        .call(&token, "PATCH", &format!("{MINE}/{}", meeting.text("/id")), Some(late))
        .await;
    assert_eq!(refused.error(), (400, "InvalidArgument", Some("startDateTime")));
}

#[tokio::test]
async fn options_that_would_change_the_answer_are_refused_rather_than_ignored() {
    let server = Server::start().await;
    let made = server.schedule(json!({ "subject": "Visit" })).await;
    let one = format!("{MINE}/{}", made.text("/id"));
    for (target, option) in [
        (MINE, "$search=%22visit%22"),
        (MINE, "$expand=attendanceReports"),
        (&one, "$expand=attendanceReports"),
    ] {
        let answer = server.get(&server.organizer(), &format!("{target}?{option}")).await;
        assert_eq!(answer.error().0, 400, "{option}: {answer:?}");
    }
    for target in [MINE, &one] {
        assert_eq!(server.get(&server.organizer(), &format!("{target}?$select=id")).await.status, 200);
    }
}

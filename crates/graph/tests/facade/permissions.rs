//! Who may do what: delegated and application permissions, each refusal beside the permission that mends it.

use crate::support::Server;
use serde_json::{Value, json};

const MINE: &str = "/v1.0/me/onlineMeetings";

#[tokio::test]
async fn without_a_good_token_nothing_is_answered() {
    let server = Server::start().await;
    for token in ["", "nonsense", "a.b.c"] {
        let answer = server.get(token, MINE).await;
        assert_eq!(answer.error(), (401, "InvalidAuthenticationToken", None));
        assert!(
            answer
                .headers
                .get("www-authenticate")
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("Bearer ")
        );
    }
    assert_eq!(server.get(&server.organizer(), MINE).await.status, 200);
}

#[tokio::test]
async fn a_member_needs_the_write_scope_to_write_and_the_read_scope_to_read() {
    let server = Server::start().await;
    let (none, read, write) = (
        server.member(0, "User.Read"),
        server.member(0, "OnlineMeetings.Read"),
        server.member(0, "OnlineMeetings.ReadWrite"),
    );
    let meeting = server.schedule(json!({})).await;
    let path = format!("{MINE}/{}", meeting.text("/id"));
    for (method, target) in [("POST", MINE), ("PATCH", path.as_str()), ("DELETE", path.as_str())] {
        assert_eq!(
            server.call(&none, method, target, Some(json!({}))).await.error(),
            (403, "Forbidden", None),
            "{method}"
        );
        assert_eq!(
            server.call(&read, method, target, Some(json!({}))).await.error(),
            (403, "Forbidden", None),
            "{method}"
        );
    }
    for target in [MINE, path.as_str()] {
        assert_eq!(server.get(&none, target).await.error(), (403, "Forbidden", None));
        assert_eq!(server.get(&read, target).await.status, 200);
        assert_eq!(server.get(&write, target).await.status, 200);
    }
    assert_eq!(server.call(&write, "POST", MINE, Some(json!({}))).await.status, 201);
    assert_eq!(
        server.call(&write, "PATCH", &path, Some(json!({ "subject": "x" }))).await.status,
        200
    );
    assert_eq!(server.call(&write, "DELETE", &path, None).await.status, 204);
}

#[tokio::test]
async fn an_application_needs_the_permission_for_all_and_names_the_organizer() {
    let server = Server::start().await;
    let (none, read, write) = (
        server.application(&["User.Read.All"]),
        server.application(&["OnlineMeetings.Read.All"]),
        server.application(&["OnlineMeetings.ReadWrite.All"]),
    );
    let all = server.meetings_of(0);
    assert_eq!(
        server.call(&none, "POST", &all, Some(json!({}))).await.error(),
        (403, "Forbidden", None)
    );
    assert_eq!(
        server.call(&read, "POST", &all, Some(json!({}))).await.error(),
        (403, "Forbidden", None)
    );
    let meeting = server.call(&write, "POST", &all, Some(json!({ "subject": "Visit" }))).await;
    assert_eq!(meeting.status, 201, "{}", meeting.body);
    assert_eq!(meeting.text("/participants/organizer/identity/user/id"), server.id(0));
    let path = format!("{all}/{}", meeting.text("/id"));
    assert_eq!(server.get(&none, &path).await.error(), (403, "Forbidden", None));
    assert_eq!(server.get(&read, &path).await.text("/subject"), "Visit");
    assert_eq!(server.call(&read, "DELETE", &path, None).await.error(), (403, "Forbidden", None));
    assert_eq!(server.call(&write, "DELETE", &path, None).await.status, 204);
    assert_eq!(server.get(&write, MINE).await.error(), (400, "BadRequest", None));
    let nobody = "/v1.0/users/00000000-0000-0000-0000-000000000000/onlineMeetings";
    assert_eq!(server.get(&read, nobody).await.error(), (404, "Request_ResourceNotFound", None));
}

#[tokio::test]
async fn another_member_reads_by_id_when_invited_and_never_writes() {
    let server = Server::start().await;
    let invited = server
        .schedule(json!({ "participants": { "attendees": [{ "upn": "ben.okafor@riverside.example" }] } }))
        .await;
    let private = server.schedule(json!({})).await;
    let ben = server.member(1, "OnlineMeetings.ReadWrite");
    assert_eq!(server.get(&ben, &format!("{MINE}/{}", invited.text("/id"))).await.status, 200);
    assert_eq!(
        server.get(&ben, &format!("{MINE}/{}", private.text("/id"))).await.error(),
        (403, "Forbidden", None)
    );
    for target in [
        server.meetings_of(0),
        format!(
            "{}?$filter=JoinWebUrl%20eq%20'{}'",
            server.meetings_of(0),
            invited.text("/joinWebUrl")
        ),
    ] {
        assert_eq!(server.get(&ben, &target).await.error(), (403, "Forbidden", None), "{target}");
    }
    let path = format!("{}/{}", server.meetings_of(0), invited.text("/id"));
    for method in ["PATCH", "DELETE"] {
        assert_eq!(
            server.call(&ben, method, &path, Some(json!({}))).await.error(),
            (403, "Forbidden", None),
            "{method}"
        );
    }
    assert_eq!(
        server.call(&ben, "POST", &server.meetings_of(0), Some(json!({}))).await.error(),
        (403, "Forbidden", None)
    );
}

#[tokio::test]
async fn members_read_themselves_and_others_with_the_permission_for_it() {
    let server = Server::start().await;
    let (anna, ben) = (&server.accounts.members[0].member, &server.accounts.members[1].member);
    let own = server.member(0, "User.Read");
    let me = server.get(&own, "/v1.0/me").await;
    assert_eq!(
        (me.text("/id"), me.text("/userPrincipalName"), me.text("/displayName")),
        (anna.id.as_str(), anna.user_principal_name.as_str(), "Anna Berg")
    );
    assert_eq!(me.body["businessPhones"], json!([]));
    assert!(me.body.get("accountEnabled").is_none());
    let selected = server.get(&own, "/v1.0/me?$select=displayName,accountEnabled").await;
    assert_eq!(
        (&selected.body["accountEnabled"], selected.body.get("mail")),
        (&Value::Bool(true), None)
    );
    assert!(
        selected
            .text("/@odata.context")
            .ends_with("$metadata#users(displayName,accountEnabled)/$entity")
    );

    let other = format!("/v1.0/users/{}", ben.user_principal_name.replace('@', "%40"));
    assert_eq!(server.get(&own, &other).await.error(), (403, "Forbidden", None));
    for token in [server.member(0, "User.ReadBasic.All"), server.application(&["User.Read.All"])] {
        assert_eq!(server.get(&token, &other).await.text("/id"), ben.id);
        assert_eq!(server.get(&token, &format!("/v1.0/users/{}", ben.id)).await.text("/id"), ben.id);
        assert_eq!(
            server.get(&token, "/v1.0/users/nobody@riverside.example").await.error(),
            (404, "Request_ResourceNotFound", None)
        );
        assert_eq!(server.get(&token, "/v1.0/users?$top=2&$count=true").await.body["@odata.count"], 3);
    }
    assert_eq!(
        server.get(&server.application(&["OnlineMeetings.Read.All"]), &other).await.error(),
        (403, "Forbidden", None)
    );
    assert_eq!(
        server.get(&server.application(&["User.Read.All"]), "/v1.0/me").await.error(),
        (400, "BadRequest", None)
    );
    assert_eq!(
        server.get(&server.member(0, "OnlineMeetings.Read"), "/v1.0/me").await.error(),
        (403, "Forbidden", None)
    );
}

/// Another member, once under a name that is there and once under one that is not, is the same to a member: the names are replaced in the answers.
#[tokio::test]
async fn a_member_does_not_learn_who_is_in_the_directory_from_the_paths_to_meetings() {
    let server = Server::start().await;
    let meeting = server
        .schedule(json!({ "participants": { "attendees": [{ "upn": "ben.okafor@riverside.example" }] } }))
        .await;
    let id = meeting.text("/id");
    let ben = server.member(1, "OnlineMeetings.ReadWrite OnlineMeetingArtifact.Read.All VirtualAppointment.Read");
    // One who is there and does not organize the meeting, by both keys; and nobody, by both kinds of key.
    let keys = [
        "clara.weiss@riverside.example",
        server.id(2),
        "nobody@riverside.example",
        "4b2d5c3a-0000-4000-8000-000000000000",
    ];
    let known = server
        .get(&server.member(1, "User.ReadBasic.All"), &format!("/v1.0/users/{}", keys[0]))
        .await;
    assert_eq!(known.status, 200, "{}", known.body);
    let body = json!({ "externalId": "x", "participants": { "organizer": { "identity": { "user": { "id": server.id(2) } } } } });
    for (method, rest, status) in [
        ("GET", String::new(), 403),
        ("GET", "/$count".to_owned(), 403),
        ("POST", String::new(), 403),
        ("POST", "/createOrGet".to_owned(), 403),
        ("GET", format!("/{id}"), 403),
        ("PATCH", format!("/{id}"), 403),
        ("DELETE", format!("/{id}"), 403),
        ("GET", "/x".to_owned(), 404),
        ("GET", format!("/{id}/attendanceReports"), 403),
        ("GET", format!("/{id}/attendanceReports/x"), 403),
    ] {
        let mut answers = Vec::new();
        for key in keys {
            let target = format!("/v1.0/users/{key}/onlineMeetings{rest}");
            let answer = server.call(&ben, method, &target, Some(body.clone())).await;
            assert_eq!(answer.status, status, "{method} {target} {}", answer.body);
            let (status, code, target) = answer.error();
            answers.push((
                status,
                code.to_owned(),
                target.map(str::to_owned),
                answer.text("/error/message").to_owned(),
            ));
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{method} {rest} {answers:?}");
    }
    // Under its organizer, whoever is invited reads it, by both keys; and everybody reaches the own meetings by the sign-in name.
    for key in [server.id(0), "anna.berg@riverside.example"] {
        let found = server.get(&ben, &format!("/v1.0/users/{key}/onlineMeetings/{id}")).await;
        assert_eq!(found.status, 200, "{}", found.body);
    }
    let own = server.get(&ben, "/v1.0/users/BEN.OKAFOR@riverside.example/onlineMeetings").await;
    assert_eq!(own.status, 200, "{}", own.body);
}

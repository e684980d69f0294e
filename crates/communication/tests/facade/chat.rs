//! The chat API asked as a client asks it: paths, codes and bodies. What the rules are is tested in `app`.

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Answer, Server};

const VERSION: &str = "api-version=2025-03-15";

/// A guest with an access token.
struct Person {
    id: String,
    token: String,
}

async fn person(server: &Server, scope: &str) -> Person {
    let body = json!({ "createTokenWithScopes": [scope] }).to_string();
    let answer = server.signed("POST", "/identities?api-version=2023-10-01", &body).await;
    Person {
        id: answer.body["identity"]["id"].as_str().unwrap().to_owned(),
        token: answer.body["accessToken"]["token"].as_str().unwrap().to_owned(),
    }
}

async fn ask(server: &Server, person: &Person, method: &str, target: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.send(Server::bearer(method, target, &body, &person.token)).await
}

fn identifier(person: &Person) -> Value {
    json!({ "rawId": person.id, "communicationUser": { "id": person.id } })
}

fn participant(person: &Person, name: &str) -> Value {
    json!({ "communicationIdentifier": identifier(person), "displayName": name })
}

/// A thread of Maria and Ben; its path.
async fn thread(server: &Server, maria: &Person, ben: &Person) -> String {
    let body = json!({ "topic": "Visit", "participants": [participant(ben, "Ben")] });
    let answer = ask(server, maria, "POST", &format!("/chat/threads?{VERSION}"), &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
    let id = answer.body["chatThread"]["id"].as_str().unwrap();
    format!("/chat/threads/{}", id.replace(':', "%3A").replace('@', "%40"))
}

async fn send(server: &Server, person: &Person, thread: &str, body: &Value) -> String {
    let answer = ask(server, person, "POST", &format!("{thread}/messages?{VERSION}"), body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

/// Follows the links of a list, as a client does; gives the items of each page.
async fn pages(server: &Server, person: &Person, target: &str) -> Vec<Vec<Value>> {
    let (mut pages, mut next) = (Vec::new(), Some(target.to_owned()));
    while let Some(target) = next {
        let answer = ask(server, person, "GET", &target, &Value::Null).await;
        assert_eq!(answer.status, 200, "{target}: {:?}", answer.body);
        pages.push(answer.body["value"].as_array().unwrap().clone());
        next = answer.body["nextLink"].as_str().map(|link| {
            let target = link.strip_prefix(crate::support::ORIGIN).unwrap().to_owned();
            assert!(target.contains(VERSION), "{target}");
            target
        });
    }
    pages
}

#[tokio::test]
async fn a_thread_is_made_with_its_first_messages_and_read_again() {
    let server = Server::start().await;
    let (maria, ben) = (person(&server, "chat").await, person(&server, "chat.join").await);
    let body = json!({
        "topic": "Visit", "metadata": { "a": "1" }, "retentionPolicy": { "kind": "threadCreationDate", "deleteThreadAfterDays": 40 },
        "participants": [participant(&ben, "Ben"), { "communicationIdentifier": { "rawId": "4:+1555", "phoneNumber": { "value": "+1555" } } }],
    });
    let answer = ask(&server, &maria, "POST", &format!("/chat/threads?{VERSION}"), &body).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let made = &answer.body["chatThread"];
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("19:") && id.ends_with("@thread.v2") && id.len() == 56, "{id}");
    assert_eq!(
        *made,
        json!({
            "id": id, "topic": "Visit", "createdOn": "2026-11-22T12:17:30Z",
            "createdByCommunicationIdentifier": { "kind": "communicationUser", "rawId": maria.id, "communicationUser": { "id": maria.id } },
            "metadata": { "a": "1" }, "retentionPolicy": { "kind": "threadCreationDate", "deleteThreadAfterDays": 40 },
        })
    );
    let invalid = answer.body["invalidParticipants"].as_array().unwrap();
    assert_eq!(
        (invalid.len(), &invalid[0]["target"], &invalid[0]["code"]),
        (1, &json!("4:+1555"), &json!("IdentityNotFound"))
    );
    let location = answer.headers["location"].to_str().unwrap();
    let path = location.strip_prefix(crate::support::ORIGIN).unwrap();
    let read = ask(&server, &ben, "GET", &format!("{path}?{VERSION}"), &Value::Null).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, made));
    let messages = ask(&server, &ben, "GET", &format!("{path}/messages?{VERSION}"), &Value::Null).await;
    let (topic, added) = (&messages.body["value"][0], &messages.body["value"][1]);
    assert_eq!(
        (&topic["type"], &topic["sequenceId"], &topic["content"]["topic"]),
        (&json!("topicUpdated"), &json!("2"), &json!("Visit"))
    );
    assert_eq!(
        (&added["type"], &added["sequenceId"], &added["id"]),
        (&json!("participantAdded"), &json!("1"), &added["version"])
    );
    let content = &added["content"];
    assert_eq!(content["initiatorCommunicationIdentifier"]["rawId"], maria.id);
    assert_eq!(content["participants"][1]["displayName"], "Ben");
    assert_eq!(content["participants"][1]["shareHistoryTime"], "1970-01-01T00:00:00Z");
    assert!(messages.body.get("nextLink").is_none());
}

#[tokio::test]
async fn the_same_repeatability_id_makes_the_same_thread() {
    let server = Server::start().await;
    let maria = person(&server, "chat").await;
    let make = async |key: &str| {
        let mut request = Server::bearer("POST", "/chat/threads", r#"{"topic":"x"}"#, &maria.token);
        request.headers_mut().insert("repeatability-request-id", key.parse().unwrap());
        server.send(request).await
    };
    let (one, two, other) = (make("a").await, make("a").await, make("b").await);
    assert_eq!((one.status, two.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(one.body, two.body);
    assert_ne!(one.body, other.body);
    assert_eq!(
        make(&"x".repeat(129)).await.error(),
        (400, "BadRequest", Some("repeatability-request-id"))
    );
}

#[tokio::test]
async fn messages_are_sent_edited_deleted_and_come_back_newest_first() {
    let server = Server::start().await;
    let (maria, ben) = (person(&server, "chat").await, person(&server, "chat.join.limited").await);
    let path = thread(&server, &maria, &ben).await;
    let html = json!({ "content": "<p onclick=x>1 &lt; 2</p>", "type": "html", "senderDisplayName": "Maria", "metadata": { "k": "v", "n": null } });
    let first = send(&server, &maria, &path, &html).await;
    assert_eq!(first.len(), 13, "milliseconds");
    let message = format!("{path}/messages/{first}?{VERSION}");
    let read = ask(&server, &ben, "GET", &message, &Value::Null).await.body;
    let expected = json!({
        "id": first, "type": "html", "sequenceId": "3", "version": first, "createdOn": "2026-11-22T12:17:30Z",
        "content": { "message": "<p>1 &lt; 2</p>" }, "senderDisplayName": "Maria", "metadata": { "k": "v" },
        "senderCommunicationIdentifier": { "kind": "communicationUser", "rawId": maria.id, "communicationUser": { "id": maria.id } },
    });
    assert_eq!(read, expected);
    let patch = json!({ "content": "2", "metadata": { "k": null, "z": "y" } });
    assert_eq!(
        ask(&server, &ben, "PATCH", &message, &patch).await.error(),
        (403, "Forbidden", None)
    );
    server.advance_minutes(1);
    let edited = ask(&server, &maria, "PATCH", &message, &patch).await;
    assert_eq!((edited.status, &edited.body), (StatusCode::NO_CONTENT, &Value::Null));
    let read = ask(&server, &ben, "GET", &message, &Value::Null).await.body;
    assert_eq!(
        (&read["content"]["message"], &read["metadata"]),
        (&json!("2"), &json!({ "z": "y" }))
    );
    assert_eq!((&read["editedOn"], &read["type"]), (&json!("2026-11-22T12:18:30Z"), &json!("html")));
    let second = send(&server, &ben, &path, &json!({ "content": "two" })).await;
    let deleted = ask(&server, &maria, "DELETE", &message, &Value::Null).await;
    assert_eq!((deleted.status, &deleted.body), (StatusCode::NO_CONTENT, &Value::Null));
    let list = ask(&server, &ben, "GET", &format!("{path}/messages?{VERSION}"), &Value::Null)
        .await
        .body;
    let ids: Vec<_> = list["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["sequenceId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["4", "3", "2", "1"]);
    assert_eq!(list["value"][0]["id"], second);
    let stone = &list["value"][1];
    assert_eq!((&stone["deletedOn"], stone.get("content")), (&json!("2026-11-22T12:18:30Z"), None));
    for unknown in ["1", "-1", "x", "99999999999999999999", "%2B5"] {
        let answer = ask(&server, &maria, "GET", &format!("{path}/messages/{unknown}"), &Value::Null).await;
        assert_eq!(answer.error(), (404, "NotFound", None), "{unknown}");
    }
}

#[tokio::test]
async fn lists_come_in_pages_whose_links_are_whole() {
    let server = Server::start().await;
    let (maria, ben) = (person(&server, "chat").await, person(&server, "chat").await);
    let path = thread(&server, &maria, &ben).await;
    for index in 0..5 {
        send(&server, &maria, &path, &json!({ "content": index.to_string() })).await;
    }
    let all = pages(&server, &ben, &format!("{path}/messages?maxPageSize=3&{VERSION}")).await;
    let sequences: Vec<Vec<&str>> = all
        .iter()
        .map(|page| page.iter().map(|message| message["sequenceId"].as_str().unwrap()).collect())
        .collect();
    assert_eq!(sequences, [vec!["7", "6", "5"], vec!["4", "3", "2"], vec!["1"]]);
    let none = pages(
        &server,
        &ben,
        &format!("{path}/messages?startTime=2030-01-01T00%3A00%3A00.000Z&{VERSION}"),
    )
    .await;
    assert_eq!(none, [Vec::<Value>::new()]);
    for (list, of) in [("participants", 2), ("readReceipts", 0)] {
        let found = pages(&server, &ben, &format!("{path}/{list}?maxPageSize=1&{VERSION}")).await;
        assert_eq!(found.iter().map(Vec::len).sum::<usize>(), of, "{list}");
    }
    let skipped = pages(&server, &ben, &format!("{path}/participants?maxPageSize=1&skip=1&{VERSION}")).await;
    assert_eq!(skipped.len(), 1);
    thread(&server, &maria, &ben).await;
    thread(&server, &maria, &ben).await;
    let threads = pages(
        &server,
        &ben,
        &format!("/chat/threads?maxPageSize=2&startTime=1970-01-01T00%3A00%3A00.000Z&{VERSION}"),
    )
    .await;
    assert_eq!(threads.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(
        threads
            .iter()
            .flatten()
            .filter(|item| item.get("lastMessageReceivedOn").is_some())
            .count(),
        1
    );
    for bad in [
        "maxPageSize=0",
        "maxPageSize=x",
        "startTime=soon",
        "syncState=!",
        "syncState=eA",
        "skip=-1",
    ] {
        let target = format!("{path}/messages?{bad}");
        let answer = ask(&server, &ben, "GET", &target, &Value::Null).await;
        assert_eq!(answer.error(), (400, "BadRequest", bad.split('=').next()), "{bad}");
    }
}

#[tokio::test]
async fn participants_come_and_go() {
    let server = Server::start().await;
    let (maria, ben, carla) = (
        person(&server, "chat").await,
        person(&server, "chat.join").await,
        person(&server, "chat").await,
    );
    let path = thread(&server, &maria, &ben).await;
    let add = format!("{path}/participants/:add?{VERSION}");
    let body = json!({ "participants": [participant(&carla, "Carla"), participant(&maria, "again")] });
    let added = ask(&server, &ben, "POST", &add, &body).await;
    assert_eq!((added.status, &added.body), (StatusCode::CREATED, &json!({})));
    let stranger = json!({ "participants": [{ "communicationIdentifier": { "rawId": "8:acs:x_y" } }] });
    let answer = ask(&server, &ben, "POST", &add, &stranger).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.body["invalidParticipants"][0]["target"], "8:acs:x_y");
    for bad in [json!({}), json!({ "participants": [] }), json!({ "participants": [{}] })] {
        assert_eq!(ask(&server, &ben, "POST", &add, &bad).await.error().0, 400, "{bad}");
    }
    let list = ask(&server, &carla, "GET", &format!("{path}/participants?{VERSION}"), &Value::Null)
        .await
        .body;
    let names: Vec<_> = list["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["communicationIdentifier"]["rawId"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 3);
    let remove = format!("{path}/participants/%3Aremove?{VERSION}");
    let removed = ask(&server, &ben, "POST", &remove, &identifier(&carla)).await;
    assert_eq!((removed.status, &removed.body), (StatusCode::NO_CONTENT, &Value::Null));
    assert_eq!(
        ask(&server, &carla, "GET", &path, &Value::Null).await.error(),
        (403, "Forbidden", None)
    );
    let never = ask(&server, &ben, "POST", &remove, &json!({ "rawId": "8:acs:x_y" })).await;
    assert_eq!(never.error(), (404, "NotFound", None));
    assert_eq!(
        ask(&server, &ben, "POST", &remove, &json!({})).await.error(),
        (400, "BadRequest", Some("communicationIdentifier"))
    );
    assert_eq!(ask(&server, &ben, "POST", &remove, &identifier(&ben)).await.status, 204, "oneself");
}

#[tokio::test]
async fn typing_and_receipts_answer_200_without_a_body() {
    let server = Server::start().await;
    let (maria, ben) = (person(&server, "chat").await, person(&server, "chat").await);
    let path = thread(&server, &maria, &ben).await;
    for body in [Value::Null, json!({}), json!({ "senderDisplayName": "Ben" })] {
        let answer = ask(&server, &ben, "POST", &format!("{path}/typing?{VERSION}"), &body).await;
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &Value::Null));
    }
    let message = send(&server, &maria, &path, &json!({ "content": "read me" })).await;
    let receipts = format!("{path}/readReceipts?{VERSION}");
    let answer = ask(&server, &ben, "POST", &receipts, &json!({ "chatMessageId": message })).await;
    assert_eq!((answer.status, &answer.body), (StatusCode::OK, &Value::Null));
    let list = ask(&server, &maria, "GET", &receipts, &Value::Null).await.body;
    assert_eq!(
        list,
        json!({ "value": [{
            "senderCommunicationIdentifier": { "kind": "communicationUser", "rawId": ben.id, "communicationUser": { "id": ben.id } },
            "chatMessageId": message, "readOn": "2026-11-22T12:17:30Z",
        }] })
    );
    assert_eq!(
        ask(&server, &ben, "POST", &receipts, &json!({})).await.error(),
        (400, "BadRequest", Some("chatMessageId"))
    );
    assert_eq!(
        ask(&server, &ben, "POST", &receipts, &json!({ "chatMessageId": "1" }))
            .await
            .error(),
        (404, "NotFound", None)
    );
}

#[tokio::test]
async fn a_thread_is_changed_and_deleted() {
    let server = Server::start().await;
    let (maria, ben) = (person(&server, "chat").await, person(&server, "chat.join").await);
    let path = thread(&server, &maria, &ben).await;
    let patch = json!({ "topic": "New", "metadata": { "a": "b" }, "retentionPolicy": { "kind": "threadCreationDate", "deleteThreadAfterDays": 30 } });
    assert_eq!(ask(&server, &ben, "PATCH", &path, &patch).await.error(), (403, "Forbidden", None));
    assert_eq!(ask(&server, &maria, "PATCH", &path, &patch).await.status, 204);
    let read = ask(&server, &ben, "GET", &path, &Value::Null).await.body;
    assert_eq!(
        (&read["topic"], &read["metadata"], &read["retentionPolicy"]["deleteThreadAfterDays"]),
        (&json!("New"), &json!({ "a": "b" }), &json!(30))
    );
    let none = json!({ "topic": null, "retentionPolicy": { "kind": "none" } });
    assert_eq!(ask(&server, &maria, "PATCH", &path, &none).await.status, 204);
    let read = ask(&server, &ben, "GET", &path, &Value::Null).await.body;
    assert_eq!(
        (&read["topic"], &read["retentionPolicy"]),
        (&json!("New"), &json!({ "kind": "none" }))
    );
    for (bad, target) in [
        (json!({ "topic": " " }), "topic"),
        (json!({ "topic": 1 }), "topic"),
        (json!({ "metadata": { "a": 1 } }), "metadata"),
        (
            json!({ "retentionPolicy": { "kind": "threadCreationDate", "deleteThreadAfterDays": 29 } }),
            "retentionPolicy",
        ),
        (json!({ "retentionPolicy": { "kind": "other" } }), "retentionPolicy"),
    ] {
        assert_eq!(
            ask(&server, &maria, "PATCH", &path, &bad).await.error(),
            (400, "BadRequest", Some(target)),
            "{bad}"
        );
    }
    assert_eq!(
        ask(&server, &ben, "DELETE", &path, &Value::Null).await.error(),
        (403, "Forbidden", None)
    );
    assert_eq!(ask(&server, &maria, "DELETE", &path, &Value::Null).await.status, 204);
    for person in [&maria, &ben] {
        assert_eq!(
            ask(&server, person, "GET", &path, &Value::Null).await.error(),
            (403, "Forbidden", None)
        );
    }
}

#[tokio::test]
async fn only_the_token_of_a_person_with_a_chat_scope_opens_the_door() {
    let server = Server::start().await;
    let (maria, voice) = (person(&server, "chat").await, person(&server, "voip").await);
    assert_eq!(ask(&server, &maria, "GET", "/chat/threads", &Value::Null).await.status, 200);
    assert_eq!(
        ask(&server, &voice, "GET", "/chat/threads", &Value::Null).await.error(),
        (403, "Forbidden", None)
    );
    let unauthorized = (401, "Unauthorized", None);
    assert_eq!(
        server.signed("GET", "/chat/threads", "").await.error(),
        unauthorized,
        "an access key"
    );
    let bare = http::Request::get("/chat/threads").body(axum::body::Body::empty()).unwrap();
    assert_eq!(server.send(bare).await.error(), unauthorized);
    let application = server.token("https://communication.azure.com", &json!({ "roles": ["Communication.Manage.All"] }));
    for token in ["", "x", "a.b.c", &format!("{}x", maria.token), &application] {
        let answer = server.send(Server::bearer("GET", "/chat/threads", "", token)).await;
        assert_eq!(answer.error(), unauthorized, "{token}");
        assert!(!answer.headers.contains_key("retry-after"));
    }
    server.advance_minutes(24 * 60 + 1);
    assert_eq!(
        ask(&server, &maria, "GET", "/chat/threads", &Value::Null).await.error(),
        unauthorized,
        "expired"
    );
    let ben = person(&server, "chat").await;
    let revoke = format!("/identities/{}/:revokeAccessTokens", ben.id.replace(':', "%3A"));
    assert_eq!(server.signed("POST", &revoke, "").await.status, 204);
    assert_eq!(
        ask(&server, &ben, "GET", "/chat/threads", &Value::Null).await.error(),
        unauthorized,
        "revoked"
    );
}

#[tokio::test]
async fn junk_is_refused_and_never_a_fault() {
    let server = Server::start().await;
    let (maria, ben) = (person(&server, "chat").await, person(&server, "chat").await);
    let path = thread(&server, &maria, &ben).await;
    let bodies = [
        "",
        "[]",
        "1",
        "{",
        "\u{0}",
        "null",
        r#"{"topic":{},"content":{},"participants":{},"chatMessageId":{},"rawId":{}}"#,
        r#"{"topic":"x","participants":[null]}"#,
        r#"{"content":"x","type":"video"}"#,
        r#"{"content":"\u0000"}"#,
        r#"{"content":"x","metadata":[]}"#,
        r#"{"content":"x","senderDisplayName":1}"#,
    ];
    let targets = [
        ("POST", "/chat/threads".to_owned()),
        ("PATCH", path.clone()),
        ("POST", format!("{path}/messages")),
        ("PATCH", format!("{path}/messages/1")),
        ("POST", format!("{path}/participants/:add")),
        ("POST", format!("{path}/participants/:remove")),
        ("POST", format!("{path}/readReceipts")),
        ("POST", format!("{path}/typing")),
    ];
    for (method, target) in &targets {
        for body in bodies {
            let answer = server.send(Server::bearer(method, target, body, &maria.token)).await;
            let fine = answer.status.is_success() && (target.ends_with("typing") || *method == "PATCH");
            assert!(
                fine || answer.status.is_client_error(),
                "{method} {target} {body}: {}",
                answer.status
            );
        }
    }
    let long = json!({ "content": "x".repeat(28 * 1024 + 1) });
    let messages = format!("{path}/messages");
    assert_eq!(
        ask(&server, &maria, "POST", &messages, &long).await.error(),
        (400, "BadRequest", Some("content"))
    );
    let huge = json!({ "content": "x".repeat(256 * 1024) });
    assert_eq!(
        ask(&server, &maria, "POST", &messages, &huge).await.error(),
        (413, "RequestEntityTooLarge", None)
    );
    send(&server, &maria, &path, &json!({ "content": "\u{7f16}".repeat(9000) })).await;
    for (method, target, expected) in [
        ("PUT", "/chat/threads", (405, "MethodNotAllowed", None)),
        ("GET", "/chat/threads/x/y", (404, "NotFound", None)),
        ("GET", "/chat/threads/x", (403, "Forbidden", None)),
        ("GET", "/chat/threads/%00", (403, "Forbidden", None)),
    ] {
        assert_eq!(
            ask(&server, &maria, method, target, &Value::Null).await.error(),
            expected,
            "{target}"
        );
    }
}

#[tokio::test]
async fn too_many_messages_are_told_when_to_come_back() {
    let server = Server::start().await;
    let (maria, ben) = (person(&server, "chat").await, person(&server, "chat").await);
    let path = format!("{}/messages", thread(&server, &maria, &ben).await);
    let mut last = None;
    for _ in 0..21 {
        last = Some(ask(&server, &maria, "POST", &path, &json!({ "content": "x" })).await);
    }
    let last = last.unwrap();
    assert_eq!(last.error(), (429, "TooManyRequests", None));
    assert_eq!(last.headers["retry-after"], "2");
    assert_eq!(last.headers["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn html_is_made_safe_in_both_ways_and_text_is_not_touched() {
    let server = Server::start().await;
    let (maria, ben) = (person(&server, "chat").await, person(&server, "chat").await);
    let path = format!("{}/messages", thread(&server, &maria, &ben).await);
    let hostile = "<style>*{display:none}</style><p style=x>a</p><a href='https://example.org'>b</a>";
    let safe = "<p>a</p><a href=\"https://example.org\" rel=\"noopener noreferrer\">b</a>";
    for (kind, kept) in [("html", safe), ("HTML", safe), ("text", hostile)] {
        let sent = ask(&server, &maria, "POST", &path, &json!({ "content": hostile, "type": kind })).await;
        let message = format!("{path}/{}?{VERSION}", sent.body["id"].as_str().unwrap());
        let content = async || ask(&server, &ben, "GET", &message, &Value::Null).await.body["content"]["message"].clone();
        assert_eq!(content().await, kept, "{kind}");
        for content in ["<b>c</b>", hostile] {
            let edited = ask(&server, &maria, "PATCH", &message, &json!({ "content": content })).await;
            assert_eq!(edited.status, StatusCode::NO_CONTENT);
        }
        assert_eq!(content().await, kept, "{kind}");
    }
    let nothing = json!({ "content": "<script>x</script>", "type": "html" });
    let refused = ask(&server, &maria, "POST", &path, &nothing).await;
    assert_eq!(refused.error(), (400, "BadRequest", Some("content")));
    for kind in ["richtext/html", "RichText/Html", "xml"] {
        let other = ask(&server, &maria, "POST", &path, &json!({ "content": "x", "type": kind })).await;
        assert_eq!(other.error(), (400, "BadRequest", Some("type")), "{kind}");
    }
}

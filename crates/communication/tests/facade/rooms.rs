//! Every operation of the rooms API over a real store: how it succeeds and how it typically fails.

use http::HeaderValue;
use serde_json::{Value, json};

use crate::support::{Answer, Server};

const VERSION: &str = "api-version=2025-03-13";

fn guest(server: &Server, number: usize) -> String {
    format!("8:acs:{}_00000000-0000-4000-8000-{number:012}", server.accounts.tenant.resource_id)
}

async fn create(server: &Server, body: &Value) -> Answer {
    server.signed("POST", &format!("/rooms?{VERSION}"), &body.to_string()).await
}

async fn room(server: &Server) -> String {
    let answer = create(server, &json!({})).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

async fn people(server: &Server, id: &str) -> Vec<(String, String)> {
    let answer = server.signed("GET", &format!("/rooms/{id}/participants?{VERSION}"), "").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let value = answer.body["value"].as_array().unwrap();
    value.iter().map(|person| (text(&person["rawId"]), text(&person["role"]))).collect()
}

fn details(answer: &Answer) -> (&str, &str) {
    let detail = &answer.body["error"]["details"][0];
    (detail["code"].as_str().unwrap(), detail["target"].as_str().unwrap())
}

#[tokio::test]
async fn a_room_without_times_is_open_from_now_for_180_days_and_has_every_member() {
    let server = Server::start().await;
    // What JavaScript sends, and what Python sends.
    for body in [
        json!({ "participants": {} }),
        json!({ "validFrom": null, "validUntil": null, "pstnDialOutEnabled": false }),
    ] {
        let answer = create(&server, &body).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        let id = answer.body["id"].as_str().unwrap();
        assert!(
            (16..=18).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()),
            "{id}"
        );
        assert_eq!(answer.headers.get("location").unwrap(), id);
        assert!(answer.headers.get("repeatability-result").is_none());
        let expected = json!({
            "id": id, "createdAt": "2026-11-22T12:17:30Z", "validFrom": "2026-11-22T12:17:30Z", "validUntil": "2027-05-21T12:17:30Z",
            "pstnDialOutEnabled": false,
        });
        assert_eq!(answer.body, expected);
        let read = server.signed("GET", &format!("/rooms/{id}?{VERSION}"), "").await;
        assert_eq!((read.status.as_u16(), read.body), (200, expected));
    }
}

#[tokio::test]
async fn times_people_and_dial_out_are_kept_as_they_are_given() {
    let server = Server::start().await;
    let (one, two, three) = (guest(&server, 1), guest(&server, 2), guest(&server, 3));
    let body = json!({
        "validFrom": "2026-12-01T00:00:00.000Z", "validUntil": "2026-12-02T01:00:00.5+01:00", "pstnDialOutEnabled": true,
        "participants": { &one: { "role": "Presenter" }, &two: {}, &three: { "role": "Collaborator" } }, "unknown": 1,
    });
    let answer = create(&server, &body).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    assert_eq!(answer.body["validFrom"], "2026-12-01T00:00:00Z");
    assert_eq!(answer.body["validUntil"], "2026-12-02T00:00:00.5Z");
    assert_eq!(answer.body["pstnDialOutEnabled"], true);
    let listed = people(&server, answer.body["id"].as_str().unwrap()).await;
    let expected = [(one, "Presenter"), (two, "Attendee"), (three, "Collaborator")].map(|(id, role)| (id, role.to_owned()));
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn a_creation_that_breaks_a_rule_says_which_and_makes_no_room() {
    let server = Server::start().await;
    for (body, target) in [
        (json!({ "validUntil": "2026-11-22T12:17:30Z" }), "ValidUntil"),
        (json!({ "validUntil": "2027-05-22T00:00:00Z" }), "ValidUntil"),
        (
            json!({ "validFrom": "2026-12-02T00:00:00Z", "validUntil": "2026-12-01T00:00:00Z" }),
            "ValidUntil",
        ),
        (json!({ "validFrom": "9999-01-01T00:00:00Z" }), "ValidFrom"),
        (json!({ "validFrom": "tomorrow" }), "ValidFrom"),
        (json!({ "validFrom": 5 }), "ValidFrom"),
        (json!({ "pstnDialOutEnabled": "yes" }), "PstnDialOutEnabled"),
        (json!({ "participants": [] }), "Participants"),
        (json!({ "participants": { guest(&server, 1): { "role": "Boss" } } }), "Role"),
        (json!({ "participants": { guest(&server, 1): { "role": 1 } } }), "Role"),
        (json!({ "participants": { guest(&server, 1): "Presenter" } }), "Participants"),
    ] {
        let answer = create(&server, &body).await;
        assert_eq!(answer.error(), (400, "BadRequest", None), "{body}");
        assert_eq!(details(&answer), ("BadArgument", target), "{body}");
    }
    let stranger = create(&server, &json!({ "participants": { "8:acs:nobody": { "role": "Attendee" } } })).await;
    assert_eq!(stranger.error(), (400, "BadRequest", None));
    assert!(stranger.body["error"].get("details").is_none());
    let list = server.signed("GET", &format!("/rooms?{VERSION}"), "").await;
    assert_eq!(list.body, json!({ "value": [] }));
}

#[tokio::test]
async fn null_leaves_a_value_of_a_room_as_it_is() {
    let server = Server::start().await;
    let id = room(&server).await;
    let patch = async |body: Value| server.signed("PATCH", &format!("/rooms/{id}?{VERSION}"), &body.to_string()).await;
    let before = patch(json!({})).await;
    assert_eq!(before.status, 200);
    let nulls = patch(json!({ "validFrom": null, "validUntil": null, "pstnDialOutEnabled": null })).await;
    assert_eq!((nulls.status.as_u16(), &nulls.body), (200, &before.body));
    let changed = patch(json!({ "validFrom": null, "validUntil": "2026-12-24T00:00:00Z", "pstnDialOutEnabled": true })).await;
    assert_eq!(changed.body["validFrom"], before.body["validFrom"]);
    assert_eq!(changed.body["validUntil"], "2026-12-24T00:00:00Z");
    assert_eq!(changed.body["pstnDialOutEnabled"], true);

    let long = patch(json!({ "validFrom": "2026-11-01T00:00:00Z", "validUntil": "2027-06-01T00:00:00Z" })).await;
    assert_eq!(long.error(), (400, "BadRequest", None));
    assert_eq!(details(&long), ("BadArgument", "ValidUntil"));
    assert_eq!(server.signed("GET", &format!("/rooms/{id}"), "").await.body, changed.body);
}

#[tokio::test]
async fn participants_are_added_changed_and_removed_and_the_others_stay() {
    let server = Server::start().await;
    let id = room(&server).await;
    let (one, two) = (guest(&server, 1), guest(&server, 2));
    let patch = async |people: Value| {
        let body = json!({ "participants": people }).to_string();
        server.signed("PATCH", &format!("/rooms/{id}/participants?{VERSION}"), &body).await
    };
    let answer = patch(json!({ &one: { "role": "Presenter" }, &two: { "role": null } })).await;
    assert_eq!((answer.status.as_u16(), &answer.body), (200, &json!({})));
    assert_eq!(
        people(&server, &id).await,
        [(one.clone(), "Presenter".to_owned()), (two.clone(), "Attendee".to_owned())]
    );
    assert_eq!(patch(json!({ &one: { "role": "Consumer" } })).await.status, 200);
    assert_eq!(patch(json!({ &two: null, "8:acs:nobody": null, "": null })).await.status, 200);
    assert_eq!(people(&server, &id).await, [(one.clone(), "Consumer".to_owned())]);

    let refused = patch(json!({ &two: { "role": "Presenter" }, &one: { "role": "Boss" } })).await;
    assert_eq!(refused.error(), (400, "BadRequest", None));
    assert_eq!(
        patch(json!({ &two: {}, "8:acs:nobody": {} })).await.error(),
        (400, "BadRequest", None)
    );
    assert_eq!(people(&server, &id).await, [(one, "Consumer".to_owned())]);
    for harmless in ["", "{}", r#"{"participants":null}"#] {
        let answer = server.signed("PATCH", &format!("/rooms/{id}/participants"), harmless).await;
        assert_eq!(answer.status, 200, "{harmless}");
    }
}

#[tokio::test]
async fn an_unknown_room_is_not_found_and_a_malformed_id_is_a_bad_request() {
    let server = Server::start().await;
    let id = room(&server).await;
    let deleted = server.signed("DELETE", &format!("/rooms/{id}?{VERSION}"), "").await;
    assert_eq!((deleted.status.as_u16(), deleted.body), (204, Value::Null));
    for (method, tail, body) in [
        ("GET", "", ""),
        ("PATCH", "", "{}"),
        ("DELETE", "", ""),
        ("GET", "/participants", ""),
        ("PATCH", "/participants", "{}"),
    ] {
        for gone in [id.as_str(), "99199690362660524"] {
            let answer = server.signed(method, &format!("/rooms/{gone}{tail}?{VERSION}"), body).await;
            assert_eq!(answer.error(), (404, "NotFound", None), "{method} {gone}{tail}");
        }
        for malformed in ["1", "abc", "9919969036266052x", "%C3%A9"] {
            let answer = server.signed(method, &format!("/rooms/{malformed}{tail}?{VERSION}"), body).await;
            assert_eq!(answer.error(), (400, "BadRequest", None), "{method} {malformed}{tail}");
        }
    }
}

#[tokio::test]
async fn lists_are_paged_with_links_that_no_client_escapes() {
    let server = Server::start().await;
    let mut made = Vec::new();
    for _ in 0..101 {
        made.push(room(&server).await);
    }
    let first = server.signed("GET", "/rooms?api-version=ApiVersion.V2025_03_13", "").await;
    assert_eq!(first.body["value"].as_array().unwrap().len(), 100);
    let link = first.body["nextLink"].as_str().unwrap();
    assert!(
        link.starts_with("/rooms?") && link.contains("api-version=ApiVersion.V2025_03_13"),
        "{link}"
    );
    assert!(
        link.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/?=&-_.".contains(&byte)),
        "{link}"
    );
    let second = server.signed("GET", link, "").await;
    assert_eq!(second.body["value"].as_array().unwrap().len(), 1);
    assert!(second.body.get("nextLink").is_none());
    let mut seen: Vec<String> = [&first, &second]
        .iter()
        .flat_map(|page| page.body["value"].as_array().unwrap())
        .map(|room| room["id"].as_str().unwrap().to_owned())
        .collect();
    seen.sort_unstable();
    made.sort_unstable();
    assert_eq!(seen, made);
    for bad in ["/rooms?skipToken=", "/rooms?skipToken=x", "/rooms?skipToken=%00_1"] {
        assert_eq!(server.signed("GET", bad, "").await.error(), (400, "BadRequest", None), "{bad}");
    }

    let id = made.first().unwrap();
    let everybody: serde_json::Map<String, Value> = (0..350).map(|number| (guest(&server, number), json!({}))).collect();
    let body = json!({ "participants": everybody }).to_string();
    assert_eq!(
        server.signed("PATCH", &format!("/rooms/{id}/participants"), &body).await.status,
        200
    );
    let first = server.signed("GET", &format!("/rooms/{id}/participants"), "").await;
    assert_eq!(first.body["value"].as_array().unwrap().len(), 200);
    let rest = server.signed("GET", first.body["nextLink"].as_str().unwrap(), "").await;
    assert_eq!(rest.body["value"].as_array().unwrap().len(), 150);
    assert!(rest.body.get("nextLink").is_none());
    let one_more = json!({ "participants": { guest(&server, 999): {} } }).to_string();
    let answer = server.signed("PATCH", &format!("/rooms/{id}/participants"), &one_more).await;
    assert_eq!(answer.error(), (400, "BadRequest", None));
}

#[tokio::test]
async fn a_repeated_creation_gives_the_first_answer_and_another_request_under_its_id_is_rejected() {
    let server = Server::start().await;
    let repeat = async |body: &str, repeat_id: &str| {
        let mut request = server.sign("POST", &format!("/rooms?{VERSION}"), body, &server.accounts.access_key);
        let headers = request.headers_mut();
        headers.insert("repeatability-request-id", HeaderValue::from_str(repeat_id).unwrap());
        headers.insert(
            "repeatability-first-sent",
            HeaderValue::from_static("Sun, 22 Nov 2026 12:17:30 GMT"),
        );
        server.send(request).await
    };
    let id = "61fbfc46-b58a-4b6a-a2f4-0f6c0b3b8f52";
    let first = repeat("{}", id).await;
    let second = repeat("{}", id).await;
    for answer in [&first, &second] {
        assert_eq!(answer.status, 201);
        assert_eq!(answer.headers.get("repeatability-result").unwrap(), "accepted");
        assert_eq!(answer.headers.get("location").unwrap(), answer.body["id"].as_str().unwrap());
    }
    assert_eq!(first.body, second.body);
    let other = repeat(r#"{"pstnDialOutEnabled":true}"#, id).await;
    assert_eq!(other.error(), (412, "PreconditionFailed", None));
    assert_eq!(other.headers.get("repeatability-result").unwrap(), "rejected");
    assert_ne!(repeat("{}", "another").await.body["id"], first.body["id"]);
    assert_eq!(repeat("{}", &"x".repeat(129)).await.error(), (400, "BadRequest", None));
    let list = server.signed("GET", "/rooms", "").await;
    assert_eq!(list.body["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn rooms_take_a_key_or_an_applications_token_and_never_a_persons() {
    let server = Server::start().await;
    let target = format!("/rooms?{VERSION}");
    let claims = json!({ "azp": server.accounts.application.client_id, "roles": ["Communication.Manage.All"] });
    let token = server.token("https://communication.azure.com", &claims);
    assert_eq!(server.send(Server::bearer("GET", &target, "", &token)).await.status, 200);
    let issued = server.signed("POST", "/identities", r#"{"createTokenWithScopes":["voip"]}"#).await;
    let person = issued.body["accessToken"]["token"].as_str().unwrap();
    let refused = server.send(Server::bearer("GET", &target, "", person)).await;
    assert_eq!(refused.error(), (401, "Unauthorized", None));
    let versions = refused.headers.get("api-supported-versions").unwrap().to_str().unwrap();
    assert!(versions.contains("2025-03-13"), "{versions}");
}

//! Several requests in one.

use serde_json::{Value, json};

use crate::support::{Answer, ORIGIN, SECURE_ORIGIN, Server};

async fn batch(server: &Server, token: &str, requests: Value) -> Answer {
    server
        .call(token, "POST", "/v1.0/$batch", Some(json!({ "requests": requests })))
        .await
}

fn answer<'a>(batch: &'a Answer, id: &str) -> &'a Value {
    let answers = batch.body["responses"].as_array().unwrap();
    answers.iter().find(|answer| answer["id"] == id).unwrap()
}

#[tokio::test]
async fn each_request_is_answered_under_its_id_in_every_spelling_of_its_address() {
    let server = Server::start().await;
    let addresses = [
        "/me".to_owned(),
        "me?$select=displayName".to_owned(),
        "/v1.0/me".to_owned(),
        format!("{ORIGIN}/v1.0/me"),
        format!("{SECURE_ORIGIN}/v1.0/me"),
        "/users/me-token-to-replace".to_owned(),
    ];
    let requests: Vec<_> = addresses
        .iter()
        .enumerate()
        .map(|(index, url)| json!({ "id": index.to_string(), "method": "GET", "url": url, "depends_on": [] }))
        .collect();
    let answers = batch(&server, &server.organizer(), json!(requests)).await;
    assert_eq!(answers.status, 200, "{}", answers.body);
    for (index, url) in addresses.iter().enumerate() {
        let one = answer(&answers, &index.to_string());
        assert_eq!(
            (&one["status"], &one["body"]["displayName"]),
            (&json!(200), &json!("Anna Berg")),
            "{url}"
        );
        assert_eq!(one["headers"]["Content-Type"], "application/json");
    }
}

#[tokio::test]
async fn each_request_has_rights_and_an_error_of_its_own() {
    let server = Server::start().await;
    let answers = batch(
        &server,
        &server.organizer(),
        json!([
            { "id": "make", "method": "POST", "url": "/me/onlineMeetings", "body": { "subject": "Visit" }, "headers": { "Content-Type": "application/json" } },
            { "id": "others", "method": "GET", "url": "/users" },
            { "id": "nothing", "method": "GET", "url": "/nothing" },
            { "id": "elsewhere", "method": "GET", "url": "https://elsewhere.example/v1.0/me" },
            { "id": "inside", "method": "POST", "url": "/$batch", "body": { "requests": [] } },
            { "id": "own token", "method": "GET", "url": "/me", "headers": { "Authorization": "Bearer nonsense" } },
            { "id": "own id", "method": "GET", "url": "/nothing", "headers": { "client-request-id": "abc" } },
        ]),
    )
    .await;
    assert_eq!(answers.status, 200);
    let made = answer(&answers, "make");
    assert_eq!((&made["status"], &made["body"]["subject"]), (&json!(201), &json!("Visit")));
    assert!(made["headers"]["Location"].as_str().unwrap().starts_with(ORIGIN));
    for (id, status, code) in [
        ("others", 403, "Forbidden"),
        ("nothing", 404, "ResourceNotFound"),
        ("elsewhere", 400, "InvalidArgument"),
        ("inside", 405, "Request_BadRequest"),
        ("own token", 401, "InvalidAuthenticationToken"),
    ] {
        let one = answer(&answers, id);
        assert_eq!(
            (&one["status"], &one["body"]["error"]["code"]),
            (&json!(status), &json!(code)),
            "{id}"
        );
    }
    assert_eq!(
        answer(&answers, "own id")["body"]["error"]["innerError"]["client-request-id"],
        "abc"
    );
}

#[tokio::test]
async fn a_request_whose_dependency_failed_is_not_tried() {
    let server = Server::start().await;
    let make =
        |id: &str, after: &[&str]| json!({ "id": id, "method": "POST", "url": "/me/onlineMeetings", "body": {}, "dependsOn": after });
    let answers = batch(
        &server,
        &server.organizer(),
        json!([
            make("last", &["skipped"]),
            make("skipped", &["bad"]),
            { "id": "bad", "method": "GET", "url": "/nothing" },
            make("good", &[]),
            make("after good", &["good"]),
        ]),
    )
    .await;
    for (id, status) in [("bad", 404), ("skipped", 424), ("last", 424), ("good", 201), ("after good", 201)] {
        assert_eq!(answer(&answers, id)["status"], status, "{id}");
    }
    assert_eq!(answer(&answers, "skipped")["body"]["error"]["code"], "FailedDependency");
    let meetings = server.get(&server.organizer(), "/v1.0/me/onlineMeetings/$count").await;
    assert_eq!(meetings.body, json!(2));
}

#[tokio::test]
async fn answers_without_an_object_keep_their_form() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({})).await;
    let answers = batch(
        &server,
        &server.member(0, "OnlineMeetings.ReadWrite User.Read.All"),
        json!([
            { "id": "count", "method": "GET", "url": "/users/$count", "headers": { "ConsistencyLevel": "eventual" } },
            { "id": "gone", "method": "DELETE", "url": format!("/me/onlineMeetings/{}", meeting.text("/id")) },
        ]),
    )
    .await;
    let count = answer(&answers, "count");
    assert_eq!(
        (&count["body"], &count["headers"]["Content-Type"]),
        (&json!("3"), &json!("text/plain"))
    );
    let gone = answer(&answers, "gone");
    assert_eq!((&gone["status"], gone.get("body")), (&json!(204), None));
}

#[tokio::test]
async fn what_is_no_batch_is_refused_whole_and_nothing_is_done() {
    let server = Server::start().await;
    let make = |id: &str| json!({ "id": id, "method": "POST", "url": "/me/onlineMeetings", "body": {} });
    let many = |count: usize| json!((0..count).map(|number| make(&number.to_string())).collect::<Vec<_>>());
    for requests in [
        many(21),
        json!([]),
        json!("x"),
        json!([make("a"), make("A")]),
        json!([make("1"), { "id": "2", "method": "GET", "url": "/me", "dependsOn": ["3"] }]),
        json!([make("1"), { "id": "2", "method": "GET" }]),
        json!([make("1"), { "method": "GET", "url": "/me" }]),
        json!([make("1"), { "id": "2", "method": "GET", "url": "/me", "dependsOn": ["2"] }]),
    ] {
        let answer = batch(&server, &server.organizer(), requests.clone()).await;
        assert_eq!((answer.error().0, answer.error().1), (400, "InvalidArgument"), "{requests}");
    }
    assert_eq!(
        server.get(&server.organizer(), "/v1.0/$batch").await.error(),
        (405, "Request_BadRequest", None)
    );
    let nobody = server.call("nonsense", "POST", "/v1.0/$batch", Some(json!({}))).await;
    assert_eq!(nobody.error(), (401, "InvalidAuthenticationToken", None));
    let count = server.get(&server.organizer(), "/v1.0/me/onlineMeetings/$count").await;
    assert_eq!(count.body, json!(0));
    assert_eq!(batch(&server, &server.organizer(), many(20)).await.status, 200);
    let count = server.get(&server.organizer(), "/v1.0/me/onlineMeetings/$count").await;
    assert_eq!(count.body, json!(20));
}

#[tokio::test]
async fn once_the_answers_are_long_the_rest_of_a_batch_is_refused_and_not_tried() {
    let server = Server::start().await;
    let token = server.organizer();
    let people: Vec<Value> = (0..680)
        .map(|number| json!({ "upn": format!("{number:0>290}@away.example") }))
        .collect();
    for _ in 0..18 {
        server.schedule(json!({ "participants": { "attendees": people } })).await;
    }
    let list = |id: &str| json!({ "id": id, "method": "GET", "url": "/me/onlineMeetings" });
    let make = json!({ "id": "make", "method": "POST", "url": "/me/onlineMeetings", "headers": { "content-type": "application/json" }, "body": {} });
    let after = json!({ "id": "after", "method": "GET", "url": "/me", "dependsOn": ["make"] });
    let requests = json!([list("1"), list("2"), list("3"), make, after, list("4")]);
    let answers = batch(&server, &token, requests).await;
    let statuses: Vec<_> = ["1", "2", "3", "make", "after", "4"]
        .iter()
        .map(|id| answer(&answers, id)["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [200, 200, 413, 413, 424, 413]);
    assert_eq!(answer(&answers, "make")["body"]["error"]["code"], "RequestEntityTooLarge");
    let count = server.get(&token, "/v1.0/me/onlineMeetings/$count").await;
    assert_eq!(count.body, 18, "what was refused was not done");
}

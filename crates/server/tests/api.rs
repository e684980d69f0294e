//! Our own small API: settings, visitors, health.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;

use axum::http::Method;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use house::{
    House,
    client::{get, json},
};
use serde_json::{Value, json};

const SETTINGS: &str = "/api/admin/settings";
const MEMBER: usize = 0;
const ADMINISTRATOR: usize = 2;

#[tokio::test]
async fn settings_are_an_administrators_to_read_and_to_change() {
    let house = House::start().await;
    let (client, nothing) = (house.http(), json!({}));
    let ask = |method: Method, token: Option<&str>, body: &Value| json(method, SETTINGS, token, body);
    let member = house.sign_in(MEMBER).await;
    for method in [Method::GET, Method::PATCH] {
        let answer = client.send(ask(method.clone(), None, &nothing)).await;
        assert_eq!(answer.refused(401), "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(
            client.send(ask(method.clone(), Some("a.b.c"), &nothing)).await.refused(401),
            "invalidToken"
        );
        assert_eq!(client.send(ask(method, Some(&member), &nothing)).await.refused(403), "forbidden");
    }
    assert_eq!(
        client.send(ask(Method::DELETE, None, &nothing)).await.refused(405),
        "methodNotAllowed"
    );

    let administrator = house.sign_in(ADMINISTRATOR).await;
    let token = Some(administrator.as_str());
    let before = client.send(ask(Method::GET, token, &nothing)).await.json();
    let (name, old) = a_switch(&before);
    let change = json!({ "tenant": { name.clone(): !old } });
    let after = client.send(ask(Method::PATCH, token, &change)).await.json();
    let mut wanted = before.clone();
    wanted["tenant"][&name] = Value::Bool(!old);
    assert_eq!(after, wanted);
    assert_eq!(client.send(ask(Method::GET, token, &nothing)).await.json(), wanted);
}

#[tokio::test]
async fn a_change_that_is_not_understood_is_refused_whole() {
    let house = House::start().await;
    let client = house.http();
    let administrator = house.sign_in(ADMINISTRATOR).await;
    let token = Some(administrator.as_str());
    let before = client.send(json(Method::GET, SETTINGS, token, &json!({}))).await.json();
    let (name, old) = a_switch(&before);
    for change in [
        json!({ "tenant": { name.clone(): !old, "misspelt": true } }),
        json!({ "policy": { "misspelt": true }, "tenant": { name.clone(): !old } }),
        json!({ "tenant": { name.clone(): "yes" } }),
    ] {
        let answer = client.send(json(Method::PATCH, SETTINGS, token, &change)).await;
        assert_eq!(answer.refused(400), "invalidArgument", "{change}");
    }
    let answer = client.send(json(Method::PATCH, SETTINGS, token, &json!({ "tenants": {} }))).await;
    assert_eq!(answer.refused(422), "badRequest");
    let long = json!({ "tenant": { name: "x".repeat(17 * 1024) } });
    assert_eq!(
        client.send(json(Method::PATCH, SETTINGS, token, &long)).await.refused(413),
        "badRequest"
    );
    assert_eq!(client.send(json(Method::GET, SETTINGS, token, &json!({}))).await.json(), before);
}

#[tokio::test]
async fn a_visitor_gets_a_token_of_a_fresh_identity_that_names_its_signalling() {
    let house = House::start().await;
    let client = house.http();
    let mut subjects = Vec::new();
    for _ in 0..2 {
        let answer = client.send(json(Method::POST, "/api/visitor/token", None, &json!({}))).await.json();
        assert!(answer["expiresOn"].as_str().unwrap().ends_with('Z'), "{answer}");
        let claims = claims(answer["token"].as_str().unwrap());
        assert_eq!(claims["anteroomSignal"], format!("ws://{}/signal", client.authority()));
        subjects.push(claims.to_string());
    }
    assert!(subjects[0].contains("teamsvisitor:"), "{}", subjects[0]);
    assert_ne!(subjects[0], subjects[1]);
    assert_eq!(client.send(get("/api/visitor/token")).await.refused(405), "methodNotAllowed");
}

#[tokio::test]
async fn a_members_token_is_exchanged_for_one_that_chats() {
    let house = House::start().await;
    let client = house.http();
    let ask = |token: Option<&str>| json(Method::POST, "/api/chat/token", token, &json!({}));
    assert_eq!(client.send(ask(None)).await.refused(401), "unauthenticated");
    assert_eq!(client.send(ask(Some("a.b.c"))).await.refused(401), "invalidToken");
    assert_eq!(client.send(get("/api/chat/token")).await.refused(405), "methodNotAllowed");
    let member = house.sign_in(MEMBER).await;
    let answer = client.send(ask(Some(&member))).await.json();
    assert!(answer["expiresOn"].as_str().unwrap().ends_with('Z'), "{answer}");
    let token = answer["token"].as_str().unwrap();
    assert_eq!(claims(token)["acsScope"], "chat.join.limited");

    let writing = "/api/chat/writing/19%3Ameeting_x%40thread.v2";
    let may_write = |token: Option<&str>| json(Method::GET, writing, token, &json!({}));
    assert_eq!(client.send(may_write(None)).await.refused(401), "unauthenticated");
    // The access token is none of a person's in chat.
    assert_eq!(client.send(may_write(Some(&member))).await.status.as_u16() / 100, 4);
    let answer = client.send(may_write(Some(token))).await.json();
    assert_eq!(answer["allowed"], false);
    assert!(answer["why"].as_str().unwrap().contains("not open to you"), "{answer}");
}

#[tokio::test]
async fn health_and_metrics_answer() {
    let house = House::start().await;
    let client = house.http();
    for path in ["/health/live", "/health/ready", "/health/ready"] {
        let answer = client.send(get(path)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "ok"), "{path}");
    }
    assert!(client.send(get("/metrics")).await.body.contains("\nanteroom_media_peers 0\n"));
    assert_eq!(client.send(get("/api/nothing")).await.refused(404), "notFound");
}

/// Some switch of the tenant and how it stands.
fn a_switch(settings: &Value) -> (String, bool) {
    let tenant = settings["tenant"].as_object().unwrap();
    let found = tenant.iter().find_map(|(name, value)| Some((name.clone(), value.as_bool()?)));
    found.unwrap_or_else(|| panic!("no switch in {settings}"))
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

//! Relay configuration: what is issued, to whom, and what is said when there is no relay.

use app::Relay;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::{Answer, Server};

const SECRET: &str = "a secret that only server and relay have";

async fn with_relay() -> Server {
    let relay = Relay {
        urls: vec![
            "stun:relay.example:3478".to_owned(),
            "turn:relay.example:3478?transport=udp".to_owned(),
        ],
        secret: SECRET.to_owned(),
    };
    Server::start_with(Some(relay), &[]).await
}

async fn issue(server: &Server, body: &Value) -> Answer {
    let target = "/networkTraversal/:issueRelayConfiguration?api-version=2022-03-01-preview";
    server.signed("POST", target, &body.to_string()).await
}

fn password(username: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes());
    STANDARD.encode(hmac::sign(&key, username.as_bytes()))
}

#[tokio::test]
async fn a_configuration_names_the_relays_once_for_each_route_with_a_credential_for_two_days() {
    let server = with_relay().await;
    for body in [
        json!({}),
        json!({ "id": null, "routeType": null, "ttl": null }),
        json!({ "ttl": 172_801 }),
    ] {
        let answer = issue(&server, &body).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        assert_eq!(answer.body["expiresOn"], "2026-11-24T12:17:30Z");
        let servers = answer.body["iceServers"].as_array().unwrap();
        assert_eq!(
            servers
                .iter()
                .map(|server| server["routeType"].as_str().unwrap())
                .collect::<Vec<_>>(),
            ["any", "nearest"]
        );
        for server in servers {
            assert_eq!(
                server["urls"],
                json!(["stun:relay.example:3478", "turn:relay.example:3478?transport=udp"])
            );
            let username = server["username"].as_str().unwrap();
            assert!(username.starts_with("1795522650:"), "{username}");
            assert_eq!(server["credential"], password(username));
        }
    }
    let absent = server.signed("POST", "/networkTraversal/:issueRelayConfiguration", "").await;
    assert_eq!(absent.status, 200);
}

#[tokio::test]
async fn a_credential_names_its_identity_and_ends_when_it_was_asked_to() {
    let server = with_relay().await;
    let id = server.signed("POST", "/identities", "").await.body["identity"]["id"].clone();
    let answer = issue(&server, &json!({ "id": id, "routeType": "nearest", "ttl": 60 })).await;
    assert_eq!(answer.body["expiresOn"], "2026-11-22T12:18:30Z");
    let servers = answer.body["iceServers"].as_array().unwrap();
    assert_eq!(servers.len(), 1);
    assert_eq!(servers[0]["username"], format!("1795349910:{}", id.as_str().unwrap()));
}

#[tokio::test]
async fn a_deleted_or_unknown_identity_gets_no_credential() {
    let server = with_relay().await;
    let id = server.signed("POST", "/identities", "").await.body["identity"]["id"].clone();
    assert_eq!(issue(&server, &json!({ "id": id })).await.status, 200);
    server.signed("DELETE", &format!("/identities/{}", id.as_str().unwrap()), "").await;
    let resource = &server.accounts.tenant.resource_id;
    for nobody in [
        id,
        json!(format!("8:acs:{resource}_nobody")),
        json!("8:acs:elsewhere_x"),
        json!("x"),
        json!(""),
    ] {
        assert_eq!(
            issue(&server, &json!({ "id": nobody })).await.error(),
            (404, "IdentityNotFound", None),
            "{nobody}"
        );
    }
}

#[tokio::test]
async fn a_malformed_wish_says_which_field_is_wrong() {
    let server = with_relay().await;
    for (body, target) in [
        (json!({ "ttl": 0 }), "ttl"),
        (json!({ "ttl": -1 }), "ttl"),
        (json!({ "ttl": 1.5 }), "ttl"),
        (json!({ "ttl": "60" }), "ttl"),
        (json!({ "routeType": "fastest" }), "routeType"),
        (json!({ "routeType": 1 }), "routeType"),
        (json!({ "id": {} }), "id"),
    ] {
        assert_eq!(
            issue(&server, &body).await.error(),
            (400, "ValidationError", Some(target)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn without_a_relay_the_answer_says_so_and_asks_for_no_repeat() {
    let server = Server::start().await;
    let answer = issue(&server, &json!({})).await;
    assert_eq!(answer.error(), (404, "RelayNotConfigured", None));
    assert!(answer.headers.get("retry-after").is_none());
    let unsigned = Server::bearer("POST", "/networkTraversal/:issueRelayConfiguration", "{}", "x.y.z");
    assert_eq!(server.send(unsigned).await.error(), (401, "Unauthorized", None));
}

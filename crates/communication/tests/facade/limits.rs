//! How much may be asked: so many requests of a kind in 30 seconds, then 429 with the time to wait.

use serde_json::json;

use crate::support::Server;

const CLIENTS: &str = "https://communication.azure.com/clients";

#[tokio::test]
async fn a_kind_of_request_has_its_share_and_another_kind_its_own() {
    let server = Server::start_with(None, &["identities.create=2", "rooms.read=1"]).await;
    let create = async || server.signed("POST", "/identities", "").await;
    for _ in 0..2 {
        assert_eq!(create().await.status, 201);
    }
    let refused = create().await;
    assert_eq!(refused.error(), (429, "TooManyRequests", None));
    let wait: u64 = refused.headers.get("retry-after").unwrap().to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert_eq!(server.signed("GET", "/rooms", "").await.status, 200);
    assert_eq!(server.signed("GET", "/rooms", "").await.error(), (429, "TooManyRequests", None));
    server.advance_minutes(1);
    assert_eq!(create().await.status, 201);
}

#[tokio::test]
async fn requests_that_are_not_the_resources_take_nothing_of_its_share() {
    let server = Server::start_with(None, &["identities.create=1", "tokens.exchange=1"]).await;
    for _ in 0..5 {
        let foreign = server.sign("POST", "/identities", "", "c2VjcmV0LWtleS1mb3ItdGVzdC0xMjM0NTY3ODkwYWJjZA==");
        assert_eq!(server.send(foreign).await.error(), (401, "Unauthorized", None));
        let nobody = Server::bearer("POST", "/access/entra/:exchangeAccessToken", "{}", "x.y.z");
        assert_eq!(server.send(nobody).await.error(), (401, "Unauthorized", None));
    }
    assert_eq!(server.signed("POST", "/identities", "").await.status, 201);
}

#[tokio::test]
async fn one_member_uses_up_neither_the_exchanges_of_others_nor_those_of_applications() {
    let server = Server::start_with(None, &["tokens.exchange=1", "tokens.exchange-own=40"]).await;
    let client = server.accounts.application.client_id.clone();
    let token = |index: usize, audience: &str, scope: &str| {
        let member = &server.accounts.members[index].member;
        server.token(audience, &json!({ "oid": member.id, "azp": client, "scp": scope }))
    };
    let exchange = async |token: &str| {
        let path = "/access/entra/:exchangeAccessToken?api-version=2025-03-02-preview";
        server.send(Server::bearer("POST", path, "{}", token)).await
    };
    let (anna, ben) = (token(0, CLIENTS, "VoIP"), token(1, CLIENTS, "VoIP"));
    for _ in 0..30 {
        assert_eq!(exchange(&anna).await.status, 200);
    }
    for _ in 0..20 {
        let refused = exchange(&anna).await;
        assert_eq!(refused.error(), (429, "TooManyRequests", None));
        assert!(refused.headers.contains_key("retry-after"));
    }
    // What was refused took nothing of what all members have together.
    for _ in 0..10 {
        assert_eq!(exchange(&ben).await.status, 200);
    }
    assert_eq!(exchange(&ben).await.error(), (429, "TooManyRequests", None), "the members' share");
    let graph = token(0, app::tokens::GRAPH_AUDIENCE, "Teams.ManageCalls");
    let body = json!({ "token": graph, "appId": client, "userId": server.accounts.members[0].member.id }).to_string();
    let by_application = async || {
        server
            .signed("POST", "/teamsUser/:exchangeAccessToken?api-version=2023-10-01", &body)
            .await
    };
    assert_eq!(by_application().await.status, 200, "applications have a share of their own");
    assert_eq!(by_application().await.error(), (429, "TooManyRequests", None));
    server.advance_minutes(1);
    assert_eq!(exchange(&anna).await.status, 200);
}

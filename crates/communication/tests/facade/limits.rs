//! How much may be asked: so many requests of a kind in 30 seconds, then 429 with the time to wait.

use crate::support::Server;

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

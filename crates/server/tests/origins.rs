//! Two origins, one server: certificates, issuers, and what a page may reach.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;

use house::{House, client::get};

#[tokio::test]
async fn https_is_trusted_with_the_ready_files_authority_under_name_and_address() {
    let house = House::start().await;
    for host in ["localhost", "127.0.0.1"] {
        assert_eq!(house.https(host).send(get("/health/live")).await.body, "ok", "{host}");
    }
}

#[tokio::test]
async fn discovery_names_the_origin_that_was_asked() {
    let house = House::start().await;
    let path = format!("/{}/v2.0/.well-known/openid-configuration", house.tenant());
    for (origin, client) in [
        (house.text("httpOrigin"), house.http()),
        (house.text("origin"), house.https("localhost")),
    ] {
        let found = client.send(get(&path)).await.json();
        assert_eq!(found["issuer"], format!("{origin}/{}/v2.0", house.tenant()));
        for endpoint in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            assert!(found[endpoint].as_str().unwrap().starts_with(&format!("{origin}/")), "{endpoint}");
        }
    }
}

#[tokio::test]
async fn a_page_may_reach_the_servers_own_origins_and_no_other() {
    let house = House::start().await;
    let port = |name: &str| house.text(name).rsplit_once(':').unwrap().1.to_owned();
    let (http, https) = (port("httpOrigin"), port("origin"));
    for client in [house.http(), house.https("localhost")] {
        let page = client.send(get("/")).await;
        let policy = page.header("content-security-policy");
        let connect = policy
            .split(';')
            .find_map(|part| part.trim().strip_prefix("connect-src "))
            .unwrap_or_else(|| panic!("no connect-src in {policy}"));
        let mut reachable: Vec<&str> = connect.split(' ').collect();
        reachable.sort_unstable();
        let mut wanted = [
            "'self'".to_owned(),
            format!("ws://127.0.0.1:{http}"),
            format!("ws://localhost:{http}"),
            format!("wss://127.0.0.1:{https}"),
            format!("wss://localhost:{https}"),
        ];
        wanted.sort_unstable();
        assert_eq!(reachable, wanted);
    }
}

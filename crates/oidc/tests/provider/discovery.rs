use axum::body::Body;
use http::{Request, StatusCode, header};
use oidc::RequestOrigin;

use crate::house::{Answer, HTTP, HTTPS, House};

async fn over(house: &House, origin: &str, path: &str) -> Answer {
    let mut request = Request::get(path)
        .header(header::HOST, "whatever.example.org")
        .body(Body::empty())
        .unwrap();
    request.extensions_mut().insert(RequestOrigin(origin.to_owned()));
    house.send(request).await
}

#[tokio::test]
async fn on_each_origin_issuer_and_endpoints_have_the_origin_of_the_authority() {
    let house = House::new().await;
    for origin in [HTTP, HTTPS] {
        for segment in [house.tenant(), "common", "organizations"] {
            for style in ["v2.0/.well-known", ".well-known"] {
                let answer = over(&house, origin, &format!("/{segment}/{style}/openid-configuration")).await;
                assert_eq!(answer.status, StatusCode::OK, "{segment} {style}");
                assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
                let document = answer.json();
                assert_eq!(document["issuer"], format!("{origin}/{}/v2.0", house.tenant()));
                for endpoint in ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"] {
                    assert!(
                        document[endpoint].as_str().unwrap().starts_with(&format!("{origin}/{segment}/")),
                        "{endpoint}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn without_word_from_the_server_the_host_decides_and_a_foreign_host_gets_the_canonical_origin() {
    let house = House::new().await;
    let path = format!("/{}/v2.0/.well-known/openid-configuration", house.tenant());
    for (host, origin) in [("127.0.0.1:8080", HTTP), ("evil.example.org", HTTP)] {
        let answer = house
            .send(Request::get(&path).header(header::HOST, host).body(Body::empty()).unwrap())
            .await;
        assert_eq!(answer.json()["issuer"], format!("{origin}/{}/v2.0", house.tenant()), "{host}");
    }
    let answer = over(&house, "https://evil.example.org", &path).await;
    assert_eq!(answer.json()["issuer"], format!("{HTTP}/{}/v2.0", house.tenant()));
}

#[tokio::test]
async fn another_tenant_is_not_found() {
    let house = House::new().await;
    for path in ["v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"] {
        let answer = house.get(&format!("/8e1f2c3a-0000-4000-8000-000000000000/{path}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.error(), ("invalid_tenant".to_owned(), 90002));
        assert_eq!(
            answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN],
            "*",
            "a browser must be able to read why"
        );
    }
}

#[tokio::test]
async fn the_keys_verify_what_the_token_endpoint_signs() {
    let house = House::new().await;
    let keys = house.get("/common/discovery/v2.0/keys").await;
    assert_eq!(keys.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let keys = keys.json();
    let key = &keys["keys"][0];
    assert_eq!(
        (key["kty"].as_str(), key["alg"].as_str(), key["use"].as_str()),
        (Some("RSA"), Some("RS256"), Some("sig"))
    );
    let answer = house.redeem(&house.code().await).await.json();
    let signed = house
        .app
        .signer()
        .verify_signature(answer["access_token"].as_str().unwrap())
        .unwrap();
    assert_eq!(signed["tid"], house.tenant());
}

#[tokio::test]
async fn instance_discovery_answers_for_this_server_only() {
    let house = House::new().await;
    let answer = over(
        &house,
        HTTPS,
        "/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Fx",
    )
    .await;
    let document = answer.json();
    assert_eq!(
        document["tenant_discovery_endpoint"],
        format!("{HTTPS}/{}/v2.0/.well-known/openid-configuration", house.tenant())
    );
    assert_eq!(document["metadata"][0]["preferred_network"], "localhost:8443");
    assert_eq!(
        document["metadata"][0]["aliases"],
        serde_json::json!(["localhost:8443", "localhost"])
    );
}

#[tokio::test]
async fn a_browser_may_ask_before_it_calls_the_token_endpoint() {
    let house = House::new().await;
    let request = Request::options(house.path("token"))
        .header(header::ORIGIN, "https://app.example.org")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "client-request-id");
    let answer = house.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let page = house.get(&house.path("authorize")).await;
    assert!(
        page.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none(),
        "pages are not for other origins to read"
    );
}

#[tokio::test]
async fn the_tenant_may_be_spelled_as_a_domain_of_its_members_or_left_out() {
    let house = House::new().await;
    for path in [
        "/riverside.example/v2.0/.well-known/openid-configuration",
        "/RIVERSIDE.example/v2.0/.well-known/openid-configuration",
        "/adfs/.well-known/openid-configuration",
        "/v2.0/.well-known/openid-configuration",
        "/.well-known/openid-configuration",
    ] {
        let document = house.get(path).await.json();
        assert_eq!(document["issuer"], format!("{HTTP}/{}/v2.0", house.tenant()), "{path}");
        let token = document["token_endpoint"].as_str().unwrap().strip_prefix(HTTP).unwrap().to_owned();
        assert_eq!(house.get(&token).await.status, StatusCode::METHOD_NOT_ALLOWED, "{token} exists");
    }
    for path in [
        "/riverside/v2.0",
        "/example/v2.0",
        "/river_ide.example/v2.0",
        "/%25.example/v2.0",
        "/other.example/v2.0",
    ] {
        let answer = house.get(&format!("{path}/.well-known/openid-configuration")).await;
        assert_eq!(answer.error(), ("invalid_tenant".to_owned(), 90002), "{path}");
    }
}

#[tokio::test]
async fn discovery_names_everything_that_there_is() {
    let house = House::new().await;
    let document = house.get("/common/v2.0/.well-known/openid-configuration").await.json();
    assert_eq!(
        document["device_authorization_endpoint"],
        format!("{HTTP}/common/oauth2/v2.0/devicecode")
    );
    assert_eq!(document["userinfo_endpoint"], format!("{HTTP}/oidc/userinfo"));
    let lists = |name: &str, value: &str| document[name].as_array().unwrap().contains(&value.into());
    assert!(lists("token_endpoint_auth_methods_supported", "private_key_jwt"));
    assert!(lists("grant_types_supported", "urn:ietf:params:oauth:grant-type:device_code"));
    assert!(lists("prompt_values_supported", "consent") && lists("response_modes_supported", "form_post"));
}

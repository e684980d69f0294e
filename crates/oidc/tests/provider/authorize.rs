use http::StatusCode;

use crate::house::{Browser, HTTP, House, STATE};

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_is_not_registered_byte_for_byte() {
    let house = House::new().await;
    for redirect_uri in [
        format!("{HTTP}/auth/callback/"),
        format!("{HTTP}/auth/callback?x=1"),
        "http://127.0.0.1:8081/auth/callback".to_owned(),
        "https://evil.example.org/auth/callback".to_owned(),
        "https://127.0.0.1:8080/auth/callback".to_owned(),
        format!("{HTTP}/AUTH/callback"),
        format!("{HTTP}/auth/callback#x"),
        format!("{HTTP}/auth/../auth/callback"),
        format!("{HTTP}/auth%2Fcallback"),
        format!("{HTTP}//auth/callback"),
        format!("{HTTP}/auth/callback%00"),
        format!("{HTTP}\\@evil.example.org/auth/callback"),
        "http://anna@127.0.0.1:8080/auth/callback".to_owned(),
        "http://127.0.0.1:8080@evil.example.org/auth/callback".to_owned(),
        "http://127.0.0.1.evil.example.org:8080/auth/callback".to_owned(),
        "http://2130706433:8080/auth/callback".to_owned(),
        "//evil.example.org/auth/callback".to_owned(),
        "javascript:alert(1)".to_owned(),
        format!(" {HTTP}/auth/callback"),
        String::new(),
    ] {
        let answer = Browser::new()
            .authorize(&house, &house.request_with("redirect_uri", &redirect_uri))
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{redirect_uri}");
        assert!(answer.headers.get(http::header::LOCATION).is_none());
        assert!(answer.body.contains("AADSTS50011") || answer.body.contains("AADSTS900144"));
    }
    assert_eq!(Browser::new().authorize(&house, &house.request()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_unknown_application_and_a_foreign_tenant_are_explained_on_our_own_page() {
    let house = House::new().await;
    let answer = Browser::new()
        .authorize(&house, &house.request_with("client_id", "11111111-2222-4333-8444-555555555555"))
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("AADSTS700016") && answer.body.contains("is not registered in this tenant"));
    let query = crate::house::encode_map(&house.request());
    let answer = Browser::new()
        .open(&house, &format!("/consumers/oauth2/v2.0/authorize?{query}"))
        .await;
    assert!(answer.body.contains("AADSTS90002"));
    for segment in [house.tenant(), "common", "organizations"] {
        let answer = Browser::new()
            .open(&house, &format!("/{segment}/oauth2/v2.0/authorize?{query}"))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{segment}");
    }
}

#[tokio::test]
async fn what_else_is_wrong_is_told_to_the_application_with_its_state() {
    let house = House::new().await;
    for (request, error) in [
        (house.request_with("response_type", "token"), "unsupported_response_type"),
        (house.request_with("response_mode", "web_message"), "invalid_request"),
        (house.request_without("code_challenge"), "invalid_request"),
        (house.request_with("code_challenge_method", "plain"), "invalid_request"),
        (house.request_with("scope", "openid User.Write.All"), "consent_required"),
        (house.request_with("scope", "https://example.org/User.Read"), "invalid_resource"),
        (house.request_without("scope"), "invalid_request"),
        (house.request_with("prompt", "none login"), "invalid_request"),
        (house.request_with("max_age", "soon"), "invalid_request"),
        (house.request_with("request", "eyJ"), "invalid_request"),
    ] {
        let answer = Browser::new().authorize(&house, &request).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{request:?}");
        assert!(answer.location().starts_with(&format!("{HTTP}/auth/callback?")));
        assert_eq!(answer.returned()["error"], error, "{request:?}");
        assert_eq!(answer.returned()["state"], STATE);
    }
}

#[tokio::test]
async fn a_public_application_needs_a_proof_key_and_one_with_a_secret_may_do_without() {
    let house = House::new().await;
    let mut bare = house.request_without("code_challenge");
    bare.remove("code_challenge_method");
    let answer = Browser::new().authorize(&house, &bare).await;
    assert!(answer.returned()["error_description"].starts_with("AADSTS9002325: "));
    bare.insert("client_id", house.accounts.application.client_id.clone());
    bare.insert("redirect_uri", house.accounts.application.redirect_uris[0].clone());
    assert_eq!(Browser::new().authorize(&house, &bare).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_parameter_that_occurs_twice_is_refused() {
    let house = House::new().await;
    let query = crate::house::encode_map(&house.request());
    let path = house.path("authorize");
    let answer = Browser::new()
        .open(&house, &format!("{path}?{query}&redirect_uri=https%3A%2F%2Fevil.example.org"))
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("AADSTS9000411"));
    let answer = Browser::new()
        .open(&house, &format!("{path}?{query}&client-request-id=1&client-request-id=2&clidata=1"))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "what nobody reads may occur as it likes");
}

#[tokio::test]
async fn a_registered_address_with_a_query_keeps_it() {
    let house = House::new().await;
    let uri = "https://app.example.org/auth?tenant=a%20b";
    let application = house.register(|application| application.redirect_uris.push(uri.to_owned())).await;
    let mut request = house.request_with("redirect_uri", uri);
    request.insert("client_id", application.client_id);
    let back = Browser::new().sign_in(&house, &request).await;
    assert!(back.location().starts_with("https://app.example.org/auth?tenant=a%20b&code="));
}

use axum::body::Body;
use http::{Request, StatusCode, header};

use crate::house::{Answer, Browser, House, claims};

async fn ask(house: &House, token: Option<&str>) -> Answer {
    let mut request = Request::get("/oidc/userinfo").header(header::ORIGIN, "https://app.example.org");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    house.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn what_the_scopes_reach_is_told_under_the_name_of_the_identity_token() {
    let house = House::new().await;
    let anna = &house.accounts.members[0].member;
    let answer = house.redeem(&house.code().await).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let told = ask(&house, Some(token)).await;
    assert_eq!(
        (told.status, told.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN].to_str().unwrap()),
        (StatusCode::OK, "*")
    );
    let told = told.json();
    assert_eq!(told["sub"], claims(&answer["id_token"])["sub"]);
    assert_eq!((&told["name"], &told["given_name"]), (&"Anna Berg".into(), &"Anna".into()));
    assert_eq!(told["preferred_username"], anna.user_principal_name);
    assert!(told.get("email").is_none(), "the scope email was not asked for");
    let posted = Request::post("/oidc/userinfo")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("access_token={token}")))
        .unwrap();
    assert_eq!(house.send(posted).await.json()["sub"], told["sub"]);
}

#[tokio::test]
async fn other_tokens_and_none_are_refused_by_name() {
    let house = House::new().await;
    let answer = house.redeem(&house.code().await).await.json();
    for (token, status, challenge) in [
        (None, StatusCode::UNAUTHORIZED, "invalid_request"),
        (Some("x".to_owned()), StatusCode::UNAUTHORIZED, "invalid_token"),
        (
            answer["id_token"].as_str().map(str::to_owned),
            StatusCode::UNAUTHORIZED,
            "invalid_token",
        ),
    ] {
        let refused = ask(&house, token.as_deref()).await;
        assert_eq!(refused.status, status);
        assert_eq!(refused.json()["error"], challenge);
        assert!(refused.headers[header::WWW_AUTHENTICATE].to_str().unwrap().contains(challenge));
    }
    let back = Browser::new().sign_in(&house, &house.request_with("scope", "User.Read")).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", house.web_client()),
        ("code", &back.returned()["code"]),
        ("redirect_uri", &house.request()["redirect_uri"]),
        ("code_verifier", crate::house::VERIFIER),
    ];
    let without = house.token(&form, None).await.json();
    let refused = ask(&house, without["access_token"].as_str()).await;
    assert_eq!(
        (refused.status, refused.json()["error"].as_str().unwrap()),
        (StatusCode::FORBIDDEN, "insufficient_scope")
    );
    let preflight = Request::options("/oidc/userinfo")
        .header(header::ORIGIN, "https://app.example.org")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization");
    let allowed = house.send(preflight.body(Body::empty()).unwrap()).await;
    let headers = allowed.headers[header::ACCESS_CONTROL_ALLOW_HEADERS]
        .to_str()
        .unwrap()
        .to_lowercase();
    assert!(headers.contains("authorization"));
}

use http::StatusCode;

use crate::house::{Browser, HTTP, House};

#[tokio::test]
async fn signing_out_ends_the_session_its_codes_and_its_refresh_tokens_but_no_other_session() {
    let house = House::new().await;
    let (mut browser, mut elsewhere) = (Browser::new(), Browser::new());
    let code = browser.sign_in(&house, &house.request()).await.returned()["code"].clone();
    let refresh = house.redeem(&code).await.json()["refresh_token"].as_str().unwrap().to_owned();
    let unredeemed = browser.authorize(&house, &house.request()).await.returned()["code"].clone();
    elsewhere.sign_in(&house, &house.request()).await;
    let stolen = browser.cookies.clone();

    let answer = browser.open(&house, &house.path("logout")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("You are signed out"));
    assert_eq!(browser.cookies["anteroom-session"], "");
    browser.cookies = stolen;
    assert_eq!(
        browser.authorize(&house, &house.request()).await.status,
        StatusCode::OK,
        "the old cookie means nothing"
    );
    assert_eq!(house.refresh(&refresh).await.error(), ("invalid_grant".to_owned(), 50173));
    assert_eq!(house.redeem(&unredeemed).await.error(), ("invalid_grant".to_owned(), 70000));
    assert!(elsewhere.authorize(&house, &house.request()).await.returned().contains_key("code"));
}

#[tokio::test]
async fn signing_out_returns_to_a_registered_address_and_to_no_other() {
    let house = House::new().await;
    let mut browser = Browser::new();
    let path = |uri: &str, client: &str| {
        let query = crate::house::encode(&[("post_logout_redirect_uri", uri), ("client_id", client), ("state", "a b")]);
        format!("{}?{query}", house.path("logout"))
    };
    let home = format!("{HTTP}/");
    let answer = browser.open(&house, &path(&home, "")).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "http://127.0.0.1:8080/?state=a%20b")
    );
    let answer = browser.open(&house, &path(&home, house.web_client())).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let answer = browser.open(&house, &path(&home, &house.accounts.application.client_id)).await;
    assert_eq!(answer.status, StatusCode::OK, "another application's address");
    let answer = browser.open(&house, &path("https://evil.example.org/", "")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.body.contains("evil"));
}

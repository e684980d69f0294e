use http::StatusCode;

use crate::house::{Browser, HTTP, House, THIRD_PARTY_URI, VERIFIER, claims};

async fn redeem_with(house: &House, code: &str, name: &str, value: &str) -> crate::house::Answer {
    let redirect_uri = format!("{HTTP}/auth/callback");
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", house.web_client()),
        ("code", code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    form.retain(|(key, _)| *key != name);
    form.push((name, value));
    house.token(&form, None).await
}

#[tokio::test]
async fn a_code_is_redeemed_once_and_a_replay_revokes_what_it_gave() {
    let house = House::new().await;
    let code = house.code().await;
    let first = house.redeem(&code).await;
    assert_eq!(first.status, StatusCode::OK);
    let refresh_token = first.json()["refresh_token"].as_str().unwrap().to_owned();
    let refresh_token = house.refresh(&refresh_token).await.json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(house.redeem(&code).await.error(), ("invalid_grant".to_owned(), 54005));
    assert_eq!(house.refresh(&refresh_token).await.error(), ("invalid_grant".to_owned(), 50173));
}

#[tokio::test]
async fn a_replay_without_the_proof_key_spoils_nothing() {
    let house = House::new().await;
    let code = house.code().await;
    let refresh_token = house.redeem(&code).await.json()["refresh_token"].as_str().unwrap().to_owned();
    let wrong = "x".repeat(43);
    assert_eq!(
        redeem_with(&house, &code, "code_verifier", &wrong).await.error(),
        ("invalid_grant".to_owned(), 50148)
    );
    assert_eq!(house.refresh(&refresh_token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn two_redemptions_at_the_same_instant_give_tokens_once() {
    let house = House::new().await;
    let code = house.code().await;
    let (one, two) = tokio::join!(house.redeem(&code), house.redeem(&code));
    let won = [&one, &two].into_iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(won, 1, "{one:?} {two:?}");
}

#[tokio::test]
async fn a_code_belongs_to_its_application_its_address_and_its_proof_key() {
    let house = House::new().await;
    let code = house.code().await;
    let foreign = house.register(|application| {
        application.client_id = "0aa1f7a4-6f0c-4b0e-9d6c-3a6f0f7f1c11".to_owned();
        application.object_id = "0aa1f7a4-6f0c-4b0e-9d6c-3a6f0f7f1c12".to_owned();
        application.public = true;
        application.secrets.clear();
    });
    let foreign = foreign.await.client_id;
    for (name, value, number) in [
        ("client_id", foreign.as_str(), 70000),
        ("redirect_uri", "http://127.0.0.1:8080/", 70000),
        ("redirect_uri", "", 900_144),
        ("code_verifier", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", 50148),
        ("code_verifier", "", 900_144),
        ("code", "unknown", 70000),
        ("code", "", 900_144),
        ("client_secret", "x", 700_025),
        ("grant_type", "password", 70003),
        ("client_assertion", "x", 900_144),
        ("client_assertion_type", "x", 900_144),
    ] {
        let answer = redeem_with(&house, &code, name, value).await;
        assert_eq!(answer.error().1, number, "{name}={value}");
        let body = answer.json();
        assert!(
            body["error_description"]
                .as_str()
                .unwrap()
                .starts_with(&format!("AADSTS{number}: "))
        );
        assert!(body["trace_id"].is_string() && body["correlation_id"].is_string() && body["timestamp"].is_string());
    }
    assert_eq!(house.redeem(&code).await.status, StatusCode::OK, "none of these spoiled it");
}

#[tokio::test]
async fn a_code_lives_for_two_minutes() {
    let house = House::new().await;
    let (early, late) = (house.code().await, house.code().await);
    house.turn_clock(119);
    assert_eq!(house.redeem(&early).await.status, StatusCode::OK);
    house.turn_clock(1);
    assert_eq!(house.redeem(&late).await.error(), ("invalid_grant".to_owned(), 70008));
}

#[tokio::test]
async fn identity_and_refresh_tokens_are_given_when_asked_for() {
    let house = House::new().await;
    let answer = house.redeem(&house.code().await).await.json();
    assert!(answer["id_token"].is_string() && answer["refresh_token"].is_string());
    let request = house.request_with("scope", "User.Read");
    let code = crate::house::Browser::new().sign_in(&house, &request).await.returned()["code"].clone();
    let answer = redeem_with(&house, &code, "client_info", "1").await.json();
    assert!(answer.get("id_token").is_none() && answer.get("refresh_token").is_none());
    assert_eq!(answer["scope"], "User.Read");
}

#[tokio::test]
async fn no_secret_is_in_the_store_in_clear() {
    let house = House::new().await;
    let mut browser = crate::house::Browser::new();
    let code = browser.sign_in(&house, &house.request()).await.returned()["code"].clone();
    let answer = house.redeem(&code).await.json();
    let mut written = std::fs::read(&house.file).unwrap();
    written.extend(std::fs::read(house.file.with_extension("db-wal")).unwrap());
    let holds = |secret: &str| written.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(holds(house.web_client()), "the search finds what is there");
    for secret in [
        &code,
        answer["refresh_token"].as_str().unwrap(),
        &browser.cookies["anteroom-session"],
    ] {
        assert!(!holds(secret));
    }
}

#[tokio::test]
async fn what_is_told_of_the_member_is_what_was_agreed_to_and_not_what_the_redemption_adds() {
    let house = House::new().await;
    let rest = app::applications::ApplicationPatch {
        delegated_permissions: Some(vec!["User.Read".to_owned()]),
        ..app::applications::ApplicationPatch::default()
    };
    let (rota, secret) = house.third_party(rest).await;
    let redeem = async |agreed: &str, scope: &str| {
        let mut browser = Browser::new();
        let page = browser.sign_in(&house, &house.request_of(&rota, agreed)).await;
        let back = browser.consent(&house, &page, "accept").await;
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", rota.client_id.as_str()),
            ("client_secret", &secret),
            ("code", &back.returned()["code"]),
            ("redirect_uri", THIRD_PARTY_URI),
            ("code_verifier", VERIFIER),
            ("scope", scope),
        ];
        house.token(&form, None).await
    };
    let plain = redeem("User.Read", "openid profile email offline_access User.Read").await.json();
    assert_eq!(
        (&plain["scope"], &claims(&plain["access_token"])["scp"]),
        (&"User.Read".into(), &"User.Read".into())
    );
    assert!(plain.get("id_token").is_none() && plain.get("refresh_token").is_none());
    let more = redeem(
        "openid profile User.Read offline_access",
        "openid profile email offline_access User.Read",
    )
    .await
    .json();
    assert_eq!(claims(&more["access_token"])["scp"], "User.Read openid profile");
    let told = claims(&more["id_token"]);
    assert!(told["name"].is_string() && told.get("email").is_none());
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", rota.client_id.as_str()),
        ("client_secret", &secret),
        ("refresh_token", more["refresh_token"].as_str().unwrap()),
        ("scope", "openid profile email User.Read"),
    ];
    let renewed = house.token(&form, None).await.json();
    assert!(claims(&renewed["id_token"]).get("email").is_none(), "nor what refreshing adds");
    assert_eq!(claims(&renewed["access_token"])["scp"], "User.Read openid profile");
}

#[tokio::test]
async fn of_the_codes_of_one_session_the_newest_wait() {
    let house = House::new().await;
    let mut browser = Browser::new();
    let first = browser.sign_in(&house, &house.request()).await.returned()["code"].clone();
    let mut codes = Vec::new();
    for _ in 0..64 {
        house.turn_clock(1);
        codes.push(browser.authorize(&house, &house.request()).await.returned()["code"].clone());
    }
    assert_eq!(house.redeem(&first).await.error(), ("invalid_grant".to_owned(), 70000));
    for code in [&codes[0], &codes[63]] {
        assert_eq!(house.redeem(code).await.status, StatusCode::OK);
    }
}

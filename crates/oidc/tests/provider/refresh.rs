use http::StatusCode;

use crate::house::{House, claims};

fn token_of(answer: &crate::house::Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn refreshing_rotates_the_token_and_keeps_giving_the_account() {
    let house = House::new().await;
    let first = token_of(&house.redeem(&house.code().await).await);
    house.turn_clock(3000);
    let answer = house.refresh(&first).await;
    let second = token_of(&answer);
    assert_ne!(first, second);
    let body = answer.json();
    assert!(body["id_token"].is_string() && body["client_info"].is_string());
    assert!(claims(&body["id_token"]).get("nonce").is_none(), "a nonce belongs to its sign-in");
    assert_eq!(
        claims(&body["access_token"])["scp"],
        "User.Read Teams.ManageCalls openid profile email"
    );
    house.turn_clock(3000);
    assert_eq!(house.refresh(&second).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_used_again_after_the_grace_revokes_the_whole_family_and_no_other() {
    let house = House::new().await;
    let other = token_of(&house.redeem(&house.code().await).await);
    let first = token_of(&house.redeem(&house.code().await).await);
    let second = token_of(&house.refresh(&first).await);
    house.turn_clock(31);
    let reused = house.refresh(&first).await;
    assert_eq!(reused.error(), ("invalid_grant".to_owned(), 50173));
    assert_eq!(reused.json()["suberror"], "bad_token");
    assert_eq!(house.refresh(&second).await.error(), ("invalid_grant".to_owned(), 50173));
    assert_eq!(house.refresh(&other).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_lost_answer_may_be_asked_for_again_within_the_grace() {
    let house = House::new().await;
    let first = token_of(&house.redeem(&house.code().await).await);
    let lost = token_of(&house.refresh(&first).await);
    house.turn_clock(29);
    let again = token_of(&house.refresh(&first).await);
    assert_ne!(lost, again);
    assert_eq!(house.refresh(&again).await.status, StatusCode::OK);
    assert_eq!(house.refresh(&lost).await.status, StatusCode::OK, "two tabs go on side by side");
}

#[tokio::test]
async fn the_grace_counts_from_the_first_use() {
    let house = House::new().await;
    let first = token_of(&house.redeem(&house.code().await).await);
    token_of(&house.refresh(&first).await);
    house.turn_clock(20);
    token_of(&house.refresh(&first).await);
    house.turn_clock(20);
    assert_eq!(house.refresh(&first).await.error(), ("invalid_grant".to_owned(), 50173));
}

#[tokio::test]
async fn a_token_belongs_to_its_application_and_to_what_was_granted() {
    let house = House::new().await;
    let token = token_of(&house.redeem(&house.code().await).await);
    let application = &house.accounts.application;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &application.client_id),
        ("client_secret", &house.accounts.client_secret),
        ("refresh_token", &token),
    ];
    assert_eq!(house.token(&form, None).await.error(), ("invalid_grant".to_owned(), 70000));
    let ask = |scope: &'static str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", house.web_client()),
            ("refresh_token", &token),
            ("scope", scope),
        ];
        house.token_request(&form, None)
    };
    let refused = house.send(ask("Directory.ReadWrite.All")).await;
    assert_eq!(refused.error(), ("invalid_grant".to_owned(), 65001));
    assert_eq!(refused.json()["suberror"], "consent_required");
    let misplaced = house.send(ask("https://communication.azure.com/User.Read")).await;
    assert_eq!(misplaced.error(), ("invalid_scope".to_owned(), 650_053));
    let other = house
        .send(ask("https://auth.msft.communication.azure.com/Teams.ManageCalls openid"))
        .await;
    assert_eq!(
        claims(&other.json()["access_token"])["aud"],
        "https://auth.msft.communication.azure.com"
    );
    assert_eq!(
        other.json()["scope"],
        "https://auth.msft.communication.azure.com/Teams.ManageCalls openid"
    );
}

#[tokio::test]
async fn a_browser_signs_in_anew_after_a_day_whatever_it_refreshed() {
    let house = House::new().await;
    let first = token_of(&house.redeem(&house.code().await).await);
    house.turn_clock(23 * 3600);
    let second = token_of(&house.refresh(&first).await);
    house.turn_clock(3600);
    assert_eq!(house.refresh(&second).await.error(), ("invalid_grant".to_owned(), 70008));
    assert!(house.app.sweep_sign_in().await.unwrap() >= 1);
    assert_eq!(house.refresh(&second).await.error(), ("invalid_grant".to_owned(), 70000));
}

#[tokio::test]
async fn an_unknown_token_is_refused_as_one_that_the_client_should_drop() {
    let house = House::new().await;
    let answer = house.refresh("unknown").await;
    assert_eq!(answer.error(), ("invalid_grant".to_owned(), 70000));
    assert_eq!(answer.json()["suberror"], "bad_token");
}

#[tokio::test]
async fn one_token_has_four_successors_within_the_grace_and_the_family_lives_on() {
    let house = House::new().await;
    let first = token_of(&house.redeem(&house.code().await).await);
    let mut successors = Vec::new();
    for _ in 0..4 {
        successors.push(token_of(&house.refresh(&first).await));
    }
    for _ in 0..2 {
        let refused = house.refresh(&first).await;
        assert_eq!(refused.error(), ("invalid_grant".to_owned(), 50196));
        assert!(refused.json().get("suberror").is_none(), "the client keeps what it has");
    }
    for successor in &successors {
        assert_eq!(house.refresh(successor).await.status, StatusCode::OK);
    }
    house.turn_clock(31);
    assert_eq!(house.refresh(&first).await.error().1, 50173, "after the grace it is reuse as ever");
}

#[tokio::test]
async fn exchanged_tokens_are_forgotten_after_a_day_and_the_living_one_is_not() {
    let house = House::new().await;
    let (application, secret) = (&house.accounts.application, &house.accounts.client_secret);
    let mut request = house.request_with("scope", "openid offline_access User.Read");
    request.insert("client_id", application.client_id.clone());
    request.insert("redirect_uri", application.redirect_uris[1].clone());
    let back = crate::house::Browser::new().sign_in(&house, &request).await;
    let basic = Some((application.client_id.as_str(), secret.as_str()));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &back.returned()["code"]),
        ("redirect_uri", &application.redirect_uris[1]),
        ("code_verifier", crate::house::VERIFIER),
    ];
    let mut token = token_of(&house.token(&form, basic).await);
    let refresh = async |token: &str| {
        house
            .token(&[("grant_type", "refresh_token"), ("refresh_token", token)], basic)
            .await
    };
    for _ in 0..3 {
        token = token_of(&refresh(&token).await);
    }
    house.turn_clock(24 * 3600);
    assert!(house.app.sweep_sign_in().await.unwrap() >= 3, "three exchanged tokens");
    assert_eq!(house.app.sweep_sign_in().await.unwrap(), 0);
    assert_eq!(refresh(&token).await.status, StatusCode::OK);
}

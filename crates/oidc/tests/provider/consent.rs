//! Members are asked before an application acts for them, once, and an administrator can answer for everybody.

use app::applications::ApplicationPatch;
use http::StatusCode;

use crate::house::{Answer, Browser, House, THIRD_PARTY_URI};

const SCOPE: &str = "openid profile offline_access User.Read";

fn patch(permissions: &[&str]) -> ApplicationPatch {
    ApplicationPatch {
        delegated_permissions: Some(permissions.iter().map(|&name| name.to_owned()).collect()),
        ..ApplicationPatch::default()
    }
}

fn is_consent_page(answer: &Answer) -> bool {
    answer.status == StatusCode::OK && answer.body.contains("asks for permission")
}

#[tokio::test]
async fn at_first_use_the_page_names_application_and_permissions_and_afterwards_nobody_is_asked_again() {
    let house = House::new().await;
    let (rota, secret) = house.third_party(patch(&["User.Read", "OnlineMeetings.Read"])).await;
    let mut browser = Browser::new();
    let page = browser.sign_in(&house, &house.request_of(&rota, SCOPE)).await;
    assert!(is_consent_page(&page), "{page:?}");
    for part in [
        "Rota &#60;Planner&#62;",
        "Anna Berg",
        "Read your profile",
        "User.Read",
        "offline_access",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(!page.body.contains("Read your meetings"), "what is not asked for is not shown");
    let back = browser.consent(&house, &page, "accept").await;
    assert!(back.location().starts_with(&format!("{THIRD_PARTY_URI}?code=")));
    let answer = house.redeem_of(&rota, &secret, &back.returned()["code"]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let again = browser.authorize(&house, &house.request_of(&rota, SCOPE)).await;
    assert!(again.returned().contains_key("code"), "consent is remembered");
    let more = browser
        .authorize(&house, &house.request_of(&rota, "openid OnlineMeetings.Read User.Read"))
        .await;
    assert!(is_consent_page(&more) && more.body.contains("OnlineMeetings.Read"));
    assert!(!more.body.contains("Read your profile"), "only what is new is asked for");
}

#[tokio::test]
async fn consent_is_of_one_member_for_one_application() {
    let house = House::new().await;
    let (rota, _) = house.third_party(patch(&["User.Read"])).await;
    let (other, _) = house.third_party(patch(&["User.Read"])).await;
    let mut annas = Browser::new();
    let page = annas.sign_in(&house, &house.request_of(&rota, SCOPE)).await;
    annas.consent(&house, &page, "accept").await;
    assert!(is_consent_page(&annas.authorize(&house, &house.request_of(&other, SCOPE)).await));
    let ben = &house.accounts.members[1];
    let mut bens = Browser::new();
    let page = bens.authorize(&house, &house.request_of(&rota, SCOPE)).await;
    let page = bens.submit(&house, &page, &ben.member.user_principal_name, &ben.password).await;
    assert!(is_consent_page(&page));
}

#[tokio::test]
async fn declining_goes_back_as_access_denied_with_the_state_and_grants_nothing() {
    let house = House::new().await;
    let (rota, _) = house.third_party(patch(&["User.Read"])).await;
    let mut browser = Browser::new();
    let page = browser.sign_in(&house, &house.request_of(&rota, SCOPE)).await;
    let back = browser.consent(&house, &page, "decline").await;
    assert_eq!(back.returned()["error"], "access_denied");
    assert!(back.returned()["error_description"].starts_with("AADSTS65004: "));
    assert_eq!(back.returned()["state"], crate::house::STATE);
    assert!(is_consent_page(&browser.authorize(&house, &house.request_of(&rota, SCOPE)).await));
}

#[tokio::test]
async fn a_silent_request_without_consent_comes_back_and_prompt_consent_asks_again() {
    let house = House::new().await;
    let (rota, _) = house.third_party(patch(&["User.Read"])).await;
    let mut browser = Browser::new();
    let page = browser.sign_in(&house, &house.request_of(&rota, SCOPE)).await;
    let with_prompt = |prompt: &str| {
        let mut request = house.request_of(&rota, SCOPE);
        request.insert("prompt", prompt.to_owned());
        request
    };
    let silent = browser.authorize(&house, &with_prompt("none")).await.returned();
    assert_eq!(
        (silent["error"].as_str(), silent["suberror"].as_str()),
        ("consent_required", "consent_required")
    );
    browser.consent(&house, &page, "accept").await;
    assert!(
        browser
            .authorize(&house, &with_prompt("none"))
            .await
            .returned()
            .contains_key("code")
    );
    assert!(is_consent_page(&browser.authorize(&house, &with_prompt("consent")).await));
}

#[tokio::test]
async fn an_administrator_consents_for_everybody_and_withdraws_it_for_everybody() {
    let house = House::new().await;
    let (rota, secret) = house.third_party(patch(&["User.Read"])).await;
    let consented = house.app.consent_for_tenant(&house.administrator(), &rota.client_id).await.unwrap();
    assert_eq!(consented.tenant_consent, ["openid", "User.Read"]);
    let mut browser = Browser::new();
    let back = browser.sign_in(&house, &house.request_of(&rota, SCOPE)).await;
    let answer = house.redeem_of(&rota, &secret, &back.returned()["code"]).await.json();
    let refresh = |token: &serde_json::Value| {
        let token = token.as_str().unwrap().to_owned();
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", rota.client_id.as_str()),
            ("client_secret", secret.as_str()),
            ("refresh_token", token.as_str()),
        ];
        house.token_request(&form, None)
    };
    let answer = house.send(refresh(&answer["refresh_token"])).await;
    assert_eq!(answer.status, StatusCode::OK);
    house.app.withdraw_consent(&house.administrator(), &rota.client_id).await.unwrap();
    let refused = house.send(refresh(&answer.json()["refresh_token"])).await;
    assert_eq!(refused.error(), ("invalid_grant".to_owned(), 65001));
    assert_eq!(refused.json()["suberror"], "consent_required");
    let page = browser.authorize(&house, &house.request_of(&rota, SCOPE)).await;
    assert!(is_consent_page(&page));
    let back = browser.consent(&house, &page, "accept").await;
    assert!(back.returned().contains_key("code"));
    let answer = house.send(refresh(&answer.json()["refresh_token"])).await;
    assert_eq!(answer.status, StatusCode::OK, "the refused request did not use the token up");
}

#[tokio::test]
async fn the_page_consents_only_for_whom_it_was_shown_to_and_only_in_their_session() {
    let house = House::new().await;
    let (rota, _) = house.third_party(patch(&["User.Read"])).await;
    let mut browser = Browser::new();
    let page = browser.sign_in(&house, &house.request_of(&rota, SCOPE)).await;
    let action = crate::house::attribute(&page.body, "action=\"");
    let forged = browser.post(&house, &action, &[("csrf", "x"), ("decision", "accept")]).await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
    let mut stranger = Browser::new();
    assert_eq!(stranger.consent(&house, &page, "accept").await.status, StatusCode::BAD_REQUEST);
    let ben = &house.accounts.members[1];
    let second = browser.authorize(&house, &house.request_with("prompt", "login")).await;
    browser
        .submit(&house, &second, &ben.member.user_principal_name, &ben.password)
        .await;
    let stale = browser.consent(&house, &page, "accept").await;
    assert_eq!(stale.status, StatusCode::BAD_REQUEST, "another member is signed in by now");
    let page = browser.authorize(&house, &house.request_of(&rota, SCOPE)).await;
    assert!(page.body.contains("Ben Okafor") && browser.consent(&house, &page, "accept").await.returned().contains_key("code"));
}

#[tokio::test]
async fn a_fresh_sign_in_that_was_demanded_does_not_last_for_ever_on_the_consent_page() {
    let house = House::new().await;
    let (rota, _) = house.third_party(patch(&["User.Read"])).await;
    let mut request = house.request_of(&rota, SCOPE);
    request.insert("prompt", "login".to_owned());
    let mut browser = Browser::new();
    let page = browser.sign_in(&house, &request).await;
    assert!(is_consent_page(&page));
    house.turn_clock(11 * 60);
    assert_eq!(browser.consent(&house, &page, "accept").await.status, StatusCode::BAD_REQUEST);
    let page = browser.sign_in(&house, &request).await;
    assert!(browser.consent(&house, &page, "accept").await.returned().contains_key("code"));
}

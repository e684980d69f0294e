//! A token administers only when both agree: the member is an administrator, and the client was given administration.

use app::AppError;

use crate::house::{Browser, HTTP, House, VERIFIER};

/// What the members' web app asks for.
const SCOPE: &str = "openid profile offline_access User.Read OnlineMeetings.ReadWrite Teams.ManageCalls Settings.ReadWrite.All";

async fn settings_with(house: &House, member: usize, scope: &str) -> Result<(), AppError> {
    let account = &house.accounts.members[member];
    let mut browser = Browser::new();
    let page = browser.authorize(house, &house.request_with("scope", scope)).await;
    let back = browser
        .submit(house, &page, &account.member.user_principal_name, &account.password)
        .await;
    let redirect_uri = format!("{HTTP}/auth/callback");
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", house.web_client()),
        ("code", &back.returned()["code"]),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    let answer = house.token(&form, None).await.json();
    assert_eq!(answer["scope"], scope, "every member may sign in with it");
    let token = answer["access_token"].as_str().unwrap();
    assert!(house.app.connect_identity(token).await.is_ok(), "and take part in calls");
    let caller = house.app.verify_bearer(token).await.unwrap();
    house.app.settings(&caller).await.map(|_| ())
}

#[tokio::test]
async fn the_web_app_administers_for_administrators_and_signs_everybody_in() {
    let house = House::new().await;
    let (organizer, administrator) = (0, 2);
    assert!(settings_with(&house, administrator, SCOPE).await.is_ok());
    for (member, scope) in [(organizer, SCOPE), (administrator, "User.Read Teams.ManageCalls")] {
        let refused = settings_with(&house, member, scope).await;
        assert!(matches!(refused, Err(AppError::Forbidden { .. })), "{member} with {scope}");
    }
}

#[tokio::test]
async fn another_application_cannot_ask_for_administration() {
    let house = House::new().await;
    let application = &house.accounts.application;
    let asked = async |scope: &str| {
        let mut request = house.request_with("scope", scope);
        request.insert("client_id", application.client_id.clone());
        request.insert("redirect_uri", application.redirect_uris[0].clone());
        let mut browser = Browser::new();
        let answer = browser.authorize(&house, &request).await;
        if answer.headers.contains_key("location") {
            return answer.returned();
        }
        browser.sign_in(&house, &request).await.returned()
    };
    assert!(asked("User.Read").await.contains_key("code"));
    for scope in ["Settings.ReadWrite.All", "https://communication.azure.com/Communication.Manage.All"] {
        assert_eq!(asked(scope).await["error"], "consent_required", "{scope}");
    }
}

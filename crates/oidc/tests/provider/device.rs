//! The device flow: codes, the page, polling.

use app::{
    applications::{ApplicationDraft, ApplicationPatch},
    ports::DirectoryStore as _,
};
use http::StatusCode;
use serde_json::Value;

use crate::house::{Answer, Browser, House, attribute, claims};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const SCOPE: &str = "openid profile offline_access User.Read";

/// A public application for devices, registered once a house, to which nobody consented for everybody.
async fn display(house: &House) -> String {
    const NAME: &str = "Wall display";
    let known = house.store.applications().await.unwrap();
    if let Some(application) = known.into_iter().find(|application| application.display_name == NAME) {
        return application.client_id;
    }
    let draft = ApplicationDraft {
        display_name: NAME.to_owned(),
        public: true,
        rest: permitted(&["User.Read", "Settings.ReadWrite.All", "Communication.Manage.All"]),
    };
    let registered = house.app.register_application(&house.administrator(), draft).await;
    registered.unwrap().client_id
}

fn permitted(permissions: &[&str]) -> ApplicationPatch {
    ApplicationPatch {
        delegated_permissions: Some(permissions.iter().map(|&name| name.to_owned()).collect()),
        ..ApplicationPatch::default()
    }
}

async fn begin(house: &House) -> Value {
    begin_as(house, &display(house).await, SCOPE).await.json()
}

async fn begin_as(house: &House, client_id: &str, scope: &str) -> Answer {
    let form = crate::house::encode(&[("client_id", client_id), ("scope", scope)]);
    let request = http::Request::post(house.path("devicecode"))
        .header("host", "127.0.0.1:8080")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(form))
        .unwrap();
    house.send(request).await
}

async fn poll(house: &House, begun: &Value) -> Answer {
    let (code, client) = (begun["device_code"].as_str().unwrap(), display(house).await);
    let form = [
        ("grant_type", GRANT),
        ("client_id", client.as_str()),
        ("device_code", code),
        ("code", code),
    ];
    house.token(&form, None).await
}

async fn refresh(house: &House, refresh_token: &str, scope: &str) -> Answer {
    let client = display(house).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", client.as_str()),
        ("refresh_token", refresh_token),
        ("scope", scope),
    ];
    house.token(&form, None).await
}

/// Types the code; the page that comes then.
async fn type_code(house: &House, browser: &mut Browser, code: &str) -> Answer {
    let page = browser.open(house, "/device").await;
    let csrf = attribute(&page.body, "name=\"csrf\" value=\"");
    browser.post(house, "/device", &[("csrf", &csrf), ("user_code", code)]).await
}

/// Signs the organizer in on the way to the confirmation page.
async fn to_confirmation(house: &House, browser: &mut Browser, code: &str) -> Answer {
    let sent = type_code(house, browser, code).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
    let page = browser.open(house, sent.location()).await;
    let anna = &house.accounts.members[0];
    let back = browser.submit(house, &page, &anna.member.user_principal_name, &anna.password).await;
    let path = back.location().strip_prefix(crate::house::HTTP).unwrap().to_owned();
    assert!(path.starts_with("/device?state=") && !path.contains("code="), "{path}");
    browser.open(house, &path).await
}

async fn decide(house: &House, browser: &mut Browser, page: &Answer, decision: &str) -> Answer {
    let csrf = attribute(&page.body, "name=\"csrf\" value=\"");
    let code = attribute(&page.body, "name=\"user_code\" value=\"");
    let form = [("csrf", csrf.as_str()), ("user_code", code.as_str()), ("decision", decision)];
    browser.post(house, "/device/decision", &form).await
}

#[tokio::test]
async fn a_device_waits_until_a_member_says_yes_and_gets_tokens_once() {
    let house = House::new().await;
    let begun = begin(&house).await;
    let code = begun["user_code"].as_str().unwrap();
    assert_eq!(begun["verification_uri"], "http://127.0.0.1:8080/device");
    assert_eq!((&begun["interval"], &begun["expires_in"]), (&5.into(), &900.into()));
    let message = begun["message"].as_str().unwrap();
    assert!(message.contains(code) && message.contains("/device"));
    assert_eq!(poll(&house, &begun).await.error(), ("authorization_pending".to_owned(), 70016));

    let mut browser = Browser::new();
    let page = to_confirmation(&house, &mut browser, &code.to_lowercase().replace('-', " ")).await;
    assert!(page.body.contains("Sign in to Wall display?") && page.body.contains("Anna Berg") && page.body.contains(code));
    house.turn_clock(5);
    assert_eq!(poll(&house, &begun).await.error().0, "authorization_pending", "nobody has decided");
    let done = decide(&house, &mut browser, &page, "accept").await;
    assert!(done.body.contains("You are signed in to Wall display"), "{done:?}");
    house.turn_clock(5);
    let answer = poll(&house, &begun).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let answer = answer.json();
    assert_eq!(claims(&answer["access_token"])["oid"], house.accounts.members[0].member.id);
    assert_eq!(claims(&answer["id_token"])["aud"], display(&house).await);
    assert!(answer["client_info"].is_string());
    assert_eq!(
        refresh(&house, answer["refresh_token"].as_str().unwrap(), "").await.status,
        StatusCode::OK
    );
    assert_eq!(poll(&house, &begun).await.error(), ("bad_verification_code".to_owned(), 70020));
}

#[tokio::test]
async fn the_short_name_of_the_grant_and_the_code_under_its_other_name_are_understood() {
    let house = House::new().await;
    let begun = begin(&house).await;
    let code = begun["device_code"].as_str().unwrap();
    let client = display(&house).await;
    for (grant, name) in [("device_code", "device_code"), (GRANT, "code")] {
        house.turn_clock(10);
        let form = [("grant_type", grant), ("client_id", client.as_str()), (name, code)];
        assert_eq!(house.token(&form, None).await.error().0, "authorization_pending", "{grant} {name}");
    }
}

#[tokio::test]
async fn declining_expiring_and_hurrying_are_told_to_the_device_by_name() {
    let house = House::new().await;
    let (declined, expired) = (begin(&house).await, begin(&house).await);
    let mut browser = Browser::new();
    let page = to_confirmation(&house, &mut browser, declined["user_code"].as_str().unwrap()).await;
    let done = decide(&house, &mut browser, &page, "decline").await;
    assert!(done.body.contains("Nobody was signed in"));
    assert_eq!(poll(&house, &declined).await.error(), ("authorization_declined".to_owned(), 70018));
    assert_eq!(poll(&house, &expired).await.error().0, "authorization_pending");
    assert_eq!(poll(&house, &expired).await.error(), ("slow_down".to_owned(), 70017));
    house.turn_clock(900);
    assert_eq!(poll(&house, &expired).await.error(), ("expired_token".to_owned(), 70019));
    let late = type_code(&house, &mut browser, expired["user_code"].as_str().unwrap()).await;
    assert!(late.body.contains("This code is not valid"));
}

#[tokio::test]
async fn a_code_belongs_to_its_application() {
    let house = House::new().await;
    let begun = begin(&house).await;
    let code = begun["device_code"].as_str().unwrap();
    let (id, secret) = (&house.accounts.application.client_id, &house.accounts.client_secret);
    let form = [
        ("grant_type", GRANT),
        ("client_id", id),
        ("client_secret", secret),
        ("device_code", code),
    ];
    assert_eq!(house.token(&form, None).await.error().0, "bad_verification_code");
    let form = [("grant_type", GRANT), ("client_id", id), ("device_code", code)];
    assert_eq!(
        house.token(&form, None).await.error().1,
        7_000_218,
        "and needs what the application needs"
    );
    assert_eq!(
        begin_as(&house, "11111111-2222-4333-8444-555555555555", SCOPE).await.error().1,
        700_016
    );
    assert_eq!(begin_as(&house, &display(&house).await, "Mail.Send").await.error().1, 65001);
    assert_eq!(begin_as(&house, &display(&house).await, "").await.error().1, 900_144);
}

#[tokio::test]
async fn saying_yes_consents_and_a_decision_stands() {
    let house = House::new().await;
    let (rota, secret) = house.third_party(permitted(&["User.Read"])).await;
    let begun = begin_as(&house, &rota.client_id, SCOPE).await.json();
    let mut browser = Browser::new();
    let page = to_confirmation(&house, &mut browser, begun["user_code"].as_str().unwrap()).await;
    assert!(page.body.contains("Rota &#60;Planner&#62;") && page.body.contains("Read your profile"));
    decide(&house, &mut browser, &page, "accept").await;
    let again = decide(&house, &mut browser, &page, "decline").await;
    assert!(again.body.contains("This code is not valid"), "{again:?}");
    let code = begun["device_code"].as_str().unwrap();
    let form = [
        ("grant_type", GRANT),
        ("client_id", &rota.client_id),
        ("client_secret", &secret),
        ("device_code", code),
    ];
    let answer = house.token(&form, None).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(claims(&answer.json()["access_token"])["azpacr"], "1");
    let silent = {
        let mut request = house.request_of(&rota, SCOPE);
        request.insert("prompt", "none".to_owned());
        browser.authorize(&house, &request).await
    };
    assert!(silent.returned().contains_key("code"), "the consent holds elsewhere too");
}

#[tokio::test]
async fn nobody_decides_for_another_browser_or_member() {
    let house = House::new().await;
    let begun = begin(&house).await;
    let code = begun["user_code"].as_str().unwrap();
    let mut browser = Browser::new();
    let page = to_confirmation(&house, &mut browser, code).await;
    let mut stranger = Browser::new();
    let refused = decide(&house, &mut stranger, &page, "accept").await;
    assert!(refused.body.contains("no longer valid"));
    let forged = browser
        .post(
            &house,
            "/device/decision",
            &[("csrf", "x"), ("user_code", code), ("decision", "accept")],
        )
        .await;
    assert!(forged.body.contains("no longer valid"));
    let forged = browser.post(&house, "/device", &[("csrf", "x"), ("user_code", code)]).await;
    assert!(forged.body.contains("no longer valid"));
    assert_eq!(poll(&house, &begun).await.error().0, "authorization_pending");
    assert!(
        decide(&house, &mut browser, &page, "accept")
            .await
            .body
            .contains("You are signed in")
    );
}

#[tokio::test]
async fn guessing_codes_is_throttled_and_another_source_is_not() {
    let house = House::new().await;
    let begun = begin(&house).await;
    let mut browser = Browser::from([198, 51, 100, 7]);
    let mut guesses = 0;
    let throttled = loop {
        let answer = type_code(&house, &mut browser, "BCD-FGH-JKL").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        assert!(answer.body.contains("This code is not valid"));
        guesses += 1;
    };
    assert_eq!(guesses, 60);
    assert!(throttled.headers.contains_key("retry-after"));
    let code = begun["user_code"].as_str().unwrap();
    assert_eq!(type_code(&house, &mut browser, code).await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut elsewhere = Browser::from([203, 0, 113, 4]);
    assert_eq!(type_code(&house, &mut elsewhere, code).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_member_who_guesses_is_throttled_wherever_they_come_from() {
    let house = House::new().await;
    let mut browser = Browser::new();
    browser.sign_in(&house, &house.request()).await;
    for guess in 0..11 {
        let answer = type_code(&house, &mut browser, "BCD-FGH-JKL").await;
        assert_eq!(answer.status == StatusCode::TOO_MANY_REQUESTS, guess == 10, "{guess}");
    }
}

#[tokio::test]
async fn a_flood_of_devices_from_one_source_is_refused_with_a_time_to_wait() {
    let house = House::new().await;
    for _ in 0..100 {
        assert_eq!(begin_as(&house, &display(&house).await, SCOPE).await.status, StatusCode::OK);
    }
    let full = begin_as(&house, &display(&house).await, SCOPE).await;
    assert_eq!((full.status, full.error().1), (StatusCode::TOO_MANY_REQUESTS, 90055));
    assert!(full.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() <= 901);
    house.turn_clock(901);
    assert_eq!(begin_as(&house, &display(&house).await, SCOPE).await.status, StatusCode::OK);
}

#[tokio::test]
async fn revoking_the_member_ends_what_the_device_was_given() {
    let house = House::new().await;
    let begun = begin(&house).await;
    let mut browser = Browser::new();
    let page = to_confirmation(&house, &mut browser, begun["user_code"].as_str().unwrap()).await;
    decide(&house, &mut browser, &page, "accept").await;
    house.app.revoke_member(&house.accounts.members[0].member.id).await.unwrap();
    assert_eq!(poll(&house, &begun).await.error(), ("invalid_grant".to_owned(), 50057));
}

#[tokio::test]
async fn no_application_signs_somebody_in_without_a_code_but_the_servers_own_pages() {
    let house = House::new().await;
    let mut request = house.request_with("response_type", "none");
    assert!(
        Browser::new()
            .sign_in(&house, &request)
            .await
            .location()
            .contains("/auth/callback?state=")
    );
    request.insert("client_id", house.accounts.application.client_id.clone());
    request.insert("redirect_uri", house.accounts.application.redirect_uris[0].clone());
    let refused = Browser::new().authorize(&house, &request).await.returned();
    assert_eq!(refused["error"], "unsupported_response_type");
}

#[tokio::test]
async fn the_members_own_web_app_is_no_application_of_a_device() {
    let house = House::new().await;
    for scope in [SCOPE, "openid", "Settings.ReadWrite.All"] {
        let refused = begin_as(&house, &house.web_client().to_uppercase(), scope).await;
        assert_eq!(
            (refused.status, refused.error()),
            (StatusCode::BAD_REQUEST, ("unauthorized_client".to_owned(), 70001)),
            "{scope}"
        );
    }
    assert_eq!(begin_as(&house, &display(&house).await, SCOPE).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_device_code_never_carries_administration_nor_does_what_came_of_it() {
    let house = House::new().await;
    let client = display(&house).await;
    // Even where an administrator consented for everybody.
    house.app.consent_for_tenant(&house.administrator(), &client).await.unwrap();
    for scope in [
        "openid Settings.ReadWrite.All",
        "settings.readwrite.all",
        "https://graph.microsoft.com/.default",
        "https://communication.azure.com//Communication.Manage.All",
    ] {
        let refused = begin_as(&house, &client, scope).await;
        assert_eq!(refused.error(), ("invalid_scope".to_owned(), 70011), "{scope}");
        assert!(refused.body.contains("administers the organisation"));
    }
    let begun = begin(&house).await;
    let mut browser = Browser::new();
    let page = to_confirmation(&house, &mut browser, begun["user_code"].as_str().unwrap()).await;
    decide(&house, &mut browser, &page, "accept").await;
    let answer = poll(&house, &begun).await.json();
    assert_eq!(claims(&answer["access_token"])["scp"], "User.Read openid profile");
    let token = answer["refresh_token"].as_str().unwrap();
    for scope in ["Settings.ReadWrite.All", "https://communication.azure.com//.default"] {
        assert_eq!(
            refresh(&house, token, scope).await.error(),
            ("invalid_scope".to_owned(), 70011),
            "{scope}"
        );
    }
    let plain = refresh(&house, token, "User.Read").await.json();
    let later = refresh(&house, plain["refresh_token"].as_str().unwrap(), "Settings.ReadWrite.All").await;
    assert_eq!(later.error().1, 70011, "the next ones of the family no more than the first");
}

#[tokio::test]
async fn everything_that_a_device_asks_for_is_shown_whatever_was_consented_to_before() {
    let house = House::new().await;
    let client = display(&house).await;
    house.app.consent_for_tenant(&house.administrator(), &client).await.unwrap();
    let begun = begin(&house).await;
    let page = to_confirmation(&house, &mut Browser::new(), begun["user_code"].as_str().unwrap()).await;
    for part in [
        "User.Read",
        "Read your profile",
        "offline_access",
        "while you are away",
        "sign-in name",
    ] {
        assert!(page.body.contains(part), "{part} in {page:?}");
    }
}

#[tokio::test]
async fn a_link_of_somebody_else_fills_the_code_in_and_goes_no_further() {
    let house = House::new().await;
    let begun = begin(&house).await;
    let code = begun["user_code"].as_str().unwrap();
    let mut browser = Browser::new();
    browser.sign_in(&house, &house.request()).await;
    // A proof that another browser was given is none here.
    let sent = type_code(&house, &mut Browser::new(), code).await;
    let query: std::collections::BTreeMap<String, String> = sent.returned();
    assert!(query["state"].starts_with(&format!("{code}.")), "{query:?}");
    let links = [
        format!("/device?state={code}"),
        format!("/device?user_code={code}"),
        format!("/device?state={}", query["state"]),
        format!("/device?state={code}.&user_code={code}"),
    ];
    for link in &links {
        let page = browser.open(&house, link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.body.contains(&format!("value=\"{code}\"")) && page.body.contains("Next"),
            "{link}: {page:?}"
        );
        assert!(!page.body.contains("decision") && !page.body.contains("Wall display"), "{link}");
    }
    // By way of the authorization endpoint, which sends a signed-in browser straight back.
    let redirect_uri = format!("{}/device", crate::house::HTTP);
    let mut request = std::collections::BTreeMap::from([("client_id", house.web_client().to_owned()), ("redirect_uri", redirect_uri)]);
    request.extend([
        ("response_type", "none".to_owned()),
        ("scope", "openid".to_owned()),
        ("state", code.to_owned()),
    ]);
    let back = browser.authorize(&house, &request).await;
    let page = browser
        .open(&house, back.location().strip_prefix(crate::house::HTTP).unwrap())
        .await;
    assert!(page.body.contains("Next") && !page.body.contains("decision"), "{page:?}");
    // Who presses Next comes to the page that shows the code and asks.
    let page = type_code(&house, &mut browser, code).await;
    assert!(page.body.contains("name=\"decision\"") && page.body.contains(code));
}

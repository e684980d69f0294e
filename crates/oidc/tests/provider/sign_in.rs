use http::{StatusCode, header};

use crate::house::{Browser, CHALLENGE, HTTP, HTTPS, House, STATE, claims};

#[tokio::test]
async fn a_member_signs_in_and_gets_tokens_with_every_claim() {
    let house = House::new().await;
    let mut browser = Browser::new();
    let page = browser.authorize(&house, &house.request()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Sign in to Riverside Clinic") && page.body.contains("to continue to Anteroom"));
    let anna = &house.accounts.members[0];
    let back = browser
        .submit(&house, &page, &anna.member.user_principal_name, &anna.password)
        .await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert!(back.location().starts_with(&format!("{HTTP}/auth/callback?code=")));
    assert_eq!(back.returned()["state"], STATE);

    let answer = house.redeem(&back.returned()["code"]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let answer = answer.json();
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 3600);
    assert_eq!(answer["scope"], "openid profile offline_access User.Read Teams.ManageCalls");

    let identity = claims(&answer["id_token"]);
    assert_eq!(identity["iss"], format!("{HTTP}/{}/v2.0", house.tenant()));
    assert_eq!(identity["aud"], house.web_client());
    assert_eq!(identity["nonce"], "n-1");
    assert_eq!(identity["oid"], anna.member.id);
    assert_eq!(identity["preferred_username"], anna.member.user_principal_name);
    assert_eq!(identity["ver"], "2.0");
    let access = claims(&answer["access_token"]);
    assert_eq!(access["aud"], "00000003-0000-0000-c000-000000000000");
    assert_eq!(access["scp"], "User.Read Teams.ManageCalls openid profile");
    assert_eq!((&access["oid"], &access["tid"]), (&identity["oid"], &identity["tid"]));
    assert_eq!((&access["azp"], &access["azpacr"]), (&house.web_client().into(), &"0".into()));
    assert_eq!(access["anteroomSignal"], "ws://127.0.0.1:8080/signal");
    assert_ne!(access["sub"], identity["sub"], "pairwise");
    assert!(access.get("roles").is_none());
    let info = answer["client_info"].as_str().unwrap();
    let info = claims(&format!(".{info}.").into());
    assert_eq!((&info["uid"], &info["utid"]), (&identity["oid"], &identity["tid"]));

    let caller = house.app.verify_bearer(answer["access_token"].as_str().unwrap()).await.unwrap();
    assert!(matches!(caller, app::Caller::Member { member, .. } if member.id == anna.member.id));
    assert!(
        house.app.verify_bearer(answer["id_token"].as_str().unwrap()).await.is_err(),
        "an identity token opens nothing"
    );
}

#[tokio::test]
async fn signalling_is_named_only_to_those_who_may_call_and_follows_the_origin() {
    let house = House::new().await;
    let mut request = house.request_with("redirect_uri", &format!("{HTTPS}/auth/callback"));
    let page = Browser::over(HTTPS).sign_in(&house, &request).await;
    let redeem = |code: String, scope: &'static str| {
        let redirect_uri = request["redirect_uri"].clone();
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", house.web_client()),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", crate::house::VERIFIER),
            ("scope", scope),
        ];
        let mut token = house.token_request(&form, None);
        token.extensions_mut().insert(oidc::RequestOrigin(HTTPS.to_owned()));
        token
    };
    let answer = house
        .send(redeem(page.returned()["code"].clone(), "openid Teams.ManageCalls"))
        .await
        .json();
    let access = claims(&answer["access_token"]);
    assert_eq!(access["anteroomSignal"], "wss://localhost:8443/signal");
    assert_eq!(access["iss"], format!("{HTTPS}/{}/v2.0", house.tenant()));
    let page = Browser::over(HTTPS).sign_in(&house, &request).await;
    let answer = house.send(redeem(page.returned()["code"].clone(), "openid User.Read")).await.json();
    assert!(claims(&answer["access_token"]).get("anteroomSignal").is_none());
    request.clear();
}

#[tokio::test]
async fn unknown_name_wrong_password_and_disabled_member_read_the_same() {
    let house = House::new().await;
    let (anna, ben) = (&house.accounts.members[0], &house.accounts.members[1]);
    let mut disabled = ben.member.clone();
    disabled.enabled = false;
    app::ports::DirectoryStore::put_member(&*house.store, &disabled).await.unwrap();
    let mut sentences = Vec::new();
    for (name, password) in [
        ("nobody@riverside.example", "x"),
        (&*anna.member.user_principal_name, "wrong"),
        (&*ben.member.user_principal_name, &*ben.password),
        ("", ""),
    ] {
        let mut browser = Browser::new();
        let page = browser.authorize(&house, &house.request()).await;
        let answer = browser.submit(&house, &page, name, password).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(browser.cookies.keys().all(|cookie| !cookie.contains("session")));
        sentences.push(crate::house::attribute(&answer.body, "role=\"alert"));
        assert!(answer.body.contains("The user name or the password is not correct."), "{name}");
        assert!(
            !answer.body.contains(&format!("value=\"{password}\"")) || password.is_empty(),
            "a password is never shown again"
        );
    }
    assert!(
        Browser::new()
            .sign_in(&house, &house.request())
            .await
            .returned()
            .contains_key("code")
    );
}

#[tokio::test]
async fn a_form_that_was_not_shown_in_this_browser_signs_nobody_in() {
    let house = House::new().await;
    let anna = &house.accounts.members[0];
    let page = Browser::new().authorize(&house, &house.request()).await;
    let mut other = Browser::new();
    let refused = other.submit(&house, &page, &anna.member.user_principal_name, &anna.password).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("no longer valid") && refused.headers.get(header::LOCATION).is_none());
    let back = other
        .submit(&house, &refused, &anna.member.user_principal_name, &anna.password)
        .await;
    assert!(back.returned().contains_key("code"), "the page shown instead works");
}

#[tokio::test]
async fn too_many_failures_are_throttled_for_known_and_unknown_accounts_alike_and_not_for_others() {
    let house = House::new().await;
    let anna = &house.accounts.members[0];
    for name in [anna.member.user_principal_name.as_str(), "nobody@riverside.example"] {
        let mut browser = Browser::from([198, 51, 100, 1]);
        let page = browser.authorize(&house, &house.request()).await;
        let mut tries = 0;
        let throttled = loop {
            let answer = browser.submit(&house, &page, name, "wrong").await;
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                break answer;
            }
            tries += 1;
        };
        assert_eq!(tries, 8, "{name}");
        assert!(throttled.headers[header::RETRY_AFTER].to_str().unwrap().parse::<u32>().unwrap() <= 901);
        let right = browser.submit(&house, &page, name, &anna.password).await;
        assert_eq!(
            right.status,
            StatusCode::TOO_MANY_REQUESTS,
            "even the right password is not looked at"
        );
    }
    let elsewhere = Browser::from([203, 0, 113, 9]).sign_in(&house, &house.request()).await;
    assert!(elsewhere.returned().contains_key("code"));
    house.turn_clock(901);
    let later = Browser::from([198, 51, 100, 1]).sign_in(&house, &house.request()).await;
    assert!(later.returned().contains_key("code"));
}

#[tokio::test]
async fn a_signed_in_browser_is_not_asked_again_until_the_session_ends() {
    let house = House::new().await;
    let mut browser = Browser::new();
    browser.sign_in(&house, &house.request()).await;
    assert!(browser.authorize(&house, &house.request()).await.returned().contains_key("code"));
    assert!(
        browser
            .authorize(&house, &house.request_with("prompt", "none"))
            .await
            .returned()
            .contains_key("code")
    );
    let login = browser.authorize(&house, &house.request_with("prompt", "login")).await;
    assert_eq!(login.status, StatusCode::OK, "prompt=login always asks");
    house.turn_clock(13 * 3600);
    assert_eq!(
        browser.authorize(&house, &house.request()).await.status,
        StatusCode::OK,
        "twelve hours are over"
    );
}

#[tokio::test]
async fn a_silent_request_without_session_comes_back_with_login_required() {
    let house = House::new().await;
    let mut request = house.request_with("prompt", "none");
    request.insert("response_mode", "fragment".to_owned());
    let answer = Browser::new().authorize(&house, &request).await;
    assert!(
        answer
            .location()
            .starts_with(&format!("{HTTP}/auth/callback#error=login_required&"))
    );
    assert_eq!(answer.returned()["state"], STATE);
    assert!(answer.returned()["error_description"].starts_with("AADSTS50058: "));
}

#[tokio::test]
async fn a_session_serves_the_expected_member_only_and_only_while_young_enough() {
    let house = House::new().await;
    let (anna, ben) = (&house.accounts.members[0].member, &house.accounts.members[1].member);
    let mut browser = Browser::new();
    browser.sign_in(&house, &house.request()).await;
    let silent = |hint: &str, max_age: &str| {
        let mut request = house.request_with("prompt", "none");
        request.insert("login_hint", hint.to_owned());
        request.insert("max_age", max_age.to_owned());
        request
    };
    let mut ask = async |hint: &str, max_age: &str| browser.authorize(&house, &silent(hint, max_age)).await.returned();
    assert!(ask(&anna.user_principal_name.to_uppercase(), "").await.contains_key("code"));
    assert_eq!(ask(&ben.user_principal_name, "").await["error"], "login_required");
    house.turn_clock(100);
    assert!(ask("", "100").await.contains_key("code"));
    assert_eq!(ask("", "99").await["error"], "login_required");
}

#[tokio::test]
async fn select_account_offers_the_signed_in_member_and_another() {
    let house = House::new().await;
    let mut browser = Browser::new();
    browser.sign_in(&house, &house.request()).await;
    let page = browser.authorize(&house, &house.request_with("prompt", "select_account")).await;
    assert!(page.body.contains("Continue as") && page.body.contains("Anna Berg"));
    let action = crate::house::attribute(&page.body, "action=\"");
    let csrf = crate::house::attribute(&page.body, "name=\"csrf\" value=\"");
    let back = browser.post(&house, &action, &[("csrf", &csrf), ("continue", "1")]).await;
    assert!(back.returned().contains_key("code"));
    let forged = browser.post(&house, &action, &[("csrf", "x"), ("continue", "1")]).await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
    let ben = &house.accounts.members[1];
    let back = browser.submit(&house, &page, &ben.member.user_principal_name, &ben.password).await;
    let answer = house.redeem(&back.returned()["code"]).await.json();
    assert_eq!(claims(&answer["id_token"])["oid"], ben.member.id);
}

#[tokio::test]
async fn the_page_runs_nothing_foreign_cannot_be_framed_and_is_not_kept() {
    let house = House::new().await;
    let mut browser = Browser::over(HTTPS);
    let page = browser.authorize(&house, &house.request()).await;
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self' http://127.0.0.1:8080",
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!policy.contains("script-src") && !page.body.contains("<script") && !page.body.contains("http://"));
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(page.headers[header::X_FRAME_OPTIONS], "DENY");
    assert!(browser.set[0].starts_with("__Host-anteroom-form=") && browser.set[0].contains("; HttpOnly; SameSite=Lax; Secure"));
    let anna = &house.accounts.members[0];
    browser
        .submit(&house, &page, &anna.member.user_principal_name, &anna.password)
        .await;
    assert!(browser.set[1].starts_with("__Host-anteroom-session=") && browser.set[1].contains("; HttpOnly; SameSite=Lax; Secure"));
}

#[tokio::test]
async fn what_a_stranger_puts_into_the_request_is_text_on_the_page() {
    let house = House::new().await;
    let mut request = house.request_with("login_hint", "\"><script>alert(1)</script>");
    request.insert("state", "\"><img src=x>".to_owned());
    let page = Browser::new().authorize(&house, &request).await;
    assert!(!page.body.contains("<script>") && !page.body.contains("<img"));
    assert_eq!(
        crate::house::attribute(&page.body, "maxlength=\"320\" value=\""),
        "\"><script>alert(1)</script>"
    );
}

#[tokio::test]
async fn a_form_post_answer_carries_everything_and_may_submit_itself_only_there() {
    let house = House::new().await;
    let back = Browser::new()
        .sign_in(&house, &house.request_with("response_mode", "form_post"))
        .await;
    assert_eq!(back.status, StatusCode::OK);
    assert_eq!(crate::house::attribute(&back.body, "name=\"state\" value=\""), STATE);
    assert_eq!(crate::house::attribute(&back.body, "action=\""), format!("{HTTP}/auth/callback"));
    let code = crate::house::attribute(&back.body, "name=\"code\" value=\"");
    assert_eq!(house.redeem(&code).await.status, StatusCode::OK);
    let policy = back.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("form-action http://127.0.0.1:8080") && policy.contains("script-src 'nonce-"));
}

#[tokio::test]
async fn the_same_request_may_come_as_a_form() {
    let house = House::new().await;
    let request = house.request();
    let form: Vec<_> = request.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut browser = Browser::new();
    let page = browser.post(&house, &house.path("authorize"), &form).await;
    let anna = &house.accounts.members[0];
    let back = browser
        .submit(&house, &page, &anna.member.user_principal_name, &anna.password)
        .await;
    assert_eq!(back.returned()["state"], STATE);
    assert!(request["code_challenge"] == CHALLENGE && back.returned().contains_key("code"));
}

#[tokio::test]
async fn revoking_a_member_ends_the_session_and_the_refresh_token() {
    let house = House::new().await;
    let mut browser = Browser::new();
    let code = browser.sign_in(&house, &house.request()).await.returned()["code"].clone();
    let refresh = house.redeem(&code).await.json()["refresh_token"].as_str().unwrap().to_owned();
    let refresh = house.refresh(&refresh).await.json()["refresh_token"].as_str().unwrap().to_owned();
    assert!(browser.authorize(&house, &house.request()).await.returned().contains_key("code"));
    house.app.revoke_member(&house.accounts.members[0].member.id).await.unwrap();
    assert_eq!(
        browser.authorize(&house, &house.request()).await.status,
        StatusCode::OK,
        "asked again"
    );
    assert_eq!(house.refresh(&refresh).await.error(), ("invalid_grant".to_owned(), 50057));
}

#[tokio::test]
async fn an_embedding_page_gets_silent_answers_in_a_frame_and_signs_nobody_in_or_out() {
    let house = House::new().await;
    let mut browser = Browser::new();
    browser.sign_in(&house, &house.request()).await;
    browser.embedded = Some("iframe");
    let silent = browser.authorize(&house, &house.request_with("prompt", "none")).await;
    assert!(silent.returned().contains_key("code") && silent.headers.get(header::X_FRAME_OPTIONS).is_none());
    let page = browser.authorize(&house, &house.request()).await;
    assert_eq!(
        (page.status, page.headers[header::X_FRAME_OPTIONS].to_str().unwrap()),
        (StatusCode::OK, "DENY")
    );
    browser.embedded = Some("image");
    assert_eq!(browser.open(&house, &house.path("logout")).await.status, StatusCode::BAD_REQUEST);
    browser.embedded = Some("document");
    assert!(
        browser.authorize(&house, &house.request()).await.returned().contains_key("code"),
        "still signed in"
    );
    assert_eq!(browser.open(&house, &house.path("logout")).await.status, StatusCode::OK);
    assert_eq!(
        browser.authorize(&house, &house.request()).await.status,
        StatusCode::OK,
        "signed out"
    );
}

#[tokio::test]
async fn who_is_to_sign_in_anew_cannot_go_on_with_the_session_instead() {
    let house = House::new().await;
    let mut browser = Browser::new();
    browser.sign_in(&house, &house.request()).await;
    house.turn_clock(100);
    let mut old = house.request_with("prompt", "select_account");
    old.insert("max_age", "99".to_owned());
    for request in [
        house.request_with("prompt", "login"),
        house.request_with("max_age", "99"),
        old.clone(),
    ] {
        let page = browser.authorize(&house, &request).await;
        assert!(!page.body.contains("Continue as"), "{request:?}");
        let action = crate::house::attribute(&page.body, "action=\"");
        let csrf = crate::house::attribute(&page.body, "name=\"csrf\" value=\"");
        let refused = browser.post(&house, &action, &[("csrf", &csrf), ("continue", "1")]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.body.contains("name=\"password\"") && !refused.headers.contains_key(header::LOCATION));
    }
    old.insert("max_age", "100".to_owned());
    let page = browser.authorize(&house, &old).await;
    assert!(page.body.contains("Continue as"));
    let action = crate::house::attribute(&page.body, "action=\"");
    let csrf = crate::house::attribute(&page.body, "name=\"csrf\" value=\"");
    let back = browser.post(&house, &action, &[("csrf", &csrf), ("continue", "1")]).await;
    assert!(back.returned().contains_key("code"));
}

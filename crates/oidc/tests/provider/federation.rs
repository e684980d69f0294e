//! Signing in at an upstream provider: the way there and back, every check of what comes back, and who becomes a member.

use app::sign_in::{FederationStore as _, ProviderChange};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    federated::Federated,
    house::{Browser, HTTP, HTTPS, House, STATE, attribute, claims},
    upstream::{CLIENT, ISSUER, Key, message},
};

/// A refusal on the failure page: its number, and that nothing was made.
async fn refused(house: &Federated, answer: &crate::house::Answer, number: u32, words: &str) {
    assert!(answer.body.contains(&format!("AADSTS{number}<")), "{number} {words}: {answer:?}");
    assert!(answer.body.contains(words), "{words}: {}", answer.body);
    assert!(
        answer
            .headers
            .get_all("set-cookie")
            .iter()
            .all(|cookie| !cookie.to_str().unwrap().contains("session"))
    );
    let linked = house.house.store.federated_identities(&house.provider.id, "", 10).await.unwrap();
    assert!(linked.is_empty(), "{linked:?}");
}

#[tokio::test]
async fn a_person_of_the_provider_becomes_a_member_and_stays_the_same_one() {
    let house = Federated::new().await;
    let mut browser = Browser::new();
    let back = house.sign_in(&mut browser, |_| {}).await;
    assert!(back.location().starts_with(&format!("{HTTP}/auth/callback?")), "{back:?}");
    assert_eq!(back.returned()["state"], STATE);
    let tokens = house.house.redeem(&back.returned()["code"]).await.json();
    let token = claims(&tokens["id_token"]);
    assert_eq!(
        (&token["name"], &token["preferred_username"]),
        (&json!("Dora Lind"), &json!("dora@upstream.example"))
    );
    let now = house.house.app.now() / 1_000_000;
    assert_eq!(token["auth_time"], now - 5, "counted from the sign-in there");
    let again = house
        .sign_in(&mut Browser::new(), |claims| {
            claims["name"] = json!("Dora\u{202e} Berg\n");
            claims["email"] = json!("other@upstream.example");
        })
        .await;
    let member = house.house.store_member(&house.member_of(&again).await).await;
    assert_eq!(member.id, token["oid"], "the subject decides");
    assert_eq!(member.display_name, "Dora Berg");
    assert!(!member.administrator && !member.guest_of_tenant);
    let silent = browser.authorize(&house.house, &house.house.request_with("prompt", "none")).await;
    assert!(silent.returned().contains_key("code"), "the browser has a session like any other");
    let page = browser.authorize(&house.house, &house.house.request_with("prompt", "login")).await;
    let refused = browser.submit(&house.house, &page, "dora@upstream.example", "").await;
    assert!(refused.body.contains("not correct"), "there is no password");
}

#[tokio::test]
async fn the_request_to_the_provider_has_everything_that_protects_it() {
    let house = Federated::new().await;
    let mut browser = Browser::over(HTTPS);
    let mut request = house.request();
    for (name, value) in [("prompt", "login"), ("max_age", "77"), ("login_hint", "x@y.example")] {
        request.insert(name, value.to_owned());
    }
    let asked = house.begin_with(&mut browser, &request).await;
    let redirect_uri = format!("{HTTPS}/{}/oauth2/v2.0/federated/{}", house.house.tenant(), house.provider.id);
    assert_eq!(asked["redirect_uri"], redirect_uri);
    assert_eq!((asked["client_id"].as_str(), asked["response_type"].as_str()), (CLIENT, "code"));
    assert_eq!(
        (asked["scope"].as_str(), asked["code_challenge_method"].as_str()),
        ("openid profile email", "S256")
    );
    assert_eq!(
        (asked["prompt"].as_str(), asked["max_age"].as_str(), asked["login_hint"].as_str()),
        ("login", "0", "x@y.example")
    );
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(asked[name].len(), 43, "{name}");
    }
    let other = house.begin(&mut browser).await;
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(asked[name], other[name], "{name} is fresh");
    }
    assert!(!other.contains_key("prompt") && !other.contains_key("max_age"));
    assert!(browser.set.iter().all(|cookie| cookie.contains("; Secure")));
}

#[tokio::test]
async fn an_identity_token_is_accepted_with_every_allowed_signature() {
    let house = Federated::new().await;
    let (p256, p384) = (Key::p256(), Key::p384());
    house.upstream.change(|state| state.keys.extend([p256.jwk(), p384.jwk()]));
    for (key, algorithm) in [(&house.key, "RS256"), (&house.key, "PS384"), (&p256, "ES256"), (&p384, "ES384")] {
        let mut browser = Browser::new();
        let request = house.begin(&mut browser).await;
        let token = key.sign(algorithm, &house.claims(&request));
        let back = house.come_back(&mut browser, &request, &token).await;
        assert!(back.returned().contains_key("code"), "{algorithm}");
    }
}

#[tokio::test]
async fn a_token_with_a_wrong_claim_is_refused_and_makes_nobody_a_member() {
    let house = Federated::new().await;
    let now = house.house.app.now() / 1_000_000;
    let wrong: [(&str, Value, &str); 17] = [
        ("aud", json!("another-client"), "another application"),
        ("aud", json!([CLIENT, "another-client"]), "another application"),
        ("aud", json!([]), "another application"),
        ("aud", Value::Null, "another application"),
        ("azp", json!("another-client"), "another application"),
        ("iss", json!("https://evil.example"), "somebody else"),
        ("iss", json!(format!("{ISSUER}/")), "somebody else"),
        ("iss", Value::Null, "somebody else"),
        ("nonce", json!("another"), "another request"),
        ("nonce", Value::Null, "another request"),
        ("exp", json!(now - 121), "has expired"),
        ("exp", Value::Null, "until when"),
        ("iat", json!(now + 121), "not valid yet"),
        ("iat", json!(now - 1000), "too old"),
        ("nbf", json!(now + 500), "not valid yet"),
        ("iat", json!("soon"), "when it was issued"),
        ("sub", json!(""), "who signed in"),
    ];
    for (name, value, words) in wrong {
        let answer = house
            .sign_in(&mut Browser::new(), |claims| {
                claims[name] = value;
            })
            .await;
        refused(&house, &answer, 50008, words).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    let right: [(&str, Value); 4] = [
        ("aud", json!([CLIENT])),
        ("exp", json!(now - 60)),
        ("iat", json!(now as f64 + 0.5)),
        ("nbf", json!(now + 60)),
    ];
    for (name, value) in right {
        let answer = house.sign_in(&mut Browser::new(), |claims| claims[name] = value).await;
        assert!(answer.returned().contains_key("code"), "{name}");
    }
    let several = house
        .sign_in(&mut Browser::new(), |claims| {
            claims["aud"] = json!([CLIENT, "another"]);
            claims["azp"] = json!(CLIENT);
        })
        .await;
    assert!(several.returned().contains_key("code"));
}

#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_is_refused() {
    let house = Federated::new().await;
    let foreign = Key::rsa("one");
    let modulus = house.key.jwk()["n"].as_str().unwrap().to_owned();
    let forge = |header: Value, claims: &Value, by_secret: Option<&str>| {
        let message = message(&header, claims);
        let signature = by_secret.map_or_else(String::new, |secret| {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
            B64.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()))
        });
        format!("{message}.{signature}")
    };
    type Forgery<'a> = Box<dyn Fn(&Value) -> String + 'a>;
    let cases: [(&str, Forgery<'_>, &str); 8] = [
        (
            "alg none",
            Box::new(|claims| forge(json!({ "alg": "none" }), claims, None)),
            "accepted algorithm",
        ),
        (
            "HS256 with our secret",
            Box::new(|claims| forge(json!({ "alg": "HS256", "kid": "one" }), claims, Some(crate::upstream::SECRET))),
            "accepted algorithm",
        ),
        (
            "HS256 with the public key",
            Box::new(|claims| forge(json!({ "alg": "HS256", "kid": "one" }), claims, Some(&modulus))),
            "accepted algorithm",
        ),
        (
            "a foreign key of the same name",
            Box::new(|claims| foreign.sign("RS256", claims)),
            "signature",
        ),
        (
            "changed claims",
            Box::new(|claims| {
                let token = house.key.sign("RS256", &json!({ "sub": "eve" }));
                let payload = B64.encode(claims.to_string());
                let parts: Vec<&str> = token.split('.').collect();
                format!("{}.{payload}.{}", parts[0], parts[2])
            }),
            "signature",
        ),
        (
            "an extension that must be understood",
            Box::new(|claims| {
                house
                    .key
                    .sign_with(&json!({ "alg": "RS256", "kid": "one", "crit": ["b64"], "b64": false }), claims)
            }),
            "extension",
        ),
        ("an encrypted token", Box::new(|_| "a.b.c.d.e".to_owned()), "encrypted"),
        ("no token at all", Box::new(|_| "nonsense".to_owned()), "not a signed token"),
    ];
    for (name, make, words) in &cases {
        let mut browser = Browser::new();
        let request = house.begin(&mut browser).await;
        let answer = house.come_back(&mut browser, &request, &make(&house.claims(&request))).await;
        assert!(answer.body.contains(words), "{name}: {}", answer.body);
        refused(&house, &answer, 50008, words).await;
    }
    let back = house.sign_in(&mut Browser::new(), |_| {}).await;
    assert!(back.returned().contains_key("code"));
}

#[tokio::test]
async fn an_unknown_key_reads_the_keys_anew_and_not_as_often_as_a_stranger_likes() {
    let house = Federated::new().await;
    assert!(house.sign_in(&mut Browser::new(), |_| {}).await.returned().contains_key("code"));
    assert_eq!(house.upstream.calls_to("/keys"), 1);
    let next = Key::rsa("two");
    house.upstream.change(|state| state.keys = vec![next.jwk()]);
    let try_with = async |key: &Key| {
        let mut browser = Browser::new();
        let request = house.begin(&mut browser).await;
        house
            .come_back(&mut browser, &request, &key.sign("RS256", &house.claims(&request)))
            .await
    };
    assert!(try_with(&next).await.returned().contains_key("code"));
    assert_eq!(house.upstream.calls_to("/keys"), 2);
    let third = Key::rsa("three");
    house.upstream.change(|state| state.keys = vec![third.jwk()]);
    for _ in 0..5 {
        assert!(try_with(&third).await.body.contains("does not publish"));
    }
    assert_eq!(house.upstream.calls_to("/keys"), 2, "within the pause");
    house.house.turn_clock(31);
    assert!(try_with(&third).await.returned().contains_key("code"));
    assert_eq!(house.upstream.calls_to("/keys"), 3);
}

#[tokio::test]
async fn a_token_without_key_id_is_accepted_only_when_one_key_can_be_meant() {
    let house = Federated::new().await;
    let try_it = async || {
        let mut browser = Browser::new();
        let request = house.begin(&mut browser).await;
        let token = house.key.sign_with(&json!({ "alg": "RS256" }), &house.claims(&request));
        house.come_back(&mut browser, &request, &token).await
    };
    house.upstream.change(|state| {
        let mut encrypting = Key::rsa("enc").jwk();
        encrypting["use"] = json!("enc");
        let mut other = Key::rsa("other").jwk();
        other["alg"] = json!("RS512");
        let symmetric = json!({ "kty": "oct", "kid": "one", "k": "AAAA" });
        state.keys.extend([
            encrypting,
            other,
            symmetric,
            Key::p256().jwk(),
            json!("nonsense"),
            json!({ "kty": "new" }),
        ]);
    });
    assert!(try_it().await.returned().contains_key("code"));
    house.upstream.change(|state| state.keys.push(Key::rsa("second").jwk()));
    house.house.turn_clock(3601);
    assert!(try_it().await.body.contains("with which key"));
}

#[tokio::test]
async fn a_state_works_once_for_a_quarter_of_an_hour_in_its_browser_at_its_provider() {
    let house = Federated::new().await;
    let other = house
        .house
        .app
        .create_upstream_provider(&house.administrator(), crate::federated::draft("Other", Default::default()))
        .await
        .unwrap();
    let mut browser = Browser::new();
    let request = house.begin(&mut browser).await;
    let code = house
        .upstream
        .authorize(&request, &house.key.sign("RS256", &house.claims(&request)));
    let answer = [("code", code.as_str()), ("state", request["state"].as_str())];
    let unknown = async |browser: &mut Browser, request: &std::collections::BTreeMap<String, String>, answer: &[(&str, &str)]| {
        let page = house.answer(browser, request, answer).await;
        assert!(
            page.body.contains("AADSTS50089") && !page.headers.contains_key("location"),
            "{page:?}"
        );
    };
    let calls = house.upstream.calls_to("/token");
    unknown(&mut Browser::new(), &request, &answer).await;
    let mut stranger = Browser::new();
    house.begin(&mut stranger).await;
    unknown(&mut stranger, &request, &answer).await;
    unknown(&mut browser, &request, &[("code", &code)]).await;
    unknown(&mut browser, &request, &[("code", &code), ("state", "guessed")]).await;
    assert_eq!(house.upstream.calls_to("/token"), calls, "nobody's code was passed on");
    assert!(house.answer(&mut browser, &request, &answer).await.returned().contains_key("code"));
    unknown(&mut browser, &request, &answer).await;

    let mut browser = Browser::new();
    let request = house.begin(&mut browser).await;
    let mut elsewhere = request.clone();
    elsewhere.insert(
        "redirect_uri".to_owned(),
        request["redirect_uri"].replace(&house.provider.id, &other.id),
    );
    unknown(&mut browser, &elsewhere, &[("code", "x"), ("state", &request["state"])]).await;

    let mut browser = Browser::new();
    let request = house.begin(&mut browser).await;
    house.house.turn_clock(15 * 60);
    unknown(&mut browser, &request, &[("code", "x"), ("state", &request["state"])]).await;
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_not_read() {
    let house = Federated::new().await;
    let with_issuer = async |issuer: Option<&str>| {
        let mut browser = Browser::new();
        let request = house.begin(&mut browser).await;
        let code = house
            .upstream
            .authorize(&request, &house.key.sign("RS256", &house.claims(&request)));
        let mut answer = vec![("code", code.as_str()), ("state", request["state"].as_str())];
        answer.extend(issuer.map(|issuer| ("iss", issuer)));
        house.answer(&mut browser, &request, &answer).await
    };
    let calls = house.upstream.calls_to("/token");
    refused(&house, &with_issuer(Some("https://evil.example")).await, 50008, "another provider").await;
    assert_eq!(house.upstream.calls_to("/token"), calls, "the code went nowhere");
    assert!(with_issuer(Some(ISSUER)).await.returned().contains_key("code"));
    assert!(with_issuer(None).await.returned().contains_key("code"));
    house
        .upstream
        .change(|state| state.discovery["authorization_response_iss_parameter_supported"] = json!(true));
    house.house.turn_clock(61);
    assert!(with_issuer(None).await.body.contains("does not say from which provider"));
    assert!(with_issuer(Some(ISSUER)).await.returned().contains_key("code"));
}

#[tokio::test]
async fn a_sign_in_that_was_cancelled_or_failed_there_is_told_here() {
    let house = Federated::new().await;
    let mut browser = Browser::new();
    let mut fail = async |error: &str| {
        let request = house.begin(&mut browser).await;
        house
            .answer(
                &mut browser,
                &request,
                &[
                    ("error", error),
                    ("error_description", "<script>x</script>"),
                    ("state", &request["state"]),
                ],
            )
            .await
    };
    let cancelled = fail("access_denied").await;
    assert_eq!(
        (cancelled.returned()["error"].as_str(), cancelled.returned()["state"].as_str()),
        ("access_denied", STATE)
    );
    let page = fail("server_error").await;
    refused(&house, &page, 40015, "(server_error)").await;
    assert!(page.body.contains("Upstream &#38; Co") && !page.body.contains("<script>"));
    assert!(fail("<img src=x>").await.body.contains("unknown_error"));
}

#[tokio::test]
async fn the_page_of_a_failure_leads_on_in_three_ways() {
    let house = Federated::new().await;
    let mut browser = Browser::new();
    house.upstream.change(|state| state.down = true);
    let page = browser.authorize(&house.house, &house.request()).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    refused(&house, &page, 40010, "does not answer").await;
    let links: Vec<String> = page
        .body
        .match_indices("href=\"")
        .map(|(at, _)| attribute(&page.body[at..], "href=\""))
        .collect();
    let [again, otherwise, back] = links.as_slice() else {
        panic!("{links:?}");
    };
    assert!(back.starts_with(&format!(
        "{HTTP}/auth/callback?error=temporarily_unavailable&error_description=AADSTS40010"
    )));
    assert!(back.contains("&state=eyJpZCI6"));
    let choice = browser.open(&house.house, otherwise).await;
    assert!(choice.body.contains("name=\"password\"") && choice.body.contains("Sign in with <strong>Upstream &#38; Co</strong>"));
    assert!(
        browser.open(&house.house, again).await.body.contains("AADSTS40010"),
        "a failure is remembered for a moment"
    );
    house.upstream.change(|state| state.down = false);
    house.house.turn_clock(6);
    assert!(browser.open(&house.house, again).await.location().starts_with(ISSUER));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));

    house.upstream.change(|state| state.down = true);
    house.house.turn_clock(61);
    let mut request = house.request();
    request.insert("response_mode", "form_post".to_owned());
    let page = browser.authorize(&house.house, &request).await;
    assert_eq!(attribute(&page.body, "action=\""), format!("{HTTP}/auth/callback"));
    assert_eq!(attribute(&page.body, "name=\"error\" value=\""), "temporarily_unavailable");
}

#[tokio::test]
async fn a_provider_that_goes_away_during_a_sign_in_makes_nobody_a_member() {
    let house = Federated::new().await;
    let mut browser = Browser::new();
    let request = house.begin(&mut browser).await;
    house.upstream.change(|state| state.down = true);
    let answer = house
        .answer(&mut browser, &request, &[("code", "x"), ("state", &request["state"])])
        .await;
    refused(&house, &answer, 40010, "does not answer").await;
}

#[tokio::test]
async fn a_code_that_the_provider_does_not_redeem_is_told() {
    let house = Federated::new().await;
    let mut browser = Browser::new();
    let request = house.begin(&mut browser).await;
    let answer = house
        .answer(&mut browser, &request, &[("code", "stolen"), ("state", &request["state"])])
        .await;
    refused(&house, &answer, 40015, "(invalid_grant)").await;
    assert!(!answer.body.contains("<b>"));
    let change = ProviderChange {
        client_secret: Some(Some("wrong".to_owned())),
        ..ProviderChange::default()
    };
    let app = &house.house.app;
    app.update_upstream_provider(&house.administrator(), &house.provider.id, change)
        .await
        .unwrap();
    refused(
        &house,
        &house.sign_in(&mut Browser::new(), |_| {}).await,
        40008,
        "does not accept the client id or the secret",
    )
    .await;
    let change = ProviderChange {
        client_secret: Some(Some(crate::upstream::SECRET.to_owned())),
        ..ProviderChange::default()
    };
    app.update_upstream_provider(&house.administrator(), &house.provider.id, change)
        .await
        .unwrap();
    for methods in [json!(["client_secret_post"]), json!(["client_secret_basic", "client_secret_post"])] {
        house
            .upstream
            .change(|state| state.discovery["token_endpoint_auth_methods_supported"] = methods.clone());
        house.house.turn_clock(61);
        assert!(
            house.sign_in(&mut Browser::new(), |_| {}).await.returned().contains_key("code"),
            "{methods}"
        );
    }
}

#[tokio::test]
async fn missing_claims_come_from_userinfo_of_the_same_person() {
    let house = Federated::new().await;
    let thin = |claims: &mut Value| {
        for name in ["preferred_username", "name", "given_name", "family_name", "email", "email_verified"] {
            claims.as_object_mut().unwrap().remove(name);
        }
    };
    refused(&house, &house.sign_in(&mut Browser::new(), thin).await, 40012, "preferred_username").await;
    house.upstream.change(|state| {
        state.discovery["userinfo_endpoint"] = json!(format!("{ISSUER}/userinfo"));
        state.userinfo = json!({ "sub": "eve", "preferred_username": "eve@upstream.example" });
    });
    house.house.turn_clock(61);
    refused(
        &house,
        &house.sign_in(&mut Browser::new(), thin).await,
        50008,
        "about somebody else",
    )
    .await;
    house.upstream.change(|state| {
        state.userinfo = json!({ "sub": "dora-1", "preferred_username": "dora", "name": "Dora L.", "iss": "x", "aud": "y" })
    });
    let back = house.sign_in(&mut Browser::new(), thin).await;
    let member = house.house.store_member(&house.member_of(&back).await).await;
    assert_eq!(
        (member.user_principal_name.as_str(), member.display_name.as_str()),
        ("dora", "Dora L.")
    );
    let calls = house.upstream.calls_to("/userinfo");
    house.sign_in(&mut Browser::new(), |_| {}).await;
    assert_eq!(house.upstream.calls_to("/userinfo"), calls, "not asked when everything is there");
}

#[tokio::test]
async fn the_application_learns_how_old_the_sign_in_at_the_provider_is() {
    let house = Federated::new().await;
    let mut request = house.request();
    request.insert("max_age", "60".to_owned());
    let with_age = async |age: Option<i64>| {
        let mut browser = Browser::new();
        let asked = house.begin_with(&mut browser, &request).await;
        let mut claims = house.claims(&asked);
        claims["auth_time"] = age.map_or(Value::Null, |age| json!(house.house.app.now() / 1_000_000 - age));
        house.come_back(&mut browser, &asked, &house.key.sign("RS256", &claims)).await
    };
    refused(&house, &with_age(Some(60 + 121)).await, 50008, "longer ago").await;
    refused(&house, &with_age(None).await, 50008, "when you signed in").await;
    assert!(with_age(Some(60)).await.returned().contains_key("code"));
}

#[tokio::test]
async fn who_is_to_sign_in_anew_has_to_do_so_at_the_provider() {
    for (name, value) in [("prompt", "login"), ("max_age", "0")] {
        let house = Federated::new().await;
        let mut request = house.request();
        request.insert(name, value.to_owned());
        // `at` counts from the moment at which the browser was sent there.
        let come_back = async |at: Option<i64>| {
            let mut browser = Browser::new();
            let asked = house.begin_with(&mut browser, &request).await;
            assert_eq!((asked["prompt"].as_str(), asked["max_age"].as_str()), ("login", "0"));
            let begun = house.house.app.now() / 1_000_000;
            house.house.turn_clock(600);
            let mut claims = house.claims(&asked);
            claims["auth_time"] = at.map_or(Value::Null, |at| json!(begun + at));
            house.come_back(&mut browser, &asked, &house.key.sign("RS256", &claims)).await
        };
        refused(&house, &come_back(Some(-121)).await, 50008, "longer ago").await;
        refused(&house, &come_back(None).await, 50008, "when you signed in").await;
        for at in [-120, 0, 300] {
            assert!(come_back(Some(at)).await.returned().contains_key("code"), "{name} {at}");
        }
    }
    let house = Federated::new().await;
    let back = house
        .sign_in(&mut Browser::new(), |claims| {
            claims.as_object_mut().unwrap().remove("auth_time");
        })
        .await;
    assert!(back.returned().contains_key("code"), "elsewhere nobody has to say");
}

#[tokio::test]
async fn nothing_leads_to_an_address_that_is_not_registered() {
    let house = Federated::new().await;
    let mut request = house.request();
    request.insert("redirect_uri", "https://evil.example.org/".to_owned());
    let page = Browser::new().authorize(&house.house, &request).await;
    assert!(page.body.contains("AADSTS50011") && !page.headers.contains_key("location"));
    let start = format!("/{}/oauth2/v2.0/federated/{}/start", house.house.tenant(), house.provider.id);
    let page = Browser::new()
        .open(&house.house, &format!("{start}?{}", crate::house::encode_map(&request)))
        .await;
    assert!(page.body.contains("AADSTS50011") && !page.headers.contains_key("location"));

    // What was registered when the sign-in began is not when it comes back.
    let uri = "https://app.example.org/soon-gone";
    let application = house
        .house
        .register(|application| application.redirect_uris.push(uri.to_owned()))
        .await;
    let mut request = house.request();
    request.insert("client_id", application.client_id.clone());
    request.insert("redirect_uri", uri.to_owned());
    let mut browser = Browser::new();
    let asked = house.begin_with(&mut browser, &request).await;
    house.house.register(|_| {}).await;
    let token = house.key.sign("RS256", &house.claims(&asked));
    let page = house.come_back(&mut browser, &asked, &token).await;
    assert!(page.body.contains("AADSTS50011") && !page.headers.contains_key("location"));
    assert!(
        house
            .sign_in(&mut Browser::new(), |_| {})
            .await
            .location()
            .starts_with(&format!("{HTTP}/auth/callback?code="))
    );
}

#[tokio::test]
async fn a_silent_request_is_never_sent_to_the_provider() {
    let house = Federated::new().await;
    let mut request = house.request();
    request.insert("prompt", "none".to_owned());
    let answer = Browser::new().authorize(&house.house, &request).await;
    assert_eq!(answer.returned()["error"], "login_required");
    let start = format!("/{}/oauth2/v2.0/federated/{}/start", house.house.tenant(), house.provider.id);
    let answer = Browser::new()
        .open(&house.house, &format!("{start}?{}", crate::house::encode_map(&request)))
        .await;
    assert_eq!(answer.returned()["error"], "login_required");
}

#[tokio::test]
async fn one_source_cannot_fill_the_store_with_sign_ins_on_their_way() {
    let house = Federated::new().await;
    let mut browser = Browser::from([198, 51, 100, 1]);
    for _ in 0..300 {
        house.begin(&mut browser).await;
    }
    let page = browser.authorize(&house.house, &house.request()).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.headers.contains_key("retry-after"));
    assert_eq!(
        house.upstream.calls_to("/.well-known/openid-configuration"),
        1,
        "a crowd here is no crowd there"
    );
    house.begin(&mut Browser::from([198, 51, 100, 2])).await;
    let mut long = house.request();
    long.insert("state", "x".repeat(9000));
    let page = Browser::new().authorize(&house.house, &long).await;
    assert!(page.body.contains("AADSTS9002313"), "a request that is too long is not kept");
}

impl House {
    async fn store_member(&self, id: &str) -> app::model::Member {
        app::ports::DirectoryStore::member(&*self.store, id).await.unwrap().unwrap()
    }
}

//! Who comes in through a provider, as whom, and what administrators set up.

use app::{
    AppError,
    model::Member,
    ports::DirectoryStore as _,
    sign_in::{ClaimCondition, FederatedIdentity, ProviderChange, ProviderRules},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use serde_json::{Value, json};

use crate::{
    federated::{Federated, draft},
    house::{Answer, Browser, HTTP},
    upstream::ISSUER,
};

fn told(page: &Answer, number: u32) {
    assert!(page.body.contains(&format!("AADSTS{number}<")), "{number}: {page:?}");
    assert!(!page.headers.contains_key("location"));
}

async fn member(house: &Federated, back: &Answer) -> Member {
    let id = house.member_of(back).await;
    house.house.store.member(&id).await.unwrap().unwrap()
}

fn condition(claim: &str, value: &str) -> Option<ClaimCondition> {
    Some(ClaimCondition {
        claim: claim.to_owned(),
        value: value.to_owned(),
    })
}

async fn change(house: &Federated, change: ProviderChange) {
    let app = &house.house.app;
    app.update_upstream_provider(&house.administrator(), &house.provider.id, change)
        .await
        .unwrap();
}

async fn change_rules(house: &Federated, edit: impl FnOnce(&mut ProviderRules)) {
    let app = &house.house.app;
    let mut rules = app
        .upstream_provider(&house.administrator(), &house.provider.id)
        .await
        .unwrap()
        .rules;
    edit(&mut rules);
    let rules = ProviderChange {
        rules: Some(rules),
        ..ProviderChange::default()
    };
    change(house, rules).await;
}

#[tokio::test]
async fn a_taken_sign_in_name_is_refused_until_an_administrator_links_the_two() {
    let house = Federated::new().await;
    let anna = &house.house.accounts.members[0].member;
    let as_anna = |claims: &mut Value| {
        for name in ["preferred_username", "email"] {
            claims[name] = json!(anna.user_principal_name.to_uppercase());
        }
    };
    let page = house.sign_in(&mut Browser::new(), as_anna).await;
    told(&page, 51004);
    assert!(page.body.contains("belongs to another member"));
    let app = &house.house.app;
    let administrator = house.administrator();
    let linked = app
        .link_federated_member(&administrator, &house.provider.id, &anna.user_principal_name, "dora-1")
        .await
        .unwrap();
    assert_eq!((linked.member_id.as_str(), linked.created_here), (anna.id.as_str(), false));
    let back = house.sign_in(&mut Browser::new(), as_anna).await;
    assert_eq!(member(&house, &back).await, *anna, "a linked member keeps the own profile");
    for (member, subject) in [(&anna.id, "dora-2"), (&house.house.accounts.members[1].member.id, "dora-1")] {
        let refused = app.link_federated_member(&administrator, &house.provider.id, member, subject).await;
        assert!(
            matches!(refused, Err(AppError::InvalidArgument { field: "subject", .. })),
            "{refused:?}"
        );
    }
    app.unlink_federated_member(&administrator, &house.provider.id, &anna.id)
        .await
        .unwrap();
    told(&house.sign_in(&mut Browser::new(), as_anna).await, 51004);
    let again = app.unlink_federated_member(&administrator, &house.provider.id, &anna.id).await;
    assert!(matches!(again, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn an_address_that_the_provider_does_not_vouch_for_is_not_kept() {
    let house = Federated::new().await;
    let ben = house.house.accounts.members[1].member.mail.clone();
    let mail = async |verified: Value| {
        let as_ben = |claims: &mut Value| {
            claims["email"] = json!(ben);
            claims["email_verified"] = verified;
        };
        let back = house.sign_in(&mut Browser::new(), as_ben).await;
        member(&house, &back).await.mail
    };
    assert_eq!(mail(json!(false)).await, None, "a new member");
    assert_eq!(mail(json!(true)).await, ben);
    assert_eq!(mail(Value::Null).await, None, "the next sign-in takes it away again");
    change_rules(&house, |rules| rules.trust_email = true).await;
    assert_eq!(mail(Value::Null).await, ben);
    assert_eq!(mail(json!(false)).await, None, "what the provider denies is not trusted either");
}

#[tokio::test]
async fn a_domain_of_the_organisations_own_members_is_not_taken_by_a_provider_that_was_not_given_it() {
    let house = Federated::new().await;
    let named = |name: &'static str, subject: &'static str| {
        move |claims: &mut Value| {
            claims["preferred_username"] = json!(name);
            claims["sub"] = json!(subject);
        }
    };
    for name in ["director@riverside.example", "director@RIVERSIDE.example"] {
        let page = house.sign_in(&mut Browser::new(), named(name, "new")).await;
        told(&page, 51005);
        assert!(page.body.contains("own members") && page.body.contains(name));
    }
    assert!(
        house
            .house
            .store
            .member_by_upn("director@riverside.example")
            .await
            .unwrap()
            .is_none()
    );
    // One of the provider's own domain, and a second one: what a provider made holds no domain.
    for (name, subject) in [("dora@upstream.example", "dora-1"), ("emil@upstream.example", "emil-1")] {
        let back = house.sign_in(&mut Browser::new(), named(name, subject)).await;
        assert_eq!(member(&house, &back).await.user_principal_name, name);
    }
    // Nor later, by a change of name there.
    let back = house
        .sign_in(&mut Browser::new(), named("director@riverside.example", "dora-1"))
        .await;
    assert_eq!(member(&house, &back).await.user_principal_name, "dora@upstream.example");
    change_rules(&house, |rules| rules.email_domains = vec!["riverside.example".to_owned()]).await;
    let as_director = |claims: &mut Value| {
        claims["sub"] = json!("new");
        for name in ["preferred_username", "email"] {
            claims[name] = json!("director@riverside.example");
        }
    };
    let back = house.sign_in(&mut Browser::new(), as_director).await;
    assert_eq!(member(&house, &back).await.user_principal_name, "director@riverside.example");
}

#[tokio::test]
async fn a_disabled_member_stays_out_whatever_the_provider_says() {
    let house = Federated::new().await;
    let mut browser = Browser::new();
    let back = house.sign_in(&mut browser, |_| {}).await;
    let mut dora = member(&house, &back).await;
    dora.enabled = false;
    house.house.store.put_member(&dora).await.unwrap();
    let page = house.sign_in(&mut Browser::new(), |_| {}).await;
    told(&page, 50057);
    let silent = browser.authorize(&house.house, &house.house.request_with("prompt", "none")).await;
    assert_eq!(silent.returned()["error"], "login_required");
    assert!(!house.house.store.member(&dora.id).await.unwrap().unwrap().enabled);
    dora.enabled = true;
    house.house.store.put_member(&dora).await.unwrap();
    let back = house.sign_in(&mut Browser::new(), |_| {}).await;
    assert_eq!(member(&house, &back).await.id, dora.id);
}

#[tokio::test]
async fn members_are_made_only_where_the_provider_may() {
    let house = Federated::with(|rules| rules.create_members = false).await;
    told(&house.sign_in(&mut Browser::new(), |_| {}).await, 50020);
    let ben = &house.house.accounts.members[1].member;
    let app = &house.house.app;
    app.link_federated_member(&house.administrator(), &house.provider.id, &ben.id, "dora-1")
        .await
        .unwrap();
    let back = house.sign_in(&mut Browser::new(), |_| {}).await;
    assert_eq!(member(&house, &back).await.id, ben.id);
}

#[tokio::test]
async fn one_person_who_comes_twice_at_once_is_one_member() {
    let house = Federated::new().await;
    let (mut here, mut there) = (Browser::new(), Browser::new());
    let (one, other) = tokio::join!(house.sign_in(&mut here, |_| {}), house.sign_in(&mut there, |_| {}));
    assert_eq!(member(&house, &one).await.id, member(&house, &other).await.id);
}

#[tokio::test]
async fn a_required_claim_keeps_everybody_else_out_at_every_sign_in() {
    let house = Federated::with(|rules| rules.required = condition("/realm/roles", "staff")).await;
    for roles in [json!(["staff2"]), json!("staffing"), json!([["staff"]]), Value::Null] {
        let page = house
            .sign_in(&mut Browser::new(), |claims| claims["realm"] = json!({ "roles": roles }))
            .await;
        told(&page, 50105);
    }
    for roles in [json!(["nurse", "staff"]), json!("staff")] {
        let back = house
            .sign_in(&mut Browser::new(), |claims| claims["realm"] = json!({ "roles": roles }))
            .await;
        assert!(back.returned().contains_key("code"));
    }
    told(&house.sign_in(&mut Browser::new(), |_| {}).await, 50105);
}

#[tokio::test]
async fn with_a_list_of_domains_only_a_verified_address_of_one_comes_in() {
    let house = Federated::with(|rules| rules.email_domains = vec!["Upstream.example".to_owned()]).await;
    let wrong: [(&str, Value); 5] = [
        ("email", json!("dora@evil.example")),
        ("email", json!("dora@upstream.example@evil.example")),
        ("email_verified", json!(false)),
        ("email_verified", Value::Null),
        ("preferred_username", json!("boss@riverside.example")),
    ];
    for (name, value) in wrong {
        told(&house.sign_in(&mut Browser::new(), |claims| claims[name] = value).await, 500_208);
    }
    let back = house.sign_in(&mut Browser::new(), |_| {}).await;
    assert!(back.returned().contains_key("code"));
    change_rules(&house, |rules| rules.trust_email = true).await;
    let back = house
        .sign_in(&mut Browser::new(), |claims| claims["email_verified"] = Value::Null)
        .await;
    assert!(back.returned().contains_key("code"));
    told(
        &house
            .sign_in(&mut Browser::new(), |claims| claims["email_verified"] = json!(false))
            .await,
        500_208,
    );
}

#[tokio::test]
async fn the_claim_for_administrators_makes_and_unmakes_them() {
    let house = Federated::with(|rules| rules.administrators = condition("groups", "admins")).await;
    let with = async |groups: Value| {
        let back = house.sign_in(&mut Browser::new(), |claims| claims["groups"] = groups).await;
        member(&house, &back).await.administrator
    };
    assert!(with(json!(["staff", "admins"])).await);
    assert!(!with(json!(["staff"])).await);
    assert!(with(json!("admins")).await);
    change_rules(&house, |rules| rules.administrators = None).await;
    assert!(with(json!([])).await, "without a rule nothing changes");
}

#[tokio::test]
async fn linking_by_mail_is_off_unless_switched_on_and_never_takes_an_administrator() {
    let house = Federated::new().await;
    let (ben, clara) = (&house.house.accounts.members[1].member, &house.house.accounts.members[2].member);
    let as_member = |member: &Member, subject: &str, verified: bool| {
        let (mail, subject) = (member.mail.clone(), subject.to_owned());
        move |claims: &mut Value| {
            claims["sub"] = json!(subject);
            claims["preferred_username"] = json!(mail);
            claims["email"] = json!(mail);
            claims["email_verified"] = json!(verified);
        }
    };
    told(&house.sign_in(&mut Browser::new(), as_member(ben, "b", true)).await, 51004);
    change_rules(&house, |rules| rules.link_by_email = true).await;
    told(&house.sign_in(&mut Browser::new(), as_member(ben, "b", false)).await, 51004);
    told(&house.sign_in(&mut Browser::new(), as_member(clara, "c", true)).await, 51004);
    let back = house.sign_in(&mut Browser::new(), as_member(ben, "b", true)).await;
    assert_eq!(member(&house, &back).await, *ben);
    told(&house.sign_in(&mut Browser::new(), as_member(ben, "another", true)).await, 51004);
    let log = house.house.app.audit_log(10).await.unwrap();
    assert!(
        log.iter()
            .any(|entry| entry.action == "federation.memberLinked" && entry.subject == ben.raw_id())
    );
}

#[tokio::test]
async fn a_sign_in_name_that_cannot_stand_in_a_path_is_refused() {
    let house = Federated::new().await;
    let long = "x".repeat(321);
    for name in ["a/b", "a b", "a\u{0}b", "", "11111111-2222-4333-8444-555555555555", &long] {
        told(
            &house
                .sign_in(&mut Browser::new(), |claims| claims["preferred_username"] = json!(name))
                .await,
            40012,
        );
    }
    told(
        &house
            .sign_in(&mut Browser::new(), |claims| claims["sub"] = json!("s".repeat(256)))
            .await,
        40012,
    );
    let back = house
        .sign_in(&mut Browser::new(), |claims| claims["preferred_username"] = json!("o'dora+x"))
        .await;
    assert_eq!(member(&house, &back).await.user_principal_name, "o'dora+x");
    let anna = &house.house.accounts.members[0].member.user_principal_name;
    let back = house
        .sign_in(&mut Browser::new(), |claims| claims["preferred_username"] = json!(anna))
        .await;
    assert_eq!(
        member(&house, &back).await.user_principal_name,
        "o'dora+x",
        "a taken name is not taken over later either"
    );
}

#[tokio::test]
async fn the_sign_in_page_offers_what_there_is() {
    let house = Federated::new().await;
    let app = &house.house.app;
    let administrator = house.administrator();
    let mut browser = Browser::new();
    let page = browser.authorize(&house.house, &house.house.request()).await;
    assert!(page.body.contains("Sign in with <strong>Upstream &#38; Co</strong>") && page.body.contains("Or with a password"));
    let start = crate::house::attribute(&page.body, "class=\"action other\" href=\"");
    assert!(browser.open(&house.house, &start).await.location().starts_with(ISSUER));

    app.set_local_sign_in(&administrator, false).await.unwrap();
    let direct = browser.authorize(&house.house, &house.house.request()).await;
    assert!(direct.location().starts_with(ISSUER), "the only way there is");
    let page = browser
        .authorize(&house.house, &house.house.request_with("prompt", "select_account"))
        .await;
    assert!(page.body.contains("<details>") && page.body.contains("Administrators: sign in with a password"));
    let [anna, _, clara] = house.house.accounts.members.as_slice() else {
        panic!("three members");
    };
    let refused = browser
        .submit(&house.house, &page, &anna.member.user_principal_name, &anna.password)
        .await;
    assert!(refused.body.contains("do not sign in with a password") && !refused.headers.contains_key("location"));
    let wrong = browser.submit(&house.house, &page, &anna.member.user_principal_name, "wrong").await;
    assert!(
        wrong.body.contains("not correct"),
        "who has a right password learns it, and nobody else"
    );
    let back = browser
        .submit(&house.house, &page, &clara.member.user_principal_name, &clara.password)
        .await;
    assert!(back.returned().contains_key("code"), "administrators are never locked out");

    let off = ProviderChange {
        enabled: Some(false),
        ..ProviderChange::default()
    };
    change(&house, off).await;
    let mut browser = Browser::new();
    let page = browser.authorize(&house.house, &house.house.request()).await;
    assert!(!page.body.contains("Upstream") && !page.body.contains("<details"));
    let back = browser
        .submit(&house.house, &page, &anna.member.user_principal_name, &anna.password)
        .await;
    assert!(back.returned().contains_key("code"), "without a provider passwords count again");
    assert!(matches!(
        app.set_local_sign_in(&administrator, false).await,
        Err(AppError::InvalidArgument { field: "localSignIn", .. })
    ));
    told(&browser.open(&house.house, &start).await, 50107);
}

#[tokio::test]
async fn a_login_hint_of_an_admitted_domain_goes_to_its_provider() {
    let house = Federated::with(|rules| rules.email_domains = vec!["upstream.example".to_owned()]).await;
    let mut request = house.house.request_with("login_hint", "dora@UPSTREAM.example");
    assert!(
        Browser::new()
            .authorize(&house.house, &request)
            .await
            .location()
            .starts_with(ISSUER)
    );
    request.insert("prompt", "select_account".to_owned());
    assert!(
        Browser::new()
            .authorize(&house.house, &request)
            .await
            .body
            .contains("name=\"password\"")
    );
    let request = house.house.request_with("login_hint", "anna.berg@riverside.example");
    assert!(
        Browser::new()
            .authorize(&house.house, &request)
            .await
            .body
            .contains("name=\"password\"")
    );
}

#[tokio::test]
async fn who_loses_the_provider_is_signed_out() {
    for delete in [false, true] {
        let house = Federated::new().await;
        let (app, administrator) = (&house.house.app, house.administrator());
        let mut browser = Browser::new();
        let back = house.sign_in(&mut browser, |_| {}).await;
        let refresh = house.house.redeem(&back.returned()["code"]).await.json()["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned();
        let refresh = house.house.refresh(&refresh).await.json()["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned();
        if delete {
            app.delete_upstream_provider(&administrator, &house.provider.id).await.unwrap();
            assert!(matches!(
                app.upstream_provider(&administrator, &house.provider.id).await,
                Err(AppError::NotFound { .. })
            ));
        } else {
            let off = ProviderChange {
                enabled: Some(false),
                ..ProviderChange::default()
            };
            change(&house, off).await;
        }
        let silent = browser.authorize(&house.house, &house.house.request_with("prompt", "none")).await;
        assert_eq!(silent.returned()["error"], "login_required");
        assert_eq!(house.house.refresh(&refresh).await.error().0, "invalid_grant");
    }
}

#[tokio::test]
async fn signing_out_here_signs_out_there_when_the_provider_is_set_up_so() {
    let house = Federated::with(|rules| rules.sign_out_upstream = true).await;
    let mut browser = Browser::new();
    house.sign_in(&mut browser, |_| {}).await;
    let home = format!("{HTTP}/");
    let logout = format!(
        "{}?{}",
        house.house.path("logout"),
        crate::house::encode(&[("post_logout_redirect_uri", &home), ("state", "a b&c")])
    );
    let away = browser.open(&house.house, &logout).await;
    assert!(away.location().starts_with(&format!("{ISSUER}/logout?")), "{away:?}");
    let asked = away.returned();
    let signed_out = format!(
        "{HTTP}/{}/oauth2/v2.0/federated/{}/signed-out",
        house.house.tenant(),
        house.provider.id
    );
    assert_eq!(asked["post_logout_redirect_uri"], signed_out);
    assert_eq!(asked["id_token_hint"].split('.').count(), 3);
    let silent = browser.authorize(&house.house, &house.house.request_with("prompt", "none")).await;
    assert_eq!(
        silent.returned()["error"],
        "login_required",
        "signed out here before anybody is asked there"
    );
    let path = url::Url::parse(&signed_out).unwrap().path().to_owned();
    let back = browser.open(&house.house, &format!("{path}?state={}", asked["state"])).await;
    let home_again = browser.open(&house.house, back.location()).await;
    assert_eq!(home_again.location(), format!("{home}?state=a%20b%26c"));
    let evil = B64.encode(crate::house::encode(&[("post_logout_redirect_uri", "https://evil.example/")]));
    let back = browser.open(&house.house, &format!("{path}?state={evil}")).await;
    let page = browser.open(&house.house, back.location()).await;
    assert!(page.body.contains("You are signed out") && !page.headers.contains_key("location"));

    let plain = Federated::new().await;
    let mut browser = Browser::new();
    plain.sign_in(&mut browser, |_| {}).await;
    let page = browser.open(&plain.house, &plain.house.path("logout")).await;
    assert!(page.body.contains("You are signed out"));
}

#[tokio::test]
async fn a_check_says_what_is_right_and_everything_that_is_wrong() {
    let house = Federated::new().await;
    let (app, administrator) = (&house.house.app, house.administrator());
    let check = async || app.check_upstream_provider(&administrator, &house.provider.id).await.unwrap();
    let found = check().await;
    assert!(found.problems.is_empty() && found.passed.len() == 3, "{found:?}");
    house.upstream.change(|state| state.keys.clear());
    let secret = ProviderChange {
        client_secret: Some(Some("wrong".to_owned())),
        ..ProviderChange::default()
    };
    change(&house, secret).await;
    let found = check().await;
    assert_eq!(found.problems.len(), 2, "{found:?}");
    house.upstream.change(|state| {
        state.discovery["issuer"] = json!("https://other.example");
        state.discovery.as_object_mut().unwrap().remove("token_endpoint");
    });
    assert_eq!(check().await.problems.len(), 2);
    house.upstream.change(|state| state.down = true);
    let found = check().await;
    assert!(found.problems[0].contains("could not be reached"), "{found:?}");
}

#[tokio::test]
async fn a_description_that_names_an_address_of_the_inside_is_not_followed() {
    let house = Federated::new().await;
    house
        .upstream
        .change(|state| state.discovery["jwks_uri"] = json!("https://169.254.169.254/keys"));
    told(&house.sign_in(&mut Browser::new(), |_| {}).await, 40008);
    let found = house
        .house
        .app
        .check_upstream_provider(&house.administrator(), &house.provider.id)
        .await
        .unwrap();
    assert!(found.problems[0].contains("may not be called"), "{found:?}");
    house
        .upstream
        .change(|state| state.discovery["jwks_uri"] = json!(format!("{ISSUER}/keys")));
    house.house.turn_clock(61);
    assert!(house.sign_in(&mut Browser::new(), |_| {}).await.returned().contains_key("code"));
}

#[tokio::test]
async fn what_cannot_be_a_provider_is_not_written() {
    let house = Federated::new().await;
    let (app, administrator) = (&house.house.app, house.administrator());
    let issuers = [
        "",
        "login.example.org",
        "ftp://login.example.org",
        "https://a:b@login.example.org",
        "https://login.example.org/?x",
        "https://login.example.org/#x",
        "https://login.example.org/.well-known/openid-configuration",
        "https://169.254.169.254/latest",
        "https://10.0.0.7/",
    ];
    for issuer in issuers {
        let mut wrong = draft("Wrong", ProviderRules::default());
        wrong.issuer = issuer.to_owned();
        let refused = app.create_upstream_provider(&administrator, wrong).await;
        assert!(
            matches!(refused, Err(AppError::InvalidArgument { field: "issuer", .. })),
            "{issuer}: {refused:?}"
        );
    }
    type Edit = fn(&mut app::sign_in::ProviderDraft);
    let edits: [(&str, Edit); 6] = [
        ("name", |draft| draft.name = "x".repeat(81)),
        ("clientId", |draft| draft.client_id = " ".to_owned()),
        ("clientSecret", |draft| draft.client_secret = Some("a\nb".to_owned())),
        ("scopes", |draft| draft.rules.scopes = vec!["two words".to_owned()]),
        ("emailDomains", |draft| draft.rules.email_domains = vec!["@x".to_owned()]),
        ("claims.subject", |draft| draft.rules.claims.subject = String::new()),
    ];
    for (field, edit) in edits {
        let mut wrong = draft("Wrong", ProviderRules::default());
        edit(&mut wrong);
        let refused = app.create_upstream_provider(&administrator, wrong).await;
        assert!(
            matches!(&refused, Err(AppError::InvalidArgument { field: told, .. }) if *told == field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(app.upstream_providers(&administrator).await.unwrap().len(), 1);
    for number in 2..=20 {
        let name = format!("Number {number}");
        app.create_upstream_provider(&administrator, draft(&name, ProviderRules::default()))
            .await
            .unwrap();
    }
    assert!(
        app.create_upstream_provider(&administrator, draft("One more", ProviderRules::default()))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn the_claim_of_the_subject_stays_once_somebody_is_linked_by_it() {
    let house = Federated::new().await;
    let (app, administrator) = (&house.house.app, house.administrator());
    change_rules(&house, |rules| rules.claims.subject = "oid".to_owned()).await;
    let back = house.sign_in(&mut Browser::new(), |claims| claims["oid"] = json!(4711)).await;
    let links: Vec<FederatedIdentity> = app.federated_members(&administrator, &house.provider.id, "", 10).await.unwrap();
    assert_eq!(
        (links[0].subject.as_str(), &links[0].member_id),
        ("4711", &member(&house, &back).await.id)
    );
    assert!(links[0].created_here && links[0].last_sign_in.is_some());
    let mut rules = house.provider.rules.clone();
    rules.claims.subject = "sub".to_owned();
    let other = ProviderChange {
        rules: Some(rules),
        ..ProviderChange::default()
    };
    let refused = app.update_upstream_provider(&administrator, &house.provider.id, other).await;
    assert!(matches!(
        refused,
        Err(AppError::InvalidArgument {
            field: "claims.subject",
            ..
        })
    ));
}

#[tokio::test]
async fn only_administrators_with_the_permission_set_providers_up() {
    let house = Federated::new().await;
    let app = &house.house.app;
    let app::Caller::Member {
        member: clara, client_id, ..
    } = house.administrator()
    else {
        panic!("a member");
    };
    let scopes = vec!["Settings.ReadWrite.All".to_owned()];
    let callers = [
        app::Caller::Member {
            member: house.house.accounts.members[0].member.clone(),
            scopes,
            client_id: client_id.clone(),
        },
        app::Caller::Member {
            member: clara,
            scopes: vec!["User.Read".to_owned()],
            client_id: client_id.clone(),
        },
        app::Caller::Application {
            client_id,
            roles: vec!["User.Read.All".to_owned()],
        },
    ];
    let id = &house.provider.id;
    for caller in &callers {
        let refusals = [
            app.upstream_providers(caller).await.map(drop),
            app.upstream_provider(caller, id).await.map(drop),
            app.create_upstream_provider(caller, draft("Mine", ProviderRules::default()))
                .await
                .map(drop),
            app.update_upstream_provider(caller, id, ProviderChange::default()).await.map(drop),
            app.check_upstream_provider(caller, id).await.map(drop),
            app.local_sign_in(caller).await.map(drop),
            app.set_local_sign_in(caller, false).await,
            app.federated_members(caller, id, "", 1).await.map(drop),
            app.link_federated_member(caller, id, "anna", "x").await.map(drop),
            app.unlink_federated_member(caller, id, "anna").await,
            app.delete_upstream_provider(caller, id).await,
        ];
        for refusal in refusals {
            assert!(matches!(refusal, Err(AppError::Forbidden { .. })), "{refusal:?}");
        }
    }
    assert!(house.sign_in(&mut Browser::new(), |_| {}).await.returned().contains_key("code"));
}

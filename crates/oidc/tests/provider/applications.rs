use axum::body::Body;
use http::{Request, StatusCode, header};

use crate::house::{House, claims};

#[tokio::test]
async fn an_application_gets_its_roles_by_secret_in_the_body_or_by_basic() {
    let house = House::new().await;
    let (id, secret) = (&house.accounts.application.client_id, &house.accounts.client_secret);
    let grant = ("grant_type", "client_credentials");
    let scope = ("scope", "https://graph.microsoft.com/.default");
    let body = house
        .token(&[grant, scope, ("client_id", id), ("client_secret", secret)], None)
        .await;
    let basic = house.token(&[grant, scope], Some((id, secret))).await;
    let both = house.token(&[grant, scope, ("client_id", id)], Some((id, secret))).await;
    for answer in [body, basic, both] {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let answer = answer.json();
        assert!(answer.get("refresh_token").is_none() && answer.get("id_token").is_none());
        let token = claims(&answer["access_token"]);
        assert_eq!(token["aud"], "00000003-0000-0000-c000-000000000000");
        assert_eq!(token["idtyp"], "app");
        assert_eq!((&token["azp"], &token["azpacr"]), (&id.as_str().into(), &"1".into()));
        assert_eq!(
            (&token["sub"], &token["oid"]),
            (&token["oid"], &house.accounts.application.object_id.as_str().into())
        );
        assert!(token["roles"].as_array().unwrap().contains(&"OnlineMeetings.Read.All".into()) && token.get("scp").is_none());
        let caller = house.app.verify_bearer(answer["access_token"].as_str().unwrap()).await.unwrap();
        assert!(matches!(caller, app::Caller::Application { client_id, .. } if client_id == *id));
    }
}

#[tokio::test]
async fn every_spelling_of_a_resource_leads_to_its_audience() {
    let house = House::new().await;
    let (id, secret) = (&house.accounts.application.client_id, &house.accounts.client_secret);
    for (scope, audience) in [
        ("https://localhost/.default", "00000003-0000-0000-c000-000000000000"),
        ("https://localhost:8443/.default", "00000003-0000-0000-c000-000000000000"),
        ("https://graph.microsoft.com/.default", "00000003-0000-0000-c000-000000000000"),
        ("https://communication.azure.com//.default", "https://communication.azure.com"),
    ] {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("client_id", id),
            ("client_secret", secret),
        ];
        let token = claims(&house.token(&form, None).await.json()["access_token"]);
        assert_eq!(token["aud"], audience, "{scope}");
        let roles = token["roles"].as_array().unwrap();
        let communicates = roles.contains(&"Communication.Manage.All".into());
        let reads = roles.contains(&"User.Read.All".into());
        assert_eq!(
            (communicates, reads),
            if audience.ends_with(".com") { (true, false) } else { (false, true) },
            "{scope}"
        );
    }
    for (scope, number) in [("https://example.org/.default", 500_011), ("User.Read", 1_002_012), ("", 900_144)] {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("client_id", id),
            ("client_secret", secret),
        ];
        assert_eq!(house.token(&form, None).await.error().1, number, "{scope}");
    }
}

#[tokio::test]
async fn a_wrong_or_missing_secret_is_refused_and_every_current_secret_is_accepted() {
    let house = House::new().await;
    let second = "another-secret";
    let application = house
        .register(|application| {
            application.secrets.push(app::model::ApplicationSecret::from_hash(
                "second",
                app::passwords::hash_secret(second),
            ))
        })
        .await;
    let id = &application.client_id;
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    for secret in [house.accounts.client_secret.as_str(), second] {
        assert_eq!(house.token(&form, Some((id, secret))).await.status, StatusCode::OK);
    }
    let wrong = house.token(&form, Some((id, "wrong"))).await;
    assert_eq!(
        (wrong.status, wrong.error()),
        (StatusCode::UNAUTHORIZED, ("invalid_client".to_owned(), 7_000_215))
    );
    assert!(wrong.headers.contains_key(header::WWW_AUTHENTICATE));
    assert!(!wrong.body.contains("wrong"), "a secret is never repeated");
    for (id, secret, number) in [
        (id.as_str(), "", 7_000_218),
        ("11111111-2222-4333-8444-555555555555", second, 700_016),
    ] {
        assert_eq!(house.token(&form, Some((id, secret))).await.error().1, number);
    }
    let conflicting = [form[0], form[1], ("client_id", house.web_client())];
    assert_eq!(house.token(&conflicting, Some((id, second))).await.error().1, 7_000_215);
    let twice = [form[0], form[1], ("client_secret", second)];
    assert_eq!(house.token(&twice, Some((id, second))).await.error().1, 7_000_215);
}

#[tokio::test]
async fn a_public_application_cannot_act_for_itself() {
    let house = House::new().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "https://graph.microsoft.com/.default"),
        ("client_id", house.web_client()),
    ];
    assert_eq!(house.token(&form, None).await.error(), ("invalid_client".to_owned(), 700_025));
}

#[tokio::test]
async fn a_request_that_is_no_form_is_refused_with_json() {
    let house = House::new().await;
    let request = Request::post(house.path("token"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(house.send(request).await.error(), ("invalid_request".to_owned(), 9_002_313));
    assert_eq!(house.token(&[], None).await.error().1, 900_144);
    let twice = [("grant_type", "client_credentials"), ("grant_type", "refresh_token")];
    assert_eq!(house.token(&twice, None).await.error().1, 9_000_411);
    let large = "x".repeat(70_000);
    assert_eq!(house.token(&[("code", &large)], None).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_request_id_of_the_client_comes_back_when_it_is_one() {
    let house = House::new().await;
    let id = "3f2b8a2e-5f0c-4f7e-9c43-0a1b2c3d4e5f";
    for (sent, echoed) in [(id, true), ("%3Cscript%3E", false)] {
        let uri = format!("{}?client-request-id={}", house.path("token"), sent);
        let answer = house.send(Request::post(uri).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.json()["correlation_id"] == sent, echoed);
    }
}

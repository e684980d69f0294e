//! Who calls the HTTP facades: a good token is accepted, and each thing that can be wrong with one is refused by its own name.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use app::permissions::COMMUNICATION_MANAGE;
use app::ports::DirectoryStore as _;
use app::tokens::{COMMUNICATION_AUDIENCE, GRAPH_AUDIENCE, GRAPH_AUDIENCE_URL, Signer};
use app::{Caller, TokenError};
use serde_json::{Value, json};
use support::{House, MINUTE, OTHER_ORIGIN, SECOND, with};

#[tokio::test]
async fn a_members_token_is_accepted_under_each_known_origin_and_audience_spelling() {
    let house = House::new().await;
    let anna = house.anna();
    let claims = house.member_claims(&anna, "User.Read OnlineMeetings.Read");
    let variants = [
        claims.clone(),
        with(claims.clone(), "iss", json!(house.app.issuer(OTHER_ORIGIN))),
        with(claims.clone(), "aud", json!(GRAPH_AUDIENCE_URL)),
        with(claims.clone(), "aud", json!([GRAPH_AUDIENCE])),
        with(claims, "exp", json!((house.app.now() / SECOND) as f64 + 60.5)),
    ];
    for claims in variants {
        let caller = house.app.verify_bearer(&house.sign(&claims)).await.unwrap();
        let scopes = vec!["User.Read".to_owned(), "OnlineMeetings.Read".to_owned()];
        assert_eq!(
            caller,
            Caller::Member {
                member: anna.clone(),
                scopes,
                client_id: house.dev.tenant.meet_client_id.clone()
            }
        );
    }
}

#[tokio::test]
async fn each_wrong_claim_has_its_own_refusal() {
    let house = House::new().await;
    let claims = house.member_claims(&house.anna(), "User.Read");
    let now = house.app.now() / SECOND;
    type Expected = fn(&TokenError) -> bool;
    let cases: Vec<(&str, Value, Expected)> = vec![
        ("exp", json!(now), |error| matches!(error, TokenError::Expired { .. })),
        ("exp", Value::Null, |error| matches!(error, TokenError::Malformed)),
        ("exp", json!("soon"), |error| matches!(error, TokenError::Malformed)),
        ("nbf", json!(now + 120), |error| matches!(error, TokenError::NotYetValid)),
        ("iss", json!("https://elsewhere.example/x/v2.0"), |error| {
            matches!(error, TokenError::ForeignIssuer)
        }),
        ("iss", Value::Null, |error| matches!(error, TokenError::ForeignIssuer)),
        ("tid", json!("other"), |error| matches!(error, TokenError::ForeignTenant)),
        ("aud", json!("some client id"), |error| {
            matches!(error, TokenError::WrongAudience { .. })
        }),
        ("aud", json!(COMMUNICATION_AUDIENCE), |error| {
            matches!(error, TokenError::WrongAudience { .. })
        }),
        ("aud", Value::Null, |error| matches!(error, TokenError::WrongAudience { .. })),
        ("oid", json!("nobody"), |error| matches!(error, TokenError::UnknownSubject)),
        ("oid", Value::Null, |error| matches!(error, TokenError::Malformed)),
    ];
    assert!(house.app.verify_bearer(&house.sign(&claims)).await.is_ok());
    for (name, value, expected) in cases {
        let jwt = house.sign(&with(claims.clone(), name, value.clone()));
        let error = house.app.verify_bearer(&jwt).await.unwrap_err();
        assert!(expected(&error), "{name} = {value}: {error:?}");
    }
    assert!(matches!(house.app.verify_bearer("x").await, Err(TokenError::Malformed)));
    assert!(Signer::default().sign(&claims).is_err(), "nothing signs without a key");
}

#[tokio::test]
async fn a_token_ends_when_its_time_is_over() {
    let house = House::new().await;
    let jwt = house.member_token(&house.anna(), "User.Read");
    house.pass(59 * MINUTE);
    assert!(house.app.verify_bearer(&jwt).await.is_ok());
    house.pass(MINUTE);
    assert!(matches!(house.app.verify_bearer(&jwt).await, Err(TokenError::Expired { .. })));
}

#[tokio::test]
async fn a_disabled_or_revoked_member_is_refused_at_once_and_a_new_token_works_again() {
    let house = House::new().await;
    let anna = house.anna();
    let jwt = house.member_token(&anna, "User.Read");
    assert!(house.app.verify_bearer(&jwt).await.is_ok());
    house.app.revoke_member(&anna.id).await.unwrap();
    assert!(matches!(house.app.verify_bearer(&jwt).await, Err(TokenError::Revoked)));
    house.pass(SECOND);
    let fresh = house.member_token(&anna, "User.Read");
    assert!(house.app.verify_bearer(&fresh).await.is_ok());
    house
        .store
        .put_member(&app::model::Member { enabled: false, ..anna })
        .await
        .unwrap();
    assert!(matches!(house.app.verify_bearer(&fresh).await, Err(TokenError::UnknownSubject)));
}

#[tokio::test]
async fn an_application_has_the_roles_that_it_still_holds() {
    let house = House::new().await;
    let roles = ["OnlineMeetings.Read.All", "User.Read.All", "Invented.All"];
    let jwt = house.sign(&house.application_claims(GRAPH_AUDIENCE, &roles));
    let held = |caller: Caller| match caller {
        Caller::Application { roles, .. } => roles,
        Caller::Member { .. } => panic!("a token without scp is an application's"),
    };
    assert_eq!(
        held(house.app.verify_bearer(&jwt).await.unwrap()),
        ["OnlineMeetings.Read.All", "User.Read.All"]
    );
    let mut application = house.dev.application.clone();
    application.application_permissions = vec!["User.Read.All".to_owned()];
    house.store.put_application(&application).await.unwrap();
    assert_eq!(held(house.app.verify_bearer(&jwt).await.unwrap()), ["User.Read.All"]);
    let unknown = with(house.application_claims(GRAPH_AUDIENCE, &roles), "azp", json!("nobody"));
    assert!(matches!(
        house.app.verify_bearer(&house.sign(&unknown)).await,
        Err(TokenError::UnknownSubject)
    ));
}

#[tokio::test]
async fn the_communication_facade_wants_its_own_audience_and_permission() {
    let house = House::new().await;
    let verify = |claims: Value| {
        let (app, jwt) = (house.app.clone(), house.sign(&claims));
        async move { app.verify_communication_bearer(&jwt).await }
    };
    let good = house.application_claims(COMMUNICATION_AUDIENCE, &[COMMUNICATION_MANAGE]);
    assert!(verify(good.clone()).await.is_ok());
    assert!(
        verify(with(good.clone(), "aud", json!(format!("{COMMUNICATION_AUDIENCE}/"))))
            .await
            .is_ok()
    );
    let wrong = verify(with(good.clone(), "aud", json!(GRAPH_AUDIENCE))).await;
    assert!(matches!(wrong, Err(TokenError::WrongAudience { .. })));
    let without = verify(with(good, "roles", json!(["User.Read.All"]))).await;
    assert!(matches!(without, Err(TokenError::MissingScope { .. })));
    let member = |member, scopes| with(house.member_claims(&member, scopes), "aud", json!(COMMUNICATION_AUDIENCE));
    let administrator = verify(member(house.clara(), "openid Communication.Manage.All")).await;
    assert!(administrator.is_ok(), "an administrator may, with the permission");
    let without = verify(member(house.clara(), "openid User.Read")).await;
    assert!(matches!(without, Err(TokenError::MissingScope { .. })));
    let nobody_special = verify(member(house.anna(), COMMUNICATION_MANAGE)).await;
    assert!(matches!(nobody_special, Err(TokenError::MissingScope { .. })));
}

#[tokio::test]
async fn tokens_of_before_a_restart_and_of_before_a_rotation_are_still_accepted() {
    let house = House::new().await;
    let anna = house.anna();
    let old = house.member_token(&anna, "User.Read");
    house.pass(MINUTE);
    house.app.rotate_signing_key().await.unwrap();
    let new = house.member_token(&anna, "User.Read");
    assert_eq!(house.app.signer().jwks().len(), 2);
    let house = house.restart().await;
    assert!(house.app.verify_bearer(&old).await.is_ok() && house.app.verify_bearer(&new).await.is_ok());
    // A day later the next rotation still keeps the key that was signing until now, and forgets the one before.
    house.pass(26 * 60 * MINUTE);
    house.app.rotate_signing_key().await.unwrap();
    assert_eq!(house.app.signer().jwks().len(), 2);
    assert!(matches!(house.app.verify_bearer(&old).await, Err(TokenError::UnknownKey)));
    assert!(matches!(house.app.verify_bearer(&new).await, Err(TokenError::Expired { .. })));
}

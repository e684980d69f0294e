//! What administrators do with applications, and what it does to sign-in.

use app::AppError;
use app::applications::{ApplicationDraft, ApplicationPatch, NewKey, NewSecret};
use http::StatusCode;

use crate::house::{Browser, House};

fn graph(id: &str, secret: &str) -> [(&'static str, String); 4] {
    [
        ("grant_type", "client_credentials".to_owned()),
        ("scope", "https://graph.microsoft.com/.default".to_owned()),
        ("client_id", id.to_owned()),
        ("client_secret", secret.to_owned()),
    ]
}

async fn try_secret(house: &House, id: &str, secret: &str) -> StatusCode {
    let form = graph(id, secret);
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    house.token(&form, None).await.status
}

#[tokio::test]
async fn a_secret_works_until_it_expires_or_is_removed_and_others_go_on() {
    let house = House::new().await;
    let administrator = house.administrator();
    let (rota, first) = house.third_party(ApplicationPatch::default()).await;
    let short = NewSecret {
        name: "short".to_owned(),
        expires_in_days: Some(1),
    };
    let (known, second) = house
        .app
        .add_application_secret(&administrator, &rota.client_id, short)
        .await
        .unwrap();
    assert_eq!(known.hint, &second[..3]);
    assert!(!known.hash.contains(&second));
    assert_eq!(try_secret(&house, &rota.client_id, &second).await, StatusCode::OK);
    house.turn_clock(24 * 3600);
    assert_eq!(try_secret(&house, &rota.client_id, &second).await, StatusCode::UNAUTHORIZED);
    assert_eq!(try_secret(&house, &rota.client_id, &first).await, StatusCode::OK);
    let stored = house.app.registered_application(&administrator, &rota.client_id).await.unwrap();
    let id = &stored.secrets[0].id;
    house
        .app
        .remove_application_secret(&administrator, &rota.client_id, id)
        .await
        .unwrap();
    assert_eq!(try_secret(&house, &rota.client_id, &first).await, StatusCode::UNAUTHORIZED);
    let gone = house.app.remove_application_secret(&administrator, &rota.client_id, id).await;
    assert!(matches!(gone, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn deleting_an_application_ends_its_tokens_at_once() {
    let house = House::new().await;
    let administrator = house.administrator();
    let rest = ApplicationPatch {
        application_permissions: Some(vec!["User.Read.All".to_owned()]),
        delegated_permissions: Some(vec!["User.Read".to_owned()]),
        ..ApplicationPatch::default()
    };
    let (rota, secret) = house.third_party(rest).await;
    house.app.consent_for_tenant(&administrator, &rota.client_id).await.unwrap();
    let form = graph(&rota.client_id, &secret);
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let own = house.token(&form, None).await.json()["access_token"].as_str().unwrap().to_owned();
    let mut browser = Browser::new();
    let request = house.request_of(&rota, "openid offline_access User.Read");
    let back = browser.sign_in(&house, &request).await;
    let members = house.redeem_of(&rota, &secret, &back.returned()["code"]).await.json();
    let for_member = members["access_token"].as_str().unwrap();
    assert!(house.app.verify_bearer(&own).await.is_ok() && house.app.verify_bearer(for_member).await.is_ok());
    house.app.delete_application(&administrator, &rota.client_id).await.unwrap();
    assert!(house.app.verify_bearer(&own).await.is_err() && house.app.verify_bearer(for_member).await.is_err());
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", rota.client_id.as_str()),
        ("client_secret", secret.as_str()),
        ("refresh_token", members["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(house.token(&form, None).await.error().1, 700_016);
    let page = browser.authorize(&house, &request).await;
    assert!(page.body.contains("AADSTS700016") && page.status == StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_administrators_administer_and_never_the_web_app() {
    let house = House::new().await;
    let administrator = house.administrator();
    let app::Caller::Member { scopes, client_id, .. } = administrator.clone() else {
        panic!("a member");
    };
    let organizer = app::Caller::Member {
        member: house.accounts.members[0].member.clone(),
        scopes,
        client_id,
    };
    let application = app::Caller::Application {
        client_id: house.accounts.application.client_id.clone(),
        roles: vec!["Settings.ReadWrite.All".to_owned()],
    };
    let (rota, _) = house.third_party(ApplicationPatch::default()).await;
    for caller in [&organizer, &application] {
        let id = rota.client_id.as_str();
        let denied = [
            house.app.registered_applications(caller).await.map(drop),
            house.app.registered_application(caller, id).await.map(drop),
            house.app.register_application(caller, ApplicationDraft::default()).await.map(drop),
            house
                .app
                .change_application(caller, id, ApplicationPatch::default())
                .await
                .map(drop),
            house.app.delete_application(caller, id).await,
            house.app.add_application_secret(caller, id, NewSecret::default()).await.map(drop),
            house.app.remove_application_secret(caller, id, "x").await,
            house.app.add_application_key(caller, id, NewKey::default()).await.map(drop),
            house.app.remove_application_key(caller, id, "x").await,
            house.app.consent_for_tenant(caller, id).await.map(drop),
            house.app.withdraw_consent(caller, id).await.map(drop),
        ];
        assert!(
            denied.iter().all(|answer| matches!(answer, Err(AppError::Forbidden { .. }))),
            "{denied:?}"
        );
    }
    let own = house.web_client();
    let kept = [
        house
            .app
            .change_application(&administrator, own, ApplicationPatch::default())
            .await
            .map(drop),
        house.app.delete_application(&administrator, own).await,
        house
            .app
            .add_application_secret(&administrator, own, NewSecret::default())
            .await
            .map(drop),
        house.app.withdraw_consent(&administrator, own).await.map(drop),
    ];
    assert!(
        kept.iter().all(|answer| matches!(answer, Err(AppError::Forbidden { .. }))),
        "{kept:?}"
    );
    assert_eq!(house.app.registered_applications(&administrator).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_registration_that_makes_no_sense_changes_nothing() {
    let house = House::new().await;
    let administrator = house.administrator();
    let (rota, _) = house.third_party(ApplicationPatch::default()).await;
    let many = vec!["https://a.example.org".to_owned(); 101];
    let one = |uri: &str| Some(vec![uri.to_owned()]);
    for patch in [
        ApplicationPatch {
            display_name: Some(" ".to_owned()),
            ..ApplicationPatch::default()
        },
        ApplicationPatch {
            display_name: Some("x".repeat(121)),
            ..ApplicationPatch::default()
        },
        ApplicationPatch {
            redirect_uris: one("http://rota.example.org"),
            ..ApplicationPatch::default()
        },
        ApplicationPatch {
            redirect_uris: Some(many),
            ..ApplicationPatch::default()
        },
        ApplicationPatch {
            application_permissions: one("Everything.All"),
            ..ApplicationPatch::default()
        },
        ApplicationPatch {
            delegated_permissions: one("api://x/y"),
            ..ApplicationPatch::default()
        },
    ] {
        let refused = house.app.change_application(&administrator, &rota.client_id, patch.clone()).await;
        assert!(matches!(refused, Err(AppError::InvalidArgument { .. })), "{patch:?}");
    }
    let after = house
        .app
        .registered_application(&administrator, &rota.client_id.to_uppercase())
        .await
        .unwrap();
    assert_eq!(after.redirect_uris, rota.redirect_uris);
    let public = ApplicationDraft {
        display_name: "Kiosk".to_owned(),
        public: true,
        rest: ApplicationPatch {
            redirect_uris: one("com.example.kiosk://signed-in"),
            ..ApplicationPatch::default()
        },
    };
    let kiosk = house.app.register_application(&administrator, public).await.unwrap();
    let refused = house
        .app
        .add_application_secret(&administrator, &kiosk.client_id, NewSecret::default())
        .await;
    assert!(matches!(refused, Err(AppError::InvalidArgument { .. })));
    for _ in 0..9 {
        house
            .app
            .add_application_secret(&administrator, &rota.client_id, NewSecret::default())
            .await
            .unwrap();
    }
    let refused = house
        .app
        .add_application_secret(&administrator, &rota.client_id, NewSecret::default())
        .await;
    assert!(matches!(refused, Err(AppError::InvalidArgument { .. })), "at most ten");
    let days = NewSecret {
        expires_in_days: Some(731),
        ..NewSecret::default()
    };
    let refused = house.app.add_application_secret(&administrator, &kiosk.client_id, days).await;
    assert!(matches!(refused, Err(AppError::InvalidArgument { .. })));
}

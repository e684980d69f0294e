//! Members, secrets, tenant settings, bars and the audit log.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use app::permissions::{MEETINGS_READ_ALL, USER_READ, USER_READ_ALL, USER_READ_BASIC_ALL};
use app::ports::{DirectoryStore as _, RecordStore as _};
use app::{AppError, Change, TokenError};
use meeting::{Bar, MeetingPolicy, TenantSettings};
use support::{House, MINUTE, SECOND, as_application, as_member};

#[tokio::test]
async fn a_password_signs_in_its_own_enabled_member_only() {
    let house = House::new().await;
    let (anna, ben) = (&house.dev.members[0], &house.dev.members[1]);
    let upn = anna.member.user_principal_name.to_uppercase();
    let found = house.app.verify_password(&upn, &anna.password).await.unwrap();
    assert_eq!(found.as_ref(), Some(&anna.member));
    assert_eq!(house.app.verify_password(&upn, &ben.password).await.unwrap(), None);
    assert_eq!(
        house.app.verify_password("nobody@riverside.example", &anna.password).await.unwrap(),
        None
    );
    house
        .store
        .put_member(&app::model::Member {
            enabled: false,
            ..anna.member.clone()
        })
        .await
        .unwrap();
    assert_eq!(house.app.verify_password(&upn, &anna.password).await.unwrap(), None);
    assert!(matches!(
        house.app.set_password(&ben.member.id, "short").await,
        Err(AppError::InvalidArgument { .. })
    ));
    house.app.set_password(&ben.member.id, "a much longer one").await.unwrap();
    assert!(
        house
            .app
            .verify_password(&ben.member.user_principal_name, "a much longer one")
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        house
            .app
            .verify_password(&ben.member.user_principal_name, &ben.password)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_changed_password_ends_what_was_signed_in_before_and_the_first_one_does_not() {
    let house = House::new().await;
    let (anna, ben) = (house.anna(), house.ben());
    assert_eq!(anna.tokens_valid_after, 0, "a first password has nothing to end");
    let (of_anna, of_ben) = (house.member_token(&anna, USER_READ), house.member_token(&ben, USER_READ));
    let mut changes = house.app.changes();
    house.app.set_password(&anna.id, "a much longer one").await.unwrap();
    assert!(matches!(house.app.verify_bearer(&of_anna).await, Err(TokenError::Revoked)));
    assert_eq!(changes.try_recv().unwrap(), Change::IdentityRevoked { raw_id: anna.raw_id() });
    assert!(house.app.verify_bearer(&of_ben).await.is_ok());
    house.pass(SECOND);
    let fresh = house.member_token(&anna, USER_READ);
    assert!(house.app.verify_bearer(&fresh).await.is_ok());
    let refused = house.app.set_password(&anna.id, "short").await;
    assert!(matches!(refused, Err(AppError::InvalidArgument { .. })));
    assert!(house.app.verify_bearer(&fresh).await.is_ok(), "a refused change ends nothing");
}

#[tokio::test]
async fn only_the_members_own_web_app_may_ask_for_administration() {
    let house = House::new().await;
    let web = house.app.application(&house.dev.tenant.meet_client_id).await.unwrap().unwrap();
    for permission in ["Settings.ReadWrite.All", "Communication.Manage.All"] {
        let registered = |permissions: &[String]| permissions.iter().any(|known| known == permission);
        assert!(registered(&web.delegated_permissions), "{permission}");
        assert!(!registered(&house.dev.application.delegated_permissions), "{permission}");
    }
}

#[tokio::test]
async fn an_application_secret_fits_its_own_confidential_application_only() {
    let house = House::new().await;
    let (client_id, secret) = (&house.dev.application.client_id, &house.dev.client_secret);
    assert!(
        house
            .app
            .verify_application_secret(&client_id.to_uppercase(), secret)
            .await
            .unwrap()
            .is_some()
    );
    assert!(house.app.verify_application_secret(client_id, "wrong").await.unwrap().is_none());
    assert!(house.app.verify_application_secret("no guid", secret).await.unwrap().is_none());
    assert!(
        house
            .app
            .verify_application_secret(&house.dev.tenant.meet_client_id, secret)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn the_directory_is_read_with_the_right_permission_only() {
    let house = House::new().await;
    let (anna, ben) = (house.anna(), house.ben());
    let own = as_member(&anna, &[USER_READ]);
    assert_eq!(house.app.me(&own).await.unwrap(), anna);
    assert_eq!(house.app.member(&own, &anna.user_principal_name).await.unwrap(), anna);
    assert!(matches!(house.app.member(&own, &ben.id).await, Err(AppError::Forbidden { .. })));
    assert!(matches!(house.app.members(&own).await, Err(AppError::Forbidden { .. })));
    assert!(matches!(
        house.app.me(&as_member(&anna, &[])).await,
        Err(AppError::Forbidden { .. })
    ));
    let wide = as_member(&anna, &[USER_READ_BASIC_ALL]);
    assert_eq!(house.app.member(&wide, &ben.id.to_uppercase()).await.unwrap(), ben);
    assert!(matches!(house.app.member(&wide, "nobody").await, Err(AppError::NotFound { .. })));
    let program = as_application(&[USER_READ_ALL]);
    assert_eq!(house.app.members(&program).await.unwrap().len(), 3);
    assert!(matches!(house.app.me(&program).await, Err(AppError::Forbidden { .. })));
    let meetings_only = as_application(&[MEETINGS_READ_ALL]);
    assert!(matches!(
        house.app.member(&meetings_only, &ben.id).await,
        Err(AppError::Forbidden { .. })
    ));
    assert_eq!(
        house.app.organizer_id(&meetings_only, &ben.user_principal_name).await.unwrap(),
        ben.id
    );
    assert!(matches!(
        house.app.organizer_id(&program, &ben.id).await,
        Err(AppError::Forbidden { .. })
    ));
}

#[tokio::test]
async fn settings_belong_to_administrators_are_announced_and_survive_a_restart() {
    let house = House::new().await;
    let administrator = as_member(&house.clara(), &["Settings.ReadWrite.All"]);
    let settings = TenantSettings {
        disable_anonymous_join: true,
        ..TenantSettings::default()
    };
    let policy = MeetingPolicy {
        guest_raised_hand: true,
        ..MeetingPolicy::default()
    };
    let strangers = [
        as_member(&house.anna(), &["Settings.ReadWrite.All"]),
        // An administrator through a client that was not given administration.
        as_member(&house.clara(), &[USER_READ, USER_READ_ALL]),
        as_application(&["Settings.ReadWrite.All"]),
    ];
    for caller in strangers {
        assert!(matches!(house.app.settings(&caller).await, Err(AppError::Forbidden { .. })));
        let refused = house.app.update_settings(&caller, Some(settings.clone()), None).await;
        assert!(matches!(refused, Err(AppError::Forbidden { .. })));
    }
    let mut changes = house.app.changes();
    let after = house
        .app
        .update_settings(&administrator, Some(settings.clone()), None)
        .await
        .unwrap();
    assert_eq!(after, (settings.clone(), MeetingPolicy::default()));
    assert_eq!(changes.try_recv().unwrap(), Change::SettingsChanged);
    house.app.update_settings(&administrator, None, Some(policy.clone())).await.unwrap();
    let nonsense = MeetingPolicy {
        lobby_timeout_s: 0,
        ..policy.clone()
    };
    let refused = house.app.update_settings(&administrator, None, Some(nonsense)).await;
    assert!(matches!(refused, Err(AppError::InvalidArgument { .. })));
    let house = house.restart().await;
    assert_eq!(house.app.settings(&administrator).await.unwrap(), (settings, policy));
    let entries = house.app.audit_log(10).await.unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.action == "settings.changed").count(), 2);
    assert!(entries.iter().all(|entry| entry.actor == house.clara().raw_id()));
}

#[tokio::test]
async fn a_bar_holds_across_a_restart_until_its_time_or_until_it_is_lifted() {
    let house = House::new().await;
    let until = house.app.now() + MINUTE;
    house.app.bar("thread", "8:acs:x", Bar::Removed, until).await.unwrap();
    house.app.bar("thread", "8:acs:y", Bar::Denied, until + MINUTE).await.unwrap();
    let house = house.restart().await;
    assert_eq!(
        house.app.barred("thread").await.unwrap(),
        [("8:acs:x".to_owned(), Bar::Removed), ("8:acs:y".to_owned(), Bar::Denied)]
    );
    assert!(house.app.is_barred("thread", "8:acs:x").await.unwrap());
    assert!(!house.app.is_barred("other", "8:acs:x").await.unwrap());
    assert!(!house.app.is_barred("thread", "8:acs:z").await.unwrap());
    house.pass(MINUTE);
    assert!(!house.app.is_barred("thread", "8:acs:x").await.unwrap());
    assert_eq!(house.app.barred("thread").await.unwrap(), [("8:acs:y".to_owned(), Bar::Denied)]);
    house.app.clear_bars("thread").await.unwrap();
    assert!(house.app.barred("thread").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_start_that_was_interrupted_is_finished_by_the_next() {
    let house = House::new().await;
    // As if the last start had stopped after the members, before their passwords and the application.
    let anna = house.anna();
    house
        .store
        .put_dev_secret("application client id", "11111111-2222-4333-8444-555555555555")
        .await
        .unwrap();
    let before = house.dev.members[0].password.clone();
    let house = house.restart().await;
    assert_eq!(house.dev.application.client_id, "11111111-2222-4333-8444-555555555555");
    let secret = house.dev.client_secret.clone();
    assert!(
        house
            .app
            .verify_application_secret(&house.dev.application.client_id, &secret)
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!((house.anna(), house.dev.members[0].password.clone()), (anna, before));
    assert_eq!(house.store.members().await.unwrap().len(), 3);
}

#[tokio::test]
async fn the_web_apps_addresses_follow_the_origins() {
    let house = House::new().await;
    let web = house.app.application(&house.dev.tenant.meet_client_id).await.unwrap().unwrap();
    assert!(web.public);
    for origin in [support::ORIGIN, support::OTHER_ORIGIN] {
        assert!(web.redirect_uris.contains(&format!("{origin}/auth/callback")));
    }
}

//! Consent of members, and what goes with an application.

use app::ports::StoreError;
use app::sign_in::{AuthorizationCode, DeviceCode, DeviceDecision, RefreshFamily, RefreshToken};

use super::backend::Backend;
use super::fixtures;

fn device(key: &str, client_id: &str) -> DeviceCode {
    DeviceCode {
        device_hash: format!("device {key}"),
        user_code_hash: format!("user {key}"),
        client_id: client_id.into(),
        scope: "openid User.Read".into(),
        issued: 1,
        expires: 100,
        polled: None,
        decision: None,
        used_at: None,
    }
}

fn family(id: &str, client_id: &str) -> (RefreshFamily, RefreshToken) {
    let family = RefreshFamily {
        id: id.into(),
        member_id: "anna".into(),
        client_id: client_id.into(),
        session_hash: None,
        scope: "offline_access".into(),
        signed_in_at: 1,
        expires: 1000,
        revoked_at: None,
        by_device: true,
    };
    let token = RefreshToken {
        token_hash: format!("token of {id}"),
        family_id: id.into(),
        issued: 2,
        used_at: None,
    };
    (family, token)
}

fn approved(member_id: &str) -> DeviceDecision {
    DeviceDecision::Approved {
        member_id: member_id.into(),
        signed_in_at: 7,
    }
}

pub(crate) async fn consent_grows_and_is_of_one_member_for_one_application(backend: &impl Backend) {
    let store = backend.open().await;
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    store.grant_consents("anna", "rota", &names(&["b", "a"]), 1).await.unwrap();
    store.grant_consents("anna", "rota", &names(&["c", "a"]), 2).await.unwrap();
    store.grant_consents("ben", "rota", &names(&["d"]), 3).await.unwrap();
    store.grant_consents("anna", "other", &names(&["e"]), 4).await.unwrap();
    assert_eq!(store.consents("anna", "rota").await.unwrap(), ["a", "b", "c"]);
    store.withdraw_consents("rota").await.unwrap();
    assert!(store.consents("anna", "rota").await.unwrap().is_empty() && store.consents("ben", "rota").await.unwrap().is_empty());
    assert_eq!(store.consents("anna", "other").await.unwrap(), ["e"]);
}

pub(crate) async fn a_deleted_application_takes_everything_along_and_nothing_of_others(backend: &impl Backend) {
    let store = backend.open().await;
    for client_id in ["rota", "other"] {
        store.put_application(&fixtures::application(client_id)).await.unwrap();
        store.grant_consents("anna", client_id, &["a".to_owned()], 1).await.unwrap();
        store.insert_device_code(&device(client_id, client_id)).await.unwrap();
        let (family, token) = family(&format!("family of {client_id}"), client_id);
        store.insert_refresh_family(&family, &token).await.unwrap();
        let code = AuthorizationCode {
            code_hash: format!("code of {client_id}"),
            family_id: "f".into(),
            client_id: client_id.into(),
            member_id: "anna".into(),
            session_hash: "s".into(),
            redirect_uri: "https://rota.example.org".into(),
            scope: "openid".into(),
            nonce: None,
            code_challenge: None,
            signed_in_at: 1,
            expires: 100,
            used_at: None,
        };
        store.put_authorization_code(&code).await.unwrap();
    }
    assert!(store.delete_application("rota").await.unwrap());
    assert!(!store.delete_application("rota").await.unwrap());
    for (client_id, left) in [("rota", false), ("other", true)] {
        assert_eq!(store.application(client_id).await.unwrap().is_some(), left);
        assert_eq!(!store.consents("anna", client_id).await.unwrap().is_empty(), left);
        let waiting = store.device_code_by_user_code(&format!("user {client_id}")).await.unwrap();
        assert_eq!(waiting.is_some(), left);
        let token = store.refresh_token(&format!("token of family of {client_id}")).await.unwrap();
        assert_eq!(token.is_some(), left);
        let code = store.authorization_code(&format!("code of {client_id}")).await.unwrap();
        assert_eq!(code.is_some(), left);
    }
}

pub(crate) async fn a_domain_is_known_by_the_sign_in_names_of_members(backend: &impl Backend) {
    let store = backend.open().await;
    store.put_member(&fixtures::member("anna")).await.unwrap();
    assert!(store.has_member_of_domain("clinic.example").await.unwrap());
    for other in ["example", "linic.example", "clinic.example.org", "anna"] {
        assert!(!store.has_member_of_domain(other).await.unwrap(), "{other}");
    }
}

pub(crate) async fn a_device_code_is_decided_once_and_redeemed_once(backend: &impl Backend) {
    let store = backend.open().await;
    let waiting = device("a", "rota");
    store.insert_device_code(&waiting).await.unwrap();
    let taken = DeviceCode {
        device_hash: "another".into(),
        ..waiting.clone()
    };
    assert!(matches!(store.insert_device_code(&taken).await, Err(StoreError::Conflict { .. })));
    assert_eq!(store.poll_device_code("device a", 10).await.unwrap(), Some(waiting.clone()));
    let polled = store.poll_device_code("device a", 20).await.unwrap().unwrap();
    assert_eq!(polled.polled, Some(10), "as it was before");
    assert_eq!(store.poll_device_code("nothing", 10).await.unwrap(), None);
    let (family, token) = family("f", "rota");
    let refresh = Some((&family, &token));
    assert!(
        !store.redeem_device_code("device a", refresh, 21).await.unwrap(),
        "nobody has approved"
    );
    assert!(store.refresh_token("token of f").await.unwrap().is_none());
    assert!(store.decide_device_code("user a", &approved("anna"), 22).await.unwrap());
    for second in [approved("ben"), DeviceDecision::Declined] {
        assert!(!store.decide_device_code("user a", &second, 23).await.unwrap());
    }
    let decided = store.device_code_by_user_code("user a").await.unwrap().unwrap();
    assert_eq!(decided.decision, Some(approved("anna")));
    let (one, two) = tokio::join!(
        store.redeem_device_code("device a", refresh, 24),
        store.redeem_device_code("device a", None, 24)
    );
    assert!(one.unwrap() != two.unwrap(), "one of the two wins");
    assert_eq!(store.poll_device_code("device a", 30).await.unwrap().unwrap().used_at, Some(24));
}

pub(crate) async fn a_declined_or_expired_device_gives_nothing(backend: &impl Backend) {
    let store = backend.open().await;
    for key in ["a", "b"] {
        store.insert_device_code(&device(key, "rota")).await.unwrap();
    }
    assert!(store.decide_device_code("user a", &DeviceDecision::Declined, 10).await.unwrap());
    assert!(!store.redeem_device_code("device a", None, 11).await.unwrap());
    let declined = store.poll_device_code("device a", 12).await.unwrap().unwrap();
    assert_eq!(declined.decision, Some(DeviceDecision::Declined));
    assert!(
        !store.decide_device_code("user b", &approved("anna"), 100).await.unwrap(),
        "it ends at 100"
    );
    assert!(!store.decide_device_code("user c", &approved("anna"), 10).await.unwrap());
    assert!(store.decide_device_code("user b", &approved("anna"), 99).await.unwrap());
    store.sweep_sign_in(100).await.unwrap();
    assert!(
        store.device_code_by_user_code("user b").await.unwrap().is_some(),
        "remembered for a day"
    );
    store.sweep_sign_in(100 + 24 * 60 * 60 * 1_000_000).await.unwrap();
    assert!(store.device_code_by_user_code("user b").await.unwrap().is_none());
}

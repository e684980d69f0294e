//! Identities, keys, audit.

use app::model::{AccessKey, AuditEntry, SigningKeyRecord};
use app::ports::StoreError;

use super::backend::Backend;
use super::fixtures;

pub(crate) async fn revocation_only_moves_forward_and_not_after_deletion(backend: &impl Backend) {
    let store = backend.open().await;
    store.insert_identity(&fixtures::identity("8:x")).await.unwrap();
    assert!(matches!(
        store.insert_identity(&fixtures::identity("8:x")).await,
        Err(StoreError::Conflict { .. })
    ));
    assert_eq!(store.identity("8:x").await.unwrap(), Some(fixtures::identity("8:x")));
    assert!(store.revoke_identity("8:x", 100).await.unwrap());
    assert!(store.revoke_identity("8:x", 50).await.unwrap());
    assert_eq!(store.identity("8:x").await.unwrap().unwrap().tokens_valid_after, 100);
    assert!(!store.revoke_identity("8:y", 100).await.unwrap());
    assert!(store.delete_identity("8:x", 200).await.unwrap());
    assert!(!store.delete_identity("8:x", 300).await.unwrap());
    assert!(!store.revoke_identity("8:x", 400).await.unwrap());
    assert_eq!(store.identity("8:x").await.unwrap().unwrap().deleted, Some(200));
    assert_eq!(store.identity("8:y").await.unwrap(), None);
}

pub(crate) async fn keys_are_replaced_by_name_and_the_newest_signing_key_comes_first(backend: &impl Backend) {
    let store = backend.open().await;
    let key = |secret: &str, created| AccessKey {
        name: "primary".into(),
        secret: secret.into(),
        created,
    };
    store.put_access_key(&key("old", 1)).await.unwrap();
    store.put_access_key(&key("new", 2)).await.unwrap();
    assert_eq!(store.access_keys().await.unwrap(), vec![key("new", 2)]);

    let signing = |kid: &str, created| SigningKeyRecord {
        kid: kid.into(),
        pkcs8: "x".into(),
        created,
    };
    for key in [signing("a", 1), signing("c", 3), signing("b", 2)] {
        store.insert_signing_key(&key).await.unwrap();
    }
    assert!(matches!(
        store.insert_signing_key(&signing("a", 9)).await,
        Err(StoreError::Conflict { .. })
    ));
    store.delete_signing_keys_before(2).await.unwrap();
    assert_eq!(store.signing_keys().await.unwrap(), vec![signing("c", 3), signing("b", 2)]);
}

pub(crate) async fn audit_entries_come_newest_first(backend: &impl Backend) {
    let store = backend.open().await;
    let entry = |at| AuditEntry {
        at,
        actor: "server".into(),
        action: "test".into(),
        subject: "x".into(),
        detail: serde_json::json!({ "at": at }),
    };
    for at in [1, 3, 2] {
        store.add_audit(&entry(at)).await.unwrap();
    }
    assert_eq!(store.audit_log(2).await.unwrap(), vec![entry(3), entry(2)]);
}

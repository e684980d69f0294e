//! Tenant, members, applications.

use app::ports::StoreError;

use super::backend::Backend;
use super::fixtures;

pub(crate) async fn tenant_is_replaced_and_there_is_only_one(backend: &impl Backend) {
    let store = backend.open().await;
    assert_eq!(store.tenant().await.unwrap(), None);
    let mut tenant = fixtures::tenant();
    store.put_tenant(&tenant).await.unwrap();
    assert_eq!(store.tenant().await.unwrap().as_ref(), Some(&tenant));
    tenant.settings.disable_anonymous_join = false;
    store.put_tenant(&tenant).await.unwrap();
    assert_eq!(store.tenant().await.unwrap().as_ref(), Some(&tenant));
    let second = app::model::Tenant {
        id: "other".into(),
        ..fixtures::tenant()
    };
    assert!(matches!(store.put_tenant(&second).await, Err(StoreError::Conflict { .. })));
    assert_eq!(store.tenant().await.unwrap(), Some(tenant));
}

pub(crate) async fn members_are_found_by_id_and_by_name_in_any_letter_case(backend: &impl Backend) {
    let store = backend.open().await;
    let (anna, ben) = (fixtures::member("anna"), fixtures::member("ben"));
    store.put_member(&ben).await.unwrap();
    store.put_member(&anna).await.unwrap();
    assert_eq!(store.member("anna").await.unwrap().as_ref(), Some(&anna));
    assert_eq!(store.member_by_upn("ANNA@clinic.EXAMPLE").await.unwrap().as_ref(), Some(&anna));
    assert_eq!(store.member("nobody").await.unwrap(), None);
    assert_eq!(store.member_by_upn("nobody@clinic.example").await.unwrap(), None);
    assert_eq!(store.members().await.unwrap(), vec![anna, ben]);
}

pub(crate) async fn replacing_a_member_leaves_the_password_alone(backend: &impl Backend) {
    let store = backend.open().await;
    let mut anna = fixtures::member("anna");
    store.put_member(&anna).await.unwrap();
    assert_eq!(store.password_hash("anna").await.unwrap(), None);
    store.set_password_hash("anna", "$argon2id$x").await.unwrap();
    anna.enabled = false;
    store.put_member(&anna).await.unwrap();
    assert_eq!(store.member("anna").await.unwrap(), Some(anna));
    assert_eq!(store.password_hash("anna").await.unwrap().as_deref(), Some("$argon2id$x"));
    assert_eq!(store.password_hash("nobody").await.unwrap(), None);
}

pub(crate) async fn a_sign_in_name_belongs_to_one_member(backend: &impl Backend) {
    let store = backend.open().await;
    let anna = fixtures::member("anna");
    store.put_member(&anna).await.unwrap();
    let mut thief = fixtures::member("thief");
    thief.user_principal_name = anna.user_principal_name.to_uppercase();
    assert!(matches!(store.put_member(&thief).await, Err(StoreError::Conflict { .. })));
    assert_eq!(store.member("thief").await.unwrap(), None);
}

pub(crate) async fn applications_come_back_as_they_were(backend: &impl Backend) {
    let store = backend.open().await;
    let mut visits = fixtures::application("visits");
    store.put_application(&visits).await.unwrap();
    visits.public = false;
    visits.secrets.clear();
    store.put_application(&visits).await.unwrap();
    store.put_application(&fixtures::application("web")).await.unwrap();
    assert_eq!(store.application("visits").await.unwrap().as_ref(), Some(&visits));
    assert_eq!(store.application("nothing").await.unwrap(), None);
    assert_eq!(store.applications().await.unwrap().len(), 2);
}

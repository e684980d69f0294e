//! Groups, application access policies, grants.

use app::model::{AccessGrant, AccessPolicy, Grantee, Group};
use app::ports::{Store, StoreError};

use super::backend::Backend;
use super::fixtures;

fn group(id: &str) -> Group {
    Group {
        id: id.into(),
        display_name: format!("Gruppe Ü {id}"),
        description: None,
        created: 7,
    }
}

fn policy(id: &str, name: &str) -> AccessPolicy {
    AccessPolicy {
        id: id.into(),
        name: name.into(),
        description: Some("why".into()),
        applications: vec!["app 1".into(), "app 2".into()],
        created: 8,
    }
}

fn grant(grantee: Grantee, policy_id: &str, rank: i64) -> AccessGrant {
    AccessGrant {
        grantee,
        policy_id: policy_id.into(),
        rank,
        created: 9,
    }
}

async fn with_members(store: &dyn Store) {
    for id in ["anna", "ben", "clara"] {
        store.put_member(&fixtures::member(id)).await.unwrap();
    }
}

pub(crate) async fn groups_and_their_members_come_back_as_they_were(backend: &impl Backend) {
    let store = backend.open().await;
    with_members(&*store).await;
    let mut staff = group("staff");
    store.put_group(&staff).await.unwrap();
    for id in ["ben", "anna", "ben"] {
        store.add_group_member("staff", id).await.unwrap();
    }
    staff.description = Some("everybody".into());
    store.put_group(&staff).await.unwrap();
    assert_eq!(store.group("staff").await.unwrap(), Some(staff.clone()));
    assert_eq!(store.groups().await.unwrap(), [staff]);
    assert_eq!(store.group_members("staff").await.unwrap(), ["anna", "ben"]);
    assert!(store.remove_group_member("staff", "ben").await.unwrap());
    assert!(!store.remove_group_member("staff", "ben").await.unwrap());
    assert!(store.delete_group("staff").await.unwrap());
    assert!(!store.delete_group("staff").await.unwrap());
    assert_eq!(store.group_members("staff").await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn what_is_granted_cannot_be_deleted(backend: &impl Backend) {
    let store = backend.open().await;
    with_members(&*store).await;
    store.put_group(&group("staff")).await.unwrap();
    store.put_access_policy(&policy("p", "Visits")).await.unwrap();
    let grantee = Grantee::Group("staff".into());
    store.put_access_grant(&grant(grantee.clone(), "p", 1)).await.unwrap();
    assert!(matches!(store.delete_group("staff").await, Err(StoreError::Conflict { .. })));
    assert!(matches!(store.delete_access_policy("p").await, Err(StoreError::Conflict { .. })));
    assert!(store.delete_access_grant(&grantee).await.unwrap());
    assert!(!store.delete_access_grant(&grantee).await.unwrap());
    assert!(store.delete_group("staff").await.unwrap());
    assert!(store.delete_access_policy("p").await.unwrap());
    assert!(!store.delete_access_policy("p").await.unwrap());
}

pub(crate) async fn names_of_policies_and_ranks_of_groups_are_unique(backend: &impl Backend) {
    let store = backend.open().await;
    for id in ["staff", "guests"] {
        store.put_group(&group(id)).await.unwrap();
    }
    let first = policy("p", "Visits");
    store.put_access_policy(&first).await.unwrap();
    assert!(matches!(
        store.put_access_policy(&policy("q", "VISITS")).await,
        Err(StoreError::Conflict { .. })
    ));
    assert_eq!(store.access_policy("p").await.unwrap(), Some(first.clone()));
    let renamed = policy("p", "VISITS");
    store.put_access_policy(&renamed).await.unwrap();
    assert_eq!(store.access_policies().await.unwrap(), [renamed]);
    store
        .put_access_grant(&grant(Grantee::Group("staff".into()), "p", 1))
        .await
        .unwrap();
    let second = |rank| grant(Grantee::Group("guests".into()), "p", rank);
    assert!(matches!(store.put_access_grant(&second(1)).await, Err(StoreError::Conflict { .. })));
    store.put_access_grant(&second(2)).await.unwrap();
    store.put_access_grant(&second(3)).await.unwrap();
    store.put_access_grant(&grant(Grantee::Global, "p", 0)).await.unwrap();
    store
        .put_access_grant(&grant(Grantee::Member("anna".into()), "p", 0))
        .await
        .unwrap();
    store.put_access_grant(&grant(Grantee::Member("ben".into()), "p", 0)).await.unwrap();
    let order: Vec<(Grantee, i64)> = store
        .access_grants()
        .await
        .unwrap()
        .into_iter()
        .map(|grant| (grant.grantee, grant.rank))
        .collect();
    assert_eq!(
        order,
        [
            (Grantee::Global, 0),
            (Grantee::Group("staff".into()), 1),
            (Grantee::Group("guests".into()), 3),
            (Grantee::Member("anna".into()), 0),
            (Grantee::Member("ben".into()), 0),
        ]
    );
}

pub(crate) async fn the_best_grant_counts_and_no_other(backend: &impl Backend) {
    let store = backend.open().await;
    with_members(&*store).await;
    for id in ["staff", "nurses"] {
        store.put_group(&group(id)).await.unwrap();
    }
    for (id, name) in [("everybody", "a"), ("first", "b"), ("second", "c"), ("own", "d")] {
        store.put_access_policy(&policy(id, name)).await.unwrap();
    }
    for member in ["anna", "ben"] {
        store.add_group_member("staff", member).await.unwrap();
        store.add_group_member("nurses", member).await.unwrap();
    }
    let counts = |member: &'static str| {
        let store = &store;
        async move { store.effective_access(member).await.unwrap().map(|(_, policy)| policy.id) }
    };
    assert_eq!(counts("anna").await, None);
    store.put_access_grant(&grant(Grantee::Global, "everybody", 0)).await.unwrap();
    assert_eq!(counts("anna").await.as_deref(), Some("everybody"));
    store
        .put_access_grant(&grant(Grantee::Group("nurses".into()), "second", 2))
        .await
        .unwrap();
    assert_eq!(counts("anna").await.as_deref(), Some("second"));
    store
        .put_access_grant(&grant(Grantee::Group("staff".into()), "first", 1))
        .await
        .unwrap();
    assert_eq!(counts("anna").await.as_deref(), Some("first"));
    let own = grant(Grantee::Member("anna".into()), "own", 0);
    store.put_access_grant(&own).await.unwrap();
    assert_eq!(
        store.effective_access("anna").await.unwrap(),
        Some((own.clone(), policy("own", "d")))
    );
    assert_eq!(counts("ben").await.as_deref(), Some("first"));
    assert_eq!(counts("clara").await.as_deref(), Some("everybody"));
    store.delete_access_grant(&own.grantee).await.unwrap();
    store.remove_group_member("staff", "anna").await.unwrap();
    assert_eq!(counts("anna").await.as_deref(), Some("second"));
}

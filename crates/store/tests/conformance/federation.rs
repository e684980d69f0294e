//! Federation: providers, who is whom there, sign-ins on their way that work once.

use std::sync::Arc;

use app::ports::{Store, StoreError};
use app::sign_in::{ClaimCondition, FederatedIdentity, FederatedSession, FederationAttempt, ProviderRules, UpstreamProvider};

use super::{backend::Backend, fixtures::member};

fn provider(id: &str) -> UpstreamProvider {
    UpstreamProvider {
        id: id.into(),
        name: format!("Provider {id} ü"),
        issuer: "https://login.example.org/".into(),
        client_id: "client".into(),
        client_secret: Some("sécret".into()),
        rules: ProviderRules {
            required: Some(ClaimCondition {
                claim: "/groups/0".into(),
                value: "staff".into(),
            }),
            email_domains: vec!["example.org".into()],
            ..ProviderRules::default()
        },
        enabled: true,
        created: 7,
    }
}

fn identity(provider_id: &str, subject: &str, member_id: &str) -> FederatedIdentity {
    FederatedIdentity {
        provider_id: provider_id.into(),
        subject: subject.into(),
        member_id: member_id.into(),
        created_here: true,
        linked: 5,
        last_sign_in: None,
    }
}

fn attempt(state_hash: &str, expires: i64) -> FederationAttempt {
    FederationAttempt {
        state_hash: state_hash.into(),
        browser_hash: "browser".into(),
        provider_id: "p".into(),
        redirect_uri: "https://here.example/t/oauth2/v2.0/federated/p".into(),
        tenant: "common".into(),
        query: "client_id=a&state=%20%C3%BC".into(),
        max_age: Some(60),
        begun: 1,
        expires,
    }
}

async fn with_people(backend: &impl Backend) -> Arc<dyn Store> {
    let store = backend.open().await;
    for id in ["anna", "ben"] {
        store.put_member(&member(id)).await.unwrap();
    }
    for id in ["p", "q"] {
        store.put_upstream_provider(&provider(id)).await.unwrap();
    }
    store
}

fn is_conflict<T: std::fmt::Debug>(result: Result<T, StoreError>, of: &str) {
    assert!(matches!(&result, Err(StoreError::Conflict { what }) if *what == of), "{result:?}");
}

pub(crate) async fn a_provider_comes_back_as_it_was_and_is_replaced(backend: &impl Backend) {
    let store = with_people(backend).await;
    assert_eq!(store.upstream_provider("p").await.unwrap(), Some(provider("p")));
    assert_eq!(store.upstream_providers().await.unwrap(), [provider("p"), provider("q")]);
    let changed = UpstreamProvider {
        client_secret: None,
        enabled: false,
        ..provider("p")
    };
    store.put_upstream_provider(&changed).await.unwrap();
    assert_eq!(store.upstream_provider("p").await.unwrap(), Some(changed));
    assert_eq!(store.upstream_provider("r").await.unwrap(), None);
}

pub(crate) async fn a_deleted_provider_takes_its_links_along_and_leaves_members(backend: &impl Backend) {
    let store = with_people(backend).await;
    for id in ["p", "q"] {
        store.link_federated_identity(&identity(id, "s", "anna")).await.unwrap();
    }
    store.put_federation_attempt(&attempt("state", 100), 10).await.unwrap();
    assert!(store.delete_upstream_provider("p").await.unwrap());
    assert!(!store.delete_upstream_provider("p").await.unwrap());
    assert_eq!(store.federated_identity("p", "s").await.unwrap(), None);
    assert_eq!(store.take_federation_attempt("state", "browser").await.unwrap(), None);
    assert!(store.federated_identity("q", "s").await.unwrap().is_some());
    assert!(store.member("anna").await.unwrap().is_some());
}

pub(crate) async fn passwords_are_on_until_they_are_switched_off(backend: &impl Backend) {
    let store = backend.open().await;
    assert!(store.local_sign_in().await.unwrap());
    for on in [false, true, false] {
        store.set_local_sign_in(on).await.unwrap();
        assert_eq!(store.local_sign_in().await.unwrap(), on);
    }
}

pub(crate) async fn a_subject_is_one_member_and_a_member_one_subject_of_a_provider(backend: &impl Backend) {
    let store = with_people(backend).await;
    let anna = identity("p", "s", "anna");
    store.link_federated_identity(&anna).await.unwrap();
    is_conflict(
        store.link_federated_identity(&identity("p", "s", "ben")).await,
        "federated identity",
    );
    is_conflict(
        store.link_federated_identity(&identity("p", "t", "anna")).await,
        "federated identity",
    );
    store.link_federated_identity(&identity("q", "s", "anna")).await.unwrap();
    store.link_federated_identity(&identity("p", "T", "ben")).await.unwrap();
    assert_eq!(store.federated_identity("p", "s").await.unwrap(), Some(anna.clone()));
    assert_eq!(store.federated_identity("p", "S").await.unwrap(), None, "a subject is exact");
    assert_eq!(
        store.federated_identities("p", "", 10).await.unwrap(),
        [identity("p", "T", "ben"), anna.clone()]
    );
    assert_eq!(store.federated_identities("p", "T", 10).await.unwrap(), [anna]);
    assert_eq!(store.federated_identities("p", "", 1).await.unwrap(), [identity("p", "T", "ben")]);
    store.note_federated_sign_in("p", "s", 9).await.unwrap();
    assert_eq!(store.federated_identity("p", "s").await.unwrap().unwrap().last_sign_in, Some(9));
    assert!(store.unlink_federated_identity("p", "anna").await.unwrap());
    assert!(!store.unlink_federated_identity("p", "anna").await.unwrap());
    assert!(store.federated_identity("q", "s").await.unwrap().is_some());
}

pub(crate) async fn a_member_is_made_with_the_link_or_not_at_all(backend: &impl Backend) {
    let store = with_people(backend).await;
    let carl = member("carl");
    store.insert_federated_member(&carl, &identity("p", "s", "carl")).await.unwrap();
    assert_eq!(store.member("carl").await.unwrap(), Some(carl.clone()));
    let mut twin = member("twin");
    is_conflict(
        store.insert_federated_member(&twin, &identity("p", "s", "twin")).await,
        "federated identity",
    );
    assert_eq!(store.member("twin").await.unwrap(), None, "the member went with the link");
    twin.user_principal_name = carl.user_principal_name.to_uppercase();
    is_conflict(store.insert_federated_member(&twin, &identity("p", "t", "twin")).await, "member");
    assert_eq!(store.federated_identity("p", "t").await.unwrap(), None);
}

pub(crate) async fn a_sign_in_on_its_way_is_taken_once_and_by_its_browser(backend: &impl Backend) {
    let store = backend.open().await;
    store.put_federation_attempt(&attempt("state", 100), 10).await.unwrap();
    assert_eq!(store.take_federation_attempt("state", "another").await.unwrap(), None);
    let tries = (0..8).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.take_federation_attempt("state", "browser").await.unwrap() })
    });
    let mut taken = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        taken.extend(attempt.await.unwrap());
    }
    assert_eq!(taken, [attempt("state", 100)]);
}

pub(crate) async fn too_many_sign_ins_on_their_way_push_out_the_oldest(backend: &impl Backend) {
    let store = backend.open().await;
    for number in 1..=5 {
        store
            .put_federation_attempt(&attempt(&number.to_string(), number), 3)
            .await
            .unwrap();
    }
    let mut left = Vec::new();
    for number in 1..=5 {
        left.extend(store.take_federation_attempt(&number.to_string(), "browser").await.unwrap());
    }
    assert_eq!(left.iter().map(|attempt| attempt.expires).collect::<Vec<_>>(), [3, 4, 5]);
}

pub(crate) async fn what_expired_of_federation_is_swept_and_nothing_else(backend: &impl Backend) {
    let store = backend.open().await;
    let session = |session_hash: &str, expires| FederatedSession {
        session_hash: session_hash.into(),
        provider_id: "p".into(),
        id_token: "a.b.c".into(),
        expires,
    };
    for expires in [10, 20] {
        store
            .put_federation_attempt(&attempt(&expires.to_string(), expires), 10)
            .await
            .unwrap();
        store.put_federated_session(&session(&expires.to_string(), expires)).await.unwrap();
    }
    assert_eq!(store.sweep_federation(10).await.unwrap(), 2);
    assert_eq!(store.take_federation_attempt("10", "browser").await.unwrap(), None);
    assert!(store.take_federation_attempt("20", "browser").await.unwrap().is_some());
    assert_eq!(store.take_federated_session("20").await.unwrap(), Some(session("20", 20)));
    assert_eq!(store.take_federated_session("20").await.unwrap(), None, "taken once");
}

pub(crate) async fn a_domain_belongs_to_the_members_whom_no_provider_made(backend: &impl Backend) {
    let store = with_people(backend).await;
    let named = |id: &str, name: &str| app::model::Member {
        user_principal_name: name.into(),
        ..member(id)
    };
    store.put_member(&named("local", "Local@Own.Example")).await.unwrap();
    store.put_member(&named("odd", "odd@a_b.example")).await.unwrap();
    let made = named("made", "made@theirs.example");
    store.insert_federated_member(&made, &identity("p", "made", "made")).await.unwrap();
    store.put_member(&named("linked", "linked@linked.example")).await.unwrap();
    let linked = FederatedIdentity {
        created_here: false,
        ..identity("p", "linked", "linked")
    };
    store.link_federated_identity(&linked).await.unwrap();
    for held in ["own.example", "OWN.example", "linked.example", "a_b.example"] {
        assert!(store.has_local_member_of_domain(held).await.unwrap(), "{held}");
    }
    for free in ["theirs.example", "example", "wn.example", "axb.example", "%", "!"] {
        assert!(!store.has_local_member_of_domain(free).await.unwrap(), "{free}");
    }
}

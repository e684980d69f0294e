//! An application over a temporary store with a clock that the test moves.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]
#![allow(dead_code, reason = "every test file uses a part")]

pub(crate) mod chat;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use app::access::AccessStore as _;
use app::links::graph_id;
use app::model::{Member, OnlineMeeting};
use app::ports::Clock;
use app::system::SystemRandom;
use app::tokens::GRAPH_AUDIENCE;
use app::{App, Caller, Config, DevAccounts, Micros};
use serde_json::{Value, json};
use store::SqlStore;

pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";
pub(crate) const OTHER_ORIGIN: &str = "https://localhost:8443";
pub(crate) const SECOND: Micros = 1_000_000;
pub(crate) const MINUTE: Micros = 60 * SECOND;
/// Not a whole second, so that rounding shows.
const START: Micros = 1_800_000_000_400_000;

pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Micros {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) dev: DevAccounts,
    pub(crate) store: Arc<SqlStore>,
    clock: Arc<TestClock>,
    directory: tempfile::TempDir,
}

pub(crate) fn config() -> Config {
    Config {
        public_origin: ORIGIN.to_owned(),
        known_origins: vec![OTHER_ORIGIN.to_owned()],
        signal_url: "ws://127.0.0.1:8080/signal".to_owned(),
        region: "local".to_owned(),
        relay: None,
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::open(tempfile::tempdir().unwrap(), Arc::new(TestClock(AtomicI64::new(START)))).await
    }

    /// Throws the running application away and starts another over the same files.
    pub(crate) async fn restart(self) -> Self {
        let Self { directory, clock, .. } = self;
        Self::open(directory, clock).await
    }

    async fn open(directory: tempfile::TempDir, clock: Arc<TestClock>) -> Self {
        let store = Arc::new(SqlStore::open(&directory.path().join("store.db")).await.unwrap());
        let app = App::new(config(), store.clone(), clock.clone(), Arc::new(SystemRandom::default()))
            .await
            .unwrap();
        let dev = app.bootstrap_dev().await.unwrap();
        // The application of `as_application` is in dev mode's policy too, beside the registered one.
        for mut policy in store.access_policies().await.unwrap() {
            if !policy.applications.iter().any(|listed| listed == "a") {
                policy.applications.push("a".to_owned());
                store.put_access_policy(&policy).await.unwrap();
            }
        }
        Self {
            app,
            dev,
            store,
            clock,
            directory,
        }
    }

    pub(crate) fn pass(&self, time: Micros) {
        self.clock.0.fetch_add(time, Ordering::SeqCst);
    }

    pub(crate) fn anna(&self) -> Member {
        self.dev.members[0].member.clone()
    }

    pub(crate) fn ben(&self) -> Member {
        self.dev.members[1].member.clone()
    }

    pub(crate) fn clara(&self) -> Member {
        self.dev.members[2].member.clone()
    }

    pub(crate) fn graph_id(&self, meeting: &OnlineMeeting) -> String {
        graph_id(&meeting.organizer_id, &meeting.thread_id)
    }

    /// Claims of a good access token of a member; tests spoil them.
    pub(crate) fn member_claims(&self, member: &Member, scopes: &str) -> Value {
        let now = self.app.now() / SECOND;
        json!({
            "aud": GRAPH_AUDIENCE, "iss": self.app.issuer(ORIGIN), "tid": self.dev.tenant.id, "oid": member.id, "scp": scopes,
            "azp": self.dev.tenant.meet_client_id, "iat": now, "nbf": now, "exp": now + 3600, "ver": "2.0",
        })
    }

    pub(crate) fn member_token(&self, member: &Member, scopes: &str) -> String {
        self.app.signer().sign(&self.member_claims(member, scopes)).unwrap()
    }

    /// Claims of a good access token of the application.
    pub(crate) fn application_claims(&self, audience: &str, roles: &[&str]) -> Value {
        let now = self.app.now() / SECOND;
        json!({
            "aud": audience, "iss": self.app.issuer(OTHER_ORIGIN), "tid": self.dev.tenant.id, "oid": self.dev.application.object_id,
            "roles": roles, "azp": self.dev.application.client_id, "idtyp": "app", "iat": now, "nbf": now, "exp": now + 3600,
        })
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.app.signer().sign(claims).unwrap()
    }
}

pub(crate) fn as_member(member: &Member, scopes: &[&str]) -> Caller {
    Caller::Member {
        member: member.clone(),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        client_id: "c".to_owned(),
    }
}

pub(crate) fn as_application(roles: &[&str]) -> Caller {
    Caller::Application {
        client_id: "a".to_owned(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
    }
}

/// The claims with one changed; `null` takes it away.
pub(crate) fn with(mut claims: Value, name: &str, value: Value) -> Value {
    let members = claims.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    claims
}

//! A server of the API over a real store, and callers with every kind of token.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use app::{App, Config, DevAccounts, Micros, ports::Clock, system::SystemRandom, tokens::GRAPH_AUDIENCE};
use axum::{Router, body::Body};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";
pub(crate) const SECURE_ORIGIN: &str = "https://localhost:8443";

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Micros {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) accounts: DevAccounts,
    router: Router,
    _directory: tempfile::TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// Status, code and target of a refusal whose shape was checked.
    pub(crate) fn error(&self) -> (u16, &str, Option<&str>) {
        let error = &self.body["error"];
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{self:?}");
        assert_eq!(
            error["innerError"]["request-id"].as_str().unwrap(),
            self.headers.get("request-id").unwrap()
        );
        assert_eq!(
            error["innerError"]["client-request-id"].as_str().unwrap(),
            self.headers.get("client-request-id").unwrap()
        );
        assert_eq!(error["innerError"]["date"].as_str().unwrap().len(), "2026-11-22T12:17:30".len());
        assert!(
            self.headers
                .get("content-type")
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("application/json")
        );
        (self.status.as_u16(), error["code"].as_str().unwrap(), error["target"].as_str())
    }

    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer} in {}", self.body))
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = store::SqlStore::open(&directory.path().join("anteroom.db")).await.unwrap();
        // 2026-11-22T12:17:30Z.
        let clock = Arc::new(TestClock(AtomicI64::new(1_795_349_850_000_000)));
        let config = Config {
            public_origin: ORIGIN.to_owned(),
            known_origins: vec![SECURE_ORIGIN.to_owned()],
            signal_url: "ws://127.0.0.1:8080/signal".to_owned(),
            region: "local".to_owned(),
            relay: None,
        };
        let app = App::new(config, Arc::new(store), clock, Arc::new(SystemRandom::default()))
            .await
            .unwrap();
        let accounts = app.bootstrap_dev().await.unwrap();
        let router = graph::router(app.clone());
        Self {
            app,
            accounts,
            router,
            _directory: directory,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
        let text = parts.headers.get("content-type").is_some_and(|kind| {
            [&b"text/calendar"[..], b"text/vtt"]
                .iter()
                .any(|text| kind.as_bytes().starts_with(text))
        });
        let body = if bytes.is_empty() {
            Value::Null
        } else if text {
            Value::String(String::from_utf8(bytes.to_vec()).unwrap())
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn call(&self, token: &str, method: &str, target: &str, body: Option<Value>) -> Answer {
        self.send(
            request(token, method, target)
                .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
                .unwrap(),
        )
        .await
    }

    pub(crate) async fn get(&self, token: &str, target: &str) -> Answer {
        self.call(token, "GET", target, None).await
    }

    fn token(&self, claims: Value) -> String {
        let now = self.app.now() / 1_000_000;
        let mut all = json!({
            "iss": self.app.issuer(ORIGIN), "tid": self.accounts.tenant.id, "aud": GRAPH_AUDIENCE, "iat": now, "nbf": now, "exp": now + 3600,
            "azp": self.accounts.application.client_id,
        });
        let Value::Object(claims) = claims else {
            panic!("claims are an object")
        };
        all.as_object_mut().unwrap().extend(claims);
        self.app.signer().sign(&all).unwrap()
    }

    /// A delegated token of the first (organizer), second (colleague) or third (administrator) member.
    pub(crate) fn member(&self, index: usize, scopes: &str) -> String {
        self.token(json!({ "oid": self.accounts.members[index].member.id, "scp": scopes }))
    }

    /// The organizer with everything that the web app asks for.
    pub(crate) fn organizer(&self) -> String {
        self.member(0, "OnlineMeetings.ReadWrite User.Read")
    }

    pub(crate) fn application(&self, roles: &[&str]) -> String {
        self.token(json!({ "roles": roles, "idtyp": "app" }))
    }

    pub(crate) fn id(&self, index: usize) -> &str {
        &self.accounts.members[index].member.id
    }

    /// The application's address of a member's meetings.
    pub(crate) fn meetings_of(&self, index: usize) -> String {
        format!("/v1.0/users/{}/onlineMeetings", self.id(index))
    }

    /// Schedules a meeting for the organizer.
    pub(crate) async fn schedule(&self, body: Value) -> Answer {
        let answer = self.call(&self.organizer(), "POST", "/v1.0/me/onlineMeetings", Some(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer
    }
}

pub(crate) fn request(token: &str, method: &str, target: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(target)
        .header("host", "127.0.0.1:8080")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
}

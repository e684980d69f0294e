//! A server of the identity API over a real store, and a client that signs as the published ones do.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use app::{App, Config, DevAccounts, Micros, Relay, limits::Limits, ports::Clock, system::SystemRandom};
use aws_lc_rs::{digest, hmac};
use axum::{Router, body::Body};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const ORIGIN: &str = "http://127.0.0.1:8080";
const HOST: &str = "127.0.0.1:8080";

/// A clock that stands still until it is told otherwise.
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Micros {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) accounts: DevAccounts,
    clock: Arc<TestClock>,
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
    pub(crate) fn error(&self) -> (u16, &str, Option<&str>) {
        let error = &self.body["error"];
        assert!(
            error["message"].as_str().is_some_and(|message| !message.is_empty()),
            "{:?}",
            self.body
        );
        assert_eq!(self.headers.get("content-type").unwrap(), "application/json");
        assert_eq!(self.headers.get("x-ms-error-code").unwrap(), error["code"].as_str().unwrap());
        (self.status.as_u16(), error["code"].as_str().unwrap(), error["target"].as_str())
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(None, &[]).await
    }

    /// With a relay, and with quotas that differ from the usual ones.
    pub(crate) async fn start_with(relay: Option<Relay>, limits: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = store::SqlStore::open(&directory.path().join("anteroom.db")).await.unwrap();
        // 2026-11-22T12:17:30Z.
        let clock = Arc::new(TestClock(AtomicI64::new(1_795_349_850_000_000)));
        let config = Config {
            public_origin: ORIGIN.to_owned(),
            known_origins: Vec::new(),
            signal_url: "ws://127.0.0.1:8080/signal".to_owned(),
            region: "local".to_owned(),
            relay,
        };
        let app = App::new(config, Arc::new(store), clock.clone(), Arc::new(SystemRandom::default()))
            .await
            .unwrap()
            .with_limits(Limits::parse(limits.iter().copied()).unwrap());
        let accounts = app.bootstrap_dev().await.unwrap();
        let router = communication::router(app.clone(), Vec::new());
        Self {
            app,
            accounts,
            clock,
            router,
            _directory: directory,
        }
    }

    pub(crate) fn advance_minutes(&self, minutes: i64) {
        self.advance_micros(minutes * 60_000_000);
    }

    pub(crate) fn advance_micros(&self, micros: Micros) {
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Micros {
        self.clock.now()
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Sends a signed request.
    pub(crate) async fn signed(&self, method: &str, target: &str, body: &str) -> Answer {
        self.send(self.sign(method, target, body, &self.accounts.access_key)).await
    }

    /// A request signed with a key.
    pub(crate) fn sign(&self, method: &str, target: &str, body: &str, key: &str) -> Request<Body> {
        let date = jiff::fmt::rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&jiff::Timestamp::from_microsecond(self.now()).unwrap())
            .unwrap();
        let hash = STANDARD.encode(digest::digest(&digest::SHA256, body.as_bytes()));
        let text = format!("{method}\n{target}\n{date};{HOST};{hash}");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(key).unwrap());
        let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
        Request::builder()
            .method(method)
            .uri(target)
            .header("host", HOST)
            .header("x-ms-date", date)
            .header("x-ms-content-sha256", hash)
            .header(
                "authorization",
                format!("HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"),
            )
            .header("content-type", "application/json")
            .header("x-ms-client-request-id", "11111111-2222-3333-4444-555555555555")
            .body(Body::from(body.to_owned()))
            .unwrap()
    }

    /// A request with a bearer token.
    pub(crate) fn bearer(method: &str, target: &str, body: &str, token: &str) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(target)
            .header("host", HOST)
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body.to_owned()))
            .unwrap()
    }

    /// An access token of our OpenID provider: these claims besides the ones that every such token has.
    pub(crate) fn token(&self, audience: &str, claims: &Value) -> String {
        let now = self.now() / 1_000_000;
        let mut all = json!({
            "iss": self.app.issuer(ORIGIN), "tid": self.accounts.tenant.id, "aud": audience, "iat": now, "nbf": now, "exp": now + 3600,
        });
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        self.app.signer().sign(&all).unwrap()
    }

    /// Makes an identity and gives its id, escaped for a path as the clients do it.
    pub(crate) async fn identity(&self) -> String {
        let answer = self.signed("POST", "/identities?api-version=2023-10-01", "").await;
        answer.body["identity"]["id"].as_str().unwrap().replace(':', "%3A")
    }
}

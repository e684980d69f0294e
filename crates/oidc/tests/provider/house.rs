//! A server with members and applications on a temporary store, a clock that tests turn, and a browser with a cookie jar.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use app::{
    App, Config, DevAccounts,
    ports::{Clock, DirectoryStore as _},
    system::SystemRandom,
};
use axum::{Router, body::Body, extract::ConnectInfo};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use oidc::{RequestOrigin, RequestSource};
use serde_json::Value;
use store::SqlStore;
use tower::ServiceExt as _;

pub(crate) const HTTP: &str = "http://127.0.0.1:8080";
pub(crate) const HTTPS: &str = "https://localhost:8443";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const THIRD_PARTY_URI: &str = "https://rota.example.org/signed-in";
pub(crate) const STATE: &str = "eyJpZCI6IjEiLCJtZXRhIjp7fX0=|a b+c&d=\u{e9}";

#[derive(Default)]
pub(crate) struct TurnedClock(AtomicI64);

impl Clock for TurnedClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) accounts: DevAccounts,
    pub(crate) store: Arc<SqlStore>,
    pub(crate) file: std::path::PathBuf,
    router: Router,
    clock: Arc<TurnedClock>,
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("anteroom.db");
        let store = Arc::new(SqlStore::open(&file).await.unwrap());
        let clock = Arc::new(TurnedClock(AtomicI64::new(1_795_000_000_000_000)));
        let config = Config {
            public_origin: HTTP.to_owned(),
            known_origins: vec![HTTPS.to_owned()],
            signal_url: "ws://127.0.0.1:8080/signal".to_owned(),
            region: "here".to_owned(),
            relay: None,
        };
        let app = App::new(config, store.clone(), clock.clone(), Arc::new(SystemRandom::default()))
            .await
            .unwrap();
        let accounts = app.bootstrap_dev().await.unwrap();
        Self {
            router: oidc::router(app.clone()),
            app,
            accounts,
            store,
            file,
            clock,
            _folder: folder,
        }
    }

    pub(crate) fn turn_clock(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub(crate) fn tenant(&self) -> &str {
        &self.accounts.tenant.id
    }

    pub(crate) fn web_client(&self) -> &str {
        &self.accounts.tenant.meet_client_id
    }

    pub(crate) fn path(&self, endpoint: &str) -> String {
        format!("/{}/oauth2/v2.0/{endpoint}", self.tenant())
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 5000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(
            Request::get(path)
                .header(header::HOST, "127.0.0.1:8080")
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// A token request, with HTTP Basic when given.
    pub(crate) async fn token(&self, form: &[(&str, &str)], basic: Option<(&str, &str)>) -> Answer {
        self.send(self.token_request(form, basic)).await
    }

    pub(crate) fn token_request(&self, form: &[(&str, &str)], basic: Option<(&str, &str)>) -> Request<Body> {
        let mut request = Request::post(self.path("token"))
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8");
        if let Some((id, secret)) = basic {
            let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
            request = request.header(header::AUTHORIZATION, format!("Basic {encoded}"));
        }
        request.body(Body::from(encode(form))).unwrap()
    }

    /// The form of an authorization request by the members' web app.
    pub(crate) fn request(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("client_id", self.web_client().to_owned()),
            ("redirect_uri", format!("{HTTP}/auth/callback")),
            ("response_type", "code".to_owned()),
            (
                "scope",
                "openid profile email offline_access User.Read Teams.ManageCalls".to_owned(),
            ),
            ("state", STATE.to_owned()),
            ("nonce", "n-1".to_owned()),
            ("code_challenge", CHALLENGE.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
        ])
    }

    pub(crate) fn request_with(&self, name: &'static str, value: &str) -> BTreeMap<&'static str, String> {
        let mut request = self.request();
        request.insert(name, value.to_owned());
        request
    }

    pub(crate) fn request_without(&self, name: &str) -> BTreeMap<&'static str, String> {
        let mut request = self.request();
        request.remove(name);
        request
    }

    /// Signs the organizer in and gives the code.
    pub(crate) async fn code(&self) -> String {
        Browser::new().sign_in(self, &self.request()).await.returned()["code"].clone()
    }

    pub(crate) async fn redeem(&self, code: &str) -> Answer {
        let redirect_uri = format!("{HTTP}/auth/callback");
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", self.web_client()),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
            ("scope", "openid profile offline_access User.Read Teams.ManageCalls"),
            ("client_info", "1"),
        ];
        self.token(&form, None).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.web_client()),
            ("refresh_token", refresh_token),
        ];
        self.token(&form, None).await
    }

    /// The administrator, through the members' web app.
    pub(crate) fn administrator(&self) -> app::Caller {
        app::Caller::Member {
            member: self.accounts.members[2].member.clone(),
            scopes: vec!["Settings.ReadWrite.All".to_owned()],
            client_id: self.web_client().to_owned(),
        }
    }

    /// A fresh application of a third party with a secret, to which nobody consented, and the secret.
    pub(crate) async fn third_party(&self, rest: app::applications::ApplicationPatch) -> (app::model::Application, String) {
        let draft = app::applications::ApplicationDraft {
            display_name: "Rota <Planner>".to_owned(),
            public: false,
            rest: app::applications::ApplicationPatch {
                redirect_uris: Some(vec![THIRD_PARTY_URI.to_owned()]),
                ..rest
            },
        };
        let application = self.app.register_application(&self.administrator(), draft).await.unwrap();
        let new = app::applications::NewSecret::default();
        let added = self
            .app
            .add_application_secret(&self.administrator(), &application.client_id, new)
            .await;
        (application, added.unwrap().1)
    }

    /// An authorization request of such an application.
    pub(crate) fn request_of(&self, application: &app::model::Application, scope: &str) -> BTreeMap<&'static str, String> {
        let mut request = self.request_with("scope", scope);
        request.insert("client_id", application.client_id.clone());
        request.insert("redirect_uri", THIRD_PARTY_URI.to_owned());
        request
    }

    /// Redeems a code of such an application.
    pub(crate) async fn redeem_of(&self, application: &app::model::Application, secret: &str, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", application.client_id.as_str()),
            ("client_secret", secret),
            ("code", code),
            ("redirect_uri", THIRD_PARTY_URI),
            ("code_verifier", VERIFIER),
        ];
        self.token(&form, None).await
    }

    /// Registers an application as an administrator would.
    pub(crate) async fn register(&self, change: impl FnOnce(&mut app::model::Application)) -> app::model::Application {
        let mut application = self.accounts.application.clone();
        change(&mut application);
        self.store.put_application(&application).await.unwrap();
        application
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// `error` and number of a JSON error.
    pub(crate) fn error(&self) -> (String, u64) {
        let body = self.json();
        (body["error"].as_str().unwrap().to_owned(), body["error_codes"][0].as_u64().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .unwrap_or_else(|| panic!("no redirect: {self:?}"))
            .to_str()
            .unwrap()
    }

    /// What came back to the application in query or fragment.
    pub(crate) fn returned(&self) -> BTreeMap<String, String> {
        let (_, written) = self.location().split_once(['?', '#']).unwrap();
        url::form_urlencoded::parse(written.as_bytes()).into_owned().collect()
    }
}

/// Keeps cookies between requests of one origin.
#[derive(Default)]
pub(crate) struct Browser {
    origin: Option<&'static str>,
    source: Option<std::net::IpAddr>,
    /// As what a page loads what is asked for; browsers say it in `Sec-Fetch-Dest`.
    pub(crate) embedded: Option<&'static str>,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) set: Vec<String>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A browser that comes over this origin, as the server tells it.
    pub(crate) fn over(origin: &'static str) -> Self {
        Self {
            origin: Some(origin),
            ..Self::default()
        }
    }

    pub(crate) fn from(source: [u8; 4]) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::default()
        }
    }

    pub(crate) async fn open(&mut self, house: &House, path: &str) -> Answer {
        self.send(house, Request::get(path), String::new()).await
    }

    pub(crate) async fn authorize(&mut self, house: &House, request: &BTreeMap<&'static str, String>) -> Answer {
        self.open(house, &format!("{}?{}", house.path("authorize"), encode_map(request)))
            .await
    }

    pub(crate) async fn post(&mut self, house: &House, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(
            house,
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
            encode(form),
        )
        .await
    }

    /// Fills in the sign-in page that `page` is.
    pub(crate) async fn submit(&mut self, house: &House, page: &Answer, user_name: &str, password: &str) -> Answer {
        let (action, csrf) = (attribute(&page.body, "action=\""), attribute(&page.body, "name=\"csrf\" value=\""));
        self.post(house, &action, &[("csrf", &csrf), ("username", user_name), ("password", password)])
            .await
    }

    /// Opens the sign-in page of a request and signs the organizer in.
    pub(crate) async fn sign_in(&mut self, house: &House, request: &BTreeMap<&'static str, String>) -> Answer {
        let page = self.authorize(house, request).await;
        let anna = &house.accounts.members[0];
        self.submit(house, &page, &anna.member.user_principal_name, &anna.password).await
    }

    /// Answers the consent page that `page` is.
    pub(crate) async fn consent(&mut self, house: &House, page: &Answer, decision: &str) -> Answer {
        let (action, csrf) = (attribute(&page.body, "action=\""), attribute(&page.body, "name=\"csrf\" value=\""));
        self.post(house, &action, &[("csrf", &csrf), ("decision", decision)]).await
    }

    async fn send(&mut self, house: &House, builder: http::request::Builder, body: String) -> Answer {
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ");
        let builder = match self.embedded {
            Some(destination) => builder.header("sec-fetch-dest", destination),
            None => builder,
        };
        let mut request = builder
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, cookies)
            .body(Body::from(body))
            .unwrap();
        request.extensions_mut().extend(
            self.origin
                .map(|origin| RequestOrigin(origin.to_owned()))
                .map(extension)
                .unwrap_or_default(),
        );
        request
            .extensions_mut()
            .extend(self.source.map(RequestSource).map(extension).unwrap_or_default());
        let answer = house.send(request).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
            self.set.push(line.to_owned());
        }
        answer
    }
}

fn extension<T: Clone + Send + Sync + 'static>(value: T) -> http::Extensions {
    let mut extensions = http::Extensions::new();
    extensions.insert(value);
    extensions
}

/// The claims of a token, unverified.
pub(crate) fn claims(jwt: &Value) -> Value {
    let payload = jwt.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

pub(crate) fn encode(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

pub(crate) fn encode_map(form: &BTreeMap<&'static str, String>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// The value that follows `start`, with the five HTML escapes undone.
pub(crate) fn attribute(html: &str, start: &str) -> String {
    let (_, rest) = html.split_once(start).unwrap_or_else(|| panic!("no {start} in {html}"));
    let value = rest.split('"').next().unwrap();
    let plain = [
        ("&#38;", "&"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    plain
        .into_iter()
        .fold(value.to_owned(), |text, (escape, character)| text.replace(escape, character))
}

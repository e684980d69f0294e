//! Change notifications of the built binary: a real meeting, a real HTTPS receiver, and the addresses that must not be called.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[path = "../house/mod.rs"]
mod house;
mod receiver;

use std::process::Stdio;

use axum::http::Method;
use house::{
    House, PATIENCE,
    client::{Answer, json, post_form},
};
use receiver::Receiver;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

const SUBSCRIPTIONS: &str = "/v1.0/subscriptions";
const ADMINISTRATOR: usize = 2;

/// The ready file's application with a token of its own.
struct Application<'a> {
    house: &'a House,
    token: String,
}

impl<'a> Application<'a> {
    async fn of(house: &'a House) -> Self {
        let application = &house.ready["application"];
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", application["clientId"].as_str().unwrap()),
            ("client_secret", application["clientSecret"].as_str().unwrap()),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let answer = house
            .http()
            .send(post_form(&format!("/{}/oauth2/v2.0/token", house.tenant()), form))
            .await
            .json();
        Self {
            house,
            token: answer["access_token"]
                .as_str()
                .unwrap_or_else(|| panic!("no token: {answer}"))
                .to_owned(),
        }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.house.http().send(json(method, path, Some(&self.token), body)).await
    }

    /// A meeting that everybody may enter at once.
    async fn open_meeting(&self) -> Value {
        let organizer = self.house.ready["members"][0]["id"].as_str().unwrap();
        let body = json!({ "subject": "Visit", "lobbyBypassSettings": { "scope": "everyone" } });
        let answer = self
            .call(Method::POST, &format!("/v1.0/users/{organizer}/onlineMeetings"), &body)
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    async fn subscribe(&self, meeting: &Value, url: &str) -> Answer {
        let body = json!({
            "changeType": "updated", "notificationUrl": url, "clientState": "state", "expirationDateTime": soon(),
            "resource": format!("/communications/onlineMeetings/?$filter=JoinWebUrl eq '{}'", meeting["joinWebUrl"].as_str().unwrap()),
        });
        self.call(Method::POST, SUBSCRIPTIONS, &body).await
    }
}

/// Half an hour from now.
fn soon() -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_mins(30)).to_string()
}

/// Lets anonymous people begin meetings, so that the bot needs nobody.
async fn let_anybody_begin(house: &House) {
    let token = house.sign_in(ADMINISTRATOR).await;
    let settings = house
        .http()
        .send(json(Method::GET, "/api/admin/settings", Some(&token), &json!({})))
        .await
        .json();
    let (name, _) = settings["policy"]
        .as_object()
        .unwrap()
        .iter()
        .find(|(name, _)| name.to_lowercase().contains("anonymoususerstostart"))
        .unwrap_or_else(|| panic!("no such policy in {settings}"));
    let change = json!({ "policy": { name: true } });
    let answer = house
        .http()
        .send(json(Method::PATCH, "/api/admin/settings", Some(&token), &change))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// A visitor who comes by the link and stays until dropped.
fn visitor(meeting: &Value) -> Child {
    Command::new(env!("CARGO_BIN_EXE_anteroom"))
        .args(["bot", "join", "--name", "Maria", "--no-video", "--no-audio", "--link"])
        .arg(meeting["joinWebUrl"].as_str().unwrap())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn a_subscriber_is_told_of_a_real_meeting_again_after_a_refusal_and_after_a_kill() {
    let mut receiver = Receiver::start().await;
    let house = House::start_with(&["--allow-outbound", "127.0.0.1", "--outbound-ca", receiver.authority()]).await;
    let_anybody_begin(&house).await;
    let application = Application::of(&house).await;
    let meeting = application.open_meeting().await;
    let made = application.subscribe(&meeting, &receiver.url("127.0.0.1")).await;
    assert_eq!(made.status, 201, "{made:?}");

    receiver.answer_next(503, None);
    let visitor = visitor(&meeting);
    let refused = receiver.next().await;
    assert_eq!(refused["value"][0]["subscriptionId"], made.json()["id"]);
    assert_eq!(refused["value"][0]["clientState"], "state");
    // What was refused waits for its time; the process is killed meanwhile.
    let house = house.kill_and_start_again().await;
    drop(visitor);
    let again = receiver.next().await;
    assert_eq!(again["value"][0]["id"], refused["value"][0]["id"]);

    let application = Application::of(&house).await;
    let path = format!("{SUBSCRIPTIONS}/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(application.call(Method::DELETE, &path, &json!({})).await.status, 204);
}

#[tokio::test]
async fn addresses_that_are_not_public_are_not_called_unless_the_operator_allows_them() {
    let receiver = Receiver::start().await;
    let closed = House::start_with(&["--outbound-ca", receiver.authority()]).await;
    let application = Application::of(&closed).await;
    let meeting = application.open_meeting().await;
    let port = receiver.url("x");
    let port = port.trim_start_matches("https://x:");
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "0.0.0.0",
    ] {
        let answer = application.subscribe(&meeting, &format!("https://{host}:{port}")).await;
        assert_eq!(answer.refused(400), "InvalidArgument", "{host}");
        assert!(answer.body.contains("not public"), "{host}: {answer:?}");
    }
    let plain = application.subscribe(&meeting, &format!("http://127.0.0.1:{port}")).await;
    assert_eq!(plain.refused(400), "InvalidArgument");
    assert_eq!(receiver.connections(), 0);

    for (allowed, host) in [("127.0.0.0/8", "127.0.0.1"), ("localhost", "localhost")] {
        let open = House::start_with(&["--outbound-ca", receiver.authority(), "--allow-outbound", allowed]).await;
        let application = Application::of(&open).await;
        let meeting = application.open_meeting().await;
        let answer = application.subscribe(&meeting, &receiver.url(host)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_foreign_authority_is_not_trusted() {
    let (receiver, inner) = (Receiver::start().await, Receiver::start().await);
    let arguments = ["--allow-outbound", "127.0.0.1", "--outbound-ca", receiver.authority()];
    let house = House::start_with(&arguments).await;
    let application = Application::of(&house).await;
    let meeting = application.open_meeting().await;
    receiver.answer_next(307, Some(inner.url("127.0.0.1")));
    let answer = application.subscribe(&meeting, &receiver.url("127.0.0.1")).await;
    assert_eq!(answer.refused(400), "InvalidArgument");
    assert!(answer.body.contains("status 307"), "{answer:?}");
    assert_eq!(inner.connections(), 0);
    let answer = application.subscribe(&meeting, &inner.url("127.0.0.1")).await;
    assert_eq!(answer.refused(400), "InvalidArgument");
    assert_eq!(inner.connections(), 1, "reached, and not believed");
    assert_eq!(application.subscribe(&meeting, &receiver.url("127.0.0.1")).await.status, 201);
}

#[tokio::test]
async fn an_allowance_that_is_none_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = house::command(&folder, &["--allow-outbound", "http://localhost"]).spawn().unwrap();
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert!(!ended.success());
}

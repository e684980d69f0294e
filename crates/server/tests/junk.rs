//! Ten thousand requests that mean nothing leave the server as it was: in memory, and in how long an honest request takes.
//!
//! Time is compared within one run, as a ratio of medians and with room for a busy machine: what this finds is a table that grows with
//! every junk request or a scan that gets longer, not a percentage.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test code; what was measured is printed"
)]

mod house;

use std::time::{Duration, Instant};

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use house::{House, client::Client};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;

const JUNK: usize = 10_000;
/// What fills caches, pools and allocators before memory is looked at.
const WARM_UP: usize = 3_000;
const CONNECTIONS: usize = 8;
const SAMPLES: usize = 200;
/// More than this would be a table that keeps what it is sent: ten thousand requests of about half a kilobyte.
const MOST_GROWTH_KIB: u64 = 8 * 1024;
const MOST_SLOWDOWN: f64 = 4.0;

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PATCH, Method::DELETE, Method::PUT];
const PATHS: [&str; 24] = [
    "/v1.0/me",
    "/v1.0/users/{}/onlineMeetings",
    "/v1.0/me/onlineMeetings?$filter=JoinWebUrl%20eq%20'{}'",
    "/v1.0/me/onlineMeetings/{}/attendanceReports",
    "/v1.0/me/events/{}",
    "/v1.0/subscriptions/{}",
    "/v1.0/$batch",
    "/v1.0/{}",
    "/identities",
    "/identities/{}/:issueAccessToken?api-version={}",
    "/teamsUser/:exchangeAccessToken",
    "/rooms/{}/participants",
    "/networkTraversal/:issueRelayConfiguration",
    "/access/entra/:exchangeAccessToken",
    "/chat/threads",
    "/chat/threads/{}/messages?maxPageSize={}",
    "/v4/a?cor_id={}",
    "/socket.io/1/?connectparams={}",
    "/v3/registrations/{}",
    "/common/oauth2/v2.0/token",
    "/common/oauth2/v2.0/devicecode",
    "/common/oauth2/v2.0/authorize?client_id={}&redirect_uri={}",
    "/api/{}",
    "/{}/v2.0/.well-known/openid-configuration",
];

/// Small and repeatable: the same junk in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn word(&mut self) -> String {
        let length = 1 + self.roll(40);
        (0..length)
            .map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789:@-_."[self.roll(41)]))
            .collect()
    }
}

/// Every sixth request carries a good token, so that junk reaches beyond authentication too.
fn junk(dice: &mut Dice, authority: &str, token: &str) -> Request<Body> {
    let mut path = PATHS[dice.roll(PATHS.len())].to_owned();
    while path.contains("{}") {
        path = path.replacen("{}", &dice.word(), 1);
    }
    let mut request = Request::builder()
        .method(METHODS[dice.roll(METHODS.len())].clone())
        .uri(path)
        .header(header::HOST, authority);
    request = match dice.roll(6) {
        0 => request.header(
            header::AUTHORIZATION,
            format!("Bearer {}.{}.{}", dice.word(), dice.word(), dice.word()),
        ),
        1 => request.header(
            header::AUTHORIZATION,
            format!(
                "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={}",
                dice.word()
            ),
        ),
        2 => request.header("x-skypetoken", dice.word()),
        3 => request.header(header::AUTHORIZATION, format!("Basic {}", dice.word())),
        4 => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        _ => request,
    };
    request = request
        .header("repeatability-request-id", dice.word())
        .header("x-forwarded-for", dice.word());
    let (kind, body) = match dice.roll(4) {
        0 => (
            "application/json",
            Body::from(format!("{{\"{}\": [\"{}\", null, 1e999]}}", dice.word(), dice.word())),
        ),
        1 => ("application/merge-patch+json", Body::from("{".repeat(1 + dice.roll(400)))),
        2 => (
            "application/x-www-form-urlencoded",
            Body::from(format!(
                "grant_type={}&client_id={}&device_code={}&username={}",
                dice.word(),
                dice.word(),
                dice.word(),
                dice.word()
            )),
        ),
        _ => ("application/octet-stream", Body::from(vec![0xff_u8; dice.roll(600)])),
    };
    request.header(header::CONTENT_TYPE, kind).body(body).unwrap()
}

async fn connection(client: &Client) -> SendRequest<Body> {
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(client.connect().await))
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

/// Sends on a kept connection; a server may close it after a refusal, then the next request opens another.
async fn exchange(client: &Client, sender: &mut SendRequest<Body>, request: Request<Body>) -> StatusCode {
    if sender.ready().await.is_err() {
        *sender = connection(client).await;
    }
    let response = tokio::time::timeout(house::PATIENCE, sender.send_request(request))
        .await
        .expect("an answer in time")
        .unwrap();
    let status = response.status();
    to_bytes(Body::new(response.into_body()), usize::MAX).await.unwrap();
    status
}

async fn flood(house: &House, many: usize, seed: u64, token: &str) {
    let mut senders = Vec::new();
    for lane in 0..CONNECTIONS {
        let (client, token) = (house.http(), token.to_owned());
        senders.push(tokio::spawn(async move {
            let mut dice = Dice(seed + u64::try_from(lane).unwrap());
            let mut sender = connection(&client).await;
            for _ in 0..many / CONNECTIONS {
                let request = junk(&mut dice, &client.authority(), &token);
                let (method, uri) = (request.method().clone(), request.uri().clone());
                let status = exchange(&client, &mut sender, request).await;
                assert!(!status.is_server_error(), "{method} {uri}: {status}");
            }
        }));
    }
    for sender in senders {
        sender.await.unwrap();
    }
}

/// The median of honest requests: a member who is signed in reads the own profile, so that token, store and facade are passed through.
async fn honest(house: &House, token: &str) -> Duration {
    let client = house.http();
    let mut sender = connection(&client).await;
    let mut times = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let request = Request::get("/v1.0/me")
            .header(header::HOST, client.authority())
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        let began = Instant::now();
        assert_eq!(exchange(&client, &mut sender, request).await, StatusCode::OK);
        times.push(began.elapsed());
    }
    times.sort();
    times[SAMPLES / 2]
}

#[tokio::test]
async fn ten_thousand_junk_requests_leave_memory_and_latency_where_they_were() {
    let mut house = House::start().await;
    let token = house.sign_in(0).await;
    flood(&house, WARM_UP, 1, &token).await;
    let (memory, time) = (house.resident_kib(), honest(&house, &token).await);
    flood(&house, JUNK, 1_000, &token).await;
    let (memory_after, time_after) = (house.resident_kib(), honest(&house, &token).await);
    let slowdown = time_after.as_secs_f64() / time.as_secs_f64();
    println!("memory {memory} -> {memory_after} KiB, an honest request {time:?} -> {time_after:?} (x {slowdown:.2})");
    assert!(
        memory_after.saturating_sub(memory) <= MOST_GROWTH_KIB,
        "memory grew from {memory} to {memory_after} KiB"
    );
    assert!(slowdown <= MOST_SLOWDOWN, "an honest request takes {slowdown:.1} times as long");
    assert_eq!(house.stop().await, Some(0));
}

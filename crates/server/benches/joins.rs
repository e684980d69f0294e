//! What a guest's join costs the whole server: token, signalling over TLS, lobby rules, offer and answer, ICE, DTLS, and the room's news to everybody who
//! is there. The guests are the native SDK's; the server is the built program, with its store, in a process of its own.
//!
//! `cargo bench -p anteroom-server --bench joins [-- GUESTS]` prints one line of JSON. `loadtest` measures the same join without sign-in and signalling;
//! the difference is what these cost.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a tool for measurements"
)]

#[path = "../tests/house/mod.rs"]
mod house;
#[path = "../tests/meeting/mod.rs"]
mod meeting;

use std::time::{Duration, Instant};

use axum::http::Method;
use calling::{Call, Client, Trust};
use house::{House, PATIENCE, client::json};
use loadtest::process::Process;
use meeting::open_meeting;
use serde_json::{Value, json};
use wire::Locator;

/// Between two looks at whether a media path is up.
const LOOK: Duration = Duration::from_millis(2);
const GUESTS: usize = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // Cargo hands on what it was told, and `--bench`.
    let guests = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(GUESTS);
    let house = House::start().await;
    let meeting = open_meeting(&house).await;
    let authority = std::fs::read(house.ready["caCertificate"].as_str().unwrap()).unwrap();
    let trust = Trust::system().and_pem(&authority).unwrap();
    let server = Process(house.process());
    // The first one pays for what is there once.
    let first = Guest::comes(&house, &meeting, &trust, 0).await;
    let (cpu, resident) = (server.on_cpu().unwrap(), server.resident().unwrap());
    let mut here = Vec::new();
    for number in 1..=guests {
        here.push(Guest::comes(&house, &meeting, &trust, number).await);
    }
    let spent = server.on_cpu().unwrap() - cpu;
    let mut took: Vec<Duration> = here.iter().map(|guest| guest.took).collect();
    took.sort_unstable();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let each = |all: f64| all / guests as f64;
    let numbers = json!({
        "guests": guests,
        "server_cpu_ms_per_join": each(milliseconds(spent)),
        "server_kb_per_guest": each((server.resident().unwrap().saturating_sub(resident)) as f64),
        "join_ms": { "p50": milliseconds(took[guests / 2]), "most": milliseconds(took[guests - 1]) },
    });
    println!("{numbers}");
    first.call.leave(false).await.unwrap();
}

struct Guest {
    call: Call,
    _client: Client,
    /// From asking for a token until the media path is up.
    took: Duration,
}

impl Guest {
    async fn comes(house: &House, meeting: &Value, trust: &Trust, number: usize) -> Self {
        let begun = Instant::now();
        let asked = json(Method::POST, "/api/visitor/token", None, &json!({}));
        let answer = house.http().send(asked).await.json();
        let token = answer["token"].as_str().unwrap_or_else(|| panic!("no token: {answer}"));
        let client = Client::connect(token, trust).await.unwrap();
        let locator = Locator::Link {
            link: meeting["joinWebUrl"].as_str().unwrap().to_owned(),
        };
        let call = client.join(locator, Some(format!("Guest {number}")), true).await.unwrap();
        let up = async {
            call.admitted().await.unwrap();
            while !call.receive_stats().connected {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(PATIENCE, up).await.expect("a media path in time");
        Self {
            call,
            _client: client,
            took: begun.elapsed(),
        }
    }
}

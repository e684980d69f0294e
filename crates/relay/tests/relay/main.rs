//! The relay and ICE over TCP through real sockets, with a client written on the codec and an engine that echoes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod client;
mod engine;
mod ice_tcp;
mod purity;
mod streams;
mod udp;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use relay::credentials::{Credential, Secret};
use relay::turn::Config;
use relay::{Limits, Relay};
use tokio::sync::watch;

use engine::Engine;

/// Nothing in these tests takes long; who waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The engine's address: nothing listens there, so whatever arrived did not come over a socket.
fn media() -> SocketAddr {
    "127.0.0.1:9".parse().unwrap()
}

async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it happens in time")
}

/// Waits until something that is only looked at is so.
async fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it never came to be that {what}");
}

/// A relay with its engine.
struct House {
    relay: Relay,
    engine: Arc<Engine>,
    secret: Secret,
    stop: watch::Sender<bool>,
}

impl House {
    fn new() -> Self {
        Self::with(Limits::relay())
    }

    fn with(limits: Limits) -> Self {
        let secret = Secret::new(b"a secret");
        let engine = Arc::new(Engine::default());
        let config = Config::new(vec![media()]);
        Self {
            relay: Relay::new(config, secret.clone(), [7; 32], Arc::clone(&engine) as _, limits),
            engine,
            secret,
            stop: watch::channel(false).0,
        }
    }

    fn credential(&self, participant: &str) -> Credential {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Credential::issue(&self.secret, participant, now.as_secs(), 3600).unwrap()
    }
}

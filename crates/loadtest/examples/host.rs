//! The media engine alone behind lines of JSON (`loadtest::server::slots`): for measurements without sign-in and signalling.
//!
//! `host ADDRESS` listens there and prints where.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a tool for measurements"
)]

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};

use loadtest::server::{Dialect, Greeting};
use media::{Declared, Engine, EngineConfig, MediaKind, Offer, PeerId, PublicationId, RoomId, Want};
use serde_json::{Value, json};

fn main() {
    let ip: IpAddr = std::env::args().nth(1).expect("an address").parse().expect("an IP address");
    let (greeting, host) = Host::start(ip);
    println!("{}", serde_json::to_string(&greeting).expect("JSON"));
    // One generator after the other.
    loop {
        host.serve_one();
    }
}

/// An engine and where its generators connect.
pub struct Host {
    engine: Engine,
    listener: TcpListener,
}

impl Host {
    /// Starts the engine on this address.
    pub fn start(ip: IpAddr) -> (Greeting, Self) {
        let mut config = EngineConfig::new(SocketAddr::new(ip, 0));
        config.max_peers = 20_000;
        let engine = Engine::start(config, Box::new(|_| {})).expect("the engine starts");
        let listener = TcpListener::bind((ip, 0)).expect("a port");
        let greeting = Greeting {
            listen: listener.local_addr().expect("an address"),
            process: std::process::id(),
            dialect: Dialect::Slots,
            name: format!("Anteroom {}", env!("CARGO_PKG_VERSION")),
        };
        (greeting, Self { engine, listener })
    }

    /// Answers one generator until it leaves.
    pub fn serve_one(&self) {
        let (stream, _) = self.listener.accept().expect("a connection");
        serve(&self.engine, &stream);
    }
}

fn serve(engine: &Engine, stream: &TcpStream) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut out = stream;
    stream.set_nodelay(true).expect("an option of a socket");
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let asked: Value = serde_json::from_str(&line).expect("JSON");
        let mut answer = answer(engine, &runtime, &asked);
        answer["id"] = asked["id"].clone();
        if out.write_all(format!("{answer}\n").as_bytes()).is_err() {
            return;
        }
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

/// The camera of a person; their microphone has the number before.
fn camera(person: u64) -> PublicationId {
    PublicationId(u32::try_from(person * 2 + 1).expect("a publication"))
}

fn answer(engine: &Engine, runtime: &tokio::runtime::Runtime, asked: &Value) -> Value {
    if let Some(join) = asked.get("join") {
        let peer = PeerId(number(&join["person"]));
        let room = RoomId(join["room"].as_str().expect("a room").to_owned());
        let sdp = join["sdp"].as_str().expect("an offer").to_owned();
        let made = match runtime.block_on(engine.offer(room, peer, Offer { sdp, fresh: true })) {
            Ok(made) => made,
            Err(error) => return json!({ "error": error.to_string() }),
        };
        let declared = [("audio", MediaKind::Microphone), ("video", MediaKind::Camera)]
            .into_iter()
            .filter_map(|(name, kind)| {
                let own = camera(peer.0);
                Some(Declared {
                    id: if kind == MediaKind::Camera { own } else { PublicationId(own.0 - 1) },
                    kind,
                    mid: join[name].as_str()?.to_owned(),
                    open: true,
                })
            });
        engine.declare(peer, declared.collect());
        return json!({ "sdp": made.sdp });
    }
    if let Some(watch) = asked.get("watch") {
        let wants = watch["videos"].as_array().into_iter().flatten().map(|person| Want {
            publication: camera(number(person)),
            width: u32::try_from(number(&watch["width"])).expect("pixels"),
            height: u32::try_from(number(&watch["height"])).expect("pixels"),
            priority: 0,
            max_fps: 0,
        });
        engine.subscribe(PeerId(number(&watch["person"])), wants.collect());
    }
    json!({})
}

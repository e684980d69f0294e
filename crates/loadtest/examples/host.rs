//! The media engine alone, asked over TCP in lines of JSON: for measurements without sign-in and signalling.
//!
//! `{"join":{"room":"r","peer":1,"sdp":"…","audio":"0","video":"1"}}` answers `{"sdp":"…"}`; `{"subscribe":{"peer":2,"wants":[3]}}` and `{"leave":1}` answer `{}`.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a tool for measurements")]

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use media::{Declared, Engine, EngineConfig, MediaKind, Offer, PeerId, PublicationId, RoomId, Want};
use serde_json::{Value, json};

fn main() {
    let ip: IpAddr = std::env::args().nth(1).expect("an address").parse().expect("an IP address");
    let engine = Engine::start(EngineConfig::new(SocketAddr::new(ip, 0)), Box::new(|_| {})).expect("the engine starts");
    let engine = Arc::new(engine);
    let listener = TcpListener::bind((ip, 0)).expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    for stream in listener.incoming().map_while(Result::ok) {
        let engine = Arc::clone(&engine);
        std::thread::spawn(move || serve(&engine, &stream));
    }
}

fn serve(engine: &Engine, stream: &TcpStream) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut out = stream;
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let asked: Value = serde_json::from_str(&line).expect("JSON");
        let answer = answer(engine, &runtime, &asked);
        if writeln!(out, "{answer}").is_err() {
            return;
        }
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn answer(engine: &Engine, runtime: &tokio::runtime::Runtime, asked: &Value) -> Value {
    if let Some(join) = asked.get("join") {
        let peer = PeerId(number(&join["peer"]));
        let room = RoomId(join["room"].as_str().expect("a room").to_owned());
        let sdp = join["sdp"].as_str().expect("an offer").to_owned();
        let made = match runtime.block_on(engine.offer(room, peer, Offer { sdp, fresh: true })) {
            Ok(made) => made,
            Err(error) => return json!({ "error": error.to_string() }),
        };
        let declared = [("audio", MediaKind::Microphone), ("video", MediaKind::Camera)].into_iter().filter_map(|(name, kind)| {
            Some(Declared {
                id: PublicationId(u32::try_from(peer.0).ok()? * 2 + u32::from(kind == MediaKind::Camera)),
                kind,
                mid: join[name].as_str()?.to_owned(),
                open: true,
            })
        });
        engine.declare(peer, declared.collect());
        return json!({ "sdp": made.sdp });
    }
    if let Some(subscribe) = asked.get("subscribe") {
        let wants = subscribe["wants"].as_array().into_iter().flatten().map(|id| Want {
            publication: PublicationId(u32::try_from(number(id)).expect("a publication")),
            width: 1_280,
            height: 720,
            priority: 0,
        });
        engine.subscribe(PeerId(number(&subscribe["peer"])), wants.collect());
    }
    json!({})
}

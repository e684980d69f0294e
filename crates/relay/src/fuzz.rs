//! What the fuzzers and the tests that replay their corpus run: every parser that a stranger's bytes reach, over arbitrary bytes. They panic when an
//! invariant does not hold, so they belong to no product path.
#![expect(clippy::panic, reason = "an invariant that does not hold is what a fuzzer looks for")]

use std::net::SocketAddr;
use std::time::Instant;

use crate::credentials::{Credential, Secret};
use crate::frame::{Cut, Framing, MAX_DATAGRAM, MAX_MESSAGE, Packet};
use crate::message::{Class, Key, Message, Method, Writer, attribute, peer_address};
use crate::turn::{Client, Config, Now, Office, Session, Step, Wire};

/// Reads bytes as a message and asks it everything.
pub fn message(bytes: &[u8]) {
    let Ok(message) = Message::parse(bytes) else { return };
    let mut seen = 0;
    for attribute in message.attributes() {
        seen += 4 + attribute.value.len();
    }
    if seen > bytes.len() {
        panic!("attributes of {seen} bytes in a message of {}", bytes.len());
    }
    let _answers = (
        message.method(),
        message.class(),
        message.error_code(),
        peer_address(&message),
        message.get_exact::<4>(attribute::LIFETIME),
        message.is_signed_with(&Key::short_term("fuzz")),
    );
}

/// Cuts bytes as both kinds of streams and reads what comes out.
pub fn stream(bytes: &[u8]) {
    for framing in [Framing::Turn, Framing::Lengths] {
        let mut rest = bytes;
        while let Cut::Unit { whole, skip } = framing.cut(rest) {
            let Some(unit) = rest.get(skip..whole) else {
                panic!("a unit of {whole} bytes in a stream of {}", rest.len());
            };
            if whole == 0 || unit.len() > MAX_MESSAGE || framing == Framing::Lengths && unit.len() > MAX_DATAGRAM {
                panic!("a unit of {whole} bytes");
            }
            match Packet::of(unit) {
                Some(Packet::Stun(bytes)) => message(bytes),
                Some(Packet::Channel { data, .. }) if data.len() > unit.len() => panic!("data longer than its packet"),
                _ => {}
            }
            rest = rest.get(whole..).unwrap_or_default();
        }
    }
}

/// Plays a stream to two sessions, one of a stranger and one with an allocation. Nothing reaches anything but the engine, strangers get no long answers
/// and nothing is left behind.
pub fn session(bytes: &[u8]) {
    let media = SocketAddr::from(([192, 0, 2, 1], 4000));
    let now = Now {
        at: Instant::now(),
        unix_s: 1_000,
    };
    let secret = Secret::new(b"fuzz");
    let mut office = Office::new(Config::new(vec![media]), secret.clone(), [1; 32], now.at);
    let [stranger, known] = [Wire::Udp, Wire::Tls].map(|wire| Client {
        wire,
        address: SocketAddr::from(([198, 51, 100, 1], 5000)),
    });
    let (mut stranger, mut known) = (Session::new(stranger), Session::new(known));
    allocate(&mut known, &mut office, now, &secret);
    for session in [&mut stranger, &mut known] {
        let proved = session.relayed().is_some();
        let mut rest = bytes;
        while let Cut::Unit { whole, .. } = Framing::Turn.cut(rest) {
            let unit = rest.get(..whole).unwrap_or_default();
            match session.step(now.at, unit) {
                Step::Relay { to, .. } if to != media || !proved => panic!("relayed to {to}"),
                Step::Request(message) => {
                    let answer = session.request(now, &mut office, &message).unwrap_or_default();
                    if answer.len() > 4 * unit.len() {
                        panic!("{} bytes answered with {}", unit.len(), answer.len());
                    }
                    if Message::parse(&answer).is_err() && !answer.is_empty() {
                        panic!("an answer that cannot be read");
                    }
                }
                _ => {}
            }
            rest = rest.get(whole..).unwrap_or_default();
        }
        session.end(&mut office);
    }
    if office.allocations() != 0 {
        panic!("allocations left behind");
    }
}

/// Takes an allocation and a permission as a client would: asks, is told the nonce, asks again.
fn allocate(session: &mut Session, office: &mut Office, now: Now, secret: &Secret) {
    let Ok(credential) = Credential::issue(secret, "p", now.unix_s, 3600) else {
        panic!("no credential");
    };
    let key = Key::long_term(credential.username.as_bytes(), "anteroom", &credential.password);
    let ask = |writer: Writer, nonce: &[u8]| {
        writer
            .attribute(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
            .address(attribute::XOR_PEER_ADDRESS, SocketAddr::from(([192, 0, 2, 1], 4000)))
            .attribute(attribute::USERNAME, credential.username.as_bytes())
            .attribute(attribute::REALM, b"anteroom")
            .attribute(attribute::NONCE, nonce)
            .sign(&key)
            .finish()
    };
    let mut nonce = Vec::new();
    for method in [Method::Allocate, Method::Allocate, Method::CreatePermission] {
        let request = ask(Writer::new(Class::Request, method, [2; 12]), &nonce);
        let Step::Request(message) = session.step(now.at, &request) else {
            panic!("our own request cannot be read");
        };
        let answer = session.request(now, office, &message).unwrap_or_default();
        if let Some(fresh) = Message::parse(&answer).ok().and_then(|answer| answer.get(attribute::NONCE)) {
            nonce = fresh.to_vec();
        }
    }
    if session.relayed().is_none() {
        panic!("no allocation");
    }
}

//! What the fuzzers and the test that replays their corpus run: every parser that a stranger's bytes reach, over arbitrary bytes. They panic when an
//! invariant does not hold, so they belong to no product path. How they are run: docs/fuzzing.md.

use std::net::SocketAddr;
use std::time::Instant;

use crate::credentials::{Claim, Credential, Secret};
use crate::frame::{Cut, Framing, MAX_DATAGRAM, MAX_MESSAGE, Packet};
use crate::message::{Class, HEADER, Key, Message, Method, Writer, attribute, peer_address};
use crate::turn::{Client, Config, Now, Office, Session, Step, Wire};

/// Takes any bytes; panics when what it checks does not hold.
pub type Target = fn(&[u8]);

/// Every target by the name of its corpus.
pub const TARGETS: [(&str, Target); 3] = [("relay_message", message), ("relay_stream", stream), ("relay_session", session)];

/// Runs the target of this name.
///
/// # Panics
/// When there is none, and when what the target checks does not hold.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    assert!(target.is_some(), "no target is named {name}");
    if let Some((_, target)) = target {
        target(bytes);
    }
}

/// Reads bytes as a message and asks it everything; what was read is the same when it was written and is read again.
pub(crate) fn message(bytes: &[u8]) {
    let Ok(message) = Message::parse(bytes) else { return };
    let seen: usize = message.attributes().map(|attribute| 4 + attribute.value.len()).sum();
    assert!(
        HEADER + seen <= bytes.len(),
        "attributes of {seen} bytes in a message of {}",
        bytes.len()
    );
    let _answers = (
        message.error_code(),
        peer_address(&message),
        message.get_exact::<4>(attribute::LIFETIME),
        message.is_signed_with(&Key::short_term("fuzz")),
        message.get(attribute::USERNAME).and_then(Claim::read),
    );
    let Some(method) = message.method() else { return };
    let again = |message: &Message<'_>| -> Vec<u8> {
        let writer = Writer::new(message.class(), method, message.transaction());
        let plain = message.attributes().filter(|attribute| attribute.kind != attribute::FINGERPRINT);
        plain
            .fold(writer, |writer, attribute| writer.attribute(attribute.kind, attribute.value))
            .finish()
    };
    let written = again(&message);
    let read = Message::parse(&written);
    assert!(
        read.is_ok_and(|read| read.class() == message.class() && read.method() == Some(method) && again(&read) == written),
        "it changes when it is written again"
    );
}

/// Cuts bytes as both kinds of streams and reads what comes out.
pub(crate) fn stream(bytes: &[u8]) {
    for framing in [Framing::Turn, Framing::Lengths] {
        let mut rest = bytes;
        while let Cut::Unit { whole, skip } = framing.cut(rest) {
            assert!(
                whole > 0 && skip <= whole && whole <= rest.len(),
                "{skip}..{whole} of {}",
                rest.len()
            );
            let unit = rest.get(skip..whole).unwrap_or_default();
            let most = if framing == Framing::Turn { MAX_MESSAGE } else { MAX_DATAGRAM };
            assert!(unit.len() <= most, "a unit of {} bytes", unit.len());
            match Packet::of(unit) {
                Some(Packet::Stun(bytes)) => message(bytes),
                Some(Packet::Channel { data, .. }) => assert!(data.len() < unit.len(), "data as long as its packet"),
                None => {}
            }
            rest = rest.get(whole..).unwrap_or_default();
        }
    }
}

/// Plays a stream to two sessions: one of a stranger, one with an allocation whose requests are proved as they come. Nothing reaches anything but the
/// engine, strangers get no long answers, and nothing is left behind.
pub(crate) fn session(bytes: &[u8]) {
    let mut house = House::new();
    let mut rest = bytes;
    while let Cut::Unit { whole, .. } = Framing::Turn.cut(rest) {
        let unit = rest.get(..whole).unwrap_or_default();
        house.play(unit);
        rest = rest.get(whole..).unwrap_or_default();
    }
    house.close();
}

struct House {
    now: Now,
    office: Office,
    stranger: Session,
    known: Session,
    credential: Credential,
    key: Key,
    nonce: Vec<u8>,
}

impl House {
    fn media() -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], 4000))
    }

    fn new() -> Self {
        let now = Now {
            at: Instant::now(),
            unix_s: 1_000,
        };
        let secret = Secret::new(b"fuzz");
        let [stranger, known] = [Wire::Udp, Wire::Tls].map(|wire| {
            let address = SocketAddr::from(([198, 51, 100, 1], 5000));
            Session::new(Client { wire, address })
        });
        let credential = Credential::issue(&secret, "p", now.unix_s, 3600);
        assert!(credential.is_ok(), "no credential");
        let credential = credential.unwrap_or_else(|_| Credential {
            username: String::new(),
            password: String::new(),
            expires_s: 0,
        });
        let mut house = Self {
            now,
            office: Office::new(Config::new(vec![Self::media()]), secret, [1; 32], now.at),
            stranger,
            known,
            key: Key::long_term(credential.username.as_bytes(), "anteroom", &credential.password),
            credential,
            nonce: Vec::new(),
        };
        for method in [Method::Allocate, Method::Allocate, Method::CreatePermission] {
            let writer = Writer::new(Class::Request, method, [2; 12])
                .attribute(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
                .address(attribute::XOR_PEER_ADDRESS, Self::media());
            let request = house.proved(writer);
            house.ask_known(&request);
        }
        assert!(house.known.relayed().is_some(), "no allocation");
        house
    }

    fn proved(&self, writer: Writer) -> Vec<u8> {
        writer
            .attribute(attribute::USERNAME, self.credential.username.as_bytes())
            .attribute(attribute::REALM, b"anteroom")
            .attribute(attribute::NONCE, &self.nonce)
            .sign(&self.key)
            .finish()
    }

    /// The same request with a proof.
    fn with_proof(&self, message: &Message<'_>) -> Option<Vec<u8>> {
        let writer = Writer::new(message.class(), message.method()?, message.transaction());
        let proof = [
            attribute::USERNAME,
            attribute::REALM,
            attribute::NONCE,
            attribute::MESSAGE_INTEGRITY,
            attribute::FINGERPRINT,
        ];
        let plain = message.attributes().filter(|attribute| !proof.contains(&attribute.kind));
        Some(self.proved(plain.fold(writer, |writer, attribute| writer.attribute(attribute.kind, attribute.value))))
    }

    fn ask_known(&mut self, request: &[u8]) {
        let Step::Request(message) = self.known.step(self.now.at, request) else {
            return;
        };
        let answer = self.known.request(self.now, &mut self.office, &message).unwrap_or_default();
        if let Some(fresh) = Message::parse(&answer).ok().and_then(|answer| answer.get(attribute::NONCE)) {
            self.nonce = fresh.to_vec();
        }
        assert!(
            answer.is_empty() || Message::parse(&answer).is_ok(),
            "an answer that cannot be read"
        );
    }

    fn play(&mut self, unit: &[u8]) {
        let step = self.stranger.step(self.now.at, unit);
        assert!(!matches!(step, Step::Relay { .. }), "a stranger reached the engine");
        if let Step::Request(message) = step {
            let answer = self.stranger.request(self.now, &mut self.office, &message).unwrap_or_default();
            assert!(
                answer.len() <= 4 * unit.len(),
                "{} bytes answered with {}",
                unit.len(),
                answer.len()
            );
            assert!(self.stranger.relayed().is_none(), "an allocation for nothing");
        }
        let request = match self.known.step(self.now.at, unit) {
            Step::Nothing => None,
            Step::Relay { to, datagram } => {
                assert!(
                    to == Self::media() && datagram.len() <= MAX_DATAGRAM,
                    "{} bytes to {to}",
                    datagram.len()
                );
                None
            }
            Step::Request(message) => self.with_proof(&message),
        };
        if let Some(request) = request {
            self.ask_known(&request);
        }
    }

    fn close(mut self) {
        self.known.end(&mut self.office);
        self.stranger.end(&mut self.office);
        assert!(self.office.allocations() == 0, "allocations left behind");
    }
}

//! The protocol, request by request: every refusal with the request that is granted beside it. Here: the relay and the client that the tests speak with.

mod arbitrary;
mod attacks;
mod data;
mod requests;

use std::collections::HashMap;
use std::time::Duration;

use super::*;
use crate::credentials::{Credential, Secret};
use crate::frame::{Packet, write_channel};
use crate::message::{Class, Key, Message, Method, Writer, attribute, peer_address, xor_address};

const MEDIA: &str = "192.0.2.1:4000";
const MEDIA_V6: &str = "[2001:db8::1]:4000";
const SECRET: &[u8] = b"secret";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A relay, one client of it, and the client's side of the conversation.
struct House {
    office: Office,
    session: Session,
    now: Now,
    credential: Credential,
    nonce: Vec<u8>,
    transactions: u8,
}

/// An answer, taken apart.
#[derive(Debug, Clone)]
struct Said {
    class: Class,
    code: Option<u16>,
    values: HashMap<u16, Vec<u8>>,
    transaction: [u8; 12],
    signed: bool,
    bytes: usize,
}

impl Said {
    fn number(&self, kind: u16) -> u32 {
        u32::from_be_bytes(self.values[&kind].as_slice().try_into().unwrap())
    }

    fn address(&self, kind: u16) -> SocketAddr {
        xor_address(&self.values[&kind], &self.transaction).unwrap()
    }
}

type Attributes<'a> = &'a dyn Fn(Writer) -> Writer;

fn as_is(writer: Writer) -> Writer {
    writer
}

fn udp(writer: Writer) -> Writer {
    writer.attribute(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
}

fn peer(to: &str) -> impl Fn(Writer) -> Writer {
    let to = address(to);
    move |writer| writer.address(attribute::XOR_PEER_ADDRESS, to)
}

fn channel(number: u16, to: &str) -> impl Fn(Writer) -> Writer {
    let to = peer(to);
    move |writer| to(writer.number(attribute::CHANNEL_NUMBER, u32::from(number) << 16))
}

impl House {
    fn new() -> Self {
        Self::with(|_| ())
    }

    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(vec![address(MEDIA)]);
        change(&mut config);
        let now = Now {
            at: Instant::now(),
            unix_s: 1_000_000,
        };
        Self {
            office: Office::new(config, Secret::new(SECRET), [5; 32], now.at),
            session: Session::new(client(1)),
            now,
            credential: issued("p", 7200),
            nonce: Vec::new(),
            transactions: 0,
        }
    }

    fn pass(&mut self, seconds: u64) {
        self.now.at += Duration::from_secs(seconds);
        self.now.unix_s += seconds;
    }

    fn key(&self) -> Key {
        Key::long_term(self.credential.username.as_bytes(), "anteroom", &self.credential.password)
    }

    fn send(&mut self, request: &[u8]) -> Option<Said> {
        let Step::Request(message) = self.session.step(self.now.at, request) else {
            panic!("no request")
        };
        let answer = self.session.request(self.now, &mut self.office, &message)?;
        let read = Message::parse(&answer).unwrap();
        assert_eq!(read.transaction(), message.transaction());
        let said = Said {
            class: read.class(),
            code: read.error_code(),
            values: read.attributes().map(|a| (a.kind, a.value.to_vec())).collect(),
            transaction: read.transaction(),
            signed: read.is_signed_with(&self.key()),
            bytes: answer.len(),
        };
        if let Some(nonce) = said.values.get(&attribute::NONCE) {
            self.nonce = nonce.clone();
        }
        Some(said)
    }

    fn signed(&mut self, method: Method, attributes: Attributes<'_>) -> Vec<u8> {
        self.transactions += 1;
        attributes(Writer::new(Class::Request, method, [self.transactions; 12]))
            .attribute(attribute::USERNAME, self.credential.username.as_bytes())
            .attribute(attribute::REALM, b"anteroom")
            .attribute(attribute::NONCE, &self.nonce)
            .sign(&self.key())
            .finish()
    }

    /// A proved request; learns a nonce first when there is none.
    fn ask(&mut self, method: Method, attributes: Attributes<'_>) -> Said {
        if self.nonce.is_empty() {
            let bare = Writer::new(Class::Request, Method::Refresh, [0; 12]).finish();
            assert_eq!(self.send(&bare).unwrap().code, Some(401));
        }
        let request = self.signed(method, attributes);
        self.send(&request).unwrap()
    }

    fn code(&mut self, method: Method, attributes: Attributes<'_>) -> Option<u16> {
        self.ask(method, attributes).code
    }

    fn allocated() -> Self {
        let mut house = Self::new();
        assert_eq!(house.code(Method::Allocate, &udp), None);
        house
    }

    /// What a Send indication does.
    fn sends(&self, to: &str, data: &[u8]) -> bool {
        let indication = peer(to)(Writer::new(Class::Indication, Method::Send, [9; 12]))
            .attribute(attribute::DATA, data)
            .finish();
        self.relays(&indication, to, data)
    }

    fn channel_sends(&self, number: u16, to: &str, data: &[u8]) -> bool {
        let mut packet = Vec::new();
        write_channel(&mut packet, number, data, false);
        self.relays(&packet, to, data)
    }

    fn relays(&self, packet: &[u8], expected: &str, data: &[u8]) -> bool {
        match self.session.step(self.now.at, packet) {
            Step::Relay { to, datagram } => {
                assert_eq!((to, datagram), (address(expected), data));
                true
            }
            Step::Nothing => false,
            Step::Request(_) => panic!("data is no request"),
        }
    }

    fn wraps(&mut self, from: &str, data: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        self.session.wrap(self.now.at, address(from), data, &mut out).then_some(out)
    }
}

fn client(last: u8) -> Client {
    Client {
        wire: Wire::Udp,
        address: SocketAddr::from(([203, 0, 113, last], 6000)),
    }
}

fn issued(participant: &str, lifetime_s: u64) -> Credential {
    Credential::issue(&Secret::new(SECRET), participant, 1_000_000, lifetime_s).unwrap()
}

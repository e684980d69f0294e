//! The protocol, request by request: every refusal with the request that is granted beside it.

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

#[test]
fn a_binding_request_is_told_where_it_came_from() {
    let mut house = House::new();
    let request = Writer::new(Class::Request, Method::Binding, [1; 12]).fingerprint().finish();
    let said = house.send(&request).unwrap();
    assert_eq!(said.class, Class::Success);
    assert_eq!(said.address(attribute::XOR_MAPPED_ADDRESS), client(1).address);
    assert!(said.values.contains_key(&attribute::FINGERPRINT));
    let strange = Writer::new(Class::Request, Method::Binding, [1; 12])
        .attribute(0x7FFF, &[])
        .finish();
    let said = house.send(&strange).unwrap();
    assert_eq!(
        (said.code, &said.values[&attribute::UNKNOWN_ATTRIBUTES][..]),
        (Some(420), &[0x7F, 0xFF][..])
    );
}

#[test]
fn who_proves_nothing_is_asked_to_and_nothing_is_kept() {
    let mut house = House::new();
    let request = udp(Writer::new(Class::Request, Method::Allocate, [1; 12])).finish();
    let said = house.send(&request).unwrap();
    assert_eq!((said.class, said.code, said.signed), (Class::Error, Some(401), false));
    assert_eq!(said.values[&attribute::REALM], b"anteroom");
    assert_eq!(house.office.allocations(), 0);
    assert!(house.session.relayed().is_none());
    assert_eq!(house.code(Method::Allocate, &udp), None);
    assert_eq!(house.office.allocations(), 1);
}

#[test]
fn a_proof_without_its_name_is_a_bad_request() {
    let mut house = House::new();
    let key = house.key();
    let request = udp(Writer::new(Class::Request, Method::Allocate, [1; 12])).sign(&key).finish();
    assert_eq!(house.send(&request).unwrap().code, Some(400));
}

#[test]
fn an_allocation_is_an_address_of_the_node_and_a_time() {
    let mut house = House::new();
    let said = house.ask(Method::Allocate, &udp);
    assert!(said.class == Class::Success && said.signed);
    let relayed = said.address(attribute::XOR_RELAYED_ADDRESS);
    assert_eq!(relayed.ip(), address(MEDIA).ip());
    assert_eq!(Some(relayed), house.session.relayed());
    assert_eq!(said.address(attribute::XOR_MAPPED_ADDRESS), client(1).address);
    assert_eq!(said.number(attribute::LIFETIME), 600);
}

#[test]
fn a_repeated_allocate_gets_its_answer_again_and_another_one_does_not() {
    let mut house = House::new();
    house.code(Method::Refresh, &as_is);
    let request = house.signed(Method::Allocate, &udp);
    let first = house.send(&request).unwrap();
    house.pass(2);
    let again = house.send(&request).unwrap();
    assert_eq!(
        first.address(attribute::XOR_RELAYED_ADDRESS),
        again.address(attribute::XOR_RELAYED_ADDRESS)
    );
    assert_eq!(again.number(attribute::LIFETIME), 598);
    assert_eq!(house.code(Method::Allocate, &udp), Some(437));
    assert_eq!(house.office.allocations(), 1);
}

#[test]
fn what_an_allocate_asks_for_is_given_or_refused_as_the_rfc_says() {
    let with = |kind: u16, value: &'static [u8]| move |writer| udp(writer).attribute(kind, value);
    let cases: [(&str, Option<u16>, Attributes<'_>); 17] = [
        ("no transport", Some(400), &as_is),
        ("a transport of one byte", Some(400), &|w| {
            w.attribute(attribute::REQUESTED_TRANSPORT, &[17])
        }),
        ("TCP", Some(442), &|w| w.attribute(attribute::REQUESTED_TRANSPORT, &[6, 0, 0, 0])),
        ("UDP", None, &udp),
        ("IPv4", None, &with(attribute::REQUESTED_ADDRESS_FAMILY, &[1, 0, 0, 0])),
        (
            "IPv6, which this node has not",
            Some(440),
            &with(attribute::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0]),
        ),
        (
            "a family that is none",
            Some(440),
            &with(attribute::REQUESTED_ADDRESS_FAMILY, &[3, 0, 0, 0]),
        ),
        ("a family of no length", Some(400), &with(attribute::REQUESTED_ADDRESS_FAMILY, &[])),
        ("an even port", None, &with(attribute::EVEN_PORT, &[0])),
        ("an even port and the next one", Some(508), &with(attribute::EVEN_PORT, &[0x80])),
        ("a port reserved before", Some(508), &with(attribute::RESERVATION_TOKEN, &[1; 8])),
        ("a reserved port that is even", Some(400), &|w| {
            with(attribute::RESERVATION_TOKEN, &[1; 8])(w).attribute(attribute::EVEN_PORT, &[0])
        }),
        ("a reserved port of a family", Some(400), &|w| {
            with(attribute::RESERVATION_TOKEN, &[1; 8])(w).attribute(attribute::REQUESTED_ADDRESS_FAMILY, &[1, 0, 0, 0])
        }),
        (
            "IPv4 besides",
            Some(400),
            &with(attribute::ADDITIONAL_ADDRESS_FAMILY, &[1, 0, 0, 0]),
        ),
        ("no fragments", None, &with(attribute::DONT_FRAGMENT, &[])),
        ("something unheard of", Some(420), &with(0x7000, &[])),
        ("a lifetime of three bytes", Some(400), &with(attribute::LIFETIME, &[1, 2, 3])),
    ];
    for (what, expected, attributes) in cases {
        assert_eq!(House::new().code(Method::Allocate, attributes), expected, "{what}");
    }
    let said = House::new().ask(Method::Allocate, &with(attribute::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0]));
    assert_eq!(said.class, Class::Success);
    assert_eq!(&said.values[&attribute::ADDRESS_ERROR_CODE][..4], &[2, 0, 4, 40]);
    let even = House::new().ask(Method::Allocate, &with(attribute::EVEN_PORT, &[0]));
    assert_eq!(even.address(attribute::XOR_RELAYED_ADDRESS).port() % 2, 0);
}

#[test]
fn a_node_with_both_families_gives_either() {
    let mut house = House::with(|config| config.media.push(address(MEDIA_V6)));
    let said = house.ask(Method::Allocate, &|w| {
        udp(w).attribute(attribute::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0])
    });
    assert_eq!(said.address(attribute::XOR_RELAYED_ADDRESS).ip(), address(MEDIA_V6).ip());
    assert_eq!(house.code(Method::CreatePermission, &peer(MEDIA_V6)), None);
    assert_eq!(house.code(Method::CreatePermission, &peer(MEDIA)), Some(443));
    assert_eq!(house.code(Method::ChannelBind, &channel(0x4000, MEDIA)), Some(443));
}

#[test]
fn lifetimes_are_between_ten_minutes_and_an_hour_and_end_with_the_credential() {
    for (asked, credential_s, granted) in [
        (None, 7200, 600),
        (Some(1), 7200, 600),
        (Some(1800), 7200, 1800),
        (Some(u32::MAX), 7200, 3600),
        (Some(1800), 900, 900),
        (None, 30, 30),
    ] {
        let mut house = House::new();
        house.credential = issued("p", credential_s);
        let said = house.ask(Method::Allocate, &|w| match asked {
            Some(asked) => udp(w).number(attribute::LIFETIME, asked),
            None => udp(w),
        });
        assert_eq!(said.number(attribute::LIFETIME), granted, "{asked:?} {credential_s}");
        let ends = house.session.poll_timeout().unwrap();
        assert_eq!(ends, house.now.at + Duration::from_secs(granted.into()));
        house.session.handle_timeout(ends - Duration::from_secs(1), &mut house.office);
        assert_eq!(house.office.allocations(), 1);
        house.session.handle_timeout(ends, &mut house.office);
        assert_eq!(house.office.allocations(), 0);
    }
}

#[test]
fn a_refresh_prolongs_up_to_the_end_of_the_credential_and_zero_ends() {
    let mut house = House::allocated();
    house.pass(500);
    let said = house.ask(Method::Refresh, &as_is);
    assert_eq!((said.code, said.number(attribute::LIFETIME)), (None, 600));
    house.pass(500);
    assert_eq!(house.ask(Method::Refresh, &|w| w.number(attribute::LIFETIME, 3600)).code, Some(438));
    let said = house.ask(Method::Refresh, &|w| w.number(attribute::LIFETIME, 3600));
    assert_eq!(said.number(attribute::LIFETIME), 3600);
    house.pass(3590);
    house.code(Method::Refresh, &as_is);
    let said = house.ask(Method::Refresh, &|w| w.number(attribute::LIFETIME, 3600));
    assert_eq!(said.number(attribute::LIFETIME), 7200 - 500 - 500 - 3590);
    let family = |number: u8| move |w: Writer| w.attribute(attribute::REQUESTED_ADDRESS_FAMILY, &[number, 0, 0, 0]);
    assert_eq!(house.code(Method::Refresh, &family(2)), Some(443));
    assert_eq!(house.code(Method::Refresh, &family(1)), None);
    let said = house.ask(Method::Refresh, &|w| w.number(attribute::LIFETIME, 0));
    assert_eq!((said.code, said.number(attribute::LIFETIME)), (None, 0));
    assert_eq!((house.office.allocations(), house.session.relayed()), (0, None));
    assert_eq!(house.code(Method::Refresh, &as_is), Some(437));
}

#[test]
fn an_allocation_that_was_not_refreshed_is_gone() {
    let mut house = House::allocated();
    assert_eq!(house.code(Method::CreatePermission, &peer(MEDIA)), None);
    house.pass(299);
    assert!(house.sends(MEDIA, b"x"));
    assert_eq!(house.code(Method::ChannelBind, &channel(0x4000, MEDIA)), None);
    house.pass(300);
    assert!(house.wraps(MEDIA, b"x").is_none());
    assert_eq!(house.code(Method::CreatePermission, &peer(MEDIA)), None);
    house.pass(1);
    // Ten minutes: it is over, though nobody has looked yet.
    assert!(!house.sends(MEDIA, b"x") && !house.channel_sends(0x4000, MEDIA, b"x") && house.wraps(MEDIA, b"x").is_none());
    house.code(Method::Refresh, &as_is);
    assert_eq!(house.code(Method::Refresh, &as_is), Some(437));
    assert_eq!(house.code(Method::Allocate, &udp), None);
}

#[test]
fn without_an_allocation_nothing_else_is_granted() {
    let mut house = House::new();
    assert_eq!(house.code(Method::Refresh, &as_is), Some(437));
    assert_eq!(house.code(Method::CreatePermission, &peer(MEDIA)), Some(437));
    assert_eq!(house.code(Method::ChannelBind, &channel(0x4000, MEDIA)), Some(437));
    assert!(!house.sends(MEDIA, b"x") && !house.channel_sends(0x4000, MEDIA, b"x"));
    assert!(house.wraps(MEDIA, b"x").is_none());
}

#[test]
fn permissions_are_given_for_the_engines_address_only() {
    let mut house = House::allocated();
    for (to, expected) in [
        ("192.0.2.1:1", None),
        ("198.51.100.7:4000", Some(403)),
        ("127.0.0.1:4000", Some(403)),
        ("0.0.0.0:0", Some(403)),
        (MEDIA_V6, Some(443)),
    ] {
        assert_eq!(house.code(Method::CreatePermission, &peer(to)), expected, "{to}");
    }
    assert_eq!(house.code(Method::CreatePermission, &as_is), Some(400));
    let half = |w: Writer| w.attribute(attribute::XOR_PEER_ADDRESS, &[0, 1, 2]);
    assert_eq!(house.code(Method::CreatePermission, &half), Some(400));
}

#[test]
fn one_peer_that_is_refused_refuses_the_whole_request() {
    let mut house = House::allocated();
    let both = |w: Writer| peer("198.51.100.7:1")(peer(MEDIA)(w));
    assert_eq!(house.code(Method::CreatePermission, &both), Some(403));
    assert!(!house.sends(MEDIA, b"x"));
    let twice = |w: Writer| peer("192.0.2.1:1")(peer(MEDIA)(w));
    assert_eq!(house.code(Method::CreatePermission, &twice), None);
    assert!(house.sends(MEDIA, b"x"));
}

#[test]
fn data_goes_to_the_engine_with_a_permission_and_nowhere_else() {
    let mut house = House::allocated();
    assert!(!house.sends(MEDIA, b"x"));
    assert!(house.wraps(MEDIA, b"x").is_none());
    house.code(Method::CreatePermission, &peer(MEDIA));
    assert!(house.sends(MEDIA, b"x"));
    // Another port of the same address, which a permission covers in a relay with sockets.
    assert!(!house.sends("192.0.2.1:4001", b"x"));
    assert!(!house.sends("198.51.100.7:4000", b"x"));
    assert!(house.wraps("192.0.2.1:4001", b"x").is_none());
    let indication = house.wraps(MEDIA, b"media").unwrap();
    let message = Message::parse(&indication).unwrap();
    assert_eq!((message.class(), message.method()), (Class::Indication, Some(Method::Data)));
    assert_eq!(peer_address(&message), Some(address(MEDIA)));
    assert_eq!(message.get(attribute::DATA), Some(&b"media"[..]));
    house.pass(300);
    assert!(!house.sends(MEDIA, b"x") && house.wraps(MEDIA, b"x").is_none());
}

#[test]
fn datagrams_that_are_empty_or_too_long_are_not_relayed() {
    let mut house = House::allocated();
    house.code(Method::CreatePermission, &peer(MEDIA));
    let most = vec![1; crate::frame::MAX_DATAGRAM];
    assert!(house.sends(MEDIA, &most) && house.wraps(MEDIA, &most).is_some());
    let more = vec![1; crate::frame::MAX_DATAGRAM + 1];
    assert!(!house.sends(MEDIA, &more) && house.wraps(MEDIA, &more).is_none());
    assert!(!house.sends(MEDIA, b""));
}

#[test]
fn indications_with_something_unheard_of_or_of_another_kind_are_dropped() {
    let mut house = House::allocated();
    house.code(Method::CreatePermission, &peer(MEDIA));
    let indication = |method: Method, strange: bool| {
        let writer = peer(MEDIA)(Writer::new(Class::Indication, method, [9; 12])).attribute(attribute::DATA, b"x");
        if strange { writer.attribute(0x7000, &[]) } else { writer }.finish()
    };
    assert!(house.relays(&indication(Method::Send, false), MEDIA, b"x"));
    assert!(!house.relays(&indication(Method::Send, true), MEDIA, b"x"));
    assert!(!house.relays(&indication(Method::Data, false), MEDIA, b"x"));
    assert!(!house.relays(&indication(Method::Binding, false), MEDIA, b"x"));
}

#[test]
fn a_channel_carries_data_both_ways_and_brings_its_permission() {
    let mut house = House::allocated();
    assert!(!house.channel_sends(0x4001, MEDIA, b"x"));
    assert_eq!(house.code(Method::ChannelBind, &channel(0x4001, MEDIA)), None);
    assert!(house.channel_sends(0x4001, MEDIA, b"x") && house.sends(MEDIA, b"x"));
    assert!(!house.channel_sends(0x4002, MEDIA, b"x"));
    let packet = house.wraps(MEDIA, b"media").unwrap();
    assert_eq!(packet.len(), 9);
    assert_eq!(
        Packet::of(&packet),
        Some(Packet::Channel {
            number: 0x4001,
            data: b"media"
        })
    );
    // The permission ends before the channel; renewed, the channel is there again.
    house.pass(300);
    assert!(!house.channel_sends(0x4001, MEDIA, b"x"));
    house.code(Method::CreatePermission, &peer(MEDIA));
    assert!(house.channel_sends(0x4001, MEDIA, b"x"));
}

#[test]
fn a_channel_ends_after_ten_minutes_and_data_then_comes_in_indications() {
    let mut house = House::new();
    house.ask(Method::Allocate, &|w| udp(w).number(attribute::LIFETIME, 3600));
    house.code(Method::ChannelBind, &channel(0x4001, MEDIA));
    house.pass(599);
    house.code(Method::CreatePermission, &peer(MEDIA));
    assert!(house.channel_sends(0x4001, MEDIA, b"x"));
    house.pass(1);
    assert!(!house.channel_sends(0x4001, MEDIA, b"x") && house.sends(MEDIA, b"x"));
    assert!(matches!(Packet::of(&house.wraps(MEDIA, b"x").unwrap()), Some(Packet::Stun(_))));
}

#[test]
fn a_channel_and_a_peer_belong_together() {
    let mut house = House::with(|config| config.media.push(address("192.0.2.1:4002")));
    house.code(Method::Allocate, &udp);
    let code = |house: &mut House, number, to: &str| house.code(Method::ChannelBind, &channel(number, to));
    assert_eq!(code(&mut house, 0x4000, MEDIA), None);
    assert_eq!(code(&mut house, 0x4000, MEDIA), None);
    assert_eq!(code(&mut house, 0x4001, MEDIA), Some(400));
    assert_eq!(code(&mut house, 0x4000, "192.0.2.1:4002"), Some(400));
    assert_eq!(code(&mut house, 0x4FFF, "192.0.2.1:4002"), None);
    assert!(house.channel_sends(0x4000, MEDIA, b"x") && house.channel_sends(0x4FFF, "192.0.2.1:4002", b"x"));
}

#[test]
fn channels_to_others_and_with_other_numbers_are_refused() {
    let mut house = House::allocated();
    let relayed = house.session.relayed().unwrap().to_string();
    for (number, to, expected) in [
        (0x3FFF, MEDIA, Some(400)),
        (0x5000, MEDIA, Some(400)),
        (0x4000, "198.51.100.7:4000", Some(403)),
        // The relay's own port, another service of the node, and the relayed address itself: no loop can be made.
        (0x4000, "192.0.2.1:3478", Some(403)),
        (0x4000, &relayed, Some(403)),
        (0x4000, MEDIA_V6, Some(443)),
        (0x4000, MEDIA, None),
    ] {
        assert_eq!(house.code(Method::ChannelBind, &channel(number, to)), expected, "{number:x} {to}");
    }
    assert_eq!(house.code(Method::ChannelBind, &peer(MEDIA)), Some(400));
    let no_peer = |w: Writer| w.number(attribute::CHANNEL_NUMBER, 0x4000_0000);
    assert_eq!(house.code(Method::ChannelBind, &no_peer), Some(400));
}

#[test]
fn in_a_stream_the_data_of_a_channel_is_padded() {
    let mut house = House::new();
    house.session = Session::new(Client {
        wire: Wire::Tls,
        ..client(1)
    });
    house.code(Method::Allocate, &udp);
    house.code(Method::ChannelBind, &channel(0x4001, MEDIA));
    assert_eq!(house.wraps(MEDIA, b"media").unwrap().len(), 12);
}

#[test]
fn other_requests_come_under_the_name_of_the_allocation() {
    let mut house = House::allocated();
    let mine = house.credential.clone();
    for other in [issued("q", 7200), issued("p", 7100)] {
        house.credential = other;
        assert_eq!(house.code(Method::Refresh, &as_is), Some(441));
        assert_eq!(house.code(Method::CreatePermission, &peer(MEDIA)), Some(441));
        assert_eq!(house.code(Method::ChannelBind, &channel(0x4000, MEDIA)), Some(441));
        assert_eq!(house.code(Method::Allocate, &udp), Some(437));
    }
    house.credential = mine;
    assert_eq!(house.code(Method::Refresh, &as_is), None);
}

#[test]
fn shares_that_are_used_up_are_refused_with_their_codes() {
    for (expected, change) in [
        (486, (|config: &mut Config| config.of_one_participant = 0) as fn(&mut Config)),
        (486, |config| config.of_one_source = 0),
        (508, |config| config.allocations = 0),
    ] {
        assert_eq!(House::with(change).code(Method::Allocate, &udp), Some(expected));
    }
    let one = |config: &mut Config| (config.of_one_participant, config.of_one_source, config.allocations) = (1, 1, 1);
    assert_eq!(House::with(one).code(Method::Allocate, &udp), None);
}

#[test]
fn requests_beyond_the_rate_get_no_answer_and_some_again_later() {
    let mut house = House::allocated();
    let request = house.signed(Method::Refresh, &as_is);
    let answered = (0..200).filter(|_| house.send(&request).is_some()).count();
    assert!((90..=100).contains(&answered), "{answered}");
    house.pass(1);
    let answered = (0..200).filter(|_| house.send(&request).is_some()).count();
    assert_eq!(answered, 20);
}

#[test]
fn a_revoked_participant_is_refused_like_a_stranger_and_another_is_not() {
    let mut house = House::allocated();
    let relayed = house.session.relayed().unwrap();
    assert_eq!(house.office.revoke(house.now.unix_s, "p"), [relayed]);
    assert_eq!(house.code(Method::Refresh, &as_is), Some(401));
    house.session.end(&mut house.office);
    assert_eq!(house.code(Method::Allocate, &udp), Some(401));
    house.credential = issued("q", 7200);
    assert_eq!(house.code(Method::Allocate, &udp), None);
    assert!(house.office.revoke(house.now.unix_s, "nobody").is_empty());
}

mod attacks {
    //! What somebody without a credential, or with somebody else's, may try.

    use super::*;

    #[test]
    fn a_nonce_is_good_for_ten_minutes_at_the_address_it_was_made_for() {
        let mut house = House::allocated();
        let nonce = house.nonce.clone();
        house.pass(599);
        assert_eq!(house.code(Method::Refresh, &as_is), None);
        house.pass(1);
        let said = house.ask(Method::Refresh, &as_is);
        assert_eq!((said.code, said.signed), (Some(438), false));
        assert_ne!(house.nonce, nonce);
        assert_eq!(house.code(Method::Refresh, &as_is), None);
    }

    #[test]
    fn a_recorded_request_is_worth_nothing_from_elsewhere() {
        let mut house = House::new();
        house.code(Method::Refresh, &as_is);
        let request = house.signed(Method::Allocate, &udp);
        let here = house.session.client;
        for other in [
            client(2),
            Client {
                address: SocketAddr::new(here.address.ip(), 6001),
                ..here
            },
            Client { wire: Wire::Tcp, ..here },
        ] {
            let mut session = Session::new(other);
            let Step::Request(message) = session.step(house.now.at, &request) else {
                panic!()
            };
            let answer = session.request(house.now, &mut house.office, &message).unwrap();
            assert_eq!(Message::parse(&answer).unwrap().error_code(), Some(438));
        }
        assert_eq!(house.office.allocations(), 0);
        assert_eq!(house.send(&request).unwrap().code, None);
    }

    #[test]
    fn made_up_nonces_are_stale() {
        let mut house = House::new();
        house.code(Method::Refresh, &as_is);
        let good = house.nonce.clone();
        let mut turned = good.clone();
        turned[8] = if turned[8] == b'A' { b'B' } else { b'A' };
        for nonce in [
            &turned[..],
            b"",
            b"AAAA",
            b"AAAAAAAAAAAAAAAA",
            b"obMatJos2AAAA",
            &[0xFF; 16],
            &good[..15],
        ] {
            house.nonce = nonce.to_vec();
            let request = house.signed(Method::Allocate, &udp);
            assert_eq!(house.send(&request).unwrap().code, Some(438), "{nonce:?}");
        }
        house.nonce = good;
        assert_eq!(house.code(Method::Allocate, &udp), None);
    }

    /// Whether a name exists, has ended or was revoked is told to nobody who does not know its password, and not even to who does.
    #[test]
    fn names_cannot_be_told_apart_by_the_answer() {
        let mut house = House::new();
        drop(house.office.revoke(house.now.unix_s, "revoked"));
        house.pass(100);
        house.code(Method::Refresh, &as_is);
        let wrong = |credential: Credential| Credential {
            password: "wrong".to_owned(),
            ..credential
        };
        let nobody = Credential {
            username: "nobody".to_owned(),
            ..issued("p", 7200)
        };
        let mut answers = Vec::new();
        for credential in [
            wrong(issued("p", 7200)),
            wrong(issued("p", 50)),
            issued("p", 50),
            issued("p", 100),
            issued("revoked", 7200),
            wrong(issued("revoked", 7200)),
            nobody,
        ] {
            house.credential = credential;
            let said = house.ask(Method::Allocate, &udp);
            let mut kinds: Vec<u16> = said.values.keys().copied().collect();
            kinds.sort_unstable();
            answers.push((said.code, said.signed, kinds, said.bytes));
        }
        assert_eq!(answers[0].0, Some(401));
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        house.credential = issued("p", 7200);
        assert_eq!(house.code(Method::Allocate, &udp), None);
    }

    #[test]
    fn another_realm_does_not_prove_anything() {
        let mut house = House::new();
        house.code(Method::Refresh, &as_is);
        let key = Key::long_term(house.credential.username.as_bytes(), "elsewhere", &house.credential.password);
        let request = udp(Writer::new(Class::Request, Method::Allocate, [3; 12]))
            .attribute(attribute::USERNAME, house.credential.username.as_bytes())
            .attribute(attribute::REALM, b"elsewhere")
            .attribute(attribute::NONCE, &house.nonce)
            .sign(&key)
            .finish();
        assert_eq!(house.send(&request).unwrap().code, Some(401));
    }

    #[test]
    fn what_a_stranger_sends_is_answered_with_four_times_as_much_at_most() {
        for method in [
            Method::Binding,
            Method::Allocate,
            Method::Refresh,
            Method::CreatePermission,
            Method::ChannelBind,
        ] {
            for client in [
                client(1),
                Client {
                    wire: Wire::Udp,
                    address: address("[2001:db8::99]:6000"),
                },
            ] {
                let mut house = House::new();
                house.session = Session::new(client);
                for request in [
                    Writer::new(Class::Request, method, [1; 12]).finish(),
                    Writer::new(Class::Request, method, [1; 12]).fingerprint().finish(),
                    Writer::new(Class::Request, method, [1; 12]).attribute(0x7000, &[]).finish(),
                ] {
                    let said = house.send(&request).unwrap();
                    assert!(said.bytes <= 4 * request.len(), "{method:?} {} {}", request.len(), said.bytes);
                }
            }
        }
    }

    #[test]
    fn answers_are_never_answered() {
        let house = House::allocated();
        for class in [Class::Success, Class::Error] {
            let message = Writer::new(class, Method::Binding, [1; 12]).finish();
            assert!(matches!(house.session.step(house.now.at, &message), Step::Nothing));
        }
        let mut house = house;
        for method in [Method::Send, Method::Data] {
            assert!(house.send(&Writer::new(Class::Request, method, [1; 12]).finish()).is_none());
        }
    }
}

mod arbitrary {
    use proptest::prelude::*;

    use super::*;

    /// A stream of messages that mostly can be read, some of them with what TURN knows in them.
    fn a_stream() -> impl Strategy<Value = Vec<u8>> {
        let kinds = prop_oneof![
            Just(attribute::XOR_PEER_ADDRESS),
            Just(attribute::DATA),
            Just(attribute::CHANNEL_NUMBER),
            Just(attribute::LIFETIME),
            Just(attribute::REQUESTED_TRANSPORT),
            Just(attribute::USERNAME),
            Just(attribute::NONCE),
            any::<u16>()
        ];
        let values = prop_oneof![
            Just(vec![0, 1, 0x2E, 0xB2, 0xE1, 0x12, 0xA6, 0x43]),
            proptest::collection::vec(any::<u8>(), 0..24)
        ];
        let methods = prop_oneof![
            Just(Method::Send),
            Just(Method::Allocate),
            Just(Method::ChannelBind),
            Just(Method::Binding)
        ];
        let classes = prop_oneof![Just(Class::Request), Just(Class::Indication)];
        let message = (classes, methods, proptest::collection::vec((kinds, values), 0..5)).prop_map(|(class, method, attributes)| {
            let writer = Writer::new(class, method, [1; 12]);
            attributes
                .iter()
                .fold(writer, |writer, (kind, value)| writer.attribute(*kind, value))
                .finish()
        });
        let channel = (0x4000_u16..0x5000, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(number, data)| {
            let mut out = Vec::new();
            write_channel(&mut out, number, &data, true);
            out
        });
        let junk = proptest::collection::vec(any::<u8>(), 0..40);
        proptest::collection::vec(prop_oneof![4 => message, 2 => channel, 1 => junk], 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn arbitrary_messages_reach_the_engine_or_nothing(stream in a_stream()) {
            crate::fuzz::session(&stream);
        }
    }
}

use std::net::SocketAddr;

use proptest::prelude::*;

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    let hex: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    hex.chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// RFC 5769 §2.1.
const REQUEST: &str =
    "00010058 2112a442 b7e7a701bc34d686fa87dfae 80220010 5354554e207465737420636c69656e74 00240004 6e0001ff 80290008 932ff9b151263b36
    00060009 6576746a3a68367659202020 00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004 e57a3bcf";
/// RFC 5769 §2.2.
const ANSWER_V4: &str = "0101003c 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220 00200008 0001a147e112a643
    00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96";
/// RFC 5769 §2.3.
const ANSWER_V6: &str =
    "01010048 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220 00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9
    00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004 c8fb0b4c";
/// RFC 5769 §2.4.
const LONG_TERM: &str = "00010060 2112a442 78ad3433c6ad72c029da412e 00060012 e3839ee38388e383aae38383e382afe382b90000
    0015001c 662f2f3439396b39353464364f4c33346f4c39465354767936347341 0014000b 6578616d706c652e6f726700
    00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666";
const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";

#[test]
fn the_sample_request_of_rfc_5769_is_read_and_proved() {
    let request = bytes(REQUEST);
    let message = Message::parse(&request).unwrap();
    assert_eq!(message.method(), Some(Method::Binding));
    assert_eq!(message.class(), Class::Request);
    assert_eq!(message.get(attribute::USERNAME), Some(&b"evtj:h6vY"[..]));
    assert!(message.is_signed_with(&Key::short_term(PASSWORD)));
    assert!(!message.is_signed_with(&Key::short_term("another")));
}

#[test]
fn the_sample_answers_of_rfc_5769_are_read_and_proved() {
    for (answer, mapped) in [
        (ANSWER_V4, "192.0.2.1:32853"),
        (ANSWER_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ] {
        let answer = bytes(answer);
        let message = Message::parse(&answer).unwrap();
        assert_eq!(message.class(), Class::Success);
        let mapped: SocketAddr = mapped.parse().unwrap();
        let value = message.get(attribute::XOR_MAPPED_ADDRESS).unwrap();
        assert_eq!(xor_address(value, &message.transaction()), Some(mapped));
        assert!(message.is_signed_with(&Key::short_term(PASSWORD)));
        // The same values come out when we write it; RFC 5769 pads SOFTWARE with a space, which is ours to choose, so only these are compared.
        let ours = Writer::new(Class::Success, Method::Binding, message.transaction()).address(attribute::XOR_MAPPED_ADDRESS, mapped);
        assert_eq!(
            Message::parse(&ours.finish()).unwrap().get(attribute::XOR_MAPPED_ADDRESS),
            Some(value)
        );
    }
}

#[test]
fn the_long_term_sample_of_rfc_5769_is_proved_and_written_byte_by_byte() {
    let request = bytes(LONG_TERM);
    let message = Message::parse(&request).unwrap();
    let username = "マトリックス";
    let key = Key::long_term(username.as_bytes(), "example.org", "TheMatrIX");
    assert!(message.is_signed_with(&key));
    assert!(!message.is_signed_with(&Key::long_term(username.as_bytes(), "example.net", "TheMatrIX")));
    let ours = Writer::new(Class::Request, Method::Binding, message.transaction())
        .attribute(attribute::USERNAME, username.as_bytes())
        .attribute(attribute::NONCE, b"f//499k954d6OL34oL9FSTvy64sA")
        .attribute(attribute::REALM, b"example.org")
        .sign(&key);
    assert_eq!(ours.finish(), request);
}

#[test]
fn a_message_that_was_changed_on_the_way_is_not_believed() {
    let good = bytes(REQUEST);
    let mut changed = good.clone();
    changed[24] ^= 1;
    assert_eq!(Message::parse(&changed).unwrap_err(), Malformed::Fingerprint);
    // Without the fingerprint it is read, and not proved.
    let end = good.len() - 8;
    let mut bare = changed[..end].to_vec();
    bare[3] -= 8;
    assert!(!Message::parse(&bare).unwrap().is_signed_with(&Key::short_term(PASSWORD)));
}

#[test]
fn attributes_behind_the_seal_are_not_seen() {
    let key = Key::short_term("p");
    let message = Writer::new(Class::Request, Method::Allocate, [7; 12])
        .number(attribute::LIFETIME, 600)
        .sign(&key)
        .number(attribute::CHANNEL_NUMBER, 0x4000_0000)
        .fingerprint()
        .finish();
    let message = Message::parse(&message).unwrap();
    assert!(message.is_signed_with(&key));
    assert!(message.has(attribute::LIFETIME) && message.has(attribute::FINGERPRINT));
    assert!(!message.has(attribute::CHANNEL_NUMBER));
}

#[test]
fn lengths_that_do_not_fit_are_refused() {
    let good = Writer::new(Class::Request, Method::Binding, [1; 12])
        .attribute(attribute::USERNAME, b"abcd")
        .finish();
    assert!(Message::parse(&good).is_ok());
    let changed = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        Message::parse(&bytes).map(drop)
    };
    // The message's own length; an attribute longer than the message; one whose end leaves three bytes over.
    assert_eq!(changed(3, 12), Err(Malformed::Length));
    assert_eq!(changed(3, 7), Err(Malformed::Length));
    assert_eq!(changed(23, 5), Err(Malformed::Length));
    assert_eq!(changed(22, 255), Err(Malformed::Length));
    assert_eq!(changed(0, 0x40), Err(Malformed::Foreign));
    assert_eq!(changed(4, 0x22), Err(Malformed::Foreign));
    for length in 0..HEADER {
        assert!(Message::parse(&good[..length]).is_err());
    }
}

#[test]
fn error_codes_are_read_as_written() {
    for code in [400, 401, 438, 508] {
        let message = Writer::new(Class::Error, Method::Allocate, [0; 12]).error(code, "no").finish();
        assert_eq!(Message::parse(&message).unwrap().error_code(), Some(code));
    }
    let none = Writer::new(Class::Success, Method::Allocate, [0; 12]).finish();
    assert_eq!(Message::parse(&none).unwrap().error_code(), None);
}

fn an_address() -> impl Strategy<Value = SocketAddr> {
    prop_oneof![
        (any::<[u8; 4]>(), any::<u16>()).prop_map(|(ip, port)| SocketAddr::from((ip, port))),
        (any::<[u8; 16]>(), any::<u16>()).prop_map(|(ip, port)| SocketAddr::from((ip, port))),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        class in prop_oneof![Just(Class::Request), Just(Class::Indication), Just(Class::Success), Just(Class::Error)],
        method in 0..Method::ALL.len(),
        transaction in any::<Transaction>(),
        attributes in proptest::collection::vec((0x9000_u16..0xA000, proptest::collection::vec(any::<u8>(), 0..64)), 0..8),
        address in an_address(),
        password in "[a-z]{0,80}",
    ) {
        let method = Method::ALL[method].0;
        let key = Key::short_term(&password);
        let mut writer = Writer::new(class, method, transaction);
        for (kind, value) in &attributes {
            writer = writer.attribute(*kind, value);
        }
        let written = writer.address(attribute::XOR_PEER_ADDRESS, address).sign(&key).fingerprint().finish();
        let read = Message::parse(&written).unwrap();
        prop_assert_eq!(read.class(), class);
        prop_assert_eq!(read.method(), Some(method));
        prop_assert_eq!(read.transaction(), transaction);
        prop_assert_eq!(peer_address(&read), Some(address));
        prop_assert!(read.is_signed_with(&key));
        let plain: Vec<(u16, Vec<u8>)> = read.attributes().map(|a| (a.kind, a.value.to_vec())).take(attributes.len()).collect();
        prop_assert_eq!(plain, attributes);
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused_and_nothing_else(bytes in proptest::collection::vec(any::<u8>(), 0..200), framed in any::<bool>()) {
        let mut bytes = bytes;
        if framed && bytes.len() >= HEADER {
            bytes[0] &= 0x3F;
            let length = u16::try_from((bytes.len() - HEADER) & !3).unwrap();
            bytes.truncate(HEADER + usize::from(length));
            bytes[2..4].copy_from_slice(&length.to_be_bytes());
            bytes[4..8].copy_from_slice(&COOKIE);
        }
        crate::fuzz::message(&bytes);
    }

    #[test]
    fn values_of_any_length_give_a_message_that_can_be_read(length in 0..70_000_usize) {
        let written = Writer::new(Class::Indication, Method::Data, [0; 12]).attribute(attribute::DATA, &vec![9; length]).finish();
        let read = Message::parse(&written).unwrap();
        prop_assert!(read.get(attribute::DATA).unwrap().len() >= length.min(0xFFF0));
    }
}

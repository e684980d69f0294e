//! Permissions, channels and what goes through them.

use super::*;

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

//! Proof, allocations, shares.

use super::*;

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

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

//! The published vectors, and what must not pass.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;

use super::{Inspection, SignatureError, verify};

const KEY: &str = "c2VjcmV0LWtleS1mb3ItdGVzdC0xMjM0NTY3ODkwYWJjZA==";
const EMPTY_HASH: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
/// 2026-11-22T12:17:30Z.
const CREATED: i64 = 1_795_349_850_000_000;

#[derive(Clone)]
struct Vector {
    method: Method,
    target: &'static str,
    date: &'static str,
    hash: &'static str,
    body: &'static [u8],
    signature: &'static str,
}

impl Vector {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let authorization = format!(
            "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={}",
            self.signature
        );
        headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        headers.insert("x-ms-date", HeaderValue::from_static(self.date));
        headers.insert("x-ms-content-sha256", HeaderValue::from_static(self.hash));
        headers.insert("host", HeaderValue::from_static("localhost:18080"));
        headers
    }

    fn check(&self, headers: &HeaderMap, now: i64) -> Result<(), SignatureError> {
        let keys = [STANDARD.decode(KEY).unwrap()];
        verify(Inspection {
            method: &self.method,
            raw_target: self.target,
            headers,
            body: self.body,
            authorities: &[],
            keys: &keys,
            now,
        })
    }
}

fn create() -> Vector {
    Vector {
        method: Method::POST,
        target: "/identities?api-version=2023-10-01",
        date: "Sun, 22 Nov 2026 12:17:30 GMT",
        hash: EMPTY_HASH,
        body: b"",
        signature: "gs9b+fsJzeqSp20wXJ3GOXMDJSUCc0f3KWfzUKbF/EA=",
    }
}

fn at_41(method: Method, target: &'static str, signature: &'static str) -> Vector {
    Vector {
        method,
        target,
        date: "Sun, 22 Nov 2026 12:17:41 GMT",
        hash: EMPTY_HASH,
        body: b"",
        signature,
    }
}

fn room() -> Vector {
    Vector {
        hash: "vhXrIgThnry4Vy9lrHrKsAYqKYXb+KwOlgiPVnEdBio=",
        body: br#"{"participants":{}}"#,
        ..at_41(
            Method::POST,
            "/rooms?api-version=2025-03-13",
            "pevtQjVJTCkIp0YdVlM16/ZKsXM6gmlJMK8sMpf/0oI=",
        )
    }
}

fn delete() -> Vector {
    at_41(
        Method::DELETE,
        "/identities/8%3Aacs%3Aa_b?api-version=2023-10-01",
        "VoPXiFZJLAwBv/aDnCV0XRWATjB/vmlGIgZs135CIQ0=",
    )
}

#[test]
fn every_published_vector_is_accepted() {
    let form = "/rooms?api-version=2025-03-13&skipToken=a%2Bb%2Fc%3D%20d";
    let decoded = "/rooms?api-version=ApiVersion.V2025_03_13&skipToken=a%2Bb/c%3D%20d";
    let vectors = [
        create(),
        room(),
        delete(),
        at_41(Method::GET, form, "sW//WlOqyyXRA2BENuszaaZvPIulS6RKS4/tRxNgGsQ="),
        at_41(Method::GET, decoded, "Irln6ei6MpM5eIjGqQ9t5jqtkZpRuQLChLQvmhV7khc="),
    ];
    for vector in vectors {
        assert_eq!(vector.check(&vector.headers(), CREATED), Ok(()), "{}", vector.target);
    }
}

/// Signs as a client does, under any names and host.
fn signed(method: &Method, target: &str, names: &str, date: &str, host: &str, hash: &str) -> String {
    let text = format!("{method}\n{target}\n{date};{host};{hash}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(KEY).unwrap());
    let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
    format!("HMAC-SHA256 SignedHeaders={names}&Signature={signature}")
}

#[test]
fn the_date_may_stand_in_either_header_and_the_names_are_read_in_any_case() {
    let vector = create();
    for (header, names) in [
        ("date", "date;host;x-ms-content-sha256"),
        ("x-ms-date", "X-MS-Date;Host;X-MS-Content-SHA256"),
    ] {
        let mut headers = vector.headers();
        headers.remove("x-ms-date");
        headers.insert(header, HeaderValue::from_static(vector.date));
        let authorization = signed(&vector.method, vector.target, names, vector.date, "localhost:18080", vector.hash);
        headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        assert_eq!(vector.check(&headers, CREATED), Ok(()), "{header}");
        headers.insert(header, HeaderValue::from_static("Sun, 22 Nov 2026 12:17:31 GMT"));
        assert_eq!(vector.check(&headers, CREATED), Err(SignatureError::SignatureMismatch), "{header}");
    }
}

#[test]
fn a_host_that_was_signed_with_a_slash_is_the_same_host_and_one_with_a_path_is_not() {
    let vector = create();
    let names = "x-ms-date;host;x-ms-content-sha256";
    for (host, expected) in [
        ("localhost:18080/", Ok(())),
        ("localhost:18080/x", Err(SignatureError::SignatureMismatch)),
        ("localhost:18080//", Err(SignatureError::SignatureMismatch)),
    ] {
        let mut headers = vector.headers();
        let authorization = signed(&vector.method, vector.target, names, vector.date, host, vector.hash);
        headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        assert_eq!(vector.check(&headers, CREATED), expected, "{host}");
    }
}

#[test]
fn a_signature_is_good_again_for_its_own_request_and_for_no_other() {
    let vector = create();
    for _ in 0..2 {
        assert_eq!(vector.check(&vector.headers(), CREATED), Ok(()));
    }
    for other in [delete(), at_41(Method::POST, "/rooms?api-version=2025-03-13", "")] {
        let moved = Vector {
            signature: vector.signature,
            ..other
        };
        assert_eq!(moved.check(&moved.headers(), CREATED), Err(SignatureError::SignatureMismatch));
        let with_its_date = Vector {
            date: vector.date,
            ..moved
        };
        let refused = with_its_date.check(&with_its_date.headers(), CREATED);
        assert_eq!(refused, Err(SignatureError::SignatureMismatch));
    }
}

#[test]
fn a_changed_body_is_refused() {
    let vector = Vector {
        body: br#"{"participants":{ }}"#,
        ..room()
    };
    assert_eq!(vector.check(&vector.headers(), CREATED), Err(SignatureError::BodyHashMismatch));
}

#[test]
fn a_changed_body_with_a_fitting_hash_is_refused() {
    let vector = Vector {
        hash: room().hash,
        body: room().body,
        ..create()
    };
    assert_eq!(vector.check(&vector.headers(), CREATED), Err(SignatureError::SignatureMismatch));
}

#[test]
fn another_port_path_case_query_or_verb_is_refused() {
    let mut other_port = create().headers();
    other_port.insert("host", HeaderValue::from_static("localhost:18081"));
    assert_eq!(create().check(&other_port, CREATED), Err(SignatureError::SignatureMismatch));
    for changed in [
        Vector {
            target: "/Identities?api-version=2023-10-01",
            ..create()
        },
        Vector {
            target: "/identities?api-version=2023-10-02",
            ..create()
        },
        Vector {
            target: "/identities",
            ..create()
        },
        Vector {
            method: Method::GET,
            ..create()
        },
    ] {
        assert_eq!(
            changed.check(&changed.headers(), CREATED),
            Err(SignatureError::SignatureMismatch),
            "{}",
            changed.target
        );
    }
}

#[test]
fn a_date_is_good_for_fifteen_minutes_either_way_and_no_longer() {
    let vector = create();
    let minute = 60 * 1_000_000;
    for minutes in [-15, 0, 15] {
        assert_eq!(
            vector.check(&vector.headers(), CREATED + minutes * minute),
            Ok(()),
            "{minutes} minutes"
        );
    }
    for minutes in [-16, 16] {
        assert_eq!(
            vector.check(&vector.headers(), CREATED + minutes * minute),
            Err(SignatureError::DateOutOfRange),
            "{minutes} minutes"
        );
    }
}

#[test]
fn a_known_authority_stands_in_for_a_host_that_a_proxy_rewrote() {
    let vector = create();
    let mut headers = vector.headers();
    headers.insert("host", HeaderValue::from_static("inner:9000"));
    let keys = [STANDARD.decode(KEY).unwrap()];
    let (known, other) = (["localhost:18080".to_owned()], ["elsewhere".to_owned()]);
    let inspect = |authorities| {
        verify(Inspection {
            method: &vector.method,
            raw_target: vector.target,
            headers: &headers,
            body: b"",
            authorities,
            keys: &keys,
            now: CREATED,
        })
    };
    assert_eq!(inspect(&known), Ok(()));
    assert_eq!(inspect(&other), Err(SignatureError::SignatureMismatch));
}

#[test]
fn a_signature_that_leaves_out_the_body_hash_is_refused() {
    let vector = create();
    let mut headers = vector.headers();
    headers.insert(
        "authorization",
        HeaderValue::from_static("HMAC-SHA256 SignedHeaders=x-ms-date;host&Signature=AAAA"),
    );
    assert_eq!(vector.check(&headers, CREATED), Err(SignatureError::HeadersNotSigned));
}

#[test]
fn the_second_of_two_keys_verifies_and_a_foreign_key_does_not() {
    let vector = create();
    let headers = vector.headers();
    let own = STANDARD.decode(KEY).unwrap();
    let foreign = b"some other key".to_vec();
    let inspect = |keys: &[Vec<u8>]| {
        verify(Inspection {
            method: &vector.method,
            raw_target: vector.target,
            headers: &headers,
            body: b"",
            authorities: &[],
            keys,
            now: CREATED,
        })
    };
    assert_eq!(inspect(&[foreign.clone(), own]), Ok(()));
    assert_eq!(inspect(&[foreign]), Err(SignatureError::SignatureMismatch));
    assert_eq!(inspect(&[]), Err(SignatureError::SignatureMismatch));
}

proptest! {
    #[test]
    fn arbitrary_headers_and_targets_are_refused_without_a_panic(
        authorization in "[ -~]{0,120}", date in "[ -~]{0,40}", target in "[!-~]{0,80}", body in proptest::collection::vec(any::<u8>(), 0..64)
    ) {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        headers.insert("x-ms-date", HeaderValue::from_str(&date).unwrap());
        headers.insert("host", HeaderValue::from_static("localhost"));
        headers.insert("x-ms-content-sha256", HeaderValue::from_static(EMPTY_HASH));
        let keys = [b"key".to_vec()];
        let result = verify(Inspection {
            method: &Method::POST, raw_target: &target, headers: &headers, body: &body, authorities: &[], keys: &keys, now: CREATED,
        });
        prop_assert!(result.is_err());
    }
}

//! What happened, encrypted for a certificate, and the tokens beside it. Decrypted by an independent implementation in tests/clients; here by hand.

use app::notify::{MeetingCallEvent, PUBLISHER_ID, SubscribeError, SubscriptionDraft};
use app::{AppError, TokenError};
use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::house::{HOOK, Watching};

/// A certificate over an RSA key of 1024 bits.
const SMALL: &str = "MIIB/jCCAWegAwIBAgIUeV+uxtCxbMrGctQ8WSWPB9aqxO8wDQYJKoZIhvcNAQELBQAwEDEOMAwGA1UEAwwFc21hbGwwIBcNMjYxMTIyMTgwODA4WhgPMjEyNjEwMjkxODA4MDhaMBAxDjAMBgNVBAMMBXNtYWxsMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCuk0SZvYbgwEnsXpxBgV/4of6PrS1iKCtxYpo1UsdcFkV6l/i13mfWibbLONWwyM+DzVk1K6ruKxCmJlA77Nm0vL5RdD6D1iUdt8PQxVrtrA0N7ooorpM1hylx9tIKyFA6E3mDk7BWPAbgWh4w6gkYo0zxTwkMsjfmTTn4XLfm9wIDAQABo1MwUTAdBgNVHQ4EFgQUFS9jWYvhhLCVeY6MsIYuuMbIKd4wHwYDVR0jBBgwFoAUFS9jWYvhhLCVeY6MsIYuuMbIKd4wDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOBgQAicALsQkZND8YOU5IY0ftgl4CM/2mf3fjfXEvkO17/sdnCAAkpbhILR26r799FaSiMTBfjUdqvgbweIoMWksc//q7CZOO9RgLoAMVVGQiVbpnMdjcV3I2zETKeyznpFzh4+nnWQjEEKJSoLyquvSrXwEkWM6SO0KqtWk60wy9zsw==";

/// A subscriber's key and certificate.
fn subscriber() -> (OaepPrivateDecryptingKey, String) {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'static> = key.as_der().unwrap();
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der.as_ref().into(), &PKCS_RSA_SHA256).unwrap();
    let certificate = CertificateParams::new(vec!["receiver.example".to_owned()])
        .unwrap()
        .self_signed(&pair)
        .unwrap();
    (OaepPrivateDecryptingKey::new(key).unwrap(), STANDARD.encode(certificate.der()))
}

fn with_certificate(draft: SubscriptionDraft, certificate: &str) -> SubscriptionDraft {
    SubscriptionDraft {
        include_resource_data: true,
        encryption_certificate: Some(certificate.to_owned()),
        encryption_certificate_id: Some("mine".to_owned()),
        ..draft
    }
}

fn decrypt(key: &OaepPrivateDecryptingKey, encrypted: &Value) -> Value {
    let bytes = |name: &str| STANDARD.decode(encrypted[name].as_str().unwrap()).unwrap();
    let mut plain = vec![0; key.min_output_size()];
    let symmetric = key.decrypt(&OAEP_SHA1_MGF1SHA1, &bytes("key"), &mut plain, None).unwrap();
    assert_eq!(symmetric.len(), 32);
    let mut data = bytes("data");
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, symmetric), &data, &bytes("signature")).unwrap();
    let vector: [u8; 16] = symmetric[..16].try_into().unwrap();
    let cipher = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, symmetric).unwrap()).unwrap();
    let content = cipher
        .decrypt(&mut data, DecryptionContext::Iv128(FixedLength::from(vector)))
        .unwrap();
    serde_json::from_slice(content).unwrap()
}

#[tokio::test]
async fn every_item_has_a_key_of_its_own_and_is_read_by_the_subscriber() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    let (key, certificate) = subscriber();
    watching
        .subscribe(with_certificate(watching.draft(&meeting), &certificate))
        .await
        .unwrap();
    watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    watching.deliver().await;
    let items = watching.receivers.items(HOOK);
    let expected = json!({ "tenant": watching.house.dev.tenant.id, "event": { "kind": "callStarted" } });
    for item in &items {
        assert_eq!(decrypt(&key, &item["encrypted"]), expected);
        assert_eq!(item["encrypted"]["certificate"], "mine");
        let thumbprint = item["encrypted"]["thumbprint"].as_str().unwrap();
        assert!(
            thumbprint.len() == 40
                && thumbprint
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
        );
    }
    assert_ne!(items[0]["encrypted"]["data"], items[1]["encrypted"]["data"]);
    assert_ne!(items[0]["encrypted"]["key"], items[1]["encrypted"]["key"]);
}

#[tokio::test]
async fn the_validation_token_names_publisher_and_application_and_opens_nothing() {
    let watching = Watching::new().await;
    let (app, meeting) = (&watching.house.app, watching.meeting().await);
    let (_, certificate) = subscriber();
    watching
        .subscribe(with_certificate(watching.draft(&meeting), &certificate))
        .await
        .unwrap();
    watching.happens(&meeting, MeetingCallEvent::CallStarted).await;
    watching.deliver().await;
    let [(_, body)] = watching.receivers.take().try_into().unwrap();
    let token = body["tokens"][0].as_str().unwrap();
    let claims = app.signer().verify_signature(token).unwrap();
    assert_eq!(claims["aud"], json!(watching.house.dev.application.client_id));
    assert_eq!(claims["iss"], json!(app.issuer(crate::support::ORIGIN)));
    assert_eq!(
        (&claims["azp"], &claims["appid"], &claims["tid"]),
        (&json!(PUBLISHER_ID), &json!(PUBLISHER_ID), &json!(watching.house.dev.tenant.id))
    );
    assert!(claims["exp"].as_i64().unwrap() > app.now() / 1_000_000);
    assert!(!claims.contains_key("scp") && !claims.contains_key("roles"));
    assert!(matches!(app.verify_bearer(token).await, Err(TokenError::WrongAudience { .. })));
    assert!(app.verify_communication_bearer(token).await.is_err());
}

#[tokio::test]
async fn a_certificate_must_be_one_over_an_rsa_key_that_is_large_enough() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    let elliptic = CertificateParams::new(vec!["x".to_owned()])
        .unwrap()
        .self_signed(&KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
        .unwrap();
    let (_, good) = subscriber();
    let long = good.repeat(20);
    let cut = STANDARD.encode(&STANDARD.decode(&good).unwrap()[..300]);
    for certificate in ["not base64", "", "AAAA", SMALL, &STANDARD.encode(elliptic.der()), &long, &cut] {
        let outcome = watching.subscribe(with_certificate(watching.draft(&meeting), certificate)).await;
        assert!(
            matches!(
                outcome,
                Err(SubscribeError::App(AppError::InvalidArgument {
                    field: "encryptionCertificate",
                    ..
                }))
            ),
            "{certificate}: {outcome:?}"
        );
    }
    let nameless = SubscriptionDraft {
        encryption_certificate_id: None,
        ..with_certificate(watching.draft(&meeting), &good)
    };
    assert!(matches!(
        watching.subscribe(nameless).await,
        Err(SubscribeError::App(AppError::InvalidArgument {
            field: "encryptionCertificateId",
            ..
        }))
    ));
    let wrapped = good
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect::<Vec<_>>()
        .join("\r\n");
    watching
        .subscribe(with_certificate(watching.draft(&meeting), &wrapped))
        .await
        .unwrap();
}

//! An application proves itself with a signed assertion.

use app::applications::{ApplicationPatch, NewKey};
use app::model::{Application, ApplicationKey};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;
use rcgen::{CertificateParams, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};

use crate::house::{Answer, HTTP, HTTPS, House, claims};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key with its certificate.
struct Credential {
    pair: KeyPair,
    maker: rcgen::KeyPair,
    public_pem: String,
    certificate_pem: String,
}

impl Credential {
    fn new() -> Self {
        let pair = rcgen::KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let certificate = CertificateParams::new(vec!["rota.example.org".to_owned()])
            .unwrap()
            .self_signed(&pair)
            .unwrap();
        Self {
            public_pem: pair.public_key_pem(),
            certificate_pem: certificate.pem(),
            pair: KeyPair::from_pkcs8(&pair.serialize_der()).unwrap(),
            maker: pair,
        }
    }

    fn sign(&self, header: &Value, payload: &Value) -> String {
        self.sign_text(header, message(header, payload))
    }

    fn sign_text(&self, header: &Value, message: String) -> String {
        let algorithm: &'static dyn RsaEncoding = match header["alg"].as_str() {
            Some("PS256") => &RSA_PSS_SHA256,
            _ => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(algorithm, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn message(header: &Value, payload: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(payload))
}

struct Bench {
    house: House,
    rota: Application,
    secret: String,
    credential: Credential,
    key: ApplicationKey,
}

impl Bench {
    async fn new() -> Self {
        let house = House::new().await;
        let rest = ApplicationPatch {
            application_permissions: Some(vec!["User.Read.All".to_owned()]),
            ..ApplicationPatch::default()
        };
        let (rota, secret) = house.third_party(rest).await;
        let credential = Credential::new();
        let key = add(&house, &rota, &credential.certificate_pem).await;
        Self {
            house,
            rota,
            secret,
            credential,
            key,
        }
    }

    fn header(&self) -> Value {
        json!({ "alg": "RS256", "typ": "JWT", "x5t": self.key.sha1 })
    }

    fn payload(&self) -> Value {
        let now = self.house.app.now() / 1_000_000;
        let id = &self.rota.client_id;
        json!({ "iss": id, "sub": id, "aud": format!("{HTTPS}{}", self.house.path("token")), "jti": "1", "exp": now + 600, "nbf": now })
    }

    async fn ask(&self, assertion: &str) -> Answer {
        self.ask_with(assertion, &[]).await
    }

    async fn ask_with(&self, assertion: &str, more: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("scope", "https://graph.microsoft.com/.default"),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion),
        ];
        form.extend(more);
        self.house.token(&form, None).await
    }
}

async fn add(house: &House, application: &Application, pem: &str) -> ApplicationKey {
    let new = NewKey {
        name: "production".to_owned(),
        pem: pem.to_owned(),
    };
    house
        .app
        .add_application_key(&house.administrator(), &application.client_id, new)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_assertion_is_accepted_with_each_algorithm_selector_audience_and_kind_of_number() {
    let bench = Bench::new().await;
    let bare = Credential::new();
    let bare_key = add(&bench.house, &bench.rota, &bare.public_pem).await;
    let (header, payload) = (bench.header(), bench.payload());
    let with = |value: &Value, name: &str, new: Value| {
        let mut value = value.clone();
        value[name] = new;
        value
    };
    let hex = app::sign_in::hexadecimal(&URL_SAFE_NO_PAD.decode(bench.key.sha1.as_ref().unwrap()).unwrap());
    let now = bench.house.app.now() / 1_000_000;
    let tenant = bench.house.tenant();
    let good = [
        (header.clone(), payload.clone()),
        (
            json!({ "alg": "PS256", "x5t#S256": bench.key.sha256, "x5c": ["MIIB"] }),
            payload.clone(),
        ),
        (json!({ "alg": "RS256", "x5t": bench.key.sha1, "kid": hex }), payload.clone()),
        (json!({ "alg": "RS256", "kid": hex }), payload.clone()),
        (header.clone(), with(&payload, "exp", json!(now as f64 + 599.75))),
        (
            header.clone(),
            with(&payload, "aud", json!(format!("{HTTP}/common/oauth2/v2.0/token"))),
        ),
        (
            header.clone(),
            with(&payload, "aud", json!([format!("{HTTP}/riverside.example/oauth2/v2.0/token")])),
        ),
        (header.clone(), with(&payload, "aud", json!(format!("{HTTPS}/{tenant}/v2.0")))),
    ];
    for (header, payload) in good {
        let answer = bench.ask(&bench.credential.sign(&header, &payload)).await;
        assert_eq!(answer.status, StatusCode::OK, "{header} {payload}: {answer:?}");
        let token = claims(&answer.json()["access_token"]);
        assert_eq!(
            (&token["azpacr"], &token["azp"]),
            (&"2".into(), &bench.rota.client_id.as_str().into())
        );
        assert_eq!(token["roles"], json!(["User.Read.All"]));
    }
    let padded = {
        let encode = |value: &Value| base64::engine::general_purpose::URL_SAFE.encode(value.to_string());
        bench
            .credential
            .sign_text(&header, format!("{}.{}", encode(&header), encode(&payload)))
    };
    assert!(padded.contains("=."));
    assert_eq!(bench.ask(&padded).await.status, StatusCode::OK, "some clients leave the padding on");
    let answer = bench
        .ask(&bare.sign(&json!({ "alg": "RS256", "kid": bare_key.id }), &payload))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "a bare public key: {answer:?}");
    let assertion = bench.credential.sign(&header, &payload);
    for _ in 0..2 {
        let answer = bench.ask_with(&assertion, &[("client_id", &bench.rota.client_id)]).await;
        assert_eq!(answer.status, StatusCode::OK, "clients sign once and use it for ten minutes");
    }
}

#[tokio::test]
async fn an_assertion_that_does_not_fit_is_refused_by_the_name_of_what_is_wrong() {
    let bench = Bench::new().await;
    let (header, payload) = (bench.header(), bench.payload());
    let now = bench.house.app.now() / 1_000_000;
    let other = bench.house.accounts.application.client_id.clone();
    let cases = [
        ("iss", json!(other), 700_021),
        ("sub", json!(bench.house.web_client()), 700_021),
        ("iss", Value::Null, 700_021),
        ("aud", json!("https://login.example.org/x/oauth2/v2.0/token"), 700_023),
        (
            "aud",
            json!(format!("{HTTPS}.evil.example/{}/oauth2/v2.0/token", bench.house.tenant())),
            700_023,
        ),
        (
            "aud",
            json!(format!("{HTTPS}/8e1f2c3a-0000-4000-8000-000000000000/oauth2/v2.0/token")),
            700_023,
        ),
        ("aud", json!(format!("{HTTPS}{}", bench.house.path("authorize"))), 700_023),
        ("aud", Value::Null, 700_023),
        ("exp", json!(now), 700_024),
        ("exp", json!(now + 2 * 3600), 700_024),
        ("exp", Value::Null, 50027),
        ("nbf", json!(now + 600), 700_024),
    ];
    for (name, value, number) in cases {
        let mut payload = payload.clone();
        payload[name] = value.clone();
        let client_id = [("client_id", bench.rota.client_id.as_str())];
        let answer = bench.ask_with(&bench.credential.sign(&header, &payload), &client_id).await;
        assert_eq!(answer.error(), ("invalid_client".to_owned(), number), "{name}={value}");
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(bench.ask(&bench.credential.sign(&header, &payload)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_foreign_key_another_algorithm_and_a_key_in_the_header_prove_nothing() {
    let bench = Bench::new().await;
    let (header, payload) = (bench.header(), bench.payload());
    let stranger = Credential::new();
    let with = |more: Value| {
        let mut header = header.clone();
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        header
    };
    let refused = async |assertion: String, number: u64| {
        let answer = bench.ask(&assertion).await;
        assert_eq!(answer.error(), ("invalid_client".to_owned(), number), "{assertion:.60}");
    };
    refused(stranger.sign(&header, &payload), 700_027).await;
    let smuggled = stranger
        .certificate_pem
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect::<String>();
    refused(stranger.sign(&with(json!({ "x5c": [smuggled] })), &payload), 700_027).await;
    refused(bench.credential.sign(&json!({ "alg": "RS256" }), &payload), 700_027).await;
    refused(bench.credential.sign(&with(json!({ "x5t": "AAAA" })), &payload), 700_027).await;
    refused(
        bench
            .credential
            .sign(&with(json!({ "x5t": "AAAA", "kid": bench.key.id })), &payload),
        700_027,
    )
    .await;
    // The signature of one algorithm under the name of the other.
    let pkcs1 = bench.credential.sign(&header, &payload);
    let signature = pkcs1.rsplit_once('.').unwrap().1;
    refused(
        format!("{}.{signature}", message(&with(json!({ "alg": "PS256" })), &payload)),
        700_027,
    )
    .await;
    let unsigned = message(&with(json!({ "alg": "none" })), &payload);
    refused(format!("{unsigned}."), 50027).await;
    for secret in [
        bench.credential.public_pem.as_bytes(),
        bench.credential.certificate_pem.as_bytes(),
        bench.secret.as_bytes(),
    ] {
        let text = message(&with(json!({ "alg": "HS256" })), &payload);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
        refused(format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag)), 50027).await;
    }
    for alg in ["RS384", "ES256", "EdDSA", "rs256"] {
        refused(format!("{}.{signature}", message(&with(json!({ "alg": alg })), &payload)), 50027).await;
    }
    let mut altered = payload.clone();
    altered["jti"] = json!("2");
    refused(format!("{}.{signature}", message(&header, &altered)), 700_027).await;
    for garbage in ["x", "a.b.c", "..", &"a".repeat(40_000)] {
        let answer = bench.ask_with(garbage, &[("client_id", &bench.rota.client_id)]).await;
        assert_eq!(answer.error().1, 50027, "{garbage:.20}");
    }
    let answer = bench.ask("a.b.c").await;
    assert_eq!(answer.error().1, 900_144, "nothing says whose it is");
}

#[tokio::test]
async fn a_certificate_counts_within_its_dates_and_until_it_is_removed() {
    let bench = Bench::new().await;
    let sign = |bench: &Bench| bench.credential.sign(&bench.header(), &bench.payload());
    assert_eq!(bench.ask(&sign(&bench)).await.status, StatusCode::OK);
    let administrator = bench.house.administrator();
    let removed = bench
        .house
        .app
        .remove_application_key(&administrator, &bench.rota.client_id, &bench.key.id)
        .await;
    removed.unwrap();
    assert_eq!(bench.ask(&sign(&bench)).await.error().1, 700_027);
    let mut short = CertificateParams::new(vec!["rota.example.org".to_owned()]).unwrap();
    short.not_before = rcgen::date_time_ymd(2020, 1, 1);
    short.not_after = rcgen::date_time_ymd(2027, 1, 1);
    let certificate = short.self_signed(&bench.credential.maker).unwrap();
    let key = add(&bench.house, &bench.rota, &certificate.pem()).await;
    let header = json!({ "alg": "RS256", "x5t": key.sha1 });
    assert_eq!(
        bench.ask(&bench.credential.sign(&header, &bench.payload())).await.status,
        StatusCode::OK
    );
    bench.house.turn_clock(60 * 24 * 3600);
    let late = bench.ask(&bench.credential.sign(&header, &bench.payload())).await;
    assert_eq!(late.error(), ("invalid_client".to_owned(), 700_024));
}

#[tokio::test]
async fn one_proof_at_a_time_and_none_for_public_applications() {
    let bench = Bench::new().await;
    let assertion = bench.credential.sign(&bench.header(), &bench.payload());
    let both = bench.ask_with(&assertion, &[("client_secret", &bench.secret)]).await;
    assert_eq!(both.error().1, 7_000_215);
    let another = bench
        .ask_with(&assertion, &[("client_id", &bench.house.accounts.application.client_id)])
        .await;
    assert_eq!(another.error().1, 700_027, "the other application has no such key");
    let public = bench.ask_with(&assertion, &[("client_id", bench.house.web_client())]).await;
    assert_eq!(public.error().1, 700_025);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion", assertion.as_str()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
    ];
    assert_eq!(bench.house.token(&form, None).await.error().1, 9_002_313);
}

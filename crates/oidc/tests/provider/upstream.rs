//! An upstream OpenID provider behind the port for outgoing calls: publishes keys, redeems codes, and lies wherever a test wants it to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use app::outbound::{Outbound, OutboundError, OutboundRequest, OutboundResponse};
use async_trait::async_trait;
use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA384,
    },
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as B64},
};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://login.upstream.example/realm";
pub(crate) const CLIENT: &str = "anteroom at+upstream";
pub(crate) const SECRET: &str = "s:e c/r+et";

/// A key with its name.
pub(crate) enum Key {
    Rsa(&'static str, KeyPair),
    P256(&'static str, EcdsaKeyPair),
    P384(&'static str, EcdsaKeyPair),
}

impl Key {
    pub(crate) fn rsa(kid: &'static str) -> Self {
        Self::Rsa(kid, KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    pub(crate) fn p256() -> Self {
        Self::P256("p256", EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn p384() -> Self {
        Self::P384("p384", EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap())
    }

    fn kid(&self) -> &'static str {
        match self {
            Self::Rsa(kid, _) | Self::P256(kid, _) | Self::P384(kid, _) => kid,
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let point = |pair: &EcdsaKeyPair, curve: &str, size: usize| {
            let public = pair.public_key().as_ref();
            json!({ "kty": "EC", "crv": curve, "kid": self.kid(), "x": B64.encode(&public[1..=size]), "y": B64.encode(&public[size + 1..]) })
        };
        match self {
            Self::Rsa(kid, pair) => {
                let public = pair.public_key();
                let (n, e) = (public.modulus(), public.exponent());
                json!({
                    "kty": "RSA", "kid": kid, "use": "sig",
                    "n": B64.encode(n.big_endian_without_leading_zero()), "e": B64.encode(e.big_endian_without_leading_zero()),
                })
            }
            Self::P256(_, pair) => point(pair, "P-256", 32),
            Self::P384(_, pair) => point(pair, "P-384", 48),
        }
    }

    /// A token in this algorithm; RSA keys know RS256 and PS384.
    pub(crate) fn sign(&self, algorithm: &str, claims: &Value) -> String {
        let header = json!({ "alg": algorithm, "kid": self.kid(), "typ": "JWT" });
        self.sign_with(&header, claims)
    }

    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(_, pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let done = if header["alg"] == "PS384" {
                    pair.sign(&RSA_PSS_SHA384, &random, message.as_bytes(), &mut signature)
                } else {
                    pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature)
                };
                done.unwrap();
                signature
            }
            Self::P256(_, pair) | Self::P384(_, pair) => pair.sign(&random, message.as_bytes()).unwrap().as_ref().to_vec(),
        };
        format!("{message}.{}", B64.encode(signature))
    }
}

/// Header and claims, to be signed.
pub(crate) fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()))
}

/// What was authorized, and what its code gives.
struct Grant {
    challenge: String,
    redirect_uri: String,
    answer: Value,
}

pub(crate) struct State {
    pub(crate) discovery: Value,
    pub(crate) keys: Vec<Value>,
    /// By access token.
    pub(crate) userinfo: Value,
    /// No call gets an answer.
    pub(crate) down: bool,
    pub(crate) calls: Vec<OutboundRequest>,
    grants: BTreeMap<String, Grant>,
}

#[derive(Clone)]
pub(crate) struct Upstream(pub(crate) Arc<Mutex<State>>);

impl Upstream {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            discovery: json!({
                "issuer": ISSUER,
                "authorization_endpoint": format!("{ISSUER}/authorize?realm=one"),
                "token_endpoint": format!("{ISSUER}/token"),
                "jwks_uri": format!("{ISSUER}/keys"),
                "end_session_endpoint": format!("{ISSUER}/logout"),
                "prompt_values_supported": ["none", "login", "select_account"],
            }),
            keys: Vec::new(),
            userinfo: json!({}),
            down: false,
            calls: Vec::new(),
            grants: BTreeMap::new(),
        })))
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap());
    }

    pub(crate) fn calls_to(&self, path: &str) -> usize {
        let state = self.0.lock().unwrap();
        state.calls.iter().filter(|call| call.url == format!("{ISSUER}{path}")).count()
    }

    /// The person signs in there: a code that gives this identity token to whoever proves what the authorization request announced.
    pub(crate) fn authorize(&self, request: &BTreeMap<String, String>, id_token: &str) -> String {
        let mut state = self.0.lock().unwrap();
        let code = format!("code-{}", state.grants.len());
        let grant = Grant {
            challenge: request["code_challenge"].clone(),
            redirect_uri: request["redirect_uri"].clone(),
            answer: json!({ "token_type": "Bearer", "access_token": "upstream-access", "id_token": id_token }),
        };
        state.grants.insert(code.clone(), grant);
        code
    }

    fn answer(&self, request: &OutboundRequest) -> (u16, Value) {
        let mut state = self.0.lock().unwrap();
        state.calls.push(request.clone());
        let header = |name: &str| request.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        match request.url.strip_prefix(ISSUER) {
            Some("/.well-known/openid-configuration") => (200, state.discovery.clone()),
            Some("/keys") => (200, json!({ "keys": state.keys })),
            Some("/userinfo") if header("authorization").as_deref() == Some("Bearer upstream-access") => (200, state.userinfo.clone()),
            Some("/token") => {
                let form: BTreeMap<String, String> = url::form_urlencoded::parse(&request.body).into_owned().collect();
                let basic = STANDARD.encode("anteroom+at%2Bupstream:s%3Ae+c%2Fr%2Bet");
                let by_basic = header("authorization") == Some(format!("Basic {basic}"));
                let in_body = form.get("client_secret").map(String::as_str) == Some(SECRET);
                if by_basic == in_body {
                    return (401, json!({ "error": "invalid_client" }));
                }
                let verifier = form["code_verifier"].clone();
                let proof = B64.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
                match state.grants.remove(&form["code"]) {
                    Some(grant) if grant.challenge == proof && grant.redirect_uri == form["redirect_uri"] => (200, grant.answer),
                    _ => (400, json!({ "error": "invalid_grant", "error_description": "<b>no</b>" })),
                }
            }
            _ => (404, json!({})),
        }
    }
}

#[async_trait]
impl Outbound for Upstream {
    async fn check(&self, url: &str) -> Result<(), OutboundError> {
        if url.contains("169.254.") || url.contains("10.0.0.") {
            return Err(OutboundError::Forbidden {
                url: url.to_owned(),
                reason: "the address is private".to_owned(),
            });
        }
        Ok(())
    }

    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        self.check(&request.url).await?;
        if self.0.lock().unwrap().down {
            return Err(OutboundError::Unreachable {
                url: request.url,
                reason: "connection refused".to_owned(),
            });
        }
        let (status, body) = self.answer(&request);
        Ok(OutboundResponse {
            status,
            content_type: Some("application/json".to_owned()),
            body: body.to_string().into_bytes(),
        })
    }
}

//! A visitor for the doctor: a communication identity, made with the resource's access key and deleted afterwards.

use anyhow::{Context as _, bail};
use aws_lc_rs::{digest, hmac};
use axum::http::{Method, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use serde_json::Value;

use super::Server;
use crate::http_client::Asked;

const VERSION: &str = "api-version=2023-10-01";

/// What applications hold: where the resource is, and its key.
pub(super) struct ConnectionString {
    endpoint: String,
    key: hmac::Key,
}

impl ConnectionString {
    /// Reads `endpoint=…;accesskey=…`.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let (mut endpoint, mut key) = (None, None);
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').context("a connection string is endpoint=…;accesskey=…")?;
            match name.to_ascii_lowercase().as_str() {
                "endpoint" => endpoint = Some(value.trim_end_matches('/').to_owned()),
                "accesskey" => key = Some(STANDARD.decode(value).context("the access key is not base64")?),
                // Not the whole text: it holds the key.
                _ => bail!("a connection string has no part named {name:?}"),
            }
        }
        Ok(Self {
            endpoint: endpoint.context("the connection string names no endpoint")?,
            key: hmac::Key::new(hmac::HMAC_SHA256, &key.context("the connection string has no access key")?),
        })
    }

    /// Where the resource is.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The request, signed as the published clients do.
    fn sign(&self, server: &Server, method: Method, target: &str, body: &str, now: Timestamp) -> anyhow::Result<Asked> {
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now)?;
        let hash = STANDARD.encode(digest::digest(&digest::SHA256, body.as_bytes()));
        let text = format!("{method}\n{target}\n{date};{};{hash}", server.authority());
        let signature = STANDARD.encode(hmac::sign(&self.key, text.as_bytes()));
        let mut asked = Asked::new(method, target);
        for (name, value) in [
            ("x-ms-date", date),
            ("x-ms-content-sha256", hash),
            (
                header::AUTHORIZATION.as_str(),
                format!("HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"),
            ),
        ] {
            asked.headers.push((name.to_owned(), value));
        }
        body.clone_into(&mut asked.body);
        Ok(asked)
    }
}

/// An identity with a token, until it is given back.
pub(super) struct Visitor {
    id: String,
    pub(super) token: String,
}

impl Visitor {
    pub(super) async fn make(server: &Server, key: &ConnectionString) -> anyhow::Result<Self> {
        let body = r#"{"createTokenWithScopes":["voip"],"expiresInMinutes":60}"#;
        let target = format!("/identities?{VERSION}");
        let made = server
            .json(key.sign(server, Method::POST, &target, body, Timestamp::now())?)
            .await?;
        let text = |pointer: &str| made.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            id: text("/identity/id").context("the answer has no identity")?,
            token: text("/accessToken/token").context("the answer has no token")?,
        })
    }

    pub(super) async fn delete(self, server: &Server, key: &ConnectionString) -> anyhow::Result<()> {
        let target = format!("/identities/{}?{VERSION}", self.id);
        let answer = server.ask(key.sign(server, Method::DELETE, &target, "", Timestamp::now())?).await?;
        anyhow::ensure!(answer.status.is_success(), "the server answered {}", answer.status);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_is_read_and_half_of_one_is_not() {
        let good = ConnectionString::parse("endpoint=https://localhost:8443/;accesskey=AAECAw==").expect("whole");
        assert_eq!(good.endpoint(), "https://localhost:8443");
        for bad in [
            "",
            "endpoint=https://x/",
            "accesskey=AAEC",
            "endpoint=https://x/;accesskey=!",
            "endpoint",
            "a=b;accesskey=AAEC",
        ] {
            assert!(ConnectionString::parse(bad).is_err(), "{bad}");
        }
    }
}

//! A connected identity.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;
use wire::{Locator, Reply, Request, RequestBody, Welcome};

use crate::call::Call;
use crate::connection::{Address, Connection};
use crate::error::CallingError;
use crate::tls::Trust;

/// A connection of one identity to the server; joins calls.
#[derive(Clone)]
pub struct Client {
    connection: Connection,
    welcome: Welcome,
}

impl Client {
    /// Connects to the server that the token names.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn connect(token: &str, trust: &Trust) -> Result<Self, CallingError> {
        let url = signal_url(token).ok_or(CallingError::NoServer)?;
        Self::connect_to(&url, token, trust).await
    }

    /// Connects to this server (`ws://…/signal` or `wss://…/signal`).
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn connect_to(url: &str, token: &str, trust: &Trust) -> Result<Self, CallingError> {
        let parsed = Url::parse(url).map_err(|error| CallingError::Url {
            url: url.to_owned(),
            detail: error.to_string(),
        })?;
        let (connection, welcome) = Connection::open(Address {
            url: parsed,
            token: token.to_owned(),
            trust: trust.clone(),
        })
        .await?;
        Ok(Self { connection, welcome })
    }

    /// What the server said of this identity.
    pub fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    /// Joins a meeting. The call may wait in the lobby: see [`Call::phase`].
    ///
    /// # Errors
    /// [`CallingError::Refused`] when the meeting does not let this identity in, not even to wait.
    pub async fn join(&self, locator: Locator, display_name: Option<String>, muted: bool) -> Result<Call, CallingError> {
        let body = RequestBody::Join {
            locator,
            display_name,
            muted,
        };
        let settled = self.connection.ask(Request { call: None, body }).await?;
        match (settled.reply, settled.events) {
            (Reply::Joined(joined), Some(events)) => Ok(Call::start(self.connection.clone(), joined, events)),
            _ => Err(CallingError::Protocol("a join was not answered with a call".to_owned())),
        }
    }
}

/// The server address in a token (claim `anteroomSignal`), read without checking the token: the server does that.
pub fn signal_url(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    Some(claims.get("anteroomSignal")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_read_from_the_token() {
        let payload = URL_SAFE_NO_PAD.encode(br#"{"anteroomSignal":"ws://127.0.0.1:8080/signal"}"#);
        assert_eq!(signal_url(&format!("x.{payload}.y")).as_deref(), Some("ws://127.0.0.1:8080/signal"));
    }

    #[test]
    fn a_token_without_the_claim_names_no_server() {
        for token in ["", "x", "x.y.z", &format!("x.{}.y", URL_SAFE_NO_PAD.encode(b"{}"))] {
            assert_eq!(signal_url(token), None);
        }
    }
}

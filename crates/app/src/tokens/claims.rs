//! Reading claims, and the names that tokens of ours use.

use serde_json::{Map, Value};

use crate::Micros;
use crate::error::TokenError;

/// Audience of Graph access tokens.
pub const GRAPH_AUDIENCE: &str = "00000003-0000-0000-c000-000000000000";
/// The other spelling of [`GRAPH_AUDIENCE`].
pub const GRAPH_AUDIENCE_URL: &str = "https://graph.microsoft.com";
/// Audience of tokens with which applications call the communication facade.
pub const COMMUNICATION_AUDIENCE: &str = "https://communication.azure.com";
/// Audience of member tokens that the common client exchanges for a communication token by itself.
pub const COMMUNICATION_CLIENTS_AUDIENCE: &str = "https://communication.azure.com/clients";
/// Audience of member tokens that are exchanged for a communication token.
pub const TEAMS_AUDIENCE: &str = "https://auth.msft.communication.azure.com";
/// Claim that tells a calling SDK where signalling is.
pub const SIGNAL_CLAIM: &str = "anteroomSignal";
/// Claim with the moment of issue in microseconds (as a string), finer than `iat`, so that a revocation is exact.
pub const ISSUED_CLAIM: &str = "anteroomIssued";

/// Claim of an exchanged communication token: client id of the application that the exchanged token was issued to. It ends with that application.
pub const CLIENT_CLAIM: &str = "anteroomClient";

const SECOND: Micros = 1_000_000;
/// How far the clock of another node of ours may be ahead.
const EARLY_TOLERANCE: Micros = 60 * SECOND;

/// Claims whose signature was verified.
#[derive(Debug, Clone)]
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A space-separated list, or an array of strings.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// A NumericDate as microseconds; fractions are allowed.
    pub(crate) fn time(&self, name: &str) -> Option<Micros> {
        let value = self.0.get(name)?;
        if let Some(seconds) = value.as_i64() {
            return seconds.checked_mul(SECOND);
        }
        let seconds = value.as_f64().filter(|s| s.is_finite() && s.abs() < 1e12)?;
        #[expect(clippy::cast_possible_truncation, reason = "bounded by the filter above")]
        Some((seconds * 1e6) as Micros)
    }

    /// When it was issued: the fine claim when present, else `iat`.
    pub(crate) fn issued(&self) -> Micros {
        self.text(ISSUED_CLAIM)
            .and_then(|text| text.parse().ok())
            .or_else(|| self.time("iat"))
            .unwrap_or(0)
    }

    /// Checks `exp` (required) and `nbf`; gives the end of validity.
    pub(crate) fn check_times(&self, now: Micros) -> Result<Micros, TokenError> {
        let expires = self.time("exp").ok_or(TokenError::Malformed)?;
        if expires <= now {
            return Err(TokenError::Expired { at: expires });
        }
        match self.time("nbf") {
            Some(start) if start > now.saturating_add(EARLY_TOLERANCE) => Err(TokenError::NotYetValid),
            _ => Ok(expires),
        }
    }

    /// Whether the audience is one of these, a trailing slash ignored.
    pub(crate) fn has_audience(&self, accepted: &[&str]) -> bool {
        let matches = |audience: &str| accepted.contains(&audience.trim_end_matches('/'));
        match self.0.get("aud") {
            Some(Value::String(audience)) => matches(audience),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).any(matches),
            _ => false,
        }
    }
}

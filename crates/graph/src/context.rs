//! What belongs to one request rather than to its resource: its ids, the origin on which it came, and what it prefers.

use app::Micros;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use uuid::Uuid;

use crate::shape::time;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");
/// Longest id of a client that is given back.
const MAX_CLIENT_REQUEST_ID: usize = 128;
const CONSISTENCY: HeaderName = HeaderName::from_static("consistencylevel");
/// More preferences than this are not read; clients send one or two.
const MAX_PREFERENCES: usize = 16;
const EVOLVED_ENUMS: &str = "include-unknown-enum-members";
const ODATA_JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// Our id of the request.
    pub(crate) request_id: String,
    /// The client's id of the request.
    pub(crate) client_request_id: Option<String>,
    /// Scheme, host and port that the client used, when it is one of ours; else the canonical one.
    pub(crate) origin: String,
    /// When it came.
    pub(crate) now: Micros,
    /// Whether the client knows the values that were added to enumerations later.
    pub(crate) evolved_enums: bool,
    /// Whether the client can live with an index that lags (`ConsistencyLevel: eventual`); searches and bare counts ask for it.
    pub(crate) eventual: bool,
    /// Languages that the reader understands, as the header says it.
    pub(crate) accept_language: Option<String>,
    /// Which revision the client expects (`If-Match`).
    pub(crate) if_match: Option<String>,
    /// What `Prefer` says: lower-case name, value without quotes (empty when there is none).
    preferences: Vec<(String, String)>,
}

impl Context {
    /// Reads what the headers say.
    pub(crate) fn of(headers: &HeaderMap, origin: String, now: Micros) -> Self {
        let client_request_id = headers
            .get(CLIENT_REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|id| !id.is_empty() && id.len() <= MAX_CLIENT_REQUEST_ID)
            .map(str::to_owned);
        let preferences = preferences(headers);
        Self {
            request_id: Uuid::new_v4().to_string(),
            client_request_id,
            origin,
            now,
            evolved_enums: preferences.iter().any(|(name, _)| name == EVOLVED_ENUMS),
            eventual: headers
                .get(CONSISTENCY)
                .is_some_and(|level| level.as_bytes().eq_ignore_ascii_case(b"eventual")),
            accept_language: headers
                .get(header::ACCEPT_LANGUAGE)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            if_match: headers
                .get(header::IF_MATCH)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            preferences,
        }
    }

    /// The same for one request of a batch, with headers of its own.
    pub(crate) fn of_part(&self, headers: &HeaderMap) -> Self {
        let part = Self::of(headers, self.origin.clone(), self.now);
        Self {
            client_request_id: part.client_request_id.or_else(|| self.client_request_id.clone()),
            accept_language: part.accept_language.or_else(|| self.accept_language.clone()),
            ..part
        }
    }

    /// What the client prefers under this (lower-case) name, for example `outlook.timezone`.
    pub(crate) fn preference(&self, name: &str) -> Option<&str> {
        self.preferences
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Address of this API.
    pub(crate) fn base(&self) -> String {
        format!("{}/v1.0", self.origin)
    }

    /// Time of the request as errors show it: UTC, whole seconds, no zone.
    pub(crate) fn date(&self) -> String {
        let whole_seconds = self.now.div_euclid(1_000_000).saturating_mul(1_000_000);
        time::format(whole_seconds).unwrap_or_default().trim_end_matches('Z').to_owned()
    }

    /// What a caller without a good token is told about where to get one.
    pub(crate) fn challenge(&self) -> String {
        format!(
            r#"Bearer realm="", authorization_uri="{}/common/oauth2/v2.0/authorize", client_id="{}""#,
            self.origin,
            app::tokens::GRAPH_AUDIENCE
        )
    }

    /// Adds the headers that every answer has.
    pub(crate) fn mark(&self, headers: &mut HeaderMap) {
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(REQUEST_ID, &self.request_id);
        set(CLIENT_REQUEST_ID, self.client_request_id.as_deref().unwrap_or(&self.request_id));
        set(ODATA_VERSION, "4.0");
        if self.evolved_enums {
            headers.append(PREFERENCE_APPLIED, HeaderValue::from_static(EVOLVED_ENUMS));
        }
        let json = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|media_type| media_type.as_bytes().starts_with(b"application/json"));
        if json {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(ODATA_JSON));
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
    }
}

/// Reads `Prefer`, which may be there more than once and separates by comma.
fn preferences(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .get_all(PREFER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .filter(|preference| !preference.trim().is_empty())
        .take(MAX_PREFERENCES)
        .map(|preference| {
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(headers: &[(&'static str, &str)]) -> Context {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        Context::of(&headers, "http://127.0.0.1:8080".to_owned(), 1_795_349_850_123_456)
    }

    #[test]
    fn the_date_of_an_error_has_whole_seconds_and_no_zone() {
        assert_eq!(context(&[]).date(), "2026-11-22T12:17:30");
    }

    #[test]
    fn the_preference_is_found_among_others_and_not_where_it_is_absent() {
        assert!(context(&[("prefer", "outlook.timezone=\"UTC\", include-unknown-enum-members")]).evolved_enums);
        assert!(!context(&[("prefer", "return=minimal")]).evolved_enums);
        let named = context(&[("prefer", "outlook.timezone=\"Pacific Standard Time\"")]);
        assert_eq!(named.preference("outlook.timezone"), Some("Pacific Standard Time"));
        assert!(!context(&[]).evolved_enums);
    }

    #[test]
    fn the_id_of_the_client_is_given_back_unless_it_is_overlong() {
        let mut headers = HeaderMap::new();
        context(&[("client-request-id", "abc")]).mark(&mut headers);
        assert_eq!(headers.get("client-request-id").unwrap(), "abc");
        let context = context(&[("client-request-id", &"x".repeat(129))]);
        context.mark(&mut headers);
        assert_eq!(headers.get("client-request-id").unwrap().to_str().unwrap(), context.request_id);
    }
}

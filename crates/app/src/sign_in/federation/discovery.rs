//! The description that a provider publishes of itself (OpenID Connect Discovery 1.0), read strictly.
//!
//! Pure: bytes in, metadata or the list of everything that is wrong out. Fetching and remembering is `upstream`'s.

use serde_json::{Map, Value};
use url::Url;

use super::id_token::ALGORITHMS;

/// What is used of a provider's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: String,
    pub(crate) jwks_uri: String,
    pub(crate) userinfo_endpoint: Option<String>,
    pub(crate) end_session_endpoint: Option<Url>,
    /// The secret goes into the body; otherwise by HTTP Basic.
    pub(crate) secret_in_body: bool,
    /// Every answer carries `iss` (RFC 9207).
    pub(crate) sends_issuer: bool,
    /// Takes `prompt=select_account`; others would refuse the request for it.
    pub(crate) offers_account_choice: bool,
    /// What works and could be better.
    pub(crate) warnings: Vec<String>,
}

/// Where a provider publishes its description.
pub(crate) fn address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// Reads a description.
///
/// # Errors
/// Everything that is wrong, as sentences for an administrator.
pub(crate) fn read(issuer: &str, has_secret: bool, body: &[u8]) -> Result<Metadata, Vec<String>> {
    let Ok(document) = serde_json::from_slice::<Map<String, Value>>(body) else {
        return Err(vec![format!("{} is not a JSON object", address(issuer))]);
    };
    let mut problems = Vec::new();
    match document.get("issuer").and_then(Value::as_str) {
        Some(told) if told == issuer => {}
        Some(told) => problems.push(format!(
            "the provider calls itself {:?}, and the issuer here is {issuer:?}; they must be equal byte for byte",
            brief(told)
        )),
        None => problems.push("the description has no issuer".to_owned()),
    }
    let secure = issuer.starts_with("https:");
    let mut required = |name| {
        endpoint(&document, name, secure).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        })
    };
    let authorization = required("authorization_endpoint");
    let token = required("token_endpoint");
    let jwks = required("jwks_uri");
    for (name, found) in [
        ("authorization_endpoint", &authorization),
        ("token_endpoint", &token),
        ("jwks_uri", &jwks),
    ] {
        if found.is_none() && !document.contains_key(name) {
            problems.push(format!("the description has no {name}"));
        }
    }
    let mut warnings = Vec::new();
    let mut optional = |name| {
        endpoint(&document, name, secure).unwrap_or_else(|problem| {
            warnings.push(problem);
            None
        })
    };
    let userinfo = optional("userinfo_endpoint");
    let end_session = optional("end_session_endpoint");
    if lacks(&document, "response_types_supported", &["code"]) {
        problems.push("the provider does not offer the authorization code flow (response type code)".to_owned());
    }
    if lacks(&document, "id_token_signing_alg_values_supported", ALGORITHMS) {
        problems.push(format!("the provider signs identity tokens with none of {}", ALGORITHMS.join(", ")));
    }
    if lacks(&document, "code_challenge_methods_supported", &["S256"]) {
        warnings.push("the provider does not announce PKCE with S256; it is sent all the same".to_owned());
    }
    const METHODS: &str = "token_endpoint_auth_methods_supported";
    // RFC 8414: without the list it is Basic.
    let basic = !lacks(&document, METHODS, &["client_secret_basic"]);
    let post = list(&document, METHODS).is_some_and(|methods| methods.contains(&"client_secret_post"));
    if has_secret && !basic && !post {
        problems.push("the token endpoint takes a client secret neither by Basic nor in the body".to_owned());
    }
    match (authorization, token, jwks) {
        (Some(authorization_endpoint), Some(token), Some(jwks)) if problems.is_empty() => Ok(Metadata {
            authorization_endpoint,
            token_endpoint: token.into(),
            jwks_uri: jwks.into(),
            userinfo_endpoint: userinfo.map(String::from),
            end_session_endpoint: end_session,
            secret_in_body: !basic,
            sends_issuer: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
            offers_account_choice: list(&document, "prompt_values_supported").is_some_and(|values| values.contains(&"select_account")),
            warnings,
        }),
        _ => Err(problems),
    }
}

/// An endpoint of the description: `https`, or `http` when the issuer itself is; nothing when it is not there.
fn endpoint(document: &Map<String, Value>, name: &str, secure: bool) -> Result<Option<Url>, String> {
    let Some(value) = document.get(name) else {
        return Ok(None);
    };
    let url = value.as_str().and_then(|text| Url::parse(text).ok());
    let usable = url.filter(|url| {
        let scheme = url.scheme() == "https" || (url.scheme() == "http" && !secure);
        scheme && url.has_host() && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
    });
    usable
        .map(Some)
        .ok_or_else(|| format!("{name} is not a usable address: {}", brief(&value.to_string())))
}

fn list<'a>(document: &'a Map<String, Value>, name: &str) -> Option<Vec<&'a str>> {
    Some(document.get(name)?.as_array()?.iter().filter_map(Value::as_str).collect())
}

/// The list is there and has none of these.
fn lacks(document: &Map<String, Value>, name: &str, wanted: &[&str]) -> bool {
    list(document, name).is_some_and(|values| !values.iter().any(|value| wanted.contains(value)))
}

/// A stranger's text, short.
fn brief(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ISSUER: &str = "https://login.example.org/realm";

    fn document() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.example.org/authorize?realm=1",
            "token_endpoint": "https://api.example.org/token",
            "jwks_uri": "https://login.example.org/keys",
            "userinfo_endpoint": "https://login.example.org/userinfo",
            "end_session_endpoint": "https://login.example.org/logout",
            "response_types_supported": ["code", "id_token"],
            "id_token_signing_alg_values_supported": ["HS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    fn read_with(name: &str, value: Value) -> Result<Metadata, Vec<String>> {
        let mut document = document();
        document[name] = value;
        read(ISSUER, true, document.to_string().as_bytes())
    }

    #[test]
    fn a_complete_description_is_read_without_a_warning() {
        let metadata = read(ISSUER, true, document().to_string().as_bytes()).expect("complete");
        assert_eq!(metadata.token_endpoint, "https://api.example.org/token");
        assert!(metadata.secret_in_body && metadata.sends_issuer && metadata.warnings.is_empty());
        assert_eq!(address("https://a.example/"), "https://a.example/.well-known/openid-configuration");
    }

    #[test]
    fn a_description_with_only_what_the_standard_requires_means_basic() {
        let bare = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.example.org/a",
            "token_endpoint": "https://login.example.org/t",
            "jwks_uri": "https://login.example.org/k",
        });
        let metadata = read(ISSUER, true, bare.to_string().as_bytes()).expect("enough");
        assert!(!metadata.secret_in_body && !metadata.sends_issuer && metadata.userinfo_endpoint.is_none());
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let wrong = json!({
            "issuer": "https://login.example.org/realm/",
            "authorization_endpoint": "http://login.example.org/a",
            "token_endpoint": "https://user:pw@login.example.org/t",
            "response_types_supported": ["id_token"],
            "id_token_signing_alg_values_supported": ["none", "HS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        });
        let problems = read(ISSUER, true, wrong.to_string().as_bytes()).expect_err("wrong");
        assert_eq!(problems.len(), 7, "{problems:#?}");
        assert!(read(ISSUER, true, b"<html>").is_err());
    }

    #[test]
    fn endpoints_without_tls_are_refused_unless_the_issuer_itself_has_none() {
        for bad in [
            "http://login.example.org/t",
            "javascript:alert(1)",
            "/token",
            "https://a.example/#x",
            "",
        ] {
            assert!(read_with("token_endpoint", json!(bad)).is_err(), "{bad}");
        }
        assert!(read_with("token_endpoint", json!("https://elsewhere.example/t")).is_ok());
        let plain = document().to_string().replace("https:", "http:");
        assert!(read("http://login.example.org/realm", true, plain.as_bytes()).is_ok());
    }

    #[test]
    fn an_unusable_optional_endpoint_is_a_warning() {
        let metadata = read_with("end_session_endpoint", json!("http://x.example/")).expect("usable without");
        assert!(metadata.end_session_endpoint.is_none() && metadata.warnings.len() == 1);
    }
}

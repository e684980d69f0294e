//! One request of a batch as it is written.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::error::GraphError;

const VERSION: &str = "/v1.0";
/// Longest id of a request; longer than any that a client makes.
const MAX_ID: usize = 128;
/// More headers than this of one request are not read.
const MAX_HEADERS: usize = 64;

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) method: Method,
    /// As written.
    url: String,
    pub(super) headers: HeaderMap,
    /// What the request would have as its body.
    pub(super) body: Vec<u8>,
    /// Keys of the requests that must have succeeded before.
    pub(super) depends_on: Vec<String>,
}

impl Item {
    /// Reads one member of `requests`.
    pub(super) fn read(value: &Value) -> Result<Self, GraphError> {
        let text = |name: &str| {
            value
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .ok_or_else(|| GraphError::invalid(format!("requests/{name}"), format!("Every request of a batch needs {name}, a text")))
        };
        let id = text("id")?;
        if id.len() > MAX_ID {
            return Err(GraphError::invalid("requests/id", format!("An id has at most {MAX_ID} characters")));
        }
        Ok(Self {
            id: id.to_owned(),
            method: method(text("method")?)?,
            url: text("url")?.to_owned(),
            headers: headers(value.get("headers"))?,
            body: match value.get("body") {
                None | Some(Value::Null) => Vec::new(),
                Some(Value::String(text)) => text.clone().into_bytes(),
                Some(body) => body.to_string().into_bytes(),
            },
            depends_on: dependencies(value)?,
        })
    }

    /// What tells requests of one batch apart.
    pub(super) fn key(&self) -> String {
        self.id.to_ascii_lowercase()
    }

    /// Path (with its version) and raw query of the address.
    pub(super) fn target<'a>(&self, mut origins: impl Iterator<Item = &'a str>) -> Result<(String, Option<String>), GraphError> {
        let url = self.url.split('#').next().unwrap_or_default();
        let local = match url.split_once("://") {
            // Not a scheme but a colon further inside, as a join link in a filter has it.
            Some((scheme, _)) if !scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => url,
            Some((_, rest)) => {
                let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
                let ours = origins.any(|origin| {
                    origin
                        .split_once("://")
                        .is_some_and(|(_, known)| known.trim_end_matches('/').eq_ignore_ascii_case(authority))
                });
                if !ours {
                    return Err(GraphError::invalid(
                        "url",
                        "A request of a batch goes to this server; write its url relative to the version, for example /me",
                    ));
                }
                path
            }
            None => url,
        };
        let (path, query) = match local.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (local, None),
        };
        let path = path.trim_start_matches('/');
        let first = path.split('/').next().unwrap_or_default();
        let versioned = first.eq_ignore_ascii_case("v1.0") || first.eq_ignore_ascii_case("beta");
        let path = if versioned {
            format!("/{path}")
        } else {
            format!("{VERSION}/{path}")
        };
        Ok((path, query))
    }
}

fn method(text: &str) -> Result<Method, GraphError> {
    let known = [Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE];
    known
        .into_iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(text))
        .ok_or_else(|| GraphError::invalid("requests/method", "method must be GET, POST, PATCH, PUT or DELETE"))
}

fn headers(value: Option<&Value>) -> Result<HeaderMap, GraphError> {
    let wrong = || GraphError::invalid("requests/headers", "headers must be an object of texts");
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(HeaderMap::new());
    };
    let mut headers = HeaderMap::new();
    for (name, value) in value.as_object().ok_or_else(wrong)?.iter().take(MAX_HEADERS) {
        let text = match value {
            Value::String(text) => text.clone(),
            // A client writes the values of one header as a list.
            Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return Err(wrong()),
        };
        headers.append(
            name.parse::<HeaderName>().map_err(|_| wrong())?,
            text.parse::<HeaderValue>().map_err(|_| wrong())?,
        );
    }
    Ok(headers)
}

/// `dependsOn`, which a published client writes `depends_on`.
fn dependencies(value: &Value) -> Result<Vec<String>, GraphError> {
    let given = ["dependsOn", "depends_on"]
        .into_iter()
        .find_map(|name| value.get(name).filter(|given| !given.is_null()));
    let Some(given) = given else { return Ok(Vec::new()) };
    let ids = given.as_array().and_then(|ids| {
        ids.iter()
            .map(|id| id.as_str().map(str::to_ascii_lowercase))
            .collect::<Option<Vec<_>>>()
    });
    ids.ok_or_else(|| GraphError::invalid("requests/dependsOn", "dependsOn must be a list of ids of this batch"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(url: &str) -> Result<(String, Option<String>), GraphError> {
        let item = Item::read(&json!({ "id": "1", "method": "get", "url": url })).unwrap();
        item.target(["http://h:8080", "https://h"].into_iter())
    }

    #[test]
    fn relative_versioned_and_absolute_addresses_are_one() {
        for url in [
            "/me",
            "me",
            "/v1.0/me",
            "v1.0/me",
            "https://h/v1.0/me",
            "http://H:8080/v1.0/me",
            "https://h/me",
        ] {
            assert_eq!(target(url).unwrap(), ("/v1.0/me".to_owned(), None), "{url}");
        }
        let filtered = "users?$filter=a eq 'http://x/?y'";
        assert_eq!(
            target(filtered).unwrap(),
            ("/v1.0/users".to_owned(), Some("$filter=a eq 'http://x/?y'".to_owned()))
        );
        assert_eq!(target("/beta/me").unwrap().0, "/beta/me");
    }

    #[test]
    fn an_address_of_another_server_is_refused() {
        for url in [
            "https://elsewhere.example/v1.0/me",
            "https://h:9/v1.0/me",
            "https://h@elsewhere.example/me",
        ] {
            assert!(target(url).is_err(), "{url}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for value in [
            json!({}),
            json!({ "id": 1, "method": "GET", "url": "/me" }),
            json!({ "id": "1", "url": "/me" }),
            json!({ "id": "1", "method": "TRACE", "url": "/me" }),
            json!({ "id": "1", "method": "GET", "url": "/me", "headers": { "a b": "c" } }),
            json!({ "id": "1", "method": "GET", "url": "/me", "headers": { "a": "b\nc" } }),
            json!({ "id": "1", "method": "GET", "url": "/me", "dependsOn": "2" }),
        ] {
            assert!(Item::read(&value).is_err(), "{value}");
        }
    }

    #[test]
    fn both_spellings_of_the_dependencies_are_read() {
        for name in ["dependsOn", "depends_on"] {
            let item = Item::read(&json!({ "id": "2", "method": "GET", "url": "/me", name: ["A"] })).unwrap();
            assert_eq!(item.depends_on, ["a"]);
        }
    }
}

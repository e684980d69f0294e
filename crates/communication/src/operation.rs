//! Which operation a request names. The path is split on `/` first and each segment decoded once after that; empty segments, which
//! clients make from an endpoint with a trailing slash, are skipped.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::error::Refusal;

/// One operation of the identity API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A new identity, perhaps with a token.
    CreateIdentity,
    /// The end of an identity.
    DeleteIdentity(String),
    /// A token for an identity.
    IssueAccessToken(String),
    /// The end of all tokens of an identity.
    RevokeAccessTokens(String),
    /// A member's own token for a communication token.
    ExchangeAccessToken,
}

impl Operation {
    /// Finds the operation of a verb and a raw path.
    pub(crate) fn of(method: &Method, raw_path: &str) -> Result<Self, Refusal> {
        let segments: Vec<String> = raw_path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(decode)
            .collect::<Option<_>>()
            .ok_or(Refusal::NoSuchPath)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (needed, allow, operation) = match segments.as_slice() {
            [first] if is(first, "identities") => (Method::POST, "POST", Self::CreateIdentity),
            [first, id] if is(first, "identities") => (Method::DELETE, "DELETE", Self::DeleteIdentity((*id).to_owned())),
            [first, id, verb] if is(first, "identities") && is(verb, ":issueAccessToken") => {
                (Method::POST, "POST", Self::IssueAccessToken((*id).to_owned()))
            }
            [first, id, verb] if is(first, "identities") && is(verb, ":revokeAccessTokens") => {
                (Method::POST, "POST", Self::RevokeAccessTokens((*id).to_owned()))
            }
            [first, verb] if is(first, "teamsUser") && is(verb, ":exchangeAccessToken") => {
                (Method::POST, "POST", Self::ExchangeAccessToken)
            }
            _ => return Err(Refusal::NoSuchPath),
        };
        if *method == needed {
            Ok(operation)
        } else {
            Err(Refusal::MethodNotAllowed { allow })
        }
    }
}

fn is(segment: &str, name: &str) -> bool {
    segment.eq_ignore_ascii_case(name)
}

fn decode(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: Method, path: &str) -> Result<Operation, &'static str> {
        Operation::of(&method, path).map_err(|refusal| match refusal {
            Refusal::NoSuchPath => "no such path",
            Refusal::MethodNotAllowed { allow } => allow,
            _ => "other",
        })
    }

    #[test]
    fn ids_and_verbs_are_found_in_every_encoding() {
        let issue = Ok(Operation::IssueAccessToken("8:acs:a_b".to_owned()));
        for path in [
            "/identities/8%3Aacs%3Aa_b/:issueAccessToken",
            "/identities/8:acs:a_b/:issueAccessToken",
            "/identities/8%3aacs%3aa_b/%3AissueAccessToken",
            "//identities/8%3Aacs%3Aa_b//:issueAccessToken/",
        ] {
            assert_eq!(of(Method::POST, path), issue, "{path}");
        }
    }

    #[test]
    fn an_id_is_decoded_once_only() {
        assert_eq!(
            of(Method::DELETE, "/identities/a%252Fb"),
            Ok(Operation::DeleteIdentity("a%2Fb".to_owned()))
        );
        assert_eq!(
            of(Method::DELETE, "/identities/a%2Fb"),
            Ok(Operation::DeleteIdentity("a/b".to_owned()))
        );
    }

    #[test]
    fn a_known_path_with_another_verb_says_which_it_takes() {
        assert_eq!(of(Method::GET, "/identities"), Err("POST"));
        assert_eq!(of(Method::POST, "/identities/8:acs:a_b"), Err("DELETE"));
        assert_eq!(
            of(Method::POST, "/teamsUser/:exchangeAccessToken"),
            Ok(Operation::ExchangeAccessToken)
        );
    }

    #[test]
    fn an_unknown_path_or_broken_escape_is_not_found() {
        for path in ["/identities/a/:other", "/identities/%ff", "/teamsUser", "/", ""] {
            assert_eq!(of(Method::POST, path), Err("no such path"), "{path}");
        }
    }
}
